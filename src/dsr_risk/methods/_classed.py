"""Draws of cells as the classes of values that they fall into."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .._util.scratch import Scratch
from .._util.types import Array, Index

__all__ = ["ClassedDraws"]


@dataclass(frozen=True, eq=False)
class ClassedDraws:
    """Draws whose values are looked up in a table, so that a function of one value is computed once a class.

    Attributes
    ----------
    classes
        (c, m) the class of each cell in each draw.
    first
        (k,) the first cell of each column; cells come column by column.
    tables
        (k, classes) the value of each class.
    """

    classes: NDArray[np.uint16]
    first: Index
    tables: Array

    def of_draws(self, rows: Index | slice) -> ClassedDraws:
        """Return some of the draws."""
        return ClassedDraws(self.classes[:, rows], self.first, self.tables)

    @property
    def columns(self) -> list[slice]:
        """The cells of each column."""
        edges = [*self.first.tolist(), len(self.classes)]
        return [slice(start, end) for start, end in itertools.pairwise(edges)]

    def by_column(self, scratch: Scratch) -> Iterator[tuple[slice, Array]]:
        """Yield the cells of each column and their values (cells, draws), which the next ones overwrite."""
        for cells, table in zip(self.columns, self.tables, strict=True):
            out = scratch.get("values of classes", self.classes[cells].shape)
            yield cells, self._looked_up(cells, table, out, scratch)

    def values(self) -> Array:
        """Return the values (c, draws)."""
        out, scratch = np.empty(self.classes.shape), Scratch()
        for cells, table in zip(self.columns, self.tables, strict=True):
            self._looked_up(cells, table, out[cells], scratch)
        return out

    def _looked_up(self, cells: slice, table: Array, out: Array, scratch: Scratch) -> Array:
        classes = self.classes[cells]
        # `take` is twice as quick with indices of its own kind; all are in the table.
        index = scratch.get("index of classes", classes.shape, np.intp)
        index[...] = classes
        return np.take(table, index, out=out, mode="clip")
