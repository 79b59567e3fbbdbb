"""What a report page holds: scores, tree, weights and evidence as plain values for its script."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import yaml

from ..analysis.uncertainty.result import Uncertainty
from ..data.countries import country_table
from ..output.publish import band_colours, readable_ink
from ..scoring.marks import all_marks
from ..scoring.scores import Scores

__all__ = ["contents"]

KNOWN = frozenset({"arithmetic", "geometric", "harmonic", "power"})
"""Aggregations that the script evaluates; with another one the page shows the scores as published."""
CHOICES = {
    "arithmetic": {"method": "arithmetic"},
    "geometric": {"method": "geometric", "offset": 1.0},
    "harmonic": {"method": "harmonic", "offset": 1.0},
    "power 2": {"method": "power", "p": 2.0},
}


def contents(scores: Scores, uncertainty: Uncertainty | None) -> dict[str, Any]:
    """Return everything the script of the page needs, as values that JSON can hold."""
    framework, tree = scores.framework, scores.tree
    standings = [scores.standing(name) for name in scores.names]
    methods: list[Any] = [None] * len(tree.names)
    for branch in tree.branches:
        dumped = {"method": branch.aggregator.name, **branch.aggregator.model_dump(mode="json")}
        methods[branch.node] = dumped
    index = tree.index
    here = scores.scorable.has_value[:, : tree.leaves]
    return {
        "names": list(tree.names),
        "titles": [framework[name].title for name in tree.names],
        "leaves": tree.leaves,
        "scale": list(tree.scale),
        "heads": list(tree.heads),
        "head": [index[str(framework.score_of(name))] for name in tree.names],
        "depth": [framework.depths[name] for name in tree.names],
        "order": [index[node.name] for node in framework.nodes],
        "branches": [{"node": b.node, "children": b.children.tolist()} for b in tree.branches],
        "weights": [float(one) for one in scores.weights],
        "methods": methods,
        "known": all(branch.aggregator.name in KNOWN for branch in tree.branches),
        "choices": CHOICES,
        "bands": sorted(framework.bands.items(), key=lambda band: band[1]),
        "colours": {
            label: [colour, readable_ink(colour)] for label, colour in band_colours(framework).items()
        },
        "codes": [str(one) for one in scores.data.iso3],
        "countries": _countries(scores),
        "regions": _regions(scores),
        "marks": all_marks(scores).tolist(),
        "x": _plain(np.where(here, scores.normalised_array, np.nan)),
        "share": _plain(scores.scorable.coverage[:, : tree.leaves]),
        "applies": scores.scorable.applicable[:, : tree.leaves].astype(int).tolist(),
        "printing": [list(scores.printing(name)) for name in scores.names],
        "bounds": _bounds(scores),
        "has": scores.scorable.has_value[:, tree.leaves :].astype(int).tolist(),
        "scores": [_plain(one.score) for one in standings],
        "values": _plain(scores.evaluated_array),
        "ranks": [_plain(one.rank()) for one in standings],
        "printed": [(~np.isnan(one.score)).tolist() for one in standings],
        "partial": [one.partial.astype(int).tolist() for one in standings],
        "reasons": [[str(why) for why in one.reason] for one in standings],
        "intervals": [_intervals(scores, name, uncertainty) for name in scores.names],
        "cells": _cells(scores),
        "framework": yaml.safe_load(framework.to_yaml()),
    }  # fmt: skip


def _plain(array: Any) -> Any:
    """Return an array as nested lists, None for NaN."""
    out = np.asarray(array).astype(object)
    out[np.isnan(array)] = None
    return out.tolist()


def _bounds(scores: Scores) -> Any:
    """Return the hard bounds of every indicator, None where no score is printed by their width."""
    if all(scores.printing(name)[1] is None for name in scores.names):
        return None
    leaves = list(scores.tree.names[: scores.tree.leaves])
    return [_plain(frame[leaves].to_numpy(float)) for frame in (scores.low, scores.high)]


def _countries(scores: Scores) -> list[str]:
    names = country_table()["name"]
    return [str(names.get(code, code)) for code in scores.data.iso3]


def _regions(scores: Scores) -> list[str]:
    regions = country_table()["region"]
    found = [regions.get(code, "") for code in scores.data.iso3]
    return ["" if pd.isna(one) else str(one) for one in found]


def _intervals(scores: Scores, name: str, uncertainty: Uncertainty | None) -> Any:
    """Return score and rank intervals of every country, None without draws."""
    if uncertainty is None:
        return None
    table = uncertainty.table(name).reindex(scores.data.units)
    ends = [f"{name}_low", f"{name}_high", f"{name}_rank_low", f"{name}_rank_high"]
    return _plain(table[ends].astype(float).to_numpy())


def _cells(scores: Scores) -> list[list[list[str]]]:
    """Return state, year and source of every cell, countries by indicators."""
    imputed, raw = scores.imputed.to_numpy(), scores.raw_array
    applies = scores.scorable.applicable
    places = {leaf.name: leaf.data_column for leaf in scores.framework.indicators}
    evidence = scores.data.evidence
    known: dict[tuple[str, str], tuple[str, str]] = {}
    if not evidence.empty and "source" in evidence:
        years = evidence["year"] if "year" in evidence else pd.Series(np.nan, evidence.index)
        keys = zip(evidence["iso3"], evidence["indicator"], years, evidence["source"], strict=True)
        for code, column, year, source in keys:
            known[str(code), str(column)] = (
                "" if pd.isna(year) else str(int(year)), "" if pd.isna(source) else str(source)
            )  # fmt: skip
    out = []
    for row, code in enumerate(scores.data.iso3):
        cells = []
        for place, name in enumerate(scores.tree.names[: scores.tree.leaves]):
            state = "observed"
            if not applies[row, place]:
                state = "not applicable"
            elif imputed[row, place]:
                state = "estimated ◊"
            elif np.isnan(raw[row, place]) and np.isnan(scores.normalised_array[row, place]):
                state = "missing"
            year, source = known.get((str(code), places[name]), ("", ""))
            cells.append([state, *((year, source) if state == "observed" else ("", ""))])
        out.append(cells)
    return out
