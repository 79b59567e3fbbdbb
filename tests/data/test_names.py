"""One list of names for cells and running text: every state, its people, negations and regions."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

import dsr_risk as dr
from dsr_risk.data.countries import (
    country_iso3,
    country_source,
    country_table,
    is_aggregate,
    to_iso3,
)
from dsr_risk.data.names import _listed, _translated, ambiguous_in, countries_in

NAMES, PEOPLE = _listed()
ONE_STATE = [(name.text, name.codes[0]) for name in NAMES if len(name.codes) == 1]
ONE_PEOPLE = [(name.text, name.codes[0]) for name in PEOPLE if len(name.codes) == 1]


def test_every_listed_name_is_its_state_in_a_cell() -> None:
    forms = [
        (form, code)
        for name, code in ONE_STATE + ONE_PEOPLE
        for form in (name, name.upper(), name.lower(), f"  {name} ")
    ]
    read = to_iso3([form for form, _ in forms]).tolist()
    wrong = {
        form: (got, code) for (form, code), got in zip(forms, read, strict=True) if got != code
    }
    assert not wrong


def test_every_listed_name_is_its_state_in_running_text() -> None:
    plain = [pair for pair in ONE_STATE + ONE_PEOPLE if "," not in pair[0] and "(" not in pair[0]]
    read = {name: countries_in(f"An office in {name}; another one") for name, _ in plain}
    assert not {name: (read[name], code) for name, code in plain if read[name] != (code,)}


def test_every_short_and_official_name_is_its_state_in_cells_and_text() -> None:
    source = country_source()
    for column in ("name_short", "name_official"):
        names = source[column]
        # `Republic of China` is what Taiwan calls itself; `Guiana` alone was French Guiana's.
        assert to_iso3(names).tolist() == source["ISO3"].tolist()
    table = country_table()["name"].dropna()
    assert to_iso3(table).tolist() == table.index.tolist()
    plain = source[~source["name_short"].str.contains(r"[,(]")]
    for name, code in zip(plain["name_short"], plain["ISO3"], strict=True):
        assert countries_in(f"in {name} and elsewhere") == (code,), name


def test_every_inhabited_state_has_a_name_of_its_people() -> None:
    people = {code for _, code in ONE_PEOPLE} | {code for name in PEOPLE for code in name.codes}
    income = country_table()["income"].notna()
    assert set(income.index[income]) - people <= {"MAF", "SXM"}


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Togolese clergy, Malian, Gambian and Chadian banks", ("TGO", "MLI", "GMB", "TCD")),
        ("Turkey", ("TUR",)),
        ("Democratic People's Republic of Korea", ("PRK",)),
        ("Democratic People\u2019s Republic of Korea", ("PRK",)),
        ("Macedonia; Swaziland; Cape Verde", ("MKD", "SWZ", "CPV")),
        ("East Timor; Holland; Micronesia; St. Lucia", ("TLS", "NLD", "FSM", "LCA")),
        ("Republic of the Congo", ("COG",)),
        ("Macao and Slovakian, Timorese, Jamaican", ("MAC", "SVK", "TLS", "JAM")),
        ("Costa Rican, Salvadoran, Honduran, Fijian", ("CRI", "SLV", "HND", "FJI")),
        ("U.S Department", ("USA",)),
        ("U.S.Small", ("USA",)),
        ("US-based and UK firms", ("USA", "GBR")),
        ("C\u00f4te d\u2019Ivoire and Cote d'Ivoire", ("CIV",)),
        ("Papua New Guinea, Equatorial Guinea, Guinea-Bissau, Guinea", ("PNG", "GNQ", "GNB", "GIN")),
        ("Korea, South Africa", ("KOR", "ZAF")),
        ("Dominican Republic and Dominica", ("DOM", "DMA")),
        ("China's navy and Ireland\u2019s health service", ("CHN", "IRL")),
        ("hospitals in the Gaza Strip, Herzegovina", ("PSE", "BIH")),
    ],
)  # fmt: skip
def test_countries_in_reads_names_and_adjectives(text: str, codes: tuple[str, ...]) -> None:
    assert countries_in(text) == codes


NO_COUNTRY = [
    "Northern Ireland",
    "Inner Mongolia",
    "New Jersey",
    "Niger Delta",
    "Indochina",
    "Non-China",
    "Non-Chinese vendors",
    "non-Chinese",
    "Rest of China",
    "the rest of China",
    "Other than China",
    "All countries but China",
    "excluding China",
    "South America",
    "Gulf of Mexico",
    "South China Sea",
    "Soviet Union",
    "Yugoslavia",
    "tell us about turkey and china plates",
    "Spanish-language media, Russian-speaking users",
    "English Channel, Norwegian Sea, Mozambique Channel",
    "British Honduras, British India, French Sudan, Belgian Congo, Dutch East Indies",
    "Lebanon, NH; Peru, IN; Cuba, MO",
    "Congo Basin, Congo River, Lake Malawi",
    "US$ 5 million",
    "West Indian sailors",
    "American Indian tribes",
    "Jersey City",
    "New Guinea",
    "Micronesia (region)",
]


@pytest.mark.parametrize("text", NO_COUNTRY)
def test_countries_in_ignores_negations_regions_and_dissolved_states(text: str) -> None:
    assert countries_in(text) == ()


@pytest.mark.parametrize(
    "cell",
    [*NO_COUNTRY, "Nigeria - Lagos", "average of Nigeria", "Lebanon, NH", "Kenya and Uganda", "China region",
     "not China", "Chinatown", "Greater China", "Mali empire", "US dollar", "Dominican",
     "Congolese", "Total Kenya", "Kenya total", "Kenya 2", "Georgia (US state)", "New Caledonian crow"],
)  # fmt: skip
def test_a_cell_that_is_more_than_a_name_is_no_country(cell: str) -> None:
    assert to_iso3([cell])[0] is None
    with pytest.raises(dr.UnknownNameError):
        country_iso3(cell)


def test_ambiguous_in_names_the_states_a_word_may_mean() -> None:
    assert countries_in("Dominican and Congolese ministries") == ()
    assert ambiguous_in("Dominican and Congolese ministries") == (
        "`Dominican` may be DMA or DOM",
        "`Congolese` may be COD or COG",
    )


@pytest.mark.slow
@given(st.text(max_size=300))
def test_any_text_gives_known_codes_in_order(text: str) -> None:
    codes = countries_in(text)
    assert len(set(codes)) == len(codes)
    assert set(codes) <= set(country_table().index)
    code = to_iso3([text])[0]
    assert code is None or code in country_table().index


@pytest.mark.slow
@pytest.mark.parametrize(
    "part", ["middle east ", "South ", "U.S. ", "of the ", "a" * 50, "Republic of "]
)
def test_a_long_text_is_searched_in_linear_time(part: str) -> None:
    text = (part * 40_000)[:150_000]
    # Matching that doubles with every repetition would not come back.
    countries_in(text)
    assert to_iso3([text]).tolist() == [None]
    assert not is_aggregate(part * 24)
    with pytest.raises(dr.UnknownNameError) as told:
        country_iso3(part * 24)
    assert len(str(told.value)) < 400


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Korea, Dem. People's Rep. and others", ("PRK",)),
        ("in Congo, Dem. Rep., a mine", ("COD",)),
        ("China, Hong Kong SAR", ("HKG",)),
        ("Japan, Korea, North Macedonia and Mali", ("JPN", "KOR", "MKD", "MLI")),
        ("Korea, South Africa", ("KOR", "ZAF")),
        ("Guinea, Equatorial Guinea", ("GIN", "GNQ")),
    ],
)
def test_a_name_turned_round_with_a_comma_is_its_own_state(
    text: str, codes: tuple[str, ...]
) -> None:
    assert countries_in(text) == codes


def test_every_translated_name_is_its_state_in_a_cell() -> None:
    plain, near = _translated()
    assert to_iso3(plain).tolist() == list(plain.values())
    assert to_iso3([*near, "Allemagne"]).tolist() == [*near.values(), "DEU"]
    assert {*plain.values(), *near.values()} <= set(country_table().index)


def test_a_name_near_an_english_one_is_mistyped_unless_the_column_is_in_another_language() -> None:
    assert to_iso3(["Kenia", "Ghana"]).tolist() == [None, "GHA"]
    assert to_iso3(["Kenia", "Alemania"]).tolist() == ["KEN", "DEU"]
    assert to_iso3(["Chine", "Japon", "Allemagne", "Nordirland"]).tolist() == [
        "CHN",
        "JPN",
        "DEU",
        None,
    ]
    with pytest.raises(dr.UnknownNameError, match="did you mean `Kenya`"):
        country_iso3("Kenia")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Elfenbeink\u00fcste", "CIV"), ("Demokratische Republik Kongo", "COD"), ("Allemagne", "DEU"),
        ("\u00c9tats-Unis", "USA"), ("Espa\u00f1a", "ESP"), ("Pa\u00edses Bajos (los)", "NLD"), ("Qu\u00eania", "KEN"),
        ("\u041a\u0435\u043d\u0438\u044f", "KEN"), ("\u4e2d\u56fd", "CHN"), ("\u0643\u064a\u0646\u064a\u0627", "KEN"), ("Corea del Norte", "PRK"), ("Cote dIvoire", "CIV"),
    ],
)  # fmt: skip
def test_names_in_other_languages_are_states(name: str, code: str) -> None:
    assert to_iso3([name, name.upper()]).tolist() == [code, code]


@pytest.mark.parametrize(
    "cell",
    ["Rest von China", "Nordirland", "Innere Mongolei", "Irlande du Nord", "hors Chine", "Resto de China", "Asie",
     "\u975e\u6d32", "\u5185\u8499\u53e4", "Coreia", "Corea del Norte y del Sur"],
)  # fmt: skip
def test_regions_and_negations_in_other_languages_are_no_states(cell: str) -> None:
    assert to_iso3([cell])[0] is None


def test_georgia_of_the_usa_is_not_georgia() -> None:
    assert countries_in("Atlanta, Georgia, USA") == countries_in("Georgia (US state)") == ("USA",)
    assert countries_in("Georgia, Armenia") == ("GEO", "ARM")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Rest of China", "all but China (CHN), not a country"),
        ("Non-Chinese", "all but China (CHN), not a country"),
        ("outside of the Netherlands", "all but Netherlands (NLD), not a country"),
        ("Inner Mongolia", "a region, not a country"),
        ("Northern Ireland", "a region, not a country"),
    ],
)
def test_a_name_near_a_state_that_names_none_says_why_and_suggests_no_state(
    name: str, reason: str
) -> None:
    with pytest.raises(dr.UnknownNameError) as caught:
        country_iso3(name)
    assert caught.value.message == f"country {name!r}: {reason}"
