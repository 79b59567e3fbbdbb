"""Columns of a wide table in parts that fit, the first column in each."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["blocks_of"]


def blocks_of(sizes: Sequence[int], room: int, gap: int = 0) -> list[list[int]]:
    """Return the columns in parts no wider than `room`, `gap` between columns; the first is in every part.

    Examples
    --------
    >>> blocks_of([4, 3, 3, 3], 10)
    [[0, 1, 2], [0, 3]]
    """
    blocks = [[0]]
    for column in range(1, len(sizes)):
        wide = sum(sizes[index] + gap for index in (*blocks[-1], column)) - gap
        if len(blocks[-1]) > 1 and wide > room:
            blocks.append([0])
        blocks[-1].append(column)
    return blocks
