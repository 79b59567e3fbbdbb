"""Ranges of a change under what a framework leaves open, with common random numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..._util.types import Array, Index
from ...factors import Factor, Imputed, target_of
from ...framework.definition import Framework
from ...framework.factor_checks import indicators_below
from ...montecarlo.build import compile_design, on_other_data
from ...montecarlo.design import Design
from ...scoring.scores import Scores

__all__ = ["CommonDraws", "change_ranges", "common_draws"]


def common_draws(scores: Scores, draws: int, seed: int) -> CommonDraws:
    """Draw the scores with everything that all scenarios of one seed share.

    Choices of a selection, such as one year of a panel, are fitted on all that was scored with it.
    """
    everything = scores if scores._whole is None else scores._whole[0]
    design = compile_design(everything, factors=_usable(scores.framework))
    if everything is not scores:
        design = on_other_data(design, scores)
    return CommonDraws(design, draws, seed, _drawn(design, scores.names, draws, seed))


@dataclass(frozen=True, eq=False)
class CommonDraws:
    """Draws of the scores before: the design they come from, and (draws, units) of every headline."""

    design: Design
    draws: int
    seed: int
    values: dict[str, Array]

    def after(self, scores: Scores) -> dict[str, Array]:
        """Draw the scores after in the same way, every model keeping what it learned before."""
        moved = on_other_data(self.design, scores)
        return _drawn(moved, scores.names, self.draws, self.seed)


def _usable(framework: Framework) -> dict[str, Factor]:
    """Return the factors without draws of missing cells that the framework has no model of.

    Missing cells that share their weight do so in every draw; estimated cells are drawn all the same.
    """

    def modelled(indicator: str) -> bool:
        missing = getattr(framework[indicator], "missing", None) or framework.defaults.missing
        return bool(missing.name != "share_weight")

    return {
        name: factor
        for name, factor in framework.factors.items()
        if not isinstance(factor, Imputed)
        or all(map(modelled, indicators_below(framework, target_of(name, factor).node)))
    }


def _drawn(design: Design, names: Sequence[str], draws: int, seed: int) -> dict[str, Array]:
    size = design.block_size
    points = design.points(seed, "sobol", size)
    parts = []
    for block in range(-(-draws // size)):
        u = points.block(block)[: draws - block * size]
        parts.append(design.evaluate_block(u, seed=seed, block=block, nodes=names))
    values = np.concatenate(parts)
    return {name: values[:, :, index] for index, name in enumerate(names)}


def change_ranges(
    before: Scores,
    after: Scores,
    rows: Index,
    options: tuple[int, int, float],
    base: CommonDraws | None = None,
) -> pd.DataFrame:
    """Return intervals of after less before, draw by draw; see ``ScenarioResult.ranges``."""
    draws, seed, level = options
    common = common_draws(before, draws, seed) if base is None else base
    first = common.values
    second = first if after is before else common.after(after)
    tail = 100 * (1 - level) / 2
    parts = []
    for name in before.names:
        shift = second[name][:, rows] - first[name][:, rows]
        open_ = np.isnan(shift).all(axis=0)
        shift[:, open_] = 0.0
        low, high = np.nanpercentile(shift, [tail, 100 - tail], axis=0)
        falls = (shift < -1e-9).mean(axis=0)
        for column in (low, high, falls):
            column[open_] = np.nan
        index = before._state.tree.index[name]
        parts.append(
            pd.DataFrame(
                {
                    "score": name,
                    "change": after._values[rows, index] - before._values[rows, index],
                    "change_low": low,
                    "change_high": high,
                    "falls": falls,
                },
                index=pd.Index(before.data.iso3[rows], name=before.data.unit_name),
            )
        )
    return pd.concat(parts)
