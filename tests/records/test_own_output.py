"""What a function of records returns is accepted as data, whatever the amounts."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from dsr_risk import as_data, records
from dsr_risk.errors import DataError
from dsr_risk.records._old_names import TRACES
from tests.records.test_traces import CALLS

AMOUNTS = st.lists(
    st.tuples(
        st.sampled_from(["KEN", "PAK", "LAO"]),
        st.sampled_from(["Huawei", "ZTE", "Nokia"]),
        st.floats(1e-6, 1e9),
        st.integers(2000, 2020),
    ),
    min_size=1,
    max_size=12,
)
HOME = {"Huawei": "CHN", "ZTE": "CHN", "Nokia": "FIN"}


def frame(rows: list[tuple[str, str, float, int]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["iso3", "vendor", "usd", "year"])
    home = table["vendor"].map(HOME)
    return table.assign(
        vendor_iso3=home, creditor_iso3=home, maturity=20, grace=5, rate=0.02, severity=3,
        claim="alleged", technique=table["vendor"], agreement=table["vendor"], stake=0.1,
        layer=table["vendor"].map({"Huawei": "ran", "ZTE": "core", "Nokia": "ran"}),
    )  # fmt: skip


def accepted(result: pd.DataFrame) -> None:
    assert len(as_data(result).evidence) == len(result)


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(AMOUNTS)
def test_as_data_accepts_every_result_of_contracts(rows: list[tuple[str, str, float, int]]) -> None:
    table = frame(rows)
    accepted(records.supplier_concentration(table, columns={"layer": "layer"}))
    accepted(records.supplier_concentration(table, sampling={"census": True}))
    accepted(records.legal_exposure(table, {"CHN": 1.0, "FIN": 0.2}))
    accepted(records.sanctions_exposure(table, ["Huawei", "ZTE"], register=True))
    accepted(
        records.supplier_network(
            table,
            pd.DataFrame({"buyer": ["Nokia"], "seller": ["ARM"], "share": [0.3]}),
            origins={"ARM": "GBR"},
        )
        if "Nokia" in set(table["vendor"])
        else records.cloud_exposure(table, columns={"provider": "vendor", "origin": "vendor_iso3"})
    )


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(AMOUNTS, st.integers(2020, 2035))
def test_as_data_accepts_every_result_of_loans_and_events(
    rows: list[tuple[str, str, float, int]], year: int
) -> None:
    table = frame(rows)
    bases: dict[str, dict[object, float]] = {"gdp": {"KEN": 7.0, "PAK": 3.0, "LAO": 0.1}}
    accepted(records.debt_exposure(table, bases=bases, as_of=year, options={"hidden": (0.1, 0.4)}))
    people: dict[object, float] = {"KEN": 5e7, "PAK": 2e8, "LAO": 7e6}
    accepted(records.incident_rate(table, people, as_of=min(year, 2025)))
    accepted(records.surveillance_adoption(table, bases={"safeguards": 40.0}))
    accepted(records.formal_alignment(table))


# Functions of records that return no table of indicators, and what they return.
NO_INDICATORS = {
    "logistic_diffusion": "a fitted curve",
    "shrunk_rates": "arrays of rates",
    "traced_shares": "an array of shares",
}
# Functions whose results test_traces hands to as_data, one test each, and those called below.
CALLED_HERE = {"supplier_shares", "layers_held", "cable_columns"}


def test_as_data_is_tried_on_the_output_of_every_function_of_records() -> None:
    functions = {
        name for name in records.__all__
        if callable(getattr(records, name)) and not isinstance(getattr(records, name), type)
    }  # fmt: skip
    tables = functions - set(NO_INDICATORS) - set(TRACES.values())
    assert tables == {*CALLS, *CALLED_HERE}


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(AMOUNTS)
def test_as_data_accepts_shares_layers_and_cables(rows: list[tuple[str, str, float, int]]) -> None:
    table = frame(rows)
    amount = {"amount": "usd"}
    accepted(records.supplier_shares(table, columns=amount))
    accepted(records.supplier_shares(table, columns={**amount, "layer": "layer"}))
    assert as_data(records.supplier_shares(table, columns={**amount, "year_column": "year"}))
    if table.groupby("iso3")["layer"].nunique().max() > 1:
        accepted(records.layers_held(table))
    landings = table.assign(cable_id=table["layer"], cable=table["layer"], share=1.0)
    accepted(records.cable_columns(landings))


def test_a_trace_is_no_data_and_the_message_says_so() -> None:
    table = frame([("KEN", "Huawei", 1.0, 2020), ("KEN", "Nokia", 2.0, 2020)])
    with pytest.raises(DataError, match="a trace holds .* without `_trace`"):
        as_data(records.supplier_trace(table))
