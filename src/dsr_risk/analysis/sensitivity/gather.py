"""From sums to the result: indices, their errors, all units together, and why some are missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..._util.types import Array
from ...sobol.indices import Effects, standard_error
from ...sobol.run import Layout
from .result import Checkpoint, Sensitivity
from .targets import ALL_UNITS, LEVELS, Targets
from .work import Work

__all__ = ["gather"]

CONSTANT = "does not vary with these factors"
PARTLY = "has no value in some of the draws"


@dataclass(frozen=True, eq=False)
class _Pooled:
    """Effects with columns added for all units together."""

    first: Array
    total: Array
    shapley: Array
    variance: Array


def gather(
    work: Work,
    groups: Mapping[str, tuple[str, ...]],
    effects: Effects,
    checkpoints: Sequence[tuple[int, Effects]],
    notes: tuple[str, ...],
) -> Sensitivity:
    """Return the result of a run."""
    layout, targets = work.run.layout, work.targets
    names = work.design.names
    rows = _rows(layout, names, groups)
    players = tuple(groups) or names
    if layout.shapley == "none":
        players = ()
    refused = np.array([not layout.closed(members) for members in layout.sets])
    pooled = _pooled(effects, targets, refused)
    columns, order = _columns(targets), list(rows.values())
    return Sensitivity(
        factors=names,
        groups=dict(groups),
        n=work.run.n,
        evaluations=work.run.evaluations,
        seed=work.run.seed,
        resamples=work.run.resamples,
        sampling=work.sampling,
        shapley_method=layout.shapley,
        notes=notes,
        _headlines=work.design.headlines,
        undefined=_undefined(rows, refused, layout, names),
        reasons=_reasons(targets, effects, columns),
        _index=columns,
        _sets=tuple(rows),
        _players=players,
        _arrays=_estimates(pooled, order, len(players)),
        _checkpoints=tuple(
            _checkpoint(n, _pooled(part, targets, refused), order, len(players))
            for n, part in checkpoints
        ),
    )


def _undefined(
    rows: Mapping[str, int], refused: Array, layout: Layout, names: Sequence[str]
) -> dict[str, str]:
    """Return why factors and groups have no first-order and total effect, for those that have none."""
    return {
        name: _why_refused(layout.sets[row], layout, names)
        for name, row in rows.items()
        if refused[row]
    }


def _estimates(pooled: _Pooled, order: list[int], players: int) -> dict[str, Array]:
    """Return effects and their standard errors in the order of the factors and groups."""
    return {
        "first": pooled.first[order, 0],
        "total": pooled.total[order, 0],
        "shapley": pooled.shapley[:players, 0],
        "first_error": standard_error(pooled.first)[order],
        "total_error": standard_error(pooled.total)[order],
        "shapley_error": standard_error(pooled.shapley[:players]),
        "variance": pooled.variance[0],
    }


def _checkpoint(n: int, pooled: _Pooled, order: list[int], players: int) -> Checkpoint:
    return Checkpoint(
        n, pooled.first[order, 0], pooled.total[order, 0], pooled.shapley[:players, 0]
    )


def _rows(
    layout: Layout, names: Sequence[str], groups: Mapping[str, tuple[str, ...]]
) -> dict[str, int]:
    """Return every factor, then every group, and which exchanged set it is."""
    number_of = {name: number for number, name in enumerate(names)}
    out = {name: layout.sets.index(frozenset([number])) for name, number in number_of.items()}
    for name, members in groups.items():
        out[name] = layout.sets.index(frozenset(number_of[member] for member in members))
    return out


def _columns(targets: Targets) -> pd.MultiIndex:
    pooled = pd.MultiIndex.from_tuples(
        [(block.quantity, block.node, ALL_UNITS) for block in targets.blocks], names=LEVELS
    )
    return targets.index().append(pooled)


def _pooled(effects: Effects, targets: Targets, refused: Array) -> _Pooled:
    """Return a column for every block: effects over all its units, each weighing by its variance.

    The share of the summed variance of all units that a factor answers for (generalised indices of a
    vector of outputs: Lamboni, Monod and Makowski 2011; Gamboa, Janon, Klein and Lagnoux 2014).
    """
    variance = np.where(np.isnan(effects.first[:1]).all(axis=0), 0.0, effects.variance)
    parts = [block.columns for block in targets.blocks]
    whole = np.stack([variance[:, part].sum(axis=1) for part in parts], axis=1)

    def add(pooled: Array) -> Array:
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.stack(
                [
                    np.where(
                        variance[:, part] > 0, pooled[:, :, part] * variance[:, part], 0.0
                    ).sum(axis=2)
                    for part in parts
                ],
                axis=2,
            ) / np.where(whole > 0, whole, np.nan)
        return np.concatenate([pooled, share], axis=2)

    first, total = add(effects.first), add(effects.total)
    first[refused] = total[refused] = np.nan
    units = np.array([max(1, len(block.units)) for block in targets.blocks])
    spread = np.concatenate([effects.variance, whole / units], axis=1)
    return _Pooled(first, total, add(effects.shapley), spread)


def _reasons(
    targets: Targets, effects: Effects, columns: pd.MultiIndex
) -> dict[tuple[str, str, str], str]:
    """Return why a target has no effects, for those that have none."""
    out = {
        (quantity, node, targets.labels[unit]): why
        for quantity, node, unit, why in targets.undefined
    }
    variance = effects.variance[0]
    for index in np.flatnonzero(~(variance > targets.tiny)):
        quantity, node, unit = map(str, columns[int(index)])
        out[quantity, node, unit] = PARTLY if np.isnan(variance[index]) else CONSTANT
    for block in targets.blocks:
        variances = variance[block.columns]
        if not (variances > targets.tiny[block.columns]).any():
            out[block.quantity, block.node, ALL_UNITS] = (
                CONSTANT if len(variances) else "has no value anywhere"
            )
    return out


def _why_refused(members: frozenset[int], layout: Layout, names: Sequence[str]) -> str:
    copula = layout.copula
    if copula is None:
        return ""
    inside = layout.mask(members)[copula.columns]
    touched = copula.correlation[inside][:, ~inside].any(axis=0)
    columns = set(copula.columns[~inside][touched].tolist())
    others = [name for name, held in zip(names, layout.columns, strict=True) if columns & set(held)]
    return (
        f"correlated with {', '.join(f'`{other}`' for other in others)}: first-order and total effects do "
        "not split the variance of dependent factors; read its Shapley effect, or put them in one group"
    )
