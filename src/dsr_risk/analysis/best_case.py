"""Best case: each country's distance from the safest units, with the weights that suit it best."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .._util.arguments import typed
from .._util.renamed import renamed
from .._util.types import Array
from ..errors import FrameworkError, UnknownNameError, did_you_mean
from ..framework.nodes import Group
from ..methods.dea import best_case as _best_case
from ..scoring.scores import Scores
from ..scoring.verbs import Source, Spec, as_scores

__all__ = ["best_case"]


@renamed(node="score", least="min_share", most="max_share")
@typed
def best_case(
    framework: Scores | Spec | None = None,
    data: Source | None = None,
    *,
    score: str | None = None,
    reference: Scores | None = None,
    min_share: float = 0.0,
    max_share: float = 1.0,
    year: int | None = None,
) -> pd.DataFrame:
    """Measure every unit's distance from the safest ones, with its best weights (benefit of the doubt).

    Parameters
    ----------
    framework, data
        Scores, or a framework and data as for ``score``.
    score
        The headline score, or any group below it, whose children are weighted; the first headline score
        by default.
    reference
        Scores of the same model whose units set the frontier of safest practice, focal countries left
        out; all years of a panel. The units of the table themselves if None. Give it for new data: one
        country alone is its own frontier.
    min_share, max_share
        Bounds (0-1) on each child's share of the weights.
    year
        The year of a panel, the latest by default: its units are measured from each other, not from those
        of other years.

    Returns
    -------
    DataFrame
        Indexed like the scores: ``value`` (the node's own), ``best_case`` (on the scale, its lower end on the
        frontier: the distance from the upper end as a share of the most that any unit of the reference has
        with the same weights, so not the weighted mean itself), ``beyond`` (whether the unit lies past the
        frontier of the reference; its best case is cut at the lower end), and each child's weight there, NaN
        where the child has no value. NaN throughout where the node has no value.

    Raises
    ------
    UnknownNameError
        If there is no such group or year.
    FrameworkError
        If `min_share` and `max_share` cannot hold for the group's children, or `reference` has other children.

    Notes
    -----
    No admissible weights give the country a lower weighted *arithmetic* mean, nor therefore a lower
    power mean with p > 1. A mean that hides risk (`geometric`) may lie below.

    References
    ----------
    Cherchye, L., Moesen, W., Rogge, N. and Van Puyenbroeck, T. (2007), An introduction to 'benefit of the
    doubt' composite indicators, Social Indicators Research 82(1), 111-145.

    Examples
    --------
    >>> from dsr_risk import score
    >>> table = best_case(score(), score="dependency", min_share=0.1)
    >>> bool((table["best_case"].dropna() <= table["value"].dropna() + 1e-9).all())
    True
    """
    scores = as_scores(framework, data)
    if scores.data.is_panel or year is not None:
        scores = scores.select(year=scores.data.years[-1] if year is None else year)
    tree, values_array = scores._state.tree, scores._values
    name = scores.names[0] if score is None else score
    groups = [node.name for node in scores.framework.nodes if isinstance(node, Group)]
    if name not in groups:
        raise UnknownNameError(f"unknown score or group `{name}`; {did_you_mean(name, groups)}")
    group_node = next(
        group_node for group_node in tree.group_nodes if group_node.node == tree.index[name]
    )
    children = [child for child in group_node.children if scores._state.weights[child] > 0]
    scored = ~np.isnan(values_array[:, group_node.node])
    labels = [tree.names[child] for child in children]
    _check_shares(name, len(children), min_share, max_share)
    values = np.where(scored[:, None], scores._state.evaluated[:, children], np.nan)
    frontier = _frontier(_ranked_with(scores) if reference is None else reference, name, labels)
    result = _best_case(values, frontier, least=min_share, most=max_share, scale=tree.scale)
    frame = pd.DataFrame(result.weights, index=scores.data.units, columns=labels)
    frame.insert(0, "beyond", result.beyond)
    frame.insert(0, "best_case", result.scores)
    frame.insert(0, "value", values_array[:, group_node.node])
    return frame


def _ranked_with(scores: Scores) -> Scores:
    """Return all that a selection of one year was scored with; the scores themselves if they are no selection."""
    every = scores if scores._whole is None else scores._whole[0]
    return every.select(year=scores.data.years[-1]) if every.data.is_panel else every


def _frontier(reference: Scores, name: str, labels: list[str]) -> Array:
    """Return the children's values of the reference units that have the group's value."""
    index = reference._state.tree.index
    absent = [label for label in (name, *labels) if label not in index]
    if absent:
        raise FrameworkError(
            f"`reference` has no `{absent[0]}`; {did_you_mean(absent[0], index)}. It must be scored with "
            "the framework of the scores"
        )
    values = reference._state.evaluated
    scored = ~np.isnan(values[:, index[name]])
    return np.asarray(values[scored][:, [index[label] for label in labels]])


def _check_shares(name: str, size: int, least: float, most: float) -> None:
    if not 0 <= least <= most <= 1 or least * size > 1 or most * size < 1:
        raise FrameworkError(
            f"shares between {least:g} and {most:g} cannot add up to one over the {size} children of "
            f"`{name}`: `min_share` must lie in 0 to {1 / size:.3g} and `max_share` in {1 / size:.3g} to 1"
        )
