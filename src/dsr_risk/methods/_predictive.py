"""Predictive distributions of missing cells: their mean, their quadrature and their draws."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .._util.types import Array, Index, Mask
from ._classed import ClassedDraws

__all__ = ["Common", "Donors", "Fixed", "Mixture", "NoCells", "Predictive"]

Common = tuple[Array | NDArray[np.float32], ...]

_NO_INDEX = np.empty(0, np.intp)


@dataclass(frozen=True, eq=False)
class Predictive:
    """The joint distribution of c missing cells.

    ``nodes()`` returns values and weights (q, c): each cell's marginal distribution as a quadrature rule,
    the weights of a cell adding to one. The expected value of any function of one cell is the weighted
    sum of the function at its nodes. A cell that cannot be predicted has NaN nodes.

    Attributes
    ----------
    rows, columns
        (c,) where the cells are.
    """

    rows: Index
    columns: Index

    @property
    def by_class(self) -> bool:
        """True if draws are values of classes, which ``classed`` returns."""
        return False

    def nodes(self) -> tuple[Array, Array]:
        """Return values and weights (q, c)."""
        raise NotImplementedError

    def some(self, cells: Index) -> Predictive:
        """Return the joint distribution of some of the cells."""
        return self if len(cells) == len(self.rows) else Chosen.of(self, cells)

    def mean(self) -> Array:
        """Return the mean of each cell (c,)."""
        values, weights = self.nodes()
        return np.asarray((np.where(weights > 0, values, 0.0) * weights).sum(axis=0))

    def known(self) -> Mask:
        """Return which of the cells (c,) can be predicted."""
        return ~np.isnan(self.mean())

    def common(self, rng: np.random.Generator, m: int) -> Common:
        """Draw what all distributions that one method predicts of the same cells share, by default nothing.

        What is drawn is only read. The draws lie along the last axis.
        """
        return ()

    def own(self, common: Common) -> Common:
        """Return the part of what is common that these cells need."""
        return common

    def draw(self, rng: np.random.Generator, m: int, own: Common | None = None) -> Array:
        """Return m joint draws (m, c), from their part of what is common if that is drawn already."""
        raise NotImplementedError

    def classed(self, rng: np.random.Generator, m: int, own: Common | None = None) -> ClassedDraws:
        """Return the draws of ``draw`` by class, from the same random numbers."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class Chosen(Predictive):
    """Some cells of a joint distribution.

    Attributes
    ----------
    whole
        The joint distribution.
    at
        (c,) the cells in it.
    """

    whole: Predictive
    at: Index

    @classmethod
    def of(cls, whole: Predictive, at: Index) -> Chosen:
        """Return some cells of `whole`."""
        return cls(whole.rows[at], whole.columns[at], whole, at)

    def nodes(self) -> tuple[Array, Array]:
        """Return the nodes of these cells."""
        values, weights = self.whole.nodes()
        return values[:, self.at], weights[:, self.at]

    def mean(self) -> Array:
        """Return the means of these cells."""
        return self.whole.mean()[self.at]

    def common(self, rng: np.random.Generator, m: int) -> Common:
        """Draw what the whole distribution shares with others."""
        return self.whole.common(rng, m)

    def own(self, common: Common) -> Common:
        """Return the part that the whole distribution needs."""
        return self.whole.own(common)

    def draw(self, rng: np.random.Generator, m: int, own: Common | None = None) -> Array:
        """Return draws of these cells; they lie cell by cell in memory."""
        return self.whole.draw(rng, m, own).T[self.at].T


@dataclass(frozen=True, eq=False)
class NoCells(Predictive):
    """No cell is predicted."""

    rows: Index = field(default_factory=lambda: _NO_INDEX)
    columns: Index = field(default_factory=lambda: _NO_INDEX)

    def nodes(self) -> tuple[Array, Array]:
        """Return nothing, in the right shape."""
        return np.empty((1, 0)), np.empty((1, 0))

    def draw(self, rng: np.random.Generator, m: int, own: Common | None = None) -> Array:
        """Return nothing, in the right shape."""
        return np.empty((m, 0))


@dataclass(frozen=True, eq=False)
class Fixed(Predictive):
    """One value a cell, without uncertainty."""

    value: Array

    def nodes(self) -> tuple[Array, Array]:
        """Return the value with weight one."""
        return self.value[None], np.ones((1, len(self.value)))

    def draw(self, rng: np.random.Generator, m: int, own: Common | None = None) -> Array:
        """Return the value m times."""
        return np.repeat(self.value[None], m, axis=0)


@dataclass(frozen=True, eq=False)
class Donors(Predictive):
    """The value of a reference unit, each with a probability.

    Draws resample the pool before they take a donor (approximate Bayesian bootstrap): every iteration
    draws one exponential weight for each reference unit, shared by all cells, so that what is not known of
    the distribution of the donors moves all cells together. Over iterations a cell takes its donors with
    equal probability. A cell without donors takes any value between its bounds.

    Attributes
    ----------
    units
        The number of reference units.
    unit
        (d, c) the reference unit of each donor, padded.
    value
        (d, c) the donor's value.
    valid
        (d, c) False for padding.
    low, high
        (c,) bounds of each cell, infinite where there are none.

    References
    ----------
    Rubin, D. B. and Schenker, N. (1986), Multiple imputation for interval estimation, JASA 81, 366-374;
    Rubin, D. B. (1981), The Bayesian bootstrap, Annals of Statistics 9(1), 130-134.
    """

    units: int
    unit: Index
    value: Array
    valid: Mask
    low: Array
    high: Array

    def nodes(self) -> tuple[Array, Array]:
        """Return the donors with equal weights, or the ends of the bounds."""
        count = self.valid.sum(axis=0)
        weights = self.valid / np.maximum(count, 1)
        values = np.where(self.valid, self.value, 0.0)
        ends = self._ends()
        if ends.any():
            extra = np.zeros((2, len(count)))
            extra[:, ends] = 0.5
            bounds = np.where(ends, np.stack([self._lower(), self._upper()]), 0.0)
            values, weights = np.concatenate([values, bounds]), np.concatenate([weights, extra])
        lost = (count == 0) & ~ends
        if lost.any() or not len(values):
            values = np.concatenate([values, np.where(lost, np.nan, 0.0)[None]])
            weights = np.concatenate([weights, lost[None].astype(float)])
        return values, weights

    def common(self, rng: np.random.Generator, m: int) -> Common:
        """Draw the weights of the reference units (units, m)."""
        return (rng.exponential(size=(m, self.units)).T,)

    def draw(self, rng: np.random.Generator, m: int, own: Common | None = None) -> Array:
        """Return donors' values (m, c)."""
        ends = self._ends()
        out = np.full((m, len(self.rows)), np.nan)
        (weights,) = self.common(rng, m) if own is None else own
        if self.unit.size:
            weight = np.asarray(weights, float).T
            lot = rng.random(out.shape)
            pools, which = self._pools
            for number, first in enumerate(pools):
                filled = np.flatnonzero(which == number)
                size = int(self.valid[:, first].sum())
                if size:
                    total = np.cumsum(weight[:, self.unit[:size, first]], axis=1)
                    # (m, filled, donors): how many donors lie below the lot.
                    below = total[:, None] <= (lot[:, filled] * total[:, -1:])[..., None]
                    chosen = np.minimum(below.sum(axis=2), size - 1)
                    out[:, filled] = self.value[chosen, filled]
        if ends.any():
            low, high = self._lower()[ends], self._upper()[ends]
            out[:, ends] = low + rng.random((m, ends.sum())) * (high - low)
        return out

    @cached_property
    def _pools(self) -> tuple[Index, Index]:
        """The first cell of each set of donors that cells share, and the set of each cell."""
        key = np.where(self.valid, self.unit, -1)
        _, first, which = np.unique(key, axis=1, return_index=True, return_inverse=True)
        return first, which.ravel()

    def _ends(self) -> Mask:
        """Return which cells have no donor and at least one bound."""
        bounded = np.isfinite(self.low) | np.isfinite(self.high)
        return np.asarray(~self.valid.any(axis=0) & bounded)

    def _lower(self) -> Array:
        return np.where(np.isfinite(self.low), self.low, self.high)

    def _upper(self) -> Array:
        return np.where(np.isfinite(self.high), self.high, self.low)


@dataclass(frozen=True, eq=False)
class Mixture(Predictive):
    """Distributions of the same cells, each multiplied by its factor and taken equally often."""

    rows: Index = field(init=False)
    columns: Index = field(init=False)
    parts: tuple[Predictive, ...] = ()
    factors: tuple[float, ...] = ()

    def __init__(self, parts: tuple[Predictive, ...], factors: tuple[float, ...]) -> None:
        object.__setattr__(self, "parts", parts)
        object.__setattr__(self, "factors", factors)
        object.__setattr__(self, "rows", parts[0].rows)
        object.__setattr__(self, "columns", parts[0].columns)

    def some(self, cells: Index) -> Predictive:
        """Return some of the cells of all parts."""
        return Mixture(tuple(part.some(cells) for part in self.parts), self.factors)

    def nodes(self) -> tuple[Array, Array]:
        """Return the nodes of all parts."""
        pairs = [part.nodes() for part in self.parts]
        values = [factor * values for factor, (values, _) in zip(self.factors, pairs, strict=True)]
        weights = [weights / len(pairs) for _, weights in pairs]
        return np.concatenate(values), np.concatenate(weights)

    def common(self, rng: np.random.Generator, m: int) -> Common:
        """Draw what the parts share: they are distributions of the same cells."""
        return self.parts[0].common(rng, m)

    def draw(self, rng: np.random.Generator, m: int, own: Common | None = None) -> Array:
        """Return draws with one factor an iteration, shared by all cells."""
        common = self.common(rng, m) if own is None else own
        lot = rng.integers(len(self.parts), size=m)
        out = np.empty((m, len(self.rows)))
        for number, (part, factor) in enumerate(zip(self.parts, self.factors, strict=True)):
            rows = np.flatnonzero(lot == number)
            of_part = tuple(array[..., rows] for array in part.own(common))
            out[rows] = factor * part.draw(rng, len(rows), of_part)
        return out
