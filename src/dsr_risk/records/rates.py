"""Rates of rare events: what a count says about the rate behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy

from .._util.types import Array
from ..errors import DataError
from ._numeric import numeric

__all__ = ["ShrunkRates", "rate_interval", "recency", "shrunk_rates"]


@numeric
def recency(age: npt.ArrayLike, half_life: float) -> Array:
    """Return the weight of an event of an age in years: one half per half-life.

    Examples
    --------
    >>> recency([0, 2, 4], 2.0).tolist()
    [1.0, 0.5, 0.25]
    """
    if not half_life > 0:
        raise DataError(f"half_life must be above 0 years, received {half_life!r}")
    return np.asarray(2.0 ** (-np.asarray(age, dtype=np.float64) / half_life))


@numeric
def rate_interval(
    sums: npt.ArrayLike,
    squares: npt.ArrayLike,
    largest: npt.ArrayLike,
    exposure: npt.ArrayLike,
    confidence_level: float = 0.90,
) -> tuple[Array, Array]:
    """Return interval of a rate that is a weighted sum of Poisson events over an exposure.

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
        np.asarray(values, dtype=np.float64) for values in (sums, squares, largest, exposure)
    )
    tail = (1.0 - confidence_level) / 2.0
    # Quantiles of chi-square by the gamma function: loading scipy.stats takes longer than all else here.
    safe, spread = np.where(total > 0, total, 1.0), np.where(total > 0, variance, 1.0)
    lower = spread / safe * scipy.special.gammaincinv(safe**2 / spread, tail)
    more, wider = total + top, variance + top**2
    upper = wider / more * scipy.special.gammaincinv(more**2 / wider, 1.0 - tail)
    return np.where(total > 0, lower, 0.0) / size, upper / size


LARGEST = 1e50
"""Figures beyond it, or below its inverse, overflow where rates are squared."""
EPSILON = 2.0**-53
GRID = 40
HALVINGS = 45
MOST_SPREAD = 4.0
"""Largest coefficient of variation of true rates over countries that is thought possible."""


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


def check_range(figures: Array) -> None:
    """Raise DataError for a figure that overflows where rates are squared."""
    odd = figures[~((figures >= 1 / LARGEST) & (figures <= LARGEST))]
    if len(odd):
        raise DataError(
            f"exposures and sums that are not 0 must be from {1 / LARGEST:g} to {LARGEST:g}, received {odd[0]:g}"
        )


@numeric
def shrunk_rates(
    sums: npt.ArrayLike,
    exposure: npt.ArrayLike,
    squares: npt.ArrayLike | None = None,
    *,
    confidence_level: float = 0.90,
) -> ShrunkRates:
    """Return empirical-Bayes rates under a Gamma-Poisson model, the prior fitted by moments.

    Events arrive as a Poisson process whose rate differs by country with a gamma distribution of
    mean ``m`` and of the worth of ``b`` units of exposure. A country's posterior is a gamma with
    mean ``(S + m b) / (E + b)``: between its raw rate ``S / E`` and ``m``. Events of unequal weight
    are taken as worth ``sum w^2 / sum w`` each. ``m`` and ``b`` are estimates: the interval and the
    deviation (root of the mean square error) are over what they may be, weighed by the likelihood of
    all counts.

    Parameters
    ----------
    sums : array, shape (n,)
        Number, or summed weights, of the events of each country.
    exposure : array, shape (n,)
        Person-millions at risk, above 0.
    squares : array, shape (n,), optional
        Summed squares of the weights; equal to ``sums`` for plain counts.
    confidence_level : float
        Probability (above 0, below 1) of the intervals, 0.90 by default.

    Returns
    -------
    ShrunkRates

    Raises
    ------
    DataError
        If an exposure is not above 0, a figure is beyond 1e50 or below 1e-50, or nothing was observed anywhere.

    Notes
    -----
    Clayton, D. and Kaldor, J. (1987), Empirical Bayes estimates of age-standardized relative
    risks, Biometrics 43, 671-681; moments: Buhlmann, H. and Straub, E. (1970), Glaubwurdigkeit
    fur Schadensatze, Bulletin of the Swiss Association of Actuaries 70, 111-133; estimated
    prior: Carlin, B. P. and Louis, T. A. (2000), Bayes and Empirical Bayes Methods for Data
    Analysis, section 3.5.

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
    check_range(np.concatenate([size, total[total > 0], second[second > 0]]))
    if not total.sum() > 0:
        raise DataError("no event was observed anywhere, so there is no rate to shrink toward")
    total_size = size.sum()
    pooled = float(total.sum() / total_size)
    within = float(second.sum() / total_size)
    worth = float(second.sum() / total.sum())
    spread = float((size * (total / size - pooled) ** 2).sum()) - (len(size) - 1) * within
    room = float(total_size - (size**2).sum() / total_size)
    between = spread / room if room > 0 else 0.0
    if between > 0:
        prior = within / between
        rate, weight = (total + pooled * prior) / (size + prior), size / (size + prior)
    else:
        prior = np.inf
        rate, weight = np.full(len(size), pooled), np.zeros(len(size))
    mixture = _Mixture.of(total / worth, size / worth, pooled)
    tail = (1.0 - confidence_level) / 2.0
    # The estimate may lie beyond a quantile of a very skewed posterior.
    lower = np.minimum(mixture.quantile(tail), rate)
    upper = np.maximum(mixture.quantile(1.0 - tail), rate)
    deviation = np.sqrt(mixture.square_error(rate))
    return ShrunkRates(rate, deviation, lower, upper, weight, pooled, float(prior))


@dataclass(frozen=True)
class _Mixture:
    """Posteriors of all rates, mixed over what the mean and the spread of the prior may be.

    The spread runs over a grid of coefficients of variation, weighed by the negative binomial
    likelihood of all counts; for each, the mean takes three values (Gauss-Hermite, of the
    logarithm). Arrays: (values of the prior, countries).
    """

    likely: Array
    shape: Array
    pace: Array

    @classmethod
    def of(cls, counts: Array, exposure: Array, pooled: float) -> _Mixture:
        """Weigh the priors by the likelihood of the counts."""
        spread = np.linspace(MOST_SPREAD / GRID, MOST_SPREAD, GRID)[:, None]
        alpha = 1.0 / spread**2
        beta = alpha / pooled
        # A weight of exactly 1 would make the likelihood 0.
        weight = np.minimum(exposure / (exposure + beta), 1.0 - EPSILON)
        log = (
            scipy.special.gammaln(counts + alpha)
            - scipy.special.gammaln(alpha)
            + alpha * np.log1p(-weight)
            + counts * np.log(weight)
        ).sum(axis=1)
        likely = np.exp(log - log.max())
        error = np.sqrt(1.0 / (weight * alpha).sum(axis=1, keepdims=True))
        nodes = np.sqrt(3.0) * np.array([-1.0, 0.0, 1.0])
        weights = np.array([1.0, 4.0, 1.0]) / 6.0
        means = [pooled * np.exp(np.minimum(error, 1.0) * node) for node in nodes]
        return cls(
            np.concatenate([likely * weight for weight in weights])[:, None] / likely.sum(),
            np.concatenate([counts + alpha] * len(nodes)),
            np.concatenate([exposure + alpha / mean for mean in means]),
        )

    def square_error(self, rate: Array) -> Array:
        """Return mean square error of estimates of the rates."""
        mean = self.shape / self.pace
        square = mean / self.pace + (mean - rate) ** 2
        return np.asarray((self.likely * square).sum(axis=0))

    def quantile(self, level: float) -> Array:
        """Return the quantile of each rate, by halving intervals of its logarithm."""
        mean = (self.likely * self.shape / self.pace).sum(axis=0)
        low, high = np.log(mean) - 60.0, np.log(mean) + 12.0
        for _ in range(HALVINGS):
            middle = (low + high) / 2.0
            below = (
                self.likely * scipy.special.gammainc(self.shape, self.pace * np.exp(middle))
            ).sum(axis=0)
            low, high = np.where(below < level, middle, low), np.where(below < level, high, middle)
        return np.asarray(np.exp((low + high) / 2.0))
