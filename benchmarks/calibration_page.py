"""The page that calibration.py writes: what is asked of intervals, what was found, and why it differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

MASKS = ("random", "population", "risk")
LEAST_CASES = 20
WITH_DELTA = "regression, with delta"
BAND, LEAST_COVERAGE = (0.86, 0.94), 0.80
"""Coverage of nominal 90 % intervals: masks at random and by population; mask by risk."""
MOST_ERROR: dict[str, dict[str, float]] = {
    "first": {"dependency": 0.55, "security": 0.9},
    "second": {},
}
"""Error over that of weight sharing, at most; below 1 on the second edition's data."""


def why(row: Mapping[str, Any], low: float, high: float) -> str:
    """Return why a coverage is outside what is asked, "" where it is not: few values, few countries, the model."""
    if low <= round(row["coverage"], 2) <= high:
        return ""
    if abs(row["coverage"] - row["expected"]) > row["within"]:
        return "model"
    true = low <= round(row["expected"], 2) <= high
    return "few countries" if true else "few values"


def bars(edition: str, found: pd.DataFrame) -> list[dict[str, str]]:
    """Return what is asked of the default model on one edition's data, what was found, and whether it is met."""
    out = []
    own = found[found["method"] == "regression"].set_index(["score", "mask"])
    for score in dict.fromkeys(found["score"]):
        most = MOST_ERROR[edition].get(score, 1.0)
        for mask in MASKS:
            row, where = own.loc[(score, mask)], f"{score}, {mask}"
            low, high = _asked(mask)
            asked = f"{low:.2f} or more" if mask == "risk" else f"{low:.2f}-{high:.2f}"
            out.append(_bar(f"{where}: coverage", asked, row["coverage"], low, high))
            out[-1]["by probability"] = f"{row['by probability']:.2f}"
            out[-1]["expected"] = f"{row['expected']:.2f}"
            out[-1]["within"] = f"{row['within']:.2f}"
            out[-1]["why"] = why(row, low, high)
            beside = found[(found["method"] == WITH_DELTA) & (found["score"] == score)]
            beside = beside[beside["mask"] == mask]
            out[-1]["with delta"] = "".join(f"{value:.2f}" for value in beside["coverage"])
            if row["by pattern"]:
                what = f"{where}: coverage of {len(row['by pattern'])} patterns"
                ends = [row["lowest"], row["highest"]]
                met = low - 0.005 <= ends[0] and ends[1] < high + 0.005
                got = f"{ends[0]:.2f}-{ends[1]:.2f}"
                out.append({"bar": what, "asked": asked, "found": got, "met": _word(met)})
            asked = f"below {most:.2f}" if edition == "second" else f"at most {most:.2f}"
            ratio = round(row["ratio"], 2)
            met = ratio < most if edition == "second" else ratio <= most
            what = f"{where}: error / weight sharing"
            out.append({"bar": what, "asked": asked, "found": f"{ratio:.2f}", "met": _word(met)})
    return out


def _bar(what: str, asked: str, value: float, low: float, high: float) -> dict[str, str]:
    met = low <= round(value, 2) <= high
    return {"bar": what, "asked": asked, "found": f"{value:.2f}", "met": _word(met)}


def _word(met: bool) -> str:
    return "met" if met else "NOT met"


INTRODUCTION = """# Calibration of estimates for missing cells

How near the estimates of missing cells are, and how often their 90 % intervals hold, on the bundled data of
both editions: the *first edition* is the first version of the framework and its data (kept with the tests), the
*second edition* those that ship now. To *mask* a cell is to treat its observed value as missing. Countries whose
indicators are complete are masked in the patterns in which incomplete countries lack them;
the model is learned again on the masked table; the score of the masked table is compared
with the score of all cells. A third of the complete countries is masked at a time: at random, more often
small populations, or more often high scores (not missing at random). Only missing cells vary in the
intervals.

Written by `python benchmarks/calibration.py --write` ({first} masks of each kind on the first edition's data,
{second} on the second's; a third of them for other methods than the default model). Errors and widths are
points on 0-100. `ratio` is the mean error over that of weight sharing. `lowest` and `highest` are the
coverage of single patterns of missing cells with at least {least} cases.

`coverage` is the share of true scores inside the interval between the 5 and the 95 % quantile of the draws. A
cell that has few values, as the share of four surveillance techniques, makes it larger than 0.90 under the true
distribution: an interval that ends at a value holds all of its probability, the part beyond the quantile too.
`by probability` counts a true score at which draws lie by the part of their probability that is inside the
central 90 % (Czado, Gneiting and Held 2009); the true distribution has 0.90 whatever its values. Held-out
countries have no cells with bounds: how well bounds predict other cells is not measured here.

`expected` is the coverage that the same intervals have if the model is true: the share of draws that lie inside
their own interval. `within` is two standard errors of a coverage if the model is true, the cases of one country
taken as one case: masks repeat the true scores of the same few countries. More masks do not make it smaller.
The column `why` sorts the coverages that are outside what is asked:

- *model*: further from `expected` than `within`. The model is at fault, or it is the one case in twenty that
  a true model shows.
- *few values*: not so far from `expected`, and `expected` itself is outside what is asked: a true model
  misses the bar too.
- *few countries*: not so far from `expected`, which is inside what is asked: so few countries cannot tell
  such a coverage from what is asked.
"""

AFTER_FIRST = """`regression` and `nearest donors` read income group, region, log GDP per head, log population and
internet users beside the indicators; `group mean` and `hot deck` read the income group. Weight sharing
has no interval for a missing cell. The share of surveillance techniques is estimated, then multiplied
by the country's own safeguards gap.
"""

BEFORE_SECOND = """The library as it is installed: `fit`, `score` and `uncertainty` of the masked data.
`regression, with delta` is the framework's own model, and `regression` the same without `delta`.
"""

WITHOUT_DELTA = """The framework assumes that countries without evidence of surveillance technology have less
of it than similar countries: their estimates are multiplied by a factor,
`delta`, from 0.5 to 1. A held-out cell was observed, so it is by construction
not missing for that reason, and its true `delta` is 1. The columns `found` and `met` therefore are of the
model with `delta` 1. The column `with delta` is the coverage of the model as published, on the same cells: it is
too low for security, because `delta` lowers cells that it is not meant for. Held-out cells cannot say whether
`delta` is right for the cells that are missing: it is an assumption, and its range is part of the published
intervals.
"""


def page(found: Mapping[str, pd.DataFrame], repeats: Mapping[str, int], own: pd.DataFrame) -> str:
    """Return docs/calibration.md, from the results by edition and the bundled scores' own intervals."""
    lines = [
        INTRODUCTION.format(first=repeats["first"], second=repeats["second"], least=LEAST_CASES),
        "## What is asked of the default model",
        "",
        "A pattern counts with at least 20 cases. `found` of patterns is the lowest and the highest coverage.",
        "",
    ]
    for edition, results_of in found.items():
        names: tuple[str, ...] = ("bar", "asked", "found", "met", "by probability")
        names += ("expected", "within", *(["with delta"] if edition == "second" else []))
        rows = bars(edition, results_of)
        lines += [f"### {edition.capitalize()} edition", ""]
        lines += [WITHOUT_DELTA] if edition == "second" else []
        lines += _table(names, [[row.get(name, "") for name in names] for row in rows])
        patterns = _patterns(results_of)
        lines += ["", *_counted(rows, patterns), ""]
        lines += [f"### Single patterns of missing cells, {edition} edition", ""]
        lines += _table(PATTERN, [[_cell(row, name) for name in PATTERN] for row in patterns])
        lines.append("")
    lines += ["### Intervals of the published scores, only missing cells varied", ""]
    names = ("score", "incomplete", "outside", "no width", "which")
    lines += _table(names, [[str(row[name]) for name in names] for row in own.to_dict("records")])
    lines += [
        "",
        "`outside`: countries whose score lies outside its own 90 % interval; `no width`: countries with an",
        "estimated cell whose interval has no width. Both should be 0; `which` names them. A product whose",
        "observed factor is 0 is known whatever its other factor is: it is no estimated cell.",
        "",
    ]
    for edition, results_of in found.items():
        lines += [f"## {edition.capitalize()} edition", ""]
        lines += [BEFORE_SECOND] if edition == "second" else []
        for score in results_of["score"].drop_duplicates().tolist():
            part = results_of[results_of["score"] == score]
            lines += [f"### {score.capitalize()}, {edition} edition", ""]
            cells = part.to_dict("records")
            lines += _table(COLUMNS, [[_cell(row, name) for name in COLUMNS] for row in cells])
            lines.append("")
        lines += [AFTER_FIRST] if edition == "first" else []
    return "\n".join(lines).rstrip("\n") + "\n"


def _asked(mask: str) -> tuple[float, float]:
    """Return the least and the greatest coverage asked of a mask."""
    return (LEAST_COVERAGE, 1.0) if mask == "risk" else BAND


def _patterns(found: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the coverage of the default model by pattern of missing cells, most frequent first."""
    own = found[found["method"] == "regression"]
    out = []
    for row in own.to_dict("records"):
        low, high = _asked(row["mask"])
        for part in sorted(row["by pattern"], key=lambda one: -one["cases"]):
            where = {"score": row["score"], "mask": row["mask"]}
            out.append({**where, **part, "why": why(part, low, high)})
    return out


def _counted(rows: Sequence[Mapping[str, str]], patterns: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return how many bars are met, and why coverages are outside what is asked."""
    whole = Counter(row["why"] for row in rows if row.get("why"))
    single = Counter(row["why"] for row in patterns)
    inside = single.pop("", 0)
    return [
        f"{sum(row['met'] == 'met' for row in rows)} of {len(rows)} bars are met.",
        f"Coverages of all cases outside what is asked: {_reasons(whole)}.",
        f"Of {len(patterns)} coverages of single patterns {inside} are inside what is asked; outside: "
        f"{_reasons(single)}.",
    ]


def _reasons(count: Mapping[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(count.items())) or "none"


def _table(names: Sequence[str], rows: Sequence[list[str]]) -> list[str]:
    return [_row(list(names)), _row(["---"] * len(names)), *(_row(row) for row in rows)]


PATTERN = (
    "score",
    "mask",
    "pattern",
    "cases",
    "countries",
    "coverage",
    "expected",
    "within",
    "why",
)
COLUMNS = (
    "mask",
    "method",
    "cases",
    "bias",
    "error",
    "ratio",
    "coverage",
    "by probability",
    "width",
    "lowest",
    "highest",
)


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(row: Mapping[Any, Any], name: str) -> str:
    value = row[name]
    if isinstance(value, str):
        return value
    if value is None or np.isnan(value):
        return ""
    if name in ("cases", "countries"):
        return f"{value:.0f}"
    # Adding zero takes the sign off a rounded zero.
    return f"{round(value, 2) + 0.0:.2f}"
