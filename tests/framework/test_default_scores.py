"""What the bundled framework must say of real countries, each order with its reason."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk import readers, records
from dsr_risk.data.countries import country_iso3
from tests.folders import ROOT
from tests.helpers import run

BULLETIN = (
    "PAK", "NGA", "RUS", "SRB", "KHM", "THA", "SGP", "JPN", "IDN", "KOR", "KEN", "SAU", "UZB", "KAZ",
    "TJK", "ETH", "POL", "MYS", "IND",
)  # fmt: skip


@pytest.fixture(scope="module")
def default(bundled: dr.Scores) -> dr.Scores:
    return bundled


@pytest.fixture(scope="module")
def dependency(default: dr.Scores) -> pd.Series:
    return default.values["dependency"].dropna().sort_values(ascending=False)


@pytest.fixture(scope="module")
def security(default: dr.Scores) -> pd.Series:
    return default.values["security"].dropna().sort_values(ascending=False)


def full_basis(default: dr.Scores) -> pd.Series:
    """Dependency on the full basis, the most dependent first."""
    values = default.values.loc[default.basis["dependency"].eq("full"), "dependency"].dropna()
    return values.sort_values(ascending=False)


def test_at_least_165_countries_have_both_scores(default: dr.Scores) -> None:
    both = default.values[["dependency", "security"]].notna().all(axis=1)
    assert both.sum() >= 165


def test_every_country_of_the_bulletin_is_scored(default: dr.Scores) -> None:
    assert default.values.loc[list(BULLETIN), ["dependency", "security"]].notna().all(axis=None)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("LAO", "debt to China above the GDP of a year, most projects per head on the mainland"),
        ("KHM", "nearly all machinery and electronics from China, finance of 4 to 6 % of GDP"),
        ("DJI", "one state network, debt to China above a third of GDP"),
        ("COG", "debt to China of a fifth to two fifths of GNI"),
        ("AGO", "commitments near the GDP of a year"),
        ("ZMB", "commitments of 63 % of GDP, debt of 134 % of GNI"),
    ],
)
def test_known_cases_are_in_the_upper_fifth_of_dependency(
    default: dr.Scores, code: str, reason: str
) -> None:
    values = full_basis(default)
    place = values.index.get_loc(code)
    assert place < len(values) / 5, f"{code} ({reason}) is {place + 1} of {len(values)}"


def test_hungary_leans_more_on_china_than_sweden_and_belgium(dependency: pd.Series) -> None:
    """The first EU state to sign on to the Belt and Road, with a Chinese loan for its railway."""
    assert dependency["HUN"] > dependency["SWE"]
    assert dependency["HUN"] > dependency["BEL"]


def test_ethiopia_is_above_kenya_in_dependency(dependency: pd.Series) -> None:
    """Its national network was built on Chinese loans and has one operator; Kenya's have several."""
    assert dependency["ETH"] > dependency["KEN"]


def test_venezuela_is_scored_and_above_the_median(default: dr.Scores) -> None:
    """Commitments of 196 % of GDP; the first edition could not score it."""
    values = full_basis(default)
    assert values["VEN"] > values.median()


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("TKM", "closed state, one network"),
        ("BLR", "repression, facial recognition of protesters"),
        ("PRK", "closed state, no data-protection law"),
        ("ERI", "closed state, one network, least cyber capacity"),
        ("ARE", "all four techniques of surveillance, few safeguards"),
    ],
)
def test_closed_states_are_in_the_upper_tenth_of_security(
    security: pd.Series, code: str, reason: str
) -> None:
    place = security.index.get_loc(code)
    assert place < len(security) / 10, f"{code} ({reason}) is {place + 1} of {len(security)}"


@pytest.mark.parametrize("code", ["SWE", "JPN", "DEU"])
def test_states_with_safeguards_and_capacity_are_in_the_lower_quarter_of_security(
    security: pd.Series, code: str
) -> None:
    assert security.index.get_loc(code) >= len(security) * 3 / 4


def test_no_state_without_a_surveillance_cell_is_among_the_ten_highest_in_security(
    security: pd.Series,
) -> None:
    """An estimate of the pillar that weighs most must not lead the table."""
    values = dr.load_data().values.loc[security.index[:10]]
    seen = values[["surveillance_adoption", "safeguards_gap"]].notna().any(axis=1)
    assert seen.all(), seen.index[~seen].tolist()


def test_the_focal_state_and_microstates_have_no_score(default: dr.Scores) -> None:
    values = default.values[["dependency", "security"]]
    assert values.loc[["CHN", "HKG", "MAC"]].isna().all(axis=None)
    people = dr.load_data().values["population"].reindex(values.index)
    assert values[people < 1e5].isna().all(axis=None)


def test_countries_outside_the_registers_are_on_a_partial_basis(default: dr.Scores) -> None:
    basis = default.basis["dependency"]
    assert basis[["DEU", "POL", "JPN", "SGP", "SAU"]].eq("partial").all()
    assert basis[["KEN", "PAK", "SRB", "LAO"]].eq("full").all()


def test_countries_known_to_be_low_are_scored(default: dr.Scores) -> None:
    """China's share is censored below the fifth partner's; the first edition dropped them."""
    known = ["FRA", "BEL", "HRV", "CYP", "LVA", "LTU", "LUX", "BGR"]
    assert default.values.loc[known, "dependency"].notna().all()


def test_the_product_of_adoption_and_gap_never_exceeds_the_gap(default: dr.Scores) -> None:
    filled = default.estimated
    gap, product = filled["safeguards_gap"], filled["adoption_x_safeguards_gap"]
    both = gap.notna() & product.notna()
    assert both.sum() > 150
    assert (product[both] <= gap[both] + 1e-9).all()


def test_the_two_headlines_are_related_and_not_the_same(default: dr.Scores) -> None:
    both = default.values[["dependency", "security"]].dropna()
    assert 0.3 < both.corr().iloc[0, 1] < 0.8


def test_both_scores_fall_with_freedom(default: dr.Scores) -> None:
    """DOMAIN asks for this check; a sign against it would mean a turned indicator."""
    free = dr.load_data().values["freedom_in_the_world"].reindex(default.values.index)
    for score in ("dependency", "security"):
        assert default.values[score].corr(free) < -0.4


PRESETS = tuple(dr.load_framework().presets)


def test_the_presets_are_those_of_the_documentation() -> None:
    assert set(PRESETS) == {
        "equal", "data_quality", "power_mean", "mirrored", "focal_neutral", "with_cables",
        "any_evidence",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_scores_dependency_and_security(preset: str) -> None:
    values = dr.score(dr.load_framework(preset=preset)).values
    assert values["dependency"].notna().sum() >= 165
    assert values["security"].notna().sum() >= 165
    assert np.nanmin(values.to_numpy()) >= 0
    assert np.nanmax(values.to_numpy()) <= 100 + 1e-9


@pytest.mark.slow
def test_means_that_keep_risk_give_no_less_than_the_arithmetic_mean(default: dr.Scores) -> None:
    """A high pillar is not bought off: where both print, power and mirrored means lie above."""
    for preset in ("power_mean", "mirrored"):
        values = dr.score(dr.load_framework(preset=preset)).values
        for score in ("dependency", "security"):
            gap = (values[score] - default.values[score]).dropna()
            assert gap.mean() > 0.5
            assert gap.max() > 5


def test_focal_neutral_names_no_focal_state_and_still_scores_dependency() -> None:
    neutral = dr.score(dr.load_framework(preset="focal_neutral"))
    assert neutral.framework.focal is None
    assert neutral.values["dependency"].notna().sum() >= 165
    # The state that the framework as written leaves out is scored as any other.
    assert neutral.values.loc["CHN", ["dependency", "security"]].notna().all()


def write_map(folder: Path) -> Path:
    """A map of four cables in the format of the public one."""
    (folder / "cable").mkdir(parents=True)
    for name, suppliers, lands in (
        ("peace", "HMN Tech", ["Pakistan", "Kenya", "Djibouti", "France"]),
        ("smw5", "ASN, NEC", ["Pakistan", "Djibouti", "France", "Malaysia"]),
        ("unknown", None, ["Kenya", "Tanzania"]),
        ("loop", "HMN Tech", ["Fiji", "Samoa"]),
    ):
        points = [{"id": land, "name": land, "country": land, "is_tbd": False} for land in lands]
        cable = {
            "id": name, "name": name, "suppliers": suppliers, "rfs_year": 2022,
            "is_planned": False, "owners": None, "length": None, "landing_points": points,
        }  # fmt: skip
        (folder / "cable" / f"{name}.json").write_text(json.dumps(cable), encoding="utf-8")
    return folder


@pytest.mark.slow
def test_with_cables_takes_one_command_from_the_download(
    default: dr.Scores, tmp_path: Path
) -> None:
    """Fiji hangs on one Chinese cable, Pakistan on two cables, Uganda has no coast."""
    place = write_map(tmp_path / "map")
    done = run("score", "--preset", "with_cables", "--cables", place, "--format", "csv")
    assert done.returncode == 0, done.stderr
    printed = pd.read_csv(io.StringIO(done.stdout), index_col="iso3")["dependency"]
    landings = readers.telegeography(place).records
    data = dr.load_data().update(records.cable_columns(landings))
    scores = dr.score(dr.load_framework(preset="with_cables"), data)
    pd.testing.assert_series_equal(
        printed, scores.values["dependency"].reindex(printed.index), check_names=False
    )
    nodes = scores.values
    assert nodes.loc["FJI", "cables"] == pytest.approx(100)
    # Two origins beside China: .5, .25, .25; half of the cables of China; one of two cables.
    expected = 0.35 * (0.375 - 0.1) / 0.9 + 0.40 * min(0.5 / 0.6, 1) + 0.25 * (0.5 - 0.2) / 0.8
    assert nodes.loc["PAK", "cables"] == pytest.approx(100 * expected)
    assert np.isnan(nodes.loc["UGA", "cables"])
    assert scores.data.cell("UGA", "cable_focal_supplier_share")["reason"] == "landlocked"
    # Without a coast the other groups share the weight as they do in the framework as written.
    change = nodes["digital_supply"] - default.values["digital_supply"]
    assert abs(change["UGA"]) < 0.5
    assert change["FJI"] > 10


@pytest.mark.slow
def test_cables_need_the_preset_that_has_them(tmp_path: Path) -> None:
    done = run("score", "--cables", write_map(tmp_path / "map"))
    assert done.returncode == 2
    assert "ask for --preset with_cables" in done.stderr


@pytest.mark.slow
def test_own_cells_are_laid_over_the_bundle_on_the_command_line(tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("country,year,ncsi_2026\nKenya,2027,100\n", encoding="utf-8")
    done = run("explain", "Kenya", "--score", "security", "--update", own, "--format", "csv")
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(io.StringIO(done.stdout)).set_index("node")
    assert float(table["raw"]["ncsi_2026"]) == 100
    own.write_text("country,ncsi\nKenya,100\n", encoding="utf-8")
    refused = run("score", "--update", own)
    assert refused.returncode == 2
    assert "column `ncsi` is neither in the framework nor in the data" in refused.stderr


@pytest.mark.slow
def test_a_fact_counts_and_its_absence_is_missing(default: dr.Scores) -> None:
    """Kenya has facts of presence, Lesotho none: only Kenya's score moves by evidence of its own."""
    facts = dr.load_data().values["focal_presence_facts_n"]
    assert facts["PAK"] >= 3
    assert np.isnan(facts["LSO"])
    evidence = dr.score(dr.load_framework(preset="any_evidence"))
    node = evidence.values["focal_presence_facts_n"]
    assert node["PAK"] >= 75
    assert np.isnan(node["LSO"])


def moves_in_the_changelog() -> dict[tuple[str, str], tuple[float, float]]:
    """Score and country -> score before and after, from the two tables of moves of version 0.2.0."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").partition("## 0.1.0")[0]
    found: dict[tuple[str, str], tuple[float, float]] = {}
    score = ""
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if cells[1:3] == ["before", "after"]:
            score = cells[0]
        elif score and len(cells) == 4 and re.match(r"\d", cells[1]):
            names, before, after = (cell.split(", ") for cell in cells[:3])
            for name, old, new in zip(names, before, after, strict=True):
                found[score, country_iso3(name)] = (float(old), float(new))
    return found


def test_the_changelog_explains_the_ten_largest_moves_of_each_score(default: dr.Scores) -> None:
    first = ROOT / "tests" / "data" / "first_edition"
    old = dr.score(
        dr.load_framework(first / "dsr.yaml"), dr.read_data(first / "snapshot.csv", edition=2024)
    )
    told = moves_in_the_changelog()
    for score in ("dependency", "security"):
        before, after = old.values[score], default.values[score]
        moves = (after - before).abs().dropna().sort_values(ascending=False)
        assert {code for name, code in told if name == score} == set(moves.index[:10])
        for code in moves.index[:10]:
            assert told[score, code] == pytest.approx((before[code], after[code]), abs=0.051)
