"""The spelling of one number: signs, digits of other scripts, currencies and footnote marks around it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Spelled", "currency_of", "spelled", "western"]

LONGEST = 400
_MARKS = {
    **dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2007\u2008\u2009\u200a\u202f\u3000"), " "),
    **dict.fromkeys(map(ord, "\u2212\u2010\u2011\u2012\u2013\u2014\ufe63\uff0d"), "-"),
    **dict.fromkeys(map(ord, "\u2019\u02bc\u00b4\uff07"), "'"),
    **dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad"), ""),
    ord("\u066b"): ".",
    ord("\uff0e"): ".",
    ord("\u066c"): ",",
    ord("\uff0c"): ",",
    ord("\uff05"): "%",
    ord("\u066a"): "%",
    ord("\uff0b"): "+",
}
_NUMBER = re.compile(r"[+-]?(?:\d[\d.,' ]*|[.,]\d+)(?:[eE][+-]?\d+)?")
_PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?")
_FOOTNOTE = re.compile(
    r"\s*(?:[*\u2020\u2021\u00a7]{1,3}|[\u25b2\u25bc\u25b3\u25bd\u2191\u2193\u2192\u2197\u2198]|(?<=\d)=|"
    r"[\u00b9\u00b2\u00b3\u2070-\u2079]{1,3}|\[[0-9a-z*]{1,3}\]"
    r"|\((?:[a-z]|[0-9]{1,2}|[ivx]{1,4}|\*)\)|(?<=\s)(?!b+$)[bdefprsu]{1,3})$"
)
_FLAG = re.compile(r"(?<=[\d.%])\s+[bcdefinprsuz]{1,3}$")
_SYMBOLS = (
    r"(?:US|C|CA|A|AU|NZ|HK|S)?\$|\u20ac|\u00a3|\u00a5|\u20b9|\u20a6|\u20a9|"
    r"USD|EUR|GBP|CNY|RMB|JPY|INR|CHF|AUD|CAD|KES|NGN|ZAR|SEK|NOK|DKK|BRL|Int\$"
)
_CURRENCY_FIRST = re.compile(rf"([+-]?)\s*({_SYMBOLS})\s*(?=[\d.,+-])")
_CURRENCY_LAST = re.compile(rf"(?<=\d)\s*({_SYMBOLS})$")
_ALIKE = {
    "$": "USD", "US$": "USD", "\u20ac": "EUR", "\u00a3": "GBP", "\u20b9": "INR", "\u20a6": "NGN",
    "C$": "CAD", "CA$": "CAD", "A$": "AUD", "AU$": "AUD", "RMB": "CNY",
}  # fmt: skip
"""Signs of currencies that are written as codes, too."""
_PERCENT = re.compile(
    r"\s*(?:%|percent|per cent|pct\.?|prozent|v\. ?H\.|pour cent|por ciento|por cento|per cento|procent)$",
    re.IGNORECASE,
)
_ROUND = re.compile(r"(?<=\d)[.,]-{1,2}$")
"""How prices write that nothing follows the decimal mark: `5,-`."""
_BRACKETS = re.compile(r"\(\s*([\d.,' ]+)\s*(%?)\s*\)(\s*%?)")


@dataclass(frozen=True)
class Spelled:
    """A cell as a number without what stands around it, and what that was.

    Attributes
    ----------
    bare : str
        Digits with their sign and marks, or the cell itself where it is no number.
    percent : bool
        Whether a percent sign followed.
    currency : str
        The currency written with it.
    footnote : str
        The footnote mark behind it.
    brackets : bool
        Whether a negative number was in brackets.
    """

    bare: str
    percent: bool = False
    currency: str = ""
    footnote: str = ""
    brackets: bool = False


@lru_cache(maxsize=65_536)
def spelled(text: str, flags: bool = False) -> Spelled:
    """Return the number in a cell apart from what is written around it.

    Read are digits of any script, dashes for minus, a minus behind, negative numbers in brackets, one
    currency, a percent sign and a footnote mark. A letter behind a number is a mark only where it is no
    magnitude either (`k`, `m`, `b` are refused). With `flags` all letters that Eurostat marks observations with
    are marks, `b` for a break in the series among them.

    Examples
    --------
    >>> spelled("(5.2)").bare, spelled("1 234,5*").footnote, spelled("45 %").percent
    ('-5.2', '*', True)
    >>> spelled("12 k").bare, spelled("86 b").bare, spelled("86 b", flags=True).bare
    ('12 k', '86 b', '86')
    """
    if _PLAIN.fullmatch(text):
        return Spelled(text)
    if len(text) > LONGEST:
        return Spelled(text)
    rest = western(text)
    currency = footnote = ""
    brackets = False
    if match := (flags and _FLAG.search(rest)) or _FOOTNOTE.search(rest):
        footnote, rest = match[0].strip(), rest[: match.start()].rstrip()
    if re.fullmatch(r"=\d+", rest):
        # Ranks that several units share are so marked.
        footnote, rest = "=", rest[1:]
    rest, first = _without_currency(rest)
    percent = rest[:1] == "%" or rest.endswith("%")
    if percent:
        rest = rest.strip("%").strip()
    elif not rest[-1:].isdigit() and (word := _PERCENT.search(rest)):
        percent, rest = True, rest[: word.start()]
    rest, last = _without_currency(rest)
    currency = first or last
    rest = _ROUND.sub("", rest)
    if match := _BRACKETS.fullmatch(rest):
        rest, brackets = f"-{match[1].strip()}", True
        percent = percent or "%" in match[2] + match[3]
    rest = _signed(rest)
    if not _NUMBER.fullmatch(rest):
        return Spelled(western(text))
    return Spelled(rest, percent, currency, footnote, brackets)


def western(text: str) -> str:
    """Return the text with plain spaces, dashes and apostrophes, and digits 0-9."""
    text = text.translate(_MARKS)
    if not text.isascii():
        text = "".join(
            str(unicodedata.decimal(mark)) if mark > "\x7f" and mark.isdecimal() else mark
            for mark in text
        )
    return text.strip()


def _without_currency(text: str) -> tuple[str, str]:
    if match := _CURRENCY_FIRST.match(text):
        return match[1] + text[match.end() :], match[2]
    if match := _CURRENCY_LAST.search(text):
        return text[: match.start()], match[1]
    return text, ""


def currency_of(unit: str) -> str:
    """Return one text for every way to write a currency; "" for a unit that is none.

    Examples
    --------
    >>> currency_of("\u20ac"), currency_of("EUR"), currency_of("kg")
    ('EUR', 'EUR', '')
    """
    if re.fullmatch(_SYMBOLS, unit) or (len(unit) == 1 and unicodedata.category(unit) == "Sc"):
        return _ALIKE.get(unit, unit)
    return unit if re.fullmatch(r"[A-Z]{3}", unit) else ""


def _signed(text: str) -> str:
    """Return the number with its sign directly before it: `5-` and `- 5` are -5."""
    if text.endswith("-") and text[:1].isdigit():
        return "-" + text[:-1].rstrip()
    if text[:1] in ("-", "+") and text[1:2] == " ":
        return text[0] + text[1:].lstrip()
    return text
