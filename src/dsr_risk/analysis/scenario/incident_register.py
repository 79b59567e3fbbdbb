"""The register of incidents as a scenario edits it: what one more incident adds to each rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ...records import incident_rate
from ...records.options import IncidentWeights
from ...records.rates import shrunk_rates

__all__ = ["IncidentRegister"]

SAME = 0.01
"""A cell within this share of a measure of the register holds that measure."""

WEIGHTED, COUNTED = "incident_rate", "incident_count_rate"


@dataclass(frozen=True, eq=False)
class IncidentRegister:
    """Measures of the records by country, and the prior exposure (millions of people) of shrunken rates."""

    measures: pd.DataFrame
    prior: dict[str, float]
    people: pd.Series
    weighing: IncidentWeights

    @classmethod
    def of(
        cls,
        incidents: pd.DataFrame,
        population: pd.Series,
        weighing: IncidentWeights,
        year: int | None,
    ) -> IncidentRegister:
        """Measure incidents: columns ``iso3, severity, claim, year`` as ``records.incident_rate`` takes them.

        Raises
        ------
        DataError
            With every problem of the incidents.
        """
        table = incident_rate(
            incidents, population, as_of="latest" if year is None else year, weighing=weighing
        )
        measures = table.pivot_table(index="iso3", columns="indicator", values="value")
        errors = table.pivot_table(index="iso3", columns="indicator", values="std_error")
        size = population.reindex(measures.index).to_numpy(float) / 1e6
        prior = {}
        for name in (WEIGHTED, COUNTED):
            sums = measures[name].to_numpy(float) * size
            squares = (errors[name].to_numpy(float) * size) ** 2
            if sums.sum() > 0:
                prior[name] = shrunk_rates(sums, size, squares).prior_exposure
        return cls(measures, prior, population, weighing)

    def added(self, iso3: str, value: float, event: tuple[float, float, str]) -> tuple[float, str]:
        """Return what events add to the rate that a cell holds, and which rate of the register it is.

        `event` is how many, of what severity (1-5), and the state of the attribution. The prior of shrunken
        rates stays: one more incident is no evidence about other countries.
        """
        count, severity, claim = event
        certain = float(self.weighing.claim_weights.get(claim, 0.0))
        million = float(self.people.get(iso3, np.nan)) / 1e6
        name = self._measure(iso3, value)
        kind = name.removesuffix("_shrunk")
        weight = count * (severity * certain if kind == WEIGHTED else float(certain > 0))
        exposure = million + (self.prior.get(kind, 0.0) if name.endswith("_shrunk") else 0.0)
        return weight / exposure, name

    def _measure(self, iso3: str, value: float) -> str:
        """Return the rate of the register that a cell holds, the weighted one where it is none of them."""
        names = [f"{name}{end}" for name in (WEIGHTED, COUNTED) for end in ("", "_shrunk")]
        if iso3 in self.measures.index and not np.isnan(value):
            for name in names:
                measured = self.measures.loc[iso3].get(name, np.nan)
                if abs(measured - value) <= SAME * max(abs(value), 1e-12):
                    return name
        return WEIGHTED

    def rate(self, iso3: str) -> float:
        """Return the weighted rate of a country, 0 where the register names no incident."""
        if iso3 not in self.measures.index:
            return 0.0
        return float(self.measures[WEIGHTED][iso3])
