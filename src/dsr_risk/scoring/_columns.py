"""Whether data have the columns that a framework scores; every one missing or misspelt is said."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import numpy as np

from ..data.dataset import Data
from ..errors import Problems, did_you_mean
from ..framework.definition import Framework, Indicator

__all__ = ["column_problems", "required"]

NEAR = 0.8


def required(framework: Framework) -> list[Indicator]:
    """The indicators without which data cannot be scored."""
    return [leaf for leaf in framework.indicators if not leaf.optional and leaf.weight > 0]


def column_problems(
    framework: Framework, data: Data, problems: Problems, *, strict: bool
) -> list[str]:
    """Add what is wrong with the columns to `problems`; return what is only worth a note.

    With `strict` every column the framework does not name is wrong; without it only one that looks
    like a misspelt name.
    """
    wanted = {leaf.data_column: leaf for leaf in framework.indicators}
    divisors = {leaf.denominator: leaf for leaf in framework.indicators if leaf.denominator}
    known = {*wanted, *divisors, *(node.data_column for node in framework.context)}
    extra = [name for name in data.columns if name not in known]
    meant = {} if strict else _meant(data, extra, known)
    for name in extra if strict else meant:
        problems.add(
            f"indicator `{name}` is not in framework `{framework.name}`"
            f"{_near(name, known)}. Rename it, remove it, or list it under `context`"
        )
    absent = {leaf.name: leaf for column, leaf in wanted.items() if column not in data.columns}
    _missing(framework, absent, extra, problems)
    for column, leaf in divisors.items():
        if column not in data.columns:
            problems.add(
                f"indicator `{leaf.name}` is divided by `{column}`, and the data have no such column"
                f"{_near(column, data.columns)}"
            )
    unused = [] if strict else [name for name in extra if name not in meant]
    notes = [f"not in the framework, not used: {', '.join(unused)}"] if unused else []
    lacking = [name for name, leaf in absent.items() if leaf.optional]
    if lacking:
        notes.append(f"not in the data, counted as missing for every country: {', '.join(lacking)}")
    return notes


def _missing(
    framework: Framework, absent: dict[str, Indicator], extra: list[str], problems: Problems
) -> None:
    """Required columns that are not there; a headline score without any of its own is said once."""
    names = [leaf.name for leaf in required(framework)]
    for score in framework.scores:
        own = [name for name in names if framework.score_of(name) == score.name]
        if len(own) > 1 and len(framework.scores) > 1 and all(one in absent for one in own):
            listed = ", ".join(absent[one].data_column for one in own)
            problems.add(
                f"no indicator of `{score.name}` is there ({listed}). Add the columns, or leave the score "
                f"out: `replace({{'{score.name}': None}})`, or a framework file without it"
            )
            names = [name for name in names if name not in own]
    for name in names:
        if name in absent:
            column = absent[name].data_column
            problems.add(
                f"indicator `{column}` is missing{_near(column, extra)}. Add the column (empty cells "
                f"where it is not known), or mark `{name}` as `optional: true` in the framework"
            )


def _meant(data: Data, extra: list[str], known: Iterable[str]) -> dict[str, str]:
    """Columns that look like one misspelt name each, by the name that was meant."""
    out: dict[str, str] = {}
    for name in extra:
        near = difflib.get_close_matches(name, known, n=1, cutoff=NEAR)
        if near and _fills_holes(data, name, near[0]):
            out[name] = near[0]
    meant = list(out.values())
    return {name: one for name, one in out.items() if meant.count(one) == 1}


def _fills_holes(data: Data, name: str, near: str) -> bool:
    """Whether the column `near` has no value wherever `name` has one: as a misspelt name would."""
    given, meant = ~np.isnan(data.matrix([name, near])).T
    return not bool((given & meant).any())


def _near(name: str, known: Iterable[str]) -> str:
    """The nearest names as a remark in brackets; nothing where none is near."""
    said = did_you_mean(name, known)
    return f" ({said})" if said.startswith("did") else ""
