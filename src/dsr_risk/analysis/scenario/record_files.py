"""Records that a scenario names: files and rows, checked as written and read when the scenario runs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ...data.files import read_table
from ...errors import DataError, Problems, did_you_mean
from .record_set import KEYS

__all__ = ["TABLES", "beside", "files_of", "records_given", "records_read"]

TABLES = ("shares", "loans", "incidents")


def records_given(raw: Any, problems: Problems) -> dict[str, Any]:
    """Return the records that a scenario names; add what is wrong with how they are written to `problems`."""
    if not isinstance(raw, Mapping):
        problems.add(f"`records`: expected {{loans: loans.csv}}, received {raw!r}")
        return {}
    for key, value in raw.items():
        if key not in KEYS:
            problems.add(f"`records`: unknown key `{key}`; {did_you_mean(str(key), KEYS)}")
        elif key in TABLES and not _is_table(value):
            problems.add(f"`records.{key}`: expected a file or a list of rows, received {value!r}")
    return dict(raw)


def _is_table(value: Any) -> bool:
    if isinstance(value, str | os.PathLike | pd.DataFrame):
        return bool(str(value))
    return (
        isinstance(value, Sequence)
        and len(value) > 0
        and all(isinstance(row, Mapping) for row in value)
    )


def beside(records: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Return records with the files of a scenario file in its folder."""
    return {
        key: str(folder / value) if key in TABLES and isinstance(value, str) else value
        for key, value in records.items()
    }


def files_of(records: Mapping[str, Any]) -> dict[str, str]:
    """Return the files among records, by kind."""
    return {key: str(records[key]) for key in TABLES if isinstance(records.get(key), str)}


def records_read(
    named: Mapping[str, Any], given: Mapping[str, Any] | None, shares: pd.DataFrame | None
) -> Mapping[str, Any] | None:
    """Return the records of a call beside those that the scenario names, tables read from their files.

    Raises
    ------
    DataError
        For records of one kind given both ways, and for a file that cannot be read.
    """
    if not named:
        return given
    twice = set(given if isinstance(given, Mapping) else ())
    if shares is not None:
        twice.add("shares")
    twice &= set(named)
    if twice:
        kinds = ", ".join(f"`{kind}`" for kind in sorted(twice))
        raise DataError(f"the scenario names {kinds} of its own; give them once")
    read = {key: _table(value) if key in TABLES else value for key, value in named.items()}
    return read if given is None else {**read, **given}


def _table(value: Any) -> pd.DataFrame:
    if isinstance(value, str | os.PathLike):
        return read_table(Path(value))
    return pd.DataFrame(value)
