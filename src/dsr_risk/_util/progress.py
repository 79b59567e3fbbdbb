"""Report the progress of a long run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

__all__ = ["Progress", "Report", "reporting"]

Report: TypeAlias = Callable[[int, int], object]
"""What is called with how much is done and how much there is."""

Progress: TypeAlias = bool | Report | None
"""True for a progress bar, a function to call, None or False for neither."""


@contextmanager
def reporting(progress: Progress, unit: str) -> Iterator[Report | None]:
    """Yield a function of the amount done and the total amount, or None without a progress report."""
    if progress is None or progress is False:
        yield None
        return
    if callable(progress):
        yield progress
        return
    from tqdm.auto import tqdm

    with tqdm(unit=unit, unit_scale=True) as bar:

        def update(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield update
