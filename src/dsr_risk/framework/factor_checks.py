"""The rules between factors and the framework they stand in, every breach said by factor name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import did_you_mean
from ..factors._base import ALL, Factor, Target, target_of
from ..factors.choices import Choice
from ..factors.parameters import ParameterFactor
from ..factors.weights import WeightFactor
from .derivations import parts_of

if TYPE_CHECKING:
    from .definition import Framework

__all__ = ["columns_below", "factor_problems", "following", "indicators_below", "methods_at"]

PARTS = {
    "weights": "weights",
    "goalposts": "parameter",
    "data": "data",
    "missing": "missing",
}
INDICATOR_METHODS = ("missing", "treatment", "normalisation")
CROSSING = 0.5
"""The share of their distance by which two goalposts that move on their own can meet."""


def indicators_below(framework: Framework, node: str) -> list[str]:
    """Return the indicators at or below a node, ``*`` for all, in document order."""
    if node == ALL:
        return [indicator.name for indicator in framework.indicators]
    below: Any = framework[node]
    if not hasattr(below, "children"):
        return [below.name]
    return [node.name for node in below.walk() if not hasattr(node, "children")]


def columns_below(framework: Framework, node: str) -> list[str]:
    """Return the data columns that indicators at or below a node are computed from, parts of derived ones too.

    `node` may be a context column that is a part of a derived indicator.
    """
    inputs = {column.name for column in framework.inputs}
    if node in inputs:
        return [node]
    nodes = {column.name: column for column in (*framework.indicators, *framework.context)}
    out: dict[str, None] = {}

    def visit(name: str) -> None:
        if name in inputs:
            out.setdefault(name)
        else:
            for part in parts_of(nodes[name]):
                visit(part)

    for indicator in [node] if node in nodes else indicators_below(framework, node):
        visit(indicator)
    return list(out)


def factor_problems(framework: Framework, factors: Mapping[str, Factor]) -> list[str]:
    """Return what is wrong with `factors` in this framework, one line a problem."""
    problems: list[str] = []
    for name, factor in factors.items():
        path = target_of(name, factor)
        if isinstance(factor, Choice) and factor.sets is not None:
            problems += _preset_problems(name, factor, framework)
            continue
        problem = _node_problem(framework, path, factor)
        if problem is None:
            problem = _part_problem(framework, path, factor)
        if problem is not None:
            problems.append(f"factor `{name}`: {problem}")
    return problems + _twice(factors)


def _node_problem(framework: Framework, target: Target, factor: Factor) -> str | None:
    names = [node.name for node in framework.nodes]
    if factor.kind in ("data", "missing"):
        names += [column.name for column in framework.inputs if column.name not in names]
    if target.node in ("", ALL) or target.node in names:
        return None
    if target.node in type(framework).model_fields or target.node == "defaults":
        return None
    return f"no node `{target.node}` in framework `{framework.name}`; {did_you_mean(target.node, names)}"


def _part_problem(framework: Framework, target: Target, factor: Factor) -> str | None:
    wanted = PARTS.get(target.part)
    if factor.kind in ("weights", "data", "missing") and wanted != factor.kind:
        return (
            f"method `{factor.name}` acts on `<node>.{factor.kind}`, received `{target}`; name the target "
            "in the factor's name or in `at`"
        )
    if wanted is not None and factor.kind != wanted:
        return f"`{target}` takes a factor of {wanted}, received method `{factor.name}`"
    if isinstance(factor, WeightFactor):
        return _weight_problem(framework, target, factor)
    if isinstance(factor, ParameterFactor) and target.part == "goalposts":
        share = getattr(factor, "share", None)
        if share is None:
            return "goalposts vary by a share of their distance: give `share`"
        if share >= CROSSING:
            return (
                f"goalposts that vary by half their distance can cross: give `share` below {CROSSING:g}, "
                f"received {share:g}"
            )
        return None
    if isinstance(factor, ParameterFactor):
        return parameter_problem(framework, target)
    return None


def _weight_problem(framework: Framework, target: Target, factor: WeightFactor) -> str | None:
    if target.node == ALL:
        return (
            None if factor.takes_deep else f"`{factor.name}` names children, so it needs one group"
        )
    node: Any = framework[target.node]
    if not hasattr(node, "children"):
        return f"`{target.node}` is an indicator and has no children to weigh; name its group"
    if factor.deep and not factor.takes_deep:
        return f"`{factor.name}` names the children of one group, so `deep` is not possible"
    wanted, children = factor.names_wanted(), {child.name for child in node.children}
    if wanted is None or wanted == children:
        return None
    wrong = sorted(wanted - children)
    if wrong:
        return f"`{wrong[0]}` is no child of `{target.node}`; {did_you_mean(wrong[0], children)}"
    return f"names no value for {', '.join(f'`{child}`' for child in sorted(children - wanted))}"


def parameter_problem(framework: Framework, target: Target) -> str | None:
    """Return why the target is not one number of one method, or None."""
    family, _, field = target.part.partition(".")
    if field and family in ("aggregation", *INDICATOR_METHODS):
        methods = list(methods_at(framework, target.node, family).values())
        if not methods:
            return f"nothing at or below `{target.node}` has a {family}"
        lacking = [
            method for method in methods if not isinstance(getattr(method, field, None), float)
        ]
        if not lacking:
            return None
        fields = [key for key in type(lacking[0]).model_fields if key != "at"]
        return (
            f"{family} `{lacking[0].name}` has no number `{field}`; {did_you_mean(field, fields)}"
            if field not in fields
            else f"`{field}` of {family} `{lacking[0].name}` is not a number, received "
            f"{getattr(lacking[0], field)!r}"
        )
    return (
        f"expected a number of a method, such as `<node>.aggregation.p` or "
        f"`<node>.normalisation.high`, received `{target}`"
    )


def methods_at(framework: Framework, node: str, family: str) -> dict[str, Any]:
    """Return the methods of a family in force at a node, or at every indicator below it, by node name.

    ``defaults`` stands for the nodes that leave the method to the defaults.
    """
    defaults = getattr(framework.defaults, family)
    if node == "defaults":
        nodes = [
            node
            for node in framework.nodes
            if hasattr(node, family) and getattr(node, family, None) is None
        ]
    elif family == "aggregation":
        nodes = [
            group
            for group in framework.nodes
            if hasattr(group, "children") and node in (ALL, group.name)
        ]
    else:
        nodes = [framework[name] for name in indicators_below(framework, node)]
    return {node.name: getattr(node, family) or defaults for node in nodes}


def _preset_problems(name: str, factor: Choice, framework: Framework) -> list[str]:
    return [
        f"factor `{name}`: no preset `{preset}`; {did_you_mean(preset, framework.presets)}"
        for preset in (factor.sets or {}).values()
        if isinstance(preset, str) and preset not in framework.presets
    ]


def _twice(factors: Mapping[str, Factor]) -> list[str]:
    seen: dict[str, str] = {}
    lines = []
    for name, factor in factors.items():
        if factor.kind in ("data", "missing") or (
            isinstance(factor, Choice) and factor.sets is not None
        ):
            continue
        path = str(target_of(name, factor))
        if path in seen:
            lines.append(f"factors `{seen[path]}` and `{name}` both act on `{path}`; keep one")
        seen[path] = name
    return lines


def following(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Return a framework as plain data without the factors on dropped nodes.

    A factor that lists indicators by name (``rounding``) loses those that are context now.
    """
    factors = plain.get("factors")
    if not factors:
        return dict(plain)
    names = {ALL, "defaults", *_names(plain.get("scores", ()))}
    names |= _parts(plain)
    context = {str(node.get("name")) for node in plain.get("context", ())} - names
    kept = {
        name: _without(factor, context)
        for name, factor in factors.items()
        if _stands(name, factor, names, plain)
    }
    return {**plain, "factors": kept}


def _without(factor: Any, gone: set[str]) -> Any:
    if not isinstance(factor, Mapping) or not isinstance(factor.get("rounding"), Mapping):
        return factor
    rounding = {name: unit for name, unit in factor["rounding"].items() if name not in gone}
    return {**factor, "rounding": rounding}


def _stands(name: str, factor: Any, names: set[str], plain: Mapping[str, Any]) -> bool:
    address = (factor.get("at") if isinstance(factor, Mapping) else "") or name
    node, _, part = address.partition(".")
    return not part or node in names or node in plain


def _parts(plain: Mapping[str, Any]) -> set[str]:
    """Return the parts of the derived indicators that are left, and the parts of these."""
    nodes = [*_each(plain.get("scores", ())), *_each(plain.get("context", ()))]
    of = {str(node.get("name")): _of(node) for node in nodes}
    wanted, out = _names(plain.get("scores", ())), set[str]()
    while wanted:
        new = [part for part in of.get(wanted.pop(), ()) if part not in out]
        out.update(new)
        wanted += new
    return out


def _of(node: Mapping[str, Any]) -> list[str]:
    derived = node.get("derived")
    parts = derived.get("of") if isinstance(derived, Mapping) else None
    return [parts] if isinstance(parts, str) else [str(part) for part in parts or ()]


def _each(nodes: Iterable[Any]) -> list[Mapping[str, Any]]:
    return [
        inner
        for node in nodes
        if isinstance(node, Mapping)
        for inner in (node, *_each(node.get("children", ())))
    ]


def _names(nodes: Iterable[Any]) -> list[str]:
    return [
        name
        for node in nodes
        if isinstance(node, Mapping)
        for name in (str(node.get("name")), *_names(node.get("children", ())))
    ]
