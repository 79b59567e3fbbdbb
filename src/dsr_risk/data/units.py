"""Units of data: their names, their keys, and the rows that hold them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from .._util.types import Index
from ..errors import UnknownNameError, did_you_mean
from .countries import country_iso3, country_table
from .overview import years_known

if TYPE_CHECKING:
    from .dataset import Data

__all__ = ["identifier_of", "keys_of", "names_of_units", "row_of", "rows_kept"]


def keys_of(units: pd.Index, edition: int | None) -> list[tuple[str, int]]:
    """Return the (iso3, year) of every unit, -1 for no year."""
    if isinstance(units, pd.MultiIndex):
        return [(country, int(year)) for country, year in units]
    return [(country, -1 if edition is None else edition) for country in units]


def names_of_units(data: Data, units: Iterable[Any]) -> list[str]:
    """Return the names of units given by code or identifier; see ``Data.names_of``."""
    if data.kind != "country":
        return [str(unit) for unit in units]
    country_names = country_table()["name"]
    return [str(country_names.get(unit, unit)) for unit in units]


def identifier_of(data: Data, name: object) -> Any:
    """Return the code of a country, or the identifier of another unit; see ``Data.unit_of``."""
    if data.kind == "country":
        return country_iso3(cast("str", name))
    identifiers = data._identifiers
    if str(name) not in identifiers:
        near = did_you_mean(str(name), identifiers, listed=0)
        raise UnknownNameError(
            f"no unit `{name}` in the data; "
            + (near if near.startswith("did") else f"there are {len(identifiers):,}")
        )
    return identifiers[str(name)]


def rows_kept(data: Data, part: Data) -> Index:
    """Return the rows of the units that `part`, a selection of `data`, kept."""
    if not data.is_panel:
        return np.flatnonzero(np.isin(data.iso3, part.iso3))
    return np.array([data._unit_rows[key] for key in part._unit_keys()], np.intp)


def row_of(data: Data, country: str | int, year: int | None = None) -> int:
    """Return the row of a country (a name or code), in a panel of that year or of its latest.

    Raises
    ------
    UnknownNameError
        For a country or year that the data do not have.
    """
    iso3 = data.unit_of(country)
    rows = np.flatnonzero(data.iso3 == iso3)
    if data.is_panel and rows.size:
        years = data.units.get_level_values(1).to_numpy()[rows]
        rows = rows[years == (years.max() if year is None else year)]
    elif year is not None and year not in data.years:
        rows = rows[:0]
    if not rows.size:
        when = "" if year is None else f" in {year!r}"
        held = f"the data hold {len(data)} units" if year is None else years_known(data.years)
        raise UnknownNameError(f"no data for {iso3}{when}; {held}")
    return int(rows[0])
