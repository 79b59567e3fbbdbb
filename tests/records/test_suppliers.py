"""Supplier concentration from contracts: worked examples, laws, layers, remainder, traces."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from dsr_risk import records
from dsr_risk.errors import DataError, UnknownNameError
from dsr_risk.records import sampling, shares
from tests.records.conftest import with_trace


def market(amounts: Any, vendors: Any = None, origins: Any = None, **more: Any) -> pd.DataFrame:
    n = len(amounts)
    return pd.DataFrame(
        {
            "iso3": "KEN",
            "vendor": vendors if vendors is not None else [f"v{i}" for i in range(n)],
            "vendor_iso3": origins if origins is not None else ["CHN"] + ["SWE"] * (n - 1),
            "usd": amounts,
            **more,
        }
    )


def value(result: pd.DataFrame, indicator: str, column: str = "value") -> float:
    return float(result.set_index("indicator").loc[indicator, column])


@pytest.mark.slow
def test_firm_and_origin_concentration_are_told_apart() -> None:
    frame = market(
        [30, 20, 30, 20], ["Huawei", "ZTE", "Ericsson", "Nokia"], ["CHN", "CHN", "SWE", "FIN"]
    )
    result = records.supplier_concentration(frame)
    assert value(result, "supplier_hhi") == pytest.approx(0.26)
    assert value(result, "origin_hhi") == pytest.approx(0.38)
    assert value(result, "focal_share") == pytest.approx(0.5)
    assert value(result, "supplier_top3_share") == pytest.approx(0.8)
    firm = records.supplier_concentration(frame, market={"level": "firm"})["indicator"]
    assert not firm.str.startswith("origin").any()
    origin = records.supplier_concentration(frame, market={"level": "origin"})["indicator"]
    assert not origin.str.startswith("supplier").any()


def test_every_measure_agrees_with_the_array_functions(contracts: pd.DataFrame) -> None:
    known = contracts.dropna(subset=["vendor"])
    result = records.supplier_concentration(known, market={"top": 2}, focal=["CHN", "KOR"])
    for country, part in known.groupby("iso3"):
        got = result[result["iso3"].eq(country)].set_index("indicator")
        for level, column in (("supplier", "vendor"), ("origin", "vendor_iso3")):
            sums = part.groupby(column)["usd"].sum()
            share = (sums / sums.sum()).to_numpy()
            expected = {
                "hhi": shares.hhi(share),
                "hhi_normalised": shares.hhi_normalised(share),
                "hhi_unbiased": sampling.hhi_unbiased(
                    shares.hhi(share), sampling.effective_records(part["usd"])
                ),
                "effective_number": shares.effective_number(share),
                "entropy_number": shares.entropy_number(share),
                "count": len(share),
            }
            for name, figure in expected.items():
                assert got.loc[f"{level}_{name}", "value"] == pytest.approx(float(figure))
            spread = sampling.hhi_interval(
                shares.hhi(share), (share**3).sum(), sampling.effective_records(part["usd"])
            )
            row = got.loc[f"{level}_hhi", ["std_error", "lower", "upper"]]
            assert row.tolist() == pytest.approx([float(one) for one in spread])
        sums = part.groupby("vendor")["usd"].sum()
        top = shares.top_share(sums / sums.sum(), 2)
        assert got.loc["supplier_top2_share", "value"] == pytest.approx(float(top))
        focal = part["usd"][part["vendor_iso3"].isin(["CHN", "KOR"])].sum() / part["usd"].sum()
        assert got.loc["focal_share", "value"] == pytest.approx(focal)
        assert got.loc["focal_share", "n_records"] == len(part)


@pytest.mark.slow
@settings(deadline=None, max_examples=20)
@given(
    st.lists(st.floats(0.1, 1e4), min_size=1, max_size=8), st.integers(0, 7), st.floats(0.05, 0.95)
)
def test_splitting_a_record_changes_no_share(amounts: list[float], at: int, part: float) -> None:
    at %= len(amounts)
    whole = market(amounts)
    split = pd.concat([whole, whole.iloc[[at]]], ignore_index=True)
    split.loc[at, "usd"] *= part
    split.loc[len(split) - 1, "usd"] *= 1 - part
    split = split.sample(frac=1, random_state=0)
    names = [
        "supplier_hhi",
        "origin_hhi",
        "focal_share",
        "supplier_entropy_number",
        "supplier_top3_share",
        "supplier_count",
    ]
    one, other = (
        records.supplier_concentration(f).set_index("indicator").loc[names, "value"]
        for f in (whole, split)
    )
    pd.testing.assert_series_equal(one, other)


@pytest.mark.slow
def test_published_shares_carry_no_sampling_error_and_percent_equals_shares() -> None:
    result = records.supplier_concentration(market([50, 30, 20]), market={"measure": "percent"})
    assert value(result, "supplier_hhi") == pytest.approx(0.38)
    assert np.isnan(value(result, "supplier_hhi", "std_error"))
    assert value(result, "supplier_hhi", "lower") == pytest.approx(0.38)
    other = records.supplier_concentration(market([0.5, 0.3, 0.2]), market={"measure": "share"})
    pd.testing.assert_frame_equal(result, other)


@pytest.mark.slow
def test_shares_that_do_not_add_up_are_refused_or_bounded() -> None:
    frame = market([0.5, 0.3])
    with pytest.raises(DataError, match="supplier of 20 % of `usd` is unknown"):
        records.supplier_concentration(frame, market={"measure": "share"})
    result = records.supplier_concentration(
        frame, market={"measure": "share", "remainder": "other"}
    )
    assert value(result, "supplier_hhi", "lower") == pytest.approx(0.34)
    assert value(result, "supplier_hhi", "upper") == pytest.approx(0.38)
    assert 0.34 < value(result, "supplier_hhi") < 0.38
    assert value(result, "unknown_supplier_share") == pytest.approx(0.2)
    with pytest.raises(DataError, match=r"shares sum to 1\.2, must not exceed 1"):
        records.supplier_concentration(market([0.5, 0.7]), market={"measure": "share"})


def test_germany_of_two_blocs_has_the_worked_bounds() -> None:
    frame = market([0.59], ["Huawei"], ["CHN"]).assign(iso3="DEU")
    result = records.supplier_concentration(
        frame, market={"measure": "share", "remainder": "other"}
    )
    assert value(result, "origin_hhi", "lower") == pytest.approx(0.3481)
    assert value(result, "origin_hhi", "upper") == pytest.approx(0.5162)
    assert value(result, "focal_share", "lower") == pytest.approx(0.59)
    assert value(result, "focal_share", "upper") == pytest.approx(1.0)


@pytest.mark.slow
@pytest.mark.parametrize("rule", ["any", "other", "drop"])
def test_unknown_suppliers_leave_the_value_inside_its_bounds(
    contracts: pd.DataFrame, rule: Any
) -> None:
    result = records.supplier_concentration(contracts, market={"remainder": rule})
    assert (result["lower"] <= result["value"] + 1e-12).all() or result["lower"].isna().any()
    bounded = result.dropna(subset=["lower", "upper"])
    assert (bounded["lower"] <= bounded["value"] + 1e-12).all()
    assert (bounded["value"] <= bounded["upper"] + 1e-12).all()
    assert result["note"].str.contains("unknown").any()


def test_a_country_of_unknown_suppliers_only_has_no_hhi_but_says_so() -> None:
    frame = market([5.0, 3.0], [None, None], [None, None])
    result = records.supplier_concentration(frame, market={"remainder": "any"})
    assert result["indicator"].tolist() == ["unknown_supplier_share"]
    assert result["value"].tolist() == [1.0]


@pytest.mark.slow
@pytest.mark.parametrize("n", [1, 3, 10])
def test_supplier_concentration_of_a_single_supplier_is_not_certain(n: int) -> None:
    result = records.supplier_concentration(market([1.0] * n, ["a"] * n, ["CHN"] * n))
    for name in ("supplier_hhi", "supplier_top1_share", "focal_share"):
        assert value(result, name) == 1
        assert value(result, name, "upper") == 1
        assert value(result, name, "std_error") > 0.01
    assert value(result, "supplier_hhi", "lower") < {1: 0.1, 3: 0.4, 10: 0.8}[n]


def test_supplier_concentration_of_equal_counts_is_not_certain() -> None:
    result = records.supplier_concentration(market([1.0] * 6, list("aabbcc")))
    assert value(result, "supplier_hhi", "lower") < 0.15
    assert value(result, "supplier_hhi", "upper") > 0.4


def test_supplier_concentration_of_a_census_has_no_sampling_interval() -> None:
    result = records.supplier_concentration(market([3, 2]), sampling={"census": True})
    row = result.set_index("indicator").loc["supplier_hhi", ["lower", "upper"]]
    assert row.tolist() == pytest.approx([0.52, 0.52])
    assert np.isnan(value(result, "supplier_hhi", "std_error"))


def test_one_record_gives_no_unbiased_hhi() -> None:
    result = records.supplier_concentration(market([5.0]))
    assert value(result, "supplier_hhi") == 1
    assert "supplier_hhi_unbiased" not in set(result["indicator"])


@pytest.mark.slow
def test_likeness_within_tenders_widens_every_error(contracts: pd.DataFrame) -> None:
    plain = records.supplier_concentration(contracts, market={"remainder": "drop"})
    alike = records.supplier_concentration(
        contracts, market={"remainder": "drop"}, sampling={"intraclass": 0.1}
    )
    sampled = plain["std_error"].notna() & plain["std_error"].gt(0)
    assert (alike["std_error"][sampled] > plain["std_error"][sampled]).all()


def test_tied_suppliers_share_the_last_place_of_the_top() -> None:
    result = records.supplier_concentration(market([4, 2, 2, 2]), market={"top": 2})
    assert value(result, "supplier_top1_share") == pytest.approx(0.4)
    assert value(result, "supplier_top2_share") == pytest.approx(0.6)


@pytest.mark.slow
def test_fewer_suppliers_than_places_hold_everything() -> None:
    assert value(records.supplier_concentration(market([4, 2])), "supplier_top3_share") == 1


def test_a_supplier_hard_to_replace_weighs_more() -> None:
    frame = market([50, 30, 20], ["a", "b", "c"])
    result = records.supplier_concentration(
        frame, market={"substitutability": {"a": 0.2, "b": 1.0}, "chokepoint": {"c": 0.5}}
    )
    assert value(result, "locked_share") == pytest.approx(0.5 * 0.8 + 0.2 * 0.5)
    assert value(result, "locked_hhi") == pytest.approx(0.25 * 0.8 + 0.04 * 0.5)


@pytest.mark.slow
def test_layers_are_measured_apart_and_combined_with_their_weights() -> None:
    frame = pd.concat(
        [market([50, 30, 20], layer="ran"), market([1, 1], layer="Core network")],
        ignore_index=True,
    )
    weights = {"ran": 3.0, "Core network": 1.0}
    result = records.supplier_concentration(
        frame, columns={"layer": "layer"}, layer_weights=weights
    )
    assert value(result, "ran_supplier_hhi") == pytest.approx(0.38)
    assert value(result, "core_network_supplier_hhi") == pytest.approx(0.5)
    assert value(result, "supplier_hhi") == pytest.approx(0.75 * 0.38 + 0.25 * 0.5)
    assert value(result, "focal_share") == pytest.approx(0.5)
    with pytest.raises(DataError, match="layer `ran` has no weight"):
        records.supplier_concentration(
            frame, columns={"layer": "layer"}, layer_weights={"Core network": 1}
        )


@pytest.mark.slow
def test_a_layer_a_country_lacks_gives_its_weight_to_the_others() -> None:
    frame = pd.concat(
        [market([50, 30, 20], layer="ran"), market([1, 1], layer="core").assign(iso3="PAK")],
        ignore_index=True,
    )
    result = records.supplier_concentration(frame, columns={"layer": "layer"})
    both = result[result["indicator"].eq("supplier_hhi")].set_index("iso3")
    assert both["value"].round(9).to_dict() == {"KEN": 0.38, "PAK": 0.5}
    assert "50 % of layer weight" in both.loc["KEN", "note"]


@pytest.mark.slow
def test_years_are_kept_apart(contracts: pd.DataFrame) -> None:
    known = contracts.dropna(subset=["vendor"])
    result = records.supplier_concentration(known, columns={"year_column": "year"})
    one = records.supplier_concentration(known[known["year"].eq(2019)])
    mine = result[result["year"].eq(2019)].drop(columns="year").reset_index(drop=True)
    pd.testing.assert_frame_equal(mine, one)


def test_poland_falls_twenty_two_points_from_fourth_to_fifth_generation() -> None:
    frame = pd.DataFrame(
        {
            "iso3": "POL",
            "vendor": ["Huawei", "others"] * 2,
            "vendor_iso3": ["CHN", "SWE"] * 2,
            "usd": [60, 40, 38, 62],
            "year": [2020, 2020, 2022, 2022],
        }
    )
    result = records.supplier_concentration(
        frame, market={"measure": "percent"}, columns={"year_column": "year"}
    )
    focal = result[result["indicator"].eq("focal_share")]["value"].tolist()
    assert 100 * (focal[1] - focal[0]) == pytest.approx(-22)


@pytest.mark.slow
@pytest.mark.parametrize("layer", [None, "layer"])
@pytest.mark.parametrize("rule", ["any", "other"])
def test_contributions_sum_to_the_values(
    contracts: pd.DataFrame, layer: str | None, rule: Any
) -> None:
    result, trace = with_trace(
        records.supplier_concentration,
        contracts,
        columns={"layer": layer, "year_column": "year", "substitutability": "sub"},
        market={"remainder": rule},
        layer_weights={"ran": 3, "core": 1} if layer else None,
    )
    keys = ["iso3", "year", "indicator"]
    summed = trace.groupby(keys)["contribution"].sum()
    values = result.set_index(keys)["value"]
    additive = values[
        values.index.get_level_values(2).str.contains(r"_hhi$|focal_share$|locked", regex=True)
    ]
    assert len(additive) > 20
    assert np.allclose(summed.reindex(additive.index, fill_value=0.0), additive, atol=1e-9)
    rows = trace["record"].dropna().astype(int)
    assert set(rows) <= set(range(len(contracts)))


@pytest.mark.slow
def test_a_trace_of_a_lazy_frame_needs_an_identifier(contracts: pd.DataFrame) -> None:
    lazy = pytest.importorskip("polars").from_pandas(contracts).lazy()
    with pytest.raises(DataError, match='"record"'):
        with_trace(records.supplier_concentration, lazy, market={"remainder": "any"})


def test_without_a_focal_origin_there_is_no_focal_share(contracts: pd.DataFrame) -> None:
    result = records.supplier_concentration(contracts, market={"remainder": "any"}, focal=None)
    assert "focal_share" not in set(result["indicator"])
    assert "origin_hhi" in set(result["indicator"])


def test_options_are_checked() -> None:
    frame = market([1, 2])
    with pytest.raises(UnknownNameError, match="unknown `level` 'supplier'"):
        records.supplier_concentration(frame, market={"level": "supplier"})
    with pytest.raises(DataError, match="`top` must be a whole number from 1"):
        records.supplier_concentration(frame, market={"top": 0})
    with pytest.raises(DataError, match="needs a column of the origin"):
        records.supplier_concentration(frame, columns={"origin": None}, market={"level": "origin"})
    with pytest.raises(DataError, match="must be a number from 0 to 1"):
        records.supplier_concentration(frame, market={"substitutability": {"v0": 2}})


def test_a_network_traces_supply_to_who_makes_it() -> None:
    frame = market([60, 40], ["Nokia", "Huawei"], ["FIN", "CHN"])
    links = pd.DataFrame(
        {"buyer": ["Nokia", "Luxshare"], "seller": ["Luxshare", "TSMC"], "share": [0.25, 0.4]}
    )
    result = records.supplier_network(frame, links, origins={"Luxshare": "CHN", "TSMC": "TWN"})
    assert value(result, "network_focal_direct") == pytest.approx(0.4)
    assert value(result, "network_focal_total") == pytest.approx(0.4 + 0.6 * 0.25 * 0.6)
    made = np.array([0.6 * 0.75, 0.4, 0.6 * 0.25 * 0.6, 0.6 * 0.25 * 0.4])
    assert value(result, "network_supplier_hhi") == pytest.approx((made**2).sum())


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10_000))
def test_traced_shares_account_for_the_whole(seed: int) -> None:
    rng = np.random.default_rng(seed)
    direct = rng.dirichlet(np.ones(6), 4)
    inputs = rng.dirichlet(np.ones(6), 6) * rng.uniform(0, 0.95, (6, 1))
    made = records.traced_shares(direct, inputs)
    assert np.allclose(made.sum(axis=1), 1)
    # The same by tiers: what is bought directly, from suppliers' suppliers, and so on.
    tiers, flow = np.zeros_like(direct), direct
    for _ in range(2000):
        tiers += flow * (1 - inputs.sum(axis=1))
        flow = flow @ inputs
    assert np.allclose(made, tiers, atol=1e-8)


def test_the_overlap_of_countries_is_the_mean_of_pairwise_minima() -> None:
    rng = np.random.default_rng(2)
    amounts = rng.integers(0, 4, (5, 4)) + np.eye(5, 4)
    frame = pd.DataFrame(
        [
            {"iso3": c, "vendor": f"v{j}", "vendor_iso3": "SWE", "usd": amounts[i, j]}
            for i, c in enumerate(["KEN", "PAK", "ZMB", "LAO", "SRB"])
            for j in range(4)
        ]
    )
    links = pd.DataFrame({"buyer": ["v0"], "seller": ["v1"], "share": [0.5]})
    result = records.supplier_network(frame, links)
    got = result[result["indicator"].eq("network_shared_exposure")].set_index("iso3")["value"]
    order = sorted(got.index)
    direct = frame.pivot(index="iso3", columns="vendor", values="usd").loc[order].to_numpy()
    inputs = np.zeros((4, 4))
    inputs[0, 1] = 0.5
    made = records.traced_shares(direct / direct.sum(axis=1, keepdims=True), inputs)
    for i, country in enumerate(order):
        pairs = [np.minimum(made[i], made[j]).sum() for j in range(5) if j != i]
        assert got[country] == pytest.approx(np.mean(pairs))


def test_a_network_reports_all_its_problems_at_once() -> None:
    frame = market([60, 40], ["Nokia", "Huawei"], ["FIN", None])
    links = pd.DataFrame({"buyer": ["Nokia", "Nokia"], "seller": ["a", "b"], "share": [0.7, 0.5]})
    with pytest.raises(DataError) as error:
        records.supplier_network(frame, links, origins={"a": "Narnia"})
    text = str(error.value)
    assert "origin of Huawei, a, b is unknown" in text
    assert "'Narnia', which is not a country" in text
    assert "inputs of Nokia sum to 1.2" in text
    with pytest.raises(DataError, match="buy everything from each other"):
        records.traced_shares([[1.0, 0.0]], [[0.0, 1.0], [1.0, 0.0]])


@pytest.mark.slow
def test_two_equal_suppliers_and_a_single_one_are_not_certain() -> None:
    contracts = pd.DataFrame(
        {
            "iso3": ["KEN"] * 10 + ["PAK"] * 3 + ["LAO"],
            "vendor": list("ab") * 5 + ["a"] * 4,
            "vendor_iso3": ["CHN"] * 14,
            "usd": 1.0,
        }
    )
    table = records.supplier_concentration(contracts)
    own = table[table["indicator"] == "supplier_entropy_number"].set_index("iso3")
    # Second order: 2 sqrt(1 / (2 x 10^2)); a single supplier counts as two of three records, and of one.
    assert own["std_error"].to_dict() == pytest.approx(
        {"KEN": 2 * np.sqrt(1 / 200), "PAK": np.sqrt(1 / 18), "LAO": np.sqrt(1 / 2)}
    )
    shares_of = records.supplier_shares(contracts)
    single = shares_of[shares_of["iso3"] == "PAK"]
    # Beta(3.5, .5): one unseen supplier has the prior's pseudo-count.
    assert single["value"].item() == 1
    assert single["mean"].item() == pytest.approx(3.5 / 4)
    assert single["std_error"].item() == pytest.approx(np.sqrt(0.875 * 0.125 / 5))
    assert single["lower"].item() < 0.6


def test_the_normalised_hhi_of_one_supplier_is_as_uncertain_as_its_hhi() -> None:
    single = records.supplier_concentration(market([1.0, 1, 1], "aaa"))
    assert value(single, "supplier_hhi_normalised") == 1
    assert value(single, "supplier_hhi_normalised", "lower") < 0.5
    error = value(single, "supplier_hhi", "std_error")
    assert value(single, "supplier_hhi_normalised", "std_error") == pytest.approx(2 * error)
    census = records.supplier_concentration(market([1.0, 1, 1], "aaa"), sampling={"census": True})
    assert value(census, "supplier_hhi_normalised", "lower") == 1


@pytest.mark.parametrize("remainder", ["any", "other"])
def test_the_normalised_hhi_of_one_supplier_and_a_remainder_is_not_certain(remainder: str) -> None:
    table = market([3.0, 1], ["a", None], ["CHN", None])
    found = records.supplier_concentration(
        table, market={"remainder": remainder}, sampling={"census": True}
    )
    low, mid, high = (
        value(found, "supplier_hhi_normalised", column) for column in ("lower", "value", "upper")
    )
    assert low <= mid <= high
    assert high - low > 0.05
    assert high >= value(found, "supplier_hhi", "value")
