"""The rules of a framework, every breach said in one line and located by node name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from ..errors import FrameworkError, did_you_mean
from .derivations import derivation_problems

if TYPE_CHECKING:
    from .definition import Framework
    from .nodes import Indicator

__all__ = ["checked_plain", "complaints", "framework_problems"]

_TAGS = ("indicator", "group")
DEEPEST = 60
RENAMED = {"imputation": "missing"}
"""Keys of version 0.1 and what replaces each."""

TABLE_COLUMNS = frozenset(
    {
        "iso3",
        "year",
        "country",
        "coverage",
        "observed",
        "estimated",
        "indicators",
        "region",
        "income",
        "focal",
        "data_years",
        "sources",
        "estimated_indicators",
        "grade",
    }
)
"""Columns of every score table."""
HEADLINE_COLUMNS = (
    "rank",
    "band",
    "min",
    "max",
    "observed",
    "estimated_share",
    "low",
    "high",
    "coverage",
    "grade",
    "basis",
    "reliability",
    "rank_region",
    "rank_income",
    "reason",
    "rank_low",
    "rank_high",
    "band_probability",
)
"""What follows a headline's name in the columns of a score table."""


Fields = Mapping[str, Iterable[str]]
"""The keys that each kind of piece takes: framework, group, indicator, mechanism."""


def complaints(error: ValidationError, raw: Any, kind: str, fields: Fields) -> list[str]:
    """Return what pydantic refused, each with the node it is in, the field, the value and the way out."""
    lines = [
        _complaint(detail, raw, kind, fields)
        for detail in error.errors(include_url=False)
        # A tuple is also called short, and a default said to have no base, when other fields were
        # refused: those are reported already.
        if not (detail["type"] == "too_short" and detail["input"])
        and detail["type"] != "default_factory_not_called"
    ]
    return [*lines, *(line for line in tree_problems(raw) if line not in lines)]


def _complaint(error: Any, raw: Any, kind: str, fields: Fields) -> str:
    node, field, kind = _locate(error["loc"], raw, kind)
    where = f"`{node}`: " if node else ""
    if field.startswith("defaults."):
        kind = "defaults"
    if error["type"] == "extra_forbidden" and field.rpartition(".")[2] in RENAMED:
        name = field.rpartition(".")[2]
        return f"{where}`{name}` was renamed in version 0.2: use `{RENAMED[name]}`"
    if error["type"] == "extra_forbidden":
        return f"{where}unknown key `{field}`; {did_you_mean(field.rpartition('.')[2], fields.get(kind, ()))}"
    if error["type"] == "missing":
        if field == "children":
            return f"{where}`children` is missing: a headline score is a group, with indicators or groups below"
        return f"{where}`{field}` is missing"
    text = error["msg"].removeprefix("Value error, ")
    if error["type"] == "string_pattern_mismatch" and field == "name":
        text = "a name starts with a letter and has letters, digits, `_` and `-` only"
    if error["type"] == "string_pattern_mismatch" and field == "focal":
        text = "expected an ISO 3166 alpha-3 code such as CHN, or null for none"
    text = text.replace("Input should be", "must be")
    if error["type"] == "too_short":
        text = "must not be empty"
    value = error["input"]
    plain = not isinstance(value, Mapping | list | tuple)
    has_value = "received" in text or (plain and f"`{value}`" in text)
    received = "" if has_value else f", received {_short(value)}"
    return f"{where}`{field}`: {text}{received}" if field else f"{where}{text}{received}"


def _locate(loc: tuple[Any, ...], raw: Any, kind: str) -> tuple[str, str, str]:
    """Return the node name, the field path below it, and the kind of the piece at fault."""
    node, current = "", raw
    path: list[str] = []
    for part in loc:
        if part in _TAGS and not (isinstance(current, Mapping) and part in current):
            continue
        if isinstance(part, int) and isinstance(current, list | tuple) and part < len(current):
            current = current[part]
            name = _name(current)
            if name is None:
                node = f"{node}.{path.pop() if path else ''}[{part + 1}]".lstrip(".")
            else:
                node, path, kind = name, [], _kind_of(current, loc[0])
            continue
        path.append(str(part))
        current = (
            current.get(part) if isinstance(current, Mapping) else getattr(current, str(part), None)
        )
    return node, ".".join(path), kind


def _kind_of(piece: Any, section: Any) -> str:
    if section == "mechanisms":
        return "mechanism"
    return "group" if isinstance(piece, Mapping) and "children" in piece else "indicator"


def _name(value: Any) -> str | None:
    name = value.get("name") if isinstance(value, Mapping) else getattr(value, "name", None)
    return name if isinstance(name, str) else None


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except RecursionError:
        return f"a {type(value).__name__} nested too deeply to show"
    return text if len(text) <= 60 else text[:57] + "..."


def checked_plain(raw: object, where: str) -> Mapping[Any, Any]:
    """Return plain data that may be a framework; refuse no mapping, one nested too deep, and a JSON schema."""
    if not isinstance(raw, Mapping):
        raise FrameworkError(
            f"{where}: expected a mapping with `scores`, received {type(raw).__name__}"
        )
    if _nested_deeper(raw, DEEPEST):
        raise FrameworkError(f"{where}: nested more than {DEEPEST} levels deep")
    if "$defs" in raw:
        raise FrameworkError(f"{where}: a JSON schema of frameworks, not a framework")
    return raw


def _nested_deeper(raw: Any, limit: int) -> bool:
    """Tell whether plain data has groups in groups to more than `limit` levels."""
    level, depth = [raw], 0
    while level and depth <= limit + 1:
        groups = [
            entry.get(key)
            for entry in level
            if isinstance(entry, Mapping)
            for key in ("scores", "children")
        ]
        level = [child for entry in groups if isinstance(entry, list | tuple) for child in entry]
        depth += 1
    return bool(level)


def tree_problems(raw: Any) -> list[str]:
    """Return what is wrong with the shape of the tree, read from plain data that may be broken elsewhere."""
    if not isinstance(raw, Mapping):
        return []
    problems: list[str] = []
    counts: Counter[str] = Counter()

    def visit(node: Any, above: tuple[str, ...]) -> None:
        name = _name(node)
        if name is not None and name in above:
            problems.append(
                f"`{name}` is cyclic: it stands below itself ({' > '.join((*above, name))})"
            )
            return
        if name is not None:
            counts[name] += 1
        children = _children(node)
        if children is None or len(above) >= DEEPEST:
            return
        _weight_problems(name or "?", children, problems)
        for child in children:
            visit(child, (*above, name) if name else above)

    scores = raw.get("scores", ())
    for score in scores if isinstance(scores, list | tuple) else ():
        visit(score, ())
    context = raw.get("context", ())
    counts.update(
        name
        for entry in (context if isinstance(context, list | tuple) else ())
        if (name := _name(entry))
    )
    problems += [
        f"`{name}` is the name of {count} nodes; every node needs a name of its own"
        for name, count in counts.items()
        if count > 1
    ]
    return problems


def _children(node: Any) -> list[Any] | tuple[Any, ...] | None:
    children = (
        node.get("children") if isinstance(node, Mapping) else getattr(node, "children", None)
    )
    return children if isinstance(children, list | tuple) else None


def _weight_problems(name: str, children: Iterable[Any], problems: list[str]) -> None:
    weights = [
        child.get("weight", 1.0) if isinstance(child, Mapping) else getattr(child, "weight", 1.0)
        for child in children
    ]
    numbers = [
        weight
        for weight in weights
        if isinstance(weight, int | float) and not isinstance(weight, bool)
    ]
    if numbers and len(numbers) == len(weights) and all(number == 0 for number in numbers):
        problems.append(
            f"`{name}`: the weights of its children are all 0; give at least one a weight above 0"
        )


def framework_problems(framework: Framework) -> list[str]:
    """Return every rule a well-typed framework may still break."""
    problems = tree_problems({"scores": framework.scores, "context": framework.context})
    if problems:
        return problems  # what follows looks nodes up by name
    lower, upper = framework.scale
    if lower >= upper:
        # Bands and offsets lie on the scale: they cannot be checked without one.
        return [f"`scale`: the lower end must be below the upper, received {lower:g}, {upper:g}"]
    problems += _band_problems("bands", framework.bands, (lower, upper))
    problems += _band_problems("grades", framework.grades, (0.0, 1.0))
    problems += _name_problems(framework)
    for node in framework.nodes:
        if _children(node) is not None:
            problems += _aggregation_problems(framework, node)
            problems += _special_problems(node)
    for indicator in framework.indicators:
        problems += _indicator_problems(indicator)
    # The columns that are read are known only where every derived indicator can be computed.
    problems += derivation_problems(framework) or _direction_problems(framework)
    for mechanism in framework.mechanisms:
        problems += [
            f"mechanism `{mechanism.name}`: no node `{name}`; "
            + did_you_mean(name, [node.name for node in (*framework.nodes, *framework.context)])
            for name in mechanism.nodes
            if name not in framework
        ]
    return problems


def _name_problems(framework: Framework) -> list[str]:
    """Return nodes called what a column of the tables is called: one would hide the other."""
    headlines = [score.name for score in framework.scores]
    taken = TABLE_COLUMNS | {
        f"{headline}_{part}" for headline in headlines for part in HEADLINE_COLUMNS
    }
    return [
        f"`{node.name}` is also the name of a column of the score table; choose another name"
        for node in framework.nodes
        if node.name in taken
    ]


def _indicator_problems(indicator: Indicator) -> list[str]:
    problems = []
    if indicator.higher_is == "neither":
        problems.append(
            f"`{indicator.name}`: `higher_is` must be riskier or safer where an indicator is scored, received "
            "neither; a column that is shown and not scored belongs under `context`"
        )
    if indicator.plausible is not None and indicator.plausible[0] >= indicator.plausible[1]:
        problems.append(
            f"`{indicator.name}`: `plausible` must be [low, high] with low below high, "
            f"received {list(indicator.plausible)}"
        )
    if indicator.scale_factor != 1 and indicator.denominator is None:
        problems.append(
            f"`{indicator.name}`: `scale_factor` scales a denominator, and there is none; received "
            f"{indicator.scale_factor:g}. Name the `denominator`, or leave `scale_factor` out"
        )
    return problems


def _direction_problems(framework: Framework) -> list[str]:
    """Return context columns without a direction whose missing cells are estimated with one."""
    return [
        f"`{node.name}`: `higher_is` must be riskier or safer, received {node.higher_is}: the method "
        f"`{method.name}` estimates its missing cells on the scale of risk"
        for node in framework.inputs
        if node.higher_is == "neither"
        and (method := node.missing or framework.defaults.missing).name == "siblings"
    ]


def _band_problems(field: str, bands: Mapping[str, float], ends: tuple[float, float]) -> list[str]:
    problems = [
        f"`{field}.{label}` = {start:g} lies outside {ends[0]:g} to {ends[1]:g}"
        for label, start in bands.items()
        if not ends[0] <= start <= ends[1]
    ]
    repeated = [str(start) for start, count in Counter(bands.values()).items() if count > 1]
    if repeated:
        problems.append(
            f"`{field}`: two labels start at {', '.join(repeated)}; each needs a start of its own"
        )
    if field == "bands" and not problems and min(bands.values()) > ends[0]:
        problems.append(
            f"`bands`: the lowest starts at {min(bands.values()):g}; a band must start at {ends[0]:g}"
        )
    return problems


def _special_problems(group: Any) -> list[str]:
    """Return what is wrong with the child that scales a group or gives its value."""
    fields = {field: getattr(group, field) for field in ("scaled_by", "value")}
    named = {field: name for field, name in fields.items() if name is not None}
    if len(named) > 1:
        return [
            f"`{group.name}`: give `scaled_by` or `value`, not both; for both put one group into another"
        ]
    children = {child.name: child for child in group.children}
    problems = []
    for field, name in named.items():
        where = f"`{group.name}`: `{field}` names `{name}`"
        if name not in children:
            problems.append(
                f"{where}, which is no indicator among its children; {did_you_mean(name, children)}"
            )
        elif _children(children[name]) is not None:
            problems.append(f"{where}, which is a group; it takes an indicator among its children")
        elif len(children) == 1:
            problems.append(f"{where}, its only child; the group needs other children beside it")
        elif children[name].weight == 0:
            problems.append(f"{where}, whose weight is 0; give it a weight above 0")
    return problems


def _aggregation_problems(framework: Framework, group: Any) -> list[str]:
    aggregator = group.aggregation or framework.defaults.aggregation
    lower, upper = framework.scale
    if aggregator.offset_on(lower) >= upper - lower:
        return [
            f"`{group.name}`: `offset` must be below the length of the scale, {upper - lower:g}, "
            f"received {aggregator.offset_on(lower):g}"
        ]
    # A scale that starts at 0 may stay there: a child at 0 gives 0.
    if lower + aggregator.offset_on(lower) >= 0 or not aggregator.requires_positive():
        return []
    enough = f"set `offset: {-lower:g}` or more, or " if -lower < upper - lower else ""
    return [
        f"`{group.name}`: a {aggregator.name} mean needs the start of the scale plus `offset` to be 0 or more, "
        f"received {lower:g} and {aggregator.offset_on(lower):g}; {enough}a scale such as `scale: [1, 100]`"
    ]
