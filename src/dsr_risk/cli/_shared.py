"""Output that several commands share: tables, notes and messages."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import click
import pandas as pd

from .._util.display import Shown, counted, render, table_of
from ..errors import DataError
from ..output.manifest import how_to_read, manifest
from ..output.sheets import Page
from ..output.tables import as_document, as_text, check_target, page_of_table, write_files
from ..output.wording import words_for
from ..scoring.scores import Scores

__all__ = [
    "READ",
    "check_out",
    "command_line",
    "emit",
    "facts_of",
    "fitting",
    "lines_of",
    "named",
    "show_notes",
    "show_year",
    "manifest_of",
]

FOLDED = 20
"""Letters to which longer texts of a column are folded on a terminal before another column goes."""
GAP, LAST = 2, 3
"""Letters between columns; columns that always stay."""
READ = ("markdown", "html", ".md", ".html")
"""Formats for reading; the others hold data."""


def show_year(scores: Scores, year: int | None = None, *, latest: bool = True) -> None:
    """Say on standard error which year of a panel a command is about, where none is asked for."""
    if year is None and scores.data.is_panel:
        years = scores.data.years
        about = f"{years[-1]}, the latest" if latest else f"{years[0]} to {years[-1]} together, all"
        show_notes([f"year {about} of the panel" if latest else f"years {about} of the panel"])


def show_notes(notes: Iterable[str]) -> None:
    """Print what the reader must know beside the table: a line a note, on a terminal in its width."""
    for note in notes:
        line = f"note: {note}"
        if sys.stderr.isatty():
            width = shutil.get_terminal_size((80, 24)).columns
            line = textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False)
        click.echo(line, err=True)


def command_line() -> str:
    """Return the command line as it was typed."""
    import shlex

    text = shlex.join(["dsr-risk", *sys.argv[1:]])
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def facts_of(scores: Scores) -> dict[str, Any]:
    """Return the manifest of a table made from scores by this command; only tables of scores have grades."""
    facts = manifest(scores, command=command_line())
    if click.get_current_context().command.name != "score":
        facts["how_to_read"] = how_to_read(scores, words_for(scores), graded=False)
    return facts


def emit(
    frame: pd.DataFrame,
    facts: Mapping[str, Any],
    *,
    out: str | None,
    form: str | None,
    people: Callable[[int], str],
    page: Page | None = None,
    about: Mapping[str, object] | None = None,
) -> None:
    """Write the table to its file, or print it: `people(width)` on a terminal, data in a pipe.

    `page` is the sheet to print of a workbook where it is not made from the table. `about` says what the
    table is about, such as its country: columns of the same for every row in formats of data, which have no
    title, and the title of the others.
    """
    read = frame
    if about:
        frame = frame.copy()
        for column, (name, value) in enumerate(about.items()):
            if name not in frame:
                frame.insert(column, name, str(value))
    facts = {"title": _title(facts, about), **facts}
    if out is not None:
        suffix = Path(out).suffix.lower()
        if page is None and suffix == ".xlsx" and read.shape[1]:
            page = page_of_table(read, dict(facts))
        target = write_files(read if suffix in READ else frame, Path(out), dict(facts), page=page)
        click.echo(f"{target}: {len(frame)} rows; manifest beside it", err=True)
        if form is None:
            return
    form = form or ("table" if sys.stdout.isatty() else "csv")
    if form == "table":
        click.echo(people(terminal_width()))
    elif form in READ:
        click.echo(as_document(read, form, facts), nl=False)
    else:
        click.echo(as_text(frame, form), nl=False)


def _title(facts: Mapping[str, Any], about: Mapping[str, object] | None) -> str:
    """Return the framework's title for scores, else what the command does and what its table is about."""
    command = click.get_current_context().command
    framework = facts.get("framework")
    own = framework.get("title") if isinstance(framework, Mapping) else None
    if command.name == "score" and own:
        return str(own)
    what = (command.short_help or str(command.name)).rstrip(".")
    subject = ", ".join(map(str, (about or {}).values()))
    return f"{what}: {subject}" if subject else what


def named(scores: Scores, country: str) -> str:
    """Return the name and the code of a unit as tables are headed: ``Kenya (KEN)``."""
    unit = scores.data.unit_of(country)
    name = scores.data.names_of([unit])[0]
    return name if name == unit else f"{name} ({unit})"


def check_out(
    out: str | None, given: Mapping[str, Any] | None = None, *, table: bool = True
) -> None:
    """Refuse a file that cannot be written, or that is read as well, before anything is computed."""
    if out is None:
        return
    if table:
        check_target(Path(out))
    for option, value in (given or {}).items():
        if (
            isinstance(value, str)
            and Path(value).exists()
            and Path(value).resolve() == Path(out).resolve()
        ):
            raise DataError(f"{out} is the --{option} file itself; write to another file")


def lines_of(result: Shown) -> list[str]:
    """Return what a result says above its table, but for its notes, which ``show_notes`` prints."""
    return [line for line in result._shown()[0].splitlines() if not line.startswith("note: ")]


def manifest_of(scores: Scores, result: Any) -> dict[str, Any]:
    """Return the manifest of a result's table: its first line is the title, what else it says are notes."""
    facts = facts_of(scores)
    title, *rest = lines_of(result)
    notes = dict.fromkeys([*facts["notes"], *rest, *result.notes])
    return {**facts, "title": title, "notes": list(notes)}


def fitting(frame: pd.DataFrame, width: int, caption: str = "") -> str:
    """Return a table for people; on a narrow terminal columns go, other formats have them all.

    Columns without any figure but zero go first, then the last ones. Long texts are folded, as are lines of
    the caption.
    """
    caption = "\n".join(textwrap.fill(line, max(width, 20)) for line in caption.splitlines())
    whole = table_of(frame)
    plain = frame.reset_index() if _named(frame) else frame
    idle = [column for column in range(plain.shape[1]) if _idle(plain.iloc[:, column])]
    kept = list(range(whole.shape[1]))
    least = [_least(whole.iloc[:, column]) for column in kept]
    while sum(least[column] + GAP for column in kept) - GAP > width and len(kept) > LAST:
        kept.remove(idle.pop() if idle else kept[-1])
    text = render(whole.iloc[:, kept], "plain", caption, width)
    hidden = whole.shape[1] - len(kept)
    return text if hidden <= 0 else f"{text}\n{counted(hidden, 'more column')}: --format csv"


def _least(column: pd.Series[Any]) -> int:
    """Return the letters that a column needs when its texts are folded: its longest word, and the heading."""
    words = max((len(word) for text in column for word in text.split()), default=0)
    longest = max(map(len, column), default=0)
    return max(len(str(column.name)) + GAP, words, min(FOLDED, longest))


def _idle(column: pd.Series[Any]) -> bool:
    """Tell whether a column of several rows has nothing but zeros, blanks and missing values."""
    return len(column) > 1 and bool((column.isna() | column.isin([0, ""])).all())


def _named(frame: pd.DataFrame) -> bool:
    return frame.index.name is not None or frame.index.nlevels > 1


def terminal_width() -> int:
    """Return the width of the terminal, 80 where there is none."""
    return shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else 80
