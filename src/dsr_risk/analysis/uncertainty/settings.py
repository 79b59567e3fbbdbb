"""Settings of an uncertainty analysis, checked."""

from __future__ import annotations

import importlib
import os
from dataclasses import dataclass
from typing import Any, Literal, TypedDict, get_args

from ..._util.checks import check_executor, flag, one_of, whole_number
from ..._util.progress import Progress
from ...errors import DataError
from ...montecarlo.design import Nodes, Reference
from ...montecarlo.sampling import Sampling

__all__ = ["MOST_DRAWS", "Options", "Settings", "check_run"]

MOST_DRAWS = 100_000_000

Engine = Literal["numpy", "numba", "numba32"]


class Options(TypedDict, total=False):
    """Keyword options of ``uncertainty``; see `Settings`."""

    progress: Progress
    sampling: Sampling
    reference: Reference
    nodes: Nodes
    pairs: bool
    bins: int
    precision: float | None
    engine: Engine
    checkpoint: str | os.PathLike[str] | None


@dataclass(frozen=True)
class Settings:
    """Options of how draws are made and what is kept of them; ``uncertainty`` describes each.

    Raises
    ------
    DataError
        For bins or a precision that are no such numbers.
    UnknownNameError
        For a sampling or an engine that does not exist.
    """

    progress: Progress = None
    sampling: Sampling = "sobol"
    reference: Reference = "fixed"
    nodes: Nodes = "all"
    pairs: bool = True
    bins: int = 1000
    precision: float | None = None
    engine: Engine = "numpy"
    checkpoint: str | os.PathLike[str] | None = None

    def __post_init__(self) -> None:
        one_of("sampling", self.sampling, ("sobol", "random"))
        one_of("engine", self.engine, get_args(Engine))
        whole_number("bins", self.bins, most=10_000)
        flag("pairs", self.pairs)
        if self.precision is not None:
            points = isinstance(self.precision, int | float) and not isinstance(
                self.precision, bool
            )
            if not points or not 0 < self.precision < float("inf"):
                raise DataError(
                    f"`precision` must be a number of points above 0, received {self.precision!r}"
                )
            if not self.bins:
                raise DataError("`precision` needs quantiles; ask for `bins` above 0")
        if self.fast:
            # Fails at once where the extra is not installed.
            importlib.import_module("dsr_risk.montecarlo._numba")

    @property
    def fast(self) -> bool:
        """True if compiled loops count the draws."""
        return self.engine != "numpy"

    @property
    def single(self) -> bool:
        """True if compiled loops count in single precision where they can."""
        return self.engine == "numba32"


def check_run(draws: Any, seed: Any, executor: Any) -> None:
    """Raise DataError for draws, a seed or an executor that is none."""
    whole_number("draws", draws, least=1, most=MOST_DRAWS)
    whole_number("seed", seed)
    check_executor(executor)
