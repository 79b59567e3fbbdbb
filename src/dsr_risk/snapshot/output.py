"""The files of the snapshot, assembled and written; deterministic to the byte."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .._util.atomic import atomic, make_folder, outputs_together
from ..data.evidence import LONG_COLUMNS
from ..data.snapshot import snapshot_facts
from ..errors import DataError, Problems
from ..framework.files import load_framework
from .cells import NUMBERS, choose
from .context import LEFT_OUT, context_names, context_rows, exact_scores, uncited
from .countries import FISCAL, countries
from .crosscheck import differences
from .debt import SHIP_COMPANIES, unfilled
from .folder import EDITIONS, Folder
from .indicators import COLUMNS as INDICATORS, indicator_rows
from .registers import microstates
from .security import incident_fit
from .sources import FILES
from .starter import data_protection
from .supply import NOT_USABLE

STARTER = "starter/data_protection.csv"
NAMES = ("snapshot.csv", "countries.csv", "snapshot.json", STARTER)
EDITION = 2026


def snapshot(folder: Folder, newer: Sequence[str] = ()) -> pd.DataFrame:
    """Return all cells, in the order of the framework, then country, then chosen first.

    `newer` names the files whose date is not the one that ``sources`` states.
    """
    rows = choose(pd.concat([indicator_rows(folder, exact_scores(folder)), context_rows(folder)]))
    order = [*(column.indicator for column in INDICATORS), *context_names()]
    position = rows["indicator"].map({name: i for i, name in enumerate(order)})
    rows = rows.assign(place=position).sort_values(
        ["place", "iso3", "chosen", "year", "source"],
        ascending=[True, True, False, False, True],
        kind="stable",
    )
    check_plausible(rows)
    return dated(rows[list(LONG_COLUMNS)].reset_index(drop=True), folder, newer)


def check_plausible(rows: pd.DataFrame) -> None:
    """Raise DataError for values outside the plausible range of their indicator: a changed unit shows here."""
    problems = Problems("snapshot")
    ranges = {
        indicator.name: indicator.plausible
        for indicator in load_framework("dsr").indicators
        if indicator.plausible
    }
    for name, group in rows.groupby("indicator", sort=False):
        low, high = ranges.get(str(name), (-np.inf, np.inf))
        outside = group[
            group["chosen"].eq(1) & ~group["value"].between(low, high) & group["value"].notna()
        ]
        if len(outside):
            first = outside.iloc[0]
            problems.add(
                f"`{name}` of {first['source']}: {len(outside)} values outside {low:g} to {high:g}, such as "
                f"{first['value']:g} of {first['iso3']}; the source may have another unit "
                f"({first['unit']} is expected)"
            )
    problems.raise_as(DataError)


def changed_files(folder: Folder) -> list[str]:
    """Return the names of the files that are not those the bundled snapshot was built from."""
    bundled = {entry["file"]: entry["sha256"] for entry in snapshot_facts()["built_from"]}
    return [name for name, digest in folder.digests().items() if bundled.get(name) != digest]


def dated(rows: pd.DataFrame, folder: Folder, newer: Sequence[str]) -> pd.DataFrame:
    """Give cells of newer files the date of retrieval that is stated for the file, or none."""
    dates = {
        source.title: folder.dates.get(name, "") for name in newer for source in FILES[name][1]
    }
    retrieved = rows["retrieved"]
    for title, date in dates.items():
        held = rows["source"].str.contains(title, regex=False)
        # A figure computed from several sources has the newest of their dates.
        later = retrieved.where(retrieved.gt(date), date) if date else ""
        retrieved = retrieved.where(~held, later)
    return rows.assign(retrieved=retrieved)


def status(rows: pd.DataFrame) -> pd.Series:
    """Return `observed`, `not_applicable` or `censored` for each row."""
    return pd.Series(
        np.select(
            [rows["value"].notna(), rows["reason"].ne("")],
            ["observed", "not_applicable"],
            default="censored",
        ),
        index=rows.index,
    )


def counts(rows: pd.DataFrame, territories: int) -> dict[str, dict[str, Any]]:
    """Return cells used by indicator and status; missing = territories less all cells there are."""
    used = rows[rows["chosen"].eq(1)].assign(status=status(rows))
    out: dict[str, dict[str, Any]] = {}
    for name, group in used.groupby("indicator", sort=False):
        of = group["status"].value_counts()
        reasons = group.loc[group["status"].eq("not_applicable"), "reason"].value_counts()
        out[str(name)] = {
            "unit": group["unit"].iloc[0],
            "focal": group["focal"].iloc[0],
            "years": [int(group["year"].min()), int(group["year"].max())],
            "observed": int(of.get("observed", 0)),
            "censored": int(of.get("censored", 0)),
            "not_applicable": {str(k): int(v) for k, v in sorted(reasons.items())},
            "missing": territories - len(group),
            "conflicts": int((rows["indicator"].eq(name) & rows["chosen"].eq(0)).sum()),
        }
    return out


def metadata(folder: Folder, rows: pd.DataFrame, territories: int, edition: int) -> dict[str, Any]:
    """Return snapshot.json: what the snapshot is built from and what is in it; no date of building."""
    digests = folder.digests()
    described = counts(rows, territories)
    fit, _ = incident_fit(folder)
    core = [column.indicator for column in INDICATORS]
    return {
        "name": "dsr",
        "edition": edition,
        "countries": territories,
        "focal": "CHN",
        "built_from": [
            {"file": name, "sha256": digests[name], "licence": FILES[name][0]}
            for name in sorted(FILES)
        ],
        "indicators": {name: described[name] for name in core},
        "context": {name: described[name] for name in context_names()},
        "income_classes": {
            FISCAL["new"]: "recipients of AidData's country table",
            FISCAL["old"]: "the rest",
        },
        "incident_prior": {
            "rate": float(f"{fit.pooled:.6g}"),
            "million_people": float(f"{fit.prior_exposure:.6g}"),
        },
        "microstates": sorted(microstates(folder)),
        "left_out": {
            "facts.csv": LEFT_OUT | uncited(folder),
            "focal_commitments_gdp": {
                code: "ship companies registered there" if code in SHIP_COMPANIES else "no GDP"
                for code in unfilled(folder)
            },
            "focal_share_machinery_electronics": dict.fromkeys(
                NOT_USABLE, "exports of the focal state implausibly small in the source"
            ),
        },
        "checked_against_country_indicators": differences(folder),
    }


def plain(value: float) -> str:
    """Write a number as short text that reads back as the same number.

    Examples
    --------
    >>> plain(3.0), plain(0.1), plain(float("nan")), plain(112884370000.0)
    ('3', '0.1', '', '112884370000')
    """
    if np.isnan(value):
        return ""
    return str(int(value)) if value == int(value) and abs(value) < 1e16 else repr(float(value))


def build(
    folder: Folder, out: Path, *, edition: int = EDITION, maintained: bool = False
) -> list[str]:
    """Write the four files to `out`, all or none; return what the user should know.

    Parameters
    ----------
    folder : Folder
        The source files.
    out : Path
        A folder; it is made if it is not there.
    edition : int
        The year of the edition, from which the age of a cell is counted.
    maintained : bool
        Whether ``sources`` states the dates of these files. By default it does for files of the bundled
        edition only; the dates of others come from ``editions.csv``.

    Raises
    ------
    DataError
        If a source has another format or implausible values, if `out` is a folder of source files, or if
        it cannot be written to.
    """
    folder.refuse_as_output(out)
    newer = [] if maintained else changed_files(folder)
    rows, table = snapshot(folder, newer), countries(folder)
    texts = rows.assign(**{name: rows[name].map(plain) for name in NUMBERS})
    described = json.dumps(
        metadata(folder, rows, len(table), edition), indent=2, ensure_ascii=False
    )
    contents = {
        "snapshot.csv": texts.to_csv(index=False, lineterminator="\n"),
        "countries.csv": table.to_csv(index=False, lineterminator="\n"),
        "snapshot.json": described + "\n",
        STARTER: data_protection(folder).to_csv(index=False, lineterminator="\n"),
    }
    with outputs_together(folder.paths.values()):
        make_folder((out / STARTER).parent)
        for name, content in contents.items():
            with atomic(out / name) as part:
                part.write_text(content, encoding="utf-8", newline="\n")
    return [
        f"`{name}` differs from the file of the bundled edition and {EDITIONS} does not give its date: "
        "its cells have no date of retrieval"
        for name in newer
        if name not in folder.dates and FILES[name][1]
    ]


def changes(built: Path, shipped: Path) -> list[str]:
    """Return how the files of two folders differ, a few lines a file; empty if they are equal."""
    lines = []
    for name in NAMES:
        if not (shipped / name).is_file():
            lines.append(f"{name}: not shipped")
            continue
        new = (built / name).read_bytes().decode().splitlines()
        old = (shipped / name).read_bytes().decode().splitlines()
        if (built / name).read_bytes() == (shipped / name).read_bytes():
            continue
        gone, come = sorted(set(old) - set(new)), sorted(set(new) - set(old))
        lines.append(f"{name}: {len(gone)} lines only in the shipped file, {len(come)} only here")
        lines.extend(f"  - {line[:160]}" for line in gone[:5])
        lines.extend(f"  + {line[:160]}" for line in come[:5])
    return lines
