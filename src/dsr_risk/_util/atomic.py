"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import DataError

__all__ = ["atomic"]


@contextmanager
def atomic(target: Path) -> Iterator[Path]:
    """Open a temporary file beside `target`; rename it onto `target` on success, remove it on failure.

    Raises
    ------
    DataError
        If the folder does not exist, or cannot be written to, or is full.
    """
    if target.is_dir():
        raise DataError(f"{target}: is a folder; name the file to write")
    try:
        handle, name = tempfile.mkstemp(
            prefix=f".{target.stem}.", suffix=target.suffix, dir=target.parent
        )
    except OSError as broken:
        raise DataError(f"{target}: cannot be written: {broken.strerror}") from None
    os.close(handle)
    temporary = Path(name)
    try:
        try:
            yield temporary
        except OSError as broken:
            raise DataError(f"{target}: cannot be written: {broken.strerror or broken}") from None
        # mkstemp makes files private; give the result what any new file gets.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
