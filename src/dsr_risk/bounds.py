"""Best-case bounds: the least risk that any admissible weights leave each country."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .errors import UnknownNameError, did_you_mean
from .framework import Group
from .methods.dea import best_case as _best_case
from .scores import Scores

__all__ = ["best_case"]


def best_case(
    scores: Scores, node: str | None = None, *, least: float = 0.0, most: float = 1.0
) -> pd.DataFrame:
    """Benefit of the doubt: every unit under the weights of one group that suit it best.

    Parameters
    ----------
    scores
        Scores whose units set the frontier of safest practice, focal countries left out.
    node
        The group whose children are weighted, the first headline score by default.
    least, most
        Bounds (0-1) on each child's share of the weights.

    Returns
    -------
    DataFrame
        Indexed like the scores: ``value`` (the node's own), ``best_case`` (on the scale, its lower end on
        the frontier: no admissible weighting puts the country lower), and each child's weight there, NaN
        where the child has no value. All NaN where the node has none.

    Raises
    ------
    UnknownNameError
        If there is no such group.

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
    values = np.where(scored[:, None], scores.values_array[:, children], np.nan)
    found = _best_case(values, values[scored], least=least, most=most, scale=scores.tree.scale)
    frame = pd.DataFrame(
        found.weights, index=scores.data.units, columns=[scores.tree.names[one] for one in children]
    )
    frame.insert(0, "best_case", found.scores)
    frame.insert(0, "value", scores.values_array[:, branch.node])
    return frame
