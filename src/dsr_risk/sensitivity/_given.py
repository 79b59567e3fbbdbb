"""Sensitivity from draws that are already there, with names on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ..errors import DataError, did_you_mean
from ..sobol.given_data import delta, pawn

__all__ = ["given_data"]


def given_data(
    x: ArrayLike | pd.DataFrame,
    y: ArrayLike | pd.DataFrame,
    method: Literal["delta", "pawn"] = "delta",
    *,
    names: Sequence[str] | None = None,
    targets: Sequence[str] | None = None,
    resamples: int = 50,
    seed: int = 0,
) -> pd.DataFrame:
    """A moment-independent measure for every input and output of existing draws.

    Parameters
    ----------
    x
        (n, d) inputs of the draws: drawn numbers or columns of the unit cube; a frame keeps its names.
    y
        (n,) or (n, T) outputs of the same draws.
    method
        "delta" (Borgonovo 2007) or "pawn" (Pianosi and Wagener 2015); both 0-1, 0 for no influence, and
        right for dependent inputs as well.
    names, targets
        Names of inputs and outputs where they are no frames.

    Returns
    -------
    DataFrame
        Indexed by input; columns (target, "value" or "error").

    Raises
    ------
    DataError
        For shapes that do not belong together, values that are not finite, too few rows.

    Examples
    --------
    >>> u = np.random.default_rng(0).random((2000, 2))
    >>> found = given_data(u, u[:, 0], "pawn", names=["weights", "inert"])
    >>> bool(found.loc["weights", ("y0", "value")] > found.loc["inert", ("y0", "value")])
    True
    """
    ways = {"delta": delta, "pawn": pawn}
    if method not in ways:
        raise DataError(f"no measure `{method}`; {did_you_mean(str(method), ways)}")
    try:
        found = ways[method](
            np.asarray(x, float), np.asarray(y, float), resamples=resamples, seed=seed
        )
    except ValueError as error:
        raise DataError(f"{method}: {error}") from None
    d, outputs = found.value.shape
    rows = _names(x, names, d, "x", "names")
    columns = _names(y, targets, outputs, "y", "targets")
    return pd.DataFrame(
        np.stack([found.value, found.error], axis=2).reshape(d, -1),
        index=pd.Index(rows, name="factor", dtype=object),
        columns=pd.MultiIndex.from_product([columns, ["value", "error"]]),
    )


def _names(
    source: ArrayLike | pd.DataFrame,
    given: Sequence[str] | None,
    count: int,
    short: str,
    argument: str,
) -> list[str]:
    if given is None:
        if isinstance(source, pd.DataFrame):
            return [str(one) for one in source.columns]
        return [f"{short}{number}" for number in range(count)]
    if len(given) != count:
        raise DataError(f"{argument}: expected {count} names, received {len(given)}")
    return [str(one) for one in given]
