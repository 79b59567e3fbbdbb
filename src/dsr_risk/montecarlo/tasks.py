"""Numbered tasks on any executor: results in order, errors of tasks and executor separate."""

from __future__ import annotations

import functools
import pickle
import zlib
from collections.abc import Generator
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Protocol, TypeVar

from .._util.signals import uninterrupted
from ..errors import DsrRiskError
from ..methods._base import Method

__all__ = ["in_order"]

Result_co = TypeVar("Result_co", covariant=True)
Result = TypeVar("Result")


class Tasked(Protocol[Result_co]):
    """Work that can be sent elsewhere and done by number."""

    def task(self, number: int) -> Result_co:
        """Return the result of one task."""


@dataclass(frozen=True)
class _Done:
    """The result of a task, distinct from the value that a broken executor returns."""

    value: Any


@dataclass(frozen=True)
class _Failed:
    """An error inside a task, unlike a failure of the executor."""

    error: Exception


def in_order(
    work: Tasked[Result], numbers: range, executor: Executor, *, ahead: int, advice: str = ""
) -> Generator[Result]:
    """Return the results of the numbered tasks, in order; at most `ahead` are handed out or held at once.

    Raises
    ------
    DsrRiskError
        If the executor dies or refuses work, with `advice` after what to do. On this, on an error in a task
        and on a signal what is waiting is cancelled.
    """
    payload = zlib.compress(pickle.dumps(work, pickle.HIGHEST_PROTOCOL), 1)
    running: dict[Future[Any], int] = {}
    # Not `concurrent.futures.wait`: a signal within it can leave the futures locked for ever.
    ended: SimpleQueue[Future[Any]] = SimpleQueue()
    ready: dict[int, Result] = {}
    coming = iter(numbers)
    held = 0
    try:
        for number in numbers:
            while number not in ready:
                while held < ahead and (following := next(coming, None)) is not None:
                    with uninterrupted():
                        future = _submitted(executor, payload, following, advice)
                        running[future] = following
                        future.add_done_callback(ended.put)
                    held += 1
                future = ended.get()
                with uninterrupted():
                    ready[running.pop(future)] = _result(future, advice)
            held -= 1
            yield ready.pop(number)
    finally:
        with uninterrupted():
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
    """Return the work, unpacked once in each worker process."""
    tasked: Tasked[Any] = pickle.loads(zlib.decompress(payload))  # noqa: S301 - made by `in_order`
    return tasked


def _submitted(executor: Executor, payload: bytes, number: int, advice: str) -> Future[Any]:
    try:
        return executor.submit(_task, payload, number)
    except Exception as broken:
        raise _executor_error(broken, advice) from broken


def _result(future: Future[Any], advice: str) -> Any:
    try:
        result = future.result()
    except Exception as broken:
        raise _executor_error(broken, advice) from broken
    if isinstance(result, _Failed):
        raise result.error
    if not isinstance(result, _Done):
        raise DsrRiskError(
            f"the executor returned {type(result).__name__} instead of the result of the work given to "
            "it; pass a concurrent.futures.Executor"
        )
    return result.value


def _typed_in_a_session(kind: type[Any]) -> list[str]:
    """Return the names of methods whose class is defined in the main script or session."""
    below = kind.__subclasses__()
    own = [
        str(getattr(part, "name", part.__name__)) for part in below if part.__module__ == "__main__"
    ]
    return own + [name for part in below for name in _typed_in_a_session(part)]


def _executor_error(broken: Exception, advice: str) -> DsrRiskError:
    text = str(broken).strip() or "no reason given"
    typed = sorted(_typed_in_a_session(Method))
    if typed:
        return DsrRiskError(
            f"the executor failed ({type(broken).__name__}: {text}); method {', '.join(typed)} is defined in "
            "the session, where worker processes cannot import it: move the class to a module and import it, "
            'guard the script with `if __name__ == "__main__":`, or use threads'
        )
    return DsrRiskError(
        f"the executor failed ({type(broken).__name__}: {text}); start a new one, with fewer workers or "
        f"more memory if they were killed{advice}"
    )
