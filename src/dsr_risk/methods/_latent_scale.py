"""The scale between the latent values of cells and values in raw units."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from math import prod

import numpy as np
from numpy.typing import NDArray

from .._util.scratch import Scratch
from .._util.types import Array, Index
from ._classed import ClassedDraws
from ._columns import by_column
from ._latent import Knots
from .treatment import Learned

__all__ = ["Scale"]

CLASSES = 4096
"""Classes of normal scores that drawn values are looked up in."""


@dataclass(frozen=True, eq=False)
class Scale:
    """The map from the latent value of a cell to a value in raw units: linear, or linear and then by ranks."""

    columns: Index
    centre: Array
    size: Array
    scores: Array | None = None
    values: Array | None = None

    @classmethod
    def of(cls, learned: Learned, columns: Index) -> Scale:
        """Return the scale of cells (c,) in `columns`, from what was learned of all columns."""
        knots = learned.get("scores"), learned.get("values")
        return cls(columns, learned["centre"][columns], learned["size"][columns], *knots)

    def of_cells(self, cells: Index) -> Scale:
        """Return the scale of some of the cells."""
        return replace(
            self, columns=self.columns[cells], centre=self.centre[cells], size=self.size[cells]
        )

    def raw(self, latent: Array) -> Array:
        """Return raw values of latent ones (..., c)."""
        out = np.asarray(self.centre + self.size * latent)
        if self.scores is None or self.values is None:
            return out
        # Cell by cell: the points of one cell often lie in order, which interpolation is quick at.
        flat = np.ascontiguousarray(out.reshape(prod(out.shape[:-1]), out.shape[-1]).T)
        for (_, cells), knots in zip(self._cells, self._knots, strict=True):
            flat[cells] = knots(flat[cells])
        return flat.T.reshape(out.shape)

    def drawn(self, standard: NDArray[np.float32], centre: Array, spread: Array) -> Array:
        """Return raw values (c, m) of latent ones, `centre` and `spread` (c,) times `standard` (c, m).

        `standard` may be overwritten. By ranks, values are those of 4,096 classes of normal scores.
        """
        centre, spread = self.centre + self.size * centre, self.size * spread
        if self.scores is None:
            return centre[:, None] + spread[:, None] * standard
        first, width, tables = self._classes
        standard *= np.asarray(spread / width, np.float32)[:, None]
        standard += np.asarray((centre - first) / width, np.float32)[:, None]
        np.clip(standard, 0, CLASSES - 1, out=standard)
        index = standard.astype(np.int32)
        index += (CLASSES * self._number).astype(np.int32)[:, None]
        # `take` is twice as quick with indices of its own kind; all are in the table.
        return np.take(tables.ravel(), index.astype(np.intp), mode="clip")

    def classed(
        self, noise: NDArray[np.float32], factor: NDArray[np.float32], centre: Array, spread: Array
    ) -> ClassedDraws:
        """Return as classes what ``drawn`` returns for noise (c, m) times the factor (columns, m) of its column.

        By ranks only. Column by column, so that what is computed on the way stays in the cache of a processor.
        """
        centre, spread = self.centre + self.size * centre, self.size * spread
        first, width, tables = self._classes
        slope = np.asarray(spread / width, np.float32)[:, None]
        start = np.asarray((centre - first) / width, np.float32)[:, None]
        scratch = Scratch()
        first_cell = np.array([cells[0] for _, cells in self._cells], np.intp)
        out = ClassedDraws(np.empty(noise.shape, np.uint16), first_cell, tables)
        for number, part in enumerate(out.columns):
            shape = noise[part].shape
            score = scratch.get("score", shape, np.float32)
            class_of = scratch.get("class", shape, np.int32)
            np.multiply(noise[part], factor[number], out=score)
            score *= slope[part]
            score += start[part]
            np.clip(score, 0, CLASSES - 1, out=score)
            # Whole numbers of 32 bits on the way: a processor converts many to these at once.
            class_of[...] = score
            out.classes[part] = class_of
        return out

    @cached_property
    def ordered(self) -> bool:
        """True if cells come column by column."""
        return bool((np.diff(self._number) >= 0).all())

    @cached_property
    def _classes(self) -> tuple[Array, Array, Array]:
        """Lower end and width (c,) of the classes of each cell's column, and the values (columns, classes)."""
        classes = [knots.classes(CLASSES) for knots in self._knots]
        first, width = (np.array([own[end] for own in classes]) for end in (0, 1))
        tables = np.array([own[2] for own in classes]).reshape(-1, CLASSES)
        return first[self._number], width[self._number], tables

    @cached_property
    def _number(self) -> Index:
        """The number (c,) of each cell's column among the columns that occur."""
        return np.unique(self.columns, return_inverse=True)[1].ravel()

    @cached_property
    def _cells(self) -> tuple[tuple[int, Index], ...]:
        """Every column that occurs, with its cells."""
        return tuple(by_column(self.columns))

    @cached_property
    def _knots(self) -> tuple[Knots, ...]:
        """The quantile function of every column that occurs."""
        if self.scores is None or self.values is None:
            return ()
        return tuple(
            Knots(self.scores[:, cells], self.values[:, cells]) for cells, _ in self._cells
        )

    def latent(self, bound: Array, upper: bool) -> Array:
        """Return the latent value of bounds (c,): the last below an upper one, the first above a lower one.

        NaN where no latent value is inside the bound.
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            if self.scores is None or self.values is None:
                out = (bound - self.centre) / self.size
                return np.where(self.size > 0, out, np.inf if upper else -np.inf)
            score = np.full(len(bound), np.inf if upper else -np.inf)
            for column, cells in self._cells:
                finite = cells[np.isfinite(bound[cells])]
                if finite.size:
                    knots = self.scores[:, column], self.values[:, column]
                    score[finite] = _scores(bound[finite], *knots, upper)
            return np.where(np.isfinite(score), (score - self.centre) / self.size, score)


def _scores(bound: Array, score: Array, value: Array, upper: bool) -> Array:
    """Return the last score whose value is at most a bound (or the first whose value is at least it)."""
    last = len(value) - 1
    at = np.searchsorted(value, bound, side="right" if upper else "left") - 1
    before = np.clip(at, 0, max(last - 1, 0))
    after = np.minimum(before + 1, last)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (bound - value[before]) / (value[after] - value[before])
        out = score[before] + share * (score[after] - score[before])
    if upper:
        out = np.where(at < 0, np.nan, out)
        return np.where(bound >= value[-1], np.inf, out)
    out = np.where(value[after] == bound, score[after], out)
    out = np.where(at >= last, np.nan, out)
    return np.where(bound <= value[0], -np.inf, out)
