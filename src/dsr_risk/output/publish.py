"""Tables to publish: few columns, marks, notes and sources, the same in every format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict, Unpack, cast

import pandas as pd

from .._util.arguments import typed
from .._util.checks import check_options, names_of, whole_number
from .._util.display import decimals_of_scale
from ..data.names import folded
from ..errors import ArgumentError, DataError, UnknownNameError, did_you_mean
from ..scoring.marks import all_marks
from ..scoring.scores import Scores
from ..scoring.table import Level, published_columns
from ..scoring.verbs import Source, Spec, as_scores
from .colours import band_colours
from .headings import heading, short_title
from .manifest import grade_note, how_to_read, manifest
from .numbers import ESTIMATED
from .publication import Publication
from .reasons import why
from .wording import country_names, words_for, words_of

__all__ = ["Publication", "intervals_of", "publication_of", "publish", "sources_of"]

DETAILS = ("min", "max", "coverage", "basis", "estimated_share", "rank_region", "rank_income")
SETS = ("short", "details", "pillar", "indicator", "all")
"""Names of sets of columns."""


class Selection(TypedDict, total=False):
    """Options of the countries and years of a table; see ``publish``."""

    region: str | Iterable[str] | None
    income: str | Iterable[str] | None
    uncertainty: Any
    every_year: bool


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
        None or ``"short"`` for the short table, ``"details"`` for hard bounds, coverage, basis, estimated
        share, ranks in region and income group beside it, ``"pillar"``, ``"indicator"`` or ``"all"`` for
        the scores of these nodes beside it; or names of columns of ``scores.table("all", details=True)``
        and of these sets.
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
    uncertainty
        Draws of the scores, as ``uncertainty`` returns them: the central 90 % of every score and rank, and the
        share of draws in the band, stand beside it.
    every_year
        Whether a panel gives all its years, in the order of countries and years unless `sort` is given.

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
    table = publication_of(
        framework, data, columns=columns, sort=sort, top=top, language=language, **selection
    )
    if not len(table.frame()):
        raise DataError("no scored country is left; choose other regions or income groups")
    return table


def publication_of(
    framework: Scores | Spec | None = None,
    data: Source | None = None,
    *,
    columns: str | Iterable[str] | None = None,
    sort: str | None = None,
    top: int | None = None,
    language: str | Mapping[str, str] = "en",
    **selection: Unpack[Selection],
) -> Publication:
    """Return the table of ``publish``, also where no row has a score: formats of data hold the others."""
    _check_options(selection)
    words_of(language, () if isinstance(language, str) else language)
    scores = as_scores(framework, data)
    drawn, every_year = selection.pop("uncertainty", None), selection.pop("every_year", False)
    if scores.data.is_panel and not every_year:
        scores = scores.select(year=scores.data.years[-1])
    provenance = manifest(scores)
    scores = scores.select(region=selection.get("region"), income=selection.get("income"))
    words = _words(scores, language)
    titles = {name: _headline(name, scores, words) for name in scores.names}
    frame = _rows(scores, drawn, words, titles)
    chosen = _chosen_columns(scores, frame, columns)
    ranked, left = _ranked_and_left(scores, frame, sort, top, words)
    shown = {name: title for name, title in titles.items() if name in chosen}
    held = [*dict.fromkeys([*chosen, ESTIMATED]), "marks", *(f"{name}_reason" for name in shown)]
    return Publication(
        _title(scores, words),
        _year(scores, words)
        + _notes(scores, ranked, words, drawn, chosen)
        + _marked(ranked, chosen, words),
        sources_of(scores),
        {name: heading(name, _titles(scores, words), words) for name in chosen},
        _not_scored(left, titles, words),
        _partly(ranked, shown, words),
        words,
        ranked[held],
        left[held],
        band_colours(scores.framework),
        provenance,
        decimals_of_scale(*scores.framework.scale),
    )


def _rows(
    scores: Scores, drawn: Any, words: Mapping[str, str], titles: Mapping[str, str]
) -> pd.DataFrame:
    """Return every row with its columns, the reasons of missing scores and what the country is called."""
    frame = _columns(scores, None if drawn is None else intervals_of(drawn))
    reasons = why(scores, words, titles)
    frame = frame.assign(**{f"{name}_reason": reason for name, reason in reasons.items()})
    frame = frame.assign(called=_called(frame, words))
    # The year is a column to publish.
    return frame.droplevel(1) if frame.index.nlevels > 1 else frame


def _check_options(selection: Selection) -> None:
    """Raise ArgumentError for an option that there is not; the decimal sign belongs to what is written."""
    for name in ("decimal", "decimal_comma"):
        if name in selection:
            raise ArgumentError(
                f"publish() has no option `{name}`; the decimal sign is chosen where the table is written: "
                "`publish(scores).save(path, decimal=',')` or `.text(decimal=',')`"
            )
    check_options(publish, Selection, selection)


def _words(scores: Scores, language: str | Mapping[str, str]) -> dict[str, str]:
    """Return the words of a language, with the names of countries in it where units are countries."""
    words = words_for(scores, language, _texts_of(scores))
    if isinstance(language, str) and scores.data.kind == "country":
        return {**country_names(language), **words}
    return words


def _title(scores: Scores, words: Mapping[str, str]) -> str:
    """Return the title of the framework in the words of the table."""
    title = scores.framework.title or scores.framework.name
    return words.get(title, title)


def _not_scored(
    left: pd.DataFrame, titles: Mapping[str, str], words: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """Return each country without any score, and why it has none."""
    rows = (row for _, row in left.iterrows())
    return _by_name(
        zip(left["called"], (_together(row, titles, words) for row in rows), strict=True)
    )


def _called(frame: pd.DataFrame, words: Mapping[str, str]) -> list[str]:
    """Return the name of the country of every row, with its year where the rows are of several."""
    names = [words.get(name, name) for name in frame["country"].astype(str)]
    if frame.index.nlevels < 2:
        return names
    return [f"{name} {year}" for name, year in zip(names, frame["year"], strict=True)]


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
    if sort is None:
        # A headline without any score orders nothing: with another focal state the first one may be empty.
        filled = [name for name in scores.names if frame[name].notna().any()]
        sort = "country" if scores.data.is_panel else [*filled, *scores.names][0]
    ranked = _sorted(frame[scored], sort, words)
    if top is not None:
        ranked = ranked.head(whole_number("top", top, least=1))
    return ranked, frame[~scored].sort_values("country") if top is None else frame.iloc[:0]


def _year(scores: Scores, words: Mapping[str, str]) -> tuple[str, ...]:
    """Return the line that names the year of scores from a panel; none where a column does, or for a snapshot."""
    if not _of_panel(scores) or scores.data.is_panel:
        return ()
    return (f"{words['year']}{words['colon']} {scores.data.years[-1]}.",)


def selection_note(scores: Scores, words: Mapping[str, str]) -> tuple[str, ...]:
    """Return the line that says how many rows were selected; none where all are there."""
    count, of = len(scores.data), len(scores._everyone.data)
    return (words["selected"].format(count=count, of=of),) if count < of else ()


def _of_panel(scores: Scores) -> bool:
    return scores._whole is not None and scores._whole[0].data.is_panel


def _columns(scores: Scores, intervals: pd.DataFrame | None) -> pd.DataFrame:
    """Return every column that can be asked for: to publish, of nodes, details; then the marks."""
    table = scores.table("all", details=True).reindex(scores.data.units)
    if "country" not in table:
        # What a row is called is the first column to read, also where data formats have its identifier alone.
        table.insert(0, "country", scores.data.unit_names)
    if scores.data.is_panel:
        table.insert(1, "year", table.index.get_level_values(1).astype(int))
    elif _of_panel(scores):
        table["year"] = scores.data.years[-1]
    if intervals is not None:
        if intervals.index.nlevels > table.index.nlevels:
            intervals = cast("pd.DataFrame", intervals.xs(scores.data.years[-1], level=1))
        table = table.assign(
            **{str(name): intervals[name].reindex(table.index) for name in intervals}
        )
    return table.assign(marks=all_marks(scores))


def _chosen_columns(
    scores: Scores, frame: pd.DataFrame, columns: str | Iterable[str] | None
) -> list[str]:
    names = _columns_to_ask(frame)
    asked = ["short"] if columns is None else list(names_of("columns", columns))
    chosen = ["country", "year"] if scores.data.is_panel else ["country"]
    for position, name in enumerate(asked):
        if name in names:
            chosen.append(name)
        elif name in SETS:
            chosen += _set_of_columns(scores, frame, name, short=position == 0)
        else:
            raise UnknownNameError(
                f"unknown column `{name}`; {did_you_mean(str(name), [*SETS, *names])}"
            )
    return list(dict.fromkeys(chosen))


def _set_of_columns(scores: Scores, frame: pd.DataFrame, name: str, *, short: bool) -> list[str]:
    """Return the columns of a set, after those to publish with `short`."""
    chosen: list[str] = []
    if short:
        for column in ("country", *published_columns(scores)):
            chosen += [column, *_beside(column, scores, frame)]
    if name == "details":
        details = [f"{score}_{part}" for score in scores.names for part in DETAILS]
        return [*chosen, *details, "region", "income"]
    if name == "short":
        return chosen
    return [*chosen, *scores._nodes(cast("Level", name)), ESTIMATED]


def _beside(column: str, scores: Scores, frame: pd.DataFrame) -> list[str]:
    """Return the columns of intervals that stand beside a column to publish."""
    ends = [f"{column}_low", f"{column}_high"]
    if column.endswith("_band") and column.removesuffix("_band") in scores.names:
        ends = [f"{column}_probability"]
    return [name for name in ends if name in frame]


def _sorted(frame: pd.DataFrame, column: str, words: Mapping[str, str]) -> pd.DataFrame:
    names = _columns_to_ask(frame)
    if column not in names:
        raise UnknownNameError(
            f"unknown column `{column}` to sort by; {did_you_mean(column, names)}"
        )
    falls = frame[column].dtype.kind == "f"
    later = [name for name in ("country", "year") if name in frame and name != column]
    by = [column, *later]
    return frame.sort_values(
        by,
        ascending=[not falls, *[True] * (len(by) - 1)],
        na_position="last",
        key=lambda cells: (
            cells.map(lambda cell: _order(words.get(cell, cell)), na_action="ignore")
            if cells.name == "country"
            else cells
        ),
    )


def _columns_to_ask(frame: pd.DataFrame) -> list[str]:
    return [
        name
        for name in frame.columns
        if name not in ("marks", "called") and not name.endswith("_reason")
    ]


def _texts_of(scores: Scores) -> set[str]:
    """Return the texts of a framework and its data that a language may translate."""
    framework = scores.framework
    table = scores.table(details=True)
    titles = [node.title for node in framework.nodes]
    texts = {
        framework.title or framework.name,
        *framework.bands,
        *titles,
        *map(short_title, titles),
    }
    for name in ("country", "region", "income"):
        texts |= set(table[name].dropna().astype(str)) if name in table else set()
    return texts


def _headline(name: str, scores: Scores, words: Mapping[str, str]) -> str:
    title = scores.framework[name].title
    return words.get(title, words.get(short_title(title), short_title(title)))


def _titles(scores: Scores, words: Mapping[str, str]) -> dict[str, str]:
    """Return the titles of all nodes in the words of the language, by name."""
    return {node.name: _headline(node.name, scores, words) for node in scores.framework.nodes}


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
    reasons = [str(reason) for reason in rows[f"{name}_reason"]]
    return _by_name(zip(rows["called"], reasons, strict=True))


def intervals_of(drawn: Any) -> pd.DataFrame:
    """Return the central 90 % of draws of every headline score and rank, and the share in its band.

    Raises
    ------
    DataError
        If `drawn` is no result of ``uncertainty``.
    """
    if not all(hasattr(drawn, name) for name in ("names", "draws", "factors", "table")):
        raise DataError(
            f"`uncertainty` must be a result of `uncertainty(scores)`, received {type(drawn).__name__}"
        )
    parts: list[pd.DataFrame] = []
    for name in drawn.names:
        ends = [f"{name}{rank}_{end}" for rank in ("", "_rank") for end in ("low", "high")]
        parts.append(drawn.table(name)[[*ends, f"{name}_band_probability"]])
    return pd.concat([part.reindex(parts[0].index) for part in parts], axis=1)


def _notes(
    scores: Scores,
    frame: pd.DataFrame,
    words: Mapping[str, str],
    drawn: Any,
    chosen: Iterable[str],
) -> tuple[str, ...]:
    """Return how to read the table; what a grade says only where a column of grades is chosen."""
    framework = scores.framework
    notes = how_to_read(scores, words, "".join(frame["marks"]))
    titles = [framework[name].title for name in scores.names if framework[name].title not in words]
    position = notes.index(grade_note(words))
    notes[position:position] = [
        *selection_note(scores, words),
        *(f"{short_title(title)}: {title}." for title in titles if short_title(title) != title),
    ]
    if drawn is not None:
        made = words["draws_note"].format(draws=drawn.draws, factors=len(drawn.factors))
        notes.insert(notes.index(grade_note(words)), made)
    if not any(name == "grade" or name.endswith("_grade") for name in chosen):
        notes.remove(grade_note(words))
    notes.append(words["framework"].format(name=framework.name, version=framework.version))
    return tuple(notes)


def _marked(
    ranked: pd.DataFrame, chosen: Iterable[str], words: Mapping[str, str]
) -> tuple[str, ...]:
    """Return the line on the mark of estimated cells, where a column shows one."""
    names = {name for cell in ranked[ESTIMATED] for name in cell.split("; ")}
    return (words["estimated_note"],) if names & set(chosen) else ()


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
