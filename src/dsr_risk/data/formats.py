"""Number formats of spreadsheets: percent, and the units that they write beside numbers."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple, Self

__all__ = ["BUILT_IN", "Formatted", "Meaning", "codes_in_use", "meaning_of"]

_PIECE = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|[_*].|(.)', re.DOTALL)
"""Pieces of a format: quoted text, one letter of text, a currency, a colour or condition, spaces, one sign."""
BUILT_IN = {
    **dict.fromkeys((5, 6, 7, 8, 42, 44), "$"),
    **dict.fromkeys((9, 10), "%"),
}
"""Formats that workbooks know by number alone, as far as they write something beside the digits."""


class Meaning(NamedTuple):
    """The signs that a number format writes around a number: a percent sign, or a unit ("" for none)."""

    percent: bool
    unit: str


class Formatted(float):
    """A number of a spreadsheet with the unit that its format writes beside it.

    Examples
    --------
    >>> cell = Formatted(5.0, "kg")
    >>> cell + 1, cell.unit
    (6.0, 'kg')
    """

    unit: str

    def __new__(cls, value: float, unit: str) -> Self:
        """Return the number with its unit."""
        cell = super().__new__(cls, value)
        cell.unit = unit
        return cell

    def __getnewargs__(self) -> tuple[float, str]:  # type: ignore[override]
        """Return the arguments of a copy."""
        return float(self), self.unit


@lru_cache(maxsize=4096)
def meaning_of(code: str) -> Meaning:
    """Return what a number format writes around positive numbers.

    Examples
    --------
    >>> meaning_of("0.0%"), meaning_of('0.0" % of GDP"'), meaning_of("[$EUR] #,##0")
    (Meaning(percent=True, unit=''), Meaning(percent=False, unit='% of GDP'), Meaning(percent=False, unit='EUR'))
    """
    percent, literal = False, ""
    for quoted, letter, currency, sign in _PIECE.findall(code):
        if sign == ";":
            break
        percent = percent or sign == "%"
        literal += quoted or letter or currency or (sign if _is_currency(sign) else "")
    unit = " ".join(literal.split()).strip("()[].,:;-/ ")
    return Meaning(percent, unit if any(map(_names, unit)) else "")


def _is_currency(sign: str) -> bool:
    return len(sign) == 1 and unicodedata.category(sign) == "Sc"


def _names(sign: str) -> bool:
    return sign.isalpha() or sign in "%\u2030\u00b0" or _is_currency(sign)


def codes_in_use(styles: bytes) -> set[str]:
    """Return the number formats that cells can have, of the part `styles.xml` of a workbook."""
    begin, end = styles.find(b"<cellXfs"), styles.find(b"</cellXfs>")
    used = {int(number) for number in re.findall(rb'numFmtId="(\d{1,9})"', styles[begin:end])}
    codes = {BUILT_IN[number] for number in used & BUILT_IN.keys()}
    for tag in re.findall(rb"<numFmt [^>]*>", styles):
        number = re.search(rb'numFmtId="(\d{1,9})"', tag)
        code = re.search(rb'formatCode="([^"]*)"', tag)
        if number and code and int(number[1]) in used:
            codes.add(html.unescape(code[1].decode("utf-8", "replace")))
    return codes
