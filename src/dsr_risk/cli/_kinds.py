"""Options of kinds of records as typed on the command line, and the records of files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd
import yaml

from ..data.files import read_table
from ..errors import DataError, DsrRiskError, Problems, UnknownNameError, did_you_mean
from ..records.columns import NUMBERS, columns_of
from ..records.options import option_of
from ._kind_table import INDICATORS, SOURCES, Indicator

__all__ = ["check_kind", "from_files", "indicators", "options_of"]

DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")
WORDS = {"true": True, "false": False, "yes": True, "no": False}
ROW = "row in the file"
OLD_NAMES = {
    "value": "amount",
    "year": "year_column",
    "at": "as_of",
    "covered": "countries",
    "tracked": "kinds",
    "confidence": "confidence_level",
    "rate_unit": "unit",
    "assumed_terms": "assumed",
}
"""Options before version 0.2.0, each with its name now."""

Options = dict[str, object]


def indicators() -> dict[str, str]:
    """Return the functions of records, each with the first line of its docstring."""
    return {
        name: (indicator.function.__doc__ or "").splitlines()[0]
        for name, indicator in INDICATORS.items()
    }


def check_kind(kind: str) -> None:
    """Raise UnknownNameError for a kind that is neither a source nor an indicator."""
    kinds = [*SOURCES, *INDICATORS]
    if kind not in kinds:
        raise UnknownNameError(f"no kind of records `{kind}`; {did_you_mean(kind, kinds)}")


def options_of(kind: str, settings: Iterable[str], tables: Iterable[str]) -> Options:
    """Return the options as typed, by parameter of the function; report all problems at once."""
    check_kind(kind)
    given, paths = _pairs(settings), _pairs(tables)
    if kind in SOURCES:
        return _of_source(kind, given, paths)
    return _of_indicator(kind, INDICATORS[kind], given, paths)


def _of_source(kind: str, given: Mapping[str, str], paths: Mapping[str, str]) -> Options:
    for name in [*given, *paths]:
        if name not in SOURCES[kind]:
            raise _unknown(kind, name, SOURCES[kind])
    problems = Problems(kind)
    options = {name: _value(name, text, problems) for name, text in given.items()}
    problems.raise_as(DataError)
    return {**options, **{name: by_country(path, name) for name, path in paths.items()}}


def _of_indicator(
    kind: str, indicator: Indicator, given: Mapping[str, str], paths: Mapping[str, str]
) -> Options:
    homes = {name: _home(kind, indicator, name) for name in [*given, *paths]}
    _check_needs(kind, indicator, set(homes.values()))
    problems = Problems(kind)
    options: Options = {}
    parts: dict[str, Options] = {}
    for name, text in given.items():
        home, bare = homes[name], name.rpartition(".")[2]
        value = _typed(indicator, home, bare, text, problems)
        if home == bare:
            options[home] = value
        else:
            parts.setdefault(home, {})[bare] = value
    problems.raise_as(DataError)
    for name, path in paths.items():
        if homes[name] == name:
            options[name] = by_country(path, name)
        else:
            parts.setdefault(homes[name], {})[name] = by_country(path, name)
    options |= parts
    _check_objects(indicator, options, problems)
    problems.raise_as(DataError)
    return options


def _check_objects(indicator: Indicator, options: Options, problems: Problems) -> None:
    """Make the option objects now: what is wrong in them is reported before any file is read."""
    for part, kind in indicator.objects.items():
        if part in options:
            try:
                options[part] = option_of(kind, options[part], part)
            except DsrRiskError as error:
                problems.extend([error.message, *error.problems])
    try:
        columns_of(options.get("columns"), indicator.columns)  # type: ignore[arg-type]
    except DsrRiskError as error:
        problems.add(error.message)


def _home(kind: str, indicator: Indicator, name: str) -> str:
    """Return the one parameter that an option belongs to."""
    homes = indicator.homes(name)
    if len(homes) == 1:
        return homes[0]
    if homes:
        both = " or ".join(f"`{home}.{name}`" for home in homes)
        raise UnknownNameError(f"option `{name}` of {kind} is one of two; write {both}")
    raise _unknown(kind, name, indicator.options())


def _unknown(kind: str, name: str, options: Sequence[str]) -> UnknownNameError:
    if name == "trace":
        return UnknownNameError("`trace` is not an option of --set; give --trace FILE")
    if OLD_NAMES.get(name) in options:
        return UnknownNameError(
            f"{kind} has no option `{name}` since version 0.2.0; give `{OLD_NAMES[name]}`"
        )
    return UnknownNameError(f"{kind} has no option `{name}`; {did_you_mean(name, options)}")


def _check_needs(kind: str, indicator: Indicator, given: set[str]) -> None:
    """Report a required option that is absent before any file is read."""
    for name, way in indicator.needs.items():
        if name not in given:
            raise DataError(f"{kind} needs `{name}`: give {way.format(name=name)}")


def _typed(indicator: Indicator, home: str, name: str, text: str, problems: Problems) -> object:
    if name in indicator.links:
        return table_of_records([text])
    if home == "columns" and name not in NUMBERS:
        return None if text.strip().casefold() in ("", "none", "null", "~") else text
    return _value(name, text, problems)


def _value(name: str, text: str, problems: Problems) -> object:
    """Read a value as YAML: `3` is a number and `[a, b]` is a list."""
    if text.strip().casefold() == "none":
        return None
    try:
        return yaml.load(text, Loader=_Plain)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError:
        problems.add(f"option `{name}`: '{text}' is not YAML; are brackets and quotes closed?")
        return None


class _Plain(yaml.SafeLoader):
    """Plain data, in which NO is Norway and a date is a text."""


_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if not tag.endswith((":bool", ":timestamp"))]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Plain.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def _pairs(given: Iterable[str]) -> dict[str, str]:
    problems = Problems("options")
    out: dict[str, str] = {}
    for pair in given:
        name, sign, value = pair.partition("=")
        name = name.strip().replace("-", "_")
        if not sign or not name:
            problems.add(f"expected NAME=VALUE, received '{pair}'")
        elif name in out:
            problems.add(f"`{name}` is given twice")
        out[name] = value
    problems.raise_as(DataError)
    return out


def from_files(
    kind: str, files: Sequence[str], options: Options, *, trace: bool = False
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Return an indicator from tables of records, and what each record contributes if asked for.

    Records are named by their row in the file.
    """
    frame = table_of_records(files)
    indicator = INDICATORS[kind]
    columns = dict(options.get("columns") or {})  # type: ignore[call-overload]
    if "record" not in columns:
        columns["record"] = ROW
        frame[ROW] = _rows(files, frame.attrs["lengths"])
    named = {**options, "columns": columns}
    try:
        table = indicator.function(frame, **named)
        return table, indicator.trace(frame, **named) if trace else None
    except DataError as error:
        raise DataError(f"{', '.join(files)}: {error.message}", error.problems) from error


def _rows(files: Sequence[str], lengths: Sequence[int]) -> list[int] | list[str]:
    """Return the row of each record, the header counted; with several files the name of its file too."""
    if len(files) == 1:
        return list(range(2, lengths[0] + 2))
    pairs = zip(files, lengths, strict=True)
    return [f"{Path(name).name}:{row}" for name, size in pairs for row in range(2, size + 2)]


def table_of_records(paths: Iterable[str]) -> pd.DataFrame:
    """Return tables of records under one another: columns of numbers, dates and yes/no as what they are."""
    parts = [read_table(Path(path)) for path in paths]
    rows = pd.concat(parts, ignore_index=True)
    table = pd.DataFrame({name: _column(rows[name]) for name in rows.columns})
    table.attrs["lengths"] = [len(part) for part in parts]
    return table


def _column(column: pd.Series) -> pd.Series:
    column = column.replace(r"^\s*$", None, regex=True)
    given = column.dropna()
    if given.empty or not given.map(lambda cell: isinstance(cell, str)).all():
        return column
    numbers = pd.to_numeric(given, errors="coerce")
    if numbers.notna().all():
        return pd.to_numeric(column)
    if given.str.fullmatch(DATE).all():
        dates = pd.to_datetime(column.str.slice(0, 10), errors="coerce")
        return column if dates[given.index].isna().any() else dates
    if given.str.casefold().isin(list(WORDS)).all() and len(given) == len(column):
        return column.str.casefold().map(WORDS).astype(bool)
    return column


def by_country(path: str, name: str) -> pd.DataFrame | pd.Series:
    """Return figures by country, or by country and year, from a table of two or three columns.

    Of a table with more columns, such as a starter table, those called `value`, `score` or `name` are read.
    """
    frame = table_of_records([path])
    keys = {
        column: key
        for column in frame.columns
        for key in ("iso3", "year")
        if column.strip().casefold() in ({"year"} if key == "year" else {"iso3", "country", "code"})
    }
    rest = [column for column in frame.columns if column not in keys]
    named = [column for column in rest if column.strip().casefold() in ("value", "score", name)]
    if len(rest) > 1 and len(named) == 1 and "iso3" in keys.values():
        codes = next(column for column, key in keys.items() if key == "iso3")
        return frame.set_index(codes)[named[0]]
    if len(keys) == 2 and len(rest) == 1:
        return frame.rename(columns={**keys, rest[0]: name})
    if frame.shape[1] != 2:
        raise DataError(
            f"{path}: expected two columns, the country and its value, or three with `year`; "
            f"received {frame.shape[1]}: {', '.join(f'`{column}`' for column in frame.columns)}"
        )
    return frame.set_index(frame.columns[0])[frame.columns[1]]
