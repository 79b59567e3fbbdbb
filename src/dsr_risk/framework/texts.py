"""Frameworks as texts: YAML, JSON, TOML, and the digest of one."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

from .._util.atomic import atomic
from .._util.documents import yaml_text
from ..errors import FrameworkError, MissingExtraError

__all__ = ["SUFFIXES", "fingerprint_of", "json_text", "write_framework"]

SUFFIXES = (".yaml", ".yml", ".json", ".toml")
"""The formats of framework files."""


def write_framework(plain: dict[str, Any], path: Path) -> Path:
    """Write a framework given as plain data in the format of the file's suffix, whole or not at all."""
    suffix = path.suffix.lower()
    if suffix in (".yaml", ".yml"):
        text = yaml_text(plain)
    elif suffix == ".json":
        text = json_text(plain)
    elif suffix == ".toml":
        text = _toml_text(plain)
    else:
        raise FrameworkError(
            f"{path}: `{path.suffix}` is not a framework format; expected one of {', '.join(SUFFIXES)}"
        )
    with atomic(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return path


def fingerprint_of(plain: dict[str, Any]) -> str:
    """Return a digest of a framework given as plain data; see ``Framework.fingerprint``."""
    if plain["units"] == "country":
        # Frameworks that say nothing of units keep the fingerprint they had before there was that field.
        plain = {field: value for field, value in plain.items() if field != "units"}
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def json_text(plain: dict[str, Any]) -> str:
    """Return plain data as indented JSON text."""
    return json.dumps(plain, indent=2, ensure_ascii=False) + "\n"


def _toml_text(plain: dict[str, Any]) -> str:
    try:
        import tomli_w
    except ImportError:
        raise MissingExtraError.of("tomli-w", extra="toml", purpose="writing .toml files") from None
    if "presets" in plain:
        # TOML has no null: a framework reads `none` in its place.
        presets = {
            name: {path: "none" if value is None else value for path, value in changes.items()}
            for name, changes in plain["presets"].items()
        }
        plain = {**plain, "presets": presets}
    try:
        text = tomli_w.dumps(plain)
    except TypeError:
        text = ""
    if not text or tomllib.loads(text) != plain:
        raise FrameworkError(
            f"framework `{plain['name']}` has an empty value inside a preset or a factor, and TOML has "
            "none; save it as .yaml or .json"
        )
    return text
