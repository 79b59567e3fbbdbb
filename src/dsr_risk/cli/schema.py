"""``dsr-risk schema``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from .._util.atomic import atomic
from ..framework.files import framework_schema
from ..output.publish_files import table_schema

__all__ = ["command"]

SCHEMAS = {"framework": framework_schema, "table": table_schema}


@click.command(name="schema", short_help="The JSON schema of framework files or of JSON tables.")
@click.option(
    "--of",
    "which",
    type=click.Choice(list(SCHEMAS)),
    default="framework",
    show_default=True,
    help="Framework files, or tables that `publish --out x.json` writes.",
)
@click.option("--out", "-o", metavar="FILE", help="Write to FILE instead of printing.")
def command(which: str, out: str | None) -> None:
    """Print the JSON schema of framework files: editors complete and check with it.

    Put `# yaml-language-server: $schema=./framework.schema.json` on a file's first line. With `--of table`, print
    the schema of published JSON tables.
    """
    text = json.dumps(SCHEMAS[which](), indent=1, ensure_ascii=False) + "\n"
    if out is None:
        click.echo(text, nl=False)
        return
    with atomic(Path(out)) as temporary:
        temporary.write_text(text, encoding="utf-8")
    click.echo(out, err=True)
