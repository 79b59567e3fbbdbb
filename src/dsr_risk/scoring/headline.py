"""Rank, basis, risk band and coverage grade of a headline score, or the reason it is missing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from .._util.frozen import held
from .._util.types import Array, Index, Labels, Mask
from ..data.countries import country_table
from .classes import without_class
from .kernel import evaluate
from .printed import bounds_width, limits_of
from .ranking import TIE, rank_descending
from .tree import coverage

if TYPE_CHECKING:
    from .scores import Scores

__all__ = ["FULL", "IS_FOCAL", "PARTIAL", "Headline", "in_words", "observed_scores"]

IS_FOCAL = "the focal state itself"
"""What the reason code `focal` is in words, wherever it is read."""

FULL, PARTIAL = "full", "partial"

PARTIAL_FROM = 0.2
"""Above this share of the weight that does not apply, a score stands on a partial basis."""


@dataclass(frozen=True, eq=False)
class Headline:
    """One headline score of every unit with its rank, basis, band and grade; every array is (n,)."""

    name: str
    scores: Scores

    @cached_property
    def index(self) -> int:
        """The index of the headline among the nodes."""
        return self.scores._state.tree.index[self.name]

    @property
    def score(self) -> Array:
        """The score, NaN where it is not printed."""
        return np.asarray(self.scores._values[:, self.index])

    @property
    def coverage(self) -> Array:
        """Share of the applicable weight that is observed."""
        return np.asarray(self.scores._state.scorable.coverage[:, self.index])

    @cached_property
    def partial(self) -> Mask:
        """True if indicators of more than a fifth of the weight do not apply."""
        scores = self.scores
        weights = np.array(
            [
                scores.framework.effective_weights[indicator]
                if scores.framework.score_of(indicator) == self.name
                else 0.0
                for indicator in scores._state.tree.names[: scores._state.tree.n_indicators]
            ]
        )
        absent = ~scores._state.scorable.applicable[:, : scores._state.tree.n_indicators]
        return held(np.asarray((absent * weights).sum(axis=1) > PARTIAL_FROM + TIE))

    @cached_property
    def groups(self) -> Index:
        """A number for each unit's year and basis: units of one number are ranked together."""
        return held(np.asarray(self.scores.data._year_groups * 2 + self.partial, np.intp))

    def rank(self, within: Literal["region", "income"] | None = None) -> Array:
        """Return the rank within year and basis, and within a group of countries; 1 is most risk.

        Units of a selection keep the rank they have among all that were scored.
        """
        if self.scores._whole is not None:
            scores, rows = self.scores._whole
            return scores._headline(self.name).rank(within)[rows]
        values, groups = np.array(self.score), self.groups
        if within is not None:
            labels = country_table()[within].reindex(self.scores.data.iso3)
            codes = pd.factorize(labels.to_numpy())[0]
            values[codes < 0] = np.nan
            groups = groups * (codes.max(initial=0) + 1) + np.maximum(codes, 0)
        lower, upper = self.scores._state.tree.scale
        return rank_descending(values, groups, length=upper - lower)

    @property
    def ranked(self) -> Index:
        """The number of units with a rank in the year and basis of each unit, before any selection."""
        if self.scores._whole is not None:
            scores, rows = self.scores._whole
            return np.asarray(scores._headline(self.name).ranked[rows], np.intp)
        counts = np.bincount(
            self.groups[~np.isnan(self.score)], minlength=self.groups.max(initial=0) + 1
        )
        return np.asarray(counts[self.groups], np.intp)

    @property
    def basis(self) -> Labels:
        """full, partial (more than a fifth of the weight does not apply), or None without a score."""
        out = np.where(self.partial, PARTIAL, FULL).astype(object)
        out[np.isnan(self.score)] = None
        return out

    @property
    def band(self) -> Labels:
        """The risk band, None where there is no score."""
        lower, upper = self.scores._state.tree.scale
        # A score that rounding left under the edge of a band is in the band.
        return _label(self.score + TIE * (upper - lower), self.scores.framework.bands)

    @property
    def grade(self) -> Labels:
        """The coverage grade; n/a where there is no score or its coverage is below every grade."""
        share = np.where(np.isnan(self.score), np.nan, self.coverage + 1e-12)
        out = _label(share, self.scores.framework.grades)
        out[out == None] = "n/a"  # noqa: E711
        return out

    @cached_property
    def reason(self) -> Labels:
        """The reason why there is no score, empty where there is one."""
        out = np.full(len(self.score), "", dtype=object)
        for row in np.flatnonzero(np.isnan(self.score)):
            out[row] = self._reason(int(row))
        return held(out)

    def _reason(self, row: int) -> str:
        scores, index = self.scores, self.index
        if scores._focal[row]:
            return "focal"
        if not scores._state.scorable.applicable[row, index]:
            return f"not applicable{self._code(row)}"
        share = scores._state.scorable.coverage[row, index]
        classes = without_class(scores.framework, scores.data, row, self.name)
        if share == 0:
            return f"no indicator observed{f', {classes}' if classes else ''}"
        if not scores._state.scorable.has_value[row, index]:
            return "too few children with a value (`min_children`)"
        if np.isnan(scores._state.evaluated[row, index]):
            return f"undefined: {self._undefined(row)}"
        least, most = limits_of(scores.framework, self.name)
        out = "coverage " + _below(share, least)
        if most is not None:
            width = bounds_width(scores, self.name)[row]
            out += f", and hard bounds {width:.3g} points apart, above {most:g}"
        return f"{out}, {classes}" if classes else out

    def _code(self, row: int) -> str:
        """Return the one reason code that all indicators of the score have, as `: microstate`, or nothing."""
        reasons = self.scores.data.reasons
        if reasons is None:
            return ""
        codes = {code for code in reasons[row, self._data_columns] if code}
        return f": {codes.pop()}" if len(codes) == 1 else ""

    @cached_property
    def _data_columns(self) -> list[int]:
        """The positions among the data columns of the indicators of the score."""
        framework, columns = self.scores.framework, self.scores.data.columns
        return [
            columns.index(indicator.data_column)
            for indicator in framework.indicators
            if framework.score_of(indicator.name) == self.name and indicator.data_column in columns
        ]

    def _undefined(self, row: int) -> str:
        """Return which aggregation has children with a value and no value all the same."""
        scores, tree = self.scores, self.scores._state.tree
        odd = np.isnan(scores._state.evaluated[row]) & scores._state.scorable.has_value[row]
        first = next(group_node for group_node in tree.group_nodes if odd[group_node.node])
        return (
            f"aggregation `{first.aggregator.name}` of `{tree.names[first.node]}` has no value here"
        )


def _below(share: float, least: float) -> str:
    """Return two shares with as many digits as tell them apart."""
    digits = next((n for n in range(2, 9) if f"{share:.{n}f}" != f"{least:.{n}f}"), 9)
    return f"{share:.{digits}f} below {least:.{digits}f}"


def _label(values: Array, starts: dict[str, float]) -> Labels:
    ordered = sorted(starts.items(), key=lambda pair: pair[1])
    edges = np.array([start for _, start in ordered])
    names = np.array([None, *(label for label, _ in ordered)], dtype=object)
    index = np.searchsorted(edges, values, side="right")
    index[np.isnan(values)] = 0
    return np.asarray(names[index])


def in_words(reason: str) -> str:
    """Return the reason of a missing score as a sentence says it.

    Examples
    --------
    >>> in_words("focal"), in_words("no indicator observed")
    ('the focal state itself', 'no indicator observed')
    """
    return IS_FOCAL if reason == "focal" else reason


def observed_scores(scores: Scores) -> Array:
    """Return (n, H) headline scores of observed and censored cells only, where they are printed."""
    state = scores._state
    observed = (state.cells.observed > 0) & ~np.isnan(state.normalised)
    counted = coverage(state.tree, state.weights, observed, state.cells.applicable)
    values = evaluate(state.tree, state.normalised, state.weights, counted.has_value)[0]
    headlines = [scores._node_index(name) for name in scores.names]
    return np.where(scores._printed[:, headlines], values[:, headlines], np.nan)
