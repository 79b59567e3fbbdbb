"""The option ``--plot`` of commands whose result has a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from .._util.atomic import atomic
from ..data.dataset import Data
from ..errors import DataError, MissingExtraError
from ..framework.definition import Framework

__all__ = ["asked_for", "draw", "plotted"]

SUFFIXES = (".svg", ".png", ".pdf")
KEY, SOURCE = "dsr_risk.plot", "dsr_risk.source"


def plotted(function: Any) -> Any:
    """Add the option ``--plot FILE``; the command calls `draw` with its result."""
    return click.option(
        "--plot",
        metavar="FILE",
        expose_value=False,
        callback=_checked,
        help="Draw the result in FILE (.svg .png .pdf).",
    )(function)


def _checked(ctx: click.Context, option: click.Parameter, value: str | None) -> None:
    """Refuse a file that cannot be written before anything is computed."""
    if value is None:
        return
    target = Path(value)
    if target.suffix.lower() not in SUFFIXES:
        raise DataError(
            f"{target}: `{target.suffix}` is not a format of pictures; expected one of "
            f"{', '.join(SUFFIXES)}"
        )
    if not target.parent.is_dir():
        raise DataError(f"{target}: no folder `{target.parent}`; make it first")
    try:
        import matplotlib as mpl
    except ImportError:
        raise MissingExtraError.of("matplotlib", extra="plots", purpose="--plot") from None
    mpl.use("agg")
    ctx.meta[KEY] = target


def remember_source(framework: Framework, data: Data) -> None:
    """Keep what the command's picture is made from, for the line below the picture."""
    context = click.get_current_context(silent=True)
    if context is not None:
        context.meta[SOURCE] = (
            f"Source: {data.origin} (data {data.fingerprint}), framework {framework.name} "
            f"{framework.version} ({framework.fingerprint})."
        )


def asked_for() -> bool:
    """Tell whether the command was asked for a picture."""
    return KEY in click.get_current_context().meta


def draw(result: Any, **options: Any) -> None:
    """Write the picture of a result, or of a function of `plots`, to the file of ``--plot`` if given."""
    target = click.get_current_context().meta.get(KEY)
    if target is None:
        return
    figure = getattr(result, "plot", result)(**options).get_figure(root=True)
    source = click.get_current_context().meta.get(SOURCE)
    if source:
        figure.supxlabel(source, x=0.01, ha="left", fontsize=6, color="#444444")
    with atomic(target) as temporary:
        figure.savefig(temporary, dpi=150, format=target.suffix.lower()[1:])
    click.echo(f"{target}: picture", err=True)
