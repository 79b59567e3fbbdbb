"""Write the tables of docs/framework.md and docs/mechanisms.md anew from the frameworks and their scores.

    python scripts/framework_page.py            # all tables
    python scripts/framework_page.py --quick    # those that need no scores
    python scripts/framework_page.py --print outside    # one table to the terminal, no page is written

The audit's answers stand in `ANSWERS`; a fail or a warning without one stops the script.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

import dsr_risk as dr
from audit_answers import answer_to
from dsr_risk.framework.definition import Framework
from dsr_risk.framework.nodes import Group, Indicator

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "framework.md"
MECHANISMS = ROOT / "docs" / "mechanisms.md"
SHOWN = 12
OUTSIDE = {
    "freedom_in_the_world": "Freedom in the World 2023 (0-100, 100 = most free)",
    "gdp_per_head": "log GDP per head",
    "focal_debt_gdp": "debt to China 2017, % of GDP (Horn, Reinhart and Trebesch)",
    "focal_ict_loans_usd_m": "log (1 + Chinese loans for ICT, million USD) (Boston University)",
}
LOGGED = {"gdp_per_head": np.log, "focal_ict_loans_usd_m": np.log1p}


def markdown(header: Iterable[str], lines: Iterable[Iterable[object]]) -> str:
    """A pipe table."""
    head = list(header)
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in rows)


def number(value: float, digits: int = 2) -> str:
    """A number without its leading zero: .40."""
    return f"{value:.{digits}f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:g}"


def correlation(both: pd.DataFrame, method: Literal["pearson", "spearman"]) -> str:
    """The correlation of two columns."""
    return f"{both.corr(method=method).to_numpy(float)[0, 1]:.2f}"


def tree(framework: Framework, score: str) -> str:
    """Pillars, groups and indicators of a headline score with weights and goalposts."""
    lines: list[list[str]] = []

    def visit(group: Group, path: list[str], weight: float) -> None:
        total = sum(child.weight for child in group.children)
        for child in group.children:
            share = weight * child.weight / total
            if isinstance(child, Group):
                visit(child, [*path, f"{child.label} ({number(child.weight)})"], share)
            else:
                lines.append(indicator(child, path, share))

    visit(next(group for group in framework.scores if group.name == score), [], 1.0)
    return markdown(
        ["pillar (weight) / group (weight)", "indicator (weight)", "effective", "higher is",
         "goalposts", "marks"],
        lines,
    )  # fmt: skip


def indicator(node: Indicator, path: list[str], share: float) -> list[str]:
    """One row of an indicator."""
    spec = node.normalisation.spec() if node.normalisation is not None else {}
    posts = ""
    if isinstance(spec, dict) and "low" in spec:
        posts = (
            f"{spec['low']:g} to {spec['high']:g}"
            if not isinstance(spec["high"], str)
            else (f"{spec['low']} to {spec['high']}")
        )
        posts += f", {spec['curve']}" if spec.get("curve") else ""
    marks = [name for name in ("focal", "optional") if getattr(node, name)]
    if node.derived is not None:
        marks.append("derived")
    code = f"{node.code} " if node.code else ""
    return [" / ".join(path), f"{code}`{node.name}` ({number(node.weight)}), {node.unit}",
            number(share, 4), node.higher_is, posts, ", ".join(marks)]  # fmt: skip


def extremes(scores: dr.Scores) -> str:
    """The most and least exposed countries of both scores."""
    table = scores.table(details=True)
    lines = []
    for score in scores.names:
        basis = scores.basis[score]
        for label, keep in (
            ("full basis", basis.eq("full")),
            ("partial basis", basis.eq("partial")),
        ):
            part = table.loc[keep & table[score].notna(), ["country", score]]
            part = part.sort_values(score, ascending=False)
            if part.empty:
                continue
            told = [", ".join(f"{row.iloc[0]} {row.iloc[1]:.1f}" for _, row in rows.iterrows())
                    for rows in (part.head(SHOWN), part.tail(SHOWN // 2))]  # fmt: skip
            lines.append([score, f"{label} ({len(part)})", *told])
    return markdown(["score", "basis (countries)", "most", "least"], lines)


def leave_one_out(scores: dr.Scores) -> str:
    """Mean and largest shift of ranks without each indicator or group."""
    lines = []
    for score in scores.names:
        found = dr.leave_one_out(scores, score=score)
        for node, row in found.iterrows():
            lines.append([score, f"`{node}`", f"{row['mean_shift']:.1f}", f"{row['max_shift']:.0f}",
                          row["moved"], f"{row['mean_gap']:.1f}", f"{row['lost']:.0f}"])  # fmt: skip
    header = ["score", "left out", "mean shift of ranks", "largest", "who moves most",
              "mean change in points", "no longer scored"]  # fmt: skip
    return markdown(header, lines)


def outside(scores: dr.Scores, data: dr.Data) -> str:
    """Rank correlation of both scores with measures that are not in them."""
    values, lines = scores.values, list[list[object]]()
    for name, label in OUTSIDE.items():
        other = data.values[name].reindex(values.index)
        other = LOGGED.get(name, lambda x: x)(other)
        cells: list[object] = []
        for score in scores.names:
            both = pd.DataFrame({"a": values[score], "b": other}).dropna()
            cells += [correlation(both, "pearson"), correlation(both, "spearman"), len(both)]
        lines.append([label, *cells])
    both = values[list(scores.names)].dropna()
    pair, ranks = correlation(both, "pearson"), correlation(both, "spearman")
    lines.append(["the other score", pair, ranks, len(both), pair, "", len(both)])
    header = ["outside measure"]
    for score in scores.names:
        header += [f"{score}: Pearson", "Spearman", "n"]
    return markdown(header, lines)


def audit_table(scores: dr.Scores) -> str:
    """Every fail and warning of the audit with a written answer."""
    found = dr.audit(scores).table()
    found = found[found["verdict"].isin(["fail", "warn"])]
    lines, open_ones = [], []
    for row in found.to_dict("records"):
        answer = answer_to(row["check"], row["score"], row["nodes"])
        if not answer:
            open_ones.append(f"{row['check']} {row['score']} {row['nodes']}: {row['message']}")
        lines.append([*(row[name] for name in ("check", "verdict", "score", "message")), answer])
    if open_ones:
        raise SystemExit("findings without a written answer:\n  " + "\n  ".join(open_ones))
    return markdown(["check", "verdict", "score", "finding", "answer"], lines)


def claims(frameworks: dict[str, Framework]) -> str:
    """Every claim and where it stands in both frameworks."""
    default, full = frameworks["dsr"], frameworks["dsr-full"]
    other = {entry.name: entry for entry in full.mechanisms}

    def where(entry: object) -> str:
        nodes = ", ".join(f"`{name}`" for name in entry.nodes)  # type: ignore[attr-defined]
        roles = "; ".join(role for role in entry.role if role != "lever")  # type: ignore[attr-defined]
        return f"{roles}: {nodes}" if nodes else (f"{roles} (text only)" if roles else "lever only")

    lines = []
    for entry in default.mechanisms:
        twin = other[entry.name]
        levers = dict.fromkeys([*entry.levers, *twin.levers])
        lines.append([entry.label, where(entry), where(twin),
                      ", ".join(f"`{name}`" for name in levers) or "-"])  # fmt: skip
    return markdown(["claim", "in `dsr`", "in `dsr-full`", "levers"], lines)


def tables(*, quick: bool) -> dict[str, str]:
    """The tables by name."""
    frameworks = {name: dr.load_framework(name) for name in ("dsr", "dsr-full")}
    found = {
        f"{name} {score}": tree(framework, score)
        for name, framework in frameworks.items()
        for score in ("dependency", "security")
    }
    found["claims"] = claims(frameworks)
    if quick:
        return found
    data = dr.load_data()
    scores = dr.score(frameworks["dsr"], data)
    found["extremes"] = extremes(scores)
    found["leave-one-out"] = leave_one_out(scores)
    found["outside"] = outside(scores, data)
    found["audit"] = audit_table(scores)
    return found


def filled(page: str, made: dict[str, str]) -> str:
    """The page with what stands between `<!-- table: NAME -->` and `<!-- end -->` made anew."""
    for name, text in made.items():
        start, end = f"<!-- table: {name} -->\n", "<!-- end -->"
        before, found, after = page.partition(start)
        if found:
            page = f"{before}{start}{text}\n{end}{after.partition(end)[2]}"
    return page


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="only tables that need no scores")
    parser.add_argument("--print", metavar="TABLE", dest="shown", help="print one table only")
    given = parser.parse_args(arguments)
    made = tables(quick=given.quick)
    if given.shown is not None:
        if given.shown not in made:
            parser.error(f"no table `{given.shown}`; known: {', '.join(made)}")
        print(made[given.shown])
        return 0
    for page in (PAGE, MECHANISMS):
        text = page.read_text(encoding="utf-8")
        page.write_text(filled(text, made), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
