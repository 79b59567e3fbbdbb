"""Country profile: two printed pages on one country, or several countries side by side."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Integral
from pathlib import Path
from typing import Any

import pandas as pd

from .._util.arguments import typed
from .._util.display import Shown, span
from .._util.faces import plots
from ..analysis.uncertainty.result import Uncertainty
from ..data.countries import country_table
from ..data.units import row_of
from ..errors import DataError, UnknownNameError, did_you_mean
from ..scoring.scores import Scores
from ..scoring.verbs import Source, Spec, as_scores
from .profile_files import html, markdown, save
from .profile_parts import Contents, Subject, sections_of, signs

__all__ = ["Profile", "profile"]

MOST = 6


@typed
@dataclass(frozen=True, eq=False, repr=False)
class Profile(Contents, Shown):
    """A profile of countries: sections of tables with notes and numbered sources.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import pandas as pd
    >>> from dsr_risk import profile, score
    >>> fw = {"name": "own", "scores": [{"name": "risk", "children": [
    ...     {"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer"}]}]}
    >>> table = pd.DataFrame({"iso3": ["KEN", "PAK", "LAO"], "debt": [10, 30, 50], "gci": [80, 60, 20]})
    >>> page = profile(score(fw, table), "Pakistan")
    >>> page.countries, page.sections[0].title, list(page.table().index.names)
    (('Pakistan',), 'Scores', ['section', 'row'])
    >>> page.text("markdown").splitlines()[0]
    '# Pakistan'
    >>> page.save(pathlib.Path(tempfile.mkdtemp()) / "pakistan.md").name
    'pakistan.md'
    """

    _scores: Scores
    _codes: tuple[str, ...]

    def table(self) -> pd.DataFrame:
        """Return the rows of all sections as text, by section and first column."""
        rows = [
            {
                "section": section.title,
                "row": row[0].text,
                **{
                    heading: cell.text
                    for heading, cell in zip(section.headings[1:], row[1:], strict=True)
                },
            }
            for section in self.sections
            for row in section.rows
        ]
        return pd.DataFrame(rows).fillna("").set_index(["section", "row"])

    def text(self, form: str = "markdown") -> str:
        """Return the profile as ``markdown`` or ``html`` text.

        Parameters
        ----------
        form
            ``markdown`` or ``html``.

        Returns
        -------
        str
            The whole profile.

        Raises
        ------
        UnknownNameError
            For another form.
        MissingExtraError
            For HTML without Jinja2 (extra `report`).
        """
        forms = {"markdown": markdown, "html": html}
        if form not in forms:
            raise UnknownNameError(f"unknown form `{form}`; {did_you_mean(form, forms)}")
        return forms[form](self)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the profile as .html, .pdf, .docx or .md, whole or not at all; return the path.

        Parameters
        ----------
        path
            The file to write; its suffix names the format.

        Returns
        -------
        pathlib.Path
            The file that was written.

        Raises
        ------
        DataError
            For another suffix, or a folder that cannot be written to.
        MissingExtraError
            Without Jinja2 (.html, .pdf: extra `report`), python-docx (.docx: extra `tables`), or a Chromium
            browser that prints the .pdf.
        """
        return save(self, Path(path))

    def plot(self, **options: Any) -> Any:
        """Draw the pillars of the countries; return the matplotlib Axes (extra `plots`).

        Parameters
        ----------
        options
            Keyword arguments of ``plots.heat_map``: `score`, `top`, `countries` (those of the profile by default),
            `ax`.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn on.
        """
        return plots().heat_map(self._scores, **{"countries": self._codes, **options})

    def _shown(self) -> tuple[str, pd.DataFrame]:
        lines = [f"{self.title}: {', '.join(self.countries)}", self.lead]
        frame = self.table().reset_index()
        return "\n".join(lines), frame.iloc[:, :8].set_axis(
            [str(name) for name in frame.columns[:8]], axis=1
        )


@typed
def profile(
    framework: Scores | Spec | None = None,
    data: Source | str | int | Iterable[str | int] | None = None,
    country: str | int | Iterable[str | int] | None = None,
    *,
    uncertainty: Uncertainty | None = None,
) -> Profile:
    """Make a profile of a country, or of several side by side.

    Scores with interval and rank range, pillars against the medians of region, income group and world, the
    indicators that drive each score, panels of suppliers, debt, surveillance and incidents with the year, source
    and confidence of every cell, and facts. A country without a score has the reason in its place.

    Parameters
    ----------
    framework, data, country
        ``profile(scores, country)`` or ``profile(framework, data, country)``. A country is a name or a code; a
        list of at most six gives them side by side; other units are named by their identifier. A panel
        gives its latest year.
    uncertainty
        Draws on the same scores, for intervals of scores and ranks; without them the range that the
        unobserved cells leave possible is shown.

    Returns
    -------
    Profile

    Raises
    ------
    DataError
        If no country is given, or more than six.
    UnknownNameError
        For a country that the data do not have.

    Examples
    --------
    >>> from dsr_risk import profile, score
    >>> profile(score(), ["PAK", "KEN"]).countries
    ('Pakistan', 'Kenya')
    """
    if isinstance(framework, Scores) and country is None:
        country, data = _as_countries(data), None
    names: Any = (
        [country] if isinstance(country, str | Integral) else () if country is None else country
    )
    chosen = list(names)
    if not chosen or not all(isinstance(name, str | Integral) for name in chosen):
        raise DataError(
            f"profile needs a country, a name or a code, or a list of them, received {country!r}; "
            "expected profile(scores, country) or profile(framework, data, country)"
        )
    scores = as_scores(framework, data)  # type: ignore[arg-type]
    if scores.data.is_panel:
        scores = scores.select(year=scores.data.years[-1])
    rows = list(dict.fromkeys(row_of(scores.data, name) for name in chosen))
    if len(rows) > MOST:
        raise DataError(
            f"a profile holds at most {MOST} countries side by side, received {len(rows)}"
        )
    subject = Subject(scores, rows, uncertainty)
    sections = tuple(sections_of(subject))
    return Profile(
        scores.framework.title or scores.framework.name,
        _lead(scores),
        tuple(subject.names),
        sections,
        (*signs(scores, rows), _made(scores)),
        tuple(subject.sources),
        scores,
        tuple(str(scores.data.iso3[row]) for row in rows),
    )


def _as_countries(given: Any) -> Any:
    if isinstance(given, pd.DataFrame):
        raise DataError("received Scores and a table: Scores hold the data they were made from")
    return given


def _lead(scores: Scores) -> str:
    framework = scores.framework
    focal = ""
    if framework.focal:
        focal = f" Focal state: {country_table()['name'].get(framework.focal, framework.focal)}."
    return f"Scores {span(*framework.scale)}, higher is more risk; rank 1 is most risk.{focal}"


def _made(scores: Scores) -> str:
    framework = scores.framework
    return (
        f"Framework {framework.name} {framework.version} ({framework.fingerprint}); data {scores.data.origin} "
        f"({scores.data.fingerprint})."
    )
