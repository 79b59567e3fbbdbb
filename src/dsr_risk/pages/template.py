"""The parts of a report page: its text from templates, its script, its style and its data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np

from .._util.display import counted, decimals_of_scale
from ..analysis.uncertainty.result import Uncertainty
from ..data.nouns import in_nouns, noun
from ..errors import MissingExtraError
from ..output.manifest import manifest
from ..output.publication import Publication
from ..output.publish import publish, selection_note
from ..output.wording import ENGLISH
from ..scoring.scores import Scores
from .appendix import appendix
from .charts import areas, bundle, charts
from .contents import contents
from .countries import changes, evidence, scenario_rows
from .options import Added

__all__ = ["SCRIPTS", "Parts", "environment", "parts_of", "read"]

SCRIPTS = ("aggregation.js", "model.js", "charts.js", "country.js", "view.js")
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
    bundle: str


def environment() -> Any:
    """Return the environment of templates, which escapes everything; raise if the extra is not there."""
    try:
        import jinja2
    except ImportError:
        raise MissingExtraError.of("jinja2", extra="report", purpose="a report page") from None
    bundle()
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
    parts = appendix(scores, added)
    held |= {"charts": charts(scores), **areas(scores), "still": [part.chart for part in parts]}
    selected = selection_note(scores, ENGLISH)
    body = made.from_string(in_nouns(scores.data, read("body.html"))).render(
        title=table.title,
        scale=" ".join(table.notes[:2]),
        state=IN_WIDGET if widget else IN_ADDRESS,
        findings=[*selected, *_findings(scores, table, added.uncertainty)],
        is_selection=bool(selected),
        notes=list(dict.fromkeys([*table.notes, *scores.notes])),
        sources="; ".join(table.sources),
        bands=[(label, *pair) for label, pair in held["colours"].items()],
        appendix=parts,
        manifest=json.dumps(manifest(scores), indent=1, ensure_ascii=False),
    )
    data = json.dumps(held, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    script = "\n".join(read(name) for name in SCRIPTS)
    return Parts(table.title, body, read("page.css"), data, script, bundle())


def _findings(scores: Scores, table: Publication, uncertainty: Uncertainty | None) -> list[str]:
    """Return sentences written from the figures."""
    out, decimals = [], decimals_of_scale(*scores.framework.scale)
    for name in scores.names:
        title, headline = scores.framework[name].title, scores._headline(name)
        frame = table.frame().sort_values(name, ascending=False).dropna(subset=[name])
        if not len(frame):
            continue
        first = ", ".join(
            f"{row.iloc[0]} ({row[name]:.{decimals}f})" for _, row in frame.head(5).iterrows()
        )
        middle = float(np.nanmedian(headline.score))
        out.append(
            f"{title}: the highest scores are those of {first}; the median is {middle:.{decimals}f}."
        )
        starts = scores.framework.bands
        highest = max(set(headline.band) & set(starts), key=lambda band: starts[band])
        inside = counted(int((headline.band == highest).sum()), noun(scores.data))
        out.append(f"{title}: {inside} in the band {highest}, the highest that is reached.")
        points = scores.contributions(name, level="pillar").mean().dropna()
        if len(points):
            largest = str(points.idxmax())
            share = 100 * points[largest] / points.sum()
            out.append(
                f"{title}: {scores.framework[largest].title} gives most points, {share:.0f} % on average."
            )
        count = int(np.isnan(headline.score).sum())
        every = f"{len(headline.score)} {noun(scores.data, many=True)}"
        out.append(f"{title}: {count} of {every} have no score.")
        if uncertainty is not None:
            ranks = uncertainty.table(name)
            wide = (ranks[f"{name}_rank_high"] - ranks[f"{name}_rank_low"]).astype(float).median()
            out.append(f"{title}: the median width of the 90 % rank interval is {wide:.0f} places.")
    return out
