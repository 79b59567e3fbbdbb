"""Groups of countries, and the one reader of selections: names, codes and groups."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from .._util.checks import names_of
from ..errors import DsrRiskError, Problems, UnknownNameError, did_you_mean
from .countries import NEAR, country_table

if TYPE_CHECKING:
    from .dataset import Data

__all__ = ["GROUPS", "countries_of"]

GROUPS: dict[str, tuple[str, ...]] = {
    "EU": (
        "AUT",
        "BEL",
        "BGR",
        "HRV",
        "CYP",
        "CZE",
        "DNK",
        "EST",
        "FIN",
        "FRA",
        "DEU",
        "GRC",
        "HUN",
        "IRL",
        "ITA",
        "LVA",
        "LTU",
        "LUX",
        "MLT",
        "NLD",
        "POL",
        "PRT",
        "ROU",
        "SVK",
        "SVN",
        "ESP",
        "SWE",
    ),
    "ASEAN": ("BRN", "KHM", "IDN", "LAO", "MYS", "MMR", "PHL", "SGP", "THA", "TLS", "VNM"),
    "G7": ("CAN", "FRA", "DEU", "ITA", "JPN", "GBR", "USA"),
    "EAEU": ("ARM", "BLR", "KAZ", "KGZ", "RUS"),
    "GCC": ("BHR", "KWT", "OMN", "QAT", "SAU", "ARE"),
}
"""Members in 2026: EU, ASEAN (with Timor-Leste, 2025), G7, Eurasian Economic Union, Gulf Co-operation
Council. The Belt and Road (BRI) is read from the data."""

BRI_COLUMNS = ("bri_member", "bri_participant")


def _group(name: str, data: Data) -> tuple[str, ...] | None:
    folded = name.strip().casefold()
    if folded == "all":
        return data.countries
    if data.kind != "country":
        return None
    for label, members in GROUPS.items():
        if folded == label.casefold():
            return members
    if folded in ("bri", "belt and road"):
        for column in BRI_COLUMNS:
            if column in data.columns:
                joined = data._matrix([column])[:, 0] > 0
                return tuple(dict.fromkeys(data.iso3[joined]))
    return _classes().get(folded)


@cache
def _classes() -> dict[str, tuple[str, ...]]:
    """Return members of each region, subregion and income class by folded name."""
    table = country_table()
    out: dict[str, tuple[str, ...]] = {}
    for column in ("region", "subregion", "income", "income_group"):
        if column in table:
            labels = table[column].dropna()
            for name, members in labels.groupby(labels.astype(str)).groups.items():
                out.setdefault(str(name).casefold(), tuple(str(code) for code in members))
    return out


def _group_names() -> list[str]:
    table = country_table()
    named = [
        str(value)
        for column in ("region", "subregion", "income")
        if column in table
        for value in table[column].dropna().unique()
    ]
    return [*GROUPS, "BRI", "all", *named]


def countries_of(
    names: str | int | Iterable[str | int], data: Data, where: str = "countries"
) -> tuple[str, ...]:
    """Return the codes of the countries and groups named, those in the data, each once.

    A name that is a country's and a group's (Micronesia) is the country. Of other units the identifiers are
    returned, and ``all`` is the one group.

    Raises
    ------
    UnknownNameError
        For a name that is neither a country nor a group, a country that is not in the data, or a group of
        which no country is in the data.

    Examples
    --------
    >>> from dsr_risk import load_data
    >>> countries_of(["G7", "Kenya"], load_data())[-2:]
    ('USA', 'KEN')
    """
    wanted = [str(name) for name in names_of("countries", names)]
    present = set(data.countries)
    problems = Problems(where)
    out: list[str] = []
    for name in wanted:
        try:
            code = data.unit_of(name)
        except DsrRiskError as error:
            members = _group(name, data)
            if members is not None:
                inside = [code for code in members if code in present]
                if not inside:
                    problems.add(f"no country of the group `{name}` is in the data")
                out += inside
                continue
            groups = did_you_mean(name, _group_names(), listed=0, likeness=NEAR)
            near = groups.startswith("did") and "did you mean" not in error.message
            problems.add(f"{error.message}, or the group: {groups}" if near else error.message)
            continue
        if code not in present:
            problems.add(f"no data for {code}; the data hold {len(present)} other countries")
        out.append(code)
    if not wanted:
        problems.add("no country named; give names, codes or groups (EU, ASEAN, BRI, a region)")
    if len(problems.lines) == 1 and where == "countries":
        raise UnknownNameError(problems.lines[0])
    problems.raise_as(UnknownNameError)
    return tuple(dict.fromkeys(out))
