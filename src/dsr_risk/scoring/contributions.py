"""The points of every indicator, pillar, node or part in a headline score."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..errors import UnknownNameError, did_you_mean
from ..framework.nodes import Group
from .part_shares import with_parts

if TYPE_CHECKING:
    from .scores import Scores

__all__ = ["contributions_of"]

LEVELS = ("part", "indicator", "pillar", "all")


def contributions_of(scores: Scores, name: str, level: str) -> pd.DataFrame:
    """Return the points of a headline score by node; see ``Scores.contributions``."""
    if level not in LEVELS:
        raise UnknownNameError(f"no level `{level}`; {did_you_mean(str(level), LEVELS)}")
    framework = scores.framework
    split = scores._decomposition(name)
    points = split.points
    inside = [node for node in framework.nodes if framework.score_of(node.name) == name]
    if level in ("indicator", "part"):
        unsplit = np.any(split.unsplit & ~np.isnan(points), axis=0)
        chosen = [
            node.name
            for node in inside
            if not isinstance(node, Group) or unsplit[scores._node_index(node.name)]
        ]
        points = np.where(split.terms(scores._state.tree.n_indicators), points, np.nan)
    elif level == "pillar":
        chosen = [node.name for node in inside if framework.depths[node.name] == 1]
    else:
        chosen = [node.name for node in inside if node.name != name]
    points = points[:, [scores._node_index(node) for node in chosen]]
    if level == "part":
        points, chosen = with_parts(scores, points, chosen)
    out = scores._frame(points, chosen)
    out.attrs["estimated"] = _estimated_names(scores, name)
    return out


def _estimated_names(scores: Scores, name: str) -> dict[str, list[str]]:
    """Return by unit, as text, the estimated indicators of a headline score that is printed."""
    indicators = scores._indicator_names
    inside = [scores.framework.score_of(indicator) == name for indicator in indicators]
    printed = ~np.isnan(scores._values[:, scores._node_index(name)])
    estimated = scores._state.cells.estimated & np.array(inside) & printed[:, None]
    names = np.array(indicators, dtype=object)
    out = {}
    for row in np.flatnonzero(estimated.any(axis=1)):
        unit = scores.data.units[int(row)]
        key = " ".join(map(str, unit)) if isinstance(unit, tuple) else str(unit)
        out[key] = names[estimated[row]].tolist()
    return out
