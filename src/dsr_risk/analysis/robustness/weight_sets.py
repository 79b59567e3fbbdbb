"""Weight sets as a user states them: a kind, a spread, intervals, orders, groups that stay fixed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

import numpy as np

from ..._util.arguments import typed
from ..._util.checks import between, one_of, shown
from ..._util.documents import read_document
from ..._util.frozen import Fixed, Frozen
from ..._util.types import Array
from ...errors import DataError, FrameworkError, Problems, UnknownNameError, did_you_mean
from ...scoring.scores import Scores
from .local_sets import BoxShares, LocalSet, Ordered, RelativeWeights

__all__ = ["WeightSet", "as_weight_set", "local_sets"]

Kind = Literal["shares", "relative", "order"]
KINDS = ("shares", "relative", "order")
KEYS = ("kind", "spread", "intervals", "order", "fixed")
ROUNDING = 1e-12


@typed(init="checked")
@dataclass(frozen=True)
class WeightSet(Frozen):
    """A set of weightings over which statements are certified.

    Attributes
    ----------
    kind : str
        ``shares``: each local weight within plus or minus `spread` of its nominal share, siblings
        adding up to one. ``relative``: raw weights within plus or minus `spread` of themselves, then
        rescaled. ``order``: any weights in the nominal order of importance.
    spread : float
        Share (above 0, at most 1) of each nominal weight; not used by ``order``.
    intervals : dict
        For a group: ``{child: (low, high)}`` shares, in place of the spread. Children left out may have
        any share.
    order : dict
        For a group: its children from the most important, in place of the spread.
    fixed : tuple of str
        Groups whose weights stay nominal.

    Raises
    ------
    UnknownNameError
        For a kind that does not exist.
    DataError
        For a spread outside 0-1, or of 0.

    Examples
    --------
    >>> WeightSet(spread=0.1).words
    'every weight share within 10 % of its nominal value'
    >>> WeightSet.from_dict({"kind": "order"}).kind
    'order'
    """

    kind: Kind = "shares"
    spread: float = 0.25
    intervals: Mapping[str, Mapping[str, tuple[float, float]]] = field(default_factory=Fixed)
    order: Mapping[str, Sequence[str]] = field(default_factory=Fixed)
    fixed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        one_of("kind", self.kind, KINDS)
        object.__setattr__(self, "spread", _spread(self.spread))
        fixed = (self.fixed,) if isinstance(self.fixed, str) else tuple(self.fixed)
        object.__setattr__(self, "fixed", fixed)
        super().__post_init__()

    @classmethod
    def from_dict(cls, raw: object, where: str = "weights") -> WeightSet:
        """Return the weight set written as plain data.

        Parameters
        ----------
        raw
            A mapping with any of the attributes.
        where
            What stands before the problems in an error message.

        Returns
        -------
        WeightSet
            The set, checked.

        Raises
        ------
        FrameworkError
            For anything but a mapping of the attributes.
        """
        if not isinstance(raw, Mapping):
            raise FrameworkError(
                f"{where}: expected a mapping with any of {', '.join(KEYS)}, received "
                f"{type(raw).__name__}"
            )
        problems = Problems(where)
        for key in raw:
            if key not in KEYS:
                problems.add(f"unknown key `{key}`; {did_you_mean(str(key), KEYS)}")
        for name in ("intervals", "order"):
            value = raw.get(name, {})
            if not isinstance(value, Mapping) or not all(
                isinstance(inner, Mapping if name == "intervals" else list | tuple)
                for inner in value.values()
            ):
                problems.add(
                    f"`{name}` must be a mapping of groups to "
                    + ("{child: [low, high]}" if name == "intervals" else "a list of children")
                    + f", received {shown(value)}"
                )
        problems.raise_as(FrameworkError)
        return cls(**{str(key): value for key, value in raw.items()})

    @property
    def words(self) -> str:
        """The set in words."""
        texts = {
            "shares": f"every weight share within {self.spread:.0%} of its nominal value",
            "relative": f"every raw weight within {self.spread:.0%} of itself, then rescaled",
            "order": "all weights that keep the order of importance",
        }[self.kind].replace("%", " %")
        parts = [
            texts,
            *(f"`{name}` within given intervals" for name in self.intervals),
            *(f"`{name}` in a given order" for name in self.order),
            *(f"`{name}` fixed" for name in self.fixed),
        ]
        return "; ".join(parts)


def _spread(value: object) -> float:
    if value == 0 and not isinstance(value, bool):
        raise DataError(
            "`spread` must be a number above 0, up to 1, received 0: a set with the nominal weights alone says "
            "no more than the scores"
        )
    return between("spread", value, 0, 1, ends=True)


def as_weight_set(
    weights: WeightSet | str | os.PathLike[str] | Mapping[str, Any], spread: float | None
) -> WeightSet:
    """Return a weight set from itself, the name of a kind, a mapping or a file.

    Raises
    ------
    UnknownNameError
        For a text that is neither a kind nor a file.
    """
    if isinstance(weights, WeightSet):
        weight_set = weights
    elif isinstance(weights, Mapping):
        weight_set = WeightSet.from_dict(weights)
    elif isinstance(weights, str) and (weights in KINDS or not Path(weights).suffix):
        weight_set = WeightSet(cast("Kind", one_of("weights", weights, KINDS)))
    elif isinstance(weights, str | os.PathLike):
        path = Path(weights)
        weight_set = WeightSet.from_dict(read_document(path), str(path))
    else:
        raise FrameworkError(
            "`weights` must be a WeightSet, a kind (shares, relative, order), a mapping or a file, "
            f"received {type(weights).__name__}"
        )
    if spread is None:
        return weight_set
    return WeightSet(
        weight_set.kind, spread, weight_set.intervals, weight_set.order, weight_set.fixed
    )


def local_sets(wanted: WeightSet, scores: Scores) -> dict[int, LocalSet]:
    """Return the admissible shares of every group by its node index, children of weight 0 left out.

    Raises
    ------
    UnknownNameError
        For a group or child that the framework does not have.
    FrameworkError
        For intervals that no shares fit into, or an order that does not name every child.
    """
    tree, weights = scores._state.tree, scores._state.weights
    groups = {tree.names[group_node.node]: group_node for group_node in tree.group_nodes}
    problems = Problems("weights")
    for name in dict.fromkeys((*wanted.intervals, *wanted.order, *wanted.fixed)):
        if name not in groups:
            problems.add(f"no group `{name}`; {did_you_mean(name, groups)}")
    problems.raise_as(UnknownNameError)
    out: dict[int, LocalSet] = {}
    for name, group_node in groups.items():
        children = [int(child) for child in group_node.children if weights[child] > 0]
        nominal = weights[children] / weights[children].sum()
        names = [tree.names[child] for child in children]
        out[int(group_node.node)] = _local(wanted, name, names, nominal, problems)
    problems.raise_as(FrameworkError)
    return out


def _local(
    wanted: WeightSet, name: str, names: list[str], nominal: Array, problems: Problems
) -> LocalSet:
    if name in wanted.fixed:
        return BoxShares(nominal, nominal, nominal)
    if name in wanted.intervals:
        return _intervals(name, wanted.intervals[name], names, nominal, problems)
    if name in wanted.order:
        return _in_order(name, wanted.order[name], names, nominal, problems)
    if wanted.kind == "order":
        # Equal weights are one class of importance, whatever their rounding.
        steps = np.unique(-np.round(nominal, 12), return_inverse=True)[1]
        return Ordered(nominal, np.asarray(steps, np.int64))
    low, high = nominal * (1 - wanted.spread), nominal * (1 + wanted.spread)
    if wanted.kind == "relative":
        return RelativeWeights(nominal, low, high)
    return BoxShares(nominal, low, np.minimum(high, 1.0))


def _intervals(
    group: str,
    given: Mapping[str, tuple[float, float]],
    names: list[str],
    nominal: Array,
    problems: Problems,
) -> LocalSet:
    low, high = np.zeros(len(names)), np.ones(len(names))
    for child, ends in given.items():
        if child not in names:
            problems.add(f"`{group}` has no child `{child}`; {did_you_mean(child, names)}")
            continue
        try:
            first, last = (float(end) for end in ends)
        except (TypeError, ValueError):
            first, last = np.nan, np.nan
        if not 0 <= first <= last <= 1:
            problems.add(
                f"`{group}.{child}`: expected [low, high] shares in 0-1, received {ends!r}"
            )
            continue
        low[names.index(child)], high[names.index(child)] = first, last
    if low.sum() > 1 + ROUNDING or high.sum() < 1 - ROUNDING:
        problems.add(
            f"`{group}`: no weights fit the intervals: lower ends add up to {low.sum():g}, upper ends to "
            f"{high.sum():g}; the first must be at most 1, the second at least 1"
        )
    return BoxShares(nominal, low, high)


def _in_order(
    group: str, given: Sequence[str], names: list[str], nominal: Array, problems: Problems
) -> LocalSet:
    if sorted(given) != sorted(names):
        unknown = [child for child in given if child not in names]
        absent = [child for child in names if child not in given]
        lines = [f"no child `{child}`; {did_you_mean(child, names)}" for child in unknown]
        lines += [f"`{child}` is missing from the order" for child in absent]
        lines = lines or ["a child is named twice"]
        problems.extend(f"`{group}`: {line}" for line in lines)
        return BoxShares(nominal, nominal, nominal)
    order_of = {child: index for index, child in enumerate(given)}
    return Ordered(nominal, np.array([order_of[child] for child in names], np.int64))
