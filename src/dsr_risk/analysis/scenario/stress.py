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
    >>> import pandas as pd
    >>> from dsr_risk import Scenario, score, stress_test
    >>> fw = {"name": "own", "scores": [{"name": "risk", "children": [
    ...     {"name": "debt", "higher_is": "riskier"}, {"name": "gci", "higher_is": "safer"}]}]}
    >>> table = pd.DataFrame({"iso3": ["KEN", "PAK", "LAO"], "debt": [10, 30, 50], "gci": [80, 50, 20]})
    >>> plans = {"loan": {"PAK": {"debt": "+10"}}, "breach": {"PAK": {"gci": "-6"}}}
    >>> result = stress_test(score(fw, table), [
    ...     Scenario.from_dict({"cells": cells}, name) for name, cells in plans.items()])
    >>> result.matrix()["PAK"].round(6).to_dict(), len(result.table())
    ({'loan': 12.5, 'breach': 5.0}, 2)
    >>> result.worst()["scenario"].to_dict()
    {'PAK': 'loan'}
    """

    results: tuple[ScenarioResult, ...]

    def table(self, score: str | None = None) -> pd.DataFrame:
        """Return one row a scenario, country and headline: score, rank and band before and after (a copy).

        Parameters
        ----------
        score
            A headline score; all of them if None.

        Returns
        -------
        DataFrame
            Changes and scores in points of the scale.

        Raises
        ------
        UnknownNameError
            For a score that the framework does not have.
        """
        parts = []
        for result in self.results:
            frame = result.table(score).reset_index()
            frame.insert(0, "scenario", result.scenario.name)
            parts.append(frame)
        return pd.concat(parts, ignore_index=True)

    def matrix(self, score: str | None = None) -> pd.DataFrame:
        """Return the change of one headline: scenarios by countries.

        Parameters
        ----------
        score
            A headline score, the first one if None.

        Returns
        -------
        DataFrame
            (scenarios, countries) points; NaN where a scenario does not touch the country.

        Raises
        ------
        UnknownNameError
            For a score that the framework does not have.
        """
        name = self.results[0].before._named(score)
        frame = self.table(name)
        code = self._code
        square = frame.set_index(["scenario", code])["change"].unstack(code)  # noqa: PD010
        return square.reindex([result.scenario.name for result in self.results])

    def worst(self, score: str | None = None) -> pd.DataFrame:
        """Return for each country the scenario that raises one headline most: ``scenario, change, after``.

        Parameters
        ----------
        score
            A headline score, the first one if None.

        Returns
        -------
        DataFrame
            Changes and scores in points of the scale.

        Raises
        ------
        UnknownNameError
            For a score that the framework does not have.
        """
        name = self.results[0].before._named(score)
        frame = self.table(name).dropna(subset=["change"])
        order = frame.sort_values("change", ascending=False, kind="stable")
        columns = ["country", "scenario", "change", "after", "rank_after", "band_after"]
        shown = [name for name in columns if name in order]
        return order.drop_duplicates(self._code).set_index(self._code)[shown]

    @property
    def notes(self) -> tuple[str, ...]:
        """The notes of every scenario, with its name."""
        return tuple(
            f"{result.scenario.name}: {note}" for result in self.results for note in result.notes
        )

    @property
    def _code(self) -> str:
        """The column of codes of countries, or of the identifiers of other units."""
        return str(self.results[0].table().index.names[0])

    def plot(self, **options: Any) -> Any:
        """Draw the changes as a heat map (extra `plots`); returns the matplotlib Axes.

        Parameters
        ----------
        options
            Keyword arguments of ``plots.stress_matrix``: `score`, `ax`.

        Returns
        -------
        matplotlib.axes.Axes
            What was drawn on.
        """
        return plots().stress_matrix(self, **options)

    def _shown(self) -> tuple[str, pd.DataFrame]:
        names = ", ".join(result.scenario.name for result in self.results)
        frame = self.table()
        subject = "country" if "country" in frame else self._code
        columns = ["scenario", subject, "score", "before", "after", "change", "reason"]
        return f"Stress test: {names}", table_of(frame[columns])
