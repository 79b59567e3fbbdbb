"""The ``dsr-risk`` command and its subcommands, each loaded only when it is called."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any

import click

from ..errors import DsrRiskError

__all__ = ["main"]

COMMANDS = {
    "score": "Score countries: the table of dependency and security scores.",
    "explain": "Explain a country's scores: every indicator's points against a baseline.",
    "uncertainty": "Intervals beside scores and ranks: what the framework leaves open, drawn.",
    "sensitivity": "Which uncertain factor moves which score and rank, and by how much.",
    "audit": "Audit the index statistically; an exit code for continuous integration.",
    "compare": "What moved between two sets of scores, and why.",
    "robustness": "What holds for every weighting of a set: rank intervals, dominance.",
    "scenario": "What a policy would do to scores: thirteen levers, stress tests.",
    "reversal": "The smallest change of weights that makes two countries swap.",
    "pathway": "The cheapest change of indicators that brings a country to a target.",
    "elasticities": "How a score answers to every value and weight, from both sides.",
    "stakeholders": "Several weight sets side by side, and the compromise ranking.",
    "fragility": "The changes of weights and data that would move a country most.",
    "outranking": "Rank countries pair by pair (Copeland).",
    "records": "Publishers' files to tidy records, and records to indicators.",
    "check": "Check framework and data files; every problem of each, located.",
    "init": "Start a folder with a framework, data and schema to edit.",
    "schema": "Write the JSON schema of framework files, for editors.",
}


class Commands(click.Group):
    """Lists every command without importing any; errors become one message and exit code 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order people meet them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command; None for a name that is not one."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f".{cmd_name}", __package__)
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Return the list for ``--help``."""
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
        except KeyboardInterrupt:
            click.echo("interrupted: no table was written", err=True)
            ctx.exit(130)
        return done

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run; 0 if done, 2 for bad input, 130 if interrupted."""
        try:
            return super().main(*args, **{**kwargs, "standalone_mode": True})
        except DsrRiskError as error:
            click.echo(f"error: {error}", err=True)
            sys.exit(2)
        except BrokenPipeError:
            # The reader of the pipe went away (`| head`): not an error of ours.
            _silence()
            sys.exit(0)
        except OSError as error:
            name = f"{error.filename}: " if error.filename else ""
            click.echo(f"error: {name}{error.strerror or error}", err=True)
            _silence()
            sys.exit(2)


def _silence() -> None:
    """Nothing more to standard output, whose reader is gone or whose disk is full."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dsr-risk", prog_name="dsr-risk")
def main() -> None:
    """Country scores of digital dependency and security risk.

    0 to 100, higher is more risk, rank 1 is most risk. Tables are for people on a terminal and CSV in a
    pipe; --format and --out choose others.
    """
