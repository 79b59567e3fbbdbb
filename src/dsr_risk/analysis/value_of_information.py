"""Rank the missing and weak cells of a country by how much knowing each would narrow its intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, TypedDict, Unpack, overload

import numpy as np
import pandas as pd

from .._util.arguments import typed
from .._util.checks import MOST_DRAWS, between, check_options, headline_name, whole_number
from .._util.display import Shown, table_of
from .._util.faces import plots
from .._util.frozen import Frozen
from .._util.renamed import Renamed, renamed
from .._util.scratch import Scratch
from .._util.types import Array, Index, Mask
from ..data.units import row_of
from ..errors import FrameworkError, NotScorableError
from ..montecarlo import Design, compile_design
from ..montecarlo.drawing import Key
from ..montecarlo.runner import Runner
from ..scoring.ranking import TIE
from ..scoring.scores import Scores
from ..scoring.tree import coverage
from ..scoring.verbs import Source, Spec, with_country

__all__ = ["DEFAULT_ERRORS", "ValueOfInformation", "value_of_information"]

HELD = 16
"""Values that each cell is set to in turn, one in every equally likely part of what it may be."""


DEFAULT_ERRORS: Mapping[str, Any] = {
    "*.missing": {"method": "peers", "by": "income"},
    "*.data": {"method": "revision"},
}
"""What is added where a framework leaves no cell uncertain: missing ones take a value of their income group,
others err as far as revisions go (`dsr_risk.factors.Revision`)."""


@typed
@dataclass(frozen=True, eq=False, repr=False)
class ValueOfInformation(Frozen, Renamed, Shown):
    """Cells of one country by how much knowing them would narrow its rank and score intervals.

    Attributes
    ----------
    unit : str
        The country (and year).
    confidence_level : float
        Of the intervals.
    widths : dict
        For each headline score: the width of the score and of the rank interval now.
    scored : dict
        Whether the country has the score at all now; if not, figures are those of the score it would
        have with every cell drawn.

    Examples
    --------
    >>> import pandas as pd
    >>> from dsr_risk import score, value_of_information
    >>> fw = {"name": "own", "scores": [{"name": "risk", "children": [
    ...     {"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer"}]}]}
    >>> table = pd.DataFrame({"iso3": ["KEN", "PAK", "LAO"], "debt": [10, None, 50], "gci": [80, 60, 20]})
    >>> value_of_information(score(fw, table), "PAK", draws=64).table().loc[0, ["indicator", "status"]].tolist()
    ['debt', 'missing']
    """

    unit: str
    confidence_level: float
    draws: int
    seed: int
    widths: dict[str, tuple[float, float]]
    scored: dict[str, bool]
    _rows: pd.DataFrame
    _assumed: bool = False

    _renamed: ClassVar[Mapping[str, str | None]] = {"level": "confidence_level"}

    def table(self, score: str | None = None) -> pd.DataFrame:
        """Return one row a cell, the most useful first.

        - ``status``: missing, censored or observed.
        - ``rank_narrowing``, ``score_narrowing``: by how many places and points the interval would narrow on
          average if the cell were known. Below 0 by sampling, or where ranks lie closer for other values.
        - ``rank_width``, ``score_width``: the width of the interval then.
        - ``share``: the share (0-1) of the score's variance that would go.
        - ``coverage_gain``: the coverage that a missing cell would add.
        - ``note``: why there is no figure.

        Parameters
        ----------
        score
            A headline score; the cells of all of them if None.

        Returns
        -------
        DataFrame
            A row a cell, with the columns said above.

        Raises
        ------
        UnknownNameError
            For a score that the framework does not have.
        """
        rows = self._rows
        if score is not None:
            score = headline_name(score, self.widths)
            rows = rows[rows["score"] == score]
        return rows.reset_index(drop=True)

    @property
    def notes(self) -> tuple[str, ...]:
        """The limits of the figures: scores that are not printed now, errors that are assumed, few draws."""
        notes = [
            f"{name} is not scored yet (too little is observed): its figures have every cell drawn"
            for name, scored in self.scored.items()
            if not scored
        ]
        if self._assumed:
            notes.append(
                "the framework says of no cell how uncertain it is (`factors`, `missing`), so `DEFAULT_ERRORS` "
                "are assumed: missing cells take a value of their income group, others err as far as revisions go"
            )
        if self._rows.empty:
            notes.append(
                f"no cell of {self.unit} is uncertain under these factors; errors of observed cells are those of "
                "a factor such as `*.data: revision`"
            )
        return (*notes, f"figures are means over {self.draws:,} draws, seed {self.seed}")

    def plot(self, **options: Any) -> Any:
        """Draw how much narrower the interval would be; return the matplotlib Axes (extra `plots`).

        Parameters
        ----------
        options
            Keyword arguments of ``plots.information``: `score`, `count`, `ax`.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn on.
        """
        return plots().information(self, **options)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        lines = [
            f"What knowing one more cell would do for {self.unit} ({self.confidence_level:.0%} intervals)"
        ]
        lines += [
            f"  {name}: interval of {points:.1f} points and {ranks:.0f} places now"
            + ("" if self.scored[name] else " (not scored yet: too little is observed)")
            for name, (points, ranks) in self.widths.items()
        ]
        return "\n".join(lines), table_of(self.table().drop(columns="confidence"))


class Options(TypedDict, total=False):
    """Keyword options of ``value_of_information``."""

    factors: Mapping[str, Any] | None
    confidence_level: float
    year: int | None


@overload
def value_of_information(
    framework: Scores,
    country: str | int,
    /,
    *,
    score: str | None = None,
    draws: int = 512,
    seed: int = 0,
    **options: Unpack[Options],
) -> ValueOfInformation: ...


@overload
def value_of_information(
    framework: Scores | Spec | None = None,
    data: Source | None = None,
    country: str | int | None = None,
    *,
    score: str | None = None,
    draws: int = 512,
    seed: int = 0,
    **options: Unpack[Options],
) -> ValueOfInformation: ...


@renamed(level="confidence_level", points="draws")
@typed
def value_of_information(
    framework: Scores | Spec | None = None,
    data: Any = None,
    country: str | int | None = None,
    *,
    score: str | None = None,
    draws: int = 512,
    seed: int = 0,
    **options: Unpack[Options],
) -> ValueOfInformation:
    """Rank the missing and weak cells of a country by how much knowing them would narrow its intervals.

    Parameters
    ----------
    framework, data, country
        Scores and the country: ``value_of_information(scores, "PAK")``; or a framework and data as for
        ``score``, and the country, a name or code.
    score
        One headline score; all of them if None.
    draws
        Draws of all uncertain cells, of this country and the others; at least 20.
    seed
        0 is a seed.
    factors
        What is uncertain, as in ``uncertainty``: at least one factor of data or of missing cells, and
        any weights, choices and parameters. If None those of the framework, as in ``uncertainty``: missing cells
        that the score estimates are drawn from their model. Where all this leaves no cell uncertain,
        ``DEFAULT_ERRORS`` are added, and a note says so.
    confidence_level
        Of the intervals between equal tails (0-1), 0.9 if not given.
    year
        The year of a panel, the latest by default.

    Returns
    -------
    ValueOfInformation
        One row a cell: the expected width of the interval once the cell is known.

    Raises
    ------
    UnknownNameError
        For a country, year or score that is not there.
    FrameworkError
        For factors of which none concerns cells, or that break a rule.
    NotScorableError
        If the country cannot have a score even with every cell known (it is the focal state, or nothing
        applies to it).

    Notes
    -----
    The interval now is that of ``uncertainty`` with the same factors, draws and seed. The expected width once
    a cell is known is the mean, over its possible values, of the width with the cell held there and all else
    drawn, weights and methods included. The cells of a derived indicator are those of its parts. Cells are
    taken as independent of each other, and the scale as fixed. An unscored country ranks among the scored
    ones of its basis.

    References
    ----------
    Howard, R. A. (1966), IEEE Trans. Syst. Sci. Cybern. 2(1), 22-26; Oakley, J. E. (2009), Technometrics
    51(2), 121-129 (partial perfect information, an expectation within an expectation).

    Examples
    --------
    >>> import dsr_risk as dr
    >>> result = value_of_information(dr.score(), "Pakistan", score="dependency")
    >>> best = result.table().iloc[0]
    >>> bool(best["rank_narrowing"] > 0 and best["score_width"] < result.widths["dependency"][0])
    True
    """
    check_options(value_of_information, Options, options)
    level, year = options.get("confidence_level", 0.9), options.get("year")
    whole_number("draws", draws, least=20, most=MOST_DRAWS)
    whole_number("seed", seed)
    between("confidence_level", level, 0, 1)
    scores, country = with_country("value_of_information", framework, data, country)
    design, assumed = _design_of(scores, options.get("factors"))
    headlines = design.headlines if score is None else (headline_name(score, design.headlines),)
    unit = row_of(design.data, country, year)
    drawn = _Drawn.of(design, unit, draws, seed)
    pieces, widths, scored = [], {}, {}
    for headline in headlines:
        if np.isnan(drawn.scores[:, unit, design.headlines.index(headline)]).all():
            continue
        case = _Case(design, drawn, headline, level)
        widths[headline] = case.now
        scored[headline] = bool(design.printed(headline)[unit])
        pieces.append(case.rows())
    if not pieces:
        raise NotScorableError(_why_not(design, unit, headlines))
    name = design.data.unit_names[unit]
    if design.data.is_panel:
        name = f"{name} {design.data.units[unit][1]}"
    return ValueOfInformation(
        str(name), level, draws, seed, widths, scored, pd.concat(pieces, ignore_index=True), assumed
    )


def _design_of(scores: Scores, factors: Any) -> tuple[Design, bool]:
    """Return the design of the factors, and whether the default errors of cells were added to it."""
    design = compile_design(scores, factors=factors)
    assumed = factors is None and not design.streams
    if assumed:
        own: dict[str, Any] = dict(scores.framework.factors)
        design = compile_design(scores, factors=own | dict(DEFAULT_ERRORS))
    if not design.streams:
        raise FrameworkError(
            "value of information needs factors that say what is not known of cells "
            f"(`<node>.data`, `<node>.missing`); received {', '.join(design.names) or 'none'}"
        )
    return design, assumed


def _why_not(design: Design, unit: int, headlines: tuple[str, ...]) -> str:
    iso3 = design.data.iso3[unit]
    if design.nominal._focal[unit]:
        return f"{iso3} is the focal origin {design.framework.focal} or part of it, which is not scored"
    return (
        f"{iso3} has no {' or '.join(headlines)} even with every cell drawn: nothing applies to it, or no "
        "peer has a value to draw from"
    )


COLUMNS = [
    "score",
    "indicator",
    "status",
    "rank_narrowing",
    "score_narrowing",
    "rank_width",
    "score_width",
    "share",
    "coverage_gain",
    "confidence",
    "note",
]


@dataclass(frozen=True, eq=False)
class _Part:
    """The draws of one variant: their numbers, points (dimension, d) and raw columns (d, read, 1).

    Columns are those that scores read: a derived indicator is computed from its parts.
    """

    design: Design
    number: int
    runner: Runner
    draws: Index
    points: Array
    raw: Array

    @cached_property
    def read(self) -> Index:
        """The columns that are drawn, or from which a drawn indicator is computed."""
        return self.design.drawing.read(self.number, self.runner.changing)

    def row_of(self, name: str) -> int | None:
        """Return the row of a column among those that are read; None where it is not."""
        inputs = self.runner.variant.scores._state.prepared.layout.inputs
        names = [inputs[column] for column in self.read]
        return names.index(name) if name in names else None

    def values(self, name: str, columns: Array) -> Array:
        """Return (d,) values of one node for raw columns (d, read, 1); NaN where the variant lacks it."""
        node = self.runner.variant.tree.index.get(name)
        draws = len(columns)
        if node is None:
            return np.full(draws, np.nan)
        changing, drawing = self.runner.changing, self.design.drawing
        raw = drawing.derived(self.number, changing, self.read, columns)
        points = np.tile(self.points, (1, draws // len(self.draws)))
        result = self.runner.run(points, (node,), Scratch(), np.array(raw))
        return np.asarray(result[0, :, 0])


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Draws of everything: the unit's raw columns by variant and all headline scores (draws, n, scores)."""

    unit: int
    parts: tuple[_Part, ...]
    scores: Array

    @classmethod
    def of(cls, design: Design, unit: int, draws: int, seed: int) -> _Drawn:
        """Make the draws of ``uncertainty`` again, block by block."""
        size, points = design.block_size, design.points(seed)
        pieces: dict[int, list[tuple[Index, Array, Array]]] = {}
        scores = []
        for block in range(-(-draws // size)):
            u = points.block(block)[: min(size, draws - block * size)]
            key = Key(seed, block, {})
            noise = design.drawing.noise(key, size, len(u))
            which = design.layout.variant_of(u)
            for number in np.unique(which).tolist():
                rows = np.flatnonzero(which == number)
                raw = design.columns_drawn(number, noise, rows, len(rows), key)[:, :, [unit]]
                pieces.setdefault(number, []).append((block * size + rows, u[rows].T, raw))
            scores.append(design.evaluate_block(u, seed=seed, block=block, nodes=design.headlines))
        parts = tuple(
            _Part(
                design,
                number,
                design.runners[number].for_units(np.array([unit])),
                np.concatenate([rows for rows, _, _ in changes]),
                np.ascontiguousarray(np.concatenate([u for _, u, _ in changes], axis=1)),
                np.concatenate([raw for _, _, raw in changes]),
            )
            for number, changes in sorted(pieces.items())
        )
        return cls(unit, parts, np.concatenate(scores))

    def raw(self, name: str) -> Array:
        """Return (draws,) raw values of one column of the unit; NaN in draws of variants without it."""
        out = np.full(len(self.scores), np.nan)
        for part in self.parts:
            row = part.row_of(name)
            if row is not None:
                out[part.draws] = part.raw[:, row, 0]
        return out


class _Case:
    """One headline score of one country: its interval now, and with each cell held."""

    def __init__(self, design: Design, drawn: _Drawn, headline: str, level: float) -> None:
        self.design, self.drawn, self.headline = design, drawn, headline
        self.tails = [(1 - level) / 2, (1 + level) / 2]
        nominal = design.nominal
        self.node_index = nominal._state.tree.index[headline]
        label = design.rank_groups(headline)
        others = np.flatnonzero((label == label[drawn.unit]) & design.printed(headline))
        scores = drawn.scores[:, others[others != drawn.unit], design.headlines.index(headline)]
        # A unit that a choice leaves without a score ranks behind all.
        self.others = np.sort(np.where(np.isnan(scores), -np.inf, scores), axis=1)
        lower, upper = nominal._state.tree.scale
        self.tie = TIE * (upper - lower)
        self.now = self.widths(self._score()[None])

    def _score(self, column: str = "", held: Array | None = None) -> Array:
        """Return (draws,) scores now, or (held, draws) with one column held at raw values."""
        sets = 1 if held is None else len(held)
        out = np.full((sets, len(self.drawn.scores)), np.nan)
        for part in self.drawn.parts:
            raw = np.tile(part.raw, (sets, 1, 1))
            row = part.row_of(column)
            if held is not None and row is not None:
                raw[:, row, 0] = np.repeat(held, len(part.draws))
            out[:, part.draws] = part.values(self.headline, raw).reshape(sets, -1)
        return out[0] if held is None else out

    def widths(self, scores: Array) -> tuple[float, float]:
        """Return the mean interval width of scores (sets, draws) that are there, in points and in places."""
        scored = ~np.isnan(scores).all(axis=0)
        ranks = np.empty(scores.shape)
        for draw in np.flatnonzero(scored):
            row = self.others[draw]
            above = len(row) - np.searchsorted(row, scores[:, draw] + self.tie, side="right")
            ranks[:, draw] = 1 + above
        out = []
        for array in (scores[:, scored], ranks[:, scored]):
            low, high = np.quantile(array, self.tails, axis=1)
            out.append(float((high - low).mean()))
        return out[0], out[1]

    def rows(self) -> pd.DataFrame:
        """Return a row for every uncertain cell below the headline."""
        rows = []
        for column, node in enumerate(self.design.framework.inputs):
            if not self._reaches(column):
                continue
            values = self.drawn.raw(node.name)
            status = self._status(column)
            finite = values[~np.isnan(values)]
            moves = finite.size > 0 and bool(np.ptp(finite) > TIE * np.abs(finite).max())
            if status == "not applicable" or (status == "observed" and not moves):
                continue
            held = self._row(column, values)
            rows.append({"score": self.headline, "indicator": node.name, "status": status, **held})
        out = pd.DataFrame(rows, columns=COLUMNS)
        order = np.lexsort(
            (-out["score_narrowing"].fillna(-np.inf), -out["rank_narrowing"].fillna(-np.inf))
        )
        return out.iloc[order]

    def _reaches(self, column: int) -> bool:
        """Tell whether an indicator with a weight below the headline is computed from a column."""
        framework, state = self.design.framework, self.design.nominal._state
        return any(
            framework.score_of(indicator.name) == self.headline
            and state.weights[index] != 0
            and column in state.prepared.layout.sources(index)
            for index, indicator in enumerate(framework.indicators)
        )

    def _status(self, column: int) -> str:
        prepared, unit = self.design.nominal._state.prepared, self.drawn.unit
        if not prepared.applicable[unit, column]:
            return "not applicable"
        if not np.isnan(prepared.denominated[unit, column]):
            return "observed"
        bounds = [end[unit, column] for end in (prepared.low, prepared.high) if end is not None]
        return "missing" if np.isnan(bounds).all() else "censored"

    def _coverage_gain(self, column: int) -> float:
        """Return how much coverage of the headline grows once a column is known."""
        state, unit = self.design.nominal._state, self.drawn.unit
        filled = np.array(state.prepared.denominated[[unit]])
        filled[0, column] = 1.0 if np.isnan(filled[0, column]) else filled[0, column]
        observed: Mask = ~np.isnan(state.prepared.layout.derive(filled))
        observed |= ~np.isnan(state.cells.denominated[[unit]])
        applies = state.scorable.applicable[[unit], : state.tree.n_indicators]
        after = coverage(state.tree, state.weights, observed, applies).coverage[0, self.node_index]
        return float(after - state.scorable.coverage[unit, self.node_index])

    def _row(self, column: int, values: Array) -> dict[str, Any]:
        node, unit = self.design.framework.inputs[column], self.drawn.unit
        years = self.design.data._unit_keys()[unit]
        confidence = self.design.data.evidence_of(*years, node.data_column).get("confidence", "")
        gain = self._coverage_gain(column)
        if np.isnan(values).all():
            return {
                "confidence": confidence,
                "coverage_gain": gain,
                "note": "no peer has a value to draw from",
            }
        points, ranks, share = self.held(node.name, values)
        return {
            "confidence": confidence,
            "rank_narrowing": self.now[1] - ranks,
            "rank_width": ranks,
            "score_narrowing": self.now[0] - points,
            "score_width": points,
            "share": share,
            "coverage_gain": gain,
            "note": "",
        }

    def held(self, column: str, values: Array) -> tuple[float, float, float]:
        """Return expected widths, and the share of variance that goes, with one column held at its values."""
        at = (np.arange(HELD) + 0.5) / HELD
        levels = np.quantile(values[~np.isnan(values)], at, method="inverted_cdf")
        scores = self._score(column, levels)
        points, ranks = self.widths(scores)
        scores = scores[:, ~np.isnan(scores).any(axis=0)]
        if not scores.size:
            return points, ranks, np.nan
        between, within = scores.mean(axis=1).var(), scores.var(axis=1).mean()
        total = float(between + within)
        return points, ranks, float(between / total) if total > 0 else np.nan
