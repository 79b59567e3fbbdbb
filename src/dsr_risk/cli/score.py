"""``dsr-risk score``."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import click
import numpy as np
import pandas as pd

from .._util.display import MISSING, counted, decimals_of_scale, number, render, table_of
from ..errors import DataError, UnknownNameError
from ..output.headings import heading
from ..output.manifest import how_to_read
from ..output.publication import Publication
from ..output.publish import sources_of
from ..output.publish_files import WITH_MANIFEST, check, page_of
from ..output.wording import words_of
from ..scoring.marks import ESTIMATED_MARK, PARTIAL_MARK, all_marks
from ..scoring.scores import Level, Scores
from ._plots import draw, plotted
from ._shared import (
    READ,
    check_out,
    emit,
    facts_of,
    gathered,
    inputs,
    load_scores,
    no_model,
    output,
    show_notes,
)
from ._tables import NO_OPTIONS, TableOptions, published, show, table_options
from ._workers import asked, draws_option, draws_options, spec_of

__all__ = ["command"]

# Draws and workbooks are imported where they are asked for: they take longer to import than the rest.

NARROWEST, COUNTRY, DETAIL = 12, 24, 20
LEAST = 20
LISTED = 5
KINDS = {
    "coverage": "with too little observed",
    "focal": "the focal state itself",
    "not": "to which nothing applies",
    "not applicable: microstate": "with fewer than 100,000 people",
    "undefined:": "whose aggregation has no value there",
}


@dataclass(frozen=True)
class Asked:
    """Options of the command."""

    year: int | None
    level: Level
    details: bool
    countries: tuple[str, ...]
    save_model: str | None
    workbook: str | None
    draws: int
    seed: int
    workers: int


@click.command(name="score", short_help="The table of scores.")
@inputs
@click.option("--year", type=int, metavar="YEAR", help="One year of a panel.")
@click.option(
    "--level",
    type=click.Choice(get_args(Level)),
    default="score",
    show_default=True,
    help="Beside the headline scores: pillars, indicators or every node.",
)
@click.option(
    "--details",
    is_flag=True,
    help="Show hard bounds, coverage, basis, ranks in region and income group. Data formats (csv, tsv, json, "
    "xlsx, parquet) always hold every column.",
)
@click.option(
    "--country", "countries", multiple=True, metavar="NAME", help="Only these (repeatable)."
)
@click.option("--save-model", metavar="FILE", help="Save the fitted model as JSON.")
@click.option(
    "--workbook",
    metavar="FILE",
    help="Write a workbook with live formulas, one sheet a step (.xlsx).",
)
@draws_option("Put intervals of N draws beside the ranks")
@draws_options
@table_options
@output
@plotted
@gathered(Asked)
@gathered(TableOptions)
def command(
    options: Asked,
    listed: TableOptions,
    out: str | None,
    form: str | None,
    **given: Any,
) -> None:
    """Score countries: a table of every headline score with rank and band.

    \b
    dsr-risk score
    dsr-risk score --data mine.csv --out scores.xlsx
    dsr-risk score --workbook scores.xlsx
    dsr-risk score --sort security --top 20 --region Africa --out africa.docx
    dsr-risk score --level pillar --country Pakistan --country KEN
    """
    as_published = listed.any(out)
    check_out(out, given, table=not as_published)
    if as_published:
        _check_published(options, listed, out)
    _check_files_and_draws(options, given)
    every = load_scores(**given)
    scores = every if options.year is None else every.select(year=options.year)
    _write_model_and_workbook(every, scores, options)
    if as_published or _for_readers(scores, options, out, form):
        _show_published(every, scores, options, listed, out, form)
    else:
        _show_plain(every, scores, options, out, form)


def _write_model_and_workbook(every: Scores, scores: Scores, options: Asked) -> None:
    if options.save_model:
        every.model.save(options.save_model)
    if options.workbook is not None:
        from ..output.live.write import workbook

        target = workbook(scores, options.workbook)
        click.echo(f"{target}: workbook with live formulas", err=True)


def _show_published(
    every: Scores,
    scores: Scores,
    options: Asked,
    listed: TableOptions,
    out: str | None,
    form: str | None,
) -> None:
    # Data formats of published tables write a manifest of their own.
    own = out is None or _suffix(out) in (*WITH_MANIFEST, ".json")
    facts: dict[str, Any] = {} if own else facts_of(scores)
    intervals = _intervals(every, options, facts)
    draw(scores if intervals is None else intervals, countries=options.countries or None)
    table = _published(scores, options, listed, intervals)
    form = form or ("table" if sys.stdout.isatty() else "csv")
    show(table, listed, out, form, None if own else facts)


def _published(
    scores: Scores, options: Asked, listed: TableOptions, intervals: Any | None
) -> Publication:
    """Return the published table of the rows and columns that were asked for."""
    shown = scores.select(countries=options.countries) if options.countries else scores
    sets: list[str] = [options.level if options.level != "score" else "short"]
    sets += ["details"] if options.details else []
    # Options of a published table select from one year, the latest.
    every_year = shown.data.is_panel and not listed.any()
    return published(shown, listed, sets=tuple(sets), uncertainty=intervals, every_year=every_year)


def _intervals(every: Scores, options: Asked, facts: dict[str, Any]) -> Any | None:
    """Return the draws that were asked for, None if none were; add them to the facts of the manifest."""
    if not options.draws:
        return None
    # All years are drawn: the scale is learned from all of them, as it is for the scores.
    from ._intervals import drawn

    intervals = drawn(every, options.draws, options.seed, options.workers)
    show_notes(note for note in intervals.notes if note not in every.notes)
    facts |= {
        "draws": intervals.draws,
        "seed": options.seed,
        "factors": spec_of(intervals.factors),
    }
    return intervals


def _for_readers(scores: Scores, options: Asked, out: str | None, form: str | None) -> bool:
    """Tell whether a format that is read is asked for, and there is a score to print in it."""
    wanted = form if out is None else _suffix(out)
    return wanted in READ and _any_score(scores, options)


def _any_score(scores: Scores, options: Asked) -> bool:
    shown = scores.select(countries=options.countries) if options.countries else scores
    return bool(shown.table()[list(shown.names)].notna().any(axis=None))


def _suffix(out: str | None) -> str:
    return "" if out is None else Path(out).suffix.lower()


def _show_plain(
    every: Scores, scores: Scores, options: Asked, out: str | None, form: str | None
) -> None:
    """Print or write the table of scores, of the countries and at the depth that were asked for."""
    # Levels below the headlines are many columns already: there the details are asked for.
    table = scores.table(options.level, details=options.details or options.level == "score")
    # A manifest is only written beside a file and read in a document.
    facts = facts_of(scores) if out is not None or form in READ else {}
    intervals = _intervals(every, options, facts)
    if intervals is not None:
        from ._intervals import with_intervals

        table = with_intervals(table, intervals, options.year)
    if options.countries:
        chosen = scores.select(countries=options.countries).data.units
        table = table[table.index.isin(chosen)]
    draw(scores if intervals is None else intervals, countries=options.countries or None)
    page = None
    if _suffix(out) == ".xlsx" and _any_score(scores, options):
        page = page_of(_published(scores, options, NO_OPTIONS, intervals))
    emit(
        table,
        facts,
        out=out,
        form=form,
        people=lambda width: _on_a_terminal(scores, table, options, width, intervals),
        page=page,
    )


def _check_files_and_draws(options: Asked, given: Mapping[str, Any]) -> None:
    """Refuse files that cannot be written and options of draws without draws."""
    check_out(options.save_model, given, table=False)
    if options.save_model is not None and Path(options.save_model).suffix.lower() != ".json":
        raise DataError(f"{options.save_model}: a model is saved as a .json file")
    if options.workbook is not None:
        from ..output.live.write import check_workbook

        check_out(options.workbook, given, table=False)
        check_workbook(Path(options.workbook))
    if options.draws:
        no_model(given)
    elif asked("seed") or asked("workers"):
        raise UnknownNameError("--seed and --workers are for draws: give --draws N")


def _check_published(options: Asked, listed: TableOptions, out: str | None) -> None:
    """Refuse two choices of columns, and a file that cannot be written."""
    if listed.columns is not None and (options.details or options.level != "score"):
        other = "--details" if options.details else "--level"
        raise UnknownNameError(f"{other} and --columns both choose columns: give one of them")
    if out is not None:
        check(Path(out))


def _on_a_terminal(
    scores: Scores, table: pd.DataFrame, options: Asked, width: int, intervals: Any | None
) -> str:
    """Return the table for a terminal; one too narrow for a row of it has the published one, in blocks."""
    text = _for_people(scores, table, options, width, intervals)
    if max(map(len, text.splitlines())) <= width or not _any_score(scores, options):
        return text
    return _published(scores, options, NO_OPTIONS, intervals).text(width=max(LEAST, width))


def _for_people(
    scores: Scores, table: pd.DataFrame, options: Asked, width: int, intervals: Any | None
) -> str:
    scored = table[table[list(scores.names)].notna().any(axis=1)]
    signs = pd.Series(all_marks(scores), index=scores.data.units).reindex(scored.index)
    columns, decimals = _keys(scored, signs), decimals_of_scale(*scores.framework.scale)
    for index, name in enumerate(scores.names):
        columns[name] = [
            MISSING if pd.isna(value) else f"{value:.{decimals}f}" for value in scored[name]
        ]
        # Columns need names of their own: the same header is told apart by trailing spaces.
        columns["#" + " " * index] = [
            MISSING if pd.isna(rank) else str(rank) for rank in scored[f"{name}_rank"]
        ]
        if intervals is not None:
            columns[name] = _with_range(columns[name], scored, name, decimals - 1)
            columns["#" + " " * index] = _with_range(
                columns["#" + " " * index], scored, f"{name}_rank"
            )
        elif options.level == "score":
            bands = scored[f"{name}_band"]
            columns["band" + " " * index] = [
                MISSING if pd.isna(band) else str(band) for band in bands
            ]
    columns["grade"] = [str(grade) for grade in scored["grade"]]
    title = textwrap.fill(scores.framework.title or scores.framework.name, width)
    lines = [*_footer(scores, table, "".join(signs)), f"Sources: {'; '.join(sources_of(scores))}."]
    footer = [textwrap.fill(line, width) for line in lines]
    if intervals is not None:
        footer.insert(
            1,
            textwrap.fill(
                f"(from-to): 9 in 10 of {intervals.draws:,} draws of "
                f"{counted(len(intervals.factors), 'factor')}; Monte-Carlo error up to "
                f"{intervals.worst_error:.2g} points.",
                width,
            ),
        )
    below = _node_columns(scores, scored, options.level)
    if options.details:
        below |= _detail_columns(scores, scored, list(table.columns))
    blocks = [_fitted(columns, width), *_blocks(_keys(scored, signs), below, width)]
    return "\n\n".join([title, *blocks, "\n".join(footer)])


def _with_range(texts: list[str], scored: pd.DataFrame, name: str, decimals: int = 0) -> list[str]:
    ends = zip(texts, scored[f"{name}_low"], scored[f"{name}_high"], strict=True)
    return [
        text if pd.isna(low) else f"{text} ({low:.{decimals}f}-{high:.{decimals}f})"
        for text, low, high in ends
    ]


def _keys(scored: pd.DataFrame, signs: pd.Series[str]) -> dict[str, list[str]]:
    names = zip(scored["country"], signs, strict=True)
    columns = {"country": [f"{name} {mark}".rstrip() for name, mark in names]}
    if isinstance(scored.index, pd.MultiIndex):
        columns["year"] = [str(year) for year in scored.index.get_level_values(1)]
    return columns


def _node_columns(scores: Scores, scored: pd.DataFrame, level: Level) -> dict[str, list[str]]:
    """Return the values of nodes below the headlines as text, by name and title."""
    return {
        f"{name}: {scores.framework[name].title}": [number(value) for value in scored[name]]
        for name in scores._nodes(level)
    }


def _detail_columns(scores: Scores, scored: pd.DataFrame, names: list[str]) -> dict[str, list[str]]:
    """Return the details as text; sources and the reasons of unscored countries are in other formats."""
    shown = names[names.index("coverage") :]
    shown = [name for name in shown if not name.endswith("_reason")]
    texts = table_of(scored[[name for name in shown if name not in ("sources", "focal")]])
    cut = texts.drop(columns=list(scored.index.names), errors="ignore")
    titles, words = {name: scores.framework[name].title for name in scores.names}, words_of("en")
    return {
        f"{name}: {heading(str(name), titles, words)}": [
            textwrap.shorten(text, DETAIL, placeholder="…") for text in cut[name]
        ]
        for name in cut
    }


def _blocks(keys: dict[str, list[str]], columns: dict[str, list[str]], width: int) -> list[str]:
    """Return columns under numbers, as many at a time as the terminal holds, each block with its legend."""
    blocks: list[dict[str, list[str]]] = []
    used = width
    for position, (label, texts) in enumerate(columns.items(), start=1):
        size = 2 + max(6, *map(len, texts), 0)
        if used + size > width:
            blocks.append({})
            used = COUNTRY
        blocks[-1][f"({position}) {label}"] = texts
        used += size
    out = []
    for block in blocks:
        legend = [textwrap.shorten(label, width) for label in block]
        numbered = {label.partition(" ")[0]: texts for label, texts in block.items()}
        out.append("\n".join([*legend, _fitted({**keys, **numbered}, width)]))
    return out


def _fitted(columns: dict[str, list[str]], width: int) -> str:
    """Return the table with country names cut so that a row takes one line of the terminal."""
    text = render(pd.DataFrame(columns), "plain")
    excess = max(len(line) for line in text.splitlines()) - width
    if excess <= 0:
        return text
    longest = max((len(name) for name in columns["country"]), default=0)
    for least in ("band", "grade"):
        if longest - excess < NARROWEST and any(key.startswith(least) for key in columns):
            return _fitted(
                {key: texts for key, texts in columns.items() if not key.startswith(least)}, width
            )
    room = max(NARROWEST, longest - excess)
    cut = [_cut(name, room) for name in columns["country"]]
    return render(pd.DataFrame({**columns, "country": cut}), "plain")


def _cut(name: str, room: int) -> str:
    """Return a country name cut to a width, with its marks."""
    bare = name.rstrip(f" {PARTIAL_MARK}{ESTIMATED_MARK}")
    signs = name[len(bare) :]
    return name if len(name) <= room else f"{bare[: room - 1 - len(signs)]}…{signs}"


def _footer(scores: Scores, table: pd.DataFrame, signs: str) -> list[str]:
    lines = how_to_read(scores, words_of("en"), signs)
    for name in scores.names:
        reasons = scores.reason[name].reindex(table.index)
        reasons = reasons[np.asarray(reasons != "")]
        if 0 < len(reasons) <= LISTED:
            lines += [
                f"No {name} score for {country}: {reason}."
                for country, reason in zip(
                    table.loc[reasons.index, "country"], reasons, strict=True
                )
            ]
        elif len(reasons):
            kinds = reasons.map(_kind).value_counts()
            counted = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
            lines.append(
                f"No {name} score for {len(reasons)} of {len(table)}: {counted}. "
                "`dsr-risk publish` and `--format csv` list every country with its reason."
            )
    return lines


def _kind(reason: str) -> str:
    """Return the words for a kind of reason; those of a code come before those of its first word."""
    return KINDS.get(reason, KINDS.get(reason.split(" ", maxsplit=1)[0], reason))
