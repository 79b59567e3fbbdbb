"""Names of version 0.1: each raises an error that names the one to use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar

from ..errors import ArgumentError

__all__ = ["Renamed", "old_names", "renamed"]

P = ParamSpec("P")
R = TypeVar("R")


def renamed(**names: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function raise ArgumentError for keyword arguments of version 0.1, given as ``old="new"``.

    Examples
    --------
    >>> @renamed(alpha="confidence_level = 1 - alpha")
    ... def trend(*, confidence_level=0.9):
    ...     return confidence_level
    >>> trend(alpha=0.05)
    Traceback (most recent call last):
        ...
    dsr_risk.errors.ArgumentError: trend: `alpha` was renamed in version 0.2.0; use `confidence_level = 1 - alpha`
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            for old, new in names.items():
                if old in kwargs:
                    name = getattr(function, "__name__", "function")
                    raise ArgumentError(
                        f"{name}: `{old}` was renamed in version 0.2.0; use `{new}`"
                    )
            return function(*args, **kwargs)

        vars(checked)["old_arguments"] = frozenset(names)
        return checked

    return decorate


def old_names(module: str, names: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a module whose names of version 0.1 raise an error, given as ``{old: new}``.

    Examples
    --------
    >>> old_names("dsr_risk.factors", {"place_of": "target_of"})("place_of")
    Traceback (most recent call last):
        ...
    AttributeError: `dsr_risk.factors.place_of` was renamed in version 0.2: use `target_of`
    """

    def attribute(name: str) -> Any:
        if name in names:
            raise AttributeError(
                f"`{module}.{name}` was renamed in version 0.2: use `{names[name]}`"
            )
        raise AttributeError(f"module {module!r} has no attribute {name!r}")

    return attribute


class Renamed:
    """An object whose attributes of version 0.1 raise an error that names what to use.

    ``_renamed`` maps an old attribute to the new one, or to None where it is internal now.

    Examples
    --------
    >>> class Table(Renamed):
    ...     _renamed = {"low": "minimum", "rows_array": None}
    >>> Table().low
    Traceback (most recent call last):
        ...
    AttributeError: Table: `low` was renamed in version 0.2.0; use `minimum`
    >>> Table().rows_array
    Traceback (most recent call last):
        ...
    AttributeError: Table: `rows_array` is internal since version 0.2.0; use the public frames
    """

    _renamed: ClassVar[Mapping[str, str | None]] = {}

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            kind = type(self)
            if name not in kind._renamed:
                raise AttributeError(f"{kind.__name__!r} object has no attribute {name!r}")
            new = kind._renamed[name]
            if new is None:
                advice = f"`{name}` is internal since version 0.2.0; use the public frames"
            else:
                advice = f"`{name}` was renamed in version 0.2.0; use `{new}`"
            raise AttributeError(f"{kind.__name__}: {advice}")
