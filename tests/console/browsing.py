"""Chromium as a person uses it, at the console of a running server. No test and no fixture is here."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.dialects.tenants import Tenant
from tests.mail.browser import CHROMIUM

__all__ = ["CHROMIUM", "chromium", "opened", "stranger"]

_PATIENCE = 15_000  # milliseconds
_EXPECTED = "the server responded with a status of 4"
"""The browser itself says so on its console; what the page makes of it is for the tests."""


@contextmanager
def chromium() -> Iterator[Browser]:
    assert CHROMIUM is not None, "Chromium is needed: .ci/run installs it"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        expect.set_options(timeout=_PATIENCE)
        yield opened
        opened.close()


@contextmanager
def opened(browser: Browser, tenant: Tenant, path: str = "", **context: Any) -> Iterator[Page]:
    """A page of somebody who has signed in. Whatever the browser complains of on the way is an error."""
    with stranger(browser, tenant, path, **context) as page:
        page.get_by_label("API key").fill(tenant.key)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("navigation", name="Pages").wait_for()
        yield page


@contextmanager
def stranger(browser: Browser, tenant: Tenant, path: str = "", **context: Any) -> Iterator[Page]:
    made = browser.new_context(**{"locale": "en-GB", "viewport": {"width": 1280, "height": 900}, **context})
    made.set_default_timeout(_PATIENCE)
    page = made.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    page.goto(f"{tenant.server.base}/console{path}")
    try:
        yield page
    finally:
        made.close()
    assert [text for text in complaints if _EXPECTED not in text] == []
