"""Correlation matrix of the parts of an index, as a wide table."""

from __future__ import annotations

from typing import Literal

import pandas as pd

from .._util.arguments import typed
from .._util.checks import one_of
from ..errors import DataError
from ..scoring.scores import Scores
from ..scoring.table import Level
from ..scoring.verbs import Source, Spec, as_scores

__all__ = ["correlations"]

LEAST = 3
METHODS = ("pearson", "spearman")


@typed
def correlations(
    framework: Scores | Spec | None = None,
    data: Source | None = None,
    *,
    level: Level = "pillar",
    method: Literal["pearson", "spearman"] = "pearson",
) -> pd.DataFrame:
    """Return the correlation matrix of headline scores and the nodes of a level, over countries.

    Pairs are correlated over the countries in which both have a value: printed nodes, and indicators on the
    scale, their estimates left out. A pair with fewer than three such countries is NaN.

    Parameters
    ----------
    framework, data
        Scores, or a framework and data as ``score`` takes them.
    level
        ``score``, ``pillar``, ``indicator`` or ``all``, as in ``Scores.table``.
    method
        ``pearson`` or ``spearman`` (ranks).

    Returns
    -------
    DataFrame
        Nodes by nodes, from -1 to 1, headline scores first; 1 on the diagonal.

    Raises
    ------
    UnknownNameError
        For another level or method.
    DataError
        If fewer than three countries have a score.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 4 (multivariate analysis); Spearman, C.
    (1904), American Journal of Psychology 15, 72-101.

    Examples
    --------
    >>> from dsr_risk import correlations, score
    >>> correlations(score(), level="score").round(1).shape
    (2, 2)
    """
    scores = as_scores(framework, data)
    one_of("method", method, METHODS)
    nodes = [*scores.names, *(node for node in scores._nodes(level) if node not in scores.names)]
    indicators = [
        node for node in nodes if scores._state.tree.index[node] < scores._state.tree.n_indicators
    ]
    values = scores.values[nodes][~scores._focal]
    values[indicators] = values[indicators].mask(scores.imputed[indicators][~scores._focal])
    if values[list(scores.names)].notna().sum().max() < LEAST:
        raise DataError("fewer than three countries have a score; there is nothing to correlate")
    out = values.corr(method=method, min_periods=LEAST)
    out.index.name = "node"
    return out
