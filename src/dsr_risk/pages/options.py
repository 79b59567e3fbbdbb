"""The parts that may be added to a page of scores: draws, effects, scenarios, an edition before."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..analysis.scenario.result import ScenarioResult
from ..analysis.sensitivity.result import Sensitivity
from ..analysis.uncertainty.result import Uncertainty
from ..errors import DataError
from ..scoring.scores import Scores

__all__ = ["Added", "added"]


@dataclass(frozen=True)
class Added:
    """Results shown beside the scores; None or empty where there are none."""

    uncertainty: Uncertainty | None = None
    sensitivity: Sensitivity | None = None
    scenarios: tuple[ScenarioResult, ...] = ()
    before: Scores | None = None


def added(
    uncertainty: Uncertainty | None,
    sensitivity: Sensitivity | None,
    scenarios: ScenarioResult | Iterable[ScenarioResult],
    before: Scores | None,
) -> Added:
    """Check what is added to a page and return it; one scenario is a list of one.

    Raises
    ------
    DataError
        If something is not the result that is expected.
    """
    several = (scenarios,) if isinstance(scenarios, ScenarioResult) else tuple(scenarios)
    kinds = {"uncertainty": Uncertainty, "sensitivity": Sensitivity, "before": Scores}
    given = {"uncertainty": uncertainty, "sensitivity": sensitivity, "before": before}
    for name, value in given.items():
        if value is not None and not isinstance(value, kinds[name]):
            raise DataError(
                f"`{name}` must be {kinds[name].__name__} or None, received {type(value).__name__}"
            )
    for result in several:
        if not isinstance(result, ScenarioResult):
            raise DataError(
                "`scenarios` must be results of `scenario(...)`, received "
                f"{type(result).__name__} {result!r}"
            )
    if before is not None and before.data.is_panel:
        before = before.select(year=before.data.years[-1])
    return Added(uncertainty, sensitivity, several, before)
