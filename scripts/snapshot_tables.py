"""The tables of docs/data.md and the list of NOTICE, from the shipped files: they cannot drift."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from dsr_risk.snapshot.cells import typed
from dsr_risk.snapshot.output import EDITION, status

CITED = "Single cited facts, by publisher\n--------------------------------\n"
GROUPS = ("High income", "Upper middle income", "Lower middle income", "Low income", "")


def read(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """Snapshot, countries and metadata as shipped."""
    options: dict[str, Any] = {"keep_default_na": False, "na_values": [""], "low_memory": False}
    rows = typed(pd.read_csv(folder / "snapshot.csv", **options))
    known = pd.read_csv(folder / "countries.csv", **options).fillna({"income": ""})
    described = json.loads((folder / "snapshot.json").read_text(encoding="utf-8"))
    return rows, known, described


def tables(folder: Path) -> dict[str, str]:
    """The Markdown tables by name."""
    rows, known, described = read(folder)
    return {
        "indicators": indicator_table(rows, described["indicators"]),
        "missing": missing_table(rows, known, described["indicators"]),
        "context": context_table(rows, described["context"]),
        "files": file_table(described["built_from"]),
        "checks": "\n".join(
            f"- {line}" for line in described["checked_against_country_indicators"]
        ),
    }


def filled(page: str, folder: Path) -> str:
    """The page with what stands between `<!-- table: NAME -->` and `<!-- end -->` made anew."""
    for name, text in tables(folder).items():
        start, end = f"<!-- table: {name} -->\n", "<!-- end -->"
        before, _, after = page.partition(start)
        page = f"{before}{start}{text}\n{end}{after.partition(end)[2]}"
    return page


def noticed(notice: str, folder: Path) -> str:
    """NOTICE with its last section, the publishers of single cited facts, made anew."""
    rows, _, _ = read(folder)
    cited = rows[rows["licence"].eq("cited fact")]
    titles = cited.groupby("publisher")["source"].agg(lambda of: "; ".join(sorted(set(of))))
    lines = [f"{publisher}: {title}" for publisher, title in titles.items()]
    return notice.partition(CITED)[0] + CITED + "\n" + "\n".join(lines) + "\n"


def markdown(header: list[str], lines: Sequence[Sequence[object]]) -> str:
    """A pipe table."""
    rule = ["---"] * len(header)
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in [header, rule, *lines])


def span(years: list[int]) -> str:
    """One year or a range."""
    return str(years[0]) if years[0] == years[1] else f"{years[0]}-{years[1]}"


def indicator_table(rows: pd.DataFrame, described: dict[str, dict[str, Any]]) -> str:
    """One line an indicator: publisher, terms, years, age, confidence and counts of cells."""
    lines = []
    for name, of in described.items():
        valued = rows[rows["indicator"].eq(name) & rows["value"].notna() & rows["chosen"].eq(1)]
        years = [int(valued["year"].min()), int(valued["year"].max())]
        confidence = valued["confidence"].value_counts()
        applies = of["not_applicable"]
        outside = ", ".join(f"{reason} {count}" for reason, count in applies.items())
        lines.append([
            f"`{name}`", of["unit"], valued["publisher"].iloc[0], valued["licence"].iloc[0],
            span(years), f"{EDITION - int(valued['year'].median())}",
            ", ".join(f"{grade} {count}" for grade, count in confidence.items()),
            of["observed"], of["censored"], outside, of["missing"], of["conflicts"],
        ])  # fmt: skip
    header = ["indicator", "unit", "publisher", "terms", "years", "median age", "confidence",
              "observed", "censored", "not applicable", "missing", "kept beside"]  # fmt: skip
    return markdown(header, lines)


def missing_table(
    rows: pd.DataFrame, known: pd.DataFrame, described: dict[str, dict[str, Any]]
) -> str:
    """Missing cells by World Bank income group; the last group has no class of the Bank."""
    lines = []
    used = rows[rows["chosen"].eq(1)].assign(status=lambda r: status(r))
    sizes = known["income"].value_counts()
    for name in described:
        there = set(used.loc[used["indicator"].eq(name), "iso3"])
        absent = known.loc[~known["iso3"].isin(there), "income"].value_counts()
        lines.append([f"`{name}`", *(int(absent.get(group, 0)) for group in GROUPS)])
    header = ["missing", *(f"{group or 'no class'} (of {sizes[group]})" for group in GROUPS)]
    return markdown(header, lines)


def context_table(rows: pd.DataFrame, described: dict[str, dict[str, Any]]) -> str:
    """One line a context indicator."""
    lines = []
    for name, of in described.items():
        confidence = rows.loc[rows["indicator"].eq(name), "confidence"].value_counts()
        said = ", ".join(
            f"{c} {confidence[c]}" for c in ("high", "medium", "low") if c in confidence
        )
        lines.append([f"`{name}`", of["unit"], of["focal"], of["observed"], of["conflicts"],
                      span(of["years"]), said])  # fmt: skip
    header = ["context indicator", "unit", "focal", "countries", "values not used", "years",
              "rows by confidence"]  # fmt: skip
    return markdown(header, lines)


def file_table(built_from: list[dict[str, str]]) -> str:
    """One line a source file."""
    lines = [[f"`{one['file']}`", one["licence"], f"`{one['sha256'][:12]}`"] for one in built_from]
    return markdown(["file", "licence", "SHA-256 begins"], lines)
