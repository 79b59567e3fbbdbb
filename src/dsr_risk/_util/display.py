"""One renderer behind every table people see: plain text, HTML and Markdown."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

__all__ = [
    "FLAG",
    "MISSING",
    "Shown",
    "counted",
    "decimals_of_scale",
    "in_markdown",
    "number",
    "of_fact",
    "render",
    "signed",
    "span",
    "table_of",
]

MISSING = "–"
FLAG = "0/1"
"""The unit of a fact that is so or is not."""
ROWS = 40


def number(value: Any, digits: int = 3) -> str:
    """Return a number for people: `digits` significant digits, at least to the unit; a dash if missing.

    Examples
    --------
    >>> number(64.0456), number(0.012345), number(1234567.0), number(float("nan")), number(12)
    ('64.0', '0.0123', '1,234,567', '–', '12')
    """
    if value is None or (isinstance(value, float | np.floating) and np.isnan(value)):
        return MISSING
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, int | np.integer):
        return str(value)
    if not isinstance(value, float | np.floating):
        return str(value)
    if value == 0 or np.isinf(value):
        return "0" if value == 0 else str(value)
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(float(value)))))
    text = f"{value:,.{min(decimals, 6)}f}"
    return text if text.strip("-0.,") else "0"


def of_fact(value: float, unit: str) -> str:
    """Return the value of a fact for people: yes or no, a count in full, else three digits.

    Examples
    --------
    >>> of_fact(1.0, "0/1"), of_fact(70298207000.0, "USD"), of_fact(0.3, "share, 0-1")
    ('yes', '70,298,207,000', '0.300')
    """
    if unit == FLAG:
        return "yes" if value else "no"
    return f"{int(value):,}" if float(value).is_integer() else number(value)


def signed(value: float, digits: int = 1) -> str:
    """Return a change with its sign; what rounds to zero has none, a missing one is a dash.

    Examples
    --------
    >>> signed(1.26), signed(-0.04), signed(-2.0), signed(float("nan"))
    ('+1.3', '0.0', '-2.0', '–')
    """
    if math.isnan(value):
        return MISSING
    text = f"{value:+.{digits}f}"
    return text if float(text) else text[1:]


def span(lower: float, upper: float) -> str:
    """Return the two ends of a scale.

    Examples
    --------
    >>> span(0.0, 100.0), span(-5.0, 5.0)
    ('0-100', '-5 to 5')
    """
    return f"{lower:g}{' to ' if lower < 0 else '-'}{upper:g}"


def decimals_of_scale(lower: float, upper: float) -> int:
    """Return with how many decimals the points of a scale are printed: a thousandth of its length, at most 0.1.

    Examples
    --------
    >>> decimals_of_scale(0, 100), decimals_of_scale(1, 100), decimals_of_scale(0, 10), decimals_of_scale(0, 1)
    (1, 1, 2, 3)
    """
    return max(1, 3 - round(math.log10(upper - lower)))


def counted(count: int, noun: str) -> str:
    """Return a count and its noun.

    Examples
    --------
    >>> counted(1, "row"), counted(1200, "row"), counted(2, "country")
    ('1 row', '1,200 rows', '2 countries')
    """
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"


def table_of(frame: pd.DataFrame, digits: int = 3) -> pd.DataFrame:
    """Return the frame as text, numbers formatted for people, its index as first columns."""
    plain = frame.reset_index() if frame.index.name or frame.index.nlevels > 1 else frame
    return pd.DataFrame(
        {name: [_cell(value, digits) for value in plain[name]] for name in plain.columns},
        columns=plain.columns,
    )


def _cell(value: Any, digits: int) -> str:
    if value is None or value is pd.NA:
        return MISSING
    return number(value, digits)


def render(text: pd.DataFrame, form: str, caption: str = "", width: int | None = None) -> str:
    """Return a table of text as ``plain``, ``markdown`` or ``html``; in plain, cells wrap to fit `width`."""
    from tabulate import tabulate

    headers = [str(name) for name in text.columns]
    rows = text.values.tolist()
    align = [
        "right" if _numeric(text.iloc[:, column]) else "left" for column in range(len(headers))
    ]
    if form == "html":
        body = tabulate(
            rows, headers, tablefmt="html", disable_numparse=True, colalign=align if rows else None
        )
        caption_line = f"<caption>{_escaped(caption)}</caption>\n" if caption else ""
        return str(body).replace("<table>\n", f'<table class="dsr-risk">\n{caption_line}', 1)
    if form == "markdown":
        body = tabulate(
            [[in_markdown(cell) for cell in row] for row in rows],
            [in_markdown(name) for name in headers],
            tablefmt="github",
            disable_numparse=True,
        )
        return f"{caption}\n\n{body}" if caption else str(body)
    limits: list[int | None] | None = None
    for _ in range(4 + len(headers)):
        body = tabulate(
            rows,
            headers,
            tablefmt="simple",
            disable_numparse=True,
            colalign=align if rows else None,
            maxcolwidths=limits,
        )
        excess = max(len(line) for line in body.splitlines()) - (width or len(body))
        if excess <= 0 or not rows:
            break
        limits = _narrower(text, limits, excess)
    return f"{caption}\n{body}" if caption else str(body)


def _numeric(column: pd.Series[Any]) -> bool:
    return all(not cell or cell[0] in "0123456789-+–" for cell in column)


def _narrower(text: pd.DataFrame, limits: list[int | None] | None, excess: int) -> list[int | None]:
    """Return the limits with one column narrower: that with most room beside its longest word, else the widest."""
    longest = [max(len(cell) for cell in text.iloc[:, column]) for column in range(text.shape[1])]
    words = [
        max((len(word) for cell in text.iloc[:, column] for word in cell.split()), default=0)
        for column in range(text.shape[1])
    ]
    held = [
        size if limit is None else min(size, limit)
        for size, limit in zip(longest, limits or [None] * len(longest), strict=True)
    ]
    room = np.subtract(held, words)
    chosen = int(np.argmax(room if room.max() > 0 else held))
    out: list[int | None] = list(limits or [None] * len(held))
    out[chosen] = max(10, words[chosen] if room.max() > 0 else 0, held[chosen] - excess)
    return out


def in_markdown(text: str) -> str:
    """Return the text as one cell of a Markdown table: no line break, no bar, no HTML."""
    flat = " ".join(text.split())
    return flat.replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;")


def _escaped(text: str) -> str:
    import html

    return html.escape(text)


class Shown:
    """Plain, HTML and Markdown display from one caption and one table of text."""

    def _shown(self) -> tuple[str, pd.DataFrame]:
        raise TypeError(f"{type(self).__name__} gives no `_shown`")

    def _form(self, form: str) -> str:
        caption, text = self._shown()
        cut = text.head(ROWS)
        if len(text) > ROWS:
            caption += f" (first {ROWS} of {len(text)} rows)"
        return render(cut, form, caption)

    def __repr__(self) -> str:
        return self._form("plain")

    def _repr_html_(self) -> str:
        return self._form("html")

    def _repr_markdown_(self) -> str:
        return self._form("markdown")

    def to_markdown(self) -> str:
        """Return the display as Markdown."""
        return self._form("markdown")

    def to_html(self) -> str:
        """Return the display as HTML, every text escaped."""
        return self._form("html")
