"""Data with other values given by hand."""

from __future__ import annotations

import dataclasses
import numbers
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from .._util.checks import as_float, mapping_of, shown
from .._util.types import Array, Mask
from ..errors import DataError, Problems, UnknownNameError, did_you_mean

if TYPE_CHECKING:
    from .dataset import Data

__all__ = ["replaced"]

_NOTHING = np.array(None, dtype=object)


def replaced(data: Data, changes: Mapping[str, Mapping[str, float]]) -> Data:
    """Return a copy with other values; see ``Data.replace``."""
    values = data.values_array.copy()
    touched = np.zeros(values.shape, bool)
    example = '{"PAK": {"gci_2024": 70.0}}'
    problems = Problems("changes")
    for country, cells in mapping_of("changes", changes, example).items():
        code = data.unit_of(country)
        rows = np.flatnonzero(data.iso3 == code)
        if not rows.size:
            raise UnknownNameError(f"no data for {code}")
        for name, value in mapping_of(f"changes of {country}", cells, example).items():
            if name not in data._column_numbers:
                raise UnknownNameError(
                    f"no indicator `{name}` in the data; {did_you_mean(name, data.columns)}"
                )
            is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
            if not is_number or np.isinf(as_float(value)):
                problems.add(
                    f"{country}, `{name}`: {shown(value)} is no finite number; give a number, or NaN for missing"
                )
                continue
            values[rows, data._column_numbers[name]] = value
            touched[rows, data._column_numbers[name]] = True
    problems.raise_as(DataError)
    return dataclasses.replace(
        data,
        values_array=values,
        reasons=None if data.reasons is None else np.where(touched, _NOTHING, data.reasons),
        lower=None if data.lower is None else np.where(touched, np.nan, data.lower),
        upper=None if data.upper is None else np.where(touched, np.nan, data.upper),
    )._with_evidence(_evidence_with(data, values, touched), data._conflicts)


def _evidence_with(data: Data, values: Array, touched: Mask) -> pd.DataFrame:
    """Return the evidence with the touched cells given by hand: no longer their source's."""
    if data._evidence.empty:
        return data._evidence
    rows, columns = np.nonzero(touched)
    keys = data._unit_keys()
    given = pd.DataFrame(
        {
            "iso3": [keys[row][0] for row in rows],
            "unit_year": [keys[row][1] for row in rows],
            "indicator": [data.columns[column] for column in columns],
            "value": values[rows, columns],
        }
    )
    same = ["iso3", "unit_year", "indicator"]
    kept = data._evidence[
        ~pd.MultiIndex.from_frame(data._evidence[same]).isin(pd.MultiIndex.from_frame(given[same]))
    ]
    texts = [name for name in kept if kept[name].dtype.kind not in "fiu" and name not in given]
    given = given.assign(**{str(name): "" for name in texts}).assign(source="given by hand")
    return pd.concat([kept, given.reindex(columns=kept.columns)], ignore_index=True)
