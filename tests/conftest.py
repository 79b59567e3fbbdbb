"""A framework and data whose numbers do not move with editions, and their scores, computed once."""

from __future__ import annotations

import os

# Workers of the tests share the processors: threads of the linear algebra would only wait for each other.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")

import pytest
from hypothesis import settings

import dsr_risk as dr
from tests.first_edition import first_data, first_framework

# The same examples in every run; DSR_RISK_HYPOTHESIS=explore looks for new ones.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("quick", derandomize=True, deadline=None, max_examples=20)
settings.register_profile("explore", derandomize=False, deadline=None)


def pytest_configure(config: pytest.Config) -> None:
    """Try fewer examples of each law in the quick suite; the whole suite tries all."""
    usual = "quick" if config.getoption("markexpr") == "not slow" else "same"
    settings.load_profile(os.environ.get("DSR_RISK_HYPOTHESIS", usual))


@pytest.fixture(scope="session")
def fw() -> dr.Framework:
    return first_framework()


@pytest.fixture(scope="session")
def full() -> dr.Framework:
    return dr.load_framework("dsr-full")


@pytest.fixture(scope="session")
def data() -> dr.Data:
    return first_data()


@pytest.fixture(scope="session")
def scores(fw: dr.Framework, data: dr.Data) -> dr.Scores:
    return dr.score(fw, data)


@pytest.fixture(scope="session")
def bundled() -> dr.Scores:
    """Return the scores of the framework and data that are shipped."""
    return dr.score()
