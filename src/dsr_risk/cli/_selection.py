"""Options that select countries, regions and income groups, as ``Scores.select`` does."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from ..scoring.scores import Scores

__all__ = ["selected", "selection_options"]


def selection_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a selection and hand them to the command as `chosen`."""

    @functools.wraps(function)
    def run(*before: Any, country: Any, region: Any, income: Any, **options: Any) -> Any:
        chosen = {"countries": country or None, "region": region or None, "income": income or None}
        return function(*before, chosen=chosen, **options)

    options = [
        click.option(
            "--country",
            multiple=True,
            metavar="NAME",
            help="Only this country or group, as EU (repeatable).",
        ),
        click.option(
            "--region", multiple=True, metavar="NAME", help="Only this region (repeatable)."
        ),
        click.option(
            "--income", multiple=True, metavar="NAME", help="Only this group (repeatable)."
        ),
    ]
    for option in reversed(options):
        run = option(run)
    return run


def selected(scores: Scores, chosen: dict[str, Any]) -> Scores:
    """Return the scores of the selection, as they are where nothing was selected; ranks stay among all."""
    return scores.select(**chosen) if any(chosen.values()) else scores
