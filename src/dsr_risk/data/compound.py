"""The compound file of an old workbook (.xls): whether its chains of sectors end."""

from __future__ import annotations

import numpy as np

from .._util.types import Counts

__all__ = ["is_sound"]

HEADER = 512
RESERVED = 0xFFFFFFFA
"""Numbers from this one on are no sectors: the end of a chain, or a sector that is free."""


def is_sound(raw: bytes) -> bool:
    """Tell whether every chain of sectors ends: a reader follows one that does not until memory is full.

    Source: Microsoft, [MS-CFB] Compound File Binary File Format, sections 2.2 to 2.5.

    Examples
    --------
    >>> is_sound(bytes(1024))
    False
    """
    power = int.from_bytes(raw[30:32], "little")
    if len(raw) < HEADER or power not in (9, 12):
        return False
    size = 1 << power
    sectors = np.frombuffer(raw + b"\xff" * (-len(raw) % size), "<u4").reshape(-1, size // 4)[1:]
    header = np.frombuffer(raw[:HEADER], "<u4").astype(np.int64)
    lists = [header[19:]]
    seen: set[int] = set()
    at = int(header[17])
    while at < RESERVED:
        if at >= len(sectors) or at in seen:
            return False
        seen.add(at)
        lists.append(sectors[at][:-1].astype(np.int64))
        at = int(sectors[at][-1])
    listed = np.concatenate(lists)
    listed = listed[listed < RESERVED]
    if not len(listed) or listed.max() >= len(sectors):
        return False
    table = sectors[listed].ravel().astype(np.int64)
    if not _ends(table):
        return False
    small, at = [], int(header[15])
    while at < RESERVED:
        if at >= len(sectors) or at >= len(table):
            return False
        small.append(sectors[at].astype(np.int64))
        at = int(table[at])
    return not small or _ends(np.concatenate(small))


def _ends(following: Counts) -> bool:
    """Tell whether every walk from a sector to the following one leaves the table."""
    count = len(following)
    walk = np.append(np.where(following < count, following, count), count)
    for _ in range(count.bit_length() + 1):
        walk = walk[walk]
    return bool((walk == count).all())
