"""Hidden rows and columns of a sheet: read like the others, and listed in a note."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .._util.display import counted
from .reading import Log, few

__all__ = ["Hidden", "column_letters", "column_number", "report_hidden"]

_ROW = re.compile(rb'<row\s[^<>]*?hidden="(?:1|true)"[^<>]*>')
_COLUMNS = re.compile(rb'<col\s[^<>]*?hidden="(?:1|true)"[^<>]*>')
_NUMBER = re.compile(rb'\b(r|min|max)="(\d{1,7})"')


@dataclass
class Hidden:
    """Numbers of the hidden rows of a sheet, and first and last of its hidden columns, counted from 1."""

    rows: set[int] = field(default_factory=set)
    columns: set[tuple[int, int]] = field(default_factory=set)

    def find_in(self, block: bytes) -> None:
        """Add what a piece of the part of a sheet (.xlsx) says."""
        if b'hidden="' not in block:
            return
        for tag in _ROW.findall(block):
            self.rows.update(int(number) for name, number in _NUMBER.findall(tag) if name == b"r")
        for tag in _COLUMNS.findall(block):
            ends = {name: int(number) for name, number in _NUMBER.findall(tag)}
            if b"min" in ends and b"max" in ends:
                self.columns.add((ends[b"min"], ends[b"max"]))


def report_hidden(hidden: Hidden, cells: list[list[object]], log: Log) -> None:
    """Report the hidden rows and columns that hold cells."""
    rows = [at for at in sorted(hidden.rows) if at <= len(cells) and any(map(_full, cells[at - 1]))]
    if rows:
        log.note(f"{counted(len(rows), 'hidden row')} read like the others: {few(rows, 8)}")
    width = max(map(len, cells), default=0)
    columns = []
    for first, last in sorted(hidden.columns):
        for at in range(first, min(last, width) + 1):
            filled = [row[at - 1] for row in cells if at <= len(row) and _full(row[at - 1])]
            columns += [f"{column_letters(at)} ({filled[0]})"] if filled else []
    if columns:
        names = few(columns, 8)
        log.note(f"{counted(len(columns), 'hidden column')} read like the others: {names}")


def _full(cell: object) -> bool:
    return cell is not None and cell != ""


def column_number(letters: bytes) -> int:
    """Return the number of a column, counted from 1.

    Examples
    --------
    >>> column_number(b"A"), column_number(b"AB")
    (1, 28)
    """
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def column_letters(number: int) -> str:
    """Return the letters of a column, counted from 1.

    Examples
    --------
    >>> column_letters(1), column_letters(28)
    ('A', 'AB')
    """
    letters = ""
    while number:
        number, letter = divmod(number - 1, 26)
        letters = chr(65 + letter) + letters
    return letters
