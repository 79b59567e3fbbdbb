"""Worker processes for long commands, ended with the command however it ends."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, InvalidStateError
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .._util.signals import uninterrupted
from ..factors import Factor

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

__all__ = ["asked", "draws_option", "draws_options", "spec_of", "workers_of"]

Command = TypeVar("Command", bound=Callable[..., Any])


def draws_options(function: Command) -> Command:
    """Return ``--seed`` and ``--workers``."""
    for option in (
        click.option(
            "--workers",
            type=click.IntRange(min=1),
            default=1,
            show_default=True,
            help="Processes; the result does not depend on it.",
        ),
        click.option("--seed", type=int, default=0, show_default=True, help="0 is a seed."),
    ):
        function = option(function)
    return function


def draws_option(text: str, default: int = 0) -> Callable[[Command], Command]:
    """Return ``--draws`` of a command that works without draws too; 0 is none."""
    return click.option(
        "--draws",
        type=click.IntRange(min=0),
        default=default,
        show_default=True,
        metavar="N",
        help=f"{text}; 0 for none.",
    )


def asked(option: str) -> bool:
    """Tell whether an option was typed, rather than at its default."""
    source = click.get_current_context().get_parameter_source(option)
    return source is click.core.ParameterSource.COMMANDLINE


def spec_of(factors: Mapping[str, Factor]) -> dict[str, Any]:
    """Return the factors as a config would say them, for a manifest."""
    return {name: factor.spec() for name, factor in factors.items()}


MOST_WORKERS = 4
"""Worker processes a processor; more would only wait."""
PR_SET_PDEATHSIG = 1
"""The option of Linux's `prctl` that names the signal a process gets when its parent ends."""


@contextmanager
def workers_of(count: int) -> Iterator[Executor | None]:
    """Yield a pool of that many processes, or None for one; drop waiting work on an error.

    There are at most four processes a processor: results do not depend on the number.
    """
    count = min(count, MOST_WORKERS * (os.cpu_count() or 1))
    if count == 1:
        yield None
        return
    # Imported here: a command without draws needs no processes.
    from concurrent.futures import ProcessPoolExecutor

    pool = ProcessPoolExecutor(max_workers=count, initializer=_start_worker)
    try:
        yield pool
    except BaseException:
        with uninterrupted():
            _end(pool)
        raise
    pool.shutdown()


def _end(pool: ProcessPoolExecutor) -> None:
    """Drop waiting work and end the processes of a pool."""
    # The pool forgets its processes and its queue when it is shut down.
    processes = list((getattr(pool, "_processes", None) or {}).values())
    queue = getattr(pool, "_call_queue", None)
    threading.excepthook = _except_cancelled
    pool.shutdown(wait=False, cancel_futures=True)
    if queue is not None:
        # Work that fills the pipe is read by no one once the processes have ended: its thread never ends.
        queue.cancel_join_thread()
    for process in processes:
        # A process that has just been started may still hold SIGTERM back.
        process.kill()
    pool.shutdown(wait=True)


def _except_cancelled(raised: threading.ExceptHookArgs) -> None:
    """Report what a thread raised, but for work that was cancelled before its process ended.

    The thread of a pool sets an exception on such work too, which Python before 3.12 refuses.
    """
    if not issubclass(raised.exc_type, InvalidStateError):
        threading.__excepthook__(raised)


def _start_worker() -> None:
    """Ignore SIGINT in a worker process, and end with the parent however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    if sys.platform == "linux":
        # The kernel ends the process at once; a thread waits for compiled code.
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    # A parent that ended before now sends no signal.
    threading.Thread(target=_watch, daemon=True).start()


def _watch() -> None:
    """End this process when its parent has ended: a killed parent cannot stop its workers."""
    # Imported here: a command without draws needs no processes.
    from multiprocessing import parent_process

    parent = parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)
