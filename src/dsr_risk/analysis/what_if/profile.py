"""One unit of some scores and how its headline depends on what is below it."""

from __future__ import annotations

import numpy as np

from ..._util.types import Array, Index, Mask
from ...data.units import row_of
from ...errors import NotScorableError
from ...scoring.headline import in_words
from ...scoring.scores import Scores
from ...scoring.tree import GroupNode

__all__ = [
    "among_all",
    "groups_below",
    "country_name",
    "effective_weights",
    "is_linear",
    "one_year",
    "paths",
    "scored_row",
    "values_with_gaps_filled",
]


def one_year(scores: Scores, year: int | None) -> Scores:
    """Return the scores of one year of a panel, the latest if None."""
    if scores.data.is_panel or year is not None:
        return scores.select(year=scores.data.years[-1] if year is None else year)
    return scores


def scored_row(scores: Scores, country: str | int, name: str) -> int:
    """Return the row of a country that has the headline.

    Raises
    ------
    UnknownNameError
        For a country that is not there.
    NotScorableError
        For one without the headline.
    """
    row = row_of(scores.data, country)
    if np.isnan(scores._values[row, scores._state.tree.index[name]]):
        reason = scores.reason[name].iloc[row]
        raise NotScorableError(
            f"{country_name(scores, row)} has no {name} score: {in_words(reason)}"
        )
    return row


def among_all(scores: Scores, country: str | int, score: str | None) -> tuple[Scores, int, str]:
    """Return all scores of the latest year, the row of a country in them, and the headline.

    The country must be in the scores as given; those of a selection are widened to all that were scored
    with it, so that ranks are the printed ones.

    Raises
    ------
    UnknownNameError, NotScorableError
        As ``scored_row``, and for a headline that is not there.
    """
    chosen = one_year(scores, None)
    name = chosen._named(score)
    row = scored_row(chosen, country, name)
    everyone = chosen._everyone
    return everyone, row_of(everyone.data, str(chosen.data.iso3[row])), name


def country_name(scores: Scores, row: int) -> str:
    """Return the name of a row's country."""
    return scores.data.names_of([scores.data.iso3[row]])[0]


def groups_below(scores: Scores, name: str) -> tuple[GroupNode, ...]:
    """Return the groups of a headline, itself included, children before parents."""
    tree = scores._state.tree
    inside = {tree.index[name]}
    for group_node in reversed(tree.group_nodes):
        if group_node.node in inside:
            inside.update(int(child) for child in group_node.children)
    return tuple(group_node for group_node in tree.group_nodes if group_node.node in inside)


def is_linear(group_nodes: tuple[GroupNode, ...]) -> bool:
    """Tell whether every group is an arithmetic mean."""
    return all(group_node.linear for group_node in group_nodes)


def effective_weights(scores: Scores, name: str) -> Array:
    """Return (N,) products of local shares from a headline down; 0 outside it."""
    out = np.zeros(len(scores._state.tree.names))
    out[scores._state.tree.index[name]] = 1.0
    for group_node in reversed(groups_below(scores, name)):
        share = (
            scores._state.weights[group_node.children]
            / scores._state.weights[group_node.children].sum()
        )
        out[group_node.children] = out[group_node.node] * share
    return out


def values_with_gaps_filled(scores: Scores, name: str, row: int) -> tuple[Array, Mask]:
    """Return (N,) values with every missing child at the value of its group, and what was filled.

    At the given weights that is what sharing a missing child's weight comes to.
    """
    # Groups that are not printed are evaluated all the same and count in their parents.
    values = np.array(scores._state.evaluated[row])
    filled = np.isnan(values)
    for group_node in reversed(groups_below(scores, name)):
        for child in group_node.children:
            if np.isnan(values[child]):
                values[child] = values[group_node.node]
    return values, filled


def paths(scores: Scores, name: str) -> Index:
    """Return the indicators of a weight above 0 below a headline score."""
    effective = effective_weights(scores, name)
    return np.flatnonzero(effective[: scores._state.tree.n_indicators] > 0)
