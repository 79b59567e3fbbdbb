"""A fitted model as a function of arrays, for use inside the loops of another model."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np

from .._util.arguments import typed
from .._util.frozen import Frozen
from .._util.types import Array, Index, Mask
from ..errors import DataError
from ..methods.aggregation import Mean
from ..methods.means import Power
from .pipeline import Pipeline
from .prepare import unmasked
from .slopes import chained, local_sides
from .tree import GroupNode, Tree

__all__ = ["Compiled", "Missing"]

Missing: TypeAlias = Literal["nan", "share_weight", "raise"]
STEP = 1e-6
"""The step of quotients, as a share of the distance of goalposts."""


@typed
@dataclass(frozen=True, eq=False)
class Compiled(Frozen):
    """A fitted model as a function of arrays; made by ``Model.compile``.

    Call it with an array (n, columns) or a vector (columns,): it returns the headline scores (n, scores) or
    (scores,), as ``Model.score`` evaluates them. Nothing is estimated and nothing is suppressed for lack of
    coverage. A cell without a value is NaN; ``missing`` says what follows:

    ``nan``
        every group with it has no value, nor the headline scores above (the default),
    ``share_weight``
        its siblings share its weight,
    ``raise``
        a ``DataError``.

    Only NumPy is used. The object is immutable, can be pickled, and may be called from threads.

    Attributes
    ----------
    columns : tuple of str
        The columns of the array, in order: ``Model.columns``.
    names : tuple of str
        The headline scores, in the order of the result.

    Examples
    --------
    >>> import numpy as np
    >>> from dsr_risk import fit
    >>> model = fit({"name": "own", "scores": [{"name": "risk", "children": [
    ...     {"name": "debt", "higher_is": "riskier"}, {"name": "reserves", "higher_is": "safer"}]}]},
    ...     np.array([[20.0, 6.0], [80.0, 2.0]]))
    >>> risk = model.compile()
    >>> risk(np.array([50.0, 4.0])).tolist()
    [50.0]
    >>> risk.gradient(np.array([50.0, 4.0])).round(4).tolist()
    [[0.8333, -12.5]]
    """

    columns: tuple[str, ...]
    names: tuple[str, ...]
    missing: Missing
    _pipeline: Pipeline
    _tree: Tree
    _weights: Array
    _divisors: tuple[tuple[int, int, float], ...]
    _spread: Array

    def __repr__(self) -> str:
        return f"Compiled({', '.join(self.names)} of {len(self.columns)} columns, missing={self.missing!r})"

    def __call__(self, x: Array) -> Array:
        """Return the headline scores (n, scores) of rows (n, columns), or (scores,) of one row.

        Raises
        ------
        DataError
            For another shape, values that are no finite numbers, or a NaN where ``missing`` is ``raise``.
        """
        rows, single = self._rows(x)
        raw = self._pipeline.layout.derive(self._inputs(rows))
        values = self._evaluated(self._pipeline.transform(raw)[1])
        out = values[list(self._tree.headlines)].T
        return out[0] if single else out

    def gradient(self, x: Array) -> Array:
        """Return the derivatives (n, scores, columns) of the scores by the columns, or (scores, columns).

        Aggregation is differentiated by its formula, treatment and normalisation by a central quotient over a
        small step: exact to rounding where they are straight lines. At a goalpost, and where children of a minimum
        or maximum are even, it is the mean of both sides. NaN where a score has no value, and by a cell at which a
        mean is infinitely steep (0 under a geometric mean with offset 0); 0 for columns that only a missing cell
        would need.

        Parameters
        ----------
        x
            (n, columns) or (columns,) values in the units of the data, in the order of ``columns``; NaN where a
            cell has no value.

        Returns
        -------
        array
            (n, scores, columns) points for one unit of each column; (scores, columns) for a vector.

        Raises
        ------
        DataError
            As when the object is called.
        """
        rows, single = self._rows(x)
        inputs = self._inputs(rows)
        raw = self._pipeline.layout.derive(inputs)
        up, down = (
            self._pipeline.transform(raw + sign * STEP * self._spread)[1] for sign in (1.0, -1.0)
        )
        centre = self._pipeline.transform(raw)[1]
        values = self._evaluated(centre)
        step = STEP * self._spread
        more, less = self._slopes(values)
        if more is less:
            by_indicator = more * np.nan_to_num((up - down) / (2 * step))[:, None, :]
        else:
            right, left = (
                np.nan_to_num(ends)[:, None, :]
                for ends in ((up - centre) / step, (centre - down) / step)
            )
            by_indicator = chained(np.where(right > 0, more, less), right) / 2
            by_indicator += chained(np.where(left > 0, less, more), left) / 2
            by_indicator[np.isinf(by_indicator)] = np.nan
        by_input = self._by_inputs(inputs, by_indicator)
        out = np.zeros((len(rows), len(self.names), len(self.columns)))
        out[..., : inputs.shape[1]] = by_input
        for column, by, factor in self._divisors:
            divisor = rows[:, by, None]
            share = by_input[..., column]
            out[..., column] = share * factor / divisor
            out[..., by] += -share * rows[:, column, None] * factor / divisor**2
        out[np.isnan(values[list(self._tree.headlines)].T)] = np.nan
        return out[0] if single else out

    def _rows(self, x: Array) -> tuple[Array, bool]:
        named = getattr(x, "columns", None)
        if named is not None and list(named) != list(self.columns):
            raise DataError(
                f"columns of a frame are read in their order and must be {', '.join(self.columns)}; received "
                f"{', '.join(map(str, named))}; give `frame[list(compiled.columns)]`"
            )
        values = unmasked(x)
        if values.dtype.kind not in "fiub":
            raise DataError(f"an array of data must hold numbers, received dtype {values.dtype}")
        if values.ndim not in (1, 2) or values.shape[-1] != len(self.columns):
            raise DataError(
                f"an array of data must have {len(self.columns)} columns, in this order: "
                f"{', '.join(self.columns)}; received shape {values.shape}"
            )
        rows = np.atleast_2d(values).astype(float)
        if np.isinf(rows).any():
            row, column = (int(part[0]) for part in np.nonzero(np.isinf(rows)))
            raise DataError(
                f"row {row}, column `{self.columns[column]}`: {rows[row, column]} is infinite; give NaN if unknown"
            )
        if self.missing == "raise":
            read = rows[:, : len(self._pipeline.layout.inputs)]
            if np.isnan(read).any():
                row, column = (int(part[0]) for part in np.nonzero(np.isnan(read)))
                raise DataError(f"row {row}, column `{self.columns[column]}`: no value (NaN)")
        return rows, values.ndim == 1

    def _inputs(self, rows: Array) -> Array:
        """Return the columns that are read, divided by their denominators."""
        inputs = rows[:, : len(self._pipeline.layout.inputs)]
        if self._divisors:
            inputs = inputs.copy()
            with np.errstate(divide="ignore", invalid="ignore"):
                for column, by, factor in self._divisors:
                    inputs[:, column] /= rows[:, by] / factor
        return inputs

    def _live(self, group_node: GroupNode, values: Array) -> tuple[Mask, Mask]:
        """Return which children count (k, n), and which units have a value (n,)."""
        present = ~np.isnan(values[group_node.children])
        weighted = (self._weights[group_node.children] > 0)[:, None]
        live = present & weighted
        has = group_node.aggregator.has_value(live, group_node.min_children)
        if self.missing != "share_weight":
            has &= live.sum(axis=0) == int(weighted.sum())
        return live, has

    @cached_property
    def _means(self) -> tuple[tuple[GroupNode, Mean, Array, bool, bool], ...] | None:
        """Groups with mean, children's shares, whether raised and held; None if a group has other rules."""
        out = []
        plain = (Mean.combine, Power.combine)
        for group_node in self._tree.group_nodes:
            weights, mean = self._weights[group_node.children], group_node.aggregator
            enough = len(weights) >= max(group_node.min_children, 1)
            if not (isinstance(mean, Mean) and mean.sums and type(mean).combine in plain):
                return None
            if not (enough and (weights > 0).all()):
                return None
            # A weighted sum is off by its last digit, which matters only beside a pole of its parent.
            held = mean.rounds and not (mean.affine and not self._tree.poles[group_node.node])
            out.append((group_node, mean, weights / weights.sum(), not group_node.stays, held))
        return tuple(out)

    def _combined(self, values: Array) -> bool:
        """Fill in the groups (nodes, n) where every group is a mean of its children; return whether it is."""
        if self._means is None:
            return False
        shared = self.missing == "share_weight" and bool(
            np.isnan(values[: self._tree.n_indicators]).any()
        )
        with np.errstate(all="ignore"):
            for group_node, mean, share, lifts, held in self._means:
                x = values[group_node.children]
                raised = group_node.raise_up(x) if lifts else x
                terms = mean.g(raised)
                # A child without a value is NaN, and so is then its group, unless its weight is shared.
                value = _sharing(terms, share, group_node.min_children) if shared else share @ terms
                value = mean.inverse(value)
                if held:
                    low, high = (end.reduce(raised, axis=0) for end in (np.fmin, np.fmax))
                    value = np.clip(value, low, high)
                values[group_node.node] = group_node.bring_down(value) if lifts else value
        return True

    def _evaluated(self, indicators: Array) -> Array:
        """Return the value of every node, (nodes, n)."""
        tree = self._tree
        values = np.empty((len(tree.names), len(indicators)))
        values[: tree.n_indicators] = indicators.T
        if self._combined(values):
            return values
        for group_node in tree.group_nodes:
            live, has = self._live(group_node, values)
            raised = group_node.raise_up(values[group_node.children])[:, None, :]
            weights = self._weights[group_node.children][:, None, None]
            with np.errstate(all="ignore"):
                combined = group_node.aggregator.combine(raised, weights, live)[0]
            values[group_node.node] = np.where(has, group_node.bring_down(combined), np.nan)
        return values

    def _slopes(self, values: Array) -> tuple[Array, Array]:
        """Return points of every headline for one point more and less of each indicator, (n, scores, L).

        One array for both sides where they are equal.
        """
        tree = self._tree
        local = [self._local(group_node, values) for group_node in tree.group_nodes]
        more = self._along_the_tree(values, [up for up, _ in local])
        if all(up is down for up, down in local):
            return more, more
        return more, self._along_the_tree(values, [down for _, down in local])

    def _along_the_tree(self, values: Array, local: list[Array]) -> Array:
        tree = self._tree
        slopes = np.full((len(tree.headlines), len(tree.names), values.shape[1]), 0.0)
        for number, headline in enumerate(tree.headlines):
            slopes[number, headline] = np.where(np.isnan(values[headline]), np.nan, 1.0)
        for group_node, by in zip(reversed(tree.group_nodes), reversed(local), strict=True):
            slopes[:, group_node.children] = chained(slopes[:, [group_node.node]], by)
        return np.moveaxis(slopes[:, : tree.n_indicators], -1, 0)

    def _local(self, group_node: GroupNode, values: Array) -> tuple[Array, Array]:
        """Return points of a group for one point more and less of each child, (k, n), as ``local_sides``."""
        live, has = self._live(group_node, values)
        weights = self._weights[group_node.children]
        up, down = local_sides(
            group_node, values[group_node.children], weights, live, self._tree.scale
        )
        kept = np.where(has, up, 0.0)
        return kept, kept if up is down else np.where(has, down, 0.0)

    def _by_inputs(self, inputs: Array, by_indicator: Array) -> Array:
        """Return (n, scores, inputs) derivatives, given those by the indicators (n, scores, L)."""
        layout = self._pipeline.layout
        if layout.plain:
            return by_indicator
        out = np.zeros((*by_indicator.shape[:2], inputs.shape[1]))
        derived: Index = np.asarray(layout.derived, np.intp)
        for indicator, column in enumerate(layout.indicators):
            if column < inputs.shape[1]:
                out[..., column] += by_indicator[..., indicator]
        for column in sorted(
            {source for indicator in derived for source in layout.sources(int(indicator))}
        ):
            step = STEP * np.maximum(np.abs(inputs[:, column]), 1.0)
            ends = []
            for sign in (1.0, -1.0):
                moved = inputs.copy()
                moved[:, column] += sign * step
                ends.append(layout.derive(moved)[:, derived])
            slope = np.nan_to_num((ends[0] - ends[1]) / (2 * step[:, None]))
            out[..., column] += chained(by_indicator[..., derived], slope[:, None, :]).sum(axis=-1)
        return out


def _sharing(terms: Array, share: Array, least: int) -> Array:
    """Return the mean (n,) of the terms (k, n) that are there; NaN where fewer than `least` are, or none."""
    present = ~np.isnan(terms)
    total = share @ np.where(present, terms, 0.0)
    return np.where(present.sum(axis=0) >= max(least, 1), total / (share @ present), np.nan)
