"""A framework and data whose numbers do not move with editions, and their scores, computed once."""

from __future__ import annotations

import pytest

import dsr_risk as dr
from tests.first_edition import first_data, first_framework


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
