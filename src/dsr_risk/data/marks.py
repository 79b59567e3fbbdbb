"""Numbers as people write them: decimal and thousands marks, percent signs, words for missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .._util.display import counted
from .._util.types import Array, Labels, Mask
from ..errors import Problems
from .reading import Asked, Log, few
from .spelling import spelled, western

__all__ = ["MISSING_WORDS", "Marks", "can_hold_codes", "find_marks", "looks_numeric", "to_floats"]

_WORDS = """
na|n/a|n.a.|n.a|n. a.|n / a|nan|null|none|n/d|nd|n.d.|n. d.|#n/a|<na>|nat|\\n|nil|undefined|unknown
not available|not applicable|not reported|not known|not avail.|unavailable|no data|data not available
missing|unk|k.a.|k. a.|k.a|k. a|keine angabe|keine angaben|keine daten|ohne angabe|o. a.|o.a.|n. v.
n.v.|nicht verf\u00fcgbar|unbekannt|fehlt|entf\u00e4llt|non disponible|non disp.|n.c.|sans objet|s.o.
pas de donn\u00e9es|aucune donn\u00e9e|donn\u00e9e manquante|donn\u00e9es non disponibles|inconnu
manquant|sin datos|sin dato|s/d|s.d.|s. d.|no disponible|no hay datos|desconocido
n\u00e3o dispon\u00edvel|sem dados|desconhecido|non disponibile|dati non disponibili
dato non disponibile|n.p.|n.r.|brak danych|brak|b.d.|b.d|bd.|bd|b. d.|b/d|nie dotyczy|niedost\u0119pne
niet beschikbaar|geen gegevens|onbekend|n.b.|n.v.t.|nvt|saknas|uppgift saknas|ingen data|ingen uppgift
nen\u00ed k dispozici|neuvedeno|neuveden|nincs adat|veri yok|mevcut de\u011fil|bilinmiyor
\u043d\u0435\u0442 \u0434\u0430\u043d\u043d\u044b\u0445|\u043d/\u0434|\u043d.\u0434.|\u043d\u0434
\u043d\u0435\u0438\u0437\u0432\u0435\u0441\u0442\u043d\u043e
\u0434\u0430\u043d\u0456 \u0432\u0456\u0434\u0441\u0443\u0442\u043d\u0456
\u043d\u0435\u043c\u0430\u0454 \u0434\u0430\u043d\u0438\u0445|\u65e0\u6570\u636e|\u6682\u65e0
\u6682\u65e0\u6570\u636e|\u4e0d\u8be6|\u4e0d\u9002\u7528|\u7f3a\u5931|\u672a\u77e5|\u7121\u8cc7\u6599
\u7121\u6578\u64da|\u4e0d\u660e|\u8a72\u5f53\u306a\u3057|\u30c7\u30fc\u30bf\u306a\u3057
\u063a\u064a\u0631 \u0645\u062a\u0648\u0641\u0631|\u063a\u064a\u0631 \u0645\u062a\u0627\u062d
\u0644\u0627 \u062a\u0648\u062c\u062f \u0628\u064a\u0627\u0646\u0627\u062a
\u0644\u0627 \u064a\u0648\u062c\u062f|\u063a\u064a\u0631 \u0645\u0639\u0631\u0648\u0641
"""
MISSING_WORDS = frozenset(
    {
        *("", "..", "\u2013", "-", "--", "\u2014", "...", "\u2026", "."),
        *(word for line in _WORDS.split("\n") for word in line.split("|") if word),
    }
)
"""Words that people and programs write where there is no value, folded."""
EUROSTAT = "eurostat"
"""The fact of a report that a table is one of Eurostat."""
FLAGS = frozenset("bcdefinprsuz")
"""Letters with which Eurostat marks observations."""
FLAGGED_GAP = re.compile(r":\s*(?:[bcdefimnprsuz]{1,3}|\([bcdefimnprsuz]{1,3}\))")
"""No value, and the flag that says why, as Eurostat writes it."""
_STROKES = frozenset(".:-\u2010\u2011\u2012\u2013\u2014\u2212_~*?/\u2026 ")

_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_NUMBER = re.compile(r"[+-]?(?:\d[\d.,' ]*|[.,]\d+)(?:[eE][+-]?\d+)?")
_GROUPS = re.compile(
    r"[+-]?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|[+-]?[1-9]\d{0,2}(?:,\d{2})+,\d{3}(?:\.\d+)?"
)
_GROUPS_POINT = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?")
_GROUPS_OTHER = re.compile(r"[+-]?[1-9]\d{0,2}(?:([ '])\d{3})(?:\1\d{3})*(?:[.,]\d+)?")
_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")
_ONE_COMMA = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
_ONE_POINT = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}")
CODES_LOOKED_AT = 6
LEAST_CODE = 777
FILL, LEAST_FILL = 1e6, 1e15
"""How many times the next number in size, and how large, a number is that fills empty cells."""
WHOLE_FILLS = (2.0**31, 2.0**31 - 1, 2.0**32 - 1)
"""Ends of whole numbers of 32 bits, which fill empty cells though they are smaller."""
_CODE = re.compile(r"-(?:9|9{1,3}[6-9]|([6-9])\1+)(?:\.(?:0+|\1+))?")
_HIGH_CODE = re.compile(r"([7-9])\1{2,}(?:\.0+)?")


@dataclass(frozen=True)
class Marks:
    """The decimal and the thousands mark of a table; no thousands mark if empty.

    If `unclear`, one problem tells why, and cells that are numbers under other marks are no further ones.
    With `flags`, letters behind numbers are those with which Eurostat marks observations.
    """

    decimal: str = "."
    thousands: str = ""
    unclear: bool = False
    flags: bool = False


def looks_numeric(text: str) -> bool:
    """Tell whether a cell is a number in some usual spelling."""
    bare = spelled(text).bare
    return len(bare) <= 400 and _NUMBER.fullmatch(bare) is not None


def _bare(text: str) -> str:
    return spelled(text).bare


def find_marks(
    columns: Mapping[str, Iterable[str]], asked: Asked, problems: Problems, log: Log
) -> Marks:
    """Find the decimal and the thousands mark that all numeric columns agree on.

    Cells that fit one mark only are evidence; cells that fit both (`1,234`) follow the evidence. A
    table whose cells contradict each other, or leave the mark open, is a problem.
    """
    evidence: dict[str, list[str]] = {"comma": [], "point": [], "open": []}
    thousands: dict[str, str] = {}
    by_points = False
    flags = EUROSTAT in log.facts or any(
        _tells_flags(text) for texts in columns.values() for text in texts
    )
    for name, texts in columns.items():
        for text in texts:
            bare = spelled(text, flags).bare
            _weigh(bare, name, evidence, thousands)
            by_points = by_points or ("." in bare and _ONE_POINT.fullmatch(bare) is not None)
    before = len(problems.lines)
    decimal = asked.decimal or _decided(evidence, asked.thousands, problems)
    mark = asked.thousands
    if mark is None:
        marks = {sign for sign in thousands if sign != decimal}
        if evidence["open"] and decimal == ".":
            marks.add(",")
        if len(marks) > 1:
            problems.add(
                "thousands are marked in several ways: "
                + ", ".join(
                    f"{thousands.get(sign, evidence['open'][0] if evidence['open'] else '')} ('{sign}')"
                    for sign in sorted(marks)
                )
                + "; write numbers one way, or say which with `thousands`"
            )
        mark = next(iter(sorted(marks)), "." if decimal == "," else "")
    unclear = len(problems.lines) > before
    result = Marks(decimal, mark if mark != decimal else "", unclear, flags)
    if result.decimal == "," and (evidence["comma"] or evidence["open"]):
        log.fact("decimal", "decimal comma")
    by_points = by_points and result.thousands == "."
    if thousands or by_points or (evidence["open"] and decimal == "."):
        log.fact("thousands", f"thousands marked by {_named(result.thousands)}")
    return result


def _tells_flags(text: str) -> bool:
    """Tell whether a cell has a flag of Eurostat that is no magnitude: `: c`, or letters behind a number."""
    if text[-1:].islower() and text.isascii():
        return FLAGGED_GAP.fullmatch(text) is not None or spelled(text).footnote.isalpha()
    return False


def _named(mark: str) -> str:
    return {",": "commas", ".": "points", " ": "spaces", "'": "apostrophes"}.get(mark, "nothing")


def _weigh(text: str, name: str, evidence: dict[str, list[str]], thousands: dict[str, str]) -> None:
    """Add what one cell tells of the marks."""
    shown = f"'{text[:24]}' in `{name[:24]}`"
    decimal, mark = _marks_in(text)
    if decimal:
        evidence[decimal].append(shown)
    if mark:
        thousands.setdefault(mark, shown)


def _marks_in(text: str) -> tuple[str, str]:
    """Return what a cell tells: `comma`, `point` or `open` of the decimal mark, and the thousands mark."""
    other = _GROUPS_OTHER.fullmatch(text)
    if other:
        return ("comma" if "," in text else "point" if "." in text else ""), other[1]
    if _ONE_COMMA.fullmatch(text):
        return "open", ""
    if "," in text and _GROUPS.fullmatch(text):
        return "point", ","
    if "." in text and _GROUPS_POINT.fullmatch(text) and not _ONE_POINT.fullmatch(text):
        return "comma", "."
    if _COMMA.fullmatch(text):
        return "comma", ""
    if "." in text and _PLAIN.fullmatch(text) and not _ONE_POINT.fullmatch(text):
        return "point", ""
    return "", ""


def _decided(evidence: dict[str, list[str]], thousands: str | None, problems: Problems) -> str:
    if thousands == ",":
        return "."
    if evidence["comma"] and evidence["point"]:
        problems.add(
            f"decimal commas and decimal points in one table: {evidence['comma'][0]} and "
            f"{evidence['point'][0]}; write all numbers one way"
        )
        return "."
    if evidence["comma"] or thousands == "." or (evidence["open"] and thousands in (" ", "'")):
        return ","
    if evidence["open"] and not evidence["point"]:
        problems.add(
            f"{evidence['open'][0]} may be a number of thousands or a decimal comma, and no other cell "
            "tells which; say it with `decimal` ('.' or ',')"
        )
    return "."


def to_floats(texts: Labels, marks: Marks) -> Array:
    """Convert cells to float64 under the marks; NaN where a cell is no number, infinity kept.

    A percent sign is dropped: `45 %` is 45.
    """
    out = pd.to_numeric(pd.Series(texts), errors="coerce").to_numpy(dtype=float, copy=True)
    plain = ~np.isnan(out)
    # pandas says what is a number; its fast parser may miss the last bit that Python's does not.
    out[plain] = texts[plain].astype(float)
    if marks.decimal == ",":
        # `1.234` is a number to pandas and a thousand under a decimal comma.
        doubtful = np.array(["." in text for text in texts], bool)
        out[doubtful] = np.nan
    for row in np.flatnonzero(np.isnan(out)):
        out[row] = _one_float(str(texts[row]), marks)
    return out


def _one_float(text: str, marks: Marks) -> float:
    if not text or len(text) > 400:
        return np.nan
    bare = spelled(text, marks.flags).bare
    if marks.thousands:
        sign = re.escape(marks.thousands)
        point = re.escape(marks.decimal)
        grouped = rf"[+-]?(?:\d{{1,3}}(?:{sign}\d{{3}})+|\d{{1,3}}(?:{sign}\d{{2}})+{sign}\d{{3}})(?:{point}\d+)?"
        if re.fullmatch(grouped, bare):
            bare = bare.replace(marks.thousands, "")
    if marks.decimal == ",":
        if "." in bare:
            return np.nan
        bare = bare.replace(",", ".", 1)
    if not _PLAIN.fullmatch(bare):
        # Digits too large for float64, which pandas 2 calls no number, are infinite.
        return _spelled_infinity(bare)
    return float(bare)


def _spelled_infinity(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return np.nan
    return value if np.isinf(value) else np.nan


def percent_cells(texts: Labels) -> Mask:
    """Tell which cells are percentages: with a sign before or behind, or a word for it."""
    return np.array([not _ends_plainly(text) and spelled(text).percent for text in texts], bool)


def _ends_plainly(text: str) -> bool:
    """Tell whether a cell begins and ends with a digit, as nearly all do."""
    return text[:1].isdigit() and text[-1:].isdigit()


def missing_words(asked: Asked) -> frozenset[str]:
    """Return the words for missing, those of the user included."""
    return MISSING_WORDS | {word.casefold() for word in asked.missing or ()}


def without_codes(values: Array, asked: Asked, log: Log) -> Array:
    """Return the values without those that are codes for missing, however they are spelled."""
    codes = [code for word in asked.missing or () if (code := _as_code(word)) is not None]
    coded = np.isin(values, codes)
    if not codes or not coded.any():
        return values
    shown = [f"{code:.15g}" for code in sorted(set(codes)) if (values == code).any()]
    log.note(f"read as missing: {few(shown, 6)}")
    return np.where(coded, np.nan, values)


def _as_code(word: str) -> float | None:
    try:
        return float(_bare(word).replace(",", "."))
    except ValueError:
        return None


def is_missing(text: str, words: frozenset[str]) -> bool:
    """Tell whether a cell means "missing": one of the words, or nothing but dots, dashes and the like."""
    if text[:1].isalnum():
        folded = text.casefold()
        return folded in words or (not text.isascii() and " ".join(folded.split()) in words)
    if not text.isascii():
        text = western(text)
    if text.casefold() in words or _STROKES.issuperset(text):
        return True
    if text[0] in "([<{" and (inside := text[1:-1].strip()) and text[-1] in ")]>}":
        return inside.casefold() in words
    return text[:1] == ":" and FLAGGED_GAP.fullmatch(text) is not None


def can_hold_codes(values: Array) -> bool:
    """Tell whether any number lies where codes for missing values do."""
    return bool((values <= -9).any() or (values >= LEAST_CODE).any())


def question_codes(values: Array, name: str, asked: Asked, problems: Problems, rows: Any) -> None:
    """Add a problem for numbers like -999 that look like codes for a missing value.

    They are questioned where every other value of the column is 0 or more, unless the user says which
    codes mean missing (`missing`, which may be empty).
    """
    if asked.missing is not None:
        return
    if not can_hold_codes(values):
        return
    finite = values[~np.isnan(values)]
    unique, counts = np.unique(finite, return_counts=True)
    ends = [*unique[:CODES_LOOKED_AT], *unique[-1:]]
    codes = [value for value in ends if _CODE.fullmatch(f"{value:g}")]
    rest = unique[~np.isin(unique, codes)]
    if not codes:
        rest, codes = _high_codes(unique)
    if not codes:
        rest, codes = _fills(unique)
    if not codes or not len(rest) or (rest < 0).any():
        return
    code = codes[0]
    if code == -9 and rest.max() < 100 and counts[unique == -9].sum() == 1:
        return
    where = np.flatnonzero(np.isin(values, codes))
    count = counted(len(where), "cell")
    problems.add(
        f"column `{name}`: {code:.15g} looks like a code for a missing value ({count}, first in "
        f"{rows(int(where[0]))}; all other values are 0 or more). Leave such cells empty, or say so with "
        f"`missing` ({code:.15g} if it is a code, none if it is a number)"
    )


def _high_codes(unique: Array) -> tuple[Array, list[float]]:
    """Split sorted numbers into those of a size, and larger ones like 888 and 999: no measurements of 0 to 100."""
    rest = unique
    while len(rest) > 2 and _HIGH_CODE.fullmatch(f"{rest[-1]:.15g}"):
        rest = rest[:-1]
    codes = unique[len(rest) :]
    return (rest, list(codes)) if len(codes) and codes[0] > 5 * rest[-1] >= 0 else (unique, [])


def _fills(unique: Array) -> tuple[Array, list[float]]:
    """Split sorted numbers into those of a size, and the one end that is far larger than all others."""
    for at, rest in ((0, unique[1:]), (-1, unique[:-1])):
        largest = np.abs(rest).max(initial=0.0)
        size = abs(unique[at])
        like_fill = size >= LEAST_FILL or size in WHOLE_FILLS
        if len(rest) > 1 and like_fill and size > FILL * largest > 0:
            return rest, [unique[at]]
    return unique, []


def numeric_share(texts: Mapping[str, int], words: frozenset[str]) -> float:
    """Return the share of the cells with content that look like numbers; 1 if none has content.

    `texts` maps every text to the number of its cells.
    """
    filled = {text: count for text, count in texts.items() if not is_missing(text, words)}
    if not filled:
        return 1.0
    numeric = sum(
        count
        for text, count in filled.items()
        if looks_numeric(text) or np.isinf(_spelled_infinity(text))
    )
    return numeric / sum(filled.values())
