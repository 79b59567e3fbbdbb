"""Uncertainty: scores and ranks as distributions over everything a framework's factors leave open."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..._util.types import Array
from ...data.dataset import Data
from ...errors import DataError, UnknownNameError, did_you_mean
from ...framework.definition import Framework
from ...montecarlo import Design, compile_design
from ...montecarlo.closed_form import closed_form
from ...montecarlo.design import Reference
from ...montecarlo.run import Checkpoint, Job, key_of, run
from ...montecarlo.sampling import Sampling
from ...montecarlo.tally import Head, Ledger, Tally
from ...scoring.kernel import Scratch
from .result import Uncertainty

__all__ = ["Uncertainty", "uncertainty"]

Nodes = Literal["all", "groups", "score"] | Sequence[str]

MOST_DRAWS = 100_000_000


def uncertainty(
    framework: Framework,
    data: Data | pd.DataFrame,
    draws: int = 10_000,
    seed: int = 0,
    executor: Executor | None = None,
    progress: bool | Callable[[int, int], object] | None = None,
    *,
    factors: Mapping[str, Any] | None = None,
    sampling: Sampling = "sobol",
    reference: Reference = "fixed",
    nodes: Nodes = "all",
    pairs: bool = True,
    bins: int = 1000,
    precision: float | None = None,
    engine: Literal["numpy", "numba"] = "numpy",
    checkpoint: str | os.PathLike[str] | None = None,
) -> Uncertainty:
    """Draw everything the factors leave open and say what it does to every score and rank.

    Parameters
    ----------
    framework
        The framework; its ``factors`` are what varies.
    data
        What is scored, Data or a frame, long or wide.
    draws
        How many draws; with `precision` the first round.
    seed
        Same seed, same bytes, whatever the executor and its number of workers.
    executor
        Any ``concurrent.futures.Executor``: a process pool here, ``Client.get_executor()`` of
        dask.distributed on a cluster. None runs here.
    progress
        True for a progress bar, or a function of draws done and draws in all.
    factors
        Factors to use instead of the framework's; see `dsr_risk.factors`.
    sampling
        "sobol" (scrambled Sobol' points) or "random" (pseudo-random).
    reference
        "fixed": drawn data are scored on the scale learned once from the data as given. "refit": the
        scale is learned anew in every draw.
    nodes
        Whose distribution is kept: "all", "groups", "score" (headline scores only), or names; headline
        scores always are.
    pairs
        Whether to count, for all pairs of units, how often one ranks before the other.
    bins
        Bins that quantiles of scores are read from, over the scale; see ``Uncertainty.bin_width``. With
        0 neither quantiles nor bands of scores are kept (they are NaN), which saves a quarter of the
        time.
    precision
        If given, rounds of draws follow until the Monte-Carlo standard error of the mean and of the 5 %
        and 95 % quantiles of every headline score is below this many points.
    engine
        "numpy", or "numba": compiled loops (extra `fast`), several times faster where every cell of every
        draw has its own error. Counts without errors of cells are the same, means to rounding; errors of
        cells are other ones, in single precision.
    checkpoint
        A file to save to every few seconds, and to go on from if it exists.

    Raises
    ------
    FrameworkError
        For factors, or combinations of choices, that break a rule: every one, before anything runs.
    DataError
        For draws, bins or a precision that are no positive number, or a checkpoint of another run.
    DsrRiskError
        If the executor dies.

    Notes
    -----
    Independent normal errors of the data reach headline scores in closed form, one draw a score instead
    of one a cell, where that is exact (``nodes="score"``, arithmetic means, no error that reaches the end
    of a normalisation). Which nodes are scored is decided once, at nominal weights, for every draw.
    Memory does not grow with draws. Intervals say what the declared factors do and nothing else.

    Examples
    --------
    >>> from dsr_risk import load_data, load_framework
    >>> found = uncertainty(load_framework(), load_data(), draws=256,
    ...                     factors={"dependency.weights": {"method": "spread", "share": 0.25}})
    >>> found.draws
    256
    >>> row = found.scores("dependency").loc["PAK"]
    >>> bool(row["q05"] <= row["median"] <= row["q95"])
    True
    """
    _check(draws, seed, bins, precision, sampling, executor)
    fast = _fast(engine)
    design = compile_design(framework, data, factors, reference=reference)
    ledger = replace(_ledger(design, _nodes(design, nodes), seed, sampling, bins, pairs), fast=fast)
    closed = closed_form(design, ledger.nodes)
    job = Job(design, ledger, seed, sampling, draws, closed)
    tally = Tally.empty(ledger)
    saved = None if checkpoint is None else Checkpoint(os.fspath(checkpoint), key_of(job))
    first = 0 if saved is None else saved.load(tally)
    if precision is not None:
        # Whole tasks, so that the run can be made longer.
        job = replace(job, draws=-(-draws // job.task_draws) * job.task_draws)
        while job.draws < tally.draws:
            job = replace(job, draws=2 * job.draws)
    elif tally.draws > draws:
        raise DataError(
            f"{checkpoint}: holds {tally.draws:,} draws, more than the {draws:,} asked for; ask for as many "
            "or more, or name another file"
        )
    with _told(progress, job.draws, tally.draws) as done:
        while True:
            run(job, tally, first, executor=executor, done=done, checkpoint=saved)
            found = Uncertainty(design, ledger, tally, job)
            if precision is None or found.worst_error <= precision or job.draws >= MOST_DRAWS:
                break
            first = job.tasks
            job = replace(job, draws=2 * job.draws)
    return found


def _check(draws: Any, seed: Any, bins: Any, precision: Any, sampling: Any, executor: Any) -> None:
    for name, value, least in (("draws", draws, 1), ("bins", bins, 0), ("seed", seed, 0)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise DataError(f"{name}: expected a whole number from {least}, received {value!r}")
    if draws > MOST_DRAWS:
        raise DataError(f"draws: at most {MOST_DRAWS:,}, received {draws:,}")
    if precision is not None and (
        isinstance(precision, bool)
        or not isinstance(precision, int | float)
        or not 0 < precision < np.inf
    ):
        raise DataError(f"precision: expected points above 0, received {precision!r}")
    if precision is not None and not bins:
        raise DataError("precision: needs quantiles; ask for `bins` above 0")
    if sampling not in ("sobol", "random"):
        raise DataError(f"sampling: expected `sobol` or `random`, received {sampling!r}")
    if executor is not None and not hasattr(executor, "submit"):
        raise DataError(
            f"executor: expected a concurrent.futures.Executor, received {type(executor).__name__}"
        )


def _fast(engine: str) -> bool:
    """Whether compiled loops are asked for; MissingExtraError where they cannot be had."""
    if engine not in ("numpy", "numba"):
        raise DataError(f"engine: expected `numpy` or `numba`, received {engine!r}")
    if engine == "numba":
        importlib.import_module("dsr_risk.montecarlo._numba")
    return engine == "numba"


def _nodes(design: Design, nodes: Nodes) -> tuple[str, ...]:
    """The nodes to keep, headline scores first; what never changes needs no keeping."""
    tree = design.nominal.tree
    if isinstance(nodes, str):
        kinds = {
            "all": tree.names,
            "groups": tree.names[tree.leaves :],
            "score": (),
        }
        if nodes not in kinds:
            raise UnknownNameError(f"no nodes `{nodes}`; {did_you_mean(nodes, kinds)}")
        wanted: Iterable[str] = kinds[nodes]
    else:
        wanted = list(nodes)
        for name in wanted:
            if name not in tree.index:
                raise UnknownNameError(f"no node `{name}`; {did_you_mean(name, tree.names)}")
    return tuple(
        name for name in dict.fromkeys((*design.heads, *wanted)) if name not in design.constant
    )


def _ledger(
    design: Design,
    nodes: tuple[str, ...],
    seed: int,
    sampling: Sampling,
    bins: int,
    pairs: bool,
) -> Ledger:
    nominal = design.nominal
    expected = design.expected(nodes)
    scored = np.any(expected, axis=0)
    columns = tuple(np.flatnonzero(row) for row in scored)
    lower, upper = nominal.tree.scale
    low = np.full(len(nodes), lower)
    width = np.full(len(nodes), (upper - lower) / bins if bins else np.nan)
    if bins and not design.bounded:
        low, width = _reach(design, nodes, seed, sampling, bins)
    heads = tuple(
        Head(number, _groups(design, name, columns[number]))
        for number, name in enumerate(design.heads)
    )
    # Where a choice alone gives a score (another focal origin), its own value is the centre.
    centre = np.full((len(nodes), len(design.data)), np.nan)
    for one in (nominal, *(variant.scores for variant in design.variants)):
        if not (scored & np.isnan(centre)).any():
            break
        index = one.tree.index
        for row, name in enumerate(nodes):
            if name in index:
                own = one.values_array[:, index[name]]
                centre[row] = np.where(np.isnan(centre[row]), own, centre[row])
    centre = np.nan_to_num(centre)
    bands = np.array(sorted(design.framework.bands.values())[1:])
    return Ledger(
        nodes, heads, columns, centre, low, width, bins, bands, upper - lower, pairs, expected
    )


def _reach(
    design: Design, nodes: tuple[str, ...], seed: int, sampling: Sampling, bins: int
) -> tuple[Array, Array]:
    """Where values lie without bounds: the first block's range, widened by as much on both sides."""
    u = design.points(seed, sampling).block(0)
    values, _ = design.values(u, nodes, Scratch(), seed=seed, block=0)
    flat = values.reshape(len(nodes), -1)
    flat = np.where(np.isfinite(flat), flat, np.nan)
    low, high = np.fmin.reduce(flat, axis=1), np.fmax.reduce(flat, axis=1)
    low, high = np.nan_to_num(low), np.nan_to_num(high)
    length = np.maximum(high - low, 1e-6)
    return low - length, 3 * length / bins


def _groups(design: Design, head: str, columns: NDArray[np.intp]) -> tuple[NDArray[np.intp], ...]:
    """Units that are ranked together: of one year and one basis, as in the score table."""
    label = design.rank_groups(head)[columns]
    return tuple(columns[label == one] for one in np.unique(label))


@contextmanager
def _told(progress: bool | Callable[[int, int], object] | None, draws: int, already: int) -> Any:
    """What to call with the draws of every task done."""
    if progress is None or progress is False:
        yield None
        return
    count = already
    if callable(progress):
        say: Callable[[int, int], object] = progress

        def call(more: int) -> None:
            nonlocal count
            count += more
            say(count, max(draws, count))

        yield call
        return
    from tqdm.auto import tqdm

    with tqdm(total=draws, initial=already, unit="draw", unit_scale=True) as bar:

        def update(more: int) -> None:
            bar.total = max(bar.total or 0, bar.n + more)
            bar.update(more)

        yield update
