"""The compiler of loops, the optional extra `fast` (numba)."""

from __future__ import annotations

from typing import Any

from ..errors import MissingExtraError

try:
    from numba import extending, njit, types
except ImportError:
    raise MissingExtraError.of("numba", extra="fast", purpose='`engine="numba"`') from None

__all__ = ["compiled", "contracted", "inlined", "intrinsic", "types"]

compiled = njit(nogil=True, cache=True, error_model="numpy")
"""Compile a function once, for good; a division by zero gives inf or NaN."""

contracted = njit(nogil=True, cache=True, error_model="numpy", fastmath={"contract"})
"""The same, where a product and a sum may be rounded once together."""

inlined = njit(inline="always", error_model="numpy")
"""Compile a function into those that call it."""

intrinsic: Any = extending.intrinsic
"""Make a function of the compiler's own instructions."""
