"""Outranking: COINr's values, and the laws that hold with missing data as well."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st

import dsr_risk as dr
from dsr_risk.analysis.outranking import copeland, outranking, outranking_matrix
from dsr_risk.errors import DataError, NotScorableError, UnknownNameError
from tests.first_edition import first_data, first_scores

GOLDEN = np.array([[1.0, 2, 1], [2, 1, 3], [3, 4, 2], [4, 3, 5], [5, 6, 4]])
WEIGHTS = np.array([1.0, 2.0, 1.0])


@st.composite
def panels(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    n, k = draw(st.integers(2, 8)), draw(st.integers(1, 5))
    cells = st.one_of(st.none(), st.integers(0, 5))
    x = [[draw(cells) for _ in range(k)] for _ in range(n)]
    weights = [draw(st.integers(1, 9)) for _ in range(k)]
    return np.array(x, float), np.array(weights, float)


def test_copeland_scores_and_dominance_of_the_small_example_of_coinr() -> None:
    matrix = outranking_matrix(GOLDEN, WEIGHTS)
    assert copeland(matrix).tolist() == [-3, -3, 1, 1, 4]
    assert (matrix == 1).sum() == 6
    assert (matrix == 1).sum() / 10 == 0.6


def test_a_missing_value_gives_its_weight_to_neither_row() -> None:
    # COINr makes 0/1 of this pair, and 0.5/0.5 of the same pair the other way round.
    x = np.array([[2.0, np.nan], [1.0, 1.0]])
    w = np.ones(2)
    assert outranking_matrix(x, w).tolist() == [[0, 1], [0, 0]]
    assert outranking_matrix(x[::-1], w).tolist() == [[0, 0], [1, 0]]


@pytest.mark.slow
@given(panels(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_criteria_does_not_matter(
    panel: tuple[np.ndarray, np.ndarray], random: object
) -> None:
    x, w = panel
    rows, columns = list(range(len(x))), list(range(len(w)))
    random.shuffle(rows)
    random.shuffle(columns)
    matrix = outranking_matrix(x, w, min_overlap=0.3)
    turned = outranking_matrix(x[np.ix_(rows, columns)], w[columns], min_overlap=0.3)
    np.testing.assert_allclose(turned, matrix[np.ix_(rows, rows)], atol=1e-12)
    assert copeland(turned).tolist() == copeland(matrix)[rows].tolist()


@given(panels())
def test_both_directions_of_a_pair_share_all_of_the_weight(
    panel: tuple[np.ndarray, np.ndarray],
) -> None:
    matrix = outranking_matrix(*panel)
    off = ~np.eye(len(matrix), dtype=bool)
    known = ~np.isnan(matrix)
    assert (known == known.T).all()
    np.testing.assert_allclose((matrix + matrix.T)[off & known], 1.0, atol=1e-12)
    assert (np.diag(matrix) == 0).all()
    assert copeland(matrix).sum() == 0


@given(panels(), st.floats(0.01, 100))
def test_only_ratios_of_weights_and_the_order_of_values_count(
    panel: tuple[np.ndarray, np.ndarray], factor: float
) -> None:
    x, w = panel
    other = outranking_matrix(np.exp(x / 2) + 7, factor * w)
    np.testing.assert_allclose(other, outranking_matrix(x, w), atol=1e-12)


def test_pairs_with_too_little_in_common_are_not_compared_unless_it_does_not_apply() -> None:
    x = np.array([[1.0, np.nan, 3.0], [2.0, 5.0, np.nan]])
    w = np.array([1.0, 1.0, 2.0])
    assert outranking_matrix(x, w, min_overlap=0.2)[1, 0] == 1
    matrix = outranking_matrix(x, w, min_overlap=0.5)
    assert np.isnan(matrix[0, 1])
    assert copeland(matrix).tolist() == [0, 0]
    applies = np.array([[True, False, True], [True, True, False]])
    assert outranking_matrix(x, w, applicable=applies, min_overlap=0.5)[1, 0] == 1
    nothing = np.array([[1.0, np.nan], [np.nan, 1.0]])
    assert np.isnan(outranking_matrix(nothing, np.ones(2))[0, 1])


def test_values_within_a_tie_share_the_weight() -> None:
    x = np.array([[1.0], [1.0 + 1e-12], [2.0]])
    matrix = outranking_matrix(x, np.ones(1), tie=1e-9)
    assert matrix.tolist() == [[0, 0.5, 0], [0.5, 0, 0], [1, 1, 0]]


# -- on scores --------------------------------------------------------------------------------------


def test_the_matrix_of_scores_is_that_of_their_normalised_indicators() -> None:
    scores = first_scores()
    found = outranking(scores, score="security", min_overlap=0.0)
    names = list(found.weights)
    assert names == ["incident_rate", "safeguards_gap", "adoption_x_safeguards_gap", "gci", "ncsi"]
    assert list(found.weights.values()) == pytest.approx([0.2, 0.24, 0.16, 0.24, 0.16])
    scored = scores.values["security"].notna()
    x = scores.normalised.loc[scored, names]
    expected = outranking_matrix(x.to_numpy(), np.array([0.2, 0.24, 0.16, 0.24, 0.16]))
    np.testing.assert_allclose(found.matrix.to_numpy(), expected, atol=1e-12)
    assert list(found.matrix.index) == list(scored.index[scored])


def test_pillars_are_criteria_with_their_own_weights() -> None:
    found = outranking(first_scores(), score="dependency", level="pillar")
    assert found.weights == pytest.approx(
        {"technology_supply": 0.4, "finance": 0.35, "lack_of_alternatives": 0.25}
    )


def test_the_table_counts_what_the_matrix_says() -> None:
    found = outranking(first_scores(), score="dependency")
    matrix, table = found.matrix, found.table()
    off = ~np.eye(len(matrix), dtype=bool)
    assert (table["wins"] == ((matrix > 0.5) & off).sum(axis=1)[table.index]).all()
    assert (table["losses"] == ((matrix < 0.5) & off).sum(axis=1)[table.index]).all()
    assert (table["copeland"] == table["wins"] - table["losses"]).all()
    compared = table["wins"] + table["losses"] + table["even"]
    assert (compared + table["not_compared"] == len(table) - 1).all()
    assert table["net"].to_numpy() == pytest.approx((table["copeland"] / compared).to_numpy())
    for _, part in table.groupby("basis"):
        assert (part["rank"] == part["net"].rank(ascending=False, method="min")).all()
    assert table["dominates"].sum() == len(found.dominance)
    assert found.dominance_share == pytest.approx(
        len(found.dominance) / (matrix.notna().to_numpy() & off).sum() * 2
    )


def test_a_country_above_on_everything_dominates_and_ranks_first() -> None:
    codes = pd.Index(first_data().countries[:5], name="iso3")
    data = pd.DataFrame(GOLDEN, index=codes, columns=list("abc"))
    fw = dr.Framework(
        name="test",
        scores=[
            {
                "name": "risk",
                "children": [
                    {"name": name, "higher_is": "riskier", "weight": w}
                    for name, w in zip("abc", WEIGHTS.tolist(), strict=True)
                ],
            }
        ],
    )
    found = outranking(dr.score(fw, data))
    assert found.table().loc[codes, "copeland"].tolist() == [-3, -3, 1, 1, 4]
    assert found.table()["rank"].tolist() == [1, 2, 2, 4, 4]
    assert found.dominance_share == pytest.approx(0.6)
    pairs = set(map(tuple, found.dominance.to_numpy()))
    assert {(codes[4], codes[0]), (codes[4], codes[2])} <= pairs
    safer = outranking(dr.score(fw.replace({"a.higher_is": "safer"}), data)).matrix
    assert safer.loc[codes[0], codes[4]] == pytest.approx(0.25)


def test_unknown_names_and_too_few_countries_are_said() -> None:
    scores = first_scores()
    with pytest.raises(UnknownNameError, match="unknown `level` 'pilar'; did you mean `pillar`"):
        outranking(scores, level="pilar")
    with pytest.raises(UnknownNameError, match="did you mean `security`"):
        outranking(scores, score="securty")
    with pytest.raises(NotScorableError, match="1 of 1 countries have a `security` score.*least 2"):
        outranking(scores.select(countries=["PAK"]), score="security")
    with pytest.raises(DataError, match="min_overlap.*received 2"):
        outranking(scores, min_overlap=2)


def test_an_outranking_shows_as_text_html_and_markdown() -> None:
    found = outranking(first_scores(), score="security")
    assert "Outranking on security over 5 criteria" in repr(found)
    assert "copeland" in found.to_markdown()
    assert "<table" in found.to_html()
