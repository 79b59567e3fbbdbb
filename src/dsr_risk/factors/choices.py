"""Discrete choices: methods, sets of goalposts, the focal origin; anything `replace` can change."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, field_validator, model_validator

from .._util.frozen import held
from ..methods._base import Method, Number
from ._base import Factor, Kind
from .weights import check_probabilities

__all__ = ["AS_WRITTEN", "Choice"]

AS_WRITTEN = "as_written"
"""The option that leaves the framework as it is."""


class Choice(Factor):
    """One of several options, each with a probability (equal ones if none are given).

    ``options`` are values for one path: methods (any registered one), the focal origin, a share.
    ``sets`` are named sets of replacements (path to value), or names of the framework's presets, for
    choices that change several paths at once. The option ``as_written`` changes nothing.

    References
    ----------
    Saisana, M., Saltelli, A. and Tarantola, S. (2005), J. R. Stat. Soc. A 168(2), 307-323: the steps of
    a composite indicator as discrete uncertain inputs.

    Examples
    --------
    >>> Choice(options=["minmax", "zscore"], probabilities=[0.7, 0.2])
    Traceback (most recent call last):
        ...
    dsr_risk.errors.FrameworkError: choice: `probabilities` must add up to 1, received 0.9
    """

    name: ClassVar[str] = "choice"
    kind: ClassVar[Kind] = "choice"

    options: tuple[Any, ...] | None = None
    sets: dict[str, dict[str, Any] | str] | None = None
    probabilities: tuple[Annotated[Number, Field(ge=0)], ...] | None = None

    @field_validator("options", mode="before")
    @classmethod
    def _as_written(cls, options: Any) -> Any:
        if not isinstance(options, list | tuple):
            return options
        return held(
            tuple(option.spec() if isinstance(option, Method) else option for option in options)
        )

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.options is None) == (self.sets is None):
            raise ValueError("give `options` (values for one path) or `sets` (of replacements)")
        if self.count < 1:
            raise ValueError("give at least one option")
        check_probabilities(self.probabilities, self.count)
        return self

    @property
    def count(self) -> int:
        """The number of options."""
        return len(self.options if self.options is not None else self.sets or ())

    @property
    def labels(self) -> tuple[str, ...]:
        """A word for each option."""
        if self.options is None:
            return tuple(self.sets or ())
        return tuple(_label(option) for option in self.options)


def _label(option: Any) -> str:
    if isinstance(option, dict):
        inside = ", ".join(f"{key}={value}" for key, value in option.items() if key != "method")
        return f"{option.get('method', '')}({inside})"
    return str(option)
