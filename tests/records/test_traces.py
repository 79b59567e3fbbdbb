"""What every function promises alike: traces that add up, intervals, years, small collections."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dsr_risk import as_data, records
from dsr_risk.cli._kind_table import INDICATORS
from dsr_risk.errors import DataError
from dsr_risk.records._old_names import TRACES
from tests.records.conftest import with_trace

LAWS = {"CHN": 1.0, "SWE": 0.2, "FIN": 0.2, "DEU": 0.3, "KOR": 0.4}
PEOPLE = {"KEN": 50e6, "PAK": 220e6, "ETH": 110e6, "DEU": 83e6, "UZB": 35e6, "ZMB": 20e6}
TERMS = {"maturity": 15.0, "grace": 4.0, "rate": 0.03}
COMPONENTS = {"law": ["ran"], "authority": ["core"], "transfers": ["cbpr"]}
LINKS = pd.DataFrame(
    {
        "buyer": ["Nokia", "Huawei", "Luxshare"],
        "seller": ["Luxshare", "TSMC", "TSMC"],
        "share": [0.3, 0.4, 0.5],
    }
)

# name -> (which records, the call); together every public function that takes records.
CALLS: dict[str, tuple[str, Callable[..., Any]]] = {
    "supplier_concentration": (
        "contracts",
        lambda call, f, **k: call(
            f,
            columns={"layer": "layer", **k},
            market={"remainder": "any", "substitutability": {"ZTE": 0.5}},
        ),
    ),
    "supplier_network": (
        "known",
        lambda call, f, **k: call(
            f, LINKS, columns={**k}, origins={"Luxshare": "CHN", "TSMC": "TWN"}
        ),
    ),
    "legal_exposure": (
        "known",
        lambda call, f, **k: call(f, LAWS, columns={"year_column": "year", **k}),
    ),
    "sanctions_exposure": (
        "known",
        lambda call, f, **k: call(f, ["Huawei"], columns={**k}, substitutability={"Huawei": 0.3}),
    ),
    "high_risk_share": (
        "known",
        lambda call, f, **k: call(f, ["Huawei"], columns={"critical": "critical", **k}),
    ),
    "standards_uptake": (
        "known",
        lambda call, f, **k: call(f, columns={"origin": "vendor_iso3", "year_column": "year", **k}),
    ),
    "formal_alignment": (
        "contracts",
        lambda call, f, **k: call(
            f,
            columns={"agreement": "layer", "year_column": "year", **k},
            kinds=["ran", "core", "else"],
            as_of=[2018, 2019],
        ),
    ),
    "trade_restrictions": (
        "contracts",
        lambda call, f, **k: call(
            f,
            columns={"measure": "layer", "year_column": "year", **k},
            as_of=[2018, 2020],
            countries="UZB",
        ),
    ),
    "data_protection_gap": (
        "contracts",
        lambda call, f, **k: call(
            f, columns={"instrument": "layer", **k}, components=COMPONENTS, countries=["UZB"]
        ),
    ),
    "graded_dependence": (
        "contracts",
        lambda call, f, **k: call(
            f,
            "grade",
            columns={"level": "sub", "claim": None, "year_column": "year", **k},
            grading={"most": 1},
            as_of=[2018, 2020],
        ),
    ),
    "satnav_dependence": (
        "contracts",
        lambda call, f, **k: call(f, columns={"level": "sub", "claim": None, **k}),
    ),
    "cloud_exposure": (
        "contracts",
        lambda call, f, **k: call(
            f,
            columns={
                "provider": "vendor",
                "origin": "vendor_iso3",
                "size": "usd",
                "year_column": "year",
                **k,
            },
            remainder="any",
        ),
    ),
    "cable_exposure": (
        "contracts",
        lambda call, f, **k: call(
            f,
            columns={
                "cable": "layer",
                "capacity": "usd",
                "landing_point": "layer",
                "supplier": "vendor",
                "origin": "vendor_iso3",
                "year_column": "year",
                **k,
            },
            remainder="other",
        ),
    ),
    "debt_exposure": (
        "loans",
        lambda call, f, **k: call(
            f,
            terms={"assumed": TERMS},
            columns={"collateral": "secured", "reported": "reported", "relative_error": 0.1, **k},
            bases={"gni": {"KEN": 100.0, "PAK": 300.0, "LAO": 19.0}},
            options={"hidden": 0.3},
            as_of=[2015, 2020],
        ),
    ),
    "incident_rate": (
        "incidents",
        lambda call, f, **k: call(
            f, PEOPLE, columns={"host": "host", **k}, countries=["UZB"], as_of=[2015, 2019]
        ),
    ),
    "surveillance_adoption": (
        "deployments",
        lambda call, f, **k: call(
            f,
            bases={"population": PEOPLE, "safeguards": {"KEN": 60, "PAK": 25, "UZB": 28}},
            columns={**k},
            techniques=["smart city", "facial recognition", "social media"],
            as_of=[2015, 2019],
        ),
    ),
    "equity_exposure": (
        "stakes",
        lambda call, f, **k: call(f, columns={**k}, as_of=[2020, 2022]),
    ),
}

# Results that are no sum over records: curves, counts of kinds, roots and ratios of the traced ones.
NO_SUM = (
    "_normalised",
    "_unbiased",
    "_number",
    "_count",
    "diffusion_",
    "_top2_share",
    "shared_exposure",
)


@pytest.fixture
def frames(
    contracts: pd.DataFrame, loans: pd.DataFrame, incidents: pd.DataFrame, deployments: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    known = contracts[contracts["vendor"].notna() & contracts["vendor_iso3"].ne("DEU")]
    stakes = pd.DataFrame(
        {
            "iso3": ["IND", "IND", "IND", "MYS", "PAK"],
            "firm": ["Paytm", "Paytm", "Paytm", "TNG Digital", "Easypaisa"],
            "stake": [0.3033, 0.2486, 0.1, 0.49, 0.45],
            "owner_iso3": ["CHN", "CHN", "USA", "CHN", "CHN"],
            "market_share": [0.4, 0.4, 0.4, 0.3, 0.2],
            "year": [2019, 2022, 2019, 2020, 2018],
            "id": range(5),
        }
    )
    return {
        "contracts": contracts,
        "known": known.reset_index(drop=True),
        "loans": loans,
        "incidents": incidents,
        "deployments": deployments,
        "stakes": stakes,
    }


def test_every_function_of_records_is_among_the_calls() -> None:
    assert set(INDICATORS) == {*CALLS, "supplier_shares", "layers_held"} == set(TRACES)
    assert set(TRACES.values()) <= set(records.__all__)


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLS)
def test_contributions_sum_to_every_value_that_is_a_sum(
    name: str, frames: dict[str, pd.DataFrame]
) -> None:
    which, call = CALLS[name]
    measure, tracing = getattr(records, name), getattr(records, TRACES[name])
    result = call(measure, frames[which], record="id")
    trace = call(tracing, frames[which], record="id")
    keys = [one for one in ("iso3", "year", "indicator") if one in result]
    assert trace.columns.tolist() == [*keys, "record", "contribution"]
    values = result.set_index(keys)["value"]
    summed = trace.groupby(keys)["contribution"].sum()
    assert set(summed.index) <= set(values.index)
    sums = values[[not any(part in one for part in NO_SUM) for one in result["indicator"]]]
    assert len(sums)
    gap = sums - summed.reindex(sums.index, fill_value=0.0)
    assert np.allclose(gap, 0.0, atol=1e-9), gap[gap.abs() > 1e-9]
    assert set(trace["record"].dropna()) <= set(frames[which]["id"])


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLS)
def test_results_have_the_promised_columns_and_an_interval_around_the_value(
    name: str, frames: dict[str, pd.DataFrame]
) -> None:
    which, call = CALLS[name]
    result = call(getattr(records, name), frames[which])
    assert {
        "iso3",
        "indicator",
        "value",
        "unit",
        "std_error",
        "lower",
        "upper",
        "n_records",
        "note",
    } <= set(result)
    keys = [one for one in ("iso3", "year", "indicator") if one in result]
    assert not result.duplicated(keys).any()
    assert result["value"].notna().all()
    bounded = result.dropna(subset=["lower", "upper"])
    assert len(bounded)
    assert (bounded["lower"] <= bounded["value"] + 1e-9).all()
    assert (bounded["value"] <= bounded["upper"] + 1e-9).all()
    assert (result["std_error"].dropna() >= 0).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLS)
def test_results_are_accepted_as_data(name: str, frames: dict[str, pd.DataFrame]) -> None:
    which, call = CALLS[name]
    result = call(getattr(records, name), frames[which])
    data = as_data(result)
    assert len(data.evidence) == len(result)
    assert set(data.columns) == set(result["indicator"])


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["polars_lazy", "duckdb"])
@pytest.mark.parametrize("name", CALLS)
def test_no_function_collects_its_records(
    name: str,
    engine: str,
    frames: dict[str, pd.DataFrame],
    engines: dict[str, Callable[[pd.DataFrame], object]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A frame many times as long brings back tables of the same small size."""
    import narwhals as nw

    which, call = CALLS[name]
    many = pd.concat([frames[which]] * 40, ignore_index=True).assign(id=0)
    if name == "equity_exposure":
        many = frames[which]  # a stake entered twice is a problem of its own
    pytest.importorskip("polars")
    pytest.importorskip("duckdb")
    sizes: list[int] = []
    collect = nw.LazyFrame.collect

    def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        table = collect(self, *args, **kwargs)
        sizes.append(len(table))
        return table

    monkeypatch.setattr(nw.LazyFrame, "collect", counted)
    call(getattr(records, name), engines[engine](many))
    assert sizes
    # At most one row a country, year and kind (supplier, technique, layer) ever comes back.
    assert max(sizes) <= 60 < len(many) or name == "equity_exposure"


@pytest.mark.slow
def test_several_years_are_the_single_years_under_one_another(
    incidents: pd.DataFrame, deployments: pd.DataFrame
) -> None:
    for call in (
        lambda at: records.incident_rate(incidents, PEOPLE, columns={"host": "host"}, as_of=at),
        lambda at: records.surveillance_adoption(deployments, as_of=at),
    ):
        both = call([2019, 2016])
        assert both.columns[:2].tolist() == ["iso3", "year"]
        for year in (2016, 2019):
            part = both[both["year"].eq(year)].reset_index(drop=True)
            one = call(year)
            assert set(part.columns) == set(one.columns)
            keys = ["iso3", "indicator"]
            pd.testing.assert_frame_equal(
                part.sort_values(keys, ignore_index=True)[one.columns],
                one.sort_values(keys, ignore_index=True),
            )


def test_a_year_needs_its_column_and_a_year_without_records_is_named() -> None:
    frame = pd.DataFrame({"iso3": ["KEN"], "technique": ["smart city"], "year": [2018]})
    with pytest.raises(DataError, match="`as_of` needs the column of the year"):
        records.surveillance_adoption(
            frame, columns={"supplier": None, "origin": None, "year_column": None}, as_of=2018
        )
    with pytest.raises(DataError, match="no record is of 2010 or before"):
        records.surveillance_adoption(
            frame, columns={"supplier": None, "origin": None}, as_of=[2010, 2018]
        )
    with pytest.raises(DataError, match="at least one year"):
        records.surveillance_adoption(frame, columns={"supplier": None, "origin": None}, as_of=[])


def test_countries_given_once_count_in_every_year(incidents: pd.DataFrame) -> None:
    once = records.incident_rate(
        incidents, PEOPLE, countries=(one for one in ["UZB"]), as_of=[2018, 2019]
    )
    assert once.loc[once["iso3"].eq("UZB"), "year"].unique().tolist() == [2018, 2019]


def test_standard_errors_reach_the_intervals_of_scores(contracts: pd.DataFrame) -> None:
    import dsr_risk as dr

    table = records.supplier_concentration(contracts, market={"remainder": "drop"})

    def indicator(name: str) -> dict[str, Any]:
        ends = {"method": "goalposts", "low": 0.0, "high": 1.0}
        return {
            "name": name,
            "label": name,
            "unit": "0-1",
            "higher_is": "riskier",
            "weight": 1,
            "normalisation": ends,
            "source": "records",
            "rationale": "test",
        }

    framework = dr.Framework.from_dict(
        {
            "name": "supply",
            "title": "Supply",
            "version": "1",
            "description": "test",
            "scale": [0, 100],
            "bands": {"low": 0, "high": 50},
            "scores": [
                {
                    "name": "supply",
                    "label": "Supply",
                    "source": "s",
                    "rationale": "r",
                    "children": [indicator("supplier_hhi"), indicator("supplier_top1_share")],
                }
            ],
        },
        "test",
    )
    # Draws of a cell with bounds stay inside them: here the standard error is all that is stated.
    table = table.drop(columns=["lower", "upper"])
    values = table.pivot(index="iso3", columns="indicator", values="value")
    scores = dr.score(framework, table).table()
    mean = 50 * (values["supplier_hhi"] + values["supplier_top1_share"])
    assert np.allclose(scores["supply"].reindex(mean.index), mean)
    spread = dr.uncertainty(
        framework, table, factors={"*.data": {"method": "standard_error"}}, draws=4000, seed=0
    ).table()
    errors = table.pivot(index="iso3", columns="indicator", values="std_error")
    sd = 50 * np.hypot(errors["supplier_hhi"], errors["supplier_top1_share"])
    width = (spread["supply_high"] - spread["supply_low"]) / (2 * 1.645)
    assert np.allclose(width.reindex(sd.index), sd, rtol=0.1)


def _influences(
    frame: pd.DataFrame, call: Callable[[pd.DataFrame], pd.DataFrame], names: list[str]
) -> pd.DataFrame:
    """What each record moves every value by, per unit of its own weight."""
    step = 1e-5

    def scaled(at: int, by: float) -> pd.Series:
        amounts = frame["usd"].where(frame.index != at, frame["usd"] * (1 + by))
        return call(frame.assign(usd=amounts)).set_index("indicator")["value"][names]

    return pd.concat(
        [(scaled(at, step) - scaled(at, -step)) / (2 * step) for at in frame.index], axis=1
    )


@pytest.mark.slow
def test_standard_errors_are_those_of_the_infinitesimal_jackknife(contracts: pd.DataFrame) -> None:
    frame = contracts[contracts["iso3"].eq("KEN") & contracts["vendor"].notna()]
    frame = frame[frame["vendor_iso3"].ne("DEU")].head(20).reset_index(drop=True)

    def concentration(f: pd.DataFrame) -> pd.DataFrame:
        return records.supplier_concentration(f, columns={"substitutability": "sub"})

    def network(f: pd.DataFrame) -> pd.DataFrame:
        return records.supplier_network(f, LINKS, origins={"Luxshare": "CHN", "TSMC": "TWN"})

    for call, names in (
        (
            concentration,
            [
                "locked_share",
                "locked_hhi",
                "focal_share",
                "supplier_entropy_number",
            ],
        ),
        (network, ["network_focal_total", "network_focal_indirect", "network_supplier_hhi"]),
    ):
        given = call(frame).set_index("indicator")["std_error"][names]
        moved = _influences(frame, call, names)
        expected = np.sqrt(len(frame) / (len(frame) - 1) * (moved**2).sum(axis=1))
        if "supplier_entropy_number" in names:
            # With the second term of the entropy's variance, (K - 1) / (2 m^2), by Harris (1975), m effective records.
            number = call(frame).set_index("indicator").loc["supplier_entropy_number", "value"]
            effective = frame["usd"].sum() ** 2 / (frame["usd"] ** 2).sum()
            second = (frame["vendor"].nunique() - 1) / (2 * effective**2)
            expected["supplier_entropy_number"] = number * np.hypot(
                expected["supplier_entropy_number"] / number, np.sqrt(second)
            )
        assert np.allclose(given, expected, rtol=1e-6)


def test_shares_of_suppliers_follow_the_dirichlet_multinomial(contracts: pd.DataFrame) -> None:
    counted = records.supplier_shares(contracts, columns={"origin": None})
    for country, part in counted.groupby("iso3"):
        counts = contracts[contracts["iso3"].eq(country)]["vendor"].fillna("").value_counts()
        mean, error, lower, upper = records.sampling.dirichlet_shares(
            counts.reindex(part["supplier"]).to_numpy()
        )
        assert np.allclose(part["value"], counts.reindex(part["supplier"]) / counts.sum())
        for name, figure in (
            ("mean", mean),
            ("std_error", error),
            ("lower", lower),
            ("upper", upper),
        ):
            assert np.allclose(part[name], figure), name
        assert part["mean"].sum() == pytest.approx(1.0)
    assert (counted.loc[counted["supplier"].eq(""), "note"] == "no supplier named").all()
    alike = records.supplier_shares(
        contracts, columns={"origin": None}, sampling={"intraclass": 0.2}
    )
    assert (alike["std_error"] > counted["std_error"]).all()


@pytest.mark.slow
def test_shares_of_suppliers_are_traced_by_year_and_layer_on_every_engine(
    contracts: pd.DataFrame, convert: Callable[[pd.DataFrame], object]
) -> None:
    asked = {"amount": "usd", "year_column": "year", "layer": "layer", "record": "id"}
    table, trace = with_trace(records.supplier_shares, contracts, columns=asked)
    got, traced = with_trace(records.supplier_shares, convert(contracts), columns=asked)
    pd.testing.assert_frame_equal(got, table, rtol=1e-9)
    keys = ["iso3", "year", "layer", "supplier"]
    summed = traced.groupby(keys)["contribution"].sum()
    values = table.groupby(keys)["value"].sum()
    assert np.allclose(summed.reindex(values.index), values)
    assert len(traced) == len(trace) == len(contracts)
    assert np.allclose(table.groupby(keys[:-1])["value"].sum(), 1.0)


def test_a_single_supplier_has_all_of_it_and_is_not_certain() -> None:
    frame = pd.DataFrame({"iso3": ["KEN"] * 3, "vendor": "a", "vendor_iso3": "CHN"})
    table = records.supplier_shares(frame)
    # Beta(3.5, .5): an unseen supplier has the pseudo-count of the prior.
    assert table[["value", "mean"]].to_numpy().tolist() == [[1.0, 0.875]]
    assert table["std_error"].item() == pytest.approx(np.sqrt(0.875 * 0.125 / 5))
    assert table["lower"].item() == pytest.approx(0.556, abs=0.001)
    assert table["upper"].item() == 1
    with pytest.raises(DataError, match="`prior` must be a number"):
        records.supplier_shares(frame, sampling={"prior": 0.0})
    with pytest.raises(DataError, match="KEN: amounts sum to 0"):
        records.supplier_shares(frame.assign(usd=0.0), columns={"amount": "usd"})
