"""``dsr-risk cite``."""

from __future__ import annotations

from typing import Any

import click

from ..output.citation import citation
from ._loading import load_scores
from ._options import inputs

__all__ = ["command"]


@click.command(name="cite", short_help="How to cite the scores: versions and fingerprints.")
@inputs
@click.option(
    "--form",
    type=click.Choice(["text", "bibtex", "sources"]),
    default="text",
    show_default=True,
    help="One line, a BibTeX entry, or the sources with their licences.",
)
def command(form: str, **given: Any) -> None:
    """Print a citation of the scores: framework, data and library, with their versions.

    \b
    dsr-risk cite
    dsr-risk cite --form bibtex
    """
    click.echo(citation(load_scores(**given), form=form))
