"""Read-only arrays and immutable dicts, in copies and pickles too."""

from __future__ import annotations

from collections.abc import Mapping
from types import NoneType
from typing import Any, NoReturn, TypeVar, cast

import numpy as np

__all__ = ["Fixed", "Frozen", "held"]

T = TypeVar("T")

PLAIN = frozenset((str, int, float, bool, NoneType))
"""Types whose values cannot be changed; tuples hold thousands of them."""


class Fixed(dict[str, Any]):
    """A dict that cannot be changed; ``dict(fixed)`` is a copy that can."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError("part of a frozen object; change a copy: `dict(...)`")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (dict(self),)

    def copy(self) -> dict[str, Any]:
        """Return a plain dict of the same content."""
        return dict(self)


def held(value: T) -> T:
    """Return the value with its arrays read-only and its dicts fixed, at any depth of tuples and dicts."""
    if type(value) in PLAIN:
        return value
    if isinstance(value, np.ndarray):
        value.setflags(write=False)
    elif type(value) is tuple:
        parts = cast("tuple[Any, ...]", value)
        if PLAIN.issuperset(map(type, parts)):
            return value
        return cast("T", tuple(held(part) for part in parts))
    elif isinstance(value, dict):
        return cast("T", Fixed({key: held(part) for key, part in value.items()}))
    elif isinstance(value, Mapping):
        for part in value.values():
            held(part)
    return value


class Frozen:
    """A frozen dataclass whose arrays and dicts cannot be changed either."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            object.__setattr__(self, name, held(value))

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update({name: held(value) for name, value in state.items()})
