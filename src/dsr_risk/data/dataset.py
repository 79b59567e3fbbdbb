"""Data: values by country and year, with the evidence of every cell beside them."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .._util.arguments import typed
from .._util.display import Shown
from .._util.frozen import Frozen, held
from .._util.renamed import Renamed
from .._util.types import Array, Index, Mask
from .cells import (
    cell_evidence,
    confidence,
    evidence_field,
    evidence_rows,
    fingerprint,
    focal_origins,
    picked,
    status_of,
)
from .edits import replaced
from .evidence import CONFIDENCE, LONG_COLUMNS
from .listing import cell_indices, long_table
from .overview import same_evidence, summary
from .reading import Reading
from .selection import one_cell, selected
from .units import identifier_of, keys_of, names_of_units
from .update import updated

__all__ = ["CONFIDENCE", "LONG_COLUMNS", "Data"]

_NOTHING = pd.DataFrame()
"""The evidence of data that have none; it is only read."""


@typed(own=("changes",))
@dataclass(frozen=True, eq=False, repr=False)
class Data(Frozen, Renamed, Shown):
    """Values indexed by country (ISO 3166 alpha-3) and, for panels, year; with evidence per cell.

    Attributes
    ----------
    units : pandas.Index
        ``iso3``, or ``(iso3, year)`` where there are several years.
    columns : tuple of str
        Indicator names.
    values_array : ndarray
        (units, columns) float64, read-only; NaN where there is no value.
    reasons : ndarray of object, or None
        Where a cell is *not applicable*, the reason code; None elsewhere.
    lower, upper : ndarray, or None
        Bounds of *censored* cells (no value, but known to lie between); NaN elsewhere.
    evidence : pandas.DataFrame
        One row a cell: ``iso3, unit_year, indicator, value, year`` (the cell's own) and unit, source,
        publisher, licence, confidence, claim and the rest of ``LONG_COLUMNS``. Empty for bare frames.
    conflicts : pandas.DataFrame
        Values of other sources kept beside the chosen ones, with the rule that chose.
    edition : int or None
        The year a snapshot stands for.
    origin : str
        Where the data come from, a file by its name; the source of cells that name none.
    reading : Reading
        How the table was read: encoding, separator, marks, and what was converted or left out.

    Notes
    -----
    Make one with ``read_data`` (a file), ``load_data`` (the bundled snapshot) or ``as_data`` (a frame,
    long or wide). A cell is *observed* (a value), *not applicable* (a reason), *censored* (bounds only)
    or *missing* (nothing). Methods that take `names` or `columns` return them in that order; a column that the
    data do not have is missing in every unit.

    Examples
    --------
    >>> import pandas as pd
    >>> from dsr_risk import as_data
    >>> data = as_data(pd.DataFrame({
    ...     "iso3": ["PAK", "KEN", "KEN"], "indicator": ["gci", "gci", "debt"], "value": [64.88, 81.7, 30.0],
    ...     "year": [2024, 2024, 2023], "confidence": ["high", "low", "medium"], "source": ["ITU", "ITU", "WDI"]}))
    >>> data.values.loc["KEN", "gci"].item(), data.cell("Kenya", "debt")["source"]
    (81.7, 'WDI')
    >>> data.names_of(["KEN"]), data.unit_of("Kenya"), data.status(0, 1)
    (['Kenya'], 'KEN', 'missing')
    >>> data.evidence_of("KEN", int(data.unit_years[1]), "debt")["year"], data.to_long().columns[:3].tolist()
    (2023.0, ['iso3', 'indicator', 'value'])
    >>> data.confidence(["gci"]).round(2).tolist(), data.evidence_array("year", ["gci"]).tolist()
    ([[1.0], [0.33]], [[2024.0], [2024.0]])
    >>> data.bounds(["gci"]), data.applicable(["gci"]), data.focal_origins()
    (None, None, {})
    >>> data.select(countries="Kenya").replace({"KEN": {"gci": 90}}).values["gci"].tolist()
    [90.0]
    """

    units: pd.Index
    columns: tuple[str, ...]
    values_array: Array
    reasons: NDArray[np.object_] | None = None
    lower: Array | None = None
    upper: Array | None = None
    edition: int | None = None
    origin: str = "given table"
    reading: Reading = field(default_factory=Reading)
    _evidence: pd.DataFrame = field(default_factory=lambda: _NOTHING, init=False)
    _conflicts: pd.DataFrame = field(default_factory=lambda: _NOTHING, init=False)

    _renamed: ClassVar[Mapping[str, str | None]] = dict.fromkeys(
        ("row_of", "rows_kept", "unit_keys", "quality", "matrix", "year_groups")
    )

    @property
    def values(self) -> pd.DataFrame:
        """The values as a frame, units by indicators (a copy)."""
        return pd.DataFrame(self.values_array.copy(), index=self.units, columns=list(self.columns))

    @property
    def evidence(self) -> pd.DataFrame:
        """The evidence of the chosen cells (a copy)."""
        return self._evidence.copy()

    @property
    def conflicts(self) -> pd.DataFrame:
        """The values not chosen, with the rule that chose another (a copy)."""
        return self._conflicts.copy()

    @property
    def is_panel(self) -> bool:
        """True if units are (country, year)."""
        return isinstance(self.units, pd.MultiIndex)

    @property
    def iso3(self) -> NDArray[np.object_]:
        """The country of every unit (a copy)."""
        level = self.units.get_level_values(0) if self.is_panel else self.units
        return np.array(level, dtype=object)

    @property
    def kind(self) -> str:
        """``country`` where units are countries, ``any`` where they are anything with an identifier."""
        return "country" if self.units.names[0] in ("iso3", None) else "any"

    @property
    def unit_name(self) -> str:
        """The name of the index of units, the year apart: ``iso3``, or ``id``."""
        return "iso3" if self.kind == "country" else str(self.units.names[0])

    @property
    def unit_names(self) -> list[str]:
        """The name of every unit: of a country its name, else its identifier."""
        return self.names_of(self.iso3)

    @property
    def unit_labels(self) -> list[str]:
        """The identifier of every unit, with its year in a panel."""
        if not self.is_panel:
            return [str(unit) for unit in self.units]
        return [f"{unit} {year}" for unit, year in self.units]

    def names_of(self, units: Iterable[Any]) -> list[str]:
        """Return the names of units given by code or identifier.

        Parameters
        ----------
        units
            Codes or identifiers of units.

        Returns
        -------
        list of str
            A name for each; what is no code of a country is returned as it is.
        """
        return names_of_units(self, units)

    @property
    def sort_keys(self) -> NDArray[Any]:
        """The keys that order equal scores: the code of a country, else the place in the data."""
        if self.kind == "country":
            return self.iso3.astype(str)
        return np.arange(len(self.units))

    @cached_property
    def _identifiers(self) -> dict[str, Any]:
        return {str(code): code for code in self.iso3}

    def unit_of(self, name: object) -> Any:
        """Return the code of a country (a name or code), or the identifier of another unit.

        Parameters
        ----------
        name
            A name, an ISO 3166 code, or an identifier of the data.

        Returns
        -------
        str
            The ISO 3166 alpha-3 code of a country; of other data the identifier, in its own type.

        Raises
        ------
        UnknownNameError
            For a text that is no country, or an identifier that the data do not have.
        """
        return identifier_of(self, name)

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries, each once, in the order of the units."""
        return tuple(dict.fromkeys(self.iso3))

    @property
    def years(self) -> tuple[int, ...]:
        """The unit years; the edition alone for a snapshot, nothing where no year is known."""
        if self.is_panel:
            return tuple(sorted({int(year) for year in self.units.get_level_values(1)}))
        return () if self.edition is None else (self.edition,)

    @cached_property
    def _column_numbers(self) -> dict[str, int]:
        return {name: index for index, name in enumerate(self.columns)}

    def _matrix(self, names: Iterable[str]) -> Array:
        """Return (units, names) values of the named columns; NaN throughout for a column that is absent."""
        wanted = list(names)
        if tuple(wanted) == self.columns:
            return self.values_array
        return picked(self, self.values_array, wanted, np.nan)

    def bounds(self, names: Iterable[str]) -> tuple[Array, Array] | None:
        """Return lower and upper bounds (units, names), NaN where no cell is censored; None if none is.

        Parameters
        ----------
        names
            Columns of the data; of one that there is not nothing is known.

        Returns
        -------
        tuple of array, or None
            Two arrays (units, names) in the units of each column.
        """
        if self.lower is None or self.upper is None:
            return None
        wanted = list(names)
        return picked(self, self.lower, wanted, np.nan), picked(self, self.upper, wanted, np.nan)

    def applicable(self, names: Iterable[str]) -> Mask | None:
        """Return (units, names) False where a cell is not applicable; None where all are.

        Parameters
        ----------
        names
            Columns of the data; of one that there is not nothing is known.

        Returns
        -------
        array of bool, or None
            (units, names).
        """
        if self.reasons is None:
            return None
        out: Mask = picked(self, self.reasons, list(names), None) == None  # noqa: E711
        return out

    def select(
        self,
        *,
        year: int | None = None,
        countries: str | int | Iterable[str | int] | None = None,
        region: str | Iterable[str] | None = None,
        income: str | Iterable[str] | None = None,
    ) -> Data:
        """Return the data of one year, or of some countries (names or codes), regions or income groups.

        Several conditions hold together. Regions and income groups are those of ``country_table``.

        Parameters
        ----------
        year
            A year of the data; every year if None.
        countries
            One name, code or group (EU, ASEAN, BRI, a region), or several; every country if None.
        region, income
            One region or income group, or several; all if None.

        Returns
        -------
        Data
            The units that meet all conditions, with their evidence.

        Raises
        ------
        UnknownNameError
            For a year, country, region or income group that the data do not have.
        """
        return selected(self, year, countries, {"region": region, "income": income})

    @property
    def unit_years(self) -> NDArray[np.int64]:
        """The year of every unit, -1 for no year."""
        if self.is_panel:
            return np.asarray(self.units.get_level_values(1), np.int64)
        return np.full(len(self.units), -1 if self.edition is None else self.edition, np.int64)

    @cached_property
    def _year_groups(self) -> NDArray[np.intp]:
        """A number for every unit's year, from 0 in the order they come."""
        return held(np.asarray(pd.factorize(self.unit_years)[0], np.intp))

    def _unit_keys(self) -> list[tuple[str, int]]:
        """Return the (iso3, year) of every unit, -1 for no year."""
        return keys_of(self.units, self.edition)

    def cell(self, country: str | int, indicator: str, year: int | None = None) -> dict[str, Any]:
        """Return everything known of one cell: value or reason or bounds, own year, source and the rest.

        Parameters
        ----------
        country
            A name or code.
        indicator
            A column.
        year
            A year of the panel; the latest if None.

        Returns
        -------
        dict
            ``value`` or ``reason`` or ``lower`` and ``upper``, and the evidence by field; what is not
            stated is left out.

        Raises
        ------
        UnknownNameError
            For a country, column or year that the data do not have.
        """
        return one_cell(self, country, indicator, year)

    def status(self, row: int, column: int) -> str:
        """Return what a cell is: observed, not applicable, censored or missing; rows and columns from 0.

        Parameters
        ----------
        row, column
            Positions of unit and column, from 0.

        Returns
        -------
        str
            ``observed``, ``not applicable``, ``censored`` or ``missing``.

        Raises
        ------
        DataError
            For a position that the data do not have.
        """
        return status_of(self, row, column)

    @cached_property
    def _evidence_at(self) -> tuple[Index, Index]:
        """The unit row and the column of every row of the evidence."""
        return held(cell_indices(self, self._evidence))

    def evidence_array(self, field: str, columns: Iterable[str]) -> NDArray[Any]:
        """Return one field of the evidence as an array, (units, columns).

        Fields that hold numbers (``value, year, std_error, lower, upper, n_records``) come as float64, NaN
        where nothing is stated; the others as texts, empty where nothing is stated.

        Parameters
        ----------
        field
            A column of ``LONG_COLUMNS``; an UnknownNameError for another.
        columns
            Columns of the data, in the order wanted.

        Returns
        -------
        array
            (units, columns), float64 or object.

        Raises
        ------
        UnknownNameError
            For another field.
        """
        return evidence_field(self, field, columns)

    @cached_property
    def _evidence_rows(self) -> dict[tuple[int, int], int]:
        return evidence_rows(self)

    def evidence_of(self, iso3: str | int, unit_year: int, indicator: str) -> dict[str, Any]:
        """Return the evidence of one cell, empty fields left out; nothing of a cell that does not exist.

        Parameters
        ----------
        iso3
            The code or identifier of a unit.
        unit_year
            The year of the unit; of a snapshot its edition, -1 where there is none.
        indicator
            A column.

        Returns
        -------
        dict
            Stated fields of ``LONG_COLUMNS`` by name.
        """
        return cell_evidence(self, iso3, unit_year, indicator)

    @cached_property
    def _unit_rows(self) -> dict[tuple[str, int], int]:
        return {key: row for row, key in enumerate(self._unit_keys())}

    def focal_origins(self) -> dict[str, set[str]]:
        """Return for each column whose cells name one, the focal origins they were computed for."""
        return focal_origins(self)

    def confidence(self, names: Iterable[str]) -> Array:
        """Return the confidence weights (units, names): high 1, medium 2/3, low 1/3, unstated 1.

        Parameters
        ----------
        names
            Columns of the data; of one that there is not nothing is known.

        Returns
        -------
        array
            (units, names), above 0 and at most 1.
        """
        return confidence(self, names)

    @cached_property
    def fingerprint(self) -> str:
        """Twelve hex digits of SHA-256 over units, columns, values, reasons and bounds."""
        return fingerprint(self)

    def to_long(self) -> pd.DataFrame:
        """Return the cells in the long format: those used, then the conflicts.

        ``as_data`` of the result equals the data. A cell without value or evidence has a row only where it
        is needed to keep a unit or a column, or their order. The frame's ``attrs`` hold the edition and
        whether the units are (country, year).
        """
        return long_table(self)

    def __eq__(self, other: object) -> bool:
        """Tell whether units, columns, values, reasons, bounds, evidence and conflicts are the same."""
        if not isinstance(other, Data):
            return NotImplemented
        if self.fingerprint != other.fingerprint or self.is_panel != other.is_panel:
            return False
        return same_evidence(self, other)

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def update(self, table: Data | pd.DataFrame | str | os.PathLike[str]) -> Data:
        """Return a copy with a table, long or wide, laid over the data.

        Cells of the table replace those of the data unless they are older (by their year; a cell without
        a year replaces). Empty cells replace nothing. New columns and new countries are added. The evidence
        of every cell is kept; the cells not used become conflicts.

        Parameters
        ----------
        table
            Data, a frame (long or wide) or the path of a file.

        Returns
        -------
        Data
            A copy; the data themselves do not change.

        Raises
        ------
        DataError
            With every problem of the table, or if one of the two is a panel and the other a snapshot.

        Examples
        --------
        >>> from dsr_risk import load_data
        >>> own = pd.DataFrame({"country": ["Pakistan"], "gci": [70.0], "own_index": [3.0]})
        >>> data = load_data().update(own)
        >>> data.cell("PAK", "gci")["value"], data.cell("PAK", "own_index")["source"]
        (70.0, 'given table')
        """
        return updated(self, table if isinstance(table, Data) else self._read_over(table))

    def _read_over(self, table: pd.DataFrame | str | os.PathLike[str]) -> Data:
        """Read a table to be laid over the data: a panel over a panel, else a snapshot if it is one."""
        # The package finds its readers when they are used: they import this module.
        from . import as_data, read_data

        asked = True if self.is_panel else None
        if isinstance(table, str | os.PathLike):
            return read_data(table, panel=asked, units=self.kind, indicators=self.columns)
        return as_data(table, panel=asked, units=self.kind, indicators=self.columns)

    def _with_evidence(self, evidence: pd.DataFrame, conflicts: pd.DataFrame | None = None) -> Data:
        """Return a copy that holds this evidence of its cells, and these conflicts (none if None)."""
        out = dataclasses.replace(self)
        object.__setattr__(out, "_evidence", evidence)
        object.__setattr__(out, "_conflicts", pd.DataFrame() if conflicts is None else conflicts)
        return out

    def replace(self, changes: Mapping[str, Mapping[str, float]]) -> Data:
        """Return a copy with other values: ``{"PAK": {"gci": 70.0}}``; NaN makes a cell missing.

        Parameters
        ----------
        changes
            ``{country: {column: value}}`` in the units of the data; countries by name or code.

        Returns
        -------
        Data
            A copy; the data themselves do not change.

        Raises
        ------
        UnknownNameError, DataError
            For a country or indicator the data do not have, or an infinite value.
        """
        return replaced(self, changes)

    def __len__(self) -> int:
        return len(self.units)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        return summary(self)
