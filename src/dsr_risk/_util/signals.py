"""Hold signals back while a step must not be interrupted."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["uninterrupted"]

_HELD = ("SIGINT", "SIGTERM", "SIGHUP")


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Deliver SIGINT, SIGTERM and SIGHUP after the step, not within it.

    An executor that is interrupted within its own steps can keep a lock for ever, or start a process that
    it does not know. In threads other than the main one nothing is interrupted, so nothing is held back.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    received: list[tuple[Any, ...]] = []
    handlers: dict[int, Callable[..., Any]] = {}

    def keep(*signal_and_frame: Any) -> None:
        received.append(signal_and_frame)

    for name in _HELD:
        number = getattr(signal, name, None)
        handler = None if number is None else signal.getsignal(number)
        # What is ignored or left to the system stays as it is.
        if number is not None and callable(handler):
            handlers[number] = handler
            signal.signal(number, keep)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for signal_and_frame in received:
            handlers[signal_and_frame[0]](*signal_and_frame)
