"""Layers of a network (radio, core, cables, cloud, devices): measured apart, then combined."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from ..errors import DataError, Problems, did_you_mean
from . import _measures as ms


def layer_name(layer: str) -> str:
    """Return a layer as the start of an indicator's name."""
    return "_".join(layer.casefold().split())


def layer_weights_of(table: pd.DataFrame, given: Mapping[str, float] | None) -> dict[str, float]:
    """Return the weight of every layer by name, equal if none are given; they add up to 1.

    Raises
    ------
    DataError
        With every unknown layer, layer without a weight and weight below 0.
    """
    layers = sorted(set(table["layer"]))
    if given is None:
        return {layer_name(layer): 1.0 / len(layers) for layer in layers}
    problems = Problems("layer_weights")
    for name, weight in given.items():
        if name not in layers:
            problems.add(f"`{name}` is not a layer of the contracts: {did_you_mean(name, layers)}")
        if not (np.isfinite(weight) and weight >= 0):
            problems.add(f"weight of `{name}` is {weight!r}: must be a number of at least 0")
    for name in layers:
        if name not in given:
            problems.add(f"layer `{name}` has no weight: add it (0 leaves it out)")
    problems.raise_as(DataError)
    total = sum(given.values())
    if total <= 0:
        raise DataError("layer_weights: all are 0; give at least one layer a weight")
    return {layer_name(name): weight / total for name, weight in given.items()}


def combined(result: pd.DataFrame, weights: Mapping[str, float], start: str) -> pd.DataFrame:
    """Add the weighted mean over layers of every indicator in 0-1."""
    split = result["indicator"].str.slice(len(start))
    parts = []
    for layer in weights:
        mine = split.str.startswith(f"{layer}_") & result["unit"].eq(ms.UNIT)
        # A layer whose name starts like another's ("core", "core_5g") must not catch its rows.
        for other in weights:
            if other != layer and other.startswith(f"{layer}_"):
                mine &= ~split.str.startswith(f"{other}_")
        part = result[mine].assign(
            indicator=start + split[mine].str.slice(len(layer) + 1), layer=layer
        )
        parts.append(part.assign(weight=weights[layer]))
    pool = pd.concat(parts)
    pool = pool[pool["weight"] > 0]
    keys = [name for name in ("iso3", "year") if name in pool]
    by = [*keys, "indicator"]
    total = pool.groupby(by)["weight"].transform("sum")
    pool = pool.assign(w=pool["weight"] / total)
    for name in ("value", "lower", "upper"):
        pool[name] = pool["w"] * pool[name]
    pool["variance"] = (pool["w"] * pool["std_error"]) ** 2
    grouped = pool.groupby(by, sort=False)
    out = grouped[["value", "n_records"]].sum()
    # Without a bound or a standard error in every layer there is none for their mean.
    every = grouped[["lower", "upper", "variance"]].count().eq(grouped.size(), axis=0)
    sums = grouped[["lower", "upper", "variance"]].sum().where(every)
    out[["lower", "upper"]], out["std_error"] = sums[["lower", "upper"]], np.sqrt(sums["variance"])
    share = grouped["weight"].sum()
    names = grouped["layer"].agg(", ".join)
    out["note"] = [
        f"layers {layers} ({100 * weight:.3g} % of layer weight)"
        for layers, weight in zip(names, share, strict=True)
    ]
    out["unit"] = ms.UNIT
    if "focal" in pool:
        out["focal"] = grouped["focal"].first()
    both = pd.concat([out.reset_index(), result])
    order = {name: i for i, name in enumerate(dict.fromkeys(both["indicator"]))}
    both = both.assign(_order=both["indicator"].map(order)).sort_values(
        [*keys, "_order"], kind="stable"
    )
    return both[list(result.columns)].reset_index(drop=True)
