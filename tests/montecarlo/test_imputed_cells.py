"""Multiple imputation all the way into intervals; cells nobody can fill; imputed values that stand still."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

import dsr_risk as dr

CODES = [
    "KEN", "PAK", "LAO", "UGA", "GHA", "ZMB", "ZWE", "PER", "CHL", "BRA",
    "MEX", "IND", "NGA", "EGY", "MAR", "TUN", "DEU", "FRA", "POL", "ESP",
]  # fmt: skip
DRAWN = {"*.missing": "imputed"}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Four related columns of twenty countries; KEN lacks one value and PAK two."""
    rng = np.random.default_rng(0)
    common = rng.normal(size=20)
    columns = {name: 50 + 10 * (0.8 * common + 0.6 * rng.normal(size=20)) for name in "abcd"}
    found = pd.DataFrame(columns, index=CODES)
    found.loc["KEN", "a"] = found.loc["PAK", "b"] = found.loc["PAK", "c"] = np.nan
    return found


def made(imputation: object, factors: dict[str, Any] | None = None) -> dr.Framework:
    children = [{"name": name, "higher_is": "riskier"} for name in "abcd"]
    return dr.Framework.from_dict(
        {
            "name": "case",
            "defaults": {"missing": imputation},
            "scores": [{"name": "risk", "children": children}],
            "factors": factors or {},
        }
    )


@pytest.mark.parametrize("imputation", ["matching", "regression"])
def test_the_spread_of_imputations_is_the_spread_of_scores(
    imputation: str, frame: pd.DataFrame, tmp_path: Path
) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(yaml.safe_dump(made(imputation, DRAWN).to_dict()), encoding="utf-8")
    fw = dr.load_framework(path)
    found = dr.uncertainty(fw, frame, draws=4000, seed=0)
    model = dr.fit(fw, frame)
    filled = model.imputed_draws(frame, np.random.default_rng(1), 4000)
    by_hand = np.stack([model.transform(one)[1].mean(axis=1) for one in filled])
    sd = found.scores("risk")["sd"]
    np.testing.assert_allclose(sd.iloc[:2], by_hand.std(axis=0)[:2], rtol=0.08)
    assert sd.iloc[0] > 3
    assert sd.iloc[1] > sd.iloc[0]
    assert (sd.iloc[2:] < 1e-9).all()
    assert not any("not vary between draws" in note for note in found.notes)


@pytest.mark.parametrize("imputation", ["knn", "last"])
def test_a_cell_that_no_imputation_can_fill_stays_missing_in_every_draw(
    imputation: str, frame: pd.DataFrame
) -> None:
    # PAK has two columns and neighbours need three; a snapshot has no other years.
    fw = made(imputation, DRAWN)
    found = dr.uncertainty(fw, frame, draws=200, seed=0)
    plain = dr.score(fw, frame).values["risk"]
    assert (found.failed == 0).all()
    table = found.scores("risk")
    assert table.loc["PAK", "mean"] == pytest.approx(plain["PAK"])
    assert (table["scored"] == 1).all()
    assert (table.loc["KEN", "sd"] > 1) == (imputation == "knn")


@pytest.mark.parametrize(
    ("missing", "factors"),
    [
        ("matching", {}),
        ("median", DRAWN),
        ("matching", {"risk.weights": {"method": "spread", "share": 0.1}}),
    ],
)
def test_imputed_values_that_stand_still_are_said_to(
    imputation: str, factors: dict[str, Any], frame: pd.DataFrame
) -> None:
    found = dr.uncertainty(made(imputation, factors), frame, draws=16, seed=0)
    assert any(
        note.startswith("3 imputed values do not vary between draws") for note in found.notes
    )


def test_peers_for_imputed_cells_leave_nothing_to_say(frame: pd.DataFrame) -> None:
    fw = made("mean", {"*.missing": "peers"})
    found = dr.uncertainty(fw, frame, draws=64, seed=0)
    assert found.scores("risk").loc["KEN", "sd"] > 1
    assert found.notes == ()
