"""The checks of an audit: each with its limits, their source, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

__all__ = ["RULES", "VERDICTS", "Entry", "Finding", "Findings", "Rule", "Verdict"]

Verdict = Literal["pass", "warn", "fail"]
VERDICTS: tuple[Verdict, ...] = ("pass", "warn", "fail")

OWN = "rule of this package"
COINR = "COINr 1.1.14 (Becker et al. 2022)"
HANDBOOK = "OECD/JRC (2008), Handbook on Constructing Composite Indicators"


@dataclass(frozen=True)
class Rule:
    """One check: the figure it looks at, beyond which number it warns and fails, and why.

    ``worse`` says on which side of a limit trouble lies. A limit of None is never reached.
    """

    check: str
    figure: str
    worse: Literal["above", "below"]
    warn: float | None
    fail: float | None
    source: str
    advice: str

    def judge(self, figure: float) -> Verdict:
        """Return the verdict on a figure. A figure that could not be computed (NaN) warns."""
        if np.isnan(figure):
            return "warn"
        if self._beyond(figure, self.fail):
            return "fail"
        return "warn" if self._beyond(figure, self.warn) else "pass"

    def _beyond(self, figure: float, limit: float | None) -> bool:
        if limit is None:
            return False
        return figure > limit if self.worse == "above" else figure < limit

    def limit(self, verdict: Verdict) -> float:
        """Return the limit that a verdict is about: the one passed, or the first not reached."""
        chosen = self.fail if verdict == "fail" and self.fail is not None else self.warn
        return float("nan") if chosen is None else chosen


@dataclass(frozen=True)
class Finding:
    """One statement of an audit.

    Attributes
    ----------
    check : str
        The name of the check (``docs/audit.md`` lists them all).
    verdict : str
        ``pass``, ``warn`` or ``fail``.
    score : str
        The headline score it is about.
    nodes, countries : tuple of str
        The indicators or groups, and the countries, concerned.
    figure, threshold : float
        What was measured, and the limit it is held against; NaN where there is none.
    worse : str
        On which side of the threshold trouble lies: ``above`` or ``below``.
    message, advice, source : str
        What was found, what to do about it, and where the threshold comes from.
    """

    check: str
    verdict: Verdict
    score: str
    nodes: tuple[str, ...]
    countries: tuple[str, ...]
    figure: float
    threshold: float
    worse: str
    message: str
    advice: str
    source: str


@dataclass(frozen=True)
class Entry:
    """One thing a check measured; `verdict` overrides the rule where a second condition decides."""

    figure: float
    nodes: tuple[str, ...]
    message: str
    countries: tuple[str, ...] = ()
    verdict: Verdict | None = None


@dataclass
class Findings:
    """Collects findings: one for every entry in trouble, else one for the check as a whole."""

    score: str
    rules: dict[str, Rule]
    findings: list[Finding] = field(default_factory=list)

    def add(self, check: str, entries: Iterable[Entry], passed: str) -> None:
        """Judge the entries of one check; the message is `passed` if none has a problem."""
        rule, entries = self.rules[check], list(entries)
        judged = [(entry, entry.verdict or rule.judge(entry.figure)) for entry in entries]
        trouble = [(entry, verdict) for entry, verdict in judged if verdict != "pass"]
        for entry, verdict in trouble:
            self._append(rule, verdict, entry, rule.advice)
        if not trouble:
            figures = [entry.figure for entry in entries if not np.isnan(entry.figure)]
            extreme = max if rule.worse == "above" else min
            worst = extreme(figures) if figures else float("nan")
            everything = dict.fromkeys(node for entry in entries for node in entry.nodes)
            self._append(rule, "pass", Entry(worst, tuple(everything), passed), "")

    def _append(self, rule: Rule, verdict: Verdict, entry: Entry, advice: str) -> None:
        self.findings.append(
            Finding(
                rule.check,
                verdict,
                self.score,
                entry.nodes,
                entry.countries,
                float(entry.figure),
                rule.limit(verdict),
                rule.worse,
                entry.message,
                advice,
                rule.source,
            )
        )


_ALL = (
    Rule(
        "indicator_availability", "share of applicable scored countries with a value", "below",
        0.65, 0.50, f"{COINR}, get_stats, 0.65; failing below half is a {OWN}",
        "find more data, mark what does not apply with a reason, or give it less weight",
    ),
    Rule(
        "country_availability", "lowest share of applicable indicators observed", "below",
        2 / 3, 0.50, f"{COINR}, Screen, 2/3; failing below half is a {OWN}",
        "raise `min_coverage`, or read these scores with their bounds",
    ),
    Rule(
        "zeros", "share of the values that are not 0", "below",
        0.50, 0.05, f"{COINR}, get_stats 0.50 and Screen 0.05",
        "check that a 0 is a measured 0 and not a gap; else leave the cell empty",
    ),
    Rule(
        "outliers", "normalised values beyond 3 interquartile ranges from the quartiles", "above",
        0.0, None, "Tukey (1977), Exploratory Data Analysis: outer fences",
        "check the cells; then treat the column, or give it goalposts or a log1p curve",
    ),
    Rule(
        "skewness", "absolute skewness of the normalised values, with excess kurtosis above 3.5",
        "above", 2.0, None, f"{COINR} and JRC practice: |skewness| > 2 with kurtosis > 3.5",
        "treat the column (winsorise, log) or give the normalisation a log1p curve",
    ),
    Rule(
        "saturation", "share of the values at one end of the scale", "above",
        0.25, None, OWN,
        "widen the goalposts if countries at the end differ; leave them if the end means enough",
    ),
    Rule(
        "negative_pair", "correlation of two siblings, where p < .05", "below",
        0.0, -0.4, f"{COINR}, correlation classes (below -0.4: negative); JRC audits",
        "check the directions; siblings with opposite signs cancel in their mean: put them in two groups",
    ),
    Rule(
        "redundant_pair", "correlation of two indicators of the score", "above",
        0.90, 0.92, f"{COINR}, 0.9; JRC audits of the Global Innovation Index, 0.92",
        "drop one, or let the two share one weight",
    ),
    Rule(
        "own_pillar", "correlation with another pillar less that with its own", "above",
        0.0, None, "JRC audits: an indicator belongs where it correlates most",
        "move the indicator, or say why the concept and not the correlation places it",
    ),
    Rule(
        "reliability", "Cronbach's alpha of the children, standardised", "below",
        0.70, 0.0, f"Nunnally (1978) 0.7 in {HANDBOOK}, 4.2; below 0 children contradict each other",
        "a group of unlike things needs a reason (a formative concept), or splitting",
    ),
    Rule(
        "dimensions", "principal components of the children with an eigenvalue above 1", "above",
        1.0, None, f"Kaiser (1960) in {HANDBOOK}, 4.1",
        "the group measures more than one thing: split it along the components",
    ),
    Rule(
        "first_component", "variance of the children that their first component explains", "below",
        0.60, None, f"{HANDBOOK}, 6.1: retained components explain over 60 %",
        "read the group with its children; its mean is a loose summary",
    ),
    Rule(
        "loadings", "lowest loading on the first component", "below",
        0.0, None, "JRC audits: all loadings of one sign",
        "check the direction of the child that loads against the others",
    ),
    Rule(
        "reversed", "correlation of an indicator with its headline score, where p < .05", "below",
        0.0, 0.0, "JRC audits: a component must not go against the index",
        "check `higher_is`; if right, the indicator is outvoted: reconsider its place",
    ),
    Rule(
        "silent", "main effect (share of the variance of the score it explains alone)", "below",
        0.05, None, f"Paruolo, Saisana and Saltelli (2013); the limit is a {OWN}",
        "it takes weight and does not move the ranking: reconsider its weight or its scale",
    ),
    Rule(
        "dominating", "importance share over weight share, where the main effect is above one half",
        "above", 2.0, None, f"Paruolo, Saisana and Saltelli (2013); the limit is a {OWN}",
        "lower its weight or narrow its spread: it drives the score beyond its weight",
    ),
    Rule(
        "balance", "largest gap between importance share and weight share of the pillars", "above",
        0.10, 0.25, f"after Paruolo, Saisana and Saltelli (2013); the limits are a {OWN}",
        "set weights so that importance, not weight, is what you mean to declare",
    ),
    Rule(
        "removal", "mean rank shift without an indicator, as a share of the countries", "above",
        0.10, None, f"{COINR}, remove_elements; the limit is a {OWN}",
        "the ranking hangs on this indicator: its data deserve the closest check",
    ),
    Rule(
        "shared_source", "indicators of the score that draw on one raw source", "above",
        1.0, None, f"double counting, {HANDBOOK}, step 6; Pearson (1897) on shared denominators",
        "check that one number is not counted twice; if it is, let the indicators share one weight",
    ),
    Rule(
        "compensation", "points by which a mean lies below the average of its children", "above",
        None, None, f"{HANDBOOK}, step 6: partial compensation; on a risk scale p < 1 hides risk",
        "on a scale where 100 is worst take `arithmetic`, or `power` with p > 1",
    ),
    Rule(
        "sample_size", "scored countries for every indicator", "below",
        5.0, 3.0, f"{HANDBOOK}, 4.1: at least 3:1, better 5:1 (Bryant and Yarnold 1995)",
        "fewer indicators or more countries; correlations of so few are unstable",
    ),
    Rule(
        "weights", "groups whose weights do not sum to 1", "above",
        None, None, "only ratios of weights matter: a note",
        "",
    ),
    Rule(
        "basis", "share of scored countries on partial basis", "above",
        0.50, None, f"{OWN}: ranks are within a basis",
        "most countries lack indicators that do not apply to them: rank a common core of indicators",
    ),
)  # fmt: skip

RULES: dict[str, Rule] = {rule.check: rule for rule in _ALL}
"""Every check by name, in the order an audit reports them."""
