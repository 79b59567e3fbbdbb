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
    """Yield what to call with the amount done and the whole amount, None where nobody listens."""
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
