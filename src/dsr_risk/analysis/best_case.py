"""Best-case bounds: the least risk that any admissible weights leave each country."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..errors import FrameworkError, UnknownNameError, did_you_mean
from ..framework.definition import Group
from ..methods.dea import best_case as _best_case
from ..scoring.scores import Scores

__all__ = ["best_case"]


def best_case(
    scores: Scores,
    node: str | None = None,
    *,
    reference: Scores | None = None,
    least: float = 0.0,
    most: float = 1.0,
) -> pd.DataFrame:
    """Benefit of the doubt: every unit under the weights of one group that suit it best.

    Parameters
    ----------
    scores
        The scores to bound.
    node
        The group whose children are weighted, the first headline score by default.
    reference
        Scores of the same model whose units set the frontier of safest practice, focal countries left
        out; `scores` themselves if None. Give it for new data: one country alone is its own frontier.
    least, most
        Bounds (0-1) on each child's share of the weights.

    Returns
    -------
    DataFrame
        Indexed like the scores: ``value`` (the node's own), ``best_case`` (on the scale, its lower end on
        the frontier), ``beyond`` (whether the unit lies past the frontier of the reference; its best case
        is cut at the lower end), and each child's weight there, NaN where the child has no value. NaN
        throughout where the node has no value.

    Raises
    ------
    UnknownNameError
        If there is no such group.
    FrameworkError
        If `least` and `most` cannot hold for the group's children, or `reference` has other children.

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
    >>> found = best_case(score(), "dependency", least=0.1)
    >>> bool((found["best_case"].dropna() <= found["value"].dropna() + 1e-9).all())
    True
    """
    framework, index = scores.framework, scores.tree.index
    name = scores.names[0] if node is None else node
    groups = [one.name for one in framework.nodes if isinstance(one, Group)]
    if name not in groups:
        raise UnknownNameError(f"no group `{name}`; {did_you_mean(name, groups)}")
    branch = next(one for one in scores.tree.branches if one.node == index[name])
    children = [child for child in branch.children if scores.weights[child] > 0]
    scored = ~np.isnan(scores.values_array[:, branch.node])
    labels = [scores.tree.names[one] for one in children]
    _check_shares(name, len(children), least, most)
    values = np.where(scored[:, None], scores.values_array[:, children], np.nan)
    frontier = values[scored] if reference is None else _frontier(reference, name, labels)
    found = _best_case(values, frontier, least=least, most=most, scale=scores.tree.scale)
    frame = pd.DataFrame(found.weights, index=scores.data.units, columns=labels)
    frame.insert(0, "beyond", found.beyond)
    frame.insert(0, "best_case", found.scores)
    frame.insert(0, "value", scores.values_array[:, branch.node])
    return frame


def _frontier(reference: Scores, name: str, labels: list[str]) -> NDArray[np.float64]:
    """The children's values of the reference units that have the node."""
    index = reference.tree.index
    absent = [one for one in (name, *labels) if one not in index]
    if absent:
        raise FrameworkError(
            f"`reference` has no `{absent[0]}`; {did_you_mean(absent[0], index)}. It must be scored with "
            "the framework of `scores`"
        )
    values = reference.values_array
    scored = ~np.isnan(values[:, index[name]])
    return np.asarray(values[scored][:, [index[one] for one in labels]])


def _check_shares(name: str, size: int, least: float, most: float) -> None:
    if not 0 <= least <= most <= 1 or least * size > 1 or most * size < 1:
        raise FrameworkError(
            f"shares between {least:g} and {most:g} cannot add up to one over the {size} children of "
            f"`{name}`: `least` must lie in 0 to {1 / size:.3g} and `most` in {1 / size:.3g} to 1"
        )
