"""Large plain tables of text: one header, even rows, numbers with a decimal point; parsed by pandas."""

from __future__ import annotations

import io
import warnings

import pandas as pd

from .dataset import LONG_COLUMNS
from .marks import looks_numeric
from .table import COUNTRY_NAMES, LABELS

__all__ = ["plain_table"]

SMALLEST = 1_000_000
"""Smaller files take no time in the general reader, which knows every layout."""
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
    lines = text.removeprefix("\ufeff").splitlines()
    names = [name.strip() for name in lines[0].split(separator)]
    folded = [name.casefold() for name in names]
    if not set(folded) & set(COUNTRY_NAMES) or not all(names) or len(set(folded)) < len(names):
        return None
    if looks_numeric(lines[1].split(separator)[0]) or lines[1].split(separator)[0] == "":
        return None
    if {line.count(separator) for line in lines} != {len(names) - 1}:
        return None
    texts = [name for name, low in zip(names, folded, strict=True) if low in _TEXTS]
    missing = list(_MISSING)
    try:
        with warnings.catch_warnings():
            # The default loses the last bit in pandas 2 and 3; the option goes where it does not.
            warnings.simplefilter("ignore")
            frame = pd.read_csv(
                io.StringIO("\n".join(lines[1:])), sep=separator, header=None, names=names, index_col=False,
                dtype=dict.fromkeys(texts, object), keep_default_na=False, quoting=3, low_memory=False,
                na_values={name: missing for name in names if name not in texts},
                float_precision="round_trip", skipinitialspace=True, skip_blank_lines=False,
            )  # fmt: skip
    except (ValueError, pd.errors.ParserError):
        return None
    return frame if len(frame) == len(lines) - 1 and _has_plain_numbers(frame, texts) else None


def _has_plain_numbers(frame: pd.DataFrame, texts: list[str]) -> bool:
    """Tell whether every column is of numbers, or of texts none of which is a number."""
    for place, (name, dtype) in enumerate(frame.dtypes.items()):
        if dtype.kind in "fiu" or name in texts:
            continue
        column = frame.iloc[:, place]
        if column.dtype.kind == "b" or any(
            map(looks_numeric, column.dropna().astype(str).unique())
        ):
            return False
    return True
