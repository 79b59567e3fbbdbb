"""The words for a unit: the column of its identifier, the column of its name, the noun in sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from .dataset import Data

__all__ = ["called", "in_nouns", "key_columns", "name_column", "noun"]

NAME = "country"
"""The column of names of countries; other units have none beside their identifier."""
NOUNS = re.compile(r"`[^`]*`|=\"\w+\"|\b([Cc])ountr(y|ies)\b")
"""A name between backticks stays as it is, as does an attribute of one word in a page."""


def noun(data: Data, *, many: bool = False) -> str:
    """Return what a unit is called in a sentence: ``country`` or ``unit``, or `many` of them.

    Examples
    --------
    >>> import pandas as pd
    >>> from dsr_risk import as_data
    >>> noun(as_data(pd.DataFrame({"firm": ["Acme"], "debt": [1.0]}), units="firm"))
    'unit'
    """
    if data.kind == "country":
        return "countries" if many else "country"
    return "units" if many else "unit"


def in_nouns(data: Data, text: str) -> str:
    """Return one of our sentences on countries as it holds for the units of the data.

    Examples
    --------
    >>> import pandas as pd
    >>> from dsr_risk import as_data
    >>> data = as_data(pd.DataFrame({"firm": ["Acme"], "debt": [1.0]}), units="firm")
    >>> in_nouns(data, "2 of 5 countries have a `country` score")
    '2 of 5 units have a `country` score'
    """
    if data.kind == "country" or "ountr" not in text:
        return text
    # A unit whose name has the word (a firm `Country Garden`) keeps its name.
    named = [re.escape(str(unit)) for unit in data.countries if "ountr" in str(unit)]
    return re.sub("|".join([*sorted(named, reverse=True), NOUNS.pattern]), _unit, text)


def _unit(found: re.Match[str]) -> str:
    if found[1] is None:
        return found[0]
    return ("U" if found[1] == "C" else "u") + ("nit" if found[2] == "y" else "nits")


def name_column(data: Data, units: Iterable[Any]) -> dict[str, list[str]]:
    """Return the column of names that a table has beside codes of countries; none for other units.

    Examples
    --------
    >>> from dsr_risk import load_data
    >>> name_column(load_data(), ["KEN"])
    {'country': ['Kenya']}
    """
    return {NAME: data.names_of(units)} if data.kind == "country" else {}


def key_columns(data: Data, units: Iterable[Any]) -> dict[str, list[Any]]:
    """Return the columns that say which units the rows are about: ``iso3`` and ``country``, or ``id`` alone.

    Examples
    --------
    >>> from dsr_risk import load_data
    >>> key_columns(load_data(), ["KEN"])
    {'iso3': ['KEN'], 'country': ['Kenya']}
    """
    codes = list(units)
    return {data.unit_name: codes, **name_column(data, codes)}


def called(table: pd.DataFrame | Mapping[str, Any], data: Data | None = None) -> list[str]:
    """Return how the rows of a table of units are called: by names of countries, else by identifiers.

    A table of a panel has (identifier, year) as its index. `data` say the names where the table has codes alone.
    """
    if NAME in table:
        return [str(name) for name in table[NAME]]
    index = table.index  # type: ignore[union-attr]
    codes = index.get_level_values(0)
    return [str(code) for code in codes] if data is None else data.names_of(codes)
