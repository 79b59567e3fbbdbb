"""From a scenario to scores: edit the raw data of the countries touched, score them with the same model."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..._util.types import Array, Index, Mask
from ...data.dataset import Data
from ...data.groups import countries_of
from ...data.units import row_of, rows_kept
from ...errors import DataError, UnknownNameError, did_you_mean
from ...scoring.kernel import evaluate
from ...scoring.prepare import prepare_again
from ...scoring.scores import Scores
from .definition import Scenario
from .levers import CellChange
from .record_set import RecordSet
from .sheet import Sheet

__all__ = ["Plan", "Run", "plan_of", "run"]


@dataclass(frozen=True)
class Plan:
    """A scenario with its countries as rows: ``rows`` of every step, in the order of the data."""

    scenario: Scenario
    rows: tuple[tuple[int, ...], ...]

    @property
    def touched(self) -> Index:
        """The rows that any step works on."""
        return np.array(sorted({row for rows in self.rows for row in rows}), np.intp)


@dataclass(frozen=True, eq=False)
class Run:
    """One run: the scores after, and the sheet with every edit and reason."""

    after: Scores
    sheet: Sheet


def plan_of(
    scores: Scores,
    scenario: Scenario,
    countries: str | int | Iterable[str | int] | None,
    selected: Collection[str] | None = None,
) -> Plan:
    """Resolve the countries of every step; of a selection those that are in it.

    Raises
    ------
    UnknownNameError
        For a country, group or column that does not exist, or where no country is named at all.
    """
    data = scores.data
    own = [isinstance(step.lever, CellChange) and step.countries for step in scenario.steps]
    if countries is not None and own and all(own):
        raise DataError(
            f"scenario `{scenario.name}`: its cells name their countries; leave out `countries`"
        )
    chosen = countries if countries is not None else scenario.countries
    default = countries_of(chosen, data) if chosen != () else ()
    rows = []
    for number, step in enumerate(scenario.steps, start=1):
        wanted = default
        if step.countries is not None:
            wanted = countries_of(step.countries, data, f"lever {number}")
            if countries is not None and not isinstance(step.lever, CellChange):
                wanted = tuple(code for code in wanted if code in default) or default
        if not wanted:
            raise UnknownNameError(
                f"scenario `{scenario.name}`: no country named for `{step.label}`; give `countries` "
                "(names, codes or groups: EU, ASEAN, BRI, a region, an income class, all)"
            )
        if selected is not None:
            wanted = _within(wanted, selected, step.label)
        if isinstance(step.lever, CellChange):
            _check_columns(step.lever, scores)
        rows.append(tuple(row_of(data, code) for code in wanted))
    return Plan(scenario, tuple(rows))


def _within(wanted: Sequence[str], selected: Collection[str], step: str) -> tuple[str, ...]:
    kept = tuple(code for code in wanted if code in selected)
    if not kept:
        raise UnknownNameError(
            f"no country of `{step}` is in the selection: it works on {', '.join(wanted[:8])}"
            f"{' and others' if len(wanted) > 8 else ''}, and {', '.join(sorted(selected)[:8])}"
            f"{' and others' if len(selected) > 8 else ''} are selected; give `countries`"
        )
    return kept


def _check_columns(lever: CellChange, scores: Scores) -> None:
    data = scores.data
    nodes = scores.framework.indicators
    computed = {node.name: node.derived.of for node in nodes if node.derived is not None}
    for column in lever.cells:
        if column in computed:
            parts = ", ".join(f"`{part}`" for part in computed[column])
            raise DataError(f"`{column}` is computed from {parts}: change these")
        if column not in data.columns:
            raise UnknownNameError(
                f"no indicator `{column}` in the data; {did_you_mean(column, data.columns)}"
            )


def run(
    scores: Scores,
    plan: Plan,
    *,
    years: float | None,
    records: RecordSet,
    active: Sequence[bool] | None = None,
    whole: bool = True,
) -> Run:
    """Apply the steps in order and score the countries touched.

    With `active` only some steps; without `whole` the scores after hold the touched countries alone.
    """
    sheet = Sheet(scores, plan.scenario.roles, records)
    for number, (step, rows) in enumerate(zip(plan.scenario.steps, plan.rows, strict=True)):
        if active is not None and not active[number]:
            continue
        sheet.lever = number
        for row in rows:
            step.lever.apply(sheet, row, years)
    return Run(_scored(scores, sheet, plan.touched, whole=whole), sheet)


def _scored(scores: Scores, sheet: Sheet, touched: Index, *, whole: bool) -> Scores:
    changes = {(edit.row, edit.column): edit.after for edit in sheet.edits.values()}
    if whole and not changes:
        return scores
    wanted = sorted({row for row, _ in changes}) if whole else touched
    data = _edited(scores.data, changes)
    part = data.select(countries=[str(scores.data.iso3[row]) for row in wanted])
    rows = rows_kept(scores.data, part)
    again = scores.model._score(prepare_again(scores.framework, part))
    after = _same_estimates(scores, again, rows, sheet)
    return scores._with_rows(rows, after, data) if whole else after


def _edited(data: Data, changes: Mapping[tuple[int, str], float]) -> Data:
    """Return the data with cells changed; each keeps its source, grade and error, and says that it was changed."""
    index_of = {name: index for index, name in enumerate(data.columns)}
    values = data.values_array.copy()
    touched = np.zeros(values.shape, bool)
    for (row, column), value in changes.items():
        values[row, index_of[column]] = value
        touched[row, index_of[column]] = True
    reasons = data.reasons
    if reasons is not None and any(
        reasons[row, index_of[name]] is not None for row, name in changes
    ):
        reasons = reasons.copy()
        reasons[touched] = None
    return dataclasses.replace(
        data,
        values_array=values,
        reasons=reasons,
        lower=_shifted(data.lower, values - data.values_array, touched),
        upper=_shifted(data.upper, values - data.values_array, touched),
    )._with_evidence(_evidence(data, changes), data._conflicts)


def _shifted(bound: Array | None, change: Array, touched: Mask) -> Array | None:
    """Return bounds of changed cells, moved with them and not below zero; gone where there was no value."""
    if bound is None:
        return None
    moved = np.where(bound >= 0, np.maximum(bound + change, 0.0), bound + change)
    return np.where(touched, moved, bound)


def _evidence(data: Data, changes: Mapping[tuple[int, str], float]) -> pd.DataFrame:
    """Return the evidence with the values of changed cells."""
    old = data._evidence
    if old.empty:
        return old
    row_of, column_of = data._evidence_rows, data._column_numbers
    cell_of = {row_of.get((row, column_of[column]), -1): (row, column) for row, column in changes}
    cell_of.pop(-1, None)
    out = old.copy(deep=False)
    rows = np.array(list(cell_of), np.intp)
    values = out["value"].to_numpy(float, copy=True)
    values[rows] = [changes[key] for key in cell_of.values()]
    out["value"] = values
    for name in ("lower", "upper"):
        if name in out:
            ends = out[name].to_numpy(float, copy=True)
            change = values[rows] - old["value"].to_numpy(float)[rows]
            moved = ends[rows] + change
            ends[rows] = np.where(ends[rows] >= 0, np.maximum(moved, 0.0), moved)
            out[name] = ends
    if "note" in out:
        notes = out["note"].to_numpy(object, copy=True)
        notes[rows] = "changed by a scenario"
        out["note"] = notes
    return out


def _same_estimates(scores: Scores, after: Scores, order: Index, sheet: Sheet) -> Scores:
    """Keep estimated cells that no lever touched: a lever acts, it is no evidence of other cells."""
    if after._imputed is None or not after._imputed.any():
        return after
    directly = np.zeros(after._state.filled.shape, bool)
    edited: dict[int, set[str]] = {}
    for edit in sheet.edits.values():
        edited.setdefault(edit.row, set()).add(edit.column)
    behind = columns_behind(scores)
    for index, row in enumerate(order):
        for indicator, columns in enumerate(behind):
            directly[index, indicator] = bool(columns & edited.get(int(row), set()))
    before = scores._state.filled[order]
    keep = after._imputed & ~directly & ~np.isnan(before)
    if not keep.any() or np.array_equal(after._state.filled[keep], before[keep]):
        return after
    filled = np.where(keep, before, after._state.filled)
    treated = np.where(keep, scores._state.treated[order], after._state.treated)
    normalised = np.where(keep, scores._state.normalised[order], after._state.normalised)
    state = after._state
    values = evaluate(state.tree, normalised, state.weights, state.scorable.has_value)[0]
    changed = dataclasses.replace(
        state, filled=filled, treated=treated, normalised=normalised, evaluated=values
    )
    return dataclasses.replace(after, _state=changed)


def columns_behind(scores: Scores) -> list[set[str]]:
    """Return return, for every indicator, the data columns that it is read or derived from."""
    layout, nodes = scores._state.prepared.layout, scores.framework.inputs
    return [
        {
            name
            for source in layout.sources(indicator)
            for name in (nodes[source].data_column, nodes[source].denominator)
            if name is not None
        }
        for indicator in range(len(layout.indicators))
    ]


def headline_values(scores: Scores, names: Sequence[str]) -> Array:
    """Return (units, headlines) scores."""
    return np.asarray(scores._values[:, [scores._state.tree.index[name] for name in names]])


def frame_of(rows: list[dict[str, Any]], columns: list[str]) -> pd.DataFrame:
    """Return a frame with these columns even where there are no rows."""
    return pd.DataFrame(rows, columns=columns)
