"""Token routes against contract 1.2: what is asked for, what comes back, and that revocation reaches every token."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt
import pytest

from tests.dialects.happycolis.tokens import FORM, Application
from tests.dialects.server import Wire, serve
from tests.dialects.tenants import Tenant

ALL = [
    "view_orders",
    "view_delivery_orders",
    "create_orders",
    "edit_orders",
    "create_delivery_orders",
    "edit_delivery_orders",
    "edit_integrations",
]
_READ = {"query": "query ($id: String) { order(id: $id) { id } }"}
_CANCEL = {"query": "mutation ($id: String!) { orderCancel(id: $id) { state } }"}


def _gql(tenant: Tenant, body: Any, token: str, order: Any) -> httpx.Response:
    return tenant.send(Wire("POST", "/happycolis/graphql", {**body, "variables": {"id": order["id"]}}), key=token)


def _denied(answer: httpx.Response, error: str, status: int = 400) -> None:
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert answer.json().keys() == {"error", "error_description"}
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/token", "/oauth2/token"])
def test_a_token_is_granted_and_good(tenant: Tenant, path: str) -> None:
    application, order = Application(tenant), tenant.create()

    answer = application.ask(path)

    assert answer.status_code == 200
    assert (answer.headers["Cache-Control"], answer.headers["Pragma"]) == ("no-store", "no-cache")
    body = answer.json()
    assert [*body] == ["access_token", "token_type", "refresh_token", "expires_in", "scope"]
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("bearer", 3600, ",".join(ALL))
    assert _gql(tenant, _CANCEL, body["access_token"], order).json()["data"]["orderCancel"]["state"] == "PENDING"
    [case] = tenant.api("GET", f"/orders/{order['id']}")["cases"]
    assert case["credential_id"] == application.client_id


def test_the_claims(tenant: Tenant) -> None:
    application = Application(tenant)
    token = application.token()
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["aud"] == tenant.id
    assert claims["sub"] == f"client://{application.client_id}"
    assert claims["exp"] - claims["iat"] == 3600
    assert claims["iss"] != jwt.decode(application.token(), options={"verify_signature": False})["iss"]


def test_scopes_are_asked_for_with_spaces_and_told_with_commas(tenant: Tenant) -> None:
    application, order = Application(tenant), tenant.create()
    granted = application.grant(scopes="view_orders view_shipments")
    assert granted["scope"] == "view_orders"
    assert _gql(tenant, _READ, granted["access_token"], order).json()["data"]["order"]["id"] == order["id"]
    refused = _gql(tenant, _CANCEL, granted["access_token"], order).json()
    assert refused["errors"][0]["message"] == "Insufficient scope: edit_orders required"
    assert application.grant(scopes="edit_orders view_orders")["scope"] == "view_orders,edit_orders"


def test_no_more_than_the_client_has(tenant: Tenant) -> None:
    reader = Application(tenant, scopes=("read_orders",))
    assert reader.grant()["scope"] == "view_orders,view_delivery_orders"
    assert reader.grant(scopes="view_orders edit_orders")["scope"] == "view_orders"
    _denied(reader.ask(scopes="edit_orders"), "invalid_scope")


@pytest.mark.parametrize(
    ("given", "error", "status"),
    [
        ({"grant_type": ""}, "invalid_request", 400),
        ({"grant_type": "authorization_code"}, "unsupported_grant_type", 400),
        ({"grant_type": "password"}, "unsupported_grant_type", 400),
        ({"client_id": ""}, "invalid_request", 400),
        ({"client_secret": ""}, "invalid_request", 400),
        ({"organization_id": ""}, "invalid_request", 400),
        ({"client_secret": "wrong"}, "invalid_client", 401),
        ({"client_id": "0000000000000000"}, "invalid_client", 401),
        ({"organization_id": "nobody"}, "invalid_client", 401),
        ({"organization_id": "a.b"}, "invalid_client", 401),
        ({"client_secret": "é"}, "invalid_client", 401),
        ({"client_secret": "x" * 2000}, "invalid_client", 401),
        ({"grant_type": "refresh_token"}, "invalid_request", 400),
        ({"grant_type": "refresh_token", "refresh_token": "nonsense"}, "invalid_grant", 400),
        ({"grant_type": "refresh_token", "organization_id": ""}, "invalid_request", 400),
        ({"grant_type": "refresh_token", "refresh_token": "nonsense", "organization_id": ""}, "invalid_grant", 400),
    ],
)
def test_what_is_denied(tenant: Tenant, given: dict[str, str], error: str, status: int) -> None:
    answer = Application(tenant).ask(**given)
    _denied(answer, error, status)
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)


@pytest.mark.parametrize(
    "facts", [{"revoked": True}, {"dialects": ("native",)}, {"expires_at": datetime(2020, 1, 1, tzinfo=UTC)}]
)
def test_a_client_that_may_not(tenant: Tenant, facts: Any) -> None:
    _denied(Application(tenant, **facts).ask(), "invalid_client", 401)


def test_an_inactive_organization(tenant: Tenant) -> None:
    application = Application(tenant)
    tenant.deactivate()
    _denied(application.ask(), "invalid_client", 401)


def test_every_way_to_send_the_parameters(tenant: Tenant) -> None:
    application = Application(tenant)
    given = {"grant_type": "client_credentials", **application.credentials}
    query = str(httpx.QueryParams(given))
    basic = base64.b64encode(f"{application.client_id}:{application.client_secret}".encode()).decode()
    rest = str(httpx.QueryParams({"grant_type": "client_credentials", "organization_id": tenant.id})).encode()
    for wire in (
        Wire("GET", f"/happycolis/token?{query}"),
        Wire("POST", f"/happycolis/token?{query}"),
        Wire("POST", "/happycolis/oauth2/token", given),
        Wire(
            "POST",
            "/happycolis/token",
            raw=query.encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"},
        ),
        Wire("POST", "/happycolis/token", raw=rest, headers={**FORM, "Authorization": f"Basic {basic}"}),
    ):
        answer = tenant.server.send(wire)
        assert answer.status_code == 200, (wire.method, wire.path, answer.text)


@pytest.mark.parametrize(
    ("wire", "status"),
    [
        (Wire("POST", "/happycolis/token", raw=b"<x/>", headers={"Content-Type": "text/xml"}), 415),
        (Wire("POST", "/happycolis/token", raw=b"[]"), 400),
        (Wire("POST", "/happycolis/token", raw=b"{"), 400),
        (Wire("POST", "/happycolis/token", raw=b"grant_type=%ff", headers=FORM), 400),
        (Wire("POST", "/happycolis/token", raw=b"&".join([b"a=b"] * 100), headers=FORM), 400),
        (Wire("POST", "/happycolis/token"), 400),
        (Wire("GET", "/happycolis/token"), 400),
        (Wire("PUT", "/happycolis/token"), 405),
        (Wire("POST", "/happycolis/oauth2/me"), 405),
        (Wire("GET", "/happycolis/oauth2/grant"), 404),
    ],
)
def test_what_cannot_be_read(tenant: Tenant, wire: Wire, status: int) -> None:
    """What the client sent is told of after RFC 6749 5.2."""
    answer = tenant.server.send(wire)
    assert answer.status_code == status
    if status in {400, 415}:
        assert answer.json()["error"] == "invalid_request"
        assert answer.json()["error_description"]


def test_a_token_tells_about_itself(tenant: Tenant) -> None:
    application = Application(tenant)
    token = application.token(scopes="view_orders edit_orders")
    told = tenant.send(Wire("GET", "/happycolis/oauth2/me"), key=token).json()
    claims = jwt.decode(token, options={"verify_signature": False})
    assert told == {
        "active": True,
        "client_id": application.client_id,
        "organization_id": tenant.id,
        "token_type": "bearer",
        "scope": "view_orders,edit_orders",
        "exp": claims["exp"],
    }
    plain = tenant.send(Wire("GET", "/happycolis/oauth2/me"), key=application.key).json()
    assert (plain["scope"], "exp" in plain) == (",".join(ALL), False)
    assert tenant.server.send(Wire("GET", "/happycolis/oauth2/me")).status_code == 401


def test_a_token_is_refreshed(tenant: Tenant) -> None:
    application, order = Application(tenant), tenant.create()
    first = application.grant(scopes="view_orders edit_orders")
    again = application.grant(grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert (again["scope"], again["expires_in"]) == ("view_orders,edit_orders", 3600)
    assert again["access_token"] != first["access_token"]
    assert again["refresh_token"] != first["refresh_token"]
    assert "data" in _gql(tenant, _READ, again["access_token"], order).json()
    less = application.grant(grant_type="refresh_token", refresh_token=first["refresh_token"], scopes="view_orders")
    assert less["scope"] == "view_orders"
    more = application.ask(
        grant_type="refresh_token", refresh_token=less["refresh_token"], scopes="edit_integrations"
    )  # fmt: skip
    _denied(more, "invalid_scope")


def test_a_refresh_token_tells_the_organization(tenant: Tenant) -> None:
    """A client of RFC 6749 sends no more with it than its id and secret."""
    application = Application(tenant)
    held = {"grant_type": "refresh_token", "refresh_token": application.grant()["refresh_token"]}
    assert application.grant(**held, organization_id="")["scope"] == ",".join(ALL)
    _denied(application.ask(**held, organization_id="", client_secret="wrong"), "invalid_client", 401)
    _denied(application.ask(**held, organization_id=Tenant.add(tenant.server).id), "invalid_client", 401)
    _denied(Application(tenant).ask(**held, organization_id=""), "invalid_grant")


def test_a_refresh_token_is_its_clients(tenant: Tenant) -> None:
    stolen = Application(tenant).grant()["refresh_token"]
    for thief in (Application(tenant), Application(Tenant.add(tenant.server))):
        _denied(thief.ask(grant_type="refresh_token", refresh_token=stolen), "invalid_grant")


def test_one_kind_of_token_is_not_the_other(tenant: Tenant) -> None:
    application, order = Application(tenant), tenant.create()
    granted = application.grant()
    assert _gql(tenant, _READ, granted["refresh_token"], order).status_code == 401
    _denied(application.ask(grant_type="refresh_token", refresh_token=granted["access_token"]), "invalid_grant")


def test_revocation_reaches_tokens(tenant: Tenant) -> None:
    """At once in the process that revoked, later in others: a key is remembered for a while, and so is its holder."""
    application, order = Application(tenant), tenant.create()
    granted = application.grant()
    assert _gql(tenant, _READ, granted["access_token"], order).status_code == 200
    tenant.api("DELETE", f"/credentials/{application.client_id}")
    assert _gql(tenant, _READ, granted["access_token"], order).status_code == 401
    answer = application.ask(grant_type="refresh_token", refresh_token=granted["refresh_token"])
    _denied(answer, "invalid_client", 401)


def test_a_key_that_ends_ends_its_tokens(tenant: Tenant) -> None:
    application = Application(tenant, expires_at=datetime.now(UTC) + timedelta(minutes=5))
    told = tenant.send(Wire("GET", "/happycolis/oauth2/me"), key=application.token()).json()
    assert told["exp"] <= (datetime.now(UTC) + timedelta(minutes=5)).timestamp()


def test_tokens_outlive_a_restart(tenant: Tenant) -> None:
    application, order = Application(tenant), tenant.create()
    token = application.token()
    with serve(tenant.server.database_url) as restarted:
        wire = Wire("POST", "/happycolis/graphql", {**_READ, "variables": {"id": order["id"]}})
        assert restarted.send(wire, token).status_code == 200


@pytest.mark.parametrize("spoilt", ["signature", "claims", "none", "another algorithm", "cut"])
def test_a_forged_token(tenant: Tenant, spoilt: str) -> None:
    application, order = Application(tenant), tenant.create()
    header, claims, signature = application.token().split(".")
    held = jwt.decode(".".join((header, claims, signature)), options={"verify_signature": False})
    forged = {
        "signature": f"{header}.{claims}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}",
        "claims": f"{header}.{_encoded(claims, tenant.id)}.{signature}",
        "none": jwt.encode(held, "", "none"),
        "another algorithm": jwt.encode(held, "k" * 64, "HS512"),
        "cut": f"{header}.{claims}",
    }[spoilt]
    assert _gql(tenant, _READ, forged, order).status_code == 401


def _encoded(claims: str, tenant_id: str) -> str:
    """The claims with another organization in them."""
    told = base64.urlsafe_b64decode(claims + "==").decode().replace(tenant_id, "f" * len(tenant_id))
    return base64.urlsafe_b64encode(told.encode()).decode().rstrip("=")


def test_a_credential_by_name_is_no_key(tenant: Tenant) -> None:
    """Whom a token names is remembered beside keys, and must not be found by writing it down."""
    application, order = Application(tenant), tenant.create()
    assert _gql(tenant, _READ, application.token(), order).status_code == 200
    for text in (f"{tenant.id} {application.client_id}", f"('{tenant.id}', '{application.client_id}')"):
        assert _gql(tenant, _READ, text, order).status_code == 401
