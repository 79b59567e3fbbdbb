"""Scenarios: thirteen policy levers that edit raw data, and what they do to scores."""

from .analysis import scenario, stress_test
from .definition import Scenario, levers, scenarios
from .result import ScenarioResult
from .stress import StressTest

__all__ = [
    "Scenario",
    "ScenarioResult",
    "StressTest",
    "levers",
    "scenario",
    "scenarios",
    "stress_test",
]
