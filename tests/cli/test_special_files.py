"""Devices, pipes, sockets and links under the name of a file: no hang, none replaced, a link stays one."""

from __future__ import annotations

import errno
import os
import socket
import stat
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import dsr_risk as dr
from dsr_risk.cli.main import main
from dsr_risk.pages import charts
from dsr_risk.readers import _files
from tests.data.test_hostile import no_hang

__all__ = ["no_hang"]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no such files there")

TREE = (
    "name: mine\nscores:\n  - name: risk\n    children:\n      - {name: debt, higher_is: riskier}\n"
)
DATA = "country,debt\nPakistan,0.2\nKenya,0.4\nGhana,0.7\n"
SCORE = "score -f tree.yaml -d mine.csv "


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tree.yaml").write_text(TREE)
    (tmp_path / "mine.csv").write_text(DATA)
    for suffix in ("csv", "json", "yaml", "npz"):
        os.mkfifo(tmp_path / f"pipe.{suffix}")
        (tmp_path / f"device.{suffix}").symlink_to("/dev/zero")
        (tmp_path / f"circle.{suffix}").symlink_to(f"circle.{suffix}")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("no_hang")
@pytest.mark.parametrize(
    "command",
    [
        *(f"{SCORE} -o {name}.csv" for name in ("pipe", "device", "circle")),
        *(f"{SCORE} --save-model {name}.json" for name in ("pipe", "device")),
        "schema -o pipe.json",
        *(f"check {name}" for name in ("pipe.yaml", "device.yaml", "device.json", "pipe.csv")),
        "score -f pipe.yaml -d mine.csv",
        "score -f tree.yaml -d device.csv",
        "score -d mine.csv --model pipe.json",
        "scenario pipe.yaml -f tree.yaml -d mine.csv",
        "stakeholders device.yaml -f tree.yaml -d mine.csv",
        "pathway Kenya 20 --actions pipe.yaml -f tree.yaml -d mine.csv",
        "records world_bank device.csv",
        "records supplier_concentration pipe.csv",
        "uncertainty -f tree.yaml -d mine.csv --draws 10 --checkpoint pipe.npz",
    ],
)
def test_what_is_no_file_is_neither_read_nor_replaced(command: str, folder: Path) -> None:
    before = {path.name: os.lstat(path).st_mode for path in folder.iterdir()}
    done = CliRunner().invoke(main, command.split())
    assert done.exit_code == 2, done.output
    assert "not a file" in done.stderr
    assert {path.name: os.lstat(path).st_mode for path in folder.iterdir()} == before


def test_a_socket_is_not_replaced(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as end:
        end.bind("end.csv")
        done = CliRunner().invoke(main, [*SCORE.split(), "-o", "end.csv"])
        assert done.exit_code == 2
        assert stat.S_ISSOCK(os.lstat(folder / "end.csv").st_mode)


@pytest.mark.parametrize("there", [True, False])
def test_an_output_goes_where_a_link_leads(there: bool, folder: Path) -> None:
    (folder / "results").mkdir()
    target = folder / "results" / "t.csv"
    if there:
        target.write_text("old")
    (folder / "link.csv").symlink_to(target)
    done = CliRunner().invoke(main, [*SCORE.split(), "-o", "link.csv"])
    assert done.exit_code == 0, done.output
    assert (folder / "link.csv").is_symlink()
    assert target.read_text().startswith("iso3,")


def test_an_archive_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(tmp_path / "WDI.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("WDICSV.csv", "Country Name,Country Code\n" + " " * 100_000)
    monkeypatch.setattr(_files, "LARGEST", 90_000)
    with pytest.raises(dr.DataError, match="unpacks to 100,0"):
        dr.readers.world_bank(tmp_path / "WDI.zip")


def test_a_workbook_on_a_full_disk_is_one_message(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    done = CliRunner().invoke(main, [*SCORE.split(), "--workbook", "w.xlsx", "-o", "t.csv"])
    assert done.exit_code == 2, done.output
    assert done.stderr.strip() == "error: w.xlsx: cannot be written: No space left on device"
    assert not {"w.xlsx", "t.csv"} & {path.name for path in folder.iterdir()}


def test_a_folder_that_cannot_be_filled_is_not_left_behind(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = Path.write_text

    def full(path: Path, *args: Any, **options: Any) -> int:
        if path.suffix == ".csv":
            raise OSError(errno.ENOSPC, "No space left on device")
        return written(path, *args, **options)

    monkeypatch.setattr(Path, "write_text", full)
    done = CliRunner().invoke(main, ["init", "new/mine"])
    assert done.exit_code == 2, done.output
    assert "data.csv: cannot be written: No space left on device" in done.stderr
    assert not (folder / "new").exists()


def test_a_report_under_a_limit_of_addresses_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    resource = pytest.importorskip("resource")
    charts.bundle.cache_clear()
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (6 * 10**9, 6 * 10**9))
    done = CliRunner().invoke(main, ["report", "-f", "tree.yaml", "-d", "mine.csv", "-o", "r.html"])
    assert done.exit_code == 2
    assert "lift the limit, as in `ulimit -v unlimited`" in done.stderr
