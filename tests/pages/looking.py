"""Pages in a real browser: what they complain of, and whom they ask; no test and no fixture is here."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=30_000)  # a busy machine is no finding
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        try:
            yield opened
        finally:
            opened.close()


@dataclass
class Seen:
    """`complaints` are errors and warnings of the console, `hosts` all that were asked, `failed` answers no success."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda told: self._complain(told.type, told.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))
        self.page.on(
            "response",
            lambda answer: None if answer.status < 400 else self.failed.append(f"{answer.status} {answer.url}"),
        )

    def _complain(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.complaints.append(text)

    def alone(self, base: str) -> None:
        """Nothing went wrong, and nobody but the server was asked."""
        assert self.complaints == []
        assert self.failed == []
        assert self.hosts - {""} == {urlsplit(base).netloc}
