"""How the sheets look on paper: rows are as high as the text in them."""

from __future__ import annotations

import pytest

import dsr_risk as dr
from dsr_risk.output.live.book import header_height


@pytest.mark.slow
def test_rows_of_notes_are_high_enough_for_their_text(tmp_path, bundled: dr.Scores) -> None:
    import openpyxl

    book = openpyxl.load_workbook(dr.workbook(bundled, tmp_path / "t.xlsx"))
    sheet = book["Notes"]
    long = [
        row for row in range(1, sheet.max_row + 1) if len(str(sheet.cell(row, 1).value or "")) > 130
    ]
    assert long
    assert all((sheet.row_dimensions[row].height or 15) >= 30 for row in long)
    assert book["Framework"].row_dimensions[book["Framework"].max_row].height in (None, 15)


@pytest.mark.slow
def test_headings_of_derived_columns_name_the_operation(tmp_path, bundled: dr.Scores) -> None:
    import openpyxl

    sheet = openpyxl.load_workbook(dr.workbook(bundled, tmp_path / "t.xlsx"))["Derived"]
    texts = [str(cell.value) for row in sheet.iter_rows(max_row=8) for cell in row if cell.value]
    assert "product of surveillance_adoption, safeguards_gap" in texts


def test_header_height_counts_the_lines_of_a_name() -> None:
    assert header_height(["short"], 12) == 15
    assert header_height(["a" * 25], 13) == 45
    assert header_height([], 13) == 15
