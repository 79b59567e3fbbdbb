"""Units that are no countries: regions, firms, rows of an array."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

import dsr_risk as dr
from tests.helpers import run

OWN = {
    "name": "own",
    "scores": [
        {
            "name": "risk",
            "children": [
                {"name": "debt", "higher_is": "riskier"},
                {
                    "name": "cover",
                    "children": [
                        {"name": "reserves", "higher_is": "safer", "weight": 2},
                        {"name": "growth", "higher_is": "safer"},
                    ],
                },
            ],
        }
    ],
    "factors": {"*.weights": {"method": "spread", "share": 0.25}},
}
COLUMNS = ["debt", "reserves", "growth"]
CODES = ["BRA", "DEU", "FRA", "IND", "KEN", "PAK", "VNM", "ZAF"]


def table(ids: Sequence[object], name: str = "firm") -> pd.DataFrame:
    values = np.random.default_rng(3).uniform(0, 100, (len(ids), 3))
    frame = pd.DataFrame(values, columns=COLUMNS)
    frame.insert(0, name, pd.Series(list(ids), dtype=object))
    return frame


@pytest.fixture(scope="module")
def both() -> tuple[dr.Scores, dr.Scores]:
    """The same numbers as countries and as firms."""
    firms = [f"firm {number}" for number in range(len(CODES))]
    return (
        dr.score(OWN, table(CODES, "iso3")),
        dr.score(OWN, table(firms), units="any"),
    )


def test_comparison_and_stress_test_of_any_unit_print_as_those_of_countries(
    both: tuple[dr.Scores, dr.Scores],
) -> None:
    for scores, unit, code in zip(both, ("KEN", "firm 4"), ("iso3", "id"), strict=True):
        after = dr.score(scores.framework.replace({"cover.weight": 3}), scores.data)
        heading = repr(dr.compare(scores, after)).splitlines()[2]
        named = ["country"] if code == "iso3" else []
        assert heading.split()[:4] == ["score", code, *named, "before", "after"][:4]
        stressed = dr.stress_test(scores, [{unit: {"debt": "+10"}}])
        assert stressed.worst().index.tolist() == [unit]
        assert stressed.matrix()[unit].iloc[0] > 0


def test_score_of_any_unit_equals_that_of_countries(both: tuple[dr.Scores, dr.Scores]) -> None:
    countries, firms = both
    assert list(firms.values.index) == [f"firm {number}" for number in range(len(CODES))]
    assert firms.values.index.name == "id"
    np.testing.assert_array_equal(firms.values.to_numpy(), countries.values.to_numpy())
    assert list(firms.table()["risk"]) == list(countries.table()["risk"])
    assert set(firms.table().index) == set(firms.values.index)
    assert firms.table().columns.tolist() == countries.table().columns.drop("country").tolist()


@pytest.mark.slow
def test_verbs_of_any_unit_equal_those_of_countries(both: tuple[dr.Scores, dr.Scores]) -> None:
    found = []
    for scores, unit, other in zip(both, ("BRA", "firm 0"), ("DEU", "firm 1"), strict=True):
        above = scores.values["risk"]
        pair = (unit, other) if above[unit] > above[other] else (other, unit)
        u = dr.uncertainty(scores, draws=64)
        found.append(
            [
                dr.explain(scores, unit, against=other).contributions("risk").to_numpy(),
                u.table().select_dtypes("number").to_numpy(float),
                u.riskier().to_numpy(),
                dr.sensitivity(scores, n=16).table().to_numpy(),
                dr.robustness(scores).table().select_dtypes("number").to_numpy(float),
                dr.robustness(scores).dominance.to_numpy(),
                dr.outranking(scores).table().select_dtypes("number").to_numpy(float),
                dr.elasticities(scores, unit).select_dtypes("number").to_numpy(),
                dr.reversal(scores, *pair).table().select_dtypes("number").to_numpy(float),
                dr.pathway(scores, unit, target=above[unit] - 1).table()["after"].to_numpy(),
                dr.scenario(scores, {unit: {"debt": "+5"}}).table()["change"].to_numpy(float),
                dr.value_of_information(scores, unit, draws=64).table()["share"].to_numpy(),
                dr.best_case(scores).to_numpy(float),
                dr.leave_one_out(scores).select_dtypes("number").to_numpy(float),
            ]
        )
    for number, (country, firm) in enumerate(zip(*found, strict=True)):
        np.testing.assert_allclose(firm, country, rtol=1e-12, atol=1e-12, err_msg=str(number))


@pytest.mark.slow
def test_pages_of_any_unit_name_the_identifiers(
    both: tuple[dr.Scores, dr.Scores], tmp_path: object
) -> None:
    firms = both[1]
    assert "firm 3" in dr.publish(firms).to_markdown()
    page = dr.report(firms, f"{tmp_path}/report.html")
    assert "firm 3" in page.read_text(encoding="utf-8")
    book = dr.write_table(firms.table(), f"{tmp_path}/scores.csv")
    written = pd.read_csv(book, index_col="id", dtype=str)["risk"].map(float)
    assert written.to_dict() == firms.values["risk"].to_dict()


def test_identifiers_that_look_like_countries_stay_identifiers() -> None:
    scores = dr.score({**OWN, "focal": "CHN"}, table(["CHN", "PAK", "Africa"]), units="any")
    assert set(scores.table().index) == {"CHN", "PAK", "Africa"}
    assert scores.values["risk"].notna().all()
    done = dr.scenario(scores, {"Africa": {"debt": "+1"}})
    assert done.table().index.tolist() == ["Africa"]


@pytest.mark.parametrize(
    ("frame", "ids"),
    [
        (table(["b", "a"]).set_index("firm"), ["b", "a"]),
        (table(["b", "a"]).set_index("firm").rename_axis(None), ["b", "a"]),
        (table([7, 3], "id"), [7, 3]),
        (table([7.0, 3.0], "id"), [7, 3]),
        (table(["x", "y"])[COLUMNS], [0, 1]),
        (table(["x", "y", "z"]).iloc[1:], ["y", "z"]),
        (table(["007", "010"], "code"), ["007", "010"]),
    ],
)
def test_as_data_finds_the_identifiers(frame: pd.DataFrame, ids: list[object]) -> None:
    data = dr.as_data(frame, units="any")
    assert list(data.units) == ids
    assert data.columns == tuple(COLUMNS)
    assert dr.as_data(data.to_long()) == data


def test_a_panel_of_any_unit_is_a_panel() -> None:
    frame = pd.concat([table(["a", "b"]).assign(year=year) for year in (2019, 2020)])
    data = dr.as_data(frame, units="any")
    assert data.is_panel
    assert data.units.names == ["id", "year"]
    scores = dr.score(OWN, data)
    assert scores.select(year=2020).values.index.tolist() == ["a", "b"]
    wide = dr.as_data(
        pd.DataFrame({"firm": ["a"], "debt 2019": [1.0], "debt 2020": [2.0]}), units="firm"
    )
    assert wide.values["debt"].tolist() == [1.0, 2.0]


def test_update_lays_units_over_units() -> None:
    data = dr.as_data(table(["a", "b"]), units="any")
    over = data.update(pd.DataFrame({"firm": ["b", "c"], "debt": [1.5, 2.5]}))
    assert over.values["debt"].loc[["b", "c"]].tolist() == [1.5, 2.5]
    assert over.kind == "any"


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (["a", "a", "b", "b", "c"], "2 identifiers are given several times: 'a' (rows 1, 2)"),
        ([["a", "b"], "c"], "row 1, column `firm`: the identifier is a list, ['a', 'b']"),
        ([("a", 1), "c"], "the identifier is a tuple, ('a', 1)"),
        ([None, "c"], "row 1, column `firm`: the identifier is empty"),
        (["a", " "], "row 2, column `firm`: the identifier is empty"),
        ([1.5, 2.0], "the identifier is a fraction, 1.5"),
        ([True, "a"], "the identifier is a truth value, True"),
    ],
)
def test_as_data_bad_identifiers(ids: list[object], said: str) -> None:
    with pytest.raises(dr.DataError) as raised:
        dr.as_data(table(ids), units="firm")
    assert said in str(raised.value)
    assert len(raised.value.problems) == 1


def test_units_unknown_column() -> None:
    with pytest.raises(dr.DataError, match="no column `frm` of identifiers .* did you mean `firm`"):
        dr.score(OWN, table(["a", "b"]), units="frm")
    with pytest.raises(dr.DataError, match="`units` must be 'country', 'any' or the column"):
        dr.score(OWN, table(["a", "b"]), units="")
    scores = dr.score(OWN, table(["alpha", "beta"]), units="any")
    with pytest.raises(
        dr.UnknownNameError, match="no unit `alpa` in the data; did you mean `alpha`"
    ):
        dr.explain(scores, "alpa")


def test_model_score_of_an_array_equals_that_of_a_frame() -> None:
    frame = table(list("abcdefgh"))
    model = dr.fit(OWN, frame, units="any")
    assert model.columns == tuple(COLUMNS)
    x = frame[COLUMNS].to_numpy(copy=True)
    x[2, 1] = np.nan
    array = model.score(x)
    named = model.score(frame.assign(reserves=x[:, 1]))
    assert list(array.values.index) == list(range(8))
    np.testing.assert_array_equal(array.values.to_numpy(), named.values.to_numpy())
    np.testing.assert_array_equal(model.score(x[3]).values.to_numpy(), named.values.to_numpy()[[3]])
    assert array.table().index.tolist()[0] == int(named.values["risk"].to_numpy().argmax())
    assert dr.explain(array, 3).contributions("risk").sum() == pytest.approx(
        dr.explain(named, "d").contributions("risk").sum()
    )


@pytest.mark.slow
def test_score_of_an_array_of_the_bundled_model_equals_that_of_the_data() -> None:
    model, data = dr.fit(), dr.load_data()
    x = data.values[list(model.columns)].to_numpy()
    inputs = x[:, : len(model.framework.inputs)]
    complete = ~np.isnan(inputs).any(axis=1) & (data.iso3 != "CHN")
    got = model.score(x[complete]).values.to_numpy()
    expected = model.score(data).values.to_numpy()[complete]
    assert complete.sum() > 10
    np.testing.assert_allclose(got, expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (
            np.ones((4, 2)),
            r"must have 3 columns, in this order: debt, reserves, growth; received shape \(4, 2\)",
        ),
        (np.ones((2, 4, 3)), r"received shape \(2, 4, 3\)"),
        (np.array([["a", "b", "c"]]), "must hold numbers, received dtype"),
        (np.array([[1.0, np.inf, 2.0]]), "row 0, column `reserves`: inf is not finite"),
    ],
)
def test_model_score_bad_array(array: np.ndarray, said: str) -> None:
    model = dr.fit(OWN, table(list("abcdefgh")), units="any")
    with pytest.raises(dr.DataError, match=said):
        model.score(array)


def test_a_saved_model_knows_its_units(tmp_path: object) -> None:
    frame = table(list("abcdefgh"))
    model = dr.fit(OWN, frame, units="firm")
    again = dr.Model.load(model.save(f"{tmp_path}/model.json"))
    np.testing.assert_array_equal(
        again.score(frame).values.to_numpy(), model.score(frame).values.to_numpy()
    )
    assert json.loads(model.to_json())["framework"]["units"] == "firm"


def test_units_do_not_change_the_fingerprint_of_other_frameworks() -> None:
    assert "units" not in dr.load_framework().to_dict()
    fw = dr.load_framework(OWN)
    assert fw.replace({"units": "any"}).fingerprint != fw.fingerprint


@pytest.mark.slow
def test_units_on_the_command_line_and_in_the_framework(tmp_path: object) -> None:
    data, own = f"{tmp_path}/firms.csv", f"{tmp_path}/own.yaml"
    frame = table([f"firm {number}" for number in range(8)])
    frame.to_csv(data, index=False)
    Path(own).write_text(yaml.safe_dump(OWN), encoding="utf-8")
    expected = dr.score(OWN, frame, units="any").values["risk"]
    done = run("score", "-f", own, "-d", data, "--units", "any", "--format", "json")
    assert done.returncode == 0, done.stderr
    rows = {row["id"]: row["risk"] for row in json.loads(done.stdout)["rows"]}
    assert rows == pytest.approx(expected.to_dict())
    Path(own).write_text(yaml.safe_dump({**OWN, "units": "firm"}), encoding="utf-8")
    done = run("explain", "firm 3", "-f", own, "-d", data, "--format", "table")
    assert done.returncode == 0, done.stderr
    assert "firm 3" in done.stdout
    done = run("uncertainty", "-f", own, "-d", data, "--draws", "32", "--format", "csv")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("id,risk,")
    frame.assign(firm="same").to_csv(data, index=False)
    done = run("score", "-f", own, "-d", data)
    assert done.returncode == 2
    assert "1 identifier is given several times: 'same' (rows 2, 3, 4" in done.stderr


def test_tables_of_other_libraries_are_refused_with_the_way_out() -> None:
    polars = pytest.importorskip("polars")
    with pytest.raises(
        dr.DataError, match=r"received polars DataFrame; give `\.to_pandas\(\)` of it"
    ):
        dr.as_data(polars.DataFrame({"id": ["a"], "debt": [1.0]}), units="any")


def test_a_column_of_a_derived_indicator_is_said_to_be_computed() -> None:
    fw = {
        "name": "own",
        "units": "any",
        "scores": [
            {
                "name": "risk",
                "children": [
                    {"name": "a", "higher_is": "riskier"},
                    {
                        "name": "both",
                        "higher_is": "riskier",
                        "derived": {"method": "sum", "of": ["a", "b"]},
                    },
                ],
            }
        ],
        "context": [{"name": "b", "higher_is": "riskier"}],
    }
    table = pd.DataFrame({"a": [1.0, 2], "b": [3.0, 5], "both": [0.0, 0], "c": 1})
    assert dr.score(fw, table).notes == (
        "not in the framework, not used: c",
        "`derived` from other columns, values given are not used: both",
    )
