"""Estimate moment-independent sensitivity from draws that already exist."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict, Unpack

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ..._util.arguments import typed
from ..._util.checks import MOST_RESAMPLES, check_options, one_of, whole_number
from ..._util.types import Array
from ...errors import DataError, UnknownNameError, did_you_mean
from ...scoring.ranking import ranks_of
from ...sobol.given_data import GivenData, delta, pawn
from ..uncertainty.result import Uncertainty

__all__ = ["sensitivity_from_draws"]


class Options(TypedDict, total=False):
    """Keyword options of ``sensitivity_from_draws``."""

    names: Sequence[str] | None
    targets: Sequence[str] | None
    quantity: Literal["score", "rank"]


@typed
def sensitivity_from_draws(
    x: ArrayLike | pd.DataFrame | Uncertainty,
    y: ArrayLike | pd.DataFrame | str | None = None,
    *,
    method: Literal["delta", "pawn"] = "delta",
    resamples: int = 50,
    seed: int = 0,
    **options: Unpack[Options],
) -> pd.DataFrame:
    """Estimate a moment-independent measure for every input and output of existing draws.

    Parameters
    ----------
    x
        (n, d) inputs of the draws: drawn numbers or columns of the unit cube; a frame keeps its names. Or
        the result of ``uncertainty``, whose draws are made again.
    y
        (n,) or (n, T) outputs of the same draws. With a result of ``uncertainty`` the name of a node, the
        first headline score if None.
    method
        "delta" (Borgonovo 2007) or "pawn" (Pianosi and Wagener 2015); both 0-1, 0 for no influence, and
        right for dependent inputs as well.
    names, targets
        Names of inputs and outputs where they are no frames; with a result of ``uncertainty`` `targets`
        are the countries, all of them if None.
    quantity
        With a result of ``uncertainty``: the "score" of a country, or the "rank" of a headline score.
    resamples, seed
        Of the bootstrap.

    Returns
    -------
    DataFrame
        Indexed by input; columns (target, "value", "error" or "null": the level that 95 % of inputs without
        influence stay below). NaN where an output does not vary or is
        missing in some draws, and for factors drawn cell by cell (errors of data, missing cells): these
        have no number of their own to be known by; ``sensitivity`` has their effects.

    Raises
    ------
    DataError
        For shapes that do not belong together, values that are not finite, too few rows.
    UnknownNameError
        For a node, country or measure that is not there.

    Examples
    --------
    >>> u = np.random.default_rng(0).random((2000, 2))
    >>> result = sensitivity_from_draws(u, u[:, 0], method="pawn", names=["weights", "inert"])
    >>> bool(result.loc["weights", ("y0", "value")] > result.loc["inert", ("y0", "value")])
    True
    >>> from dsr_risk import load_data, load_framework, uncertainty
    >>> drawn = uncertainty(load_framework(), load_data(), draws=512, factors={
    ...     "security.aggregation": {"method": "choice", "options": ["arithmetic", "geometric"]},
    ...     "security.weights": {"method": "spread", "share": 0.1}})
    >>> sensitivity_from_draws(drawn, "security", targets=["Kenya"])["KEN", "value"].idxmax()
    'security.aggregation'
    """
    check_options(sensitivity_from_draws, Options, options)
    ways: dict[str, Callable[..., GivenData]] = {"delta": delta, "pawn": pawn}
    one_of("method", method, ways)
    whole_number("resamples", resamples, least=1, most=MOST_RESAMPLES)
    whole_number("seed", seed)
    asked = _Asked(
        method, functools.partial(ways[method], resamples=resamples, seed=seed), **options
    )
    if isinstance(x, Uncertainty):
        return _of_draws(x, y, asked)
    if y is None or isinstance(y, str):
        raise DataError(
            "`y` must be the outputs of the draws, received "
            f"{y!r}; a node's name goes with an `Uncertainty`"
        )
    measured = _measured(asked, np.asarray(x, float), np.asarray(y, float))
    rows = _names(x, asked.names, measured.value.shape[0], "x", "names")
    columns = _names(y, asked.targets, measured.value.shape[1], "y", "targets")
    return _frame(measured, rows, columns)


@dataclass(frozen=True)
class _Asked:
    method: str
    measure: Callable[..., GivenData]
    names: Sequence[str] | None = None
    targets: Sequence[str] | None = None
    quantity: Literal["score", "rank"] = "score"

    def __post_init__(self) -> None:
        one_of("quantity", self.quantity, ("score", "rank"))


def _measured(asked: _Asked, x: Array, y: Array) -> GivenData:
    try:
        return asked.measure(x, y)
    except ValueError as refused:
        raise DataError(f"{asked.method}: {refused}") from None


def _frame(measured: GivenData, rows: list[str], columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        np.stack([measured.value, measured.error, measured.null], axis=2).reshape(len(rows), -1),
        index=pd.Index(rows, name="factor", dtype=object),
        columns=pd.MultiIndex.from_product([columns, ["value", "error", "null"]]),
    )


def _of_draws(drawn: Uncertainty, node: object, asked: _Asked) -> pd.DataFrame:
    """Return the measures of the draws that did not fail; factors drawn from streams come last, unfilled."""
    design = drawn._counts.design
    x, values = _inputs_and_values(drawn, node, asked.quantity)
    units = _units(drawn, asked.targets)
    units = units[np.isfinite(values[:, units]).any(axis=0)]
    if not units.size:
        raise UnknownNameError("it has no value for any of these countries")
    # A draw without any value has failed; a country that some choices leave out is NaN as a whole.
    good = np.isfinite(values).any(axis=1)
    outputs = values[np.ix_(good, units)]
    complete = np.flatnonzero(np.isfinite(outputs).all(axis=0))
    rows = [*design.layout.column_names, *design.streams]
    out = GivenData(*np.full((3, len(rows), len(units)), np.nan))
    if complete.size:
        measured = _measured(asked, x[good], outputs[:, complete])
        cells = np.ix_(np.arange(design.dimension), complete)
        for part in ("value", "error", "null"):
            getattr(out, part)[cells] = getattr(measured, part)
    return _frame(out, rows, [str(drawn._counts.units[unit]) for unit in units])


def _inputs_and_values(drawn: Uncertainty, node: object, quantity: str) -> tuple[Array, Array]:
    """Return (draws, columns) inputs and (draws, units) scores or ranks of existing draws, made again."""
    if not isinstance(node, str | None):
        raise DataError(f"y: expected the name of a node, received {type(node).__name__}")
    name = drawn.names[0] if node is None else node
    names = drawn.names if quantity == "rank" else drawn._counts.design.nodes
    if name not in names:
        raise UnknownNameError(f"unknown node `{name}`; {did_you_mean(name, names)}")
    if not drawn._counts.design.dimension:
        raise DataError(
            "no factor of these draws has numbers of its own (errors of cells have one a cell); use "
            "`sensitivity`"
        )
    values = drawn._draws.whole(name)
    return drawn.inputs().to_numpy(), (
        _ranked(drawn, name, values) if quantity == "rank" else values
    )


def _units(drawn: Uncertainty, countries: Sequence[str] | None) -> NDArray[np.intp]:
    codes, rows = drawn._counts.design.data.iso3, drawn._counts.rows
    if countries is None:
        return rows
    if isinstance(countries, str):
        countries = [countries]
    wanted = [drawn._counts.design.data.unit_of(country) for country in countries]
    absent = [code for code in wanted if code not in set(codes[rows])]
    if absent:
        raise UnknownNameError(f"no data for {', '.join(map(str, absent))}")
    return rows[np.isin(codes[rows], wanted)]


def _ranked(drawn: Uncertainty, headline: str, values: Array) -> Array:
    out = np.full(values.shape, np.nan)
    for group in drawn._counts.spec.scores[drawn.names.index(headline)].groups:
        out[:, group] = ranks_of(values[:, group], drawn._counts.spec.length)
    return out


def _names(
    source: object, given: Sequence[str] | None, count: int, short: str, argument: str
) -> list[str]:
    if given is None:
        if isinstance(source, pd.DataFrame):
            return [str(column) for column in source.columns]
        return [f"{short}{number}" for number in range(count)]
    if len(given) != count:
        raise DataError(f"{argument}: expected {count} names, received {len(given)}")
    return [str(name) for name in given]
