"""Checks of arguments: one message for one rule."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ArgumentError, DataError, UnknownNameError, did_you_mean
from .renamed import unknown_argument

__all__ = [
    "MOST_DRAWS",
    "MOST_RESAMPLES",
    "a_path",
    "as_float",
    "between",
    "check_executor",
    "check_memory",
    "check_options",
    "flag",
    "headline_name",
    "is_number",
    "mapping_of",
    "names_in",
    "one_of",
    "shown",
    "names_of",
    "texts_in",
    "whole_number",
]

MOST_DRAWS = 2**24
"""Most rows of a design, or draws kept in memory: 16,777,216."""
MOST_RESAMPLES = 100_000
MOST_MEMORY = 2 * 2**30


def whole_number(name: str, value: Any, *, least: int = 0, most: int | None = None) -> int:
    """Return `value` as an int; raise DataError if it is not a whole number from `least` to `most`.

    Examples
    --------
    >>> whole_number("draws", 512, least=1)
    512
    >>> whole_number("draws", 0, least=1)
    Traceback (most recent call last):
        ...
    dsr_risk.errors.DataError: `draws` must be a whole number from 1, received 0
    """
    is_whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not is_whole or value < least or (most is not None and value > most):
        end = "" if most is None else f" to {most:,}"
        raise DataError(
            f"`{name}` must be a whole number from {least:,}{end}, received {shown(value)}"
        )
    return int(value)


def flag(name: str, value: Any) -> bool:
    """Return `value` if it is True or False; raise DataError if not.

    Examples
    --------
    >>> flag("pairs", "nope")
    Traceback (most recent call last):
        ...
    dsr_risk.errors.DataError: `pairs` must be True or False, received 'nope'
    """
    if not isinstance(value, bool | np.bool_):
        raise DataError(f"`{name}` must be True or False, received {shown(value)}")
    return bool(value)


def a_path(name: str, value: Any) -> Path:
    """Return `value` as a path; raise DataError if it is no text or path, or an empty text.

    Examples
    --------
    >>> a_path("path", 5)
    Traceback (most recent call last):
        ...
    dsr_risk.errors.DataError: `path` must be the path of a file, received 5
    """
    if not isinstance(value, str | os.PathLike) or not os.fspath(value):
        raise DataError(f"`{name}` must be the path of a file, received {shown(value)}")
    return Path(value)


def names_in(name: str, value: Any) -> list[Any]:
    """Return names as a list; one text or number is one name.

    Examples
    --------
    >>> names_in("countries", "KEN"), names_in("countries", ["KEN", "PAK"])
    (['KEN'], ['KEN', 'PAK'])
    >>> names_in("countries", True)
    Traceback (most recent call last):
        ...
    dsr_risk.errors.DataError: `countries` must be a name or a list of names, received True
    """
    if isinstance(value, str | int | np.integer) and not isinstance(value, bool):
        return [value]
    if isinstance(value, bool | float) or not isinstance(value, Iterable):
        raise DataError(f"`{name}` must be a name or a list of names, received {shown(value)}")
    return list(value)


def names_of(name: str, value: Any) -> list[Any]:
    """Return names as a list of at least one.

    Examples
    --------
    >>> names_of("columns", "rank")
    ['rank']
    >>> names_of("columns", [])
    Traceback (most recent call last):
        ...
    dsr_risk.errors.DataError: `columns` is an empty list; name at least one, or leave it out
    """
    names = names_in(name, value)
    if not names:
        raise DataError(f"`{name}` is an empty list; name at least one, or leave it out")
    return names


def texts_in(name: str, value: Any, *, numbers: bool = False) -> tuple[str, ...]:
    """Return distinct names as texts; with `numbers` a number is a name too, such as a code.

    Examples
    --------
    >>> texts_in("listed", "Huawei"), texts_in("hs", [8471, "8517"], numbers=True)
    (('Huawei',), ('8471', '8517'))
    >>> texts_in("listed", ["Huawei", ""])
    Traceback (most recent call last):
        ...
    dsr_risk.errors.DataError: `listed` must be names, received ''
    """
    kinds = str | int | np.integer if numbers else str
    entries = names_in(name, value)
    for entry in entries:
        if not isinstance(entry, kinds) or isinstance(entry, bool) or not str(entry).strip():
            raise DataError(f"`{name}` must be names, received {shown(entry)}")
    return tuple(dict.fromkeys(str(entry).strip() if numbers else entry for entry in entries))


def mapping_of(name: str, value: Any, example: str) -> Mapping[Any, Any]:
    """Return `value` if it is a mapping; raise DataError with the example if not.

    Examples
    --------
    >>> mapping_of("limits", 5, "{'outliers': (1, 2)}")
    Traceback (most recent call last):
        ...
    dsr_risk.errors.DataError: `limits` must be a mapping such as {'outliers': (1, 2)}, received 5
    """
    if not isinstance(value, Mapping):
        raise DataError(f"`{name}` must be a mapping such as {example}, received {shown(value)}")
    return value


def headline_name(score: Any, names: Iterable[str]) -> str:
    """Return the name of a headline score, the first if None.

    Raises
    ------
    UnknownNameError
        For a name that is none of `names`, or no text.

    Examples
    --------
    >>> headline_name(None, ["dependency", "security"])
    'dependency'
    """
    headlines = list(names)
    if score is None:
        return headlines[0]
    if not isinstance(score, str):
        raise UnknownNameError(
            f"`score` must be the name of one headline score, received {shown(score)}; "
            f"{did_you_mean('', headlines)}"
        )
    if score not in headlines:
        raise UnknownNameError(
            f"unknown headline score `{score}`; {did_you_mean(score, headlines)}"
        )
    return score


def shown(value: Any) -> str:
    """Return a value as it is written, long ones cut."""
    if isinstance(value, int) and abs(value) >= 10**40:
        return f"a number of {len(hex(value)) * 1204 // 1000:,} digits"
    shown = repr(value)
    return shown if len(shown) <= 60 else f"{shown[:57]}..."


def check_memory(name: str, size: float, advice: str) -> None:
    """Raise DataError if an array of `size` bytes would be larger than 2 GiB.

    Examples
    --------
    >>> check_memory("resamples", 1e6, "ask for fewer")
    >>> check_memory("resamples", 1e12, "ask for fewer")
    Traceback (most recent call last):
        ...
    dsr_risk.errors.DataError: `resamples` needs 931 GiB of memory, and at most 2 GiB are used: ask for fewer
    """
    if size > MOST_MEMORY:
        raise DataError(
            f"`{name}` needs {size / 2**30:,.0f} GiB of memory, and at most {MOST_MEMORY // 2**30} GiB are used: "
            f"{advice}"
        )


def between(name: str, value: Any, low: float, high: float, *, ends: bool = False) -> float:
    """Return `value` as a float; raise DataError if it is not between `low` and `high`.

    Both ends are excluded, or included with `ends`.

    Examples
    --------
    >>> between("confidence_level", 0.9, 0, 1)
    0.9
    >>> between("confidence_level", 90, 0, 1)
    Traceback (most recent call last):
        ...
    dsr_risk.errors.DataError: `confidence_level` must be a number between 0 and 1, received 90
    """
    number = isinstance(value, int | float | np.integer | np.floating) and not isinstance(
        value, bool
    )
    size = as_float(value) if number else np.nan
    if not (low <= size <= high if ends else low < size < high):
        span = f"from {low:g} to {high:g}" if ends else f"between {low:g} and {high:g}"
        raise DataError(f"`{name}` must be a number {span}, received {shown(value)}")
    return size


def as_float(value: Any) -> float:
    """Return a number as a float; a whole number beyond the range of floats is infinite.

    Examples
    --------
    >>> as_float(3), as_float(-(10**400))
    (3.0, -inf)
    """
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def is_number(value: Any) -> bool:
    """Tell whether a value is a finite number in the range of floats; true and false are none.

    Examples
    --------
    >>> [is_number(value) for value in (3, 0.5, 10**400, float("nan"), True, "3")]
    [True, True, False, False, False, False]
    """
    number = isinstance(value, int | float | np.integer | np.floating)
    return number and not isinstance(value, bool) and bool(np.isfinite(as_float(value)))


def one_of(name: str, value: Any, options: Iterable[str]) -> str:
    """Return `value`; raise UnknownNameError if it is not one of the options.

    Examples
    --------
    >>> one_of("sampling", "sobol", ("sobol", "random"))
    'sobol'
    >>> one_of("sampling", "sobl", ("sobol", "random"))
    Traceback (most recent call last):
        ...
    dsr_risk.errors.UnknownNameError: unknown `sampling` 'sobl'; did you mean `sobol`?
    """
    choices = tuple(options)
    if not isinstance(value, str) or value not in choices:
        raise UnknownNameError(f"unknown `{name}` {value!r}; {did_you_mean(str(value), choices)}")
    return value


def check_options(verb: Callable[..., Any], kind: type, options: Iterable[str]) -> None:
    """Raise ArgumentError for keyword options that neither `verb` nor `kind`, a TypedDict, has.

    Examples
    --------
    >>> from typing import TypedDict
    >>> class Options(TypedDict, total=False):
    ...     bins: int
    >>> def uncertainty(*, draws=10_000, **options): ...
    >>> check_options(uncertainty, Options, {"bin": 10})
    Traceback (most recent call last):
        ...
    dsr_risk.errors.ArgumentError: uncertainty() has no option `bin`; did you mean `bins`?
    """
    own = inspect.signature(verb).parameters.values()
    names = [each.name for each in own if each.kind is each.KEYWORD_ONLY] + [*kind.__annotations__]
    lines = [
        f"{verb.__name__}() has no option `{name}`{unknown_argument(name, names)}"
        for name in options
        if name not in names
    ]
    if lines:
        raise ArgumentError("\n".join(lines))


def check_executor(executor: Any) -> None:
    """Raise DataError if `executor` is neither None nor a concurrent.futures.Executor."""
    if executor is not None and not hasattr(executor, "submit"):
        raise DataError(
            "`executor` must be a concurrent.futures.Executor or None, received "
            f"{type(executor).__name__}"
        )
