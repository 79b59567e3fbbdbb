"""The columns of a function of records."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from types import EllipsisType

from .._util.checks import as_float
from ..errors import DataError, UnknownNameError, did_you_mean

__all__ = ["Columns", "Roles", "columns_of"]

Column = str | float | None | EllipsisType
Roles = Mapping[str, str | float | None]
"""The column of each role a function uses; None where the role is left out."""

NUMBERS = frozenset({"severity", "relative_error", "market_share"})
"""Roles that one number for every record may take the place of."""


@dataclass(frozen=True)
class Columns:
    """The column of each role; `...` keeps the default of the function, None leaves the role out.

    A mapping of role to column is accepted wherever a `Columns` is. Every function states the
    roles that it uses.

    Parameters
    ----------
    country, year_column, record
        Country of the record, its year or date, and an identifier for traces and messages.
    supplier, origin, amount, layer, critical
        Supplier, country of the supplier, amount, layer of the network, critical function (0-1).
    substitutability, chokepoint
        How easily the supplier is replaced, and how much of the system depends on it (0-1).
    buyer, seller, share
        Of links between suppliers: who buys, from whom, which part of the own supply (0-1).
    cable, capacity, landing_point
        Of landings of cables.
    provider, size
        Of cloud regions.
    level, claim
        Of reports: the grade, and the state of the attribution.
    creditor, collateral, reported, relative_error
        Of loans: country of the lender, secured part, part reported by the borrower (0-1), and the
        standard error of the amount as a fraction of it (a column or one number).
    severity, host
        Of incidents: severity from 1 to 5 (a column or one number) and the country of the event.
    technique
        Of deployments.
    agreement, instrument, measure
        Kind of agreement, of data-protection instrument and of trade measure.
    firm, stake, owner, market_share, investor
        Of stakes: the firm, the stake (0-1), the country of the owner, the market share of the
        firm (0-1; a column or one number), and the investor.

    Examples
    --------
    >>> Columns(supplier="firm", amount=None)
    Columns(supplier='firm', amount=None)
    >>> Columns(supplier="firm", amount=None).given()
    {'supplier': 'firm', 'amount': None}
    """

    country: Column = ...
    year_column: Column = ...
    record: Column = ...
    supplier: Column = ...
    origin: Column = ...
    amount: Column = ...
    layer: Column = ...
    critical: Column = ...
    substitutability: Column = ...
    chokepoint: Column = ...
    buyer: Column = ...
    seller: Column = ...
    share: Column = ...
    cable: Column = ...
    capacity: Column = ...
    landing_point: Column = ...
    provider: Column = ...
    size: Column = ...
    level: Column = ...
    claim: Column = ...
    creditor: Column = ...
    collateral: Column = ...
    reported: Column = ...
    relative_error: Column = ...
    severity: Column = ...
    host: Column = ...
    technique: Column = ...
    agreement: Column = ...
    instrument: Column = ...
    measure: Column = ...
    firm: Column = ...
    stake: Column = ...
    owner: Column = ...
    market_share: Column = ...
    investor: Column = ...

    def given(self) -> dict[str, str | float | None]:
        """Return the roles that have a value of their own."""
        return {name: value for name, value in vars(self).items() if value is not ...}

    def __repr__(self) -> str:
        inside = ", ".join(f"{name}={value!r}" for name, value in self.given().items())
        return f"Columns({inside})"


ROLES = tuple(field.name for field in dataclasses.fields(Columns))


def columns_of(
    given: Columns | Mapping[str, object] | None, defaults: Roles
) -> dict[str, str | float | None]:
    """Return the column of every role of a function.

    Raises
    ------
    UnknownNameError
        If a role is not one the function uses.
    DataError
        If a column is neither text nor, where the role allows it, a number.
    """
    named: Mapping[str, object] = {}
    if isinstance(given, Columns):
        named = given.given()
    elif isinstance(given, Mapping):
        named = given
    elif given is not None:
        raise DataError(
            "`columns` must be a mapping of role to column, such as "
            f'{{"country": "iso3"}}, or Columns, received {type(given).__name__}'
        )
    out = dict(defaults)
    for role, column in named.items():
        if role not in defaults:
            raise UnknownNameError(
                f"unknown column role `{role}`; {did_you_mean(str(role), defaults)}"
            )
        if column is not ...:
            out[role] = _column(role, column)
    if out["country"] is None:
        raise DataError("`columns`: the role `country` needs a column, received None")
    return out


def _column(role: str, column: object) -> str | float | None:
    if column is None or isinstance(column, str):
        return column
    if role in NUMBERS and isinstance(column, int | float) and not isinstance(column, bool):
        return as_float(column)
    also = " or a number" if role in NUMBERS else ""
    raise DataError(f"`columns`: `{role}` must be the name of a column{also}, received {column!r}")
