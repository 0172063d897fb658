"""A browser, and servers that it looks at."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.dialects.server import Server, serve
from tests.pages.looking import browser


@pytest.fixture(scope="module")
def server(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("pages") / "dragoman.db")
    with serve(f"sqlite:///{path}") as running:
        yield running


@pytest.fixture(scope="module")
def closed(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One without pages."""
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("pages") / "closed.db")
    with serve(f"sqlite:///{path}", pages=False) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as opened:
        yield opened
