"""One call for several years: the state at the end of each, under one another."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any, ParamSpec

import numpy as np
import pandas as pd

from ..errors import DataError

P = ParamSpec("P")
Years = int | Sequence[int]
"""One year, or several: results then carry a column of the year."""


def over_years(function: Callable[P, Any]) -> Callable[P, Any]:
    """Let a measure that holds at the end of a year take a sequence of years as ``at``."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> Any:
        try:
            given = signature.bind(*args, **kwargs)
        except TypeError:
            return function(*args, **kwargs)  # says it with the function's name
        given.apply_defaults()
        at = given.arguments["at"]
        if at is None or isinstance(at, str):
            return function(*args, **kwargs)
        if given.arguments["year"] is None:
            raise DataError("`at` needs the column of the year, got year=None")
        if isinstance(at, int | np.integer):
            return function(*args, **kwargs)
        years = sorted({int(one) for one in at})
        for name, value in given.arguments.items():
            if isinstance(value, Iterator):  # it is read once a year
                given.arguments[name] = list(value)
        if not years:
            raise DataError("at: give at least one year")
        return _under_one_another(years, [_of_year(given, one, function) for one in years])

    return call


def _of_year(given: inspect.BoundArguments, year: int, function: Callable[..., Any]) -> Any:
    given.arguments["at"] = year
    try:
        return function(*given.args, **given.kwargs)
    except DataError as error:
        raise DataError(f"at {year}: {error.message}", error.problems) from error


def _under_one_another(years: Sequence[int], results: Sequence[Any]) -> Any:
    if isinstance(results[0], tuple):
        return tuple(_under_one_another(years, part) for part in zip(*results, strict=True))
    parts = []
    for year, frame in zip(years, results, strict=True):
        part = frame.copy()
        part.insert(1, "year", year)
        parts.append(part)
    whole = pd.concat(parts, ignore_index=True)
    order = {name: i for i, name in enumerate(dict.fromkeys(whole["indicator"]))}
    whole = whole.assign(_order=whole["indicator"].map(order))
    whole = whole.sort_values(["iso3", "year", "_order"], kind="stable", ignore_index=True)
    return whole.drop(columns="_order")


def one_year(at: Years | None) -> int | None:
    """The year of a call for one year; `over_years` has taken sequences apart."""
    return int(at) if isinstance(at, int | np.integer) else None
