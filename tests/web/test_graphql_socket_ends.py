"""How a connection ends: too late, too slow, too much, a key that is no longer good, a server that stops."""

import shutil
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.core.refusal import Code
from app.web.graphql_engine import Engine
from tests.web import toy
from tests.web.server import QUICK, Client, serve, wait_until
from tests.web.wire import conversation, greeted

QUICKLY = "/quick/graphql"


def _have_begun(number: int) -> bool:
    return len(toy.began) == number


def test_a_client_that_says_nothing(client: Client) -> None:
    began = time.monotonic()
    with conversation(client.server, QUICKLY) as talk:
        assert talk.closed() == (4408, "Connection initialisation timeout")
    assert time.monotonic() - began >= QUICK.init_timeout


def test_a_client_that_only_pings(client: Client) -> None:
    """It has said something, but not who it is."""
    with conversation(client.server, QUICKLY) as talk:
        for _ in range(3):
            talk.say("ping")
        assert talk.closed() == (4408, "Connection initialisation timeout")


def test_too_many_operations(client: Client) -> None:
    """The one too many is refused, the others go on."""
    with greeted(client.server, client.key, QUICKLY) as talk:
        for n in range(QUICK.operations):
            talk.subscribe(str(n), "subscription { forever }")
        talk.subscribe("more", "{ hello }")
        heard = talk.hear()
        while heard["id"] != "more":
            heard = talk.hear()
        assert heard["type"] == "error"
        assert heard["payload"][0]["message"] == "At most 3 operations at a time."
        talk.say("complete", "0")
        talk.subscribe("more", "{ hello }")
        while heard["id"] != "more" or heard["type"] != "next":
            heard = talk.hear()
        assert heard["payload"] == {"data": {"hello": "hello you"}}


def test_changes_that_nobody_waits_for_count_too(client: Client) -> None:
    """Else a client could begin any number of them, leaving each at once."""
    toy.began.clear()
    toy.held.append("until the last is refused")
    orders = [client.order() for _ in range(QUICK.operations)]
    document = "mutation ($id: String!) { slow(id: $id) { state } }"
    try:
        with greeted(client.server, client.key, QUICKLY) as talk:
            for n, order in enumerate(orders):
                talk.subscribe(str(n), document, variables={"id": order})
                wait_until(partial(_have_begun, n + 1))
                talk.say("complete", str(n))
            talk.subscribe("more", document, variables={"id": orders[0]})
            heard = talk.hear()
            assert (heard["id"], heard["type"]) == ("more", "error")
    finally:
        toy.held.clear()
    wait_until(lambda: all(client.history(order)[1:] == ["cancellation.accepted"] for order in orders))


@pytest.mark.parametrize("how", ["at once", "after some looks"])
def test_a_key_that_is_revoked_ends_what_it_began(client: Client, how: str) -> None:
    toy.began.clear()
    with greeted(client.server, client.key, QUICKLY) as talk:
        talk.subscribe("1", "subscription { forever }")
        talk.hear()
        if how == "after some looks":
            time.sleep(3 * QUICK.key_check)
            assert talk.hear()["type"] == "next"
        client.revoke()
        assert talk.closed() == (4403, "it is unauthenticated")
    wait_until(lambda: toy.began == ["forever", "-forever"])


def test_while_nobody_can_say_whether_the_key_is_good_it_is(client: Client) -> None:
    with greeted(client.server, client.key, QUICKLY) as talk:
        client.server.away = Code.BUSY
        try:
            time.sleep(3 * QUICK.key_check)
            talk.subscribe("1", "{ hello }")
            assert talk.result("1") == {"data": {"hello": "hello you"}}
        finally:
            client.server.away = None


@pytest.mark.parametrize("pause", ["true", "false"])
def test_a_client_that_does_not_read(client: Client, pause: str) -> None:
    """It is cut off, and what it asked for ends: nothing is collected for it without bound, and nobody else waits."""
    toy.began.clear()
    with greeted(client.server, client.key, QUICKLY) as talk:
        talk.subscribe("1", f"subscription {{ forever(size: 60000, pause: {pause}) }}")
        assert client.data("{ hello }") == {"hello": "hello you"}
        wait_until(lambda: toy.began == ["forever", "-forever"])
        assert talk.end() is None, "a farewell would have waited behind what is not read"


def test_a_fault_of_ours(client: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise toy.OursError(toy.SECRET)

    with greeted(client.server, client.key) as talk:
        monkeypatch.setattr(Engine, "prepare", broken)
        talk.subscribe("1", "{ hello }")
        assert talk.closed() == (4500, "Internal server error")
    wait_until(lambda: any(record.message == "unexpected error" for record in caplog.records))


def test_a_change_that_has_begun_is_not_stopped(client: Client) -> None:
    """The client can no longer hear of it; half of it would be worse."""
    orders = [client.order(), client.order()]
    for order, leave in zip(orders, ("complete", "close"), strict=True):
        toy.began.clear()
        with greeted(client.server, client.key) as talk:
            talk.subscribe("1", "mutation ($id: String!) { slow(id: $id) { state } }", variables={"id": order})
            wait_until(lambda: toy.began == ["slow"])
            if leave == "complete":
                talk.say("complete", "1")
                talk.subscribe("1", "{ hello }")
                assert talk.result("1") == {"data": {"hello": "hello you"}}
    wait_until(lambda: all(client.history(order) == ["order.created", "cancellation.accepted"] for order in orders))


def test_the_server_stops(sqlite_template: Path, tmp_path: Path) -> None:
    """At once, although subscriptions are open, and after the changes that have begun."""
    path = shutil.copy(sqlite_template, tmp_path / "dragoman.db")
    toy.began.clear()
    with serve(f"sqlite:///{path}") as server:
        client = Client(server)
        order = client.order()
        talks = greeted(server, client.key)
        talk = talks.__enter__()
        talk.subscribe("1", "subscription { forever }")
        talk.subscribe("2", "mutation ($id: String!) { slow(id: $id) { state } }", variables={"id": order})
        wait_until(lambda: sorted(toy.began) == ["forever", "slow"])
        began = time.monotonic()
    assert time.monotonic() - began < 3
    assert talk.closed()[0] == 1012
    assert toy.began[-1] == "-forever"
    talks.__exit__(None, None, None)
    with serve(f"sqlite:///{path}") as server:
        events = server.run(server.store.order_events, client.tenant_id, order, 0, 100)
    assert [event.type for event in events] == ["order.created", "cancellation.accepted"]
