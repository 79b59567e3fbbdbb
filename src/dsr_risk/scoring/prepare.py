"""Read data once and take what a framework scores from them: checked, with what is not scored taken out."""

from __future__ import annotations

import dataclasses
import os
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from .._util.frozen import Frozen
from .._util.types import Array, Index, Mask
from ..data.countries import to_iso3
from ..data.dataset import Data
from ..data.identifiers import COUNTRY, IDENTIFIER
from ..data.snapshot import load_data
from ..errors import DataError, Problems
from ..framework.definition import Framework
from ..framework.nodes import Indicator
from .auxiliary import auxiliary_columns
from .column_checks import (
    LISTED,
    check_plausible,
    column_problems,
    required,
    shares_for_percent,
    unit_name,
)
from .pipeline import Layout, layout_of

__all__ = [
    "FOCAL_PARTS",
    "Prepared",
    "Source",
    "bundled_for",
    "columns_of",
    "data_for",
    "prepare",
    "prepare_variant",
    "prepare_again",
    "read_source",
    "unmasked",
]

Source = Data | pd.DataFrame | Array | str | os.PathLike[str]
"""Data, a frame, long or wide, an array with the columns of the framework, or the path of a file."""

FOCAL_PARTS = {"CHN": ("HKG", "MAC")}
"""Territories that count as the focal state itself."""


@dataclass(frozen=True)
class Prepared(Frozen):
    """The columns that a framework reads, checked, ready for fit and score.

    Arrays are (units, columns), the columns those of ``Framework.inputs``: scored indicators, then parts of
    derived ones. ``raw`` holds values as given, ``denominated`` the same divided by their denominator; both
    may be the data's own array and are only read. ``flagged`` marks values that were imputed before they
    came here, or is None. ``applicable`` is False for cells that are not applicable and for every cell of a
    focal country; ``low`` and ``high`` are the bounds of censored cells, divided like their values, or None.
    """

    framework: Framework
    data: Data
    layout: Layout
    raw: Array
    denominated: Array
    flagged: Mask | None
    applicable: Mask
    focal: Mask
    low: Array | None
    high: Array | None
    notes: tuple[str, ...]

    @property
    def applicable_values(self) -> Array:
        """The denominated values that apply; NaN elsewhere."""
        return np.where(self.applicable, self.denominated, np.nan)

    @property
    def missing(self) -> Mask:
        """The cells that apply and have no value."""
        return np.asarray(np.isnan(self.denominated) & self.applicable)

    def rows(self, keep: Mask | Index, data: Data) -> Prepared:
        """Return the same of some rows; `data` are the data of these rows."""
        arrays = ("raw", "denominated", "flagged", "applicable", "focal", "low", "high")
        parts: dict[str, Any] = {name: getattr(self, name) for name in arrays}
        kept: dict[str, Any] = {
            name: None if part is None else part[keep] for name, part in parts.items()
        }
        return dataclasses.replace(self, data=data, **kept)

    def with_rows(self, rows: Index, other: Prepared, data: Data) -> Prepared:
        """Return the same with some rows replaced by those of `other`; `data` are the data of the result."""
        changed: dict[str, Any] = {}
        for name in ("raw", "denominated", "flagged", "applicable", "focal", "low", "high"):
            old, new = getattr(self, name), getattr(other, name)
            if old is None and new is None:
                continue
            fill = False if name == "flagged" else np.nan
            if old is None:
                old = np.full(self.raw.shape, fill)
            out = np.array(old)
            out[rows] = fill if new is None else new
            changed[name] = out
        return dataclasses.replace(self, data=data, **changed)


def prepare(
    framework: Framework, source: Source, *, strict: bool = False, reference: bool = False
) -> Prepared:
    """Read the data and take from them what the framework scores.

    If reading fails, one error has the reading problems and the framework's problems in the rows that
    could be read. With `strict` every column the framework does not name is an error; without it only one
    that looks like a misspelt name is, and the others are noted. With `reference` the data are to be
    learned from: empty and constant columns are errors too.

    Raises
    ------
    DataError
        With every problem of the data.
    """
    data = data_for(framework, lambda: read_source(framework, source), strict=strict)
    problems = Problems(data.origin)
    prepared = _taken(framework, data, problems, strict=strict)
    if reference:
        _check_columns(prepared, problems)
    problems.raise_as(DataError)
    return prepared


def prepare_again(framework: Framework, data: Data) -> Prepared:
    """Take what the framework scores from edited data whose columns were checked before.

    Raises
    ------
    DataError
        If a value is not plausible.
    """
    problems = Problems(data.origin)
    prepared = _taken(framework, data, problems, strict=False, names=False)
    problems.raise_as(DataError)
    return prepared


def prepare_variant(framework: Framework, before: Prepared) -> Prepared:
    """Prepare the data of `before` for a changed framework; once for both where both take the same from them.

    Raises
    ------
    DataError
        With every problem of the data.
    """
    if _taken_by(framework) == _taken_by(before.framework):
        return dataclasses.replace(before, framework=framework)
    return prepare(framework, before.data, reference=True)


def _taken_by(framework: Framework) -> tuple[object, ...]:
    """Return all of a framework that says what is taken from data and what is a problem of theirs."""
    default = framework.defaults.normalisation
    indicators = [
        {
            **vars(indicator),
            "treatment": None,
            "normalisation": (indicator.normalisation or default).learns,
            "weight": indicator.weight == 0,
        }
        for indicator in framework.inputs
    ]
    names = [node.name for node in framework.nodes]
    derived = [(node.name, node.derived) for node in framework.derivations]
    return (
        *(framework.focal, framework.units, framework.scale, framework.context, framework.peers),
        *(framework.name, framework.defaults.missing, names, derived, indicators),
    )


def read_source(framework: Framework, source: Source) -> Data:
    """Return Data as they are, or read them from a frame, an array or a path as the framework says.

    Raises
    ------
    DataError
        With every problem of the data; for an array that has not one column for each of ``columns_of``.
    """
    if isinstance(source, Data):
        return source
    if isinstance(source, np.ndarray):
        return _of_array(framework, source)
    # Imported here: the readers of tables take longer to import than the bundled data take to score.
    from ..data.assemble import as_data
    from ..data.files import read_data

    if isinstance(source, str | os.PathLike):
        return read_data(source, units=framework.units, indicators=columns_of(framework))
    if framework.units == COUNTRY:
        return as_data(source, indicators=columns_of(framework))
    return as_data(source, units=framework.units, indicators=columns_of(framework))


def columns_of(framework: Framework) -> tuple[str, ...]:
    """Return the data columns that a framework reads: inputs, then denominators, then auxiliary columns."""
    names = [indicator.data_column for indicator in framework.inputs]
    names += [indicator.denominator for indicator in framework.inputs if indicator.denominator]
    return tuple(dict.fromkeys([*names, *sorted(auxiliary_columns(framework))]))


def unmasked(array: Any) -> Array:
    """Return the array with NaN in the cells that a masked array masks."""
    if isinstance(array, np.ma.MaskedArray) and array.dtype.kind in "fiub":
        return np.where(np.ma.getmaskarray(array), np.nan, array.data)
    return np.asarray(array)


def _of_array(framework: Framework, array: Array) -> Data:
    """Return the rows of an array as units with the identifiers 0, 1, ..."""
    columns = columns_of(framework)
    values = np.atleast_2d(unmasked(array))
    if values.dtype.kind not in "fiub":
        raise DataError(f"an array of data must hold numbers, received dtype {array.dtype}")
    if values.ndim != 2 or values.shape[1] != len(columns):
        raise DataError(
            f"an array of data must have {len(columns)} columns, in this order: {', '.join(columns)}; "
            f"received shape {array.shape}"
        )
    if not len(values):
        raise DataError(f"an array of data must have a row or more, received shape {array.shape}")
    values = np.array(values, float, order="F")
    wrong = np.isinf(values)
    if wrong.any():
        row, column = (int(part[0]) for part in np.nonzero(wrong))
        raise DataError(
            f"row {row}, column `{columns[column]}`: {values[row, column]:g} is not finite; give NaN if unknown"
        )
    return Data(pd.RangeIndex(len(values), name=IDENTIFIER), columns, values, origin="given array")


def data_for(framework: Framework, read: Callable[[], Data], *, strict: bool = False) -> Data:
    """Read the data.

    If reading fails, raise one error with the reading problems and the framework's problems in the rows
    that could be read.
    """
    try:
        return read()
    except DataError as error:
        if not isinstance(error.partial, Data):
            raise
        problems = Problems(error.partial.origin)
        _taken(framework, error.partial, problems, strict=strict)
        if not problems:
            raise
        problems.lines[:0] = error.problems
        problems.raise_as(DataError)
        raise


def _taken(
    framework: Framework, data: Data, problems: Problems, *, strict: bool, names: bool = True
) -> Prepared:
    """Take the columns, adding everything that is wrong with them to `problems`.

    With `names` false the names of the columns are not checked.
    """
    indicators = framework.inputs
    notes = column_problems(framework, data, problems, strict=strict) if names else []
    columns = [indicator.data_column for indicator in indicators]
    raw = data._matrix(columns)
    divisors = _divisors(data, indicators, problems)
    denominated = _divided(raw, divisors)
    check_plausible(data, indicators, denominated, problems)
    notes += shares_for_percent(indicators, denominated)
    _check_focal(framework, problems)
    foreign, remarks = _foreign_focal(framework, data, indicators)
    raw, denominated = _without(raw, foreign), _without(denominated, foreign)
    applies = data.applicable(columns)
    applicable = np.ones(raw.shape, bool) if applies is None else np.array(applies)
    # What did not apply to the other origin is merely not known for this one.
    applicable[:, foreign] = True
    focal = _focal(framework, data)
    applicable[focal] = False
    low, high = data.bounds(columns) or (None, None)
    return Prepared(
        framework,
        data,
        layout_of(framework),
        raw,
        denominated,
        _flagged(data, columns),
        applicable,
        focal,
        None if low is None else _divided(low, divisors),
        None if high is None else _divided(high, divisors),
        (*notes, *remarks),
    )


def bundled_for(framework: Framework) -> Data:
    """Return the bundled snapshot, or one line on what a framework made for other data does not find in it."""
    data = load_data()
    absent = [
        indicator.name
        for indicator in required(framework)
        if indicator.data_column not in data.columns
    ]
    if absent:
        raise DataError(
            f"framework `{framework.name}` scores data of your own: the {data.origin} lacks "
            f"{len(absent)} of its {len(framework.indicators)} indicators ({', '.join(absent)}). Give the "
            "data, such as a file with a column for each (on the command line, `--data FILE`)"
        )
    return data


def _check_focal(framework: Framework, problems: Problems) -> None:
    origin = framework.focal
    if origin is not None and not _is_code(origin):
        problems.add(
            f"framework `{framework.name}`: `focal` is '{origin}', which is no country; expected an ISO "
            "3166 alpha-3 code such as CHN"
        )


@cache
def _is_code(origin: str) -> bool:
    """Tell whether a text is the code of a country."""
    return bool(to_iso3([origin])[0] == origin)


def _focal(framework: Framework, data: Data) -> Mask:
    if framework.focal is None or data.kind != COUNTRY:
        return np.zeros(len(data), bool)
    return np.isin(data.iso3, [framework.focal, *FOCAL_PARTS.get(framework.focal, ())])


def _divisors(
    data: Data, indicators: tuple[Indicator, ...], problems: Problems
) -> dict[int, tuple[Array, float]]:
    """Return for every indicator that is divided, the denominator's column and what scales it."""
    divisors, divided = {}, defaultdict(list)
    for index, indicator in enumerate(indicators):
        if indicator.denominator is None or indicator.denominator not in data.columns:
            continue
        by = data._matrix([indicator.denominator])[:, 0]
        divided[indicator.denominator].append(f"`{indicator.name}`")
        divisors[index] = (np.where(by > 0, by, np.nan), indicator.scale_factor)
    for column, names in divided.items():
        by = data._matrix([column])[:, 0]
        problems.extend(
            f"{unit_name(data, row)}: `{column}` is {by[row]:g}, and {', '.join(names)} "
            f"{'is' if len(names) == 1 else 'are'} divided by it; it must be above 0, or empty"
            for row in np.flatnonzero(by <= 0)[:LISTED]
        )
    return divisors


def _divided(x: Array, divisors: dict[int, tuple[Array, float]]) -> Array:
    if not divisors:
        return x
    out = np.array(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        for index, (by, factor) in divisors.items():
            out[:, index] /= by / factor
    return out


def _without(x: Array, columns: list[int]) -> Array:
    if not columns:
        return x
    out = np.array(x)
    out[:, columns] = np.nan
    return out


def _flagged(data: Data, columns: list[str]) -> Mask | None:
    """Return which values their evidence says were imputed before they came here; None for none."""
    if "flag" not in data._evidence:
        return None
    flagged = np.asarray(data.evidence_array("flag", columns) == "imputed")
    return flagged if flagged.any() else None


def _foreign_focal(
    framework: Framework, data: Data, indicators: tuple[Indicator, ...]
) -> tuple[list[int], list[str]]:
    """Return the indicators computed for another focal origin, which say nothing about this one, and why."""
    taken = [index for index, indicator in enumerate(indicators) if indicator.focal]
    if not taken:
        return [], []
    if framework.focal is None:
        names = ", ".join(indicators[index].name for index in taken)
        return taken, [f"no focal origin: left out {names}, which depend on one"]
    evidence = data.focal_origins()
    wrong: dict[str, list[int]] = {}
    for index in taken:
        origins = evidence.get(indicators[index].data_column, set()) - {framework.focal}
        if origins:
            wrong.setdefault(", ".join(sorted(origins)), []).append(index)
    return [index for columns in wrong.values() for index in columns], [
        f"focal origin is {framework.focal}, but the data were built for {origins}: left out "
        f"{', '.join(indicators[index].name for index in columns)}; rebuild them from records for "
        f"{framework.focal}"
        for origins, columns in wrong.items()
    ]


def _check_columns(prepared: Prepared, problems: Problems) -> None:
    """Add the columns of a reference set that are empty, constant or too wide."""
    framework, data = prepared.framework, prepared.data
    if prepared.focal.all():
        return
    keep = ~prepared.focal
    raw = prepared.denominated if keep.all() else prepared.denominated[keep]
    left_out = {
        index
        for index, indicator in enumerate(framework.inputs)
        if indicator.focal and prepared.notes
    }
    with np.errstate(invalid="ignore", over="ignore"):
        low, high = np.fmin.reduce(raw, axis=0), np.fmax.reduce(raw, axis=0)
        spread = high - low
    counts = (~np.isnan(raw)).sum(axis=0)
    for index, indicator in enumerate(framework.inputs):
        if indicator.weight == 0 or (index in left_out and counts[index] == 0):
            continue
        if indicator.data_column not in data.columns:
            continue  # said already, or optional
        if counts[index] == 0 and not indicator.optional:
            problems.add(
                f"indicator `{indicator.name}` is empty: no country has a value; fill it, mark it "
                f"`optional: true`, or take it out of the framework (`replace({{'{indicator.name}': None}})`)"
            )
        elif counts[index] and np.isinf(spread[index]):
            problems.add(
                f"indicator `{indicator.name}`: the range {low[index]:g} to {high[index]:g} overflows float64; "
                "use a larger unit"
            )
        elif (
            counts[index]
            and low[index] == high[index]
            and (indicator.normalisation or framework.defaults.normalisation).learns
        ):
            problems.add(
                f"indicator `{indicator.name}` is constant: {_all(counts[index])} {low[index]:g}, so "
                f"it cannot tell countries apart; take it out of the framework (`replace({{'{indicator.name}': "
                "None})`), or score with a model fitted on a larger reference set (`fit(...).score(...)`, "
                "`--model FILE`)"
            )


def _all(count: int) -> str:
    return f"all {count} values are" if count > 1 else "its only value is"
