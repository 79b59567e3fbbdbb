"""Broken files through the real command: exit code 2, the value named, no traceback, no output file."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path

import pandas as pd
import pytest

import dsr_risk as dr
from tests.helpers import run

TREE = """\
name: mine
scores:
  - name: risk
    children:
      - {name: debt, higher_is: riskier, plausible: [0, 1]}
      - {name: gci, higher_is: safer}
"""
GOOD = "country,debt,gci\nPakistan,0.2,64.9\nKenya,0.4,81.7\nGhana,0.7,\n"


def goalposts(low: object, high: object) -> str:
    posts = f"{{method: goalposts, low: {low}, high: {high}}}"
    return TREE.replace("higher_is: safer", f"higher_is: safer, normalisation: {posts}")


def mean(spec: str) -> str:
    return TREE.replace("- name: risk", f"- name: risk\n    aggregation: {spec}")


def bomb() -> str:
    lines = ["a0: &a0 [lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    return "\n".join(lines) + "\n" + TREE


DATA: dict[str, tuple[str, list[str]]] = {
    "unknown country": (GOOD.replace("Kenya", "Kenia"), ["row 3", "'Kenia'", "`Kenya`"]),
    "empty country": (GOOD.replace("Kenya", ""), ["row 3", "country is empty"]),
    "groups of countries": (
        "country,debt,gci\nWorld,0.2,64.9\nAfrica,0.4,81.7\nAsia,0.3,50\n",
        ["row 3", "'Africa'", "group of countries", "remove"],
    ),
    "dissolved country": (GOOD.replace("Kenya", "USSR"), ["row 3", "'USSR'"]),
    "duplicate country": (GOOD.replace("Ghana", "KEN"), ["KEN", "rows 3, 4"]),
    "unknown indicator": (GOOD.replace("gci", "gcii"), ["`gcii`", "did you mean `gci`"]),
    "no country column": (GOOD.replace("country", "place"), ["`place`", "`country`"]),
    "text in a number": (GOOD.replace("0.4", "n.k."), ["row 3", "KEN", "`debt`", "'n.k.'"]),
    "thousands separator": (GOOD.replace("0.4", '"1,234"'), ["KEN", "`debt`", "1234"]),
    "percent sign": (GOOD.replace("0.4", "40%"), ["row 3", "`debt`", "'40%'"]),
    "infinity": (GOOD.replace("0.4", "-inf"), ["row 3", "KEN", "`debt`", "inf"]),
    "overflow": (GOOD.replace("0.4", "1e999"), ["row 3", "KEN", "`debt`", "inf"]),
    "percent for a share": (GOOD.replace("0.4", "40"), ["KEN", "`debt`", "40", "percent", "100"]),
    "implausible": (GOOD.replace("0.4", "-3"), ["KEN", "`debt`", "-3", "0 to 1"]),
    "empty file": ("", ["empty"]),
    "empty table": ("country,debt,gci\n", ["empty", "0 rows"]),
    "empty column": (GOOD.replace("64.9", "").replace("81.7", ""), ["`gci`", "empty"]),
    "constant column": (GOOD.replace("0.4", "0.2").replace("0.7", "0.2"), ["`debt`", "0.2"]),
    "column twice": (GOOD.replace("gci", "debt"), ["`debt`", "2 times"]),
    "too many cells": (GOOD.replace("0.4,", "0,4,"), ["cells", "header"]),
    "too few cells": (GOOD.replace("Kenya,0.4,81.7", "Kenya"), ["row 3"]),
    "year in words": (
        "country,year,debt,gci\nPakistan,last,0.1,1\nKenya,2020,0.2,2\n",
        ["row 2", "`year`", "'last'"],
    ),
    "duplicate cell": (
        "iso3,indicator,value\nPAK,debt,0.1\nKEN,debt,0.2\nPAK,gci,5\nKEN,gci,7\nPAK,gci,6\n",
        ["PAK", "`gci`", "rows 4, 6", "5, 6"],
    ),
    "unknown long column": (
        "iso3,indicator,value,confidense\nPAK,debt,0.1,high\nPAK,gci,5,low\n",
        ["`confidense`", "did you mean `confidence`"],
    ),
    "unknown word": (
        "iso3,indicator,value,confidence\nPAK,debt,0.1,certain\nKEN,gci,5,low\n",
        ["row 2", "'certain'", "high, medium, low"],
    ),
}

FRAMEWORKS: dict[str, tuple[str, list[str]]] = {
    "negative weight": (TREE.replace("safer", "safer, weight: -0.5"), ["`gci`", "-0.5"]),
    "weights all zero": (
        TREE.replace("er,", "er, weight: 0,").replace("safer", "safer, weight: 0"),
        ["`risk`", "all 0"],
    ),
    "weight not a number": (TREE.replace("safer", "safer, weight: .nan"), ["`gci`", "nan"]),
    "cyclic": (
        TREE.replace("{name: gci, higher_is: safer}", "{name: risk, children: [{name: x}]}"),
        ["`risk`", "cyclic"],
    ),
    "duplicate name": (TREE.replace("gci", "debt"), ["`debt`", "2 nodes"]),
    "goalposts in the wrong order": (goalposts(100, 0), ["`gci`", "100", "0", "`higher_is`"]),
    "unknown mean": (mean("geometrical"), ["`risk`", "did you mean `geometric`"]),
    "unknown key": (TREE.replace("safer", "safer, wieght: 2"), ["`gci`", "did you mean `weight`"]),
    "unknown top key": (TREE + "focl: CHN\n", ["`focl`", "did you mean `focal`"]),
    "unknown direction": (TREE.replace("safer", "better"), ["`gci`", "'better'", "'safer'"]),
    "key twice": (TREE + "name: other\n", ["line 7", "`name`", "twice"]),
    "tag": ("!!python/object/apply:os.system ['touch harm']\n", ["tag", "os.system"]),
    "alias bomb": (bomb(), ["line 1", "alias"]),
    "broken YAML": (TREE.replace("  - name: risk", "\t- name: risk"), ["YAML", "line 3"]),
    "not a mapping": ("- 1\n", ["mapping", "list"]),
    "no scores": ("name: x\n", ["`scores`"]),
    "coverage in percent": (
        TREE.replace("- name: risk", "- name: risk\n    min_coverage: 60"),
        ["`risk`", "60"],
    ),
    "focal in words": (TREE + "focal: China\n", ["`focal`", "'China'"]),
    "typo in a mechanism": (
        TREE + "mechanisms: [{name: m, role: [indicator], nodes: [gcii]}]\n",
        ["`m`", "did you mean `gci`"],
    ),
}

CASES = DATA | FRAMEWORKS
TWELVE = (
    "unknown country", "duplicate country", "text in a number", "infinity", "empty table",
    "negative weight", "cyclic", "goalposts in the wrong order", "broken YAML",
    "key twice", "tag", "alias bomb",
)  # fmt: skip


def refused(folder: Path, *command: object) -> str:
    """What the command says when it refuses: and nothing but that happens."""
    before = sorted(folder.iterdir())
    done = run(*command, cwd=folder)
    assert done.returncode == 2, done.stderr[-2000:]
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert sorted(folder.iterdir()) == before
    assert done.stderr.startswith("error: "), done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What one `dsr-risk check` of every broken file says of each."""
    folder = tmp_path_factory.mktemp("broken")
    (folder / "tree.yaml").write_text(TREE)
    names = {}
    for place, case in enumerate(CASES):
        names[f"file{place}.{'csv' if case in DATA else 'yaml'}"] = case
        (folder / list(names)[-1]).write_text(CASES[case][0])
    done = run("check", "-f", "tree.yaml", *names, cwd=folder)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    said = done.stderr.split("error: ")[1:]
    assert [one.split(":")[0] for one in said] == list(names)
    return dict(zip(names.values(), said, strict=True))


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_a_broken_file_is_refused_with_the_place_and_the_value(
    case: str, messages: dict[str, str]
) -> None:
    for word in CASES[case][1]:
        assert word in messages[case], messages[case]


@pytest.mark.slow
@pytest.mark.parametrize("case", TWELVE)
def test_a_broken_file_gives_exit_code_2_and_no_output_file(case: str, tmp_path: Path) -> None:
    (tmp_path / "tree.yaml").write_text(TREE if case in DATA else CASES[case][0])
    (tmp_path / "mine.csv").write_text(CASES[case][0] if case in DATA else GOOD)
    said = refused(tmp_path, "score", "-f", "tree.yaml", "-d", "mine.csv", "--out", "t.csv")
    assert ("mine.csv" if case in DATA else "tree.yaml") in said
    for word in CASES[case][1]:
        assert word in said, said


@pytest.mark.slow
def test_the_good_files_that_these_were_broken_from_are_scored(tmp_path: Path) -> None:
    (tmp_path / "tree.yaml").write_text(TREE)
    (tmp_path / "mine.csv").write_text(GOOD)
    done = run("score", "-f", "tree.yaml", "-d", "mine.csv", "--out", "t.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(pd.read_csv(tmp_path / "t.csv")) == 3


def not_what_it_says(kind: str) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as book:
        book.writestr("hello.txt", "no workbook")
    return {
        "xlsx of text": GOOD.encode(),
        "xlsx of a zip": archive.getvalue(),
        "parquet of text": GOOD.encode(),
        "parquet cut short": b"PAR1\x00\x00\x00PAR1",
        "json of csv": GOOD.encode(),
        "json of a number": b"3",
        "csv of a zip": archive.getvalue(),
        "csv of nulls": b"\x00" * 1000,
        "csv of a web page": b"<html><head></head><body>Rejected</body></html>",
        "csv of json": b'[{"country": "PAK", "debt": 1}]',
        "yaml of nulls": b"\x00" * 1000,
        "toml of yaml": TREE.encode(),
    }[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "xlsx of text", "xlsx of a zip", "parquet of text", "parquet cut short", "json of csv",
        "json of a number", "csv of a zip", "csv of nulls", "csv of a web page", "csv of json",
    ],
)  # fmt: skip
def test_a_data_file_that_is_not_what_its_suffix_says_is_refused(kind: str, tmp_path: Path) -> None:
    name = f"mine.{kind.split(maxsplit=1)[0]}"
    (tmp_path / name).write_bytes(not_what_it_says(kind))
    (tmp_path / "tree.yaml").write_text(TREE)
    with pytest.raises(dr.DataError) as caught:
        dr.score(dr.load_framework(tmp_path / "tree.yaml"), dr.read_data(tmp_path / name))
    said = str(caught.value)
    assert name in said
    assert len(said) < 1500


@pytest.mark.parametrize("kind", ["yaml of nulls", "toml of yaml"])
def test_a_config_that_is_not_what_its_suffix_says_is_refused(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"tree.{kind.split(maxsplit=1)[0]}"
    path.write_bytes(not_what_it_says(kind))
    with pytest.raises(dr.FrameworkError, match=path.name):
        dr.load_framework(path)


def test_json_with_keys_given_twice_or_numbers_json_has_not_is_refused(tmp_path: Path) -> None:
    for text, word in (('{"name": "a", "name": "b"}', "twice"), ('{"name": NaN}', "NaN")):
        path = tmp_path / "tree.json"
        path.write_text(text)
        with pytest.raises(dr.FrameworkError, match=word):
            dr.load_framework(path)
    path.write_text("[" * 100_000)
    with pytest.raises(dr.FrameworkError, match="deep"):
        dr.load_framework(path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["junk.csv", "junk.xlsx", "junk.yaml"])
def test_fifty_megabytes_of_junk_are_refused_in_one_short_message(
    name: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(os.urandom(1_000_000) * 50)
    said = refused(tmp_path, "score", "-f" if name.endswith("yaml") else "-d", name, "-o", "t.csv")
    assert name in said
    assert len(said) < 500


@pytest.mark.slow
def test_fifty_megabytes_of_one_line_are_refused_in_one_short_message(tmp_path: Path) -> None:
    (tmp_path / "junk.csv").write_bytes(b"a," * 25_000_000)
    said = refused(tmp_path, "score", "-d", "junk.csv", "-o", "t.csv")
    assert len(said) < 500


@pytest.mark.slow
def test_every_problem_of_a_data_file_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "tree.yaml").write_text(TREE)
    (tmp_path / "mine.csv").write_text(
        "country,debt,gci\nPakstan,0.2,1\nKenya,n.k.,2\nGhana,inf,3\nGhana,0.1,4\nPeru,0.1,x\n"
    )
    said = refused(tmp_path, "score", "-f", "tree.yaml", "-d", "mine.csv", "-o", "t.csv")
    assert "5 problems" in said
    for word in ("'Pakstan'", "'n.k.'", "inf", "GHA", "'x'"):
        assert word in said


@pytest.mark.slow
def test_what_the_framework_says_of_a_file_is_said_with_what_the_reader_says(
    tmp_path: Path,
) -> None:
    (tmp_path / "tree.yaml").write_text(TREE)
    text = GOOD.replace("64.9", "n.k.").replace("0.4", "40")
    (tmp_path / "mine.csv").write_text(text)
    said = refused(tmp_path, "score", "-f", "tree.yaml", "-d", "mine.csv", "-o", "t.csv")
    assert "'n.k.'" in said
    assert "percent" in said


@pytest.mark.slow
def test_every_problem_of_a_framework_is_said_at_once(tmp_path: Path) -> None:
    text = (
        TREE.replace("riskier", "worse")
        .replace("safer", "safer, weight: -1, colour: red")
        .replace("- name: risk", "- name: risk\n    min_coverage: 60")
    )
    (tmp_path / "tree.yaml").write_text(text + "focl: CHN\n")
    said = refused(tmp_path, "score", "-f", "tree.yaml", "-o", "t.csv")
    assert "5 problems" in said
    for word in ("'worse'", "-1", "`colour`", "60", "`focl`"):
        assert word in said


@pytest.mark.slow
def test_check_says_how_many_of_the_files_are_bad_and_that_the_others_are_good(
    tmp_path: Path,
) -> None:
    names = []
    for place, case in enumerate(TWELVE):
        names.append(f"file{place}.{'csv' if case in DATA else 'yaml'}")
        (tmp_path / names[-1]).write_text(CASES[case][0])
    (tmp_path / "tree.yaml").write_text(TREE)
    done = run("check", "-f", "tree.yaml", *names, "tree.yaml", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("error: ") == 12
    assert "12 of 13" in done.stderr
    assert "tree.yaml: ok" in done.stdout


@pytest.mark.slow
def test_a_tag_is_never_executed(tmp_path: Path) -> None:
    (tmp_path / "tree.yaml").write_text(FRAMEWORKS["tag"][0])
    refused(tmp_path, "score", "-f", "tree.yaml")
    assert not (tmp_path / "harm").exists()


@pytest.mark.slow
def test_a_failed_write_leaves_the_old_file_whole(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("old")
    (tmp_path / "mine.csv").write_text(DATA["infinity"][0])
    refused(tmp_path, "score", "-d", "mine.csv", "-o", "t.csv")
    assert (tmp_path / "t.csv").read_text() == "old"


@pytest.mark.slow
def test_a_message_about_very_many_bad_rows_stays_readable(tmp_path: Path) -> None:
    rows = "".join(f"nowhere{n},0.1,1\n" for n in range(3_000))
    (tmp_path / "mine.csv").write_text("country,debt,gci\n" + rows)
    (tmp_path / "tree.yaml").write_text(TREE)
    said = refused(tmp_path, "score", "-f", "tree.yaml", "-d", "mine.csv")
    assert len(said.splitlines()) < 60
    assert "more" in said


@pytest.mark.slow
def test_a_saved_table_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(json.dumps({"manifest": {}, "data": []}))
    said = refused(tmp_path, "score", "--model", "t.json", "-o", "t.csv")
    assert "not a model" in said


KERNEL_FOLDER = Path("/sys")
"""A folder of Linux in which nobody, not even root, can make a file."""


@pytest.mark.slow
@pytest.mark.skipif(not KERNEL_FOLDER.is_dir(), reason="no /sys: a folder root cannot write to")
@pytest.mark.parametrize(
    ("option", "name"),
    [
        ("--out", "scores.csv"),
        ("--out", "scores.docx"),
        ("--workbook", "scores.xlsx"),
        ("--save-model", "model.json"),
        ("--plot", "scores.png"),
    ],
)
def test_a_folder_that_cannot_be_written_to_is_named_in_one_line(option: str, name: str) -> None:
    done = run("score", option, str(KERNEL_FOLDER / name))
    assert done.returncode == 2
    assert done.stdout == ""
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert "cannot be written: Permission denied" in line
    assert "Traceback" not in done.stderr
    assert not (KERNEL_FOLDER / name).exists()
