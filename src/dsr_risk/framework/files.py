"""Frameworks as files: the bundled ones by name, anybody's by path."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._util.arguments import typed
from ..errors import FrameworkError, UnknownNameError, did_you_mean
from .definition import Framework
from .texts import SUFFIXES

__all__ = [
    "bundled_frameworks",
    "config_folder",
    "framework_schema",
    "load_framework",
]

DEFAULT = "dsr"


def config_folder() -> Path:
    """Return the folder of the bundled configs: inside the installed package, or beside ``src`` in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "configs"
    return installed if installed.is_dir() else package.parents[1] / "configs"


@typed
def bundled_frameworks() -> tuple[str, ...]:
    """Return the names of bundled frameworks, which ``load_framework`` takes in place of a path.

    Returns
    -------
    tuple of str
        The names, in alphabetical order.

    Examples
    --------
    >>> bundled_frameworks()
    ('dsr', 'dsr-full')
    """
    return tuple(sorted(path.stem for path in config_folder().glob("*.yaml")))


@typed
def load_framework(
    framework: str | os.PathLike[str] | Framework | Mapping[str, Any] = DEFAULT,
    *,
    preset: str | None = None,
) -> Framework:
    """Return a framework by bundled name, by path (.yaml, .yml, .json, .toml) or from plain data.

    With `preset`, the named set of replacements of the framework is applied.

    Parameters
    ----------
    framework
        A bundled name, the path of a file, a mapping, or a Framework.
    preset
        A set of replacements that the framework names.

    Returns
    -------
    Framework
        The framework, checked, with the preset applied.

    Raises
    ------
    UnknownNameError
        For a name that is neither bundled nor a file, or an unknown preset.
    FrameworkError
        With every problem of the file, each located by node name.

    Examples
    --------
    >>> load_framework().title.startswith("Digital")
    True
    >>> load_framework("dsr", preset="equal").defaults.weighting
    Equal()
    """
    if isinstance(framework, Mapping):
        loaded = Framework.from_dict(framework)
    elif isinstance(framework, str | os.PathLike):
        loaded = _load(framework)
    elif isinstance(framework, Framework):
        loaded = framework
    else:
        kind = type(framework).__name__
        swapped = (
            "; the order is (framework, data): were they swapped?"
            if kind in ("Data", "DataFrame")
            else ""
        )
        raise FrameworkError(
            "expected a Framework, a bundled name, a path or a mapping with `scores`, received "
            f"{kind}{swapped}"
        )
    return loaded if preset is None else loaded.preset(preset)


def framework_schema() -> dict[str, Any]:
    """Return the JSON schema of framework files, every registered method included.

    Examples
    --------
    >>> framework_schema()["title"]
    'Framework'
    """
    schema = Framework.model_json_schema()
    pieces = schema["$defs"]
    scored = pieces["Indicator"]
    shown = {**scored, "required": [name for name in scored["required"] if name != "higher_is"]}
    direction = {**scored["properties"]["higher_is"], "enum": ["riskier", "safer"]}
    pieces["Indicator"] = {
        **scored,
        "properties": {**scored["properties"], "higher_is": direction},
    }
    pieces["ContextColumn"] = {**shown, "title": "ContextColumn"}
    schema["properties"]["context"]["items"] = {"$ref": "#/$defs/ContextColumn"}
    return schema


def _load(name: str | os.PathLike[str]) -> Framework:
    path = Path(name)
    if not os.fspath(name):
        names = ", ".join(f"`{entry}`" for entry in bundled_frameworks())
        raise FrameworkError(
            f"the name of the framework is empty; known: {names}, or the path of a file"
        )
    if path.suffix.lower() not in SUFFIXES and not path.exists():
        if str(name) not in bundled_frameworks():
            raise UnknownNameError(
                f"no framework `{name}`; {did_you_mean(str(name), bundled_frameworks())} "
                f"or give the path of a file ({', '.join(SUFFIXES)})"
            )
        path = config_folder() / f"{name}.yaml"
    return Framework.load(path)
