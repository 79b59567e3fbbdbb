"""Shares in one layer of supply: from records where there are records, else from the cells that sum them up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from ...errors import DataError
from .names import SUPPLIERS

__all__ = ["Holder", "LayerShares"]

ROUNDING = 1e-9


@dataclass(frozen=True)
class Holder:
    """A supplier, partner or creditor with its origin and its share (0-1)."""

    name: str
    origin: str
    share: float


@dataclass(frozen=True)
class LayerShares:
    """Shares of one country in one layer.

    With ``holders`` everything follows from them. Without, ``focal_share`` (0-1), ``hhi`` and ``top``
    stand for them where they are known; the focal origin is then one holder among others.
    """

    focal: str
    holders: tuple[Holder, ...] | None = None
    focal_share: float = float("nan")
    hhi: float = float("nan")
    top: float = float("nan")

    @classmethod
    def of(cls, focal: str, holders: Iterable[Holder]) -> LayerShares:
        """Return the shares of some holders, adding up to at most one.

        Raises
        ------
        DataError
            For shares outside 0-1, or that add up to more than one.
        """
        given = tuple(holders)
        total = sum(holder.share for holder in given)
        if any(not 0 <= holder.share <= 1 for holder in given) or total > 1 + 1e-6:
            raise DataError(
                f"shares must lie in 0-1 and add up to at most 1, received {total:g} over "
                f"{', '.join(holder.name for holder in given)}"
            )
        return cls(focal, given)._summed()

    def _summed(self) -> LayerShares:
        if self.holders is None:
            return self
        shares = np.array([holder.share for holder in self.holders])
        ours = np.array([holder.origin == self.focal for holder in self.holders], bool)
        return replace(
            self,
            focal_share=float(shares[ours].sum()),
            hhi=float(np.square(shares).sum()),
            top=float(shares.max()) if len(shares) else float("nan"),
        )

    @property
    def has_any(self) -> bool:
        """True if any share is known."""
        return (
            self.holders is not None or not np.isnan([self.focal_share, self.hhi, self.top]).all()
        )

    @property
    def _others(self) -> float:
        """The sum of squares of what is not focal; NaN where the cells do not say."""
        rest = self.hhi - self.focal_share**2
        # A concentration over firms can lie below the square of the share of an origin with several.
        return rest if rest >= -ROUNDING else float("nan")

    def holds(self, name: str, origin: str) -> float:
        """Return the share of a holder by name, or of an origin; NaN where it is not known."""
        if self.holders is not None:
            named = [
                holder.share for holder in self.holders if holder.name.casefold() == name.casefold()
            ]
            if named or not _is_state(Holder(name, origin, 0.0)):
                return float(sum(named))
            return float(sum(holder.share for holder in self.holders if holder.origin == origin))
        return self.focal_share if origin == self.focal else float("nan")

    def capped(self, names: Iterable[str], ceiling: float) -> LayerShares:
        """Return the shares with what holders (names or origins) have above a ceiling shared out pro rata."""
        wanted = {name.casefold() for name in names}
        if self.holders is None:
            if self.focal.casefold() not in wanted:
                return self
            return self._focal_to(min(self.focal_share, ceiling))
        inside = [
            holder.name.casefold() in wanted or holder.origin.casefold() in wanted
            for holder in self.holders
        ]
        held = sum(holder.share for holder, ours in zip(self.holders, inside, strict=True) if ours)
        if held <= ceiling:
            return self
        rest = sum(holder.share for holder in self.holders) - held
        grow = (rest + held - ceiling) / rest if rest > 0 else 1.0
        return replace(
            self,
            holders=tuple(
                replace(holder, share=holder.share * (ceiling / held if ours else grow))
                for holder, ours in zip(self.holders, inside, strict=True)
            ),
        )._summed()

    def _focal_to(self, share: float) -> LayerShares:
        """Return cells only: the focal share moves, the others grow or shrink pro rata."""
        if not self.focal_share < 1:
            return self if np.isnan(self.focal_share) else replace(self, focal_share=share)
        grow = (1 - share) / (1 - self.focal_share)
        top = self.top
        if not np.isnan(top):
            top = max(share, top * grow) if top > self.focal_share + ROUNDING else float("nan")
        return replace(self, focal_share=share, hhi=share**2 + self._others * grow**2, top=top)

    def swapped(self, source: Holder, target: Holder, points: float) -> LayerShares:
        """Return the shares with some (0-1) moved from one holder to another.

        The share in `source` and `target` is what they have, where it is known from elsewhere.
        """
        if self.holders is not None:
            return self._swapped_records(source, target, points)
        before = {True: self.focal_share, False: 0.0}
        ours, theirs = source.origin == self.focal, target.origin == self.focal
        start = before[True] if ours else max(points, _or(source.share, points))
        end = before[True] if theirs else _or(target.share, 0.0)
        moved = min(points, start) if not np.isnan(start) else points
        focal = self.focal_share + moved * (int(theirs) - int(ours))
        hhi = self.hhi
        if not (ours and theirs):
            hhi += (start - moved) ** 2 - start**2 + (end + moved) ** 2 - end**2
        return replace(self, focal_share=focal, hhi=min(max(hhi, 0.0), 1.0), top=float("nan"))

    def _swapped_records(self, source: Holder, target: Holder, points: float) -> LayerShares:
        holders = list(self.holders or ())
        names = [holder.name.casefold() for holder in holders]
        givers = [i for i, holder in enumerate(holders) if names[i] == source.name.casefold()]
        if not givers and _is_state(source):
            givers = [i for i, holder in enumerate(holders) if holder.origin == source.origin]
        held = sum(holders[i].share for i in givers)
        moved = min(points, held)
        for i in givers:
            part = holders[i].share / held if held else 0.0
            holders[i] = replace(holders[i], share=holders[i].share - moved * part)
        takers = [i for i, name in enumerate(names) if name == target.name.casefold()]
        if not takers and _is_state(target):
            takers = [i for i, holder in enumerate(holders) if holder.origin == target.origin][:1]
        if takers:
            i = takers[0]
            holders[i] = replace(holders[i], share=holders[i].share + moved)
        else:
            holders.append(replace(target, share=moved))
        return replace(self, holders=tuple(holders))._summed()

    def entered(self, newcomer: Holder) -> LayerShares:
        """Return the shares after a new holder took its share from all others, pro rata."""
        e = newcomer.share
        ours = newcomer.origin == self.focal
        if self.holders is not None:
            kept = tuple(replace(holder, share=holder.share * (1 - e)) for holder in self.holders)
            return replace(self, holders=(*kept, newcomer))._summed()
        focal = self.focal_share * (1 - e) + (e if ours else 0.0)
        return replace(
            self,
            focal_share=focal,
            hhi=self.hhi * (1 - e) ** 2 + e**2,
            top=max(self.top * (1 - e), e) if not np.isnan(self.top) else self.top,
        )


def _is_state(holder: Holder) -> bool:
    """Tell whether a holder is named by its state, and so stands for all of its suppliers."""
    return holder.name.casefold() not in {name.casefold() for name in SUPPLIERS}


def _or(value: float, otherwise: float) -> float:
    return otherwise if np.isnan(value) else value
