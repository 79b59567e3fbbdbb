"""Worker processes for long commands, ended with the command however it ends."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from ..factors import Factor

__all__ = ["asked", "draws_options", "spec_of", "workers_of"]

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


def asked(option: str) -> bool:
    """Whether an option was typed, rather than at its default."""
    source = click.get_current_context().get_parameter_source(option)
    return source is click.core.ParameterSource.COMMANDLINE


def spec_of(factors: Mapping[str, Factor]) -> dict[str, Any]:
    """Return the factors as a config would say them, for a manifest."""
    return {name: one.spec() for name, one in factors.items()}


@contextmanager
def workers_of(count: int) -> Iterator[Executor | None]:
    """Return a pool of that many processes, or None for one; work not begun is dropped on an error."""
    if count == 1:
        yield None
        return
    pool = ProcessPoolExecutor(max_workers=count, initializer=_deaf)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=True, cancel_futures=True)
        raise
    pool.shutdown()


def _deaf() -> None:
    """Ctrl-C reaches every process of a terminal; the command itself tells its workers to end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
