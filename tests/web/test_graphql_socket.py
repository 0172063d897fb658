"""`graphql-transport-ws`: the protocol's own rules, message by message."""

import logging

import pytest
from websockets.exceptions import InvalidStatus

from app.core.refusal import Code
from tests.web import toy
from tests.web.server import BODY_LIMIT, Client, Toy, wait_until
from tests.web.wire import conversation, greeted


def test_a_query(client: Client) -> None:
    with greeted(client.server, client.key) as talk:
        talk.subscribe("1", "query ($n: String) { hello(name: $n) }", variables={"n": "Bo"}, operationName=None)
        assert talk.result("1") == {"data": {"hello": "hello Bo"}}


def test_a_subscription(client: Client) -> None:
    with greeted(client.server, client.key) as talk:
        talk.subscribe("a", "subscription ($to: Int!) { count(to: $to) }", variables={"to": 3})
        assert [talk.hear() for _ in range(4)] == [
            *({"id": "a", "type": "next", "payload": {"data": {"count": n}}} for n in (1, 2, 3)),
            {"id": "a", "type": "complete"},
        ]
        talk.subscribe("a", "{ hello }")
        assert talk.result("a") == {"data": {"hello": "hello you"}}, "its id is free again"


def test_a_mutation_on_each_engine(writer: Client) -> None:
    order = writer.order()
    with greeted(writer.server, writer.key) as talk:
        for n, extensions in enumerate(({"idempotencyKey": "k"}, {"idempotencyKey": "k"}, {})):
            document = "mutation ($id: String!) { cancel(id: $id) { state } }"
            talk.subscribe(str(n), document, variables={"id": order}, extensions=extensions)
            answer = talk.result(str(n))
            if n < 2:
                assert answer["data"] == {"cancel": {"state": "ACCEPTED"}}
                assert answer.get("extensions") == ({"idempotencyReplayed": True} if n else None)
            else:
                assert answer["errors"][0]["extensions"] == {"code": "ALREADY_CANCELLED"}
    assert writer.history(order) == ["order.created", "cancellation.accepted"]


def test_a_key_in_the_handshake(client: Client) -> None:
    with conversation(client.server, headers=client.authorization) as talk:
        talk.say("connection_init")
        assert talk.hear() == {"type": "connection_ack"}
        talk.subscribe("1", "{ hello }")
        assert talk.result("1") == {"data": {"hello": "hello you"}}


@pytest.mark.parametrize("payload", [None, {}, {"Authorization": "Bearer nonsense"}, {"authorization": 5}, "x", []])
def test_without_a_good_key(client: Client, payload: object) -> None:
    with conversation(client.server) as talk:
        talk.say("connection_init", payload=payload)
        assert talk.closed() == (4403, "it is unauthenticated")


def test_nobody_can_say_who_it_is(client: Client) -> None:
    """For the moment: the client is to come back, and not to throw its key away."""
    client.server.away = Code.UNAVAILABLE
    try:
        with conversation(client.server) as talk:
            talk.say("connection_init", payload=client.authorization)
            assert talk.closed() == (1013, "it is unavailable")
    finally:
        client.server.away = None


def test_events_that_cannot_be_drawn(client: Client) -> None:
    with greeted(client.server, client.key) as talk:
        talk.subscribe("1", "subscription { numbers(from: 1, to: 3) { is half } }")
        payload = talk.result("1")
        assert payload["data"] == {"numbers": [{"is": 1, "half": None}, {"is": 2, "half": 1}]}
        assert [error["path"] for error in payload["errors"]] == [["numbers", 0, "half"]]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { a: count(to: 1) b: count(to: 1) }", "GRAPHQL_VALIDATION_FAILED"),
        ("query A { hello } query B { hello }", "OPERATION_RESOLUTION_FAILURE"),
        ("subscription ($to: Int!) { count(to: $to) }", "BAD_USER_INPUT"),
        ("query ($to: Int!) { hello fails(how: $to) }", "GRAPHQL_VALIDATION_FAILED"),
        ('subscription { breaks(how: "at once") }', "ORDER_NOT_OPEN"),
    ],
)
def test_an_operation_that_does_not_begin(client: Client, document: str, code: str) -> None:
    with greeted(client.server, client.key) as talk:
        talk.subscribe("1", document)
        heard = talk.hear()
        assert (heard["type"], heard["id"]) == ("error", "1")
        assert [error["extensions"] for error in heard["payload"]] == [{"code": code}]
        talk.subscribe("1", "{ hello }")
        assert talk.result("1") == {"data": {"hello": "hello you"}}, "nothing follows an error"


def test_a_source_that_breaks_midway(client: Client) -> None:
    with greeted(client.server, client.key) as talk:
        for how, code in (("refusal", "ORDER_NOT_OPEN"), ("unexpected", "INTERNAL_ERROR")):
            talk.subscribe(how, f'subscription {{ breaks(how: "{how}") }}')
            assert talk.hear() == {"id": how, "type": "next", "payload": {"data": {"breaks": 1}}}
            heard = talk.hear()
            assert (heard["type"], heard["id"]) == ("error", how)
            assert heard["payload"][0]["extensions"] == {"code": code}
            assert toy.SECRET not in str(heard)


def test_the_client_ends_a_subscription(client: Client) -> None:
    toy.began.clear()
    with greeted(client.server, client.key) as talk:
        talk.subscribe("1", "subscription { forever }")
        assert talk.hear()["payload"] == {"data": {"forever": "x" * 10}}
        talk.say("complete", "1")
        talk.say("complete", "no such one")
        wait_until(lambda: toy.began == ["forever", "-forever"])
        talk.subscribe("1", "{ hello }")
        heard = talk.hear()
        while heard["payload"]["data"].keys() == {"forever"}:
            heard = talk.hear()
        assert heard["payload"] == {"data": {"hello": "hello you"}}
        assert talk.hear() == {"id": "1", "type": "complete"}


def test_the_client_goes_away(client: Client) -> None:
    toy.began.clear()
    with greeted(client.server, client.key) as talk:
        for id_ in "ab":
            talk.subscribe(id_, "subscription { forever }")
        for _ in range(4):
            talk.hear()
        talk.connection.close()
    wait_until(lambda: sorted(toy.began) == ["-forever", "-forever", "forever", "forever"])


def test_ping_and_pong(client: Client) -> None:
    with conversation(client.server) as talk:
        talk.say("ping", payload={"at": 1})
        assert talk.hear() == {"type": "pong", "payload": {"at": 1}}
        talk.say("connection_init", payload=client.authorization)
        assert talk.hear() == {"type": "connection_ack"}
        talk.say("ping")
        assert talk.hear() == {"type": "pong"}
        talk.say("pong")
        talk.subscribe("1", "{ hello }")
        assert talk.result("1") == {"data": {"hello": "hello you"}}


@pytest.mark.parametrize(
    "message",
    [
        "no JSON",
        "[]",
        "{}",
        '{"type":1}',
        '{"type":"start"}',
        '{"type":"subscribe"}',
        '{"type":"subscribe","id":"","payload":{"query":"{ hello }"}}',
        '{"type":"subscribe","id":7,"payload":{"query":"{ hello }"}}',
        '{"type":"subscribe","id":"1"}',
        '{"type":"subscribe","id":"1","payload":{}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{ hello }","variables":[]}}',
        '{"type":"complete"}',
        b'{"type":"ping"}',
    ],
)
def test_a_message_that_is_none(client: Client, message: str | bytes) -> None:
    with greeted(client.server, client.key) as talk:
        talk.say_raw(message)
        code, reason = talk.closed()
        assert (code, reason.partition(":")[0]) == (4400, "Invalid message")


def test_asking_before_being_let_in(client: Client) -> None:
    with conversation(client.server, headers=client.authorization) as talk:
        talk.subscribe("1", "{ hello }")
        assert talk.closed() == (4401, "Unauthorized")


def test_a_stranger_that_talks_nonsense(client: Client) -> None:
    with conversation(client.server, headers=client.authorization) as talk:
        talk.say("complete", "1")
        assert talk.closed()[0] == 4400


def test_greeting_twice(client: Client) -> None:
    with greeted(client.server, client.key) as talk:
        talk.say("connection_init", payload=client.authorization)
        assert talk.closed() == (4429, "Too many initialisation requests")


def test_an_id_that_is_taken(client: Client) -> None:
    with greeted(client.server, client.key) as talk:
        for _ in range(2):
            talk.subscribe("twice", "subscription { forever }")
        assert talk.closed() == (4409, "Subscriber for twice already exists")


@pytest.mark.parametrize("protocol", ["graphql-ws", ""])
def test_another_protocol(client: Client, protocol: str) -> None:
    """The older one of the two has the name of the newer one's library."""
    with conversation(client.server, headers=client.authorization, protocol=protocol) as talk:
        assert talk.closed()[0] == 4406


def test_a_bad_idempotency_key(client: Client) -> None:
    with greeted(client.server, client.key) as talk:
        for n, key in enumerate(("", "k" * 256, 5, "a\nb")):
            talk.subscribe(str(n), 'mutation { memo(text: "x") }', extensions={"idempotencyKey": key})
            heard = talk.hear()
            assert (heard["type"], heard["payload"][0]["extensions"]) == ("error", {"code": "INVALID_REQUEST"})


def test_a_message_over_the_limit(client: Client) -> None:
    with greeted(client.server, client.key) as talk:
        talk.subscribe("1", "{ hello }" + " " * BODY_LIMIT)
        assert talk.closed()[0] == 1009


@pytest.mark.parametrize("path", ["/toy", "/toy/token", "/toy/graphql/x", "/rest", "/rest/openapi.json"])
def test_where_there_is_no_socket(sqlite_toy: Toy, path: str) -> None:
    """Refused with the dialect's own words, before the handshake is done."""
    with pytest.raises(InvalidStatus) as refused, conversation(sqlite_toy, path):
        pass
    answer = refused.value.response
    assert answer.status_code == 404
    assert answer.body == b'{"toy":"no_such_route","fields":[]}'
    assert answer.headers["X-Request-Id"]
    assert answer.headers["X-Toy"] == "1"


def test_where_there_is_nothing_at_all(sqlite_toy: Toy) -> None:
    with pytest.raises(InvalidStatus) as refused, conversation(sqlite_toy, "/nowhere"):
        pass
    assert refused.value.response.status_code == 403


def test_what_is_logged_of_a_connection(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "dragoman.request")
    headers = {"X-Request-Id": "socket-1"}
    with conversation(client.server, headers=headers) as talk:
        assert talk.connection.response is not None
        assert talk.connection.response.headers["X-Request-Id"] == "socket-1"
        talk.say("connection_init", payload=client.authorization)
        talk.hear()
        talk.say_raw("nonsense")
        assert talk.closed()[0] == 4400
    wait_until(lambda: any("facts" in vars(record) for record in caplog.records))
    (facts,) = [vars(record)["facts"] for record in caplog.records if record.name == "dragoman.request"]
    assert facts | {"ms": 0} == {
        "request_id": "socket-1",
        "tenant": client.tenant_id,
        "credential": client.credential.id,
        "dialect": "toy",
        "operation": "socket",
        "method": "WEBSOCKET",
        "status": 101,
        "outcome": "4400",
        "ms": 0,
    }
