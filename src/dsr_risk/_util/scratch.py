"""Working arrays that are kept from one block of draws to the next."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Scratch"]


class Scratch:
    """Working arrays kept from one block to the next, so that no block allocates new memory."""

    def __init__(self) -> None:
        self._held: dict[Any, NDArray[Any]] = {}

    def get(self, name: Any, shape: tuple[int, ...], dtype: Any = np.float64) -> NDArray[Any]:
        """Return an array of that shape with any content."""
        size = math.prod(shape)
        held = self._held.get((name, dtype))
        if held is None or held.size < size:
            held = self._held[name, dtype] = np.empty(size, dtype)
        return held[:size].reshape(shape)
