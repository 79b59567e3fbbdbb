"""Data in the long format: one row a cell, those used and then the conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .._util.types import Index, Mask
from .evidence import LONG_COLUMNS

if TYPE_CHECKING:
    from .dataset import Data

__all__ = ["cell_indices", "long_table"]


def long_table(data: Data) -> pd.DataFrame:
    """Return the cells in the long format; see ``Data.to_long``."""
    keys = ["iso3", "unit_year", "indicator"]
    cells = _listed_cells(data)
    order = np.lexsort(cell_indices(data, cells)[::-1])
    frame = cells.iloc[order].assign(chosen=1)
    if not data._conflicts.empty:
        frame = pd.concat([frame, data._conflicts.assign(chosen=0)], ignore_index=True)
    if "year" not in frame and data.years:
        frame["year"] = frame["unit_year"]
    elif "year" in frame and data.is_panel:
        frame["year"] = frame["year"].fillna(frame["unit_year"])
    if data._conflicts.empty and data._evidence.empty:
        frame = frame.drop(columns="chosen")
    columns = [name for name in LONG_COLUMNS if name in frame and name not in keys[1:2]]
    out = frame[columns].reset_index(drop=True)
    out.attrs = {"edition": data.edition, "panel": data.is_panel, "missing": ()}
    if data.kind != "country":
        out = out.rename(columns={"iso3": data.unit_name})
        out.attrs |= {"units": data.kind}
    return out


def _listed_cells(data: Data) -> pd.DataFrame:
    """Return the evidence, and a row for every other cell that has a value or keeps the order."""
    wanted: Mask = np.array(~np.isnan(data.values_array))
    if len(wanted):
        wanted[0] = True
        wanted[~wanted.any(axis=1), 0] = True
    if not data._evidence.empty:
        wanted[data._evidence_at] = False
        lost: Mask = np.array(~wanted.any(axis=1))
        lost[np.unique(data._evidence_at[0])] = False
        wanted[lost, 0] = True
    rows, columns = np.nonzero(wanted)
    more = pd.DataFrame(
        {
            "iso3": data.iso3[rows],
            "unit_year": data.unit_years[rows],
            "indicator": np.array(data.columns, dtype=object)[columns],
            "value": data.values_array[rows, columns],
        }
    )
    if data._evidence.empty:
        return more
    if more.empty:
        return data._evidence
    cells = pd.concat([data._evidence, more], ignore_index=True)
    texts = [name for name in cells if cells[name].dtype.kind not in "fiub"]
    return cells.assign(**{str(name): cells[name].where(cells[name].notna(), "") for name in texts})


def cell_indices(data: Data, cells: pd.DataFrame) -> tuple[Index, Index]:
    """Return the unit row and the column of every cell of a frame."""
    units = pd.MultiIndex.from_arrays([data.iso3, data.unit_years])
    keys = pd.MultiIndex.from_arrays([cells["iso3"], cells["unit_year"]])
    columns = pd.Index(data.columns).get_indexer(pd.Index(cells["indicator"]))
    return np.asarray(units.get_indexer(keys), np.intp), np.asarray(columns, np.intp)
