"""Rules: agreements signed, data-protection frameworks in place, standards taken over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from .._util.checks import texts_in
from ..data.countries import to_iso3
from ..errors import DataError, Problems, did_you_mean
from ._frames import Records, check, collect, narwhals, open_records, resolve_countries, year_rules
from ._measured import Measured, Years, by_year, returns_table, trace_of, years_of
from ._results import Rows, linear_trace, require_rows, trace_frame, with_remainder
from ._weighted import named_rule
from .columns import Columns, Roles, columns_of
from .sampling import share_interval
from .suppliers import focal_codes

__all__ = [
    "AGREEMENTS",
    "INSTRUMENTS",
    "STANDARDS",
    "alignment_trace",
    "data_protection_gap",
    "data_protection_trace",
    "formal_alignment",
    "searched_countries",
    "standards_trace",
    "standards_uptake",
]

AGREEMENTS: Roles = {
    "country": "iso3",
    "agreement": "agreement",
    "year_column": None,
    "record": None,
}
"""Columns of signatures."""

INSTRUMENTS: Roles = {
    "country": "iso3",
    "instrument": "instrument",
    "year_column": None,
    "record": None,
}
"""Columns of data-protection instruments."""

STANDARDS: Roles = {
    "country": "iso3",
    "origin": "origin_iso3",
    "year_column": None,
    "record": None,
}
"""Columns of adopted standards."""

COMPONENTS: Mapping[str, tuple[str, ...]] = {
    "law": ("law",),
    "authority": ("authority",),
    "transfers": ("cbpr", "convention 108+", "eu adequacy", "eu member"),
}
"""Components of data protection, and the instruments of the starter table that stand for each."""

Groups = Mapping[str, Sequence[str]]
"""The names that each component, or kind, goes by."""


@returns_table
def formal_alignment(
    agreements: object,
    *,
    columns: Columns | Mapping[str, str | None] | None = None,
    kinds: str | Iterable[str] | None = None,
    as_of: Years | None = None,
    countries: str | Iterable[str] = (),
) -> Measured:
    """Measure the share of kinds of agreement that a country has signed.

    Parameters
    ----------
    agreements : frame
        One row a signature. Kinds are, for instance, an initiative, a memorandum on the digital
        silk road, a standards agreement, a statement on data security.
    columns : Columns or mapping
        ``country`` (iso3), ``agreement``, ``year_column``, ``record``.
    kinds : str or list of str, optional
        Kinds that count; those seen in the frame without it. Case does not matter.
    as_of : int, list of int or "latest", optional
        Signatures up to this year only; needs ``year_column``. Several years give a row each.
    countries : str or list of str
        Countries whose registers were searched: without a row they count as 0.

    Returns
    -------
    DataFrame
        Long data format, indicator ``formal_alignment`` in 0-1. Signatures that are not public
        make it a lower bound: ``upper`` is 1 wherever something is unsigned. `alignment_trace`
        returns the part of each signature.

    Notes
    -----
    A count share, as the treaty-based items of the China Index of Doublethink Lab.

    Examples
    --------
    >>> agreements = pd.DataFrame({"iso3": ["PAK", "PAK"], "agreement": ["BRI", "standards"]})
    >>> result = formal_alignment(
    ...     agreements, kinds=["BRI", "DSR memorandum", "standards", "data security"])
    >>> float(result["value"].iloc[0])
    0.5
    """
    roles = columns_of(columns, AGREEMENTS)
    groups = None if kinds is None else {kind: (kind,) for kind in texts_in("kinds", kinds)}
    records = _presences(agreements, "agreements", {**roles, "item": roles["agreement"]}, groups)
    searched = searched_countries(countries)

    def of_year(year: int | None) -> Measured:
        dated = _until(records, year)
        shares = _shares(_present(dated), groups, searched)
        rows = Rows()
        share = shares["share"].to_numpy(np.float64)
        rows.add(
            shares,
            "formal_alignment",
            share,
            unit="0-1",
            records=shares["records"],
            bounds=(share, np.where(share < 1.0, 1.0, share)),
            note=shares["note"].tolist(),
        )
        result = rows.frame()
        return Measured(
            result, lambda: _presence_trace(dated, groups, result, "formal_alignment", gap=False)
        )

    return by_year(years_of(as_of, records, roles["year_column"]), of_year)


alignment_trace = trace_of(
    formal_alignment,
    "alignment_trace",
    """
    >>> agreements = pd.DataFrame({"iso3": ["PAK", "PAK"], "agreement": ["BRI", "standards"]})
    >>> parts = alignment_trace(
    ...     agreements, kinds=["BRI", "DSR memorandum", "standards", "data security"])
    >>> parts["contribution"].round(4).tolist()
    [0.25, 0.25]
    """,
)


@returns_table
def data_protection_gap(
    instruments: object,
    components: Mapping[str, str | Sequence[str]] | None = None,
    *,
    columns: Columns | Mapping[str, str | None] | None = None,
    as_of: Years | None = None,
    countries: str | Iterable[str] = (),
) -> Measured:
    """Return one minus the share of data-protection components in place.

    Parameters
    ----------
    instruments : frame
        One row an instrument in force in a country.
    components : mapping of component to instruments, optional
        A component is in place if any of its instruments is, such as ``{"law": ["dp law"],
        "authority": ["dpa"], "transfers": ["cbpr", "convention 108+", "eu adequacy"]}``. By
        default those of the starter table, `COMPONENTS`.
    columns : Columns or mapping
        ``country`` (iso3), ``instrument``, ``year_column``, ``record``.
    as_of, countries : see `formal_alignment`

    Returns
    -------
    DataFrame
        Long data format, indicator ``data_protection_gap`` in 0-1: law on paper, not practice.
        `data_protection_trace` returns the part of each instrument (negative: it closes the gap)
        beside the 1 of a country without any, under an empty record.

    Raises
    ------
    DataError
        With every problem of the records at once, each with its row.

    Notes
    -----
    Components after the APEC Cross-Border Privacy Rules, Council of Europe Convention 108+ and
    the adequacy decisions under EU Regulation 2016/679, Art. 45.

    Examples
    --------
    >>> instruments = pd.DataFrame({"iso3": ["KEN", "KEN"], "instrument": ["dp law", "dpa"]})
    >>> components = {"law": ["dp law"], "authority": ["dpa"], "transfers": ["cbpr", "108+"]}
    >>> result = data_protection_gap(instruments, components)
    >>> round(float(result["value"].iloc[0]), 6)
    0.333333

    From the starter table:

    >>> from dsr_risk import starter_table
    >>> gap = data_protection_gap(starter_table("data_protection")).set_index("iso3")["value"]
    >>> gap[["JPN", "KEN"]].round(2).tolist()
    [0.0, 0.33]
    """
    roles = columns_of(columns, INSTRUMENTS)
    components = COMPONENTS if components is None else components
    if not isinstance(components, Mapping) or not components:
        raise DataError(
            f"`components` must be a mapping of component to instruments, received {components!r}"
        )
    groups: Groups = {
        str(name): texts_in(f"components of {name}", items) for name, items in components.items()
    }
    records = _presences(instruments, "instruments", {**roles, "item": roles["instrument"]}, groups)
    searched = searched_countries(countries)

    def of_year(year: int | None) -> Measured:
        dated = _until(records, year)
        shares = _shares(_present(dated), groups, searched)
        rows = Rows()
        gap = 1.0 - shares["share"].to_numpy(np.float64)
        rows.add(
            shares,
            "data_protection_gap",
            gap,
            unit="0-1",
            records=shares["records"],
            bounds=(gap, gap),
            note=shares["note"].tolist(),
        )
        result = rows.frame()
        return Measured(
            result, lambda: _presence_trace(dated, groups, result, "data_protection_gap", gap=True)
        )

    return by_year(years_of(as_of, records, roles["year_column"]), of_year)


data_protection_trace = trace_of(
    data_protection_gap,
    "data_protection_trace",
    """
    >>> instruments = pd.DataFrame({"iso3": ["KEN", "KEN"], "instrument": ["dp law", "dpa"]})
    >>> components = {"law": ["dp law"], "authority": ["dpa"], "transfers": ["cbpr", "108+"]}
    >>> parts = data_protection_trace(instruments, components)
    >>> parts["contribution"].round(4).tolist()
    [-0.3333, -0.3333, 1.0]
    """,
)


def searched_countries(countries: str | Iterable[str]) -> list[str]:
    """Return the countries whose registers were searched, as codes."""
    names = texts_in("countries", countries)
    codes = to_iso3(list(names))
    problems = Problems("countries")
    for name, code in zip(names, codes, strict=True):
        if code is None:
            problems.add(f"{name!r} is not a country; write a name or an ISO 3166 code")
    problems.raise_as(DataError)
    return [str(code) for code in codes]


def _fold(name: str) -> str:
    return " ".join(name.split()).lower()


def _presences(native: object, subject: str, roles: Roles, groups: Groups | None) -> Records:
    """Return records with a kind each; report kinds that are not asked for."""
    nw = narwhals()
    records = open_records(native, subject, roles, text=("country", "item"))
    problems = Problems(subject)
    records = resolve_countries(records, ("country",), problems, required=("country",))
    rules = [named_rule("item", "kind")]
    check(records, rules + (year_rules("year") if records.has("year") else []), problems)
    records = records.with_columns(item=nw.col("item").str.strip_chars().str.to_lowercase())
    if groups is not None:
        kinds = {_fold(name) for names in groups.values() for name in names}
        column = records.names["item"]
        for name in sorted({item for item in _present(records)["item"] if item} - kinds):
            problems.add(f"`{column}` {name!r} is not among the kinds: {did_you_mean(name, kinds)}")
    problems.raise_as(DataError)
    return records


def _until(records: Records, year: int | None) -> Records:
    if year is None:
        return records
    return replace(records, frame=records.frame.filter(narwhals().col("year") <= year))


def _present(records: Records) -> pd.DataFrame:
    """Return the number of records of each country and kind."""
    nw = narwhals()
    return collect(records.frame.group_by("country", "item").agg(nw.len().alias("records")))


def _component(groups: Groups) -> pd.DataFrame:
    pairs = [(component, _fold(name)) for component, names in groups.items() for name in names]
    return pd.DataFrame(pairs, columns=["component", "item"]).drop_duplicates()


def _shares(present: pd.DataFrame, groups: Groups | None, searched: Sequence[str]) -> pd.DataFrame:
    size = present["item"].nunique() if groups is None else len(groups)
    if size == 0:
        raise DataError("there is no record and no kind: name at least one kind")
    joint = (
        present.assign(component=present["item"])
        if groups is None
        else present.merge(_component(groups), on="item")
    )
    share = joint.groupby("country")["component"].nunique() / size
    index = share.index.union(list(searched))
    table = pd.DataFrame({"share": share.reindex(index, fill_value=0.0)})
    table["records"] = present.groupby("country")["records"].sum().reindex(index, fill_value=0.0)
    names = joint.groupby("country")["component"].agg(
        lambda components: ", ".join(sorted(set(components)))
    )
    table["note"] = names.reindex(index).fillna("none found where the register was searched")
    return table.rename_axis("country").reset_index()


def _presence_trace(
    records: Records, groups: Groups | None, result: pd.DataFrame, indicator: str, *, gap: bool
) -> pd.DataFrame:
    """Return the part of each record; the records that show a component share its part."""
    require_rows(records.located, records.subject)
    table = collect(records.frame.select("country", "item", "row"))
    size = table["item"].nunique() if groups is None else len(groups)
    if groups is None:
        table["component"] = table["item"]
    else:
        table = table.merge(_component(groups), on="item")
    same = table.groupby(["country", "component"])["row"].transform("size")
    sign = -1.0 if gap else 1.0
    part = table.assign(indicator=indicator, contribution=sign / size / same)
    return with_remainder(trace_frame([part]), result)


@returns_table
def standards_uptake(
    standards: object,
    *,
    columns: Columns | Mapping[str, str | None] | None = None,
    focal: str | Iterable[str] = "CHN",
    confidence_level: float = 0.90,
) -> Measured:
    """Measure the share of the adopted ICT standards of a country whose origin is focal.

    Parameters
    ----------
    standards : frame
        One row a national ICT standard, with the country whose standard it takes over (its own
        for home-grown ones; use any code you like of the seat of an international body).
    columns : Columns or mapping
        ``country`` (iso3), ``origin`` (origin_iso3), ``year_column``, ``record``. With the year (or
        date) of adoption: one row a country and year.
    focal : str or list of str
        Focal origins.
    confidence_level : float
        Of the interval.

    Returns
    -------
    DataFrame
        Long data format, indicator ``focal_standards_uptake`` in 0-1, Jeffreys interval.
        `standards_trace` returns the part of each standard.

    Raises
    ------
    DataError
        With every problem of the records at once, each with its row.

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
    roles = columns_of(columns, STANDARDS)
    records = open_records(standards, "standards", roles, text=("country", "origin"))
    problems = Problems("standards")
    both = ("country", "origin")
    records = resolve_countries(records, both, problems, required=both)
    check(records, year_rules("year") if records.has("year") else [], problems)
    problems.raise_as(DataError)
    codes = focal_codes(focal)
    inside = nw.when(nw.col("origin").is_in(list(codes))).then(nw.lit(1.0)).otherwise(0.0)
    records = records.with_columns(inside=inside)
    keys = [role for role in ("country", "year") if records.has(role)]
    sums = collect(
        records.frame.group_by(*keys).agg(nw.col("inside").sum(), nw.len().alias("records"))
    )
    if sums.empty:
        raise DataError("standards: there is no record")
    result = _shares_of_standards(sums, confidence_level, "+".join(codes))

    def parts() -> pd.DataFrame:
        require_rows(records.located, records.subject)
        frame = collect(records.frame.select(*keys, "row", "inside"))
        return linear_trace(frame, keys, {"focal_standards_uptake": "inside"}, result)

    return Measured(result, parts)


def _shares_of_standards(sums: pd.DataFrame, confidence_level: float, focal: str) -> pd.DataFrame:
    """Return the share of standards `inside` among the `records` of each row, with its interval."""
    count = sums["records"].to_numpy(np.float64)
    share = sums["inside"].to_numpy(np.float64) / count
    error = np.sqrt(share * (1.0 - share) / np.maximum(count - 1.0, 1.0))
    rows = Rows(confidence_level=confidence_level)
    rows.add(
        sums,
        "focal_standards_uptake",
        share,
        unit="0-1",
        records=count,
        std_error=np.where(count > 1, error, np.nan),
        focal=focal,
        bounds=share_interval(share, count, confidence_level),
    )
    return rows.frame()


standards_trace = trace_of(
    standards_uptake,
    "standards_trace",
    """
    >>> standards = pd.DataFrame({"iso3": ["MNG"] * 4,
    ...     "origin_iso3": ["CHN", "MNG", "MNG", "DEU"]})
    >>> parts = standards_trace(standards)
    >>> parts["contribution"].round(4).tolist()
    [0.25]
    """,
)
