"""Large plain tables of text: one header, even rows, numbers with a decimal point; parsed by pandas."""

from __future__ import annotations

import io
import warnings

import numpy as np
import pandas as pd

from .column_names import COUNTRY_NAMES, LABELS
from .dataset import LONG_COLUMNS
from .marks import looks_numeric

__all__ = ["plain_table"]

SMALLEST = 1_000_000
"""Smaller files take no time in the general reader, which knows every layout."""
PART = 1 << 18
"""Characters that are looked through at once: as many as fit in a processor's cache."""
_MISSING = ("", "NA", "nan", "NaN", "N/A", "n/a", "na", "None", "<NA>", "null")
_FIGURES = ("value", "std_error", "lower", "upper", "n_records", "year")
_TEXTS = {*LABELS, *COUNTRY_NAMES, "entity", "code", *LONG_COLUMNS} - {*_FIGURES}


def plain_table(text: str, separator: str) -> pd.DataFrame | None:
    """Return the table if it is plain, else None: then the general reader says what it is.

    Plain is a header with a column of countries in the first row, as many cells in every row, no quotes,
    and no column in which numbers are written other than with a decimal point.
    """
    if len(text) < SMALLEST or '"' in text or separator == " ":
        return None
    text = text.removeprefix("\ufeff")
    # Characters that end a line for some programs and not for others are the general reader's.
    if any(mark in text for mark in _LINE_ENDS) or (
        "\r" in text and text.count("\r") != text.count("\r\n")
    ):
        return None
    first, second = text.split("\n", 2)[:2] if "\n" in text else (text, "")
    names = [name.strip() for name in first.split(separator)]
    folded = [name.casefold() for name in names]
    if not set(folded) & set(COUNTRY_NAMES) or not all(names) or len(set(folded)) < len(names):
        return None
    if looks_numeric(second.split(separator)[0]) or second.split(separator)[0] == "":
        return None
    raw = text.encode("utf-8")
    count = _even_rows(raw, ord(separator), len(names) - 1)
    if count is None:
        return None
    texts = [name for name, low in zip(names, folded, strict=True) if low in _TEXTS]
    missing = list(_MISSING)
    try:
        with warnings.catch_warnings():
            # The default loses the last bit in pandas 2 and 3; the option goes where it does not.
            warnings.simplefilter("ignore")
            frame = pd.read_csv(
                io.BytesIO(raw),
                sep=separator,
                header=None,
                names=names,
                index_col=False,
                skiprows=1,
                dtype=dict.fromkeys(texts, object),
                keep_default_na=False,
                quoting=3,
                low_memory=False,
                na_values={name: missing for name in names if name not in texts},
                float_precision="round_trip",
                skipinitialspace=True,
                skip_blank_lines=False,
            )
    except (ValueError, pd.errors.ParserError):
        return None
    return frame if len(frame) == count - 1 and _has_plain_numbers(frame, texts) else None


_LINE_ENDS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


def _even_rows(raw: bytes, separator: int, count: int) -> int | None:
    """Return the number of lines if each has `count` separators, else None."""
    raw = raw if raw.endswith(b"\n") else raw + b"\n"
    characters = np.frombuffer(raw, np.uint8)
    parts = []
    for start in range(0, len(raw), PART):
        part = characters[start : start + PART]
        ends = part == ord("\n")
        parts.append(ends[np.flatnonzero(ends | (part == separator))])
    positions = np.flatnonzero(np.concatenate(parts))
    return len(positions) if (np.diff(positions, prepend=-1) == count + 1).all() else None


def _has_plain_numbers(frame: pd.DataFrame, texts: list[str]) -> bool:
    """Tell whether every column is of numbers, or of texts none of which is a number."""
    for index, (name, dtype) in enumerate(frame.dtypes.items()):
        if dtype.kind in "fiu" or name in texts:
            continue
        column = frame.iloc[:, index]
        if column.dtype.kind == "b" or any(
            map(looks_numeric, column.dropna().astype(str).unique())
        ):
            return False
    return True
