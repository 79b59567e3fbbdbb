"""The work of one sensitivity run: chunks of rows evaluated and summed, here or on an executor."""

from __future__ import annotations

import functools
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from ..._util.scratch import Scratch
from ..._util.types import Array
from ...montecarlo import Design
from ...montecarlo.drawing import Key
from ...montecarlo.sampling import Points, Sampling
from ...montecarlo.tasks import in_order
from ...sobol.run import Request, Run
from ...sobol.sums import Sums
from .targets import Targets

__all__ = ["Work", "results"]


ROWS = 1024
"""Rows that are evaluated at once: their values stay in a core's cache."""

IN_FLIGHT = 8
"""Tasks handed out at once; what is held in memory at most until it can be added in order."""


@dataclass(frozen=True, eq=False)
class Work:
    """A design, what is exchanged in it, and the targets; tasks are numbered from 0.

    At most about `rows` rows are evaluated at once.
    """

    design: Design
    targets: Targets
    run: Run
    sampling: Sampling
    rows: int = ROWS

    @property
    def tasks(self) -> int:
        """The number of tasks, the same whatever the number of workers."""
        return len(self.run.tasks)

    def points(self) -> Points:
        """Return chunks of points (m, 2 dimension): A and B side by side."""
        return Points(2 * self.design.dimension, self.run.chunk, self.run.seed, self.sampling)

    def task(self, task: int) -> Sums:
        """Return the sums of one task."""
        points, scratch = self.points(), Scratch()
        evaluate = functools.partial(self.evaluate, scratch=scratch)
        out = self.run.empty()
        for number in self.run.tasks[task]:
            chunk = points.block(number)[: self.run.sizes[number]]
            self.run.add_chunk(number, chunk, evaluate, out)
        return out

    def evaluate(self, requests: Sequence[Request], number: int, *, scratch: Scratch) -> Array:
        """Return (requests, m, columns) targets."""
        m = len(requests[0].u)
        out = scratch.get("targets", (len(requests), m, self.targets.count))
        step = max(1, self.rows // m)
        alike: dict[frozenset[str], list[int]] = {}
        for index, request in enumerate(requests):
            alike.setdefault(request.streams, []).append(index)
        for streams, positions in alike.items():
            for start in range(0, len(positions), step):
                chosen = positions[start : start + step]
                u = np.concatenate([requests[index].u for index in chosen])
                neighbours = chosen[-1] - chosen[0] == len(chosen) - 1
                into = (
                    out[chosen[0] : chosen[-1] + 1].reshape(len(u), -1)
                    if neighbours
                    else scratch.get("found", (len(u), self.targets.count))
                )
                self._targets(u, streams, number, m, scratch, into)
                if not neighbours:
                    out[chosen] = into.reshape(len(chosen), m, -1)
        return out

    def _targets(
        self,
        u: Array,
        streams: frozenset[str],
        number: int,
        every: int,
        scratch: Scratch,
        out: Array,
    ) -> None:
        key = Key(self.run.seed, number, dict.fromkeys(streams, 1))
        values = self.design.values(u, self.targets.nodes, key, scratch, every=every)
        self.targets.columns(values, scratch, out)


def results(
    work: Work, executor: Executor | None, done: Callable[[int, int], object] | None
) -> Generator[Sums]:
    """Return the sums of every task, in order.

    Raises
    ------
    DsrRiskError
        If the executor dies or refuses work. On this and on Ctrl-C what is waiting is cancelled.
    """
    numbers = range(work.tasks)
    parts = (
        (work.task(number) for number in numbers)
        if executor is None
        else in_order(work, numbers, executor, ahead=IN_FLIGHT)
    )
    rows = 0
    # Closed, so that what waits is cancelled at once when `done` is interrupted.
    with closing(parts):
        for part in parts:
            rows += part.rows
            yield part
            if done is not None:
                done(rows, work.run.n)
