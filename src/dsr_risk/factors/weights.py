"""Uncertain weights of a group's children, from columns of the unit cube."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from ..methods._base import Number
from ._base import Array, Factor, Kind, choose

__all__ = ["Dirichlet", "Intervals", "Order", "Spread", "Stakeholders", "WeightFactor"]

Share = Annotated[Number, Field(ge=0, le=1)]
Positive = Annotated[Number, Field(gt=0)]
SMALLEST = 2.0**-40
TINY = 1e-200
"""Sums of weights below it are worked out in logarithms."""


class WeightFactor(Factor):
    """Weights of the k children of a group. Every child given weight 0 keeps it.

    ``deep`` varies the weights of every group below as well, each on its own.
    ``size(k)`` says how many columns of the unit cube it takes; ``draw(u, given, names)`` maps them
    (size, draws) to weights (k, draws), of which only ratios matter.

    Examples
    --------
    >>> factor = Factor.parse({"method": "spread", "share": 0.5})
    >>> factor.size(2), factor.names_wanted()
    (2, None)
    >>> factor.draw(np.array([[0.0], [1.0]]), np.array([2.0, 4.0]), ("debt", "gci")).tolist()
    [[1.0], [6.0]]
    """

    kind: ClassVar[Kind] = "weights"
    takes_deep: ClassVar[bool] = True

    deep: bool = False

    @property
    def elementwise(self) -> bool:
        """True if a weight depends on its own column and given weight only."""
        return False

    def size(self, children: int) -> int:
        """Return columns of the unit cube for a group of so many children.

        Parameters
        ----------
        children
            The number of children of the group.

        Returns
        -------
        int
            How many columns, 0 or more.
        """
        return children

    def draw(self, u: Array, given: Array, names: tuple[str, ...]) -> Array:
        """Return weights (k, draws) from u (size, draws).

        Parameters
        ----------
        u
            (size, draws) numbers in 0-1.
        given
            (k,) weights as written.
        names
            The k names of the children.

        Returns
        -------
        array
            (k, draws) weights.
        """
        raise TypeError(f"{type(self).__name__} gives no `draw`")

    def names_wanted(self) -> set[str] | None:
        """Return the children it must find, no more and no fewer; None if any will do."""
        return None


class Spread(WeightFactor):
    """Each weight within plus or minus a share of itself.

    ``of`` names the set that is sampled. "relative": weights as written are uniform in their intervals
    before they are shared out, so that a share among siblings may move further than `share`. "shares":
    the shares among siblings stay within plus or minus `share` of the nominal ones and add up to one.

    References
    ----------
    Saisana, M., Saltelli, A. and Tarantola, S. (2005), J. R. Stat. Soc. A 168(2), 307-323.

    Examples
    --------
    >>> Spread(share=0.25).draw(np.array([[0.0, 0.5], [1.0, 0.5]]), np.array([2.0, 4.0]), ()).tolist()
    [[1.5, 2.0], [5.0, 4.0]]
    """

    name: ClassVar[str] = "spread"

    share: Share
    of: Literal["relative", "shares"] = "relative"

    @property
    def elementwise(self) -> bool:
        """True if a weight depends on its own column and given weight only."""
        return self.of == "relative"

    def draw(self, u: Array, given: Array, names: tuple[str, ...]) -> Array:
        """Return given weights times 1 - share to 1 + share, or shares that add up to one."""
        if self.of == "shares":
            nominal = (given / given.sum())[:, None]
            return _adding_up(u, (1 - self.share) * nominal, (1 + self.share) * nominal)
        out = u * (2 * self.share * given)[:, None]
        out += ((1 - self.share) * given)[:, None]
        return out


class Dirichlet(WeightFactor):
    """Weights from a Dirichlet distribution centred on the given ones.

    ``concentration`` c sets the spread: a child of weight share m has mean m and variance
    ``m (1 - m) / (c + 1)``. Large is certain.

    References
    ----------
    Butler, J., Jia, J. and Dyer, J. (1997), Eur. J. Oper. Res. 103(3), 531-546; Tervonen, T. and
    Lahdelma, R. (2007), Eur. J. Oper. Res. 178(2), 500-513, for weights drawn on the simplex.

    Examples
    --------
    >>> u = np.random.default_rng(0).random((2, 4000))
    >>> weights = Dirichlet(concentration=20).draw(u, np.array([1.0, 3.0]), ("debt", "gci"))
    >>> (weights / weights.sum(axis=0)).mean(axis=1).round(2).tolist()  # 1 / 4 and 3 / 4
    [0.25, 0.75]
    """

    name: ClassVar[str] = "dirichlet"

    concentration: Positive

    def draw(self, u: Array, given: Array, names: tuple[str, ...]) -> Array:
        """Return gamma quantiles; their ratios are the Dirichlet weights."""
        # Loading scipy.special takes as long as loading the rest of the package.
        from scipy.special import gammaincinv, gammaln

        positive = given > 0
        shape = (self.concentration * given / given.sum())[positive, None]
        numbers = np.maximum(u[positive], SMALLEST)
        drawn = gammaincinv(shape, numbers)
        tiny = drawn.max(axis=0) < TINY
        if tiny.any():
            # A small quantile x of shape s is a power of u, P(s, x) = x^s / gamma(s + 1), which underflows.
            logs = (np.log(numbers[:, tiny]) + gammaln(shape + 1)) / shape
            drawn[:, tiny] = np.exp(logs - logs.max(axis=0))
        out = np.zeros_like(u)
        out[positive] = drawn
        return out


def _adding_up(u: Array, low: Array, high: Array) -> Array:
    """Return shares (k, draws) within their intervals (k, 1) that add up to one, from u (k, draws).

    Shares are drawn uniform in their intervals, then all move by the same part of their room.
    """
    share = low + u * (high - low)
    lack = 1 - share.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        up = (high - share) * (lack / (high - share).sum(axis=0))
        down = (share - low) * (lack / (share - low).sum(axis=0))
    moved: Array = share + np.nan_to_num(np.where(lack > 0, up, down))
    return moved


class Intervals(WeightFactor):
    """Each child's weight share within its own interval, the shares adding up to one.

    Shares are drawn uniform in their intervals, then all move by the same part of their room up or
    down until they add up to one, so every draw respects every interval.

    References
    ----------
    Weights known by intervals: Mustajoki, J., Hamalainen, R. and Salo, A. (2005), Decision Sciences
    36(2), 317-339.

    Examples
    --------
    >>> factor = Intervals(shares={"a": (0.2, 0.6), "b": (0.5, 0.7)})
    >>> factor.draw(np.array([[0.0, 0.5], [0.0, 1.0]]), np.ones(2), ("a", "b")).round(3).tolist()
    [[0.4, 0.35], [0.6, 0.65]]
    """

    name: ClassVar[str] = "intervals"
    takes_deep: ClassVar[bool] = False

    shares: dict[str, tuple[Share, Share]]

    @model_validator(mode="after")
    def _can_add_up(self) -> Self:
        for child, (low, high) in self.shares.items():
            if low > high:
                raise ValueError(f"`{child}`: lower end above upper, received {[low, high]}")
        low, high = (sum(pair[end] for pair in self.shares.values()) for end in (0, 1))
        if low > 1 + 1e-12 or high < 1 - 1e-12:
            raise ValueError(
                f"shares must be able to add up to 1; lower ends add up to {low:g}, upper to {high:g}"
            )
        return self

    def draw(self, u: Array, given: Array, names: tuple[str, ...]) -> Array:
        """Return shares within their intervals, adding up to one."""
        low, high = np.array([self.shares[name] for name in names]).T[..., None]
        return _adding_up(u, low, high)

    def names_wanted(self) -> set[str]:
        """Check that every child has its interval."""
        return set(self.shares)


class Order(WeightFactor):
    """Only the order of importance is known: uniform over all weights that respect it.

    ``order`` lists children from the most to the least important; a list inside it holds children whose
    order among themselves is not known.

    References
    ----------
    Rietveld, P. and Ouwersloot, H. (1992), Eur. J. Oper. Res. 61(1-2), 181-193.

    Examples
    --------
    >>> u = np.random.default_rng(0).random((3, 1000))
    >>> w = Order(order=["b", ["a", "c"]]).draw(u, np.ones(3), ("a", "b", "c"))
    >>> bool((w[1] >= w[0]).all() and (w[1] >= w[2]).all() and (w[0] > w[2]).any())
    True
    """

    name: ClassVar[str] = "order"
    takes_deep: ClassVar[bool] = False

    order: tuple[str | tuple[str, ...], ...]

    @property
    def tiers(self) -> tuple[tuple[str, ...], ...]:
        """The children tier by tier."""
        return tuple((name,) if isinstance(name, str) else name for name in self.order)

    def draw(self, u: Array, given: Array, names: tuple[str, ...]) -> Array:
        """Return exponentials (uniform on the simplex), dealt out from the largest by tiers."""
        raw = -np.log1p(-np.clip(u, SMALLEST, 1 - SMALLEST))
        dealt = -np.sort(-raw, axis=0)
        out = np.empty_like(raw)
        start = 0
        for tier in self.tiers:
            rows = [names.index(name) for name in tier]
            # Inside a tier the draws themselves say who comes first.
            order = np.argsort(np.argsort(-raw[rows], axis=0), axis=0)
            out[rows] = np.take_along_axis(dealt[start : start + len(rows)], order, axis=0)
            start += len(rows)
        return out

    def names_wanted(self) -> set[str]:
        """Return the names of the children: each has a rank in the order."""
        return {name for tier in self.tiers for name in tier}


class Stakeholders(WeightFactor):
    """Several whole sets of weights, one a stakeholder; each draw takes one set, or mixes them.

    ``mix=True`` weighs the stakeholders themselves uniformly on their simplex.

    References
    ----------
    OECD/JRC (2008), Handbook on Constructing Composite Indicators, step 6 (participatory weights).

    Examples
    --------
    >>> factor = Stakeholders(sets={"lenders": {"debt": 3, "gci": 1}, "users": {"debt": 0, "gci": 1}})
    >>> factor.draw(np.array([[0.2, 0.7]]), np.ones(2), ("debt", "gci")).tolist()
    [[0.75, 0.0], [0.25, 1.0]]
    >>> factor.size(2), sorted(factor.names_wanted())
    (1, ['debt', 'gci'])
    """

    name: ClassVar[str] = "stakeholders"
    takes_deep: ClassVar[bool] = False

    sets: dict[str, dict[str, Annotated[Number, Field(ge=0)]]] = Field(min_length=1)
    probabilities: tuple[Annotated[Number, Field(ge=0)], ...] | None = None
    mix: bool = False

    @model_validator(mode="after")
    def _agree(self) -> Self:
        check_probabilities(self.probabilities, len(self.sets))
        first = next(iter(self.sets.values()))
        for label, weights in self.sets.items():
            if set(weights) != set(first):
                raise ValueError(f"set `{label}` names other children than the first set")
            if sum(weights.values()) <= 0:
                raise ValueError(f"set `{label}`: weights must not all be 0")
        if self.mix and self.probabilities is not None:
            raise ValueError("give `probabilities` or `mix`, not both")
        return self

    def size(self, children: int) -> int:
        """Return one column that picks a set, or one a set where they are mixed."""
        return len(self.sets) if self.mix else 1

    def draw(self, u: Array, given: Array, names: tuple[str, ...]) -> Array:
        """Return one of the sets, or a mixture, each set counting by its shares."""
        table = np.array(
            [[weight_set[name] for name in names] for weight_set in self.sets.values()]
        )
        table = table / table.sum(axis=1, keepdims=True)
        if not self.mix:
            return np.asarray(table[choose(u[0], self.probabilities, len(table))].T)
        part = -np.log1p(-np.clip(u, SMALLEST, 1 - SMALLEST))
        return np.asarray(table.T @ (part / part.sum(axis=0)))

    def names_wanted(self) -> set[str]:
        """Return the children every set names."""
        return set(next(iter(self.sets.values())))


def check_probabilities(probabilities: tuple[float, ...] | None, count: int) -> None:
    """Check that probabilities, if given, are one an option and add up to one."""
    if probabilities is None:
        return
    if len(probabilities) != count:
        raise ValueError(f"`probabilities`: expected {count}, received {len(probabilities)}")
    if abs(sum(probabilities) - 1) > 1e-9:
        raise ValueError(f"`probabilities` must add up to 1, received {sum(probabilities):g}")
