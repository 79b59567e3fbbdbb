"""Draws as frames, and what their files say of themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr

FW = {
    "name": "own",
    "scores": [
        {
            "name": "risk",
            "children": [
                {"name": "debt", "higher_is": "riskier"},
                {"name": "reserves", "higher_is": "safer"},
            ],
        }
    ],
    "factors": {"*.weights": {"method": "spread", "share": 0.25}},
}


@pytest.fixture(scope="module")
def drawn() -> dr.Uncertainty:
    x = np.random.default_rng(0).uniform(0, 100, (6, 2))
    frame = pd.DataFrame(x, columns=["debt", "reserves"], index=list("abcdef"))
    return dr.uncertainty(dr.score(FW, frame, units="any"), draws=20, seed=3)


def test_to_draws_frame_holds_the_draws(drawn: dr.Uncertainty) -> None:
    frame = drawn.to_draws_frame()
    assert frame.index.names == ["draw", "id"]
    assert list(frame.columns) == ["risk"]
    assert frame["risk"].dtype == np.float64
    np.testing.assert_array_equal(frame["risk"].to_numpy().reshape(20, 6), drawn.sample("risk"))
    assert frame.loc[(7, "c"), "risk"] == drawn.sample("risk")[7, 2]
    assert list(drawn.to_draws_frame(["debt", "risk"]).columns) == ["debt", "risk"]


@pytest.mark.slow
def test_files_of_draws_say_what_they_were_made_from(drawn: dr.Uncertainty, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    pytest.importorskip("xarray")
    attrs = drawn.to_xarray().attrs
    assert attrs["seed"] == "3"
    assert (
        attrs["framework_fingerprint"]
        == dr.load_framework(FW).replace({"units": "any"}).fingerprint
    )
    written = parquet.read_schema(drawn.to_parquet(tmp_path / "draws.parquet")).metadata
    assert {key.decode(): value.decode() for key, value in written.items()} == attrs


@pytest.mark.slow
def test_columns_are_those_that_statsmodels_accepts(drawn: dr.Uncertainty) -> None:
    smf = pytest.importorskip("statsmodels.formula.api")
    table = drawn.table()
    assert table["risk"].dtype == np.float64
    assert table["risk_rank"].dtype == "Int64"
    table["y"] = 2 + 3 * table["risk"]
    fitted = smf.ols("y ~ risk", table).fit()
    assert fitted.params["risk"] == pytest.approx(3)
    ranks = drawn.as_written.table().assign(y=table["y"])
    assert np.isfinite(smf.ols("y ~ risk_rank", ranks.astype({"risk_rank": float})).fit().rsquared)


def test_draws_of_a_panel_are_labelled_by_identifier_and_year(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    pytest.importorskip("xarray")
    frame = pd.DataFrame(
        {
            "id": list("abab"),
            "year": [2019, 2019, 2020, 2020],
            "debt": [1.0, 2, 3, 4],
            "reserves": 5.0,
        }
    )
    frame.loc[3, "reserves"] = 6
    u = dr.uncertainty(dr.score(FW, frame, units="any"), draws=4)
    array = u.to_xarray()
    assert array["unit"].values.tolist() == ["a 2019", "b 2019", "a 2020", "b 2020"]
    assert array["id"].values.tolist() == list("abab")
    assert array["year"].values.tolist() == [2019, 2019, 2020, 2020]
    np.testing.assert_array_equal(array.sel(unit="b 2020")[:, 0], u.sample("risk")[:, 3])
    written = pd.read_parquet(u.to_parquet(tmp_path / "draws.parquet"))
    assert list(written.columns) == ["draw", "unit", "year", "risk"]
    assert written.loc[5, ["draw", "unit", "year"]].tolist() == [1, "b", 2019]
    np.testing.assert_array_equal(written["risk"], u.to_draws_frame()["risk"])
