"""Stress tests: several scenarios at once, and the worst of them for each country."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from ..._util.arguments import typed
from ..._util.display import Shown, table_of
from ..._util.faces import plots
from ..._util.frozen import Frozen
from .result import ScenarioResult

__all__ = ["StressTest"]


@typed
@dataclass(frozen=True, eq=False, repr=False)
class StressTest(Frozen, Shown):
    """Several scenarios on the same scores.

    Attributes
    ----------
    results : tuple of ScenarioResult
        One for each scenario.

    Examples
    --------
    >>> from dsr_risk import score, stress_test
    >>> result = stress_test(score(), ["incident_shock", "new_loan_package_1bn"][:1], countries=["POL"])
    >>> result.worst("security").loc["POL", "scenario"]
    'incident_shock'
    """

    results: tuple[ScenarioResult, ...]

    def table(self, score: str | None = None) -> pd.DataFrame:
        """Return one row a scenario, country and headline: score, rank and band before and after (a copy)."""
        parts = []
        for result in self.results:
            frame = result.table(score).reset_index()
            frame.insert(0, "scenario", result.scenario.name)
            parts.append(frame)
        return pd.concat(parts, ignore_index=True)

    def matrix(self, score: str | None = None) -> pd.DataFrame:
        """Return the change of one headline: scenarios by countries."""
        name = self.results[0].before._named(score)
        frame = self.table(name)
        square = frame.set_index(["scenario", "iso3"])["change"].unstack("iso3")  # noqa: PD010
        return square.reindex([result.scenario.name for result in self.results])

    def worst(self, score: str | None = None) -> pd.DataFrame:
        """Return for each country the scenario that raises one headline most: ``scenario, change, after``."""
        name = self.results[0].before._named(score)
        frame = self.table(name).dropna(subset=["change"])
        order = frame.sort_values("change", ascending=False, kind="stable")
        columns = ["country", "scenario", "change", "after", "rank_after", "band_after"]
        return order.drop_duplicates("iso3").set_index("iso3")[columns]

    def plot(self, **options: Any) -> Any:
        """Draw the changes as a heat map (extra `plots`); returns the matplotlib Axes."""
        return plots().stress_matrix(self, **options)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        names = ", ".join(result.scenario.name for result in self.results)
        frame = self.table()
        columns = ["scenario", "country", "score", "before", "after", "change", "reason"]
        return f"Stress test: {names}", table_of(frame[columns])
