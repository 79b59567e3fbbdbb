"""Estimates of shares from a sample of records: biases, standard errors and intervals."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import scipy

from .._util.types import Array
from ..errors import DataError
from ._numeric import numeric

__all__ = [
    "dirichlet_shares",
    "effective_records",
    "entropy_deviation",
    "hhi_interval",
    "hhi_standard_error",
    "hhi_unbiased",
    "share_interval",
]

Vector = npt.ArrayLike


@numeric
def effective_records(amounts: Vector) -> Array:
    """Return how many equal records carry as much information: (sum of v)^2 / sum of v^2.

    Kish, L. (1965), Survey Sampling, section 11.7. Equal amounts give their number.

    Examples
    --------
    >>> float(effective_records([1, 1, 1, 1])), round(float(effective_records([97, 1, 1, 1])), 3)
    (4.0, 1.062)
    """
    amounts = np.asarray(amounts, dtype=np.float64)
    return np.asarray(amounts.sum(axis=-1) ** 2 / (amounts * amounts).sum(axis=-1))


@numeric
def hhi_unbiased(index: Vector, records: Vector) -> Array:
    """Return HHI freed of the upward bias that a small number of records gives it.

    The plain HHI of n records drawn at random from a market exceeds the market's own HHI by
    ``(1 - HHI) / n`` on average. ``(n HHI - 1) / (n - 1)`` has no bias: it is the chance that two
    different records share a supplier.

    Parameters
    ----------
    index : array
        Plain HHI.
    records : array
        Number of records, or of `effective_records` where amounts differ.

    Returns
    -------
    ndarray
        In 0-1; NaN for a single record, which gives no information.

    Notes
    -----
    Simpson, E. H. (1949), Measurement of diversity, Nature 163, 688.

    Examples
    --------
    Counts 5, 3 and 2 of 10 contracts: (5*4 + 3*2 + 2*1) / (10*9).

    >>> round(float(hhi_unbiased(0.38, 10)), 6)
    0.311111
    """
    value, count = np.asarray(index, dtype=np.float64), np.asarray(records, dtype=np.float64)
    more = count > 1 + 1e-9
    corrected = (count * value - 1.0) / np.where(more, count - 1.0, 1.0)
    return np.where(more, np.clip(corrected, 0.0, 1.0), np.nan)


@numeric
def hhi_interval(
    index: Vector, cubes: Vector, records: Vector, confidence_level: float = 0.90
) -> tuple[Array, Array, Array]:
    """Return the standard deviation and the interval of the HHI of a market seen in few records.

    The unbiased HHI is the part of pairs of different records that share a supplier. As a
    U-statistic of m records it has the variance
    ``(4 (m - 2) (sum s^3 - H^2) + 2 H (1 - H)) / (m (m - 1))``, which is worth
    ``H (1 - H) / variance`` independent pairs (between m / 2 and m (m - 1) / 2; m / 2 for a single
    supplier). The interval is that of Jeffreys for a proportion seen in so many pairs, so a single
    supplier is not certain; it is widened to hold the HHI as recorded.

    Parameters
    ----------
    index : array
        HHI as recorded, 0-1.
    cubes : array
        Sum of the cubes of the shares.
    records : array
        Number of records, or of `effective_records` where amounts differ.
    confidence_level : float
        0-1.

    Returns
    -------
    standard_deviation, lower, upper : ndarray

    Notes
    -----
    Simpson, E. H. (1949), Measurement of diversity, Nature 163, 688; Hoeffding, W. (1948), A class
    of statistics with asymptotically normal distribution, Annals of Mathematical Statistics 19,
    293-325; Brown, L. D., Cai, T. T. and DasGupta, A. (2001), Statistical Science 16, 101-133.

    Examples
    --------
    Three contracts with one supplier.

    >>> _, lower, upper = hhi_interval(1.0, 1.0, 3.0)
    >>> round(float(lower), 2), float(upper)
    (0.34, 1.0)
    """
    value, third, m = (np.asarray(value, dtype=np.float64) for value in (index, cubes, records))
    several = m > 1.0 + 1e-6
    safe = np.where(several, m, 2.0)
    unbiased = np.where(several, np.clip((safe * value - 1.0) / (safe - 1.0), 0.0, 1.0), 0.5)
    spread = 4.0 * np.maximum(safe - 2.0, 0.0) * np.maximum(third - value**2, 0.0)
    variance = (spread + 2.0 * value * (1.0 - value)) / (safe * (safe - 1.0))
    mixed = variance > 1e-12
    pairs = np.where(mixed, value * (1.0 - value) / np.where(mixed, variance, 1.0), m / 2.0)
    pairs = np.clip(pairs, m / 2.0, np.maximum(m * (m - 1.0) / 2.0, m / 2.0))
    a, b = unbiased * pairs + 0.5, (1.0 - unbiased) * pairs + 0.5
    tail = (1.0 - confidence_level) / 2.0
    lower = np.minimum(scipy.special.betaincinv(a, b, tail), value)
    upper = np.where(unbiased >= 1.0 - 1e-12, 1.0, scipy.special.betaincinv(a, b, 1.0 - tail))
    deviation = np.sqrt(a * b / ((a + b) ** 2 * (a + b + 1.0)))
    return deviation, np.asarray(lower), np.maximum(upper, value)


@numeric
def entropy_deviation(first: Vector, suppliers: Vector, records: Vector) -> Array:
    """Return the standard deviation of the entropy of shares seen in few records.

    The variance is ``first^2 + (K - 1) / (2 m^2)`` to the second order, for K suppliers in m records; the
    first order alone is 0 where all shares are equal. A single supplier counts as two, since another one may
    not have been seen.

    Parameters
    ----------
    first : array
        Standard error by the delta method.
    suppliers, records : array
        Number of suppliers seen, and of records, or of `effective_records` where amounts differ.

    Notes
    -----
    Harris, B. (1975), The statistical estimation of entropy in the non-parametric case, Colloquia
    Mathematica Societatis Janos Bolyai 16, 323-355.

    Examples
    --------
    Two suppliers with five contracts each: the first order is 0.

    >>> round(float(entropy_deviation(0.0, 2, 10)), 4)
    0.0707
    """
    count, m = np.asarray(suppliers, dtype=np.float64), np.asarray(records, dtype=np.float64)
    second = (np.maximum(count, 2.0) - 1.0) / (2.0 * np.square(m))
    return np.sqrt(np.square(np.asarray(first, dtype=np.float64)) + second)


@numeric
def hhi_standard_error(amounts: Vector, suppliers: Vector) -> float:
    """Return the standard error of the HHI when the records are a sample of the market's contracts.

    Delta method on the ratio estimator of each share: with weights ``w = v / sum(v)``, supplier
    share ``s`` and HHI ``H``, the variance is ``n/(n-1) * sum (2 w (s - H))^2``. For equal amounts
    it is the multinomial ``4 (sum s^3 - H^2) / (n - 1)``.

    Parameters
    ----------
    amounts : array, shape (n,)
        Amount of each record, at least 0.
    suppliers : array, shape (n,)
        Supplier of each record.

    Returns
    -------
    float
        NaN for a single record.

    Notes
    -----
    Cochran, W. G. (1977), Sampling Techniques, 3rd ed., section 6.4 (ratio estimator).

    Examples
    --------
    >>> round(hhi_standard_error([1] * 10, list("aaaaabbbcc")), 6)
    0.083267
    """
    amounts = np.asarray(amounts, dtype=np.float64)
    if amounts.size < 2:
        return math.nan
    _, code = np.unique(np.asarray(suppliers), return_inverse=True)
    weights = amounts / amounts.sum()
    shares = np.bincount(code, weights=weights)
    deviation = 2.0 * weights * (shares[code] - (shares**2).sum())
    return math.sqrt(float((deviation**2).sum()) * amounts.size / (amounts.size - 1))


@numeric
def dirichlet_shares(
    counts: Vector, *, prior: float = 0.5, intraclass: float = 0.0, confidence_level: float = 0.90
) -> tuple[Array, Array, Array, Array]:
    """Return shares behind counts, with their uncertainty, under a Dirichlet-multinomial model.

    Parameters
    ----------
    counts : array, shape (..., n)
        Records of each supplier.
    prior : float
        Pseudo-count of each supplier, above 0; 1/2 is Jeffreys' prior.
    intraclass : float
        How alike records of one tender are, 0-1; the information of N records is divided by
        ``1 + (N - 1) intraclass``.

    Returns
    -------
    mean, standard_deviation, lower, upper : ndarray, shape (..., n)
        Of each share's posterior, which is a beta distribution. Where a single supplier is seen, another
        one that is not has the same pseudo-count, so that its share is not certain.

    Notes
    -----
    Mosimann, J. E. (1962), On the compound multinomial distribution, Biometrika 49, 65-82.

    Examples
    --------
    >>> mean, sd, lower, upper = dirichlet_shares([5, 3, 2])
    >>> mean.round(4).tolist(), sd.round(4).tolist()
    ([0.4783, 0.3043, 0.2174], [0.1413, 0.1301, 0.1167])
    """
    observed = np.asarray(counts, dtype=np.float64)
    if (observed < 0).any() or not prior > 0 or not 0 <= intraclass <= 1:
        raise DataError(
            "counts must be at least 0, prior above 0 and intraclass in 0-1, received "
            f"{observed.tolist()}, {prior:g} and {intraclass:g}"
        )
    return share_posterior(
        observed,
        observed.sum(axis=-1, keepdims=True),
        observed.shape[-1],
        prior=prior,
        intraclass=intraclass,
        confidence_level=confidence_level,
    )


def share_posterior(
    counts: Vector,
    records: Vector,
    suppliers: Vector,
    *,
    prior: float,
    intraclass: float,
    confidence_level: float,
) -> tuple[Array, Array, Array, Array]:
    """Return `dirichlet_shares` of counts whose total and number of suppliers stand beside them."""
    total, kinds = np.asarray(records, dtype=np.float64), np.asarray(suppliers, dtype=np.float64)
    worth = 1.0 + np.maximum(total - 1.0, 0.0) * intraclass
    a = np.asarray(counts, dtype=np.float64) / worth + prior
    # A single supplier may not be the only one: an unseen one has a pseudo-count too.
    strength = total / worth + np.maximum(kinds, 2.0) * prior
    mean = a / strength
    tail = (1.0 - confidence_level) / 2.0
    lower, upper = (
        np.asarray(scipy.special.betaincinv(a, strength - a, q), np.float64)
        for q in (tail, 1.0 - tail)
    )
    return mean, np.sqrt(mean * (1.0 - mean) / (strength + 1.0)), lower, upper


def share_deviation(share: Vector, records: Vector) -> Array:
    """Return the standard deviation of one share under the prior of Jeffreys; never 0."""
    value, count = np.asarray(share, dtype=np.float64), np.asarray(records, dtype=np.float64)
    a, b = np.clip(value, 0, 1) * count + 0.5, np.clip(1.0 - value, 0, 1) * count + 0.5
    return np.asarray(np.sqrt(a * b / ((a + b) ** 2 * (a + b + 1.0))))


@numeric
def share_interval(share: Vector, records: Vector, confidence_level: float) -> tuple[Array, Array]:
    """Return Jeffreys interval of one share seen in a number of (effective) records.

    Brown, L. D., Cai, T. T. and DasGupta, A. (2001), Interval estimation for a binomial
    proportion, Statistical Science 16(2), 101-133. Its ends are exact at shares of 0 and 1.

    Examples
    --------
    >>> low, high = share_interval(0.5, 10, 0.90)
    >>> round(float(low), 3), round(float(high), 3)
    (0.262, 0.738)
    """
    value, count = np.asarray(share, dtype=np.float64), np.asarray(records, dtype=np.float64)
    tail = (1.0 - confidence_level) / 2.0
    a, b = np.clip(value, 0, 1) * count + 0.5, np.clip(1.0 - value, 0, 1) * count + 0.5
    lower = np.where(value <= 0, 0.0, scipy.special.betaincinv(a, b, tail))
    upper = np.where(value >= 1, 1.0, scipy.special.betaincinv(a, b, 1.0 - tail))
    return np.minimum(lower, value), np.maximum(upper, value)
