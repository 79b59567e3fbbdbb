"""Skewness and excess kurtosis of columns, corrected for the sample size, and the pass rule on them."""

from __future__ import annotations

import numpy as np

from .._util.types import Array, Mask
from ._columns import count, deviations

__all__ = ["kurt", "passes", "skew"]


def skew(x: Array) -> Array:
    r"""Return the adjusted Fisher-Pearson skewness of each column.

    .. math:: \frac{\sqrt{n(n-1)}}{n-2} \cdot \frac{\sqrt{n} \sum d^3}{(\sum d^2)^{3/2}}, d = x - \bar x

    The "type 2" of SAS, Excel, e1071 and COINr, and scipy's ``skew(bias=False)``.

    Parameters
    ----------
    x
        (n, k) columns, NaN for missing.

    Returns
    -------
    ndarray
        (k,), NaN with fewer than 3 values or a constant column.

    References
    ----------
    Joanes, D. N. and Gill, C. A. (1998), Comparing measures of sample skewness and kurtosis, The
    Statistician 47(1), 183-189.

    Examples
    --------
    >>> x = np.array([*range(1, 11), 30, 100], float)[:, None]
    >>> print(f"{skew(x)[0]:.8f}")
    3.06324103
    """
    n, d = count(x), deviations(x)
    with np.errstate(invalid="ignore", divide="ignore"):
        d = d / np.fmax.reduce(np.abs(d), axis=0, initial=np.nan)
        ratio = np.sqrt(n) * np.nansum(d**3, axis=0) / np.nansum(d**2, axis=0) ** 1.5
        return np.where(n > 2, ratio * np.sqrt(n * (n - 1)) / (n - 2), np.nan)


def kurt(x: Array) -> Array:
    r"""Return the sample excess kurtosis of each column.

    .. math:: \frac{((n+1)(r-3)+6)(n-1)}{(n-2)(n-3)}, r = \frac{n \sum d^4}{(\sum d^2)^2}

    The "type 2" of SAS, Excel, e1071 and COINr, and scipy's ``kurtosis(bias=False)``.

    Parameters
    ----------
    x
        (n, k) columns, NaN for missing.

    Returns
    -------
    ndarray
        (k,), NaN with fewer than 4 values or a constant column.

    References
    ----------
    Joanes, D. N. and Gill, C. A. (1998), The Statistician 47(1), 183-189.

    Examples
    --------
    >>> x = np.array([*range(1, 11), 30, 100], float)[:, None]
    >>> print(f"{kurt(x)[0]:.8f}")
    9.74139083
    """
    n, d = count(x), deviations(x)
    with np.errstate(invalid="ignore", divide="ignore"):
        d = d / np.fmax.reduce(np.abs(d), axis=0, initial=np.nan)
        r = n * np.nansum(d**4, axis=0) / np.nansum(d**2, axis=0) ** 2
        value = ((n + 1) * (r - 3) + 6) * (n - 1) / ((n - 2) * (n - 3))
    return np.where(n > 3, value, np.nan)


def passes(x: Array, skewness: float = 2.0, kurtosis: float = 3.5) -> Mask:
    """Tell whether each column passes: ``|skew| < skewness`` *or* ``kurt < kurtosis``, strictly.

    A column is an outlier case only where both fail. Where neither can be computed (too few values, a
    constant) the column passes: there is nothing to treat. COINr warns and leaves it untreated.

    References
    ----------
    Groeneveld, R. A. and Meeden, G. (1984), The Statistician 33(4), 391-399, for the limits; Becker,
    W. (2021), COINr, ``check_SkewKurt``. COINr's help says 2.25 for skewness; its code uses 2.

    Examples
    --------
    >>> passes(np.array([[2.0], [3], [5], [9], [30]]))
    array([ True])
    """
    asymmetry, tails = np.abs(skew(x)), kurt(x)
    return ~((asymmetry >= skewness) & (tails >= kurtosis))
