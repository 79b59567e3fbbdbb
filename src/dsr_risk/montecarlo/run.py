"""Running a design: tasks of fixed size, on any executor, merged in order so that bytes do not vary."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from .._util.atomic import atomic
from .._util.no_files import refuse_special
from .._util.progress import Report
from .._util.scratch import Scratch
from .._util.types import Array, Index
from ..errors import DataError
from .closed_form import ClosedForm
from .counts import ARRAYS, CountSpec, DrawCounts, Undecided
from .design import Design
from .drawing import Key
from .sampling import Points, Sampling
from .single import Single
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
    """The part of a run that every task receives."""

    design: Design
    spec: CountSpec
    seed: int
    sampling: Sampling
    draws: int
    closed: ClosedForm | None = None
    single: Single | None = None

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
        """The number of tasks."""
        return -(-self.draws // self.task_draws)

    @property
    def whole_tasks(self) -> int:
        """The number of tasks that the number of draws does not cut short."""
        return self.draws // self.task_draws

    def blocks(self, task: int) -> Iterator[tuple[int, int]]:
        """Return the number and the draws of every block of a task."""
        size = self.block_size
        for number in range(task * self.task_blocks, (task + 1) * self.task_blocks):
            draws = min(size, self.draws - number * size)
            if draws > 0:
                yield number, draws

    def points(self) -> Points:
        """Return the points of the unit cube, from the first block on."""
        return self.design.points(self.seed, self.sampling, self.block_size)

    def values(self, u: Array, block: int, scratch: Scratch) -> Array:
        """Evaluate the nodes that are counted, (nodes, draws, units), in the order of u."""
        if self.closed is not None:
            size = self.block_size
            return self.closed.values(u, scratch, seed=self.seed, block=block, size=size)
        key = Key(self.seed, block, {}, self.spec.fast)
        return self.design.values(u, self.spec.nodes, key, scratch)

    def _grouped(self, u: Array, block: int, scratch: Scratch) -> tuple[Array, Index]:
        """Evaluate as ``values``, draws of one variant together; return the variant of each as well."""
        which = self.design.layout.variant_of(u)
        if self.closed is not None:
            return self.values(u, block, scratch), which
        key = Key(self.seed, block, {}, self.spec.fast)
        values, order = self.design.grouped(u, self.spec.nodes, key, scratch)
        return values, which if order is None else which[order]

    def count(
        self, task: int, counts: DrawCounts, scratch: Scratch, points: Points | None = None
    ) -> None:
        """Add the draws of one task to a counts; `points` may go on from the task before."""
        points = self.points() if points is None else points
        undecided: list[Undecided] = []
        for number, draws in self.blocks(task):
            u = points.block(number)[:draws]
            if self.single is not None and self.single.count(u, counts, scratch):
                continue
            values, which = self._grouped(u, number, scratch)
            undecided += counts.count_block(self.spec, values, which, scratch)
        counts.settle(self.spec, undecided, scratch)

    def task(self, number: int) -> DrawCounts:
        """Return the counts of one task alone."""
        counts = DrawCounts.empty(self.spec)
        self.count(number, counts, Scratch())
        return counts


def run(
    job: Job,
    counts: DrawCounts,
    first: int,
    *,
    executor: Executor | None = None,
    done: Report | None = None,
    checkpoint: Checkpoint | None = None,
) -> None:
    """Count the tasks from `first` on into `counts`, in order; call `done` after each.

    Raises
    ------
    DsrRiskError
        If the executor dies or refuses work. On this and on Ctrl-C what is waiting is cancelled.
    """
    if checkpoint is not None:
        checkpoint.save(counts, first, last=first == job.whole_tasks)
    total = (
        _alone(job, counts, first) if executor is None else _spread(job, counts, first, executor)
    )
    # Closed, so that what waits is cancelled at once when `done` is interrupted.
    with closing(total):
        for task in total:
            if done is not None:
                done(counts.draws, max(job.draws, counts.draws))
            # A task cut short by the number of draws is never saved, so that any run can be made longer.
            if checkpoint is not None and task < job.whole_tasks:
                checkpoint.save(counts, task + 1, last=task + 1 == job.whole_tasks)


def _alone(job: Job, counts: DrawCounts, first: int) -> Generator[int]:
    scratch, points = Scratch(), job.points()
    for task in range(first, job.tasks):
        # Moments are summed task by task, as they are when tasks come from elsewhere; counts need not be.
        total, square = counts.total, counts.square
        counts.total, counts.square = np.zeros_like(total), np.zeros_like(square)
        job.count(task, counts, scratch, points)
        total += counts.total
        square += counts.square
        counts.total, counts.square = total, square
        yield task


def _spread(job: Job, counts: DrawCounts, first: int, executor: Executor) -> Generator[int]:
    advice = ". A run with `checkpoint=` goes on where it was saved"
    numbers = range(first, job.tasks)
    parts = in_order(job, numbers, executor, ahead=IN_FLIGHT, advice=advice)
    with closing(parts):
        for number, part in zip(numbers, parts, strict=True):
            counts.add(part)
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

    def load(self, counts: DrawCounts) -> int:
        """Put what was saved into `counts`; the first task that is still to be done."""
        refuse_special(self.path)
        if not self.path.exists():
            return 0
        try:
            with np.load(self.path, allow_pickle=False) as saved:
                meta = json.loads(str(saved["meta"]))
                arrays = {name: saved[name] for name in ARRAYS}
                key, following = dict(meta["key"]), int(meta["next"])
                if meta.get("sha256") != _digest(key, following, arrays):
                    raise ValueError("its digest does not fit its figures")
        except Exception as broken:  # noqa: BLE001 - whatever is in the file
            raise DataError(
                f"{self.path}: not a checkpoint, or a damaged one ({broken}); name another file"
            ) from None
        other = [name for name, value in self.key.items() if key.get(name) != value]
        if other:
            raise DataError(
                f"{self.path}: saved by another run (other {', '.join(other)}); name another file, or "
                "remove it"
            )
        for name, array in arrays.items():
            setattr(counts, name, array)
        return following

    def save(self, counts: DrawCounts, following: int, *, last: bool = False) -> None:
        """Write the counts before task `following`, if the last time is long enough ago or `last`."""
        if not last and time.monotonic() - self._saved < SAVE_EVERY:
            return
        arrays: dict[str, Any] = {name: np.asarray(getattr(counts, name)) for name in ARRAYS}
        digest = _digest(self.key, following, arrays)
        meta = json.dumps({"key": self.key, "next": following, "sha256": digest})
        with (
            atomic(self.path, at_once=True) as temporary,
            temporary.open("wb") as stream,
        ):
            np.savez_compressed(stream, meta=np.array(meta), **arrays)
        self._saved = time.monotonic()


def _digest(key: Mapping[str, str], following: int, arrays: Mapping[str, Any]) -> str:
    """Return a digest of everything in a checkpoint."""
    digest = hashlib.sha256(json.dumps([dict(key), following], sort_keys=True).encode())
    for name in ARRAYS:
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


def key_of(job: Job) -> dict[str, str]:
    """Return what a run is known by in its checkpoint, part by part."""
    design, spec = job.design, job.spec
    described: dict[str, Any] = {
        "version of dsr-risk": metadata.version("dsr-risk"),
        "framework": design.framework.replace({"factors": {}}).fingerprint,
        "data": design.data.fingerprint,
        "factors": {name: factor.spec() for name, factor in design.factors.items()},
        "reference": design.reference,
        "seed": job.seed,
        "sampling": job.sampling,
        "engine": [
            spec.fast,
            job.block_size,
            job.task_blocks,
            job.closed is not None,
            *["single"] * spec.single,
        ],
        "nodes": list(spec.nodes),
        "bins": spec.bins,
        "pairs": spec.pairs,
    }
    return {
        name: hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()
        for name, value in described.items()
    }


__all__ += ["key_of"]
