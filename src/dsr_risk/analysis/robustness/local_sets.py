"""Sets of admissible weights of one group, and the largest weighted mean over each of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..._util.frozen import Frozen
from ..._util.types import Array, Counts, Mask

__all__ = ["BoxShares", "LocalSet", "Ordered", "RelativeWeights"]

STEPS = 60
SWEEPS = 40


@dataclass(frozen=True, eq=False)
class LocalSet(Frozen):
    """Admissible weight shares of the k children of one group; ``nominal`` adds up to one."""

    nominal: Array

    @property
    def single(self) -> bool:
        """True if the nominal weights are the only admissible ones."""
        return len(self.nominal) < 2

    def largest(self, c: Array, present: Mask | None = None) -> Array:
        """Return largest weighted mean of the coefficients over the set.

        Parameters
        ----------
        c
            (k, ...) coefficients, any value where not present.
        present
            (k, ...) which children count; the weights of the others are shared. All if None.

        Returns
        -------
        ndarray
            (...), NaN where no child is present.
        """
        raise TypeError(f"{type(self).__name__} gives no `largest`")

    def smallest(self, c: Array, present: Mask | None = None) -> Array:
        """Return smallest weighted mean of the coefficients over the set."""
        return -self.largest(-c, present)

    def sample(self, rng: np.random.Generator, draws: int) -> Array:
        """Return (draws, k) admissible shares."""
        raise TypeError(f"{type(self).__name__} gives no `sample`")


@dataclass(frozen=True, eq=False)
class _WithEnds(LocalSet):
    """Weights (k,) between lower and upper ends."""

    low: Array
    high: Array

    @property
    def single(self) -> bool:
        """True if the nominal weights are the only admissible ones."""
        return super().single or bool((self.high - self.low).max() <= 0)


@dataclass(frozen=True, eq=False)
class BoxShares(_WithEnds):
    """Shares between lower and upper ends that add up to one.

    References
    ----------
    The continuous knapsack: Dantzig, G. B. (1957), Operations Research 5(2), 266-288. Ratios of linear
    forms: Dinkelbach, W. (1967), Management Science 13(7), 492-498. The sampler is hit-and-run along
    pairs of coordinates: Smith, R. L. (1984), Operations Research 32(6), 1296-1308.
    """

    def largest(self, c: Array, present: Mask | None = None) -> Array:
        """Fill the shares from the largest coefficient down; iterate on the ratio where some are missing."""
        if present is None or bool(present.all()):
            return self._filled(c)[0]
        flat = np.where(present, c, 0.0).reshape(len(c), -1)
        observed = np.broadcast_to(present, c.shape).reshape(len(c), -1)
        out = np.empty(flat.shape[1])
        complete = observed.all(axis=0)
        if complete.any():
            out[complete] = self._filled(flat[:, complete])[0]
        if not complete.all():
            out[~complete] = self._ratio(flat[:, ~complete], observed[:, ~complete])
        return out.reshape(c.shape[1:])

    def _filled(self, c: Array) -> tuple[Array, Array]:
        """Return the largest sum, and the shares (k, ...) that attain it."""
        order = np.argsort(-c, axis=0, kind="stable")
        room = 1.0 - self.low.sum()
        ends = np.minimum(np.cumsum((self.high - self.low)[order], axis=0), room)
        ends[-1] = room
        shares = self.low[order]
        shares[0] += ends[0]
        shares[1:] += np.diff(ends, axis=0)
        ranked = np.take_along_axis(c, order, axis=0)
        with np.errstate(invalid="ignore"):
            total = np.where(shares > 0, shares * ranked, 0.0).sum(axis=0)
        chosen = np.empty_like(shares)
        np.put_along_axis(chosen, order, shares, axis=0)
        return total, chosen

    def _ratio(self, c: Array, observed: Mask) -> Array:
        """Return the largest ratio of each column by Dinkelbach's iteration; no step is worse."""
        start = self.inner()[:, None] * observed
        with np.errstate(invalid="ignore", divide="ignore"):
            best = (start * c).sum(axis=0) / start.sum(axis=0)
        for _ in range(STEPS):
            shares = self._filled(np.where(observed, c - best, 0.0))[1] * observed
            bottom = shares.sum(axis=0)
            with np.errstate(invalid="ignore", divide="ignore"):
                value = np.where(bottom > 1e-14, (shares * c).sum(axis=0) / bottom, best)
            better = value > best + 1e-13 * (1 + np.abs(best))
            best = np.where(value > best, value, best)
            if not better.any():
                break
        # The weight of everything present may go to zero: then any mixture of it is a limit.
        vanishing = (self.low[:, None] * observed).sum(axis=0) <= 0
        vanishing &= (self.high[:, None] * ~observed).sum(axis=0) >= 1
        top = np.where(observed, c, -np.inf).max(axis=0)
        return np.where(observed.any(axis=0), np.where(vanishing, top, best), np.nan)

    def sample(self, rng: np.random.Generator, draws: int) -> Array:
        """Return shares uniform over the set, by hit-and-run along pairs of children."""
        shares = np.repeat(self.inner()[None], draws, axis=0)
        k = len(self.nominal)
        if self.single:
            return shares
        rows = np.arange(draws)
        for _ in range(SWEEPS * (k - 1)):
            first = rng.integers(0, k, draws)
            second = (first + rng.integers(1, k, draws)) % k
            total = shares[rows, first] + shares[rows, second]
            least = np.maximum(self.low[first], total - self.high[second])
            most = np.minimum(self.high[first], total - self.low[second])
            moved = least + rng.random(draws) * np.maximum(most - least, 0.0)
            shares[rows, first], shares[rows, second] = moved, total - moved
        return shares

    def inner(self) -> Array:
        """Return shares inside the set: the nominal ones, or those moved into the bounds."""
        share = np.clip(self.nominal, self.low, self.high)
        lack = 1.0 - share.sum()
        room = (self.high - share) if lack > 0 else (share - self.low)
        return share + (lack * room / room.sum() if abs(lack) > 1e-15 and room.sum() > 0 else 0.0)


@dataclass(frozen=True, eq=False)
class RelativeWeights(_WithEnds):
    """Raw weights between ends, rescaled to add up to one: what samplers of raw weights reach.

    References
    ----------
    The set of Saisana, M., Saltelli, A. and Tarantola, S. (2005), J. R. Stat. Soc. A 168(2), 307-323. Its
    linear-fractional optimum sits at a threshold: Charnes, A. and Cooper, W. W. (1962), Naval Research
    Logistics Quarterly 9(3-4), 181-186.
    """

    def largest(self, c: Array, present: Mask | None = None) -> Array:
        """Try every threshold: upper ends above, lower ends below."""
        observed = np.ones(c.shape, bool) if present is None else np.broadcast_to(present, c.shape)
        clean = np.where(observed, c, 0.0)
        order = np.argsort(-clean, axis=0, kind="stable")
        ranked = np.take_along_axis(clean, order, axis=0)
        counted = np.take_along_axis(observed, order, axis=0)
        low, high = self.low[order] * counted, self.high[order] * counted
        spread = high - low
        top = np.cumsum(spread * ranked, axis=0) + (low * ranked).sum(axis=0)
        bottom = np.cumsum(spread, axis=0) + low.sum(axis=0)
        with np.errstate(invalid="ignore", divide="ignore"):
            least = (low * ranked).sum(axis=0) / low.sum(axis=0)
            return np.asarray(np.fmax(np.fmax.reduce(top / bottom, axis=0), least))

    def sample(self, rng: np.random.Generator, draws: int) -> Array:
        """Return raw weights uniform between their ends, rescaled."""
        raw = self.low + rng.random((draws, len(self.low))) * (self.high - self.low)
        return np.asarray(raw / raw.sum(axis=1, keepdims=True))


@dataclass(frozen=True, eq=False)
class Ordered(LocalSet):
    """Shares in a known order of importance; children of one class are not ordered among themselves.

    ``classes`` (k,) is 0 for the most important. A child of a lower class never weighs less than one of
    a higher class.

    References
    ----------
    Barron, F. H. and Barrett, B. E. (1996), Decision quality using ranked attribute weights, Management
    Science 42(11), 1515-1523: the extreme points of the set.
    """

    classes: Counts

    def largest(self, c: Array, present: Mask | None = None) -> Array:
        """Try every extreme point: equal shares of the most important children, down to some child."""
        filled = np.ones(c.shape, bool) if present is None else np.broadcast_to(present, c.shape)
        best: Array = np.full(c.shape[1:], np.nan)
        top, bottom = np.zeros(c.shape[1:]), np.zeros(c.shape[1:])
        for level in np.unique(self.classes):
            inside = self.classes == level
            counted = filled[inside]
            ranked = -np.sort(np.where(counted, -c[inside], np.inf), axis=0)
            observed = np.isfinite(ranked) | (ranked == np.inf)
            tops = top + np.cumsum(np.where(observed, ranked, 0.0), axis=0)
            bottoms = bottom + np.cumsum(observed, axis=0)
            with np.errstate(invalid="ignore", divide="ignore"):
                best = np.asarray(np.fmax(best, np.fmax.reduce(tops / bottoms, axis=0)))
            top, bottom = tops[-1], bottoms[-1]
        return best

    def sample(self, rng: np.random.Generator, draws: int) -> Array:
        """Return shares uniform over the set: those of the simplex, sorted, in any order within a class."""
        k = len(self.nominal)
        raw = -np.sort(-rng.standard_exponential((draws, k)), axis=1)
        shares = raw / raw.sum(axis=1, keepdims=True)
        out: Array = np.empty((draws, k))
        start = 0
        for level in np.unique(self.classes):
            children = np.flatnonzero(self.classes == level)
            part = rng.permuted(shares[:, start : start + len(children)], axis=1)
            out[:, children] = part
            start += len(children)
        return out
