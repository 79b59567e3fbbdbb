"""Children below the floor of the scale: every mean is monotone there, or has no value and says so."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

import dsr_risk as dr
from tests.output.live.calc import needs_soffice, recalculated, spoil, table as sheet

MEANS = [
    "arithmetic", "geometric", "harmonic", "product", "minimum", "maximum", "median",
    {"method": "geometric", "offset": 0}, {"method": "harmonic", "offset": 0},
    *({"method": "power", "p": p} for p in (-3, -2, -1, -0.5, 0.5, 1, 2, 3)),
    *({"method": "mirrored", "of": one} for one in ("geometric", "harmonic", {"method": "power", "p": 2})),
    {"method": "owa", "orness": 0.7}, {"method": "mean_min", "alpha": 0.3},
]  # fmt: skip
SCALED = {"method": "scaled", "low": 0, "high": 50}
"""Values from -30 to 100 of this normalisation lie between -60 and 200 on the scale."""


def spec(aggregation: object) -> dict[str, object]:
    indicators = [{"name": x, "higher_is": "riskier", "normalisation": SCALED} for x in ("a", "b")]
    group = {"name": "risk", "aggregation": aggregation, "children": indicators}
    return {"name": "own", "scores": [group]}


def table(rows: list[tuple[float, float]]) -> pd.DataFrame:
    codes = ["KEN", "PAK", "DEU", "FRA", "BRA", "ETH", "MWI", "LAO", "VNM", "PER"][: len(rows)]
    return pd.DataFrame(rows, columns=["a", "b"], index=pd.Index(codes, name="iso3"))


@pytest.mark.parametrize("aggregation", MEANS, ids=str)
@pytest.mark.parametrize("other", [-20.0, 0.0, 30.0, 100.0])
def test_a_higher_child_never_lowers_the_value_and_a_refusal_is_named(aggregation, other) -> None:
    rising = [-40.0, -30, -10, -0.2, 0, 0.2, 20, 60, 100]
    scores = dr.score(spec(aggregation), table([(a, other) for a in rising]))
    found = scores.values["risk"].to_numpy()
    known = found[~np.isnan(found)]
    assert all(high >= low - 1e-9 for low, high in pairwise(known))
    name = aggregation if isinstance(aggregation, str) else aggregation["method"]
    for reason in scores.reason["risk"][np.isnan(found)]:
        assert reason == f"undefined: aggregation `{name}` of `risk` has no value here"
    gaps = scores.contributions("risk").sum(axis=1, min_count=1) - scores.values["risk"]
    np.testing.assert_allclose(gaps[~np.isnan(found)], 0, atol=1e-9)


@pytest.mark.parametrize(
    "aggregation", ["geometric", "harmonic", {"method": "power", "p": -1}], ids=str
)
def test_means_with_a_pole_refuse_values_below_the_floor_and_take_the_floor(aggregation) -> None:
    scores = dr.score(spec(aggregation), table([(-30, 100), (-60, -20), (0, 100), (0, 0)]))
    assert scores.values["risk"].isna().tolist() == [True, True, False, False]
    assert scores.values["risk"].iloc[3] == pytest.approx(0, abs=1e-12)


def test_a_quadratic_mean_keeps_the_sign_below_the_floor() -> None:
    found = dr.score(spec({"method": "power", "p": 2}), table([(-30, 100), (0, 100), (50, 20)]))
    wanted = [np.sqrt((200**2 - 60**2) / 2), np.sqrt(200**2 / 2), np.sqrt((100**2 + 40**2) / 2)]
    np.testing.assert_allclose(found.values["risk"], wanted)


@pytest.mark.parametrize("aggregation", MEANS, ids=str)
def test_a_compiled_model_gives_what_score_gives_below_the_floor(aggregation) -> None:
    data = table([(-30, 100), (0, 100), (50, 20), (-20, -30), (-0.2, 60)])
    model = dr.fit(spec(aggregation), data)
    np.testing.assert_allclose(
        model.compile()(data.to_numpy()), model.score(data)._values[:, [-1]], atol=1e-9
    )


@pytest.mark.slow
@needs_soffice
def test_workbooks_compute_the_same_below_the_floor(tmp_path: Path) -> None:
    data = table([(-30, 100), (0, 100), (50, 20), (-20, -30), (-0.2, 60)])
    means = ["geometric", "harmonic", *({"method": "power", "p": p} for p in (-1, -0.5, 0.5, 2, 3))]
    cases = {f"{number}.xlsx": dr.score(spec(mean), data) for number, mean in enumerate(means)}
    paths = [spoil(dr.workbook(scores, tmp_path / name)) for name, scores in cases.items()]
    books = recalculated(paths, tmp_path / "calc")
    for name, scores in cases.items():
        found = sheet(openpyxl.load_workbook(books[name], data_only=True), "Scores")["risk"]
        np.testing.assert_allclose(
            found, scores.values["risk"].reindex(found.index), rtol=0, atol=1e-9, err_msg=name
        )


@pytest.mark.parametrize("aggregation", ["harmonic", {"method": "power", "p": -2}], ids=str)
def test_draws_below_the_floor_have_no_value_either(aggregation) -> None:
    data = table([(5, 60), (20, 50), (40, 30)])
    found = dr.uncertainty(
        spec(aggregation), data, draws=400,
        factors={"a.data": {"method": "standard_error", "absolute": 10.0}},
    )  # fmt: skip
    sample = found.sample("risk")
    row = list(found.units).index("KEN")
    assert np.nanmin(sample) > -1.0
    assert 0.1 < np.isnan(sample[:, row]).mean() < 0.6
