"""Report page: one HTML file that recalculates scores when weights, goalposts or aggregation are moved."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

from .._util.arguments import typed
from .._util.atomic import atomic
from ..analysis.scenario.result import ScenarioResult
from ..analysis.sensitivity.result import Sensitivity
from ..analysis.uncertainty.result import Uncertainty
from ..errors import DataError
from ..scoring.scores import Scores
from ..scoring.verbs import Source, Spec, as_scores
from .options import Added, added
from .template import environment, parts_of, read

__all__ = ["check_page", "report"]


@typed
def report(
    framework: Scores | Spec | None,
    data: Source | str | os.PathLike[str] | None = None,
    path: str | os.PathLike[str] | None = None,
    *,
    uncertainty: Uncertainty | None = None,
    sensitivity: Sensitivity | None = None,
    scenarios: ScenarioResult | Iterable[ScenarioResult] = (),
    before: Scores | None = None,
) -> Path:
    """Write a report page: findings, map, quadrant, scores, a part a country, method, audit, manifest.

    The file is self-contained: a content-security policy forbids every request. Weights, goalposts and
    aggregation can be moved in the page; scores, ranks, contributions, charts and map follow, equal to
    Python. The address of the page holds the state, and the moved framework can be downloaded.

    Parameters
    ----------
    framework, data
        Scores, or a framework and data as ``score`` takes them; a panel gives its latest year.
    path
        The file to write, ``.html``; the second argument where the first is a Scores.
    uncertainty, sensitivity
        Results on the same scores, for intervals and an appendix.
    scenarios
        Results of ``scenario`` on the same scores, for a table a country.
    before
        Scores of another edition, for what changed since it.

    Returns
    -------
    Path

    Raises
    ------
    DataError
        For a path that is no ``.html`` file or cannot be written to, or a result of another kind.
    MissingExtraError
        Without jinja2 (extra `report`).

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from dsr_risk import report, score
    >>> report(score(), pathlib.Path(tempfile.mkdtemp()) / "report.html").name
    'report.html'
    """
    if isinstance(framework, Scores) and path is None and isinstance(data, str | os.PathLike):
        data, path = None, data
    if path is None:
        raise DataError(
            "report needs the path of the file to write: report(scores, path), or report(framework, data, path)"
        )
    target = Path(path)
    check_page(target)
    extra = added(uncertainty, sensitivity, scenarios, before)
    scores = as_scores(framework, data)
    if scores.data.is_panel:
        scores = scores.select(year=scores.data.years[-1])
    text = _page(scores, extra)
    with atomic(target) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return target


def check_page(target: Path) -> None:
    """Raise the error for a page that cannot be written, before any work is done."""
    if target.suffix.lower() != ".html":
        raise DataError(f"{target}: a report page is an .html file, received `{target.suffix}`")
    if not target.parent.is_dir():
        raise DataError(f"{target}: no folder `{target.parent}`; make it first")
    environment()


def _page(scores: Scores, extra: Added) -> str:
    made = environment()
    from markupsafe import Markup  # part of Jinja2

    parts = parts_of(scores, extra)
    script = parts.script + "\n" + read("page.js")
    # No "<" can end the script element, whatever the data hold.
    data = parts.data.replace("<", "\\u003c").replace("&", "\\u0026")
    page: str = made.from_string(read("page.html")).render(
        title=parts.title,
        style=Markup(parts.style),  # noqa: S704
        body=Markup(parts.body),  # noqa: S704
        # The policy names the hash of what stands between the tags of each script.
        digests=" ".join(_digest(text) for text in (parts.bundle, script)),
        data=Markup(data),  # noqa: S704
        bundle=Markup(parts.bundle),  # noqa: S704
        script=Markup(script),  # noqa: S704
    )
    return page


def _digest(script: str) -> str:
    """Return the source of a script in a content-security policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
