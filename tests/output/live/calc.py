"""Recalculate workbooks with LibreOffice, after every value that they hold was made wrong on purpose."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
REQUIRED = os.environ.get("DSR_RISK_REQUIRE_LIBREOFFICE") == "1"
needs_soffice = pytest.mark.skipif(
    SOFFICE is None and not REQUIRED, reason="needs LibreOffice (soffice)"
)
WRONG = "-77"
FIRST, LEAD = 7, 4
"""The first row of units and the first column of numbers, counted from 1."""
ALWAYS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry"
 xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse">
<value>0</value></prop></item></oor:items>
"""


def spoil(path: Path) -> Path:
    """Put a wrong value into every formula cell of a workbook."""
    spoilt = path.with_name(f"spoilt_{path.name}")
    cell = re.compile(
        r'(<c r="[A-Z]+\d+"(?: s="\d+")?)(?: t="\w+")?>(<f>.*?</f>)<v ?/?>(?:[^<]*</v>)?'
    )
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(spoilt, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name.startswith("xl/worksheets/sheet"):
                text, count = cell.subn(rf"\1>\2<v>{WRONG}</v>", content.decode())
                assert count == text.count("<f>")
                content = text.encode()
            new.writestr(name, content)
    spoilt.replace(path)
    return path


def recalculated(paths: Iterable[Path], folder: Path) -> dict[str, Path]:
    """Recalculate workbooks by LibreOffice; return the new files by name."""
    home, out = folder / "home", folder / "out"
    (home / "user").mkdir(parents=True)
    (home / "user" / "registrymodifications.xcu").write_text(ALWAYS, encoding="utf-8")
    files = [str(path) for path in paths]
    subprocess.run(
        [str(SOFFICE), f"-env:UserInstallation=file://{home}", "--headless", "--convert-to", "xlsx",
         "--outdir", str(out), *files],
        check=True, capture_output=True, timeout=900,
    )  # fmt: skip
    return {path.name: path for path in out.glob("*.xlsx")}


def edit(path: Path, cells: Mapping[tuple[str, str, str], object]) -> Path:
    """Change cells of a workbook: (sheet, row, column) by the texts of the first columns and the heads."""
    import openpyxl

    book = openpyxl.load_workbook(path)
    for (sheet, row, column), value in cells.items():
        found = book[sheet]
        headline = next(r for r in range(1, 40) if column in [c.value for c in found[r]])
        place = [c.value for c in found[headline]].index(column) + 1
        keys = 1 if sheet == "Framework" else 2
        line = next(
            r for r in range(headline, found.max_row + 1) if found.cell(r, keys).value == row
        )
        found.cell(line, place).value = value
    book.save(path)
    return path


def table(book: Any, sheet: str) -> pd.DataFrame:
    """Return the numbers of a sheet with a row a unit, by code and head."""
    rows = book[sheet].iter_rows(min_row=FIRST - 1, values_only=True)
    headlines = next(rows)[LEAD - 1 :]
    kept = [row for row in rows if row[1]]
    values = [
        [one if isinstance(one, int | float) else np.nan for one in row[LEAD - 1 :]] for row in kept
    ]
    return pd.DataFrame(
        values,
        index=pd.Index([row[1] for row in kept], dtype=object),
        columns=list(headlines),
        dtype=float,
    )


def texts(book: Any, sheet: str) -> pd.DataFrame:
    """Return the texts of a sheet with a row a unit, by code and head."""
    rows = book[sheet].iter_rows(min_row=FIRST - 1, values_only=True)
    headlines = next(rows)[LEAD - 1 :]
    kept = [row for row in rows if row[1]]
    return pd.DataFrame(
        [["" if one is None else one for one in row[LEAD - 1 :]] for row in kept],
        index=pd.Index([row[1] for row in kept], dtype=object), columns=list(headlines),
    )  # fmt: skip
