"""One stage of the evaluator: a group, what enters its sum, and the arithmetic of its terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import numpy as np

from .._util.scratch import Scratch
from .._util.types import Array, Index, Mask
from ..methods.aggregation import Mean, along
from .drawn_cells import CellsOfStage
from .tree import GroupNode, Span

__all__ = [
    "Chunk",
    "Stage",
    "add_products",
    "lower_into",
    "mean_of",
    "raised_values",
    "rows_of",
    "write_term",
]


FEW = 256
"""Units up to which one call that adds up all children is faster than a call for each child."""


@dataclass(frozen=True, eq=False)
class Stage:
    """One group: what is added up for it.

    ``sums`` says whether its value is the inverse of a weighted sum of terms (``Aggregator.sums``).
    ``indicators`` are the indicators whose terms enter one matrix product, ``groups`` the group nodes whose
    terms are added one by one. ``steps`` says how weights go down to them: a group, its children, which
    rows of the effective weights the children that end there fill, and those children. ``terms``
    (indicators, units) are the indicators' terms where no draw changes them; the masks (children, units) say
    which are present, None where all are; ``absent`` (units,) marks units without a value. ``raised``
    says whether the value is left on its parent's raised scale, ``infinite`` whether a term may be
    infinite, and ``poles`` the ends of the scale beside which rounding must not put the value.
    ``cells`` are the indicators' cells that draws change, 0 in ``terms``.
    """

    group_node: GroupNode
    sums: bool
    indicators: Index
    groups: tuple[int, ...]
    steps: tuple[tuple[int, Span, Span, Span], ...]
    absent: Mask
    terms: Array | None
    indicator_mask: Array | None
    group_mask: Array | None
    raised: bool
    infinite: bool
    poles: tuple[float, ...]
    cells: CellsOfStage | None = None


@dataclass(frozen=True)
class Chunk:
    """Draws evaluated together: their indicators, the groups so far, and which are on the raised scale.

    ``indicators`` are the drawn cells (c, draws) where a plan has such; ``totals`` are the weighted sums
    (units, draws) of the terms of those drawn by class, by group.
    With ``fast`` means are evaluated in compiled loops where they have such.
    """

    indicators: Array | None
    scratch: Scratch
    totals: Mapping[int, Array] = field(default_factory=dict)
    fast: bool = False
    values: dict[int, Array] = field(default_factory=dict)
    raised: set[int] = field(default_factory=set)


def mean_of(group_node: GroupNode) -> Mean:
    """Return the aggregator of a group whose value is a weighted sum of terms."""
    return cast("Mean", group_node.aggregator)


def raised_values(group_node: GroupNode | None, x: Array) -> Array:
    """Raise scores to the scale that a mean works on; for a homogeneous mean up to the slope.

    M(a + b x) = b M(a / b + x), so only a / b is added before and taken off after.
    """
    if group_node is None or group_node.stays:
        return x
    if not group_node.aggregator.homogeneous:
        return group_node.raise_up(x)
    return np.asarray(x + along(group_node.intercept / group_node.slope, x))


def write_term(
    group_node: GroupNode, x: Array, raised: bool, out: Array, *, fast: bool = False
) -> None:
    """Write the mean's term of a value x into `out`, which may be x itself; with `fast` in compiled loops."""
    if not raised and not group_node.stays:
        if group_node.aggregator.homogeneous:
            x = np.add(x, along(group_node.intercept / group_node.slope, x), out=out)
        else:
            x = group_node.raise_up(x)
    mean = mean_of(group_node)
    (mean.compiled_g_into if fast else mean.g_into)(x, out)


def lower_into(group_node: GroupNode, y: Array, *, fast: bool = False) -> None:
    """Turn a mean of terms into the group's value, in place; with `fast` in compiled loops."""
    mean = mean_of(group_node)
    (mean.compiled_inverse_into if fast else mean.inverse_into)(y, y)
    if group_node.stays:
        return
    if mean.homogeneous:
        np.subtract(y, along(group_node.intercept / group_node.slope, y), out=y)
    else:
        y[...] = group_node.bring_down(y)


def rows_of(indicators: Array, indices: Index) -> Array:
    """Return some indicators of every draw, without a copy where they are neighbours."""
    if len(indices) and (np.diff(indices) == 1).all():
        return indicators[:, indices[0] : indices[-1] + 1]
    return indicators[:, indices]


def add_products(terms: Array, shares: Array, out: Array, *, infinite: bool = False) -> None:
    """Add up terms (indicators, n) or (draws, indicators, n) weighted with shares (indicators, draws) into `out`.

    Where terms may be infinite a share of 0 takes its term out. A single draw is added up child by child,
    so that no unit's last digit depends on how many units there are.
    """
    if shares.shape[1] == 1 and not infinite and out.size <= FEW:
        parts = shares * terms.reshape(terms.shape[-2:])
        # Adding 0 turns a sum of -0.0 into 0.0, as below.
        np.add(np.add.accumulate(parts)[-1], 0.0, out=out[0])
    elif infinite or shares.shape[1] == 1:
        out[...] = 0.0
        for row, share in enumerate(shares[:, :, None]):
            part = share * terms[..., row, :]
            out += np.where(share > 0, part, 0.0) if infinite else part
    elif terms.ndim == 2:
        np.matmul(shares.T, terms, out=out)
    else:
        np.matmul(shares.T[:, None, :], terms, out=out[:, None, :])
