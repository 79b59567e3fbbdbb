"""Check the columns of data against a framework: absent, unknown, implausible or in another unit."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping

import numpy as np

from .._util.types import Array, Index, Mask
from ..data.dataset import Data
from ..data.reading import cut, few
from ..errors import Problems, did_you_mean
from ..framework.definition import Framework
from ..framework.files import bundled_frameworks
from ..framework.nodes import Indicator
from .auxiliary import auxiliary_columns, auxiliary_problems

__all__ = ["column_problems", "check_plausible", "required", "shares_for_percent", "unit_name"]

EACH, FIRST = 20, 10
"""Columns of one problem: up to 20 have a line each, of more the first 10, and the rest are counted."""

COMPARED = 200
"""Unknown columns that are compared with the names of the framework: a comparison takes about a millisecond."""

LISTED = 1
"""Values of one problem: several share a line with their count and the first 10 others."""

SEVERAL = 5
NEAR = 0.8


def check_plausible(
    data: Data, indicators: tuple[Indicator, ...], raw: Array, problems: Problems
) -> None:
    """Add a problem for the values outside the plausible range or the ordinal codes of an indicator."""
    nothing = (-np.inf, np.inf)
    ranges = [indicator.plausible or nothing for indicator in indicators]
    low_ends = np.array([low for low, _ in ranges], float)
    high_ends = np.array([high for _, high in ranges], float)
    outside: Mask = np.asarray(((raw < low_ends) | (raw > high_ends)).any(axis=0))
    for index, indicator in enumerate(indicators):
        column = raw[:, index]
        if indicator.plausible is not None and outside[index]:
            low, high = indicator.plausible
            unit = f" ({indicator.unit})" if indicator.unit else ""
            rule = f"outside the plausible range {low:g} to {high:g}{unit}"
            for hint, rows in _by_hint(column, low, high).items():
                _add(problems, data, indicator.name, column, rows, rule, hint)
        if indicator.ordinal is not None:
            bad = ~np.isnan(column) & ~np.isin(column, indicator.ordinal)
            codes = ", ".join(f"{code:g}" for code in indicator.ordinal)
            rows = np.flatnonzero(bad)
            _add(problems, data, indicator.name, column, rows, f"not one of its codes {codes}", "")


def _by_hint(column: Array, low: float, high: float) -> dict[str, Index]:
    """Return the rows outside the range by what to do about them."""
    outside = np.flatnonzero((column < low) | (column > high))
    hints = np.array([_unit_hint(value, low, high) for value in column[outside]], object)
    return {hint: outside[hints == hint] for hint in dict.fromkeys(hints.tolist())}


def _add(
    problems: Problems, data: Data, name: str, column: Array, rows: Index, rule: str, hint: str
) -> None:
    """Add one cause in one line: the first value, and for several their count and the first others."""
    cells = [f"{unit_name(data, row)}, `{name}` = {column[row]:g}" for row in rows[: FIRST + 1]]
    if len(rows) <= LISTED:
        problems.extend(f"{cell}: {rule}{hint}" for cell in cells)
        return
    others = ", ".join(f"{unit_name(data, row)} ({column[row]:g})" for row in rows[1 : FIRST + 1])
    more = f" and {len(rows) - FIRST - 1:,} more" if len(rows) > FIRST + 1 else ""
    problems.add(
        f"{cells[0]}: {rule}{hint} ({len(rows):,} values with the same problem: also {others}{more})"
    )


def shares_for_percent(indicators: tuple[Indicator, ...], raw: Array) -> list[str]:
    """Return notes on indicators of 0 to 100 whose values all lie within 0 to 1, though they may be right."""
    problems = []
    for index, indicator in enumerate(indicators):
        if not indicator.unit.startswith("0-100"):
            continue
        observed = raw[~np.isnan(raw[:, index]), index]
        if len(observed) >= SEVERAL and observed.max() <= 1 and observed.min() >= 0:
            problems.append(
                f"`{indicator.name}` is in {indicator.unit}, and all its {len(observed)} values lie within 0 to "
                "1: a share where a percent is meant? Multiply by 100"
            )
    return problems


def _unit_hint(value: float, low: float, high: float) -> str:
    if high <= 1 and low <= value / 100 <= high:
        return "; a percent where a share is meant? Divide by 100"
    return "; correct it, or leave it empty if unknown"


def unit_name(data: Data, row: int) -> str:
    """Return what a unit is called in messages: its identifier, and its year in a panel."""
    key = data.units[row]
    return f"{key[0]} {key[1]}" if isinstance(key, tuple) else str(key)


def required(framework: Framework) -> list[Indicator]:
    """Return the indicators without which data cannot be scored."""
    return [
        indicator
        for indicator in framework.inputs
        if not indicator.optional and indicator.weight > 0
    ]


def column_problems(
    framework: Framework, data: Data, problems: Problems, *, strict: bool
) -> list[str]:
    """Add what is wrong with the columns to `problems`; return what is only worth a note.

    With `strict` every column the framework does not name is wrong; without it only one that looks
    like a misspelt name.
    """
    wanted = {indicator.data_column: indicator for indicator in framework.inputs}
    divisors = {
        indicator.denominator: indicator for indicator in framework.inputs if indicator.denominator
    }
    every = (*framework.indicators, *framework.context)
    used = {*divisors, *(node.data_column for node in every), *auxiliary_columns(framework)}
    extra = [name for name in data.columns if name not in used]
    scored = [score.name for score in framework.scores if f"{score.name}_rank" in extra]
    if scored and not wanted.keys() & set(data.columns):
        problems.add(
            f"this is a table of scores of the framework (`{scored[0]}`, `{scored[0]}_rank`), not of data; give "
            "the data that it was made from"
        )
        return []
    meant = {} if strict else _meant(data, extra, used)
    unknown = extra if strict else list(meant)
    _unknown(framework, unknown, used, problems)
    absent = {
        indicator.name: indicator
        for column, indicator in wanted.items()
        if column not in data.columns
    }
    _missing(framework, absent, extra, problems)
    problems.extend(
        f"column `{column}` is left out, it holds no numbers: {reason}"
        for column, reason in data.reading.ignored.items()
        if column in wanted or column in divisors
    )
    for column, indicator in divisors.items():
        if column not in data.columns:
            problems.add(
                f"indicator `{indicator.name}` is divided by `{column}`, and the data have no such column"
                f"{_near(column, data.columns)}"
            )
    problems.extend(auxiliary_problems(framework, data))
    unused = [] if strict else [name for name in extra if name not in meant]
    return _column_notes(framework, data, unused, absent)


def _column_notes(
    framework: Framework, data: Data, unused: list[str], absent: Mapping[str, Indicator]
) -> list[str]:
    """Return which columns are not used and which optional indicators have none."""
    notes = [f"not in the framework, not used: {', '.join(unused)}"] if unused else []
    computed = [
        node.data_column for node in framework.derivations if node.data_column in data.columns
    ]
    if computed:
        notes.append(
            f"`derived` from other columns, values given are not used: {', '.join(computed)}"
        )
    lacking = [name for name, indicator in absent.items() if indicator.optional]
    if lacking:
        notes.append(f"not in the data, counted as missing for every country: {', '.join(lacking)}")
    return notes


def _unknown(
    framework: Framework, unknown: list[str], used: Collection[str], problems: Problems
) -> None:
    """Add a problem for each column whose name is near to one of the framework, and one for all others."""
    near: dict[str, str] = {}
    for name in unknown[:COMPARED]:
        if advice := _near(name, used):
            near[name] = advice
        if len(near) == EACH:
            break
    rest = [name for name in unknown if name not in near]
    alone = [*near, *rest] if len(rest) == 1 else [*near]
    for name in alone:
        problems.add(
            f"indicator `{cut(name)}` is not in framework `{framework.name}`"
            f"{near.get(name, '')}. Rename it, remove it, or list it under `context`"
        )
    if len(rest) > 1:
        more = " more" if alone else ""
        problems.add(
            f"{len(rest):,}{more} indicators are not in framework `{framework.name}`: {few(rest, 8)}. Rename "
            "them, remove them, or list them under `context`"
        )


def _missing(
    framework: Framework, absent: dict[str, Indicator], extra: list[str], problems: Problems
) -> None:
    """Report required columns that are not there; a headline score without any of its own is reported once."""
    if not absent:
        return
    names = [indicator.name for indicator in required(framework)]
    for score in framework.scores:
        below = [
            name
            for name in names
            if name in framework.parents and framework.score_of(name) == score.name
        ]
        if len(below) > 1 and len(framework.scores) > 1 and all(name in absent for name in below):
            columns = ", ".join(absent[name].data_column for name in below)
            over = " (`load_data().update(table)`, --update FILE, lay yours over the bundled ones)"
            problems.add(
                f"no indicator of `{score.name}` is there ({columns}). Add the columns"
                f"{over if framework.name in bundled_frameworks() else ''}, or leave the score out: "
                f"`replace({{'{score.name}': None}})`, or a framework file without it"
            )
            names = [name for name in names if name not in below]
    names = [name for name in names if name in absent]
    shown = names if len(names) <= EACH else names[:FIRST]
    for name in shown:
        column = absent[name].data_column
        problems.add(
            f"indicator `{column}` is missing{_near(column, extra)}. Add the column (empty cells "
            f"where it is not known), or mark `{name}` as `optional: true` in the framework"
        )
    if len(shown) < len(names):
        problems.add(
            f"{len(names) - len(shown):,} more indicators are missing: "
            f"{few(absent[name].data_column for name in names[len(shown) :])}. Add the columns (empty cells "
            "where they are not known), or mark the indicators as `optional: true` in the framework"
        )


def _meant(data: Data, extra: list[str], names: Iterable[str]) -> dict[str, str]:
    """Return columns that look like one misspelt name each, by the name that was meant."""
    out: dict[str, str] = {}
    for name in extra:
        near = difflib.get_close_matches(name, names, n=1, cutoff=NEAR)
        if near and _fills_holes(data, name, near[0]):
            out[name] = near[0]
    meant = list(out.values())
    return {name: column for name, column in out.items() if meant.count(column) == 1}


def _fills_holes(data: Data, name: str, near: str) -> bool:
    """Tell whether the column `near` has no value wherever `name` has one: as a misspelt name would."""
    given, meant = ~np.isnan(data._matrix([name, near])).T
    return not bool((given & meant).any())


def _near(name: str, names: Iterable[str]) -> str:
    """Return the nearest names as a remark in brackets; nothing where none is near."""
    advice = did_you_mean(name, names)
    return f" ({advice})" if advice.startswith("did") else ""
