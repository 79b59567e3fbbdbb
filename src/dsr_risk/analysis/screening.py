"""Screening: which units have enough data, and which indicators only measure how big a country is."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .._util.types import Array
from ..data.assemble import as_data
from ..data.dataset import Data
from ..errors import DataError, FrameworkError, did_you_mean
from ..framework.definition import Framework
from ..scoring.prepare import prepare

__all__ = ["denomination_hints", "screen"]

SIZES = ("population", "gdp", "area", "energy")
"""Columns taken as measures of size where they are in the data, whatever their case."""


def screen(
    data: Data | pd.DataFrame,
    framework: Framework,
    min_available: float = 2 / 3,
    min_nonzero: float = 0.05,
) -> pd.DataFrame:
    """Availability and zeros of every unit, whether it should be kept, and if not why.

    Parameters
    ----------
    data, framework
        Raw data, before imputation, and the indicators to count.
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
    >>> screen(frame, fw)["reason"].tolist()
    ['', '0.00 of the values are not zero, below 0.05', '0.33 of the indicators available, below 0.67']
    """
    _check_shares({"min_available": min_available, "min_nonzero": min_nonzero})
    found = as_data(data)
    prepared = prepare(framework, found)
    counted = np.array([leaf.weight > 0 for leaf in framework.indicators])
    applicable = prepared.applicable[:, counted]
    raw = prepared.raw[:, counted]
    here = ~np.isnan(raw) & applicable
    available, whole = here.sum(axis=1), applicable.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = available / whole
        nonzero = (here & (raw != 0)).sum(axis=1) / available
    reason = np.select(
        [
            prepared.focal,
            whole == 0,
            ~(share >= min_available - 1e-12),
            ~(nonzero >= min_nonzero - 1e-12),
        ],
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
            "applicable": whole,
            "available_share": share,
            "nonzero_share": nonzero,
            "kept": reason == "",
            "reason": reason.astype(object),
        },
        index=found.units,
    )


def denomination_hints(
    data: Data | pd.DataFrame,
    framework: Framework,
    by: Iterable[str] | None = None,
    threshold: float = 0.6,
) -> pd.DataFrame:
    """Indicators that follow a country's size and may want a denominator.

    Parameters
    ----------
    data, framework
        Raw data and the indicators to look at.
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
    >>> denomination_hints(frame, fw)[["indicator", "size", "denominator"]].values.tolist()
    [['loans', 'gdp', '']]
    """
    _check_shares({"threshold": threshold})
    found = as_data(data)
    sizes = _sizes(found, framework, by)
    leaves = [leaf for leaf in framework.indicators if leaf.data_column not in sizes]
    x = found.matrix([leaf.data_column for leaf in leaves])
    rows = []
    for size, column in zip(sizes, found.matrix(sizes).T, strict=True):
        r, n = _correlations(x, column)
        rows += [
            {
                "indicator": leaf.name,
                "size": size,
                "r": float(r[place]),
                "n": int(n[place]),
                "denominator": leaf.denominator or "",
            }
            for place, leaf in enumerate(leaves)
            if abs(r[place]) > threshold
        ]
    frame = pd.DataFrame(rows, columns=["indicator", "size", "r", "n", "denominator"])
    order = frame["r"].abs().sort_values(ascending=False, kind="stable").index
    return frame.loc[order].reset_index(drop=True)


def _sizes(data: Data, framework: Framework, by: Iterable[str] | None) -> list[str]:
    if by is not None:
        wanted = [by] if isinstance(by, str) else list(by)
        unknown = [name for name in wanted if name not in data.columns]
        if unknown:
            raise DataError(
                f"no column `{unknown[0]}` in the data; {did_you_mean(unknown[0], data.columns)}"
            )
        return wanted
    named = {leaf.denominator for leaf in framework.indicators if leaf.denominator}
    scored = {leaf.data_column for leaf in framework.indicators}
    found = [
        name
        for name in data.columns
        if name in named or (name.casefold() in SIZES and name not in scored)
    ]
    if not found:
        raise DataError(
            f"no column measures size: none of {', '.join(SIZES)} is in the data; name one with `by`"
        )
    return found


def _correlations(x: Array, y: Array) -> tuple[Array, NDArray[np.intp]]:
    """Pearson r of every column of `x` with `y` over the rows both have, and how many those are."""
    both = ~np.isnan(x) & ~np.isnan(y)[:, None]
    n = both.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        a = np.where(both, x, 0.0)
        b = np.where(both, y[:, None], 0.0)
        a = np.where(both, a - a.sum(axis=0) / n, 0.0)
        b = np.where(both, b - b.sum(axis=0) / n, 0.0)
        r = (a * b).sum(axis=0) / np.sqrt((a * a).sum(axis=0) * (b * b).sum(axis=0))
    return np.where(n > 2, r, np.nan), n


def _words(share: Array, least: float, text: str) -> NDArray[np.object_]:
    return np.array([f"{one:.2f} {text} {least:.2f}" for one in share], dtype=object)


def _check_shares(given: dict[str, float]) -> None:
    for name, value in given.items():
        if not 0 <= value <= 1:
            raise FrameworkError(f"`{name}` must be a share, 0 to 1, received {value:g}")
