"""Years as people write them: plain, in a date, with a mark or a prefix."""

from __future__ import annotations

import re

from .spelling import spelled

__all__ = ["is_date", "year_of"]

_YEAR = r"([12]\d{3})"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?:FY|YR|Y)?\s*{_YEAR}(?:[.,]0+)?",
        rf"{_YEAR}[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])(?:[T ][\d:.+Z-]*)?",
        rf"(?:0?[1-9]|[12]\d|3[01])[-/. ](?:0?[1-9]|[12]\d|3[01])[-/. ]{_YEAR}(?:[T ][\d:.]*)?",
        rf"(?:0?[1-9]|[12]\d|3[01])[-/. ](?:[a-z]{{3,9}})\.?[-/. ]{_YEAR}",
        rf"[a-z]{{3,9}}\.? (?:0?[1-9]|[12]\d|3[01]),? {_YEAR}",
        rf"{_YEAR}-(?:12-31|01-01)",
    )
)


def is_date(text: str) -> bool:
    """Tell whether a text is a full date.

    Examples
    --------
    >>> [is_date(text) for text in ("31.12.2020", "2020-12-31", "2020", "20.5")]
    [True, True, False, False]
    """
    return any(form.fullmatch(text.strip()) for form in _FORMS[1:])


def year_of(text: str) -> int | None:
    """Return the year in a cell: of a year, a full date, or a year with a footnote mark; else None.

    Spans (`2019/20`), quarters and months are no years.

    Examples
    --------
    >>> [year_of(text) for text in ("2020", "31.12.2020", "2020-12-31", "FY2020", "2020*", "2019/20")]
    [2020, 2020, 2020, 2020, 2020, None]
    """
    bare = text.strip()
    if re.fullmatch(r"[12],\d{3}", bare):
        bare = bare.replace(",", "")
    for form in _FORMS:
        if match := form.fullmatch(bare):
            return int(match[1])
    cell = spelled(bare)
    if cell.footnote and re.fullmatch(_YEAR, cell.bare):
        return int(cell.bare)
    return None
