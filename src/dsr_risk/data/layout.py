"""The layout of a table: titles above, header rows, notes below."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from .._util.display import counted
from ..errors import DataError, Problems, did_you_mean
from .column_names import COUNTRY_NAMES
from .countries import country_table, dissolved, is_aggregate, to_iso3
from .marks import EUROSTAT, looks_numeric
from .reading import Log, cut, few
from .table import RowNames
from .text import Rows, shown_row
from .year_columns import YEAR, is_blank, looks_numeric_value

__all__ = ["frame_of"]

HIGHEST_HEADER = 40
LONGEST_FOOT = 400
_NOTE = re.compile(
    r"\s*[(\[*\u2020\u00a9\u00b9]?\s*(?:notes?|sources?|quellen?|fuentes?|anmerkung|nota|remarks?|"
    r"data (?:from|source)|last updated|copyright|licen[cs]e|legend|https?:|www\.|\(?[a-z1-9*]\)|"
    r"downloaded|retrieved|footnotes?)\b.*"
    r"|\s*(?:\[[0-9a-z*]{1,3}\]|[\u00b9\u00b2\u00b3\u2070-\u2079]|[*\u2020\u2021]+|[0-9]{1,2}[.)]\s|#).*",
    re.IGNORECASE | re.DOTALL,
)


_RULE = re.compile(r"[-=_~*]{2,}")
"""A cell of a line that is drawn below a table."""


@dataclass
class _Header:
    """The place of the header, the names it gives, and the first row below it."""

    at: int
    names: list[str]
    body: int


def frame_of(path: Path, rows: Rows, problems: Problems, log: Log) -> tuple[pd.DataFrame, RowNames]:
    """Return the table inside the rows of a file, its cells as they are, and what its rows are called.

    Rows above the header, blank rows, repeated headers and notes below are skipped and reported.
    """
    rows = _without_blank_rows(rows, log)
    if not rows.cells:
        raise DataError(f"{path}: the file is blank; expected a header and at least one row")
    rows = _name_of_index_above(_keys_apart(rows, log))
    header = _header(rows, log)
    last = _foot(rows, header, log)
    body, numbers = _body(rows, header, last, problems, log)
    _check_names(header.names, body, problems, log)
    frame = pd.DataFrame(body, columns=range(len(header.names)), dtype=object)
    frame = frame.set_axis(header.names, axis=1)
    unnamed = [column for column, name in enumerate(header.names) if not name]
    frame = frame.iloc[:, [column for column in range(len(header.names)) if column not in unnamed]]
    return frame, _row_names(numbers, rows.word)


def _keys_apart(rows: Rows, log: Log) -> Rows:
    r"""Split the first cells of a table of Eurostat, whose keys stand in one: `unit,geo\\TIME_PERIOD`."""
    if any("\\time" in _text(cell).casefold() for cell in rows.cells[0]):
        log.fact(EUROSTAT, "a table of Eurostat")
    keys = _text(rows.cells[0][0]).split(",") if rows.cells[0] else []
    if len(keys) < 2 or "\\" not in keys[-1]:
        return rows
    cells: list[list[object]] = [[*_text(row[0]).split(","), *row[1:]] for row in rows.cells]
    return Rows(cells, rows.numbers, rows.word)


def _name_of_index_above(rows: Rows) -> Rows:
    """Move a name of countries that stands alone in a row into the header above, as pandas writes an index."""
    for at, row in enumerate(rows.cells[:6]):
        alone = [_text(cell) for cell in row if not is_blank(cell)]
        above = [cell for line in rows.cells[:at] for cell in line[:1]]
        if at and len(alone) == 1 and len(row) > 1 and all(map(is_blank, above)):
            if _text(row[0]).casefold() not in COUNTRY_NAMES:
                continue
            cells = [
                *rows.cells[: at - 1],
                [row[0], *rows.cells[at - 1][1:]],
                *rows.cells[at + 1 :],
            ]
            return Rows(cells, [*rows.numbers[:at], *rows.numbers[at + 1 :]], rows.word)
    return rows


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip()


def _without_blank_rows(rows: Rows, log: Log) -> Rows:
    kept = [row_number for row_number, row in enumerate(rows.cells) if not all(map(is_blank, row))]
    skipped = len(rows.cells) - len(kept)
    if not skipped:
        return rows
    inside = [
        row_number for row_number in range(kept[-1] if kept else 0) if row_number not in set(kept)
    ]
    if inside:
        log.note(f"{counted(len(inside), 'blank row')} skipped")
    return Rows(
        [rows.cells[row_number] for row_number in kept],
        [rows.numbers[row_number] for row_number in kept],
        rows.word,
    )


def _folded(row: Sequence[object]) -> list[str]:
    return [_text(cell).casefold() for cell in row]


def _is_header(row: Sequence[object], first: bool) -> bool:
    names = [name for name in _folded(row) if name]
    has_country = any(name in COUNTRY_NAMES for name in names) or {"entity", "code"} <= set(names)
    return has_country and (len(names) > 1 or first) and not any(map(looks_numeric_value, row[:1]))


def _header(rows: Rows, log: Log) -> _Header:
    """Find the header: the first row with a column of countries by name, or by its cells."""
    opening = rows.cells[:HIGHEST_HEADER]
    at = next((index for index, row in enumerate(opening) if _is_header(row, index == 0)), None)
    if at is None:
        at = _by_content(rows, log)
    names = [_text(cell) for cell in rows.cells[at]]
    names, above = _joined_above(rows, at, names, log)
    if above > 0:
        shown = few([shown_row(row) for row in rows.cells[:above]])
        log.note(f"{counted(above, 'row')} above the header skipped: {shown}")
    names, body = _joined_below(rows, at, names, log)
    return _Header(at, names, body)


def _by_content(rows: Rows, log: Log) -> int:
    """Return the row above the first country, if a column without a name holds countries; else the first."""
    for column in range(2):
        cells = [row[column] if column < len(row) else None for row in rows.cells[1:51]]
        full = [cell for cell in cells if not is_blank(cell)]
        if full and not _text(_at(rows.cells[0], column)):
            codes = to_iso3(full)
            if sum(code is not None for code in codes) >= 0.8 * len(full):
                header = list(rows.cells[0])
                header += [None] * (column + 1 - len(header))
                header[column] = "country"
                rows.cells[0] = header
                log.note(f"column {column + 1} has no name and holds countries: read as `country`")
                return 0
    return 0


def _at(row: Sequence[object], column: int) -> object:
    return row[column] if column < len(row) else None


def _needs_more(names: list[str]) -> list[int]:
    """Return the columns whose name is empty, there twice or a year: a second header row may tell them apart."""
    counts = Counter(name.casefold() for name in names)
    return [
        column
        for column, name in enumerate(names)
        if not name or counts[name.casefold()] > 1 or YEAR.fullmatch(name)
    ]


def _joined_above(rows: Rows, at: int, names: list[str], log: Log) -> tuple[list[str], int]:
    """Put the row above before the names that it tells apart; return the names and the rows above."""
    open_ = [column for column in _needs_more(names) if names[column]]
    if at == 0 or not open_:
        return names, at
    above = [_text(cell) for cell in rows.cells[at - 1]]
    # A title over merged cells stands in every column, that of countries included.
    title = len(set(above)) == 1 and len(above) >= len(names)
    if sum(bool(cell) for cell in above) < 2 or title:
        return names, at
    carried = _carried(above, len(names))
    joined = list(names)
    for column in open_:
        if carried[column]:
            joined[column] = f"{carried[column]} {names[column]}"
    log.note("two header rows are joined: " + few(joined[column] for column in open_))
    return joined, at - 1


def _carried(cells: list[str], width: int) -> list[str]:
    """Return the cells with each empty one filled from the left, as merged headers read."""
    out: list[str] = []
    for column in range(width):
        cell = cells[column] if column < len(cells) else ""
        out.append(cell or (out[-1] if out else ""))
    return out


def _joined_below(rows: Rows, at: int, names: list[str], log: Log) -> tuple[list[str], int]:
    """Join a second header row, or skip a row of units, below the header."""
    country = next(
        (
            column
            for column, name in enumerate(names)
            if name.casefold() in (*COUNTRY_NAMES, "entity")
        ),
        None,
    )
    body = at + 1
    if country is None or body >= len(rows.cells):
        return names, body
    row = [_text(cell) for cell in rows.cells[body]]
    name = row[country] if country < len(row) else ""
    if name and name.casefold() != names[country].casefold():
        return names, body + _is_label_row(rows, body, country, log)
    rest = [cell for column, cell in enumerate(row) if cell and column != country]
    words = [cell for cell in rest if not looks_numeric(cell) or YEAR.fullmatch(cell)]
    if not rest or len(words) < len(rest) or _folded(rows.cells[body]) == _folded(rows.cells[at]):
        return names, body
    open_ = set(_needs_more(names))
    if any(row[column] for column in open_ if column < len(row)):
        carried = _carried(names, len(names))
        joined = [
            f"{carried[column]} {row[column]}".strip()
            if column < len(row)
            and row[column]
            and column != country
            and column in open_ | _owners(names, open_)
            else name
            for column, name in enumerate(names)
        ]
        log.note("two header rows are joined: " + few(name for name in joined if name not in names))
        return joined, body + 1
    log.note(
        f"the row below the header holds no country and no numbers: skipped ({shown_row(rows.cells[body])})"
    )
    return names, body + 1


def _is_label_row(rows: Rows, body: int, country: int, log: Log) -> int:
    """Return 1 where the row below the header describes the columns: words, no country, numbers below."""
    row = [_text(cell) for cell in rows.cells[body]]
    rest = [cell for column, cell in enumerate(row) if cell and column != country]
    if body + 1 >= len(rows.cells) or not rest:
        return 0
    if _counts_columns(row):
        log.note(
            f"the row below the header counts the columns: skipped ({shown_row(rows.cells[body])})"
        )
        return 1
    if any(map(looks_numeric, rest)):
        return 0
    if not any(any(mark.isalpha() for mark in cell) for cell in rest):
        rule = all(re.fullmatch(r":?-{2,}:?", cell) for cell in [*rest, row[country]])
        if not rule:
            return 0
    below = rows.cells[body + 1]
    numeric = [
        column
        for column, cell in enumerate(below)
        if column != country and looks_numeric_value(cell)
    ]
    words = [column for column in numeric if column < len(row) and row[column]]
    if (
        not words
        or len(words) < len(numeric)
        or is_aggregate(row[country])
        or dissolved(row[country])
    ):
        return 0
    if to_iso3([row[country]])[0] is not None or to_iso3([_text(below[country])])[0] is None:
        return 0
    near = did_you_mean(row[country][:60], country_table()["name"].dropna(), listed=0)
    if (
        near.startswith("did")
        and "country" not in row[country].casefold()
        and row[country].casefold() != "name"
    ):
        return 0
    log.note(
        f"the row below the header describes the columns: skipped ({shown_row(rows.cells[body])})"
    )
    return 1


def _counts_columns(row: list[str]) -> bool:
    """Tell whether a row numbers the columns: `1, 2, 3` or `(1), (2), (3)`."""
    bare = [cell.strip("()[]") for cell in row]
    return any(
        len(bare) > 1 and bare == [str(number) for number in range(first, first + len(bare))]
        for first in (0, 1)
    )


def _owners(names: list[str], open_: set[int]) -> set[int]:
    """Return the columns whose name is carried over the empty names to their right."""
    return {
        column
        for column in range(len(names) - 1)
        if names[column] and not names[column + 1] and column + 1 in open_
    }


def _foot(rows: Rows, header: _Header, log: Log) -> int:
    """Return where the body ends: rows of notes at the end are skipped."""
    last = len(rows.cells)
    while (
        last > header.body + 1
        and len(rows.cells) - last < LONGEST_FOOT
        and _is_note(rows.cells[last - 1], header)
    ):
        last -= 1
    if last < len(rows.cells):
        notes = [shown_row(row) for row in rows.cells[last:]]
        log.note(f"{counted(len(notes), 'row')} of notes below the table skipped: {few(notes)}")
    return last


def _is_note(row: Sequence[object], header: _Header) -> bool:
    filled = [cell for cell in row if not is_blank(cell)]
    text = _text(filled[0]) if filled else ""
    if not filled or any(isinstance(cell, int | float) for cell in filled):
        return False
    if _NOTE.fullmatch(text[:400]) or all(_RULE.fullmatch(_text(cell)[:400]) for cell in filled):
        return True
    # A note over merged cells stands in all of them.
    if len(set(map(_text, filled))) > 1 or len(header.names) < 2 or len(text) < 4:
        return False
    if re.search(r"\w:(?:\s|$)", text):
        return True
    if to_iso3([text])[0] is not None or dissolved(text) or is_aggregate(text):
        return False
    near = did_you_mean(text[:60], country_table()["name"].dropna(), listed=0)
    return " " in text and not near.startswith("did")


def _body(
    rows: Rows, header: _Header, last: int, problems: Problems, log: Log
) -> tuple[list[list[object]], list[str]]:
    """Return the rows of the table, all of one width; rows cut short or too long are problems."""
    _add_row_names(rows, header, last)
    width = len(header.names)
    header_row = _folded(rows.cells[header.at])
    body: list[list[object]] = []
    numbers: list[str] = []
    short: dict[int, list[str]] = {}
    repeated = 0
    sheet = any(len(row) != len(rows.cells[header.at]) for row in rows.cells) is False
    first = header_row[0] if header_row else ""
    for row, number in zip(
        rows.cells[header.body : last], rows.numbers[header.body : last], strict=True
    ):
        if first and _text(row[0]).casefold() == first and _folded(row) == header_row:
            repeated += 1
            continue
        if _begins_again(row, header_row):
            problems.add(
                f"row {number}: a second table begins ({shown_row(row)}); put each table into a file of its own"
            )
            break
        cells = row
        if len(row) != width:
            extra = row[width:]
            if len(row) > width and all(map(is_blank, extra)):
                cells = row[:width]
            elif not sheet:
                short.setdefault(len(row), []).append(number)
                cells = [*row[:width], *[None] * (width - len(row))]
        body.append(cells)
        numbers.append(number)
    if repeated:
        log.note(f"{counted(repeated, 'repeated header row')} skipped")
    for size, where in short.items():
        shown = ", ".join(where[:3]) + (f" and {len(where) - 3:,} more" if len(where) > 3 else "")
        problems.add(
            f"row{'' if len(where) == 1 else 's'} {shown}: {counted(size, 'cell')}, and the header has {width}; "
            "a cell that holds the separator needs quotes"
        )
    return body, numbers


def _begins_again(row: Sequence[object], header: list[str]) -> bool:
    """Tell whether a row is the header of a second table: that of countries, or the other names again."""
    if header and header[0] in COUNTRY_NAMES and _text(row[0]).casefold() == header[0]:
        return True
    if len(header) < 2 or not header[1] or _text(_at(row, 1)).casefold() != header[1]:
        return False
    return _folded(row)[1 : len(header)] == header[1:] and not any(map(looks_numeric, header[1:]))


def _add_row_names(rows: Rows, header: _Header, last: int) -> None:
    """Give the header an empty first name where every row has one cell more: row names, as R writes them."""
    body = rows.cells[header.body : last]
    width = len(header.names)
    if len(body) > 1 and all(len(row) == width + 1 for row in body) and _is_count(body, 0):
        header.names.insert(0, "")


def _is_count(body: list[list[object]], column: int) -> bool:
    """Tell whether a column counts the rows, from 0 or 1."""
    cells = [_text(row[column]).strip('"') for row in body if column < len(row)]
    return any(
        all(cell == str(number) for number, cell in enumerate(cells, start=first))
        for first in (0, 1)
    )


def _check_names(names: list[str], body: list[list[object]], problems: Problems, log: Log) -> None:
    """Check that every column with cells has a name of its own."""
    counts = Counter(names)
    for name in sorted(name for name, count in counts.items() if count > 1 and name):
        problems.add(f"column `{cut(name)}` is there {counts[name]} times; keep one")
    for column, name in enumerate(names):
        if not name and column == 0 and len(body) > 1 and _is_count(body, 0):
            log.note("a first column without a name counts the rows: skipped")
        elif not name and any(not is_blank(row[column]) for row in body if column < len(row)):
            problems.add(f"column {column + 1} has cells and no name; name it, or remove it")


def _row_names(numbers: list[str], word: str) -> RowNames:
    """Return the names of rows: counted from the first where no row was skipped."""
    if numbers and all(number.isdigit() for number in numbers):
        first = int(numbers[0])
        if int(numbers[-1]) - first == len(numbers) - 1 and len(set(numbers)) == len(numbers):
            return RowNames(first=first, word=word)
    return RowNames(word=word, listed=numbers)
