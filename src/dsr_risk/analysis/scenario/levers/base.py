"""A lever: its parameters, checked, and what it edits."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from ...._util.checks import is_number, shown
from ....data.dataset import Data
from ....errors import DsrRiskError, Problems, did_you_mean
from ..changes import check_change
from ..layer_shares import Holder
from ..names import creditor_of, origin_of
from ..roles import LAYERS
from ..sheet import Sheet

__all__ = [
    "LEVERS",
    "Lever",
    "amount_field",
    "change_field",
    "choice_field",
    "creditor_field",
    "flag_field",
    "holder_of",
    "layer_field",
    "layers_field",
    "lever_of",
    "names_field",
    "share_field",
    "text_field",
]

LEVERS: dict[str, type[Lever]] = {}
ALIASES = {"from": "source", "to": "target", "set": "suppliers"}
SHOWN = {value: key for key, value in ALIASES.items()}


def share_field(default: Any = dataclasses.MISSING) -> Any:
    """Declare a parameter: a number from 0 to 1."""
    return field(default=default, metadata={"kind": "share"})


def amount_field(default: Any = dataclasses.MISSING, *, least: float = 0.0) -> Any:
    """Declare a parameter: a finite number, not below `least`."""
    return field(default=default, metadata={"kind": "amount", "least": least})


def text_field(default: Any = dataclasses.MISSING, kind: str = "text") -> Any:
    """Declare a parameter: a text of any content, a supplier, a creditor or a layer."""
    return field(default=default, metadata={"kind": kind})


def choice_field(default: str, *options: str) -> Any:
    """Return one of some words."""
    return field(default=default, metadata={"kind": "choice", "options": options})


def flag_field(*, default: bool = False) -> Any:
    """Declare a parameter: true or false."""
    return field(default=default, metadata={"kind": "flag"})


def change_field(default: Any = None) -> Any:
    """Declare a parameter: a value or a change of it, as 70, "+10" or "-5 %"."""
    return field(default=default, metadata={"kind": "change"})


def names_field(default: tuple[str, ...], kind: str = "suppliers") -> Any:
    """Return several suppliers, states or layers."""
    return field(default=default, metadata={"kind": kind})


def layer_field(default: Any = dataclasses.MISSING) -> Any:
    """Declare a parameter: a layer of supply."""
    return text_field(default, "layer")


def layers_field(default: tuple[str, ...]) -> Any:
    """Return several layers of supply."""
    return names_field(default, "layers")


def creditor_field(default: Any = dataclasses.MISSING) -> Any:
    """Declare a parameter: a creditor."""
    return text_field(default, "creditor")


@dataclass(frozen=True, kw_only=True)
class Lever:
    """A policy or an event that edits raw data; subclasses give ``name``, ``words`` and ``apply``.

    ``years`` is how long it takes to phase in; after t years a share t / years of it is done.
    """

    name: ClassVar[str] = ""
    words: ClassVar[str] = ""
    years: float = amount_field(0.0)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.name:
            LEVERS[cls.name] = cls

    def done(self, t: float | None) -> float:
        """Return the share (0-1) that is done after t years; all of it where t is None."""
        return 1.0 if t is None or self.years <= 0 else min(1.0, t / self.years)

    def length(self, data: Data) -> float:
        """Return the years from the year of the data until all of it is done."""
        return self.years

    def apply(self, sheet: Sheet, row: int, t: float | None) -> None:
        """Edit the cells of one country, t years from the start."""
        raise TypeError(f"{type(self).__name__} gives no `apply`")

    def settings(self) -> dict[str, Any]:
        """Return the parameters as written in a file, those at their default left out."""
        out = {}
        for parameter in dataclasses.fields(self):
            value = getattr(self, parameter.name)
            if value != parameter.default:
                out[SHOWN.get(parameter.name, parameter.name)] = (
                    list(value) if isinstance(value, tuple) else value
                )
        return out


def lever_of(raw: Mapping[str, Any], where: str, problems: Problems) -> Lever | None:
    """Return the lever that a mapping describes; what is wrong with it is added to `problems`."""
    name = raw.get("lever")
    if not isinstance(name, str) or name not in LEVERS:
        problems.add(f"{where}: no lever `{name}`; {did_you_mean(str(name), LEVERS)}")
        return None
    kind = LEVERS[name]
    fields = {field.name: field for field in dataclasses.fields(kind)}
    before = len(problems.lines)
    values = _values(raw, fields, where, problems)
    for field_name, parameter in fields.items():
        if parameter.default is dataclasses.MISSING and field_name not in values:
            field_text = SHOWN.get(field_name, field_name)
            if not any(f"`{name}.{field_text}`" in line for line in problems.lines[before:]):
                problems.add(f"{where}: `{name}` needs `{field_text}`")
    if len(problems.lines) > before:
        return None
    try:
        return kind(**values)
    except DsrRiskError as error:
        problems.add(f"{where}: {error.message}")
        return None


def _values(
    raw: Mapping[str, Any],
    fields: Mapping[str, dataclasses.Field[Any]],
    where: str,
    problems: Problems,
) -> dict[str, Any]:
    """Return the values of the parameters of a lever that can be used, by attribute."""
    name = raw["lever"]
    out: dict[str, Any] = {}
    shown = [SHOWN.get(field_name, field_name) for field_name in fields]
    for key, value in raw.items():
        if key in ("lever", "countries"):
            continue
        inner = ALIASES.get(str(key), str(key))
        if inner not in fields:
            problems.add(
                f"{where}: `{name}` has no parameter `{key}`; {did_you_mean(str(key), shown)}"
            )
            continue
        try:
            out[inner] = _checked(value, fields[inner], f"{where}, `{name}.{key}`")
        except DsrRiskError as error:
            problems.extend(error.problems or (error.message,))
    return out


def _checked(value: Any, field: dataclasses.Field[Any], where: str) -> Any:
    """Return a parameter's value as its kind wants it."""
    kind = field.metadata["kind"]
    if value is None and field.default is None:
        return None
    checks = {
        "share": _share,
        "amount": lambda v, w: _amount(v, w, field.metadata.get("least", 0.0)),
        "flag": _flag,
        "change": check_change,
        "choice": lambda v, w: _one_of(v, w, field.metadata["options"]),
        "layer": lambda v, w: _one_of(v, w, LAYERS),
        "layers": lambda v, w: tuple(_one_of(part, w, LAYERS) for part in _list(v)),
        "suppliers": lambda v, w: tuple(_supplier(part, w) for part in _list(v)),
        "supplier": _supplier,
        "creditor": _creditor,
        "techniques": _techniques,
        "text": _text,
    }
    return checks[kind](value, where)


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _number(value: Any, where: str) -> float:
    if not is_number(value):
        raise _refused(f"{where}: expected a number, received {shown(value)}")
    return float(value)


def _share(value: Any, where: str) -> float:
    number = _number(value, where)
    if not 0 <= number <= 1:
        raise _refused(f"{where}: a share must lie in 0-1, received {shown(value)}")
    return number


def _amount(value: Any, where: str, least: float) -> float:
    number = _number(value, where)
    if number < least:
        raise _refused(f"{where}: must be at least {least:g}, received {shown(value)}")
    return number


def _flag(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise _refused(f"{where}: expected true or false, received {shown(value)}")
    return value


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _refused(f"{where}: expected a text, received {shown(value)}")
    return value


def _one_of(value: Any, where: str, options: tuple[str, ...]) -> str:
    if value not in options:
        raise _refused(f"{where}: unknown `{value}`; {did_you_mean(str(value), options)}")
    return str(value)


def _supplier(value: Any, where: str) -> str:
    try:
        origin_of(_text(value, where))
    except DsrRiskError as error:
        raise _refused(f"{where}: {error.message}") from None
    return str(value)


def _creditor(value: Any, where: str) -> str:
    try:
        return creditor_of(_text(value, where))
    except DsrRiskError as error:
        raise _refused(f"{where}: {error.message}") from None


TECHNIQUES = ("smart_city", "facial_recognition", "smart_policing", "social_media")


def _techniques(value: Any, where: str) -> float:
    """Return how many techniques: a number, or a list of their names."""
    if isinstance(value, list | tuple):
        return float(len({_one_of(item, where, TECHNIQUES) for item in value}))
    return _amount(value, where, 0.0)


def _refused(text_: str) -> DsrRiskError:
    from ....errors import DataError

    return DataError(text_)


def holder_of(name: str, part: float = float("nan")) -> Holder:
    """Declare a parameter: a supplier, or a state as a holder of a share."""
    return Holder(name, origin_of(name), part)
