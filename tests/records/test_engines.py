"""The same call gives the same table, whatever frame the records come in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dsr_risk import records
from dsr_risk.errors import DataError

Convert = Callable[[pd.DataFrame], object]
PEOPLE = {"KEN": 50e6, "PAK": 220e6, "ETH": 110e6, "DEU": 83e6}
TERMS = {"maturity": 15.0, "grace": 4.0, "rate": 0.03}
DEAL = records.Renegotiation(2018, haircut=0.2, extension=5, rate=0.01, creditors=("CHN",))


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, other, rtol=1e-9, atol=1e-10)


CONTRACT_CALLS: dict[str, Callable[..., Any]] = {
    "pooled": lambda f, **k: records.supplier_concentration(f, remainder="any", **k),
    "by year": lambda f, **k: records.supplier_concentration(f, year="year", remainder="drop", **k),
    "by layer": lambda f, **k: records.supplier_concentration(
        f, layer="layer", layer_weights={"ran": 2, "core": 1}, remainder="other", **k
    ),
    "counts": lambda f, **k: records.supplier_concentration(
        f, value=None, origin=None, remainder="any", top=2, intraclass=0.05, **k
    ),
    "locked": lambda f, **k: records.supplier_concentration(
        f, remainder="any", substitutability="sub", chokepoint={"Huawei": 0.5}, **k
    ),
    "cloud": lambda f, **k: records.cloud_exposure(
        f, provider="vendor", origin="vendor_iso3", remainder="any", **k
    ),
    "cables": lambda f, **k: records.cable_exposure(
        f, cable="layer", capacity="usd", landing_point="layer", supplier="vendor",
        origin="vendor_iso3", remainder="any", **k,
    ),
}  # fmt: skip

KNOWN_CALLS: dict[str, Callable[..., Any]] = {
    "law": lambda f, **k: records.legal_exposure(
        f, {"CHN": 1.0, "SWE": 0.2, "FIN": 0.2, "DEU": 0.3, "KOR": 0.4}, year="year", **k
    ),
    "sanctions": lambda f, **k: records.sanctions_exposure(
        f, ["Huawei", "ZTE"], substitutability={"ZTE": 0.5}, **k
    ),
    "high risk": lambda f, **k: records.high_risk_share(f, ["Huawei"], critical="critical", **k),
    "standards": lambda f, **k: records.standards_uptake(f, origin="vendor_iso3", **k),
    "agreements": lambda f, **k: records.formal_alignment(
        f, agreement="vendor", year="year", at=2019, **k
    ),
    "protection": lambda f, **k: records.data_protection_gap(
        f, instrument="layer", components={"law": ["ran"], "authority": ["core"], "other": ["x"]},
        **k,
    ),
    "graded": lambda f, **k: records.graded_dependence(
        f, "grade", level="sub", claim=None, year="year", rule="latest", most=1, **k
    ),
}  # fmt: skip


@pytest.mark.parametrize("call", CONTRACT_CALLS.values(), ids=CONTRACT_CALLS.keys())
def test_contracts_give_the_same_table_on_every_engine(
    convert: Convert, contracts: pd.DataFrame, call: Callable[..., Any]
) -> None:
    same(call(convert(contracts)), call(contracts))


@pytest.mark.parametrize("call", KNOWN_CALLS.values(), ids=KNOWN_CALLS.keys())
def test_measures_of_known_suppliers_are_the_same_on_every_engine(
    convert: Convert, contracts: pd.DataFrame, call: Callable[..., Any]
) -> None:
    known = contracts.dropna(subset=["vendor"]).reset_index(drop=True)
    same(call(convert(known)), call(known))


def test_debt_is_the_same_on_every_engine(convert: Convert, loans: pd.DataFrame) -> None:
    def call(frame: object) -> pd.DataFrame:
        return records.debt_exposure(
            frame, assumed_terms=TERMS, collateral="secured", reported="reported",
            relative_error=0.1, at=[2015, 2020], gdp={"KEN": 100.0, "PAK": 300.0, "LAO": 19.0},
            exports={"KEN": 12.0, "PAK": 30.0, "LAO": 6.0}, hidden=(0.0, 0.5), renegotiation=DEAL,
        )  # fmt: skip

    same(call(convert(loans)), call(loans))


@pytest.mark.parametrize("schedule", ["annuity", "equal_principal"])
def test_both_schedules_are_the_same_on_every_engine(
    convert: Convert, loans: pd.DataFrame, schedule: Any
) -> None:
    def call(frame: object) -> pd.DataFrame:
        return records.debt_exposure(frame, assumed_terms=TERMS, schedule=schedule, at=2018)

    same(call(convert(loans)), call(loans))


def test_incidents_are_the_same_on_every_engine(convert: Convert, incidents: pd.DataFrame) -> None:
    def call(frame: object) -> pd.DataFrame:
        return records.incident_rate(
            frame, PEOPLE, host="host", at=2019, detection={"KEN": 0.5, "PAK": 0.7, "ETH": 0.3,
            "DEU": 0.9}, covered="all",
        )  # fmt: skip

    same(call(convert(incidents)), call(incidents))


def test_surveillance_is_the_same_on_every_engine(
    convert: Convert, deployments: pd.DataFrame
) -> None:
    def call(frame: object) -> pd.DataFrame:
        return records.surveillance_adoption(
            frame, techniques=records.AIGS_TECHNIQUES, population={"KEN": 2e6, "PAK": 9e6,
            "UZB": 3e6}, safeguards={"KEN": 60, "PAK": 25, "UZB": 28}, saturation=100,
        )  # fmt: skip

    same(call(convert(deployments)), call(deployments))


def test_equity_is_the_same_on_every_engine(convert: Convert) -> None:
    stakes = pd.DataFrame(
        {
            "iso3": ["IND", "IND", "MYS", "PAK"],
            "firm": ["Paytm", "Paytm", "TNG Digital", "Easypaisa"],
            "stake": [0.3033, 0.2486, 0.49, 0.45],
            "owner_iso3": ["CHN", "CHN", "CHN", "CHN"],
            "market_share": [0.4, 0.4, 0.3, 0.2],
            "year": [2020, 2022, 2021, 2018],
        }
    )
    same(records.equity_exposure(convert(stakes)), records.equity_exposure(stakes))


def test_a_network_is_the_same_on_every_engine(convert: Convert, contracts: pd.DataFrame) -> None:
    known = contracts[contracts["vendor"].notna() & contracts["vendor_iso3"].ne("DEU")]
    known = known.reset_index(drop=True)
    links = pd.DataFrame({"buyer": ["Nokia", "Huawei"], "seller": ["TSMC"] * 2, "share": 0.3})

    def call(frame: object, chain: object) -> pd.DataFrame:
        return records.supplier_network(frame, chain, origins={"TSMC": "TWN"})

    same(call(convert(known), convert(links)), call(known, links))


def test_names_and_codes_of_one_country_are_pooled_on_every_engine(
    convert: Convert, contracts: pd.DataFrame
) -> None:
    mixed = contracts.copy()
    mixed.loc[::2, "iso3"] = mixed.loc[::2, "iso3"].map(
        {"KEN": "Kenya", "PAK": "pakistan", "ZMB": "ZM"}
    )
    mixed["vendor_iso3"] = mixed["vendor_iso3"].replace({"CHN": "China", "SWE": "Sweden"})
    expected = records.supplier_concentration(contracts, remainder="any")
    same(records.supplier_concentration(convert(mixed), remainder="any"), expected)


def test_a_trace_names_the_same_records_on_every_engine(
    convert: Convert, contracts: pd.DataFrame
) -> None:
    def call(frame: object) -> pd.DataFrame:
        _, trace = records.supplier_concentration(
            frame, remainder="any", substitutability="sub", record="id", trace=True
        )
        return trace.astype({"record": int}).sort_values(
            ["iso3", "indicator", "record"], ignore_index=True
        )

    same(call(convert(contracts)), call(contracts))


def test_categories_integers_and_dates_are_read_as_text_numbers_and_years(
    contracts: pd.DataFrame,
) -> None:
    other = contracts.assign(
        iso3=contracts["iso3"].astype("category"),
        usd=(contracts["usd"] * 10).astype(int),
        year=pd.to_datetime(contracts["year"].astype(str) + "-06-30"),
    )
    whole = contracts.assign(usd=(contracts["usd"] * 10).astype(int))
    same(
        records.supplier_concentration(other, year="year", remainder="any"),
        records.supplier_concentration(whole, year="year", remainder="any"),
    )


PLAIN: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "decimals": lambda f: f.assign(usd=[Decimal(str(one)) for one in f["usd"]]),
    "nullable numbers": lambda f: f.astype({"year": "Int64", "usd": "Float64"}),
    "Arrow types": lambda f: f.convert_dtypes(dtype_backend="pyarrow"),
    "dates": lambda f: f.assign(year=[dt.date(int(one), 5, 5) for one in f["year"]]),
    "local time": lambda f: f.assign(
        year=pd.to_datetime(f["year"].astype(str) + "-12-31T23:30").dt.tz_localize(
            "America/New_York"
        )
    ),
    "shuffled and further columns": lambda f: f.assign(amount=1, country="x")[
        ["amount", "usd", "year", "vendor_iso3", "country", "vendor", "iso3"]
    ],
    "keys in the index": lambda f: f.set_index(["iso3", "year"]),
    "an index with repeats": lambda f: f.set_index(pd.Index([0] * len(f))),
    "stray space": lambda f: f.assign(vendor=" " + f["vendor"] + "  "),
}


@pytest.mark.parametrize("change", PLAIN.values(), ids=PLAIN.keys())
def test_numbers_years_and_names_are_read_in_any_form_pandas_gives_them(
    contracts: pd.DataFrame, change: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    call = lambda f: records.supplier_concentration(f, year="year", remainder="any", trace=True)  # noqa: E731
    for one, other in zip(call(change(contracts)), call(contracts), strict=True):
        same(one, other)


def test_decimals_and_categories_of_other_engines_are_numbers_and_text(
    contracts: pd.DataFrame,
) -> None:
    pl = pytest.importorskip("polars")
    duckdb = pytest.importorskip("duckdb")
    expected = records.supplier_concentration(contracts, remainder="any")
    frame = pl.from_pandas(contracts)
    names = ("iso3", "vendor", "vendor_iso3")
    # From text: some versions cut a float off where they should round it.
    exact = [None if pd.isna(one) else Decimal(f"{one:.2f}") for one in contracts["usd"]]
    other = frame.with_columns(pl.Series("usd", exact, dtype=pl.Decimal(12, 2)))
    same(records.supplier_concentration(other, remainder="any"), expected)
    other = frame.with_columns(pl.col(*names).cast(pl.Categorical))
    same(records.supplier_concentration(other, remainder="any"), expected)
    table = pytest.importorskip("pyarrow").Table.from_pandas(contracts, preserve_index=False)
    for name in names:
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, table[name].dictionary_encode())
    same(records.supplier_concentration(table, remainder="any"), expected)
    relation = duckdb.from_df(contracts)
    relation = relation.project("iso3, vendor, vendor_iso3, cast(usd as decimal(12, 2)) as usd")
    same(records.supplier_concentration(relation, remainder="any"), expected)


def test_a_column_of_nothing_is_missing_on_every_engine(contracts: pd.DataFrame) -> None:
    pl = pytest.importorskip("polars")
    duckdb = pytest.importorskip("duckdb")
    bare = contracts[["iso3", "vendor", "usd"]].dropna()
    expected = records.supplier_concentration(
        bare.assign(vendor_iso3=pd.Series([None] * len(bare), dtype=object, index=bare.index)),
        remainder="any",
    )
    assert "origin_hhi" not in set(expected["indicator"])
    empty = pl.from_pandas(bare).with_columns(vendor_iso3=pl.lit(None))
    relation = duckdb.from_df(bare).project("iso3, vendor, usd, null as vendor_iso3")
    for frame in (empty, empty.lazy(), empty.to_arrow(), relation):
        same(records.supplier_concentration(frame, remainder="any"), expected)
    with pytest.raises(DataError, match="`usd` is missing"):
        records.supplier_concentration(empty.with_columns(usd=pl.lit(None)), remainder="any")


def test_an_empty_frame_is_refused_on_every_engine(
    convert: Convert, contracts: pd.DataFrame, engines: dict[str, Convert]
) -> None:
    if convert is engines["pyspark"]:
        pytest.skip("Spark makes no frame of nothing without a schema")
    for call in (
        lambda f: records.supplier_concentration(f, remainder="any"),
        records.supplier_shares,
        lambda f: records.standards_uptake(f, origin="vendor_iso3"),
        lambda f: records.legal_exposure(f, {"CHN": 1.0}),
        lambda f: records.formal_alignment(f, agreement="layer"),
    ):
        with pytest.raises(DataError, match=r"there is no(thing| record)"):
            call(convert(contracts.iloc[:0]))


def test_nothing_the_caller_holds_is_changed(contracts: pd.DataFrame) -> None:
    before = contracts.copy(deep=True)
    records.supplier_concentration(contracts, remainder="any", trace=True)
    pd.testing.assert_frame_equal(contracts, before)


def test_only_one_row_a_country_is_collected(
    contracts: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    duckdb = pytest.importorskip("duckdb")
    from dsr_risk.records import _supplier_sums

    sizes: list[int] = []
    collect = _supplier_sums.collect

    def counted(frame: Any) -> pd.DataFrame:
        table = collect(frame)
        sizes.append(len(table))
        return table

    monkeypatch.setattr(_supplier_sums, "collect", counted)
    relation = duckdb.from_df(contracts)
    records.supplier_concentration(relation, remainder="any")
    assert sizes == [contracts["iso3"].nunique()]
    assert np.max(sizes) < contracts["vendor"].nunique()


def test_results_are_data_as_they_stand(
    contracts: pd.DataFrame,
    loans: pd.DataFrame,
    incidents: pd.DataFrame,
    deployments: pd.DataFrame,
) -> None:
    from dsr_risk.data.assemble import as_data

    results = [
        records.supplier_concentration(contracts, remainder="any", year="year"),
        records.debt_exposure(loans, assumed_terms=TERMS, at=[2015, 2020]),
        records.incident_rate(incidents, PEOPLE, host="host"),
        records.surveillance_adoption(deployments),
    ]
    for result in results:
        data = as_data(result)
        evidence = data.evidence
        assert len(evidence) == len(result)
        assert np.allclose(np.sort(evidence["value"]), np.sort(result["value"]))
