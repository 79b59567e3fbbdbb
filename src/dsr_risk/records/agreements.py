"""Rules: agreements signed, data-protection frameworks in place, standards taken over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..errors import DataError, Problems, did_you_mean
from ._frames import Records, check, collect, narwhals, open_records, resolve_countries, year_rules
from ._results import Rows, linear_trace, require_rows, trace_frame, with_remainder
from ._weighted import named_rule
from ._years import Years, one_year, over_years
from .sampling import share_interval
from .suppliers import focal_codes

__all__ = [
    "data_protection_gap",
    "formal_alignment",
    "standards_uptake",
]


@over_years
def formal_alignment(
    agreements: object,
    country: str = "iso3",
    agreement: str = "agreement",
    year: str | None = None,
    *,
    tracked: Sequence[str] | None = None,
    at: Years | None = None,
    covered: Sequence[str] | None = None,
    record: str | None = None,
    trace: bool = False,
) -> Any:
    """Share of the tracked kinds of agreement that a country has signed.

    Parameters
    ----------
    agreements : frame
        One row a signature. Kinds are, for instance, an initiative, a memorandum on the digital
        silk road, a standards agreement, a statement on data security.
    tracked : sequence of str, optional
        Kinds that are tracked; those seen in the frame without it. Case does not matter.
    at : int or sequence of int, optional
        Signatures up to this year only; needs ``year``. Several years give a row each.
    covered : sequence of str, optional
        ISO codes of countries whose registers were searched: without a row they count as 0.

    Returns
    -------
    DataFrame
        Long data format, indicator ``formal_alignment`` in 0-1. Signatures that are not public
        make it a lower bound: ``upper`` is 1 wherever something is unsigned.

    Notes
    -----
    A count share, as the treaty-based items of the China Index of Doublethink Lab.

    Examples
    --------
    >>> agreements = pd.DataFrame({"iso3": ["PAK", "PAK"], "agreement": ["BRI", "standards"]})
    >>> result = formal_alignment(
    ...     agreements, tracked=["BRI", "DSR memorandum", "standards", "data security"])
    >>> float(result["value"].iloc[0])
    0.5
    """
    records, problems = _presences(agreements, "agreements", country, agreement, year, record)
    groups = None if tracked is None else {one: [one] for one in tracked}
    until = one_year(at)
    present = _present(records, groups, until, problems)
    table = _shares(present, groups, covered or [])
    rows = Rows()
    share = table["share"].to_numpy(np.float64)
    rows.add(table, "formal_alignment", share, unit="0-1", records=table["records"],
             bounds=(share, np.where(share < 1.0, 1.0, share)), note=table["note"].tolist())  # fmt: skip
    result = rows.frame()
    if not trace:
        return result
    return result, _presence_trace(records, groups, until, result, "formal_alignment", gap=False)


@over_years
def data_protection_gap(
    instruments: object,
    country: str = "iso3",
    instrument: str = "instrument",
    year: str | None = None,
    *,
    components: Mapping[str, Sequence[str]],
    at: Years | None = None,
    covered: Sequence[str] | None = None,
    record: str | None = None,
    trace: bool = False,
) -> Any:
    """One minus the share of data-protection components in place.

    Parameters
    ----------
    instruments : frame
        One row an instrument in force in a country.
    components : mapping of component to sequence of instruments
        A component is in place if any of its instruments is, such as ``{"law": ["dp law"],
        "authority": ["dpa"], "transfers": ["cbpr", "convention 108+", "eu adequacy"]}``.
    at, covered : see `formal_alignment`

    Returns
    -------
    DataFrame
        Long data format, indicator ``data_protection_gap`` in 0-1: law on paper, not practice.
        With ``trace``, each instrument's part (negative: it closes the gap) beside the 1 of a
        country without any, under an empty record.

    Notes
    -----
    Components after the APEC Cross-Border Privacy Rules, Council of Europe Convention 108+ and
    the adequacy decisions under EU Regulation 2016/679, Art. 45.

    Examples
    --------
    >>> instruments = pd.DataFrame({"iso3": ["KEN", "KEN"], "instrument": ["dp law", "dpa"]})
    >>> components = {"law": ["dp law"], "authority": ["dpa"], "transfers": ["cbpr", "108+"]}
    >>> result = data_protection_gap(instruments, components=components)
    >>> round(float(result["value"].iloc[0]), 6)
    0.333333
    """
    records, problems = _presences(instruments, "instruments", country, instrument, year, record)
    until = one_year(at)
    present = _present(records, components, until, problems)
    table = _shares(present, components, covered or [])
    rows = Rows()
    gap = 1.0 - table["share"].to_numpy(np.float64)
    rows.add(table, "data_protection_gap", gap, unit="0-1", records=table["records"],
             bounds=(gap, gap), note=table["note"].tolist())  # fmt: skip
    result = rows.frame()
    if not trace:
        return result
    return result, _presence_trace(
        records, components, until, result, "data_protection_gap", gap=True
    )


def _fold(name: str) -> str:
    return " ".join(name.split()).lower()


def _presences(
    native: object, subject: str, country: str, item: str, year: str | None, record: str | None
) -> tuple[Records, Problems]:
    nw = narwhals()
    records = open_records(
        native, subject, text={"country": country, "item": item}, year={"year": year},
        identifier=record,
    )  # fmt: skip
    problems = Problems(subject)
    records = resolve_countries(records, ("country",), problems, required=("country",))
    rules = [named_rule("item", "kind")]
    check(records, rules + (year_rules("year") if year is not None else []), problems)
    return records.with_columns(item=nw.col("item").str.strip_chars().str.to_lowercase()), problems


def _present(
    records: Records, groups: Mapping[str, Sequence[str]] | None, at: int | None, problems: Problems
) -> pd.DataFrame:
    """Number of records of each country and kind, up to a year; kinds not tracked are problems."""
    nw = narwhals()
    frame = records.frame if at is None else records.frame.filter(nw.col("year") <= at)
    table = collect(frame.group_by("country", "item").agg(nw.len().alias("records")))
    if groups is not None:
        known = {_fold(one) for names in groups.values() for one in names}
        column = records.names["item"]
        for name in sorted({one for one in table["item"] if one} - known):
            problems.add(f"`{column}` {name!r} is not tracked: {did_you_mean(name, known)}")
    problems.raise_as(DataError)
    return table


def _component(groups: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    pairs = [(component, _fold(one)) for component, names in groups.items() for one in names]
    return pd.DataFrame(pairs, columns=["component", "item"]).drop_duplicates()


def _shares(
    present: pd.DataFrame, groups: Mapping[str, Sequence[str]] | None, covered: Sequence[str]
) -> pd.DataFrame:
    size = present["item"].nunique() if groups is None else len(groups)
    if size == 0:
        raise DataError("there is nothing to track: name at least one kind")
    joint = (
        present.assign(component=present["item"])
        if groups is None
        else present.merge(_component(groups), on="item")
    )
    share = joint.groupby("country")["component"].nunique() / size
    index = share.index.union(list(covered))
    table = pd.DataFrame({"share": share.reindex(index, fill_value=0.0)})
    table["records"] = present.groupby("country")["records"].sum().reindex(index, fill_value=0.0)
    names = joint.groupby("country")["component"].agg(lambda one: ", ".join(sorted(set(one))))
    table["note"] = names.reindex(index).fillna("none found where the register was searched")
    return table.rename_axis("country").reset_index()


def _presence_trace(
    records: Records, groups: Mapping[str, Sequence[str]] | None, at: int | None,
    result: pd.DataFrame, indicator: str, *, gap: bool,
) -> pd.DataFrame:  # fmt: skip
    """A component's part is shared by the records that show it."""
    require_rows(records.located, records.subject)
    nw = narwhals()
    frame = records.frame if at is None else records.frame.filter(nw.col("year") <= at)
    table = collect(frame.select("country", "item", "row"))
    size = table["item"].nunique() if groups is None else len(groups)
    if groups is None:
        table["component"] = table["item"]
    else:
        table = table.merge(_component(groups), on="item")
    same = table.groupby(["country", "component"])["row"].transform("size")
    sign = -1.0 if gap else 1.0
    part = table.assign(indicator=indicator, contribution=sign / size / same)
    return with_remainder(trace_frame([part]), result)


def standards_uptake(
    standards: object,
    country: str = "iso3",
    origin: str = "origin_iso3",
    *,
    focal: str | Sequence[str] = "CHN",
    year: str | None = None,
    confidence: float = 0.95,
    record: str | None = None,
    trace: bool = False,
) -> Any:
    """Share of a country's adopted ICT standards whose origin is focal.

    Parameters
    ----------
    standards : frame
        One row a national ICT standard, with the country whose standard it takes over (its own
        for home-grown ones; use any code you like of an international body's seat).
    year : str, optional
        Column of the year (or date) of adoption: one row a country and year.

    Returns
    -------
    DataFrame
        Long data format, indicator ``focal_standards_uptake`` in 0-1, Jeffreys interval.

    Notes
    -----
    Interval: Brown, L. D., Cai, T. T. and DasGupta, A. (2001), Statistical Science 16(2).

    Examples
    --------
    >>> standards = pd.DataFrame({"iso3": ["MNG"] * 4,
    ...     "origin_iso3": ["CHN", "MNG", "MNG", "DEU"]})
    >>> float(standards_uptake(standards)["value"].iloc[0])
    0.25
    """
    nw = narwhals()
    records = open_records(
        standards, "standards", text={"country": country, "origin": origin}, year={"year": year},
        identifier=record,
    )  # fmt: skip
    problems = Problems("standards")
    roles = ("country", "origin")
    records = resolve_countries(records, roles, problems, required=roles)
    check(records, year_rules("year") if year is not None else [], problems)
    problems.raise_as(DataError)
    codes = focal_codes(focal)
    inside = nw.when(nw.col("origin").is_in(list(codes))).then(nw.lit(1.0)).otherwise(0.0)
    records = records.with_columns(inside=inside)
    keys = ["country", *(["year"] if year is not None else [])]
    table = collect(
        records.frame.group_by(*keys).agg(nw.col("inside").sum(), nw.len().alias("records"))
    )
    if table.empty:
        raise DataError("standards: there is no record")
    count = table["records"].to_numpy(np.float64)
    share = table["inside"].to_numpy(np.float64) / count
    rows = Rows(confidence=confidence)
    error = np.sqrt(share * (1.0 - share) / np.maximum(count - 1.0, 1.0))
    rows.add(table, "focal_standards_uptake", share, unit="0-1", records=count,
             std_error=np.where(count > 1, error, np.nan), focal="+".join(codes),
             bounds=share_interval(share, count, confidence))  # fmt: skip
    result = rows.frame()
    if not trace:
        return result
    require_rows(records.located, "standards")
    frame = collect(records.frame.select(*keys, "row", "inside"))
    return result, linear_trace(frame, keys, {"focal_standards_uptake": "inside"}, result)
