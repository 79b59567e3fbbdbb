"""``dsr-risk score``."""

from __future__ import annotations

import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import click
import numpy as np
import pandas as pd

from .._util.display import number, render, span
from ..analysis.uncertainty.analysis import Uncertainty, uncertainty
from ..errors import DataError, UnknownNameError
from ..scoring.scores import Level, Scores
from ..scoring.standing import PARTIAL
from ._plots import draw, plotted
from ._shared import (
    check_out,
    emit,
    facts_of,
    gathered,
    inputs,
    load_scores,
    no_model,
    one_year,
    output,
    show_notes,
)
from ._workers import asked, draws_options, spec_of, workers_of

__all__ = ["command"]

NARROWEST = 12
LISTED = 5
KINDS = {
    "coverage": "with too little observed",
    "focal": "the focal state itself",
    "not": "to which nothing applies",
    "undefined:": "whose aggregation has no value there",
}


@dataclass(frozen=True)
class Asked:
    """Options of the command."""

    year: int | None
    level: Level
    countries: tuple[str, ...]
    save_model: str | None
    draws: int | None
    seed: int
    workers: int


@click.command(name="score", short_help="The table of scores.")
@inputs
@click.option("--year", type=int, metavar="YEAR", help="One year of a panel.")
@click.option(
    "--level", type=click.Choice(get_args(Level)), default="score", show_default=True,
    help="Beside the headline scores: details, pillars, indicators or every node.",
)  # fmt: skip
@click.option(
    "--country", "countries", multiple=True, metavar="NAME", help="Only these (repeatable)."
)
@click.option("--save-model", metavar="FILE", help="Save the fitted model as JSON.")
@click.option("--draws", type=int, metavar="N", help="Put intervals of N draws beside the ranks.")
@draws_options
@output
@plotted
@gathered(Asked)
def command(
    options: Asked,
    out: str | None,
    form: str | None,
    **given: Any,
) -> None:
    """Score countries: a table of every headline score with rank, band and coverage.

    \b
    dsr-risk score
    dsr-risk score --data mine.csv --out scores.xlsx
    dsr-risk score --level pillar --country Pakistan --country KEN
    """
    check_out(out, given)
    check_out(options.save_model, given, table=False)
    if options.save_model is not None and Path(options.save_model).suffix.lower() != ".json":
        raise DataError(f"{options.save_model}: a model is saved as a .json file")
    if options.draws is not None:
        no_model(given)
    elif asked("seed") or asked("workers"):
        raise UnknownNameError("--seed and --workers are for draws: give --draws N")
    whole = load_scores(**given)
    if options.save_model:
        whole.model.save(options.save_model)
    scores = whole if options.year is None else whole.select(year=options.year)
    chosen = (
        scores.select(countries=options.countries) if options.countries else scores
    ).data.units
    table, facts = scores.table(options.level), facts_of(scores)
    found = None
    if options.draws is not None:
        # All years are drawn: the scale is learned from all of them, as it is for the scores.
        found = _drawn(whole, options.draws, options.seed, options.workers)
        table = _with_intervals(table, found, options.year)
        show_notes(one for one in found.notes if one not in whole.notes)
        facts |= {"draws": found.draws, "seed": options.seed, "factors": spec_of(found.factors)}
    table = table[table.index.isin(chosen)]
    draw(scores if found is None else found, countries=options.countries or None)
    emit(
        table,
        facts,
        out=out,
        form=form,
        people=lambda width: _for_people(scores, table, options.level, width, found),
    )


def _with_intervals(table: pd.DataFrame, found: Uncertainty, year: int | None) -> pd.DataFrame:
    """Return the table with the central 90 % of draws beside every headline score and rank."""
    out = table
    for name in found.names:
        drawn = one_year(found.table(name), year).reindex(table.index)
        beside = {
            name: {f"{name}_q05": drawn[f"{name}_low"], f"{name}_q95": drawn[f"{name}_high"]},
            f"{name}_rank": {
                f"{name}_rank_q05": drawn[f"{name}_rank_low"],
                f"{name}_rank_q95": drawn[f"{name}_rank_high"],
            },
            f"{name}_band": {f"{name}_band_probability": drawn[f"{name}_band_probability"]},
        }
        for column, values in beside.items():
            for place, (label, one) in enumerate(values.items(), start=1):
                out.insert(list(out.columns).index(column) + place, label, one)
    return out


def _drawn(scores: Scores, draws: int, seed: int, workers: int) -> Uncertainty:
    with workers_of(workers) as executor:
        return uncertainty(
            scores,
            draws=draws,
            seed=seed,
            executor=executor,
            pairs=False,
            progress=sys.stderr.isatty() or None,
        )


def _for_people(
    scores: Scores, table: pd.DataFrame, level: Level, width: int, found: Uncertainty | None
) -> str:
    scored = table[table[list(scores.names)].notna().any(axis=1)]
    columns = _keys(scored)
    for place, name in enumerate(scores.names):
        partial = scores.basis[name].reindex(scored.index) == PARTIAL
        columns[name] = [number(value) for value in scored[name]]
        # Columns need names of their own: the same header is told apart by trailing spaces.
        columns["#" + " " * place] = [
            "–" if pd.isna(rank) else f"{rank}{'*' if basis else ''}"
            for rank, basis in zip(scored[f"{name}_rank"], partial, strict=True)
        ]
        if found is not None:
            columns[name] = _with_range(columns[name], scored, name)
            columns["#" + " " * place] = _with_range(
                columns["#" + " " * place], scored, f"{name}_rank"
            )
        elif level == "score":
            bands = scored[f"{name}_band"]
            columns["band" + " " * place] = ["–" if pd.isna(band) else str(band) for band in bands]
    columns["cover"] = [f"{value:.2f}" for value in scored["coverage"]]
    title = textwrap.fill(scores.framework.title or scores.framework.name, width)
    footer = [textwrap.fill(line, width) for line in _footer(scores, table)]
    if found is not None:
        count = len(found.factors)
        footer.insert(
            1,
            textwrap.fill(
                f"(from-to): 9 in 10 of {found.draws:,} draws of {count} factor"
                f"{'' if count == 1 else 's'}; Monte-Carlo error up to {found.worst_error:.2g} points.",
                width,
            ),
        )
    blocks = [_fitted(columns, width), *_node_blocks(scores, scored, level, width)]
    return "\n\n".join([title, *blocks, "\n".join(footer)])


def _with_range(texts: list[str], scored: pd.DataFrame, name: str) -> list[str]:
    ends = zip(texts, scored[f"{name}_q05"], scored[f"{name}_q95"], strict=True)
    return [text if pd.isna(low) else f"{text} ({low:.0f}-{high:.0f})" for text, low, high in ends]


def _keys(scored: pd.DataFrame) -> dict[str, list[str]]:
    columns = {"country": [str(name) for name in scored["country"]]}
    if isinstance(scored.index, pd.MultiIndex):
        columns["year"] = [str(year) for year in scored.index.get_level_values(1)]
    return columns


def _node_blocks(scores: Scores, scored: pd.DataFrame, level: Level, width: int) -> list[str]:
    """Return the values of nodes below the headlines, as many columns at a time as the terminal holds."""
    nodes = scores.nodes(level)
    each = (width - 24) // 8
    blocks = []
    for start in range(0, len(nodes), each):
        part = nodes[start : start + each]
        numbered = {f"({start + place})": name for place, name in enumerate(part, start=1)}
        values = {key: [number(value) for value in scored[name]] for key, name in numbered.items()}
        legend = [f"{key} {name}: {scores.framework[name].title}" for key, name in numbered.items()]
        text = _fitted({**_keys(scored), **values}, width)
        blocks.append("\n".join([*(textwrap.shorten(one, width) for one in legend), text]))
    return blocks


def _fitted(columns: dict[str, list[str]], width: int) -> str:
    """Return the table with country names cut so that a row takes one line of the terminal."""
    text = render(pd.DataFrame(columns), "plain")
    excess = max(len(line) for line in text.splitlines()) - width
    if excess <= 0:
        return text
    longest = max((len(name) for name in columns["country"]), default=0)
    for least in ("band", "cover"):
        if longest - excess < NARROWEST and any(key.startswith(least) for key in columns):
            return _fitted(
                {key: one for key, one in columns.items() if not key.startswith(least)}, width
            )
    room = max(NARROWEST, longest - excess)
    cut = [name if len(name) <= room else name[: room - 1] + "…" for name in columns["country"]]
    return render(pd.DataFrame({**columns, "country": cut}), "plain")


def _footer(scores: Scores, table: pd.DataFrame) -> list[str]:
    lines = [
        f"{span(*scores.framework.scale)}, higher is more risk; rank 1 is most. "
        "cover: share of weight observed."
    ]
    if bool((scores.basis == PARTIAL).to_numpy().any()):
        lines.append("* partial basis: some indicators do not apply; ranked among such countries.")
    for name in scores.names:
        reasons = scores.reason[name].reindex(table.index)
        reasons = reasons[np.asarray(reasons != "")]
        if 0 < len(reasons) <= LISTED:
            lines += [
                f"No {name} score for {country}: {said}."
                for country, said in zip(table.loc[reasons.index, "country"], reasons, strict=True)
            ]
        elif len(reasons):
            kinds = reasons.str.split(" ").str[0].map(KINDS).value_counts()
            said = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
            lines.append(
                f"No {name} score for {len(reasons)} of {len(table)}: {said}. "
                "`--format csv` lists every country with its reason."
            )
    return lines
