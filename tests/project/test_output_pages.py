"""Every command shown on the pages about tables, workbook and profile runs as written."""

from __future__ import annotations

import re
import shlex
import shutil

import pytest

from tests.folders import ROOT
from tests.helpers import run

PAGES = ("publish", "workbook", "profile")
COMMANDS = [
    line.removeprefix("$ dsr-risk ")
    for page in PAGES
    for line in re.findall(
        r"^\$ dsr-risk .*$",
        (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8"),
        flags=re.MULTILINE,
    )
]


@pytest.mark.slow
@pytest.mark.parametrize("line", COMMANDS)
def test_command_on_a_page_runs(line, tmp_path) -> None:
    pytest.importorskip("jinja2", reason="needs the extra `report`")
    pytest.importorskip("docx", reason="needs the extra `tables`")
    pytest.importorskip("xlsxwriter", reason="needs the extra `excel`")
    if ".pdf" in line and not (shutil.which("chromium") or shutil.which("google-chrome")):
        pytest.skip("needs Chromium")
    arguments = shlex.split(line)
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    if "--out" in arguments:
        assert (tmp_path / arguments[arguments.index("--out") + 1]).stat().st_size
