"""Functions of arrays: what numpy cannot compute is one error that names the function."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from .._util.arguments import typed
from ..errors import DataError, DsrRiskError

__all__ = ["numeric"]

P = ParamSpec("P")
R = TypeVar("R")


def numeric(function: Callable[P, R]) -> Callable[P, R]:
    """Make a function of arrays check its arguments, and refuse arrays that do not fit together.

    Examples
    --------
    >>> from dsr_risk.records.sampling import effective_records
    >>> effective_records(["many"])
    Traceback (most recent call last):
        ...
    dsr_risk.errors.DataError: effective_records: could not convert string to float: 'many'
    """
    checked = typed(function)

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return checked(*args, **kwargs)
        except DsrRiskError:
            raise
        except (ValueError, TypeError, IndexError, ArithmeticError) as error:
            raise DataError(f"{function.__name__}: {error}") from None

    return call
