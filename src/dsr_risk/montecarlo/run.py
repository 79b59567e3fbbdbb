"""Running a design: tasks of fixed size, on any executor, merged in order so that bytes do not vary."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from .._util.atomic import atomic
from .._util.types import Array, Index
from ..errors import DataError
from ..scoring.kernel import Scratch
from .closed_form import ClosedForm
from .design import Design
from .sampling import Points, Sampling
from .tally import ARRAYS, Ledger, Tally
from .tasks import in_order

__all__ = ["Checkpoint", "Job", "run"]


TASK = 16
"""Blocks of 1024 draws that make one task: the same whatever the number of draws or workers."""

IN_FLIGHT = 32
"""Tasks handed out at once; what is held in memory at most until it can be merged in order."""

SAVE_EVERY = 5.0
"""Seconds between two saved checkpoints."""


@dataclass(frozen=True, eq=False)
class Job:
    """What every task needs to know."""

    design: Design
    ledger: Ledger
    seed: int
    sampling: Sampling
    draws: int
    closed: ClosedForm | None = None

    @property
    def block_size(self) -> int:
        """Draws of one whole block."""
        return self.design.block_size if self.closed is None else 1024

    @property
    def task_draws(self) -> int:
        """Draws of one whole task."""
        return self.task_blocks * self.block_size

    @property
    def task_blocks(self) -> int:
        """Blocks of one whole task."""
        return max(1, TASK * 1024 // max(1024, self.block_size))

    @property
    def tasks(self) -> int:
        """How many tasks there are."""
        return -(-self.draws // self.task_draws)

    @property
    def whole_tasks(self) -> int:
        """How many tasks there are that the number of draws does not cut short."""
        return self.draws // self.task_draws

    def draws_of(self, task: int) -> int:
        """Draws of one task, fewer in the last."""
        return min(self.task_draws, self.draws - task * self.task_draws)

    def blocks(self, task: int) -> Iterator[tuple[int, int]]:
        """Number and draws of every block of a task."""
        size = self.block_size
        for number in range(task * self.task_blocks, (task + 1) * self.task_blocks):
            draws = min(size, self.draws - number * size)
            if draws > 0:
                yield number, draws

    def points(self) -> Points:
        """The points of the unit cube, from the first block on."""
        return self.design.points(self.seed, self.sampling, self.block_size)

    def values(self, u: Array, block: int, scratch: Scratch) -> tuple[Array, Index | None]:
        """(nodes, draws, units) values of the nodes that are counted, and the order of draws."""
        if self.closed is not None:
            size = self.block_size
            return self.closed.values(u, scratch, seed=self.seed, block=block, size=size), None
        return self.design.values(
            u,
            self.ledger.nodes,
            scratch,
            seed=self.seed,
            block=block,
            reuse=True,
            fast=self.ledger.fast,
        )

    def count(
        self, task: int, tally: Tally, scratch: Scratch, points: Points | None = None
    ) -> None:
        """Add the draws of one task to a tally; `points` may go on from the task before."""
        design = self.design
        points = self.points() if points is None else points
        for number, draws in self.blocks(task):
            u = points.block(number)[:draws]
            values, order = self.values(u, number, scratch)
            which = (
                np.zeros(draws, np.intp) if order is None else design.layout.variant_of(u)[order]
            )
            tally.count_block(self.ledger, values, which, scratch)
        tally.settle(self.ledger, scratch)

    def task(self, number: int) -> Tally:
        """The counts of one task alone."""
        tally = Tally.empty(self.ledger)
        self.count(number, tally, Scratch())
        return tally


Done = Callable[[int], None]


def run(
    job: Job,
    tally: Tally,
    first: int,
    *,
    executor: Executor | None = None,
    done: Done | None = None,
    checkpoint: Checkpoint | None = None,
) -> None:
    """Count the tasks from `first` on into `tally`, in order; `done` hears the draws of each.

    Raises
    ------
    DsrRiskError
        If the executor dies or refuses work. On this and on Ctrl-C what is waiting is cancelled.
    """
    if checkpoint is not None:
        checkpoint.save(tally, first, last=first == job.whole_tasks)
    found = _alone(job, tally, first) if executor is None else _spread(job, tally, first, executor)
    # Closed, so that what waits is cancelled at once when `done` is interrupted.
    with closing(found):
        for task in found:
            if done is not None:
                done(job.draws_of(task))
            # A task cut short by the number of draws is never saved, so that any run can be made longer.
            if checkpoint is not None and task < job.whole_tasks:
                checkpoint.save(tally, task + 1, last=task + 1 == job.whole_tasks)


def _alone(job: Job, tally: Tally, first: int) -> Generator[int]:
    scratch, points = Scratch(), job.points()
    for task in range(first, job.tasks):
        # Moments are summed task by task, as they are when tasks come from elsewhere; counts need not be.
        total, square = tally.total, tally.square
        tally.total, tally.square = np.zeros_like(total), np.zeros_like(square)
        job.count(task, tally, scratch, points)
        total += tally.total
        square += tally.square
        tally.total, tally.square = total, square
        yield task


def _spread(job: Job, tally: Tally, first: int, executor: Executor) -> Generator[int]:
    advice = ". A run with `checkpoint=` goes on where it was saved"
    numbers = range(first, job.tasks)
    found = in_order(job, numbers, executor, ahead=IN_FLIGHT, advice=advice)
    with closing(found):
        for number, one in zip(numbers, found, strict=True):
            tally.add(one)
            yield number


class Checkpoint:
    """A file that holds the counts of the tasks done, so that a run goes on where it stopped.

    It is written whole or not at all, every few seconds and after the last whole task, and is only read by
    a run of the same framework, data, factors, seed and sampling, of as many draws or more.

    Raises
    ------
    DataError
        If there is no folder to write to.
    """

    def __init__(self, path: str | Path, key: Mapping[str, str]) -> None:
        self.path, self.key = Path(path), dict(key)
        self._saved = time.monotonic()
        if self.path.is_dir() or not self.path.absolute().parent.is_dir():
            raise DataError(
                f"checkpoint: {self.path} is a folder; name a file"
                if self.path.is_dir()
                else f"checkpoint: no folder `{self.path.parent}`; make it first"
            )

    def load(self, tally: Tally) -> int:
        """Put what was saved into `tally`; the first task that is still to be done."""
        if not self.path.exists():
            return 0
        try:
            with np.load(self.path, allow_pickle=False) as saved:
                meta = json.loads(str(saved["meta"]))
                arrays = {name: saved[name] for name in ARRAYS}
                key, following = dict(meta["key"]), int(meta["next"])
        except Exception as broken:  # noqa: BLE001 - whatever is in the file
            raise DataError(
                f"{self.path}: not a checkpoint, or a damaged one ({broken}); name another file"
            ) from None
        other = [name for name, one in self.key.items() if key.get(name) != one]
        if other:
            raise DataError(
                f"{self.path}: saved by another run (other {', '.join(other)}); name another file, or "
                "remove it"
            )
        for name, array in arrays.items():
            setattr(tally, name, array)
        return following

    def save(self, tally: Tally, following: int, *, last: bool = False) -> None:
        """Write the counts before task `following`, if the last time is long enough ago or `last`."""
        if not last and time.monotonic() - self._saved < SAVE_EVERY:
            return
        meta = json.dumps({"key": self.key, "next": following})
        with atomic(self.path) as temporary, temporary.open("wb") as stream:
            arrays: dict[str, Any] = {name: getattr(tally, name) for name in ARRAYS}
            np.savez_compressed(stream, meta=np.array(meta), **arrays)
        self._saved = time.monotonic()


def key_of(job: Job) -> dict[str, str]:
    """What a run is known by in its checkpoint, part by part."""
    design, ledger = job.design, job.ledger
    said: dict[str, Any] = {
        "version of dsr-risk": metadata.version("dsr-risk"),
        "framework": design.framework.replace({"factors": {}}).fingerprint,
        "data": design.data.fingerprint,
        "factors": {name: one.spec() for name, one in design.factors.items()},
        "reference": design.reference,
        "seed": job.seed,
        "sampling": job.sampling,
        "engine": [ledger.fast, job.block_size, job.task_blocks, job.closed is not None],
        "nodes": list(ledger.nodes),
        "bins": ledger.bins,
        "pairs": ledger.pairs,
    }
    return {
        name: hashlib.sha256(json.dumps(one, sort_keys=True, default=str).encode()).hexdigest()
        for name, one in said.items()
    }


__all__ += ["key_of"]
