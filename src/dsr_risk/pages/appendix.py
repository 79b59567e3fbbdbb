"""The appendix of a report page: method, audit, uncertainty and sensitivity, each a table, some with a chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .._util.display import decimals_of_scale, number
from ..analysis.audit.audit import audit
from ..analysis.sensitivity.result import Sensitivity
from ..analysis.uncertainty.result import Uncertainty
from ..data.nouns import called, in_nouns
from ..errors import DsrRiskError
from ..scoring.scores import Scores
from .charts import effect_chart, highest, interval_chart
from .options import Added

__all__ = ["Part", "appendix"]


@dataclass(frozen=True)
class Part:
    """A table under a heading, and the chart of the same values."""

    heading: str
    columns: list[str]
    rows: list[list[str]]
    chart: dict[str, Any] | None = None


def appendix(scores: Scores, added: Added) -> list[Part]:
    """Return the parts below the countries."""
    out = [_method(scores), *_audit(scores)]
    if added.uncertainty is not None:
        out += _intervals(scores, added.uncertainty)
    if added.sensitivity is not None:
        out += [_effects(scores, name, added.sensitivity) for name in scores.names]
    return out


def _method(scores: Scores) -> Part:
    weights = scores.framework.effective_weights
    rows = [
        [
            indicator.title,
            str(scores.framework.score_of(indicator.name)),
            number(weights[indicator.name]),
            indicator.unit,
            indicator.source,
            indicator.rationale,
        ]
        for indicator in scores.framework.indicators
    ]
    headings = ["Indicator", "Score", "Effective weight", "Unit", "Source", "Rationale"]
    return Part("Method: indicators", headings, rows)


def _audit(scores: Scores) -> list[Part]:
    try:
        frame = audit(scores).table()
    except DsrRiskError:
        return []  # too few countries to audit
    frame = frame[frame["verdict"] != "pass"]
    columns = ["check", "verdict", "message", "advice"]
    rows = [[str(cell) for cell in row] for row in frame[columns].itertuples(index=False)]
    headings = ["Check", "Verdict", "Message", "Advice"]
    return [Part("Audit: what did not pass", headings, rows or [["all", "pass", "", ""]])]


def _intervals(scores: Scores, drawn: Uncertainty) -> list[Part]:
    rows = [["draws", f"{drawn.draws:,}"], *(["note", note] for note in drawn.notes)]
    out = [Part("Uncertainty", ["Item", "Value"], rows)]
    subject = in_nouns(drawn.as_written.data, "Country")
    headings = [subject, "Score", "Score, 90 % of draws", "Rank", "Rank, 90 % of draws"]
    digits = decimals_of_scale(*scores.framework.scale)
    for name in scores.names:
        frame = highest(drawn, name)
        ends = [f"{name}{end}" for end in ("", "_low", "_high", "_rank", "_rank_low", "_rank_high")]
        body = [
            [
                str(label), f"{score:.{digits}f}", f"{low:.{digits}f} to {high:.{digits}f}",
                f"{rank:.0f}", f"{first:.0f} to {last:.0f}",
            ]
            for label, (score, low, high, rank, first, last) in zip(
                called(frame), frame[ends].itertuples(index=False), strict=True
            )
        ]  # fmt: skip
        title = f"Uncertainty of the highest scores: {scores.framework[name].title}"
        out.append(Part(title, headings, body, interval_chart(scores, name, frame)))
    return out


def _effects(scores: Scores, name: str, effects: Sensitivity) -> Part:
    frame = effects.table(score=name)
    kinds = ("first", "total", "shapley")
    rows = [
        [
            str(factor),
            *(
                f"{number(row[kind])} ({number(row[f'{kind}_low'])} to {number(row[f'{kind}_high'])})"
                for kind in kinds
            ),
        ]
        for factor, row in frame.iterrows()
    ]
    headings = ["Factor", "First order", "Total", "Shapley"]
    title = scores.framework[name].title
    return Part(f"Sensitivity: {title}", headings, rows, effect_chart(title, frame))
