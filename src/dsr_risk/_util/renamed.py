"""Names of version 0.1: each raises an error that names the one to use."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

__all__ = ["renamed"]

P = ParamSpec("P")
R = TypeVar("R")


def renamed(**names: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function raise TypeError for keyword arguments of version 0.1, given as ``old="new"``.

    Examples
    --------
    >>> @renamed(alpha="confidence_level = 1 - alpha")
    ... def trend(*, confidence_level=0.9):
    ...     return confidence_level
    >>> trend(alpha=0.05)
    Traceback (most recent call last):
        ...
    TypeError: trend: `alpha` was renamed in version 0.2.0; use `confidence_level = 1 - alpha`
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @wraps(function)
        def checked(*args: P.args, **kwargs: P.kwargs) -> R:
            for old, new in names.items():
                if old in kwargs:
                    name = getattr(function, "__name__", "function")
                    raise TypeError(f"{name}: `{old}` was renamed in version 0.2.0; use `{new}`")
            return function(*args, **kwargs)

        return checked

    return decorate
