"""From sums of loans by country and year to debt indicators."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .._util.types import Array
from ..errors import DataError, Problems
from ._debt_position import Valuation
from ._results import Rows, lookup, require_figures
from .loans import LIC_DSF


@dataclass(frozen=True)
class _Book:
    """Writes the rows of one table of sums."""

    table: pd.DataFrame
    value: Valuation
    rows: Rows
    sources: dict[str, str]

    def figures(self, column: str) -> tuple[Array, Array, tuple[Array, Array]]:
        """Return sum, standard error, and interval: of assumed terms, widened by the error."""
        value = self.table[column].to_numpy(np.float64)
        variance = self.table.get(f"{column}_variance")
        error = np.full(len(value), np.nan) if variance is None else np.sqrt(variance.to_numpy())
        low = self.table.get(f"{column}_low", self.table[column]).to_numpy(np.float64)
        high = self.table.get(f"{column}_high", self.table[column]).to_numpy(np.float64)
        wide = self.rows.z * np.nan_to_num(error)
        return value, error, (np.maximum(low - wide, 0.0), high + wide)

    def notes(self) -> list[str]:
        """Return what was assumed or left out, in words."""
        assumed = self.table.get("assumed", pd.Series(0.0, index=self.table.index))
        empty = self.table["records"] - self.table["stated"]
        return [
            "; ".join(
                filter(
                    None,
                    (
                        f"{int(a)} of {int(n)} loans with assumed terms" if a else "",
                        f"{int(e)} of {int(n)} loans without an amount left out" if e else "",
                    ),
                )
            )
            for a, e, n in zip(assumed, empty, self.table["records"], strict=True)
        ]

    def add(self, name: str, column: str, factor: Array | float, unit: str, **more: Any) -> None:
        """Add one indicator that is a sum times a factor."""
        value, error, (low, high) = self.figures(column)
        if column.startswith("focal_"):
            more = {"focal": "+".join(self.value.focal), **more}
        self.rows.add(
            self.table,
            name,
            value * factor,
            unit=unit,
            records=self.table["records"],
            std_error=error * factor,
            bounds=(low * factor, high * factor),
            **{"note": self.notes(), **more},
        )
        self.sources[name] = column

    def money(self, name: str) -> None:
        """Add an amount in money, of all creditors and of the focal ones."""
        self.add(f"debt_{name}", name, 1.0, self.value.options.currency)
        self.add(f"focal_debt_{name}", f"focal_{name}", 1.0, self.value.options.currency)

    def shares(self) -> None:
        """Add parts of the stock (of the commitments where there are no terms)."""
        base = "stock" if "stock" in self.table else "commitments"
        base_sum = self.table[base].to_numpy(np.float64)
        with np.errstate(divide="ignore"):
            factor = np.where(base_sum > 0, 1.0 / base_sum, np.nan)
        part = self.table[f"focal_{base}"].to_numpy(np.float64) * factor
        error, bounds = self.share_spread(base, part, base_sum)
        self.rows.add(
            self.table,
            "focal_share_debt",
            part,
            unit="0-1",
            std_error=error,
            bounds=bounds,
            records=self.table["records"],
            note=self.cautions(part),
            focal="+".join(self.value.focal),
        )
        self.sources["focal_share_debt"] = f"focal_{base}"
        for name, column in (
            ("collateralised_share", "secured"),
            ("hidden_debt_share", "unreported"),
        ):
            if column in self.table:
                self.add(name, column, factor, "0-1")

    def cautions(self, part: Array) -> list[str]:
        """Return the notes, and a caution where the focal lender is the only one recorded."""
        alone = "no other lender is recorded: a share of 1 says what the register covers"
        cautious = (part >= 1.0 - 1e-12) & (not self.value.options.complete)
        return [
            "; ".join(filter(None, (note, alone if only else "")))
            for note, only in zip(self.notes(), cautious, strict=True)
        ]

    def share_spread(self, base: str, part: Array, base_sum: Array) -> tuple[Array, Any]:
        """Return error of the focal share from errors of amounts, and its interval."""
        table = self.table
        other = base_sum - table[f"focal_{base}"].to_numpy(np.float64)
        error = np.full(len(part), np.nan)
        if f"{base}_variance" in table:
            inside = table[f"focal_{base}_variance"].to_numpy(np.float64)
            outside = table[f"{base}_variance"].to_numpy(np.float64) - inside
            with np.errstate(divide="ignore", invalid="ignore"):
                error = (
                    np.sqrt((1 - part) ** 2 * inside + part**2 * np.maximum(outside, 0.0))
                    / base_sum
                )
        low, high = part, part
        if f"{base}_low" in table:
            mine = [table[f"focal_{base}_{end}"].to_numpy(np.float64) for end in ("low", "high")]
            rest = [
                table[f"{base}_{end}"].to_numpy(np.float64) - focal_sum
                for end, focal_sum in zip(("low", "high"), mine, strict=True)
            ]
            del other
            with np.errstate(divide="ignore", invalid="ignore"):
                low = np.where(mine[0] > 0, mine[0] / (mine[0] + rest[1]), 0.0)
                high = np.where(mine[1] > 0, mine[1] / (mine[1] + rest[0]), 0.0)
        wide = self.rows.z * np.nan_to_num(error)
        return error, (np.clip(low - wide, 0, 1), np.clip(high + wide, 0, 1))

    def adjusted(self, hidden: tuple[float, float]) -> None:
        """Add the stock with the part that the records do not show."""
        base = "stock" if "stock" in self.table else "commitments"
        low, high = hidden
        middle = (low + high) / 2.0
        for name in (base, f"focal_{base}"):
            value, error, bounds = self.figures(name)
            mark: dict[str, Any] = {}
            if name.startswith("focal_"):
                mark = {"focal": "+".join(self.value.focal)}
            label = name.replace(base, f"debt_{base}_adjusted")
            self.rows.add(
                self.table,
                label,
                value / (1 - middle),
                unit=self.value.options.currency,
                std_error=error / (1 - middle),
                records=self.table["records"],
                bounds=(bounds[0] / (1 - low), bounds[1] / (1 - high)),
                note=f"{low:g}-{high:g} of the stock taken as unrecorded",
                **mark,
            )
            self.sources[label] = name

    def against(self, base: str, share: Array) -> None:
        """Add every sum in percent of one base."""
        factor = 100.0 / share
        names = {
            "commitments": "debt_commitments",
            "stock": "debt",
            "service": "debt_service",
            "present_value": "debt_present_value",
            "focal_commitments": "focal_commitments",
            "focal_stock": "debt_to_focal",
            "focal_service": "focal_debt_service",
        }
        for column, name in names.items():
            if column in self.table:
                self.add(f"{name}_{base}", column, factor, f"% of {base.replace('_', ' ')}")
        if base == "external_debt":
            column = "focal_stock" if "focal_stock" in self.table else "focal_commitments"
            self.add("focal_share_external_debt", column, factor / 100.0, "0-1")

    def thresholds(self, base: str, share: Array, classes: Mapping[str, str]) -> None:
        """Add burdens as a multiple of the threshold of the country's class."""
        for (measure, against), levels in LIC_DSF.items():
            # Loans show external debt only, so the benchmark of total public debt is none of theirs.
            column = {"pv": "present_value", "service": "service"}.get(measure, "")
            if against != base or column not in self.table:
                continue
            class_names = [classes.get(country, "medium") for country in self.table["country"]]
            limits = np.array([levels[class_name] for class_name in class_names])
            notes = [
                f"threshold {limit:g} % ({name} capacity{'' if country in classes else ', assumed'})"
                for country, name, limit in zip(
                    self.table["country"], class_names, limits, strict=True
                )
            ]
            self.add(
                f"debt_{column}_{base}_of_threshold",
                column,
                100.0 / share / limits,
                "ratio",
                note=notes,
            )


def debt_rows(
    table: pd.DataFrame,
    value: Valuation,
    bases: Mapping[str, pd.Series],
    classes: Mapping[str, str],
    problems: Problems,
) -> tuple[Rows, dict[str, str]]:
    """Return every indicator, and the column whose records each is a multiple of."""
    rows = Rows(confidence_level=value.options.confidence_level)
    sources: dict[str, str] = {}
    book = _Book(table, value, rows, sources)
    for name in ("commitments", "stock", "service", "present_value"):
        if name in table:
            book.money(name)
    book.shares()
    hidden = value.options.hidden_range
    if hidden is not None:
        book.adjusted(hidden)
    for base, series in bases.items():
        figures, _ = lookup(series, list(table["country"]), list(table["year"]))
        require_figures(
            figures, table[["country", "year"]], base, problems, value.options.on_missing
        )
        book.against(base, figures)
        book.thresholds(base, figures, classes)
    problems.raise_as(DataError)
    return rows, sources
