"""Replacing parts of a framework by path."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .._util.display import counted
from ..errors import FrameworkError, Problems, UnknownNameError, did_you_mean
from .checks import RENAMED

if TYPE_CHECKING:
    from .definition import Framework

__all__ = ["extended", "preset_of", "replaced"]

SECTIONS = ("scores", "context")
"""Fields of a framework that are lists of nodes."""
LABELLED = ("bands", "grades")
"""Mappings whose labels a path may change and not add: a new one would be a misspelt one."""


def replaced(framework: Framework, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the framework as plain data with `changes` made; see ``Framework.replace``."""
    plain = framework.to_dict()
    problems = Problems(f"framework `{framework.name}`, replace")
    if not isinstance(changes, Mapping) or not all(isinstance(path, str) for path in changes):
        problems.add(f'expected a mapping such as {{"gci.weight": 2}}, received {changes!r}')
        problems.raise_as(UnknownNameError)
    # Lists of nodes first: what is changed inside them must not be overwritten. Whole nodes last: a path
    # into a node that is dropped in the same call must still be found.
    for path in (path for path in SECTIONS if path in changes):
        nodes = changes[path]
        plain[path] = [_plain(node) for node in nodes] if isinstance(nodes, list | tuple) else nodes
        if not _is_nodes(plain[path]):
            problems.add(f"`{path}` must be a list of nodes, received {changes[path]!r}")
    problems.raise_as(FrameworkError)
    entries = _entries(plain)
    others = [path for path in changes if path not in SECTIONS]
    for path in sorted(others, key=lambda name: name in framework):
        _replace(framework, plain, entries, path, changes[path], problems)
    problems.raise_as(UnknownNameError)
    _forget_dropped(framework, plain)
    return plain


def extended(framework: Framework, parent: str, node: object) -> dict[str, Any]:
    """Return the framework as plain data with `node` below the group `parent`; see ``Framework.add``."""
    groups = [group.name for group in framework.nodes if hasattr(group, "children")]
    if parent not in groups:
        why = "is an indicator, not a group" if parent in framework else "is not in it"
        raise UnknownNameError(
            f"framework `{framework.name}`: no group `{parent}` to add to (`{parent}` {why}); "
            f"{did_you_mean(parent, groups)}"
        )
    value = _plain(node)
    if not isinstance(value, Mapping) or not isinstance(value.get("name"), str):
        raise FrameworkError(
            f"framework `{framework.name}`: expected a node to add, as a mapping with `name` or an "
            f"Indicator or Group, received {node!r}"
        )
    twice = [name for name in _names([dict(value)]) if name in framework.parents]
    if twice:
        raise FrameworkError(
            f"framework `{framework.name}`: `{twice[0]}` is scored already; use "
            f'`replace({{"{twice[0]}": ...}})` to change it, or add it under another name'
        )
    plain = framework.to_dict()
    _take_from_context(plain, value)
    _entries(plain)[parent]["children"].append(dict(value))
    return plain


def preset_of(framework: Framework, name: str) -> Framework:
    """Return the framework with a named set of replacements applied; see ``Framework.preset``."""
    presets = framework.presets
    if name not in presets:
        raise UnknownNameError(
            f"no preset `{name}` in framework `{framework.name}`; {did_you_mean(name, presets)}"
        )
    try:
        return framework.replace(presets[name])
    except (FrameworkError, UnknownNameError) as error:
        problems = error.problems or (error.message,)
        raise type(error)(
            f"framework `{framework.name}`, preset `{name}`: {counted(len(problems), 'problem')}",
            problems,
        ) from None


def _replace(
    framework: Framework,
    plain: dict[str, Any],
    entries: Mapping[str, dict[str, Any]],
    path: str,
    value: Any,
    problems: Problems,
) -> None:
    """Make one change in the plain data, of which `entries` are the nodes by name."""
    name, _, rest = path.partition(".")
    value = _plain(value)
    if name in framework and rest in ("", "add"):
        put = _append if rest else _put
        put(framework, plain, name, value, problems)
        return
    target: Any = entries.get(name) if name in framework else plain
    if target is None:
        problems.add(f"path `{path}`: no node `{name}` among the nodes replaced in the same call")
        return
    keys = rest.split(".") if name in framework else path.split(".")
    fields = (
        type(framework[name]).model_fields if name in framework else type(framework).model_fields
    )
    if keys[-1] in RENAMED:
        problems.add(f"path `{path}`: `{keys[-1]}` was renamed: use `{RENAMED[keys[-1]]}`")
        return
    if keys[0] not in fields:
        names = [*fields, *(f"{node.name}" for node in framework.nodes)]
        problems.add(f"unknown path `{path}`: no `{keys[0]}`; {did_you_mean(keys[0], names)}")
        return
    current: Any = framework[name] if name in framework else framework
    for key in keys[:-1]:
        if not _is_field(current, key, path, problems):
            return
        inner = (
            getattr(current, key, None) if not isinstance(current, Mapping) else current.get(key)
        )
        if key not in target or not isinstance(target[key], dict):
            target[key] = _plain(inner) if inner is not None else {}
        target, current = target[key], inner
        if not isinstance(target, dict):
            problems.add(f"unknown path `{path}`: `{key}` has no fields")
            return
    if keys[:-1] and not _is_field(current, keys[-1], path, problems, labels=keys[0] in LABELLED):
        return
    target[keys[-1]] = value


def _put(
    framework: Framework, plain: dict[str, Any], name: str, value: Any, problems: Problems
) -> None:
    """Replace the node `name` by a whole node, or drop it."""
    if isinstance(value, str) and value.casefold() == "none":
        value = None  # TOML has no null
    if value is not None and not isinstance(value, Mapping):
        problems.add(
            f"path `{name}` is a node: expected a whole node, or null to drop it, received {value!r}"
        )
        return
    _swap(plain, name, value)
    if name in framework.parents:
        _take_from_context(plain, value)
        _keep_as_context(plain, framework[name])


def _append(
    framework: Framework, plain: dict[str, Any], name: str, value: Any, problems: Problems
) -> None:
    """Append a node to the children of the group `name`, as ``Framework.add`` does."""
    if not hasattr(framework[name], "children"):
        problems.add(f"path `{name}.add`: `{name}` is an indicator; only a group takes a node")
        return
    if not isinstance(value, Mapping) or not isinstance(value.get("name"), str):
        problems.add(
            f"path `{name}.add`: expected a node, as a mapping with `name`, received {value!r}"
        )
        return
    if value["name"] in framework.parents:
        problems.add(f"path `{name}.add`: `{value['name']}` is scored already; give its own path")
        return
    group = _entries(plain).get(name)
    if group is None:
        problems.add(
            f"path `{name}.add`: no group `{name}` among the nodes replaced in the same call"
        )
        return
    _take_from_context(plain, value)
    group["children"].append(dict(value))


def _is_field(
    current: Any, key: str, path: str, problems: Problems, *, labels: bool = False
) -> bool:
    """Tell whether a piece of a framework takes that key; methods say so themselves."""
    if isinstance(current, Mapping):
        names = list(current) if labels else [key]
    else:
        names = list(getattr(type(current), "model_fields", (key,)))
    if key in names or key == "method":
        return True
    problems.add(f"unknown path `{path}`: no field `{key}`; {did_you_mean(key, names)}")
    return False


def _plain(value: Any) -> Any:
    if hasattr(value, "spec"):
        return value.spec()
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json", exclude_defaults=True)
    return dict(value) if isinstance(value, Mapping) else copy.deepcopy(value)


def _entries(plain: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return every node of the plain data by name."""
    out: dict[str, dict[str, Any]] = {}
    waiting = [plain.get(section, []) for section in SECTIONS]
    while waiting:
        for node in waiting.pop():
            out[node.get("name", "")] = node
            waiting.append(node.get("children", []))
    return out


def _is_nodes(value: Any) -> bool:
    """Tell whether a value is a list of mappings, and so are their `children` where they have such."""
    return isinstance(value, list | tuple) and all(
        isinstance(node, dict) and ("children" not in node or _is_nodes(node["children"]))
        for node in value
    )


def _swap(holder: dict[str, Any], name: str, value: Any) -> None:
    """Replace the node `name` below `holder`, or take it out where `value` is None."""
    for key in (*SECTIONS, "children"):
        siblings = holder.get(key)
        if not siblings:
            continue
        kept = [(value if sibling.get("name") == name else sibling) for sibling in siblings]
        holder[key] = [entry for entry in kept if entry is not None]
        for entry in holder[key]:
            if entry is not value:
                _swap(entry, name, value)


def _keep_as_context(plain: dict[str, Any], old: Any) -> None:
    """Keep indicators that are no longer scored as context: shown with their source, at no weight."""
    names = {name for section in SECTIONS for name in _names(plain.get(section, []))}
    for indicator in _indicators(old):
        if indicator.name not in names:
            kept = {key: value for key, value in _plain(indicator).items() if key != "weight"}
            plain.setdefault("context", []).append(kept)


def _take_from_context(plain: dict[str, Any], value: Any) -> None:
    """Remove an indicator from `context` once it is scored."""
    scored = set(_names([value])) if value else set()
    if scored and "context" in plain:
        plain["context"] = [entry for entry in plain["context"] if entry["name"] not in scored]


def _forget_dropped(framework: Framework, plain: dict[str, Any]) -> None:
    """Remove dropped nodes from the `nodes` of every mechanism."""
    names = {name for section in SECTIONS for name in _names(plain.get(section, []))}
    gone = {node.name for node in framework.nodes} - names
    gone |= {node.name for node in framework.context} - names
    if not gone:
        return
    for mechanism in plain.get("mechanisms", []):
        if "nodes" in mechanism:
            mechanism["nodes"] = [name for name in mechanism["nodes"] if name not in gone]


def _indicators(node: Any) -> list[Any]:
    children = getattr(node, "children", None)
    return (
        [node]
        if children is None
        else [indicator for child in children for indicator in _indicators(child)]
    )


def _names(nodes: Any) -> list[str]:
    """Return the names of nodes and of those below; what is no list of nodes is refused when it is parsed."""
    return [
        name
        for node in (nodes if isinstance(nodes, list | tuple) else ())
        if isinstance(node, Mapping)
        for name in (node.get("name", ""), *_names(node.get("children", [])))
    ]
