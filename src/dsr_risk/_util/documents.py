"""Reading YAML, JSON and TOML as plain data: safe, bounded, duplicate keys refused."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from ..errors import DsrRiskError, FrameworkError
from .no_files import refuse_special

__all__ = ["parse_document", "read_document", "yaml_text"]

LARGEST = 5_000_000
DEEPEST = 130
"""Collections in collections: groups in groups to 60 levels, each a list in a mapping, and what is in them."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_document(path: Path, error: type[DsrRiskError] = FrameworkError) -> Any:
    """Return the plain data in a .yaml, .yml, .json or .toml file.

    Raises
    ------
    DsrRiskError
        Of the class `error`, for a file that is absent, too large, of another kind than its suffix
        says, or that has duplicate keys, YAML tags, anchors or aliases.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        if not path.name:
            raise error(
                "the path of a file is an empty text; name a file (" + ", ".join(_READERS) + ")"
            )
        raise error(
            f"{path}: `{path.suffix}` is not a config format; expected one of {', '.join(_READERS)}"
        )
    return parse_document(_text(path, error), path.suffix, str(path), error)


def parse_document(
    text: str, suffix: str, where: str, error: type[DsrRiskError] = FrameworkError
) -> Any:
    """Parse a text in the format of `suffix` as plain data; `where` names the text in error messages.

    Raises
    ------
    DsrRiskError
        Of the class `error`, for a text of another format, or with duplicate keys, YAML tags, anchors or
        aliases.
    """
    try:
        document = _READERS[suffix.lower()](text)
        if "\\u" in text and suffix.lower() != ".toml":
            # Half a character is no text, and cannot be written again.
            json.dumps(document, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeEncodeError:
        raise error(f"{where}: holds half a character (a lone surrogate); correct it") from None
    except _Refused as refused:
        raise error(f"{where}: {refused}") from None
    except yaml.YAMLError as broken:
        mark = getattr(broken, "problem_mark", None)
        position = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        cause = getattr(broken, "problem", None) or str(broken).split("\n")[0]
        raise error(f"{where}: not readable as YAML: {position}{cause}") from None
    except json.JSONDecodeError as broken:
        raise error(f"{where}: not readable as JSON: {broken}") from None
    except RecursionError:
        raise error(f"{where}: nested too deeply; a framework has at most 60 levels") from None
    except ValueError as broken:
        # A date that is none, or a number of thousands of digits.
        raise error(
            f"{where}: holds a value that cannot be read: {_cause(broken)}; correct it, or quote it"
        ) from None
    return document


def _cause(broken: ValueError) -> str:
    text = str(broken)
    return "a number of too many digits" if "integer string conversion" in text else text


class _Refused(Exception):  # noqa: N818 - never leaves this module
    """Well-formed, but not accepted in a config."""


def _text(path: Path, error: type[DsrRiskError]) -> str:
    refuse_special(path, error)
    try:
        size = path.stat().st_size
        if path.is_dir():
            raise error(f"{path}: is a folder; name the file in it")
        if size > LARGEST:
            raise error(
                f"{path}: {size:,} bytes; a config is at most {LARGEST:,}. Is this a data file? "
                "Give it as data instead"
            )
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise error(f"{path}: no such file") from None
    except UnicodeDecodeError as broken:
        raise error(
            f"{path}: not text in UTF-8 (byte {broken.start}); is this really a `{path.suffix}` file?"
        ) from None
    except OSError as broken:
        raise error(f"{path}: cannot be read: {broken.strerror}") from None


def _read_yaml(text: str) -> Any:
    _refuse_tricks(text)
    # A SafeLoader: nothing but plain data is ever constructed.
    return yaml.load(text, Loader=_UniqueKeys)  # noqa: S506


def _refuse_tricks(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        anchor = getattr(event, "anchor", None)
        if anchor:
            raise _Refused(
                f"line {line}: anchors and aliases (`&{anchor}`, `*{anchor}`) are not "
                "accepted in a config; write the part out"
            )
        tag = getattr(event, "tag", None)
        if tag:
            raise _Refused(f"line {line}: the tag `{tag}` is not accepted; a config is plain data")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise _Refused(f"line {line}: nested more than {DEEPEST} levels deep")


class _UniqueKeys(_Loader):  # type: ignore[misc]
    """A safe loader that refuses a key given twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        twice = [key for key, count in Counter(keys).items() if count > 1]
        if twice:
            line = next(
                key.start_mark.line + 1 for key, _ in reversed(node.value) if key.value == twice[0]
            )
            raise _Refused(f"line {line}: the key `{twice[0]}` is given twice; keep one")
        return super().construct_mapping(node, deep=deep)


# The core schema of YAML 1.2: in 1.1, which PyYAML reads, `NO` is false, 010 is 8, 1:30 is 90 and 1e3 a text.
_CORE = {
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "bool": (r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    "int": (r"[-+]?[0-9]+", list("-+0123456789")),
    "float": (
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        list("-+.0123456789"),
    ),
}


class _Dumper(yaml.SafeDumper):
    """A safe dumper that quotes what either version of YAML would not read back as text."""


def _add_core(kind: Any) -> None:
    for name, (pattern, first) in _CORE.items():
        kind.add_implicit_resolver(
            f"tag:yaml.org,2002:{name}", re.compile(f"(?:{pattern})$"), first
        )


_UniqueKeys.yaml_implicit_resolvers = {}
_UniqueKeys.add_constructor(
    "tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node))
)
_add_core(_UniqueKeys)
_add_core(_Dumper)


def yaml_text(plain: Any) -> str:
    """Return plain data as YAML text that ``read_document`` reads back equal."""
    text: str = yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text


def _read_json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_unique_pairs, parse_constant=_no_constant)


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    twice = [key for key, count in Counter(key for key, _ in pairs).items() if count > 1]
    if twice:
        raise _Refused(f"the key `{twice[0]}` is given twice in one object; keep one")
    return dict(pairs)


def _no_constant(text: str) -> Any:
    raise _Refused(
        f"`{text}` is not a number JSON allows; leave the key out or give a finite number"
    )


def _read_toml(text: str) -> Any:
    # Few frameworks are TOML, and every command would wait for its import.
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise _Refused(f"not readable as TOML: {broken}") from None


_READERS: dict[str, Callable[[str], Any]] = {
    ".yaml": _read_yaml,
    ".yml": _read_yaml,
    ".json": _read_json,
    ".toml": _read_toml,
}
