"""Rates of rare events: what a count says about the rate behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import stats

from .._util.types import Array
from ..errors import DataError

__all__ = ["ShrunkRates", "rate_interval", "recency", "shrunk_rates"]


def recency(age: npt.ArrayLike, half_life: float) -> Array:
    """Weight of an event of an age in years: one half per half-life.

    Examples
    --------
    >>> recency([0, 2, 4], 2.0).tolist()
    [1.0, 0.5, 0.25]
    """
    if not half_life > 0:
        raise DataError(f"half_life must be above 0 years, received {half_life!r}")
    return np.asarray(2.0 ** (-np.asarray(age, dtype=np.float64) / half_life))


def rate_interval(
    sums: npt.ArrayLike,
    squares: npt.ArrayLike,
    largest: npt.ArrayLike,
    exposure: npt.ArrayLike,
    confidence_level: float = 0.90,
) -> tuple[Array, Array]:
    """Interval of a rate that is a weighted sum of Poisson events over an exposure.

    Parameters
    ----------
    sums, squares, largest : array, shape (n,)
        Sum of the events' weights, sum of their squares, and the largest weight an event can have.
    exposure : array, shape (n,)
        Above 0.

    Returns
    -------
    lower, upper : ndarray, shape (n,)
        With equal weights these are the exact Poisson limits of Garwood.

    Notes
    -----
    Fay, M. P. and Feuer, E. J. (1997), Confidence intervals for directly standardized rates,
    Statistics in Medicine 16, 791-801.

    Examples
    --------
    >>> lower, upper = rate_interval([5.0], [5.0], [1.0], [2.5], 0.95)
    >>> round(float(lower[0]), 4), round(float(upper[0]), 4)
    (0.6494, 4.6673)
    """
    total, variance, top, size = (
        np.asarray(one, dtype=np.float64) for one in (sums, squares, largest, exposure)
    )
    tail = (1.0 - confidence_level) / 2.0
    safe, spread = np.where(total > 0, total, 1.0), np.where(total > 0, variance, 1.0)
    lower = spread / (2 * safe) * stats.chi2.ppf(tail, 2 * safe**2 / spread)
    more, wider = total + top, variance + top**2
    upper = wider / (2 * more) * stats.chi2.ppf(1.0 - tail, 2 * more**2 / wider)
    return np.where(total > 0, lower, 0.0) / size, upper / size


@dataclass(frozen=True)
class ShrunkRates:
    """Rates drawn toward the pooled mean, each as far as its exposure is small.

    ``weight`` is what a country's own rate counts for; ``prior_exposure`` the exposure whose
    worth the pooled mean has (infinite where countries do not differ beyond chance).
    """

    rate: Array
    standard_deviation: Array
    lower: Array
    upper: Array
    weight: Array
    pooled: float
    prior_exposure: float


def shrunk_rates(
    sums: npt.ArrayLike,
    exposure: npt.ArrayLike,
    squares: npt.ArrayLike | None = None,
    *,
    confidence_level: float = 0.90,
) -> ShrunkRates:
    """Empirical-Bayes rates under a Gamma-Poisson model, the prior fitted by moments.

    Events arrive as a Poisson process whose rate differs by country with a gamma distribution of
    mean ``m`` and of the worth of ``b`` units of exposure. A country's posterior is a gamma with
    mean ``(S + m b) / (E + b)``: between its raw rate ``S / E`` and ``m``. Events of unequal weight
    are taken as worth ``sum w^2 / sum w`` each.

    Parameters
    ----------
    sums : array, shape (n,)
        Number, or summed weights, of the events of each country.
    exposure : array, shape (n,)
        Person-millions at risk, above 0.
    squares : array, shape (n,), optional
        Summed squares of the weights; equal to ``sums`` for plain counts.

    Returns
    -------
    ShrunkRates

    Raises
    ------
    DataError
        If an exposure is not above 0, or nothing was observed anywhere.

    Notes
    -----
    Clayton, D. and Kaldor, J. (1987), Empirical Bayes estimates of age-standardized relative
    risks, Biometrics 43, 671-681; moments: Buhlmann, H. and Straub, E. (1970), Glaubwurdigkeit
    fur Schadensatze, Bulletin of the Swiss Association of Actuaries 70, 111-133.

    Examples
    --------
    >>> fit = shrunk_rates([0, 3, 30], [1.0, 3.0, 3.0])
    >>> fit.rate.round(2).tolist(), round(fit.pooled, 2)
    ([0.6, 1.17, 9.75], 4.71)
    """
    total, size = np.asarray(sums, dtype=np.float64), np.asarray(exposure, dtype=np.float64)
    second = total if squares is None else np.asarray(squares, dtype=np.float64)
    if not ((size > 0) & np.isfinite(size)).all() or (total < 0).any():
        raise DataError("exposures must be above 0 and sums at least 0")
    if not total.sum() > 0:
        raise DataError("no event was observed anywhere, so there is no rate to shrink toward")
    whole = size.sum()
    pooled = float(total.sum() / whole)
    within = float(second.sum() / whole)
    worth = float(second.sum() / total.sum())
    spread = float((size * (total / size - pooled) ** 2).sum()) - (len(size) - 1) * within
    room = float(whole - (size**2).sum() / whole)
    between = spread / room if room > 0 else 0.0
    if between > 0:
        prior = within / between
        rate, weight = (total + pooled * prior) / (size + prior), size / (size + prior)
        shape, scale = rate * (size + prior) / worth, worth / (size + prior)
    else:
        prior = np.inf
        rate, weight = np.full(len(size), pooled), np.zeros(len(size))
        shape, scale = np.full(len(size), total.sum() / worth), np.full(len(size), worth / whole)
    tail = (1.0 - confidence_level) / 2.0
    lower, upper = (np.asarray(stats.gamma.ppf(q, shape, scale=scale)) for q in (tail, 1.0 - tail))
    # The mean of a very skewed posterior can lie beyond its own upper quantile.
    upper = np.maximum(upper, rate)
    return ShrunkRates(rate, np.sqrt(shape) * scale, lower, upper, weight, pooled, float(prior))
