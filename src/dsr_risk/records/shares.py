"""Shares of suppliers: how concentrated they are, and what moves them. Arrays in, arrays out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from .._util.types import Array
from ..errors import DataError
from ._numeric import numeric

__all__ = [
    "as_shares",
    "ban",
    "cap",
    "effective_number",
    "entropy_number",
    "focal_share",
    "hhi",
    "hhi_band",
    "hhi_bounds",
    "hhi_normalised",
    "phase",
    "swap",
    "top_share",
]

Vector = npt.ArrayLike

SUM_TOLERANCE = 5e-3  # published shares are rounded to whole or tenth percents

# Department of Justice and Federal Trade Commission, horizontal merger guidelines of each year.
_HHI_BANDS = {1992: (1000.0, 1800.0), 2010: (1500.0, 2500.0), 2023: (1000.0, 1800.0)}


@numeric
def as_shares(values: Vector, *, percent: bool = False, remainder: float = 0.0) -> Array:
    """Return shares in 0-1 that account, with a stated unknown remainder, for the whole.

    Parameters
    ----------
    values : array, shape (..., n)
        Shares of n suppliers along the last axis, in 0-1, or in percent with ``percent=True``.
    remainder : float
        The part of the whole, 0-1, whose supplier is not known.

    Returns
    -------
    ndarray, shape (..., n)
        Shares in 0-1. With no remainder they sum to exactly 1 (rounding is spread pro rata).

    Raises
    ------
    DataError
        If a share is negative, missing or above one, or the shares and the remainder do not add
        up to one within 0.005.

    Examples
    --------
    >>> as_shares([50, 30, 20], percent=True).tolist()
    [0.5, 0.3, 0.2]
    >>> as_shares([0.5, 0.3])
    Traceback (most recent call last):
        ...
    dsr_risk.errors.DataError: shares sum to 0.8, must sum to 1: name the missing suppliers, or \
give `remainder=0.2`
    """
    shares = np.asarray(values, dtype=np.float64) / (100.0 if percent else 1.0)
    if shares.size == 0:
        raise DataError("shares: there is none; give at least one supplier")
    if not (np.isfinite(shares).all() and (shares >= 0).all()):
        raise DataError(
            f"shares must be numbers of at least 0, received {np.asarray(values).tolist()}"
        )
    if (shares > 1 + SUM_TOLERANCE).any():
        unit = "" if percent else "; for shares in percent give `percent=True`"
        raise DataError(f"shares must lie in 0-1, received {float(shares.max()):g}{unit}")
    total = shares.sum(axis=-1, keepdims=True)
    worst = float(total.flat[np.abs(total - (1.0 - remainder)).argmax()])
    if abs(worst + remainder - 1.0) > SUM_TOLERANCE:
        gap = 1.0 - worst
        way_out = (
            f"name the missing suppliers, or give `remainder={gap:.3g}`"
            if gap > 0
            else "the shares of one whole cannot exceed it"
        )
        stated = f"{worst:.6g} with a remainder of {remainder:g}" if remainder else f"{worst:.6g}"
        raise DataError(f"shares sum to {stated}, must sum to 1: {way_out}")
    exact: Array = shares * (1.0 - remainder) / total
    return exact


@numeric
def hhi(shares: Vector) -> Array:
    """Return Herfindahl-Hirschman index: the sum of squared shares.

    Parameters
    ----------
    shares : array, shape (..., n)
        Shares in 0-1 along the last axis, summing to one.

    Returns
    -------
    ndarray, shape (...)
        Between 1/n (equal shares) and 1 (one supplier).

    Notes
    -----
    Hirschman, A. O. (1945), National Power and the Structure of Foreign Trade; Herfindahl, O. C.
    (1950), Concentration in the Steel Industry.

    Examples
    --------
    >>> round(float(hhi([0.5, 0.3, 0.2])), 12)
    0.38
    """
    shares = as_shares(shares)
    return np.asarray((shares * shares).sum(axis=-1))


@numeric
def hhi_normalised(shares: Vector) -> Array:
    """Return HHI rescaled so that n equal suppliers give 0 and one supplier gives 1.

    ``(HHI - 1/n) / (1 - 1/n)`` with n the suppliers of positive share; 1 by definition for n = 1.

    Examples
    --------
    >>> round(float(hhi_normalised([0.5, 0.3, 0.2])), 12)
    0.07
    """
    shares = as_shares(shares)
    return normalise_hhi(hhi(shares), (shares > 0).sum(axis=-1))


def normalise_hhi(index: Vector, suppliers: Vector) -> Array:
    """Return ``(HHI - 1/n) / (1 - 1/n)`` from an HHI and a number of suppliers; 1 for one supplier."""
    value, count = np.asarray(index, dtype=np.float64), np.asarray(suppliers, dtype=np.float64)
    floor = 1.0 / np.maximum(count, 1.0)
    scaled = (value - floor) / np.where(count > 1, 1.0 - floor, 1.0)
    return np.where(count > 1, np.clip(scaled, 0.0, 1.0), np.where(np.isnan(value), np.nan, 1.0))


@numeric
def hhi_bounds(
    shares: Vector, remainder: float, *, to: Literal["other", "any"] = "other"
) -> tuple[Array, Array]:
    """Return the smallest and the largest HHI when part of the whole has no known supplier.

    Parameters
    ----------
    shares : array, shape (..., n)
        Shares of the known suppliers, in 0-1 of the whole; with the remainder they sum to one.
    remainder : float
        The unknown part, 0-1.
    to : {"other", "any"}
        Who may hold the remainder: ``other``, suppliers that are not named (at most one firm);
        ``any``, any firm, named ones included (at most all of it the largest).

    Returns
    -------
    lower, upper : ndarray
        Lower: the remainder is spread over countless small firms.

    Examples
    --------
    >>> [round(float(bound), 12) for bound in hhi_bounds([0.5, 0.3], 0.2)]
    [0.34, 0.38]
    >>> [round(float(bound), 12) for bound in hhi_bounds([0.5, 0.3], 0.2, to="any")]
    [0.34, 0.58]
    """
    parts = as_shares(shares, remainder=remainder)
    return bounds_of((parts * parts).sum(axis=-1), parts.max(axis=-1), remainder, to)


def bounds_of(
    squares: Vector, largest: Vector, remainder: Vector, to: Literal["other", "any"]
) -> tuple[Array, Array]:
    """Return `hhi_bounds` from the sum of squares and the largest share, all shares of the whole."""
    lower, rest = np.asarray(squares, dtype=np.float64), np.asarray(remainder, dtype=np.float64)
    extra = rest * rest
    if to == "any":
        extra = extra + 2.0 * rest * np.asarray(largest, dtype=np.float64)
    return lower, lower + extra


@numeric
def effective_number(shares: Vector) -> Array:
    """Return the number of equal suppliers with the same HHI: 1 / HHI (Laakso and Taagepera, 1979).

    Examples
    --------
    >>> round(float(effective_number([0.5, 0.3, 0.2])), 6)
    2.631579
    """
    return np.asarray(1.0 / hhi(shares))


@numeric
def entropy_number(shares: Vector) -> Array:
    """Return the number of equal suppliers with the same entropy: exp(-sum s ln s).

    Hill, M. O. (1973), Diversity and evenness, Ecology 54(2), 427-432, order 1.

    Examples
    --------
    >>> round(float(entropy_number([0.5, 0.3, 0.2])), 6)
    2.800094
    """
    shares = as_shares(shares)
    logs = np.log(np.where(shares > 0, shares, 1.0))
    return np.asarray(np.exp(-(shares * logs).sum(axis=-1)))


@numeric
def top_share(shares: Vector, k: int = 1) -> Array:
    """Return the share of the k largest suppliers.

    Examples
    --------
    >>> float(top_share([0.2, 0.5, 0.3], 2))
    0.8
    """
    shares = as_shares(shares)
    if k < 1:
        raise DataError(f"k must be at least 1, received {k}")
    return np.asarray(-np.sort(-shares, axis=-1)[..., :k].sum(axis=-1))


@numeric
def focal_share(shares: Vector, origins: Sequence[str], focal: str | Sequence[str]) -> Array:
    """Return the share of the suppliers whose origin is focal.

    Examples
    --------
    >>> float(focal_share([0.3, 0.2, 0.3, 0.2], ["CHN", "CHN", "SWE", "FIN"], "CHN"))
    0.5
    """
    wanted = {focal} if isinstance(focal, str) else set(focal)
    inside = np.array([origin in wanted for origin in origins])
    return np.asarray((as_shares(shares) * inside).sum(axis=-1))


@numeric
def swap(shares: Vector, source: int, target: int, part: float) -> Array:
    """Move a part (0-1) of one supplier's share to another.

    Examples
    --------
    >>> swap([0.5, 0.3, 0.2], 0, 2, 0.5).tolist()
    [0.25, 0.3, 0.45]
    """
    if not 0.0 <= part <= 1.0:
        raise DataError(f"part must lie in 0-1, received {part:g}")
    moved = as_shares(shares).copy()
    change = moved[..., source] * part
    moved[..., source] -= change
    moved[..., target] += change
    return moved


@numeric
def ban(shares: Vector, banned: Vector, *, to: Vector | None = None) -> Array:
    """Remove suppliers and give their share to the rest.

    A ban can lower a focal share and raise the HHI: look at both.

    Parameters
    ----------
    shares : array, shape (..., n)
    banned : array of bool, shape (n,)
    to : array, shape (n, n), optional
        Row i says where the share of banned supplier i goes (rows sum to 1, nothing to a banned
        one). Without it, pro rata to those that stay.

    Examples
    --------
    >>> ban([0.5, 0.3, 0.2], [True, False, False]).tolist()
    [0.0, 0.6, 0.4]
    """
    shares, out = as_shares(shares), np.asarray(banned, dtype=bool)
    kept = np.where(out, 0.0, shares)
    if to is None:
        left = kept.sum(axis=-1, keepdims=True)
        if (left <= 0).any():
            raise DataError("a ban must leave a supplier: those banned hold the whole market")
        return np.asarray(kept / left)
    rule = np.asarray(to, dtype=np.float64)[out]
    if rule.size and (
        (rule < 0).any() or (rule[:, out] != 0).any() or np.abs(rule.sum(axis=1) - 1).max() > 1e-9
    ):
        raise DataError("each banned supplier's row of `to` must sum to 1 over those that stay")
    return np.asarray(kept + shares[..., out] @ rule)


@numeric
def cap(shares: Vector, ceiling: float) -> Array:
    """Cap every share and spread the excess pro rata over the suppliers below the cap.

    Examples
    --------
    >>> [round(share, 12) for share in cap([0.5, 0.3, 0.2], 0.4).tolist()]
    [0.4, 0.36, 0.24]
    """
    current = as_shares(shares).copy()
    room = (current > 0).sum(axis=-1) * ceiling
    if (room < 1.0 - 1e-12).any():
        raise DataError(
            f"a cap of {ceiling:g} leaves no room: {int((current > 0).sum(axis=-1).min())} "
            f"suppliers hold at most {float(room.min()):g} of 1; raise the cap or add a supplier"
        )
    for _ in range(current.shape[-1]):  # each round puts at least one more supplier at the cap
        over = current >= ceiling
        excess = np.where(over, current - ceiling, 0.0).sum(axis=-1, keepdims=True)
        if (excess <= 1e-15).all():
            break
        free = np.where(over, 0.0, current)
        spread = free.sum(axis=-1, keepdims=True)
        gain = np.where(spread > 0, excess / np.where(spread > 0, spread, 1.0), 0.0)
        current = np.where(over, ceiling, free * (1.0 + gain))
    return np.asarray(current)


@numeric
def phase(start: Vector, end: Vector, year: float, years: float) -> Array:
    """Return a change phased in evenly: ``start + (end - start) * min(1, year / years)``.

    Examples
    --------
    >>> float(phase(60, 0, 2, 5)), float(phase(60, 0, 7, 5))
    (36.0, 0.0)
    """
    if not years > 0 or year < 0:
        raise DataError(
            f"years must be above 0 and year at least 0, received {years:g} and {year:g}"
        )
    first, last = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    return np.asarray(first + (last - first) * min(1.0, year / years))


@numeric
def hhi_band(index: float, guidelines: int = 2023) -> str:
    """Return low, moderate or high, in the words of the US merger guidelines of a year.

    Examples
    --------
    >>> hhi_band(0.38), hhi_band(0.2, 2010)
    ('high', 'moderate')
    """
    if guidelines not in _HHI_BANDS:
        raise DataError(f"guidelines must be one of {sorted(_HHI_BANDS)}, received {guidelines}")
    low, high = _HHI_BANDS[guidelines]
    points = index * 10_000
    return "low" if points < low else "moderate" if points <= high else "high"
