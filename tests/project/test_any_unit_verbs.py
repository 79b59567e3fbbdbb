"""Every verb works on units that are no countries, from Python and from the command line."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

import dsr_risk as dr

COLUMNS = ["debt", "reserves", "growth"]
OWN: dict[str, Any] = {
    "name": "own",
    "scores": [
        {
            "name": "risk",
            "children": [
                {
                    "name": "balance",
                    "children": [
                        {"name": "debt", "higher_is": "riskier"},
                        {"name": "reserves", "higher_is": "safer"},
                    ],
                },
                {"name": "growth", "higher_is": "safer"},
            ],
        }
    ],
    "factors": {
        "*.data": {"method": "standard_error", "relative": 0.1},
        "risk.weights": {"method": "spread", "share": 0.25},
    },
}


def firms() -> pd.DataFrame:
    values = np.random.default_rng(3).uniform(1, 100, (12, 3))
    frame = pd.DataFrame(values, columns=COLUMNS)
    frame.insert(0, "firm", [f"firm {number}" for number in range(12)])
    return frame


SOURCES: dict[str, Callable[[], dr.Scores]] = {
    "a column": lambda: dr.score(OWN, firms(), units="firm"),
    "an index": lambda: dr.score(OWN, firms().set_index("firm"), units="any"),
    "numbers": lambda: dr.score(OWN, firms()[COLUMNS], units="any"),
    "an array": lambda: dr.fit(OWN, firms(), units="any").score(firms()[COLUMNS].to_numpy()),
}


@cache
def scores_of(source: str) -> tuple[dr.Scores, dr.Uncertainty, dr.Sensitivity]:
    scores = SOURCES[source]()
    return scores, dr.uncertainty(scores, draws=64), dr.sensitivity(scores, n=16)


@pytest.fixture(params=SOURCES)
def results(request: pytest.FixtureRequest) -> tuple[dr.Scores, dr.Uncertainty, dr.Sensitivity]:
    return scores_of(request.param)


Results = tuple[dr.Scores, dr.Uncertainty, dr.Sensitivity]


WORDS = re.compile(r"(?i)\b(iso3|countr(y|ies))\b")
"""Words for countries; names of checks, classes and attributes are not whole words."""


def tables_of(results: Results) -> dict[str, pd.DataFrame]:
    """Return the tables of what verbs give, by verb."""
    scores, drawn, _ = results
    first, second = scores.values.index[:2]
    changed = dr.scenario(scores, {first: {"debt": "+10"}})
    compared = dr.compare(scores, changed.after)
    tables = {
        name: getattr(changed, name)() for name in ("attribution", "effects", "moved", "nothing")
    }
    tables |= {
        f"compare.{name}": getattr(compared, name)() for name in ("table", "movers", "moved")
    }
    tables |= {
        "score": scores.table("all", details=True),
        "scenario": changed.table(),
        "path": changed.path(1),
        "ranges": changed.ranges(draws=16),
        "worst": dr.stress_test(scores, [{str(second): {"debt": "+10"}}]).worst(),
        "uncertainty": drawn.table(),
        "robustness": dr.robustness(scores).table(),
        "first": dr.robustness(scores).top(3),
        "outranking": dr.outranking(scores).table(),
        "stakeholders": dr.stakeholders(scores, {"a": {"balance": 2}, "b": {"balance": 1}}).table(),
        "audit": dr.audit(scores).table(),
        "crosswalk": dr.crosswalk(scores),
        "publish": dr.publish(scores).records(),
        "best case": dr.best_case(scores),
        "left": compared.left,
    }
    return tables


def test_tables_of_any_unit_name_the_unit_once(results: Results) -> None:
    for verb, table in tables_of(results).items():
        names = [str(name) for name in (*table.index.names, *table.columns)]
        assert not [name for name in names if WORDS.search(name)], (verb, names)
        assert names.count("id") <= 1, verb
    for verb in ("attribution", "effects", "moved", "nothing", "scenario", "left", "publish"):
        table = tables_of(results)[verb]
        assert "id" in (*table.index.names, *table.columns), verb


def test_texts_of_any_unit_do_not_speak_of_countries(results: Results) -> None:
    scores, drawn, _ = results
    first = scores.values.index[0]
    shown = [
        scores,
        drawn,
        dr.robustness(scores),
        dr.outranking(scores),
        dr.audit(scores),
        dr.scenario(scores, {first: {"debt": "+10"}}),
        dr.profile(scores, first).text("markdown"),
        *(dr.publish(scores, language=language).text() for language in ("en", "fr", "pl")),
        " ".join(map(str, dr.audit(scores).table()["message"])),
        " ".join(scores.notes),
    ]
    for thing in shown:
        text = thing if isinstance(thing, str) else repr(thing)
        assert not re.findall(r"(?i)[^\n]*\b(?:countr(?:y|ies)|pays|kraj)\b[^\n]*", text)


def test_a_model_knows_what_its_units_are() -> None:
    model = dr.fit(OWN, firms(), units="firm")
    again = model.score(firms().head(3))
    assert again.values.index.tolist() == ["firm 0", "firm 1", "firm 2"]
    loaded = dr.Model.from_json(model.to_json()).score(firms().head(3))
    pd.testing.assert_frame_equal(loaded.table(), again.table())


@pytest.mark.slow
def test_files_of_any_unit_name_every_identifier(results: Results, tmp_path: Path) -> None:
    pytest.importorskip("openpyxl")
    scores, drawn, effects = results
    dr.workbook(scores, tmp_path / "book.xlsx")
    sheets = pd.read_excel(tmp_path / "book.xlsx", sheet_name=None, header=None, engine="openpyxl")
    texts = {str(cell) for sheet in sheets.values() for cell in sheet.to_numpy().ravel()}
    dr.report(scores, tmp_path / "page.html", uncertainty=drawn, sensitivity=effects)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    for unit in scores.values.index:
        assert str(unit) in texts
        assert str(unit) in page


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["html", "md", "docx"])
def test_a_profile_of_any_unit_has_its_scores(
    results: Results, ending: str, tmp_path: Path
) -> None:
    scores, drawn, _ = results
    first, second = scores.values.index[:2]
    page = dr.profile(scores, [first, second], uncertainty=drawn)
    assert page.countries == (str(first), str(second))
    assert page.save(tmp_path / f"page.{ending}").stat().st_size > 500
    assert f"{scores.values['risk'][first]:.1f}" in page.text("markdown")
    assert dr.profile(scores, first).countries == (str(first),)


def test_a_profile_of_a_number_that_no_unit_has_is_an_error() -> None:
    with pytest.raises(dr.UnknownNameError, match="no unit `99` in the data"):
        dr.profile(scores_of("numbers")[0], 99)


def test_comparing_any_units_with_themselves_finds_no_change(results: Results) -> None:
    table = dr.compare(results[0], results[0]).table()
    assert len(table) == 12
    assert (table.filter(like="change").select_dtypes("number") == 0).all(axis=None)


def test_a_comparison_of_any_units_is_shown_and_lists_who_left(results: Results) -> None:
    scores = results[0]
    first = scores.values.index[0]
    none = dict.fromkeys(scores.data.columns, np.nan)
    result = dr.compare(scores, scores.model.score(scores.data.replace({first: none})))
    assert list(result.left.columns) == ["score", "id", "value", "reason"]
    assert result.left["id"].tolist() == [first]
    assert list(result.entered.columns) == list(result.left.columns)
    assert "1 left" in repr(result)
    other = float(scores.data.values["debt"].mean())
    moved = dr.compare(scores, scores.model.score(scores.data.replace({first: {"debt": other}})))
    assert str(first) in repr(moved)
    assert str(first) in moved.to_markdown()


def test_analyses_of_any_unit_are_indexed_by_identifier(results: Results) -> None:
    scores, drawn, effects = results
    units = set(scores.values.index)
    assert set(drawn.table().index) == units
    assert set(dr.robustness(scores, spread=0.25).table().index) == units
    published = dr.publish(scores).to_markdown()
    assert all(str(unit) in published for unit in units)
    assert len(effects.table()) > 0
    assert len(dr.audit(scores).table()) > 0


def test_units_that_are_no_countries_have_no_map() -> None:
    with pytest.raises(dr.DataError, match="a world map needs countries"):
        dr.plots.world_map(scores_of("numbers")[0])


PICTURES: dict[str, Callable[[dr.Scores, dr.Uncertainty, dr.Sensitivity, Any], Any]] = {
    "scores": lambda s, u, e, unit: s.plot(),
    "uncertainty": lambda s, u, e, unit: u.plot(),
    "sensitivity": lambda s, u, e, unit: e.plot(),
    "robustness": lambda s, u, e, unit: dr.robustness(s, spread=0.25).plot(),
    "quadrant": lambda s, u, e, unit: dr.plots.quadrant(s, x="risk", y="risk"),
    "heat map": lambda s, u, e, unit: dr.plots.heat_map(s),
    "contributions": lambda s, u, e, unit: dr.plots.contributions(s),
    "acceptability": lambda s, u, e, unit: dr.plots.acceptability(u),
    "waterfall": lambda s, u, e, unit: dr.explain(s, unit).plot(),
    "tornado": lambda s, u, e, unit: dr.plots.tornado(dr.tornado(s, unit)),
    "fragility": lambda s, u, e, unit: dr.fragility(s, unit).plot(),
    "value of information": lambda s, u, e, unit: dr.value_of_information(s, unit, draws=32).plot(),
}


@pytest.mark.slow
@pytest.mark.parametrize("picture", PICTURES.values(), ids=PICTURES.keys())
def test_pictures_of_any_unit_are_drawn(
    results: Results, picture: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    mpl = pytest.importorskip("matplotlib")
    mpl.use("agg")
    axes = picture(*results, results[0].values.index[0])
    figure = axes.get_figure(root=True)
    figure.canvas.draw()
    assert axes.has_data()
    mpl.pyplot.close(figure)


COMMANDS: dict[str, list[str]] = {
    "workbook": ["score", "--workbook", "out.xlsx"],
    "report": ["report", "--draws", "64", "--out", "out.html"],
    "profile": ["profile", "UNIT", "--draws", "64", "--out", "out.html"],
    "robustness": ["robustness", "--out", "out.csv"],
    "uncertainty": ["uncertainty", "--draws", "64", "--out", "out.csv"],
    "sensitivity": ["sensitivity", "-n", "16", "--out", "out.csv"],
    "plot": ["score", "--plot", "out.svg"],
    "plot of draws": ["uncertainty", "--draws", "64", "--plot", "out.svg"],
}


@pytest.mark.slow
@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS.keys())
@pytest.mark.parametrize("numbered", [False, True], ids=["a column", "numbers"])
def test_commands_of_any_unit_write_their_file(
    words: list[str], numbered: bool, tmp_path: Path
) -> None:
    frame = firms()[COLUMNS] if numbered else firms()
    frame.to_csv(tmp_path / "firms.csv", index=False)
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(OWN), encoding="utf-8")
    words = [("3" if numbered else "firm 3") if word == "UNIT" else word for word in words]
    done = subprocess.run(
        [sys.executable, "-m", "dsr_risk", *words, "-f", "own.yaml", "-d", "firms.csv", "--units", "any"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (name,) = (word for word in words if word.startswith("out."))
    assert (tmp_path / name).stat().st_size > 100


BAD: dict[str, tuple[Callable[[], object], str]] = {
    "number of columns": (
        lambda: dr.fit(OWN, firms(), units="any").score(np.ones((4, 2))),
        "must have 3 columns, in this order: debt, reserves, growth",
    ),
    "names of columns": (
        lambda: dr.score(OWN, firms().rename(columns={"debt": "dept"}), units="any"),
        "did you mean `dept`",
    ),
    "a policy of NaN": (
        lambda: dr.fit(OWN, firms(), units="any").compile(missing="drop"),  # type: ignore[arg-type]
        "missing",
    ),
    "NaN refused": (
        lambda: dr.fit(OWN, firms(), units="any").compile(missing="raise")(np.full((1, 3), np.nan)),
        "row 0",
    ),
    "identifiers given twice": (
        lambda: dr.score(OWN, firms().assign(firm="same"), units="firm"),
        "1 identifier is given several times: 'same'",
    ),
    "an identifier that is a list": (
        lambda: dr.score(
            OWN, firms().assign(firm=pd.Series([["a"], *map(str, range(11))], dtype=object)), units="firm"
        ),
        "the identifier is a list, ['a']",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("call", "said"), BAD.values(), ids=BAD.keys())
def test_bad_input_of_any_unit_is_one_clear_error(call: Callable[[], object], said: str) -> None:
    with pytest.raises(dr.DsrRiskError) as raised:
        call()
    assert said in str(raised.value)
    assert len(getattr(raised.value, "problems", None) or [""]) == 1


def test_a_scorer_that_is_not_fitted_says_so() -> None:
    exceptions = pytest.importorskip("sklearn.exceptions")
    from dsr_risk.sklearn import RiskScorer

    with pytest.raises(exceptions.NotFittedError, match="not fitted"):
        RiskScorer(OWN).transform(firms()[COLUMNS])
