"""State of scores: the arrays of one evaluation of a tree, row by row the units of the data."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._util.frozen import Frozen
from .._util.types import Array, Index
from ..data.dataset import Data
from .cells import Cells
from .missing import Estimates
from .prepare import Prepared
from .tree import Scorable, Tree

__all__ = ["State"]

ARRAYS = ("filled", "treated", "normalised", "evaluated")


@dataclass(frozen=True, eq=False)
class State(Frozen):
    """The arrays of one evaluation.

    Attributes
    ----------
    tree, weights
        The compiled framework and the weight (N,) of every node beside its siblings.
    prepared, estimates, cells
        The columns read, the distribution of their missing cells, and what is known of every indicator.
    filled, treated, normalised
        (n, L) values with estimates, after treatment, and on the scale.
    evaluated
        (n, N) the value of every node, printed or not.
    scorable
        Coverage of every node, and whether it has a value.
    """

    tree: Tree
    weights: Array
    prepared: Prepared
    estimates: Estimates
    cells: Cells
    filled: Array
    treated: Array
    normalised: Array
    evaluated: Array
    scorable: Scorable

    def rows(self, keep: Index, data: Data) -> State:
        """Return the state of some rows; `data` are the data of these rows."""
        arrays: dict[str, Any] = {name: getattr(self, name)[keep] for name in ARRAYS}
        parts = (getattr(self.scorable, field.name) for field in dataclasses.fields(Scorable))
        return dataclasses.replace(
            self,
            prepared=self.prepared.rows(keep, data),
            estimates=self.estimates.select(keep, len(self.evaluated)),
            cells=self.cells.rows(keep),
            scorable=Scorable(*(part[keep] for part in parts)),
            **arrays,
        )

    def with_rows(self, rows: Index, other: State, data: Data) -> State:
        """Return the state with some rows replaced by those of `other`, in order."""
        arrays: dict[str, Any] = {
            name: _with_rows(getattr(self, name), rows, getattr(other, name)) for name in ARRAYS
        }
        return dataclasses.replace(
            self,
            prepared=self.prepared.with_rows(rows, other.prepared, data),
            estimates=self.estimates.with_rows(rows, other.estimates),
            cells=_each(self.cells, rows, other.cells),
            scorable=_each(self.scorable, rows, other.scorable),
            **arrays,
        )


def _with_rows(old: NDArray[Any], rows: Index, new: NDArray[Any]) -> NDArray[Any]:
    out = np.array(old)
    out[rows] = new
    return out


def _each(old: Any, rows: Index, new: Any) -> Any:
    """Replace rows in every array of a record."""
    names = [field.name for field in dataclasses.fields(old)]
    return type(old)(
        **{name: _with_rows(getattr(old, name), rows, getattr(new, name)) for name in names}
    )
