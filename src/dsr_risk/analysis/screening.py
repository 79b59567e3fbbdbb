"""Screen countries for missing values and zeros, and indicators for a dependence on country size."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .._util.arguments import typed
from .._util.checks import between, names_of
from .._util.types import Array, Labels
from ..data.dataset import Data
from ..errors import DataError, did_you_mean
from ..framework.definition import Framework
from ..framework.derivations import parts_of
from ..framework.nodes import Indicator
from ..scoring.prepare import prepare
from ..scoring.scores import Scores
from ..scoring.verbs import Source, Spec, as_inputs

__all__ = ["denomination_hints", "screen_data"]

SIZES = ("population", "gdp", "area", "energy")
"""Columns that measure size if the data have them, in upper or lower case."""


@typed
def screen_data(
    framework: Scores | Spec | None = None,
    data: Source | None = None,
    *,
    min_available: float = 2 / 3,
    min_nonzero: float = 0.05,
) -> pd.DataFrame:
    """Count the available and the non-zero indicators of every unit and report which units to keep.

    Parameters
    ----------
    framework, data
        As for ``score``; or Scores, whose framework and raw data are screened.
    min_available
        The share (0-1) of a unit's applicable indicators that must have a value.
    min_nonzero
        The share (0-1) of the available values that must not be 0.

    Returns
    -------
    DataFrame
        Indexed like the data: ``available`` and ``applicable`` (numbers of indicators),
        ``available_share``, ``nonzero_share``, ``kept`` and ``reason`` (empty where kept). Nothing is
        left out of `data`: ``data.select(countries=table.index[table["kept"]])`` does that.

    Raises
    ------
    DataError
        If the data do not fit the framework.

    Notes
    -----
    The shares and the defaults are those of ``Screen`` in COINr (Becker et al. 2022, JOSS 7(78), 4567);
    availability counts raw cells only, as the OECD/JRC Handbook (2008, step 3) asks: imputed cells say
    nothing about a country. Cells that are not applicable leave the denominator (COINr has none).
    Equality passes.

    Examples
    --------
    >>> fw = Framework(scores=[{"name": "risk", "children": [
    ...     {"name": name, "higher_is": "riskier"} for name in "abc"]}])
    >>> frame = pd.DataFrame({"a": [1.0, 0, 3], "b": [2.0, 0, np.nan], "c": [0.0, 0, np.nan]},
    ...                      index=["KEN", "PAK", "LAO"])
    >>> screen_data(fw, frame)["reason"].tolist()
    ['', '0.00 of the values are not zero, below 0.05', '0.33 of the indicators available, below 0.67']
    """
    between("min_available", min_available, 0, 1, ends=True)
    between("min_nonzero", min_nonzero, 0, 1, ends=True)
    framework, data = as_inputs(framework, data)
    prepared = prepare(framework, data)
    read = _columns_read(framework)
    counted = np.array([column.name in read for column in framework.inputs])
    applicable = prepared.applicable[:, counted]
    raw = prepared.raw[:, counted]
    observed = ~np.isnan(raw) & applicable
    available, expected = observed.sum(axis=1), applicable.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = available / expected
        nonzero = (observed & (raw != 0)).sum(axis=1) / available
    few, zeros = ~(share >= min_available - 1e-12), ~(nonzero >= min_nonzero - 1e-12)
    reason = np.select(
        [prepared.focal, expected == 0, few, zeros],
        [
            "focal",
            "no indicator is applicable",
            _words(share, min_available, "of the indicators available, below"),
            _words(nonzero, min_nonzero, "of the values are not zero, below"),
        ],
        default="",
    )
    return pd.DataFrame(
        {
            "available": available,
            "applicable": expected,
            "available_share": share,
            "nonzero_share": nonzero,
            "kept": reason == "",
            "reason": reason.astype(object),
        },
        index=data.units,
    )


@typed
def denomination_hints(
    framework: Scores | Spec | None = None,
    data: Source | None = None,
    *,
    by: str | Iterable[str] | None = None,
    threshold: float = 0.6,
) -> pd.DataFrame:
    """List the indicators that correlate with a country's size and may need a denominator.

    Parameters
    ----------
    framework, data
        As for ``score``; or Scores, whose framework and raw data are examined.
    by
        Columns of the data that measure size; by default the denominators the framework names and
        ``population``, ``gdp``, ``area`` and ``energy`` where they are in the data.
    threshold
        Pairs with ``|r|`` above it are listed.

    Returns
    -------
    DataFrame
        One row a pair, strongest first: ``indicator``, ``size``, ``r`` (Pearson, pairwise complete, of
        the raw columns), ``n``, and ``denominator``, the one the framework already divides by (empty if
        none: these are the hints).

    Raises
    ------
    DataError
        If no column measures size.

    Notes
    -----
    The rule ``|r| > 0.6`` is that of ``get_denom_corr`` in COINr (Becker et al. 2022). A correlation is
    only a hint: whether a total or a rate measures risk is a question of meaning.

    Examples
    --------
    >>> fw = Framework(scores=[{"name": "risk", "children": [
    ...     {"name": "loans", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer"}]}])
    >>> frame = pd.DataFrame({"loans": [1.0, 5, 9], "gci": [50.0, 80, 45], "gdp": [10.0, 55, 80]},
    ...                      index=["KEN", "PAK", "LAO"])
    >>> denomination_hints(fw, frame)[["indicator", "size", "denominator"]].values.tolist()
    [['loans', 'gdp', '']]
    """
    between("threshold", threshold, 0, 1, ends=True)
    framework, data = as_inputs(framework, data)
    sizes = _sizes(data, framework, by)
    indicators = [node for node in framework.indicators if node.data_column not in sizes]
    x = data._matrix([node.data_column for node in indicators])
    rows = []
    for size, column in zip(sizes, data._matrix(sizes).T, strict=True):
        r, n = _correlations(x, column)
        rows += [
            {
                "indicator": node.name,
                "size": size,
                "r": float(r[index]),
                "n": int(n[index]),
                "denominator": node.denominator or "",
            }
            for index, node in enumerate(indicators)
            if abs(r[index]) > threshold
        ]
    frame = pd.DataFrame(rows, columns=["indicator", "size", "r", "n", "denominator"])
    order = frame["r"].abs().sort_values(ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def _sizes(data: Data, framework: Framework, by: str | Iterable[str] | None) -> list[str]:
    """Return the columns that measure size: those named by the user, else those known as such."""
    if by is not None:
        names = names_of("by", by)
        unknown = [name for name in names if name not in data.columns]
        if unknown:
            raise DataError(
                f"unknown column `{unknown[0]}` in the data; {did_you_mean(unknown[0], data.columns)}"
            )
        return names
    denominators = {node.denominator for node in framework.indicators if node.denominator}
    scored = {node.data_column for node in framework.indicators}
    sizes = [
        name
        for name in data.columns
        if name in denominators or (name.casefold() in SIZES and name not in scored)
    ]
    if not sizes:
        raise DataError(
            f"no column measures size: none of {', '.join(SIZES)} is in the data; name a column with `by`"
        )
    return sizes


def _correlations(x: Array, y: Array) -> tuple[Array, NDArray[np.intp]]:
    """Return Pearson's r of every column of `x` with `y` over their common rows, and those counts."""
    both = ~np.isnan(x) & ~np.isnan(y)[:, None]
    n = both.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        a = np.where(both, x, 0.0)
        b = np.where(both, y[:, None], 0.0)
        a = np.where(both, a - a.sum(axis=0) / n, 0.0)
        b = np.where(both, b - b.sum(axis=0) / n, 0.0)
        r = (a * b).sum(axis=0) / np.sqrt((a * a).sum(axis=0) * (b * b).sum(axis=0))
    return np.where(n > 2, r, np.nan), n


def _words(shares: Array, least: float, text: str) -> Labels:
    return np.array([f"{share:.2f} {text} {least:.2f}" for share in shares], dtype=object)


def _columns_read(framework: Framework) -> set[str]:
    """Return the columns that indicators with a weight read: of a derived one, its parts."""
    read: set[str] = set()
    waiting = [indicator for indicator in framework.indicators if indicator.weight > 0]
    while waiting:
        node = waiting.pop()
        parts = [framework[name] for name in parts_of(node)]
        waiting += [part for part in parts if isinstance(part, Indicator)]
        if not parts:
            read.add(node.name)
    return read
