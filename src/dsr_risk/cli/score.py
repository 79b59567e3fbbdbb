"""``dsr-risk score``."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click
import pandas as pd

from ..errors import DataError, UnknownNameError
from ..output.publication import Publication
from ..output.publish import publication_of, publish
from ..output.publish_files import DATA, check, page_of, with_facts
from ..scoring.scores import Level, Scores
from ._loading import load_scores, no_model
from ._options import gathered, inputs, output
from ._plots import draw, plotted
from ._score_text import for_people
from ._shared import READ, check_out, command_line, emit, facts_of, show_notes
from ._tables import NO_OPTIONS, TableOptions, published, show, table_options, write
from ._workers import asked, draws_option, draws_options, spec_of

if TYPE_CHECKING:
    from ..analysis.uncertainty.result import Uncertainty

__all__ = ["command"]

# Draws and workbooks are imported where they are asked for: they take longer to import than the rest.

LEAST = 20


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
    "--country",
    "countries",
    multiple=True,
    metavar="NAME",
    help="Only these; a group is taken too, as EU (repeatable).",
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
    check_out(out, given, table=not listed.any(out))
    if listed.any(out):
        _check_published(options, listed, out)
    _check_files_and_draws(options, given)
    every = load_scores(**given)
    scores = every if options.year is None else every.select(year=options.year)
    _write_model_and_workbook(every, scores, options)
    intervals = _intervals(every, options)
    chosen = (
        list(scores.select(countries=options.countries).data.iso3) if options.countries else None
    )
    draw(scores if intervals is None else intervals, countries=chosen)
    table = Table(scores, options, listed, intervals)
    if out is not None:
        table.write(out)
    if out is None or form is not None:
        table.show(form)


@dataclass(frozen=True)
class Table:
    """The table that the options select: published, or plain with every column."""

    scores: Scores
    options: Asked
    listed: TableOptions
    intervals: Uncertainty | None

    def write(self, out: str) -> None:
        """Write the table to a file."""
        suffix = Path(out).suffix.lower()
        if not (self.listed.any(out) or self._for_readers(suffix) or suffix == ".json"):
            page = None
            if suffix == ".xlsx" and self._any_score:
                page = page_of(self._published(NO_OPTIONS))
            emit(self._plain(), self._facts, out=out, form=None, people=self._text, page=page)
            return
        table = self._published(self.listed, whole=suffix == ".json")
        # Formats of data have a manifest of their own.
        write(table, self.listed, out, None if suffix in DATA else self._facts)

    def show(self, form: str | None) -> None:
        """Print the table: for people on a terminal, data in a pipe, or in a form of `--format`."""
        if not (self.listed.any() or self._for_readers(form) or form == "json"):
            facts = self._facts if form in READ else {}
            emit(self._plain(), facts, out=None, form=form, people=self._text)
            return
        table = self._published(self.listed, whole=form == "json")
        show(table, self.listed, form or ("table" if sys.stdout.isatty() else "csv"))

    @property
    def _facts(self) -> dict[str, Any]:
        """The manifest."""
        return {**facts_of(self.scores), **self._draws}

    @property
    def _draws(self) -> dict[str, Any]:
        """Return the facts of the manifest about draws."""
        drawn = self.intervals
        if drawn is None:
            return {}
        return {"draws": drawn.draws, "seed": drawn.seed, "factors": spec_of(drawn.factors)}

    def _for_readers(self, kind: str | None) -> bool:
        """Tell whether a format is one that is read, and there is a score to print in it."""
        return kind in READ and self._any_score

    @property
    def _any_score(self) -> bool:
        chosen = self._chosen
        return bool(chosen.table()[list(chosen.names)].notna().any(axis=None))

    @property
    def _chosen(self) -> Scores:
        countries = self.options.countries
        return self.scores.select(countries=countries) if countries else self.scores

    def _plain(self) -> pd.DataFrame:
        """Return every column of the countries, at the depth that was asked for."""
        options = self.options
        # Levels below the headlines are many columns already: there the details are asked for.
        details = options.details or options.level == "score"
        table = self.scores.table(options.level, details=details)
        if self.intervals is not None:
            from ._intervals import with_intervals

            table = with_intervals(table, self.intervals, options.year)
        if options.countries:
            table = table[table.index.isin(self._chosen.data.units)]
        return table

    def _published(self, listed: TableOptions, *, whole: bool = False) -> Publication:
        """Return the published table; with `whole` as formats of data have it.

        These hold every column unless options of a published table choose, and rows without a score alone.
        """
        level, chosen = self.options.level, self._chosen
        sets = ["short" if level == "score" else str(level)]
        sets += ["details"] if self.options.details else []
        if whole and not listed.any():
            sets = [name for name in map(str, self._plain()) if not name.endswith("_reason")]
        table = published(
            chosen,
            listed,
            sets=tuple(sets),
            uncertainty=self.intervals,
            # Options of a published table select from one year, the latest.
            every_year=chosen.data.is_panel and not listed.any(),
            make=publication_of if whole else publish,
        )
        return with_facts(table, {"command": command_line(), **self._draws})

    def _text(self, width: int) -> str:
        """Return the table for a terminal; one too narrow for a row of it has the published one, in blocks."""
        table = self._plain()
        text = for_people(self.scores, table, self.options, width, self.intervals)
        if max(map(len, text.splitlines())) <= width or not self._any_score:
            return text
        return self._published(NO_OPTIONS).text(width=max(LEAST, width))


def _write_model_and_workbook(every: Scores, scores: Scores, options: Asked) -> None:
    if options.save_model:
        every.model.save(options.save_model)
    if options.workbook is not None:
        from ..output.live.write import workbook

        target = workbook(scores, options.workbook)
        click.echo(f"{target}: workbook with live formulas", err=True)


def _intervals(every: Scores, options: Asked) -> Uncertainty | None:
    """Return the draws that were asked for, None if none were."""
    if not options.draws:
        return None
    # All years are drawn: the scale is learned from all of them, as it is for the scores.
    from ._intervals import drawn

    intervals = drawn(every, options.draws, options.seed, options.workers)
    show_notes(note for note in intervals.notes if note not in every.notes)
    return intervals


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
