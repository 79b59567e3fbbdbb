"""The imputation step: which cells are filled, by what, learned once and re-applied."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from .._util.frozen import Frozen
from .._util.types import Array, Mask
from ..data.countries import country_table
from ..data.dataset import Data
from ..framework.definition import Framework
from ..methods.imputation import Context, Imputer
from ..methods.treatment import Learned
from .prepare import Prepared

__all__ = ["Imputation", "context_of", "draws_of", "fill", "learn_imputations"]

GROUPINGS = ("region", "subregion", "income")
PEERS = "peers"


@dataclass(frozen=True)
class Imputation(Frozen):
    """The leaves that ask for an imputer, and what it learned; last axis: every leaf of the framework."""

    places: NDArray[np.intp]
    imputer: Imputer
    learned: Learned


def imputers(framework: Framework) -> list[tuple[NDArray[np.intp], Imputer]]:
    """The imputers a framework asks for, each with the leaves it fills."""
    found: dict[Imputer, list[int]] = {}
    for place, leaf in enumerate(framework.indicators):
        imputer = leaf.imputation or framework.defaults.imputation
        if imputer.name != "share_weight":
            found.setdefault(imputer, []).append(place)
    return [(np.array(places, np.intp), imputer) for imputer, places in found.items()]


@cache
def _labels(grouping: str) -> dict[str, str]:
    """The label of every country that has one in a grouping of the country table."""
    column = country_table()[grouping].dropna()
    return {str(code): str(one) for code, one in column.items()}


def context_of(framework: Framework, data: Data, keep: Mask | None = None) -> Context:
    """What imputers may know of the units: country, year, groups, siblings and directions."""
    rows = np.ones(len(data), bool) if keep is None else keep
    countries = data.iso3[rows]
    labels = {name: _labels(name) for name in GROUPINGS}
    if framework.peers:
        labels[PEERS] = {code: name for name, codes in framework.peers.items() for code in codes}
    groups = {
        name: np.array([label.get(code) for code in countries], dtype=object)
        for name, label in labels.items()
    }
    years = None
    if data.is_panel:
        years = np.asarray(data.units.get_level_values(1), np.intp)[rows]
    leaves = framework.indicators
    below: dict[str | None, list[int]] = {}
    for place, leaf in enumerate(leaves):
        below.setdefault(framework.parents[leaf.name], []).append(place)
    beside = {parent: np.array(places, np.intp) for parent, places in below.items()}
    siblings = tuple(beside[framework.parents[leaf.name]] for leaf in leaves)
    signs = np.array([float(leaf.sign) for leaf in leaves])
    return Context(countries, years, groups, siblings, signs)


def learn_imputations(
    framework: Framework, data: Data, prepared: Prepared, keep: Mask
) -> tuple[Imputation, ...]:
    """Every imputer of the framework fitted on the kept units."""
    asked = imputers(framework)
    if not asked:
        return ()
    known = np.where(prepared.applicable, prepared.denominated, np.nan)[keep]
    context = context_of(framework, data, keep)
    return tuple(
        Imputation(places, imputer, imputer.fit(known, context)) for places, imputer in asked
    )


def fill(
    framework: Framework, imputations: tuple[Imputation, ...], data: Data, prepared: Prepared
) -> tuple[Array, Mask | None]:
    """The leaves (units, L) with missing cells filled, and which values are not observed (or None).

    Cells that are not applicable stay empty. A filled cell is held inside the bounds of a censored
    value and inside the indicator's plausible range.
    """
    if not imputations:
        return prepared.denominated, prepared.flagged
    context = context_of(framework, data)
    known = np.where(prepared.applicable, prepared.denominated, np.nan)
    filled = prepared.denominated.copy()
    for one in imputations:
        _put(filled, one.imputer.apply(known, context, one.learned), one, framework, prepared)
    imputed = np.isnan(prepared.denominated) & ~np.isnan(filled)
    if prepared.flagged is not None:
        imputed |= prepared.flagged
    return filled, imputed if imputed.any() else None


def draws_of(
    framework: Framework,
    imputations: tuple[Imputation, ...],
    data: Data,
    prepared: Prepared,
    rng: np.random.Generator,
    m: int,
) -> Array:
    """(m, units, L) filled copies of the leaves, differing where an imputer knows its uncertainty."""
    out = np.repeat(prepared.denominated[None], m, axis=0)
    if not imputations:
        return out
    context = context_of(framework, data)
    known = np.where(prepared.applicable, prepared.denominated, np.nan)
    for one in imputations:
        _put(out, one.imputer.draws(known, context, one.learned, rng, m), one, framework, prepared)
    return out


def _put(
    out: Array, filled: Array, one: Imputation, framework: Framework, prepared: Prepared
) -> None:
    """Take from `filled` (..., units, L) what `one` may fill in `out`."""
    wanted = np.isnan(prepared.denominated) & prepared.applicable
    for place in one.places:
        rows = np.flatnonzero(wanted[:, place])
        if not rows.size:
            continue
        values = filled[..., rows, place]
        if prepared.low is not None and prepared.high is not None:
            values = np.fmax(values, prepared.low[rows, place])
            values = np.fmin(values, prepared.high[rows, place])
            values = np.where(np.isnan(filled[..., rows, place]), np.nan, values)
        plausible = framework.indicators[place].plausible
        if plausible is not None:
            values = np.clip(values, *plausible)
        out[..., rows, place] = values
