"""The options of published tables, the same on every command that prints scores."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

import click

from .._util.documents import read_document
from ..errors import DataError
from ..output.publication import Publication
from ..output.publish import publish
from ..output.publish_files import DATA, WITH_MANIFEST, check, json_text
from ..output.tables import as_text, write_manifest
from ..scoring.scores import Scores
from ._shared import terminal_width

__all__ = ["NO_OPTIONS", "TableOptions", "published", "show", "table_options", "write"]

Command = TypeVar("Command", bound=Callable[..., Any])
DOCUMENTS = (".docx", ".tex", ".txt")
"""Formats that only published tables have."""

TEXTS = {"table": "plain", "markdown": "markdown", "html": "html", "latex": "latex"}


@dataclass(frozen=True)
class TableOptions:
    """Options of a published table: its rows, its columns, and how they are written."""

    columns: str | None
    sort: str | None
    top: int | None
    region: tuple[str, ...]
    income: tuple[str, ...]
    language: str | None
    decimal_comma: bool

    def any(self, out: str | None = None) -> bool:
        """Tell whether any option is given, or a file in a format that only published tables have."""
        asked = any(getattr(self, field.name) for field in fields(self)) or self.top is not None
        return asked or (out is not None and Path(out).suffix.lower() in DOCUMENTS)


NO_OPTIONS = TableOptions(None, None, None, (), (), None, False)
"""The options of a command to which none are given."""


def table_options(function: Command) -> Command:
    """Add the options of a published table."""
    options = [
        click.option(
            "--columns",
            metavar="A,B",
            help="Names of columns or nodes, and `short`, `details`, `pillar`, `indicator`, `all` for several. "
            "[default: short]",
        ),
        click.option(
            "--sort", metavar="COLUMN", help="[default: the first headline that has scores]"
        ),
        click.option("--top", type=int, metavar="N", help="Only the first N rows."),
        click.option(
            "--region", multiple=True, metavar="NAME", help="Only this region (repeatable)."
        ),
        click.option(
            "--income", multiple=True, metavar="NAME", help="Only this group (repeatable)."
        ),
        click.option(
            "--language", metavar="CODE", help="en, fr, pl, or a FILE of words. [default: en]"
        ),
        click.option("--decimal-comma", is_flag=True, help="Write 1,5 for 1.5."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def published(
    scores: Scores,
    asked: TableOptions,
    *,
    sets: tuple[str, ...] = (),
    uncertainty: Any = None,
    every_year: bool = False,
    make: Callable[..., Publication] = publish,
) -> Publication:
    """Return the table that the options select; `sets` of columns are those of other options.

    `make` is ``publication_of`` for a table that may have no scored row.
    """
    given = [name.strip() for name in (asked.columns or "").split(",") if name.strip()]
    return make(
        scores,
        columns=given or sets or None,
        uncertainty=uncertainty,
        every_year=every_year,
        sort=asked.sort,
        top=asked.top,
        region=asked.region or None,
        income=asked.income or None,
        language=_language(asked.language),
    )


def _language(given: str | None) -> Any:
    """Return the code of a language, or the words in a file."""
    if given is None or not Path(given).suffix:
        return given or "en"
    return read_document(Path(given), DataError)


def show(table: Publication, asked: TableOptions, form: str) -> None:
    """Print the table in a form of `--format`; data forms keep full precision."""
    decimal = _decimal(asked)
    if form in TEXTS:
        text = table.text(TEXTS[form], decimal=decimal, width=terminal_width())
    elif form == "json":
        text = json_text(table)
    else:
        text = as_text(table.records(), form, decimal=decimal)
    click.echo(text, nl=False)


def write(
    table: Publication, asked: TableOptions, out: str, facts: Mapping[str, Any] | None = None
) -> None:
    """Write the table to its file; `facts` is the manifest to write beside one that has none of its own."""
    check(Path(out))
    target = table.save(out, decimal=_decimal(asked))
    if facts is not None:
        write_manifest(target, facts)
    suffix = target.suffix.lower()
    beside = "; manifest beside it" if facts is not None or suffix in WITH_MANIFEST else ""
    count = len(table.records() if suffix in DATA else table.frame())
    click.echo(f"{target}: {count} rows{beside}", err=True)


def _decimal(asked: TableOptions) -> str:
    return "," if asked.decimal_comma else "."
