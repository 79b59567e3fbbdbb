"""Names of version 0.1: each raises an error that names the one to use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, ParamSpec, TypeVar

from ..errors import ArgumentError, did_you_mean

__all__ = ["Renamed", "old_names", "renamed", "unknown_argument"]

P = ParamSpec("P")
R = TypeVar("R")


WORDS = {
    "scores": ("framework",),
    "source": ("framework",),
    "name": ("score", "node"),
    "level": ("confidence_level",),
    "confidence": ("confidence_level",),
}
"""Words of version 0.1 for an argument, and the word for it in every function since version 0.2."""


def unknown_argument(name: str, names: Iterable[str]) -> str:
    """Return the words after an argument that none of `names` is: the new name of an old word, or the nearest.

    Examples
    --------
    >>> unknown_argument("level", ["score", "confidence_level"])
    ' since version 0.2.0; use `confidence_level`'
    >>> unknown_argument("sccore", ["score", "confidence_level"])
    '; did you mean `score`?'
    """
    accepted = list(names)
    new = [word for word in WORDS.get(name, ()) if word in accepted]
    if new:
        return f" since version 0.2.0; use `{new[0]}`"
    return f"; {did_you_mean(name, accepted, listed=20)}"


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

        vars(checked)["old_arguments"] = names
        return checked

    return decorate


def old_names(
    module: str, names: Mapping[str, str | None], otherwise: Callable[[str], Any] | None = None
) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a module whose names of version 0.1 raise an error.

    `names` maps an old name to the new one, or to None where it is internal now; `otherwise` returns other names.

    Examples
    --------
    >>> old_names("dsr_risk.factors", {"place_of": "target_of"})("place_of")
    Traceback (most recent call last):
        ...
    AttributeError: `dsr_risk.factors.place_of` was renamed in version 0.2: use `target_of`
    """

    def attribute(name: str) -> Any:
        if name in names:
            new = names[name]
            advice = (
                f"was renamed in version 0.2: use `{new}`"
                if new
                else "is internal since version 0.2"
            )
            raise AttributeError(f"`{module}.{name}` {advice}")
        if otherwise is not None:
            return otherwise(name)
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
