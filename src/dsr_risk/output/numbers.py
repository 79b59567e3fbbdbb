"""Numbers of published tables as text: their decimals, and the sign before them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from ..errors import DataError

__all__ = ["ESTIMATED", "check_decimal", "decimals_of", "number_text", "with_decimal"]

ESTIMATED = "estimated_indicators"
"""The column that names the estimated indicators of a row."""
SHARES = ("coverage", "_estimated_share", "_reliability", "_band_probability")
"""Ends of names of columns that hold shares from 0 to 1."""


def check_decimal(decimal: str) -> None:
    """Raise DataError if the decimal mark is neither a point nor a comma."""
    if decimal not in (".", ","):
        raise DataError(f"`decimal` must be '.' or ',', received {decimal!r}")


def decimals_of(column: str, points: int = 1) -> int:
    """Return how many decimals the numbers of a column are printed with: two for shares, none for ranks.

    `points` is the number of decimals of scores, as ``decimals_of_scale`` returns it.
    """
    if column.endswith(("_rank_low", "_rank_high")):
        return 0
    return 2 if column.endswith(SHARES) else points


def with_decimal(text: str, decimal: str) -> str:
    """Return a text with its decimal points as the sign asked for."""
    return re.sub(r"(?<=\d)\.(?=\d)", decimal, text)


def number_text(name: str, value: Any, decimal: str, points: int = 1) -> str:
    """Return a cell of a column as text: a number with its decimals, a dash where there is none."""
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return "–"
    if isinstance(value, float | np.floating):
        return f"{value:.{decimals_of(name, points)}f}".replace(".", decimal)
    return str(value)
