"""The pages to try a dialect in: in a real browser, by themselves, and a call made from them works."""

import re
from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from app.web.dialect import discover
from tests.contracts import documents
from tests.dialects.server import Server
from tests.dialects.tenants import Tenant
from tests.pages.looking import CHROMIUM, Seen

_REST = {document.name: document.prefix for document in documents.documents()}
_GRAPHQL = {dialect.name: dialect.prefixes[0] for dialect in discover() if dialect.name not in _REST}
_HTML = {"Accept": "text/html,application/xhtml+xml"}
_ASSETS = Path(__file__).parents[2] / "app/web/assets"
# What a click finds in the list of operations, by dialect: one that reads and needs no parameter.
_READS: Mapping[str, str] = {"native": "list_orders", "convictional": "list_orders", "shopline": "list_orders"}
in_a_browser = pytest.mark.parametrize("there", [CHROMIUM] if CHROMIUM else [])


@in_a_browser
@pytest.mark.parametrize("name", _READS)
def test_a_rest_call_from_the_page(name: str, there: str, server: Server, chromium: Browser) -> None:
    tenant = Tenant.add(server)
    tenant.create(number="TRIED-1")
    seen = Seen(chromium.new_page())
    page = seen.page
    page.goto(f"{server.base}{_REST[name]}/docs")
    page.get_by_role("button", name="Authorize").click()
    page.locator(".auth-container input").fill(tenant.key)
    page.get_by_label("Apply credentials").click()
    page.get_by_role("button", name="Close", exact=True).click()
    operation = page.locator(f"[id$='{_READS[name]}']").first
    operation.locator(".opblock-summary-control").click()
    operation.get_by_role("button", name="Execute").click()
    answer = operation.locator(".live-responses-table")
    expect(answer).to_contain_text("200")
    expect(answer).to_contain_text("TRIED-1")
    seen.alone(server.base)
    page.close()


@in_a_browser
@pytest.mark.parametrize("name", _GRAPHQL)
def test_a_graphql_call_from_the_page(name: str, there: str, server: Server, chromium: Browser) -> None:
    tenant = Tenant.add(server)
    seen = Seen(chromium.new_page())
    page = seen.page
    page.goto(f"{server.base}{_GRAPHQL[name]}/graphql?query={{ __typename }}")
    with page.expect_response(lambda answer: answer.request.method == "POST") as schema:
        page.get_by_label("API key").fill(tenant.key)
        page.keyboard.press("Tab")
    assert "__schema" in schema.value.json()["data"]
    page.get_by_role("button", name="Execute query").click()
    expect(page.locator(".result-window")).to_contain_text('"__typename": "Query"')
    seen.alone(server.base)
    page.close()


@in_a_browser
def test_a_subscription_from_the_page(there: str, server: Server, chromium: Browser) -> None:
    tenant = Tenant.add(server)
    seen = Seen(chromium.new_page())
    page = seen.page
    page.goto(f"{server.base}/happycolis/graphql?query=subscription {{ orderEvents {{ type }} }}")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_label("API key").fill(tenant.key)
        page.keyboard.press("Tab")
    with page.expect_websocket():
        page.get_by_role("button", name="Execute query").click()
    told = page.locator(".result-window")
    for n in range(50):  # until it is heard: whoever subscribes does not say when the server has begun to listen
        tenant.create(number=f"HEARD-{n}")
        page.wait_for_timeout(200)
        if "orderEvents" in (told.text_content() or ""):
            break
    expect(told).to_contain_text('"orderEvents"')
    seen.alone(server.base)
    page.close()


@pytest.mark.parametrize("prefix", _REST.values())
def test_a_page_is_there_for_anybody_and_names_only_files_of_ours(prefix: str, server: Server) -> None:
    answer = httpx.get(f"{server.base}{prefix}/docs", headers=_HTML)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "default-src 'none'; script-src 'self' 'sha256-" in answer.headers["Content-Security-Policy"]
    files = re.findall(r'(?:src|href)="\.\.(/assets/.*?)"', answer.text)
    assert (
        len(files) == len(re.findall(r"src=|href=", answer.text)) - 1
    )  # an icon of nothing, so that none is asked for
    for file in files:
        assert httpx.get(f"{server.base}{file}").headers["Cache-Control"].endswith("immutable")
    assert httpx.post(f"{server.base}{prefix}/docs").headers["Allow"] == "GET, HEAD"


def test_one_setting_switches_all_of_them_off(closed: Server) -> None:
    key = Tenant.add(closed).key
    for prefix in _REST.values():
        assert httpx.get(f"{closed.base}{prefix}/docs", headers=_HTML).status_code == 404
    for prefix in _GRAPHQL.values():
        address, asked = f"{closed.base}{prefix}/graphql", {"query": "{ __typename }"}
        answer = httpx.get(address, params=asked, headers={**_HTML, "Authorization": f"Bearer {key}"})
        assert answer.json() == {"data": {"__typename": "Query"}}
    [file] = _ASSETS.glob("react-1*.gz")
    for path in (f"/assets/{file.stem}", "/docs", "/docs/"):
        assert httpx.get(f"{closed.base}{path}").status_code == 404


def test_no_other_file_is_served(server: Server) -> None:
    for name in ("LICENSES.txt", "..%2fpages.py", "none.js", ""):
        assert httpx.get(f"{server.base}/assets/{name}").status_code == 404


def test_the_libraries_are_those_that_are_written_down() -> None:
    """With their versions in the decision on libraries, and their licences beside them."""
    told = (_ASSETS.parents[2] / "docs/decisions/0010-libraries.md").read_text()
    licences = (_ASSETS / "LICENSES.txt").read_text()
    for path in _ASSETS.glob("*.gz"):
        name, version = re.fullmatch(r"([a-z-]+)-([0-9.]+)\.(?:js|css)\.gz", path.name).groups()  # type: ignore[union-attr]
        assert f"{name} {version}" in told
        assert f"=== {name}" in licences
