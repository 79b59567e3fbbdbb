"""Sobol' indices and Shapley effects of any function on the unit cube."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .._util.types import Array
from .dependence import Copula
from .indices import effects_of, standard_error
from .run import Layout, Request, Run, Shapley, shapley_for

__all__ = ["Analysis", "analyse", "saltelli_points"]

LEAST_ROWS, MOST_ROWS = 16, 256
RESAMPLES = 100


@dataclass(frozen=True, eq=False)
class Analysis:
    """Indices with standard errors: ``first``, ``total`` (sets, T), ``shapley`` (players, T)."""

    first: Array
    total: Array
    shapley: Array
    first_error: Array
    total_error: Array
    shapley_error: Array
    variance: Array
    mean: Array


def saltelli_points(dimension: int, n: int, seed: int = 0) -> tuple[Array, Array]:
    """Return samples A and B (n, dimension): the two halves of scrambled Sobol' points of twice the dimension.

    References
    ----------
    Saltelli et al. (2010), Comput. Phys. Commun. 181(2), 259-270; Owen, A. B. (1997) for scrambling.

    Examples
    --------
    >>> A, B = saltelli_points(3, 8)
    >>> A.shape, bool((A != B).all())
    ((8, 3), True)
    """
    # Loading scipy.stats takes longer than loading the rest of the package.
    from scipy.stats import qmc

    rng = np.random.default_rng(np.random.SeedSequence([seed, 0x50B0]))
    size = 1 << max(0, n - 1).bit_length()
    points = qmc.Sobol(2 * dimension, scramble=True, seed=rng).random(size)[:n]
    return points[:, :dimension], points[:, dimension:]


def analyse(
    function: Callable[[Array], Array],
    dimension: int,
    *,
    n: int = 1024,
    seed: int = 0,
    groups: Mapping[str, Sequence[int]] | None = None,
    correlation: Array | None = None,
    shapley: Shapley | None = None,
) -> Analysis:
    """Estimate first-order, total and Shapley effects of a function, from one run.

    Parameters
    ----------
    function
        (m, dimension) points of the unit cube to (m,) or (m, T) outputs.
    dimension
        How many inputs there are.
    n
        Base rows; the balance of Sobol' points needs a power of two.
    groups
        Inputs taken together, by position; then sets and players are the groups.
    correlation
        (dimension, dimension) correlation of the inputs' normal scores (Gaussian copula); independent
        inputs if None. First-order and total effects that cut across it are NaN.
    shapley
        ``exact``, ``permutation`` or ``none``; exact for up to 8 players if None.

    Examples
    --------
    >>> result = analyse(lambda u: 0.8 * u[:, 0] + 0.2 * u[:, 1], 2, n=512)
    >>> result.shapley[:, 0].round(2).tolist()
    [0.94, 0.06]
    """
    layout = _layout(dimension, groups, correlation, shapley)
    a, b = saltelli_points(dimension, n, seed)

    def evaluate(requests: Sequence[Request], number: int) -> Array:
        y = np.asarray(function(np.concatenate([request.u for request in requests])), float)
        return y.reshape(len(requests), -1, y.shape[1] if y.ndim == 2 else 1)

    trial = evaluate([Request(a[:MOST_ROWS], frozenset()), Request(b[:MOST_ROWS], frozenset())], 0)
    centre = trial.mean(axis=(0, 1))
    chunk = Run.chunk_for(layout, len(centre), LEAST_ROWS, MOST_ROWS, n)
    run = Run(layout, n, chunk, RESAMPLES, seed, centre)
    sums = run.empty()
    points = np.hstack([a, b])
    for number in range(len(run.sizes)):
        run.add_chunk(number, points[number * chunk : (number + 1) * chunk], evaluate, sums)
    effects = effects_of(sums, centre, whole=layout.whole)
    split = np.array([not layout.closed(member) for member in layout.sets])
    first, total = effects.first, effects.total
    first[split] = total[split] = np.nan
    return Analysis(
        first[:, 0],
        total[:, 0],
        effects.shapley[:, 0],
        standard_error(first),
        standard_error(total),
        standard_error(effects.shapley),
        effects.variance[0],
        effects.mean,
    )


def _layout(
    dimension: int,
    groups: Mapping[str, Sequence[int]] | None,
    correlation: Array | None,
    shapley: Shapley | None,
) -> Layout:
    """Return which inputs are exchanged together."""
    sets = [frozenset(group) for group in groups.values()] if groups else None
    members = tuple(sets or [frozenset([index]) for index in range(dimension)])
    return Layout(
        dimension,
        tuple((index,) for index in range(dimension)),
        ((),) * dimension,
        members,
        members,
        shapley or shapley_for(len(members)),
        None if correlation is None else Copula(range(dimension), correlation),
    )
