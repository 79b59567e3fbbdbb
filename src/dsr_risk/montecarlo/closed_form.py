"""Normal errors of cells in closed form: one draw a score instead of one a cell, where that is exact."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from .._util.scratch import Scratch
from .._util.types import Array
from ..factors import StandardError
from ..scoring.kernel import Plan
from .design import Design
from .sampling import stream

__all__ = ["ClosedForm", "closed_form"]


BEYOND = 8.5
"""Standard errors beyond which a normal error never lies (its probability is below 2e-17)."""

ROUNDING = 1e-12


class ClosedForm:
    """Headline scores under independent normal errors of their cells.

    A weighted arithmetic mean of values with independent normal errors has a normal error, of variance
    the sum of squared weights times variances, as long as the way from a raw value to the scale is a
    straight line over every error that can occur.
    """

    def __init__(self, design: Design, nodes: tuple[str, ...], variance: Array) -> None:
        self.design, self.nodes = design, nodes
        runner = design.runners[0]
        tree = runner.variant.tree
        self.runner = runner
        wanted = tuple(tree.index[name] for name in nodes)
        fixed = runner.variant.scores._state.normalised
        self.plan = Plan(tree, runner.has_value, fixed, wanted)
        self.variance = [
            np.ascontiguousarray(variance[stage.indicators]) for stage in self.plan.stages
        ]

    def values(
        self,
        u: Array,
        scratch: Scratch,
        *,
        seed: int,
        block: int,
        size: int,
    ) -> Array:
        """Return (nodes, draws, units) values for rows u (draws, dimension) of the unit cube."""
        weights = self.runner.weights(np.ascontiguousarray(u.T), scratch)
        out = self.plan.run(weights, scratch)
        rng = stream(seed, "closed form", block)
        normal = rng.standard_normal((size, *out.shape[::2]))[: len(u)]
        shares = self.plan.shares(weights, scratch)
        row = {node: number for number, node in enumerate(self.plan.wanted)}
        for stage, variance in zip(self.plan.stages, self.variance, strict=True):
            number = row[stage.group_node.node]
            spread = np.square(shares[stage.group_node.node]).T @ variance
            np.sqrt(spread, out=spread)
            spread *= normal[:, number]
            out[number] += spread
        return out


def closed_form(design: Design, nodes: Sequence[str]) -> ClosedForm | None:
    """Return the closed form for some nodes, or None where it would not be exact.

    It is exact with one variant, a fixed reference, independent normal errors and nothing else drawn for
    cells, nodes that share no indicator, arithmetic means without gaps below them, and no error that
    reaches a kink or an end of a normalisation.
    """
    streams: Mapping[str, StandardError] = {
        name: factor
        for name, factor in design.factors.items()
        if name in design.streams and isinstance(factor, StandardError) and not factor.correlation
    }
    runner = design.runners[0]
    if (
        len(streams) != len(design.streams)
        or not streams
        or len(design.variants) > 1
        or design.reference != "fixed"
        or runner.tree_numbers
        or runner.indicator_numbers
        or runner.goalposts
    ):
        return None
    variance = _variance(design, streams)
    if variance is None:
        return None
    form = ClosedForm(design, tuple(nodes), variance)
    stages = form.plan.stages
    indicators = [int(indicator) for stage in stages for indicator in stage.indicators]
    is_linear = (
        len(stages) == len(nodes)
        and len(indicators) == len(set(indicators))
        and all(
            stage.group_node.aggregator.affine and not stage.groups and stage.indicator_mask is None
            for stage in stages
        )
    )
    return form if is_linear else None


def _variance(design: Design, streams: Mapping[str, StandardError]) -> Array | None:
    """Return (L, n) variance of every indicator on the scale; None where it bends or cells are cut."""
    scores = design.nominal
    if not scores._state.prepared.layout.plain:
        return None
    size = np.zeros(scores._state.normalised.T.shape)
    for name, factor in streams.items():
        cells = design.cells(name)
        sizes = np.where(np.isnan(cells.values), 0.0, factor.size_of(cells))
        reach = BEYOND * sizes
        low, high = cells.values - reach, cells.values + reach
        if ((low < cells.bottom) | (high > cells.top)).any():
            return None
        stated = (np.nan_to_num(cells.std_error) > 0) | np.isfinite(cells.low) & (
            cells.high > cells.low
        )
        if factor.stands_in and stated.any():
            return None
        for indicator, row in zip(cells.names, sizes, strict=True):
            column = scores._state.tree.index[indicator]
            size[column] = np.hypot(size[column], row)
    raw, base = scores._state.filled, scores._state.normalised
    slope = np.full(base.shape, np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        for step in np.array([1.0, -1.0, 0.5, -0.5, 0.1, -0.1]) * BEYOND:
            moved = scores._transform(raw + step * size.T)[1]
            ratio = (moved - base) / step
            slope = np.where(np.isnan(slope), ratio, slope)
            if not np.allclose(ratio, slope, rtol=1e-9, atol=ROUNDING, equal_nan=True):
                return None
    return np.asarray(np.square(np.nan_to_num(slope)).T)
