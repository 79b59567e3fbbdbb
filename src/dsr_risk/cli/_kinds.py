"""Kinds of files and records on the command line, and the options each takes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, get_type_hints

import pandas as pd
import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError

from .. import readers, records
from ..data.files import read_table
from ..errors import DataError, Problems, UnknownNameError, did_you_mean

__all__ = ["check_kind", "from_files", "indicators", "options_of"]

DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?")
WORDS = {"true": True, "false": False, "yes": True, "no": False}
ROW = "row in the file"
GIVEN_APART = {"trace": "--trace FILE"}


def indicators() -> dict[str, str]:
    """The functions of ``dsr_risk.records`` that take a frame of records, each with its first line."""
    found = {name: getattr(records, name) for name in records.__all__}
    return {
        name: (inspect.getdoc(one) or "").splitlines()[0]
        for name, one in found.items()
        if inspect.isfunction(one) and "country" in inspect.signature(one).parameters
    }


def check_kind(kind: str) -> None:
    """Refuse a kind that is neither a source nor an indicator."""
    known = [*readers.kinds(), "coinr", *indicators()]
    if kind not in known:
        raise UnknownNameError(f"no kind of records `{kind}`; {did_you_mean(kind, known)}")


def target_of(kind: str) -> Callable[..., Any]:
    """The function behind a kind."""
    found: Callable[..., Any] = (
        getattr(records, kind) if kind in indicators() else getattr(readers, kind)
    )
    return found


def options_of(kind: str, settings: Iterable[str], tables: Iterable[str]) -> dict[str, Any]:
    """Options as typed, each as the type its function declares; all problems told at once."""
    check_kind(kind)
    given = _pairs(settings)
    paths = _pairs(tables)
    _check_names(kind, [*given, *paths])
    hints = get_type_hints(target_of(kind))
    problems = Problems(kind)
    options: dict[str, Any] = {}
    for name, text in given.items():
        if name == "links":
            options[name] = table_of_records([text])
            continue
        try:
            options[name] = _typed(hints[name], text)
        except ValidationError as wrong:
            said = wrong.errors()[0]["msg"].removeprefix("Input ")
            problems.add(f"option `{name}` {said}, received '{text}'")
        except yaml.YAMLError:
            problems.add(f"option `{name}`: '{text}' is not YAML; are brackets and quotes closed?")
    problems.raise_as(DataError)
    return {**options, **{name: by_country(path, name) for name, path in paths.items()}}


def _typed(hint: Any, text: str) -> Any:
    """A value read as YAML, so that 3 and [a, b] mean what they say; else the text as it stands."""
    adapter: TypeAdapter[Any] = TypeAdapter(
        hint, config=ConfigDict(arbitrary_types_allowed=True, extra="forbid")
    )
    value = yaml.load(text, Loader=_Plain)  # noqa: S506 - a SafeLoader
    try:
        return adapter.validate_python(value)
    except ValidationError:
        if isinstance(value, list | dict):
            raise
        return adapter.validate_python(text)


class _Plain(yaml.SafeLoader):
    """Plain data, in which NO is Norway and a date is a text."""


_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if not tag.endswith((":bool", ":timestamp"))]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Plain.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)


def _check_names(kind: str, names: Iterable[str]) -> None:
    """An option that is unknown or absent is said before any file is read."""
    parameters = inspect.signature(target_of(kind)).parameters
    files = 2 if kind == "coinr" else 1
    known = dict(list(parameters.items())[files:])
    names = list(names)
    for name in names:
        if name in GIVEN_APART and name in known:
            raise UnknownNameError(f"`{name}` is not an option of --set; give {GIVEN_APART[name]}")
        if name not in known:
            listed = [one for one in known if one not in GIVEN_APART]
            raise UnknownNameError(f"{kind} has no option `{name}`; {did_you_mean(name, listed)}")
    absent = [
        name
        for name, one in known.items()
        if one.default is inspect.Parameter.empty and name not in names
    ]
    if absent:
        name = absent[0]
        way = f"--by-country {name}=FILE, or --set {name}=VALUE"
        if name == "links":
            way = "--set links=FILE, a table of buyer, seller and share"
        elif name in ("listed", "high_risk", "components", "indicator"):
            way = f"--set {name}=VALUE, such as --set '{name}={_example(name)}'"
        raise DataError(f"{kind} needs `{name}`: give {way}")


def _example(name: str) -> str:
    return {"components": "{law: [dp law], authority: [dpa]}", "indicator": "cloud_dependence"}.get(
        name, "[Huawei, ZTE]"
    )


def _pairs(given: Iterable[str]) -> dict[str, str]:
    problems = Problems("options")
    out: dict[str, str] = {}
    for one in given:
        name, sign, value = one.partition("=")
        name = name.strip().replace("-", "_")
        if not sign or not name:
            problems.add(f"expected NAME=VALUE, received '{one}'")
        elif name in out:
            problems.add(f"`{name}` is given twice")
        out[name] = value
    problems.raise_as(DataError)
    return out


def from_files(kind: str, files: Sequence[str], options: dict[str, Any], **more: Any) -> Any:
    """An indicator from tables of records; records are named by their row in the file."""
    frame = table_of_records(files)
    target = target_of(kind)
    if "record" in inspect.signature(target).parameters and "record" not in options:
        more["record"] = ROW
        frame[ROW] = _rows(files, frame.attrs["lengths"])
    try:
        return target(frame, **options, **more)
    except DataError as error:
        raise DataError(f"{', '.join(files)}: {error.message}", error.problems) from error


def _rows(files: Sequence[str], lengths: Sequence[int]) -> list[Any]:
    """The row of each record, the header counted; with several files the name of its file too."""
    if len(files) == 1:
        return list(range(2, lengths[0] + 2))
    pairs = zip(files, lengths, strict=True)
    return [f"{Path(name).name}:{row}" for name, size in pairs for row in range(2, size + 2)]


def table_of_records(paths: Iterable[str]) -> pd.DataFrame:
    """Tables of records under one another: columns of numbers, dates and yes/no as what they are."""
    parts = [read_table(Path(one)) for one in paths]
    whole = pd.concat(parts, ignore_index=True)
    table = pd.DataFrame({name: _column(whole[name]) for name in whole.columns})
    table.attrs["lengths"] = [len(part) for part in parts]
    return table


def _column(column: pd.Series[Any]) -> pd.Series[Any]:
    column = column.replace(r"^\s*$", None, regex=True)
    given = column.dropna()
    if given.empty or not given.map(lambda one: isinstance(one, str)).all():
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


def by_country(path: str, name: str) -> Any:
    """Figures by country, or by country and year, from a table of two or three columns."""
    frame = table_of_records([path])
    keys = {
        column: key
        for column in frame.columns
        for key in ("iso3", "year")
        if column.strip().casefold() in ({"year"} if key == "year" else {"iso3", "country", "code"})
    }
    rest = [column for column in frame.columns if column not in keys]
    if len(keys) == 2 and len(rest) == 1:
        return frame.rename(columns={**keys, rest[0]: name})
    if frame.shape[1] != 2:
        raise DataError(
            f"{path}: expected two columns, the country and its value, or three with `year`; "
            f"received {frame.shape[1]}: {', '.join(f'`{one}`' for one in frame.columns)}"
        )
    return frame.set_index(frame.columns[0])[frame.columns[1]]
