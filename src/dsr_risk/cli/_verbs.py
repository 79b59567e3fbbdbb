"""Commands of verbs that return one table: the options are those of the function, in the same words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click
import pandas as pd

from ..data.dataset import Data
from ..scoring.scores import Scores
from ._loading import load_inputs, load_scores
from ._options import FIRST_SCORE, inputs, output
from ._plots import draw, plotted
from ._selection import selected, selection_options
from ._shared import check_out, command_line, emit, facts_of, fitting, named, show_year

__all__ = ["COUNTRY", "score_parameter", "table_command", "year_parameter"]

COUNTRY = click.Argument(["country"])


def score_parameter(text: str = FIRST_SCORE) -> click.Option:
    """Return the option for a headline score."""
    return click.Option(["--score", "-s"], metavar="NAME", help=text)


def year_parameter() -> click.Option:
    """Return the option for a year of a panel."""
    return click.Option(
        ["--year"], type=int, metavar="YEAR", help="One year of a panel. [default: latest]"
    )


def table_command(
    verb: Callable[..., Any],
    *options: click.Parameter,
    text: str,
    scored: bool = True,
    selection: bool = False,
    picture: Callable[[Any, str], Any] | None = None,
    brief: Callable[[pd.DataFrame], pd.DataFrame] | None = None,
) -> click.Command:
    """Return the command of a verb: shared inputs, options of its own, the table printed or written.

    Parameters
    ----------
    verb
        Called as ``verb(scores, country, **options)``, or ``verb(framework, data, **options)`` where
        `scored` is False, which reads the data without scoring them.
    selection
        Whether countries, regions and income groups may be selected; ranks stay among all that were scored.
    options
        Those of the verb under the names of its keywords, and an argument ``country`` if it has one.
    text
        Text of ``--help``; its first line is shown in the list of commands.
    picture
        Draws the result for the option ``--plot``, given what it is about; no such option if None.
    brief
        Shortens the table for a terminal.
    """
    names = [str(parameter.name) for parameter in options]

    def run(
        out: str | None, form: str | None, chosen: dict[str, Any] | None = None, **given: Any
    ) -> None:
        options = {name: given.pop(name) for name in names}
        options = {name: None if value == () else value for name, value in options.items()}
        check_out(out, given)
        answer = (
            _scored(verb, options, given, chosen) if scored else _unscored(verb, options, given)
        )
        if picture is not None:
            draw(lambda: picture(answer.result, answer.subject))
        table = answer.table
        emit(
            table,
            answer.facts,
            out=out,
            form=form,
            people=lambda width: fitting(answer.called(brief(table) if brief else table), width),
            about=answer.about,
        )

    name = verb.__name__.replace("_", "-")
    command = click.command(name=name, short_help=text.partition("\n")[0], help=text)(
        inputs(output(_with_plot(selection_options(run) if selection else run, picture)))
    )
    command.params[:0] = options
    return command


def _with_plot(run: Callable[..., Any], picture: object) -> Callable[..., Any]:
    return run if picture is None else plotted(run)


@dataclass(frozen=True)
class _Answer:
    """The result of a verb, the facts of its manifest, and the words for its subject."""

    result: Any
    facts: dict[str, Any]
    subject: str
    about: dict[str, object]
    data: Data

    def called(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return a table with the names of its countries, where it has their codes alone."""
        codes = table.index if table.index.name == "iso3" else table.get("unit")
        if codes is None or "country" in table or self.data.kind != "country":
            return table
        names = dict(zip(self.data.iso3, self.data.unit_names, strict=True))
        called = [names.get(code, code) for code in codes]
        if table.index.name != "iso3":
            return table.assign(unit=called)
        out = table.copy()
        out.insert(0, "country", called)
        return out

    @property
    def table(self) -> pd.DataFrame:
        if isinstance(self.result, pd.DataFrame):
            return self.result
        return self.result.table()  # type: ignore[no-any-return]


def _scored(
    verb: Callable[..., Any],
    options: dict[str, Any],
    given: dict[str, Any],
    chosen: dict[str, Any] | None,
) -> _Answer:
    """Score the data and call the verb with the scores, or with those that were selected."""
    scores, names = selected(load_scores(**given), chosen or {}), list(options)
    show_year(scores, options.get("year"), latest="year" in options)
    subject = _subject(scores, options, names)
    about: dict[str, object] = {}
    country = [options.pop("country")] if "country" in options else []
    if country:
        about["country"] = named(scores, country[0])
    if "score" in options:
        about["score"] = options["score"] or scores.names[0]
    return _Answer(verb(scores, *country, **options), facts_of(scores), subject, about, scores.data)


def _unscored(verb: Callable[..., Any], options: dict[str, Any], given: dict[str, Any]) -> _Answer:
    """Read the data and call the verb with framework and data."""
    _, framework, data = load_inputs(**given)
    facts = {
        "command": command_line(),
        "framework": framework.fingerprint,
        "data": data.fingerprint,
    }
    return _Answer(verb(framework, data, **options), facts, "", {}, data)


def _subject(scores: Scores, options: dict[str, Any], names: list[str]) -> str:
    """Return the country and the headline score that a result is about, as text."""
    parts: list[str] = []
    if "country" in names:
        parts += scores.data.names_of([scores.data.unit_of(options["country"])])
    if "score" in names:
        parts.append(str(options["score"] or scores.names[0]))
    return ", ".join(parts)
