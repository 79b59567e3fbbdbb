"""Options of records functions that travel together, each checked once when it is made."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import numpy as np

from .._util.checks import between, one_of, shown, texts_in, whole_number
from .._util.frozen import Fixed
from ..errors import DataError, UnknownNameError, did_you_mean

__all__ = [
    "CLAIM_WEIGHTS",
    "AdoptionOptions",
    "DebtOptions",
    "Grading",
    "IncidentWeights",
    "LoanTerms",
    "Market",
    "Renegotiation",
    "Sampling",
    "option_of",
]

Numbers = Mapping[str, float]
OnMissing = Literal["error", "skip"]
Remainder = Literal["error", "any", "other", "drop"]
REMAINDERS = ("error", "any", "other", "drop")
ON_MISSING = ("error", "skip")

CLAIM_WEIGHTS: Numbers = Fixed(
    {"confirmed": 1.0, "probable": 0.75, "alleged": 0.5, "denied": 0.25, "refuted": 0.0}
)
"""Weight of an incident by the state of its attribution. A design choice."""

T = TypeVar("T")


def option_of(kind: type[T], given: T | Mapping[str, Any] | None, name: str) -> T:
    """Return an option object from itself, a mapping of its fields, or None for the defaults.

    Raises
    ------
    UnknownNameError
        If the mapping has a key that is no field.
    DataError
        If it is anything else, or a field breaks its rule.
    """
    if given is None:
        return kind()
    if isinstance(given, kind):
        return given
    if not isinstance(given, Mapping):
        raise DataError(
            f"`{name}` must be {kind.__name__} or a mapping of its fields, received "
            f"{type(given).__name__}"
        )
    fields = [field.name for field in dataclasses.fields(kind)]  # type: ignore[arg-type]
    for key in given:
        if key not in fields:
            raise UnknownNameError(
                f"unknown field `{key}` of `{name}`; {did_you_mean(str(key), fields)}"
            )
    needed = [
        field.name
        for field in dataclasses.fields(kind)  # type: ignore[arg-type]
        if field.default is dataclasses.MISSING
        and field.default_factory is dataclasses.MISSING
        and field.name not in given
    ]
    if needed:
        raise DataError(f"`{name}` needs `{needed[0]}`")
    return kind(**given)


def _fix(holder: object, name: str, value: object) -> None:
    object.__setattr__(holder, name, value)


def _shares(name: str, given: Mapping[str, float] | None) -> Numbers:
    """Return a mapping of name to a number from 0 to 1, read-only."""
    if given is None:
        return Fixed()
    if not isinstance(given, Mapping):
        raise DataError(f"`{name}` must be a mapping of name to number, received {given!r}")
    for key, number in given.items():
        between(f"{name} of {key}", number, 0, 1, ends=True)
    return Fixed({str(key): float(number) for key, number in given.items()})


@dataclass(frozen=True)
class Market:
    """Measures of a market of suppliers, and the treatment of incomplete records.

    Parameters
    ----------
    measure : {"amount", "share", "percent"}
        Whether the amounts are amounts, or shares of the whole in 0-1 or percent.
    level : {"both", "firm", "origin"}
        Firms (``supplier_...``), countries of origin (``origin_...``), or both. The two are never
        to be added up: the first is contained in the second.
    remainder : {"error", "any", "other", "drop"}
        Amounts of unknown suppliers or origins: refuse them; bound the result as if anyone, or
        only suppliers that are not named, may hold them; leave them out.
    on_missing : {"error", "skip"}
        Refuse records without an amount, or leave them out.
    top : int
        Number of largest suppliers in the top-k share.
    prefix : str
        Text before every name of an indicator, such as ``"ran_"``.
    spellings : {"merge", "keep"}
        Treat names that differ only in case, spaces, punctuation, a legal form or a word such as "Group"
        or "Technologies" at the end as one supplier, with a note that names them; or keep them apart.
    substitutability, chokepoint : mapping of supplier to number
        Numbers in 0-1: how easily a supplier is replaced (0 if not named) and how much of the
        system depends on it (1 if not named). They give ``locked_share`` and ``locked_hhi``.

    Examples
    --------
    >>> market = Market(measure="percent", level="firm", top=2)
    >>> market.measure, market.top, market.remainder
    ('percent', 2, 'error')
    """

    measure: Literal["amount", "share", "percent"] = "amount"
    level: Literal["both", "firm", "origin"] = "both"
    remainder: Remainder = "error"
    on_missing: OnMissing = "error"
    top: int = 3
    prefix: str = ""
    spellings: Literal["merge", "keep"] = "merge"
    substitutability: Numbers = field(default_factory=Fixed)
    chokepoint: Numbers = field(default_factory=Fixed)

    def __post_init__(self) -> None:
        one_of("measure", self.measure, ("amount", "share", "percent"))
        one_of("level", self.level, ("both", "firm", "origin"))
        one_of("remainder", self.remainder, REMAINDERS)
        one_of("on_missing", self.on_missing, ON_MISSING)
        one_of("spellings", self.spellings, ("merge", "keep"))
        whole_number("top", self.top, least=1)
        for name in ("substitutability", "chokepoint"):
            _fix(self, name, _shares(name, getattr(self, name)))


@dataclass(frozen=True)
class Sampling:
    """In which sense records are a sample.

    Parameters
    ----------
    intraclass : float
        Likeness of records within a tender, 0-1; variances grow by ``1 + (n - 1) intraclass``.
    prior : float
        Pseudo-count of each supplier in `supplier_shares`, above 0; 1/2 is the prior of Jeffreys.
    census : bool
        The records are all there are, so no interval has a sampling part.

    Examples
    --------
    >>> Sampling(intraclass=0.1).prior
    0.5
    """

    intraclass: float = 0.0
    prior: float = 0.5
    census: bool = False

    def __post_init__(self) -> None:
        between("intraclass", self.intraclass, 0, 1, ends=True)
        between("prior", self.prior, 0, np.inf)
        if not isinstance(self.census, bool):
            raise DataError(f"`census` must be true or false, received {self.census!r}")


@dataclass(frozen=True)
class Renegotiation:
    """New terms from a year on: cut the balance, add years, and set another rate.

    Parameters
    ----------
    year : int
        The balance at the end of this year is renegotiated.
    haircut : float
        Part of the balance given up, 0-1.
    extension, grace : float
        Years added to the remaining maturity, and to the remaining grace period.
    rate : float, optional
        New yearly rate as a fraction; without it each loan keeps its own.
    creditors : sequence of str, optional
        Creditors that take part; without it all do.

    Examples
    --------
    >>> terms = Renegotiation(year=2023, haircut=0.2, extension=5, grace=2)
    >>> terms.haircut, terms.rate
    (0.2, None)
    """

    year: int
    haircut: float = 0.0
    extension: float = 0.0
    grace: float = 0.0
    rate: float | None = None
    creditors: str | tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        whole_number("year", self.year, least=1900)
        between("haircut", self.haircut, 0, 1, ends=True)
        if self.extension < 0 or self.grace < 0 or self.grace > self.extension:
            raise DataError(
                "extension and grace must be at least 0 and grace at most the extension, received "
                f"{self.extension!r} and {self.grace!r}"
            )
        if self.rate is not None:
            between("rate", self.rate, 0, 1, ends=True)
        if self.creditors is not None:
            _fix(self, "creditors", texts_in("creditors", self.creditors))


@dataclass(frozen=True)
class LoanTerms:
    """The columns and the unit of the terms of loans, and the terms assumed where they are missing.

    Parameters
    ----------
    maturity, grace, rate : str, number or None
        Columns, or one number for all: years to the last payment, years of interest only, yearly
        interest. ``maturity=None`` says that terms are unknown: stock and service are left out.
    unit : {"fraction", "percent"}
        Whether 2 percent is 0.02 or 2, in the column and in ``assumed``.
    schedule : {"annuity", "equal_principal"}
        Level payments or level principal.
    assumed : mapping
        ``maturity``, ``grace``, ``rate`` of loans that do not state them. The interval of the stock
        then runs from such loans repaid to such loans owed in full.
    discount : float
        Yearly rate of the present value, as a fraction.
    renegotiation : Renegotiation, optional
        New terms from a year on.

    Examples
    --------
    >>> terms = LoanTerms(unit="percent", assumed={"maturity": 20, "rate": 3.5})
    >>> terms.columns()["rate"], terms.filled("maturity"), round(terms.filled("rate"), 4), terms.filled("grace")
    ('rate', 20.0, 0.035, None)
    """

    maturity: str | float | None = "maturity"
    grace: str | float | None = "grace"
    rate: str | float | None = "rate"
    unit: Literal["fraction", "percent"] = "fraction"
    schedule: Literal["annuity", "equal_principal"] = "annuity"
    assumed: Numbers = field(default_factory=Fixed)
    discount: float = 0.05
    renegotiation: Renegotiation | Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        one_of("unit", self.unit, ("fraction", "percent"))
        one_of("schedule", self.schedule, ("annuity", "equal_principal"))
        between("discount", self.discount, 0, 10)
        for name in ("maturity", "grace", "rate"):
            value = getattr(self, name)
            if not isinstance(value, str | int | float | None) or isinstance(value, bool):
                raise DataError(
                    f"`{name}` must be a column, a number or None, received {shown(value)}"
                )
        lacking = [name for name in ("grace", "rate") if getattr(self, name) is None]
        if self.maturity is not None and lacking:
            raise DataError(
                f"with a maturity, give also {' and '.join(lacking)} (a column or number)"
            )
        if not isinstance(self.assumed, Mapping):
            raise DataError(
                f"`assumed` must be a mapping of term to number, received {self.assumed!r}"
            )
        for name, number in self.assumed.items():
            one_of("assumed", name, ("maturity", "grace", "rate"))
            between(f"assumed {name}", number, 0, 1e3, ends=True)
        _fix(self, "assumed", Fixed(dict(self.assumed)))
        if self.renegotiation is not None:
            _fix(
                self, "renegotiation", option_of(Renegotiation, self.renegotiation, "renegotiation")
            )

    @property
    def deal(self) -> Renegotiation | None:
        """The renegotiation as its own type."""
        return self.renegotiation if isinstance(self.renegotiation, Renegotiation) else None

    @property
    def scale(self) -> float:
        """Number that a rate is divided by to be a fraction."""
        return 100.0 if self.unit == "percent" else 1.0

    def columns(self) -> dict[str, str | float | None]:
        """Return the three terms as columns or numbers; none where terms are unknown."""
        if self.maturity is None:
            return {}
        return {"maturity": self.maturity, "grace": self.grace, "rate": self.rate}

    def filled(self, name: str) -> float | None:
        """Return the assumed value of a term, rates as a fraction.

        Parameters
        ----------
        name
            ``maturity``, ``grace`` (years) or ``rate`` (a year).

        Returns
        -------
        float or None
            None where nothing is assumed.
        """
        if name not in self.assumed:
            return None
        return float(self.assumed[name]) / (self.scale if name == "rate" else 1.0)


def _hidden(given: float | Iterable[float]) -> tuple[float, float]:
    ends = [given, given] if isinstance(given, int | float) else list(given)
    if len(ends) != 2 or not all(isinstance(end, int | float) for end in ends):
        raise DataError(f"`hidden` must be a number, or two (low, high), received {shown(given)}")
    low, high = ends
    if not 0.0 <= low <= high < 1.0:
        raise DataError(
            f"`hidden` must be a part of the stock, 0 <= low <= high < 1, received {shown(given)}"
        )
    return float(low), float(high)


@dataclass(frozen=True)
class DebtOptions:
    """Units of loans, and assumptions on what the records do not show.

    Parameters
    ----------
    currency : str
        Currency of the amounts, as it is printed.
    other_creditors : sequence of str
        Creditors that are no country, as they stand in the column: "World Bank", "bondholders".
    capacity : mapping of country to {"weak", "medium", "strong"}
        Debt-carrying capacity for the thresholds; "medium" where not given.
    hidden : float or (low, high), optional
        Part of the true stock, 0-1, that the records do not show; gives ``debt_stock_adjusted``,
        the stock divided by one minus it. Horn, Reinhart and Trebesch (2021) put the unreported
        part of Chinese lending to developing countries near one half.
    on_missing : {"error", "skip"}
        Refuse loans without an amount and countries without a base, or leave them out.
    complete : bool
        The register lists the loans of every creditor. Without it, a share of 1 in a country of
        which focal loans alone are recorded has a note that says so.
    confidence_level : float
        Of the intervals, 0-1.

    Examples
    --------
    >>> DebtOptions(other_creditors="World Bank", hidden=0.5).hidden
    (0.5, 0.5)
    """

    currency: str = "USD"
    other_creditors: str | tuple[str, ...] = ()
    capacity: Mapping[str, str] = field(default_factory=Fixed)
    hidden: float | tuple[float, float] | None = None
    on_missing: OnMissing = "error"
    complete: bool = False
    confidence_level: float = 0.90

    def __post_init__(self) -> None:
        one_of("on_missing", self.on_missing, ON_MISSING)
        between("confidence_level", self.confidence_level, 0, 1)
        _fix(self, "other_creditors", texts_in("other_creditors", self.other_creditors))
        _fix(self, "capacity", Fixed(dict(self.capacity)))
        if self.hidden is not None:
            _fix(self, "hidden", _hidden(self.hidden))

    @property
    def hidden_range(self) -> tuple[float, float] | None:
        """The hidden part as (low, high)."""
        return self.hidden if isinstance(self.hidden, tuple) else None


def _claims(given: Mapping[str, float]) -> Numbers:
    weights = _shares("claim_weights", given)
    if not weights:
        raise DataError("`claim_weights` must name at least one claim, received none")
    return weights


@dataclass(frozen=True)
class IncidentWeights:
    """Weights of an incident.

    Parameters
    ----------
    half_life : float
        Years in which an incident loses half its weight, above 0.
    claim_weights : mapping of claim to number
        Weights in 0-1 by the state of the attribution.
    detection : by country, optional
        Part of incidents that becomes known, above 0 up to 1. Rates are divided by it.
    on_missing : {"error", "skip"}
        Refuse countries without a population, or leave their rates out.

    Examples
    --------
    >>> IncidentWeights(half_life=4).claim_weights["confirmed"]
    1.0
    """

    half_life: float = 2.0
    claim_weights: Numbers = field(default_factory=lambda: CLAIM_WEIGHTS)
    detection: Any = None
    on_missing: OnMissing = "error"

    def __post_init__(self) -> None:
        between("half_life", self.half_life, 0, np.inf)
        one_of("on_missing", self.on_missing, ON_MISSING)
        _fix(self, "claim_weights", _claims(self.claim_weights))


@dataclass(frozen=True)
class Grading:
    """Options of how reports of a grade become one grade.

    Parameters
    ----------
    most : int
        The highest grade of the scale; the lowest is 0.
    rule : {"highest", "latest"}
        The highest grade believed, or the highest among those of the latest year.
    claim_weights : mapping of claim to number
        Weights in 0-1 by the state of the report.
    believed : float
        Reports of at least this claim weight are believed; "confirmed" has 1.

    Examples
    --------
    >>> Grading(most=4, rule="latest").believed
    0.5
    """

    most: int = 3
    rule: Literal["highest", "latest"] = "highest"
    claim_weights: Numbers = field(default_factory=lambda: CLAIM_WEIGHTS)
    believed: float = 0.5

    def __post_init__(self) -> None:
        whole_number("most", self.most, least=1)
        one_of("rule", self.rule, ("highest", "latest"))
        between("believed", self.believed, 0, 1, ends=True)
        _fix(self, "claim_weights", _claims(self.claim_weights))


@dataclass(frozen=True)
class AdoptionOptions:
    """Assumptions on what the records of deployments do not state.

    Parameters
    ----------
    remainder : {"any", "other", "drop", "error"}
        What deployments without a supplier do to shares of suppliers; see `Market`.
    on_missing : {"error", "skip"}
        Refuse countries without a base, or leave the indicator out there.
    confidence_level : float
        Of the intervals, 0-1.

    Examples
    --------
    >>> AdoptionOptions(remainder="drop").confidence_level
    0.9
    """

    remainder: Remainder = "any"
    on_missing: OnMissing = "error"
    confidence_level: float = 0.90

    def __post_init__(self) -> None:
        one_of("remainder", self.remainder, REMAINDERS)
        one_of("on_missing", self.on_missing, ON_MISSING)
        between("confidence_level", self.confidence_level, 0, 1)
