"""The result of a scenario: what moved, which lever moved it, what could not move and why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ..._util.arguments import typed
from ..._util.checks import MOST_DRAWS, between, whole_number
from ..._util.display import Shown, counted, table_of
from ..._util.faces import plots
from ..._util.frozen import Frozen
from ..._util.types import Array, Index
from ...data.nouns import key_columns, name_column, noun
from ...scoring.decomposition import decompose
from ...scoring.scores import Scores
from .attribution import shapley
from .definition import Scenario
from .ranges import CommonDraws, change_ranges
from .run import Plan, Run, columns_behind, frame_of, headline_values, run
from .sheet import Edit

__all__ = ["ScenarioResult"]

SMALL = 1e-9
LISTED = 6
"""Notes above a printed table."""
ELSEWHERE = "moves nothing here: what moved is not part of"
MOVED = [
    "lever",
    "indicator",
    "label",
    "before",
    "after",
    "unit",
    "points_before",
    "points_after",
    "status",
]


@typed
@dataclass(frozen=True, eq=False, repr=False)
class ScenarioResult(Frozen, Shown):
    """Scores before and after a scenario.

    Attributes
    ----------
    scenario : Scenario
        What was done.
    before, after : Scores
        Scores of every country on one scale; countries that are not touched are the very same.
    years : float or None
        Years from the start, None for the full effect.

    Examples
    --------
    >>> import pandas as pd
    >>> from dsr_risk import scenario, score
    >>> fw = {"name": "own", "scores": [{"name": "risk", "children": [
    ...     {"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer"}]}]}
    >>> table = pd.DataFrame({"iso3": ["KEN", "PAK", "LAO"], "debt": [10, 30, 50], "gci": [80, 50, 20]})
    >>> result = scenario(score(fw, table), {"PAK": {"gci": "+12"}})
    >>> result.table()[["before", "after", "change"]].round(6).loc["PAK"].tolist()
    [50.0, 40.0, -10.0]
    >>> result.moved()[["before", "after"]].to_numpy().tolist(), result.effects()["points"].round(6).tolist()
    ([[50.0, 62.0]], [-10.0])
    >>> result.attribution()["risk"].round(6).tolist(), len(result.nothing()), result.path().shape
    ([-10.0], 0, (2, 1))
    >>> result.ranges(draws=16)["change_low"].round(6).tolist()
    [-10.0]
    """

    scenario: Scenario
    before: Scores
    after: Scores
    years: float | None
    _plan: Plan
    _run: Run

    # -- tables -----------------------------------------------------------------------------------

    def table(self, score: str | None = None) -> pd.DataFrame:
        """Return one row a touched country and headline score, largest change first (a copy).

        ``before, after, change`` in points; ``rank_before, rank_after`` (1 is most risk); ``band_before,
        band_after``; ``moved`` counts its indicators that moved; ``reason`` says why nothing moved.

        Parameters
        ----------
        score
            A headline score; all of them if None.

        Returns
        -------
        DataFrame
            Indexed ``iso3``.

        Raises
        ------
        UnknownNameError
            For a score that the framework does not have.
        """
        parts = [self._headline(name) for name in self._wanted(score)]
        frame = pd.concat(parts)
        order = np.lexsort(
            (frame["score"].to_numpy(str), -frame["change"].abs().fillna(-1).to_numpy())
        )
        return frame.iloc[order]

    def _wanted(self, score: str | None) -> tuple[str, ...]:
        return self.before.names if score is None else (self.before._named(score),)

    @property
    def _names(self) -> dict[str, str]:
        data = self.before.data
        return dict(zip(map(str, data.iso3), data.unit_names, strict=True))

    def _headline(self, name: str) -> pd.DataFrame:
        rows, data = self._plan.touched, self.before.data
        first, second = self.before._headline(name), self.after._headline(name)
        before, after = np.asarray(first.score[rows]), np.asarray(second.score[rows])
        codes = list(data.iso3[rows])
        change = after - before
        return pd.DataFrame(
            {
                **name_column(data, codes),
                "score": name,
                "before": before,
                "after": after,
                "change": np.where(np.abs(change) < SMALL, 0.0, change),
                "rank_before": _whole(first.rank()[rows]),
                "rank_after": _whole(second.rank()[rows]),
                "band_before": first.band[rows],
                "band_after": second.band[rows],
                "moved": [self._moved_below(int(row), name) for row in rows],
                "reason": [self._reason(int(row), name) for row in rows],
            },
            index=pd.Index(codes, name=data.unit_name),
        )

    def _indicators_below(self, name: str) -> list[int]:
        framework = self.before.framework
        return [
            index
            for index, indicator in enumerate(framework.indicators)
            if framework.score_of(indicator.name) == name
        ]

    @cached_property
    def _shift(self) -> Array:
        """(units, L) change of every indicator on the scale, 0 where it has no value before or after."""
        first, second = self.before._state.normalised, self.after._state.normalised
        appeared = np.isnan(first) != np.isnan(second)
        return np.where(appeared, np.inf, np.nan_to_num(second - first))

    def _moved_below(self, row: int, name: str) -> int:
        return int((np.abs(self._shift[row, self._indicators_below(name)]) > SMALL).sum())

    def _reason(self, row: int, name: str) -> str:
        if self._moved_below(row, name):
            return ""
        reasons = list(
            dict.fromkeys(reason.text for reason in self._run.sheet.reasons if reason.row == row)
        )
        edited = {edit.column for edit in self._run.sheet.edits.values() if edit.row == row}
        scored = [column for column in edited if self._indicators_of(column, name)]
        if scored:
            return f"beyond the goalpost: {', '.join(sorted(scored))}"
        if edited and not self._scored_anywhere(edited):
            reasons.insert(0, f"not scored in this framework: {', '.join(sorted(edited))}")
        other = edited and self._scored_anywhere(edited)
        if not reasons and other:
            return f"{ELSEWHERE} {name}"
        return "moves nothing here: " + ("; ".join(reasons) or "no such cell in the data")

    def _indicators_of(self, column: str, name: str | None = None) -> list[int]:
        """Return the indicators (of one headline) that read a column, directly or through others.

        The indicator that is the column comes first.
        """
        framework = self.before.framework
        readers = [
            index
            for index, columns in enumerate(self._behind)
            if column in columns
            and (name is None or framework.score_of(framework.indicators[index].name) == name)
        ]
        return sorted(readers, key=lambda index: framework.indicators[index].data_column != column)

    @cached_property
    def _behind(self) -> list[set[str]]:
        return columns_behind(self.before)

    def _scored_anywhere(self, columns: set[str]) -> bool:
        return any(self._indicators_of(column) for column in columns)

    def moved(self) -> pd.DataFrame:
        """Return every cell that moved, by country and lever, also those that moved the other way (a copy).

        ``before, after`` in the unit of the data, ``points_before, points_after`` on the scale (over the
        whole scenario). ``status``: scored, context (not scored), beyond the goalpost (moved, its points
        did not), or estimated (no value before but the model's). After the cells come the indicators that are
        derived from them, with the status derived.
        """
        rows = [self._moved_cell(edit) for edit in self._run.sheet.edits.values()]
        return frame_of([*rows, *self._moved_derived()], [*self._key_names, *MOVED])

    def _moved_cell(self, edit: Edit) -> dict[str, Any]:
        indicators = self._indicators_of(edit.column)
        node = self._run.sheet.indicators.get(edit.column)
        first = second = float("nan")
        status = "context"
        if indicators:
            first, second = self._points(edit.row, indicators[0])
            moved = any(abs(self._shift[edit.row, indicator]) > SMALL for indicator in indicators)
            status = "estimated" if edit.estimated else "scored"
            status = status if moved else "beyond the goalpost"
            if indicators[0] in self.before._state.prepared.layout.derived:
                # A part has no points of its own.
                first = second = float("nan")
        return {
            **self._subject(edit.row, self.scenario.steps[edit.lever].label),
            "indicator": edit.column,
            "label": edit.column if node is None else node.title,
            "before": edit.before,
            "after": edit.after,
            "unit": "" if node is None else node.unit,
            "points_before": first,
            "points_after": second,
            "status": status,
        }

    def _moved_derived(self) -> list[dict[str, Any]]:
        """Return a row for every derived indicator that moved, with the levers that moved its parts."""
        rows = []
        edits = self._run.sheet.edits.values()
        for indicator in self.before._state.prepared.layout.derived:
            node = self.before.framework.indicators[indicator]
            for row in self._plan.touched.tolist():
                levers = [
                    self.scenario.steps[edit.lever].label
                    for edit in edits
                    if edit.row == row and indicator in self._indicators_of(edit.column)
                ]
                if not levers or not abs(self._shift[row, indicator]) > SMALL:
                    continue
                first, second = self._points(row, indicator)
                rows.append(
                    {
                        **self._subject(row, "; ".join(dict.fromkeys(levers))),
                        "indicator": node.name,
                        "label": node.title,
                        "before": float(self.before._state.filled[row, indicator]),
                        "after": float(self.after._state.filled[row, indicator]),
                        "unit": node.unit,
                        "points_before": first,
                        "points_after": second,
                        "status": "derived",
                    }
                )
        return rows

    def _subject(self, row: int, lever: str) -> dict[str, Any]:
        """Return the cells that say which unit and which lever a row of a table is about."""
        data = self.before.data
        keys = key_columns(data, [data.iso3[row]])
        return {**{name: cells[0] for name, cells in keys.items()}, "lever": lever}

    @property
    def _key_names(self) -> list[str]:
        return list(key_columns(self.before.data, []))

    def _points(self, row: int, indicator: int) -> tuple[float, float]:
        states = (self.before._state, self.after._state)
        before, after = (float(state.normalised[row, indicator]) for state in states)
        return before, after

    def effects(self, score: str | None = None) -> pd.DataFrame:
        """Return points of a headline by indicator: rows add up to the change exactly.

        ``against`` marks an indicator that moved the score the other way than the scenario did.

        Parameters
        ----------
        score
            A headline score, the first one if None.

        Returns
        -------
        DataFrame
            A row a touched country and indicator that moved.

        Raises
        ------
        UnknownNameError
            For a score that the framework does not have.
        """
        name = self.before._named(score)
        rows = self._plan.touched
        tree, headline = self.before._state.tree, self.before._state.tree.index[name]
        split = decompose(
            tree,
            headline,
            self.before._state.weights,
            self.after._state.evaluated[rows],
            self.before._state.evaluated[rows],
        )
        points, terms = split.points, split.terms(tree.n_indicators)
        out = []
        for index, row in enumerate(rows):
            total = points[index, headline]
            for node in np.flatnonzero(terms[index] & (np.abs(points[index]) > SMALL)):
                out.append(  # noqa: PERF401
                    {
                        self.before.data.unit_name: self.before.data.iso3[row],
                        "indicator": tree.names[node],
                        "points": float(points[index, node]),
                        "against": bool(points[index, node] * total < 0),
                    }
                )
        return frame_of(out, [self.before.data.unit_name, "indicator", "points", "against"])

    def attribution(self) -> pd.DataFrame:
        """Return points of every lever by country and headline; over levers they add up to the change.

        Exact Shapley values over the levers, every subset run; see ``analysis.scenario.attribution``.
        """
        points = shapley(self.before, self._plan, self._run.sheet, years=self.years)
        rows = []
        for lever, step in enumerate(self.scenario.steps):
            for index, row in enumerate(self._plan.touched):
                if row not in self._plan.rows[lever]:
                    continue
                entry = self._subject(int(row), step.label)
                entry |= {
                    headline: float(points[lever, index, number])
                    for number, headline in enumerate(self.before.names)
                }
                rows.append(entry)
        return frame_of(rows, [*self._key_names, "lever", *self.before.names])

    def nothing(self) -> pd.DataFrame:
        """Return what a lever could not move, and why: ``iso3, country, lever, reason`` (a copy)."""
        rows = [
            {
                **self._subject(reason.row, self.scenario.steps[reason.lever].label),
                "reason": f"moves nothing here: {reason.text}",
            }
            for reason in self._run.sheet.reasons
        ]
        return frame_of(rows, [*self._key_names, "lever", "reason"])

    @property
    def notes(self) -> tuple[str, ...]:
        """Facts that the reader must know: unmoved countries, side effects, stand-ins, costs, estimated cells."""
        sheet = self._run.sheet
        codes_of = self._unmoved()
        for note in sheet.notes:
            codes_of.setdefault(note.text, []).append(str(self.before.data.iso3[note.row]))
        guessed = sorted(
            {
                str(self.before.data.iso3[edit.row])
                for edit in sheet.edits.values()
                if edit.estimated
            }
        )
        if guessed:
            codes_of["some cells moved from the model's estimate, not from a value"] = guessed
        return tuple(
            f"{', '.join(codes[:8])}{' and others' if len(codes) > 8 else ''}: {text}"
            for text, codes in codes_of.items()
        )

    def _unmoved(self) -> dict[str, list[str]]:
        """Return the countries that nothing moves, by the reason without their names."""
        codes_of: dict[str, list[str]] = {}
        for row in map(int, self._plan.touched):
            if any(self._moved_below(row, name) for name in self.before.names):
                continue
            code = str(self.before.data.iso3[row])
            reasons = [self._reason(row, name) for name in self.before.names]
            reason = next((text for text in reasons if not text.startswith(ELSEWHERE)), reasons[0])
            for name in (f" of {self._names[code]}", f" in {self._names[code]}"):
                reason = reason.replace(name, "")
            codes_of.setdefault(reason, []).append(code)
        return codes_of

    # -- time, ranges -----------------------------------------------------------------------------

    def path(self, years: int | None = None) -> pd.DataFrame:
        """Return scores year by year while the levers are phased in.

        Parameters
        ----------
        years
            The last year; where every lever is done if None.

        Returns
        -------
        DataFrame
            Indexed ``(iso3, year)``, one column a headline score; year 0 is before.
        """
        lengths = (step.lever.length(self.before.data) for step in self.scenario.steps)
        slowest = max(lengths, default=0.0)
        last = (
            int(np.ceil(max(slowest, 1.0)))
            if years is None
            else whole_number("years", years, most=1_000)
        )
        rows: Index = self._plan.touched
        codes = list(self.before.data.iso3[rows])
        parts = []
        for year in range(last + 1):
            done = run(
                self.before,
                self._plan,
                years=float(year),
                records=self._run.sheet.records,
                whole=False,
            )
            after = self.before if year == 0 and slowest > 0 else done.after
            values = headline_values(after, self.before.names)
            values = values[rows] if after is self.before else values
            index = pd.MultiIndex.from_product(
                [codes, [year]], names=[self.before.data.unit_name, "year"]
            )
            parts.append(pd.DataFrame(values, index=index, columns=list(self.before.names)))
        return pd.concat(parts).sort_index()

    def ranges(
        self,
        *,
        draws: int = 1000,
        seed: int = 0,
        confidence_level: float = 0.90,
        base: CommonDraws | None = None,
    ) -> pd.DataFrame:
        """Return intervals of the change under the framework's factors, with common random numbers.

        The same weights, methods and errors are drawn before and after, so that what does not differ
        cancels.

        Parameters
        ----------
        draws
            How many draws.
        seed
            Same seed, same bytes.
        confidence_level
            Of the interval.
        base
            What ``common_draws`` gave for the scores before, to share it over several scenarios.

        Returns
        -------
        DataFrame
            Indexed ``iso3`` (``id`` for other units): ``score, change, change_low, change_high, falls``
            (share of the draws in which the score falls).
        """
        whole_number("draws", draws, least=2, most=MOST_DRAWS)
        whole_number("seed", seed)
        between("confidence_level", confidence_level, 0, 1)
        return change_ranges(
            self.before, self.after, self._plan.touched, (draws, seed, confidence_level), base
        )

    # -- display ----------------------------------------------------------------------------------

    def plot(self, **options: Any) -> Any:
        """Draw arrows from before to after (extra `plots`); returns the matplotlib Axes.

        Parameters
        ----------
        options
            Keyword arguments of ``plots.scenario_arrows``: `score`, `top`, `countries`, `ax`.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn on.
        """
        return plots().scenario_arrows(self, **options)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        when = "" if self.years is None else f", year {self.years:g}"
        lines = [
            f"Scenario: {self.scenario.title}{when}",
            "Levers: " + ("; ".join(step.label for step in self.scenario.steps) or "none"),
            f"{counted(len(self._plan.touched), noun(self.before.data))}. {' and '.join(self.before.names)}, "
            f"{self.before._state.tree.scale[0]:g}-{self.before._state.tree.scale[1]:g}, higher is more risk.",
            *(f"note: {note}" for note in self.notes[:LISTED]),
        ]
        if len(self.notes) > LISTED:
            lines.append(f"note: {len(self.notes) - LISTED} more notes in `notes`")
        return "\n".join(lines), table_of(self.table())


def _whole(values: Any) -> Any:
    return pd.array(values, dtype="Float64").astype("Int64")
