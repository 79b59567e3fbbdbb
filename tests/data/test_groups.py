"""One reader of selections: names, codes and groups of countries."""

from __future__ import annotations

import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.data.groups import GROUPS, countries_of

DATA = dr.load_data()


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_a_group_selects_its_members(group: str) -> None:
    assert set(DATA.select(countries=group).iso3) == set(GROUPS[group])
    assert set(DATA.select(countries=[group.lower(), "KEN"]).iso3) == {*GROUPS[group], "KEN"}


def test_regions_and_classes_select_as_their_own_options_do() -> None:
    assert set(DATA.select(countries="Africa").iso3) == set(DATA.select(region="Africa").iso3)
    poor = DATA.select(countries="Low income").iso3
    assert set(poor) == set(DATA.select(income="Low income").iso3)
    assert len(DATA.select(countries="all")) == len(DATA)


def test_a_name_of_a_country_and_a_group_is_the_country() -> None:
    assert countries_of("Micronesia", DATA) == ("FSM",)


def test_a_group_without_a_country_in_the_data_is_an_error() -> None:
    with pytest.raises(dr.UnknownNameError, match="no country of the group `ASEAN` is in the data"):
        DATA.select(countries=["KEN", "PAK"]).select(countries="ASEAN")


@pytest.mark.parametrize(
    ("name", "expected", "never"),
    [
        ("Atlantis", "give a name or an ISO 3166 code", "Albania"),
        ("Narnia", "give a name or an ISO 3166 code", "did you mean"),
        ("Kenia", "did you mean `Kenya`\\?", "Estonia"),
        ("Afrika", "or the group: did you mean `Africa`\\?", "Oceania"),
        ("PKA", "did you mean", "group"),
    ],
)
def test_only_close_names_are_suggested(name: str, expected: str, never: str) -> None:
    with pytest.raises(dr.UnknownNameError, match=expected) as caught:
        DATA.select(countries=name)
    assert never not in str(caught.value)


def test_identifiers_of_other_units_are_no_groups() -> None:
    frame = pd.DataFrame({"region": ["EU", "Africa"], "debt": [1.0, 2.0]})
    regions = dr.as_data(frame, units="region")
    assert regions.select(countries="EU").iso3.tolist() == ["EU"]
    with pytest.raises(dr.UnknownNameError, match="no unit `ASEAN`"):
        regions.select(countries="ASEAN")
