"""Changes of one value as people write them: 70, "+10", "-5 %", "*1.1"."""

from __future__ import annotations

import math
import re
from typing import Any

from ..._util.checks import is_number, shown
from ...errors import DataError

__all__ = ["changed", "check_change"]

_FORM = re.compile(r"([+\-*/]?)\s*([0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?)\s*(%?)")


def check_change(value: Any, where: str) -> float | str:
    """Return a change that can be applied.

    Raises
    ------
    DataError
        For anything but a finite number or a text such as "+10", "-5 %", "*1.1".
    """
    if is_number(value):
        return float(value)
    if isinstance(value, str):
        match = _FORM.fullmatch(value.strip())
        if match and not (match[3] and match[1] in "*/") and float(match[2] or 0) < math.inf:
            if match[1] == "/" and float(match[2]) == 0:
                raise DataError(f"{where}: division by zero, received {value!r}")
            return value.strip()
    raise DataError(
        f'{where}: expected a number, or a change as "+10", "-5 %", "*1.1", received {shown(value)}'
    )


def changed(before: float, change: float | str) -> float:
    """Return the value after the change.

    Examples
    --------
    >>> changed(60.0, "+10"), changed(60.0, "-5 %"), changed(60.0, "*1.5"), changed(60.0, 70.0)
    (70.0, 57.0, 90.0, 70.0)
    """
    if isinstance(change, float | int):
        return float(change)
    match = _FORM.fullmatch(change)
    if match is None:
        raise DataError(f"not a change: {change!r}")
    sign, number, percent = match[1], float(match[2]), bool(match[3])
    if percent:
        return before * (1 + (-number if sign == "-" else number) / 100)
    if sign == "+":
        return before + number
    if sign == "-":
        return before - number
    if sign == "*":
        return before * number
    return before / number if sign == "/" else number
