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
from tests.records.conftest import with_trace

Convert = Callable[[pd.DataFrame], object]
PEOPLE = {"KEN": 50e6, "PAK": 220e6, "ETH": 110e6, "DEU": 83e6}
TERMS = {"maturity": 15.0, "grace": 4.0, "rate": 0.03}
DEAL = records.Renegotiation(2018, haircut=0.2, extension=5, rate=0.01, creditors=("CHN",))


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, other, rtol=1e-9, atol=1e-10)


CONTRACT_CALLS: dict[str, Callable[..., Any]] = {
    "pooled": lambda f, **k: records.supplier_concentration(
        f, market={"remainder": "any"}, columns={**k}
    ),
    "by year": lambda f, **k: records.supplier_concentration(
        f, columns={"year_column": "year", **k}, market={"remainder": "drop"}
    ),
    "by layer": lambda f, **k: records.supplier_concentration(
        f,
        columns={"layer": "layer", **k},
        market={"remainder": "other"},
        layer_weights={"ran": 2, "core": 1},
    ),
    "counts": lambda f, **k: records.supplier_concentration(
        f,
        columns={"amount": None, "origin": None, **k},
        market={"remainder": "any", "top": 2},
        sampling={"intraclass": 0.05},
    ),
    "locked": lambda f, **k: records.supplier_concentration(
        f,
        market={"remainder": "any", "chokepoint": {"Huawei": 0.5}},
        columns={"substitutability": "sub", **k},
    ),
    "cloud": lambda f, **k: records.cloud_exposure(
        f, columns={"provider": "vendor", "origin": "vendor_iso3", **k}, remainder="any"
    ),
    "cables": lambda f, **k: records.cable_exposure(
        f,
        columns={
            "cable": "layer",
            "capacity": "usd",
            "landing_point": "layer",
            "supplier": "vendor",
            "origin": "vendor_iso3",
            **k,
        },
        remainder="any",
    ),
}

KNOWN_CALLS: dict[str, Callable[..., Any]] = {
    "law": lambda f, **k: records.legal_exposure(
        f,
        {"CHN": 1.0, "SWE": 0.2, "FIN": 0.2, "DEU": 0.3, "KOR": 0.4},
        columns={"year_column": "year", **k},
    ),
    "sanctions": lambda f, **k: records.sanctions_exposure(
        f, ["Huawei", "ZTE"], columns={**k}, substitutability={"ZTE": 0.5}
    ),
    "high risk": lambda f, **k: records.high_risk_share(
        f, ["Huawei"], columns={"critical": "critical", **k}
    ),
    "standards": lambda f, **k: records.standards_uptake(f, columns={"origin": "vendor_iso3", **k}),
    "agreements": lambda f, **k: records.formal_alignment(
        f, columns={"agreement": "vendor", "year_column": "year", **k}, as_of=2019
    ),
    "protection": lambda f, **k: records.data_protection_gap(
        f,
        columns={"instrument": "layer", **k},
        components={"law": ["ran"], "authority": ["core"], "other": ["x"]},
    ),
    "graded": lambda f, **k: records.graded_dependence(
        f,
        "grade",
        columns={"level": "sub", "claim": None, "year_column": "year", **k},
        grading={"rule": "latest", "most": 1},
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("call", CONTRACT_CALLS.values(), ids=CONTRACT_CALLS.keys())
def test_contracts_give_the_same_table_on_every_engine(
    convert: Convert, contracts: pd.DataFrame, call: Callable[..., Any]
) -> None:
    same(call(convert(contracts)), call(contracts))


@pytest.mark.slow
@pytest.mark.parametrize("call", KNOWN_CALLS.values(), ids=KNOWN_CALLS.keys())
def test_measures_of_known_suppliers_are_the_same_on_every_engine(
    convert: Convert, contracts: pd.DataFrame, call: Callable[..., Any]
) -> None:
    known = contracts.dropna(subset=["vendor"]).reset_index(drop=True)
    same(call(convert(known)), call(known))


@pytest.mark.slow
def test_debt_is_the_same_on_every_engine(convert: Convert, loans: pd.DataFrame) -> None:
    def call(frame: object) -> pd.DataFrame:
        return records.debt_exposure(
            frame,
            terms={"assumed": TERMS, "renegotiation": DEAL},
            columns={"collateral": "secured", "reported": "reported", "relative_error": 0.1},
            bases={
                "gdp": {"KEN": 100.0, "PAK": 300.0, "LAO": 19.0},
                "exports": {"KEN": 12.0, "PAK": 30.0, "LAO": 6.0},
            },
            options={"hidden": (0.0, 0.5)},
            as_of=[2015, 2020],
        )

    same(call(convert(loans)), call(loans))


@pytest.mark.slow
@pytest.mark.parametrize("schedule", ["annuity", "equal_principal"])
def test_both_schedules_are_the_same_on_every_engine(
    convert: Convert, loans: pd.DataFrame, schedule: Any
) -> None:
    def call(frame: object) -> pd.DataFrame:
        return records.debt_exposure(
            frame, terms={"assumed": TERMS, "schedule": schedule}, as_of=2018
        )

    same(call(convert(loans)), call(loans))


@pytest.mark.slow
def test_incidents_are_the_same_on_every_engine(convert: Convert, incidents: pd.DataFrame) -> None:
    def call(frame: object) -> pd.DataFrame:
        return records.incident_rate(
            frame,
            PEOPLE,
            columns={"host": "host"},
            weighing={"detection": {"KEN": 0.5, "PAK": 0.7, "ETH": 0.3, "DEU": 0.9}},
            as_of=2019,
            countries="all",
        )

    same(call(convert(incidents)), call(incidents))


@pytest.mark.slow
def test_surveillance_is_the_same_on_every_engine(
    convert: Convert, deployments: pd.DataFrame
) -> None:
    def call(frame: object) -> pd.DataFrame:
        return records.surveillance_adoption(
            frame,
            bases={
                "population": {"KEN": 2e6, "PAK": 9e6, "UZB": 3e6},
                "safeguards": {"KEN": 60, "PAK": 25, "UZB": 28},
                "saturation": 100,
            },
            techniques=records.AIGS_TECHNIQUES,
        )

    same(call(convert(deployments)), call(deployments))


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_network_is_the_same_on_every_engine(convert: Convert, contracts: pd.DataFrame) -> None:
    known = contracts[contracts["vendor"].notna() & contracts["vendor_iso3"].ne("DEU")]
    known = known.reset_index(drop=True)
    links = pd.DataFrame({"buyer": ["Nokia", "Huawei"], "seller": ["TSMC"] * 2, "share": 0.3})

    def call(frame: object, chain: object) -> pd.DataFrame:
        return records.supplier_network(frame, chain, origins={"TSMC": "TWN"})

    same(call(convert(known), convert(links)), call(known, links))


@pytest.mark.slow
def test_names_and_codes_of_one_country_are_pooled_on_every_engine(
    convert: Convert, contracts: pd.DataFrame
) -> None:
    mixed = contracts.copy()
    mixed.loc[::2, "iso3"] = mixed.loc[::2, "iso3"].map(
        {"KEN": "Kenya", "PAK": "pakistan", "ZMB": "ZM"}
    )
    mixed["vendor_iso3"] = mixed["vendor_iso3"].replace({"CHN": "China", "SWE": "Sweden"})
    expected = records.supplier_concentration(contracts, market={"remainder": "any"})
    same(records.supplier_concentration(convert(mixed), market={"remainder": "any"}), expected)


@pytest.mark.slow
def test_a_trace_names_the_same_records_on_every_engine(
    convert: Convert, contracts: pd.DataFrame
) -> None:
    def call(frame: object) -> pd.DataFrame:
        _, trace = with_trace(
            records.supplier_concentration,
            frame,
            market={"remainder": "any"},
            columns={"substitutability": "sub", "record": "id"},
        )
        return trace.astype({"record": int}).sort_values(
            ["iso3", "indicator", "record"], ignore_index=True
        )

    same(call(convert(contracts)), call(contracts))


@pytest.mark.slow
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
        records.supplier_concentration(
            other, columns={"year_column": "year"}, market={"remainder": "any"}
        ),
        records.supplier_concentration(
            whole, columns={"year_column": "year"}, market={"remainder": "any"}
        ),
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


@pytest.mark.slow
@pytest.mark.parametrize("change", PLAIN.values(), ids=PLAIN.keys())
def test_numbers_years_and_names_are_read_in_any_form_pandas_gives_them(
    contracts: pd.DataFrame, change: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    def call(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        return with_trace(
            records.supplier_concentration,
            frame,
            columns={"year_column": "year"},
            market={"remainder": "any"},
        )

    for one, other in zip(call(change(contracts)), call(contracts), strict=True):
        same(one, other)


@pytest.mark.slow
def test_decimals_and_categories_of_other_engines_are_numbers_and_text(
    contracts: pd.DataFrame,
) -> None:
    pl = pytest.importorskip("polars")
    duckdb = pytest.importorskip("duckdb")
    expected = records.supplier_concentration(contracts, market={"remainder": "any"})
    frame = pl.from_pandas(contracts)
    names = ("iso3", "vendor", "vendor_iso3")
    # From text: some versions cut a float off where they should round it.
    exact = [None if pd.isna(one) else Decimal(f"{one:.2f}") for one in contracts["usd"]]
    other = frame.with_columns(pl.Series("usd", exact, dtype=pl.Decimal(12, 2)))
    same(records.supplier_concentration(other, market={"remainder": "any"}), expected)
    other = frame.with_columns(pl.col(*names).cast(pl.Categorical))
    same(records.supplier_concentration(other, market={"remainder": "any"}), expected)
    table = pytest.importorskip("pyarrow").Table.from_pandas(contracts, preserve_index=False)
    for name in names:
        place = table.schema.get_field_index(name)
        table = table.set_column(place, name, table[name].dictionary_encode())
    same(records.supplier_concentration(table, market={"remainder": "any"}), expected)
    relation = duckdb.from_df(contracts)
    relation = relation.project("iso3, vendor, vendor_iso3, cast(usd as decimal(12, 2)) as usd")
    same(records.supplier_concentration(relation, market={"remainder": "any"}), expected)


@pytest.mark.slow
def test_a_column_of_nothing_is_missing_on_every_engine(contracts: pd.DataFrame) -> None:
    pl = pytest.importorskip("polars")
    duckdb = pytest.importorskip("duckdb")
    bare = contracts[["iso3", "vendor", "usd"]].dropna()
    expected = records.supplier_concentration(
        bare.assign(vendor_iso3=pd.Series([None] * len(bare), dtype=object, index=bare.index)),
        market={"remainder": "any"},
    )
    assert "origin_hhi" not in set(expected["indicator"])
    empty = pl.from_pandas(bare).with_columns(vendor_iso3=pl.lit(None))
    relation = duckdb.from_df(bare).project("iso3, vendor, usd, null as vendor_iso3")
    for frame in (empty, empty.lazy(), empty.to_arrow(), relation):
        same(records.supplier_concentration(frame, market={"remainder": "any"}), expected)
    with pytest.raises(DataError, match="`usd` is missing"):
        records.supplier_concentration(
            empty.with_columns(usd=pl.lit(None)), market={"remainder": "any"}
        )


@pytest.mark.slow
def test_an_empty_frame_is_refused_on_every_engine(
    convert: Convert, contracts: pd.DataFrame, engines: dict[str, Convert]
) -> None:
    if convert is engines["pyspark"]:
        pytest.skip("Spark makes no frame of nothing without a schema")
    for call in (
        lambda f: records.supplier_concentration(f, market={"remainder": "any"}),
        records.supplier_shares,
        lambda f: records.standards_uptake(f, columns={"origin": "vendor_iso3"}),
        lambda f: records.legal_exposure(f, {"CHN": 1.0}),
        lambda f: records.formal_alignment(f, columns={"agreement": "layer"}),
    ):
        with pytest.raises(DataError, match=r"there is no(thing| record)"):
            call(convert(contracts.iloc[:0]))


@pytest.mark.slow
def test_nothing_the_caller_holds_is_changed(contracts: pd.DataFrame) -> None:
    before = contracts.copy(deep=True)
    with_trace(records.supplier_concentration, contracts, market={"remainder": "any"})
    pd.testing.assert_frame_equal(contracts, before)


@pytest.mark.slow
def test_only_one_row_a_country_is_collected(
    contracts: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    duckdb = pytest.importorskip("duckdb")
    from dsr_risk.records import _concentration

    sizes: list[int] = []
    collect = _concentration.collect

    def counted(frame: Any) -> pd.DataFrame:
        table = collect(frame)
        sizes.append(len(table))
        return table

    monkeypatch.setattr(_concentration, "collect", counted)
    relation = duckdb.from_df(contracts)
    records.supplier_concentration(relation, market={"remainder": "any"})
    assert set(sizes) == {contracts["iso3"].nunique()}
    assert np.max(sizes) < contracts["vendor"].nunique()


@pytest.mark.slow
def test_results_are_data_as_they_stand(
    contracts: pd.DataFrame,
    loans: pd.DataFrame,
    incidents: pd.DataFrame,
    deployments: pd.DataFrame,
) -> None:
    from dsr_risk.data.assemble import as_data

    results = [
        records.supplier_concentration(
            contracts, market={"remainder": "any"}, columns={"year_column": "year"}
        ),
        records.debt_exposure(loans, terms={"assumed": TERMS}, as_of=[2015, 2020]),
        records.incident_rate(incidents, PEOPLE, columns={"host": "host"}),
        records.surveillance_adoption(deployments),
    ]
    for result in results:
        data = as_data(result)
        evidence = data.evidence
        assert len(evidence) == len(result)
        assert np.allclose(np.sort(evidence["value"]), np.sort(result["value"]))
