"""Errors: each names the thing, the rule and the value received, and the way out."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = [
    "ArgumentError",
    "DataError",
    "DsrRiskError",
    "FrameworkError",
    "MissingExtraError",
    "NotScorableError",
    "Problems",
    "UnknownNameError",
    "did_you_mean",
    "shortened",
]

SHOWN = 36
_LONG = re.compile(r"\S{301,}")


class DsrRiskError(Exception):
    """Base of every error the package raises on purpose.

    ``problems`` holds one line a problem; the message shows the first 36 of them.

    Examples
    --------
    >>> error = DsrRiskError("mine.csv: 1 problem", ["row 3: `value` is 'abc'"])
    >>> print(error)
    mine.csv: 1 problem
      - row 3: `value` is 'abc'
    """

    def __init__(self, message: str, problems: Iterable[str] = ()) -> None:
        self.message = message
        self.problems: tuple[str, ...] = tuple(problems)
        super().__init__(message, self.problems)

    def __str__(self) -> str:
        lines = [self.message, *(f"  - {problem}" for problem in self.problems[:SHOWN])]
        if len(self.problems) > SHOWN:
            lines.append(f"  ... and {len(self.problems) - SHOWN:,} more")
        return shortened("\n".join(lines))

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process boundaries when work runs on an executor.
        return type(self), (self.message, self.problems)


class FrameworkError(DsrRiskError, ValueError):
    """A framework, or a method it names, breaks a rule.

    Examples
    --------
    >>> from dsr_risk import Framework
    >>> try:
    ...     Framework(name="own", scores=[{"name": "risk", "children": [{"name": "debt", "weight": -1}]}])
    ... except FrameworkError as error:
    ...     print(len(error.problems))
    2
    """


class DataError(DsrRiskError, ValueError):
    """A data file or frame breaks a rule.

    ``partial`` holds the Data that could be read, so that the problems of the framework are reported in the
    same error; None if nothing could be read.

    Examples
    --------
    >>> import pandas as pd
    >>> from dsr_risk import as_data
    >>> try:
    ...     as_data(pd.DataFrame({"iso3": ["PAK", "PAK"], "gci": [64.9, 65.1]}))
    ... except DataError as error:
    ...     print(error.problems[0])
    PAK is given 2 times: rows 1, 2; keep one
    """

    partial: object = None


class ArgumentError(DsrRiskError, TypeError):
    """A call lacks an argument, or has one that the function does not take.

    Examples
    --------
    >>> from dsr_risk import score
    >>> try:
    ...     score(digits=2)
    ... except ArgumentError as error:
    ...     print(error)
    score() has no argument `digits`; known: `framework`, `data`, `units`
    """


class UnknownNameError(DsrRiskError, KeyError):
    """A country, node, column, method or file name that does not exist.

    Examples
    --------
    >>> from dsr_risk import load_framework
    >>> try:
    ...     load_framework()["dependancy"]
    ... except UnknownNameError as error:
    ...     print(error)
    no node `dependancy` in framework `dsr`; did you mean `dependency`?
    """


class NotScorableError(DsrRiskError, ArithmeticError):
    """A score was asked for that the data cannot support.

    Examples
    --------
    >>> from dsr_risk import explain, score
    >>> try:
    ...     explain(score(), "China")
    ... except NotScorableError as error:
    ...     print(str(error).partition(";")[0])
    China (CHN) has no dependency score: the focal state itself
    """


class MissingExtraError(DsrRiskError, ImportError):
    """An optional library is not installed; the message names the extra that brings it.

    Examples
    --------
    >>> print(MissingExtraError.of("openpyxl", extra="excel", purpose="reading .xlsx files"))
    reading .xlsx files needs `openpyxl`: pip install "dsr-risk[excel]"
    """

    @classmethod
    def of(cls, library: str, *, extra: str, purpose: str) -> MissingExtraError:
        """Return the one-line error for a missing optional library.

        Parameters
        ----------
        library
            The name under which the library is installed by pip.
        extra
            The extra of dsr-risk that installs it, without brackets.
        purpose
            What needs it; the message begins with this text.

        Returns
        -------
        MissingExtraError
            The error, to be raised.
        """
        return cls(f'{purpose} needs `{library}`: pip install "dsr-risk[{extra}]"')


class Problems:
    """Collects the problems of one file or call, then raises them all at once.

    Examples
    --------
    >>> problems = Problems("mine.csv")
    >>> problems.add("row 3, column `gdp`: 'abc' is not a number; write digits or leave it empty")
    >>> problems.raise_as(DataError)
    Traceback (most recent call last):
        ...
    dsr_risk.errors.DataError: mine.csv: 1 problem
      - row 3, column `gdp`: 'abc' is not a number; write digits or leave it empty
    """

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.lines: list[str] = []

    def __bool__(self) -> bool:
        return bool(self.lines)

    def add(self, line: str) -> None:
        """Add one problem, said in one line."""
        self.lines.append(line)

    def extend(self, lines: Iterable[str]) -> None:
        """Add several problems."""
        self.lines.extend(lines)

    def raise_as(self, error: type[DsrRiskError]) -> None:
        """Raise `error` with every problem collected; do nothing if there is none."""
        if self.lines:
            count = len(self.lines)
            noun = "problem" if count == 1 else "problems"
            raise error(f"{self.subject}: {count:,} {noun}", self.lines)


def shortened(text: str) -> str:
    """Return a message with every run of more than 300 characters without a space cut short.

    Examples
    --------
    >>> len(shortened("unknown name " + 5000 * "x"))
    136
    """
    return _LONG.sub(lambda run: f"{run[0][:120]}...", text) if len(text) > 300 else text


def did_you_mean(
    name: str, options: Iterable[str], *, listed: int = 12, likeness: float = 0.6
) -> str:
    """Return the sentence that helps after an unknown name: the nearest names, or the list.

    A name is near from a `likeness` (0-1) on: twice the letters in common over the letters of both.

    Examples
    --------
    >>> did_you_mean("dependancy", ["dependency", "security"])
    'did you mean `dependency`?'
    >>> did_you_mean("zzz", ["dependency", "security"])
    'known: `dependency`, `security`'
    >>> did_you_mean("gci", ["gci_2024", "ncsi_2026"])
    'did you mean `gci_2024`?'
    >>> did_you_mean("zzz", ["dependency", "security"], listed=0)
    'there are 2 to choose from'
    """
    from difflib import get_close_matches

    names = list(dict.fromkeys(str(entry) for entry in options))
    folded: dict[str, str] = {entry.casefold(): entry for entry in names}
    wanted = str(name).casefold()
    # A name that lacks its edition or another last part comes before names that look alike.
    longer = [entry for entry in folded if wanted and entry.startswith(f"{wanted}_")]
    near = longer[:3] or get_close_matches(wanted, list(folded), n=3, cutoff=likeness)
    if near:
        return "did you mean " + " or ".join(f"`{folded[entry]}`" for entry in near) + "?"
    if not names:
        return "there is none to choose from"
    if not listed:
        return f"there are {len(names):,} to choose from"
    more = f" and {len(names) - listed} more" if len(names) > listed else ""
    return "known: " + ", ".join(f"`{entry}`" for entry in names[:listed]) + more
