"""The evidence of a cell: the columns of the long format and the grades of confidence."""

import math

__all__ = ["CONFIDENCE", "EVIDENCE_COLUMNS", "LONG_COLUMNS", "NUMERIC", "is_empty"]

LONG_COLUMNS = (
    "iso3",
    "indicator",
    "value",
    "year",
    "unit",
    "std_error",
    "lower",
    "upper",
    "reason",
    "source",
    "publisher",
    "licence",
    "url",
    "retrieved",
    "confidence",
    "claim",
    "perimeter",
    "focal",
    "n_records",
    "flag",
    "note",
    "chosen",
    "rule",
)
"""The columns of the long format: one row a cell, the first three required."""

EVIDENCE_COLUMNS = tuple(
    name for name in LONG_COLUMNS if name not in {"iso3", "indicator", "value", "year", "chosen"}
)
"""The columns that say what supports a value."""

NUMERIC = frozenset({"value", "year", "std_error", "lower", "upper", "n_records"})
"""The fields of the evidence that hold numbers."""

CONFIDENCE = {"high": 1.0, "medium": 2 / 3, "low": 1 / 3}
"""What a confidence grade counts in reliability and in data-quality weights."""


def is_empty(value: object) -> bool:
    """Tell whether a field of the evidence says nothing: None, "" or NaN."""
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))
