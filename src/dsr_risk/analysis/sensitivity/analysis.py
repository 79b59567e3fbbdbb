"""The verb: first-order, total, grouped and Shapley effects of every factor, from one run."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any, Literal

import numpy as np
import pandas as pd

from ..._util.types import Array
from ...data.dataset import Data
from ...errors import DataError
from ...framework.definition import Framework
from ...montecarlo import compile_design
from ...montecarlo.design import Reference
from ...montecarlo.sampling import Sampling
from ...scoring.kernel import Scratch
from ...sobol.indices import effects_of
from ...sobol.run import Layout, Request, Run, Shapley
from ...sobol.sums import Sums
from .gather import gather
from .groups import Correlation, Groups, layout_of, named_groups
from .result import Sensitivity
from .targets import Nodes, Targets, targets_of
from .work import ROWS, Work, results

__all__ = ["sensitivity"]

LEAST_ROWS, MOST_ROWS = 16, 256
LEAST_STREAMED = 64
"""With streams every evaluation makes the errors of a whole block, so that few rows at once are dear."""

PILOT = 256


def sensitivity(
    framework: Framework,
    data: Data | pd.DataFrame,
    n: int = 1024,
    seed: int = 0,
    executor: Executor | None = None,
    progress: bool | Callable[[int, int], object] | None = None,
    *,
    factors: Mapping[str, Any] | None = None,
    groups: Groups | None = None,
    correlation: Correlation | None = None,
    nodes: Nodes = "groups",
    shapley: Shapley | Literal["auto"] = "auto",
    resamples: int = 100,
    sampling: Sampling = "sobol",
    reference: Reference = "fixed",
) -> Sensitivity:
    """How much of the variance of every score, rank and node each uncertain factor answers for.

    Parameters
    ----------
    framework
        The framework; its ``factors`` are what varies.
    data
        What is scored, Data or a frame, long or wide.
    n
        Base rows. Any number above 0 goes; the balance of Sobol' points needs a power of two, and
        ``notes`` says where it is lost.
    seed
        Same seed, same bytes, whatever the executor and its number of workers. 0 is a seed.
    executor
        Any ``concurrent.futures.Executor``; None runs here.
    progress
        True for a progress bar, or a function of rows done and rows in all.
    factors
        Factors to use instead of the framework's; see `dsr_risk.factors`. A factor is one factor however
        many numbers it draws: the weights of a Dirichlet, the errors of all cells of a source.
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
    safe side. Estimates are never clipped: an effect near 0 may come out slightly negative.

    Examples
    --------
    >>> from dsr_risk import load_data, load_framework
    >>> found = sensitivity(load_framework(), load_data(), n=64, factors={
    ...     "dependency.weights": {"method": "dirichlet", "concentration": 50},
    ...     "dependency.aggregation": {"method": "choice", "options": ["arithmetic", "geometric"]}})
    >>> found.table("Pakistan").columns[:4].tolist()
    ['first', 'first_low', 'first_high', 'total']
    >>> bool(abs(found.table("Pakistan")["shapley"].sum() - 1) < 1e-9)
    True
    """
    _check(n, seed, resamples, sampling, executor)
    design = compile_design(framework, data, factors, reference=reference)
    named = named_groups(design, groups)
    layout = layout_of(design, named, correlation, shapley)
    targets = targets_of(design, nodes)
    least = LEAST_STREAMED if design.streams else LEAST_ROWS
    chunk = Run.chunk_for(layout, targets.count, least, min(MOST_ROWS, design.block_size), n)
    rows = min(ROWS, design.block_size)
    design = dataclasses.replace(design, again=chunk) if design.streams else design
    draft = Run(layout, n, chunk, resamples, int(seed), np.zeros(targets.count))
    centre = _centre(Work(design, targets, draft, sampling, rows))
    run = dataclasses.replace(draft, centre=centre)
    work = Work(design, targets, run, sampling, rows)
    total = work.run.empty()
    checkpoints = []
    with _told(progress) as done:
        for task, found in enumerate(results(work, executor, done), start=1):
            total.add(found)
            if task & (task - 1) == 0 or task == work.tasks:
                checkpoints.append((total.rows, _effects(total.point(), layout, targets, centre)))
    effects = _effects(total, layout, targets, centre)
    return gather(work, named, effects, checkpoints, _notes(n, layout, work))


def _effects(sums: Sums, layout: Layout, targets: Targets, centre: Array) -> Any:
    return effects_of(sums, centre, singles=len(layout.columns), tiny=targets.tiny)


def _centre(work: Work) -> Array:
    """What outputs are taken about: their mean over the first rows, any constant being as right."""
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


def _check(n: Any, seed: Any, resamples: Any, sampling: Any, executor: Any) -> None:
    for name, value, least in (("n", n, 1), ("seed", seed, 0), ("resamples", resamples, 2)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise DataError(f"{name}: expected a whole number from {least}, received {value!r}")
    if sampling not in ("sobol", "random"):
        raise DataError(f"sampling: expected `sobol` or `random`, received {sampling!r}")
    if executor is not None and not hasattr(executor, "submit"):
        raise DataError(
            f"executor: expected a concurrent.futures.Executor, received {type(executor).__name__}"
        )


@contextmanager
def _told(
    progress: bool | Callable[[int, int], object] | None,
) -> Iterator[Callable[[int, int], object] | None]:
    """What to call with the rows done and the rows in all."""
    if progress is None or progress is False:
        yield None
        return
    if callable(progress):
        yield progress
        return
    from tqdm.auto import tqdm

    with tqdm(unit="row", unit_scale=True) as bar:

        def update(rows: int, every: int) -> None:
            bar.total = every
            bar.update(rows - bar.n)

        yield update
