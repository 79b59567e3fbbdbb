"""Report page: one HTML file that recalculates scores when weights or aggregation are moved."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from .._util.atomic import atomic
from .._util.display import number
from ..analysis.sensitivity.result import Sensitivity
from ..analysis.uncertainty.result import Uncertainty
from ..errors import DataError, MissingExtraError
from ..output.manifest import manifest
from ..output.publish import Publication, publish
from ..plots.countries import equal_earth, world_shapes
from ..scoring.scores import Scores
from .contents import contents

__all__ = ["check_page", "report"]


def report(
    scores: Scores,
    path: str | os.PathLike[str],
    *,
    uncertainty: Uncertainty | None = None,
    sensitivity: Sensitivity | None = None,
) -> Path:
    """Write a report page: findings, map, scores, a part a country, notes and manifest.

    The file is self-contained: a content-security policy forbids every request. Weights and aggregation
    can be moved in the page; scores, ranks, contributions and map follow, equal to Python.

    Parameters
    ----------
    scores
        Scores; a panel gives its latest year.
    path
        The file to write, ``.html``.
    uncertainty, sensitivity
        Results on the same scores, for intervals and an appendix.

    Returns
    -------
    Path

    Raises
    ------
    DataError
        For a path that is no ``.html`` file or cannot be written to.
    MissingExtraError
        Without jinja2 (extra `report`).

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from dsr_risk import report, score
    >>> report(score(), pathlib.Path(tempfile.mkdtemp()) / "report.html").name
    'report.html'
    """
    target = Path(path)
    check_page(target)
    if scores.data.is_panel:
        scores = scores.select(year=scores.data.years[-1])
    text = _page(scores, uncertainty, sensitivity)
    with atomic(target) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return target


def check_page(target: Path) -> None:
    """Raise the error for a page that cannot be written, before any work is done."""
    if target.suffix.lower() != ".html":
        raise DataError(f"{target}: a report page is an .html file, received `{target.suffix}`")
    if not target.parent.is_dir():
        raise DataError(f"{target}: no folder `{target.parent}`; make it first")
    try:
        import jinja2  # noqa: F401
    except ImportError:
        raise MissingExtraError.of("jinja2", extra="report", purpose="a report page") from None


def _page(scores: Scores, uncertainty: Uncertainty | None, sensitivity: Sensitivity | None) -> str:
    import jinja2
    from markupsafe import Markup  # part of Jinja2

    folder = resources.files(__package__)
    script = (folder / "page.js").read_text(encoding="utf-8")
    # The policy names the hash of what stands between the tags.
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    table = publish(scores)
    found = contents(scores, uncertainty)
    data = json.dumps(found, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    shapes, dots, box = _map()
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined)
    template = environment.from_string((folder / "page.html").read_text(encoding="utf-8"))
    return template.render(
        title=table.title,
        scale=" ".join(table.notes[:2]),
        findings=_findings(scores, table, uncertainty),
        notes=[*table.notes, *scores.notes],
        sources="; ".join(table.sources),
        bands=[(label, *pair) for label, pair in found["colours"].items()],
        shapes=shapes,
        dots=dots,
        box=box,
        appendix=_appendix(scores, sensitivity),
        manifest=json.dumps(manifest(scores), indent=1, ensure_ascii=False),
        digest=digest,
        # No "<" can end the script element, whatever the data hold.
        data=Markup(data.replace("<", "\\u003c").replace("&", "\\u0026")),  # noqa: S704
        script=Markup(script),  # noqa: S704
    )


def _findings(scores: Scores, table: Publication, uncertainty: Uncertainty | None) -> list[str]:
    """Return sentences written from the figures."""
    out = []
    for name in scores.names:
        title, standing = scores.framework[name].title, scores.standing(name)
        frame = table.frame().sort_values(name, ascending=False).dropna(subset=[name])
        if not len(frame):
            continue
        first = ", ".join(f"{row.iloc[0]} ({row[name]:.1f})" for _, row in frame.head(5).iterrows())
        middle = float(np.nanmedian(standing.score))
        out.append(f"{title}: the highest scores are those of {first}; the median is {middle:.1f}.")
        count = int(np.isnan(standing.score).sum())
        out.append(f"{title}: {count} of {len(standing.score)} countries have no score.")
        if uncertainty is not None:
            ranks = uncertainty.table(name)
            wide = (ranks[f"{name}_rank_high"] - ranks[f"{name}_rank_low"]).astype(float).median()
            out.append(f"{title}: the median width of the 90 % rank interval is {wide:.0f} places.")
    return out


def _appendix(scores: Scores, sensitivity: Sensitivity | None) -> list[tuple[str, list[str], Any]]:
    """Return the tables below the countries: indicators, and sensitivity where it is given."""
    leaves = scores.framework.indicators
    weights = scores.framework.effective_weights
    rows = [
        [one.title, str(scores.framework.score_of(one.name)), number(weights[one.name]), one.unit or ""]
        for one in leaves
    ]  # fmt: skip
    out = [("Method: indicators", ["Indicator", "Score", "Effective weight", "Unit"], rows)]
    if sensitivity is not None:
        for name in scores.names:
            frame = sensitivity.table(score=name)
            body = [
                [str(factor), number(row["first"]), number(row["total"]), number(row["shapley"])]
                for factor, row in frame.iterrows()
            ]
            title = f"Sensitivity: {scores.framework[name].title}"
            out.append((title, ["Factor", "First order", "Total", "Shapley"], body))
    return out


def _map() -> tuple[list[tuple[str, str]], list[tuple[str, str, str]], str]:
    """Return paths and dots of the map in the plane, and its box."""
    world, size = world_shapes(), 180.0

    def flat(points: Any) -> Any:
        return equal_earth(np.asarray(points, float)) * np.array([size, -size])

    shapes = [
        (code, "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in flat(part)) + "Z" for part in parts))
        for code, parts in world["shapes"].items()
    ]  # fmt: skip
    dots = []
    for code, place in world["dots"].items():
        x, y = flat([np.asarray(place, float) / 10])[0]
        dots.append((code, f"{x:.1f}", f"{y:.1f}"))
    return shapes, dots, "-490 -240 980 430"
