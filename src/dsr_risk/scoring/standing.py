"""Standing: what headline scores are among others - rank, basis, band, grade - or why there is none."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .._util.frozen import Frozen, held
from .._util.types import Array, Index, Mask
from ..data.dataset import Data
from ..framework.definition import Framework
from .ranking import TIE, rank_descending
from .tree import Branch, Scorable, Tree

__all__ = ["FULL", "PARTIAL", "Standing"]

Words = NDArray[np.object_]
FULL, PARTIAL = "full", "partial"


@dataclass(frozen=True, eq=False)
class Standing(Frozen):
    """One headline score of every unit, and what it is among the others; every array is (n,)."""

    name: str
    framework: Framework
    data: Data
    tree: Tree
    weights: Array
    values: Array
    scorable: Scorable
    focal: Mask

    @cached_property
    def place(self) -> int:
        """The headline's place among the nodes."""
        return self.tree.index[self.name]

    @property
    def score(self) -> Array:
        """The score."""
        return np.asarray(self.values[:, self.place])

    @property
    def coverage(self) -> Array:
        """Share of the applicable weight that is observed and reaches the score."""
        return np.asarray(self.scorable.coverage[:, self.place])

    @cached_property
    def partial(self) -> Mask:
        """Whether some indicator below, of a weight above 0, does not apply."""
        inside = [
            place
            for place, leaf in enumerate(self.tree.names[: self.tree.leaves])
            if self.framework.score_of(leaf) == self.name and self.weights[place] > 0
        ]
        return held(np.asarray(~self.scorable.applicable[:, inside].all(axis=1)))

    @cached_property
    def groups(self) -> Index:
        """A number for each unit's year and basis: units of one number are ranked together."""
        return held(np.asarray(self.data.year_groups * 2 + self.partial, np.intp))

    def rank(self, within: pd.Series[Any] | None = None) -> Array:
        """The rank within year and basis, and within a group of countries; 1 is most risk."""
        values, groups = np.array(self.score), self.groups
        if within is not None:
            codes = pd.factorize(within.to_numpy())[0]
            values[codes < 0] = np.nan
            groups = groups * (codes.max(initial=0) + 1) + np.maximum(codes, 0)
        lower, upper = self.tree.scale
        return rank_descending(values, groups, length=upper - lower)

    @property
    def basis(self) -> Words:
        """full, partial (some indicators do not apply), or None where there is no score."""
        out = np.where(self.partial, PARTIAL, FULL).astype(object)
        out[np.isnan(self.score)] = None
        return out

    @property
    def band(self) -> Words:
        """The risk band, None where there is no score."""
        lower, upper = self.tree.scale
        # A score that rounding left under the edge of a band is in the band.
        return _label(self.score + TIE * (upper - lower), self.framework.bands)

    @property
    def grade(self) -> Words:
        """The coverage grade; n/a where there is no score or its coverage is below every grade."""
        share = np.where(np.isnan(self.score), np.nan, self.coverage + 1e-12)
        out = _label(share, self.framework.grades)
        out[out == None] = "n/a"  # noqa: E711
        return out

    @property
    def reason(self) -> Words:
        """Why there is no score, empty where there is one."""
        branch = next(one for one in self.tree.branches if one.node == self.place)
        out = np.full(len(self.score), "", dtype=object)
        for row in np.flatnonzero(np.isnan(self.score)):
            out[row] = self._reason(int(row), branch)
        return out

    def _reason(self, row: int, branch: Branch) -> str:
        if self.focal[row]:
            return "focal"
        if not self.scorable.applicable[row, self.place]:
            return "not applicable"
        if self.scorable.has_value[row, self.place]:
            return f"undefined: {self._undefined(row)}"
        if self.scorable.seen[row, self.place] == 0:
            return "no indicator observed"
        reaching = self.scorable.reaching[row, self.place]
        seen = self.scorable.seen[row, self.place]
        out = "coverage " + _below(reaching, branch.min_coverage)
        if seen - reaching > 1e-9:
            out += f" ({seen:.3g} observed, part in groups with too little)"
        return out

    def _undefined(self, row: int) -> str:
        """Which aggregation below has enough children and no value all the same."""
        odd = np.isnan(self.values[row]) & self.scorable.has_value[row]
        first = next(branch for branch in self.tree.branches if odd[branch.node])
        return f"aggregation `{first.aggregator.name}` of `{self.tree.names[first.node]}` has no value here"


def _below(share: float, least: float) -> str:
    """Two shares with as many digits as tell them apart."""
    digits = next((one for one in range(2, 9) if f"{share:.{one}f}" != f"{least:.{one}f}"), 9)
    return f"{share:.{digits}f} below {least:.{digits}f}"


def _label(values: Array, starts: dict[str, float]) -> Words:
    ordered = sorted(starts.items(), key=lambda one: one[1])
    edges = np.array([start for _, start in ordered])
    names = np.array([None, *(label for label, _ in ordered)], dtype=object)
    found = np.searchsorted(edges, values, side="right")
    found[np.isnan(values)] = 0
    return np.asarray(names[found])
