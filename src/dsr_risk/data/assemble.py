"""Turn a table, long or wide, into Data; check every rule and locate every breach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypedDict, Unpack

import pandas as pd

from .._util.arguments import typed
from .._util.checks import check_options
from ..errors import DataError, Problems
from .dataset import Data
from .dimensions import only_rows
from .identifiers import COUNTRY, check_units, identifiers, with_identifiers
from .long import long_to_data
from .published import last_years_of, published, scales_of, standard_names
from .reading import Asked, Log, cut, few
from .row_countries import column_of_countries, countries_of_rows
from .row_years import take_years
from .table import RowNames, Table, named
from .wide import wide_to_data
from .year_columns import spans_of_years, stem_of, years_as_rows

__all__ = ["as_data", "assemble"]


class CellMarks(TypedDict, total=False):
    """Options of how the cells of a table are written; see ``read_data``."""

    decimal: str | None
    thousands: str | None
    missing: str | float | Iterable[object] | None
    indicators: str | Iterable[str] | None


@typed(own=("source",))
def as_data(
    source: Data | pd.DataFrame,
    *,
    edition: int | None = None,
    panel: bool | None = None,
    units: str | None = None,
    **marks: Unpack[CellMarks],
) -> Data:
    """Return Data from a DataFrame, long or wide; Data passes through.

    Long has columns ``iso3`` (or ``country``), ``indicator``, ``value`` and any of ``LONG_COLUMNS``;
    wide has a country index or column, an optional ``year``, and one numeric column an indicator.
    Countries are names or codes in any common form. Columns of years are read as rows, and columns of
    text are left out; ``data.reading`` reports it.

    A table is a snapshot unless it is a panel: with `panel`, with an index of (country, year), or where
    at least half of the cells have several years. In a snapshot each cell is the newest value, and older
    ones become conflicts; with `edition` the newest not later than that year. Other options are those
    of ``read_data``.

    With ``units="any"`` units are regions, firms or anything else with an identifier: the index, a column
    such as ``id`` or ``name``, the first column of text, or the numbers of the rows; any other value of
    `units` names the column.

    Parameters
    ----------
    source
        A DataFrame, long or wide, or Data.
    edition, panel, units
        As above.
    decimal, thousands, missing, indicators
        The decimal mark, the thousands mark, the cells that mean "missing" and the names of indicators, as
        in ``read_data``.

    Returns
    -------
    Data
        The table, read and checked.

    Raises
    ------
    DataError
        With every problem of the table, one line a cause, each located by row, column and country.
    ArgumentError
        For an option that there is not.

    Examples
    --------
    >>> data = as_data(pd.DataFrame({"country": ["Pakistan", "KEN"], "gci": [64.88, 81.7]}))
    >>> data.values.loc["PAK", "gci"].item()
    64.88
    """
    check_options(as_data, CellMarks, marks)
    if isinstance(source, Data):
        return source
    if isinstance(source, pd.DataFrame) and edition is None and panel is None:
        # A frame of `Data.to_long` says what its years cannot.
        edition, panel = source.attrs.get("edition"), source.attrs.get("panel") or None
        units = source.attrs.get("units") if units is None else units
        if marks.get("missing") is None:
            marks["missing"] = source.attrs.get("missing")
    asked = Asked.of(
        edition=edition,
        panel=panel,
        units=check_units(COUNTRY if units is None else units),
        **marks,
    )
    return assemble(source, origin="given table", asked=asked)


def assemble(
    frame: pd.DataFrame,
    *,
    origin: str,
    edition: int | None = None,
    rows: RowNames | None = None,
    problems: Problems | None = None,
    asked: Asked | None = None,
    log: Log | None = None,
) -> Data:
    """Return Data from a frame; see ``as_data``.

    `rows` says what rows are called in messages; `problems` and `log` are those of reading the frame.
    """
    _check_is_frame(frame)
    asked = asked or Asked(edition=edition)
    if asked.panel is None and asked.edition is None and isinstance(frame.index, pd.MultiIndex):
        asked = replace(asked, panel=True)
    log = log or Log(origin)
    any_unit = asked.units != COUNTRY
    frame, rows = only_rows(frame, rows or RowNames(), asked, log)
    given = frame.set_axis([str(name).strip() for name in frame.columns], axis=1)
    frame, key = with_identifiers(frame, asked.units) if any_unit else (_with_index(frame), "")
    table = Table(
        frame,
        origin,
        rows,
        problems or Problems(origin),
        asked=asked,
        log=log,
        key=key,
        given=given,
    )
    country_column = (key or column_of_countries(table)) if _well_shaped(table) else ""
    if not country_column:
        table.problems.raise_as(DataError)
    table.country = (
        identifiers(table, country_column) if any_unit else countries_of_rows(table, country_column)
    )
    year_column = take_years(table)
    if _is_long(table.frame):
        return long_to_data(table)
    return wide_to_data(table, {country_column, year_column})


def _check_is_frame(frame: object) -> None:
    if not isinstance(frame, pd.DataFrame):
        kind = type(frame).__name__
        swapped = "; the order is (framework, data)" if kind == "Framework" else ""
        if hasattr(frame, "to_pandas"):
            kind = f"{type(frame).__module__.partition('.')[0]} {kind}"
            swapped = "; give `.to_pandas()` of it"
        raise DataError(f"expected Data or a pandas DataFrame, received {kind}{swapped}")


def _with_index(frame: pd.DataFrame) -> pd.DataFrame:
    names = [name for name in frame.index.names if name is not None]
    if isinstance(frame.index, pd.MultiIndex):
        return (
            frame.rename_axis(["iso3", "year"]).reset_index() if frame.index.nlevels == 2 else frame
        )
    if names or not isinstance(frame.index, pd.RangeIndex):
        if names and str(names[0]) in frame.columns:
            return frame.reset_index(drop=True)
        if frame.index.dtype.kind not in "iuf":
            taken = {str(name).casefold() for name in frame.columns}
            return frame.rename_axis("iso3" if "iso3" not in taken else "index").reset_index()
        return frame.reset_index(drop=not names)
    return frame


def _well_shaped(table: Table) -> bool:
    """Check that columns have one name each and that there are rows; turn columns of years into rows."""
    path = Path(table.origin)
    stem = stem_of(path) if path.suffix else "value"
    if table.asked.units == COUNTRY:
        table.frame, table.lists_groups = published(table.frame, stem, table.log)
        table.scales = scales_of(table)
        table.last_years = last_years_of(table.given)
    names = standard_names([str(name) for name in table.frame.columns], table)
    counts = Counter(names)
    twice = sorted(name for name, count in counts.items() if count > 1)
    named = set("\n".join(table.problems.lines).split("`"))
    for name in twice:
        if name not in named:
            table.problems.add(f"column `{cut(name)}` is there {counts[name]} times; keep one")
    if table.frame.empty:
        table.problems.add(
            "the table is empty: expected a country column and at least one row, received "
            f"{len(names)} columns and {len(table.frame)} rows"
        )
    table.frame = table.frame.set_axis(names, axis=1)
    folded = {name.casefold() for name in names}
    if "country code" in folded and folded & {"indicator code", "series code"}:
        raise DataError(
            f"{table.origin}: this is a World Bank file; turn it into records with "
            "`dsr-risk records world_bank FILE`"
        )
    if twice or table.frame.empty:
        return False
    if spans := spans_of_years(names):
        table.problems.add(
            f"columns of spans or parts of years, or of estimates: {few(spans)}; name each column by one year"
        )
        return False
    named_by = (stem, table.key)
    table.frame, table.rows = years_as_rows(
        table.frame, table.rows, table.log, named_by, table.asked.indicators
    )
    return not table.frame.empty


def _is_long(frame: pd.DataFrame) -> bool:
    return named(frame, "indicator") is not None
