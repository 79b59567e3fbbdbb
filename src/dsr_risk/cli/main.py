"""The ``dsr-risk`` command and its subcommands, each loaded only when it is called."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn

import click

from .._util.atomic import outputs_together, resolved
from ..errors import DataError, DsrRiskError, shortened
from ._libraries import prepare_libraries
from ._streams import Terminated, prepare_streams, silence

__all__ = ["main"]

OUTPUTS = {"out", "wide", "workbook", "save_model", "save_draws", "left_out", "trace", "checkpoint"}
"""Options of any command that name a file to write."""
EXTRA_OUTPUTS = {"records": {"framework"}}

COMMANDS = {
    "score": "Score countries: the table of dependency and security scores.",
    "publish": "A table to publish: Word, Excel, HTML, LaTeX and others, with notes and sources.",
    "crosswalk": "Which countries have no score, and why.",
    "correlations": "Correlation matrix of scores, pillars or indicators.",
    "cite": "How to cite the scores: versions, fingerprints, sources.",
    "report": "A page in one HTML file: map, scores, countries; weights can be moved in it.",
    "profile": "Two pages on a country, or several side by side: scores, peers, drivers, facts.",
    "explain": "Explain a country's scores: every indicator's points against a baseline.",
    "uncertainty": "Intervals beside scores and ranks: what the framework leaves open, drawn.",
    "sensitivity": "Which uncertain factor moves which score and rank, and by how much.",
    "tornado": "Each uncertain factor alone: how far it moves one country's scores.",
    "leave-one-out": "Rank shifts without each indicator or group.",
    "weight-swings": "Rank shifts as each weight goes up and down.",
    "value-of-information": "Which cells of a country are worth knowing.",
    "audit": "Audit the index statistically; an exit code for continuous integration.",
    "compare": "What moved between two sets of scores, and why.",
    "robustness": "What holds for every weighting of a set: rank intervals, dominance.",
    "best-case": "Every country's distance from the safest, with the weights that suit it best.",
    "scenario": "What a policy would do to scores: thirteen levers, stress tests.",
    "reversal": "The smallest change of weights that makes two countries swap.",
    "reversals": "The smallest change of weights that reverses each pair of countries.",
    "pathway": "The cheapest change of indicators that brings a country to a target.",
    "elasticities": "How a score answers to every value and weight, from both sides.",
    "stakeholders": "Several weight sets side by side, and the compromise ranking.",
    "fragility": "The changes of weights and data that would move a country most.",
    "outranking": "Rank countries pair by pair (Copeland).",
    "replay": "Scores of each year as they would have been published then.",
    "trends": "Growth rate and Mann-Kendall trend of every series of a panel.",
    "screen-data": "Availability of data by country and by indicator.",
    "denomination-hints": "Indicators that follow the size of a country.",
    "workbook": "A workbook with live formulas.",
    "records": "Publishers' files to tidy records, and records to indicators.",
    "snapshot": "Build the bundled data anew from publishers' files.",
    "check": "Check framework and data files; every problem of each, located.",
    "init": "Start a folder with a framework, data and schema to edit.",
    "schema": "Write the JSON schema of framework files, for editors.",
}


_GUARDED: set[click.Command] = set()
"""Commands whose callback writes its outputs together already."""


class Commands(click.Group):
    """Lists every command without importing any; errors become one message and exit code 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command; None for a name that is not one."""
        if cmd_name not in COMMANDS:
            return None
        command = _imported(cmd_name)
        below = command.commands.values() if isinstance(command, click.Group) else ()
        for each in (command, *below):
            if each.callback is not None and each not in _GUARDED:
                each.callback = _guarded(each.callback)
                _GUARDED.add(each)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list for ``--help``."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Return the command named, with a suggestion for one that does not exist."""
        from ..errors import did_you_mean

        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise click.UsageError(f"no command `{args[0]}`; {did_you_mean(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; click itself would end an interrupted one with exit code 1."""
        try:
            done = super().invoke(ctx)
            sys.stdout.flush()
        except click.UsageError as error:
            raise click.UsageError(shortened(error.format_message()), error.ctx) from None
        except KeyboardInterrupt:
            click.echo("interrupted: no table was written", err=True)
            ctx.exit(130)
        except BrokenPipeError:
            # The reader of the pipe ended first (`| head`): this is no error.
            silence()
            ctx.exit(0)
        return done

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Return run; 0 if done, 2 for bad input, 130 if interrupted, 128 + N if ended by signal N."""
        try:
            prepare_streams()
            prepare_libraries()
            return super().main(*args, **{**kwargs, "standalone_mode": True})
        except DsrRiskError as error:
            _end(str(error), 2)
        except Terminated as end:
            _end("ended by a signal: no output was written", 128 + end.number)
        except OSError as error:
            name = f"{error.filename}: " if error.filename else ""
            silence()
            _end(f"{name}{error.strerror or error}", 2)
        except MemoryError:
            _end("not enough memory; ask for fewer draws, rows or resamples", 2)
        except Exception as error:
            if os.environ.get("DSR_RISK_DEBUG"):
                raise
            text = " ".join(str(error).split())[:200]
            _end(
                f"internal error: {type(error).__name__}: {text}; this is a fault of dsr-risk "
                "(DSR_RISK_DEBUG=1 shows where)",
                3,
            )


def _imported(name: str) -> click.Command:
    """Import the module of a command.

    Without the garbage collector: what modules define stays, and to search it again and again takes a
    tenth of the time of a short command. It is left out of later collections as well.
    """
    path = f"{__package__}.{name.replace('-', '_')}"
    collects = gc.isenabled() and path not in sys.modules
    if collects:
        gc.disable()
    try:
        command: click.Command = importlib.import_module(path).command
    finally:
        if collects:
            gc.freeze()
            gc.enable()
    return command


def _end(message: str, code: int) -> NoReturn:
    with suppress(OSError, ValueError):
        click.echo(f"error: {shortened(message)}", err=True)
    sys.exit(code)


def _guarded(callback: Callable[..., Any]) -> Callable[..., Any]:
    """Run a command with all its outputs written together, and none over an input."""

    @wraps(callback)
    def run(*args: Any, **params: Any) -> Any:
        context = click.get_current_context()
        written = OUTPUTS | EXTRA_OUTPUTS.get(context.info_name or "", set())
        outputs = {name: params[name] for name in written if isinstance(params.get(name), str)}
        inputs = list(_files(value for name, value in params.items() if name not in written))
        inputs += _folders(params)
        with outputs_together(inputs) as together:
            targets: dict[Path, str] = {}
            for name, path in outputs.items():
                if "\0" in path:
                    raise DataError(
                        f"--{name.replace('_', '-')}: a file name cannot hold a zero byte"
                    )
                target = Path(path)
                together.check(target)
                real = resolved(target)
                if real in targets:
                    raise DataError(
                        f"--{name.replace('_', '-')} and --{targets[real].replace('_', '-')} are one file, "
                        f"{path}; give each its own"
                    )
                targets[real] = name
            return callback(*args, **params)

    return run


def _files(values: Iterable[Any]) -> Iterator[Path]:
    """Find the files that options and arguments name, also as NAME=FILE."""
    for value in values:
        if isinstance(value, tuple | list):
            yield from _files(value)
        elif isinstance(value, str | os.PathLike):
            text = os.fspath(value)
            for part in dict.fromkeys((text, str(text).partition("=")[2])):
                with suppress(OSError, ValueError):
                    if part and Path(part).is_file():
                        yield Path(part)


def _folders(params: dict[str, Any]) -> list[Path]:
    """Return the folders that a command reads: the cable map, and the files of a reader."""
    named = [params.get("cables"), *(params.get("files") or ())]
    folders = []
    for name in named:
        with suppress(OSError, ValueError):
            if isinstance(name, str) and Path(name).is_dir():
                folders.append(Path(name))
    return folders


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dsr-risk", prog_name="dsr-risk")
def main() -> None:
    """Country scores of digital dependency and security risk.

    0 to 100, higher is more risk, rank 1 is most risk. Tables are for people on a terminal and CSV in a
    pipe; --format and --out choose others.
    """
