"""Who is left out, correlation matrix, citation, and the JSON schema of tables."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.output.publish_files import table_schema
from tests.helpers import frame, framework, group, indicator, run


@pytest.fixture(scope="module")
def scores(bundled: dr.Scores) -> dr.Scores:
    return bundled


@pytest.mark.slow
def test_crosswalk_has_a_row_for_every_country_and_score(scores) -> None:
    found = dr.crosswalk(scores)
    assert len(found) == len(scores.data) * len(scores.names)
    for name in scores.names:
        one = found[found["score"] == name].reindex(scores.data.units)
        assert (one["scored"].to_numpy() == scores.values[name].notna().to_numpy()).all()
        assert (one["reason"] == scores.reason[name]).all()
        assert ((one["kind"] == "") == one["scored"]).all()


def test_crosswalk_names_what_is_lacking_and_what_does_not_apply() -> None:
    fw = framework(
        group("a", indicator("x"), indicator("y"), min_coverage=0.8),
        defaults={"missing": "share_weight"},
    )
    rows = [("PAK", "x", 1.0, ""), ("PAK", "y", 2.0, ""), ("KEN", "x", 3.0, ""), ("GHA", "x", 4.0, ""),
            ("GHA", "y", None, "outside_ids"), ("FRA", "y", 9.0, ""), ("FRA", "x", 8.0, "")]  # fmt: skip
    data = pd.DataFrame(rows, columns=["iso3", "indicator", "value", "reason"])
    found = dr.crosswalk(fw, data)
    assert found.loc["KEN", "lacking"] == "y"
    assert found.loc["KEN", "kind"] == "too little observed"
    assert found.loc["GHA", "away"] == "y (outside_ids)"
    assert found.loc["GHA", "lacking"] == ""
    assert list(found["country"]) == sorted(found["country"])


@pytest.mark.parametrize("method", ["pearson", "spearman"])
def test_correlations_are_those_of_pandas_over_observed_cells(scores, method) -> None:
    found = dr.correlations(scores, level="indicator", method=method)
    assert np.allclose(np.diag(found), 1)
    assert np.allclose(found, found.T, equal_nan=True)
    a, b = "gci_2024", "import_partner_hhi"
    seen = (
        scores.normalised[[a, b]][~scores._focal]
        .mask(scores.imputed[[a, b]][~scores._focal])
        .dropna()
    )
    applies = scores.values.loc[seen.index, [a, b]].notna().all(axis=1)
    expected = seen[applies].corr(method=method).loc[a, b]
    assert found.loc[a, b] == pytest.approx(expected, abs=1e-12)


def test_correlations_need_three_countries_and_known_words(scores) -> None:
    two = dr.score(
        framework(group("a", indicator("x"), indicator("y"))), frame({"x": [1, 2], "y": [3, 9]})
    )
    with pytest.raises(dr.DataError, match="fewer than three"):
        dr.correlations(two)
    with pytest.raises(dr.UnknownNameError, match="method"):
        dr.correlations(scores, method="kendal")
    with pytest.raises(dr.UnknownNameError, match="unknown `level`"):
        dr.correlations(scores, level="pilar")


def test_citation_names_framework_data_and_library(scores) -> None:
    said = scores.citation()
    for part in (
        scores.framework.title, scores.framework.version, scores.framework.fingerprint,
        scores.data.fingerprint, "dsr-risk",
    ):  # fmt: skip
        assert part in said
    entry = dr.citation(scores, form="bibtex")
    assert entry.startswith("@misc{dsr")
    assert "author = {{The dsr-risk developers}}" in entry
    assert f"year = {{{scores.data.years[-1]}}}" in entry
    assert "CC BY 4.0" in scores.citation("sources")
    with pytest.raises(dr.UnknownNameError, match="did you mean `bibtex`"):
        scores.citation("bibtx")


def test_citation_in_bibtex_escapes_what_tex_reads() -> None:
    fw = framework(group("a", indicator("x")), title="A & B_{1} 50%")
    said = dr.citation(fw, frame({"x": [1, 2, 3]}), form="bibtex")
    assert r"A \& B\_\{1\} 50\%" in said


@pytest.mark.slow
@pytest.mark.parametrize("columns", [None, "details", ["security"]])
def test_json_table_fits_its_schema(scores, tmp_path, columns) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="needs jsonschema")
    path = dr.publish(scores, columns=columns).save(tmp_path / "t.json")
    said = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(table_schema())
    jsonschema.validate(said, table_schema())
    said["rows"][0]["country"] = 7
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(said, table_schema())


@pytest.mark.slow
def test_commands_print_crosswalk_correlations_and_citation() -> None:
    left = run("crosswalk")
    assert left.returncode == 0, left.stderr
    assert "too little observed" in left.stdout
    matrix = run("correlations", "--level", "score")
    assert matrix.stdout.splitlines()[0] == "node,dependency,security"
    assert "dsr-risk" in run("cite").stdout
    schema = json.loads(run("schema", "--of", "table").stdout)
    assert schema == table_schema()
