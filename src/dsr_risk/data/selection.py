"""Parts of data: the units of a year, of countries or of groups of them, one cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .._util.checks import names_in
from .._util.types import Mask
from ..errors import UnknownNameError, did_you_mean
from .country_list import in_group, some
from .groups import countries_of
from .overview import years_known
from .units import keys_of

if TYPE_CHECKING:
    from .dataset import Data

__all__ = ["kept", "one_cell", "selected"]


def selected(
    data: Data,
    year: int | None,
    countries: str | int | Iterable[str | int] | None,
    groups: Mapping[str, str | Iterable[str] | None],
) -> Data:
    """Return the data of a year, of countries and of groups; see ``Data.select``."""
    keep = np.ones(len(data.units), bool)
    index = data.units
    edition = data.edition
    if year is not None:
        if year not in data.years:
            raise UnknownNameError(f"no year {year!r} in the data; {years_known(data.years)}")
        if data.is_panel:
            keep &= np.asarray(data.units.get_level_values(1) == year)
            index, edition = data.units.get_level_values(0), year
    if countries is not None:
        wanted = countries_of(names_in("countries", countries), data)
        keep &= np.isin(data.iso3, list(wanted))
    for column, asked in groups.items():
        if asked is not None:
            keep &= in_group(data.iso3, column, asked)
    return kept(data, some(keep), index, edition)


def kept(data: Data, keep: Mask, index: pd.Index, edition: int | None) -> Data:
    """Return the units where `keep` (units,) is true, under the index given, with their evidence."""

    def rows(array: Any) -> Any:
        return None if array is None else array[keep]

    units = index[keep]
    pairs = set(keys_of(units, edition))

    def cells(frame: pd.DataFrame) -> pd.DataFrame:
        if frame.empty:
            return frame
        inside = [
            key in pairs for key in zip(frame["iso3"], frame["unit_year"].tolist(), strict=True)
        ]
        return frame[inside].reset_index(drop=True)

    return type(data)(
        units.rename(data.unit_name) if not isinstance(units, pd.MultiIndex) else units,
        data.columns,
        rows(data.values_array),
        rows(data.reasons),
        rows(data.lower),
        rows(data.upper),
        edition,
        data.origin,
        data.reading,
    )._with_evidence(cells(data._evidence), cells(data._conflicts))


def one_cell(data: Data, country: str | int, indicator: str, year: int | None) -> dict[str, Any]:
    """Return everything known of one cell; see ``Data.cell``."""
    iso3 = data.unit_of(country)
    if indicator not in data._column_numbers:
        raise UnknownNameError(
            f"no indicator `{indicator}` in the data; {did_you_mean(indicator, data.columns)}"
        )
    unit_year = year if year is not None else (data.years[-1] if data.years else -1)
    keys = keys_of(data.units, data.edition)
    if (iso3, unit_year) not in keys or (year is not None and year not in data.years):
        when = "" if year is None else f" in {year}; {years_known(data.years)}"
        raise UnknownNameError(f"no data for {iso3}{when}")
    row = keys.index((iso3, unit_year))
    column = data._column_numbers[indicator]
    out: dict[str, Any] = {
        "iso3": iso3,
        "indicator": indicator,
        "value": float(data.values_array[row, column]),
    }
    evidence = data.evidence_of(iso3, unit_year, indicator)
    out.update({key: value for key, value in evidence.items() if key not in out})
    out["status"] = data.status(row, column)
    return out
