"""Checks of an audit on the data: availability, zeros, shape, sources, size, basis."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..._util.types import Array
from ...methods.moments import kurt, skew
from .case import Case
from .rules import Entry, Findings, Verdict

__all__ = ["check_data", "indicator_table"]

FENCE, HEAVY_TAIL = 3.0, 3.5
NAMED = 8


def indicator_table(case: Case) -> pd.DataFrame:
    """Return statistics of every indicator of a headline score, raw and on the scale."""
    raw = case.scores._state.cells.denominated[np.ix_(case.rows, case.indicators)]
    scaled = case.values(case.indicators)
    observed = ~np.isnan(scaled)
    lower, upper = case.scores._state.tree.scale
    counts = observed.sum(axis=0)
    applies = case.applies.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        columns: dict[str, Any] = {
            "weight": case.effective[case.indicators],
            "applicable": applies,
            "available": case.observed.sum(axis=0),
            "availability": case.observed.sum(axis=0) / applies,
            "nonzero": 1 - ((raw == 0) & observed).sum(axis=0) / counts,
            "raw_min": np.fmin.reduce(raw, axis=0),
            "raw_median": _medians(raw),
            "raw_max": np.fmax.reduce(raw, axis=0),
            "raw_skewness": skew(raw),
            "raw_kurtosis": kurt(raw),
            "mean": np.where(observed, scaled, 0.0).sum(axis=0) / counts,
            "sd": _sd(scaled),
            "skewness": skew(scaled),
            "kurtosis": kurt(scaled),
            "at_lower": (scaled <= lower).sum(axis=0) / counts,
            "at_upper": (scaled >= upper).sum(axis=0) / counts,
            "outliers": _far_out(scaled).sum(axis=0),
        }
    index = pd.Index(case.names(case.indicators), name="indicator")
    return pd.DataFrame(columns, index=index)


def _medians(x: Array) -> Array:
    out = np.full(x.shape[1], np.nan)
    has_value = ~np.isnan(x).all(axis=0)
    out[has_value] = np.nanmedian(x[:, has_value], axis=0)
    return out


def _sd(x: Array) -> Array:
    out = np.full(x.shape[1], np.nan)
    has_value = (~np.isnan(x)).sum(axis=0) > 1
    out[has_value] = np.nanstd(x[:, has_value], axis=0, ddof=1)
    return out


def _far_out(x: Array) -> NDArray[np.bool_]:
    """Return values beyond Tukey's outer fences; none in a column whose quartiles coincide."""
    out = np.zeros(x.shape, bool)
    has_value = ~np.isnan(x).all(axis=0)
    first, third = np.nanpercentile(x[:, has_value], [25, 75], axis=0)
    reach = FENCE * (third - first)
    beyond = (x[:, has_value] < first - reach) | (x[:, has_value] > third + reach)
    out[:, has_value] = beyond & (reach > 0)
    return out


def check_data(case: Case, table: pd.DataFrame, findings: Findings) -> None:
    """Check availability, zeros, outliers, skewness, saturation, sources, sample size, weights, basis."""
    _availability(case, table, findings)
    _shape(case, table, findings)
    _sources(case, findings)
    count = len(case.indicators)
    ratio = len(case.rows) / count
    text = f"{len(case.rows)} scored countries for {count} count"
    findings.add("sample_size", [Entry(ratio, (case.name,), text)], text)
    _weights(case, findings)
    _basis(case, findings)


def _availability(case: Case, table: pd.DataFrame, findings: Findings) -> None:
    entries = [
        Entry(
            float(share),
            (str(name),),
            f"`{name}` has a value for {row} of {applies} applicable scored countries",
        )
        for name, share, row, applies in zip(
            table.index, table["availability"], table["available"], table["applicable"], strict=True
        )
    ]
    findings.add(
        "indicator_availability", entries, "every indicator has values for enough countries"
    )
    rule = findings.rules["country_availability"]
    share = case.observed.sum(axis=1) / case.applies.sum(axis=1)
    thin = [
        str(code)
        for code, part in zip(case.countries, share, strict=True)
        if rule.judge(float(part)) != "pass"
    ]
    message = (
        f"{len(thin)} of {len(share)} scored countries have fewer than {rule.limit('warn'):.0%} of "
        f"their applicable indicators: {_listed(thin)}"
    )
    findings.add(
        "country_availability",
        [Entry(float(share.min()), (case.name,), message, tuple(thin))],
        "every scored country has enough of its applicable indicators",
    )
    zeros = [
        Entry(float(share), (str(name),), f"`{name}` is 0 for {1 - share:.0%} of its countries")
        for name, share in table["nonzero"].items()
        if not np.isnan(share)
    ]
    findings.add("zeros", zeros, "no indicator is mostly 0")


def _shape(case: Case, table: pd.DataFrame, findings: Findings) -> None:
    far = _far_out(case.values(case.indicators))
    outliers, skewed, ends = [], [], []
    for index, (label, row) in enumerate(table.iterrows()):
        name = str(label)
        codes = tuple(str(code) for code in case.countries[far[:, index]])
        outliers.append(
            Entry(len(codes), (name,), f"`{name}`: far out {_listed(list(codes))}", codes)
        )
        if not np.isnan(row["skewness"]):
            text = (
                f"`{name}`: skewness {row['skewness']:.2f}, excess kurtosis {row['kurtosis']:.2f}"
            )
            calm: Verdict | None = None if row["kurtosis"] > HEAVY_TAIL else "pass"
            skewed.append(Entry(abs(row["skewness"]), (name,), text, verdict=calm))
        side = "lower" if row["at_lower"] >= row["at_upper"] else "upper"
        share = max(row["at_lower"], row["at_upper"])
        if not np.isnan(share):
            ends.append(
                Entry(share, (name,), f"`{name}`: {share:.0%} of its values lie at the {side} end")
            )
    findings.add("outliers", outliers, "no normalised value is far out")
    findings.add("skewness", skewed, "no normalised indicator is both skewed and heavy-tailed")
    findings.add("saturation", ends, "no indicator crowds at one end of the scale")


def _sources(case: Case, findings: Findings) -> None:
    """Report raw sources that several indicators of the score draw on, and data columns used twice."""
    framework = case.scores.framework
    indicators = {name: framework.indicators[index] for name, index in _index_of(case).items()}
    evidence = case.scores.data.evidence
    columns: dict[str, list[str]] = {}
    for name, indicator in indicators.items():
        columns.setdefault(indicator.data_column, []).append(name)
    entries = [
        Entry(
            float(len(names)),
            tuple(names),
            f"data column `{column}` is used by {_quoted(names)}",
            verdict="fail",
        )
        for column, names in columns.items()
        if len(names) > 1
    ]
    if evidence.empty or "source" not in evidence or not (evidence["source"] != "").any():
        text = "the data name no sources, so shared ones cannot be seen"
        findings.add("shared_source", [*entries, Entry(float("nan"), (case.name,), text)], text)
        return
    used: dict[str, list[str]] = {}
    cells = evidence[evidence["iso3"].isin(case.countries) & evidence["value"].notna()]
    for column, texts in cells.groupby("indicator", sort=False)["source"].unique().items():
        parts = {part.strip() for text in texts for part in str(text).split(";")} - {""}
        for name in columns.get(str(column), []):
            for part in sorted(parts):
                used.setdefault(part, []).append(name)
    weight = dict(zip(case.names(case.indicators), case.effective[case.indicators], strict=True))
    entries += [
        Entry(
            float(len(names)),
            tuple(names),
            f"{part}: behind {_quoted(names)}, together {sum(weight[name] for name in names):.0%} "
            "of the weight",
        )
        for part, names in used.items()
        if len(set(names)) > 1
    ]
    findings.add("shared_source", entries, "no two indicators draw on one raw source")


def _index_of(case: Case) -> dict[str, int]:
    return dict(zip(case.names(case.indicators), case.indicators.tolist(), strict=True))


def _weights(case: Case, findings: Findings) -> None:
    odd = [
        group_node.node
        for group_node, children in case.group_nodes
        if abs(case.scores._state.weights[children].sum() - 1) > 1e-9
    ]
    names = case.names(np.array(odd, np.intp))
    text = (
        f"weights below {_quoted(names)} do not sum to 1; only their ratios count"
        if odd
        else "the weights of all siblings sum to 1"
    )
    findings.add("weights", [Entry(float(len(odd)), names, text, verdict="pass")], text)


def _basis(case: Case, findings: Findings) -> None:
    basis = case.scores.basis[case.name].to_numpy()[case.rows]
    partial = tuple(str(code) for code in case.countries[basis == "partial"])
    gone = case.names(case.indicators[~case.applies.all(axis=0)])
    text = (
        f"{len(partial)} of {len(case.rows)} scored countries are on partial basis, ranked apart: "
        f"{_quoted(gone)} do not apply to them"
        if partial
        else "every scored country is on full basis"
    )
    share = len(partial) / len(case.rows)
    findings.add("basis", [Entry(share, gone or (case.name,), text, partial)], text)


def _quoted(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _listed(codes: list[str]) -> str:
    more = f" and {len(codes) - NAMED} more" if len(codes) > NAMED else ""
    return ", ".join(codes[:NAMED]) + more
