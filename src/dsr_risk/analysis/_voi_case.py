"""One score of one country: its intervals now, and with each uncertain cell held in turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .._util.types import Array, Mask
from ..montecarlo import Design
from ..montecarlo.drawing import Key
from ..montecarlo.leaves import normalised_columns
from ..scoring.kernel import evaluate
from ..scoring.ranking import TIE
from ..scoring.tree import coverage

__all__ = ["Case", "Drawn"]


COLUMNS = [
    "score",
    "indicator",
    "status",
    "rank_narrowing",
    "score_narrowing",
    "rank_width",
    "score_width",
    "share",
    "coverage_gain",
    "confidence",
    "note",
]


@dataclass(frozen=True, eq=False)
class Drawn:
    """Draws of everything: the unit's leaves on the scale (draws, L) and all scores (draws, n, heads).

    ``present`` (N,) says which nodes the unit has once its cells are drawn.
    """

    unit: int
    leaves: Array
    scores: Array
    present: Mask

    @classmethod
    def of(cls, design: Design, unit: int, draws: int, seed: int) -> Drawn:
        size = design.block_size
        leaves, scores = [], []
        for block in range(-(-draws // size)):
            rows = min(size, draws - block * size)
            leaves.append(_leaves(design, unit, Key(seed, block, {}), rows))
            u = np.empty((rows, 0))
            scores.append(design.evaluate_block(u, seed=seed, block=block, nodes=design.heads))
        z = np.concatenate(leaves)
        nominal = design.nominal
        known = np.asarray(~np.isnan(z).any(axis=0))
        applies = nominal.scorable.applicable[[unit], : nominal.tree.leaves]
        present = coverage(nominal.tree, nominal.weights, known[None], applies).has_value[0]
        return cls(unit, z, np.concatenate(scores), present)


def _leaves(design: Design, unit: int, key: Key, draws: int) -> Array:
    """(draws, L) leaves of one unit on the scale, the very draws that its scores are made of."""
    runner = design.runner(0)
    noise = design.drawing.noise(key, design.block_size, draws)
    raw = design.raw(0, noise, slice(0, draws), draws, key)[:, :, unit, None]
    out = np.repeat(design.nominal.normalised_array[[unit]], draws, axis=0)
    for part in runner.steps:
        found = normalised_columns(part, raw[:, part.rows], design.nominal.tree.scale)
        out[:, part.places] = found[:, :, 0]
    applies = design.nominal.scorable.applicable[unit, : design.nominal.tree.leaves]
    return np.where(applies & ~design.nominal.focal[unit], out, np.nan)


class Case:
    """One headline score of one country: its interval now, and with each cell held."""

    def __init__(self, design: Design, drawn: Drawn, head: str, points: int, level: float) -> None:
        self.design, self.drawn, self.head = design, drawn, head
        self.tails = [(1 - level) / 2, (1 + level) / 2]
        self.points = points
        nominal = design.nominal
        self.place = nominal.tree.index[head]
        label = design.rank_groups(head)
        others = np.flatnonzero(label == label[drawn.unit])
        others = others[others != drawn.unit]
        scores = drawn.scores[:, others, design.heads.index(head)]
        self.others = np.sort(scores[:, ~np.isnan(scores).any(axis=0)], axis=1)
        lower, upper = nominal.tree.scale
        self.tie = TIE * (upper - lower)
        self.now = self.widths(self._score(drawn.leaves)[None])

    def _score(self, leaves: Array) -> Array:
        """(rows,) scores of rows of leaves (rows, L)."""
        nominal = self.design.nominal
        found = evaluate(
            nominal.tree, leaves[:, None, :], nominal.weights, self.drawn.present[None]
        )
        return np.asarray(found[:, 0, self.place])

    def widths(self, scores: Array) -> tuple[float, float]:
        """Mean interval width of scores (sets, draws), in points and places."""
        ranks = np.empty(scores.shape)
        for draw, row in enumerate(self.others):
            above = len(row) - np.searchsorted(row, scores[:, draw] + self.tie, side="right")
            ranks[:, draw] = 1 + above
        out = []
        for one in (scores, ranks):
            low, high = np.quantile(one, self.tails, axis=1)
            out.append(float((high - low).mean()))
        return out[0], out[1]

    def rows(self) -> pd.DataFrame:
        """A row for every uncertain cell below the headline."""
        framework, tree = self.design.framework, self.design.nominal.tree
        rows = []
        for leaf, name in enumerate(tree.names[: tree.leaves]):
            if framework.score_of(name) != self.head or self.design.nominal.weights[leaf] == 0:
                continue
            values = self.drawn.leaves[:, leaf]
            status = self._status(leaf)
            if status == "not applicable" or (
                status == "observed" and not np.ptp(values) > self.tie
            ):
                continue
            rows.append(
                {"score": self.head, "indicator": name, "status": status, **self._row(leaf, values)}
            )
        out = pd.DataFrame(rows, columns=COLUMNS)
        order = np.lexsort(
            (-out["score_narrowing"].fillna(-np.inf), -out["rank_narrowing"].fillna(-np.inf))
        )
        return out.iloc[order]

    def _status(self, leaf: int) -> str:
        column = self.design.framework.indicators[leaf].data_column
        nominal, unit = self.design.nominal, self.drawn.unit
        if not nominal.scorable.applicable[unit, leaf]:
            return "not applicable"
        if not np.isnan(nominal.denominated_array[unit, leaf]):
            return "observed"
        bounds = self.design.data.bounds([column])
        censored = bounds is not None and not np.isnan([one[unit, 0] for one in bounds]).all()
        return "censored" if censored else "missing"

    def _row(self, leaf: int, values: Array) -> dict[str, Any]:
        nominal, unit = self.design.nominal, self.drawn.unit
        column = self.design.framework.indicators[leaf].data_column
        years = self.design.data.unit_keys()[unit]
        confidence = self.design.data.evidence_of(*years, column).get("confidence", "")
        known: Mask = np.array(~np.isnan(nominal.denominated_array[[unit]]))
        known[0, leaf] = True
        applies = nominal.scorable.applicable[[unit], : nominal.tree.leaves]
        after = coverage(nominal.tree, nominal.weights, known, applies).coverage[0, self.place]
        gain = float(after - nominal.scorable.coverage[unit, self.place])
        if np.isnan(values).any():
            return {
                "confidence": confidence,
                "coverage_gain": gain,
                "note": "no peer has a value to draw from",
            }
        points, places, share = self.held(leaf, values)
        return {
            "confidence": confidence,
            "rank_narrowing": self.now[1] - places,
            "rank_width": places,
            "score_narrowing": self.now[0] - points,
            "score_width": points,
            "share": share,
            "coverage_gain": gain,
            "note": "",
        }

    def held(self, leaf: int, values: Array) -> tuple[float, float, float]:
        """Expected widths, and the share of variance that goes, with one leaf held at its values."""
        at = (np.arange(self.points) + 0.5) / self.points
        held = np.quantile(values, at, method="inverted_cdf")
        leaves = np.tile(self.drawn.leaves, (self.points, 1))
        leaves[:, leaf] = np.repeat(held, len(values))
        scores = self._score(leaves).reshape(self.points, -1)
        points, places = self.widths(scores)
        between, within = scores.mean(axis=1).var(), scores.var(axis=1).mean()
        whole = float(between + within)
        return points, places, float(between / whole) if whole > 0 else np.nan
