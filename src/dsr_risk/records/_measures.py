"""From the engine's sums by country to concentration indicators with their standard errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from .._util.types import Array
from . import sampling as sp, shares as sh
from ._results import Rows
from .options import Remainder

Names = Mapping[str, str]
UNIT = "0-1"
NUMBER = "number"


@dataclass(frozen=True)
class Setting:
    """Options of how sums become indicators; shared by every function that measures concentration."""

    remainder: Remainder = "error"
    sampled: bool = True
    intraclass: float = 0.0
    confidence_level: float = 0.90
    top: int = 3
    focal: tuple[str, ...] = ()
    prefix: str = ""
    merge: bool = True
    names: Names = field(default_factory=dict)

    def called(self, name: str) -> str:
        """Return the indicator's name under this prefix."""
        return self.prefix + self.names.get(name, name)

    @property
    def focal_label(self) -> str:
        """The content of the ``focal`` column of the result."""
        return "+".join(self.focal)


@dataclass(frozen=True)
class Sample:
    """Sampling of the records of a level: their number, effective number and scale."""

    records: Array
    effective: Array
    scale: Array  # a sum of squared weighted deviations times this is a variance

    @classmethod
    def of(cls, total: Array, squares: Array, records: Array, setting: Setting) -> Sample:
        """Return the sample of each row from the sum of its amounts, of their squares, and its records."""
        with np.errstate(divide="ignore", invalid="ignore"):
            effective = total**2 / squares
            design = 1.0 + np.maximum(effective - 1.0, 0.0) * setting.intraclass
            scale = design * records / (records - 1.0) / total**2
        estimable = (records > 1) & setting.sampled & (squares > 0)
        return cls(records, effective / design, np.where(estimable, scale, np.nan))

    def error(self, deviations: Array) -> Array:
        """Return the standard error from a sum of squared amounts times squared deviations."""
        return np.sqrt(np.maximum(deviations, 0.0) * self.scale)

    def share_error(self, share: Array, inside: Array, squares: Array) -> Array:
        """Return the standard error of a share, from the squares of the amounts inside it and of all."""
        return self.error(inside * (1.0 - share) ** 2 + (squares - inside) * share**2)


def level_rows(table: pd.DataFrame, p: str, label: str, setting: Setting, rows: Rows) -> None:
    """Add HHI in its forms, effective numbers and the count, for suppliers or origins."""
    col = {name: table[p + name].to_numpy(np.float64) for name in _LEVEL}
    total, squares = col["part"], col["squares"]
    sample = Sample.of(total, squares, col["named"], setting)
    count = np.round(col["holder"])
    share = table[p + "share"].to_numpy(np.float64)
    rest = _rest(table, p)
    where_held = np.where(total > 0, 1.0, np.nan)  # no holder known: no value, rather than a zero
    index, (low, high) = _hhi_and_bounds(col["hhi"] * where_held, share, rest, setting)
    error, interval = _sampled(col, sample, setting, (low, high))
    notes = [_rest_note(r, label, setting.remainder) for r in rest]
    if p == "s_" and "merged" in table:
        notes = ["; ".join(filter(None, pair)) for pair in zip(notes, table["merged"], strict=True)]
    keys, n = table, table["records"].to_numpy(np.float64)

    def add(name: str, value: npt.ArrayLike, unit: str = UNIT, **more: Any) -> None:
        rows.add(
            keys, setting.called(f"{label}_{name}"), value, unit=unit, records=n, note=notes, **more
        )

    add("hhi", index, std_error=error, bounds=interval)
    # A single holder is as uncertain as its HHI: the others that there may be are one at least.
    several = np.maximum(count, 2.0)
    ends = _normalised_ends(interval, several, rest, setting)
    add(
        "hhi_normalised",
        sh.normalise_hhi(index, several),
        std_error=error / (1.0 - 1.0 / several),
        bounds=ends,
    )
    if setting.sampled:
        unbiased = sp.hhi_unbiased(col["hhi"] * where_held, np.nan_to_num(sample.effective))
        grown = sample.effective / np.maximum(sample.effective - 1.0, 1e-9)
        add("hhi_unbiased", unbiased, std_error=error * grown, limits=(0.0, 1.0))
    most = np.where(interval[0] > 1e-9, interval[0], np.nan)  # without it no number is the largest
    add(
        "effective_number",
        1.0 / index,
        NUMBER,
        std_error=error / index**2,
        bounds=(1.0 / interval[1], 1.0 / most),
    )
    number, spread = _entropy_number(col, where_held, sample, setting)
    add("entropy_number", number, NUMBER, std_error=spread, limits=(1.0, np.inf))
    add("count", count * where_held, NUMBER, bounds=(count, count))


def _normalised_ends(
    interval: tuple[Array, Array], several: Array, rest: Array, setting: Setting
) -> tuple[Array, Array]:
    """Return the ends of the normalised HHI, for so many holders or more."""
    low, high = (sh.normalise_hhi(end, several) for end in interval)
    if setting.remainder not in ("error", "drop"):
        # Any number of others may hold the remainder: with many of them the normalised HHI is the HHI.
        high = np.where(rest > 0, np.maximum(interval[1], high), high)
    return low, high


def _entropy_number(
    col: Mapping[str, Array], where_held: Array, sample: Sample, setting: Setting
) -> tuple[Array, Array]:
    """Return the effective number of holders by entropy, and its standard error."""
    number = np.exp(col["entropy"] * where_held)
    spread = number * sample.error(col["entropy_dev"])
    if setting.sampled:
        seen = (col["part"] > 0) & (sample.records > 0)
        m = np.where(seen, np.nan_to_num(sample.effective, nan=1.0), 1.0)
        first = np.nan_to_num(sample.error(col["entropy_dev"]))
        count = np.round(col["holder"])
        spread = np.where(seen, number * sp.entropy_deviation(first, count, m), spread)
    return number, spread


_LEVEL = ("part", "squares", "named", "holder", "hhi", "cubes", "entropy", "entropy_dev")


def _sampled(
    col: dict[str, Array], sample: Sample, setting: Setting, bounds: tuple[Array, Array]
) -> tuple[Array, tuple[Array, Array]]:
    """Return the standard error of the HHI and its bounds, widened by sampling where records are a sample."""
    low, high = bounds
    if not setting.sampled:
        return np.full(len(low), np.nan), (low, high)
    effective = np.where(col["part"] > 0, np.nan_to_num(sample.effective, nan=1.0), 1.0)
    error, lower, upper = sp.hhi_interval(
        col["hhi"], col["cubes"], effective, setting.confidence_level
    )
    below, above = col["hhi"] - lower, upper - col["hhi"]
    return error, (np.maximum(low - below, 0.0), np.minimum(high + above, 1.0))


def _rest(table: pd.DataFrame, p: str) -> Array:
    named, unknown = (table[p + name].to_numpy(np.float64) for name in ("part", "unknown"))
    total = named + unknown
    return np.asarray(unknown / np.where(total > 0, total, 1.0))


def _hhi_and_bounds(
    named: Array, largest: Array, rest: Array, setting: Setting
) -> tuple[Array, tuple[Array, Array]]:
    """Return value and bounds of the HHI, given the HHI and largest share among known holders only."""
    if setting.remainder in ("error", "drop"):
        return named, (named, named)
    to: Literal["any", "other"] = "any" if setting.remainder == "any" else "other"
    low, high = sh.bounds_of(named * (1.0 - rest) ** 2, largest * (1.0 - rest), rest, to)
    # Pro rata lies inside the bounds only when a named supplier may hold the rest.
    return (named if to == "any" else (low + high) / 2.0), (low, high)


def _rest_note(rest: float, label: str, remainder: Remainder) -> str:
    if not rest > 1e-12:
        return ""
    who = {
        "any": "may be held by anyone: value pro rata, bounds widened",
        "other": "is held by others than those named: value is the middle of the bounds",
        "drop": "is left out",
        "error": "",
    }[remainder]
    return f"{label} of {100 * rest:.3g} % of the amount unknown; it {who}"


def top_rows(table: pd.DataFrame, setting: Setting, rows: Rows) -> None:
    """Add the share of the largest 1 and k suppliers; ties at the last place share it."""
    ranks = [
        {
            name: table[f"place{j}_{name}"].to_numpy(np.float64)
            for name in ("share", "count", "squares")
        }
        for j in range(1, setting.top + 1)
    ]
    for k in sorted({1, setting.top}):
        left = np.full(len(table), float(k))
        share, inside = np.zeros(len(table)), np.zeros(len(table))
        for rank in ranks:
            count = np.round(rank["count"])
            granted = np.minimum(count, left)
            left = left - granted
            share = share + rank["share"] * granted
            inside = inside + rank["squares"] * granted / np.maximum(count, 1.0)
        _top_row(table, f"supplier_top{k}_share", np.minimum(share, 1.0), inside, setting, rows)


def _top_row(
    table: pd.DataFrame, name: str, share: Array, inside: Array, setting: Setting, rows: Rows
) -> None:
    total, squares = (table["s_" + name].to_numpy(np.float64) for name in ("part", "squares"))
    sample = Sample.of(total, squares, table["s_named"].to_numpy(np.float64), setting)
    error, below, above = _share_spread(
        share, sample, sample.share_error(share, inside, squares), setting
    )
    rest = _rest(table, "s_") if setting.remainder in ("any", "other") else np.zeros_like(share)
    low, high = share * (1.0 - rest), share * (1.0 - rest) + rest
    rows.add(
        table,
        setting.called(name),
        np.where(total > 0, share, np.nan),
        unit=UNIT,
        records=table["records"],
        std_error=error,
        bounds=(np.clip(low - below, 0.0, 1.0), np.clip(high + above, 0.0, 1.0)),
    )


def _share_spread(
    share: Array, sample: Sample, error: Array, setting: Setting
) -> tuple[Array, Array, Array]:
    """Return the standard error of a share, and how far its interval reaches below and above it.

    The error of the ratio estimator is 0 where all records agree, which is no certainty: there it
    is that of the prior of Jeffreys.
    """
    none = np.zeros_like(share)
    if not setting.sampled:
        return error, none, none
    sampled = np.isfinite(share) & (sample.records > 0)
    value = np.where(sampled, share, 0.0)
    effective = np.where(sampled & np.isfinite(sample.effective), sample.effective, 1.0)
    low, high = sp.share_interval(value, effective, setting.confidence_level)
    agree = sampled & ~(np.nan_to_num(error) > 1e-12)
    error = np.where(agree, sp.share_deviation(value, effective), error)
    return error, value - low, high - value


def focal_rows(table: pd.DataFrame, setting: Setting, rows: Rows) -> None:
    """Add the share of focal origins among known origins, with Jeffreys' interval."""
    total, squares, focal, inside = (
        table[name].to_numpy(np.float64)
        for name in ("o_part", "o_squares", "focal", "focal_squares")
    )
    sample = Sample.of(total, squares, table["o_named"].to_numpy(np.float64), setting)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.clip(focal / total, 0.0, 1.0)
    rest = _rest(table, "o_")
    error, below, above = _share_spread(
        share, sample, sample.share_error(share, inside, squares), setting
    )
    open_ = rest if setting.remainder in ("any", "other") else np.zeros_like(rest)
    low, high = share * (1.0 - open_), share * (1.0 - open_) + open_
    notes = [_rest_note(r, "origin", setting.remainder) for r in rest]
    rows.add(
        table,
        setting.called("focal_share"),
        share,
        unit=UNIT,
        records=table["records"],
        std_error=error,
        note=notes,
        bounds=(np.clip(low - below, 0.0, 1.0), np.clip(high + above, 0.0, 1.0)),
        focal=setting.focal_label,
    )


def lock_rows(table: pd.DataFrame, setting: Setting, rows: Rows) -> None:
    """Add share and HHI weighted by how hard a supplier is to replace and how much hangs on it."""
    total, squares = (table["s_" + name].to_numpy(np.float64) for name in ("part", "squares"))
    sample = Sample.of(total, squares, table["s_named"].to_numpy(np.float64), setting)
    share = table["lock_share"].to_numpy(np.float64)
    cross, within = (table[name].to_numpy(np.float64) for name in ("lock_cross", "lock_squares"))
    spread = within - 2.0 * share * cross + share**2 * squares
    spread = np.where(spread > 1e-14 * squares, spread, 0.0)
    rows.add(
        table,
        setting.called("locked_share"),
        share,
        unit=UNIT,
        records=table["records"],
        std_error=sample.error(spread),
        limits=(0.0, 1.0),
    )
    spread = table["lock_hhi_dev"].to_numpy(np.float64)
    spread = np.where(spread > 1e-14 * squares, spread, 0.0)
    rows.add(
        table,
        setting.called("locked_hhi"),
        table["lock_hhi"],
        unit=UNIT,
        limits=(0.0, 1.0),
        records=table["records"],
        std_error=sample.error(spread),
    )


def unknown_rows(table: pd.DataFrame, setting: Setting, rows: Rows) -> None:
    """Add the part of the amount whose supplier is unknown, where there is one: a fact of the records."""
    rest = _rest(table, "s_")
    rows.add(
        table,
        setting.called("unknown_supplier_share"),
        np.where(rest > 0, rest, np.nan),
        unit=UNIT,
        records=table["records"],
        bounds=(rest, rest),
    )
