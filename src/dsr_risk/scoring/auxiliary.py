"""Auxiliary columns: what predicts missing cells and is not scored."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from .._util.types import Array, Labels, Mask
from ..data.countries import country_table
from ..data.dataset import Data
from ..errors import did_you_mean
from ..framework.definition import Framework
from ..methods.imputation import Imputer

__all__ = [
    "LABELS",
    "auxiliary_columns",
    "auxiliary_problems",
    "country_labels",
    "design_names",
    "design_of",
    "labels_of",
]

LABELS = {
    "region": "region",
    "subregion": "subregion",
    "income_group": "income",
    "income": "income",
}
"""Auxiliary names that are labels, and the column of the country table that holds each."""

LOG = "log "


def auxiliary_columns(framework: Framework) -> set[str]:
    """Return the data columns that the framework uses as auxiliary columns."""
    names = {name for imputer in framework._imputers for name in imputer.auxiliary}
    return {_column(name) for name in names} - set(LABELS)


def auxiliary_problems(framework: Framework, data: Data) -> list[str]:
    """Return what is wrong with the auxiliary columns of the data, one line a problem."""
    names = dict.fromkeys(name for imputer in framework._imputers for name in imputer.auxiliary)
    problems = []
    for name in names:
        column = _column(name)
        if column in LABELS:
            if name != column:
                problems.append(f"auxiliary `{name}`: `{column}` is a label and has no logarithm")
            continue
        if column not in data.columns:
            near = did_you_mean(column, (*data.columns, *LABELS))
            problems.append(
                f"auxiliary `{name}`: no column `{column}` in the data ({near}). Add the column, or take "
                "it out of `auxiliary`"
            )
        elif name.startswith(LOG):
            values = data._matrix([column])[:, 0]
            bad = np.flatnonzero(values <= 0)
            if bad.size:
                problems.append(
                    f"auxiliary `{name}`: {data.iso3[bad[0]]} has {values[bad[0]]:g}"
                    f"{f' ({bad.size} such values)' if bad.size > 1 else ''}; a logarithm needs values "
                    "above 0"
                )
    return problems


def _column(name: str) -> str:
    return name.removeprefix(LOG).strip()


def design_names(imputer: Imputer, data: Data, keep: Mask) -> tuple[str, ...]:
    """Return the names of the design columns of an imputer's auxiliary columns.

    A label is one column of 0 and 1 for every value that the kept units have (``region=Africa``); a label
    that is the same for all of them tells nothing and has none.
    """
    names: list[str] = []
    for name in imputer.auxiliary:
        if name not in LABELS:
            names.append(name)
            continue
        values = sorted({value for value in labels_of(name, data)[keep] if value is not None})
        if len(values) > 1:
            names += [f"{name}={value}" for value in values]
    return tuple(names)


def design_of(names: tuple[str, ...], data: Data) -> Array:
    """Return the design columns of these names, (units, a); NaN where a value is missing."""
    labels = {
        label: labels_of(label, data)
        for label in dict.fromkeys(name.partition("=")[0] for name in names if "=" in name)
    }
    columns = [_design(name, data, labels) for name in names]
    return np.column_stack(columns) if columns else np.empty((len(data), 0))


def _design(name: str, data: Data, labels: Mapping[str, Labels]) -> Array:
    label, is_label, value = name.partition("=")
    if is_label:
        labels_of_units = labels[label]
        unknown = np.asarray(labels_of_units == None)  # noqa: E711
        return np.where(unknown, np.nan, (labels_of_units == value).astype(float))
    values = data._matrix([_column(name)])[:, 0]
    if name.startswith(LOG):
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(np.log(values))
    return values


def labels_of(name: str, data: Data) -> Labels:
    """Return the label of every unit, None where it has none."""
    if data.kind != "country":
        return np.full(len(data), None, dtype=object)
    labels = country_labels(LABELS.get(name, name))
    return np.array([labels.get(code) for code in data.iso3], dtype=object)


@cache
def country_labels(grouping: str) -> dict[str, str]:
    """Return the label of every country that has one in a grouping of the country table."""
    column = country_table()[grouping].dropna()
    return {str(code): str(label) for code, label in column.items()}
