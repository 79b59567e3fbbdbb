"""Reversal: the smallest change of weights that makes two countries swap, or the proof that none does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from ..._util.checks import one_of
from ..._util.display import Shown, number, table_of
from ..._util.faces import plots
from ..._util.frozen import Frozen
from ..._util.types import Array, Index
from ...errors import NotScorableError, UnknownNameError, did_you_mean
from ...methods.aggregation import Mean
from ...scoring.scores import Scores
from ...scoring.tree import Branch
from ...scoring.verbs import Source, Spec, as_scores
from .nearest import NORMS, distances, nearest
from .profile import (
    branches_below,
    country_name,
    effective_weights,
    is_linear,
    one_year,
    paths,
    scored_row,
    values_with_gaps_filled,
)

__all__ = ["Reversal", "reversal", "reversals"]

Norm = Literal["l1", "l2", "linf"]


@dataclass(frozen=True, eq=False, repr=False)
class Reversal(Frozen, Shown):
    """The smallest change of weights at which two countries tie; any step beyond makes them swap.

    Attributes
    ----------
    score, above, below : str
        The headline, the country with the higher score and the other.
    gap : float
        Points between them.
    norm, group : str
        How change is measured, and whose weights change ("" for effective indicator weights).
    distance : float
        The smallest change; NaN where none makes them swap.
    possible : bool
        Whether any weights make them swap.
    reason : str
        The proof, where none does.
    exact : bool
        False where a missing cell stands at its group's value, which holds at the given weights only.

    Examples
    --------
    >>> from dsr_risk import reversal, score
    >>> found = reversal(score(), "PAK", "KEN", score="security")
    >>> bool(found.possible and found.distance > 0)
    True
    """

    score: str
    above: str
    below: str
    gap: float
    norm: str
    group: str
    distance: float
    possible: bool
    reason: str
    exact: bool
    _weights: pd.DataFrame
    _break_even: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """Return the weights before and after, and each indicator's (or child's) gap in points (a copy)."""
        return self._weights.copy()

    @property
    def break_even(self) -> pd.DataFrame:
        """For each child of the headline its weight share, and the share at which the two tie (a copy).

        Its siblings change in proportion. NaN where no share from 0 to 1 makes them tie.
        """
        return self._break_even.copy()

    def plot(self, **options: Any) -> Any:
        """Draw every weight and where the two tie (needs the extra `plots`); returns the matplotlib Axes."""
        return plots().weight_arrows(self, **options)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        whose = f"local weights of {self.group}" if self.group else "effective indicator weights"
        lines = [
            f"{self.above} is above {self.below} on {self.score} by {number(self.gap)} points."
        ]
        if self.possible:
            size = {"l1": "in all", "l2": "in Euclid's norm", "linf": "at most each"}[self.norm]
            lines.append(f"They tie where {whose} change by {number(self.distance)} {size}.")
        else:
            lines.append(f"No change of {whose} makes them swap: {self.reason}")
        if not self.exact:
            lines.append("Approximate: a missing cell stands at its group's value.")
        return "\n".join(lines), table_of(self._weights)


def reversal(
    framework: Scores | Spec | None,
    country: str,
    other: str,
    data: Source | None = None,
    *,
    score: str | None = None,
    norm: Norm = "l1",
    group: str | None = None,
) -> Reversal:
    """Find the smallest change of weights that makes two countries swap, or prove that none does.

    Parameters
    ----------
    framework, data
        Scores, or a framework and data as ``score`` takes them.
    country, other
        Names or codes.
    score
        A headline score, the first by default.
    norm
        ``l1`` (sum of absolute changes), ``l2`` (Euclid) or ``linf`` (largest change).
    group
        Only this group's local weights change, the rest stays; effective indicator weights if None.

    Returns
    -------
    Reversal
        Distance, weights, and the break-even weight of each pillar.

    Raises
    ------
    UnknownNameError
        For a country, score, norm or group that does not exist.
    NotScorableError
        If a country has no score, the two are one, or the tree between group and headline is no chain of
        arithmetic means (a headline with another mean can be given as `group`: its generator decides).

    Notes
    -----
    The gap is linear in the weights, ``sum d_i w_i``; weights stay on the simplex. Where every d_i is
    positive no weights at all reverse it.

    References
    ----------
    Rank reversals by weight changes: Triantaphyllou, E. and Sanchez, A. (1997), A sensitivity analysis
    approach for some deterministic multi-criteria decision-making methods, Decision Sciences 28(1),
    151-194.

    Examples
    --------
    >>> from dsr_risk import reversal, score
    >>> found = reversal(score(), "Laos", "Germany", score="security")
    >>> found.above
    'Laos'
    """
    one_of("norm", norm, NORMS)
    scores = one_year(as_scores(framework, data), None)
    name = scores._named(score)
    first, second = scored_row(scores, country, name), scored_row(scores, other, name)
    if first == second:
        raise NotScorableError(f"{country} and {other} are one country; name two")
    head = scores._state.tree.index[name]
    if scores._values[first, head] < scores._values[second, head]:
        first, second = second, first
    a, missing_a = values_with_gaps_filled(scores, name, first)
    b, missing_b = values_with_gaps_filled(scores, name, second)
    gap = float(a[head] - b[head])
    nodes, weights, d, target = _problem(scores, name, group, a, b)
    found = nearest(weights, d, target, norm)
    after = np.full(len(nodes), np.nan) if found is None else found
    tree = scores._state.tree
    table = pd.DataFrame(
        {
            "gap": a[nodes] - b[nodes],
            "weight_before": weights,
            "weight_after": after,
            "change": after - weights,
        },
        index=pd.Index([tree.names[node] for node in nodes], name="node"),
    )
    reason = "" if found is not None else _proof(scores, (first, second), nodes, d, target)
    return Reversal(
        name,
        country_name(scores, first),
        country_name(scores, second),
        gap,
        norm,
        group or "",
        float("nan") if found is None else _size(after - weights, norm),
        found is not None,
        reason,
        not bool((missing_a | missing_b)[nodes].any()),
        table,
        _break_even(scores, name, a, b),
    )


def _size(change: Array, norm: str) -> float:
    if norm == "l1":
        return float(np.abs(change).sum())
    return float(np.sqrt((change**2).sum()) if norm == "l2" else np.abs(change).max())


def _problem(
    scores: Scores, name: str, group: str | None, a: Array, b: Array
) -> tuple[Index, Array, Array, float]:
    """Nodes, their weights, their gaps, and what the weighted gap must come down to."""
    tree = scores._state.tree
    branches = branches_below(scores, name)
    if group is None:
        if not is_linear(branches):
            raise NotScorableError(
                f"`{name}` is no chain of arithmetic means, so effective weights do not act linearly; give "
                f"`group`: `{name}` for the weights of its pillars"
            )
        nodes = paths(scores, name)
        return nodes, effective_weights(scores, name)[nodes], a[nodes] - b[nodes], 0.0
    groups = {tree.names[branch.node]: branch for branch in branches}
    if group not in groups:
        raise UnknownNameError(f"no group `{group}` in {name}; {did_you_mean(group, groups)}")
    branch = groups[group]
    nodes = branch.children[scores._state.weights[branch.children] > 0]
    weights = scores._state.weights[nodes] / scores._state.weights[nodes].sum()
    if group == name:
        return nodes, weights, _generated_gap(branch, a[nodes], b[nodes], tree.scale), 0.0
    if not is_linear(branches):
        raise NotScorableError(
            f"between `{group}` and `{name}` there is another mean than the arithmetic one; give "
            f"`group`: `{name}`"
        )
    above = effective_weights(scores, name)[branch.node]
    d = a[nodes] - b[nodes]
    head = tree.index[name]
    rest = float(a[head] - b[head]) - above * float(weights @ d)
    return nodes, weights, d, float(-rest / above)


def _generated_gap(branch: Branch, a: Array, b: Array, scale: tuple[float, float]) -> Array:
    """Gaps of generated values, which compare as the means do."""
    if not isinstance(branch.aggregator, Mean):
        raise NotScorableError(
            f"aggregation `{branch.aggregator.name}` is no weighted mean; no weight reverses it linearly"
        )
    mean = branch.aggregator
    ends = mean.g(branch.raise_up(np.array([0.75 * scale[0] + 0.25 * scale[1], scale[1]])))
    sign = 1.0 if ends[1] >= ends[0] else -1.0
    with np.errstate(all="ignore"):
        return np.asarray(sign * (mean.g(branch.raise_up(a)) - mean.g(branch.raise_up(b))))


def _proof(scores: Scores, rows: tuple[int, int], nodes: Index, d: Array, target: float) -> str:
    first, second = (country_name(scores, row) for row in rows)
    if target == 0:
        return f"{first} is riskier than {second} on every one of the {len(nodes)} parts"
    place = int(np.argmin(d))
    return (
        f"all weight on `{scores._state.tree.names[int(nodes[place])]}` leaves {first} above by what the other "
        "groups decide"
    )


def _break_even(scores: Scores, name: str, a: Array, b: Array) -> pd.DataFrame:
    branch = next(
        one for one in scores._state.tree.branches if scores._state.tree.names[one.node] == name
    )
    nodes = branch.children[scores._state.weights[branch.children] > 0]
    weights = scores._state.weights[nodes] / scores._state.weights[nodes].sum()
    d = (
        _generated_gap(branch, a[nodes], b[nodes], scores._state.tree.scale)
        if isinstance(branch.aggregator, Mean)
        else np.full(len(nodes), np.nan)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        rest = (weights @ d - weights * d) / (1 - weights)
        share = rest / (rest - d)
    inside = (share >= 0) & (share <= 1)
    return pd.DataFrame(
        {"weight": weights, "break_even": np.where(inside, share, np.nan)},
        index=pd.Index([scores._state.tree.names[node] for node in nodes], name="node"),
    )


def reversals(
    framework: Scores | Spec | None = None,
    data: Source | None = None,
    *,
    score: str | None = None,
    norm: Literal["l1", "linf"] = "l1",
) -> pd.DataFrame:
    """Find the smallest change of effective weights that reverses each pair of countries.

    Parameters
    ----------
    framework, data
        Scores, or a framework and data as ``score`` takes them.
    score
        A headline score, the first by default.
    norm
        ``l1`` (sum of absolute changes) or ``linf`` (largest change).

    Returns
    -------
    DataFrame
        Square, by country code: the distance at which the two tie; NaN where no weights make them swap, and
        on the diagonal. Missing cells stand at their group's value.

    Raises
    ------
    UnknownNameError
        For a score or norm that does not exist.
    NotScorableError
        If a group is no arithmetic mean.

    References
    ----------
    As ``reversal``.

    Examples
    --------
    >>> found = reversals(score="security")
    >>> bool(found.loc["PAK", "KEN"] == found.loc["KEN", "PAK"])
    True
    """
    one_of("norm", norm, ("l1", "linf"))
    scores = one_year(as_scores(framework, data), None)
    name = scores._named(score)
    if not is_linear(branches_below(scores, name)):
        raise NotScorableError(
            f"`{name}` is no chain of arithmetic means, so effective weights do not act linearly; use "
            "`reversal` with `group`"
        )
    head, nodes = scores._state.tree.index[name], paths(scores, name)
    rows = np.flatnonzero(~np.isnan(scores._values[:, head]))
    filled = np.array([values_with_gaps_filled(scores, name, int(row))[0] for row in rows])
    weights = effective_weights(scores, name)[nodes]
    order = np.argsort(-filled[:, head], kind="stable")
    values = filled[order][:, nodes].T
    first, second = np.triu_indices(len(rows), 1)
    out = np.full((len(rows), len(rows)), np.nan)
    step = max(1, 4_000_000 // len(nodes))
    for start in range(0, len(first), step):
        a, b = first[start : start + step], second[start : start + step]
        d = values[:, a] - values[:, b]
        found = np.where(weights @ d <= 1e-12, 0.0, distances(weights, d, norm))
        out[order[a], order[b]] = out[order[b], order[a]] = found
    codes = pd.Index(scores.data.iso3[rows], name=scores.data.unit_name)
    return pd.DataFrame(out, index=codes, columns=codes.rename(None))
