"""Derived indicators: the order in which they are computed, and what may be wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import did_you_mean

if TYPE_CHECKING:
    from .definition import Framework
    from .nodes import Indicator

__all__ = ["derivation_order", "derivation_problems", "inputs_of", "parts_of"]


def parts_of(node: Indicator) -> tuple[str, ...]:
    """Return the names of the indicators that a derived indicator is computed from."""
    return () if node.derived is None else tuple(node.derived.of)


def derivation_order(framework: Framework) -> tuple[Indicator, ...]:
    """Return the derived indicators that scores need, each after the parts it is computed from."""
    nodes = _indicators(framework)
    order: dict[str, Indicator] = {}

    def visit(node: Indicator) -> None:
        for part in parts_of(node):
            visit(nodes[part])
        if node.derived is not None:
            order.setdefault(node.name, node)

    for indicator in framework.indicators:
        visit(indicator)
    return tuple(order.values())


def inputs_of(framework: Framework) -> tuple[Indicator, ...]:
    """Return the indicators that scores read from data; see ``Framework.inputs``."""
    parts = {part for node in framework.derivations for part in parts_of(node)}
    scored = tuple(node for node in framework.indicators if node.derived is None)
    return scored + tuple(
        node for node in framework.context if node.name in parts and node.derived is None
    )


def derivation_problems(framework: Framework) -> list[str]:
    """Return what is wrong with derived indicators, one line a problem."""
    nodes = _indicators(framework)
    groups = {node.name for node in framework.nodes} - set(nodes)
    problems = []
    for node in nodes.values():
        for part in parts_of(node):
            if part in groups:
                problems.append(
                    f"`{node.name}`: `derived.of` names the group `{part}`; it takes indicators and "
                    "context columns"
                )
            elif part not in nodes:
                problems.append(
                    f"`{node.name}`: `derived.of` names `{part}`, which is no indicator (a column that is not "
                    f"scored is declared under `context`); {did_you_mean(part, nodes)}"
                )
        problems += _misused(node)
    return problems or _circles(nodes)


def _indicators(framework: Framework) -> dict[str, Indicator]:
    return {node.name: node for node in (*framework.indicators, *framework.context)}


def _misused(node: Indicator) -> list[str]:
    """Return fields that a derived indicator does not use."""
    if node.derived is None:
        return []
    used = {"missing": node.missing, "denominator": node.denominator, "column": node.column}
    return [
        f"`{node.name}` is derived: `{field}` belongs to its parts, take it out here"
        for field, value in used.items()
        if value is not None
    ]


def _circles(nodes: dict[str, Indicator]) -> list[str]:
    """Return one line for every circle of derived indicators."""
    problems: dict[frozenset[str], str] = {}
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            circle = path[path.index(name) :]
            problems.setdefault(
                frozenset(circle),
                f"`{circle[0]}`: `derived` is circular: {' <- '.join((*circle, name))}",
            )
            return
        if name in done:
            return
        for part in parts_of(nodes[name]):
            visit(part, (*path, name))
        done.add(name)

    for name in nodes:
        visit(name, ())
    return list(problems.values())
