"""The command line: ``dsr-risk``."""

import os
import sys

__all__ = ["main"]


def _interrupted(raised: object = None) -> None:
    """End at once where Ctrl-C meets imports: nothing is begun, and callbacks of Python lose exceptions."""
    if raised is None or getattr(raised, "exc_type", None) is KeyboardInterrupt:
        os.write(2, b"interrupted: no table was written\n")
        os._exit(130)
    _hook(raised)


_hook = sys.unraisablehook
try:
    sys.unraisablehook = _interrupted
    from .main import main
except KeyboardInterrupt:
    _interrupted()
finally:
    sys.unraisablehook = _hook
