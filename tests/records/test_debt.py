"""Debt exposure from loans: worked figures, bases, thresholds, assumed terms, traces."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from dsr_risk import records
from dsr_risk.errors import DataError
from dsr_risk.records.loans import Terms, debt_service, outstanding, present_value

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


def test_five_of_an_income_of_fifty_is_ten_percent_and_two_fifths_of_the_debt() -> None:
    result = records.debt_exposure(two(), gni={"KEN": 50}, external_debt={"KEN": 12.5}, at=2021)
    assert value(result, "debt_to_focal_gni") == pytest.approx(10)
    assert value(result, "focal_share_debt") == pytest.approx(0.4)
    assert value(result, "focal_share_external_debt") == pytest.approx(0.4)
    deal = records.Renegotiation(2021, haircut=0.2, creditors=("China",))
    after = records.debt_exposure(two(), gni={"KEN": 50}, at=2021, renegotiation=deal)
    assert value(after, "debt_to_focal_gni") == pytest.approx(8)
    assert value(after, "debt_stock") == pytest.approx(4 + 7.5)
    assert value(after, "debt_commitments") == 12.5


def test_congo_rises_by_twenty_five_points_of_income() -> None:
    loans = pd.DataFrame(
        {"iso3": "COG", "usd": [13.62, 25.30], "year": [2014, 2019], "maturity": 30.0,
         "grace": 10.0, "rate": 0.02}
    )  # fmt: skip
    result = records.debt_exposure(loans, creditor=None, gni=100.0, at=[2014, 2019])
    rows = result[result["indicator"].eq("debt_to_focal_gni")]
    assert rows["value"].tolist() == pytest.approx([13.62, 38.92])
    assert rows["year"].tolist() == [2014, 2019]


def test_sums_equal_the_arrays_loan_by_loan(loans: pd.DataFrame) -> None:
    filled = loans.fillna({"maturity": 15.0, "rate": 0.03})
    filled["grace"] = filled["grace"].clip(upper=filled["maturity"])
    known = filled[filled["year"] <= 2018]
    terms = Terms(
        known["usd"].to_numpy(), known["rate"].to_numpy(), known["grace"].to_numpy(),
        known["maturity"].to_numpy(), 2018.0 - known["year"].to_numpy(),
    )  # fmt: skip
    result = records.debt_exposure(filled, at=2018).pivot(
        index="iso3", columns="indicator", values="value"
    )
    figures = {"debt_stock": outstanding(terms), "debt_service": debt_service(terms),
               "debt_present_value": present_value(terms)}  # fmt: skip
    for name, figure in figures.items():
        expected = pd.Series(figure).groupby(known["iso3"].to_numpy()).sum()
        assert np.allclose(result[name], expected.reindex(result.index))
        mine = pd.Series(figure * known["creditor_iso3"].eq("CHN").to_numpy())
        expected = mine.groupby(known["iso3"].to_numpy()).sum()
        assert np.allclose(result[f"focal_{name}"], expected.reindex(result.index))


def test_commitments_alone_are_called_commitments() -> None:
    frame = two().drop(columns=["maturity", "grace", "rate"])
    result = records.debt_exposure(frame, maturity=None, gdp={"Kenya": 50})
    assert value(result, "focal_commitments_gdp") == pytest.approx(10)
    assert not result["indicator"].str.contains("stock|debt_to_focal|service").any()


def test_assumed_terms_widen_the_stock_and_are_noted() -> None:
    frame = two()
    frame.loc[0, "maturity"] = np.nan
    with pytest.raises(DataError, match=r"row 0 \(KEN\): `maturity` is missing"):
        records.debt_exposure(frame)
    result = records.debt_exposure(frame, assumed_terms={"maturity": 10}, at=2028)
    known = float(outstanding(Terms(7.5, 0.02, 5.0, 20.0, 8.0)))
    assert value(result, "debt_stock", "lower") == pytest.approx(known)
    assert value(result, "debt_stock", "upper") == pytest.approx(known + 5)
    assert known < value(result, "debt_stock") < known + 5
    assert value(result, "focal_share_debt", "lower") == 0
    note = result.set_index("indicator").loc["debt_stock", "note"]
    assert note == "1 of 2 loans with assumed terms"


def test_errors_of_amounts_add_up_in_squares() -> None:
    result = records.debt_exposure(two(), relative_error=0.1, gdp={"KEN": 50}, at=2021)
    error = 0.1 * np.hypot(5, 7.5)
    assert value(result, "debt_stock", "std_error") == pytest.approx(error)
    assert value(result, "debt_gdp", "std_error") == pytest.approx(2 * error)
    share = 0.1 * np.hypot(0.6 * 5, 0.4 * 7.5) / 12.5
    assert value(result, "focal_share_debt", "std_error") == pytest.approx(share)


def test_burdens_are_set_against_the_threshold_of_the_class() -> None:
    loan = pd.DataFrame(
        {"iso3": ["KEN", "LAO"], "usd": 100.0, "year": 2020, "maturity": 1.0, "grace": 0.0,
         "rate": 0.0}
    )  # fmt: skip
    exports = {"KEN": 100 / 0.18, "LAO": 100 / 0.18}
    result = records.debt_exposure(
        loan, creditor=None, exports=exports, capacity={"Laos": "weak"}, at=[2020, 2021]
    )
    mine = result[
        result["indicator"].eq("debt_service_exports_of_threshold") & result["year"].eq(2021)
    ].set_index("iso3")
    assert mine["value"].round(9).to_dict() == {"KEN": 1.2, "LAO": 1.8}
    assert mine.loc["KEN", "note"] == "threshold 15 % (medium capacity, assumed)"
    assert mine.loc["LAO", "note"] == "threshold 10 % (weak capacity)"


def test_hidden_debt_is_an_interval_and_a_share_of_what_is_recorded() -> None:
    result = records.debt_exposure(
        two(reported=[False, True]), reported="reported", hidden=(0.0, 0.5), at=2021
    )
    assert value(result, "hidden_debt_share") == pytest.approx(0.4)
    assert value(result, "debt_stock_adjusted", "lower") == pytest.approx(12.5)
    assert value(result, "debt_stock_adjusted", "upper") == pytest.approx(25)
    assert value(result, "debt_stock_adjusted") == pytest.approx(12.5 / 0.75)
    secured = records.debt_exposure(two(secured=[1.0, 0.0]), collateral="secured", at=2021)
    assert value(secured, "collateralised_share") == pytest.approx(0.4)


def test_creditors_that_are_no_country_are_named_on_purpose() -> None:
    frame = two(creditor_iso3=["China", "World Bank"])
    with pytest.raises(DataError, match="'World Bank' in 1 record"):
        records.debt_exposure(frame)
    result = records.debt_exposure(frame, other_creditors=["World Bank"], at=2021)
    assert value(result, "focal_share_debt") == pytest.approx(0.4)


def test_percent_rates_equal_fractions() -> None:
    percent = records.debt_exposure(two(rate=2.0), rate_unit="percent", at=2028)
    pd.testing.assert_frame_equal(percent, records.debt_exposure(two(), at=2028))
    with pytest.raises(DataError, match='rate_unit="percent"'):
        records.debt_exposure(two(rate=2.0))


def test_stock_is_never_negative_and_falls_to_nothing(loans: pd.DataFrame) -> None:
    result = records.debt_exposure(loans, assumed_terms=TERMS, at=[2000, 2010, 2020, 2030, 2045])
    stock = result[result["indicator"].eq("debt_stock")]
    assert (stock["value"] >= 0).all()
    assert (stock["value"][stock["year"].eq(2045)] == 0).all()


def test_gdp_is_read_in_the_year_of_the_position() -> None:
    gdp = pd.Series([50.0, 100.0], index=pd.MultiIndex.from_tuples([("KEN", 2020), ("KEN", 2021)]))
    result = records.debt_exposure(two(), gdp=gdp, at=[2020, 2021])
    rows = result[result["indicator"].eq("debt_to_focal_gdp")]
    assert rows["value"].tolist() == pytest.approx([10, 5])
    with pytest.raises(DataError, match="gdp is missing for KEN 2022"):
        records.debt_exposure(two(), gdp=gdp, at=2022)


def test_contributions_sum_to_every_sum(loans: pd.DataFrame) -> None:
    result, trace = records.debt_exposure(
        loans, assumed_terms=TERMS, gdp=100.0, exports=20.0, collateral="secured", trace=True,
        hidden=0.5, at=[2010, 2020], record="id",
    )  # fmt: skip
    keys = ["iso3", "year", "indicator"]
    summed = trace.groupby(keys)["contribution"].sum()
    values = result.set_index(keys)["value"]
    assert np.allclose(summed.reindex(values.index, fill_value=0.0), values)
    assert set(trace["record"]) <= set(loans["id"])


def test_every_bad_loan_is_reported_at_once() -> None:
    frame = two()
    frame.loc[2] = ["Narnia", -3.0, 2999, "CHN", 4.0, 5.0, -0.1]
    with pytest.raises(DataError) as error:
        records.debt_exposure(frame, gdp={"KEN": 0}, capacity={"KEN": "mild"})
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


def test_options_are_checked() -> None:
    for options, match in (
        ({"discount": 0}, "discount must be above 0"),
        ({"hidden": 1.0}, "hidden must be"),
        ({"rate_unit": "bp"}, "rate_unit"),
        ({"grace": None}, "give also grace"),
        ({"at": "newest"}, "`at` must be one of"),
    ):
        with pytest.raises(DataError, match=match):
            records.debt_exposure(two(), **options)  # type: ignore[arg-type]
