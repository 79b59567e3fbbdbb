"""The command line as people use it: a terminal, a pipe, files in every format, typing errors."""

from __future__ import annotations

import fcntl
import html
import io
import json
import os
import pty
import shlex
import struct
import subprocess
import sys
import termios
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import dsr_risk as dr
from dsr_risk.cli._shared import fitting
from dsr_risk.cli.main import main
from tests.helpers import run

COMMAND = [sys.executable, "-m", "dsr_risk"]


def on_terminal(*args: object, columns: int = 80, cwd: Path | None = None) -> list[str]:
    """The lines that a terminal of that width shows."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")}
    process = subprocess.Popen(
        [*COMMAND, *map(str, args)], stdout=slave, stderr=slave, env=environment, cwd=cwd
    )
    os.close(slave)
    parts = []
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    os.close(master)
    assert process.wait(timeout=60) == 0, b"".join(parts).decode()[-2000:]
    return b"".join(parts).decode().replace("\r\n", "\n").splitlines()


@pytest.fixture(scope="module")
def data() -> dr.Data:
    """The bundled data, which the command scores by default."""
    return dr.load_data()


@pytest.fixture(scope="module")
def scores(bundled: dr.Scores) -> dr.Scores:
    """The bundled scores."""
    return bundled


@pytest.fixture(scope="module")
def printed() -> pd.DataFrame:
    """What `dsr-risk score` prints into a pipe."""
    done = run("score")
    assert done.returncode == 0
    assert done.stderr == ""
    return table_of(done.stdout)


def table_of(text: str, sep: str = ",") -> pd.DataFrame:
    """A printed table, every digit of it; only an empty cell is missing."""
    frame = pd.read_csv(io.StringIO(text), sep=sep, dtype=str, keep_default_na=False)
    for name in frame:
        try:
            frame[name] = [float(cell) if cell else np.nan for cell in frame[name]]
        except ValueError:
            frame[name] = frame[name].where(frame[name] != "")
    return frame


def alike(got: pd.DataFrame, wanted: pd.DataFrame, *, digits: int = 17) -> None:
    """The same table, but for the types that a file format cannot say."""
    assert list(got.columns) == list(wanted.columns)
    assert len(got) == len(wanted)
    for name in wanted:
        left, right = got[name], wanted[name]
        if right.dtype.kind in "fi":
            np.testing.assert_allclose(
                left.to_numpy(float, na_value=np.nan),
                right.to_numpy(float, na_value=np.nan),
                rtol=10.0 ** (2 - digits) * (digits < 17),
                err_msg=name,
            )
        else:
            known = right.notna().to_numpy()
            assert left[known].astype(str).tolist() == right[known].astype(str).tolist(), name
            assert left[~known].fillna("").eq("").all(), name


@pytest.mark.slow
def test_a_pipe_gets_clean_csv_with_the_library_s_own_numbers(
    printed: pd.DataFrame, scores: dr.Scores
) -> None:
    alike(printed, table_of(scores.table(details=True).reset_index().to_csv(index=False)))


@pytest.mark.slow
def test_the_issue_s_promise_of_countries_coverage_and_sources(tmp_path: Path) -> None:
    done = run("score", "--out", "t.csv", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout == ""
    table = pd.read_csv(tmp_path / "t.csv")
    both = table.dropna(subset=["dependency", "security"])
    full = both[["dependency_basis", "security_basis"]].eq("full").all(axis=1)
    assert full.sum() >= 110
    assert (~full).sum() >= 30
    for column in ("coverage", "dependency_coverage", "security_coverage", "sources"):
        assert both[column].notna().all()


def rows_of(text: str, printed: pd.DataFrame) -> pd.DataFrame:
    """The rows of a JSON table in the order of a printed one; its reasons are in words, and marks are beside."""
    rows = pd.DataFrame(json.loads(text)["rows"]).set_index("iso3", drop=False)
    assert set(printed) - set(rows) == set()
    shared = [name for name in printed if not name.endswith("_reason")]
    return rows.loc[printed["iso3"], shared].reset_index(drop=True)


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["csv", "tsv", "xlsx", "parquet", "json"])
def test_every_data_format_reads_back_equal(
    suffix: str, tmp_path: Path, printed: pd.DataFrame
) -> None:
    pytest.importorskip({"xlsx": "openpyxl", "parquet": "pyarrow"}.get(suffix, "pandas"))
    name = f"t.{suffix}"
    done = run("score", "--out", name, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert name in done.stderr
    path = tmp_path / name
    if suffix == "json":
        got = rows_of(path.read_text(encoding="utf-8"), printed)
    elif suffix == "xlsx":
        got = pd.read_excel(path, engine="openpyxl", keep_default_na=False, na_values=[""])
    elif suffix == "parquet":
        got = pd.read_parquet(path)
    else:
        got = table_of(path.read_text(encoding="utf-8"), "\t" if suffix == "tsv" else ",")
    alike(got, printed[list(got)], digits=16 if suffix == "xlsx" else 17)  # Excel keeps 15 or 16
    beside = [] if suffix == "json" else [f"{name}.manifest.json"]
    assert sorted(one.name for one in tmp_path.iterdir()) == [name, *beside]


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["html", "md"])
def test_html_and_markdown_hold_a_row_for_every_country(
    suffix: str, tmp_path: Path, printed: pd.DataFrame
) -> None:
    done = run("score", "--out", f"t.{suffix}", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    text = (tmp_path / f"t.{suffix}").read_text(encoding="utf-8")
    scored = printed[["dependency", "security"]].notna().any(axis=1)
    if suffix == "html":
        assert text.startswith("<!doctype html>")
        assert text.count("<tr>") == scored.sum()  # the head is another element
        assert "<script" not in text
        assert "http://" not in text.replace("http://www.w3.org", "")
    else:
        rows = [line for line in text.splitlines() if line.startswith("|")]
        assert len(rows) == scored.sum() + 2
    plain = html.unescape(text)
    assert [name for name in printed["country"] if name not in plain] == []


@pytest.mark.slow
@pytest.mark.parametrize("form", ["tsv", "json", "html", "markdown"])
def test_format_chooses_what_is_printed(form: str, printed: pd.DataFrame) -> None:
    done = run("score", "--format", form)
    assert done.returncode == 0
    if form == "tsv":
        alike(table_of(done.stdout, "\t"), printed)
    elif form == "json":
        got = rows_of(done.stdout, printed)
        alike(got, printed[list(got)])
    elif form == "html":
        scored = printed[["dependency", "security"]].notna().any(axis=1)
        assert done.stdout.count("<tr>") == scored.sum()
    else:
        assert "\n| Country | Dependency on China |" in done.stdout
    assert "Laos" in done.stdout


@pytest.mark.slow
def test_the_score_table_on_a_terminal_of_80_columns_takes_80_columns(scores: dr.Scores) -> None:
    lines = on_terminal("score")
    assert max(map(len, lines)) <= 80
    shown = f"{scores.values.loc['LAO', 'dependency']:.1f}"
    assert any("Laos" in line and shown in line for line in lines)


@pytest.mark.slow
def test_score_details_add_columns_to_terminal_html_and_markdown_only() -> None:
    short, full = on_terminal("score"), on_terminal("score", "--details")
    assert not any("dependency_min" in line for line in short)
    assert any("dependency_min" in line for line in full)
    assert max(map(len, full)) <= 80
    heads = {form: run("score", "--format", form).stdout for form in ("html", "csv")}
    assert "dependency_min" not in heads["html"]
    assert "dependency_min" in heads["csv"].splitlines()[0]
    assert "lowest possible" in run("score", "--format", "html", "--details").stdout


@pytest.mark.slow
def test_pillars_indicators_and_all_nodes_on_a_terminal_take_80_columns_too() -> None:
    widths = {
        level: max(map(len, on_terminal("score", "--level", level)))
        for level in ("pillar", "indicator", "all")
    }
    assert max(widths.values()) <= 80, widths


@pytest.mark.slow
def test_an_explanation_on_a_terminal_of_80_columns_takes_80_columns() -> None:
    lines = on_terminal("explain", "Pakistan")
    assert max(map(len, lines)) <= 80
    assert any("Sources" in line for line in lines)


@pytest.mark.slow
def test_a_panel_on_a_terminal_says_the_year_of_every_row(tmp_path: Path, data: dr.Data) -> None:
    table = data.select(countries=["Afghanistan", "Pakistan", "Bosnia and Herzegovina"]).values
    table = table.reset_index()
    pd.concat([table.assign(year=2019), table.assign(year=2020)]).to_csv(
        tmp_path / "panel.csv", index=False
    )
    model = tmp_path / "model.json"
    dr.fit().save(model)
    lines = on_terminal("score", "--model", model, "--data", tmp_path / "panel.csv")
    assert max(map(len, lines)) <= 80
    for country in ("Afgh", "Pakis", "Bosn"):
        rows = [line for line in lines if line.startswith(country)]
        assert any("2019" in line for line in rows), rows
        assert any("2020" in line for line in rows), rows


@pytest.mark.slow
def test_a_reader_that_goes_away_is_not_an_error() -> None:
    done = subprocess.run(
        f"{sys.executable} -m dsr_risk score --level all | head -1",
        shell=True, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.startswith("iso3,country,dependency")
    assert done.stderr == ""


@pytest.mark.slow
def test_explain_pakistan_sums_to_its_score_gap() -> None:
    done = run("explain", "Pakistan")
    assert done.returncode == 0
    rows = pd.read_csv(io.StringIO(done.stdout))
    for name in ("dependency", "security"):
        mine = rows[rows["score"] == name]
        head = mine.set_index("node").loc[name]
        gap = head["value"] - head["baseline"]
        assert head["points"] == pytest.approx(gap, abs=1e-7)
        terms = mine[mine["is_indicator"] & mine["points"].notna()]
        assert terms["points"].sum() == pytest.approx(gap, abs=1e-7)
        assert terms["source"].notna().all()
        assert terms["year"].notna().all()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["South Korea", "KR"])
def test_a_country_may_be_given_by_any_name_or_code(name: str) -> None:
    done = run("score", "--country", name)
    assert [line.split(",")[0] for line in done.stdout.splitlines()] == ["iso3", "KOR"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["scroe"], "did you mean `score`"),
        (["score", "--levl", "all"], "--level"),
        (["score", "--country", "Pakstan"], "did you mean `Pakistan`"),
        (["score", "--preset", "eqal"], "did you mean `equal`"),
        (["score", "--framework", "dsr-ful"], "did you mean `dsr-full`"),
        (["score", "--focal", "Chnia"], "did you mean `China`"),
        (["score", "--data", "no.csv"], "no.csv: no such file"),
        (["score", "--year", "1999"], "1999"),
        (["score", "--out", "t.xls"], ".xlsx"),
        (["score", "--out", "nowhere/t.csv"], "no folder `nowhere`"),
        (["explain", "PAK", "--against", "Kenia"], "did you mean `Kenya`"),
        (["explain", "PAK", "--against", "KEN:1999"], "1999"),
        (["explain", "China"], "focal"),
    ],
)
def test_what_is_typed_wrong_is_named_with_the_nearest(
    typed: list[str], said: str, tmp_path: Path
) -> None:
    done = run(*typed, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_init_check_and_score_give_the_bundled_scores(
    tmp_path: Path, printed: pd.DataFrame
) -> None:
    done = run("init", "my file", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    made = sorted(one.name for one in (tmp_path / "my file").iterdir())
    assert {"framework.yaml", "data.csv"} <= set(made)
    check, score = (shlex.split(line)[1:] for line in done.stdout.splitlines()[-2:])
    done = run(*check, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    done = run(*score, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    alike(table_of(done.stdout), printed)
    assert done.stderr == ""


@pytest.mark.slow
def test_init_does_not_overwrite_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "framework.yaml").write_text("mine")
    done = run("init", tmp_path)
    assert done.returncode == 2
    assert "framework.yaml" in done.stderr
    assert [one.name for one in tmp_path.iterdir()] == ["framework.yaml"]
    assert (tmp_path / "framework.yaml").read_text() == "mine"


@pytest.mark.slow
def test_an_edited_framework_moves_the_scores(tmp_path: Path, scores: dr.Scores) -> None:
    run("init", tmp_path)
    path = tmp_path / "framework.yaml"
    weights = {"network_operator_top_share.weight": 0.3, "gci_2024.weight": 0.2}
    fw = dr.load_framework(path).replace(weights)
    fw.save(path)
    done = run("score", "-f", path, "-d", tmp_path / "data.csv", "--country", "PAK")
    shown = pd.read_csv(io.StringIO(done.stdout)).set_index("iso3").loc["PAK", "security"]
    expected = dr.score(dr.load_framework("dsr").replace(weights), dr.load_data()).values
    assert shown == pytest.approx(expected.loc["PAK", "security"], abs=1e-9)
    assert abs(shown - scores.values.loc["PAK", "security"]) > 0.01


@pytest.mark.slow
def test_a_saved_model_scores_as_the_one_fitted(tmp_path: Path, printed: pd.DataFrame) -> None:
    run("score", "--save-model", "m.json", cwd=tmp_path)
    run("init", "mine", cwd=tmp_path)
    done = run("score", "--model", "m.json", "-d", "mine/data.csv", cwd=tmp_path)
    alike(table_of(done.stdout), printed)


@pytest.mark.slow
def test_notes_go_to_stderr_and_never_into_the_table() -> None:
    done = run("score", "--focal", "none")
    assert done.returncode == 0
    assert "note: " in done.stderr
    assert "imports_focal_share" in done.stderr
    assert len(pd.read_csv(io.StringIO(done.stdout))) == 234


@pytest.mark.slow
def test_the_input_is_never_overwritten_by_the_output(tmp_path: Path) -> None:
    run("init", tmp_path)
    path = tmp_path / "data.csv"
    before = path.read_bytes()
    done = run("score", "--data", path, "--out", path)
    assert done.returncode == 2
    assert path.read_bytes() == before


def test_help_lists_every_command_and_needs_no_heavy_library() -> None:
    done = run("--help")
    for name in ("score", "explain", "check", "init"):
        assert f"\n  {name} " in done.stdout
    code = (
        "import sys\n"
        "from dsr_risk.cli import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit:\n    pass\n"
        "print(sorted(m for m in ('numpy', 'pandas', 'scipy', 'pydantic') if m in sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ("score",),
        ("score", "--country", "PAK", "--level", "pillar", "--draws", 64),
        ("score", "--country", "CHN"),
        ("score", "--sort", "security", "--top", 3),
        ("publish", "--region", "Africa"),
    ],
    ids=str,
)
def test_json_has_one_form_in_a_pipe_and_in_a_file(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    from dsr_risk.output.publish_files import table_schema

    path = tmp_path / "t.json"
    piped, written = run(*command, "--format", "json"), run(*command, "--out", path)
    assert piped.returncode == written.returncode == 0, written.stderr
    tables = [json.loads(text) for text in (piped.stdout, path.read_text(encoding="utf-8"))]
    for table in tables:
        jsonschema.validate(table, table_schema())
        assert table["manifest"].pop("command").startswith("dsr-risk ")
        assert table["manifest"].get("draws") == (64 if "--draws" in command else None)
    assert tables[0] == tables[1]
    assert tables[0]["rows"]


@pytest.mark.slow
def test_a_full_disk_is_one_message() -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "dsr_risk", "score"],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "error: No space left on device"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--seed", 3], "give --draws"),
        (["--sheet", "a"], "name it with --data"),
        (["--edition", 2020], "name it with --data"),
        (["--save-model", "model.txt"], "a model is saved as a .json file"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(arguments: list[object], said: str) -> None:
    done = run("score", *arguments)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", ["score", "explain", "audit", "compare", "records", "uncertainty"]
)
def test_the_examples_in_the_help_stand_on_lines_of_their_own(command: str) -> None:
    shown = run(command, "--help").stdout
    assert "\\b" not in shown
    assert sum(line.startswith(f"  dsr-risk {command}") for line in shown.splitlines()) >= 2


@pytest.mark.slow
def test_data_are_checked_against_the_framework_beside_them(tmp_path: Path) -> None:
    assert run("init", tmp_path, "--framework", "dsr-full").returncode == 0
    done = run("check", tmp_path / "framework.yaml", tmp_path / "data.csv")
    assert done.returncode == 2
    assert "`cable_supplier_hhi` is missing" in done.stderr
    assert "imports_focal_share" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "code", "said"),
    [
        ("iso3,indicator,value,year\nKEN,gci_2024,85,2026\n", 0, "1 of 1 cell used over the bundled data"),
        ("iso3,indicator,value,year\nKEN,gci_2024,85,2010\n", 0, "0 of 1 cell used over the bundled data; the others are older"),
        ("country;gci_2024\nKenya;85,5\nGhana;80\n", 0, "2 of 2 cells used over the bundled data"),
        ("country,gci_2024\nKenya,850\n", 2, "outside the plausible range"),
        ("country,gci_2025\nKenya,85\n", 2, "did you mean `gci_2024`"),
    ],
    ids=["newer", "older", "decimal comma", "implausible", "no such column"],
)  # fmt: skip
def test_check_judges_cells_to_be_laid_over_the_data(
    table: str, code: int, said: str, tmp_path: Path
) -> None:
    (tmp_path / "own.csv").write_text(table, encoding="utf-8")
    done = run("check", "--update", "own.csv", cwd=tmp_path)
    assert done.returncode == code
    assert said in done.stdout + done.stderr
    scored = run("score", "--update", "own.csv", "--country", "Kenya", cwd=tmp_path)
    assert scored.returncode == code


@pytest.mark.slow
def test_check_needs_a_file_and_takes_no_update_of_records() -> None:
    assert "name the files to check" in run("check").stderr
    done = run("check", "x.csv", "--update", "y.csv", "--kind", "world_bank")
    assert done.returncode == 2
    assert "leave --kind out" in done.stderr


@pytest.mark.slow
def test_the_year_of_a_panel_is_a_column_to_publish(tmp_path: Path) -> None:
    lines = ["country,year,gci"]
    lines += [f"{c},{y},{50 + y - 2019}" for c in ("Kenya", "Ghana") for y in (2019, 2020)]
    (tmp_path / "panel.csv").write_text("\n".join(lines), encoding="utf-8")
    framework = (
        "name: t\nscores:\n- {name: risk, children: [{name: gci, higher_is: safer, "
        "normalisation: {method: goalposts, low: 0, high: 100}}]}\n"
    )
    (tmp_path / "t.yaml").write_text(framework, encoding="utf-8")
    given = ["--framework", "t.yaml", "--data", "panel.csv", "--columns", "year,risk"]
    done = run("score", *given, cwd=tmp_path)
    assert pd.read_csv(io.StringIO(done.stdout))["year"].tolist() == [2020, 2020]


@pytest.mark.parametrize("width", [60, 80])
def test_a_caption_is_folded_at_the_width_of_the_terminal(width: int) -> None:
    words = " ".join(["countries"] * 30)
    text = fitting(pd.DataFrame({"country": ["Kenya", "Ghana"], "score": [1.0, 2.0]}), width, words)
    assert max(map(len, text.splitlines())) <= width
    assert " ".join(text.split()).startswith(words)


def test_check_names_the_update_and_checks_its_older_cells_too(tmp_path: Path) -> None:
    for year in (1990, 2026):
        update = tmp_path / f"cells{year}.csv"
        update.write_text(f"iso3,indicator,value,year\nKEN,gci_2024,900,{year}\n", encoding="utf-8")
        done = CliRunner().invoke(main, ["check", "--update", str(update)])
        assert done.exit_code == 2
        assert f"{update.name}: 1 problem" in done.stderr
        assert "KEN, `gci_2024` = 900: outside the plausible range 0 to 100" in done.stderr
