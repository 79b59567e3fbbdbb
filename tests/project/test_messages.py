"""One clear message: said once, where it is, and the way out."""

from __future__ import annotations

import random
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from tests.cli.test_commands import on_terminal
from tests.first_edition import first_data, first_framework, first_scores
from tests.helpers import framework, group, indicator, run

SMALL = {
    "name": "small",
    "scores": [
        {"name": "risk", "children": [{"name": "a", "higher_is": "riskier"}]},
        {
            "name": "other",
            "children": [{"name": "b", "higher_is": "safer"}, {"name": "c", "higher_is": "safer"}],
        },
    ],
}
PANEL = (
    "country,year,a,b,c\nKenya,2020,1,5,1\nKenya,2021,2,6,2\nFrance,2020,3,2,3\nFrance,2021,4,,4\n"
)


def lines(error: pytest.ExceptionInfo[dr.DsrRiskError]) -> tuple[str, ...]:
    return error.value.problems or (error.value.message,)


def test_a_framework_may_be_plain_data() -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 5.0], "c": [1.0, 0.0]}, index=["PAK", "KEN"])
    assert dr.score(SMALL, frame).values.loc["KEN", "risk"] == 100
    with pytest.raises(dr.FrameworkError, match="received int"):
        dr.load_framework(3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"focal": "China"},
            "ISO 3166 alpha-3 code such as CHN, or null for none, received 'China'",
        ),
        ({"scale": [100, 0]}, "the lower end must be below the upper, received 100, 0"),
        ({"bands.hihg": 3}, "no field `hihg`; did you mean `high`?"),
        ({"defaults.agregation": "geometric"}, "did you mean `aggregation`?"),
        ({"gci.normalisation.lwo": 3}, "did you mean `low`?"),
    ],
)
def test_a_change_that_cannot_be_is_one_problem(changes: dict[str, object], said: str) -> None:
    with pytest.raises((dr.FrameworkError, dr.UnknownNameError)) as error:
        first_framework().replace(changes)
    (line,) = lines(error)
    assert said in line


def test_a_headline_without_children_is_told_that_it_is_a_group() -> None:
    with pytest.raises(dr.FrameworkError, match="a headline score is a group"):
        dr.Framework(scores=[{"name": "risk"}])


def test_a_bad_preset_is_named() -> None:
    framework = dr.load_framework(SMALL | {"presets": {"odd": {"aa.weight": 3}}})
    with pytest.raises(dr.UnknownNameError, match="preset `odd`"):
        framework.preset("odd")


def test_a_column_of_words_is_left_out_and_reported() -> None:
    frame = pd.DataFrame({"country": ["PAK", "KEN", "FRA"], "a": [1, 2, 3], "who": list("xyz")})
    data = dr.as_data(frame)
    assert data.columns == ("a",)
    assert "columns not used: `who` (text such as 'x', 'y' and 1 more)" in str(data.reading)


def test_a_cell_of_words_among_numbers_is_located() -> None:
    frame = pd.DataFrame({"country": ["PAK", "KEN", "FRA"], "a": ["1", "x", "y"]})
    with pytest.raises(dr.DataError) as error:
        dr.as_data(frame)
    (line,) = lines(error)
    assert line.startswith("row 2 (KEN), column `a`: 'x' is not a number")
    assert "with the same problem: also " in line


@pytest.mark.parametrize(
    "shape", [{"a": [1, 2, 3]}, {"indicator": list("aaa"), "value": [1, 2, 3]}]
)
def test_a_year_that_is_none_is_said_once_for_its_row(shape: dict[str, list[object]]) -> None:
    frame = pd.DataFrame({"country": ["PAK", "KEN", "PAK"], "year": ["abc", 20211, 2020], **shape})
    with pytest.raises(dr.DataError) as error:
        dr.as_data(frame)
    first, second = lines(error)
    assert "'abc' is not a number" in first
    assert "year 20211 is not a year" in second


def test_a_country_known_only_later_than_the_edition_stays_as_missing() -> None:
    frame = pd.DataFrame(
        {
            "iso3": ["PAK", "KEN", "KEN"],
            "year": [2022, 2019, 2023],
            "indicator": "a",
            "value": [1, 2, 3.0],
        }
    )
    data = dr.as_data(frame, edition=2020)
    assert data.values["a"].to_dict() == pytest.approx({"PAK": np.nan, "KEN": 2.0}, nan_ok=True)
    assert set(data.conflicts["rule"]) == {"later than the edition 2020"}


def test_a_headline_without_any_of_its_columns_is_said_once() -> None:
    frame = pd.DataFrame({"iso3": ["PAK", "KEN"], "a": [1.0, 2.0]})
    with pytest.raises(dr.DataError) as error:
        dr.score(SMALL, frame)
    (line,) = lines(error)
    assert line.startswith("no indicator of `other` is there (b, c)")
    assert dr.score(dr.load_framework(SMALL).replace({"other": None}), frame).names == ("risk",)


def test_the_bundled_data_are_refused_in_one_line_by_a_framework_for_other_data() -> None:
    with pytest.raises(dr.DataError, match="scores data of your own.*cable_supplier_hhi") as error:
        dr.score("dsr-full")
    assert len(lines(error)) == 1


def test_a_missing_cell_has_no_source() -> None:
    frame = pd.DataFrame(
        {"a": [1.0, 2.0, 3.0], "b": [3.0, 5.0, 1.0], "c": [np.nan, 0.0, 2.0]},
        index=["PAK", "KEN", "FRA"],
    )
    table = dr.explain(dr.score(SMALL, frame), "PAK").table("other").set_index("node")
    assert table.loc["b", "source"] == "given table"
    assert table.loc["c", "source"] == ""


def test_a_mistyped_name_is_answered_with_names_and_a_mistyped_code_with_codes() -> None:
    with pytest.raises(dr.UnknownNameError) as error:
        first_data().cell("Kenia", "gci")
    assert "did you mean `Kenya`" in error.value.message
    assert "`KEN`" not in error.value.message


# ---- on the command line


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    dr.load_framework(SMALL).save(tmp_path / "small.yaml")
    factors = {"other.weights": {"method": "spread", "share": 0.5}}
    dr.load_framework(SMALL | {"factors": factors}).save(tmp_path / "drawn.yaml")
    (tmp_path / "panel.csv").write_text(PANEL)
    return tmp_path


@pytest.mark.slow
def test_a_folder_a_schema_and_a_table_are_not_what_was_asked_for(folder: Path) -> None:
    assert run("init", folder / "new").returncode == 0
    done = run("check", folder, folder / "new" / "framework.schema.json")
    assert done.returncode == 2
    assert "is a folder" in done.stderr
    assert "framework.schema.json: ok: the JSON schema of framework files" in done.stdout
    done = run("score", "--model", folder / "panel.csv")
    assert done.returncode == 2
    assert "not a model" in done.stderr


@pytest.mark.slow
def test_check_takes_a_saved_model_and_a_sheet(folder: Path) -> None:
    model, book = folder / "model.json", folder / "book.xlsx"
    asked = (
        "score",
        "-f",
        folder / "small.yaml",
        "-d",
        folder / "panel.csv",
        "--save-model",
        model,
    )
    assert run(*asked).returncode == 0
    done = run("check", folder / "panel.csv", "--model", model)
    assert "data of 4 units against `small`" in done.stdout
    pytest.importorskip("openpyxl")
    with pd.ExcelWriter(book) as writer:
        pd.read_csv(folder / "panel.csv").to_excel(writer, sheet_name="figures", index=False)
        pd.DataFrame({"x": ["notes"]}).to_excel(writer, sheet_name="notes", index=False)
    done = run("check", book, "-f", folder / "small.yaml", "--sheet", "figures")
    assert "data of 4 units" in done.stdout
    assert "name the one to read" in run("check", book, "-f", folder / "small.yaml").stderr


@pytest.mark.slow
def test_init_leaves_out_what_is_bundled_in_another_unit_and_says_so(tmp_path: Path) -> None:
    other = framework(
        group("risk", indicator("gdp_usd", plausible=[0, 100]), indicator("debt_service_exports")),
    )
    other.save(tmp_path / "other.yaml")
    done = run("init", tmp_path / "mine", "-f", tmp_path / "other.yaml")
    assert "left out: gdp_usd" in done.stderr
    cells = pd.read_csv(tmp_path / "mine" / "data.csv")
    assert set(cells["indicator"]) == {"debt_service_exports"}


@pytest.mark.slow
def test_init_names_the_indicators_without_bundled_data(tmp_path: Path) -> None:
    done = run("init", tmp_path / "full", "-f", "dsr-full")
    assert "have no bundled data" in done.stderr
    assert "cable_supplier_hhi" in done.stderr
    cells = pd.read_csv(tmp_path / "full" / "data.csv")
    assert {"surveillance_adoption", "debt_to_focal_gni"} <= set(cells["indicator"])


@pytest.mark.slow
def test_few_countries_without_a_score_are_named_with_the_reason() -> None:
    shown = "\n".join(on_terminal("score", "--country", "China", "--country", "Kenya"))
    assert "No dependency score for China: focal." in shown


@pytest.mark.slow
def test_draws_put_intervals_beside_every_headline_score_and_rank(folder: Path) -> None:
    asked = ("score", "-f", folder / "drawn.yaml", "-d", folder / "panel.csv", "--draws", 64)
    out = folder / "out.csv"
    assert run(*asked, "--year", 2021, "--out", out).returncode == 0
    table = pd.read_csv(out).set_index("iso3")
    assert {"risk_low", "risk_rank_high", "other_low", "other_band_probability"} <= set(table)
    kenya = table.loc["KEN"]
    assert kenya["other_low"] < kenya["other"] < kenya["other_high"]
    plain = run("score", "-f", folder / "drawn.yaml", "-d", folder / "panel.csv", "--year", 2021)
    assert f"KEN,Kenya,{kenya['risk']}" in plain.stdout  # the scale is that of all years
    shown = [part for line in on_terminal(*asked) for part in line.split("\r")]  # a progress bar
    assert all(len(line) <= 80 for line in shown)


@pytest.mark.slow
def test_a_saved_model_cannot_be_drawn_from(folder: Path) -> None:
    model = folder / "model.json"
    given = ("-d", folder / "panel.csv")
    assert run("score", "-f", folder / "small.yaml", *given, "--save-model", model).returncode == 0
    done = run("score", "--model", model, *given, "--draws", 8)
    assert done.returncode == 2
    assert "each draw refits the framework and needs data" in done.stderr


def test_missing_implausible_empty_and_constant_columns_and_the_focal_are_said_at_once() -> None:
    children = [indicator(name, normalisation="minmax") for name in ("a", "b", "c", "d", "e")]
    children[1]["plausible"] = [0, 1]
    mine = framework(group("risk", *children), focal="XXA")
    table = pd.DataFrame(
        {"iso3": ["PAK", "KEN", "LAO"], "b": [0.1, 60.0, 0.3], "c": None, "d": 4.0, "e": [1, 2, 3]}
    ).astype({"c": float})
    with pytest.raises(dr.DataError) as error:
        dr.score(mine, table)
    said = lines(error)
    wanted = (
        "`a` is missing",
        "`b` = 60",
        "'XXA', which is no country",
        "`c` is empty",
        "`d` is constant",
    )
    assert len(said) == len(wanted)
    for one, line in zip(wanted, said, strict=True):
        assert one in line


def test_a_node_called_like_a_column_of_the_table_is_refused() -> None:
    with pytest.raises(dr.FrameworkError) as error:
        framework(group("risk", indicator("coverage"), indicator("risk_rank"), indicator("gci")))
    first, second = lines(error)
    assert first.startswith("`coverage` is also the name of a column")
    assert second.startswith("`risk_rank` is also the name of a column")


def test_what_is_no_change_and_no_table_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(dr.UnknownNameError, match="expected a mapping such as"):
        first_framework().replace({None: 1})  # type: ignore[dict-item]
    with pytest.raises(dr.DataError, match="received Scores"):
        dr.write_table(first_scores(), tmp_path / "t.csv")  # type: ignore[arg-type]
    with pytest.raises(
        dr.DataError, match=r"`against` must be a text or \(a text, a whole number\)"
    ):
        dr.explain(first_scores(), "PAK", against=("KEN", 2019, 1))  # type: ignore[arg-type]


def test_the_year_of_a_row_is_the_year_of_its_cells() -> None:
    panel = pd.DataFrame(
        {"iso3": ["PAK", "PAK", "KEN", "KEN"], "year": [2020, 2021] * 2, "a": [1.0, 2.0, 3.0, 5.0]}
    )
    scores = dr.score(framework(group("risk", indicator("a"))), panel)
    assert scores.table(details=True).loc[("PAK", 2020), "data_years"] == "2020"
    rows = dr.explain(scores, "PAK", against="KEN").table()
    assert rows.loc[rows["node"] == "a", "year"].item() == 2021


def test_a_coverage_just_under_the_least_shows_the_digits_that_differ() -> None:
    mine = framework(group("risk", indicator("a", 0.599), indicator("b", 0.401), min_coverage=0.6))
    table = pd.DataFrame({"iso3": ["PAK", "KEN"], "a": [1.0, 2.0], "b": [None, 3.0]})
    assert dr.score(mine, table).reason.loc["PAK", "risk"] == "coverage 0.599 below 0.600"


def test_a_framework_nested_without_end_is_one_error() -> None:
    node: dict[str, object] = indicator("a")
    for depth in range(2000):
        node = group(f"g{depth}", node)
    with pytest.raises(dr.FrameworkError, match="nested more than 60 levels deep"):
        dr.load_framework({"name": "deep", "scores": [node]})


def test_a_framework_of_fifty_levels_scores() -> None:
    node = indicator("a", normalisation="minmax")
    for depth in range(50):
        node = group(f"g{depth}", node)
    frame = pd.DataFrame({"iso3": ["PAK", "KEN"], "a": [1.0, 2.0]})
    assert dr.score(framework(node), frame).values["g49"].tolist() == [0, 100]


def test_values_too_far_apart_for_arithmetic_are_one_error() -> None:
    frame = pd.DataFrame({"iso3": ["PAK", "KEN"], "a": [1e308, -1e308]})
    with pytest.raises(dr.DataError, match="use a larger unit"):
        dr.score(framework(group("risk", indicator("a", normalisation="minmax"))), frame)


def test_a_number_is_no_country_because_lists_differ() -> None:
    with pytest.raises(dr.DataError, match="another in other lists"):
        dr.as_data(pd.DataFrame({"country": [710, 404], "a": [1.0, 2.0]}))


def test_a_node_is_replaced_by_a_node_or_dropped() -> None:
    with pytest.raises(
        dr.UnknownNameError, match="expected a whole node, or null to drop it, received 3"
    ):
        first_framework().replace({"gci": 3})
    assert "gci" not in [node.name for node in first_framework().replace({"gci": "none"}).nodes]


def test_frameworks_and_groups_are_shown_short_and_as_a_table() -> None:
    shipped = first_framework()
    assert len(repr(shipped["security"])) < 200
    page = shipped._repr_html_()
    assert all(node.name in page for node in shipped.nodes)


def test_a_share_where_a_percent_is_meant_is_noted() -> None:
    mine = framework(
        group("risk", indicator("a", unit="0-100"), indicator("b", unit="per million"))
    )
    codes = ["PAK", "KEN", "LAO", "ZMB", "FRA", "PER"]
    low = pd.DataFrame(
        {"iso3": codes, "a": [0.1, 0.2, 0.5, 0.9, 1, 0], "b": [0.1, 0.2, 0.3, 0, 0, 1]}
    )
    assert [note for note in dr.score(mine, low).notes if "percent is meant" in note][0].startswith(
        "`a`"
    )
    high = low.assign(a=low["a"] * 100)
    assert not [note for note in dr.score(mine, high).notes if "percent is meant" in note]


WORDS = ("x", "1,2,3", "#REF!", "1e400", "-999", "12..3", "1/2", "<3", "5 %", "1.234,5")
PLACES = (
    "Kenya",
    "Togo",
    "Mali",
    "Peru",
    "Nepal",
    "Narnia",
    "World",
    "USSR",
    "",
    "Knya",
    "Former Sudan",
)


@pytest.mark.parametrize("seed", range(20))
def test_a_file_of_many_faults_is_at_most_40_lines_of_one_cause_each(
    seed: int, tmp_path: Path
) -> None:
    rng = random.Random(seed)  # noqa: S311 - faults, not secrets
    rows = [["country", rng.choice("aA"), rng.choice(["b", "bb"]), "c"]]
    for _ in range(60):
        cells = [
            rng.choice(WORDS) if rng.random() < 0.3 else str(rng.randrange(90)) for _ in range(3)
        ]
        rows.append([rng.choice(PLACES), *cells, *["more"] * (rng.random() < 0.08)])
    path = tmp_path / "mine.csv"
    path.write_text("\n".join(",;\t"[seed % 3].join(row) for row in rows))
    with pytest.raises(dr.DataError) as error:
        dr.score(framework(group("risk", *map(indicator, "abc"))), path)
    said = str(error.value).splitlines()
    assert 10 < len(said) <= 40
    assert len(set(said)) == len(said)
    assert max(map(len, said)) < 300
    plain = [
        re.sub(r"\b(rows?|[A-Z]{3}|\d+)\b", "", line) for line in said if "is infinite" in line
    ]
    assert len(plain) <= 3  # one a column


def test_values_of_one_cause_share_a_line_with_their_count() -> None:
    """Values outside a range and outside codes: one line a cause, the first value and the first others."""
    tree = framework(
        group(
            "s",
            indicator("a", plausible=[0, 1], unit="share"),
            indicator("b", ordinal=[0, 1, 2]),
        )
    )
    codes = [str(code) for code in first_data().iso3[:20]]
    table = pd.DataFrame({"a": 0.5, "b": 1.0}, index=pd.Index(codes, name="iso3"))
    table.loc[codes[2:15], "a"] = 40.0
    table.loc[codes[15], "a"] = -3.0
    table.loc[codes[4:6], "b"] = 1.5
    with pytest.raises(dr.DataError) as caught:
        dr.score(tree, table)
    first, second, third = str(caught.value).splitlines()[1:]
    assert first.startswith(
        f"  - {codes[2]}, `a` = 40: outside the plausible range 0 to 1 (share);"
    )
    assert f"(13 values with the same problem: also {codes[3]} (40)," in first
    assert first.endswith("and 2 more)")
    assert second.startswith(f"  - {codes[15]}, `a` = -3: outside the plausible range")
    assert third == (
        f"  - {codes[4]}, `b` = 1.5: not one of its codes 0, 1, 2 "
        f"(2 values with the same problem: also {codes[5]} (1.5))"
    )
