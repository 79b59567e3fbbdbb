"""The columns that the indicators of one unit are computed from, and what moving them does."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..._util.frozen import Frozen
from ..._util.types import Array, Index, Mask
from ...framework.nodes import Indicator
from ...scoring.pipeline import Layout
from ...scoring.scores import Scores

__all__ = ["ReadColumns"]

ROUNDING = 1e-9
"""The difference of points, as a share of the scale, that is rounding."""


@dataclass(frozen=True, eq=False)
class ReadColumns(Frozen):
    """The B columns that the L indicators of a unit are read or derived from.

    A column that is an indicator may be a part of derived ones too: whatever moves it moves them all.
    """

    scores: Scores
    row: int

    @cached_property
    def nodes(self) -> tuple[Indicator, ...]:
        """The columns, scored ones first, then those that are only parts of derived indicators."""
        return self.scores.framework.inputs

    @cached_property
    def raw(self) -> Array:
        """(B,) values in the unit of the data, divided by their denominators, estimates included."""
        state = self.scores._state
        return np.array(state.estimates.put(state.prepared.denominated)[self.row])

    @cached_property
    def estimated(self) -> Mask:
        """(B,) True where a value is estimated, here or before it came here."""
        prepared = self.scores._state.prepared
        estimated = np.isnan(prepared.denominated[self.row]) & ~np.isnan(self.raw)
        if prepared.flagged is not None:
            estimated = estimated | prepared.flagged[self.row]
        return np.asarray(estimated)

    @cached_property
    def indicator(self) -> Index:
        """(B,) the indicator that a column is, -1 where it is only a part of derived ones."""
        out = np.full(len(self.nodes), -1, np.intp)
        for indicator, column in enumerate(self._layout.indicators.tolist()):
            if column < len(out):
                out[column] = indicator
        return out

    @cached_property
    def readers(self) -> Mask:
        """(B, L) True where a derived indicator with a value is computed from a column."""
        out = np.zeros((len(self.nodes), len(self._layout.indicators)), bool)
        has_value = self.scores._state.scorable.has_value[self.row]
        for indicator in self._layout.derived:
            if has_value[indicator]:
                out[list(self._layout.sources(indicator)), indicator] = True
        return out

    def below(self, name: str) -> Index:
        """Return the columns from which indicators of a headline score are read or derived."""
        framework = self.scores.framework
        inside = np.array(
            [framework.score_of(indicator.name) == name for indicator in framework.indicators]
        )
        own = np.array([index >= 0 and bool(inside[index]) for index in self.indicator], bool)
        return np.flatnonzero(own | (self.readers & inside).any(axis=1))

    @cached_property
    def ends(self) -> tuple[Array, Array]:
        """(B,) raw values at which points stop moving, or the extremes of the data; of parts, of their range."""
        prepared = self.scores._state.prepared
        values = np.array(prepared.denominated)
        values[:, np.isnan(values).all(axis=0)] = 0.0
        low, high = np.nanmin(values, axis=0), np.nanmax(values, axis=0)
        filled = self.scores._state.filled
        own = self.indicator
        for column, node in enumerate(self.nodes):
            if own[column] < 0 and node.plausible is not None and node.denominator is None:
                low[column], high[column] = node.plausible
            elif own[column] >= 0 and not np.isnan(filled[:, own[column]]).all():
                low[column] = np.nanmin(filled[:, own[column]])
                high[column] = np.nanmax(filled[:, own[column]])
        column_of = {int(index): column for column, index in enumerate(own) if index >= 0}
        for step in self.scores._pipeline.rows(np.array([self.row])).steps:
            if not {"low", "high"} <= set(step.normalised):
                continue
            for index, indicator in enumerate(step.indices.tolist()):
                if indicator in column_of:
                    low[column_of[indicator]] = np.ravel(step.normalised["low"])[index]
                    high[column_of[indicator]] = np.ravel(step.normalised["high"])[index]
        return low, high

    def points(self, raw: Array) -> Array:
        """Return indicators (m, L) on the scale for columns (m, B).

        An estimate is an expected value on the scale, which the expected value of its column does not give
        under a curve: it moves from where it stands.
        """
        lower, upper = self.scores._state.tree.scale
        moved = self._transformed(raw) + self._offset
        return np.where(self._offset != 0, np.clip(moved, lower, upper), moved)

    def shares_of_change(self, before: Array, after: Array) -> Array:
        """Return how much of every indicator's change (B, L) each column makes; a column of it adds up to 1.

        Derived indicators split by their operation, indicators that are columns are their own.
        """
        layout, count = self._layout, len(self.nodes)
        first, second = (list(layout.named(raw).values()) for raw in (before, after))
        shares = list(np.eye(count))
        for derivation in layout.derivations:
            parts = derivation.parts.tolist()
            x, base = (np.array([columns[part] for part in parts]) for columns in (second, first))
            split = derivation.operation.split(x, base)
            total = split.sum()
            whole = split / total if total != 0 else np.full(len(parts), 1 / len(parts))
            shares.append(
                np.sum(
                    [share * shares[part] for share, part in zip(whole, parts, strict=True)], axis=0
                )
            )
        return np.array([shares[column] for column in layout.indicators]).T

    @property
    def _layout(self) -> Layout:
        return self.scores._state.prepared.layout

    def _transformed(self, raw: Array) -> Array:
        rows = np.full(len(raw), self.row)
        return np.asarray(self.scores._transform(self._layout.derive(raw), rows)[1])

    @cached_property
    def _offset(self) -> Array:
        lower, upper = self.scores._state.tree.scale
        gap = self.scores._state.normalised[self.row] - self._transformed(self.raw[None])[0]
        return np.where(np.abs(gap) > ROUNDING * (upper - lower), gap, 0.0)
