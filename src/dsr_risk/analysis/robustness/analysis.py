"""Robustness over a whole set of weights: certified, without draws."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..._util.arguments import typed
from ...data.nouns import in_nouns
from ...scoring.scores import Scores
from ...scoring.verbs import Source, Spec, as_scores
from .case import Case, case_of
from .gaps import Gaps, largest_gaps
from .result import Robustness
from .weight_sets import WeightSet, as_weight_set

__all__ = ["robustness"]


@typed
def robustness(
    framework: Scores | Spec | None = None,
    data: Source | None = None,
    *,
    score: str | None = None,
    spread: float | None = None,
    weights: WeightSet | str | os.PathLike[str] | Mapping[str, Any] = "shares",
    year: int | None = None,
) -> Robustness:
    """Certify what holds for every weighting of a set.

    Parameters
    ----------
    framework, data
        Scores, or a framework and data as ``score`` takes them.
    score
        A headline score, the first by default.
    spread
        Share (above 0, at most 1) by which each weight may differ from its nominal value; 0.25 if None.
    weights
        The set: ``"shares"`` (local weights within the spread, siblings adding up to one),
        ``"relative"`` (raw weights within the spread, then rescaled), ``"order"`` (any weights in the
        nominal order of importance), a ``WeightSet``, a mapping of its attributes, or a file of them.
    year
        The year of a panel, the latest by default.

    Returns
    -------
    Robustness
        Score intervals, dominance, rank intervals, certain and possible top-k, classes of countries that
        cannot be separated, exact ranks of a chosen country, and a sampler of the set.

    Raises
    ------
    UnknownNameError
        For a score, year, kind of set, group or child that does not exist.
    FrameworkError
        For intervals that no weights fit into.
    DataError
        For a spread outside 0-1, or of 0.
    NotScorableError
        If fewer than 2 countries have the score.

    Notes
    -----
    Local weights of different groups are independent, so the largest gap of two countries is that of
    their largest gaps at the children over each group's own weights: a continuous knapsack at every group
    (Dantzig 1957), all pairs at once. Where a missing cell shares its weight the score is a ratio: score
    intervals, and gaps of countries with the same cells missing, are exact within each group by
    Dinkelbach (1967); other pairs have the bound max A - min B, marked ``bound``. Under another mean on
    top, orders are compared through its generator. Best and worst ranks count certain and possible
    orders, one pair at a time: no weighting goes beyond them; ``rank_range`` says what one attains.

    References
    ----------
    Dominance and possible ranks over sets of weights: Salo, A. and Punkka, A. (2011), Ranking intervals
    and dominance relations for ratio-based efficiency analysis, Management Science 57(1), 200-214;
    Foster, J. E., McGillivray, M. and Seth, S. (2013), Composite indices: rank robustness, statistical
    association, and redundancy, Econometric Reviews 32(1), 35-56.

    Examples
    --------
    >>> from dsr_risk import robustness
    >>> result = robustness(spread=0.25)
    >>> highest = result.sampled_scores(200).max().reindex(result.table().index)
    >>> bool((highest <= result.table()["score_max"] + 1e-9).all())
    True
    """
    scores = as_scores(framework, data)
    wanted = as_weight_set(weights, spread)
    case = case_of(scores, score, wanted, year)
    gaps = largest_gaps(case)
    return Robustness(case.name, wanted, _notes(case, gaps), case, gaps)


def _notes(case: Case, gaps: Gaps) -> tuple[str, ...]:
    """State what is a bound and why."""
    out = []
    apart = (case.bases[:, None] == case.bases[None]) & ~np.eye(len(case.rows), dtype=bool)
    bounded = apart & ~gaps.exact & ~gaps.sign_exact
    if bounded.any():
        why = []
        if not case.complete().all():
            why.append("cells are missing in one country and not in the other")
        if not case.linear:
            why.append("a group is no arithmetic mean")
        cause = " or ".join(why) or "the gap is no linear form of the weights"
        share = f"{bounded.sum() / apart.sum():.0%}".replace("%", " %")
        out.append(
            f"{share} of gaps between countries ranked together are upper bounds (max of one less min of "
            f"the other where the two differ): {cause}"
        )
    if len(np.unique(case.bases)) > 1:
        out.append("countries of a partial basis are ranked among themselves")
    return tuple(in_nouns(case.scores.data, note) for note in out)
