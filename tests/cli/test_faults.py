"""Faults around the command: outputs over inputs, half-done outputs, closed streams, signals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest

import dsr_risk as dr
from tests.helpers import run

TREE = "name: mine\nscores:\n  - name: risk\n    children:\n      - {name: debt, higher_is: riskier}\n      - {name: gci, higher_is: safer}\n"
DATA = "country,debt,gci\nPakistan,0.2,64.9\nKenya,0.4,81.7\nGhana,0.7,50\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tree.yaml").write_text(TREE)
    (tmp_path / "mine.csv").write_text(DATA)
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        ("score", "-f", "tree.yaml", "-d", "mine.csv", "-o", "mine.csv"),
        ("score", "-f", "tree.yaml", "-d", "mine.csv", "-o", "./mine.csv"),
        ("score", "-f", "tree.yaml", "-d", "mine.csv", "--save-model", "t.json", "-o", "t.json"),
        ("score", "-f", "tree.yaml", "-d", "mine.csv", "--save-model", "m.json", "--country", "Narnia"),
        ("score", "-f", "tree.yaml", "-d", "mine.csv", "--save-model", "m.json", "-o", "nowhere/t.csv"),
        ("score", "-f", "tree.yaml", "-d", "mine.csv", "--save-model", "m.json", "-o", "t.doc"),
        ("records", "incident_rate", "mine.csv", "--by-country", "population=mine.csv", "-o", "mine.csv"),
        ("records", "supplier_concentration", "mine.csv", "--trace", "t.csv", "-o", "t.csv"),
        ("explain", "Kenya", "-f", "tree.yaml", "-d", "mine.csv", "-o", "tree.yaml"),
        ("score", "-f", "tree.yaml", "-d", "mine.csv", "-o", "link.csv"),
        ("score", "-f", "tree.yaml", "-d", "link.csv", "-o", "mine.csv"),
        ("score", "-f", "tree.yaml", "-d", "mine.csv", "-o", "hard.csv"),
        ("score", "-f", "tree.yaml", "-d", "hard.csv", "-o", "mine.csv"),
        ("score", "-f", "tree.yaml", "-d", "mine.csv", "-o", "sub/../mine.csv"),
        ("score", "-f", "tree.yaml", "-d", "mine.csv", "--update", "sub/more.csv", "-o", "sub/more.csv"),
        ("scenario", "stress.yaml", "-f", "tree.yaml", "-d", "mine.csv", "-o", "stress.yaml"),
        ("report", "-f", "tree.yaml", "-d", "mine.csv", "-o", "tree.yaml"),
        ("compare", "-f", "tree.yaml", "-d", "mine.csv", "--before-data", "sub/more.csv", "-o", "sub/more.csv"),
        ("records", "telegeography", "sub", "-o", "sub/more.csv"),
    ],
)  # fmt: skip
def test_outputs_never_replace_an_input_or_each_other_and_none_is_left_alone(
    options: tuple[str, ...], folder: Path
) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "more.csv").write_text(DATA)
    (folder / "stress.yaml").write_text("changes: {PAK: {debt: 0.9}}\n")
    (folder / "link.csv").symlink_to("mine.csv")
    (folder / "hard.csv").hardlink_to(folder / "mine.csv")
    before = files(folder)
    done = run(*options, cwd=folder)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert files(folder) == before


@pytest.mark.slow
def test_a_manifest_that_cannot_be_written_leaves_the_table_as_it_was(folder: Path) -> None:
    (folder / "t.csv").write_text("old")
    (folder / "t.csv.manifest.json").mkdir()
    done = run("score", "-f", "tree.yaml", "-d", "mine.csv", "-o", "t.csv", cwd=folder)
    assert done.returncode == 2
    assert (folder / "t.csv").read_text() == "old"
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]
    assert done.stderr.count("t.csv.manifest.json") == 1


def shell(command: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    python = f"{sys.executable} -m dsr_risk"
    return subprocess.run(
        ["bash", "-c", command.replace("DSR", python)],
        capture_output=True, cwd=folder, timeout=120, check=False, env={**os.environ, **environment},
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("DSR score -f tree.yaml -d mine.csv >&-", 0),
        ("DSR score -f tree.yaml -d mine.csv 2>&-", 0),
        ("DSR score -f tree.yaml -d mine.csv --format table > /dev/full", 2),
        ("set -o pipefail; DSR score | true", 0),
        ("DSR explain Kenya -f tree.yaml -d mine.csv --format table", 0),
    ],
)
def test_closed_full_and_narrow_streams_give_no_traceback(
    command: str, code: int, folder: Path
) -> None:
    done = shell(command, folder, PYTHONIOENCODING="latin-1")
    assert b"Traceback" not in done.stderr
    assert b"Exception ignored" not in done.stderr
    assert done.returncode == code, done.stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="file names are text there")
def test_a_file_name_that_is_no_utf_8_is_read_and_written(folder: Path) -> None:
    done = shell(
        r"cp mine.csv $'m\xff.csv'; DSR score -f tree.yaml -d $'m\xff.csv' -o $'t\xff.csv'", folder
    )
    assert done.returncode == 0, done.stderr
    written = [os.fsencode(path.name) for path in folder.iterdir()]
    assert b"t\xff.csv" in written
    assert b"t\xff.csv.manifest.json" in written


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no such signal")
@pytest.mark.parametrize("wait", [0, 0.3])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_workers_end_with_the_command_however_it_ends(
    number: int, wait: float, folder: Path
) -> None:
    command = [
        sys.executable,
        "-m",
        "dsr_risk",
        "uncertainty",
        "--draws",
        "3000000",
        "--workers",
        "2",
        "-o",
        "t.csv",
    ]
    process = subprocess.Popen(
        command,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        # Under `nohup` the tests inherit an ignored SIGHUP, which the command respects.
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # noqa: PLW1509
    )

    def group() -> list[int]:
        listed = subprocess.run(
            ["ps", "-o", "pid=", "-s", str(process.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        return [int(pid) for pid in listed.stdout.split()]

    for _ in range(600):
        if len(group()) >= 3 or process.poll() is not None:
            break
        time.sleep(0.1)
    assert process.poll() is None
    # While processes start, and while work waits in a pipe that only they read.
    time.sleep(wait)
    try:
        process.send_signal(number)
        process.wait(timeout=60)
        for _ in range(100):
            if not group():
                break
            time.sleep(0.1)
        assert not group()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if number != signal.SIGKILL:
        assert process.returncode == 128 + number
        assert sorted(path.name for path in folder.iterdir()) == ["mine.csv", "tree.yaml"]


POOL = """
import os, time
from dsr_risk.cli._workers import workers_of
def wait():
    print(os.getpid(), flush=True)
    time.sleep(600)
with workers_of(2) as pool:
    [task.result() for task in [pool.submit(wait), pool.submit(wait)]]
"""


def _lives(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends orphans there")
def test_workers_of_a_killed_command_end_though_they_run_no_python() -> None:
    process = subprocess.Popen([sys.executable, "-c", POOL], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pids = [int(process.stdout.readline()) for _ in range(2)]
    try:
        assert all(map(_lives, pids))
        # A stopped process runs no thread that could look for its parent.
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        process.kill()
        process.wait(timeout=60)
        for _ in range(100):
            if not any(map(_lives, pids)):
                break
            time.sleep(0.1)
        assert not any(map(_lives, pids))
    finally:
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.stdout.close()


@pytest.mark.slow
def test_check_says_no_ok_where_nothing_is_scored(folder: Path) -> None:
    (folder / "thin.csv").write_text(
        "country,debt,gci\nPakistan,0.2,\nKenya,,81.7\nGhana,0.7,\nTogo,,9\n"
    )
    tree = TREE.replace("- name: risk", "- name: risk\n    min_coverage: 0.9")
    (folder / "tree.yaml").write_text(tree)
    done = run("check", "-f", "tree.yaml", "thin.csv", cwd=folder)
    assert done.returncode == 2
    assert "nothing is scored" in done.stderr
    assert ": ok" not in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("command", ["check", "score"])
def test_a_bad_table_is_said_as_in_python(command: str, folder: Path) -> None:
    (folder / "bad.csv").write_text(
        "country,debt,gcii\nKenia,0.2,12 k\nWorld,abc,81.7\nGhana,-999,50\n"
    )
    with pytest.raises(dr.DataError) as told:
        dr.score(str(folder / "tree.yaml"), str(folder / "bad.csv"))
    named = ["bad.csv"] if command == "check" else ["-d", "bad.csv"]
    done = run(command, "-f", "tree.yaml", *named, cwd=folder)
    assert done.returncode == 2
    lines = done.stderr.removeprefix("error: ").strip().splitlines()
    assert lines[0].endswith(str(told.value).splitlines()[0].rpartition("/")[2])
    assert lines[1:] == str(told.value).splitlines()[1:]


@pytest.mark.slow
def test_check_reports_how_a_table_was_read_and_the_manifest_keeps_it(folder: Path) -> None:
    (folder / "mine.csv").write_text(
        "Title\ncountry;debt;gci\nPakistan;0,2;64,9\nKenya;0,4;81,7\nGhana;0,7;50\n"
    )
    done = run("check", "-f", "tree.yaml", "mine.csv", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "decimal comma" in done.stdout
    assert "1 row above the header" in done.stdout
    done = run("score", "-f", "tree.yaml", "-d", "mine.csv", "-o", "t.csv", cwd=folder)
    facts = json.loads((folder / "t.csv.manifest.json").read_text())
    assert facts["data"]["reading"]["facts"]["decimal"] == "decimal comma"


@pytest.mark.slow
def test_the_options_of_read_data_are_options_of_the_command(folder: Path) -> None:
    (folder / "open.csv").write_text(
        "country;debt;gci\nPakistan;1,234;-999\nKenya;2,345;81\nGhana;3,456;50\n"
    )
    refused = run("score", "-f", "tree.yaml", "-d", "open.csv", cwd=folder)
    assert refused.returncode == 2
    done = run(
        "score",
        "-f",
        "tree.yaml",
        "-d",
        "open.csv",
        "--decimal",
        ",",
        "--missing",
        "-999",
        "-o",
        "t.csv",
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("suffix", [".xlsx", ".csv", ".tsv", ".md", ".html", ".json"])
def test_text_that_a_spreadsheet_would_run_stays_text(suffix: str, tmp_path: Path) -> None:
    texts = [
        "=1+1",
        "+cmd",
        "-cmd|' /C'!A0",
        "@SUM(A1)",
        "a\x01b",
        "\uff1d1+1",
        "<script>x</script>",
        "two\nlines",
        "a|b",
    ]
    frame = pd.DataFrame({"note": texts, "x": range(len(texts))})
    path = dr.write_table(frame, tmp_path / f"t{suffix}", manifest={"command": "x"})
    facts = json.loads((tmp_path / f"t{suffix}.manifest.json").read_text())
    if suffix == ".xlsx":
        openpyxl = pytest.importorskip("openpyxl")
        cells = [row[0] for row in openpyxl.load_workbook(path)["table"].iter_rows(min_row=2)]
        assert [cell.value for cell in cells[:4]] == texts[:4]
        assert {cell.data_type for cell in cells} == {"s"}
    elif suffix in (".csv", ".tsv"):
        again = pd.read_csv(path, sep="\t" if suffix == ".tsv" else ",")
        assert again["note"].tolist()[:4] == [f"'{text}" for text in texts[:4]]
        assert "5 texts" in facts["spreadsheet_safe"]
    elif suffix == ".md":
        assert len(path.read_text().splitlines()) == 2 + len(texts)
        assert "<script>" not in path.read_text()
    elif suffix == ".html":
        assert "<script>" not in path.read_text()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["tree.yaml", "mine.csv", "m.json", "bad.json"])
def test_a_schema_replaces_schemas_alone(name: str, folder: Path) -> None:
    (folder / "m.json").write_text('{"name": "mine"}')
    (folder / "bad.json").write_text("{")
    before = files(folder)
    done = run("schema", "-o", name, cwd=folder)
    assert done.returncode == 2
    assert files(folder) == before
    for _ in range(2):
        assert run("schema", "-o", "s.json", cwd=folder).returncode == 0


_INTERRUPTED = """
import signal, sys
class AtImport:
    def find_spec(self, name, path=None, target=None):
        if name == sys.argv[1]:
            sys.meta_path.remove(self)
            if sys.argv[2] == "lost":
                class Dying:
                    def __del__(self):
                        signal.raise_signal(signal.SIGINT)
                Dying()
            else:
                signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, AtImport())
from dsr_risk.cli import main
main(["score", "--out", "t.csv"], prog_name="dsr-risk")
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", ["raised", "lost"])
@pytest.mark.parametrize("module", ["dsr_risk.cli.main", "click", "dsr_risk.cli.score", "pandas"])
def test_ctrl_c_while_a_module_is_imported_is_one_line(module: str, how: str, folder: Path) -> None:
    """An exception is lost where Python runs a callback, as of objects that are deleted."""
    done = subprocess.run(
        [sys.executable, "-c", _INTERRUPTED, module, how],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (130, "interrupted: no table was written\n")
    assert not (folder / "t.csv").exists()
