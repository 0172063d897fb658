"""The page for browsers: nothing in it is from elsewhere, and it is gone together with introspection."""

import base64
import hashlib
import re

import pytest

from tests.web.server import Client, Toy

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def test_a_browser_gets_the_page_without_a_key(sqlite_toy: Toy) -> None:
    answer = sqlite_toy.request("GET", "/toy/graphql", headers={"Accept": BROWSER})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["X-Toy"] == "1"
    assert "GraphiQL.createFetcher" in answer.text


def test_it_needs_nothing_from_anywhere_else(sqlite_toy: Toy) -> None:
    """Its policy lets only its own script and files of this server run, and talks only to where it came from."""
    answer = sqlite_toy.request("GET", "/toy/graphql", headers={"Accept": BROWSER})
    assert re.findall(r"https?://|@import|url\(", answer.text) == []
    assert {at for at in re.findall(r'(?:src|href)="(.*?)"', answer.text) if not at.startswith("../assets/")} == {
        "data:,"
    }
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"] == "'self'"
    (script,) = re.findall("<script>(.*?)</script>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy["script-src"] == f"'self' 'sha256-{digest}'"
    assert re.findall(r"\son\w+=|style=", answer.text) == []


@pytest.mark.parametrize(
    "accept", ["*/*", "application/json", f"application/json, {BROWSER}", "text/html;q=0, */*", ""]
)
def test_a_program_gets_no_page(client: Client, accept: str) -> None:
    answer = client.get(headers={"Accept": accept}, query="{ hello }")
    assert answer.json() == {"data": {"hello": "hello you"}}


def test_a_program_that_posts_gets_no_page(client: Client) -> None:
    assert client.post("{ hello }", Accept=BROWSER).json() == {"data": {"hello": "hello you"}}


def test_where_introspection_is_off_there_is_no_page(client: Client) -> None:
    assert client.server.request("GET", "/closed/graphql", headers={"Accept": BROWSER}).status_code == 401
    answer = client.get("/closed/graphql", headers={"Accept": BROWSER}, query="{ hello }")
    assert answer.json() == {"data": {"hello": "hello you"}}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_browser_that_looks_for_docs_is_sent_to_it(sqlite_toy: Toy, method: str) -> None:
    """That is where the page of a REST dialect is."""
    answer = sqlite_toy.request(method, "/toy/docs", headers={"Accept": BROWSER})
    assert (answer.status_code, answer.headers["Location"], answer.headers["Vary"]) == (307, "graphql", "Accept")


@pytest.mark.parametrize(
    ("method", "path", "accept"),
    [
        ("GET", "/toy/docs", "*/*"),
        ("POST", "/toy/docs", BROWSER),
        ("GET", "/closed/docs", BROWSER),
        ("GET", "/toy/docs/", BROWSER),
    ],
)
def test_to_all_others_there_is_nothing(sqlite_toy: Toy, method: str, path: str, accept: str) -> None:
    assert sqlite_toy.request(method, path, headers={"Accept": accept}).status_code == 404
