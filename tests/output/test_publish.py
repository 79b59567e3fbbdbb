"""Tables to publish: the same title, notes, marks and sources in every format."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import dsr_risk as dr
from dsr_risk.data.names import folded
from tests.helpers import frame, framework, group, indicator, run


@pytest.fixture(scope="module")
def scores(bundled):
    return bundled


@pytest.fixture(scope="module")
def table(scores):
    return dr.publish(scores)


def test_publish_default_has_country_scores_ranks_bands_and_grade(scores, table) -> None:
    found = table.frame()
    assert list(found.columns) == [
        "country", *(f"{n}{part}" for n in scores.names for part in ("", "_rank", "_band")), "grade",
    ]  # fmt: skip
    first = scores.names[0]
    assert found[first].dropna().is_monotonic_decreasing
    assert found[first].equals(scores.values.loc[found.index, first])


def test_publish_lists_every_country_ranked_or_with_its_reason(scores, table) -> None:
    assert len(table.frame()) + len(table.not_scored) == len(scores.data)
    names = [name for name, _ in table.not_scored]
    assert names == sorted(names)
    assert all(why for _, why in table.not_scored)


@pytest.mark.slow
@pytest.mark.parametrize(
    "suffix", [".txt", ".md", ".html", ".tex", ".json", ".csv", ".parquet", ".docx", ".xlsx"]
)
def test_every_format_holds_title_notes_and_sources(table, tmp_path, suffix) -> None:
    path = table.save(tmp_path / f"t{suffix}")
    if suffix == ".docx":
        docx = pytest.importorskip("docx", reason="needs the extra `tables`")
        page = docx.Document(str(path))
        text = "\n".join(one.text for one in page.paragraphs)
        assert len(page.tables[0].rows) == 1 + len(table.frame())
    elif suffix == ".xlsx":
        openpyxl = pytest.importorskip("openpyxl", reason="needs the extra `excel`")
        sheet = openpyxl.load_workbook(path).active
        text = "\n".join(str(row[0].value) for row in sheet.iter_rows() if row[0].value)
        assert sheet.freeze_panes == "B4"
        assert sheet["B4"].number_format == "0.0"
        assert sheet["B4"].value == table.frame().iloc[0, 1]
    elif suffix in (".csv", ".parquet"):
        text = (tmp_path / f"t{suffix}.manifest.json").read_text(encoding="utf-8")
        again = pd.read_csv(path, index_col=0) if suffix == ".csv" else pd.read_parquet(path)
        assert list(again.index[: len(table.frame())]) == list(table.frame().index)
        assert len(again) == len(table.frame()) + len(table.not_scored)
    else:
        text = path.read_text(encoding="utf-8")
    flat = " ".join(text.split())
    if suffix in (".tex", ".html", ".md"):
        assert table.title.split(":")[0] in flat
        return
    for part in (table.title, table.notes[0], table.sources[0]):
        assert part in flat


@pytest.mark.slow
def test_the_same_scores_are_in_every_text_format(table) -> None:
    score = table.rows()[0][1]
    for form in ("plain", "markdown", "html", "latex"):
        assert score in table.text(form)


def test_plain_text_fits_the_terminal(table) -> None:
    for width in (80, 120):
        assert max(len(line) for line in table.text(width=width).splitlines()) <= width


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "heading"), [("en", "Country"), ("fr", "Pays"), ("pl", "Kraj")]
)
def test_publish_language_and_decimal_comma(scores, language, heading) -> None:
    found = dr.publish(scores, language=language, top=3)
    assert found.headings["country"] == heading
    assert "," in found.rows(decimal=",")[0][1]


@pytest.mark.slow
def test_publish_bad_arguments_raise_one_clear_error(scores, tmp_path) -> None:
    with pytest.raises(dr.UnknownNameError, match="unknown `language` 'de'"):
        dr.publish(scores, language="de")
    with pytest.raises(dr.UnknownNameError, match="unknown region `Afrika`; did you mean `Africa`"):
        dr.publish(scores, region="Afrika")
    with pytest.raises(dr.UnknownNameError, match="unknown column `gade`; did you mean `grade`"):
        dr.publish(scores, columns=["gade"])
    with pytest.raises(dr.DataError, match="no format of tables"):
        dr.publish(scores, top=1).save(tmp_path / "t.doc")
    with pytest.raises(dr.DataError, match="no folder"):
        dr.publish(scores, top=1).save(tmp_path / "none" / "t.md")


def test_publish_region_keeps_ranks_among_all(scores) -> None:
    found = dr.publish(scores, region="Africa", sort=scores.names[-1]).frame()
    name = scores.names[-1]
    assert (found[f"{name}_rank"].dropna() == scores.rank.loc[found.index, name].dropna()).all()


@pytest.mark.slow
def test_a_table_of_a_selection_says_so(scores, table) -> None:
    said = "A selection: {} of 234 rows; a rank is that among all that were scored."
    count = len(scores.select(region="Africa").data)
    assert said.format(count) in dr.publish(scores, region="Africa").notes
    assert said.format(2) in dr.publish(scores.select(countries=["KEN", "PAK"])).notes
    assert not any(note.startswith("A selection") for note in table.notes)


def test_a_headline_without_any_score_does_not_order_the_table(bundled: dr.Scores) -> None:
    scores = dr.score(bundled.framework.replace({"focal": "USA"}), bundled.data)
    frame = dr.publish(scores, top=3).frame()
    assert frame["dependency"].isna().all()
    assert frame["security_rank"].tolist() == [1, 2, 3]


def test_hostile_title_is_text_in_every_format(tmp_path) -> None:
    fw = framework(
        group("risk", indicator("a"), indicator("b")), title="=1+1 <script>alert(1)</script> & |x|"
    )
    found = dr.publish(dr.score(fw, frame({"a": [1, 2], "b": [3, 4]})))
    assert "<script>" not in found.text("html")
    assert "<script>" not in found.text("markdown")
    assert r"\&" in found.text("latex")
    openpyxl = pytest.importorskip("openpyxl", reason="needs the extra `excel`")
    cell = openpyxl.load_workbook(found.save(tmp_path / "t.xlsx")).active["A1"]
    assert cell.data_type == "s"


@pytest.mark.slow
def test_publish_command_writes_and_prints(tmp_path) -> None:
    done = run("publish", "--top", 3, "--language", "fr", "--out", tmp_path / "t.json")
    assert done.returncode == 0, done.stderr
    said = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))
    assert len(said["rows"]) == 3
    assert said["headings"]["country"] == "Pays"
    assert run("publish", "--out", tmp_path / "t.odt").returncode == 2


def test_text_that_a_spreadsheet_would_run_stays_text(tmp_path: Path) -> None:
    names = ["=1+1", "+cmd", "-cmd", "@SUM(A1)", "\uff1d1+1", "plain"]
    frame = pd.DataFrame({"id": names, "a": range(6), "b": [3, 1, 2, 6, 5, 4]})
    children = [{"name": name, "higher_is": "riskier"} for name in "ab"]
    fw = {
        "name": "t",
        "units": "any",
        "scores": [{"name": "risk", "label": "=1+2", "children": children}],
    }
    table = dr.publish(dr.score(fw, frame))
    table.save(tmp_path / "t.csv")
    first = [line.split(",")[0] for line in (tmp_path / "t.csv").read_text("utf-8").splitlines()]
    assert set(first[1:]) == {"plain", *(f"'{name}" for name in names[:5])}
    openpyxl = pytest.importorskip("openpyxl")
    table.save(tmp_path / "t.xlsx")
    book = openpyxl.load_workbook(tmp_path / "t.xlsx")
    assert not [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]


@pytest.mark.slow
def test_a_manifest_that_cannot_be_written_leaves_the_table_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("old")
    (tmp_path / "t.csv.manifest.json").mkdir()
    with pytest.raises(dr.DataError):
        dr.publish(dr.score()).save(tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == "old"


def test_latex_of_hostile_text_has_only_known_commands_and_whole_rows() -> None:
    hostile = r"[2pt] \input{/etc/passwd} $x_1^2$ 100 % #1 ~ a & b } {"
    fw = framework(group("risk", indicator("a"), indicator("b")), title=hostile)
    table = dr.publish(dr.score(fw, frame({"a": [1, 2], "b": [3, 4]})))
    text = table.text("latex")
    plain = re.sub(r"\\[\\&%$#_{}]", "", text)
    commands = set(re.findall(r"\\([a-z]+)", plain))
    assert commands <= {
        "begin", "end", "caption", "toprule", "midrule", "bottomrule", "endhead", "textbf",
        "footnotesize", "textbackslash", "textasciitilde", "textasciicircum", "star", "diamond",
        "scriptsize", "hspace", "setlength", "tabcolsep", "raggedleft", "raggedright", "arraybackslash",
        "dimexpr", "linewidth", "relax", "large", "textless", "textgreater",
    }  # fmt: skip
    assert plain.count("{") == plain.count("}")
    assert not re.search(r"[#_^~]|(?<!\\)\$(?!\\(star|diamond)\$)(?<!star\$)(?<!diamond\$)", plain)
    assert not re.search(r"\\\\\s*\[", text)  # an optional argument of the line break
    body = text.split("\\endhead\n")[1].split("\\bottomrule")[0].strip().splitlines()
    assert len(body) == len(table.frame())
    for row in body:
        assert len(re.findall(r"(?<!\\)&", row)) == len(table.headings) - 1


def test_latex_columns_fill_the_line_and_no_more(bundled: dr.Scores) -> None:
    text = dr.publish(bundled, top=3).text("latex")
    shares = [float(one) for one in re.findall(r"dimexpr([0-9.]+)", text)]
    assert len(shares) == 8
    assert 0.95 < sum(shares) <= 1.002


@pytest.mark.slow
def test_publish_of_a_region_has_the_manifest_of_all_scores(bundled: dr.Scores) -> None:
    some = dr.publish(bundled, region="Oceania")
    assert some.manifest()["manifest"]["data"] == dr.publish(bundled).manifest()["manifest"]["data"]
    assert len(some.frame()) < 20


# -- one table of words, the same parts in every format ---------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("language", ["fr", "pl"])
def test_publish_translates_bands_titles_regions_and_reasons(bundled: dr.Scores, language) -> None:
    table = dr.publish(bundled, language=language, columns="details")
    text = table.text("plain", width=200)
    head = text.split("Framework dsr")[0]
    for word in (
        "elevated",
        "Dependency on China",
        "Lower middle income",
        "too little",
        "coverage",
    ):
        assert word not in head, word
    assert table.word("elevated") in text
    assert table.word("Security") != "Security"


@pytest.mark.slow
@pytest.mark.parametrize(("language", "name"), [("fr", "Comores"), ("pl", "Komory")])
def test_publish_translates_names_of_countries(bundled: dr.Scores, language, name) -> None:
    from dsr_risk.output.wording import country_names

    table = dr.publish(bundled, language=language, region="Africa")
    assert table.rows()[0][0] == name
    assert table.frame()["country"].iloc[0] == "Comoros"
    assert set(country_names(language)) >= {str(one) for one in bundled.data.unit_names}
    left = [name for name, _ in dr.publish(bundled, language=language).not_scored]
    assert len(left) > 20
    # Letters with accents are beside their plain forms.
    assert left == sorted(left, key=lambda name: (folded(name).replace("ł", "l"), name))
    assert left != [name for name, _ in dr.publish(bundled).not_scored]


def test_names_of_other_units_than_countries_stay() -> None:
    index = pd.Index(["Jordan", "Georgia", "Chad"], name="firm")
    table = pd.DataFrame({"a": [1, 2, 3], "b": [3, 4, 9]}, index)
    fw = framework(group("risk", indicator("a"), indicator("b")))
    scores = dr.score(fw, table, units="any")
    shown = dr.publish(scores, language="fr")
    assert {row[0] for row in shown.rows()} == {"Jordan", "Georgia", "Chad"}


@pytest.mark.slow
def test_publish_command_prints_every_form() -> None:
    out = {}
    for form in ("table", "csv", "tsv", "json", "markdown", "html", "latex"):
        done = run("publish", "--top", 2, "--format", form)
        assert done.returncode == 0, done.stderr
        out[form] = done.stdout
    assert "Comoros" in out["table"]
    assert "| Comoros | 72.3 |" in out["markdown"]
    assert len(json.loads(out["json"])["rows"]) == 2
    assert "\\begin{longtable}" in out["latex"]
    assert "<table" in out["html"]


def test_french_has_its_space_before_the_colon_and_names_in_their_order(bundled) -> None:
    table = dr.publish(bundled, language="fr", sort="country")
    assert table.headings["security_rank"] == "Sécurité\u00a0: rang"
    assert table.sources_line().startswith("Sources\u00a0: ")
    assert "Samoa américaines\u00a0: aucun indicateur" in table.text("plain")
    left = [name for name, _ in table.not_scored]
    assert left.index("Dominique") < left.index("Île Christmas") < left.index("Tokelau")
    ranked = table.frame()["country"].tolist()
    assert ranked.index("South Africa") < ranked.index("Germany") < ranked.index("Zambia")


@pytest.mark.slow
@pytest.mark.parametrize(("form", "suffix"), [("markdown", "md"), ("html", "html")])
def test_score_and_publish_give_readers_the_same_table(form, suffix, tmp_path) -> None:
    if form == "html":
        pytest.importorskip("great_tables", reason="needs the extra `tables`")
    wanted = run("publish", "--format", form).stdout
    assert run("score", "--format", form).stdout == wanted
    target = tmp_path / f"t.{suffix}"
    assert run("score", "--out", target).returncode == 0
    assert target.read_text(encoding="utf-8") == wanted
    facts = json.loads((tmp_path / f"t.{suffix}.manifest.json").read_text(encoding="utf-8"))
    assert facts["framework"]["name"] == "dsr"


@pytest.mark.slow
@pytest.mark.parametrize("options", [("--level", "pillar"), ("--details",), ("--country", "TWN")])
@pytest.mark.parametrize("form", ["markdown", "html"])
def test_other_tables_of_scores_have_title_notes_and_sources_in_formats_that_are_read(
    options, form
) -> None:
    text = run("score", *options, "--format", form).stdout
    for said in (
        "Digital Silk Road",
        "higher is more risk",
        "Focal state: China",
        "Sources: AI and",
    ):
        assert said in text


@pytest.mark.slow
def test_a_mapping_translates_words_and_texts_of_the_framework(bundled: dr.Scores) -> None:
    german = {"country": "Land", "high": "hoch", "Security": "Sicherheit", "Comoros": "Komoren"}
    table = dr.publish(bundled, language=german, top=1)
    assert table.headings["country"] == "Land"
    assert table.headings["security"] == "Sicherheit"
    assert table.rows()[0][0] == "Komoren"
    assert table.rows()[0][3] == "hoch"
    assert table.frame()["dependency_band"].iloc[0] == "high"
    with pytest.raises(
        dr.UnknownNameError, match="unknown word `Securty`; did you mean `Security`"
    ):
        dr.publish(bundled, language={"Securty": "x"})
    with pytest.raises(dr.DataError, match="must be a text, received 3"):
        dr.publish(bundled, language={"high": 3})  # type: ignore[dict-item]


def test_all_languages_have_every_word_of_the_table() -> None:
    from dsr_risk.output.wording import ENGLISH, FRENCH, LANGUAGES, POLISH

    for words in LANGUAGES.values():
        assert ENGLISH.keys() <= words.keys()
        for key, text in ENGLISH.items():
            fields = set(re.findall(r"\{\w+\}", text))
            assert set(re.findall(r"\{\w+\}", words[key])) == fields, key
    assert FRENCH.keys() == POLISH.keys()


def test_countries_without_a_score_follow_with_each_headlines_reason(bundled: dr.Scores) -> None:
    table = dr.publish(bundled)
    rows = table.records()
    assert len(rows) == len(bundled.data)
    ranked = len(table.frame())
    assert rows["dependency"].iloc[ranked:].isna().all()
    assert rows["country"].iloc[ranked:].is_monotonic_increasing
    for name in bundled.names:
        assert (rows[name].isna() == rows[f"{name}_reason"].ne("")).all()
    anguilla = dict(table.not_scored)["Anguilla"]
    assert "Dependency on China: too little is observed (coverage 0.20 below 0.60" in anguilla
    assert "Security: too little is observed (coverage 0.10 below 0.72" in anguilla
    assert "No score for Security:" in table.text("plain")
    assert "Samoa: too little is observed" in table.text("plain")


def test_parquet_holds_title_notes_and_sources_in_its_metadata(table, tmp_path) -> None:
    pq = pytest.importorskip("pyarrow.parquet", reason="needs the extra `parquet`")
    held = json.loads(pq.read_schema(table.save(tmp_path / "t.parquet")).metadata[b"dsr_risk"])
    assert held == json.loads(json.dumps(table.manifest()))


def test_json_is_read_back_as_data(table, tmp_path) -> None:
    data = dr.read_data(table.save(tmp_path / "t.json"))
    rows = table.frame()["security"]
    assert rows.notna().any()
    pd.testing.assert_series_equal(data.values.loc[rows.index, "security"], rows, check_exact=True)


def test_json_is_valid_against_the_published_schema(table, tmp_path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    from dsr_risk.output.publish_files import table_schema

    said = json.loads(table.save(tmp_path / "t.json").read_text(encoding="utf-8"))
    jsonschema.validate(said, table_schema())
    assert len(said["rows"]) == len(table.records())


def test_great_table_has_title_colours_and_sources(bundled: dr.Scores) -> None:
    pytest.importorskip("great_tables", reason="needs the extra `tables`")
    table = dr.publish(bundled, top=3)
    text = table.great_table(decimal=",").as_raw_html()
    assert "72,3" in text
    assert table.band_colour("high") in text
    for part in (table.notes[0], table.sources[0]):
        assert part in text


def test_a_heading_cannot_leave_the_style_of_a_page() -> None:
    children = [{"name": name, "higher_is": "riskier"} for name in "ab"]
    hostile = "</style><script>alert(1)</script>';}"
    fw = {"name": "t", "scores": [{"name": "risk", "label": hostile, "children": children}]}
    text = dr.publish(dr.score(fw, frame({"a": [1, 2], "b": [3, 4]}))).text("html")
    assert "<script" not in text
    assert text.count("</style>") == text.count("<style>")


@pytest.mark.slow
def test_command_reads_words_of_a_language_from_a_file(tmp_path: Path) -> None:
    words = tmp_path / "german.yaml"
    words.write_text("country: Land\nhigh: hoch\n", encoding="utf-8")
    done = run("publish", "--top", 2, "--language", words, "--out", tmp_path / "t.md")
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "t.md").read_text(encoding="utf-8")
    assert "| Land |" in text
    assert "| hoch |" in text
    words.write_text("contry: Land\n", encoding="utf-8")
    done = run("publish", "--top", 2, "--language", words)
    assert done.returncode == 2
    assert "unknown word `contry`; did you mean `country`" in done.stderr
    assert run("publish", "--language", tmp_path / "none.yaml").returncode == 2


def test_a_row_is_in_one_place_at_80_columns_with_its_whole_name_and_marks(
    bundled: dr.Scores,
) -> None:
    table = dr.publish(bundled)
    text = table.text(width=80)
    rows = re.findall(r"^(.{11,12}) .* [ABC–](?:/[ABC–])?$((?:\n.{1,12}$)*)", text, re.MULTILINE)
    names = [" ".join(f"{first} {rest}".split()).replace("- ", "-") for first, rest in rows]
    assert names == [row[0] for row in table.rows()]
    assert max(map(len, text.splitlines())) <= 80


def test_latex_puts_more_columns_than_a_page_takes_in_further_tables(bundled: dr.Scores) -> None:
    pytest.importorskip("great_tables")
    table = dr.publish(bundled, columns=["short", "pillar"], top=4)
    parts = table.text("latex").split("\\begin{longtable}")[1:]
    widths = [part.count("arraybackslash") for part in parts]
    assert len(parts) == 2
    assert max(widths) <= 10
    assert sum(widths) == len(table.headings) + 1
    for part, width in zip(parts, widths, strict=True):
        rows = [line for line in part.splitlines() if line.startswith(("Comoros", "Laos"))]
        assert [row.count(" & ") + 1 for row in rows] == [width, width]


def test_texts_mark_estimated_cells_and_count_them(bundled: dr.Scores) -> None:
    table = dr.publish(bundled, columns=["country", "indicator"], region="Oceania", language="pl")
    cells = bundled.imputed.loc[table.frame().index]
    columns = list(table.headings)
    for row, unit in zip(table.rows(), cells.index, strict=True):
        shown = dict(zip(columns, row, strict=True))
        marked = {name for name in cells if shown[name].endswith(" ◊")}
        assert marked == set(cells.columns[cells.loc[unit]])
        assert shown["estimated_indicators"] == str(len(marked))
    assert "◊ przy wartości: szacowana, nie zaobserwowana." in table.notes
    assert table.records()["estimated_indicators"].str.contains("ncsi_2026").any()
    assert "estimated_indicators" not in dr.publish(bundled).records()


def test_the_note_on_grades_says_where_each_begins(bundled: dr.Scores) -> None:
    for language, text in (("en", "A from 85 %, B from 70 %, C from 60 %"), ("fr", "A dès 85 %")):
        assert any(text in note for note in dr.publish(bundled, language=language).notes)


@pytest.mark.parametrize("language", ["fr", "pl"])
def test_titles_of_all_nodes_of_the_bundled_framework_are_translated(bundled, language) -> None:
    headings = dr.publish(bundled, columns="all", language=language).headings
    english = dr.publish(bundled, columns="all").headings
    assert not {name for name in headings if headings[name] == english[name]} - {"region"}


def test_a_page_has_any_number_of_columns() -> None:
    pytest.importorskip("great_tables")
    names = [f"x{number}" for number in range(110)]
    children = [{"name": name, "higher_is": "riskier"} for name in names]
    own = {
        "name": "own",
        "defaults": {"missing": "mean", "min_coverage": 0.1},
        "scores": [{"name": "risk", "children": children}],
    }
    values = np.random.default_rng(0).uniform(0, 100, (6, 110))
    values[0, :20] = np.nan
    units = ["AGO", "BEN", "CIV", "DJI", "EGY", "FJI"]
    scores = dr.score(own, pd.DataFrame(values, pd.Index(units, name="iso3"), names))
    page = dr.publish(scores, columns=["short", "indicator"]).text("html")
    assert page.count("<th") >= 110
    assert "max-width:none" in page
    assert "max-width:none" not in dr.publish(scores).text("html")


def test_the_note_on_grades_is_told_only_with_a_grade(bundled: dr.Scores) -> None:
    told = [
        any(note.startswith("Grade:") for note in dr.publish(bundled, columns=columns, top=2).notes)
        for columns in (None, ["dependency"], ["dependency", "dependency_grade"])
    ]
    assert told == [True, False, True]


@pytest.mark.parametrize("name", ["decimal_comma", "decimal"])
def test_a_decimal_sign_asked_of_publish_is_sent_to_save(bundled: dr.Scores, name: str) -> None:
    with pytest.raises(dr.DsrRiskError, match=r"\.save\(path, decimal=','\)"):
        dr.publish(bundled, **{name: True})


def test_own_data_are_cited_by_the_name_of_their_file(tmp_path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("iso3,debt\nKEN,1\nPAK,2\nLAO,3\n", encoding="utf-8")
    node = {"name": "debt", "higher_is": "riskier"}
    scores = dr.score({"name": "own", "scores": [{"name": "risk", "children": [node]}]}, path)
    told = [
        dr.publish(scores).text(),
        scores.table(details=True)["sources"].iloc[0],
        scores.citation(),
        scores.citation("sources"),
        str(dr.manifest(scores)),
        dr.explain(scores, "PAK").text(),
        dr.profile(scores, "PAK").text(),
    ]
    for text in told:
        assert "mine.csv" in text
        assert str(tmp_path) not in text


@pytest.mark.parametrize(("top", "said"), [(100, "50.0"), (10, "5.00"), (1, "0.500")])
def test_decimals_follow_the_length_of_the_scale_in_every_face(tmp_path, top, said) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    bounds = {"method": "goalposts", "low": 0, "high": 1}
    node = {"name": "debt", "higher_is": "riskier", "normalisation": bounds}
    tree = {
        "name": "own",
        "scale": [0, top],
        "bands": {"low": 0},
        "scores": [{"name": "risk", "children": [node]}],
    }
    data = pd.DataFrame({"iso3": ["KEN", "PAK"], "debt": [0.5, 0.25]})
    scores = dr.score(tree, data)
    table = dr.publish(scores)
    assert next(row[1] for row in table.rows() if row[0] == "Kenya") == said
    for form in ("plain", "markdown", "html", "latex"):
        assert said in table.text(form)
    page = dr.profile(scores, "KEN")
    assert page.sections[0].rows[0][1].text == said
    drivers = next(one for one in page.sections if one.title.startswith("What drives"))
    assert drivers.rows[0][1].text == said
    assert said in repr(scores)
    sheet = openpyxl.load_workbook(table.save(tmp_path / "t.xlsx")).active
    cell = next(cell for row in sheet for cell in row if cell.value == 0.5 * top)
    assert cell.number_format == "0." + "0" * len(said.partition(".")[2])


def test_a_published_table_is_written_as_tsv_with_its_manifest(
    bundled: dr.Scores, tmp_path
) -> None:
    table = dr.publish(bundled, top=3)
    path = table.save(tmp_path / "t.tsv")
    frame = pd.read_csv(path, sep="\t").set_index("iso3")
    assert frame["dependency"].tolist() == pytest.approx(table.records()["dependency"].tolist())
    assert (tmp_path / "t.tsv.manifest.json").is_file()
    comma = table.save(tmp_path / "u.tsv", decimal=",")
    assert "\t" in comma.read_text(encoding="utf-8").splitlines()[0]


@pytest.mark.parametrize("suffix", [".docx", ".txt"])
def test_score_writes_the_manifest_beside_documents(tmp_path, suffix: str) -> None:
    path = tmp_path / f"t{suffix}"
    result = run("score", "--country", "KEN", "--country", "PAK", "--out", str(path))
    assert result.returncode == 0, result.stderr
    beside = tmp_path / f"t{suffix}.manifest.json"
    assert "dsr" in beside.read_text(encoding="utf-8")
