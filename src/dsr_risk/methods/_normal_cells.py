"""Missing cells with a normal or Student t distribution, cut to their bounds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from .._util.frozen import held
from .._util.types import Array, Index, Mask
from ._bounded_rows import (
    LEAST_EXCLUDED,
    BoundedRows,
    Joint,
    bounded_rows,
    condensed,
    inside,
    normal_score,
    residual_factors,
    student_value,
)
from ._classed import ClassedDraws
from ._columns import by_column
from ._latent_scale import Scale
from ._predictive import Chosen, Common, Predictive

__all__ = ["NormalCells"]

_NODES = 64
_AT, _WEIGHT = np.polynomial.legendre.leggauss(_NODES)
_AT, _WEIGHT = (_AT + 1) / 2, _WEIGHT / 2

Noise = Callable[[np.random.Generator, int], NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class _Some:
    """The joint distribution of some of the cells."""

    whole: Joint
    cells: Index

    def correlation(self, first: Index, other: Index) -> Array:
        return self.whole.correlation(self.cells[first], self.cells[other])

    def covariance(self, first: Index, other: Index) -> Array:
        return self.whole.covariance(self.cells[first], self.cells[other])


@dataclass(frozen=True, eq=False, kw_only=True)
class NormalCells(Predictive):
    r"""Cells whose latent value has a t distribution (normal where `freedom` is infinite).

    With bounds the distribution is cut: for u uniform on 0-1 the latent value is
    :math:`F^{-1}(F(a) + u (F(b) - F(a)))`. Draws get their u from joint draws of the uncut distribution, so
    that cells stay correlated. The mean is that of 64 Gauss-Legendre nodes in u. Where the correlation of
    cells is known, bounds that exclude at least one per cent of the probability of their cell say something
    of the other cells of the row too (``BoundedRows``); the nodes of these are condensed from a lattice. A
    cell whose bounds lie outside everything the scale can give is uniform between its bounds.

    Attributes
    ----------
    scale
        From latent to raw values.
    centre, spread, freedom
        (c,) of the latent distribution.
    bounds
        (2, c) in raw units, infinite where there are none.
    noise
        Joint standard normal draws (c, m), in single precision, of the deviations from the centre.
    joint
        How cells of the same row vary together; None where the cells are independent.
    of
        The distribution that these are some cells of, and their numbers in it; None if they are all.
    known_limits
        (2, c) the bounds in standard deviations from the centre; None if they are still to be computed.

    References
    ----------
    Devroye, L. (1986), Non-Uniform Random Variate Generation, Springer, section II.2.3 (truncation by
    inversion); Johnson, N. L., Kotz, S. and Balakrishnan, N. (1994), Continuous Univariate Distributions
    1, section 10.1 (truncated normal).
    """

    scale: Scale
    centre: Array
    spread: Array
    freedom: Array
    bounds: Array
    noise: Noise
    joint: Joint | None = None
    of: tuple[NormalCells, Index] | None = None
    known_limits: Array | None = None

    def nodes(self) -> tuple[Array, Array]:
        """Return 64 values and weights (64, c)."""
        values, weights, _ = self._evaluated
        return values, weights

    def some(self, cells: Index) -> Predictive:
        """Return some of the cells, with those of their rows whose bounds say something of them."""
        if len(cells) == len(self.rows):
            return self
        beside = np.flatnonzero(np.isin(self.rows, self.rows[cells]))
        around = self._part(beside)
        needed = np.union1d(cells, beside[around._has_bounds])
        at = np.searchsorted(beside, needed)
        part = replace(around._part(at), known_limits=around._limits[:, at])
        return (
            part if len(needed) == len(cells) else Chosen.of(part, np.searchsorted(needed, cells))
        )

    def _part(self, cells: Index) -> NormalCells:
        whole, own = (self, cells) if self.of is None else (self.of[0], self.of[1][cells])
        return replace(
            self,
            rows=self.rows[cells],
            columns=self.columns[cells],
            scale=self.scale.of_cells(cells),
            centre=self.centre[cells],
            spread=self.spread[cells],
            freedom=self.freedom[cells],
            bounds=self.bounds[:, cells],
            joint=None if self.joint is None else _Some(self.joint, cells),
            of=(whole, own),
            known_limits=None,
        )

    @cached_property
    def _evaluated(self) -> tuple[Array, Array, Array]:
        """Values and weights (64, c), and what is added (c,) to draws of cells beside bounded ones."""
        offset = np.zeros(len(self.rows))
        weight = np.repeat(_WEIGHT[:, None], len(self.rows), axis=1)
        standard = np.empty(weight.shape)
        freedoms, number = np.unique(self.freedom, return_inverse=True)
        for at, freedom in enumerate(freedoms):
            standard[:, number.ravel() == at] = _standard_nodes(float(freedom))[:, None]
        if self._cut.any():
            standard[:, self._cut] = self._inside(_AT[:, None])
        values = self._raw(standard, _AT[:, None])
        for rows in self._bounded_rows:
            if rows.bounded.shape[1] > 1:
                score = student_value(self.freedom[rows.bounded], rows.points.score)
                self._condense(rows.bounded, score, values, weight)
                own = score.mean(axis=0)
            else:
                own = (standard[:, rows.bounded] * weight[:, rows.bounded]).sum(axis=0)
            if rows.others.size:
                score, offset[rows.others] = self._others(rows, own)
                self._condense(rows.others, score, values, weight)
        return values, weight, offset

    def _condense(self, cells: Index, standard: Array, values: Array, weight: Array) -> None:
        """Set nodes and weights (64, c) of some cells (r, k), from equally probable standard values (N, r, k)."""
        flat = cells.ravel()
        latent = self.centre[flat] + self.spread[flat] * standard.reshape(-1, flat.size)
        raw = np.clip(self.scale.of_cells(flat).raw(latent), *self.bounds[:, flat])
        values[:, flat] = condensed(raw, len(values))
        weight[:, flat] = 1 / len(values)

    def with_bounds(self, low: Array, high: Array) -> NormalCells:
        """Return the cells with other bounds (c,), the same object where these are the same."""
        bounds = np.stack([low, high])
        if np.array_equal(bounds, self.bounds):
            return self
        return replace(self, bounds=bounds, known_limits=None)

    def mean(self) -> Array:
        """Return the mean of each cell (c,), the centre itself where nothing bends or cuts it."""
        out = super().mean()
        if self.scale.scores is None:
            plain = ~self._cut & ~self._outside & ~self._informed
            out[plain] = self.scale.raw(self.centre)[plain]
        return out

    def known(self) -> Mask:
        """Return which of the cells (c,) can be predicted; without nodes where nothing cuts the distributions."""
        if not self._free or self.scale.values is None:
            return super().known()
        return np.asarray(~np.isnan(self.scale.values[:, self.columns]).any(axis=0))

    def common(self, rng: np.random.Generator, m: int) -> Common:
        """Draw joint standard values (c, m), and by how much each column's residuals are larger (columns, m)."""
        if self.of is not None:
            return self.of[0].common(rng, m)
        standard = self.noise(rng, m)
        factor = np.ones((len(self._by_column), m), np.float32)
        for number, (_, cells) in enumerate(self._by_column):
            freedom = float(self.freedom[cells[0]])
            if np.isfinite(freedom):
                factor[number] = np.sqrt(freedom / rng.chisquare(freedom, size=m))
        return standard, factor

    def own(self, common: Common) -> Common:
        """Return standard values (c, m) of these cells, and of their columns how much larger (columns, m)."""
        if self.of is None:
            return common
        standard, factor = common
        whole, cells = self.of
        first = np.array([cells_of_column[0] for _, cells_of_column in self._by_column], np.intp)
        return standard[cells], factor[whole._number[cells[first]]]

    @property
    def by_class(self) -> bool:
        """True if draws are values of classes: by ranks, without bounds."""
        return self._free and self.scale.scores is not None and self.scale.ordered

    def classed(self, rng: np.random.Generator, m: int, own: Common | None = None) -> ClassedDraws:
        """Return m joint draws of cells that are drawn by class."""
        parts = self.own(self.common(rng, m)) if own is None else own
        noise, factor = (np.asarray(part, np.float32) for part in parts)
        return self.scale.classed(noise, factor, self.centre, self.spread)

    def draw(self, rng: np.random.Generator, m: int, own: Common | None = None) -> Array:
        """Return m joint draws (m, c); they lie cell by cell in memory."""
        parts = self.own(self.common(rng, m)) if own is None else own
        if self.by_class:
            return self.classed(rng, m, parts).values().T
        noise, factor = (np.asarray(part, np.float32) for part in parts)
        factor = factor[self._number]
        standard = noise * factor
        for rows in self._bounded_rows:
            self._draw_in(rows, standard, factor, rng)
        cut = np.flatnonzero(self._cut & ~self._informed)
        if cut.size:
            share = _share(self.freedom[cut], standard[cut].T.astype(float))
            standard[cut] = self._inside(share, cut).T
        drawn = self.scale.drawn(standard, self.centre, self.spread)
        return self._bounds_kept(drawn.T, rng.random((m, int(self._outside.sum()))))

    def _others(self, rows: BoundedRows, own: Array) -> tuple[Array, Array]:
        """Return standard values (N, r, p) of the other cells of rows, and what was added to them (r, p).

        What is added brings their mean to what the model predicts from the means (r, q) of the bounded cells.
        """
        points = rows.points
        freedom, number = np.unique(self.freedom[rows.others], return_inverse=True)
        size = residual_factors(freedom, points.share[:, 1])[:, number.reshape(rows.others.shape)]
        mean = np.einsum("rpq,nrq->nrp", rows.slopes, points.score)
        lot = points.share[:, :1, None]
        value = size * (mean + rows.left * ndtri(lot))
        away = (self.spread[rows.bounded] * own)[..., None]
        target = np.matmul(rows.latent_slopes, away)[..., 0] / self.spread[rows.others]
        offset = target - value.mean(axis=0)
        return self._kept_inside(rows, value + offset, size, mean + offset / size), offset

    def _kept_inside(self, rows: BoundedRows, value: Array, size: Array, mean: Array) -> Array:
        """Return standard values (..., r, p) of the other cells of rows, those with bounds cut to them."""
        cut = self._cut[rows.others]
        if not cut.any():
            return value
        left, limits = rows.left[cut], self._limits[:, rows.others[cut]]
        size, mean = size[..., cut], mean[..., cut]
        share = ndtr((value[..., cut] / size - mean) / left)
        low, high = ((limit / size - mean) / left for limit in limits)
        out = np.array(value)
        out[..., cut] = size * (mean + left * inside(low, high, share))
        return out

    def _draw_in(
        self,
        rows: BoundedRows,
        standard: NDArray[np.float32],
        factor: NDArray[np.float32],
        rng: np.random.Generator,
    ) -> None:
        """Draw bounded cells inside their bounds, and the other cells of their rows given these."""
        freedom = self.freedom[rows.bounded][..., None]
        before = normal_score(freedom, standard[rows.bounded].astype(float))
        after = rows.draw(rng, before)
        low, high = self._limits[:, rows.bounded, None]
        standard[rows.bounded] = np.clip(student_value(freedom, after), low, high)
        offset = self._evaluated[2][rows.others][..., None]
        size = factor[rows.others].astype(float)
        value = standard[rows.others] + size * np.matmul(rows.slopes, after - before) + offset
        mean = np.matmul(rows.slopes, after) + offset / size
        value, size, mean = (np.moveaxis(part, -1, 0) for part in (value, size, mean))
        standard[rows.others] = np.moveaxis(self._kept_inside(rows, value, size, mean), 0, -1)

    @cached_property
    def _has_bounds(self) -> Mask:
        """Cells (c,) with bounds that say something of other cells of their row."""
        if self.joint is None or not self._cut.any():
            return np.zeros(len(self.rows), bool)
        low, high = (
            _share(self.freedom, side * limit)
            for side, limit in zip((1, -1), self._limits, strict=True)
        )
        return np.asarray(self._cut & (low + high >= LEAST_EXCLUDED))

    @cached_property
    def _bounded_rows(self) -> tuple[BoundedRows, ...]:
        """The rows whose bounded cells say something of others."""
        has_bounds = self._has_bounds
        if self.joint is None or not has_bounds.any():
            return ()
        scores = normal_score(self.freedom, np.where(has_bounds, self._limits, 0.0))
        return tuple(bounded_rows(self.rows, scores, has_bounds, self._outside, self.joint))

    @cached_property
    def _informed(self) -> Mask:
        """Cells (c,) of rows with bounded cells that say something."""
        out = np.zeros(len(self.rows), bool)
        for rows in self._bounded_rows:
            out[rows.bounded] = True
            out[rows.others] = True
        return out

    @cached_property
    def _by_column(self) -> tuple[tuple[int, Index], ...]:
        """Every column that occurs, with its cells."""
        return tuple(by_column(self.columns))

    @cached_property
    def _number(self) -> Index:
        """The number (c,) of each cell's column among the columns that occur."""
        return np.unique(self.columns, return_inverse=True)[1].ravel()

    @cached_property
    def _limits(self) -> Array:
        """The bounds (2, c) in standard deviations from the centre; NaN where the scale gives no value."""
        if self.known_limits is not None:
            return self.known_limits
        if self._free:
            return np.repeat([[-np.inf], [np.inf]], len(self.rows), axis=1)
        bounds = [self.scale.latent(bound, number == 1) for number, bound in enumerate(self.bounds)]
        with np.errstate(invalid="ignore", divide="ignore"):
            limits = (np.stack(bounds) - self.centre) / self.spread
        return np.where(self.spread > 0, limits, np.array([[-np.inf], [np.inf]]))

    @cached_property
    def _outside(self) -> Mask:
        """Cells (c,) whose bounds hold no value of the scale."""
        if self._free:
            return np.zeros(len(self.rows), bool)
        none = np.isnan(self._limits).any(axis=0) | (self._limits[0] > self._limits[1])
        fixed = np.where(self.spread > 0, np.nan, self.scale.raw(self.centre))
        return np.asarray(none | (fixed < self.bounds[0]) | (fixed > self.bounds[1]))

    @cached_property
    def _bounded(self) -> bool:
        """True if any cell has a bound."""
        return bool(np.isfinite(self.bounds).any())

    @cached_property
    def _free(self) -> bool:
        """True if no cell has a bound and each has a distribution."""
        known = np.isfinite(self.centre) & np.isfinite(self.spread)
        return bool(not self._bounded and not np.isnan(self.bounds).any() and known.all())

    @cached_property
    def _cut(self) -> Mask:
        """Cells (c,) whose distribution is cut."""
        return np.asarray(np.isfinite(self._limits).any(axis=0) & ~self._outside)

    def _inside(self, share: Array, cells: Index | None = None) -> Array:
        """Return standard values (..., cells) at shares of the probability between limits; of all cut cells."""
        chosen = np.flatnonzero(self._cut) if cells is None else cells
        low, high = self._limits[:, chosen]
        freedom = self.freedom[chosen]
        # Probabilities are exact in the lower tail: limits above the centre are mirrored.
        mirrored = low > 0
        low, high = np.where(mirrored, -high, low), np.where(mirrored, -low, high)
        share = np.where(mirrored, 1 - share, share)
        first, last = _share(freedom, low), _share(freedom, high)
        out = np.clip(_quantile(freedom, first + share * (last - first)), low, high)
        return np.where(mirrored, -out, out)

    def _raw(self, standard: Array, lots: Array) -> Array:
        """Return raw values (..., c); cells without a value of the scale lie at `lots` between their bounds."""
        return self._bounds_kept(self.scale.raw(self.centre + self.spread * standard), lots)

    def _bounds_kept(self, out: Array, lots: Array) -> Array:
        """Return values (..., c) clipped to their bounds; those outside the scale lie at `lots` between them."""
        low, high = self.bounds
        outside = self._outside
        if self._bounded:
            out = np.clip(out, low, high)
        if outside.any():
            first = np.where(np.isfinite(low), low, high)[outside]
            last = np.where(np.isfinite(high), high, low)[outside]
            out[..., outside] = first + lots * (last - first)
        return out


@lru_cache(maxsize=512)
def _standard_nodes(freedom: float) -> Array:
    """Return the 64 standard values of a distribution that is not cut."""
    return held(_quantile(np.array(freedom), _AT))


def _share(freedom: Array, value: Array) -> Array:
    """Return the probability below standard values (..., c)."""
    if np.isinf(freedom).all():
        return np.asarray(ndtr(value))
    return np.where(np.isinf(freedom), ndtr(value), stdtr(freedom, value))


def _quantile(freedom: Array, share: Array) -> Array:
    """Return standard values at probabilities (..., c)."""
    if np.isinf(freedom).all():
        return np.asarray(ndtri(share))
    return np.where(np.isinf(freedom), ndtri(share), stdtrit(freedom, share))
