"""Ctrl-C while the command is still being imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["uninterrupted_imports"]


@contextmanager
def uninterrupted_imports() -> Iterator[None]:
    """End the process at once where Ctrl-C meets imports: nothing is begun yet.

    A callback of Python (of a weak reference, for one) loses the exception: it comes to the hook of
    exceptions that cannot be raised.
    """
    before = sys.unraisablehook

    def hook(raised: sys.UnraisableHookArgs) -> None:
        if raised.exc_type is KeyboardInterrupt:
            _end()
        before(raised)

    sys.unraisablehook = hook
    try:
        yield
    except KeyboardInterrupt:
        _end()
    finally:
        sys.unraisablehook = before


def _end() -> None:
    os.write(2, b"interrupted: no table was written\n")
    os._exit(130)
