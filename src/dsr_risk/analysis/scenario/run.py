"""From a scenario to scores: edit the raw data of the countries touched, score them with the same model."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..._util.types import Array, Index
from ...data.dataset import Data
from ...errors import UnknownNameError, did_you_mean
from ...scoring.kernel import evaluate
from ...scoring.scores import Scores
from .definition import Scenario
from .layer_shares import Holder
from .levers import CellChange
from .names import countries_of
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


def plan_of(scores: Scores, scenario: Scenario, countries: str | Iterable[str] | None) -> Plan:
    """Resolve the countries of every step.

    Raises
    ------
    UnknownNameError
        For a country, group or column that does not exist, or where no country is named at all.
    """
    data = scores.data
    chosen = countries if countries is not None else scenario.countries
    default = countries_of(chosen, data) if chosen else ()
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
        if isinstance(step.lever, CellChange):
            _check_columns(step.lever, data)
        rows.append(tuple(data.row_of(code) for code in wanted))
    return Plan(scenario, tuple(rows))


def _check_columns(lever: CellChange, data: Data) -> None:
    for column in lever.cells:
        if column not in data.columns:
            raise UnknownNameError(
                f"no indicator `{column}` in the data; {did_you_mean(column, data.columns)}"
            )


def run(
    scores: Scores,
    plan: Plan,
    *,
    years: float | None,
    shares: Mapping[tuple[str, str], tuple[Holder, ...]],
    active: Sequence[bool] | None = None,
    whole: bool = True,
) -> Run:
    """Apply the steps in order and score the countries touched.

    With `active` only some steps; without `whole` the scores after hold the touched countries alone.
    """
    sheet = Sheet(scores, plan.scenario.roles, shares)
    for number, (step, rows) in enumerate(zip(plan.scenario.steps, plan.rows, strict=True)):
        if active is not None and not active[number]:
            continue
        sheet.lever = number
        for row in rows:
            step.lever.apply(sheet, row, years)
    return Run(_scored(scores, sheet, plan.touched, whole=whole), sheet)


def _scored(scores: Scores, sheet: Sheet, touched: Index, *, whole: bool) -> Scores:
    changes: dict[str, dict[str, float]] = {}
    for edit in sheet.edits.values():
        changes.setdefault(str(scores.data.iso3[edit.row]), {})[edit.column] = edit.after
    kept = touched if not whole else np.array(
        sorted({edit.row for edit in sheet.edits.values()}), np.intp
    )  # fmt: skip
    if not len(kept):
        return scores if whole else scores.select(countries=[])
    codes = [str(code) for code in scores.data.iso3[kept]]
    part = scores.data.select(countries=codes)
    order = scores.data.rows_kept(part)
    edited = _with_grades(part, part.replace(changes))
    after = _same_estimates(scores, scores.model.score(edited), order, sheet)
    if not whole:
        return after
    data = _with_grades(scores.data, scores.data.replace(changes))
    return _spliced(scores, after, order, data)


def _with_grades(before: Data, after: Data) -> Data:
    """Cells that moved keep the grade and the error of the figure they come from."""
    first, second = before.evidence, after.evidence
    kept = [name for name in ("confidence", "std_error") if name in first and name in second]
    if first.empty or second.empty or not kept:
        return after
    keys = ["iso3", "unit_year", "indicator"]
    moved = second.index[second["source"] == "given by hand"]
    wanted = pd.MultiIndex.from_frame(second.loc[moved, keys])
    old = first.set_index(keys)[kept]
    old = old[~old.index.duplicated()].reindex(wanted)
    for name in kept:
        there = old[name].notna().to_numpy()
        second.loc[moved[there], name] = old[name].to_numpy()[there]
    return dataclasses.replace(after, _evidence=second)


def _same_estimates(scores: Scores, after: Scores, order: Index, sheet: Sheet) -> Scores:
    """Keep estimated cells that no lever touched: a lever acts, it is no evidence of other cells."""
    if after.imputed_array is None or not after.imputed_array.any():
        return after
    framework = scores.framework
    own = np.zeros(after.filled_array.shape, bool)
    edited: dict[int, set[str]] = {}
    for edit in sheet.edits.values():
        edited.setdefault(edit.row, set()).add(edit.column)
    for place, row in enumerate(order):
        for leaf, node in enumerate(framework.indicators):
            parts = {node.data_column, node.denominator, *parts_of(node)}
            own[place, leaf] = bool(parts & edited.get(int(row), set()))
    before = scores.filled_array[order]
    keep = after.imputed_array & ~own & ~np.isnan(before)
    if not keep.any() or np.array_equal(after.filled_array[keep], before[keep]):
        return after
    filled = np.where(keep, before, after.filled_array)
    treated = np.where(keep, scores.treated_array[order], after.treated_array)
    normalised = np.where(keep, scores.normalised_array[order], after.normalised_array)
    values = evaluate(after.tree, normalised, after.weights, after.scorable.has_value)[0]
    return dataclasses.replace(
        after,
        filled_array=filled,
        treated_array=treated,
        normalised_array=normalised,
        evaluated_array=values,
    )


def parts_of(node: Any) -> set[str]:
    """Return the columns that a derived indicator is made of."""
    derived = getattr(node, "derived", None)
    names = getattr(derived, "of", None) or getattr(derived, "columns", None) or ()
    return {names} if isinstance(names, str) else {str(name) for name in names}


def _spliced(scores: Scores, after: Scores, rows: Index, data: Data) -> Scores:
    """Return the scores with some rows replaced; every other row is the very same."""
    return scores.with_rows(rows, after, data)


def headline_values(scores: Scores, names: Sequence[str]) -> Array:
    """(units, headlines) scores."""
    return np.asarray(scores.values_array[:, [scores.tree.index[name] for name in names]])


def frame_of(rows: list[dict[str, Any]], columns: list[str]) -> pd.DataFrame:
    """Return a frame with these columns even where there are no rows."""
    return pd.DataFrame(rows, columns=columns)
