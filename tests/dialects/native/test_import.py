"""`POST /api/orders/import`: a result for each line, whatever the lines are and however the client behaves."""

import json
import re
import socket
import time
from collections.abc import Callable

from app.core.ports import Query
from app.service.importing import BATCH
from tests.dialects.native.importing import BULK, IMPORT, begun, chunk, in_chunks, ndjson, numbers, order, results
from tests.dialects.server import PATIENCE, Wire
from tests.dialects.tenants import Tenant


def test_good_lines_and_bad_ones(tenant: Tenant) -> None:
    keyed = order(keys={"shopline": "S-1"})
    keyed["lines"][0]["keys"] = {"convictional": "L-1"}
    line_taken = order(number="8")
    line_taken["lines"][0]["keys"] = {"convictional": "L-1"}
    zero = order(number="5")
    zero["lines"][0]["quantity"] = 0
    rows = [order(number="1"), "", '{"number": ', zero, keyed, "   ", "[]", line_taken, order(number="1"), keyed]
    done = results(tenant, IMPORT, ndjson([*rows, order(number="11", state="draft")], end=""))
    assert [(each["line"], each["status"], each["number"]) for each in done] == [
        (1, "created", "1"),
        (3, "rejected", None),
        (4, "rejected", None),
        (5, "created", done[3]["number"]),
        (7, "rejected", None),
        (8, "rejected", "8"),
        (9, "exists", "1"),
        (10, "exists", None),
        (11, "created", "11"),
    ]
    problems = [(each["problem"]["status"], each["problem"]["code"]) for each in done if each["status"] == "rejected"]
    assert problems == [
        (400, "malformed_body"),
        (422, "invalid_request"),
        (400, "body_not_an_object"),
        (409, "duplicate"),
    ]
    assert done[2]["problem"]["errors"] == [
        {"field": "lines.0.quantity", "message": "input should be greater than or equal to 1"}
    ]
    assert {each["id"] for each in done if each["status"] == "rejected"} == {None}
    assert (done[6]["id"], done[7]["id"]) == (done[0]["id"], done[3]["id"])
    assert numbers(tenant) == sorted(["1", "11", done[3]["number"]])
    assert tenant.api("GET", f"/orders/{done[8]['id']}")["state"] == "draft"
    assert [event["type"] for event in tenant.events(done[0]["id"])] == ["order.created"]


def test_language_and_what_came_in(tenant: Tenant) -> None:
    paid = {"status": "paid", "method": "card", "amount": 150}
    good, bad = order(language="pt-BR", payment=paid), order(language="not a language", payment={"amount": -1})
    made, refused = results(tenant, IMPORT, ndjson([good, bad]))
    found = tenant.api("GET", f"/orders/{made['id']}")
    assert (found["language"], found["payment"], found["paid"], found["total"]) == ("pt-BR", paid, 150, 200)
    assert [each["field"] for each in refused["problem"]["errors"]] == ["payment.amount", "language"]


def test_the_same_file_twice(tenant: Tenant) -> None:
    raw = ndjson([order(number="1"), order(keys={"shopline": "S-1"})])
    first, again = (results(tenant, IMPORT, raw) for _ in range(2))
    assert [each["status"] for each in again] == ["exists", "exists"]
    assert [each["id"] for each in again] == [each["id"] for each in first]


def test_orders_that_have_no_name_under_an_idempotency_key(tenant: Tenant) -> None:
    rows = [order(), order(), order(note="other")]
    first = results(tenant, IMPORT, ndjson(rows), **{"Idempotency-Key": "k"})
    again = results(tenant, IMPORT, ndjson(rows), **{"Idempotency-Key": "k"})
    assert [each["status"] for each in first] == ["created"] * 3
    assert again == [{**each, "status": "exists"} for each in first]
    # Another line under the same key is another order: it must not be taken for the one that was there.
    other = results(tenant, IMPORT, ndjson([rows[0], order(note="changed"), rows[2]]), **{"Idempotency-Key": "k"})
    assert [each["status"] for each in other] == ["exists", "created", "exists"]
    assert [each["status"] for each in results(tenant, IMPORT, ndjson(rows))] == ["created"] * 3
    assert len(numbers(tenant)) == 7


def test_two_clients_may_have_the_same_idempotency_key(tenant: Tenant) -> None:
    other = tenant.add_key()
    for key in (tenant.key, other):
        wire = Wire("POST", IMPORT, raw=ndjson([order()]), headers={"Idempotency-Key": "k"})
        assert tenant.send(wire, key=key).json()["status"] == "created"
    assert len(numbers(tenant)) == 2


def test_lines_over_the_limit(tenant: Tenant) -> None:
    long = json.dumps(order(number="2", metadata={"x": "a" * (1 << 20)}))
    for end in ("\n", ""):
        done = results(tenant, IMPORT, ndjson([order(number="1"), long, order(number="3"), long], end=end))
        assert [each["line"] for each in done] == [1, 2, 3, 4]
        assert [each.get("problem", {}).get("code") for each in done] == [None, "body_too_large"] * 2
    assert numbers(tenant) == ["1", "3"]


def test_lines_cut_anywhere(tenant: Tenant) -> None:
    raw = ndjson([order(number="ü 1"), order(number="2"), order(number="3")], end="")
    for size in (1, 7, 100):
        wire = Wire("POST", IMPORT, headers={"Content-Type": "application/x-ndjson"})
        answer = tenant.server.stream(wire, in_chunks(raw, size), tenant.key)
        assert [json.loads(line)["number"] for line in answer.content.splitlines()] == ["ü 1", "2", "3"]
    assert len(numbers(tenant)) == 3


def test_nothing_at_all(tenant: Tenant) -> None:
    for raw in (b"", b"\n", b" \r\n\t\n"):
        assert results(tenant, IMPORT, raw) == []


def test_content_types(tenant: Tenant) -> None:
    raw = ndjson([order(number="1")])
    for good in ("application/x-ndjson", "application/jsonl; charset=utf-8", "application/json", "text/plain", ""):
        answer = tenant.send(Wire("POST", IMPORT, raw=raw, headers={"Content-Type": good}))
        assert answer.status_code == 200, good
    for bad in ("application/x-www-form-urlencoded", "text/csv", "application/gzip"):
        answer = tenant.send(Wire("POST", IMPORT, raw=ndjson([order(number="2")]), headers={"Content-Type": bad}))
        assert answer.status_code == 415, bad
        assert answer.json()["errors"] == [{"field": "Content-Type", "message": "must be application/x-ndjson"}]
    assert numbers(tenant) == ["1"]


def test_results_come_while_the_client_still_sends(tenant: Tenant) -> None:
    connection = begun(tenant, IMPORT)
    connection.send(chunk(ndjson(order(number=str(n)) for n in range(500))))
    response = connection.getresponse()
    lines = [json.loads(response.readline()) for _ in range(500)]
    assert {each["status"] for each in lines} == {"created"}
    connection.close()


def test_a_client_that_goes_away_midway(tenant: Tenant) -> None:
    """Whole lines are taken; the one that was cut is not, even if what came of it could be read."""
    before = _finished(tenant)
    connection = begun(tenant, IMPORT)
    connection.send(chunk(ndjson(order(number=str(n)) for n in range(BATCH + 1)) + json.dumps(order()).encode()))
    _until(lambda: _there(tenant) == BATCH)  # so that all that was sent has been read
    connection.close()
    _until(lambda: _finished(tenant) > before)
    assert _there(tenant) == BATCH + 1


def test_a_client_that_goes_away_while_it_cancels(tenant: Tenant) -> None:
    ids = [tenant.create()["id"] for _ in range(2)]
    before = _finished(tenant)
    connection = begun(tenant, BULK)
    connection.send(chunk(f'"{ids[0]}"\n"{ids[1]}"'.encode()))
    _until(lambda: tenant.api("GET", f"/orders/{ids[0]}")["cancelled"])
    connection.close()
    _until(lambda: _finished(tenant) > before)
    assert not tenant.api("GET", f"/orders/{ids[1]}")["cancelled"]


def test_a_client_that_reads_nothing_until_it_has_sent_all(tenant: Tenant) -> None:
    """Two thousand orders: neither the 20 MB sent nor the 10 MB of results fit into the buffers between."""
    bad = {"lines": [{"sku": "", "quantity": 0, "unit_price": -1}] * 50, "padding": "x" * 20_000}
    raw = ndjson(order(number=f"{n:06d}".ljust(250, "ü")) | (bad if n % 2 else {}) for n in range(2_000))
    host, _, port = tenant.server.base.removeprefix("http://").partition(":")
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.settimeout(PATIENCE)
        client.connect((host, int(port)))
        head = f"POST {IMPORT} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {tenant.key}\r\nConnection: close\r\n"
        client.sendall(f"{head}Content-Length: {len(raw)}\r\n\r\n".encode() + raw)
        read = b""
        while some := client.recv(65_536):
            read += some
    assert read.count(b'"status":"created"') == 1_000
    assert read.count(b'"status":"rejected"') == 1_000
    assert len(read) > 10_000_000


def test_a_key_without_the_scope_sends_nothing(tenant: Tenant) -> None:
    reader = tenant.add_key(scopes=("read_orders",))
    answer = tenant.send(Wire("POST", IMPORT, raw=ndjson([order(number="1")])), key=reader)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert numbers(tenant) == []


def _there(tenant: Tenant) -> int:
    return int(tenant.server.run(tenant.server.store.count, tenant.id, Query()))


def _finished(tenant: Tenant) -> int:
    """How many streams of all tests this server has come to the end of; each is counted there."""
    text = tenant.server.send(Wire("GET", "/metrics")).text
    found = re.findall(r'dragoman_requests_total\{.*operation="(?:import_orders|cancel_orders)".*\} (\d+)', text)
    return sum(map(int, found))


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.01)
