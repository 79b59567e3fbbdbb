"""Lay a table over data: newer cells and new columns, older cells kept beside them as conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .._util.types import Array, Index, Mask
from ..errors import DataError

if TYPE_CHECKING:
    from .dataset import Data

__all__ = ["updated"]

OLDER = "older than the cell it was laid over"
CHOSEN = "newest, or laid over without a year"
REPLACED = "replaced by a table laid over it"


def updated(data: Data, over: Data) -> Data:
    """Return the data with others laid over them; see ``Data.update``."""
    if over.is_panel != data.is_panel:
        kinds = [
            "a panel of several years" if data_set.is_panel else "a snapshot"
            for data_set in (data, over)
        ]
        raise DataError(
            f"the data are {kinds[0]} and the table is {kinds[1]}; give a table of the same kind "
            "(a panel has a column `year`), or select one year first"
        )
    units = data.units.append(over.units[~over.units.isin(data.units)])
    columns = (*data.columns, *(name for name in over.columns if name not in data.columns))
    rows = [np.asarray(units.get_indexer(data_set.units), np.intp) for data_set in (data, over)]
    column_positions = [
        pd.Index(columns).get_indexer(pd.Index(data_set.columns)) for data_set in (data, over)
    ]
    shape = (len(units), len(columns))
    at = [np.ix_(row, column) for row, column in zip(rows, column_positions, strict=True)]
    says = [
        _laid(_says(data_set), shape, where, False)
        for data_set, where in zip((data, over), at, strict=True)
    ]
    years = [
        _laid(_years(data_set), shape, where, np.nan)
        for data_set, where in zip((data, over), at, strict=True)
    ]
    older = says[0] & says[1] & (years[1] < years[0])
    taken: Mask = says[1] & ~older
    edition = over.edition if data.edition is None and not data.is_panel else data.edition
    result = type(data)(
        units,
        columns,
        _chosen(data.values_array, over.values_array, shape, at, taken, np.nan),
        _optional(data.reasons, over.reasons, shape, at, taken, None),
        _optional(data.lower, over.lower, shape, at, taken, np.nan),
        _optional(data.upper, over.upper, shape, at, taken, np.nan),
        edition=edition,
        origin=data.origin,
    )
    return _with_evidence(result, data, over, says, taken)


def _says(data: Data) -> Mask:
    """Return which cells say anything: a value, a bound, or why there is none."""
    out: Mask = ~np.isnan(data.values_array)
    for bound in (data.lower, data.upper):
        if bound is not None:
            out = out | ~np.isnan(bound)
    return out if data.reasons is None else out | np.asarray(data.reasons != None)  # noqa: E711


def _years(data: Data) -> Array:
    """Return the year of every cell: its own, else that of its unit; NaN where there is none."""
    stated = np.asarray(data.evidence_array("year", data.columns), float)
    units = np.where(data.unit_years < 0, np.nan, data.unit_years.astype(float))
    return np.where(np.isnan(stated), units[:, None], stated)


def _laid(array: Any, shape: tuple[int, int], where: Any, fill: Any) -> Any:
    out = np.full(shape, fill, dtype=array.dtype)
    out[where] = array
    return out


def _chosen(old: Any, new: Any, shape: tuple[int, int], at: Any, taken: Mask, fill: Any) -> Any:
    return np.where(taken, _laid(new, shape, at[1], fill), _laid(old, shape, at[0], fill))


def _optional(old: Any, new: Any, shape: tuple[int, int], at: Any, taken: Mask, fill: Any) -> Any:
    if old is None and new is None:
        return None
    kind = (old if new is None else new).dtype
    empty = [np.full(tuple(len(axis.ravel()) for axis in where), fill, kind) for where in at]
    both = [empty[number] if cells is None else cells for number, cells in enumerate((old, new))]
    return _chosen(both[0], both[1], shape, at, taken, fill)


def _with_evidence(result: Data, data: Data, over: Data, says: list[Mask], taken: Mask) -> Data:
    """Give the result the evidence of what was chosen, and as conflicts what was not."""
    old, new = _cells(result, data), _cells(result, over)
    first, second = _cell_indices(result, old), _cell_indices(result, new)
    kept = ~taken[first]
    used = taken[second]
    both = says[0] & says[1]
    beaten = old[~kept & both[first]].assign(rule=REPLACED)
    late = new[~used & both[second]].assign(rule=OLDER)
    old, new = _ruled(old, kept & both[first]), _ruled(new, used & both[second])
    conflicts = [frame for frame in (data.conflicts, over.conflicts, beaten, late) if len(frame)]
    evidence = [
        frame for frame in (old[kept] if len(data.evidence) else old[:0], new[used]) if len(frame)
    ]
    return result._with_evidence(_joined(evidence), _joined(conflicts))


def _ruled(cells: pd.DataFrame, won: Mask) -> pd.DataFrame:
    """Return state the rule of cells that were chosen before others, where none is stated."""
    rule = cells["rule"] if "rule" in cells else pd.Series("", index=cells.index)
    return cells.assign(rule=rule.where((rule != "") | ~won, CHOSEN))


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    if not frames:
        return pd.DataFrame()
    out = pd.concat(frames, ignore_index=True)
    texts = [name for name in out if out[name].dtype.kind not in "fiub"]
    return out.assign(
        **{str(name): out[name].astype(object).where(out[name].notna(), "") for name in texts}
    )


def _cells(result: Data, data: Data) -> pd.DataFrame:
    """Return the evidence of data as cells of the result; a bare value has its table as source."""
    frame = data.evidence
    if frame.empty:
        rows, columns = np.nonzero(_says(data))
        frame = pd.DataFrame(
            {
                "iso3": data.iso3[rows],
                "unit_year": data.unit_years[rows],
                "indicator": np.array(data.columns, dtype=object)[columns],
                "value": data.values_array[rows, columns],
                "source": data.origin,
            }
        )
        year = data.unit_years[rows].astype(float)
        frame["year"] = np.where(year < 0, np.nan, year)
    elif "source" in frame:
        frame["source"] = frame["source"].where(frame["source"] != "", data.origin)
    if not result.is_panel:
        frame["unit_year"] = -1 if result.edition is None else result.edition
    return frame


def _cell_indices(result: Data, frame: pd.DataFrame) -> tuple[Index, Index]:
    """Return where the cells of a frame are in the arrays of the result."""
    keys = pd.MultiIndex.from_arrays([result.iso3, result.unit_years])
    cells = pd.MultiIndex.from_arrays([frame["iso3"], frame["unit_year"]])
    columns = pd.Index(result.columns).get_indexer(pd.Index(frame["indicator"]))
    return np.asarray(keys.get_indexer(cells), np.intp), np.asarray(columns, np.intp)
