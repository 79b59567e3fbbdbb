"""Check the arguments of public functions against their annotations: one message for one rule."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, wraps
from types import NoneType, SimpleNamespace, UnionType
from typing import (
    Any,
    Literal,
    NoReturn,
    TypeVar,
    Union,
    Unpack,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
    overload,
)

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import ArgumentError, DataError, UnknownNameError, did_you_mean
from .checks import shown
from .renamed import unknown_argument

__all__ = ["OWN_CHECKS", "typed"]

T = TypeVar("T")

OWN_CHECKS = ("framework", "data")
"""Parameters of every verb that ``as_scores`` checks: what they may be depends on each other."""
NAMES = {
    "score": "the name of one headline score",
    "node": "the name of one node",
    "country": "the name or code of one country",
}
"""What the text in a parameter names."""
NUMBERS = {int: "a whole number", float: "a number", bool: "True or False", str: "a text"}
PLURALS = {"a whole number": "whole numbers", "a number": "numbers", "a text": "texts"}
COUNTS = {2: "two", 3: "three", 4: "four"}
PATH = frozenset({str, os.PathLike})


@overload
def typed(thing: T, /) -> T: ...


@overload
def typed(*, own: tuple[str, ...] = ..., **examples: str) -> Callable[[T], T]: ...


def typed(thing: Any = None, /, *, own: tuple[str, ...] = (), **examples: str) -> Any:
    """Make a function check its arguments against its annotations before it runs.

    Of a class every public method is checked, and of a dataclass with the keyword ``init="checked"``
    its fields too. Parameters in `own` are left to the checks of the function itself. Other keywords give
    an example of a parameter for its message.

    Raises
    ------
    ArgumentError
        By the function, for an argument that is missing or that it does not take.
    DataError
        By the function, with one line for each argument of the wrong kind.
    UnknownNameError
        By the function, for a text that is none of the texts of a ``Literal``, and for what is no name.

    Examples
    --------
    >>> @typed(costs="{'debt': 2}")
    ... def pay(costs: Mapping[str, float], *, names: str | Iterable[str] | None = None, n: int = 1):
    ...     return len(costs)
    >>> pay({"debt": 1.5})
    1
    >>> pay(5, names=[1.5], n="x")
    Traceback (most recent call last):
        ...
    dsr_risk.errors.DataError: pay: 3 problems
      - `costs` must be a mapping of texts to numbers such as {'debt': 2}, received 5
      - `names[0]` must be a text, received 1.5
      - `n` must be a whole number, received 'x'
    """
    if thing is None:
        return lambda inner: _typed(inner, own, examples)
    return _typed(thing, own, examples)


def _typed(thing: Any, own: tuple[str, ...], examples: dict[str, str]) -> Any:
    """Return the function, or the class with its public methods, with arguments checked."""
    if not isinstance(thing, type):
        return _checked(thing, own, examples)
    init = examples.pop("init", None)
    for name, value in list(vars(thing).items()):
        if name.startswith("_") and not (name == "__init__" and init):
            continue
        if inspect.isfunction(value):
            setattr(thing, name, _checked(value, own, examples))
        elif isinstance(value, classmethod | staticmethod):
            setattr(thing, name, type(value)(_checked(value.__func__, own, examples)))
    return thing


def _checked(
    function: Callable[..., Any], own: tuple[str, ...], examples: Mapping[str, str]
) -> Callable[..., Any]:
    """Return the function with its arguments checked at each call."""
    signature = inspect.signature(function)
    old: Mapping[str, str] = getattr(function, "old_arguments", {})

    @cache
    def kinds() -> dict[str, Any]:
        kinds = _annotations(function, signature)
        return {name: kind for name, kind in kinds.items() if name not in (*OWN_CHECKS, *own)}

    @wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        try:
            given = _after_scores(signature.bind(*args, **kwargs).arguments, signature)
        except TypeError:
            if old.keys() & kwargs.keys():
                function(*args, **kwargs)  # raises the error that names the new argument
            _refuse(function, signature, args, kwargs)
        _check(function.__name__, given, kinds(), examples)
        return function(*args, **kwargs)

    return checked


def _refuse(
    function: Callable[..., Any],
    signature: inspect.Signature,
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
) -> NoReturn:
    """Raise the error of a call: every argument that is missing, unknown or given twice."""
    parameters = {
        name: each for name, each in signature.parameters.items() if name not in ("self", "cls")
    }
    skipped = len(signature.parameters) - len(parameters)
    placed = [name for name, each in parameters.items() if each.kind in PLACED]
    names = [name for name, each in parameters.items() if each.kind not in VARIABLE]
    count = len(args) - skipped
    lines = [
        f"has no argument `{name}`{unknown_argument(name, names)}"
        for name in kwargs
        if name not in names
    ]
    lines += [f"`{name}` is given twice" for name in placed[:count] if name in kwargs]
    if count > len(placed):
        lines.append(_too_many(function, signature, len(placed), count))
    missing = [
        f"`{name}`"
        for name in names
        if parameters[name].default is inspect.Parameter.empty
        and name not in (*kwargs, *placed[: max(count, 0)])
    ]
    if missing:
        lines.append(f"needs {' and '.join(missing)}")
    raise ArgumentError("\n".join(f"{function.__name__}() {line}" for line in lines))


def _too_many(
    function: Callable[..., Any], signature: inspect.Signature, most: int, count: int
) -> str:
    """Return the words for more arguments without a name than a function takes."""
    kinds = _annotations(function, signature)
    by_name = [
        name
        for name in kinds
        if name not in signature.parameters
        or signature.parameters[name].kind is inspect.Parameter.KEYWORD_ONLY
    ]
    words = f"takes at most {most} arguments without a name, received {count}"
    if by_name:
        return f"{words}; give by name: {', '.join(f'`{name}`' for name in by_name)}"
    old: Mapping[str, str] = getattr(function, "old_arguments", {})
    return words + "".join(
        f"; `{name}` was renamed in version 0.2.0; use `{new}`" for name, new in old.items()
    )


PLACED = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
VARIABLE = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)


def _after_scores(given: dict[str, Any], signature: inspect.Signature) -> dict[str, Any]:
    """Return the arguments by name, those after Scores moved by one: Scores need no `data`."""
    if given.get("data") is None or type(given.get("framework")).__name__ != "Scores":
        return given
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    names = [name for name, parameter in signature.parameters.items() if parameter.kind is kind][2:]
    values = [given["data"], *(given[name] for name in names if given.get(name) is not None)]
    moved = dict(zip(names, values, strict=False)) if len(values) <= len(names) else {}
    return {name: value for name, value in given.items() if name not in ("data", *names)} | moved


def _check(
    function: str, given: Mapping[str, Any], kinds: Mapping[str, Any], examples: Mapping[str, str]
) -> None:
    """Raise an error of every argument that is not of its kind."""
    flat: dict[str, Any] = {}
    for name, value in given.items():
        flat |= value if kinds.get(name) is Unpack else {name: value}
    problems, unknown = [], True
    for name, value in flat.items():
        fault = _fault(value, kinds.get(name, Any), name)
        if fault is None:
            continue
        where, kind, part = fault
        choices = _choices(kind)
        if choices and isinstance(part, str):
            problems.append(f"unknown `{where}` {shown(part)}; {did_you_mean(part, choices)}")
            continue
        unknown = unknown and name in NAMES
        example = f" such as {examples[name]}" if where == name and name in examples else ""
        expected = _words(kind, NAMES.get(name))
        problems.append(f"`{where}` must be {expected}{example}, received {_received(part)}")
    if problems:
        error = UnknownNameError if unknown else DataError
        if len(problems) == 1:
            raise error(problems[0])
        raise error(f"{function}: {len(problems)} problems", problems)


PLAIN = (str, bytes, int, float, list, tuple, dict, set, np.generic, NoneType)


def _received(value: Any) -> str:
    """Return a value as it is written where it is short to write, else what it is."""
    return shown(value) if isinstance(value, PLAIN) else type(value).__name__


def _choices(kind: Any) -> list[str]:
    """Return the texts that are allowed where only some are."""
    members = [member for member in _members(kind) if get_origin(member) is Literal]
    return [text for member in members for text in get_args(member) if isinstance(text, str)]


class _Names(dict[str, Any]):
    """Names of annotations: those of the module, else Any."""

    def __init__(self, module: Mapping[str, Any]) -> None:
        super().__init__()
        self.module = module

    def __getitem__(self, name: str) -> Any:
        if name in COMMON:
            return COMMON[name]
        if name in self.module:
            return self.module[name]
        if name in NUMBER_NAMES:
            return NUMBER_NAMES[name]
        return type(name, (_Named,), {}) if name in RESULTS else Any


class _Named:
    """A class of the package that the module knows by name alone."""


class _ArrayLike:
    """A value that numpy turns into an array."""


class _Executor:
    """An object with a `submit`, as of ``concurrent.futures`` or dask."""


COMMON = {"ArrayLike": _ArrayLike, "Executor": _Executor, "Unpack": Unpack, "Any": Any}
NUMBER_NAMES = {
    "int": int,
    "float": float,
    "bool": bool,
    "str": str,
    "object": object,
    "tuple": tuple,
    "list": list,
    "dict": dict,
    "set": set,
    "None": None,
    "Mapping": Mapping,
    "Iterable": Iterable,
    "Sequence": Sequence,
    "Callable": Callable,
    "Literal": Literal,
    "os": os,
    "pd": pd,
    "np": np,
}
RESULTS = {
    "Audit",
    "Comparison",
    "Data",
    "Explanation",
    "Fragility",
    "Framework",
    "Model",
    "Outranking",
    "Pathway",
    "Replay",
    "Reversal",
    "Robustness",
    "ScenarioResult",
    "Scores",
    "Sensitivity",
    "Stakeholders",
    "StressTest",
    "Uncertainty",
    "ValueOfInformation",
    "CommonDraws",
}


def _annotations(function: Callable[..., Any], signature: inspect.Signature) -> dict[str, Any]:
    """Return what each parameter and each option of a function may be."""
    kinds: dict[str, Any] = {}
    module = vars(sys.modules[function.__module__])
    for name, parameter in signature.parameters.items():
        kind = _evaluated(parameter.annotation, module)
        if parameter.kind is parameter.VAR_KEYWORD:
            kinds[name] = Unpack
            (options,) = get_args(kind) or (None,)
            if options is not None and is_typeddict(options):
                owner = vars(sys.modules[options.__module__])
                for option, annotation in options.__annotations__.items():
                    text = getattr(annotation, "__forward_arg__", annotation)
                    kinds[option] = _evaluated(text, owner)
        elif parameter.kind is not parameter.VAR_POSITIONAL:
            kinds[name] = kind
    return kinds


def _evaluated(annotation: Any, module: Mapping[str, Any]) -> Any:
    """Return the type that an annotation names."""
    if annotation is inspect.Parameter.empty:
        return Any
    if not isinstance(annotation, str):
        return annotation
    holder = SimpleNamespace(__annotations__={"kind": annotation})
    return get_type_hints(holder, {}, _Names(module))["kind"]


def _members(kind: Any) -> tuple[Any, ...]:
    """Return the members of a union, or the type alone."""
    if kind == npt.ArrayLike:
        return (_ArrayLike, float)
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


SIMPLE = (str, float)
"""Kinds that a value is of by its type alone."""

Fault = tuple[str, Any, Any]
"""Where a value is not of its kind, the kind, and the value there."""


def _fault(value: Any, kind: Any, name: str) -> Fault | None:
    """Return the deepest place where a value is not of its kind, None if it is."""
    members = _members(kind)
    inner: Fault | None = None
    for member in members:
        fault = _fault_of(value, NoneType if member is None else member, name)
        if fault is None:
            return None
        if fault[0] != name:
            inner = fault
    return inner or (name, kind, value)


def _fault_of(value: Any, kind: Any, name: str) -> Fault | None:
    """Return where a value is not of one kind that is no union."""
    origin = get_origin(kind) or kind
    wrong: Fault = (name, kind, value)
    if origin in CHECKS:
        return None if CHECKS[origin](value) else wrong
    if origin is Literal:
        return None if isinstance(value, str) and value in get_args(kind) else wrong
    if origin is tuple:
        return _tuple_fault(value, kind, name)
    if origin in LISTS:
        return _list_fault(value, kind, name) if _is_list(value) else wrong
    if origin in (Mapping, dict):
        return _mapping_fault(value, kind, name) if isinstance(value, Mapping) else wrong
    if isinstance(origin, type):
        if issubclass(origin, _Named):
            named = {ancestor.__name__ for ancestor in type(value).__mro__}
            return None if origin.__name__ in named else wrong
        if is_typeddict(origin):
            return None if isinstance(value, Mapping) else wrong
        return None if isinstance(value, origin) else wrong
    return None


def _tuple_fault(value: Any, kind: Any, name: str) -> Fault | None:
    args = get_args(kind)
    if not isinstance(value, tuple | list):
        return name, kind, value
    if len(args) == 2 and args[1] is Ellipsis:
        return _each_fault(value, args[0], name)
    if args and len(value) != len(args):
        return name, kind, value
    for index, (part, inner) in enumerate(zip(value, args, strict=False)):
        fault = _fault(part, inner, f"{name}[{index}]")
        if fault is not None:
            return fault if fault[0].count("[") > name.count("[") + 1 else (name, kind, value)
    return None


def _list_fault(value: Any, kind: Any, name: str) -> Fault | None:
    args = get_args(kind)
    if args and isinstance(value, tuple | list | set | frozenset | np.ndarray | pd.Index):
        return _each_fault(value, args[0], name)
    return None


def _each_fault(values: Iterable[Any], kind: Any, name: str) -> Fault | None:
    if kind is Any or (kind in SIMPLE and set(map(type, values)) == {kind}):
        return None
    faults = (_fault(part, kind, f"{name}[{index}]") for index, part in enumerate(values))
    return next((fault for fault in faults if fault is not None), None)


def _mapping_fault(value: Mapping[Any, Any], kind: Any, name: str) -> Fault | None:
    args = get_args(kind)
    if not args:
        return None
    for key, part in value.items():
        fault = _fault(key, args[0], f"{name}, key {shown(key)}")
        fault = fault or _fault(part, args[1], f"{name}[{shown(key)}]")
        if fault is not None:
            return fault
    return None


def _is_list(value: Any) -> bool:
    text = isinstance(value, str | bytes | bytearray | os.PathLike | Mapping)
    if isinstance(value, pd.DataFrame) or (isinstance(value, np.ndarray) and value.ndim != 1):
        return False
    return isinstance(value, Iterable) and not text


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool | np.bool_)


def _is_number(value: Any) -> bool:
    if isinstance(value, int):
        # Larger ones have no float64.
        return not _is_flag(value) and abs(value) < 2**1023
    return isinstance(value, float | np.integer | np.floating)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not _is_flag(value)


def _is_array_like(value: Any) -> bool:
    text = isinstance(value, str | bytes | Mapping)
    return not text and (hasattr(value, "__array__") or isinstance(value, Sequence))


LISTS = (Iterable, Sequence, list, set)
CHECKS: dict[Any, Callable[[Any], bool]] = {
    Any: lambda _: True,
    object: lambda _: True,
    NoneType: lambda value: value is None,
    bool: _is_flag,
    int: _is_whole,
    float: _is_number,
    str: lambda value: isinstance(value, str),
    Callable: callable,
    np.ndarray: _is_array_like,
    _ArrayLike: _is_array_like,
    _Executor: lambda value: hasattr(value, "submit"),
}


def _words(kind: Any, text: str | None = None) -> str:
    """Return the words for what a value may be; `text` are those for a text."""
    members = [NoneType if member is None else member for member in _members(kind)]
    words = []
    if {get_origin(member) or member for member in members} >= PATH:
        members = [m for m in members if (get_origin(m) or m) not in PATH]
        words.append("the path of a file")
    elif str in members and any(_one_word(member) in LISTS_OF_NAMES for member in members):
        members = [m for m in members if m not in (str, int) and _one_word(m) not in LISTS_OF_NAMES]
        words.append("a name or a list of names")
    elif str in members and text:
        members = [m for m in members if m not in (str, int)]
        words.append(text)
    words += [_one_word(member) for member in members if member is not NoneType]
    words += ["None"] * (NoneType in members)
    words = list(dict.fromkeys(words))
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


LISTS_OF_NAMES = ("a list of texts", "a list of a text or a whole number", "a list")


def _tuple_words(args: tuple[Any, ...]) -> str:
    """Return the words for a tuple of so many parts: `two numbers`, or each part by name."""
    if len(set(args)) > 1:
        return f"({', '.join(_words(part) for part in args)})"
    first, _, rest = _words(args[0]).partition(" or ")
    plural = PLURALS.get(first, first) + (f" or {rest}" if rest else "")
    return f"{COUNTS.get(len(args), len(args))} {plural}"


def _one_word(kind: Any) -> str:
    origin, args = get_origin(kind) or kind, get_args(kind)
    if kind in NUMBERS:
        return NUMBERS[kind]
    if origin is Literal:
        return " or ".join(repr(text) for text in args)
    if origin is tuple and args and args[-1] is not Ellipsis:
        return _tuple_words(args)
    if origin in LISTS or origin is tuple:
        inner = _words(args[0]) if args else ""
        return f"a list of {PLURALS.get(inner, inner)}" if inner else "a list"
    if origin in (Mapping, dict) or is_typeddict(origin):
        parts = [_words(part) for part in args]
        if not args or Any in args or "a mapping" in " ".join(parts):
            return "a mapping"
        return "a mapping of " + " to ".join(PLURALS.get(part, part) for part in parts)
    if origin is np.ndarray or origin is _ArrayLike:
        return "an array"
    if origin is _Executor:
        return "a concurrent.futures.Executor"
    if origin is Callable:
        return "a function"
    name = getattr(origin, "__name__", str(origin))
    return "the path of a file" if origin is os.PathLike else name
