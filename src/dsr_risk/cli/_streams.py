"""Prepare the standard streams and signals of the command: closed, broken and non-UTF-8 ones do no harm."""

from __future__ import annotations

import codecs
import contextlib
import ctypes
import os
import signal
import sys
import threading
import unicodedata
from collections.abc import Iterator
from types import FrameType
from typing import Any, NoReturn

__all__ = ["Terminated", "only_own_output", "prepare_streams", "silence"]

_PLAIN = {
    "\u2013": "-",
    "\u2014": "-",
    "\u2026": "...",
    "\u00b7": ".",
    "\u2019": "'",
    "\u2018": "'",
}


class Terminated(BaseException):
    """The process was asked to end; raised where it is, so that everything is cleaned up."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def _plain(error: UnicodeError) -> tuple[str | bytes, int]:
    """Replace what an encoding does not have by its plain form, or by a question mark."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    out = []
    for mark in error.object[error.start : error.end]:
        text = (
            _PLAIN.get(mark)
            or unicodedata.normalize("NFKD", mark).encode("ascii", "ignore").decode()
        )
        out.append(text or "?")
    return "".join(out), error.end


def prepare_streams() -> None:
    """Make standard output and error accept any text, also when closed; handle SIGTERM and SIGHUP."""
    codecs.register_error("dsr_risk_plain", _plain)
    for name in ("stdout", "stderr"):
        stream: Any = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="dsr_risk_plain")
    for signal_name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, signal_name, None)
        # `nohup` ignores SIGHUP on purpose.
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _terminate)
    sys.unraisablehook = _raise_again


def _raise_again(raised: Any) -> None:
    """Send a signal once more whose exception was lost, as those in callbacks of the interpreter are."""
    if isinstance(raised.exc_value, KeyboardInterrupt | Terminated):
        number = getattr(raised.exc_value, "number", signal.SIGINT)
        again = threading.Timer(0.01, signal.raise_signal, [number])
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(raised)


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    raise Terminated(number)


def silence() -> None:
    """Redirect standard output to `os.devnull` after a broken pipe or a full disk."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123


@contextlib.contextmanager
def only_own_output() -> Iterator[None]:
    """Send what a compiled library prints to standard error: HiGHS prints lines into a table in a pipe."""
    try:
        os.fstat(2)
        own = os.dup(1)
    except OSError:  # one of them is closed
        yield
        return
    os.dup2(2, 1)
    try:
        yield
    finally:
        # The library's text waits in the buffer of the C library.
        with contextlib.suppress(OSError, TypeError, AttributeError):
            ctypes.CDLL(None).fflush(None)
        os.dup2(own, 1)
        os.close(own)
