"""A table to publish: its rows, headings, notes and sources, written in every format."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from .._util.arguments import typed
from .._util.checks import whole_number
from .._util.display import Shown
from ..errors import UnknownNameError, did_you_mean
from ..scoring.marks import ESTIMATED_MARK
from .colours import readable_ink
from .numbers import ESTIMATED, check_decimal, number_text, with_decimal

__all__ = ["Publication"]


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
    _decimals: int

    def frame(self) -> pd.DataFrame:
        """Return the ranked rows with their numbers, full precision, by column name (a copy)."""
        return self._frame[list(self.headings)].copy()

    def records(self) -> pd.DataFrame:
        """Return what data formats hold: the ranked rows, then the countries without a score, by name.

        Full precision; the column `marks`, and ``<score>_reason`` where a shown score may be lacking.
        """
        every = pd.concat([self._frame, self._rest]) if len(self._rest) else self._frame
        every = every.astype(self._frame.dtypes)
        if every.index.name != "iso3":
            # The identifier of a unit that is no country is its name.
            every = every.drop(columns="country", errors="ignore")
        return every if ESTIMATED in self.headings else every.drop(columns=ESTIMATED)

    def marks(self) -> list[str]:
        """Return the marks of every ranked row: ★ partial basis, ◊ large estimated share, or both."""
        return [str(mark) for mark in self._frame["marks"]]

    def rows(self, decimal: str = ".") -> list[list[str]]:
        """Return the ranked rows as text, marks beside the country and estimated cells.

        Scores have one decimal on a scale of 0-100, two on 0-10, three on 0-1. Estimated indicators are counted;
        data formats name them.

        Parameters
        ----------
        decimal
            The sign between whole and tenths: ``.`` or ``,``.

        Returns
        -------
        list of list of str
            A row a country in the order of the table, a text a column.

        Raises
        ------
        DataError
            For another sign.
        """
        check_decimal(decimal)
        out = []
        signs = self.marks()
        frame = self.frame()
        for index, cell in enumerate(self._frame[ESTIMATED]):
            row: list[Any] = frame.iloc[index].tolist()
            guessed = cell.split("; ") if cell else []
            texts = [
                str(len(guessed))
                if name == ESTIMATED
                else self.word(number_text(str(name), value, decimal, self._decimals))
                + (f" {ESTIMATED_MARK}" if name in guessed else "")
                for name, value in zip(frame.columns, row, strict=True)
            ]
            texts[0] = f"{texts[0]} {signs[index]}".rstrip()
            out.append(texts)
        return out

    def numeric(self) -> list[bool]:
        """Return which columns hold numbers."""
        kinds = self.frame().dtypes
        return [name == ESTIMATED or kind.kind in "fi" for name, kind in kinds.items()]

    def great_table(self, *, decimal: str = ".") -> Any:
        """Return the table as a ``great_tables.GT``, to style further (extra `tables`).

        Parameters
        ----------
        decimal
            The sign between whole and tenths: ``.`` or ``,``.

        Returns
        -------
        great_tables.GT
            The table with title, notes and sources.

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
        """Return a text of the framework or the data in the language of the table; as it is if none is known.

        Parameters
        ----------
        text
            A text in English, such as a label or a reason.

        Returns
        -------
        str
            The text in the language of the table.
        """
        return self.words.get(text, text)

    def left_out(self, decimal: str = ".") -> list[tuple[str, list[tuple[str, str]]]]:
        """Return headings and the countries below them that lack all scores, or one, with the reason.

        Parameters
        ----------
        decimal
            The sign between whole and tenths in the reasons: ``.`` or ``,``.

        Returns
        -------
        list of tuple
            (heading, list of (country, reason)).
        """
        check_decimal(decimal)
        blocks = [(self.words["not_scored"], self.not_scored)] if self.not_scored else []
        blocks += [(self.words["partly"].format(name=name), rows) for name, rows in self.partly]
        return [
            (title, [(name, with_decimal(reason, decimal)) for name, reason in rows])
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

        Returns
        -------
        str
            A colour such as ``#d73027``.
        """
        return self._colours.get(str(band), "#ffffff")

    def band_ink(self, band: object) -> str:
        """Return the colour of text on a band, black or white.

        Parameters
        ----------
        band
            A band of the framework; anything else has the colour of none.

        Returns
        -------
        str
            ``#000000`` or ``#ffffff``.
        """
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

        Returns
        -------
        str
            The whole table.

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

        .csv .tsv .txt .md .html .tex .docx .xlsx .json .parquet. Data formats (.csv, .tsv, .json, .parquet) keep
        full precision and have the countries without a score after the ranked ones; title, notes and sources are
        in the metadata of a .parquet file (key `dsr_risk`), and beside .csv, .tsv and .parquet in
        ``NAME.manifest.json``. In .csv and .tsv a text that a spreadsheet would run begins with an apostrophe.

        Parameters
        ----------
        path
            The file to write; one that exists is replaced.
        decimal
            The sign between whole and tenths in texts: ``.`` or ``,``; in data formats it is always a point.

        Returns
        -------
        pathlib.Path
            The file that was written.

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
