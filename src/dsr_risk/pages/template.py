"""The parts of a report page: its text from templates, its script, its style and its data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np

from .._util.display import number
from ..analysis.audit.audit import audit
from ..analysis.uncertainty.result import Uncertainty
from ..errors import DsrRiskError, MissingExtraError
from ..output.manifest import manifest
from ..output.publish import Publication, publish
from ..plots.countries import equal_earth, world_shapes
from ..scoring.scores import Scores
from .contents import contents
from .countries import changes, evidence, scenario_rows
from .options import Added

__all__ = ["SCRIPTS", "Parts", "environment", "parts_of", "read"]

SCRIPTS = ("model.js", "country.js", "view.js")
"""Scripts that the page and the widget share."""
IN_ADDRESS = "The address of the page holds the state."
IN_WIDGET = "The widget holds the state."


@dataclass(frozen=True)
class Parts:
    """The parts of a page, as text."""

    title: str
    body: str
    style: str
    data: str
    script: str


def environment() -> Any:
    """Return the environment of templates, which escapes everything; raise if the extra is not there."""
    try:
        import jinja2
    except ImportError:
        raise MissingExtraError.of("jinja2", extra="report", purpose="a report page") from None
    return jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)


def read(name: str) -> str:
    """Return the text of a file of this package."""
    return (resources.files(__package__) / name).read_text(encoding="utf-8")


def parts_of(scores: Scores, added: Added, *, widget: bool = False) -> Parts:
    """Return the parts of the page of some scores."""
    made = environment()
    table = publish(scores)
    held = contents(scores, added.uncertainty)
    held |= evidence(scores) | scenario_rows(scores, added.scenarios)
    held |= changes(scores, added.before)
    shapes, dots, box = _map()
    body = made.from_string(read("body.html")).render(
        title=table.title,
        scale=" ".join(table.notes[:2]),
        state=IN_WIDGET if widget else IN_ADDRESS,
        findings=_findings(scores, table, added.uncertainty),
        notes=list(dict.fromkeys([*table.notes, *scores.notes])),
        sources="; ".join(table.sources),
        bands=[(label, *pair) for label, pair in held["colours"].items()],
        shapes=shapes,
        dots=dots,
        box=box,
        appendix=_appendix(scores, added),
        manifest=json.dumps(manifest(scores), indent=1, ensure_ascii=False),
    )
    data = json.dumps(held, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    script = "\n".join(read(name) for name in SCRIPTS)
    return Parts(table.title, body, read("page.css"), data, script)


def _findings(scores: Scores, table: Publication, uncertainty: Uncertainty | None) -> list[str]:
    """Return sentences written from the figures."""
    out = []
    for name in scores.names:
        title, headline = scores.framework[name].title, scores._headline(name)
        frame = table.frame().sort_values(name, ascending=False).dropna(subset=[name])
        if not len(frame):
            continue
        first = ", ".join(f"{row.iloc[0]} ({row[name]:.1f})" for _, row in frame.head(5).iterrows())
        middle = float(np.nanmedian(headline.score))
        out.append(f"{title}: the highest scores are those of {first}; the median is {middle:.1f}.")
        bands = headline.band
        top = max(scores.framework.bands, key=lambda band: scores.framework.bands[band])
        out.append(f"{title}: {int((bands == top).sum())} countries are in the band {top}.")
        points = scores.contributions(name, level="pillar").mean().dropna()
        if len(points):
            largest = str(points.idxmax())
            share = 100 * points[largest] / points.sum()
            out.append(
                f"{title}: {scores.framework[largest].title} gives most points, {share:.0f} % on average."
            )
        count = int(np.isnan(headline.score).sum())
        out.append(f"{title}: {count} of {len(headline.score)} countries have no score.")
        if uncertainty is not None:
            ranks = uncertainty.table(name)
            wide = (ranks[f"{name}_rank_high"] - ranks[f"{name}_rank_low"]).astype(float).median()
            out.append(f"{title}: the median width of the 90 % rank interval is {wide:.0f} places.")
    return out


Table = tuple[str, list[str], list[list[str]]]


def _appendix(scores: Scores, added: Added) -> list[Table]:
    """Return the tables below the countries: method, audit, uncertainty and sensitivity."""
    indicators = scores.framework.indicators
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
        for indicator in indicators
    ]
    headings = ["Indicator", "Score", "Effective weight", "Unit", "Source", "Rationale"]
    return [("Method: indicators", headings, rows), *_audit(scores), *_drawn(scores, added)]


def _audit(scores: Scores) -> list[Table]:
    try:
        frame = audit(scores).table()
    except DsrRiskError:
        return []  # too few countries to audit
    frame = frame[frame["verdict"] != "pass"]
    columns = ["check", "verdict", "message", "advice"]
    rows = [[str(cell) for cell in row] for row in frame[columns].itertuples(index=False)]
    headings = ["Check", "Verdict", "Message", "Advice"]
    return [("Audit: what did not pass", headings, rows or [["all", "pass", "", ""]])]


def _drawn(scores: Scores, added: Added) -> list[Table]:
    out: list[Table] = []
    drawn, effects = added.uncertainty, added.sensitivity
    if drawn is not None:
        rows = [["draws", f"{drawn.draws:,}"], *(["note", note] for note in drawn.notes)]
        out.append(("Uncertainty", ["Item", "Value"], rows))
    if effects is None:
        return out
    for name in scores.names:
        frame = effects.table(score=name)
        body = [
            [str(factor), number(row["first"]), number(row["total"]), number(row["shapley"])]
            for factor, row in frame.iterrows()
        ]
        headings = ["Factor", "First order", "Total", "Shapley"]
        out.append((f"Sensitivity: {scores.framework[name].title}", headings, body))
    return out


def _map() -> tuple[list[tuple[str, str]], list[tuple[str, str, str]], str]:
    """Return paths and dots of the map in the plane, and its box."""
    world, size = world_shapes(), 180.0

    def flat(points: Any) -> Any:
        return equal_earth(np.asarray(points, float)) * np.array([size, -size])

    shapes = [
        (
            code,
            "".join(
                "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in flat(part)) + "Z" for part in parts
            ),
        )
        for code, parts in world["shapes"].items()
    ]
    dots = []
    for code, position in world["dots"].items():
        x, y = flat([np.asarray(position, float) / 10])[0]
        dots.append((code, f"{x:.1f}", f"{y:.1f}"))
    return shapes, dots, "-490 -240 980 430"
