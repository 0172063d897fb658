"""Every way in × everything that is wrong with a key, and every id of another tenant: refused in the face's own shape,
with nothing changed, nothing told, and no more work done than for what does not exist.

Neither list is written by hand: a new route or field that its dialect's `access.json` does not know fails here.
"""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from app.console.face import Console
from app.console.figures import Figures
from app.console.health import Health
from app.core.refusal import Code
from app.main import health_routes, running
from app.service.vault import new_key
from app.settings import Settings
from app.store import migrate
from app.web.dialect import discover
from app.web.graphql import GraphQLApp
from tests.conftest import ENGINES
from tests.dialects.contract import DialectContract
from tests.dialects.server import PATIENCE, Wire, authorization, headers_of
from tests.operations.reading import contract_of
from tests.security.counting import Statements
from tests.security.doors import FACES, Door, doors, listed
from tests.security.world import World, absent, party_of

_NAMES = [dialect.name for dialect in discover()]
# How many statements it takes to find out that a key is not good; one that was good is remembered.
_LOOKED_UP = {
    "no key": {0},
    "malformed": {0},
    "huge": {0},
    "unknown": {1},
    "of no tenant": {1},
    "another secret": {1},
    "revoked": {1},
}


def _doors(name: str) -> list[Door]:
    """But for those that ask for a signature, and those of a WebSocket."""
    held = [door for door in doors() if door.dialect == name]
    return [door for door in held if door.needs != "a signature" and not door.socket]


@pytest.mark.parametrize("name", _NAMES)
def test_every_way_in_is_here(name: str) -> None:
    found = Counter(door.name.removesuffix("_short") for door in doors() if door.dialect == name)
    assert sorted(found) == sorted(listed(name)), f"say in tests/dialects/{name}/access.json what it needs"
    assert len(set(found.values())) == 1


@pytest.mark.parametrize("name", _NAMES)
def test_whoever_may_not_is_refused(name: str, sqlite_world: World, statements: Statements) -> None:
    world, contract = sqlite_world, contract_of(name)
    before, problems = world.stored(), list[str]()
    for door in _doors(name):
        wire = door.build({place: world.our_ids[of] for place, of in door.places.items()})
        for kind, (key, code) in world.refused_keys(door).items():
            statements.taken()
            answer = world.server.send(wire, key)
            taken = statements.taken()
            problems += [f"{door.name}, {kind}: {said}" for said in _differs(contract, answer, code)]
            if taken not in _LOOKED_UP.get(kind, {0, 1}):
                problems.append(f"{door.name}, {kind}: {taken} statements")
            problems += [f"{door.name}, {kind} tells of {known}" for known in _told(answer, world.our_ids)]
    assert not problems, "\n".join(problems)
    # The keys themselves are made on the way.
    assert {row for row in world.stored() ^ before if not row.startswith("credentials ")} == set()


def _differs(contract: DialectContract, answer: httpx.Response, code: object) -> Iterator[str]:
    try:
        contract.refused(answer, code)  # type: ignore[arg-type]
    except (AssertionError, KeyError, ValueError) as problem:
        yield f"{answer.status_code} {answer.text[:200]} is not {code} ({problem!s:.200})"


def _told(answer: httpx.Response, ids: dict[str, str]) -> Iterator[str]:
    for kind, known in ids.items():
        if kind not in {"sku", "number", "task", "tenant"} and known in answer.text + str(answer.headers):
            yield kind


@pytest.mark.parametrize("name", _NAMES)
def test_a_key_with_just_what_it_needs_is_not_refused_for_it(name: str, sqlite_world: World) -> None:
    """Else the test above might be passed by refusing everybody."""
    for door in _doors(name):
        wire = door.build({place: absent(sqlite_world.our_ids[of]) for place, of in door.places.items()})
        answer = sqlite_world.server.send(wire, sqlite_world.enough(door))
        assert answer.status_code < 500, f"{door.name}: {answer.text}"
        assert answer.status_code not in {401, 403}, f"{door.name}: {answer.text}"
        for told in ("Unauthorized", "UNAUTHORIZED", "FORBIDDEN", "INTERNAL"):
            assert told not in answer.text, f"{door.name}: {answer.text}"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", _NAMES)
def test_what_is_another_tenants_is_not_there(
    name: str, engine: str, request: pytest.FixtureRequest, statements: Statements
) -> None:
    """One id after the other: theirs, and one that nobody has, among ids of our own."""
    world: World = request.getfixturevalue(f"{engine}_world")
    before, problems = world.stored(), list[str]()
    for door in _doors(name):
        key = world.key(world.ours, party_of(door))
        for place, of in door.places.items():
            ids = {each: world.our_ids[kind] for each, kind in door.places.items()}
            theirs, nobodys = world.their_ids[of], absent(world.their_ids[of])
            answers, work = [], []
            # The first time something else in the body, such as a location, may be looked up that is known then.
            for value in (nobodys, theirs, nobodys):
                wire = door.build(_among(ids, place, value))
                statements.taken()
                answers.append(world.server.send(wire, key))
                work.append(statements.taken())
            answers, work = answers[1:], work[1:]
            problems += [f"{door.name}, {place}: {said}" for said in _apart(answers[0], answers[1], theirs, nobodys)]
            if work[0] != work[1]:
                problems.append(f"{door.name}, {place}: {work[0]} statements, and {work[1]} for nobody's")
            hidden = {kind: known for kind, known in world.their_ids.items() if known != theirs}
            problems += [f"{door.name}, {place} tells of their {kind}" for kind in _told(answers[0], hidden)]
    after = world.stored()
    assert not problems, "\n".join(problems)
    assert {row for row in before ^ after if world.theirs.id in row} == set()


def _among(ids: dict[str, str], place: str, value: str) -> dict[str, str]:
    """Without other ids in a part of the same name: one body cannot have both `adjustments` of texts and of objects."""
    part = place.split("[", maxsplit=1)[0]
    return {each: own for each, own in ids.items() if each == place or each.split("[")[0] != part} | {place: value}


def _apart(theirs: httpx.Response, nobodys: httpx.Response, their_id: str, nobodys_id: str) -> Iterator[str]:
    """What the asker said itself may come back."""
    if theirs.status_code != nobodys.status_code:
        yield f"{theirs.status_code}, and {nobodys.status_code} for nobody's"
    if theirs.text.replace(their_id, "ID") != nobodys.text.replace(nobodys_id, "ID"):
        yield f"{theirs.text[:300]}, and {nobodys.text[:300]} for nobody's"
    if headers_of(theirs) != headers_of(nobodys):
        yield f"{headers_of(theirs)}, and {headers_of(nobodys)} for nobody's"
    if theirs.status_code >= 500:
        yield f"{theirs.status_code} {theirs.text[:300]}"


@pytest.mark.parametrize("name", _NAMES)
def test_no_list_shows_what_is_another_tenants(name: str, sqlite_world: World) -> None:
    world, seen = sqlite_world, 0
    for door in _doors(name):
        if door.reads:
            key = world.key(world.ours, party_of(door))
            ids = {place: world.our_ids[of] for place, of in door.places.items() if not place.startswith("query")}
            answer = world.server.send(door.build(ids), key)
            assert [*_told(answer, world.their_ids)] == [], door.name
            seen += any(True for _ in _told(answer, world.our_ids))
    assert seen > 0


@pytest.mark.parametrize("door", [door for door in doors() if door.socket], ids=lambda door: door.name)
def test_a_subscription_is_refused_as_any_other_field(door: Door, sqlite_world: World) -> None:
    """The key by closing the connection, the scope by an error."""
    world = sqlite_world
    wire = door.build({place: world.our_ids[of] for place, of in door.places.items()})
    for kind, (key, code) in world.refused_keys(door).items():
        told = _subscribed(world, wire, key)
        if code is Code.SCOPE_MISSING:
            assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", "FORBIDDEN"), kind
        else:
            assert told == {"closed": 4403}, kind
    for place, of in door.places.items():
        heard = [
            _subscribed(world, door.build({place: value}), world.ours.key)
            for value in (world.their_ids[of], absent(world.their_ids[of]))
        ]
        assert heard[0] == heard[1]
        assert heard[0]["type"] == "error"


def _subscribed(world: World, wire: Wire, key: str | None) -> dict[str, Any]:
    """The first thing that is heard, or how it ended."""
    url = world.server.base.replace("http://", "ws://") + wire.path
    payload = {} if key is None else authorization(wire.path, key)
    with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as talk:
        talk.send(json.dumps({"type": "connection_init", "payload": payload}))
        try:
            assert json.loads(talk.recv(timeout=PATIENCE)) == {"type": "connection_ack"}
            talk.send(json.dumps({"type": "subscribe", "id": "1", "payload": wire.body}))
            heard: dict[str, Any] = json.loads(talk.recv(timeout=PATIENCE))
        except ConnectionClosed as end:
            return {"closed": end.rcvd and end.rcvd.code}
        return heard


async def test_nothing_else_is_served(tmp_path: Path) -> None:
    """Routes beside the contracts: of operators, who are let in by nobody but whoever reaches the port; of tokens,
    with tests in `happycolis/test_tokens.py`; of the console, with tests in `test_console.py` and in `console/`."""
    url = f"sqlite:///{tmp_path / 'dragoman.db'}"
    migrate(url)
    async with running(Settings(database_url=url, secret_key=new_key()), worker=False) as (store, services):
        operators = {route.path for route in health_routes(store, services)}
        beside = {
            dialect.name: {route.path for route in app.beside}
            for dialect in discover()
            if isinstance(app := dialect.build(services), GraphQLApp)
        }
        health = Health(services, Figures(lambda: store.backlog(services.clock.now())), shared=False)
        acts = {
            f"{method} /console/{name}"
            for name, methods in Console(services, {}, health, lambda raw, longest: []).acts.items()
            for method in methods
        }
    assert acts == {f"{method} /console/session" for method in ("GET", "POST", "DELETE")} | {
        "POST /console/key",
        "POST /console/calls",
        "GET /console/figures",
        "GET /console/mail",
        "POST /console/sheet",
    }
    assert operators == {"/health/live", "/health/ready", "/metrics"}
    assert beside == {name: set(FACES[name].get("beside", ())) for name in beside}
    assert beside["happycolis"] == {"/token", "/oauth2/token", "/oauth2/me"}
