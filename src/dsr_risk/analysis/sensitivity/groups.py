"""Factors, their groups and correlations as a layout of what is exchanged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from ...errors import FrameworkError, Problems, did_you_mean
from ...montecarlo import Design
from ...sobol.dependence import Copula
from ...sobol.run import Layout, Shapley, shapley_for

__all__ = ["Correlation", "Groups", "layout_of", "named_groups"]

Groups = Mapping[str, Sequence[str]] | Literal["kind"]
Correlation = Mapping[tuple[str, str], float]


def named_groups(design: Design, groups: Groups | None) -> dict[str, tuple[str, ...]]:
    """Return every group with its factors; a factor that no group names is a group of its own.

    Raises
    ------
    FrameworkError
        For unknown factors, a factor in two groups, an empty group.
    """
    if groups is None:
        return {}
    if isinstance(groups, str):
        if groups != "kind":
            raise FrameworkError(
                f"groups: expected `kind` or a mapping of names to factors, received {groups!r}"
            )
        by_kind: dict[str, list[str]] = {}
        for name, factor in design.factors.items():
            by_kind.setdefault(factor.kind, []).append(name)
        return {name: tuple(members) for name, members in by_kind.items()}
    return _given_groups(design, groups)


def _given_groups(
    design: Design, groups: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    problems = Problems("groups of factors")
    taken: dict[str, str] = {}
    out: dict[str, tuple[str, ...]] = {}
    for group, members in groups.items():
        if isinstance(members, str) or not members:
            problems.add(f"group `{group}`: expected a list of factors, received {members!r}")
            continue
        for member in members:
            if member not in design.factors:
                problems.add(
                    f"group `{group}`: no factor `{member}`; {did_you_mean(member, design.names)}"
                )
            elif member in taken:
                problems.add(
                    f"factor `{member}` is in groups `{taken[member]}` and `{group}`; keep one"
                )
            taken[member] = str(group)
        if group in design.factors and list(members) != [group]:
            problems.add(f"group `{group}` has the name of a factor; rename the group")
        out[str(group)] = tuple(members)
    problems.raise_as(FrameworkError)
    return out | {name: (name,) for name in design.names if name not in taken}


def layout_of(
    design: Design,
    groups: Mapping[str, tuple[str, ...]],
    correlation: Correlation | None,
    shapley: Shapley | Literal["auto"],
) -> Layout:
    """Return what is exchanged: every factor, every group of several, and the players of the Shapley effects.

    Raises
    ------
    FrameworkError
        If there are no factors, a correlation is impossible, or `shapley` is no known way.
    """
    if not design.names:
        raise FrameworkError(
            f"framework `{design.framework.name}` has no factors, so nothing varies; add `factors` to "
            'it, or pass them: factors={"*.weights": {"method": "spread", "share": 0.25}}'
        )
    ways = ("auto", "exact", "permutation", "none")
    if shapley not in ways:
        raise FrameworkError(
            f"no way `{shapley}` to the Shapley effects; {did_you_mean(shapley, ways)}"
        )
    number_of = {name: number for number, name in enumerate(design.names)}
    singles = [frozenset([number]) for number in number_of.values()]
    together = [frozenset(number_of[member] for member in members) for members in groups.values()]
    players = tuple(together or singles)
    if shapley == "exact" and len(players) > MOST_EXACT:
        raise FrameworkError(
            f"shapley: all subsets of {len(players)} factors are {2.0 ** len(players):,.0f} evaluations a "
            f"row, and at most {MOST_EXACT} factors are possible; use `permutation`, or groups"
        )
    columns = tuple(
        tuple(range(part.start, part.stop)) if (part := design.columns.get(name)) else ()
        for name in design.names
    )
    return Layout(
        design.dimension,
        columns,
        tuple((name,) if name in design.streams else () for name in design.names),
        tuple(dict.fromkeys([*singles, *together])),
        players,
        shapley_for(len(players)) if shapley == "auto" else shapley,
        _copula(design, correlation or {}, columns, number_of),
    )


MOST_EXACT = 12


def _copula(
    design: Design,
    correlation: Correlation,
    columns: Sequence[tuple[int, ...]],
    number_of: Mapping[str, int],
) -> Copula | None:
    if not correlation:
        return None
    problems = Problems("correlations of factors")
    pairs: dict[tuple[int, int], float] = {}
    for pair, value in correlation.items():
        problem = _pair_problem(design, pair, value, columns, number_of)
        if problem is not None:
            problems.add(problem)
            continue
        first, second = sorted(columns[number_of[name]][0] for name in pair)
        if pairs.get((first, second), value) != value:
            problems.add(f"{pair}: given twice with different values")
        pairs[first, second] = float(value)
    problems.raise_as(FrameworkError)
    joined = sorted({column for pair in pairs for column in pair})
    matrix = np.eye(len(joined))
    for (first, second), value in pairs.items():
        i, j = joined.index(first), joined.index(second)
        matrix[i, j] = matrix[j, i] = value
    try:
        return Copula(joined, matrix)
    except ValueError as error:
        raise FrameworkError(f"correlations of factors: {error}") from None


def _pair_problem(
    design: Design,
    pair: object,
    value: object,
    columns: Sequence[tuple[int, ...]],
    number_of: Mapping[str, int],
) -> str | None:
    if not isinstance(pair, tuple) or len(pair) != 2 or pair[0] == pair[1]:
        return f"expected a pair of two factors, received {pair!r}"
    for name in pair:
        if name not in number_of:
            return f"{pair}: no factor `{name}`; {did_you_mean(str(name), number_of)}"
        if len(columns[number_of[name]]) != 1:
            draws = (
                "errors of single cells" if name in design.streams else "several numbers at once"
            )
            return (
                f"{pair}: `{name}` draws {draws}, so one correlation with it has no meaning; correlate "
                "factors of one number, or put what moves together into one factor"
            )
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1 < value < 1:
        return f"{pair}: expected a correlation between -1 and 1, received {value!r}"
    return None
