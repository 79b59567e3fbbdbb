"""Estimate first-order, total, grouped and Shapley effects of every factor, from one run."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any, Literal, TypedDict, Unpack

import numpy as np

from ..._util.arguments import typed
from ..._util.checks import (
    MOST_DRAWS,
    MOST_RESAMPLES,
    check_executor,
    check_memory,
    check_options,
    one_of,
    whole_number,
)
from ..._util.progress import Progress, reporting
from ..._util.scratch import Scratch
from ..._util.types import Array
from ...montecarlo import Design, compile_design
from ...montecarlo.design import Nodes, Reference
from ...montecarlo.sampling import Sampling
from ...scoring.scores import Scores
from ...scoring.verbs import Source, Spec
from ...sobol.indices import Effects, effects_of
from ...sobol.run import Layout, Request, Run, Shapley
from ...sobol.sums import Sums
from .gather import gather
from .groups import Correlation, Groups, layout_of, named_groups
from .result import Sensitivity
from .targets import Targets, targets_of
from .work import ROWS, Work, results

__all__ = ["sensitivity"]

LEAST_ROWS, MOST_ROWS = 16, 256
LEAST_STREAMED = 64
"""With random streams each evaluation draws errors for a whole block, so small chunks are inefficient."""

PILOT = 256


class Options(TypedDict, total=False):
    """Keyword options of ``sensitivity``; see `Settings`."""

    progress: Progress
    groups: Groups | None
    correlation: Correlation | None
    nodes: Nodes
    shapley: Shapley | Literal["auto"]
    resamples: int
    sampling: Sampling
    reference: Reference


@dataclass(frozen=True)
class Settings:
    """Options of the exchange of factors and of what is analysed; ``sensitivity`` describes each."""

    progress: Progress = None
    groups: Groups | None = None
    correlation: Correlation | None = None
    nodes: Nodes = "groups"
    shapley: Shapley | Literal["auto"] = "auto"
    resamples: int = 100
    sampling: Sampling = "sobol"
    reference: Reference = "fixed"

    def __post_init__(self) -> None:
        whole_number("resamples", self.resamples, least=2, most=MOST_RESAMPLES)
        one_of("sampling", self.sampling, ("sobol", "random"))


@typed
def sensitivity(
    framework: Scores | Spec | None = None,
    data: Source | None = None,
    *,
    n: int = 1024,
    seed: int = 0,
    factors: Mapping[str, Any] | None = None,
    executor: Executor | None = None,
    **options: Unpack[Options],
) -> Sensitivity:
    """Split the variance of every score, rank and node over the uncertain factors.

    Parameters
    ----------
    framework, data
        Scores alone, or a framework and data as for ``score``.
    n
        Base rows. Any number above 0 goes; the balance of Sobol' points needs a power of two, and
        ``notes`` says where it is lost.
    seed
        Same seed, same bytes, whatever the executor and its number of workers. 0 is a seed.
    factors
        Factors to use instead of the framework's; see `dsr_risk.factors`. A factor is one factor however
        many numbers it draws: the weights of a Dirichlet, the errors of all cells of a source.
    executor
        Any ``concurrent.futures.Executor``; None runs here.
    progress
        True for a progress bar, or a function of rows done and rows in all.
    groups
        Names of groups, each a list of factors, or ``"kind"`` (weights, choice, parameter, data,
        missing). Groups then get first-order and total effects beside the factors', and share the
        Shapley effects. A factor in no group is a group of its own.
    correlation
        ``{("factor", "other"): value}``: correlation of the normal scores of two factors of one number
        each (Gaussian copula); what is not named is independent. Shapley effects allow for it;
        first-order and total effects of what it cuts across are refused: NaN, with the reason.
    nodes
        Whose values are analysed by country beside scores and ranks: "groups", "all", "score" (none
        but the headline scores), or names.
    shapley
        "exact" (all subsets), "permutation" (random orders) or "none"; "auto" is exact for up to 8
        factors or groups. All subsets of more than 5 are evaluated on part of the rows, evenly spread:
        from about 1,024 rows on they cost at most 32 evaluations a row.
    resamples
        Bootstrap resamples of whole rows, the same for all effects; at least 2.
    sampling
        "sobol" (scrambled Sobol' points) or "random" (pseudo-random).
    reference
        As in ``uncertainty``.

    Returns
    -------
    Sensitivity
        First-order, total and Shapley effects of every factor on every target, with their intervals.

    Raises
    ------
    FrameworkError
        For factors, groups or correlations that break a rule, or no factors at all.
    DataError
        For n, seed or resamples that are not such numbers.
    UnknownNameError
        For a node that does not exist.
    DsrRiskError
        If the executor dies.

    Notes
    -----
    Rows A, B and A with one factor's numbers from B. First order: Saltelli et al. (2010), centred;
    total: Jansen (1999); both as in SALib. Shapley effects: Owen (2014), Song, Nelson and Staum (2016),
    Goda (2021); they add up to one. Standard errors are those of a joint bootstrap of rows (Archer,
    Saltelli and Sobol' 1997): they take rows for independent, so with Sobol' points they are on the
    safe side. Estimates are never clipped: an effect near 0 may come out slightly negative. A factor or
    group that holds everything that varies has effects of exactly 1.

    Examples
    --------
    >>> from dsr_risk import score
    >>> result = sensitivity(score(), n=64, factors={
    ...     "dependency.weights": {"method": "dirichlet", "concentration": 50},
    ...     "dependency.aggregation": {"method": "choice", "options": ["arithmetic", "geometric"]}})
    >>> result.table("Pakistan").columns[:4].tolist()
    ['first', 'first_low', 'first_high', 'total']
    >>> bool(abs(result.table("Pakistan")["shapley"].sum() - 1) < 1e-9)
    True
    """
    check_options(sensitivity, Options, options)
    settings = Settings(**options)
    whole_number("n", n, least=1, most=MOST_DRAWS)
    whole_number("seed", seed)
    check_executor(executor)
    design = compile_design(framework, data, factors, reference=settings.reference)
    named = named_groups(design, settings.groups)
    layout = layout_of(design, named, settings.correlation, settings.shapley)
    targets = targets_of(design, settings.nodes)
    work = _work(design, targets, layout, settings, n, seed)
    total = work.run.empty()
    checkpoints = []
    with reporting(settings.progress, "row") as done:
        for task, result in enumerate(results(work, executor, done), start=1):
            total.add(result)
            if task & (task - 1) == 0 or task == work.tasks:
                checkpoints.append((total.rows, _effects(total.point(), work)))
    effects = _effects(total, work)
    return gather(work, named, effects, checkpoints, _notes(n, layout, work))


def _work(
    design: Design, targets: Targets, layout: Layout, settings: Settings, n: int, seed: int
) -> Work:
    """Return the work of a run, outputs taken about their mean over the first rows."""
    least = LEAST_STREAMED if design.streams else LEAST_ROWS
    sums = 2 * len(layout.sets) + len(layout.players) + 2
    check_memory(
        "resamples",
        3.0 * 8 * (settings.resamples + 1) * targets.count * sums,
        "ask for fewer resamples, or for fewer `nodes`",
    )
    chunk = Run.chunk_for(layout, targets.count, least, min(MOST_ROWS, design.block_size), n)
    rows = min(ROWS, design.block_size)
    design = design.keeping(chunk)
    run = Run(layout, n, chunk, settings.resamples, seed, np.zeros(targets.count))
    work = Work(design, targets, run, settings.sampling, rows)
    return replace(work, run=replace(run, centre=_centre(work)))


def _effects(sums: Sums, work: Work) -> Effects:
    layout = work.run.layout
    return effects_of(
        sums,
        work.run.centre,
        whole=layout.whole,
        singles=len(layout.columns),
        tiny=work.targets.tiny,
    )


def _centre(work: Work) -> Array:
    """Return what outputs are taken about: their mean over the first rows, any constant being as right."""
    d = work.design.dimension
    points = work.points().block(0)[: min(PILOT, work.run.sizes[0])]
    every = frozenset(work.design.streams)
    pair = [Request(points[:, :d], frozenset()), Request(points[:, d:], every)]
    y = work.evaluate(pair, 0, scratch=Scratch())
    return np.asarray(np.nan_to_num(y.mean(axis=(0, 1))))


def _notes(n: int, layout: Layout, work: Work) -> tuple[str, ...]:
    notes = []
    if work.sampling == "sobol" and n & (n - 1):
        notes.append(
            f"n = {n} is no power of two: Sobol' points lose some of their balance; "
            f"{1 << (n - 1).bit_length()} would keep it"
        )
    if layout.copula is not None:
        notes.append(
            "some factors are correlated: first-order and total effects that cut across a correlation "
            "do not split the variance and are left out; read the Shapley effects"
        )
    return (*notes, *work.design.nominal.notes)
