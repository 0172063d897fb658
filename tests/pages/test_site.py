"""The documentation as a site: every link leads somewhere, every page is in the menu, a server shows it by itself."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from playwright.sync_api import Browser, expect

from app.web import site
from tests.dialects.server import Server, serve
from tests.house.sources import ROOT
from tests.pages.looking import CHROMIUM, Seen

_DOCS = ROOT / "docs"


def _build(folder: Path) -> subprocess.CompletedProcess[str]:
    """What is in `folder`/docs, as `make docs` does it, into `folder`/site."""
    config = (ROOT / "mkdocs.yml").read_text().replace("site_dir: app/site", "site_dir: site")
    (folder / "mkdocs.yml").write_text(config)
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built")
    shutil.copytree(_DOCS, folder / "docs")
    done = _build(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


@pytest.fixture(scope="module")
def reading(built: Path, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("reading") / "dragoman.db")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site, "FOLDER", built)
        with serve(f"sqlite:///{path}") as server:
            yield server


@pytest.mark.parametrize("link", ["gone.md", "README.md#gone"])
def test_a_broken_link_is_found(link: str, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs/README.md").write_text(f"# A page\n\n[one]({link})\n")
    done = _build(tmp_path)
    assert done.returncode != 0
    assert "1 issue found" in done.stdout + done.stderr


def test_no_link_leads_out_of_the_documentation() -> None:
    """The site would not have what it is about; the builder does not look."""
    for path in _DOCS.rglob("*.md"):
        for link in re.findall(r"\]\(([^)#]+)", path.read_text()):
            if not re.match(r"https?:", link):
                assert (path.parent / link).resolve().is_relative_to(_DOCS), f"{path.name}: {link}"


def _named(entries: Any) -> Iterator[str]:
    if isinstance(entries, str):
        yield entries
    elif isinstance(entries, dict):
        yield from _named([*entries.values()])
    else:
        for entry in entries:
            yield from _named(entry)


def test_every_page_is_in_the_menu() -> None:
    """But for decisions, which their own list names."""
    menu = [*_named(yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"])]
    decisions = re.findall(r"\]\((\d{4}-[a-z0-9-]+\.md)\)", (_DOCS / "decisions/README.md").read_text())
    pages = sorted(str(path.relative_to(_DOCS)) for path in _DOCS.rglob("*.md"))
    told = sorted([*menu, *(f"decisions/{name}" for name in decisions)])
    assert told == pages, "say in mkdocs.yml, under nav, where it is found"


@pytest.mark.parametrize("there", [CHROMIUM] if CHROMIUM else [])
def test_it_is_read_in_a_browser(there: str, reading: Server, chromium: Browser) -> None:
    seen = Seen(chromium.new_page())
    page = seen.page
    page.goto(f"{reading.base}/docs")
    assert page.url == f"{reading.base}/docs/"
    page.get_by_role("link", name="first steps", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("First steps")
    page.goto(f"{reading.base}/docs/reference/native.html")
    expect(page.get_by_role("heading", name="POST /orders/import")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("quantity_out_of_range")
    expect(page.locator("a[href*='errors.html?h='][href$='#quantity_out_of_range']")).to_be_visible()
    seen.alone(reading.base)
    page.close()


def test_how_it_is_served(reading: Server) -> None:
    page = httpx.get(f"{reading.base}/docs/reference/native.html")
    assert "'unsafe-eval'" not in page.headers["Content-Security-Policy"]
    assert "script-src 'self' 'sha256-" in page.headers["Content-Security-Policy"]
    again = httpx.get(f"{reading.base}/docs/reference/native.html", headers={"If-None-Match": page.headers["ETag"]})
    assert again.status_code == 304
    for path in ("none.html", "../app/main.py", "%2e%2e/mkdocs.yml", "reference/..%2f..%2fmkdocs.yml"):
        assert httpx.get(f"{reading.base}/docs/{path}").status_code == 404
    assert httpx.post(f"{reading.base}/docs/").status_code == 405


def test_where_it_was_not_built_it_says_how(tmp_path: Path) -> None:
    [page, _] = site.routes(tmp_path)
    assert page.path == "/docs"  # type: ignore[attr-defined]
