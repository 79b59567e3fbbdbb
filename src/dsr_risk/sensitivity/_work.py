"""The work of one sensitivity run: chunks of rows evaluated and summed, here or on an executor."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engine import Design
from ..engine.plan import Scratch
from ..engine.sampling import Points, Sampling
from ..engine.tasks import in_order
from ..sobol.run import Request, Run
from ..sobol.sums import Sums
from ._targets import Targets

__all__ = ["Work", "results"]

Array = NDArray[np.float64]

ROWS = 1024
"""Rows that are evaluated at once: their values stay in a core's cache."""

KEPT = 16
"""Combinations of realisations of streams that are kept."""

IN_FLIGHT = 8
"""Tasks handed out at once; what is held in memory at most until it can be added in order."""


class _Remembering(Design):
    """A design that keeps random errors: one chunk is evaluated with the same few again and again."""

    @cached_property
    def _kept(self) -> dict[Any, dict[str, tuple[Array, ...]]]:
        return {}

    def _noise(
        self, seed: int, block: int, copies: Mapping[str, int], draws: int
    ) -> dict[str, tuple[Array, ...]]:
        key = (seed, block, draws, tuple(sorted(copies.items())))
        found = self._kept.get(key)
        if found is None:
            found = _copied(super()._noise(seed, block, copies, draws))
            if len(self._kept) >= KEPT:
                self._kept.clear()
            self._kept[key] = found
        # What is handed out may be overwritten.
        return _copied(found)

    def __getstate__(self) -> dict[str, Any]:
        return {name: one for name, one in self.__dict__.items() if name != "_kept"}


def _copied(noise: Mapping[str, tuple[Array, ...]]) -> dict[str, tuple[Array, ...]]:
    return {name: tuple(np.array(one) for one in arrays) for name, arrays in noise.items()}


def remembering(design: Design) -> Design:
    """The same design, its streams kept while they are used again; itself where it has none."""
    if not design.streams:
        return design
    return _Remembering(**{part.name: getattr(design, part.name) for part in fields(design)})


@dataclass(frozen=True, eq=False)
class Work:
    """A design, what is exchanged in it, and the targets; tasks are numbered from 0."""

    design: Design
    targets: Targets
    run: Run
    sampling: Sampling

    @property
    def tasks(self) -> int:
        """How many pieces of work there are, whatever the number of workers."""
        return len(self.run.tasks)

    def points(self) -> Points:
        """Chunks of points (m, 2 dimension): A and B side by side."""
        return Points(2 * self.design.dimension, self.run.chunk, self.run.seed, self.sampling)

    def task(self, task: int) -> Sums:
        """The sums of one task."""
        points, scratch = self.points(), Scratch()
        evaluate = functools.partial(self.evaluate, scratch=scratch)
        out = self.run.empty()
        for number in self.run.tasks[task]:
            chunk = points.block(number)[: self.run.sizes[number]]
            self.run.add_chunk(number, chunk, evaluate, out)
        return out

    def evaluate(self, requests: Sequence[Request], number: int, *, scratch: Scratch) -> Array:
        """(requests, m, columns) targets."""
        m = len(requests[0].u)
        out = scratch.get("targets", (len(requests), m, self.targets.count))
        if self.design.streams:
            for place, one in enumerate(requests):
                self._targets(one.u, one.streams, number, scratch, out[place])
            return out
        flat = out.reshape(len(requests) * m, -1)
        step = max(1, ROWS // m)
        for start in range(0, len(requests), step):
            u = np.concatenate([one.u for one in requests[start : start + step]])
            into = flat[start * m : start * m + len(u)]
            self._targets(u, frozenset(), number, scratch, into)
        return out

    def _targets(
        self, u: Array, streams: frozenset[str], number: int, scratch: Scratch, out: Array
    ) -> None:
        values, order = self.design.values(
            u,
            self.targets.nodes,
            scratch,
            seed=self.run.seed,
            block=number,
            copies=dict.fromkeys(streams, 1),
            reuse=True,
        )
        if order is None:
            self.targets.columns(values, scratch, out)
            return
        moved = scratch.get("moved", out.shape)
        self.targets.columns(values, scratch, moved)
        out[order] = moved


def results(
    work: Work, executor: Executor | None, done: Callable[[int, int], object] | None
) -> Iterator[Sums]:
    """The sums of every task, in order.

    Raises
    ------
    DsrRiskError
        If the executor dies or refuses work. On this and on Ctrl-C what is waiting is cancelled.
    """
    numbers = range(work.tasks)
    found = (
        map(work.task, numbers)
        if executor is None
        else in_order(work, numbers, executor, ahead=IN_FLIGHT)
    )
    rows = 0
    for one in found:
        rows += one.rows
        yield one
        if done is not None:
            done(rows, work.run.n)
