"""Assembling, describing and writing the three files; deterministic to the byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .cells import COLUMNS, NUMBERS, choose
from .context import LEFT_OUT, context_names, context_rows, exact_scores, uncited
from .countries import FISCAL, countries
from .crosscheck import differences
from .debt import SHIP_COMPANIES, unfilled
from .indicators import COLUMNS as INDICATORS, indicator_rows
from .registers import microstates
from .security import incident_fit
from .sources import FILES, Folder
from .starter import data_protection
from .supply import NOT_USABLE

STARTER = "starter/data_protection.csv"
NAMES = ("snapshot.csv", "countries.csv", "snapshot.json", STARTER)
EDITION = 2026


def snapshot(folder: Folder) -> pd.DataFrame:
    """All cells, in the order of the framework, then country, then chosen first."""
    rows = choose(pd.concat([indicator_rows(folder, exact_scores(folder)), context_rows(folder)]))
    order = [*(column.indicator for column in INDICATORS), *context_names()]
    place = rows["indicator"].map({name: i for i, name in enumerate(order)})
    rows = rows.assign(place=place).sort_values(
        ["place", "iso3", "chosen", "year", "source"],
        ascending=[True, True, False, False, True],
        kind="stable",
    )
    return rows[list(COLUMNS)].reset_index(drop=True)


def status(rows: pd.DataFrame) -> pd.Series:
    """`observed`, `not_applicable` or `censored` for each row."""
    return pd.Series(
        np.select(
            [rows["value"].notna(), rows["reason"].ne("")],
            ["observed", "not_applicable"],
            default="censored",
        ),
        index=rows.index,
    )


def counts(rows: pd.DataFrame, territories: int) -> dict[str, dict[str, Any]]:
    """Cells used by indicator and status; missing = territories less all cells there are."""
    used = rows[rows["chosen"].eq(1)].assign(status=status(rows))
    found: dict[str, dict[str, Any]] = {}
    for name, group in used.groupby("indicator", sort=False):
        of = group["status"].value_counts()
        reasons = group.loc[group["status"].eq("not_applicable"), "reason"].value_counts()
        found[str(name)] = {
            "unit": group["unit"].iloc[0],
            "focal": group["focal"].iloc[0],
            "years": [int(group["year"].min()), int(group["year"].max())],
            "observed": int(of.get("observed", 0)),
            "censored": int(of.get("censored", 0)),
            "not_applicable": {str(k): int(v) for k, v in sorted(reasons.items())},
            "missing": territories - len(group),
            "conflicts": int((rows["indicator"].eq(name) & rows["chosen"].eq(0)).sum()),
        }
    return found


def metadata(folder: Folder, rows: pd.DataFrame, territories: int) -> dict[str, Any]:
    """snapshot.json: what the snapshot is built from and what is in it; no date of building."""
    digests = folder.digests()
    described = counts(rows, territories)
    fit, _ = incident_fit(folder)
    core = [column.indicator for column in INDICATORS]
    return {
        "name": "dsr",
        "edition": EDITION,
        "countries": territories,
        "focal": "CHN",
        "built_from": [
            {"file": name, "sha256": digests[name], "licence": FILES[name]}
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
    """A number as short text that reads back as the same number.

    Examples
    --------
    >>> plain(3.0), plain(0.1), plain(float("nan")), plain(112884370000.0)
    ('3', '0.1', '', '112884370000')
    """
    if np.isnan(value):
        return ""
    return str(int(value)) if value == int(value) and abs(value) < 1e16 else repr(float(value))


def build(folder: Folder, out: Path) -> None:
    """Write the four files to `out`, each under a temporary name first."""
    rows, known = snapshot(folder), countries(folder)
    texts = rows.assign(**{name: rows[name].map(plain) for name in NUMBERS})
    described = json.dumps(metadata(folder, rows, len(known)), indent=2, ensure_ascii=False)
    contents = {
        "snapshot.csv": texts.to_csv(index=False, lineterminator="\n"),
        "countries.csv": known.to_csv(index=False, lineterminator="\n"),
        "snapshot.json": described + "\n",
        STARTER: data_protection(folder).to_csv(index=False, lineterminator="\n"),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        part = (out / name).with_name(f".{Path(name).name}.part")
        part.write_text(content, encoding="utf-8", newline="\n")
        part.replace(out / name)


def changes(built: Path, shipped: Path) -> list[str]:
    """How the files of two folders differ, a few lines a file; empty if they are equal."""
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
