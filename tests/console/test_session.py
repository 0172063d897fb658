"""Signing in and out, and who may ask what: the cookie, the key in it, and the page that asks."""

import shutil
from base64 import urlsafe_b64encode
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet

from app.console.session import LIFE, Sessions
from app.service.vault import Vault, new_key
from tests.console.asking import Client, told
from tests.dialects.server import SECRET_KEY, Server, Wire, serve
from tests.dialects.tenants import Tenant

_ROUTES = (
    ("GET", "/console/session", None),
    ("POST", "/console/key", None),
    ("POST", "/console/calls", {"order_id": "1", "act": "read"}),
    ("GET", "/console/as/api/orders", None),
    ("POST", "/console/as/api/orders", {"currency": "EUR", "lines": []}),
    ("GET", "/console/as/api/events/stream", None),
    ("POST", "/console/as/afosto/graphql", {"query": "{ me { id } }"}),
    ("GET", "/console/as/shopline/orders", None),
)
"""All that somebody has to be signed in for."""
_CHANGES = (*_ROUTES[1:3], _ROUTES[4], _ROUTES[6], ("POST", "/console/session", {"key": "x"}))


def _cookie(answer: httpx.Response) -> str:
    return answer.headers["Set-Cookie"]


def test_a_session_is_a_sealed_cookie_that_no_script_reads(client: Client, tenant: Tenant):
    answer = client.sign_in(f"  {tenant.key}\n")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["tenant"] == {"id": tenant.id, "name": "Test"}
    assert set(answer.json()["scopes"]) >= {"read_orders", "admin"}
    value, _, attributes = _cookie(answer).partition("; ")
    assert attributes == f"Path=/console; Max-Age={LIFE}; HttpOnly; SameSite=Strict"
    assert tenant.key not in value
    assert tenant.key.rpartition(".")[2] not in answer.text
    assert client.own("GET", "/console/session").json() == answer.json()
    assert client.own("POST", "/console/key").json() == {"key": tenant.key}


@pytest.mark.parametrize(("name", "public_url"), [("X-Forwarded-Proto", ""), ("", "https://orders.example.com/")])
def test_by_https_the_cookie_goes_no_other_way(sqlite_template: Path, tmp_path: Path, name: str, public_url: str):
    path = shutil.copy(sqlite_template, tmp_path / "dragoman.db")
    with serve(f"sqlite:///{path}", public_url=public_url) as server, Client(server.base) as client:
        answer = client.own(
            "POST", "/console/session", {"key": Tenant.add(server).key}, {name: "https"} if name else {}
        )
        assert _cookie(answer).endswith("; SameSite=Strict; Secure")
        told = client.own("POST", "/console/session", {"key": "x"}, {"Origin": "https://orders.example.com"})
        assert told.status_code == (401 if public_url else 403)


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("", (401, "unauthenticated")),
        ("drg_nonsense", (401, "unauthenticated")),
        ("drg_nobody.0000000000000000.xxx", (401, "unauthenticated")),
        ("drg_" + "a" * 5_000, (401, "unauthenticated")),
    ],
)
def test_a_key_that_is_none_begins_nothing(client: Client, key: str, code: tuple[int, str]):
    answer = client.sign_in(key)
    assert told(answer) == code
    assert "Set-Cookie" not in answer.headers
    assert key not in answer.text or not key


def test_keys_that_may_not_use_what_the_page_speaks(client: Client, tenant: Tenant):
    assert told(client.sign_in(tenant.add_key(dialects=["shopline"]))) == (403, "dialect_not_allowed")
    tenant.deactivate()
    assert told(client.sign_in(tenant.key)) == (403, "tenant_inactive")


@pytest.mark.parametrize(
    ("body", "code"),
    [({}, (422, "invalid_request")), ({"key": 1}, (422, "invalid_request")), ([], (400, "body_not_an_object"))],
)
def test_what_is_no_sign_in(client: Client, body: object, code: tuple[int, str]):
    assert told(client.own("POST", "/console/session", body)) == code


def test_nothing_is_told_without_a_session(client: Client, tenant: Tenant):
    client.sign_in(tenant.key)
    good = client.cookies["dragoman_console"]
    client.cookies.clear()
    other = Sessions(Vault([new_key()])).begin(tenant.key, secure=False).partition(";")[0].partition("=")[2]
    sealed = Vault([SECRET_KEY]).seal(tenant.key)  # for another purpose
    for cookie in ("", "nonsense", good[:-4] + "AAAA", other, sealed):
        for method, path, body in _ROUTES:
            answer = client.own(method, path, body, {"Cookie": f"dragoman_console={cookie}"})
            assert told(answer) == (401, "unauthenticated"), (cookie, path)


def test_a_session_ends_of_itself(tenant: Tenant, client: Client):
    [key] = Vault([SECRET_KEY]).derive("console session")
    from_then = Fernet(urlsafe_b64encode(key)).encrypt_at_time(tenant.key.encode(), 0).decode()
    answer = client.own("GET", "/console/session", headers={"Cookie": f"dragoman_console={from_then}"})
    assert told(answer) == (401, "unauthenticated")


def test_signing_out_and_revoking(client: Client, tenant: Tenant):
    made = tenant.api("POST", "/credentials", {"name": "console"})
    assert client.sign_in(made["key"]).status_code == 200
    assert client.own("GET", "/console/as/api/orders").status_code == 200
    assert tenant.send(Wire("DELETE", f"/api/credentials/{made['id']}")).is_success
    for method, path, body in _ROUTES[:5]:
        assert client.own(method, path, body).status_code == 401, path
    client.sign_in(tenant.key)
    answer = client.own("DELETE", "/console/session")
    assert (answer.status_code, answer.content) == (204, b"")
    assert _cookie(answer) == "dragoman_console=; Path=/console; Max-Age=0; HttpOnly; SameSite=Strict"
    assert told(client.own("GET", "/console/session")) == (401, "unauthenticated")


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Dragoman-Console": ""},
        {"X-Dragoman-Console": "0"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_no_other_page_changes_anything(client: Client, tenant: Tenant, headers: dict[str, str]):
    client.sign_in(tenant.key)
    for method, path, body in _CHANGES:
        assert told(client.own(method, path, body, headers)) == (403, "foreign_origin"), path
    assert tenant.api("GET", "/orders")["orders"] == []
    assert client.own("DELETE", "/console/session", headers=headers).status_code == 403
    fetched = {name: value for name, value in headers.items() if name == "Sec-Fetch-Site"}
    assert client.get("/console/as/api/orders", headers=fetched).status_code == (403 if fetched else 200)
    assert "access-control-allow-origin" not in client.get("/console/as/api/orders").headers


def test_its_own_page_does(client: Client, tenant: Tenant):
    client.sign_in(tenant.key)
    headers = {"Origin": tenant.server.base, "Sec-Fetch-Site": "same-origin"}
    body = {"currency": "EUR", "lines": [{"sku": "A", "quantity": 1, "unit_price": 1}]}
    assert client.own("POST", "/console/as/api/orders", body, headers).status_code == 201


def test_routes_that_there_are_not(client: Client, tenant: Tenant):
    client.sign_in(tenant.key)
    assert told(client.own("POST", "/console/session/else", {})) == (404, "no_such_route")
    assert told(client.own("GET", "/console/as/nowhere/orders")) == (404, "no_such_route")
    assert told(client.own("GET", "/console/as/console/session")) == (404, "no_such_route")
    assert told(client.own("GET", "/console/as/metrics")) == (404, "no_such_route")
    answer = client.own("PUT", "/console/session", {})
    assert (told(answer), answer.headers["Allow"]) == ((405, "method_not_allowed"), "GET, POST, DELETE")
    answer = client.own("POST", "/console/orders", {})
    assert (told(answer), answer.headers["Allow"]) == ((405, "method_not_allowed"), "GET, HEAD")


def test_it_may_be_left_out(sqlite_template: Path, tmp_path: Path):
    path = shutil.copy(sqlite_template, tmp_path / "dragoman.db")
    with serve(f"sqlite:///{path}", console=False) as server, Client(server.base) as client:
        assert client.get("/console").status_code == 404
        assert client.sign_in(Tenant.add(server).key).status_code in {404, 405}


def test_on_postgresql_any_process_knows_it(postgresql_console: Server):
    """Nothing is stored: another process with the same secret key opens the cookie."""
    tenant = Tenant.add(postgresql_console)
    with Client(postgresql_console.base) as client:
        client.sign_in(tenant.key)
        cookie = client.cookies["dragoman_console"]
        with serve(postgresql_console.database_url) as second, Client(second.base) as other:
            answer = other.own("GET", "/console/session", headers={"Cookie": f"dragoman_console={cookie}"})
            assert answer.json()["tenant"]["id"] == tenant.id
