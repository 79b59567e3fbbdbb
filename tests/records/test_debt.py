"""Debt exposure from loans: worked figures, bases, thresholds, assumed terms, traces."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dsr_risk import records
from dsr_risk.errors import DataError, DsrRiskError
from dsr_risk.records.loans import Terms, debt_service, outstanding, present_value
from tests.records.conftest import with_trace

TERMS = {"maturity": 15.0, "grace": 4.0, "rate": 0.03}


def two(**more: object) -> pd.DataFrame:
    """5 owed to China of 12.5 in all, committed in 2020 and not yet falling due."""
    return pd.DataFrame(
        {
            "iso3": ["KEN", "KEN"],
            "usd": [5.0, 7.5],
            "year": [2020, 2020],
            "creditor_iso3": ["CHN", "JPN"],
            "maturity": 20.0,
            "grace": 5.0,
            "rate": 0.02,
            **more,
        }
    )


def value(result: pd.DataFrame, indicator: str, column: str = "value") -> float:
    return float(result.set_index("indicator").loc[indicator, column])


@pytest.mark.slow
def test_five_of_an_income_of_fifty_is_ten_percent_and_two_fifths_of_the_debt() -> None:
    result = records.debt_exposure(
        two(), bases={"gni": {"KEN": 50}, "external_debt": {"KEN": 12.5}}, as_of=2021
    )
    assert value(result, "debt_to_focal_gni") == pytest.approx(10)
    assert value(result, "focal_share_debt") == pytest.approx(0.4)
    assert value(result, "focal_share_external_debt") == pytest.approx(0.4)
    deal = records.Renegotiation(2021, haircut=0.2, creditors=("China",))
    after = records.debt_exposure(
        two(), bases={"gni": {"KEN": 50}}, terms={"renegotiation": deal}, as_of=2021
    )
    assert value(after, "debt_to_focal_gni") == pytest.approx(8)
    assert value(after, "debt_stock") == pytest.approx(4 + 7.5)
    assert value(after, "debt_commitments") == 12.5


@pytest.mark.slow
def test_congo_rises_by_twenty_five_points_of_income() -> None:
    loans = pd.DataFrame(
        {
            "iso3": "COG",
            "usd": [13.62, 25.30],
            "year": [2014, 2019],
            "maturity": 30.0,
            "grace": 10.0,
            "rate": 0.02,
        }
    )
    result = records.debt_exposure(
        loans, columns={"creditor": None}, bases={"gni": 100.0}, as_of=[2014, 2019]
    )
    rows = result[result["indicator"].eq("debt_to_focal_gni")]
    assert rows["value"].tolist() == pytest.approx([13.62, 38.92])
    assert rows["year"].tolist() == [2014, 2019]


@pytest.mark.slow
def test_sums_equal_the_arrays_loan_by_loan(loans: pd.DataFrame) -> None:
    filled = loans.fillna({"maturity": 15.0, "rate": 0.03})
    filled["grace"] = filled["grace"].clip(upper=filled["maturity"])
    known = filled[filled["year"] <= 2018]
    terms = Terms(
        known["usd"].to_numpy(),
        known["rate"].to_numpy(),
        known["grace"].to_numpy(),
        known["maturity"].to_numpy(),
        2018.0 - known["year"].to_numpy(),
    )
    result = records.debt_exposure(filled, as_of=2018).pivot(
        index="iso3", columns="indicator", values="value"
    )
    figures = {
        "debt_stock": outstanding(terms),
        "debt_service": debt_service(terms),
        "debt_present_value": present_value(terms),
    }
    for name, figure in figures.items():
        expected = pd.Series(figure).groupby(known["iso3"].to_numpy()).sum()
        assert np.allclose(result[name], expected.reindex(result.index))
        mine = pd.Series(figure * known["creditor_iso3"].eq("CHN").to_numpy())
        expected = mine.groupby(known["iso3"].to_numpy()).sum()
        assert np.allclose(result[f"focal_{name}"], expected.reindex(result.index))


def test_commitments_alone_are_called_commitments() -> None:
    frame = two().drop(columns=["maturity", "grace", "rate"])
    result = records.debt_exposure(frame, terms={"maturity": None}, bases={"gdp": {"Kenya": 50}})
    assert value(result, "focal_commitments_gdp") == pytest.approx(10)
    assert not result["indicator"].str.contains("stock|debt_to_focal|service").any()


@pytest.mark.slow
def test_assumed_terms_widen_the_stock_and_are_noted() -> None:
    frame = two()
    frame.loc[0, "maturity"] = np.nan
    with pytest.raises(DataError, match=r"row 0 \(KEN\): `maturity` is missing"):
        records.debt_exposure(frame)
    result = records.debt_exposure(frame, terms={"assumed": {"maturity": 10}}, as_of=2028)
    known = float(outstanding(Terms(7.5, 0.02, 5.0, 20.0, 8.0)))
    assert value(result, "debt_stock", "lower") == pytest.approx(known)
    assert value(result, "debt_stock", "upper") == pytest.approx(known + 5)
    assert known < value(result, "debt_stock") < known + 5
    assert value(result, "focal_share_debt", "lower") == 0
    note = result.set_index("indicator").loc["debt_stock", "note"]
    assert note == "1 of 2 loans with assumed terms"


@pytest.mark.slow
def test_errors_of_amounts_add_up_in_squares() -> None:
    result = records.debt_exposure(
        two(), columns={"relative_error": 0.1}, bases={"gdp": {"KEN": 50}}, as_of=2021
    )
    error = 0.1 * np.hypot(5, 7.5)
    assert value(result, "debt_stock", "std_error") == pytest.approx(error)
    assert value(result, "debt_gdp", "std_error") == pytest.approx(2 * error)
    share = 0.1 * np.hypot(0.6 * 5, 0.4 * 7.5) / 12.5
    assert value(result, "focal_share_debt", "std_error") == pytest.approx(share)


@pytest.mark.slow
def test_burdens_are_set_against_the_threshold_of_the_class() -> None:
    loan = pd.DataFrame(
        {
            "iso3": ["KEN", "LAO"],
            "usd": 100.0,
            "year": 2020,
            "maturity": 1.0,
            "grace": 0.0,
            "rate": 0.0,
        }
    )
    exports = {"KEN": 100 / 0.18, "LAO": 100 / 0.18}
    result = records.debt_exposure(
        loan,
        columns={"creditor": None},
        bases={"exports": exports},
        options={"capacity": {"Laos": "weak"}},
        as_of=[2020, 2021],
    )
    mine = result[
        result["indicator"].eq("debt_service_exports_of_threshold") & result["year"].eq(2021)
    ].set_index("iso3")
    assert mine["value"].round(9).to_dict() == {"KEN": 1.2, "LAO": 1.8}
    assert mine.loc["KEN", "note"] == "threshold 15 % (medium capacity, assumed)"
    assert mine.loc["LAO", "note"] == "threshold 10 % (weak capacity)"


@pytest.mark.slow
def test_hidden_debt_is_an_interval_and_a_share_of_what_is_recorded() -> None:
    result = records.debt_exposure(
        two(reported=[False, True]),
        columns={"reported": "reported"},
        options={"hidden": (0.0, 0.5)},
        as_of=2021,
    )
    assert value(result, "hidden_debt_share") == pytest.approx(0.4)
    assert value(result, "debt_stock_adjusted", "lower") == pytest.approx(12.5)
    assert value(result, "debt_stock_adjusted", "upper") == pytest.approx(25)
    assert value(result, "debt_stock_adjusted") == pytest.approx(12.5 / 0.75)
    secured = records.debt_exposure(
        two(secured=[1.0, 0.0]), columns={"collateral": "secured"}, as_of=2021
    )
    assert value(secured, "collateralised_share") == pytest.approx(0.4)


@pytest.mark.slow
def test_creditors_that_are_no_country_are_named_on_purpose() -> None:
    frame = two(creditor_iso3=["China", "World Bank"])
    with pytest.raises(DataError, match="'World Bank' in 1 record"):
        records.debt_exposure(frame)
    result = records.debt_exposure(frame, options={"other_creditors": ["World Bank"]}, as_of=2021)
    assert value(result, "focal_share_debt") == pytest.approx(0.4)


@pytest.mark.slow
def test_percent_rates_equal_fractions() -> None:
    percent = records.debt_exposure(two(rate=2.0), terms={"unit": "percent"}, as_of=2028)
    pd.testing.assert_frame_equal(percent, records.debt_exposure(two(), as_of=2028))
    with pytest.raises(DataError, match='{"unit": "percent"}'):
        records.debt_exposure(two(rate=2.0))


@pytest.mark.slow
def test_stock_is_never_negative_and_falls_to_nothing(loans: pd.DataFrame) -> None:
    result = records.debt_exposure(
        loans, terms={"assumed": TERMS}, as_of=[2000, 2010, 2020, 2030, 2045]
    )
    stock = result[result["indicator"].eq("debt_stock")]
    assert (stock["value"] >= 0).all()
    assert (stock["value"][stock["year"].eq(2045)] == 0).all()


@pytest.mark.slow
def test_gdp_is_read_in_the_year_of_the_position() -> None:
    gdp = pd.Series([50.0, 100.0], index=pd.MultiIndex.from_tuples([("KEN", 2020), ("KEN", 2021)]))
    result = records.debt_exposure(two(), bases={"gdp": gdp}, as_of=[2020, 2021])
    rows = result[result["indicator"].eq("debt_to_focal_gdp")]
    assert rows["value"].tolist() == pytest.approx([10, 5])
    with pytest.raises(DataError, match="gdp is missing for KEN 2022"):
        records.debt_exposure(two(), bases={"gdp": gdp}, as_of=2022)


@pytest.mark.slow
def test_contributions_sum_to_every_sum(loans: pd.DataFrame) -> None:
    result, trace = with_trace(
        records.debt_exposure,
        loans,
        terms={"assumed": TERMS},
        bases={"gdp": 100.0, "exports": 20.0},
        columns={"collateral": "secured", "record": "id"},
        options={"hidden": 0.5},
        as_of=[2010, 2020],
    )
    keys = ["iso3", "year", "indicator"]
    summed = trace.groupby(keys)["contribution"].sum()
    values = result.set_index(keys)["value"]
    assert np.allclose(summed.reindex(values.index, fill_value=0.0), values)
    assert set(trace["record"]) <= set(loans["id"])


def test_every_bad_loan_is_reported_at_once() -> None:
    frame = two()
    frame.loc[2] = ["Narnia", -3.0, 2999, "CHN", 4.0, 5.0, -0.1]
    with pytest.raises(DataError) as error:
        records.debt_exposure(
            frame, bases={"gdp": {"KEN": 0}}, options={"capacity": {"KEN": "mild"}}
        )
    text = str(error.value)
    for part in (
        "`iso3` is 'Narnia' in 1 record(s)",
        "row 2 (Narnia): `usd` is -3: must be a number of at least 0",
        "row 2 (Narnia): `year` is 2999: lies in the future",
        "row 2 (Narnia): `maturity` is 4: is shorter than the grace period",
        "`rate` is -0.1",
        "gdp of KEN is 0",
        "capacity of KEN is 'mild'",
    ):
        assert part in text, part


@pytest.mark.slow
def test_debt_exposure_on_missing_skip_leaves_out_loans_without_an_amount() -> None:
    frame = two()
    frame.loc[0, "usd"] = np.nan
    with pytest.raises(DataError, match=r"row 0 \(KEN\): `usd` is missing"):
        records.debt_exposure(frame, as_of=2021)
    result = records.debt_exposure(frame, as_of=2021, options={"on_missing": "skip"})
    assert value(result, "debt_stock") == pytest.approx(7.5)
    note = result.set_index("indicator").loc["debt_stock", "note"]
    assert note == "1 of 2 loans without an amount left out"


@pytest.mark.slow
def test_debt_exposure_on_missing_decides_about_bases_too() -> None:
    bases = {"gdp": {"PAK": 1.0}}
    with pytest.raises(DataError, match="gdp is missing for KEN 2021"):
        records.debt_exposure(two(), bases=bases, as_of=2021)
    skipped = records.debt_exposure(two(), bases=bases, as_of=2021, options={"on_missing": "skip"})
    assert not skipped["indicator"].str.endswith("_gdp").any()


def test_debt_exposure_without_a_creditor_is_refused_by_row() -> None:
    frame = two(creditor_iso3=["CHN", None])
    with pytest.raises(
        DataError, match=r"row 1 \(KEN\): `creditor_iso3` is missing: name the lender"
    ):
        records.debt_exposure(frame)


@pytest.mark.slow
def test_debt_exposure_takes_a_rate_of_exactly_one_as_a_fraction() -> None:
    result = records.debt_exposure(two(rate=1.0), as_of=2021)
    assert value(result, "debt_service") == pytest.approx(12.5)
    with pytest.raises(DataError, match="`rate` is 1.01: must be at most 1"):
        records.debt_exposure(two(rate=1.01))


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"terms": {"discount": 0}}, "`discount` must be a number between 0"),
        ({"terms": {"unit": "bp"}}, "unknown `unit` 'bp'"),
        ({"terms": {"grace": None}}, "give also grace"),
        ({"terms": {"assumed": {"years": 3}}}, "unknown `assumed` 'years'"),
        ({"terms": 3}, "`terms` must be LoanTerms or a mapping of its fields, received int"),
        ({"options": {"hidden": 1.0}}, "`hidden` must be"),
        ({"bases": {"gpd": 1.0}}, "unknown base `gpd`; did you mean `gdp`"),
        ({"columns": {"amuont": "usd"}}, "unknown column role `amuont`; did you mean `amount`"),
        ({"columns": {"amount": 3}}, "`amount` must be the name of a column, received 3"),
        ({"columns": "usd"}, "`columns` must be a mapping of role to column"),
        ({"as_of": "newest"}, '`as_of` must be a year, several years or "latest"'),
        ({"as_of": 2020.5}, '`as_of` must be a year, several years or "latest"'),
    ],
)
def test_debt_exposure_checks_its_options(options: dict[str, Any], match: str) -> None:
    with pytest.raises(DsrRiskError, match=match):
        records.debt_exposure(two(), **options)


@pytest.mark.parametrize(
    ("function", "options", "now"),
    [
        ("debt_exposure", {"rate_unit": "percent"}, 'terms={"unit": ...}'),
        ("debt_exposure", {"gdp": 3.0}, 'bases={"gdp": ...}'),
        ("debt_exposure", {"at": 2020}, "as_of"),
        ("debt_exposure", {"trace": True}, "`debt_trace`, with the same arguments"),
        ("supplier_concentration", {"value": "usd"}, 'columns={"amount": ...}'),
        ("supplier_concentration", {"year": "year"}, 'columns={"year_column": ...}'),
        ("supplier_concentration", {"level": "firm"}, 'market={"level": ...}'),
        ("supplier_concentration", {"confidence": 0.9}, "confidence_level"),
        ("formal_alignment", {"tracked": ["BRI"]}, "give kinds"),
        ("incident_rate", {"covered": "all"}, "give countries"),
        ("graded_dependence", {"level": "x"}, 'columns={"level": ...}'),
    ],
)
def test_records_functions_name_what_took_the_place_of_an_old_parameter(
    function: str, options: dict[str, Any], now: str
) -> None:
    with pytest.raises(TypeError, match=re.escape(now)):
        getattr(records, function)(two(), **options)


@pytest.mark.slow
def test_debt_exposure_says_that_one_lender_is_recorded() -> None:
    alone = records.debt_exposure(two(creditor_iso3="CHN"), as_of=2021).set_index("indicator")
    assert alone.loc["focal_share_debt", "value"] == 1.0
    assert "no other lender is recorded" in alone.loc["focal_share_debt", "note"]
    told = records.debt_exposure(
        two(creditor_iso3="CHN"), as_of=2021, options={"complete": True}
    ).set_index("indicator")
    assert told.loc["focal_share_debt", "note"] == ""
