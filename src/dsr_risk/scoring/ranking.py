"""Ranks: 1 is most risk, ties share the smaller rank, NaN stays NaN."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["TIE", "rank_descending"]

TIE = 1e-9
"""Two scores closer than this share of the scale are tied."""


def rank_descending(
    values: NDArray[np.float64],
    groups: NDArray[np.intp] | None = None,
    *,
    length: float = 100.0,
) -> NDArray[np.float64]:
    """Rank (n,) values from the highest down, within groups if given; NaN is not ranked.

    Neighbours in the order that differ by no more than 1e-9 of the scale's `length` are tied and share
    the smaller rank (1, 2, 2, 4).

    Examples
    --------
    >>> rank_descending(np.array([10.0, 30.0, np.nan, 30.0, 20.0])).tolist()
    [4.0, 1.0, nan, 1.0, 3.0]
    """
    out = np.full(values.shape, np.nan)
    known = np.flatnonzero(~np.isnan(values))
    if not known.size:
        return out
    group = np.zeros(known.size, np.intp) if groups is None else groups[known]
    order = np.lexsort((-values[known], group))
    sorted_values, sorted_groups = values[known][order], group[order]
    position = np.arange(known.size)
    new_group = np.concatenate(([True], sorted_groups[1:] != sorted_groups[:-1]))
    apart = np.concatenate(([True], -np.diff(sorted_values) > TIE * length)) | new_group
    start_of_group = np.maximum.accumulate(np.where(new_group, position, 0))
    start_of_tie = np.maximum.accumulate(np.where(apart, position, 0))
    out[known[order]] = start_of_tie - start_of_group + 1
    return out
