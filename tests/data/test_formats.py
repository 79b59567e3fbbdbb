"""Workbooks whose cells are formatted or hidden, and units written beside numbers: said, or one line a cause."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

import dsr_risk as dr
from dsr_risk.data.formats import codes_in_use, meaning_of

ROWS = [["country", "gci", "old"], ["Kenya", 4, 1], ["Ghana", 15, 2], ["Togo", 6, 3]]
GCI = {"KEN": 4.0, "GHA": 15.0, "TGO": 6.0}
Edit = Callable[[Any], None]


def book(folder: Path, formats: dict[str, str], edit: Edit | None = None) -> Path:
    made = Workbook()
    for row in ROWS:
        made.active.append(row)
    for cell, code in formats.items():
        made.active[cell].number_format = code
    if edit is not None:
        edit(made)
    made.save(folder / "mine.xlsx")
    return folder / "mine.xlsx"


@pytest.mark.parametrize(
    ("formats", "said"),
    [
        ({"B2": "[$\u20ac-407] #,##0", "B3": "[$$-409]#,##0"}, "several currencies (\u20ac in row 2, $ in row 3)"),
        ({"B2": '#,##0.0\\ "EUR"', "B4": "\u00a3#,##0"}, "several currencies (EUR in row 2, \u00a3 in row 4)"),
        ({"B2": '_("$"* #,##0_);_("$"* \\(#,##0\\)', "B3": "[$ZAR] 0"}, "several currencies ($ in row 2, ZAR in row 3)"),
        ({"B2": '0.0" kg"', "B3": '0.0" t"'}, "several units (kg in row 2, t in row 3)"),
        ({"B2": "[$EUR] 0", "B3": "0%"}, "several units (EUR in row 2, % in row 3)"),
    ],
)  # fmt: skip
def test_number_formats_of_several_units_are_refused(
    formats: dict[str, str], said: str, tmp_path: Path
) -> None:
    with pytest.raises(dr.DataError, match="column `gci`") as refused:
        dr.read_data(book(tmp_path, formats))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("formats", "said"),
    [
        ({"B2": "[$\u20ac-407] 0", "B3": "[$EUR] 0"}, "the currency \u20ac is dropped (1 of 3 values)"),
        ({"B2": '"kg" 0', "B3": '0 "kg"', "B4": "0\\ \\k\\g"}, "the unit kg is dropped"),
        ({"B2": "[Red]0.0", "B3": "#,##0.00_\u20ac", "B4": '0.0_)" ";[$-409]0'}, ""),
        ({"B2": "0.00E+00", "B3": "General", "B4": '0;"none"'}, ""),
    ],
)  # fmt: skip
def test_number_formats_of_one_unit_are_read_and_said(
    formats: dict[str, str], said: str, tmp_path: Path
) -> None:
    data = dr.read_data(book(tmp_path, formats))
    assert data.values["gci"].to_dict() == GCI
    assert said in str(data.reading)
    assert bool(said) == bool(data.reading)


def test_formats_that_no_cell_can_have_do_not_matter() -> None:
    styles = b'<numFmt numFmtId="170" formatCode="0&quot; kg&quot;"/><numFmt formatCode="0.0%" numFmtId="171"/>'
    assert codes_in_use(styles + b'<cellXfs><xf numFmtId="170"/></cellXfs>') == {'0" kg"'}
    assert codes_in_use(styles + b'<cellXfs><xf numFmtId="9"/></cellXfs>') == {"%"}
    assert codes_in_use(styles) == set()
    assert meaning_of("0.0%").percent
    assert not any(meaning_of('[h]:mm;"\u20ac"0'))


LONG = "country,indicator,value\nKenya,a,{}\nGhana,a,{}\nKenya,b,{}\nGhana,b,{}\n"


@pytest.mark.parametrize(
    ("cells", "wrong"),
    [
        (("$5", "$6", "\u20ac5", "\u20ac7"), ""),
        (("0.4", "0.5", "60%", "70 %"), ""),
        (("$5", "USD 6", "\u20ac5", "EUR 7"), ""),
        (("$5", "\u20ac6", "5", "7"), "column `value` of `a`: amounts in several currencies"),
        (
            ("1", "2", "60%", "0.7"),
            "row 4 (KEN), column `value` of `b`: '60%' is a percentage among",
        ),
    ],
)
def test_each_indicator_of_a_long_table_has_its_own_unit(
    cells: tuple[str, ...], wrong: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.csv"
    path.write_text(LONG.format(*cells), encoding="utf-8")
    if wrong:
        with pytest.raises(dr.DataError) as refused:
            dr.read_data(path)
        assert wrong in str(refused.value)
    else:
        assert dr.read_data(path).values.notna().all(axis=None)


def test_percentages_among_values_that_are_mostly_shares_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("country,gci\nKenya,45%\nGhana,0.3\nTogo,0.2\nMali,1.2\n", encoding="utf-8")
    with pytest.raises(dr.DataError, match="percentage among shares"):
        dr.read_data(path)


def _hide(made: Any) -> None:
    sheet = made.active
    sheet.row_dimensions[3].hidden = sheet.row_dimensions[20].hidden = True
    sheet.column_dimensions["C"].hidden = sheet.column_dimensions["F"].hidden = True


def test_hidden_rows_and_columns_are_read_and_said(tmp_path: Path) -> None:
    data = dr.read_data(book(tmp_path, {}, _hide))
    assert data.values["gci"].to_dict() == GCI
    assert data.reading.notes == (
        "1 hidden row read like the others: '3'",
        "1 hidden column read like the others: 'C (old)'",
    )


def _moved(made: Any) -> None:
    """Put a hidden sheet first: the parts of a workbook are not in the order of its sheets."""
    made.active.row_dimensions[2].hidden = True
    first = made.create_sheet("old", 0)
    for row in (["country", "gci"], ["Kenya", 9], ["Togo", 8]):
        first.append(row)
    first.sheet_state = "hidden"


def test_what_is_hidden_is_told_of_the_sheet_that_is_read(tmp_path: Path) -> None:
    path = book(tmp_path, {}, _moved)
    data = dr.read_data(path)
    assert data.values["gci"].to_dict() == GCI
    assert "the other sheets are hidden" in str(data.reading)
    assert "1 hidden row read like the others: '2'" in data.reading.notes
    old = dr.read_data(path, sheet="old")
    assert old.reading.notes == ("sheet 'old' is hidden in its workbook",)


def test_hidden_rows_and_currencies_of_ods_are_said(tmp_path: Path) -> None:
    from odf.opendocument import OpenDocumentSpreadsheet
    from odf.table import Table, TableCell, TableColumn, TableRow
    from odf.text import P

    made = OpenDocumentSpreadsheet()
    table = Table(name="t")
    table.addElement(TableColumn(numbercolumnsrepeated=2))
    table.addElement(TableColumn(visibility="collapse"))
    for at, cells in enumerate(ROWS):
        row = TableRow(visibility="filter" if at == 2 else "visible")
        for cell in cells:
            if isinstance(cell, str):
                new = TableCell(valuetype="string")
                new.addElement(P(text=cell))
            else:
                new = TableCell(valuetype="currency", currency="KES", value=cell)
            row.addElement(new)
        table.addElement(row)
    made.spreadsheet.addElement(table)
    made.save(str(tmp_path / "mine.ods"))
    data = dr.read_data(tmp_path / "mine.ods")
    assert data.values["gci"].to_dict() == GCI
    assert data.reading.notes == (
        "1 hidden row read like the others: '3'",
        "1 hidden column read like the others: 'C (old)'",
        "column `gci`: the currency KES is dropped",
        "column `old`: the currency KES is dropped",
    )
