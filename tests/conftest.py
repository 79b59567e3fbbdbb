"""The bundled framework, data and scores, computed once."""

from __future__ import annotations

import pytest

import dsr_risk as dr


@pytest.fixture(scope="session")
def fw() -> dr.Framework:
    return dr.load_framework()


@pytest.fixture(scope="session")
def full() -> dr.Framework:
    return dr.load_framework("dsr-full")


@pytest.fixture(scope="session")
def data() -> dr.Data:
    return dr.load_data()


@pytest.fixture(scope="session")
def scores(fw: dr.Framework, data: dr.Data) -> dr.Scores:
    return dr.score(fw, data)
