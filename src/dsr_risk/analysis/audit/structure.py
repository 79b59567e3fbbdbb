"""Checks of an audit on the structure: correlation, reliability, dimensions, compensation."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .case import Case
from .rules import Entry, Findings
from .statistics import ENOUGH, cronbach, pairwise, pca

__all__ = ["check_structure", "correlation_table", "group_table"]

SIGNIFICANT = 0.05


def correlation_table(case: Case) -> pd.DataFrame:
    """Return every pair of indicators of a headline score, and every pair of sibling groups.

    Columns: ``first, second, r, n, p, siblings`` (share a parent) and ``pillar`` (the one both lie
    in, empty where they lie in two).
    """
    parent = case.scores._state.tree.parent
    pairs: dict[tuple[int, int], tuple[float, int, float]] = {}
    for nodes in (case.indicators, *(children for _, children in case.group_nodes)):
        moments = pairwise(case.values(nodes))
        for a, b in zip(*np.triu_indices(len(nodes), 1), strict=True):
            key = (int(nodes[a]), int(nodes[b]))
            pairs[key] = (float(moments.r[a, b]), int(moments.n[a, b]), float(moments.p[a, b]))
    rows = []
    for (first, two), (r, n, p) in pairs.items():
        tops = case.pillar_of(first), case.pillar_of(two)
        shared = case.scores._state.tree.names[tops[0]] if tops[0] == tops[1] else ""
        names = case.names(np.array([first, two], np.intp))
        indicators = max(first, two) < case.scores._state.tree.n_indicators
        rows.append((*names, r, n, p, bool(parent[first] == parent[two]), indicators, shared))
    columns = ["first", "second", "r", "n", "p", "siblings", "indicators", "pillar"]
    frame = pd.DataFrame(rows, columns=columns)
    # An empty table must have the same kinds of columns.
    return frame.astype({"siblings": bool, "indicators": bool, "r": float, "p": float})


def group_table(case: Case) -> pd.DataFrame:
    """Return mean correlation, Cronbach's alpha and principal components of every group's children."""
    rows = {}
    for group_node, children in case.group_nodes:
        if len(children) < 2:
            continue
        x = case.values(children)
        r = pairwise(x).r
        components = pca(x)
        average = np.average(np.nan_to_num(x), axis=1, weights=case.scores._state.weights[children])
        complete = ~np.isnan(x).any(axis=1)
        loss = (average - case.scores._values[case.rows, group_node.node])[complete]
        rows[case.scores._state.tree.names[group_node.node]] = {
            "children": len(children),
            "complete": int(complete.sum()),
            "mean_r": float(r[np.triu_indices(len(children), 1)].mean()),
            "alpha": cronbach(x),
            "alpha_standardised": cronbach(x, standardised=True),
            "eigenvalues": tuple(components.eigenvalues.tolist()) if components else (),
            "dimensions": components.dimensions if components else np.nan,
            "first_component": components.first if components else np.nan,
            "loadings": tuple(components.loadings[:, 0].tolist()) if components else (),
            "nodes": case.names(children),
            "mean": repr(case.aggregator(group_node)),
            "points_below_average": float(loss.mean()) if complete.any() else np.nan,
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("group")


def check_structure(
    case: Case, pairs: pd.DataFrame, groups: pd.DataFrame, findings: Findings
) -> None:
    """Check pairs, own pillar, reliability, dimensions, loadings and the compensation of the means."""
    judged = pairs[pairs["n"] >= ENOUGH].dropna(subset="r")
    negative = [
        Entry(r, names, f"siblings {text}", verdict=None if p < SIGNIFICANT else "pass")
        for names, r, p, text in _pairs(judged[judged["siblings"]])
    ]
    findings.add("negative_pair", negative, "no siblings pull significantly apart")
    redundant = [
        Entry(r, names, text) for names, r, _, text in _pairs(judged[judged["indicators"]])
    ]
    findings.add("redundant_pair", redundant, "no two indicators say the same")
    _own_pillar(case, findings)
    _groups(groups, findings)
    _compensation(case, groups, findings)


def _pairs(frame: pd.DataFrame) -> list[tuple[tuple[str, str], float, float, str]]:
    """Return names, r, p and words of every pair."""
    columns = (frame[name].tolist() for name in ("first", "second", "r", "p", "n"))
    return [
        ((a, b), r, p, f"`{a}` and `{b}`: r = {r:.2f} over {n}")
        for a, b, r, p, n in zip(*columns, strict=True)
    ]


def _own_pillar(case: Case, findings: Findings) -> None:
    pillars, indicators = case.values(case.pillars), case.values(case.indicators)
    pairs = pairwise(np.column_stack([indicators, pillars]))
    count = len(case.indicators)
    r = np.where(pairs.n >= ENOUGH, pairs.r, np.nan)[:count, count:]
    names = case.names(case.pillars)
    entries = []
    for index, indicator in enumerate(case.indicators):
        pillar = int(np.flatnonzero(case.pillars == case.pillar_of(int(indicator)))[0])
        others = np.delete(r[index], pillar)
        if np.isnan(r[index, pillar]) or np.isnan(others).all():
            continue
        name = case.names(case.indicators)[index]
        best = int(np.nanargmax(np.where(np.arange(len(names)) == pillar, np.nan, r[index])))
        entries.append(
            Entry(
                float(r[index, best] - r[index, pillar]),
                (name, names[pillar], names[best]),
                f"`{name}` correlates {r[index, best]:.2f} with `{names[best]}` and "
                f"{r[index, pillar]:.2f} with its own `{names[pillar]}`",
            )
        )
    findings.add("own_pillar", entries, "every indicator correlates most with its own pillar")


def _groups(groups: pd.DataFrame, findings: Findings) -> None:
    alpha, dims, first, loads = [], [], [], []
    for label, row in groups.iterrows():
        name = str(label)
        if row["complete"] < ENOUGH:
            continue
        text = (
            f"`{name}`: alpha {row['alpha_standardised']:.2f} standardised, {row['alpha']:.2f} raw"
        )
        alpha.append(Entry(row["alpha_standardised"], (name,), text))
        if not row["eigenvalues"]:
            continue
        eigenvalues = ", ".join(f"{eigenvalue:.2f}" for eigenvalue in row["eigenvalues"])
        dims.append(Entry(row["dimensions"], (name,), f"`{name}`: eigenvalues {eigenvalues}"))
        text = f"`{name}`: the first component explains {row['first_component']:.0%}"
        first.append(Entry(row["first_component"], (name,), text))
        lowest = int(np.argmin(row["loadings"]))
        child, load = row["nodes"][lowest], row["loadings"][lowest]
        text = f"`{child}` loads {load:.2f} on the first component of `{name}`"
        loads.append(Entry(load, (child, name), text))
    passed = "{} in every group with enough complete countries"
    findings.add("reliability", alpha, passed.format("alpha is high enough"))
    findings.add("dimensions", dims, passed.format("one dimension"))
    findings.add("first_component", first, passed.format("the first component explains enough"))
    findings.add("loadings", loads, passed.format("children load with one sign"))


def _compensation(case: Case, groups: pd.DataFrame, findings: Findings) -> None:
    entries = []
    for group_node, children in case.group_nodes:
        name = case.scores._state.tree.names[group_node.node]
        if len(children) < 2:
            continue
        points = float(groups["points_below_average"][name])
        aggregator = case.aggregator(group_node)
        hides = aggregator.compensation == "risk-hiding"
        text = (
            f"`{name}`: {aggregator!r} lies {points:.1f} points below the average of its children"
        )
        entries.append(Entry(points, (name,), text, verdict="warn" if hides else "pass"))
    findings.add("compensation", entries, "no mean hides a high child behind low ones")
