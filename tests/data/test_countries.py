"""Names and codes to ISO 3166 alpha-3."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from dsr_risk.data.countries import country_iso3, country_table, dissolved, is_aggregate, to_iso3
from dsr_risk.errors import UnknownNameError

SAID = {
    "KOR": "South Korea|Korea, South|KR|KOR|Republic of Korea|Korea, Rep.",
    "PRK": "North Korea|Korea, North|Korea, Dem. People's Rep.|Korea (Democratic People's Republic of)",
    "CIV": "Ivory Coast|Côte d'Ivoire|Cote d’Ivoire",
    "TUR": "Türkiye|Turkey|Turkiye",
    "COD": "DR Congo|Congo, Dem. Rep.|DRC|ZAR",
    "COG": "Congo, Rep.|Congo",
    "MMR": "Burma|Myanmar",
    "SWZ": "Swaziland|Eswatini",
    "CPV": "Cape Verde|Cabo Verde",
    "CZE": "Czechia|Czech Republic",
    "VNM": "Viet Nam|Vietnam",
    "LAO": "Laos|Lao PDR|Lao People's Democratic Republic",
    "EGY": "Egypt, Arab Rep.",
    "TWN": "Taiwan|Taiwan, China|Chinese Taipei|Other Asia, nes",
    "HKG": "Hong Kong SAR, China|China, Hong Kong SAR",
    "MAC": "Macao|Macao SAR, China|Macau",
    "PSE": "Palestine|West Bank and Gaza|WBG",
    "XKX": "Kosovo|XKX|UVK|XK",
    "RUS": "Russia|Russian Federation|RU",
    "GBR": "UK|United Kingdom|U.K.|gb",
    "USA": "USA|U.S.|United States|US",
    "GMB": "The Gambia|Gambia, The",
    "BHS": "Bahamas, The",
    "FSM": "Micronesia, Fed. Sts.",
    "LCA": "St. Lucia|Saint Lucia",
    "ARE": "UAE|United Arab Emirates",
    "PAK": "pak|  Pakistan |PAKISTAN|pk|Pakistan*|Pakistan[1]",
    "NAM": "NA|NAM|Namibia",
    "MKD": "The former Yugoslav Republic of Macedonia|North Macedonia",
    "CHN": "China|China (excluding Hong Kong)|PRC",
    "ZAF": "South Africa",
    "CAF": "Central African Republic",
    "ASM": "American Samoa",
    "GRC": "EL|Greece",
    "VEN": "Venezuela, RB",
}


@pytest.mark.parametrize(
    ("name", "code"), [(n, c) for c, ns in SAID.items() for n in ns.split("|")]
)
def test_common_forms_of_a_name_give_its_code(name: str, code: str) -> None:
    assert to_iso3([name])[0] == code
    assert not is_aggregate(name)
    assert dissolved(name) is None


@pytest.mark.parametrize(
    "name",
    ["World", "", None, "XYZ", "Africa", 5, 156, 3.5, np.nan, pd.NA, "156", "United States and China",
     "Somaliland", "Northern Cyprus", "Indian Kashmir", "West Bank", "nan", ["PAK"], "not found", "x" * 500],
)  # fmt: skip
def test_what_is_not_one_country_has_no_code(name: object) -> None:
    assert to_iso3([name])[0] is None


@pytest.mark.parametrize(
    "name",
    ["World", "Sub-Saharan Africa", "Euro area", "IDA only", "IDA total", "Low income", "Arab World",
     "Low & middle income", "Other small states", "Caribbean small states", "South Asia", "OECD members",
     "East Asia & Pacific (excluding high income)", "Latin America & the Caribbean (IDA & IBRD countries)",
     "Europe & Central Asia", "European Union", "North America", "AFE", "WLD", "EUU", "euu", "Africa",
     "Africa Eastern and Southern", "Africa Western and Central", "Heavily indebted poor countries (HIPC)",
     "Least developed countries: UN classification", "Pre-demographic dividend", "Not classified",
     "Fragile and conflict affected situations", "Central Europe and the Baltics", "Sub-Saharan Africa (IDA & IBRD)",
     "Middle East & North Africa", "Middle East, North Africa, Afghanistan & Pakistan", "Middle East, North Africa, Afghanistan & Pakistan (IDA & IBRD)", "IDA & IBRD total",
     "Advanced economies", "Emerging and developing Asia", "Africa, regional", "Multi-Region", "Areas, nes",
     "Small states", "Pacific island small states", "IBRD only", "IDA blend", "Europe", "Americas"],
)  # fmt: skip
def test_groups_of_countries_are_told_apart(name: str) -> None:
    assert is_aggregate(name)
    assert to_iso3([name])[0] is None


@pytest.mark.parametrize(
    "name",
    [
        "Yugoslavia",
        "USSR",
        "Serbia and Montenegro",
        "Czechoslovakia",
        "Netherlands Antilles",
        "SUN",
        "East Germany",
        "Former USSR",
        "Yugoslavia, SFR (former)",
        "Soviet Union (Former)",
        "Former Sudan",
        "Sudan (former)",
        "Sudan (pre-secession)",
        "Sudan and South Sudan",
        "Fmr Sudan",
        "Fmr USSR",
        "Fmr Ethiopia",
        "Ethiopia (including Eritrea)",
        "Fmr Dem. Rep. of Germany",
        "Fmr Rep. of Vietnam",
        "Fmr Tanganyika",
        "ex-Yugoslavia",
        "Neth. Antilles",
        "Rhodesia and Nyasaland",
        "Indonesia (former)",
    ],
)
def test_dissolved_countries_have_a_reason_and_no_code(name: str) -> None:
    assert to_iso3([name])[0] is None
    assert dissolved(name)


def test_no_country_of_the_list_is_taken_for_a_group_or_for_dissolved() -> None:
    table = country_table()
    for column in (table.index, table["name"].dropna(), table["iso2"].dropna()):
        assert not [one for one in column if is_aggregate(one) or dissolved(one)]


def test_every_code_and_name_of_the_list_gives_itself() -> None:
    table = country_table()
    assert to_iso3(table.index).tolist() == table.index.tolist()
    assert to_iso3(table.index.str.lower()).tolist() == table.index.tolist()
    named = table[table["name"].notna()]
    assert to_iso3(named["name"]).tolist() == named.index.tolist()
    coded = table[table["iso2"].notna()]
    assert to_iso3(coded["iso2"]).tolist() == coded.index.tolist()


def test_the_order_and_length_of_the_values_are_kept() -> None:
    assert to_iso3(["PAK", "World", "PAK", "kenya"]).tolist() == ["PAK", None, "PAK", "KEN"]
    assert to_iso3([]).tolist() == []
    assert to_iso3(pd.Series(["Laos", None], dtype="string")).tolist() == ["LAO", None]


@pytest.mark.slow
def test_known_codes_pass_without_loading_the_names() -> None:
    code = (
        "import sys; from dsr_risk.data.countries import to_iso3\n"
        "assert to_iso3(['PAK', 'KEN']).tolist() == ['PAK', 'KEN']\n"
        "print('country_converter' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Pakstan", "Pakistan"),
        ("PAQ", "PAK"),
        ("Germny", "Germany"),
        ("World", "a group"),
        ("USSR", "dissolved"),
    ],
)
def test_an_unknown_country_is_answered_with_the_nearest(name: str, told: str) -> None:
    with pytest.raises(UnknownNameError, match=told):
        country_iso3(name)


def test_one_country_by_any_name() -> None:
    assert country_iso3(" south korea ") == "KOR"


def test_the_table_is_a_copy() -> None:
    table = country_table()
    table.loc["PAK", "name"] = "changed"
    assert country_table().loc["PAK", "name"] == "Pakistan"
    assert {"name", "iso2", "region", "subregion", "income"} <= set(table.columns)


def test_names_of_congo_and_a_part_of_a_country() -> None:
    assert country_iso3("D.R. Congo") == "COD"
    with pytest.raises(UnknownNameError):
        country_iso3("England")
