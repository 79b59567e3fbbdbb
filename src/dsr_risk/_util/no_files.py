"""Names of things that are no files: devices, pipes, sockets, links that lead in a circle."""

from __future__ import annotations

import errno
import stat
from pathlib import Path

from ..errors import DataError, DsrRiskError

__all__ = ["refuse_special", "what_is_there"]

_KINDS = (
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


def what_is_there(path: Path) -> str:
    """Return what a path leads to that is neither a file nor a folder; empty where there is no such thing.

    Examples
    --------
    >>> what_is_there(Path("no_such_file")), what_is_there(Path("."))
    ('', '')
    """
    try:
        mode = path.stat().st_mode
    except OSError as broken:
        return "a link that leads in a circle" if broken.errno == errno.ELOOP else ""
    except ValueError:
        return ""
    return next((kind for is_kind, kind in _KINDS if is_kind(mode)), "")


def refuse_special(path: Path, error: type[DsrRiskError] = DataError) -> None:
    """Raise `error` for a path that leads to a device, a pipe, a socket or in a circle.

    Reading those may never end, and an output would take their place.
    """
    if kind := what_is_there(path):
        raise error(f"{path}: is {kind}, not a file; name a file")
