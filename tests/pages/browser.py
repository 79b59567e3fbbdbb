"""Chromium for the page tests: they skip with the reason where it cannot be had, unless it is required."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
REQUIRED = os.environ.get("DSR_RISK_REQUIRE_BROWSER") == "1"


def lacking(reason: str) -> None:
    """Skip, or fail where DSR_RISK_REQUIRE_BROWSER=1 says that a browser must be there."""
    if REQUIRED:
        pytest.fail(f"DSR_RISK_REQUIRE_BROWSER=1, but {reason}")
    pytest.skip(reason)


@contextmanager
def chromium() -> Iterator[Any]:
    """The installed Chromium, driven by Playwright."""
    binary = shutil.which("chromium") or shutil.which("chromium-browser")
    if binary is None:
        lacking("Chromium is not installed (Debian: apt-get install chromium)")
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        lacking("playwright is not installed")
    with sync_playwright() as play:
        try:
            found = play.chromium.launch(executable_path=binary, args=ARGUMENTS)
        except Error as error:
            lacking(f"Chromium does not start: {str(error).splitlines()[0]}")
        yield found
        found.close()


def opener(browser: Any) -> tuple[Callable[..., Any], Callable[[], None]]:
    """A function that opens a file as a page that notes what it says and asks for, and one that closes all."""
    pages: list[Any] = []

    def open_page(path: Any, width: int = 1280, link: str = "") -> Any:
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.said, page.asked = [], []
        page.on("console", lambda one: page.said.append(one.text))
        page.on("pageerror", lambda one: page.said.append(str(one)))
        page.on("request", lambda one: page.asked.append(one.url))
        page.goto(path.as_uri() + link)
        pages.append(page)
        return page

    def close() -> None:
        for page in pages:
            page.close()

    return open_page, close
