"""Digital trade restrictions: measures in force, counted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from ..errors import DataError, Problems
from ._frames import Records, check, collect, narwhals, open_records, resolve_countries, year_rules
from ._measured import Measured, Years, by_year, returns_table, trace_of, years_of
from ._results import Rows, linear_trace, require_rows
from ._weighted import named_rule
from .agreements import searched_countries
from .columns import Columns, Roles, columns_of

__all__ = ["MEASURES", "restrictions_trace", "trade_restrictions"]

MEASURES: Roles = {
    "country": "iso3",
    "measure": "measure",
    "year_column": None,
    "record": None,
}
"""Columns of trade measures."""


@returns_table
def trade_restrictions(
    measures: object,
    *,
    columns: Columns | Mapping[str, str | None] | None = None,
    as_of: Years | None = None,
    countries: str | Iterable[str] = (),
) -> Measured:
    """Count the digital trade restrictions of each country.

    Parameters
    ----------
    measures : frame
        One row a restriction in force: data localisation, a tariff on digital goods, a rule on
        local content.
    columns : Columns or mapping
        ``country`` (iso3), ``measure``, ``year_column``, ``record``.
    as_of : int, list of int or "latest", optional
        Measures up to this year only; needs ``year_column``. Several years give a row each.
    countries : str or list of str
        Countries whose rules were searched: without a row they count as 0.

    Returns
    -------
    DataFrame
        Long data format, indicator ``digital_trade_restrictions_n``. A count of a register: no
        standard error, and the interval is the value. `restrictions_trace` returns the part of
        each measure.

    Raises
    ------
    DataError
        With every problem at once.

    Notes
    -----
    A count of measures, as the Digital Trade Estimates project of ECIPE lists them: Ferracane,
    M. F., Lee-Makiyama, H. and van der Marel, E. (2018), Digital Trade Restrictiveness Index.

    Examples
    --------
    >>> measures = pd.DataFrame({"iso3": ["VNM", "VNM"], "measure": ["localisation", "tariff"]})
    >>> trade_restrictions(measures, countries="SGP")[["iso3", "value"]].to_numpy().tolist()
    [['SGP', 0.0], ['VNM', 2.0]]
    """
    nw = narwhals()
    roles = columns_of(columns, MEASURES)
    records = open_records(measures, "measures", roles, text=("country", "measure"))
    problems = Problems("measures")
    records = resolve_countries(records, ("country",), problems, required=("country",))
    rules = [named_rule("measure", "measure")]
    check(records, rules + (year_rules("year") if records.has("year") else []), problems)
    problems.raise_as(DataError)
    searched = searched_countries(countries)

    def of_year(year: int | None) -> Measured:
        if year is None:
            return _counted(records, searched)
        dated = records.frame.filter(nw.col("year") <= year)
        return _counted(replace(records, frame=dated), searched)

    return by_year(years_of(as_of, records, roles["year_column"]), of_year)


def _counted(records: Records, searched: Collection[str]) -> Measured:
    """Count the records of each country; a country that was searched and has none counts 0."""
    name = "digital_trade_restrictions_n"
    sums = collect(records.frame.group_by("country").agg(narwhals().len().alias("records")))
    counts = sums.set_index("country")["records"]
    counts = counts.reindex(counts.index.union(list(searched)), fill_value=0.0)
    if counts.empty:
        raise DataError("measures: there is no record")
    value = counts.to_numpy(np.float64)
    rows = Rows()
    countries = pd.DataFrame({"country": list(counts.index)})
    rows.add(countries, name, value, unit="number", records=value, bounds=(value, value))
    result = rows.frame()

    def parts() -> pd.DataFrame:
        require_rows(records.located, records.subject)
        frame = collect(records.frame.select("country", "row")).assign(part=1.0)
        return linear_trace(frame, ("country",), {name: "part"}, result)

    return Measured(result, parts)


restrictions_trace = trace_of(
    trade_restrictions,
    "restrictions_trace",
    """
    >>> measures = pd.DataFrame({"iso3": ["VNM", "VNM"], "measure": ["localisation", "tariff"]})
    >>> parts = restrictions_trace(measures, countries="SGP")
    >>> parts["contribution"].round(4).tolist()
    [1.0, 1.0]
    """,
)
