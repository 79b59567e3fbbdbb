"""Worker processes for long commands, ended with the command however it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import click

__all__ = ["draws_options", "workers_of"]

Command = TypeVar("Command", bound=Callable[..., Any])


def draws_options(function: Command) -> Command:
    """``--seed`` and ``--workers``."""
    for option in (
        click.option(
            "--workers", type=click.IntRange(min=1), default=1, show_default=True,
            help="Processes; the result does not depend on it.",
        ),
        click.option("--seed", type=int, default=0, show_default=True, help="0 is a seed."),
    ):  # fmt: skip
        function = option(function)
    return function


@contextmanager
def workers_of(count: int) -> Iterator[Executor | None]:
    """A pool of that many processes, or None for one; work not begun is dropped on an error."""
    if count == 1:
        yield None
        return
    pool = ProcessPoolExecutor(max_workers=count)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    pool.shutdown()
