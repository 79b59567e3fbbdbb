"""What units are called: one column of identifiers, one noun."""

from __future__ import annotations

import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.data.nouns import called, in_nouns, key_columns, name_column, noun

FIRMS = dr.as_data(pd.DataFrame({"firm": ["Acme", "Bolt"], "debt": [1.0, 2.0]}), units="firm")
COUNTRIES = dr.as_data(pd.DataFrame({"iso3": ["KEN", "PAK"], "debt": [1.0, 2.0]}))


def test_countries_have_a_code_and_a_name_and_other_units_an_identifier() -> None:
    assert key_columns(COUNTRIES, ["PAK"]) == {"iso3": ["PAK"], "country": ["Pakistan"]}
    assert key_columns(FIRMS, ["Bolt"]) == {"id": ["Bolt"]}
    assert (name_column(FIRMS, ["Bolt"]), noun(FIRMS), noun(COUNTRIES)) == ({}, "unit", "country")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 countries, one country", "12 units, one unit"),
        ("Countries come first", "Units come first"),
        (
            "`country` and `income of countries` of a country",
            "`country` and `income of countries` of a unit",
        ),
        ("country_table and intercountry", "country_table and intercountry"),
        ('<section id="country">Country</section>', '<section id="country">Unit</section>'),
    ],
)
def test_sentences_take_the_noun_and_names_stay(text: str, expected: str) -> None:
    assert in_nouns(FIRMS, text) == expected
    assert in_nouns(COUNTRIES, text) == text


def test_rows_are_called_by_name_else_by_identifier() -> None:
    named = pd.DataFrame({"country": ["Kenya"], "x": [1]}, index=pd.Index(["KEN"], name="iso3"))
    assert called(named) == ["Kenya"]
    assert called(named.drop(columns="country")) == ["KEN"]
    assert called(named.drop(columns="country"), COUNTRIES) == ["Kenya"]
    panel = pd.DataFrame({"x": [1]}, index=pd.MultiIndex.from_tuples([("Acme", 2020)]))
    assert called(panel) == ["Acme"]


def test_a_unit_named_by_the_word_keeps_its_name() -> None:
    names = ["Country Garden", "Country", "Two Countries & Co (Asia)"]
    data = dr.as_data(pd.DataFrame({"firm": names, "debt": [1.0, 2.0, 3.0]}), units="firm")
    text = f"3 countries have no score: {', '.join(names[::2])}; a country needs debt"
    expected = f"3 units have no score: {', '.join(names[::2])}; a unit needs debt"
    assert in_nouns(data, text) == expected
