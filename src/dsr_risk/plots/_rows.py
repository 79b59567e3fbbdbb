"""The rows that a picture draws: countries with their scores, ranks and marks, chosen by name or number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ..data.countries import to_iso3
from ..errors import DataError, UnknownNameError
from ..scoring.marks import marks
from ..scoring.scores import Scores
from ._canvas import need_scored

if TYPE_CHECKING:
    from ..analysis.uncertainty.result import Uncertainty

__all__ = ["check_columns", "chosen_rows", "ranked_rows", "rows_to_draw"]


def ranked_rows(scores: Scores, name: str, drawn: Uncertainty | None = None) -> pd.DataFrame:
    """Return every unit with its score, ends, rank and what is printed beside it, most risk first."""
    headline, table = scores._headline(name), scores.data.units
    names = scores.data.unit_names
    if scores.data.is_panel:
        names = [f"{name} {year}" for name, (_, year) in zip(names, table, strict=True)]
    low, high = scores.minimum[name].to_numpy(), scores.maximum[name].to_numpy()
    if drawn is not None:
        beside = drawn.table(name).reindex(table)
        low, high = beside[f"{name}_low"].to_numpy(), beside[f"{name}_high"].to_numpy()
    frame = pd.DataFrame(
        {
            "country": names,
            "value": headline.score,
            "low": low,
            "high": high,
            "band": headline.band,
            "marks": marks(scores, name),
            "reason": headline.reason,
            "rank": headline.rank(),
            "partial": headline.partial,
        },
        index=scores.data.iso3,
    )
    frame["none"] = frame["value"].isna()
    return frame.sort_values(["none", "value"], ascending=[True, False], kind="stable")


def chosen_rows(
    frame: pd.DataFrame, countries: Iterable[str] | None, top: int | None
) -> pd.DataFrame:
    """Return the rows of some countries, or all that have a score; at most `top` of them."""
    if countries is not None:
        asked = [countries] if isinstance(countries, str) else list(countries)
        codes = [name if name in frame.index else str(to_iso3([name])[0]) for name in asked]
        lacking = [name for name, code in zip(asked, codes, strict=True) if code not in frame.index]
        if lacking:
            raise UnknownNameError(f"no row for {', '.join(map(str, lacking))} in this result")
        frame = frame[frame.index.isin(codes)]
    else:
        frame = frame[~frame["none"]] if "none" in frame else frame
    if top is not None:
        if isinstance(top, bool) or not isinstance(top, int) or top < 1:
            raise DataError(f"`top` must be a whole number from 1, received {top!r}")
        frame = frame.head(top)
    return frame


def rows_to_draw(
    scores: Scores, name: str, frame: pd.DataFrame, countries: Iterable[str] | None, top: int | None
) -> pd.DataFrame:
    """Return the rows to draw as ``chosen_rows`` does; raise DataError with the reasons if none has a score."""
    chosen = chosen_rows(frame, countries, top)
    if chosen["none"].all():
        asked = (
            None if countries is None else np.flatnonzero(np.isin(scores.data.iso3, chosen.index))
        )
        need_scored(scores, [name], asked)
    return chosen


def check_columns(table: pd.DataFrame, columns: Sequence[str], verb: str) -> None:
    """Raise DataError for a table that lacks one of the columns of the tables of `verb`."""
    lacking = [name for name in columns if name not in table]
    if lacking:
        raise DataError(f"the table has no column {', '.join(lacking)}; expected one of `{verb}`")
