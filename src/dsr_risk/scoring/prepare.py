"""What a framework takes from data: its columns, checked, with what is not to be scored taken out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .._util.types import Array, Mask
from ..data.countries import to_iso3
from ..data.dataset import Data
from ..data.snapshot import load_data
from ..errors import DataError, Problems
from ..framework.definition import Framework, Indicator
from ._columns import column_problems, required

__all__ = ["FOCAL_PARTS", "Prepared", "bundled_for", "data_for", "prepare"]


FOCAL_PARTS = {"CHN": ("HKG", "MAC")}
"""Territories that count as the focal state itself."""

LISTED = 500
SEVERAL = 5


@dataclass(frozen=True)
class Prepared:
    """Columns of the scored indicators, (units, leaves), ready for fit or score.

    ``raw`` holds values as given, ``denominated`` the same divided by their denominator; both may be the
    data's own array and are only read. ``flagged`` marks values that were imputed before they came here, or is
    None. ``applicable`` is False for cells that are not applicable and for every cell of a focal country;
    ``low`` and ``high`` are the bounds of censored cells on the denominated scale, or None.
    """

    raw: Array
    denominated: Array
    flagged: Mask | None
    applicable: Mask
    focal: Mask
    low: Array | None
    high: Array | None
    notes: tuple[str, ...]


def prepare(framework: Framework, data: Data, *, strict: bool = False) -> Prepared:
    """Take from `data` what `framework` scores, or raise DataError with everything that is wrong.

    With `strict` every column the framework does not name is an error; without it only one that looks
    like a misspelt name is, and the others are noted.
    """
    problems = Problems(data.origin)
    leaves = framework.indicators
    notes = column_problems(framework, data, problems, strict=strict)
    columns = [leaf.data_column for leaf in leaves]
    raw = data.matrix(columns)
    divisors = _divisors(data, leaves, problems)
    denominated = _divided(raw, divisors)
    _check_plausible(data, leaves, denominated, problems)
    notes += _shares_for_percent(leaves, denominated)
    _check_focal(framework, problems)
    foreign, said = _foreign_focal(framework, data, leaves)
    raw, denominated = _without(raw, foreign), _without(denominated, foreign)
    applies = data.applicable(columns)
    applicable = np.ones(raw.shape, bool) if applies is None else np.array(applies)
    # What did not apply to the other origin is merely not known for this one.
    applicable[:, foreign] = True
    focal = _focal(framework, data)
    applicable[focal] = False
    low, high = data.bounds(columns) or (None, None)
    prepared = Prepared(
        raw,
        denominated,
        _flagged(data, columns),
        applicable,
        focal,
        None if low is None else _divided(low, divisors),
        None if high is None else _divided(high, divisors),
        (*notes, *said),
    )
    try:
        problems.raise_as(DataError)
    except DataError as error:
        error.partial = prepared
        raise
    return prepared


def data_for(framework: Framework, read: Callable[[], Data], *, strict: bool = False) -> Data:
    """Data as read; where they have problems, those and what the framework says of the rest, at once."""
    try:
        return read()
    except DataError as error:
        if not isinstance(error.partial, Data):
            raise
        try:
            prepare(framework, error.partial, strict=strict)
        except DataError as more:
            problems = Problems(error.partial.origin)
            problems.extend((*error.problems, *more.problems))
            problems.raise_as(DataError)
        raise


def bundled_for(framework: Framework) -> Data:
    """The bundled snapshot, or one line on what a framework made for other data does not find in it."""
    data = load_data()
    absent = [leaf.name for leaf in required(framework) if leaf.data_column not in data.columns]
    if absent:
        raise DataError(
            f"framework `{framework.name}` scores data of your own: the {data.origin} lacks "
            f"{len(absent)} of its {len(framework.indicators)} indicators ({', '.join(absent)}). Give the "
            "data, such as a file with a column for each (on the command line, `--data FILE`)"
        )
    return data


def _check_focal(framework: Framework, problems: Problems) -> None:
    origin = framework.focal
    if origin is not None and to_iso3([origin])[0] != origin:
        problems.add(
            f"framework `{framework.name}`: `focal` is '{origin}', which is no country; expected an ISO "
            "3166 alpha-3 code such as CHN"
        )


def _focal(framework: Framework, data: Data) -> Mask:
    if framework.focal is None:
        return np.zeros(len(data), bool)
    return np.isin(data.iso3, [framework.focal, *FOCAL_PARTS.get(framework.focal, ())])


def _divisors(
    data: Data, leaves: tuple[Indicator, ...], problems: Problems
) -> dict[int, tuple[Array, float]]:
    """For every leaf that is divided, the denominator's column and what scales it."""
    found = {}
    for place, leaf in enumerate(leaves):
        if leaf.denominator is None or leaf.denominator not in data.columns:
            continue
        by = data.matrix([leaf.denominator])[:, 0]
        for row in np.flatnonzero(by <= 0)[:LISTED]:
            problems.add(
                f"{_unit(data, row)}: `{leaf.denominator}` is {by[row]:g}, and `{leaf.name}` is divided "
                "by it; it must be above 0, or empty"
            )
        found[place] = (by, leaf.scale_factor)
    return found


def _divided(x: Array, divisors: dict[int, tuple[Array, float]]) -> Array:
    if not divisors:
        return x
    out = np.array(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        for place, (by, factor) in divisors.items():
            out[:, place] /= by / factor
    return out


def _without(x: Array, places: list[int]) -> Array:
    if not places:
        return x
    out = np.array(x)
    out[:, places] = np.nan
    return out


def _flagged(data: Data, columns: list[str]) -> Mask | None:
    """Values whose evidence says that they were imputed before they came here."""
    evidence = data._evidence
    if evidence.empty or "flag" not in evidence:
        return None
    cells = evidence[(evidence["flag"] == "imputed") & evidence["indicator"].isin(columns)]
    if cells.empty:
        return None
    rows = {key: row for row, key in enumerate(data.unit_keys())}
    places = {name: place for place, name in enumerate(columns)}
    out = np.zeros((len(data), len(columns)), bool)
    keys = zip(cells["iso3"], cells["unit_year"].tolist(), strict=True)
    out[[rows[key] for key in keys], [places[name] for name in cells["indicator"]]] = True
    return out


def _check_plausible(
    data: Data, leaves: tuple[Indicator, ...], raw: Array, problems: Problems
) -> None:
    for place, leaf in enumerate(leaves):
        column = raw[:, place]
        if leaf.plausible is not None:
            low, high = leaf.plausible
            for row in np.flatnonzero((column < low) | (column > high))[:LISTED]:
                hint = _unit_hint(column[row], low, high)
                problems.add(
                    f"{_unit(data, row)}, `{leaf.name}` = {column[row]:g}: outside the plausible range "
                    f"{low:g} to {high:g}{f' ({leaf.unit})' if leaf.unit else ''}{hint}"
                )
        if leaf.ordinal is not None:
            bad = ~np.isnan(column) & ~np.isin(column, leaf.ordinal)
            for row in np.flatnonzero(bad)[:LISTED]:
                codes = ", ".join(f"{code:g}" for code in leaf.ordinal)
                problems.add(
                    f"{_unit(data, row)}, `{leaf.name}` = {column[row]:g}: not one of its codes {codes}"
                )


def _shares_for_percent(leaves: tuple[Indicator, ...], raw: Array) -> list[str]:
    """Notes on indicators of 0 to 100 whose values all lie within 0 to 1, though they may be right."""
    found = []
    for place, leaf in enumerate(leaves):
        if not leaf.unit.startswith("0-100"):
            continue
        known = raw[~np.isnan(raw[:, place]), place]
        if len(known) >= SEVERAL and known.max() <= 1 and known.min() >= 0:
            found.append(
                f"`{leaf.name}` is in {leaf.unit}, and all its {len(known)} values lie within 0 to 1: a share "
                "where a percent is meant? Multiply by 100"
            )
    return found


def _unit_hint(value: float, low: float, high: float) -> str:
    if high <= 1 and low <= value / 100 <= high:
        return "; a percent where a share is meant? Divide by 100"
    return "; correct it, or leave it empty if unknown"


def _unit(data: Data, row: int) -> str:
    key = data.units[row]
    return f"{key[0]} {key[1]}" if isinstance(key, tuple) else str(key)


def _foreign_focal(
    framework: Framework, data: Data, leaves: tuple[Indicator, ...]
) -> tuple[list[int], list[str]]:
    """Leaves computed for another focal origin, which say nothing about this one, and why."""
    taken = [place for place, leaf in enumerate(leaves) if leaf.focal]
    if not taken:
        return [], []
    if framework.focal is None:
        names = ", ".join(leaves[place].name for place in taken)
        return taken, [f"no focal origin: left out {names}, which depend on one"]
    evidence = data.focal_origins()
    wrong: dict[str, list[int]] = {}
    for place in taken:
        origins = evidence.get(leaves[place].data_column, set()) - {framework.focal}
        if origins:
            wrong.setdefault(", ".join(sorted(origins)), []).append(place)
    return [place for places in wrong.values() for place in places], [
        f"focal origin is {framework.focal}, but the data were built for {origins}: left out "
        f"{', '.join(leaves[place].name for place in places)}; rebuild them from records for "
        f"{framework.focal}"
        for origins, places in wrong.items()
    ]
