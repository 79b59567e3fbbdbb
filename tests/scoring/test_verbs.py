"""`as_scores`: the one door through which every verb takes Scores, or a framework and data."""

import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.scoring import as_scores

PLAIN = {
    "name": "small",
    "scores": [{"name": "risk", "children": [{"name": "a", "higher_is": "riskier"}]}],
}
FRAME = pd.DataFrame({"country": ["PAK", "KEN", "NGA"], "a": [1.0, 2.0, 4.0]})


def test_as_scores_of_scores_returns_the_same_object():
    scores = dr.score(PLAIN, FRAME)
    assert as_scores(scores) is scores


def test_as_scores_of_scores_and_data_is_an_error():
    with pytest.raises(dr.DataError, match="Scores hold the data they were made from"):
        as_scores(dr.score(PLAIN, FRAME), FRAME)


@pytest.mark.parametrize("kind", ["mapping", "framework", "path"])
@pytest.mark.parametrize("source", ["frame", "data", "path"])
def test_as_scores_of_framework_and_data_is_their_score(kind, source, tmp_path):
    framework = dr.load_framework(PLAIN)
    framework.save(tmp_path / "small.yaml")
    FRAME.to_csv(tmp_path / "small.csv", index=False)
    subject = {"mapping": PLAIN, "framework": framework, "path": tmp_path / "small.yaml"}[kind]
    data = {"frame": FRAME, "data": dr.as_data(FRAME), "path": tmp_path / "small.csv"}[source]
    expected = dr.score(framework, FRAME).values
    pd.testing.assert_frame_equal(as_scores(subject, data).values, expected)


@pytest.mark.slow
def test_as_scores_without_arguments_is_the_bundled_score():
    pd.testing.assert_frame_equal(as_scores().values, dr.score().values)
    pd.testing.assert_frame_equal(as_scores("dsr").values, dr.score().values)
