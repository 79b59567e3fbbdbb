"""Logarithms and exponentials of whole arrays in compiled loops; the optional extra `fast` (numba).

numpy takes several numbers at a time only on processors with AVX-512, and one at a time elsewhere. Here
they are polynomials, of which the compiler makes vector instructions on any processor.

References
----------
The logarithm and its coefficients are those of fdlibm, e_log.c (Sun Microsystems, 1993, freely usable). The
exponential is the Taylor polynomial of degree 13 after the reduction of Cody, W. J. and Waite, W. (1980),
Software Manual for the Elementary Functions, chapter 6.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .._util.compiled import contracted, inlined, intrinsic, types
from .._util.types import Array

__all__ = ["exp_into", "log_into"]


LOG_RANGE = (1e-300, 1e300)
EXP_RANGE = (-700.0, 700.0)
"""Where results are normal numbers; arrays with other values, NaN among them, are numpy's."""

LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
"""The logarithm of 2 as a sum; a whole number below 2048 times the first is exact."""

LOG_COEFFICIENTS = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)

SHIFT = np.uint64(52)
MANTISSA = np.uint64((1 << 52) - 1)
ROOT_HALF = np.uint64(0x3FE6A09E00000000)
TO_ROOT = np.uint64(0x3FF0000000000000 - 0x3FE6A09E00000000)
"""Added to the bits of x, it makes the part that is not the power of 2 lie in sqrt(1/2) to sqrt(2)."""

WHOLE_BITS, WHOLE = np.uint64(0x4330000000000000), 4503599627370496.0
"""2 to the 52: its last bits are whole numbers."""

NEAREST = 6755399441055744.0
"""1.5 times 2 to the 52: what is added to it is rounded to a whole number in the last bits."""


@intrinsic  # type: ignore[untyped-decorator]
def _bits(context: Any, x: Any) -> Any:
    """Return the bits of a number."""

    def generate(target: Any, builder: Any, _: Any, args: Any) -> Any:
        return builder.bitcast(args[0], target.get_value_type(types.uint64))

    return types.uint64(types.float64), generate


@intrinsic  # type: ignore[untyped-decorator]
def _number(context: Any, bits: Any) -> Any:
    """Return the number of some bits."""

    def generate(target: Any, builder: Any, _: Any, args: Any) -> Any:
        return builder.bitcast(args[0], target.get_value_type(types.float64))

    return types.float64(types.uint64), generate


@inlined
def _log(x: Any) -> Any:
    a, b, c, d, e, f, g = LOG_COEFFICIENTS
    bits = _bits(x) + TO_ROOT
    power = _number((bits >> SHIFT) | WHOLE_BITS) - (WHOLE + 1023.0)
    y = _number((bits & MANTISSA) + ROOT_HALF) - 1.0
    s = y / (2.0 + y)
    z = s * s
    rest = z * (a + z * (b + z * (c + z * (d + z * (e + z * (f + z * g))))))
    half = 0.5 * y * y
    return power * LN2_HIGH - ((half - (s * (half + rest) + power * LN2_LOW)) - y)


@inlined
def _exp(x: Any) -> Any:
    shifted = x * 1.4426950408889634 + NEAREST
    power = shifted - NEAREST
    r = (x - power * LN2_HIGH) - power * LN2_LOW
    y = 1 / 479001600 + r / 6227020800
    y = 1 / 3628800 + r * (1 / 39916800 + r * y)
    y = 1 / 40320 + r * (1 / 362880 + r * y)
    y = 1 / 720 + r * (1 / 5040 + r * y)
    y = 1 / 24 + r * (1 / 120 + r * y)
    y = 0.5 + r * (1 / 6 + r * y)
    y = 1.0 + r * (1.0 + r * y)
    return _number(_bits(y) + (_bits(shifted) << SHIFT))


@inlined
def _within(x: Any, low: float, high: float) -> Any:
    """Tell whether all numbers lie between two."""
    outside = 0
    for index in range(x.size):
        # An integer is added up without a branch.
        outside += 0 if (x[index] >= low) & (x[index] <= high) else 1
    return outside == 0


# In place: where two arrays may overlap the compiler makes no vector instructions.
@contracted
def _log_in_place(x: Any) -> bool:
    low, high = LOG_RANGE
    if not _within(x, low, high):
        return False
    for index in range(x.size):
        x[index] = _log(x[index])
    return True


@contracted
def _exp_in_place(x: Any) -> bool:
    low, high = EXP_RANGE
    if not _within(x, low, high):
        return False
    for index in range(x.size):
        x[index] = _exp(x[index])
    return True


def log_into(x: Array, out: Array) -> None:
    """Write the natural logarithm of x into `out`, which may be x itself; within 1e-15 of numpy's.

    Examples
    --------
    >>> x = np.array([1.0, 50.0])
    >>> log_into(x, x)
    >>> x.round(6).tolist()
    [0.0, 3.912023]
    """
    if out is not x:
        out[...] = x
    if not (out.flags.c_contiguous and _log_in_place(out.reshape(-1))):
        np.log(out, out=out)


def exp_into(x: Array, out: Array) -> None:
    """Write the exponential of x into `out`, which may be x itself; within 1e-15 of numpy's.

    Examples
    --------
    >>> x = np.array([0.0, 1.0])
    >>> exp_into(x, x)
    >>> x.round(6).tolist()
    [1.0, 2.718282]
    """
    if out is not x:
        out[...] = x
    if not (out.flags.c_contiguous and _exp_in_place(out.reshape(-1))):
        np.exp(out, out=out)
