"""The console is one more way to every door, and no wider than the others: nobody without a session and no other page
gets through it, and whoever does finds what their key finds elsewhere.
"""

from collections.abc import Iterator

import httpx
import pytest

from app.web.dialect import discover
from tests.console.asking import Client, told
from tests.dialects.server import Wire
from tests.security.doors import Door, doors
from tests.security.world import World, absent, party_of

_NAMES = [dialect.name for dialect in discover()]


def _doors(name: str) -> list[Door]:
    """But for those that a key has nothing to do with, and those of a WebSocket, which is not passed on."""
    return [door for door in doors() if door.dialect == name and door.needs != "a signature" and not door.socket]


def _through(client: Client, wire: Wire, **headers: str) -> httpx.Response:
    kind = {"Content-Type": "application/json"} if wire.content is not None else {}
    given = {"X-Dragoman-Console": "1", **kind, **wire.headers, **headers}
    return client.request(wire.method, f"/console/as{wire.path}", content=wire.content, headers=given)  # type: ignore[arg-type]


@pytest.fixture
def client(sqlite_world: World) -> Iterator[Client]:
    with Client(sqlite_world.server.base) as made:
        yield made


@pytest.mark.parametrize("name", _NAMES)
def test_nobody_and_no_other_page_gets_through(name: str, sqlite_world: World, client: Client):
    """A page that somebody signed in looks at elsewhere has their cookie, if the browser lets it; it is not enough."""
    world = sqlite_world
    before = world.stored()
    for door in _doors(name):
        wire = door.build({place: world.our_ids[of] for place, of in door.places.items()})
        client.cookies.clear()
        assert told(_through(client, wire, Authorization=f"Bearer {world.ours.key}")) == (401, "unauthenticated")
        assert client.sign_in(world.ours.key).is_success
        for headers in (
            {"Origin": "https://evil.example"},
            {"X-Dragoman-Console": "0"},
            {"Sec-Fetch-Site": "same-site"},
        ):
            if wire.method != "GET" or "Sec-Fetch-Site" in headers:
                assert told(_through(client, wire, **headers)) == (403, "foreign_origin"), door.name
    assert world.stored() == before


@pytest.mark.parametrize("name", _NAMES)
def test_another_tenants_is_as_far_away_as_elsewhere(name: str, sqlite_world: World, client: Client):
    world, problems = sqlite_world, list[str]()
    for door in _doors(name):
        if door.needs == "nothing":
            continue
        key = world.key(world.ours, party_of(door))
        if not client.sign_in(key).is_success:
            continue
        for place, of in door.places.items():
            ids = {each: world.our_ids[kind] for each, kind in door.places.items()}
            part = place.split("[", maxsplit=1)[0]
            kept = {each: own for each, own in ids.items() if each == place or each.split("[")[0] != part}
            theirs, nobodys = world.their_ids[of], absent(world.their_ids[of])
            answers = [_through(client, door.build({**kept, place: value})) for value in (theirs, nobodys)]
            if answers[0].status_code != answers[1].status_code:
                problems.append(f"{door.name}, {place}: {answers[0].status_code}, else {answers[1].status_code}")
            if answers[0].text.replace(theirs, "ID") != answers[1].text.replace(nobodys, "ID"):
                problems.append(f"{door.name}, {place}: {answers[0].text[:200]}, else {answers[1].text[:200]}")
    assert not problems, "\n".join(problems)


def test_keys_that_are_refused_begin_no_session(sqlite_world: World, client: Client):
    world = sqlite_world
    door = next(door for door in doors() if door.name == "get_order" and door.dialect == "native")
    for kind, (key, code) in world.refused_keys(door).items():
        if kind.startswith("without"):
            continue  # that is for the dialects to refuse
        answer = client.sign_in(key or "")
        assert told(answer)[1] == code.value, kind
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("act", ["read", "cancel", "return", "fulfil", "allocate"])
def test_no_call_tells_of_another_tenants_order(act: str, sqlite_world: World, client: Client):
    world = sqlite_world
    client.sign_in(world.ours.key)
    asked = [world.their_ids["order"], absent(world.their_ids["order"])]
    theirs, nobodys = (client.own("POST", "/console/calls", {"order_id": each, "act": act}) for each in asked)
    assert told(theirs) == told(nobodys) == (404, "order_not_found")
    assert theirs.json() == nobodys.json()
