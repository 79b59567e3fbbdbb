"""Report of how a table was read: what was recognised, converted, skipped or left out, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .._util.checks import mapping_of, names_in
from .._util.frozen import Frozen
from ..errors import DataError

__all__ = ["Asked", "Log", "Reading", "cut", "few"]

SHOWN = 3
LONGEST = 40


def few(items: Iterable[object], shown: int = SHOWN) -> str:
    """Return the first items quoted, each cut to 40 characters, and how many more there are.

    Examples
    --------
    >>> few(["a", "b", "c", "d", "e"])
    "'a', 'b', 'c' and 2 more"
    """
    texts = [str(item) for item in items]
    shown_texts = ", ".join(f"'{cut(text)}'" for text in texts[:shown])
    return shown_texts if len(texts) <= shown else f"{shown_texts} and {len(texts) - shown:,} more"


def cut(text: str, longest: int = LONGEST) -> str:
    """Return the text on one line, cut to `longest` characters."""
    flat = " ".join(text[: 4 * longest].split())
    return (
        flat if len(flat) <= longest and len(text) <= 4 * longest else flat[: longest - 3] + "..."
    )


@dataclass(frozen=True)
class Asked:
    """Options of how a table is read; None leaves the choice to the reader.

    Attributes
    ----------
    edition : int
        Read the table as a snapshot of this year.
    panel : bool
        Read it as a panel (units are country and year), or as a snapshot.
    decimal, thousands : str
        The decimal mark (``.`` or ``,``) and the thousands mark.
    missing : tuple of str
        Cells that mean "missing" beside the usual words, for example ``-999``.
    units : str
        ``country``, ``any``, or the column that holds identifiers.
    indicators : tuple of str
        Names of indicators, which are no years though they hold one (``gci_2020``).
    only : tuple of (str, str)
        Columns of the file, each with the text of the rows that are read.
    """

    edition: int | None = None
    panel: bool | None = None
    decimal: str | None = None
    thousands: str | None = None
    missing: tuple[str, ...] | None = None
    units: str = "country"
    indicators: tuple[str, ...] = ()
    only: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        if self.edition is not None and not 1000 <= self.edition <= 2999:
            raise DataError(
                f"`edition` must be a year from 1000 to 2999, received {cut(str(self.edition))}"
            )
        if self.panel and self.edition is not None:
            raise DataError(
                "`edition` reads a snapshot of one year, `panel` a table of several: give one of the two"
            )
        if self.decimal not in (None, ".", ","):
            raise DataError(f"`decimal` must be '.' or ',', received {cut(str(self.decimal))!r}")
        if self.thousands not in (None, "", ".", ",", " ", "'"):
            raise DataError(
                f"`thousands` must be one of '.', ',', ' ' and \"'\", received {cut(str(self.thousands))!r}"
            )
        if self.decimal is not None and self.decimal == self.thousands:
            raise DataError(
                f"`decimal` and `thousands` are both {self.decimal!r}; they must differ"
            )

    @classmethod
    def of(
        cls,
        *,
        missing: str | float | Iterable[object] | None = None,
        only: Mapping[str, object] | None = None,
        indicators: str | Iterable[str] | None = None,
        **options: Any,
    ) -> Asked:
        """Return the options with `missing` as a tuple of texts; one text or number is one word."""
        if indicators is not None:
            names = tuple(map(str, names_in("indicators", indicators)))
            if "" in names:
                raise DataError("`indicators` must hold names of indicators, received an empty one")
            options["indicators"] = names
        if only is not None:
            chosen = mapping_of("only", only, '{"sex": "T"}')
            options["only"] = tuple((str(k).strip(), str(v).strip()) for k, v in chosen.items())
        if missing is None:
            return cls(**options)
        if isinstance(missing, str) or not isinstance(missing, Iterable):
            missing = [missing]
        words = list(missing)
        return cls(**options, missing=tuple(str(word).strip() for word in words))


@dataclass(frozen=True)
class Reading(Frozen):
    """Report of how a table was read.

    Attributes
    ----------
    origin : str
        The file, or what the table was called.
    facts : dict
        What was recognised where it is not the plain case: encoding, separator, sheet, decimal mark.
    notes : tuple of str
        What was converted, skipped or left out, one sentence each.
    ignored : dict
        Columns that were left out, each with the reason.

    Examples
    --------
    >>> from dsr_risk import as_data
    >>> import pandas as pd
    >>> data = as_data(pd.DataFrame({"country": ["Kenya", "Togo"], "gci": ["81,7", "33,2"]}))
    >>> print(data.reading)
    read as: decimal comma
    """

    origin: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    ignored: Mapping[str, str] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """Return the report, one sentence a line; empty if there is nothing to report."""
        facts = ", ".join(self.facts.values())
        return [*([f"read as: {facts}"] if facts else []), *self.notes]

    def __bool__(self) -> bool:
        return bool(self.facts or self.notes)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain data, for a manifest."""
        return {
            "facts": dict(self.facts),
            "notes": list(self.notes),
            "ignored": dict(self.ignored),
        }


class Log:
    """Collects how a table is read, while it is read."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.facts: dict[str, str] = {}
        self.notes: list[str] = []
        self.ignored: dict[str, str] = {}

    def fact(self, key: str, text: str) -> None:
        """Report what the table is: its encoding, separator or marks."""
        self.facts[key] = text

    def note(self, text: str) -> None:
        """Report what was done with the table."""
        if text not in self.notes:
            self.notes.append(text)

    def ignore(self, column: str, reason: str) -> None:
        """Report a column that is left out."""
        self.ignored[column] = reason

    def done(self) -> Reading:
        """Return the report."""
        notes = list(self.notes)
        if self.ignored:
            names = ", ".join(f"`{cut(name)}`" for name in list(self.ignored)[:8])
            more = f" and {len(self.ignored) - 8} more" if len(self.ignored) > 8 else ""
            reasons = list(dict.fromkeys(self.ignored.values()))
            notes.append(f"columns not used: {names}{more} ({cut('; '.join(reasons), 200)})")
        return Reading(self.origin, dict(self.facts), tuple(notes), dict(self.ignored))
