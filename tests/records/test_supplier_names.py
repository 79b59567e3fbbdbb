"""Names of suppliers: spellings of one name, names that no record has, a text as one name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from dsr_risk import records
from dsr_risk.errors import DataError
from dsr_risk.records._supplier_names import fold

THREE = pd.DataFrame(
    {
        "iso3": "KEN",
        "vendor": ["Huawei", "Ericsson", "Nokia"],
        "vendor_iso3": ["CHN", "SWE", "FIN"],
        "usd": [0.3, 0.4, 0.3],
    }
)
SPELLED = pd.DataFrame(
    {
        "iso3": "KEN",
        "vendor": ["Huawei", "HUAWEI", "huawei ", "Nokia"],
        "vendor_iso3": ["CHN", "CHN", "CHN", "FIN"],
        "usd": [10, 10, 10, 30],
    }
)


@pytest.mark.parametrize("listed", ["Huawei", ["Huawei"], "HUAWEI", ["huawei "], ("Huawei",)])
def test_sanctions_exposure_takes_a_text_as_one_name_in_any_spelling(listed: Any) -> None:
    assert records.sanctions_exposure(THREE, listed)["value"].tolist() == [0.3]
    assert records.high_risk_share(THREE, listed)["value"].tolist() == [0.3]


def test_sanctions_exposure_says_a_spelling_that_differs() -> None:
    result = records.sanctions_exposure(THREE, ["HUAWEI"])
    assert result["note"].tolist() == ["HUAWEI read as Huawei"]


@pytest.mark.parametrize(
    "call",
    [
        lambda: records.sanctions_exposure(THREE, ["Hauwei"]),
        lambda: records.high_risk_share(THREE, "Hauwei"),
        lambda: records.sanctions_exposure(THREE, "Huawei", substitutability={"Hauwei": 0.5}),
        lambda: records.supplier_concentration(THREE, market={"chokepoint": {"Hauwei": 0.5}}),
        lambda: records.supplier_concentration(THREE, market={"substitutability": {"Hauwei": 1}}),
        lambda: records.supplier_network(
            THREE,
            pd.DataFrame({"buyer": ["Nokia"], "seller": ["Huawei"], "share": [0.1]}),
            origins={"Hauwei": "CHN"},
        ),
    ],
)
def test_a_name_that_no_record_has_is_an_error_with_the_nearest(call: Callable[[], Any]) -> None:
    with pytest.raises(DataError, match="no record has `Hauwei`; did you mean `Huawei`"):
        call()


def test_a_register_may_name_suppliers_of_other_countries() -> None:
    listed = ["Huawei", "Hytera", "Dahua"]
    with pytest.raises(DataError, match="register=True"):
        records.sanctions_exposure(THREE, listed)
    assert records.sanctions_exposure(THREE, listed, register=True)["value"].tolist() == [0.3]


FIRM = SPELLED.assign(
    vendor=["HUAWEI", "Huawei Technologies Co., Ltd.", "Huawei Tech", "Nokia Oyj"]
)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Huawei Technologies Co., Ltd.", "HUAWEI"),
        ("TIM S.p.A.", "Tim SpA"),
        ("ZTE Corporation", "ZTE-Group"),
        ("Orange (SA)", "orange"),
        ("Telia Company AB", "TELIA"),
    ],
)
def test_legal_forms_and_general_words_end_a_name(name: str, other: str) -> None:
    assert fold(name) == fold(other)


@pytest.mark.parametrize(
    "name", ["Tata", "Texas", "Casa", "A/S", "Group", "Co", "Deutsche Telekom"]
)
def test_a_name_is_more_than_its_legal_form(name: str) -> None:
    assert fold(name) == name.lower().replace(" ", "").replace("/", "")


def test_a_firm_with_its_legal_form_is_one_supplier_and_listed_once() -> None:
    result = records.supplier_concentration(FIRM).set_index("indicator")
    assert result.loc["supplier_count", "value"] == 2
    assert result.loc["supplier_hhi", "value"] == pytest.approx(0.5)
    note = "spellings taken as one supplier: HUAWEI = Huawei Tech = Huawei Technologies Co., Ltd."
    assert result.loc["supplier_hhi", "note"] == note
    assert records.sanctions_exposure(FIRM, "huawei")["value"].tolist() == [0.5]
    assert records.sanctions_exposure(FIRM, "Huawei Inc")["value"].tolist() == [0.5]


@pytest.mark.slow
def test_supplier_concentration_takes_spellings_as_one_supplier_and_says_so() -> None:
    result = records.supplier_concentration(SPELLED).set_index("indicator")
    assert result.loc["supplier_hhi", "value"] == pytest.approx(0.5)
    assert result.loc["supplier_count", "value"] == 2
    note = "spellings taken as one supplier: HUAWEI = Huawei = huawei"
    assert result.loc["supplier_hhi", "note"] == note
    kept = records.supplier_concentration(SPELLED, market={"spellings": "keep"})
    kept = kept.set_index("indicator")
    assert kept.loc["supplier_hhi", "value"] == pytest.approx(1 / 3)
    assert "spellings" not in kept.loc["supplier_hhi", "note"]
    trace = records.supplier_trace(SPELLED)
    parts = trace[trace["indicator"].eq("supplier_hhi")]["contribution"]
    assert parts.sum() == pytest.approx(0.5)


@pytest.mark.slow
def test_spellings_are_one_supplier_on_every_engine(
    convert: Callable[[pd.DataFrame], object],
) -> None:
    firm = records.supplier_concentration(FIRM)
    pd.testing.assert_frame_equal(records.supplier_concentration(convert(FIRM)), firm)
    expected = records.supplier_concentration(SPELLED)
    pd.testing.assert_frame_equal(records.supplier_concentration(convert(SPELLED)), expected)
    shares = records.supplier_shares(convert(SPELLED), columns={"amount": "usd"})
    assert shares["supplier"].tolist() == ["HUAWEI", "Nokia"]
    assert shares["value"].tolist() == [0.5, 0.5]
    assert shares["note"].tolist() == ["also spelled Huawei, huawei", ""]


def test_supplier_network_takes_spellings_as_one_supplier() -> None:
    links = pd.DataFrame({"buyer": ["NOKIA"], "seller": ["huawei"], "share": [0.5]})
    result = records.supplier_network(SPELLED, links).set_index("indicator")["value"]
    assert result["network_focal_total"] == pytest.approx(0.75)
    trace = records.supplier_network_trace(SPELLED, links)
    parts = trace[trace["indicator"].eq("network_focal_total")]["contribution"]
    assert parts.sum() == pytest.approx(0.75)


def test_names_in_another_script_are_kept_apart() -> None:
    frame = SPELLED.assign(vendor=["华为", "中兴", "华为", "诺基亚"])  # noqa: RUF001
    result = records.supplier_concentration(frame).set_index("indicator")
    assert result.loc["supplier_count", "value"] == 3


def test_formal_alignment_takes_a_text_as_one_kind() -> None:
    frame = pd.DataFrame({"iso3": ["PAK"], "agreement": ["BRI"]})
    assert records.formal_alignment(frame, kinds="BRI")["value"].tolist() == [1.0]


@pytest.mark.parametrize(
    "more",
    [
        {"options": {"other_creditors": "World Bnk"}},
        {
            "options": {"other_creditors": "World Bank"},
            "terms": {"renegotiation": {"year": 2020, "creditors": "Peru"}},
        },
    ],
)
def test_debt_exposure_refuses_creditors_that_no_loan_has(more: dict[str, Any]) -> None:
    loans = pd.DataFrame(
        {
            "iso3": "KEN",
            "usd": [5.0],
            "year": 2020,
            "creditor_iso3": "World Bank",
            "maturity": 20,
            "grace": 5,
            "rate": 0.02,
        }
    )
    with pytest.raises(DataError, match="no loan has"):
        records.debt_exposure(loans, **more)
