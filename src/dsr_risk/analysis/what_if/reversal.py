"""Reversal: the smallest change of weights that makes two countries swap, or the proof that none does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from ..._util.arguments import typed
from ..._util.checks import one_of
from ..._util.display import Shown, number, table_of
from ..._util.faces import plots
from ..._util.frozen import Frozen
from ..._util.types import Array
from ...errors import NotScorableError
from ...scoring.ranking import TIE
from ...scoring.scores import Scores
from ...scoring.verbs import Source, Spec, as_scores, with_subjects
from .attained import attained
from .nearest import NORMS, distances, nearest
from .profile import (
    country_name,
    effective_weights,
    groups_below,
    is_linear,
    one_year,
    paths,
    scored_row,
    values_with_gaps_filled,
)
from .weight_gaps import WeightGap, weight_gap

__all__ = ["Reversal", "reversal", "reversals"]

Norm = Literal["l1", "l2", "linf"]


@typed
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
        Whether no smaller change exists. False where the gap is no linear form of the weights (a cell
        missing in one country, another mean than the arithmetic one above the weights that vary): the
        weights make the two tie, and `distance` bounds the smallest change from above.

    Examples
    --------
    >>> from dsr_risk import reversal, score
    >>> result = reversal(score(), "PAK", "KEN", score="security")
    >>> bool(result.possible and result.distance > 0)
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
        """Return the weights before and after, and each indicator's (or child's) gap in points (a copy).

        Examples
        --------
        >>> import pandas as pd
        >>> from dsr_risk import reversal, score
        >>> fw = {"name": "own", "scores": [{"name": "risk", "children": [
        ...     {"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer", "weight": 3}]}]}
        >>> table = pd.DataFrame({"iso3": ["KEN", "PAK", "LAO"], "debt": [10, 50, 30], "gci": [80, 60, 20]})
        >>> result = reversal(score(fw, table), "PAK", "LAO")
        >>> result.table().round(3).to_dict("index")["debt"]
        {'gap': -50.0, 'weight_before': 0.25, 'weight_after': 0.571, 'change': 0.321}
        """
        return self._weights.copy()

    @property
    def break_even(self) -> pd.DataFrame:
        """For each child of the headline its weight share, and the share at which the two tie (a copy).

        Its siblings change in proportion. NaN where no share from 0 to 1 makes them tie.
        """
        return self._break_even.copy()

    @property
    def notes(self) -> tuple[str, ...]:
        """The limits of the answer: a distance that is a bound, or why no weights make the two swap."""
        if self.possible:
            bound = "Bound: these weights make them tie; a smaller change may exist."
            return () if self.exact else (bound,)
        whose = f"local weights of {self.group}" if self.group else "effective indicator weights"
        if self.exact:
            return (f"No change of {whose} makes them swap: {self.reason}",)
        return (f"No change of {whose} that makes them swap was found: {self.reason}",)

    def plot(self, **options: Any) -> Any:
        """Draw every weight and where the two tie (needs the extra `plots`); returns the matplotlib Axes.

        Parameters
        ----------
        options
            Keyword arguments of ``plots.weight_arrows``: `ax`.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn on.
        """
        return plots().weight_arrows(self, **options)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        whose = f"local weights of {self.group}" if self.group else "effective indicator weights"
        lines = [
            f"{self.above} is above {self.below} on {self.score} by {number(self.gap)} points."
        ]
        if self.possible:
            size = {"l1": "in all", "l2": "in Euclid's norm", "linf": "at most each"}[self.norm]
            lines.append(f"They tie where {whose} change by {number(self.distance)} {size}.")
        return "\n".join([*lines, *self.notes]), table_of(self._weights)


@typed
def reversal(
    framework: Scores | Spec | None = None,
    data: Source | str | None = None,
    country: str | int | None = None,
    other: str | int | None = None,
    *,
    score: str | None = None,
    norm: Norm = "l1",
    group: str | None = None,
) -> Reversal:
    """Find the smallest change of weights that makes two countries swap, or prove that none does.

    Parameters
    ----------
    framework, data
        Scores, followed by the subject: ``reversal(scores, "PAK", "KEN")``; or a framework and data as for
        ``score``: ``reversal(framework, data, "PAK", "KEN")``.
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
        If a country has no score, or the two are one.

    Notes
    -----
    Weights stay on the simplex. Exact where the gap is a linear form ``sum d_i w_i``: arithmetic means, one
    and the same mean throughout, and the local weights of a headline with any mean (gaps of generated values
    compare as the means do); a child that both countries lack counts nothing. Where every d_i is positive no
    weights at all reverse it. Otherwise the form is made linear again and again, and the distance found is an
    upper bound of the smallest one (``exact`` False).

    References
    ----------
    Rank reversals by weight changes: Triantaphyllou, E. and Sanchez, A. (1997), A sensitivity analysis
    approach for some deterministic multi-criteria decision-making methods, Decision Sciences 28(1),
    151-194.

    Examples
    --------
    >>> from dsr_risk import reversal, score
    >>> result = reversal(score(), "Laos", "Germany", score="security")
    >>> result.above
    'Laos'
    """
    one_of("norm", norm, NORMS)
    scores, country, other = with_subjects(
        "reversal", framework, data, country=country, other=other
    )
    scores = one_year(scores, None)
    name = scores._named(score)
    first, second = scored_row(scores, country, name), scored_row(scores, other, name)
    if first == second:
        raise NotScorableError(f"{country} and {other} are one country; name two")
    first, second, gap = _ordered(scores, name, first, second)
    form = weight_gap(scores, name, (first, second), group)
    weights = _tying_weights(form, gap, norm)
    reason, proved = ("", True) if weights is not None else _proof(form)
    return Reversal(
        name,
        country_name(scores, first),
        country_name(scores, second),
        gap,
        norm,
        group or "",
        float("nan") if weights is None else _size(weights - form.weights, norm),
        weights is not None,
        reason,
        form.linear is not None if weights is not None else proved,
        _weights_table(form, weights),
        _break_even(weight_gap(scores, name, (first, second), name)),
    )


def _ordered(scores: Scores, name: str, first: int, second: int) -> tuple[int, int, float]:
    """Return the rows of the higher and the lower score, and the points between them."""
    values = scores._values[:, scores._state.tree.index[name]]
    if values[first] < values[second]:
        first, second = second, first
    return first, second, float(values[first] - values[second])


def _tying_weights(form: WeightGap, gap: float, norm: Norm) -> Array | None:
    """Return the nearest weights at which the two tie, None if none does."""
    if form.linear is not None:
        return nearest(form.weights, form.linear, 0.0, norm)
    low, high = form.scores._state.tree.scale
    tie = TIE * (high - low)
    return form.weights if gap <= tie else attained(form, form.weights, norm, tie)


def _weights_table(form: WeightGap, weights: Array | None) -> pd.DataFrame:
    after = np.full(len(form.nodes), np.nan) if weights is None else weights
    return pd.DataFrame(
        {
            "gap": form.values[0, form.nodes] - form.values[1, form.nodes],
            "weight_before": form.weights,
            "weight_after": after,
            "change": after - form.weights,
        },
        index=pd.Index([form.scores._state.tree.names[node] for node in form.nodes], name="node"),
    )


def _size(change: Array, norm: str) -> float:
    if norm == "l1":
        return float(np.abs(change).sum())
    return float(np.sqrt((change**2).sum()) if norm == "l2" else np.abs(change).max())


def _proof(form: WeightGap) -> tuple[str, bool]:
    """Return why no weights make two units swap, and whether that is a proof."""
    scores = form.scores
    first, second = (country_name(scores, row) for row in form.rows)
    present = form.present[:, form.nodes]
    gaps = (form.values[0] - form.values[1])[form.nodes]
    if present.all() and (gaps > 0).all():
        # Every aggregation rises with its children, so that this holds for any weights.
        return f"{first} is riskier than {second} on every one of the {len(gaps)} parts", True
    if form.linear is None:
        return "no weighting that was tried closes the gap", False
    node = scores._state.tree.names[int(form.nodes[int(np.argmin(form.linear))])]
    return (
        f"all weight on `{node}` leaves {first} above by what the other groups decide"
        if form.group is not None
        else f"all weight on `{node}` leaves {first} above"
    ), True


GRID = 201


def _break_even(form: WeightGap) -> pd.DataFrame:
    """Return each pillar's weight share and the nearest share at which the two tie, others in proportion."""
    weights, nodes = form.weights, form.nodes
    share = np.full(len(nodes), np.nan)
    if form.linear is not None:
        d = form.linear
        with np.errstate(invalid="ignore", divide="ignore"):
            rest = (weights @ d - weights * d) / (1 - weights)
            share = rest / (rest - d)
    else:
        for index in range(len(nodes)):
            share[index] = _nearest_root(form, index)
    inside = (share >= 0) & (share <= 1)
    names = [form.scores._state.tree.names[node] for node in nodes]
    return pd.DataFrame(
        {"weight": weights, "break_even": np.where(inside, share, np.nan)},
        index=pd.Index(names, name="node"),
    )


def _nearest_root(form: WeightGap, index: int) -> float:
    """Return the share of a child nearest to its own at which the gap changes its sign; NaN if nowhere."""
    if len(form.weights) < 2:
        return float("nan")
    others = np.delete(form.weights, index) / np.delete(form.weights, index).sum()

    def gaps(shares: Array) -> Array:
        rest = (1 - shares)[:, None] * others
        return form(np.insert(rest, index, shares, axis=1))

    grid = np.linspace(0, 1, GRID)
    signs = np.sign(gaps(grid))
    turns = np.flatnonzero((signs[1:] * signs[:-1]) <= 0)
    if not len(turns):
        return float("nan")
    near = turns[int(np.argmin(np.abs(grid[turns] - form.weights[index])))]
    low, high = grid[near], grid[near + 1]
    start = signs[near]
    for _ in range(50):
        middle = (low + high) / 2
        if np.sign(gaps(np.array([middle]))[0]) == start:
            low = middle
        else:
            high = middle
    return float((low + high) / 2)


@typed
def reversals(
    framework: Scores | Spec | None = None,
    data: Source | None = None,
    *,
    score: str | None = None,
    norm: Norm = "l1",
) -> pd.DataFrame:
    """Find the smallest change of effective weights that reverses each pair of countries.

    Parameters
    ----------
    framework, data
        Scores, or a framework and data as ``score`` takes them.
    score
        A headline score, the first by default.
    norm
        ``l1`` (sum of absolute changes), ``l2`` (Euclid) or ``linf`` (largest change).

    Returns
    -------
    DataFrame
        Square, by country code: the distance at which the two tie; NaN where no weights make them swap, and
        on the diagonal. Exact for countries without missing cells; a missing cell stands at its group's
        value, which is the first step of what ``reversal`` does.

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
    >>> result = reversals(score="security")
    >>> bool(result.loc["PAK", "KEN"] == result.loc["KEN", "PAK"])
    True
    """
    one_of("norm", norm, NORMS)
    scores = one_year(as_scores(framework, data), None)
    name = scores._named(score)
    if not is_linear(groups_below(scores, name)):
        raise NotScorableError(
            f"`{name}` is no chain of arithmetic means, so effective weights do not act linearly; use "
            "`reversal` with `group`"
        )
    headline, nodes = scores._state.tree.index[name], paths(scores, name)
    rows = np.flatnonzero(~np.isnan(scores._values[:, headline]))
    filled = np.array([values_with_gaps_filled(scores, name, int(row))[0] for row in rows]).reshape(
        len(rows), len(scores._state.tree.names)
    )
    weights = effective_weights(scores, name)[nodes]
    order = np.argsort(-filled[:, headline], kind="stable")
    values = filled[order][:, nodes].T
    first, second = np.triu_indices(len(rows), 1)
    out = np.full((len(rows), len(rows)), np.nan)
    step = max(1, 4_000_000 // len(nodes))
    for start in range(0, len(first), step):
        a, b = first[start : start + step], second[start : start + step]
        d = values[:, a] - values[:, b]
        distance = np.where(weights @ d <= 1e-12, 0.0, distances(weights, d, norm))
        out[order[a], order[b]] = out[order[b], order[a]] = distance
    codes = pd.Index(scores.data.iso3[rows], name=scores.data.unit_name)
    return pd.DataFrame(out, index=codes, columns=codes.rename(None))
