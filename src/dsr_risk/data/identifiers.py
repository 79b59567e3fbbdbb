"""Units that are no countries: regions, firms or simulated countries, each with an identifier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from .._util.types import Labels
from ..errors import DataError, did_you_mean
from .column_names import COUNTRY_NAMES
from .reading import cut

if TYPE_CHECKING:
    from .table import RowNames, Table

__all__ = ["ANY", "COUNTRY", "IDENTIFIER", "check_units", "identifiers", "with_identifiers"]

COUNTRY, ANY = "country", "any"
IDENTIFIER = "id"
"""The index of units that are no countries."""

OWN = ("id", "identifier", "unit_id", "uid", "unit")
OTHER = ("entity", "code", "name", "region", "firm", "company")


def check_units(units: object) -> str:
    """Return `units`; raise DataError if it is no text.

    Examples
    --------
    >>> check_units("any")
    'any'
    """
    if not isinstance(units, str) or not units.strip():
        raise DataError(
            "`units` must be 'country', 'any' or the column that holds the identifiers, received "
            f"{cut(repr(units))}"
        )
    return units


def with_identifiers(frame: pd.DataFrame, units: str) -> tuple[pd.DataFrame, str]:
    """Return the frame with its identifiers in a column, and the name of the column.

    Identifiers are the column that `units` names; with ``any`` a named or a text index, a column such as
    ``id`` or ``name``, the first column of text, or else the numbers of the rows from 0.

    Raises
    ------
    DataError
        For a column that is not there.
    """
    frame = frame.set_axis([str(name).strip() for name in frame.columns], axis=1)
    levels = [name for name in frame.index.names if name is not None]
    if units != ANY:
        if units in levels:
            frame = frame.reset_index()
        if units not in frame.columns:
            raise DataError(
                f"no column `{cut(units)}` of identifiers (`units`); "
                f"{did_you_mean(units, map(str, frame.columns))}"
            )
        return frame.reset_index(drop=True), units
    if isinstance(frame.index, pd.MultiIndex):
        first = str(frame.index.names[0] or IDENTIFIER)
        return frame.rename_axis([first, "year"]).reset_index(), first
    plain = frame.index.dtype.kind in "iuf" and not levels
    if not plain:
        name = _free(str(levels[0]) if levels else IDENTIFIER, frame)
        return frame.rename_axis(name).reset_index(), name
    column = _column(frame)
    if column is not None:
        return frame.reset_index(drop=True), column
    name = _free(IDENTIFIER, frame)
    return frame.rename_axis(name).reset_index(), name


def _free(name: str, frame: pd.DataFrame) -> str:
    return name if name not in frame.columns else f"{name}_of_index"


def _column(frame: pd.DataFrame) -> str | None:
    """Return the column that is taken for identifiers, None where there is none."""
    folded = {str(name).casefold(): str(name) for name in reversed(frame.columns)}
    long = {"indicator", "value"} <= set(folded)
    for name in (*OWN, *COUNTRY_NAMES, *OTHER):
        # In a long table `unit` is what a value is measured in.
        if name in folded and not (long and name == "unit"):
            return folded[name]
    texts = [name for name in frame.columns if frame[name].dtype.kind not in "iufb"]
    texts = [name for name in texts if str(name).casefold() not in ("year", "indicator", "value")]
    return next((str(name) for name in texts if not _numeric(frame[name])), None)


def _numeric(column: pd.Series[Any]) -> bool:
    """Tell whether the cells that are filled are numbers, written as text or not."""
    filled = column.dropna().astype(str).str.strip().str.replace(",", ".", regex=False)
    filled = filled[filled != ""]
    return len(filled) > 0 and bool(pd.to_numeric(filled, errors="coerce").notna().mean() > 0.5)


def identifiers(table: Table, column: str) -> Labels:
    """Return the identifiers of the rows; lists, empty cells and fractions are problems."""
    cells = table.frame[column]
    if cells.dtype.kind in "iu":
        return np.array(cells.tolist(), dtype=object)
    out = np.full(len(cells), None, dtype=object)
    wrong: dict[str, list[tuple[int, object]]] = {}
    for row, cell in enumerate(cells.astype(object).tolist()):
        kind = _wrong(cell)
        if kind:
            wrong.setdefault(kind, []).append((row, cell))
            continue
        out[row] = _identifier(cell)
    for kind, pairs in wrong.items():
        shown = dict(pairs)
        table.add(
            np.array([row for row, _ in pairs], np.intp),
            lambda row, kind=kind, shown=shown: (  # type: ignore[misc]
                f"{table.rows.of(row)}, column `{cut(column)}`: the identifier is {kind}"
                f"{f', {cut(repr(shown[row]))}' if kind != 'empty' else ''}; expected a text or a "
                "whole number"
            ),
        )
    return out


def _wrong(cell: object) -> str:
    if isinstance(cell, list | tuple | set | dict | np.ndarray):
        return f"a {type(cell).__name__}"
    if pd.api.types.is_scalar(cell) and bool(pd.isna(cell)):  # type: ignore[call-overload]
        return "empty"
    if isinstance(cell, str) and not cell.strip():
        return "empty"
    if isinstance(cell, bool | np.bool_):
        return "a truth value"
    if isinstance(cell, float | np.floating) and not float(cell).is_integer():
        return "a fraction"
    return ""


def _identifier(cell: Any) -> str | int:
    if isinstance(cell, int | float | np.integer | np.floating):
        return int(cell)
    return str(cell).strip()


def repeated(codes: Labels, rows: RowNames) -> str:
    """Return one line on identifiers that several rows have; empty where each has its own.

    Examples
    --------
    >>> import numpy as np
    >>> from dsr_risk.data.table import RowNames
    >>> repeated(np.array(["a", "b", "a"], dtype=object), RowNames())
    "1 identifier is given several times: 'a' (rows 1, 3); keep one row for each"
    """
    groups: dict[object, list[int]] = {}
    for row, code in enumerate(codes):
        if code is not None:
            groups.setdefault(code, []).append(row)
    several = {code: positions for code, positions in groups.items() if len(positions) > 1}
    if not several:
        return ""
    examples = ", ".join(
        f"{cut(repr(code))} ({rows.all_of(positions)})"
        for code, positions in list(several.items())[:3]
    )
    more = f" and {len(several) - 3:,} more" if len(several) > 3 else ""
    count = "1 identifier is" if len(several) == 1 else f"{len(several):,} identifiers are"
    return f"{count} given several times: {examples}{more}; keep one row for each"
