"""Notes for the reader of an uncertainty analysis: failed draws, lost scores, scores outside."""

from __future__ import annotations

import numpy as np

from ..._util.types import Mask
from ...scoring.tree import Tree
from .figures import Figures

__all__ = ["notes_of"]

ENOUGH = 100
"""Draws below which the ends of an interval say too little to be held against a score."""


def notes_of(figures: Figures) -> tuple[str, ...]:
    """Return the notes of an analysis, those of the scores first."""
    notes = [*figures.asked.notes]
    shared = figures.design.drawing.left_out()
    if shared:
        cells = "cells have" if shared > 1 else "cell has"
        notes.append(
            f"{shared:,} missing {cells} no estimate: siblings share {'their' if shared > 1 else 'its'} weight in "
            "the score and in every draw, so the intervals say nothing about missing cells. Give `missing` a "
            'method that estimates (`regression`, `hot_deck`, `knn`), or `factors: {"*.missing": peers}`'
        )
    failed = int(figures.counts.failed.sum())
    if failed:
        notes.append(
            f"{failed:,} of {figures.draws:,} draws failed and are in no figure: no unit has a value, most under "
            f"{figures.failed.idxmax()}"
        )
    notes += [
        *_undefined(figures),
        *_lost_scores(figures),
        *_outside(figures),
        *_ranks_outside(figures),
    ]
    still = figures.design.drawing.held_still()
    if still:
        notes.append(
            f"estimated values that do not vary between draws: {still:,}. The intervals ignore their error of "
            'estimation. Give `factors: {"*.missing": imputed}` with a model that draws (`regression`, '
            "`hot_deck`, `knn`), or `peers`"
        )
    notes += _bent(figures, still)
    if not figures.design.factors:
        notes.append("the framework declares no factors: every draw equals the score")
    return tuple(notes)


def _undefined(figures: Figures) -> list[str]:
    """Say which units have no value in some draws, because an operation is not defined there."""
    notes = []
    for name, score in zip(figures.names, figures.spec.scores, strict=True):
        count = figures.undefined(score.row)
        out = _asked(figures, count > 0)
        if out.any():
            units = np.flatnonzero(out)[np.argsort(-count[out], kind="stable")]
            codes = figures.design.data.iso3
            worst = [f"{codes[unit]} in {count[unit]:,}" for unit in units[:5]]
            more = " and others" if len(units) > 5 else ""
            notes.append(
                f"{name} has no value for {len(units)} of {len(figures.rows)} units in some of the "
                f"{figures.draws:,} draws ({', '.join(worst)}{more}), because an operation is not defined there; "
                "figures of these units use the other draws, other units keep their ranks"
            )
    return notes


def _asked(figures: Figures, which: Mask) -> Mask:
    """Return the marked units (n,) that are asked for."""
    out = np.zeros(len(which), bool)
    out[figures.rows] = which[figures.rows]
    return out


def _bent(figures: Figures, still: int) -> list[str]:
    """Return headline scores with drawn estimates under a group whose value is no weighted sum of its children."""
    state, notes = figures.design.nominal._state, []
    tree, indicators = state.tree, state.tree.n_indicators
    drawn = np.zeros(state.evaluated.shape, bool)
    drawn[:, :indicators] = state.cells.estimated & state.cells.applicable
    if drawn.sum() <= still:
        return []
    bent, through = np.zeros_like(drawn), {}
    for group_node in tree.group_nodes:
        below = group_node.children[tree.weights[group_node.children] > 0]
        drawn[:, group_node.node] = drawn[:, below].any(axis=1)
        bent[:, group_node.node] = bent[:, below].any(axis=1)
        if not group_node.aggregator.affine and drawn[:, group_node.node].any():
            bent[:, group_node.node] |= drawn[:, group_node.node]
            through[group_node.node] = (
                f"`{tree.names[group_node.node]}` ({group_node.aggregator.name})"
            )
    for name in figures.names:
        scored = ~np.isnan(figures.as_written(name))
        units = int(_asked(figures, bent[:, tree.index[name]] & scored).sum())
        groups = [text for node, text in through.items() if _is_below(tree, node, tree.index[name])]
        if units:
            notes.append(
                f"the {name} score of {units} of {len(figures.rows)} units is not the mean of its draws: "
                f"estimated values enter {', '.join(groups)}, which is not linear; the score is "
                "the value at the expected indicators"
            )
    return notes


def _is_below(tree: Tree, node: int, headline: int) -> bool:
    """Tell whether a node is a headline or lies below it."""
    while node >= 0 and node != headline:
        node = int(tree.parent[node])
    return node == headline


def _lost_scores(figures: Figures) -> list[str]:
    """Return headline scores that some options take away, or give to others."""
    notes, draws = [], max(1, figures.draws)
    design, spec, seen = figures.design, figures.spec, figures.counts.seen
    of_variants = dict.fromkeys(
        note
        for variant, count in zip(design.variants, seen, strict=True)
        for note in variant.scores.notes
        if count and note not in design.nominal.notes
    )
    for name, score in zip(figures.names, spec.scores, strict=True):
        as_written = ~np.isnan(figures.as_written(name))
        lost = np.array([(as_written & ~mask[score.row]).sum() for mask in spec.expected])
        share = seen[lost > 0].sum() / draws
        if share > 0:
            worst = design.variants[int(np.where(seen > 0, lost, -1).argmax())].label
            notes.append(
                f"In {share:.0%} of the draws up to {lost[seen > 0].max()} of {as_written.sum()} units "
                f"have no {name} score (most often with {worst}). Results for these units use the other "
                "draws"
            )
    return [*notes, *of_variants]


def _outside(figures: Figures) -> list[str]:
    """Return headline scores that are no likely outcome of their own draws."""
    notes = []
    for name, score in zip(figures.names, figures.spec.scores, strict=True):
        if not figures.spec.bins or figures.draws < ENOUGH:
            continue
        value, slack = figures.as_written(name), figures.spec.width[score.row]
        low, high = (figures.quantile(score.row, share) for share in (0.05, 0.95))
        beyond = _asked(figures, (value < low - slack) | (value > high + slack))
        low, high = figures.interval(score.row, 0.05)
        out = _asked(figures, (value < low - slack) | (value > high + slack))
        scored = (~np.isnan(value))[figures.rows].sum()
        if out.any():
            notes.append(
                f"the {name} score of {out.sum()} of {scored} units lies outside its 90 % interval "
                f"({_shown(figures, out)}), because no draw of the factors reaches it"
            )
        if (beyond & ~out).any():
            notes.append(
                f"the {name} score of {(beyond & ~out).sum()} of {scored} units lies beyond the 5 or 95 % "
                f"quantile of its draws ({_shown(figures, beyond & ~out)}), which are skewed; their "
                "intervals are drawn out to the score"
            )
    return notes


def _ranks_outside(figures: Figures) -> list[str]:
    """Return ranks that are no likely outcome of their own draws."""
    notes = []
    for index, name in enumerate(figures.names):
        if figures.draws < ENOUGH:
            continue
        rank = figures.rank_as_written(index)
        low, high = figures.rank_interval(index, 0.05)
        with np.errstate(invalid="ignore"):
            out = _asked(figures, (rank < low) | (rank > high))
        if out.any():
            ranked = (~np.isnan(rank))[figures.rows].sum()
            notes.append(
                f"the {name} rank of {out.sum()} of {ranked} units lies outside its 90 % interval "
                f"({_shown(figures, out)}), because the draws move the scores of other units past theirs"
            )
    return notes


def _shown(figures: Figures, which: Mask) -> str:
    units = figures.design.data.iso3[np.flatnonzero(which)]
    return f"{', '.join(map(str, units[:5]))}{' and others' if len(units) > 5 else ''}"
