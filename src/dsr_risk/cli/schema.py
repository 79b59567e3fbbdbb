"""``dsr-risk schema``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from .._util.atomic import atomic
from ..errors import DataError
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
    target = Path(out)
    _refuse_what_is_no_schema(target)
    with atomic(target) as temporary:
        temporary.write_text(text, encoding="utf-8")
    click.echo(out, err=True)


def _refuse_what_is_no_schema(target: Path) -> None:
    """Raise DataError for a name that is no .json, and for a file there that is no JSON schema."""
    if target.suffix.lower() != ".json":
        raise DataError(f"{target}: a schema is written as .json, received `{target.suffix}`")
    if not target.is_file():
        return
    try:
        held = json.loads(target.read_bytes())
    except (ValueError, RecursionError):
        held = None
    if not (isinstance(held, dict) and ({"$defs", "$schema"} & set(held))):
        raise DataError(
            f"{target}: is there already and is no JSON schema; write to another file, or remove it first"
        )
