"""Scenarios and stress tests: what a policy would do to scores."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import pandas as pd

from ..._util.arguments import typed
from ..._util.checks import between
from ...errors import DataError
from ...scoring.scores import Scores
from ...scoring.verbs import Source, Spec, with_subjects
from .definition import Scenario, as_scenario
from .levers import Lever
from .record_files import records_read
from .record_set import record_set
from .result import ScenarioResult
from .run import plan_of, run
from .stress import StressTest

__all__ = ["scenario", "stress_test"]

Asked: TypeAlias = Scenario | str | os.PathLike[str] | Mapping[str, Any] | Lever


@typed(own=("scenario",))
def scenario(
    framework: Scores | Spec | None = None,
    data: Source | Asked | None = None,
    scenario: Asked | None = None,
    *,
    countries: str | int | Iterable[str | int] | None = None,
    years: float | None = None,
    shares: pd.DataFrame | None = None,
    records: Mapping[str, Any] | None = None,
) -> ScenarioResult:
    """Run a scenario: edit raw data, recompute what depends on them, score with the same model.

    Parameters
    ----------
    framework, data
        Scores, followed by the subject: ``scenario(scores, "eu_toolbox")``; or a framework and data as for
        ``score``: ``scenario(framework, data, "eu_toolbox")``.
    scenario
        A bundled name (see ``scenarios``), a file, the name of a lever, a mapping with ``levers``, cells
        such as ``{"PAK": {"safeguards_gap": "-10"}}``, or a Scenario.
    countries
        Countries and groups (EU, ASEAN, BRI, a region, an income class, all) in place of the scenario's.
    years
        Years from the start: a lever that takes T years is done to years / T. The full effect if None.
    shares
        Records of shares: columns ``iso3, layer, holder, share`` (0-1) and, where known, ``origin``. Where
        there are none, levers work on the cells that sum shares up.
    records
        Other records that levers edit, where there are any: ``loans`` (columns ``iso3, usd, year,
        creditor_iso3`` and, where known, ``maturity, grace, rate``; ``terms`` as for
        ``records.debt_exposure``), ``incidents`` (``iso3, severity, claim, year``; ``weighing`` as for
        ``records.incident_rate``), and the ``year`` at whose end they stand. Amounts are in dollars. A
        scenario may name its records itself (``records`` in its file).

    Returns
    -------
    ScenarioResult
        Scores before and after, every indicator that moved and by which lever, what could not move and why.

    Raises
    ------
    UnknownNameError
        For a scenario, country, group, lever, supplier, creditor or column that does not exist.
    DataError
        With every problem of a scenario: unknown keys, shares outside 0-1, a haircut above 1.

    Notes
    -----
    A lever edits raw data or records, never a score. The model is the one of the scores: the scale, the
    weights and what was learned stay. Estimated cells that no lever touches keep their estimate. In a
    panel the latest year is meant. Of scores that are a selection only the selected countries are moved;
    ``before`` and ``after`` hold all that were scored with them, so that ranks are among all.

    Examples
    --------
    >>> from dsr_risk import scenario, score
    >>> result = scenario(score(), "incident_shock", countries=["Serbia"])
    >>> result.moved()["indicator"].tolist()
    ['incident_rate']
    """
    scores, scenario = with_subjects("scenario", framework, data, scenario=scenario)
    chosen = _one_year(scores)
    scores = chosen._everyone
    selected = None if chosen is scores else frozenset(map(str, chosen.data.iso3))
    if years is not None:
        years = between("years", years, 0, 1000, ends=True)
    parsed = as_scenario(scenario)
    plan = plan_of(scores, parsed, countries, selected)
    kept = record_set(records_read(parsed.records, records, shares), shares, _population(scores))
    done = run(scores, plan, years=years, records=kept)
    return ScenarioResult(plan.scenario, scores, done.after, years, plan, done)


def _population(scores: Scores) -> pd.Series:
    """Return people by country, empty where the data have no population."""
    data = scores.data
    if "population" not in data.columns:
        return pd.Series(dtype=float)
    people = pd.Series(data._matrix(["population"])[:, 0], index=data.iso3)
    return people[people > 0]


def _one_year(scores: Scores) -> Scores:
    return scores.select(year=scores.data.years[-1]) if scores.data.is_panel else scores


@typed(own=("scenario",))
def stress_test(
    framework: Scores | Spec | None = None,
    data: Source | Iterable[Asked] | None = None,
    scenarios: Iterable[Asked] | None = None,
    *,
    countries: str | int | Iterable[str | int] | None = None,
    years: float | None = None,
    shares: pd.DataFrame | None = None,
    records: Mapping[str, Any] | None = None,
) -> StressTest:
    """Run several scenarios on the same scores.

    Parameters
    ----------
    framework, data
        Scores, followed by the subject: ``stress_test(scores, scenarios)``; or a framework and data as for
        ``score``: ``stress_test(framework, data, scenarios)``.
    scenarios
        Scenarios as ``scenario`` takes them.
    countries, years, shares, records
        As for ``scenario``.

    Returns
    -------
    StressTest
        Scenario by country: score, rank and band moves, and the worst case of each country.

    Raises
    ------
    DataError
        If no scenario is given, or two have the same name.
    UnknownNameError, DataError
        As for ``scenario``.

    Examples
    --------
    >>> from dsr_risk import score, stress_test
    >>> result = stress_test(score(), ["incident_shock", "digital_assistance"], countries=["Ethiopia"])
    >>> result.matrix("security").shape
    (2, 1)
    """
    scores, scenarios = with_subjects("stress_test", framework, data, scenarios=scenarios)
    scores = _one_year(scores)
    asked = (
        [scenarios] if isinstance(scenarios, str | Mapping | Scenario | Lever) else list(scenarios)
    )
    if not asked:
        raise DataError("no scenario to run; name at least one, see `dsr_risk.scenarios()`")
    definitions = [as_scenario(entry) for entry in asked]
    names = [definition.name for definition in definitions]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"two scenarios are named `{twice[0]}`; save them under names of their own")
    return StressTest(
        tuple(
            scenario(
                scores, definition, countries=countries, years=years, shares=shares, records=records
            )
            for definition in definitions
        )
    )
