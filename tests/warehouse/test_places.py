"""Settings of locations: secrets sealed and never shown, kept while nobody could have sent them elsewhere."""

import json
from typing import Any

import pytest

from app.core.ports import Location
from app.core.refusal import Code, Refusal
from app.service import places
from app.service.vault import Vault, new_key
from tests.core.building import NOW
from tests.warehouse.asking import SECRET

VAULT = Vault([new_key()])
HTTP = {"url": "https://warehouse.example/", "secret": SECRET}
HAPPY = {
    "url": "https://happy.example/graphql",
    "organization_id": "o",
    "client_id": "c",
    "client_secret": "client-secret",
    "tp_app_id": "a",
}


def location(kind: str | None, given: dict[str, Any], before: Location | None = None, **how: bool) -> Location:
    allowed = {"allow_private": False, **how}
    return Location(
        tenant_id="t",
        id="l",
        name="Dock",
        connector=kind,
        settings=places.kept(kind, given, before, VAULT, **allowed),
        created_at=NOW,
        updated_at=NOW,
    )


def refused(kind: str, given: dict[str, Any], before: Location | None = None) -> str:
    with pytest.raises(Refusal) as no:
        location(kind, given, before)
    assert no.value.code is Code.INVALID
    return str(no.value.facts["field"])


@pytest.mark.parametrize(("kind", "given", "name"), [("http", HTTP, "secret"), ("happycolis", HAPPY, "client_secret")])
def test_a_secret_is_sealed_opened_and_never_shown(kind, given, name):
    made = location(kind, given)

    assert given[name] not in made.settings
    assert places.opened(made, VAULT) == given
    shown = places.shown(made)
    assert shown == {"kind": kind, **{n: value for n, value in given.items() if n != name}}


def test_internal_and_manual_locations_have_no_settings():
    assert (places.shown(location(None, {})), places.opened(location(None, {}), VAULT)) == (None, {})
    assert places.shown(location("manual", {})) == {"kind": "manual"}


@pytest.mark.parametrize(("kind", "field"), [("http", "connector.secret"), ("happycolis", "connector.client_secret")])
def test_a_secret_is_needed(kind, field):
    assert refused(kind, {"url": "https://warehouse.example/"}) == field


def test_an_integration_token_will_do():
    made = location("happycolis", {"url": HAPPY["url"], "integration_token": "t"})

    assert places.opened(made, VAULT)["integration_token"] == "t"


@pytest.mark.parametrize(
    "url",
    ["http://warehouse.example/", "https://127.0.0.1/", "https://localhost/", "https://10.1.2.3/", "ftp://x", "x", ""],
)
@pytest.mark.parametrize("name", ["url", "token_url"])
def test_an_address_that_may_not_be_called(name, url):
    assert refused("happycolis", {**HAPPY, name: url}) == f"connector.{name}"


def test_for_development_it_may_be_called():
    made = location("http", {**HTTP, "url": "http://127.0.0.1:8080/"}, allow_private=True)

    assert places.opened(made, VAULT)["url"] == "http://127.0.0.1:8080/"


def test_a_secret_that_is_left_out_stays():
    before = location("http", {**HTTP, "timeout": 5})
    after = location("http", {"url": HTTP["url"]}, before)

    assert places.opened(after, VAULT) == HTTP


def test_a_new_secret_replaces_the_old_one():
    other = "whsec_" + "A" * 32
    after = location("http", {**HTTP, "secret": other}, location("http", HTTP))

    assert places.opened(after, VAULT)["secret"] == other


@pytest.mark.parametrize("changed", [{"url": "https://evil.example/graphql"}, {"token_url": "https://evil.example/t"}])
def test_a_secret_does_not_follow_to_another_address(changed):
    """Whoever may change a location must not get to read its secret that way."""
    given = {name: value for name, value in HAPPY.items() if name != "client_secret"}

    assert refused("happycolis", {**given, **changed}, location("happycolis", HAPPY)) == "connector.client_secret"


def test_a_secret_does_not_stay_with_another_kind():
    assert refused("http", {"url": HAPPY["url"]}, location("happycolis", HAPPY)) == "connector.secret"


def learned(before: Location, facts: dict[str, Any]) -> Location:
    settings = json.loads(places.learned(before, facts))
    return Location(
        tenant_id="t",
        id="l",
        name="Dock",
        connector="happycolis",
        settings=json.dumps(settings),
        created_at=NOW,
        updated_at=NOW,
    )


def test_what_a_connector_learned_is_at_hand_and_not_shown():
    made = learned(location("happycolis", HAPPY), {"webhooks": {"a": "1"}})

    assert places.opened(made, VAULT) == {**HAPPY, "webhooks": {"a": "1"}}
    assert "webhooks" not in (places.shown(made) or {})


@pytest.mark.parametrize(
    ("changed", "stays"), [({"timeout": 3}, True), ({"client_id": "d"}, False), ({"organization_id": "p"}, False)]
)
def test_it_stays_as_long_as_it_is_the_same_system(changed, stays):
    before = learned(location("happycolis", HAPPY), {"webhooks": {"a": "1"}})
    after = location("happycolis", {**HAPPY, **changed}, before)

    assert ("webhooks" in places.opened(after, VAULT)) == stays
