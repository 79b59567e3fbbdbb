"""Text files to rows of cells: encoding, separator and quoting, whatever program wrote them."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ..errors import DataError
from .column_names import COUNTRY_NAMES, INDICATORS_ELSEWHERE, VALUES_ELSEWHERE
from .names import named_codes, translated_code
from .reading import Log, cut

__all__ = [
    "ENCODINGS",
    "Rows",
    "decoded",
    "delimited",
    "report_separator",
    "rows_in_quotes",
    "separator_of",
]

SEPARATORS = ",;\t|"
RARE = "^~\x1f: "
"""Separators that are looked for where no line has a usual one."""
SAMPLE = 60
LONGEST_LINE = 2_000_000
LONGEST_NAME = 80
_CELL_ENDS = re.compile(r"[,;\t|\r\n]+")
_NAMES = {
    "\t": "tab",
    ";": "semicolon",
    "|": "vertical bar",
    ",": "comma",
    " ": "space",
    "\x1f": "unit separator",
}
ENCODINGS = (
    "utf-8",
    "cp1250",
    "cp1251",
    "cp1252",
    "cp1254",
    "cp1256",
    "cp850",
    "koi8_r",
    "mac_roman",
    "gb18030",
    "big5",
    "shift_jis",
)
"""Encodings that messages name; any of Python's may be given."""
_FORCED = re.compile(r'="([^"]*)"')
_QUOTED = re.compile(r"'([^']*)'")
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


@dataclass
class Rows:
    """The rows of a table as lists of cells, each with its number as a spreadsheet counts."""

    cells: list[list[object]]
    numbers: list[str]
    word: str = "row"


def decoded(path: Path, raw: bytes, log: Log, asked: str | None = None) -> str:
    """Decode a text file: as `asked`, else UTF-8, UTF-16 or UTF-32, else what its bytes look like.

    Raises
    ------
    DataError
        For bytes that are no text, or not text in the encoding asked for.
    """
    if asked is not None:
        text = _as_asked(path, raw, asked)
        log.fact("encoding", f"encoding {asked} as asked")
        return _checked(path, text)
    bom = next((name for mark, name in _BOMS if raw.startswith(mark)), None)
    encoding = bom or _utf_16_without_mark(raw) or "utf-8"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as broken:
        if encoding != "utf-8":
            raise DataError(
                f"{path}: not readable as {encoding.upper()} (byte {broken.start}); save it as CSV UTF-8, "
                "or give its `encoding`"
            ) from None
        encoding, text = _guessed(path, raw)
    if encoding not in ("utf-8", "utf-8-sig"):
        log.fact("encoding", f"encoding {encoding.upper().replace('CP1252', 'Windows-1252')}")
    return _checked(path, text)


def _as_asked(path: Path, raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as broken:
        raise DataError(
            f"{path}: not readable as {cut(encoding)} (byte {broken.start}); give another `encoding`"
        ) from None
    except (LookupError, ValueError, UnicodeError):
        raise DataError(
            f"unknown encoding `{cut(encoding)}`; known: {', '.join(ENCODINGS)} and others of Python"
        ) from None


def _checked(path: Path, text: str) -> str:
    # Programs of DOS end a text with this mark.
    text = text.removesuffix("\x1a")
    if "\x00" in text:
        raise DataError(f"{path}: not a table of text; is this really a `{path.suffix}` file?")
    return text


def _utf_16_without_mark(raw: bytes) -> str | None:
    """Tell UTF-16 by the zero bytes of its ASCII characters."""
    opening = raw[:400]
    if len(opening) < 8:
        return None
    even, odd = (
        opening[::2].count(0) / len(opening[::2]),
        opening[1::2].count(0) / len(opening[1::2]),
    )
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.1 else None


def _guessed(path: Path, raw: bytes) -> tuple[str, str]:
    """Guess a one-byte or an Asian encoding; Windows-1252 where nothing tells another.

    Names of countries and of columns tell an encoding apart: that in which most of them are written
    decides, then that in which fewest words hold a mark or a capital among small letters.
    """
    from charset_normalizer import from_bytes

    sample = raw if len(raw) < 200_000 else raw[:200_000]
    if b"\x00" in sample or sum(byte < 9 or 13 < byte < 32 for byte in sample) > len(sample) / 100:
        raise DataError(f"{path}: not a table of text; is this really a `{path.suffix}` file?")
    best = from_bytes(sample).best()
    name = "cp1252" if best is None or not _other_script(str(best)) else best.encoding
    order = list(dict.fromkeys((name, "cp1252", *ENCODINGS[1:], "latin-1")))
    order.sort(key=lambda encoding: (-_names_in(sample, encoding), _odd_in(sample, encoding)))
    for encoding in order:
        try:
            return encoding, raw.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    raise DataError(
        f"{path}: the encoding is not known (tried UTF-8, UTF-16, Windows-1252); save it as CSV UTF-8, or give "
        f"its `encoding`: {', '.join(ENCODINGS)}"
    )


def _names_in(sample: bytes, encoding: str) -> int:
    """Count the names of countries and of usual columns outside ASCII among the cells of a sample."""
    text = sample.decode(encoding, "replace")
    cells = {cell.strip(" \"'") for cell in _CELL_ENDS.split(text) if not cell.isascii()}
    return sum(
        cell.casefold() in _COLUMNS
        or bool(named_codes(cell) or translated_code(cell) or translated_code(cell, near=True))
        for cell in cells
        if len(cell) < LONGEST_NAME
    )


_COLUMNS = frozenset({*COUNTRY_NAMES, *INDICATORS_ELSEWHERE, *VALUES_ELSEWHERE})
_ODD = re.compile(
    r"(?<=[^\W\d_])[\x80-\xa0\xa1-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf\xd7\xf7\u2020-\u2044\u2500-\u25ff](?=[^\W\d_])"
    r"|(?<=[a-z])[^\x00-\x7f](?=[a-z])"
)


def _odd_in(sample: bytes, encoding: str) -> int:
    """Count marks and capitals outside ASCII between the letters of a word."""
    text = sample[:20_000].decode(encoding, "replace")
    marks = (match[0] for match in _ODD.finditer(text))
    return sum(not mark.isalpha() or mark.isupper() for mark in marks)


def _other_script(text: str) -> bool:
    """Tell whether most letters outside ASCII are of another script than Latin."""
    letters = [mark for mark in text[:20_000] if mark > "\x7f" and mark.isalpha()]
    other = sum(not unicodedata.name(mark, "").startswith("LATIN") for mark in letters)
    return 2 * other > len(letters) and len(letters) > 8


def delimited(path: Path, text: str, log: Log) -> Rows:
    """Split a text into rows of cells, by the separator that gives the most even rows.

    Raises
    ------
    DataError
        For a web page, JSON, a quote that is never closed, or control characters.
    """
    _check_is_table(path, text)
    text = _aligned(text, log)
    separator = separator_of(text, path.suffix.lower())
    report_separator(separator, path.suffix.lower(), log)
    cells: list[list[object]] = []
    numbers: list[str] = []
    reader = csv.reader(
        io.StringIO(text.lstrip("\ufeff"), newline=""),
        delimiter=separator,
        skipinitialspace=separator != " ",
        strict=True,
    )
    line = 1
    number = 0
    try:
        for number, row in enumerate(reader, start=1):
            if row:
                cells.append(list(row))
                numbers.append(str(number) if number == line else f"{number} (line {line})")
            line = reader.line_num + 1
    except csv.Error as broken:
        kind = path.suffix[1:].upper()
        cause = str(broken)
        if "unexpected end" in cause:
            cause = 'a quote (") is opened and never closed'
        elif "field larger" in cause:
            cause = (
                f"a cell has more than {csv.field_size_limit():,} characters: shorten it, or close the quote "
                'that begins it (a quote (") is opened and never closed)'
            )
        raise DataError(f"{path}: not readable as {kind}: row {number + 1}: {cause}") from None
    cells = _unwrapped(cells)
    header = "".join(str(cell) for cell in cells[0]) if cells else ""
    if not all(mark.isprintable() or mark in "\t\r\n\u00a0\u200b\x1f" for mark in header[:4000]):
        raise DataError(
            f"{path}: not a table of text; is this really a `{path.suffix}` file? If it is, give its `encoding`: "
            f"{', '.join(ENCODINGS)} or another of Python"
        )
    return Rows(cells, numbers)


def _unwrapped(cells: list[list[object]]) -> list[list[object]]:
    """Return the cells without what spreadsheets put around texts: `="004"`, or one quote at each end."""
    if not any(str(cell)[:1] in ("=", "'") for row in cells[:SAMPLE] for cell in row):
        return cells
    quoted = all(_QUOTED.fullmatch(str(cell)) for cell in cells[0])
    forms = [_FORCED, *([_QUOTED] if quoted else [])]
    return [[_inside(str(cell), forms) for cell in row] for row in cells]


def _inside(cell: str, forms: list[re.Pattern[str]]) -> str:
    return next((match[1] for form in forms if (match := form.fullmatch(cell))), cell)


def rows_in_quotes(text: str) -> str:
    """Return the text without the quotes around whole rows, as a sheet of one column is saved."""
    start = text[:LONGEST_LINE].lstrip("\ufeff").partition("\n")[0]
    if not _in_quotes(start.rstrip("\r")):
        return text
    lines = text.lstrip("\ufeff").splitlines()
    if not all(_in_quotes(line) for line in lines if line):
        return text
    return "\n".join(line[1:-1].replace('""', '"') for line in lines)


def _in_quotes(line: str) -> bool:
    """Tell whether one pair of quotes holds a whole row of several cells."""
    inside = line[1:-1].replace('""', "")
    whole = len(line) > 2 and line[0] == line[-1] == '"' and '"' not in inside
    return whole and any(mark in inside for mark in SEPARATORS)


def _check_is_table(path: Path, text: str) -> None:
    """Refuse a blank file, a web page and other kinds of file."""
    start = text.lstrip("\ufeff \t\r\n")[:200].lower()
    if not start:
        raise DataError(f"{path}: the file is blank; expected a header and at least one row")
    if start.startswith(("<!doctype", "<html", "<?xml", "<head", "<body")) or (
        start.startswith("<") and "html" in start
    ):
        raise DataError(f"{path}: this is a web page, not a table; download the file itself")
    if start.startswith(("%pdf", "version https://git-lfs", "{\\rtf")):
        raise DataError(f"{path}: not a table of text; is this really a `{path.suffix}` file?")
    end = text.find("\n", 0, LONGEST_LINE)
    if end < 0 and len(text) > LONGEST_LINE and "\r" not in text[:LONGEST_LINE]:
        raise DataError(
            f"{path}: not a table of text (its first line has more than {LONGEST_LINE:,} characters)"
        )


def _aligned(text: str, log: Log) -> str:
    """Return a table of aligned columns with tabs in place of the runs of spaces between them."""
    sample = [line.strip() for line in text[:200_000].splitlines()[:SAMPLE] if line.strip()]
    gaps = [len(re.findall(r"\S {2,}\S", line)) for line in sample]
    if any(mark in line for line in sample for mark in SEPARATORS) or not gaps or min(gaps) < 1:
        return text
    if len(set(gaps)) > 1:
        return text
    log.fact("separator", "columns aligned with spaces")
    return re.sub(r"(?<=\S) {2,}(?=\S)", "\t", text)


def report_separator(separator: str, suffix: str, log: Log) -> None:
    """Report a separator that is not the usual one of the suffix."""
    usual = "\t" if suffix == ".tsv" else ","
    if separator != usual and "separator" not in log.facts:
        name = _NAMES.get(separator, f"{separator!r} mark")
        log.fact("separator", f"separated by {name}s")


def separator_of(text: str, suffix: str) -> str:
    """Choose the separator: the one with which most rows have the same number of cells, above one."""
    usual = "\t" if suffix == ".tsv" else ","
    sample = text[:200_000].splitlines()[:SAMPLE]
    keys, tab, _ = (sample or [""])[0].partition("\t")
    if tab and "\\" in keys:
        # The keys of Eurostat are apart by commas, and its years by tabs.
        return tab
    best, choice = (0.0, 0.0), usual
    common = any(mark in line for line in sample for mark in SEPARATORS)
    for separator in sorted(SEPARATORS if common else RARE, key=lambda mark: mark != usual):
        try:
            # Blank cells at the start may be tabs that set rows in.
            widths = [
                len(row) - next((at for at, cell in enumerate(row) if cell.strip()), 0)
                for row in csv.reader(
                    sample, delimiter=separator, skipinitialspace=separator != " "
                )
                if row
            ]
        except csv.Error:
            continue
        wide = [width for width in widths if width > 1]
        if not wide:
            continue
        width, count = Counter(wide).most_common(1)[0]
        score = (round(count / len(widths), 2), 0.0 if separator == " " else min(width, 50) / 1000)
        if score > best:
            best, choice = score, separator
    return choice


def shown_row(row: list[object]) -> str:
    """Return the cells with content as one short text."""
    return cut(
        ", ".join(str(cell).strip() for cell in row if cell is not None and str(cell).strip())
    )
