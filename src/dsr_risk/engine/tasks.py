"""Numbered tasks on any executor: results in order, errors told apart, what waits cancelled at an end."""

from __future__ import annotations

import functools
import pickle
import zlib
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from ..errors import DsrRiskError

__all__ = ["in_order"]

Result_co = TypeVar("Result_co", covariant=True)
Result = TypeVar("Result")


class Tasked(Protocol[Result_co]):
    """Work that can be sent elsewhere and done by number."""

    def task(self, number: int) -> Result_co:
        """The result of one task."""


@dataclass(frozen=True)
class _Done:
    """What a task found, told apart from what a broken executor hands back."""

    found: Any


@dataclass(frozen=True)
class _Failed:
    """An error inside a task, told apart from an executor that fails."""

    error: Exception


def in_order(
    work: Tasked[Result], numbers: range, executor: Executor, *, ahead: int, advice: str = ""
) -> Iterator[Result]:
    """The results of the numbered tasks, in order; at most `ahead` are handed out or held at once.

    Raises
    ------
    DsrRiskError
        If the executor dies or refuses work, with `advice` after what to do. On this, on an error in a task
        and on Ctrl-C what is waiting is cancelled.
    """
    payload = zlib.compress(pickle.dumps(work, pickle.HIGHEST_PROTOCOL), 1)
    running: dict[Future[Any], int] = {}
    ready: dict[int, Result] = {}
    coming = iter(numbers)
    held = 0
    try:
        for number in numbers:
            while number not in ready:
                while held < ahead and (following := next(coming, None)) is not None:
                    running[_submitted(executor, payload, following, advice)] = following
                    held += 1
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    ready[running.pop(future)] = _result(future, advice)
            held -= 1
            yield ready.pop(number)
    finally:
        for future in running:
            future.cancel()


def _task(payload: bytes, number: int) -> _Done | _Failed:
    work = _loaded(payload)
    try:
        return _Done(work.task(number))
    except Exception as error:  # noqa: BLE001 - raised again where the result is read
        return _Failed(error)


@functools.lru_cache(maxsize=2)
def _loaded(payload: bytes) -> Tasked[Any]:
    """The work, unpacked once in each worker process."""
    found: Tasked[Any] = pickle.loads(zlib.decompress(payload))  # noqa: S301 - made by `in_order`
    return found


def _submitted(executor: Executor, payload: bytes, number: int, advice: str) -> Future[Any]:
    try:
        return executor.submit(_task, payload, number)
    except Exception as broken:
        raise _executor_error(broken, advice) from broken


def _result(future: Future[Any], advice: str) -> Any:
    try:
        found = future.result()
    except Exception as broken:
        raise _executor_error(broken, advice) from broken
    if isinstance(found, _Failed):
        raise found.error
    if not isinstance(found, _Done):
        raise DsrRiskError(
            f"the executor returned {type(found).__name__} instead of the result of the work given to "
            "it; pass a concurrent.futures.Executor"
        )
    return found.found


def _executor_error(broken: Exception, advice: str) -> DsrRiskError:
    text = str(broken).strip() or "no reason given"
    return DsrRiskError(
        f"the executor failed ({type(broken).__name__}: {text}); start a new one, with fewer workers or "
        f"more memory if they were killed{advice}"
    )
