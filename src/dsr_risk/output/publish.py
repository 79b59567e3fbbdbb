"""Tables to publish: few columns, marks, notes and sources, the same in every format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict, Unpack

import pandas as pd

from .._util.arguments import typed
from .._util.checks import check_options, names_of, whole_number
from ..data.names import folded
from ..errors import DataError, UnknownNameError, did_you_mean
from ..scoring.marks import all_marks
from ..scoring.scores import Scores
from ..scoring.table import published_columns
from ..scoring.verbs import Source, Spec, as_scores
from .colours import band_colours
from .manifest import how_to_read, manifest
from .publication import Publication
from .reasons import why
from .wording import country_names, words_of

__all__ = ["Publication", "publish", "sources_of"]

DETAILS = ("min", "max", "coverage", "basis", "estimated_share")


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
        sources_of(scores),
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


def sources_of(scores: Scores) -> tuple[str, ...]:
    """Return the sources of the scored cells, in alphabetical order; the file for values without evidence."""
    evidence = scores.data.evidence
    if evidence.empty or "source" not in evidence:
        return (str(scores.data.origin),)
    used = evidence["indicator"].isin(
        [indicator.data_column for indicator in scores.framework.indicators]
    )
    cells = evidence.loc[used, "source"].dropna().astype(str).unique()
    return tuple(sorted({source for cell in cells for source in cell.split("; ") if source}))
