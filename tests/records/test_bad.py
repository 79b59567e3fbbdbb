"""Bad records: one report that names every problem, on every engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dsr_risk import records
from dsr_risk.errors import DataError

Convert = Callable[[pd.DataFrame], object]


@pytest.fixture
def bad() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "iso3": pd.Series(["KEN", "KEN", "Narnia", None, "PAK"], dtype=object),
            "vendor": pd.Series(["Huawei", "ZTE", "Nokia", "Nokia", "Nokia"], dtype=object),
            "vendor_iso3": pd.Series(["CHN", "Chinna", "FIN", "FIN", "FIN"], dtype=object),
            "usd": [5.0, -2.0, 3.0, np.nan, 4.0],
            "year": [2020, 2999, 2020, 2020, 1066],
        }
    )


PARTS = (
    "`iso3` is 'Narnia' in 1 record(s): not a country",
    "`iso3` is empty in 1 record(s): every record needs a country",
    "`vendor_iso3` is 'Chinna' in 1 record(s)",
    "`usd` is -2: must be a number of at least 0",
    "`usd` is missing",
    "`year` is 2999: lies in the future",
    "`year` is 1066: must be a calendar year from 1900 on",
)


def problems(call: Callable[[], Any]) -> tuple[str, ...]:
    with pytest.raises(DataError) as error:
        call()
    return error.value.problems


@pytest.mark.slow
def test_every_engine_reports_every_problem_once(convert: Convert, bad: pd.DataFrame) -> None:
    found = problems(
        lambda: records.supplier_concentration(convert(bad), columns={"year_column": "year"})
    )
    for part in PARTS:
        assert sum(part in one for one in found) == 1, part
    assert len(found) == len(PARTS)


def test_frames_in_memory_name_the_row_and_the_country(bad: pd.DataFrame) -> None:
    found = problems(lambda: records.supplier_concentration(bad, columns={"year_column": "year"}))
    assert "row 1 (KEN): `usd` is -2: must be a number of at least 0" in found
    assert any(one.startswith("row 3: `usd` is missing") for one in found)


@pytest.mark.slow
def test_an_identifier_names_the_record_of_a_lazy_frame(bad: pd.DataFrame) -> None:
    lazy = pytest.importorskip("polars").from_pandas(bad.assign(id=list("vwxyz"))).lazy()
    found = problems(
        lambda: records.supplier_concentration(
            lazy, columns={"year_column": "year", "record": "id"}
        )
    )
    assert "row w (KEN): `usd` is -2: must be a number of at least 0" in found


def test_many_bad_rows_are_counted_and_the_first_are_shown() -> None:
    frame = pd.DataFrame({"iso3": "KEN", "vendor": "a", "vendor_iso3": "CHN", "usd": [-1.0] * 40})
    found = problems(lambda: records.supplier_concentration(frame))
    assert len(found) == 6
    assert found[-1] == "... 35 more records whose `usd` must be a number of at least 0"


def test_missing_and_mistyped_columns_are_named_together() -> None:
    frame = pd.DataFrame({"iso": ["KEN"], "vendor": ["a"], "vendor_iso3": ["CHN"], "usd": ["5"]})
    found = problems(lambda: records.supplier_concentration(frame, columns={"record": "id"}))
    assert found[0] == "column `iso3` (country) is missing: did you mean `iso`?"
    assert "column `usd` (amount) holds text, must hold numbers" in found
    assert "column `id` (record) is missing" in found


def test_unknown_suppliers_are_refused_with_the_way_out() -> None:
    frame = pd.DataFrame(
        {"iso3": ["KEN"] * 2, "vendor": ["a", None], "vendor_iso3": ["CHN", None], "usd": [3, 1]}
    )
    found = problems(lambda: records.supplier_concentration(frame))
    assert len(found) == 2
    assert (
        'supplier of 25 % of `usd` is unknown; name it, or say who may hold it: remainder="any"'
        in found[0]
    )


@pytest.mark.slow
def test_values_may_be_missing_only_when_said_so() -> None:
    frame = pd.DataFrame(
        {"iso3": ["KEN"] * 3, "vendor": list("aab"), "vendor_iso3": "CHN", "usd": [3, np.nan, 1]}
    )
    result = records.supplier_concentration(frame, market={"on_missing": "skip"})
    shares = result.set_index("indicator")["value"]
    assert shares["supplier_hhi"] == pytest.approx(0.625)
    with pytest.raises(DataError, match="`usd` is missing"):
        records.supplier_concentration(frame)


@pytest.mark.slow
def test_infinite_amounts_and_empty_frames_are_refused(convert: Convert) -> None:
    frame = pd.DataFrame(
        {"iso3": ["KEN"], "vendor": ["a"], "vendor_iso3": ["CHN"], "usd": [np.inf]}
    )
    with pytest.raises(DataError, match="must be a number of at least 0"):
        records.supplier_concentration(convert(frame))
    zero = frame.assign(usd=0.0)
    with pytest.raises(DataError, match="KEN: `usd` sums to 0"):
        records.supplier_concentration(convert(zero))


def test_no_record_at_all_is_said() -> None:
    frame = pd.DataFrame({"iso3": ["KEN"], "vendor": ["a"], "vendor_iso3": ["CHN"], "usd": [1.0]})
    with pytest.raises(DataError, match="there is no record"):
        records.supplier_concentration(frame.iloc[:0])


def test_what_is_no_frame_is_named() -> None:
    with pytest.raises(DataError, match="must be a pandas, Polars, PyArrow, .* received list"):
        records.supplier_concentration([1, 2])


@pytest.mark.slow
def test_importing_records_does_not_load_narwhals() -> None:
    import subprocess
    import sys

    code = "import sys, dsr_risk.records; print('narwhals' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("people", "match"),
    [
        (pd.Series([1.0, 2.0], index=["KEN", "Kenya"]), "given more than once"),
        (pd.DataFrame({"country": ["KEN"], "x": [1.0]}), "needs a column `iso3`"),
        (pd.DataFrame({"iso3": ["KEN"], "a": [1.0], "b": [2.0]}), "name the value column"),
        ([1, 2], "must be a number, or a Series"),
        ("many", "must be a number, or a Series"),
    ],
)
def test_figures_by_country_are_checked(people: Any, match: str) -> None:
    frame = pd.DataFrame({"iso3": ["KEN"], "year": [2020]})
    with pytest.raises(DataError, match=match):
        records.incident_rate(frame, people, columns={"severity": None, "claim": None})


def test_a_year_is_a_whole_number_and_an_amount_no_larger_than_a_square_can_hold() -> None:
    frame = pd.DataFrame(
        {"iso3": ["KEN"], "vendor": ["a"], "vendor_iso3": ["CHN"], "usd": [1e150], "year": [2019.5]}
    )
    found = problems(lambda: records.supplier_concentration(frame, columns={"year_column": "year"}))
    assert found == (
        "row 0 (KEN): `usd` is 1e+150: must be at most 1e+100: take a larger unit",
        "row 0 (KEN): `year` is 2019.5: must be a whole year",
    )


def test_two_columns_of_one_name_and_years_in_words_are_refused() -> None:
    frame = pd.DataFrame(
        {
            "iso3": ["KEN"],
            "vendor": ["a"],
            "vendor_iso3": ["CHN"],
            "usd": [1.0],
            "year": ["2019-05-05"],
        }
    )
    twice = pd.concat([frame, frame[["usd"]]], axis=1)
    with pytest.raises(DataError, match="more than one column is called `usd`"):
        records.supplier_concentration(twice)
    found = problems(lambda: records.supplier_concentration(frame, columns={"year_column": "year"}))
    assert found == ("column `year` (year) holds text, must hold years or dates",)


def test_layers_combined_have_no_bounds_where_a_layer_has_none(contracts: pd.DataFrame) -> None:
    result = records.supplier_concentration(
        contracts,
        columns={"layer": "layer", "substitutability": "sub"},
        market={"remainder": "any"},
    )
    both = result.dropna(subset=["lower", "upper"])
    assert (both["lower"] <= both["value"] + 1e-12).all()
    assert (both["value"] <= both["upper"] + 1e-12).all()
    locked = result[result["indicator"].eq("locked_hhi")]
    assert (locked["std_error"] > 0).all()


DATED = {
    "debt": lambda year: records.debt_exposure(
        pd.DataFrame({"iso3": ["KEN"], "usd": 1e6, "year": 2015, "creditor_iso3": "CHN"}),
        terms={"maturity": None},
        as_of=year,
    ),
    "incidents": lambda year: records.incident_rate(
        pd.DataFrame({"iso3": ["KEN"], "year": 2015, "severity": 3.0, "claim": "alleged"}),
        {"KEN": 5e7},
        as_of=year,
    ),
    "surveillance": lambda year: records.surveillance_adoption(
        pd.DataFrame({"iso3": ["KEN"], "technique": "smart city", "year": 2015}),
        columns={"supplier": None, "origin": None},
        as_of=year,
    ),
    "agreements": lambda year: records.formal_alignment(
        pd.DataFrame({"iso3": ["KEN"], "agreement": "BRI", "year": 2015}),
        columns={"year_column": "year"},
        as_of=year,
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", DATED)
def test_a_year_before_every_record_is_said(name: str) -> None:
    assert len(DATED[name](2015))
    assert len(DATED[name](2100))
    with pytest.raises(DataError, match=r"no record is of 2014 or before.*they are of 2015"):
        DATED[name]([2014, 2015])
    for year in (5, 1899, 2201, 9999):
        with pytest.raises(DataError, match="must be a year from 1900 to 2200"):
            DATED[name](year)


HUGE = 10**400
INCIDENT = pd.DataFrame({"iso3": ["KEN"], "year": 2018, "severity": 3.0, "claim": "alleged"})
LOAN = pd.DataFrame({
    "iso3": ["KEN"], "usd": 5.0, "year": 2015, "creditor_iso3": "CHN", "maturity": 10, "grace": 2, "rate": 0.02,
})  # fmt: skip
SUPPLY = pd.DataFrame({"iso3": ["KEN"], "vendor": "a", "vendor_iso3": "CHN"})
HUGE_CALLS = {
    "half life": lambda v: records.incident_rate(INCIDENT, 5e7, weighing={"half_life": v}),
    "population": lambda v: records.incident_rate(INCIDENT, {"KEN": v}),
    "severity": lambda v: records.incident_rate(INCIDENT, 5e7, columns={"severity": v}),
    "year": lambda v: records.incident_rate(
        INCIDENT.assign(year=pd.Series([v], dtype=object)), 5e7
    ),
    "rate": lambda v: records.debt_exposure(LOAN, terms={"rate": v}),
    "hidden": lambda v: records.debt_exposure(LOAN, options={"hidden": v}),
    "prior": lambda v: records.Sampling(prior=v),
    "amount": lambda v: records.supplier_concentration(
        SUPPLY.assign(usd=pd.Series([v], dtype=object)), columns={"amount": "usd"}
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HUGE_CALLS)
@pytest.mark.parametrize("value", [HUGE, -HUGE], ids=["plus", "minus"])
def test_a_whole_number_beyond_floats_is_one_short_error(name: str, value: int) -> None:
    with pytest.raises(DataError) as caught:
        HUGE_CALLS[name](value)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("value", [[1.0], {"a": 1.0}, [0.1, 0.2, 0.3], ["a", "b"]], ids=repr)
def test_terms_and_hidden_debt_take_numbers_alone(value: object) -> None:
    with pytest.raises(DataError, match="`hidden` must be a number, or two"):
        records.debt_exposure(LOAN, options={"hidden": value})
    with pytest.raises(DataError, match="`maturity` must be a column, a number or None"):
        records.debt_exposure(LOAN, terms={"maturity": value})
