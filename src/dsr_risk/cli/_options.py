"""Options that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import fields
from typing import Any, TypeVar

import click

__all__ = [
    "FIRST_SCORE",
    "FORMS",
    "gathered",
    "inputs",
    "kind_options",
    "output",
    "reading_options",
    "score_option",
]

Command = TypeVar("Command", bound=Callable[..., Any])
FIRST_SCORE = "A headline score. [default: the first]"
FORMS = ("table", "csv", "tsv", "json", "markdown", "html")


def gathered(kind: type[Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Hand the options that the fields of a frozen class name to a command as one object."""
    names = [field.name for field in fields(kind)]

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def run(*before: Any, **options: Any) -> Any:
            gathered_ = kind(**{name: options.pop(name) for name in names})
            return function(*before, gathered_, **options)

        return run

    return wrap


def inputs(function: Command) -> Command:
    """Add the options that say what is scored and how data are read."""
    options = [
        click.option("--framework", "-f", metavar="F", help="Bundled name or file. [default: dsr]"),
        click.option(
            "--preset", metavar="NAME", help="A preset of the framework, such as `equal`."
        ),
        click.option(
            "--focal", metavar="ISO3", help="The state whose suppliers are studied, or `none`."
        ),
        click.option("--data", "-d", metavar="FILE", help="Your data. [default: bundled snapshot]"),
        click.option(
            "--update",
            multiple=True,
            metavar="FILE",
            help="Your cells or columns, laid over the data (repeatable).",
        ),
        click.option(
            "--cables",
            metavar="FOLDER",
            help="Your download of the submarine cable map, for the preset with_cables.",
        ),
        *reading_options(),
        click.option(
            "--model", metavar="FILE", help="Score with a saved model instead of fitting one."
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def reading_options() -> list[Callable[[Command], Command]]:
    """Return the options that say how a data file is read, in the words of ``read_data``."""
    return [
        click.option("--sheet", metavar="NAME", help="The sheet of a workbook that has several."),
        click.option(
            "--edition", type=int, metavar="YEAR", help="Read data as a snapshot of a year."
        ),
        click.option(
            "--panel/--snapshot",
            "panel",
            default=None,
            help="Read units as countries and years, or as countries. [default: as most cells are]",
        ),
        click.option(
            "--units",
            metavar="KIND",
            help="`any` for regions, firms and the like, or the column of identifiers. [default: country]",
        ),
        click.option("--decimal", type=click.Choice([".", ","]), help="The decimal mark, if open."),
        click.option("--thousands", metavar="MARK", help="The thousands mark, if open."),
        click.option(
            "--missing",
            multiple=True,
            metavar="CODE",
            help="A cell that means missing, such as -999 (repeatable); `none` if there is none.",
        ),
        click.option(
            "--encoding",
            metavar="NAME",
            help="The encoding of a text file, such as cp850, if wrong.",
        ),
        click.option(
            "--only",
            multiple=True,
            metavar="COLUMN=VALUE",
            help="Read the rows that have this value, such as sex=T (repeatable).",
        ),
    ]


def kind_options(function: Command) -> Command:
    """Add the options of a reader or an indicator to a command."""
    options = [
        click.option(
            "--set",
            "settings",
            multiple=True,
            metavar="NAME=VALUE",
            help="An option of the reader or indicator, such as `focal=USA` or `amount=value_usd` (repeatable).",
        ),
        click.option(
            "--by-country",
            "tables",
            multiple=True,
            metavar="NAME=FILE",
            help="A table of country[, year] and value, such as `population=people.csv` (repeatable).",
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def output(function: Command) -> Command:
    """Add the options that say where the table goes."""
    options = [
        click.option(
            "--out",
            "-o",
            metavar="FILE",
            help="Write to FILE (.csv .tsv .xlsx .parquet .html .md .json; scores also .docx .tex .txt) with its "
            "manifest.",
        ),
        click.option(
            "--format",
            "form",
            type=click.Choice(FORMS),
            help="What to print. [default: table on a terminal, csv in a pipe]",
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def score_option(
    text: str = FIRST_SCORE,
) -> Callable[[Command], Command]:
    """Return the option that chooses a headline score."""
    return click.option("--score", "-s", metavar="NAME", help=text)
