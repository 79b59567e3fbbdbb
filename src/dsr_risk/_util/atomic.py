"""Files that appear whole or not at all, one by one or all outputs of a command together."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path

from ..errors import DataError
from .no_files import refuse_special

__all__ = ["Together", "atomic", "make_folder", "outputs_together", "resolved"]


class Together:
    """Outputs that are written but not yet in their place; inputs that none of them may replace."""

    def __init__(self, inputs: Iterable[Path] = ()) -> None:
        paths = list(inputs)
        self.inputs = {resolved(path): path for path in paths}
        # Two names of one file (hard links, letter case) have one number on their disk.
        self.numbers = {number: path for path in paths if (number := _number(path))}
        self.waiting: dict[Path, tuple[Path, Path]] = {}
        self.folders: list[Path] = []

    def check(self, target: Path) -> None:
        """Raise DataError if `target` is an input, or an output that is already written."""
        refuse_special(target)
        real = resolved(target)
        taken = self.inputs.get(real) or self.numbers.get(_number(target) or (0, 0))
        if taken is None:
            taken = next((path for path in real.parents if path in self.inputs), None)
            taken = taken if target.exists() else None
        if taken is not None:
            raise DataError(
                f"{target}: is an input of this command ({taken}); write to another file"
            )
        if real in self.waiting:
            raise DataError(
                f"{target}: two outputs of this command have one name; give each its own"
            )

    def add(self, target: Path, temporary: Path) -> None:
        """Keep a finished file until all are finished."""
        self.waiting[resolved(target)] = (temporary, target)

    def commit(self) -> None:
        """Put every file in its place."""
        for temporary, target in self.waiting.values():
            try:
                temporary.replace(resolved(target))
            except OSError as broken:
                raise DataError(f"{target}: cannot be written: {broken.strerror}") from None

    def discard(self) -> None:
        """Remove the files that are not in their place, and new folders in which there is nothing."""
        for temporary, _ in self.waiting.values():
            temporary.unlink(missing_ok=True)
        for folder in self.folders:
            with suppress(OSError):
                folder.rmdir()


_TOGETHER: ContextVar[Together | None] = ContextVar("together", default=None)


def resolved(path: Path) -> Path:
    """Return the path without links; the path itself where they lead nowhere.

    Examples
    --------
    >>> resolved(Path("a") / ".." / "t.csv").name
    't.csv'
    """
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return path


def _number(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from every other on this machine; None where there is no file."""
    try:
        facts = path.stat()
    except (OSError, ValueError):
        return None
    return (facts.st_dev, facts.st_ino) if facts.st_ino and path.is_file() else None


@contextmanager
def outputs_together(inputs: Iterable[Path] = ()) -> Iterator[Together]:
    """Put the outputs written inside the block in their place at its end; on an error none of them.

    An output over an input or over a file of an input folder, and two outputs at one path, raise
    DataError. ``SystemExit`` with code 0
    or 1 ends the block as usual.
    """
    together = Together(inputs)
    token = _TOGETHER.set(together)
    try:
        try:
            yield together
        except SystemExit as end:
            if end.code in (None, 0, 1):
                together.commit()
            raise
        together.commit()
    finally:
        together.discard()
        _TOGETHER.reset(token)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it; inside ``outputs_together`` they are removed if nothing is put there.

    Raises
    ------
    DataError
        If it cannot be made.
    """
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as broken:
        raise DataError(f"{folder}: cannot be made: {broken.strerror}") from None
    together = _TOGETHER.get()
    if together is not None:
        together.folders += made


@contextmanager
def atomic(target: Path, *, at_once: bool = False) -> Iterator[Path]:
    """Write to a temporary file beside `target`, renamed onto it on success and removed on failure.

    A link stays one: the file that it leads to is replaced.
    Inside ``outputs_together`` the file is renamed at the end of that block, unless `at_once`: what is
    saved while a command runs.

    Raises
    ------
    DataError
        If the folder does not exist, or cannot be written to, or is full; for a device, a pipe or a socket.
    """
    together = _TOGETHER.get()
    if together is not None:
        together.check(target)
    refuse_special(target)
    final = resolved(target)
    try:
        if target.is_dir():
            raise DataError(f"{target}: is a folder; name the file to write")
        handle, name = tempfile.mkstemp(
            prefix=f".{target.stem[:80]}.", suffix=target.suffix, dir=final.parent
        )
    except DataError:
        raise
    except (OSError, ValueError) as broken:
        cause = getattr(broken, "strerror", None) or broken
        raise DataError(f"{target}: cannot be written: {cause}") from None
    os.close(handle)
    temporary = Path(name)
    kept = False
    try:
        try:
            yield temporary
        except OSError as broken:
            raise DataError(f"{target}: cannot be written: {broken.strerror or broken}") from None
        # mkstemp makes files private; give the result what any new file gets.
        mask = os.umask(0)
        os.umask(mask)
        temporary.chmod(0o666 & ~mask)
        if together is not None and not at_once:
            together.add(target, temporary)
            kept = True
        else:
            temporary.replace(final)
    finally:
        if not kept:
            temporary.unlink(missing_ok=True)
