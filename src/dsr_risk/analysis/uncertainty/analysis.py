"""Draw scores and ranks as distributions over everything a framework's factors leave open."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import replace
from typing import Any, Unpack

import numpy as np

from ..._util.arguments import typed
from ..._util.checks import check_options
from ..._util.progress import reporting
from ..._util.types import Array, Index
from ...errors import DataError
from ...montecarlo import Design, compile_design
from ...montecarlo.closed_form import closed_form
from ...montecarlo.counts import CountSpec, DrawCounts, RankedScore
from ...montecarlo.drawing import Key
from ...montecarlo.run import Checkpoint, Job, key_of, run
from ...montecarlo.single import single_form
from ...scoring.scores import Scores
from ...scoring.verbs import Source, Spec, as_scores
from .draws import Draws
from .figures import Figures
from .result import Uncertainty
from .settings import MOST_DRAWS, Options, Settings, check_run

__all__ = ["Uncertainty", "uncertainty"]


@typed
def uncertainty(
    framework: Scores | Spec | None = None,
    data: Source | None = None,
    *,
    draws: int = 10_000,
    seed: int = 0,
    factors: Mapping[str, Any] | None = None,
    executor: Executor | None = None,
    **options: Unpack[Options],
) -> Uncertainty:
    """Draw everything the factors leave open, and count what becomes of every score and rank.

    Parameters
    ----------
    framework, data
        Scores alone, or a framework and data as for ``score``. Of a selection of scores all that were scored
        with it are drawn, so that ranks are among all; the result has the selected units.
    draws
        How many draws; with `precision` the first round.
    seed
        Same seed, same bytes, whatever the executor and its number of workers.
    factors
        Factors to use instead of the framework's; see `dsr_risk.factors`.
    executor
        Any ``concurrent.futures.Executor``: a process pool here, ``Client.get_executor()`` of
        dask.distributed on a cluster. None runs here.
    progress
        True for a progress bar, or a function of draws done and draws in all.
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
        time. 1000 if not given.
    precision
        If given, rounds of draws follow until the Monte-Carlo standard error of the mean and of the 5 %
        and 95 % quantiles of every headline score is below this many points.
    engine
        "numpy", or "numba": compiled loops (extra `fast`), several times faster where every cell of every
        draw has its own error. Counts without errors of cells are the same, means to rounding. Cell
        errors come from another random stream in single precision, so results differ slightly. "numba32"
        computes and counts in single precision where only weights are drawn and every node counted is a
        weighted arithmetic mean without gaps, and is "numba" elsewhere: at most 2 in 100,000 ranks of draws
        are others, of scores that differ by less than 1e-5 of the scale.
    checkpoint
        A file to save to every few seconds, and to go on from if it exists.

    Returns
    -------
    Uncertainty
        Distributions of scores and ranks, with the Monte-Carlo errors of their figures.

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
    >>> from dsr_risk import score
    >>> result = uncertainty(score(), draws=256,
    ...                     factors={"dependency.weights": {"method": "spread", "share": 0.25}})
    >>> result.draws
    256
    >>> row = result.scores("dependency").loc["PAK"]
    >>> bool(row["q05"] <= row["median"] <= row["q95"])
    True
    """
    check_options(uncertainty, Options, options)
    settings = Settings(**options)
    check_run(draws, seed, executor)
    asked = as_scores(framework, data)
    design = compile_design(asked._everyone, None, factors, reference=settings.reference)
    spec = _count_spec(design, settings, seed)
    forms = closed_form(design, spec.nodes), single_form(design, spec)
    job = Job(design, spec, seed, settings.sampling, draws, *forms)
    counts = DrawCounts.empty(spec)
    saved = _checkpoint(settings, job)
    first = 0 if saved is None else saved.load(counts)
    job = _whole(job, counts, settings)
    with reporting(settings.progress, "draw") as done:
        while True:
            run(job, counts, first, executor=executor, done=done, checkpoint=saved)
            figures = Figures(design, spec, counts, job, asked)
            result = Uncertainty(figures, Draws(figures))
            precise = settings.precision is None or result.worst_error <= settings.precision
            if precise or job.draws >= MOST_DRAWS:
                return result
            first = job.tasks
            job = replace(job, draws=2 * job.draws)


def _checkpoint(settings: Settings, job: Job) -> Checkpoint | None:
    if settings.checkpoint is None:
        return None
    return Checkpoint(os.fspath(settings.checkpoint), key_of(job))


def _whole(job: Job, counts: DrawCounts, settings: Settings) -> Job:
    """Return the job with the draws that `precision` and a checkpoint require."""
    if settings.precision is None:
        if counts.draws > job.draws:
            raise DataError(
                f"{settings.checkpoint}: holds {counts.draws:,} draws, more than `draws` = {job.draws:,}; "
                "use as many or more draws, or name another file"
            )
        return job
    # Whole tasks, so that the run can be made longer.
    job = replace(job, draws=-(-job.draws // job.task_draws) * job.task_draws)
    while job.draws < counts.draws:
        job = replace(job, draws=2 * job.draws)
    return job


def _count_spec(design: Design, settings: Settings, seed: int) -> CountSpec:
    """Return what is counted: headline scores first; nodes that never change need no counting."""
    nodes = tuple(name for name in design.nodes_of(settings.nodes) if name not in design.constant)
    nominal, bins = design.nominal, settings.bins
    expected = design.expected(nodes)
    scored = np.any(expected, axis=0)
    columns = tuple(np.flatnonzero(row) for row in scored)
    lower, upper = nominal._state.tree.scale
    low = np.full(len(nodes), lower)
    width = np.full(len(nodes), (upper - lower) / bins if bins else np.nan)
    if bins and not design.bounded:
        low, width = _reach(design, nodes, seed, settings)
    scores = tuple(
        RankedScore(number, _groups(design, name, columns[number]))
        for number, name in enumerate(design.headlines)
    )
    # Where a choice alone gives a score (another focal origin), its own value is the centre.
    centre = np.full((len(nodes), len(design.data)), np.nan)
    for variant_scores in (nominal, *(variant.scores for variant in design.variants)):
        if not (scored & np.isnan(centre)).any():
            break
        index = variant_scores._state.tree.index
        for row, name in enumerate(nodes):
            if name in index:
                values = variant_scores._state.evaluated[:, index[name]]
                centre[row] = np.where(np.isnan(centre[row]), values, centre[row])
    centre = np.nan_to_num(centre)
    return CountSpec(
        nodes=nodes,
        scores=scores,
        columns=columns,
        centre=centre,
        low=low,
        width=width,
        bins=bins,
        bands=np.array(sorted(design.framework.bands.values())[1:]),
        length=upper - lower,
        pairs=settings.pairs,
        expected=expected,
        fast=settings.fast,
        single=settings.single,
    )


def _reach(
    design: Design, nodes: tuple[str, ...], seed: int, settings: Settings
) -> tuple[Array, Array]:
    """Return where values lie without bounds: the first block's range, widened by as much on both sides."""
    u = design.points(seed, settings.sampling).block(0)
    values = design.values(u, nodes, Key(seed, 0, {}))
    flat = values.reshape(len(nodes), -1)
    flat = np.where(np.isfinite(flat), flat, np.nan)
    low, high = np.fmin.reduce(flat, axis=1), np.fmax.reduce(flat, axis=1)
    low, high = np.nan_to_num(low), np.nan_to_num(high)
    length = np.maximum(high - low, 1e-6)
    return low - length, 3 * length / settings.bins


def _groups(design: Design, headline: str, columns: Index) -> tuple[Index, ...]:
    """Return units that are ranked together: of one year and one basis, as in the score table."""
    columns = columns[design.printed(headline)[columns]]
    label = design.rank_groups(headline)[columns]
    return tuple(columns[label == number] for number in np.unique(label))
