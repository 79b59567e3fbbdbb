"""The long format: one row a cell, and the choice among several values of one cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..data.evidence import LONG_COLUMNS, NUMERIC
from ..errors import DataError, Problems

NUMBERS = tuple(name for name in LONG_COLUMNS if name in {*NUMERIC, "chosen"})
CONFIDENCE = {"low": 0, "medium": 1, "high": 2}


@dataclass(frozen=True)
class Source:
    """The publisher, licence and place of a figure."""

    title: str
    publisher: str
    licence: str
    url: str = ""
    retrieved: str = ""  # date of retrieval, or of the edition where only that is known


@dataclass(frozen=True)
class Column:
    """The facts that all cells of one indicator share."""

    indicator: str
    unit: str
    source: Source
    confidence: str
    perimeter: str = ""
    focal: str = ""
    note: str = ""


def significant(values: pd.Series, digits: int = 8) -> pd.Series:
    """Round derived figures to `digits` significant digits, so that bytes are the same anywhere.

    Examples
    --------
    >>> significant(pd.Series([123.456789123, float("nan"), 0.0])).tolist()
    [123.45679, nan, 0.0]
    """
    return values.astype(float).map(lambda x: x if np.isnan(x) else float(f"{x:.{digits}g}"))


def cells(column: Column, values: pd.Series, *, year: Any, **extra: Any) -> pd.DataFrame:
    """Return rows of one indicator; `values` has index iso3, each extra is a constant or such a Series.

    A row is kept where there is a value, a bound or a reason.
    """
    frame = pd.DataFrame({"value": values.astype(float)})
    frame["year"] = year
    for name, given in extra.items():
        frame[name] = given
    source = column.source
    constants: dict[str, Any] = {
        "indicator": column.indicator,
        "unit": column.unit,
        "source": source.title,
        "publisher": source.publisher,
        "licence": source.licence,
        "url": source.url,
        "retrieved": source.retrieved,
        "confidence": column.confidence,
        "perimeter": column.perimeter,
        "focal": column.focal,
        "note": column.note,
        "chosen": 1,
    }
    for name, constant in constants.items():
        if name not in frame:
            frame[name] = constant
    frame["iso3"] = frame.index
    frame = typed(frame)
    says = frame["value"].notna() | frame["upper"].notna() | frame["reason"].ne("")
    return frame[says].reset_index(drop=True)


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the columns of the long format in order: text is never missing but empty, numbers float."""
    frame = frame.reindex(columns=list(LONG_COLUMNS)).reset_index(drop=True)
    texts = [name for name in LONG_COLUMNS if name not in NUMBERS]
    frame[texts] = frame[texts].astype(object).where(frame[texts].notna(), "")
    frame[list(NUMBERS)] = frame[list(NUMBERS)].astype(float)
    return frame


def choose(frame: pd.DataFrame) -> pd.DataFrame:
    """Mark the value used where one cell has several.

    A row that comes with a rule already (`chosen` 0) is kept beside the others and never used. Of the
    rest the newest is used, then that of the highest confidence, then an exact figure before a band.
    All values stay, side by side, each with the rule that chose it or not.

    Raises
    ------
    DataError
        If two different values of a cell share year and confidence: no rule can choose.
    """
    aside = frame[frame["chosen"].eq(0)]
    frame = frame[frame["chosen"].ne(0)]
    band = frame["upper"].notna() & frame["std_error"].isna()
    frame = frame.assign(rank=frame["confidence"].map(CONFIDENCE) - 0.5 * band)
    frame = frame.sort_values(
        ["indicator", "iso3", "year", "rank", "source"],
        ascending=[True, True, False, False, True],
        kind="stable",
    ).reset_index(drop=True)
    key = ["indicator", "iso3"]
    groups = frame.groupby(key, sort=False)
    several, first = groups["iso3"].transform("size").gt(1), ~frame.duplicated(key)
    newest = frame["year"].eq(groups["year"].transform("first"))
    contested = newest.groupby([frame[name] for name in key], sort=False).transform("sum").gt(1)
    tied = newest & ~first & frame["rank"].eq(groups["rank"].transform("first"))
    problems = Problems("snapshot")
    for row in frame[tied].itertuples():
        problems.add(
            f"{row.iso3}, `{row.indicator}`: two values of {row.year:.0f} with confidence "
            f"`{row.confidence}` and no rule to choose; leave one out in the source"
        )
    problems.raise_as(DataError)
    rule = np.select(
        [~several, first & contested, first, newest],
        ["", "newest, highest confidence", "newest", "lower confidence"],
        default="older than the value used",
    )
    ranked = frame.assign(chosen=first.astype(float), rule=rule).drop(columns="rank")
    held = aside[key].apply(tuple, axis=1).isin(set(map(tuple, ranked[key].to_numpy())))
    keys = set(map(tuple, aside.loc[held, key].to_numpy()))
    alone = ranked["rule"].eq("") & ranked[key].apply(tuple, axis=1).isin(keys)
    ranked.loc[alone, "rule"] = "the value used"
    return pd.concat([ranked, aside])
