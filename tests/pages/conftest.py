"""A browser for the module, a function that opens pages, and the bundled scores as a page."""

from __future__ import annotations

import pytest

import dsr_risk as dr
from tests.pages.browser import chromium, opener


@pytest.fixture(scope="session")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture
def opened(browser):
    open_page, close = opener(browser)
    yield open_page
    close()


@pytest.fixture(scope="session")
def path(bundled, tmp_path_factory):
    pytest.importorskip("altair", reason="needs the extra `report`")
    return dr.report(bundled, tmp_path_factory.mktemp("page") / "report.html")
