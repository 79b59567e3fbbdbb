"""Checks of an audit on the weights: importance against weight, silence, balance, removal."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...scoring.kernel import evaluate
from ...scoring.ranking import rank_descending
from ...scoring.tree import coverage
from .case import Case
from .rules import Entry, Findings, Verdict
from .statistics import ENOUGH, chance_level, correlation_ratio, pairwise

__all__ = ["check_weights", "importance_table", "removal_table"]

SIGNIFICANT, HALF = 0.05, 0.5


def importance_table(case: Case) -> pd.DataFrame:
    """Return weight against importance of every node below a headline score.

    ``main_effect`` is the correlation ratio of the score on the node, and ``by_chance`` what 95 % of indicators
    without influence stay below, over as many countries (`chance_level`; indicators only). The shares are among
    the indicators, and among the pillars (``level``), that have a main effect. Nodes between, and nodes without a
    main effect (too few countries, or no spread), carry no share.
    """
    pillars, indicators = set(case.pillars.tolist()), set(case.indicators.tolist())
    x = case.values(case.inside)
    pairs = pairwise(np.column_stack([x, case.score]))
    effects = np.array([correlation_ratio(column, case.score) for column in x.T])
    frame = pd.DataFrame(
        {
            "weight": case.effective[case.inside] / case.effective[case.headline],
            "main_effect": effects,
            "by_chance": [
                chance_level(column, case.score) if index in indicators else np.nan
                for index, column in zip(case.inside, x.T, strict=True)
            ],
            "r": pairs.r[:-1, -1],
            "n": pairs.n[:-1, -1],
            "p": pairs.p[:-1, -1],
        },
        index=pd.Index(case.names(case.inside), name="node"),
    )
    for level, members in (("indicator", indicators), ("pillar", pillars)):
        mine = np.array([index in members for index in case.inside]) & ~np.isnan(effects)
        part = frame.loc[mine, ["weight", "main_effect"]]
        frame.loc[mine, f"{level}_weight_share"] = part["weight"] / part["weight"].sum()
        frame.loc[mine, f"{level}_importance"] = part["main_effect"] / part["main_effect"].sum()
    return frame


def removal_table(case: Case) -> pd.DataFrame:
    """Return the mean and largest rank shift when a node's weight is 0, node by node.

    Ranks are taken among the countries that are scored with and without the node, full and partial
    basis apart; what the model learned (scales, data-driven weights) is kept.
    """
    scores, tree = case.scores, case.scores._state.tree
    inputs = np.ix_(case.rows, np.arange(tree.n_indicators))
    observed = np.asarray(scores._state.scorable.coverage[inputs] > 0)
    imputed = scores._state.scorable.has_value[inputs] & ~observed
    applies = scores._state.scorable.applicable[inputs]
    indicators = scores._state.normalised[case.rows]
    groups = (scores.basis[case.name].to_numpy()[case.rows] == "partial").astype(np.intp)
    length = tree.scale[1] - tree.scale[0]
    rows = []
    for index in case.inside:
        weights = np.array(scores._state.weights)
        weights[index] = 0.0
        scorable = coverage(tree, weights, observed, applies, imputed)
        without = evaluate(tree, indicators, weights, scorable.has_value)[0][:, case.headline]
        both = ~np.isnan(without)
        before = rank_descending(case.score[both], groups[both], length=length)
        after = rank_descending(without[both], groups[both], length=length)
        shift = np.abs(after - before)
        rows.append(
            (
                int(both.sum()),
                float(shift.mean()) if both.any() else np.nan,
                float(shift.max()) if both.any() else np.nan,
                float(shift.mean() / both.sum()) if both.any() else np.nan,
            )
        )
    columns = ["countries", "mean_shift", "largest_shift", "share"]
    return pd.DataFrame(rows, columns=columns, index=pd.Index(case.names(case.inside), name="node"))


def check_weights(
    case: Case, importance: pd.DataFrame, removal: pd.DataFrame, findings: Findings
) -> None:
    """Check reversed, silent and dominating indicators, balance of the pillars, removal."""
    indicators = list(case.names(case.indicators))
    judged = importance.loc[indicators]
    judged = judged[judged["n"] >= ENOUGH]
    reverse, silent, strong = [], [], []
    for label, row in judged.iterrows():
        name = str(label)
        text = f"`{name}` correlates {row['r']:.2f} with `{case.name}` over {row['n']:.0f}"
        calm: Verdict | None = None if row["p"] < SIGNIFICANT else "pass"
        reverse.append(Entry(row["r"], (name,), text, verdict=calm))
        effect, weight = row["main_effect"], row["indicator_weight_share"]
        text = f"`{name}`: main effect {effect:.2f} at {weight:.0%} of the weight"
        chance = row["by_chance"]
        idle = bool(effect <= chance)
        if idle:
            text += f", no more than chance gives ({chance:.2f})"
        silent.append(Entry(effect, (name,), text, verdict="warn" if idle else None))
        if not np.isnan(effect):
            share = row["indicator_importance"]
            text = f"`{name}`: {share:.0%} of the importance at {weight:.0%} of the weight"
            strong.append(
                Entry(share / weight, (name,), text, verdict=None if effect > HALF else "pass")
            )
    findings.add("reversed", reverse, "no indicator goes against its score")
    findings.add("silent", silent, "every indicator moves its score")
    findings.add("dominating", strong if len(strong) > 1 else [], "no indicator drives its score")
    _balance(case, importance, findings)
    single = [
        Entry(
            row["share"],
            (str(name),),
            f"without `{name}` ranks move by {row['mean_shift']:.1f} of {row['countries']:.0f} on "
            "average",
        )
        for name, row in removal.loc[indicators].iterrows()
        if not np.isnan(row["share"])
    ]
    findings.add("removal", single, "no single indicator carries the ranking")


def _balance(case: Case, importance: pd.DataFrame, findings: Findings) -> None:
    part = importance.loc[list(case.names(case.pillars))]
    judged, rest = part[part["main_effect"].notna()], part[part["main_effect"].isna()]
    gap = (judged["pillar_importance"] - judged["pillar_weight_share"]).dropna()
    entries = []
    if len(gap) > 1:
        text = "; ".join(
            f"`{name}` {row['pillar_importance']:.0%} importance, {row['pillar_weight_share']:.0%} weight"
            for name, row in judged.iterrows()
        )
        if len(rest):
            weights = ", ".join(f"`{name}` at {row['weight']:.0%}" for name, row in rest.iterrows())
            text += (
                f"; shares are of these alone: {weights} of the whole weight left out, fewer than {ENOUGH} "
                "countries or no spread"
            )
        entries = [Entry(float(gap.abs().max()), tuple(map(str, judged.index)), text)]
    findings.add("balance", entries, entries[0].message if entries else _alone(len(part)))


def _alone(pillars: int) -> str:
    """Return why there is nothing to balance."""
    if pillars < 2:
        return "one pillar: nothing to balance"
    return f"fewer than two pillars have {ENOUGH} countries and a spread: nothing to balance"
