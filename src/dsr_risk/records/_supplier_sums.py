"""One call of a concentration measure: its options, and the sums by country after every check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from ..errors import DataError, Problems
from . import _measures as ms
from ._concentration import concentration_table
from ._frames import (
    Records,
    Rule,
    amount_rules,
    check,
    iso3_codes,
    narwhals,
    resolve_countries,
    this_year,
    year_rules,
)
from ._measures import Setting
from ._supplier_names import spellings_by_key
from .options import OnMissing
from .shares import SUM_TOLERANCE


@dataclass(frozen=True)
class Job:
    """One call of a concentration measure, after its options are checked."""

    records: Records
    keys: tuple[str, ...]
    measure: str
    level: str
    setting: Setting
    layer_weights: Mapping[str, float] | None
    on_missing: OnMissing


def _sums(job: Job) -> pd.DataFrame:
    table = concentration_table(
        job.records, job.keys, focal=job.setting.focal, top=job.setting.top, merge=job.setting.merge
    )
    if job.measure != "amount":
        scale = 100.0 if job.measure == "percent" else 1.0
        for p in ("s_", "o_") if "o_part" in table else ("s_",):
            total = table[p + "part"] + table[p + "unknown"]
            gap = scale - total
            # What the published shares leave open belongs to suppliers nobody named.
            table[p + "unknown"] += gap.where(gap > SUM_TOLERANCE * scale, 0.0)
    return table


def checked_sums(job: Job) -> tuple[Job, pd.DataFrame]:
    """Check the records and sum them; return the job with its records in order, and the sums.

    Raises
    ------
    DataError
        With every problem of the records.
    """
    problems = Problems(job.records.subject)
    table = _sums(job)
    job = replace(job, records=job.records.without_blanks())
    # Weights by column are checked first: a sum does not show a bad one.
    factors = [factor for factor in ("substitutability", "chokepoint") if job.records.has(factor)]
    check(
        job.records,
        [rule for factor in factors for rule in amount_rules(factor, most=1.0)],
        problems,
    )
    if table.empty:
        raise DataError(f"{job.records.subject}: there is no record")
    if not _in_order(table):
        records = resolve_countries(
            job.records, ("country", "origin"), problems, required=("country",)
        )
        most = {"share": 1.0 + SUM_TOLERANCE, "percent": 100.0 * (1.0 + SUM_TOLERANCE)}
        rules = amount_rules(
            "amount", required=job.on_missing == "error", most=most.get(job.measure)
        )
        if records.has("year"):
            rules += year_rules("year")
        if records.has("layer"):
            layer = narwhals().col("layer")
            rules.append(Rule("layer", layer.is_null(), "is missing", True))
        check(records, rules, problems)
        job = replace(job, records=records)
        if not problems:
            table = _sums(job)
    if not problems:
        _check_sums(job, table, problems)
    problems.raise_as(DataError)
    return job, with_spellings(table, job.records, job.keys)


def with_spellings(table: pd.DataFrame, records: Records, keys: Sequence[str]) -> pd.DataFrame:
    """Add a note ``merged`` where a supplier is spelled in two ways."""
    if not (table["respelled"] > 0).any():
        return table
    notes = spellings_by_key(records, keys).rename("merged").reset_index()
    result = table.merge(notes, on=list(keys), how="left")
    return result.assign(merged=result["merged"].fillna(""))


def _in_order(table: pd.DataFrame) -> bool:
    """Tell whether the sums show ISO codes, valid amounts and past years only."""
    fine = table["country"].isin(iso3_codes()).all() and not table["invalid"].any()
    if "odd" in table:
        fine = fine and not table["odd"].any()
    if "year" in table:
        years = table["year"]
        fine = fine and (years.between(1900, this_year()) & years.mod(1).eq(0)).all()
    if "layer" in table:
        fine = fine and table["layer"].fillna("").astype(str).str.strip().ne("").all()
    return bool(fine)


def _check_sums(job: Job, table: pd.DataFrame, problems: Problems) -> None:
    column = job.records.names["amount"] if job.records.names["amount"] != "1.0" else "records"
    keys = table[list(job.keys)]
    keys = keys.assign(year=keys["year"].astype(int)) if "year" in keys else keys
    where = keys.astype(str).agg(", ".join, axis=1)
    empty = (table["s_part"] + table["s_unknown"]) <= 0
    for key in where[empty]:
        problems.add(f"{key}: `{column}` sums to 0, shares cannot be formed; leave the country out")
    if job.measure != "amount":
        scale = 100.0 if job.measure == "percent" else 1.0
        total = table["records"] * 0 + table["s_part"] + table["s_unknown"]
        for key, amount in zip(where, total, strict=True):
            if amount > scale * (1.0 + SUM_TOLERANCE):
                problems.add(f"{key}: shares sum to {amount:g}, must not exceed {scale:g}")
    levels = {"s_": ("supplier", job.level != "origin")}
    if "o_part" in table:
        levels["o_"] = ("origin", job.level != "firm" or bool(job.setting.focal))
    for p, (label, used) in levels.items():
        open_ = table[p + "unknown"] > 1e-12 * (table[p + "part"] + table[p + "unknown"])
        if not used or job.setting.remainder != "error":
            continue
        for key, share in zip(where[open_], ms._rest(table, p)[open_], strict=True):
            problems.add(
                f"{key}: {label} of {100 * share:.3g} % of `{column}` is unknown; name it, or say "
                'who may hold it: remainder="any" (anyone) or "other" (nobody named); or leave it '
                'out: "drop"'
            )
