"""Frameworks as files: the bundled ones by name, anybody's by path."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .._util.atomic import atomic
from .._util.documents import read_document
from ..errors import FrameworkError, MissingExtraError, UnknownNameError, did_you_mean
from .definition import Framework

__all__ = [
    "bundled_frameworks",
    "config_folder",
    "framework_schema",
    "load_framework",
    "save_framework",
]

DEFAULT = "dsr"
_SUFFIXES = (".yaml", ".yml", ".json", ".toml")


def config_folder() -> Path:
    """The folder of the bundled configs: inside the installed package, or beside ``src`` in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "configs"
    return installed if installed.is_dir() else package.parents[1] / "configs"


def bundled_frameworks() -> tuple[str, ...]:
    """The names that ``load_framework`` knows without a path.

    Examples
    --------
    >>> bundled_frameworks()
    ('dsr', 'dsr-full')
    """
    return tuple(sorted(path.stem for path in config_folder().glob("*.yaml")))


def load_framework(
    framework: str | os.PathLike[str] | Framework | Mapping[str, Any] = DEFAULT,
    *,
    preset: str | None = None,
) -> Framework:
    """A framework by bundled name, by path (.yaml, .yml, .json, .toml) or from plain data.

    With `preset`, the named set of replacements of the framework is applied.

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
        found = Framework.from_dict(framework)
    elif isinstance(framework, str | os.PathLike):
        found = _load(framework)
    elif isinstance(framework, Framework):
        found = framework
    else:
        raise FrameworkError(
            "expected a Framework, a bundled name, a path or a mapping with `scores`, received "
            f"{type(framework).__name__}"
        )
    return found.preset(preset) if preset else found


def framework_schema() -> dict[str, Any]:
    """The JSON schema of framework files, every registered method included.

    Examples
    --------
    >>> framework_schema()["title"]
    'Framework'
    """
    return Framework.model_json_schema()


def _load(name: str | os.PathLike[str]) -> Framework:
    path = Path(name)
    if path.suffix.lower() not in _SUFFIXES and not path.exists():
        if str(name) not in bundled_frameworks():
            raise UnknownNameError(
                f"no framework `{name}`; {did_you_mean(str(name), bundled_frameworks())} "
                f"or give the path of a file ({', '.join(_SUFFIXES)})"
            )
        path = config_folder() / f"{name}.yaml"
    return Framework.from_dict(read_document(path), str(path))


def save_framework(framework: Framework, path: str | os.PathLike[str]) -> Path:
    """Write a framework as .yaml, .json or .toml; ``load_framework`` reads it back equal.

    The file appears whole or not at all. TOML needs the extra `toml`.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "mine.yaml"
    >>> load_framework(save_framework(load_framework(), path)) == load_framework()
    True
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix in (".yaml", ".yml"):
        text = framework.to_yaml()
    elif suffix == ".json":
        text = framework.to_json()
    elif suffix == ".toml":
        text = _toml(framework)
    else:
        raise FrameworkError(
            f"{target}: `{target.suffix}` is not a framework format; expected one of {', '.join(_SUFFIXES)}"
        )
    with atomic(target) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return target


def _toml(framework: Framework) -> str:
    try:
        import tomli_w
    except ImportError:
        raise MissingExtraError.of("tomli-w", extra="toml", purpose="writing .toml files") from None
    try:
        plain = framework.to_dict()
        if "presets" in plain:
            plain["presets"] = {
                name: {path: "none" if one is None else one for path, one in changes.items()}
                for name, changes in plain["presets"].items()
            }
        text = tomli_w.dumps(plain)
    except TypeError:
        text = ""
    if not text or Framework.from_dict(tomllib.loads(text)) != framework:
        raise FrameworkError(
            f"framework `{framework.name}` has an empty value inside a preset or a factor, and TOML has "
            "none; save it as .yaml or .json"
        )
    return text
