"""Files of the publishers' real shapes, small, with the dirt they have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.folders import SHARED


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real files; tests that need it are skipped where it is absent."""
    place = SHARED
    if not (place / "data").is_dir():
        pytest.skip(f"no real files: {place / 'data'} does not exist (set DSR_RISK_SHARED)")
    return place


@pytest.fixture(scope="session")
def real(shared: Path) -> Path:
    """The real source files."""
    return shared / "data"


@pytest.fixture
def text_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a text file in any encoding."""

    def write(name: str, text: str, encoding: str = "utf-8") -> Path:
        place = tmp_path / name
        place.write_bytes(text.encode(encoding))
        return place

    return write


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    """Writes a workbook: sheet title -> rows."""
    openpyxl = pytest.importorskip("openpyxl", reason="workbooks need openpyxl")

    def write(name: str, sheets: dict[str, Sequence[Sequence[object]]]) -> Path:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(list(row))
        place = tmp_path / name
        book.save(place)
        return place

    return write
