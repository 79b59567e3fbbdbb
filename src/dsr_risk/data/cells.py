"""Facts of the cells of data: status, evidence, confidence, and a digest of the whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from .._util.checks import whole_number
from .._util.types import Array
from ..errors import UnknownNameError, did_you_mean
from .evidence import CONFIDENCE, LONG_COLUMNS, NUMERIC, is_empty

if TYPE_CHECKING:
    from .dataset import Data

__all__ = [
    "cell_evidence",
    "confidence",
    "evidence_field",
    "evidence_rows",
    "fingerprint",
    "focal_origins",
    "picked",
    "quality",
    "status_of",
]


def status_of(data: Data, row: int, column: int) -> str:
    """Return what a cell is; see ``Data.status``."""
    whole_number("row", row, most=len(data.units) - 1)
    whole_number("column", column, most=len(data.columns) - 1)
    if not np.isnan(data.values_array[row, column]):
        return "observed"
    if data.reasons is not None and data.reasons[row, column] is not None:
        return "not applicable"
    if data.upper is not None and not np.isnan(data.upper[row, column]):
        return "censored"
    return "missing"


def picked(data: Data, source: NDArray[Any], names: list[str], missing: Any) -> NDArray[Any]:
    """Return the named columns of an array (units, columns); `missing` throughout for a column that is absent."""
    columns = [data._column_numbers.get(name, -1) for name in names]
    out = (
        # Column by column, as frames hold them and as methods take them.
        source.T[columns].T if source.shape[1] else np.full((len(data.units), len(names)), missing)
    )
    absent = [column < 0 for column in columns]
    if any(absent):
        out[:, absent] = missing
    return out


def evidence_rows(data: Data) -> dict[tuple[int, int], int]:
    """Return the row of the evidence of every cell that has any, by its unit's row and its column."""
    if data._evidence.empty:
        return {}
    cells = zip(*map(np.ndarray.tolist, data._evidence_at), strict=True)
    return {cell: row for row, cell in enumerate(cells)}


def evidence_field(data: Data, field: str, columns: Iterable[str]) -> NDArray[Any]:
    """Return one field of the evidence as an array; see ``Data.evidence_array``."""
    if field not in LONG_COLUMNS:
        raise UnknownNameError(
            f"no field `{field}` of the evidence; {did_you_mean(field, LONG_COLUMNS)}"
        )
    number = field in NUMERIC
    fill = np.nan if number else ""
    cells = np.full((len(data.units), len(data.columns)), fill, float if number else object)
    if not data._evidence.empty and field in data._evidence:
        stated = data._evidence[field]
        cells[data._evidence_at] = (
            stated.to_numpy(float) if number else stated.to_numpy(dtype=object)
        )
    return picked(data, cells, list(columns), fill)


def cell_evidence(data: Data, iso3: str | int, unit_year: int, indicator: str) -> dict[str, Any]:
    """Return the evidence of one cell; see ``Data.evidence_of``."""
    unit = data._unit_rows.get((cast("str", iso3), unit_year), -1)
    row = data._evidence_rows.get((unit, data._column_numbers.get(indicator, -1)))
    if row is None:
        return {}
    cell = data._evidence.iloc[row].to_dict()
    return {str(key): value for key, value in cell.items() if not is_empty(value)}


def quality(data: Data, names: Iterable[str], excluded: Iterable[str]) -> Array:
    """Return mean confidence (0-1) of the cells of each named column, missing cells counting 0.

    Cells that are not applicable, and countries in `excluded`, do not count at all. A cell without
    a confidence grade counts 1.
    """
    wanted = list(names)
    grades = np.where(np.isnan(data._matrix(wanted)), 0.0, 1.0)
    grades = grades * data.confidence(wanted)
    keep = ~np.isin(data.iso3, list(excluded))
    applies = data.applicable(wanted)
    counted = np.broadcast_to(keep[:, None], grades.shape) & (True if applies is None else applies)
    with np.errstate(invalid="ignore"):
        out: Array = (grades * counted).sum(axis=0) / counted.sum(axis=0)
    return np.nan_to_num(out)


def focal_origins(data: Data) -> dict[str, set[str]]:
    """Return the focal origins of every column; see ``Data.focal_origins``."""
    if data._evidence.empty or "focal" not in data._evidence:
        return {}
    stated = data._evidence[["indicator", "focal"]]
    pairs = stated[stated["focal"] != ""].drop_duplicates()
    out: dict[str, set[str]] = {}
    for indicator, origin in zip(pairs["indicator"], pairs["focal"], strict=True):
        out.setdefault(indicator, set()).add(origin)
    return out


def confidence(data: Data, names: Iterable[str]) -> Array:
    """Return the confidence weights; see ``Data.confidence``."""
    wanted = list(names)
    out = np.ones((len(data.units), len(wanted)))
    if "confidence" not in data._evidence:
        return out
    grades = data.evidence_array("confidence", wanted)
    for grade, weight in CONFIDENCE.items():
        out[grades == grade] = weight
    return out


def fingerprint(data: Data) -> str:
    """Return a digest of the content; see ``Data.fingerprint``."""
    digest = hashlib.sha256()
    digest.update("\n".join([*map(str, data.iso3), "", *data.columns]).encode())
    digest.update(np.ascontiguousarray(data.unit_years).data)
    # Column by column: the order in which frames hold them needs no copy.
    digest.update(np.ascontiguousarray(data.values_array.T).data)
    for array in (data.lower, data.upper):
        bare = array is None or bool(np.isnan(array).all())
        digest.update(b"-" if bare else np.ascontiguousarray(array).data)
    reasons = None if data.reasons is None else data.reasons.tolist()
    stated = reasons and any(reason is not None for row in reasons for reason in row)
    digest.update(repr(reasons if stated else None).encode())
    return digest.hexdigest()[:12]
