"""Diffusion of an innovation: the logistic curve of adoption over years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .._util.types import Array
from ..errors import DataError
from ._numeric import numeric

__all__ = ["Diffusion", "logistic_diffusion"]


@dataclass(frozen=True)
class Diffusion:
    """Fitted logistic curves, one a country: adopted part = 1 / (1 + exp(-speed (t - midpoint))).

    Fields are NaN where the years seen do not let a curve be fitted.
    """

    speed: Array
    midpoint: Array
    speed_error: Array
    level_error: Array
    centre: Array

    def at(self, year: float) -> Array:
        """Return the adopted part in a year, 0-1."""
        with np.errstate(over="ignore"):
            return np.asarray(1.0 / (1.0 + np.exp(-self.speed * (year - self.midpoint))))

    @property
    def midpoint_error(self) -> Array:
        """Standard error of the midpoint, in years, by the delta method."""
        with np.errstate(divide="ignore", invalid="ignore"):
            off = (self.midpoint - self.centre) * self.speed_error
            return np.asarray(np.sqrt(self.level_error**2 + off**2) / self.speed)

    def error_at(self, year: float) -> Array:
        """Return the standard error of the adopted part in a year, by the delta method."""
        level = self.at(year)
        logit = np.sqrt(self.level_error**2 + (self.speed_error * (year - self.centre)) ** 2)
        return np.asarray(level * (1.0 - level) * logit)


@numeric
def logistic_diffusion(
    years: npt.ArrayLike, adopted: npt.ArrayLike, ceiling: npt.ArrayLike
) -> Diffusion:
    """Fit adoption curves to cumulative counts, all countries at once.

    Minimum logit chi-square: the empirical logit ``ln((y + 1/2) / (K - y + 1/2))`` is regressed on
    the year with weights ``K p (1 - p)``. Years from the one before the first adoption to the one
    after the ceiling is reached take part.

    Parameters
    ----------
    years : array, shape (t,)
        Consecutive years.
    adopted : array, shape (countries, t)
        Units that have adopted by the end of each year; never falls.
    ceiling : array, shape (countries,)
        Units that could adopt, K.

    Returns
    -------
    Diffusion
        Its errors treat years as independent; as counts accumulate, they are a lower bound.

    Raises
    ------
    DataError
        If counts fall, or exceed the ceiling.

    Notes
    -----
    Griliches, Z. (1957), Hybrid corn, Econometrica 25(4), 501-522; Berkson, J. (1953), A
    statistically precise and relatively simple method of estimating the bio-assay with quantal
    response, Journal of the American Statistical Association 48, 565-599.

    Examples
    --------
    >>> years = np.arange(2010, 2021)
    >>> curve = 100 / (1 + np.exp(-0.6 * (years - 2015)))
    >>> fit = logistic_diffusion(years, [curve], [100])
    >>> round(float(fit.speed[0]), 1), round(float(fit.midpoint[0]), 1)
    (0.6, 2015.0)
    """
    time, count = np.asarray(years, dtype=np.float64), np.asarray(adopted, dtype=np.float64)
    most = np.asarray(ceiling, dtype=np.float64)[:, None]
    if (np.diff(count, axis=1) < -1e-9).any() or (count < 0).any():
        raise DataError("adopted counts are cumulative and cannot fall")
    if (count > most + 1e-9).any():
        raise DataError(
            f"adopted counts must not exceed the ceiling, received {float(count.max()):g} over "
            f"{float(most.min()):g}"
        )
    before = np.concatenate([np.zeros((len(count), 1)), count[:, :-1]], axis=1)
    after = np.concatenate([count[:, 1:], count[:, -1:]], axis=1)
    used = (after > 0) & (before < most)
    part = (count + 0.5) / (most + 1.0)
    weight = np.where(used, most * part * (1.0 - part), 0.0)
    logit = np.log(part / (1.0 - part))
    with np.errstate(divide="ignore", invalid="ignore"):
        weight_sum = weight.sum(axis=1)
        centre = (weight * time).sum(axis=1) / weight_sum
        level = (weight * logit).sum(axis=1) / weight_sum
        off = time - centre[:, None]
        spread = (weight * off**2).sum(axis=1)
        speed = (weight * off * logit).sum(axis=1) / spread
        fine = (used.sum(axis=1) >= 3) & (speed > 1e-9)
        speed = np.where(fine, speed, np.nan)
        return Diffusion(
            speed,
            centre - level / speed,
            1.0 / np.sqrt(np.where(fine, spread, np.nan)),
            1.0 / np.sqrt(np.where(fine, weight_sum, np.nan)),
            centre,
        )
