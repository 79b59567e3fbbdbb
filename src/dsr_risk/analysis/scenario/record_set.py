"""Records behind a scenario: shares, loans and incidents that levers edit row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ..._util.checks import whole_number
from ...data.countries import to_iso3
from ...errors import DataError, Problems, UnknownNameError, did_you_mean
from ...records import debt_exposure
from ...records.loans import Terms
from ...records.options import IncidentWeights, LoanTerms, option_of
from .incident_register import IncidentRegister
from .layer_shares import Holder
from .loan_book import LoanBook
from .names import INSTITUTIONS, origin_of

__all__ = ["KEYS", "RecordSet", "record_set"]

KEYS = ("shares", "loans", "incidents", "terms", "weighing", "year")
SHARE_COLUMNS = ("iso3", "layer", "holder", "share")


@dataclass(frozen=True, eq=False)
class RecordSet:
    """Records by country: holders of each layer, loans, and the register of incidents."""

    shares: Mapping[tuple[str, str], tuple[Holder, ...]] = field(default_factory=dict)
    loans: Mapping[str, LoanBook] = field(default_factory=dict)
    incidents: IncidentRegister | None = None


def record_set(
    given: Mapping[str, Any] | None, shares: pd.DataFrame | None, population: pd.Series
) -> RecordSet:
    """Check records and return them by country.

    `population` holds people by country code, for rates of incidents.

    Raises
    ------
    UnknownNameError
        For a kind of records that does not exist.
    DataError
        With every problem of a table; for shares given twice.
    """
    if given is None:
        return RecordSet(shares_of_records(shares))
    if not isinstance(given, Mapping):
        raise DataError(
            f"`records` must be a mapping with any of {', '.join(KEYS)}, received "
            f"{type(given).__name__}"
        )
    for key in given:
        if key not in KEYS:
            raise UnknownNameError(f"records: unknown key `{key}`; {did_you_mean(str(key), KEYS)}")
    if shares is not None and given.get("shares") is not None:
        raise DataError("shares are given twice, as `shares` and as `records` `shares`; give one")
    year = given.get("year")
    if year is not None:
        year = whole_number("year", year, least=1900)
    terms = option_of(LoanTerms, given.get("terms"), "terms")
    weighing = option_of(IncidentWeights, given.get("weighing"), "weighing")
    loans, incidents = given.get("loans"), given.get("incidents")
    return RecordSet(
        shares_of_records(shares if shares is not None else given.get("shares")),
        {} if loans is None else loan_books(loans, terms, year),
        None
        if incidents is None
        else IncidentRegister.of(
            with_numbers(incidents, "incidents", ("severity", "year")), population, weighing, year
        ),
    )


def shares_of_records(records: pd.DataFrame | None) -> dict[tuple[str, str], tuple[Holder, ...]]:
    """Return the holders of each country and layer in a frame of shares.

    The frame has columns ``iso3, layer, holder, share`` (0-1) and may have ``origin``.

    Raises
    ------
    DataError
        For absent columns, unknown countries, or shares that are none.
    """
    if records is None:
        return {}
    problems = Problems("shares")
    absent = [name for name in SHARE_COLUMNS if name not in records]
    if absent:
        problems.add(
            f"no column {', '.join(f'`{name}`' for name in absent)}; expected iso3, layer, holder, "
            "share and, where known, origin"
        )
        problems.raise_as(DataError)
    codes = to_iso3(records["iso3"])
    share = pd.to_numeric(records["share"], errors="coerce").to_numpy(float)
    for row in np.flatnonzero([code is None for code in codes])[:5]:
        problems.add(f"row {row + 1}: country {records['iso3'].iloc[row]!r} is not known")
    for row in np.flatnonzero(~((share >= 0) & (share <= 1)))[:5]:
        problems.add(f"row {row + 1}: share {records['share'].iloc[row]!r} is no number in 0-1")
    problems.raise_as(DataError)
    out: dict[tuple[str, str], list[Holder]] = {}
    origins = records["origin"] if "origin" in records else [None] * len(records)
    for code, layer, holder, part, origin in zip(
        codes, records["layer"], records["holder"], share, origins, strict=True
    ):
        seat = str(origin) if isinstance(origin, str) and origin else origin_of(str(holder))
        out.setdefault((str(code), str(layer)), []).append(Holder(str(holder), seat, float(part)))
    return {key: tuple(holders) for key, holders in out.items()}


def loan_books(frame: Any, terms: LoanTerms, year: int | None) -> dict[str, LoanBook]:
    """Return the loans of each country, at the end of a year (the latest of a commitment if None).

    The frame has the columns of ``records.debt_exposure``: ``iso3, usd, year, creditor_iso3`` and, where
    known, ``maturity, grace, rate``. Without terms a loan counts as owed in full.

    Raises
    ------
    DataError
        With every problem of the loans.
    """
    terms_given = [name for name in vars(terms).values() if isinstance(name, str)]
    frame = with_numbers(frame, "loans", ("usd", "year", *terms_given))
    if terms.maturity == "maturity" and "maturity" not in frame:
        terms = LoanTerms(maturity=None)
    names = frame["creditor_iso3"] if "creditor_iso3" in frame else pd.Series(dtype=object)
    institutions = [institution for institution in INSTITUTIONS if institution in set(names)]
    # Every rule a loan has to keep is checked where loans are measured.
    debt_exposure(
        frame,
        terms=terms,
        as_of="latest" if year is None else year,
        options={"other_creditors": tuple(institutions)},
    )
    codes, lenders = to_iso3(frame["iso3"]), to_iso3(names)
    creditors = np.array(
        [str(raw) if code is None else str(code) for raw, code in zip(names, lenders, strict=True)],
        dtype=object,
    )
    at = int(frame["year"].max()) if year is None else year
    amount = frame["usd"].to_numpy(float)
    age = float(at) - frame["year"].to_numpy(float)
    values = {name: _term(frame, terms, name) for name in ("maturity", "grace", "rate")}
    values["grace"] = np.minimum(values["grace"], values["maturity"])
    out = {}
    for code in sorted({str(code) for code in codes}):
        rows = (codes == code) & (age >= 0)
        if not rows.any():
            continue
        parts = Terms(
            amount[rows],
            values["rate"][rows] / terms.scale,
            values["grace"][rows],
            values["maturity"][rows],
            age[rows],
            terms.schedule,
        )
        out[code] = LoanBook(creditors[rows], amount[rows], parts, at, terms.maturity is not None)
    return out


def with_numbers(frame: Any, subject: str, names: tuple[str, ...]) -> pd.DataFrame:
    """Return a frame whose columns of numbers, read from a file as text, are numbers.

    Raises
    ------
    DataError
        For anything but a frame; with every cell that is no number.
    """
    if not isinstance(frame, pd.DataFrame):
        raise DataError(f"{subject}: expected a DataFrame, received {type(frame).__name__}")
    problems = Problems(subject)
    numbers = {}
    for name in names:
        if name not in frame:
            continue
        cells = frame[name].map(lambda cell: np.nan if str(cell).strip() == "" else cell)
        column = pd.to_numeric(cells, errors="coerce")
        for row in np.flatnonzero(column.isna() & cells.notna())[:5]:
            problems.add(
                f"`{name}` in row {row + 1}: expected a number, received {cells.iloc[row]!r}"
            )
        numbers[name] = column
    problems.raise_as(DataError)
    return frame.assign(**numbers).reset_index(drop=True)


def _term(frame: pd.DataFrame, terms: LoanTerms, name: str) -> Any:
    """Return a term of every loan, in the unit it is written in."""
    value = getattr(terms, name)
    if terms.maturity is None:
        return np.full(len(frame), np.inf if name == "maturity" else 0.0)
    if not isinstance(value, str):
        return np.full(len(frame), float(value))
    column = frame[value].to_numpy(float)
    assumed = terms.assumed.get(name)
    return column if assumed is None else np.where(np.isnan(column), float(assumed), column)
