"""Options and output that several commands share."""

from __future__ import annotations

import dataclasses
import functools
import shutil
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

import click
import pandas as pd

from .._util.display import Shown, counted, render, table_of
from ..data.assemble import as_data
from ..data.countries import country_iso3
from ..data.dataset import Data
from ..data.files import read_data
from ..data.reading import cut
from ..data.snapshot import load_data
from ..errors import DataError, UnknownNameError, did_you_mean
from ..framework.definition import Framework
from ..framework.files import load_framework
from ..output.manifest import how_to_read, manifest
from ..output.sheets import Page
from ..output.tables import as_document, as_text, check_target, page_of_table, write_files
from ..output.wording import words_of
from ..scoring.fitting import fit_and_score
from ..scoring.model import Model
from ..scoring.prepare import bundled_for, columns_of, data_for
from ..scoring.scores import Scores
from ._plots import remember_source

__all__ = [
    "READ",
    "asked_framework",
    "check_out",
    "command_line",
    "emit",
    "facts_of",
    "fitting",
    "gathered",
    "inputs",
    "kind_options",
    "laid_over",
    "lines_of",
    "load_inputs",
    "load_scores",
    "named",
    "no_model",
    "one_year",
    "output",
    "read_asked",
    "reading_options",
    "show_notes",
    "show_year",
    "told",
]

Command = TypeVar("Command", bound=Callable[..., Any])
FORMS = ("table", "csv", "tsv", "json", "markdown", "html")
FOLDED = 20
"""Letters to which longer texts of a column are folded on a terminal before another column goes."""
GAP, LAST = 2, 3
"""Letters between columns; columns that always stay."""
READ = ("markdown", "html", ".md", ".html")
"""Formats for reading; the others hold data."""


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


READING = (
    "sheet",
    "edition",
    "panel",
    "units",
    "decimal",
    "thousands",
    "missing",
    "encoding",
    "only",
)


def read_asked(path: str | Path, reading: Mapping[str, Any]) -> Data:
    """Read a data file as the reading options ask."""
    asked = dict(reading)
    codes = tuple(asked.pop("missing", None) or ())
    if codes:
        asked["missing"] = () if codes == ("none",) else codes
    if only := asked.pop("only", None):
        asked["only"] = _pairs(only)
    return read_data(path, **asked)


def _pairs(texts: Sequence[str]) -> dict[str, str]:
    """Return `column=value` texts as a mapping."""
    pairs = [text.partition("=") for text in texts]
    if wrong := [column for column, mark, _ in pairs if not mark or not column]:
        raise DataError(f"--only must be COLUMN=VALUE, such as sex=T, received {cut(wrong[0])}")
    counts = Counter(column for column, _, _ in pairs)
    if twice := [column for column, count in counts.items() if count > 1]:
        raise DataError(f"--only takes one value of a column, received several of {cut(twice[0])}")
    return {column: value for column, _, value in pairs}


def output(function: Command) -> Command:
    """Return the options that say where the table goes."""
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


def load_inputs(
    *,
    framework: str | None,
    preset: str | None,
    focal: str | None,
    data: str | None,
    model: str | None,
    update: tuple[str, ...] = (),
    **reading: Any,
) -> tuple[Model | None, Framework, Data]:
    """Return the saved model if any, the framework and the data of the shared options."""
    if model is not None and (framework or preset or focal):
        raise UnknownNameError(
            "--model brings its framework: leave out --framework, --preset, --focal"
        )
    asked = [name for name in READING if reading.get(name) not in (None, ())]
    if data is None and not update and asked:
        options = ", ".join(f"--{name}" for name in asked)
        raise UnknownNameError(f"{options} says how your file is read: name it with --data")

    fitted = None if model is None else Model.load(model)
    wanted = fitted.framework if fitted else asked_framework(framework, preset or None, focal)
    if reading.get("units") not in (None, wanted.units):
        wanted = wanted.replace({"units": reading["units"]})
        fitted = None if fitted is None else dataclasses.replace(fitted, framework=wanted)
    reading |= {"units": wanted.units, "indicators": columns_of(wanted)}
    cables: str | None = reading.pop("cables", None)
    if data is not None:
        table = data_for(wanted, lambda: read_asked(data, reading), strict=True)
    else:
        table = load_data() if update else bundled_for(wanted)
    for path in update:
        table = laid_over(table, read_asked(path, reading), wanted, path)
    if cables is not None:
        # Imported here: records and their readers take longer to import than the bundled scores take.
        from ..readers.telegeography import telegeography
        from ..records.cables import cable_columns

        columns = cable_columns(telegeography(cables).records, focal=wanted.focal)
        table = laid_over(table, as_data(columns), wanted, "--cables", needed=True)
    remember_source(wanted, table)
    return fitted, wanted, table


def load_scores(*, year: int | None = None, **given: Any) -> Scores:
    """Return the scores of the shared options; a user's file is checked strictly."""
    fitted, framework, data = load_inputs(**given)
    strict = given["data"] is not None
    scores = (
        fit_and_score(framework, data, strict=strict)
        if fitted is None
        else fitted.score(data, strict=strict)
    )
    if year is not None:
        scores = scores.select(year=year)
    show_notes([*scores.data.reading.lines(), *scores.notes])
    return scores


def laid_over(
    data: Data, over: Data, framework: Framework, origin: str, *, needed: bool = False
) -> Data:
    """Lay a table over data; a column that neither the data nor the framework has is an error."""
    inputs = [indicator.data_column for indicator in framework.inputs]
    columns = inputs if needed else [*inputs, *data.columns]
    unknown = [name for name in over.columns if name not in columns]
    if unknown and needed:
        raise UnknownNameError(
            f"{origin}: framework `{framework.name}` has no column {', '.join(f'`{n}`' for n in unknown)}; "
            "ask for --preset with_cables"
        )
    if unknown:
        near = did_you_mean(unknown[0], columns)
        raise UnknownNameError(
            f"{origin}: column `{unknown[0]}` is neither in the framework nor in the data; {near}"
        )
    return data.update(over)


def one_year(frame: pd.DataFrame, year: int | None) -> pd.DataFrame:
    """Return the rows of one year of a panel by country, and the columns where those are units as well."""
    if year is None or frame.index.nlevels < 2:
        return frame
    kept = frame[frame.index.get_level_values(1) == year].droplevel(1)
    if kept.columns.nlevels > 1:
        kept = kept.loc[:, kept.columns.get_level_values(1) == year].droplevel(1, axis=1)
    return kept


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


def asked_framework(framework: str | None, preset: str | None, focal: str | None) -> Framework:
    """Return the framework that the options name."""
    loaded = load_framework("dsr" if framework is None else framework, preset=preset)
    if focal is None:
        return loaded
    return loaded.replace({"focal": None if focal.casefold() == "none" else country_iso3(focal)})


def command_line() -> str:
    """Return the command line as it was typed."""
    import shlex

    text = shlex.join(["dsr-risk", *sys.argv[1:]])
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def facts_of(scores: Scores) -> dict[str, Any]:
    """Return the manifest of a table made from scores by this command; only tables of scores have grades."""
    facts = manifest(scores, command=command_line())
    if click.get_current_context().command.name != "score":
        facts["how_to_read"] = how_to_read(scores, words_of("en"), graded=False)
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


def no_model(given: Mapping[str, Any]) -> None:
    """Refuse a saved model where methods must be learned again: it holds no reference data."""
    if given.get("model") is not None:
        raise UnknownNameError(
            "--model cannot be used here: each draw refits the framework and needs data. Use --framework "
            "and --data"
        )


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


def told(scores: Scores, result: Any) -> dict[str, Any]:
    """Return the manifest of a result's table: its first line is the title, what else it says are notes."""
    facts = facts_of(scores)
    title, *rest = lines_of(result)
    return {
        **facts,
        "title": title,
        "notes": [*facts["notes"], *rest, *getattr(result, "notes", ())],
    }


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
