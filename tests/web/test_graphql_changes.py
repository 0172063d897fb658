"""Changing fields: each is its own commit, none before its payload is complete, each at most once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest

from tests.web.server import Client

CANCEL = "mutation ($id: String!) { cancel(id: $id) { id type state order { id lines { sku open } } } }"
CREATED, CANCELLED = "order.created", "cancellation.accepted"


def test_the_payload_shows_what_was_committed(writer: Client) -> None:
    order = writer.order()
    cancelled = writer.data(CANCEL, {"id": order})["cancel"]
    assert cancelled == {
        "id": cancelled["id"],
        "type": "CANCEL",
        "state": "ACCEPTED",
        "order": {"id": order, "lines": [{"sku": "MUG", "open": 0}, {"sku": "TEA", "open": 0}]},
    }
    assert writer.history(order) == [CREATED, CANCELLED]


def test_several_changing_fields_one_after_another(writer: Client) -> None:
    order = writer.order()
    document = """
      mutation ($id: String!) {
        first: remark(id: $id, input: { note: "one" }) { note }
        second: remark(id: $id, input: { note: "two" }) { note lines { open } }
        cancel(id: $id) { state order { note } }
        again: tolerant(id: $id) { state message }
        late: cancel(id: $id) { state }
      }
    """
    answer = writer.post(document, {"id": order}).json()
    assert answer["data"] == {
        "first": {"note": "one"},
        "second": {"note": "two", "lines": [{"open": 2}, {"open": 1}]},
        "cancel": {"state": "ACCEPTED", "order": {"note": "two"}},
        "again": {"state": "REJECTED", "message": "already_cancelled"},
        "late": None,
    }
    assert list(answer["data"]) == ["first", "second", "cancel", "again", "late"]
    assert [(e["path"], e["extensions"]["code"]) for e in answer["errors"]] == [(["late"], "ALREADY_CANCELLED")]
    assert writer.history(order) == [CREATED, "order.updated", "order.updated", CANCELLED]


@pytest.mark.parametrize(
    ("selected", "path"),
    [
        ("order { broken }", ["order", "broken"]),
        ("order { brokenStrictly }", ["order", "brokenStrictly"]),
        ("id order { id self { broken } }", ["order", "self", "broken"]),
        ("order { lines { sku later } }", ["order", "lines", 0, "later"]),
    ],
)
def test_a_payload_that_cannot_be_drawn_leaves_nothing_behind(writer: Client, selected: str, path: list[str]) -> None:
    """Also where a null could stand in its place: nothing was done, and the client must not believe it was."""
    order = writer.order()
    for document in (
        f"mutation ($id: String!) {{ cancel(id: $id) {{ {selected} }} }}",
        f"mutation ($id: String!) {{ cancel(id: $id) {{ ...F }} }} fragment F on Request {{ {selected} }}",
    ):
        answer = writer.post(document, {"id": order}, Idempotency_Key="k").json()
        assert answer["data"] == {"cancel": None}
        (error,) = answer["errors"]
        assert error["path"] == ["cancel", *path]
        assert error["extensions"] == {"code": "INTERNAL_ERROR"}
    assert writer.history(order) == [CREATED]
    assert writer.data(CANCEL, {"id": order}, Idempotency_Key="k")["cancel"]["state"] == "ACCEPTED"


def test_a_field_that_may_not_be_null(writer: Client) -> None:
    """Its error takes the whole data with it, but not what fields before it did."""
    order, other = writer.order(), writer.order()
    document = """
      mutation ($id: String!, $other: String!) {
        cancel(id: $id) { state }
        cancelStrictly(id: $other) { order { broken } }
        never: cancel(id: $other) { state }
      }
    """
    answer = writer.post(document, {"id": order, "other": other}).json()
    assert answer["data"] is None
    assert [error["path"] for error in answer["errors"]] == [["cancelStrictly", "order", "broken"]]
    assert writer.history(order) == [CREATED, CANCELLED]
    assert writer.history(other) == [CREATED]


def test_creating(writer: Client) -> None:
    document = 'mutation { create(number: "T-1") { number lines { sku quantity } } }'
    made = {"create": {"number": "T-1", "lines": [{"sku": "MUG", "quantity": 2}, {"sku": "TEA", "quantity": 1}]}}
    first = writer.post(document, Idempotency_Key="k")
    assert first.json() == {"data": made}
    again = writer.post(document, Idempotency_Key="k")
    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")
    assert writer.post(document).json()["errors"][0]["extensions"] == {"code": "DUPLICATE"}


def test_a_retry_is_answered_as_before(writer: Client) -> None:
    order = writer.order()
    first = writer.post(CANCEL, {"id": order}, Idempotency_Key="k")
    assert "Idempotency-Replayed" not in first.headers
    again = writer.post(CANCEL, {"id": order}, Idempotency_Key="k")
    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert writer.history(order) == [CREATED, CANCELLED]


def test_the_same_request_in_other_json(writer: Client) -> None:
    order = writer.order()
    document = "mutation M($id: String!, $n: String!) { remark(id: $id, input: { note: $n }) { note } }"
    asked = {"query": document, "operationName": "M", "variables": {"id": order, "n": "one"}}
    first = writer.send(msgspec.json.encode(asked), Idempotency_Key="k")
    other = {"extensions": {"x": 1}, "variables": {"n": "one", "id": order}, "operationName": "M", "query": document}
    again = writer.send(msgspec.json.format(msgspec.json.encode(other)), Idempotency_Key="k")
    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert writer.history(order) == [CREATED, "order.updated"]


def test_another_request_under_the_same_key(writer: Client) -> None:
    order = writer.order()
    assert writer.data(CANCEL, {"id": order}, Idempotency_Key="k")
    for document, variables in (
        (CANCEL, {"id": writer.order()}),
        (CANCEL + " ", {"id": order}),
        (f"query Other {{ hello }} {CANCEL.replace('(', 'Named(', 1)}", {"id": order}),
    ):
        asked = {"query": document, "variables": variables, "operationName": "Named" if "Named" in document else None}
        answer = writer.send(msgspec.json.encode(asked), Idempotency_Key="k").json()
        assert answer["data"] == {"cancel": None}
        assert answer["errors"][0]["extensions"] == {"code": "IDEMPOTENCY_KEY_REUSED"}


def test_a_key_counts_for_each_field(writer: Client) -> None:
    """By its name in the answer. A second field that was refused the first time is tried again, the first is not."""
    order, other = writer.order(), writer.order()
    document = """
      mutation ($id: String!, $other: String!) {
        a: cancel(id: $id) { id } b: cancel(id: $other) { id order { note } }
      }
    """
    asked = {"id": order, "other": other}
    first = writer.post(document, asked, Idempotency_Key="k")
    again = writer.post(document, asked, Idempotency_Key="k")
    assert first.json()["data"]["a"]["id"] != first.json()["data"]["b"]["id"]
    assert (again.content, again.headers["Idempotency-Replayed"]) == (first.content, "true")
    for id_ in (order, other):
        assert writer.history(id_) == [CREATED, CANCELLED]


def test_only_part_was_done_before(writer: Client) -> None:
    order, number = writer.order(), "late"
    document = """
      mutation ($id: String!, $number: String!) { cancel(id: $id) { id } create(number: $number) { number } }
    """
    writer.data("mutation ($n: String!) { create(number: $n) { id } }", {"n": number})
    first = writer.post(document, {"id": order, "number": number}, Idempotency_Key="k")
    assert first.json()["data"]["create"] is None
    again = writer.post(document, {"id": order, "number": number}, Idempotency_Key="k")
    assert again.json() == first.json()
    assert again.headers["Idempotency-Replayed"] == "true", "all that succeeded did so before"
    assert writer.history(order) == [CREATED, CANCELLED]


def test_a_refusal_is_not_stored(writer: Client) -> None:
    order = writer.order()
    writer.data(CANCEL, {"id": order})
    tolerant = "mutation ($id: String!) { tolerant(id: $id) { state } }"
    for _ in range(2):
        answer = writer.post(tolerant, {"id": order}, Idempotency_Key="k")
        assert answer.json() == {"data": {"tolerant": {"state": "REJECTED"}}}
        assert "Idempotency-Replayed" not in answer.headers
    fresh = writer.post(tolerant, {"id": writer.order()}, Idempotency_Key="k")
    assert fresh.json() == {"data": {"tolerant": {"state": "ACCEPTED"}}}


def test_twenty_at_once_take_effect_once(writer: Client) -> None:
    order = writer.order()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: writer.post(CANCEL, {"id": order}, Idempotency_Key="k"), range(20)))
    assert {answer.content for answer in answers} == {answers[0].content}
    assert answers[0].json()["data"]["cancel"]["state"] == "ACCEPTED"
    assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 19
    assert writer.history(order) == [CREATED, CANCELLED]


def test_twenty_at_once_without_a_key(writer: Client) -> None:
    """Each draws its payload anew until it is the first, or sees that somebody else was."""
    order = writer.order()
    with ThreadPoolExecutor(20) as pool:
        answers = [a.json() for a in pool.map(lambda _: writer.post(CANCEL, {"id": order}), range(20))]
    assert sum(answer["data"]["cancel"] is not None for answer in answers) == 1
    codes = {error["extensions"]["code"] for answer in answers for error in answer.get("errors", ())}
    assert codes <= {"ALREADY_CANCELLED", "BUSY"}
    assert writer.history(order) == [CREATED, CANCELLED]


def test_keys_of_every_length(client: Client) -> None:
    longest = "k" * 255
    document = f"mutation ($t: String!) {{ {'a' * 300}: memo(text: $t) memo(text: $t) }}"
    scoped = client.data(document, {"t": "x"}, Idempotency_Key=longest)
    assert all(len(value) <= 255 + 2 for value in scoped.values())
    assert len(set(scoped.values())) == 2
    assert client.data('mutation { memo(text: "x") }', Idempotency_Key="k") == {"memo": "memo:k x"}


@pytest.mark.parametrize("key", [b"", b"k" * 256, b"a\xa0b", b"a\tb"])
def test_a_bad_key(client: Client, key: bytes) -> None:
    order = client.order()
    headers: Any = {name.encode(): text.encode() for name, text in client.authorization.items()}
    headers |= {b"Content-Type": b"application/json", b"Idempotency-Key": key}
    content = msgspec.json.encode({"query": CANCEL, "variables": {"id": order}})
    answer = client.server.request("POST", "/toy/graphql", content=content, headers=headers)
    assert (answer.status_code, answer.json()) == (400, {"toy": "invalid_request", "fields": ["Idempotency-Key"]})
    assert client.history(order) == [CREATED]
