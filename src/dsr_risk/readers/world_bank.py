"""World Bank indicators: API and bulk files, the long form, IDS, and Gapminder's DDF form."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from .._util.arguments import typed
from ..data.countries import to_iso3
from ..data.published import Answer, answer_of_world_bank
from ..errors import DataError
from ._files import existing_file, read_json
from ._rows import Reading, Rows, Source, codes_of
from ._tables import Table, key, read_table

WORLD_BANK = Source(
    title="World Bank Open Data (World Development Indicators, International Debt Statistics)",
    publisher="World Bank",
    licence="CC BY 4.0",
    citation="World Bank. World Development Indicators; International Debt Statistics.",
    url="https://data.worldbank.org",
)
GAPMINDER = Source(
    title="World Bank indicators in Gapminder's DDF form",
    publisher="World Bank via Gapminder (open-numbers)",
    licence="CC BY 4.0",
    citation="World Bank. World Development Indicators, via Gapminder, open-numbers on GitHub.",
    url="https://github.com/open-numbers/ddf--gapminder--systema_globalis",
)
COLUMNS = (
    "iso3",
    "indicator",
    "year",
    "value",
    "indicator_name",
    "counterpart",
    "counterpart_iso3",
    "scheduled",
)
YEAR = r"\d{4}(?: \[YR\d{4}\])?"

_COUNTRY = {"name": ("Country Name", "Economy"), "code": ("Country Code",)}
_WIDE = {
    **_COUNTRY,
    "indicator": ("Indicator Code", "Series Code"),
}
_WIDE_MORE = {
    "indicator_name": ("Indicator Name", "Series Name"),
    "counterpart": ("Counterpart-Area Name", "Counterpart-Area"),
}
_LONG = {**_COUNTRY, "year": ("Year",), "value": ("Value",)}
_DDF = {"geo": ("geo",), "time": ("time",)}
_FIELDS = {
    "iso3": "code",
    "country": "name",
    "indicator": "indicator",
    "indicator_name": "indicator_name",
    "year": "year",
    "value": "value",
}
LONG, WIDE, DDF = range(3)
FORMS = "World Bank data (API, bulk, DataBank, long or Gapminder form)"


@typed
def world_bank(
    path: str | Path,
    *,
    indicator: str | None = None,
    indicators: str | Iterable[str] | None = None,
    scheduled: bool = False,
) -> Reading:
    r"""Read World Bank indicators, one country, year and indicator a record.

    Forms: the API download (.zip or its ``API_*.csv``, four lines above the header), the bulk
    files (``WDIData.csv``, ``WDICSV.csv``, ``IDS_*.csv`` with counterpart areas), DataBank's
    ``2020 [YR2020]`` columns, the long form ``Country Name, Country Code, Year, Value``, an answer of
    the interface in JSON (``api.worldbank.org/v2``), and Gapminder's ``geo, time, <concept>``.

    Parameters
    ----------
    path : path
    indicator : str, optional
        Name of the indicator of a long or Gapminder file; the name of the file, or of its third
        column, unless given.
    indicators : iterable of str, optional
        Codes to keep of a file with many; a bulk file is large.
    scheduled : bool
        Keep debt service that is scheduled for coming years.

    Returns
    -------
    Reading
        ``iso3, indicator, year, value, indicator_name, counterpart, counterpart_iso3`` (the last
        two for IDS: "World" has no code). Groups of countries are left out; a cell without a
        value is no record. ``scheduled``: debt service of coming years, after the last year of
        stocks in the file (IDS prints it from the contracts). Such rows are left out, unless
        ``scheduled=True``, and are never an observation.

    Raises
    ------
    DataError
        If the file has none of these forms.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "gdp.csv"
    >>> _ = path.write_text("Country Name,Country Code,Year,Value\nPakistan,PAK,2021,348\nWorld,WLD,2021,9\n")
    >>> world_bank(path, indicator="gdp").records[["iso3", "indicator", "year", "value"]].to_numpy().tolist()
    [['PAK', 'gdp', 2021, 348.0]]
    """
    wanted = None if indicators is None else set(codes_of("indicators", indicators))
    if (answer := _answer(path)) is not None:
        return _of_interface(answer, wanted, Path(path).name)
    table = _any_form(path, wanted)
    if table.form == DDF:
        return _gapminder(table, indicator)
    if table.form == LONG:
        named = indicator or Path(path).stem
        return _finish(_with(table, indicator=named), WORLD_BANK, "long form")
    return _wide(table, wanted, keep_scheduled=scheduled)


def _answer(path: str | Path) -> Answer | None:
    """Return an answer of the World Bank's interface; None where the file is no JSON."""
    file = existing_file(path)
    if not file.is_file():
        return None
    with file.open("rb") as stream:
        start = stream.read(64).lstrip(b"\xef\xbb\xbf \r\n\t")
    if not start.startswith((b"[", b"{")):
        return None
    answer = answer_of_world_bank(read_json(file))
    if answer is None:
        raise DataError(f"{file.name}: JSON, and no answer of the World Bank's interface; {FORMS}")
    return answer


def _of_interface(answer: Answer, wanted: set[str] | None, name: str) -> Reading:
    frame = pd.DataFrame(answer.records, columns=[*_FIELDS]).rename(columns=_FIELDS)
    frame = frame.astype(object).where(frame.notna(), "").astype(str)
    rows = Rows(frame.set_axis(range(1, len(frame) + 1)))
    if wanted is not None:
        _take_indicators(rows, wanted, name)
    return _finish(rows, WORLD_BANK, "API", [answer.page] if answer.page else [])


def _take_indicators(rows: Rows, wanted: set[str], name: str) -> None:
    """Keep the indicators asked for; one that no row has is an error."""
    absent = sorted(wanted - set(rows.frame["indicator"]))
    if absent:
        raise DataError(f"{name}: no indicator {', '.join(f'`{code}`' for code in absent)}")
    reason = "another indicator than those asked for"
    rows.drop(~rows.frame["indicator"].isin(wanted), "indicator", reason)


def _any_form(path: str | Path, indicators: set[str] | None) -> Table:
    member = r"^(API_|IDS_|WDICSV|\w*Data\b)"
    table = read_table(
        path,
        [_LONG, _WIDE, _DDF],
        _WIDE_MORE,
        source=FORMS,
        member=member,
        extra=rf"{YEAR}|[a-z_]+",
        only=None if indicators is None else ("indicator", indicators),
    )
    years = any(re.fullmatch(YEAR, name) for name in table.header)
    if table.form == WIDE and not years:
        raise DataError(
            f"{table.name}: form not known: no columns of years (`1960` or `1960 [YR1960]`) "
            f"and no `Year` and `Value`; received {', '.join(table.header[:8])}"
        )
    return table


def _gapminder(table: Table, indicator: str | None) -> Reading:
    concepts = [name for name in table.header if key(name) not in {"geo", "time"}]
    if len(concepts) != 1:
        raise DataError(
            f"{table.name}: a Gapminder file has `geo`, `time` and one indicator, "
            f"received {len(concepts)}: {', '.join(concepts)}"
        )
    names = {"geo": "code", "time": "year", concepts[0]: "value"}
    rows = _with(table, indicator=indicator or concepts[0])
    rows.frame = rows.frame.rename(columns=names)
    rows.frame["name"] = rows.frame["code"]
    return _finish(rows, GAPMINDER, "DDF")


def _wide(table: Table, indicators: set[str] | None, *, keep_scheduled: bool) -> Reading:
    rows = Rows(table)
    if indicators is not None:
        reason = "another indicator than those asked for"
        rows.note(table.skipped.index, table.skipped, reason)
        _take_indicators(rows, indicators, table.name)
    rows.countries("name", "code")
    years = [str(column) for column in rows.frame if re.fullmatch(YEAR, str(column))]
    rows.numbers(*years)
    rows.drop(rows.frame[years].isna().all(axis=1), "name", "no value in any year")
    fixed = [column for column in COLUMNS if column in rows.frame]
    rows.duplicates([name for name in fixed if name != "indicator_name"])
    long = rows.frame.melt(id_vars=fixed, value_vars=years, var_name="year").dropna(
        subset=["value"]
    )
    long["year"] = long["year"].str[:4].astype("int64")
    if "counterpart" in long:
        long["counterpart_iso3"] = to_iso3(long["counterpart"])
    rows.frame = long.sort_values(["iso3", "indicator", "year"], kind="stable")
    notes = _mark_scheduled(rows, keep=keep_scheduled)
    preamble = "API" if "API" in table.name else "bulk"
    return _reading(rows, WORLD_BANK, preamble, notes)


def _mark_scheduled(rows: Rows, *, keep: bool) -> list[str]:
    """Mark debt service after the last year of stocks (without any: last year) as scheduled; return notes."""
    frame = rows.frame
    stocks = frame.loc[frame["indicator"].str.startswith("DT.DOD."), "year"]
    last = int(stocks.max()) if len(stocks) else dt.datetime.now(tz=dt.UTC).year - 1
    later = frame["indicator"].str.startswith("DT.") & frame["year"].gt(last)
    rows.frame = frame.assign(scheduled=later)
    if not later.any():
        return []
    if not keep:
        rows.drop(later, "indicator", f"scheduled for years after {last}, not yet paid")
    done = "kept and marked" if keep else "left out"
    count = int(later.sum())
    are = "value after {last} is" if count == 1 else "values after {last} are"
    return [f"{count:,} {are.format(last=last)} scheduled, not paid: {done}"]


def _with(table: Table, indicator: str) -> Rows:
    rows = Rows(table)
    rows.frame = rows.frame.assign(indicator=indicator)
    return rows


def _finish(rows: Rows, source: Source, edition: str, notes: Sequence[str] = ()) -> Reading:
    rows.countries("name", "code")
    rows.years()
    rows.numbers("value")
    rows.drop(rows.frame["value"].isna(), "name", "no value")
    rows.duplicates(["iso3", "indicator", "year"])
    return _reading(rows, source, edition, notes)


def _reading(rows: Rows, source: Source, edition: str, notes: Sequence[str] = ()) -> Reading:
    key_ = ["iso3", "indicator", "year", "counterpart"]
    if "scheduled" not in rows.frame:
        rows.frame = rows.frame.assign(scheduled=False)
    return rows.reading("world_bank", source, edition, COLUMNS, key=key_, notes=notes)
