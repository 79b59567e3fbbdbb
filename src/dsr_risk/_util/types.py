"""Types of arrays."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "Counts", "Index", "Labels", "Mask"]

Array: TypeAlias = NDArray[np.float64]
Counts: TypeAlias = NDArray[np.int64]
Index: TypeAlias = NDArray[np.intp]
Labels: TypeAlias = NDArray[np.object_]
Mask: TypeAlias = NDArray[np.bool_]
