"""``dsr-risk schema``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from .._util.atomic import atomic
from ..framework.files import framework_schema

__all__ = ["command"]


@click.command(name="schema", short_help="The JSON schema of framework files.")
@click.option("--out", "-o", metavar="FILE", help="Write to FILE instead of printing.")
def command(out: str | None) -> None:
    """Print the JSON schema of framework files: editors complete and check with it.

    Put `# yaml-language-server: $schema=./framework.schema.json` on a file's first line.
    """
    text = json.dumps(framework_schema(), indent=1) + "\n"
    if out is None:
        click.echo(text, nl=False)
        return
    with atomic(Path(out)) as temporary:
        temporary.write_text(text, encoding="utf-8")
    click.echo(out, err=True)
