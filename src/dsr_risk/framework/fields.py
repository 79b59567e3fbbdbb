"""The types of the fields of a framework: names, shares, codes, and the words files say them with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)

from .._util.frozen import held
from ..methods._base import Number

__all__ = [
    "GRADES",
    "Ends",
    "Focal",
    "Name",
    "Peers",
    "Scale",
    "Share",
    "Shares",
    "Starts",
    "Text",
    "Weight",
    "Width",
    "equal_bands",
]

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=80)]
Text = Annotated[str, StringConstraints(strip_whitespace=True)]
Iso3 = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Share = Annotated[Number, Field(ge=0, le=1)]
Focal = Annotated[
    Iso3 | None,
    # TOML has no null, and the command line says `--focal none`.
    BeforeValidator(
        lambda value: None if isinstance(value, str) and value.casefold() == "none" else value
    ),
]
LARGEST = 1e100
"""Figures beyond it overflow where they are squared or divided."""


def _weight(value: float) -> float:
    if value != 0 and not 1 / LARGEST <= value <= LARGEST:
        raise ValueError(
            f"expected 0, or a number from {1 / LARGEST:g} to {LARGEST:g}, received {value:g}"
        )
    return value


Weight = Annotated[Number, Field(ge=0), AfterValidator(_weight)]
"""Siblings are added up, and each is divided by the sum: neither may overflow."""
Width = Annotated[Number, Field(ge=0)]
"""Points of the scale."""


def _ends(value: tuple[float, float]) -> tuple[float, float]:
    low, high = value
    if max(abs(low), abs(high)) > LARGEST or 0 < high - low < 1 / LARGEST:
        raise ValueError(
            f"expected two numbers up to {LARGEST:g} that are at least {1 / LARGEST:g} apart, received "
            f"{low:g} and {high:g}"
        )
    return value


def _scale(value: tuple[float, float]) -> tuple[float, float]:
    low, high = value
    if max(abs(low), abs(high)) > 1e9 or 0 < high - low < 1e-9:
        raise ValueError(
            f"expected a scale within -1e9 to 1e9, as in [0, 100], received {low:g} to {high:g}"
        )
    return value


Ends = Annotated[tuple[Number, Number], AfterValidator(_ends)]
Scale = Annotated[tuple[Number, Number], AfterValidator(_scale)]
Starts = Annotated[dict[str, Number], AfterValidator(held)]
Shares = Annotated[dict[str, Share], AfterValidator(held)]
BANDS = {"low": 0.0, "guarded": 0.2, "elevated": 0.4, "high": 0.6, "severe": 0.8}
"""Where bands start, as shares of the scale, in a framework that does not say."""
GRADES = {"A": 0.85, "B": 0.70, "C": 0.60}
"""The least coverage of every grade, in a framework that does not say."""


def equal_bands(scale: tuple[float, float] | None) -> dict[str, float]:
    """Return the starts of five bands of equal length on a scale, 0-100 if None."""
    lower, upper = scale or (0.0, 100.0)
    return held({label: lower + share * (upper - lower) for label, share in BANDS.items()})


def _peers(value: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, Mapping) or not all(
        isinstance(codes, list | tuple) and all(isinstance(code, str) for code in codes)
        for codes in value.values()
    ):
        raise ValueError("expected named lists of ISO 3166 alpha-3 codes")
    groups = {str(name): tuple(codes) for name, codes in value.items()}
    every = [code for codes in groups.values() for code in codes]
    odd = [code for code in every if not re.fullmatch("[A-Z]{3}", code)]
    if odd:
        raise ValueError(f"expected ISO 3166 alpha-3 codes, received {odd[0]!r}")
    twice = [code for code, count in Counter(every).items() if count > 1]
    if twice:
        raise ValueError(f"a country has one group; received {', '.join(twice)} in two")
    return held(groups)


def _plain_peers(value: dict[str, tuple[str, ...]]) -> Any:
    return {name: list(codes) for name, codes in value.items()}


_CODES = {"type": "array", "items": {"type": "string", "pattern": "^[A-Z]{3}$"}}
Peers = Annotated[
    dict[str, tuple[str, ...]],
    PlainValidator(_peers),
    PlainSerializer(_plain_peers),
    WithJsonSchema({"type": "object", "additionalProperties": _CODES}),
]
