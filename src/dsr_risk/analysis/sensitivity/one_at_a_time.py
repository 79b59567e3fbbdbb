"""Change one thing at a time: a factor alone (tornado), a weight up and down, a node left out."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, TypedDict, Unpack, overload

import numpy as np
import pandas as pd

from ..._util.arguments import typed
from ..._util.checks import between, check_options, headline_name, whole_number
from ..._util.renamed import renamed
from ..._util.types import Array
from ...data.units import row_of
from ...errors import FrameworkError, NotScorableError
from ...montecarlo import Design, compile_design
from ...montecarlo.build import only
from ...scoring.kernel import evaluate
from ...scoring.ranking import rank_descending, ranks_of
from ...scoring.scores import Scores
from ...scoring.verbs import Source, Spec, as_scores, with_country

__all__ = ["leave_one_out", "tornado", "weight_swings"]

GRID = 129
CLOUD = 1024


class Options(TypedDict, total=False):
    """Keyword options of ``tornado``."""

    confidence_level: float
    year: int | None


@overload
def tornado(
    framework: Scores,
    country: str | int,
    /,
    *,
    score: str | None = None,
    factors: Mapping[str, Any] | None = None,
    seed: int = 0,
    **options: Unpack[Options],
) -> pd.DataFrame: ...


@overload
def tornado(
    framework: Scores | Spec | None = None,
    data: Source | None = None,
    country: str | int | None = None,
    *,
    score: str | None = None,
    factors: Mapping[str, Any] | None = None,
    seed: int = 0,
    **options: Unpack[Options],
) -> pd.DataFrame: ...


@renamed(level="confidence_level")
@typed
def tornado(
    framework: Scores | Spec | None = None,
    data: Any = None,
    country: str | int | None = None,
    *,
    score: str | None = None,
    factors: Mapping[str, Any] | None = None,
    seed: int = 0,
    **options: Unpack[Options],
) -> pd.DataFrame:
    """Let each factor vary alone and report a country's score and rank, all others as written.

    Parameters
    ----------
    framework, data, country
        Scores and the country: ``tornado(scores, "PAK")``; or a framework and data as for ``score``, and
        the country, a name or code.
    score
        A headline score, the first one if None.
    factors
        Factors to use instead of the framework's.
    seed
        0 is a seed.
    confidence_level
        The interval between equal tails that is shown (0-1), 0.9 if not given; 1 for the whole range.
    year
        The year of a panel, the latest by default.

    Returns
    -------
    DataFrame
        Indexed ``factor``, the widest score interval first: ``low``, ``high``, ``width`` in points,
        ``rank_low``, ``rank_high``; ``nominal`` and ``rank_nominal`` as written.

    Raises
    ------
    FrameworkError
        If there are no factors or one breaks a rule.
    UnknownNameError
        For a country or score that is not there.
    NotScorableError
        If the country has no such score.

    Notes
    -----
    A factor of one number runs over an even grid of its distribution, others over 1,024 Sobol' points.
    What factors do together stays unseen here: see ``sensitivity``.

    References
    ----------
    Eschenbach, T. G. (1992), Interfaces 22(6), 40-46 (tornado diagrams); Saltelli, A. and Annoni, P.
    (2010), Environ. Model. Softw. 25(12), 1508-1517, on what one at a time misses.

    Examples
    --------
    >>> from dsr_risk import score
    >>> result = tornado(score(), "Kenya", factors={
    ...     "dependency.weights": {"method": "spread", "share": 0.25},
    ...     "security.weights": {"method": "spread", "share": 0.25}})
    >>> result.index[0], float(result.loc["security.weights", "width"])
    ('dependency.weights', 0.0)
    """
    check_options(tornado, Options, options)
    level, year = options.get("confidence_level", 0.9), options.get("year")
    if level != 1:
        between("confidence_level", level, 0, 1)
    whole_number("seed", seed)
    subject, country = with_country("tornado", framework, data, country)
    design = _design_with_factors(subject, factors)
    headline, unit = headline_name(score, design.headlines), row_of(design.data, country, year)
    nominal = design.nominal._values[:, design.nominal._state.tree.index[headline]]
    printed, label = design.printed(headline), design.rank_groups(headline)
    if not printed[unit]:
        raise NotScorableError(
            f"{design.data.iso3[unit]} has no {headline} score, so nothing moves it"
        )
    # Units without a printed score are evaluated all the same; they are no part of the ranking.
    group = np.flatnonzero((label == label[unit]) & printed)
    lower, upper = design.nominal._state.tree.scale

    def rank(values: Array) -> Array:
        """Return the unit's rank (draws,) given scores (draws, n)."""
        ranks = ranks_of(values[:, group], upper - lower)
        return np.asarray(ranks[:, int(np.flatnonzero(group == unit)[0])])

    rows = []
    for name in design.names:
        values = _alone(only(design, [name]), headline, seed)
        low, high = _interval(values[:, unit], level)
        rows.append((low, high, high - low, *_interval(rank(values), level)))
    columns = ["low", "high", "width", "rank_low", "rank_high"]
    names = pd.Index(design.names, name="factor", dtype=object)
    out = pd.DataFrame(rows, index=names, columns=columns)
    out["nominal"], out["rank_nominal"] = nominal[unit], rank(nominal[None])[0]
    return out.sort_values("width", ascending=False, kind="stable")


def _design_with_factors(subject: Scores, factors: Mapping[str, Any] | None) -> Design:
    design = compile_design(subject, factors=factors)
    if not design.names:
        raise FrameworkError(
            f"framework `{design.framework.name}` has no factors, so nothing varies; add `factors` to it, "
            "or pass them"
        )
    return design


def _interval(values: Array, level: float) -> tuple[float, float]:
    """Return the ends of the central interval of `level` of the values, without missing ones."""
    observed = values[~np.isnan(values)]
    if not observed.size:
        return np.nan, np.nan
    low, high = np.quantile(observed, [(1 - level) / 2, (1 + level) / 2], method="inverted_cdf")
    return float(low), float(high)


def _alone(design: Design, headline: str, seed: int) -> Array:
    """Return (draws, units) of a design with one factor."""
    if design.dimension == 1 and not design.streams:
        u = ((np.arange(GRID) + 0.5) / GRID)[:, None]
        return np.asarray(design.evaluate_block(u, seed=seed, nodes=[headline])[:, :, 0])
    size = design.block_size
    points = design.points(seed)
    blocks = [
        design.evaluate_block(points.block(block), seed=seed, block=block, nodes=[headline])[
            :, :, 0
        ]
        for block in range(max(1, CLOUD // size))
    ]
    return np.concatenate(blocks)


@typed
def weight_swings(
    framework: Scores | Spec | None = None,
    data: Source | None = None,
    *,
    share: float = 0.25,
    score: str | None = None,
) -> pd.DataFrame:
    """Move each weight up and down by a share of itself, its siblings scaled to keep the sum.

    Parameters
    ----------
    framework, data
        Scores alone, or a framework and data as for ``score``.
    share
        By how much (0-1) of its share among siblings a weight moves.
    score
        A headline score, whose weights alone move; all of them if None.

    Returns
    -------
    DataFrame
        One row a (node, direction, unit) with siblings: ``node``, ``change`` ("+" or "-"), ``weight``
        (the new share among siblings), ``score`` (which headline), ``unit``, ``value``, ``gap`` to the
        score as written.

    Raises
    ------
    UnknownNameError
        For a headline score that the framework does not have.
    DataError
        For a share outside 0-1, or data that do not fit the framework.

    References
    ----------
    Saisana, M., Saltelli, A. and Tarantola, S. (2005), J. R. Stat. Soc. A 168(2), 307-323.

    Examples
    --------
    >>> from dsr_risk import score
    >>> result = weight_swings(score(), share=0.25)
    >>> sorted(set(result["change"]))
    ['+', '-']
    """
    if share != 1:
        between("share", share, 0, 1)
    scores = as_scores(framework, data)
    only = None if score is None else scores._named(score)
    tree, given = scores._state.tree, scores._state.weights
    rows, weights = [], []
    for group_node in tree.group_nodes:
        if only is not None and scores.framework.score_of(tree.names[group_node.node]) != only:
            continue
        total = given[group_node.children].sum()
        for node in group_node.children:
            share_of_node = given[node] / total
            if not 0 < share_of_node < 1:
                continue
            for sign, word in ((1, "+"), (-1, "-")):
                moved = min(share_of_node * (1 + sign * share), 1.0)
                new = np.array(given)
                new[group_node.children] *= (1 - moved) / (1 - share_of_node) / total
                new[node] = moved
                rows.append((tree.names[node], word, moved))
                weights.append(new)
    moves = np.array(weights).reshape(len(weights), len(given))
    values = evaluate(tree, scores._state.normalised, moves, scores._state.scorable.has_value)
    frame = _swing_frame(scores, rows, values)
    return frame if only is None else frame[frame["score"] == only].reset_index(drop=True)


def _swing_frame(scores: Scores, rows: list[tuple[str, str, float]], values: Array) -> pd.DataFrame:
    units = len(scores._values)
    base = pd.DataFrame(rows, columns=["node", "change", "weight"])
    repeated = base.loc[np.repeat(np.arange(len(base)), units)].reset_index(drop=True)
    parts = []
    for headline in scores.names:
        index = scores._state.tree.index[headline]
        scores_of = values[:, :, index]
        below = {
            node.name
            for node in scores.framework.nodes
            if scores.framework.score_of(node.name) == headline
        }
        part = repeated.assign(
            score=headline,
            unit=np.tile(np.array(scores.data.unit_labels, dtype=object), len(rows)),
            value=scores_of.reshape(-1),
            gap=(scores_of - scores._values[:, index]).reshape(-1),
        )
        parts.append(part[part["node"].isin(below)])
    return pd.concat(parts, ignore_index=True)


@typed
def leave_one_out(
    framework: Scores | Spec | None = None, data: Source | None = None, *, score: str | None = None
) -> pd.DataFrame:
    """Leave out each indicator and group, and report how the ranks of a headline score shift.

    Parameters
    ----------
    framework, data
        Scores alone, or a framework and data as for ``score``; the scale stays the one that was learned.
        Ranks of a selection are among all that were scored, and the figures are over the selected units.
    score
        A headline score, the first one if None.

    Returns
    -------
    DataFrame
        Indexed ``node``, the largest first: ``mean_shift`` and ``max_shift`` of ranks (absolute),
        ``moved`` (the unit that moves most, empty where none does), ``mean_gap`` (mean absolute change in
        points) and ``lost`` (units no longer scored, which count in no mean).

    Raises
    ------
    UnknownNameError
        For a headline score that the framework does not have.
    DataError
        If the data do not fit the framework.

    Notes
    -----
    The node's weight becomes 0, so that its siblings share it, as in COINr's ``remove_elements``.
    Coverage is decided anew without the node.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 7; Becker et al. (2022), COINr.

    Examples
    --------
    >>> from dsr_risk import score
    >>> leave_one_out(score(), score="security").columns.tolist()
    ['mean_shift', 'max_shift', 'moved', 'mean_gap', 'lost']
    """
    asked = as_scores(framework, data)
    # A selection is ranked among all that were scored with it.
    scores, rows_asked = asked._whole or (asked, np.arange(len(asked.data)))
    headline = headline_name(score, scores.names)
    index = scores._state.tree.index[headline]
    nominal = scores._values[:, index]
    ranks = _ranks(scores, nominal, headline)
    rows = {}
    for node in scores.framework.nodes:
        if node.name == headline or scores.framework.score_of(node.name) != headline:
            continue
        values = _without(scores, scores._state.tree.index[node.name])[:, index]
        # Units without a score have a value all the same; they are no part of the ranking.
        values = np.where(np.isnan(nominal), np.nan, values)
        shift = np.abs(_ranks(scores, values, headline) - ranks)
        rows[node.name] = _shifts(
            shift[rows_asked], values[rows_asked], nominal[rows_asked], asked.data.unit_labels
        )
    out = pd.DataFrame.from_dict(
        rows, orient="index", columns=["mean_shift", "max_shift", "moved", "mean_gap", "lost"]
    ).rename_axis("node")
    return out.sort_values("mean_shift", ascending=False, kind="stable")


def _shifts(
    shift: Array, values: Array, nominal: Array, labels: list[str]
) -> tuple[float, float, str, float, int]:
    """Return the row of a node in the table of ``leave_one_out``."""
    ranked = ~np.isnan(shift)
    lost = int((~np.isnan(nominal) & np.isnan(values)).sum())
    if not ranked.any():
        return np.nan, np.nan, "", np.nan, lost
    most = int(np.nanargmax(shift))
    return (
        float(shift[ranked].mean()),
        float(shift[most]),
        labels[most] if shift[most] > 0 else "",
        float(np.abs(values - nominal)[ranked].mean()),
        lost,
    )


def _without(scores: Scores, node: int) -> Array:
    """Return (units, nodes) values with one node's weight 0."""
    weights = np.array(scores._state.weights)
    weights[node] = 0.0
    model = dataclasses.replace(scores.model, _weights=weights)
    coverage = model._coverage(scores._state.cells, scores._state.normalised)
    return np.asarray(
        evaluate(scores._state.tree, scores._state.normalised, weights, coverage.has_value)[0]
    )


def _ranks(scores: Scores, values: Array, headline: str) -> Array:
    """Return ranks within the year and basis the units have as written."""
    lower, upper = scores._state.tree.scale
    return rank_descending(values, scores._headline(headline).groups, length=upper - lower)
