"""Tables to publish: few columns, marks, notes and sources, the same in every format."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict, Unpack

import numpy as np
import pandas as pd

from .._util.arguments import typed
from .._util.checks import check_options, names_of, whole_number
from .._util.display import Shown
from .._util.types import Array
from ..data.names import folded
from ..errors import DataError, UnknownNameError, did_you_mean
from ..framework.definition import Framework
from ..scoring.marks import all_marks
from ..scoring.scores import Scores
from ..scoring.table import published_columns
from ..scoring.verbs import Source, Spec, as_scores
from .manifest import how_to_read, manifest
from .reasons import why
from .wording import country_names, words_of

__all__ = ["Publication", "band_colours", "publish", "readable_ink"]

DETAILS = ("min", "max", "coverage", "basis", "estimated_share")


@typed
@dataclass(frozen=True, eq=False, repr=False)
class Publication(Shown):
    """A table to publish with its title, notes and sources.

    Attributes
    ----------
    title : str
        The framework's title.
    notes, sources : tuple of str
        How to read the table; the sources of its cells, each once.
    headings : dict
        The heading of every column, in the language asked for.
    not_scored : tuple of (str, str)
        Countries without any score, with the reason.
    partly : tuple of (str, tuple of (str, str))
        For every headline the countries that have another score but not this, with the reason.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import pandas as pd
    >>> from dsr_risk import publish, score
    >>> fw = {"name": "own", "scores": [{"name": "risk", "children": [
    ...     {"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer"}]}]}
    >>> data = pd.DataFrame({"iso3": ["KEN", "PAK", "LAO"], "debt": [10, 30, 50], "gci": [80, 60, 20]})
    >>> table = publish(score(fw, data), top=2)
    >>> list(table.frame().columns)[:3], len(table.frame()), len(table.records())
    (['country', 'risk', 'risk_rank'], 2, 2)
    >>> table.rows(decimal=",")[1][:3], table.numeric()[:3], table.marks()
    (['Pakistan', '41,7', '2'], [False, True, True], ['', ''])
    >>> table.word("country"), table.left_out(), table.sources_line()
    ('Country', [], 'Sources: given table.')
    >>> table.band_colour("none"), table.band_ink("none"), table.manifest()["not_scored"]
    ('#ffffff', '#000000', [])
    >>> table.text("markdown").splitlines()[0]
    '**own**'
    >>> table.save(pathlib.Path(tempfile.mkdtemp()) / "scores.csv").name
    'scores.csv'
    """

    title: str
    notes: tuple[str, ...]
    sources: tuple[str, ...]
    headings: dict[str, str]
    not_scored: tuple[tuple[str, str], ...]
    partly: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    words: dict[str, str]
    _frame: pd.DataFrame
    _rest: pd.DataFrame
    _colours: dict[str, str]
    _manifest: dict[str, Any]

    def frame(self) -> pd.DataFrame:
        """Return the ranked rows with their numbers, full precision, by column name (a copy)."""
        return self._frame[list(self.headings)].copy()

    def records(self) -> pd.DataFrame:
        """Return what data formats hold: the ranked rows, then the countries without a score, by name.

        Full precision; the column `marks`, and ``<score>_reason`` where a shown score may be lacking.
        """
        every = pd.concat([self._frame, self._rest]) if len(self._rest) else self._frame
        return every.astype(self._frame.dtypes)

    def marks(self) -> list[str]:
        """Return the marks of every ranked row: ★ partial basis, ◊ large estimated share, or both."""
        return [str(mark) for mark in self._frame["marks"]]

    def rows(self, decimal: str = ".") -> list[list[str]]:
        """Return the ranked rows as text: one decimal, marks beside the country.

        Parameters
        ----------
        decimal
            The sign between whole and tenths: ``.`` or ``,``.

        Raises
        ------
        DataError
            For another sign.
        """
        check_decimal(decimal)
        out = []
        signs = self.marks()
        frame = self.frame()
        for index in range(len(frame)):
            row: list[Any] = frame.iloc[index].tolist()
            texts = [
                self.word(_text(str(name), value, decimal))
                for name, value in zip(frame.columns, row, strict=True)
            ]
            texts[0] = f"{texts[0]} {signs[index]}".rstrip()
            out.append(texts)
        return out

    def numeric(self) -> list[bool]:
        """Return which columns hold numbers."""
        return [kind.kind in "fi" for kind in self.frame().dtypes]

    def great_table(self, *, decimal: str = ".") -> Any:
        """Return the table as a ``great_tables.GT``, to style further (extra `tables`).

        Parameters
        ----------
        decimal
            The sign between whole and tenths: ``.`` or ``,``.

        Raises
        ------
        MissingExtraError
            Without Great Tables.

        Examples
        --------
        >>> from dsr_risk import publish, score
        >>> made = publish(score(), top=3).great_table()
        >>> "Comoros" in made.as_raw_html()
        True
        """
        from .publish_great import great_table

        return great_table(self, decimal)

    def word(self, text: str) -> str:
        """Return a text of the framework or the data in the language of the table; as it is if none is known."""
        return self.words.get(text, text)

    def left_out(self, decimal: str = ".") -> list[tuple[str, list[tuple[str, str]]]]:
        """Return headings and the countries below them that lack all scores, or one, with the reason.

        Parameters
        ----------
        decimal
            The sign between whole and tenths in the reasons: ``.`` or ``,``.
        """
        check_decimal(decimal)
        blocks = [(self.words["not_scored"], self.not_scored)] if self.not_scored else []
        blocks += [(self.words["partly"].format(name=name), rows) for name, rows in self.partly]
        return [
            (title, [(name, _with_decimal(reason, decimal)) for name, reason in rows])
            for title, rows in blocks
        ]

    def sources_line(self) -> str:
        """Return the line of sources."""
        return f"{self.words['sources']}{self.words['colon']} {'; '.join(self.sources)}."

    def band_colour(self, band: object) -> str:
        """Return the colour of a band as #rrggbb; white for none.

        Parameters
        ----------
        band
            A band of the framework; anything else has the colour of none.
        """
        return self._colours.get(str(band), "#ffffff")

    def band_ink(self, band: object) -> str:
        """Return the colour of text on a band, black or white."""
        return readable_ink(self.band_colour(band))

    def manifest(self) -> dict[str, Any]:
        """Return what the table was made from, with its title, notes and reasons."""
        return {
            "title": self.title,
            "notes": list(self.notes),
            "sources": list(self.sources),
            "headings": dict(self.headings),
            "not_scored": [
                {"country": country, "reason": reason} for country, reason in self.not_scored
            ],
            "manifest": dict(self._manifest),
        }

    def text(self, form: str = "plain", *, decimal: str = ".", width: int = 100) -> str:
        """Return the table as ``plain``, ``markdown``, ``html`` or ``latex`` text.

        Parameters
        ----------
        form
            One of these four.
        decimal
            The sign between whole and tenths: ``.`` or ``,``.
        width
            Characters of a line of ``plain`` text, at least 20.

        Raises
        ------
        UnknownNameError
            For another form.
        MissingExtraError
            For HTML and LaTeX without Great Tables (extra `tables`).
        """
        from .publish_text import TEXTS

        if form not in TEXTS:
            raise UnknownNameError(f"unknown form `{form}`; {did_you_mean(form, TEXTS)}")
        whole_number("width", width, least=20)
        return TEXTS[form](self, decimal, width)

    def save(self, path: str | os.PathLike[str], *, decimal: str = ".") -> Path:
        """Write the table in the format its suffix names, whole or not at all; return the path.

        .csv .txt .md .html .tex .docx .xlsx .json .parquet. Data formats (.csv, .json, .parquet) keep full
        precision and have the countries without a score after the ranked ones; title, notes and sources are
        in the metadata of a .parquet file (key `dsr_risk`), and beside .csv and .parquet in
        ``NAME.manifest.json``. In .csv a text that a spreadsheet would run begins with an apostrophe.

        Parameters
        ----------
        path
            The file to write; one that exists is replaced.
        decimal
            The sign between whole and tenths in texts: ``.`` or ``,``; in data formats it is always a point.

        Raises
        ------
        DataError
            For a suffix that is none of these, or a folder that cannot be written to.
        MissingExtraError
            Without the library that .html, .tex, .docx (extra `tables`), .xlsx (`excel`) or .parquet needs.
        """
        from .publish_files import save

        check_decimal(decimal)

        return save(self, Path(path), decimal)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        frame = pd.DataFrame(self.rows(), columns=range(len(self.headings)))
        return "\n".join([self.title, *self.notes]), frame.set_axis(
            list(self.headings.values()), axis=1
        )


class Selection(TypedDict, total=False):
    """Which countries a table has; see ``publish``."""

    region: str | Iterable[str] | None
    income: str | Iterable[str] | None


@typed
def publish(
    framework: Scores | Spec | None = None,
    data: Source | None = None,
    *,
    columns: str | Iterable[str] | None = None,
    sort: str | None = None,
    top: int | None = None,
    language: str | Mapping[str, str] = "en",
    **selection: Unpack[Selection],
) -> Publication:
    """Make a table to publish: country, scores, ranks, bands and grade.

    Parameters
    ----------
    framework, data
        Scores, or a framework and data as ``score`` takes them; a panel gives its latest year.
    columns
        None for the short table, ``"details"`` for all columns, or column names.
    sort
        A column; the first headline score by default. Scores fall, ranks and names rise.
    top
        Only so many rows.
    language
        ``en``, ``fr``, ``pl`` (headings, notes and names of countries; titles of own frameworks and sources
        stay as they are), or a mapping of words for another (``output/wording.py`` lists them); the
        mapping may also translate bands, titles, regions, income groups and names of countries by their text.
    region, income
        Only countries of these regions or income groups. Ranks stay those among all countries.

    Returns
    -------
    Publication

    Raises
    ------
    UnknownNameError
        For a column, region, income group or language that does not exist.
    DataError
        If no row is left.
    ArgumentError
        For an option that there is not.

    Examples
    --------
    >>> from dsr_risk import publish, score
    >>> publish(score(), sort="security", top=1, language="fr").headings["country"]
    'Pays'
    """
    check_options("publish", Selection, selection)
    words_of(language, () if isinstance(language, str) else language)
    scores = as_scores(framework, data)
    if scores.data.is_panel:
        scores = scores.select(year=scores.data.years[-1])
    provenance = manifest(scores)
    scores = scores.select(**selection)
    words = words_of(language, _texts_of(scores))
    if isinstance(language, str) and scores.data.kind == "country":
        words = {**country_names(language), **words}
    titles = {name: _headline(name, scores, words) for name in scores.names}
    reasons = why(scores, words, titles)
    frame = _columns(scores).assign(**{f"{name}_reason": reasons[name] for name in titles})
    chosen = _chosen_columns(scores, frame, columns)
    ranked, left = _ranked_and_left(scores, frame, sort, top, words)
    shown = {name: title for name, title in titles.items() if name in chosen}
    held = [*chosen, "marks", *(f"{name}_reason" for name in shown)]
    title = scores.framework.title or scores.framework.name
    return Publication(
        words.get(title, title),
        _year(scores, words) + _notes(scores, ranked, words),
        _sources(scores),
        {name: _heading(name, titles, words) for name in chosen},
        _not_scored(left, titles, words),
        _partly(ranked, shown, words),
        words,
        ranked[held],
        left[held],
        band_colours(scores.framework),
        provenance,
    )


def _not_scored(
    left: pd.DataFrame, titles: Mapping[str, str], words: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """Return each country without any score, and why it has none."""
    return _by_name(
        (words.get(str(row["country"]), str(row["country"])), _together(row, titles, words))
        for _, row in left.iterrows()
    )


def _by_name(rows: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return rows in the order of their names; an accent does not part a letter from its plain form."""
    return tuple(sorted(rows, key=lambda row: _order(row[0])))


def _order(text: str) -> tuple[str, str]:
    return folded(text).replace("ł", "l"), text


def _ranked_and_left(
    scores: Scores,
    frame: pd.DataFrame,
    sort: str | None,
    top: int | None,
    words: Mapping[str, str],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows to print in order, and those without any score; none of these with `top`."""
    scored = frame[list(scores.names)].notna().any(axis=1)
    ranked = _sorted(frame[scored], scores.names[0] if sort is None else sort, words)
    if top is not None:
        ranked = ranked.head(whole_number("top", top, least=1))
    if not len(ranked):
        raise DataError("no scored country is left; choose other regions or income groups")
    return ranked, frame[~scored].sort_values("country") if top is None else frame.iloc[:0]


def _year(scores: Scores, words: Mapping[str, str]) -> tuple[str, ...]:
    """Return the line that names the year of scores from a panel, none for a snapshot."""
    if not _of_panel(scores):
        return ()
    return (f"{words['year']}{words['colon']} {scores.data.years[-1]}.",)


def _of_panel(scores: Scores) -> bool:
    return scores._whole is not None and scores._whole[0].data.is_panel


def check_decimal(decimal: str) -> None:
    """Raise DataError if the decimal mark is neither a point nor a comma."""
    if decimal not in (".", ","):
        raise DataError(f"`decimal` must be '.' or ',', received {decimal!r}")


def _columns(scores: Scores) -> pd.DataFrame:
    """Return the columns to publish, then the details that can be asked for, then the marks."""
    table = scores.table(details=True).reindex(scores.data.units)
    short = list(scores.table().columns)
    details = [f"{name}_{part}" for name in scores.names for part in DETAILS]
    columns = table[[*short, *details, "region", "income"]]
    if _of_panel(scores):
        columns = columns.assign(year=scores.data.years[-1])
    return columns.assign(marks=all_marks(scores))


def _chosen_columns(
    scores: Scores, frame: pd.DataFrame, columns: str | Iterable[str] | None
) -> list[str]:
    names = _columns_to_ask(frame)
    if columns == "details":
        return names
    if columns is None or columns == "short":
        return list(published_columns(scores))
    asked = names_of("columns", columns)
    for name in asked:
        if name not in names:
            raise UnknownNameError(f"unknown column `{name}`; {did_you_mean(str(name), names)}")
    return ["country", *(name for name in dict.fromkeys(asked) if name != "country")]


def _sorted(frame: pd.DataFrame, column: str, words: Mapping[str, str]) -> pd.DataFrame:
    names = _columns_to_ask(frame)
    if column not in names:
        raise UnknownNameError(
            f"unknown column `{column}` to sort by; {did_you_mean(column, names)}"
        )
    falls = frame[column].dtype.kind == "f"
    return frame.sort_values(
        [column, "country"],
        ascending=[not falls, True],
        na_position="last",
        key=lambda cells: (
            cells.map(lambda cell: _order(words.get(cell, cell)), na_action="ignore")
            if cells.name == "country"
            else cells
        ),
    )


def _columns_to_ask(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame.columns if name != "marks" and not name.endswith("_reason")]


def _texts_of(scores: Scores) -> set[str]:
    """Return the texts of a framework and its data that a language may translate."""
    framework = scores.framework
    table = scores.table(details=True)
    titles = [framework[name].title for name in scores.names]
    texts = {framework.title or framework.name, *framework.bands, *titles, *map(_short, titles)}
    for name in ("country", "region", "income"):
        texts |= set(table[name].dropna().astype(str))
    return texts


def _headline(name: str, scores: Scores, words: Mapping[str, str]) -> str:
    title = scores.framework[name].title
    return words.get(title, words.get(_short(title), _short(title)))


def _heading(name: str, titles: Mapping[str, str], words: Mapping[str, str]) -> str:
    for headline in sorted(titles, key=len, reverse=True):
        if name == headline:
            return titles[headline]
        if name.startswith(f"{headline}_") and name[len(headline) + 1 :] in words:
            part = words[name[len(headline) + 1 :]].lower()
            return f"{titles[headline]}{words['colon']} {part}"
    return words.get(name, name)


def _together(row: pd.Series[Any], titles: Mapping[str, str], words: Mapping[str, str]) -> str:
    """Return the reason of all headline scores: once where it is the same, else by headline."""
    reasons = {title: str(row[f"{name}_reason"]) for name, title in titles.items()}
    if len(set(reasons.values())) == 1:
        return next(iter(reasons.values()))
    return "; ".join(f"{title}{words['colon']} {reason}" for title, reason in reasons.items())


def _partly(
    ranked: pd.DataFrame, shown: Mapping[str, str], words: Mapping[str, str]
) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Return for every headline shown the ranked countries that lack it."""
    lacking = ((title, _lacking(ranked, name, words)) for name, title in shown.items())
    return tuple((title, rows) for title, rows in lacking if rows)


def _lacking(
    ranked: pd.DataFrame, name: str, words: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """Return the ranked countries that lack a headline score, by name, with the reason."""
    rows = ranked[ranked[name].isna()]
    pairs = zip(rows["country"].astype(str), rows[f"{name}_reason"], strict=True)
    return _by_name((words.get(country, country), str(reason)) for country, reason in pairs)


def _short(title: str) -> str:
    """Return a title without what it says in brackets at its end; the notes hold the whole."""
    return title.rpartition(" (")[0] if title.endswith(")") and " (" in title else title


def _notes(scores: Scores, frame: pd.DataFrame, words: Mapping[str, str]) -> tuple[str, ...]:
    framework = scores.framework
    notes = how_to_read(scores, words, "".join(frame["marks"]))
    titles = [framework[name].title for name in scores.names if framework[name].title not in words]
    position = notes.index(words["grade_note"])
    notes[position:position] = [
        f"{_short(title)}: {title}." for title in titles if _short(title) != title
    ]
    notes.append(words["framework"].format(name=framework.name, version=framework.version))
    return tuple(notes)


def _sources(scores: Scores) -> tuple[str, ...]:
    evidence = scores.data.evidence
    if evidence.empty or "source" not in evidence:
        return (str(scores.data.origin),)
    used = evidence["indicator"].isin(
        [indicator.data_column for indicator in scores.framework.indicators]
    )
    cells = evidence.loc[used, "source"].dropna().astype(str).unique()
    return tuple(sorted({source for cell in cells for source in cell.split("; ") if source}))


def band_colours(framework: Framework) -> dict[str, str]:
    """Return a colour for every band as #rrggbb, darker for more risk."""
    bands = sorted(framework.bands, key=lambda label: framework.bands[label])
    anchors: Array = np.array([[255, 247, 205], [253, 190, 100], [240, 100, 60], [150, 10, 40]])
    at = np.linspace(0, 3, max(2, len(bands)))
    mixed = np.column_stack([np.interp(at, range(4), anchors[:, part]) for part in range(3)])
    return {
        label: "#{:02x}{:02x}{:02x}".format(*(round(float(part)) for part in colour))
        for label, colour in zip(bands, mixed, strict=False)
    }


def readable_ink(colour: str) -> str:
    """Return black or white, whichever has more contrast on a colour #rrggbb (WCAG 2.1, relative luminance).

    Examples
    --------
    >>> readable_ink("#ffffff"), readable_ink("#960a28")
    ('#000000', '#ffffff')
    """
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return "#000000" if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else "#ffffff"


def _with_decimal(text: str, decimal: str) -> str:
    return re.sub(r"(?<=\d)\.(?=\d)", decimal, text)


def _text(name: str, value: Any, decimal: str) -> str:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return "–"
    if isinstance(value, float | np.floating):
        digits = 2 if name.endswith(("_coverage", "_estimated_share")) else 1
        return f"{value:.{digits}f}".replace(".", decimal)
    return str(value)
