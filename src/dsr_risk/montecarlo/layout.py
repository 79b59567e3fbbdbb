"""The layout: which columns of the unit cube each factor owns, and what they vary."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from .._util.types import Array, Index
from ..errors import FrameworkError, Problems
from ..factors import Choice, Factor, ParameterFactor, WeightFactor, target_of
from ..factors._base import choose
from ..framework.definition import Framework
from ..framework.factor_checks import indicators_below
from ..framework.nodes import Group

__all__ = ["Layout"]

Part = tuple[Any, slice]


class Layout:
    """Factors laid out on the unit cube.

    ``parts`` are for each factor what it varies (a group, an indicator, nothing by name) and its columns.

    Raises
    ------
    FrameworkError
        Where two factors vary the same weights.
    """

    def __init__(self, framework: Framework, factors: Mapping[str, Factor]) -> None:
        self.framework, self.factors = framework, factors
        problems = Problems(f"framework `{framework.name}`, factors")
        taken: dict[str, str] = {}
        self.parts: dict[str, list[Part]] = {}
        start = 0
        for name, factor in factors.items():
            laid = []
            for part, size in self._sizes(name, factor, taken, problems):
                laid.append((part, slice(start, start + size)))
                start += size
            self.parts[name] = laid
        self.dimension = start
        problems.raise_as(FrameworkError)

    def _sizes(
        self, name: str, factor: Factor, taken: dict[str, str], problems: Problems
    ) -> list[tuple[Any, int]]:
        """Return what a factor varies, and how many columns that takes."""
        if isinstance(factor, Choice):
            return [(None, 1)]
        if isinstance(factor, WeightFactor):
            groups = self._groups(name, factor)
            for group in groups:
                if group.name in taken:
                    problems.add(
                        f"factors `{taken[group.name]}` and `{name}` both vary the weights below "
                        f"`{group.name}`; keep one"
                    )
                taken[group.name] = name
            # An only child has all the weight, whatever it is.
            return [
                (group, factor.size(len(group.children)))
                for group in groups
                if len(group.children) > 1
            ]
        if isinstance(factor, ParameterFactor):
            path = target_of(name, factor)
            if path.part == "goalposts":
                return [(end, 1) for end in self._ends(path.node, factor)]
            return [(None, 1)]
        return []

    def _ends(self, node: str, factor: ParameterFactor) -> list[tuple[str, str]]:
        """Return the goalposts that a factor moves, as pairs of an indicator and "low" or "high"."""
        indicators = indicators_below(self.framework, node)
        every = [(indicator, end) for indicator in indicators for end in ("low", "high")]
        if factor.closed_ends == "move" or indicators == [node]:
            return every
        return [(indicator, end) for indicator, end in every if not self._closed(indicator, end)]

    def _closed(self, indicator: str, end: str) -> bool:
        """Tell whether a goalpost is an end of its indicator's own scale."""
        node: Any = self.framework[indicator]
        method = node.normalisation or self.framework.defaults.normalisation
        post = getattr(method, end, None)
        return node.plausible is not None and post == node.plausible[end == "high"]

    def _groups(self, name: str, factor: WeightFactor) -> list[Group]:
        node = target_of(name, factor).node
        every = [node for node in self.framework.nodes if isinstance(node, Group)]
        if node == "*":
            return every
        top: Any = self.framework[node]
        return [node for node in top.walk() if isinstance(node, Group)] if factor.deep else [top]

    @cached_property
    def columns(self) -> dict[str, slice]:
        """The columns that each factor owns (streams own none and are not here)."""
        return {
            name: slice(parts[0][1].start, parts[-1][1].stop)
            for name, parts in self.parts.items()
            if parts
        }

    @cached_property
    def column_names(self) -> tuple[str, ...]:
        """A name for every column: its factor, and what of it where it has several."""
        out = [""] * self.dimension
        for name, parts in self.parts.items():
            several = sum(taken.stop - taken.start for _, taken in parts) > 1
            for part, taken in parts:
                for column, tail in enumerate(self._tails(name, part, taken), start=taken.start):
                    out[column] = f"{name}: {tail}" if several else name
        return tuple(out)

    def _tails(self, name: str, part: Any, taken: slice) -> list[str]:
        size = taken.stop - taken.start
        if isinstance(part, Group) and size == len(part.children):
            return [child.name for child in part.children]
        if isinstance(self.factors[name], ParameterFactor) and part is not None:
            return [" ".join(part)]
        return [str(number) for number in range(1, size + 1)]

    def inputs(self, u: Array) -> Array:
        """Return rows u (draws, dimension) as inputs: the number of the option in place of a choice's column."""
        out = np.array(u)
        for column, _, picked in self._picked(u):
            out[:, column] = picked
        return out

    def variant_of(self, u: Array) -> Index:
        """Return the variant that each row of u (draws, dimension) falls on."""
        out = np.zeros(len(u), np.intp)
        for _, count, picked in self._picked(u):
            out = out * count + picked
        return out

    def _picked(self, u: Array) -> list[tuple[int, int, Index]]:
        """Return for every choice its column, the number of its options, and the option of every row."""
        out = []
        for name, factor in self.factors.items():
            if isinstance(factor, Choice):
                column = self.columns[name].start
                picked = choose(u[:, column], factor.probabilities, factor.count)
                out.append((column, factor.count, picked))
        return out
