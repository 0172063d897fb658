"""What every dialect must withstand, whatever it speaks: each inherits the class, and says how its own errors look."""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import httpx
import pytest

from app.core.refusal import Code
from app.web.contract import all_problems
from app.web.dialect import Dialect, discover
from app.web.faults import FaultCode, Problem
from app.web.reply import Reply
from tests.dialects.bad_input import BAD_KEYS, BROKEN, MEGABYTE, NOT_OBJECTS, STRANGE_IDS, chunks
from tests.dialects.server import Server, Wire, authorization, headers_of, keyed, serve, succeeded
from tests.dialects.tenants import Tenant


class DialectContract(ABC):
    """Subclass as `Test…` in `tests/dialects/<name>/test_contract.py`."""

    name: ClassVar[str]
    statuses: ClassVar[Mapping[str, int]]
    """The status of every `Code` and `FaultCode`, literally: a second opinion beside the dialect's own table."""

    @abstractmethod
    def render(self, problem: Problem) -> Reply:
        """The dialect's own words for a problem."""

    @abstractmethod
    def check_error(self, answer: httpx.Response) -> None:
        """Asserts that the answer's body and headers are an error as the dialect documents it."""

    @abstractmethod
    def read(self, order_id: str) -> Wire:
        """Reads the order; `order_id` is already escaped for a path."""

    @abstractmethod
    def change(self, order_id: str) -> Wire:
        """Changes an open order so that it cannot be repeated, and takes a JSON body."""

    # -- what a subclass need not touch, unless its kind of dialect has other ways to say it

    again: ClassVar[str] = Code.ALREADY_CANCELLED.value
    """The outcome that log and metrics show for `change` made again on the same order."""
    too_long: ClassVar[FaultCode] = FaultCode.NO_ROUTE
    """What an order's id is that is longer than any server would read."""

    @property
    def dialect(self) -> Dialect:
        return next(dialect for dialect in discover() if dialect.name == self.name)

    def refused(self, answer: httpx.Response, code: Code | FaultCode) -> httpx.Response:
        assert answer.status_code == self.statuses[code], answer.text[:500]
        self.check_error(answer)
        return answer

    def check_unknown(self, answer: httpx.Response) -> None:
        """An escaped slash is a slash to every router: no such order, or no such route."""
        assert answer.status_code in {self.statuses[Code.ORDER_NOT_FOUND], self.statuses[FaultCode.NO_ROUTE]}
        self.check_error(answer)

    def check_again(self, answer: httpx.Response) -> None:
        """Asserts that `change`, made again on the same order, was refused."""
        assert answer.status_code >= 400
        self.check_error(answer)

    # who is asking: every operation with every kind of bad key is in `tests/security/test_access.py`

    def test_an_empty_key(self, tenant: Tenant) -> None:
        for wire in (self.read("x"), self.change("x")):
            for empty in (dict.fromkeys(authorization(wire.path, ""), value) for value in ("", "Bearer")):
                bare = Wire(wire.method, wire.path, wire.body, headers={**wire.headers, **empty})
                self.refused(tenant.server.send(bare), Code.UNAUTHENTICATED)

    def test_an_inactive_tenant(self, server: Server) -> None:
        tenant = Tenant.add(server)
        order, fresh = tenant.create(), tenant.add_key()
        tenant.deactivate()
        # The tenant's first key is remembered by the server, the fresh one has to be looked up.
        for key in (tenant.key, fresh):
            for wire in (self.read(order["id"]), self.change(order["id"])):
                self.refused(tenant.send(wire, key=key), Code.TENANT_INACTIVE)

    def test_another_tenants_order_is_an_unknown_one(self, tenant: Tenant) -> None:
        other = Tenant.add(tenant.server)
        order = tenant.create(keys={self.name: "theirs"})
        before = tenant.snapshot(order["id"])
        for make in (self.read, self.change):
            unknown = self.refused(other.send(make(STRANGE_IDS["unknown"])), Code.ORDER_NOT_FOUND)
            for order_id in (order["id"], "theirs"):
                theirs = other.send(make(order_id))
                assert (theirs.status_code, theirs.content) == (unknown.status_code, unknown.content)
                assert headers_of(theirs) == headers_of(unknown)
        assert tenant.snapshot(order["id"]) == before

    # where to

    @pytest.mark.parametrize("id_", STRANGE_IDS.values(), ids=STRANGE_IDS.keys())
    def test_an_unknown_order(self, tenant: Tenant, id_: str) -> None:
        for wire in (self.read(id_), self.change(id_)):
            answer = tenant.send(wire)
            self.check_unknown(answer)
            assert len(answer.content) < 10_000

    def test_an_order_id_of_a_megabyte(self, tenant: Tenant) -> None:
        """The HTTP server reads no path over 64 KiB to its end, and the dialect has the word all the same."""
        order = tenant.create()
        for wire in (self.read("a" * MEGABYTE), self.change("a" * MEGABYTE)):
            self.refused(tenant.server.send_long(wire, tenant.key), self.too_long)
        assert succeeded(tenant.send(self.read(order["id"])))

    def test_an_unknown_path(self, tenant: Tenant) -> None:
        for prefix in self.dialect.prefixes:
            for path in ("/no/such/path", "/", "", "/%00", "/orders/x/y/z/w"):
                self.refused(tenant.send(Wire("GET", prefix + path)), FaultCode.NO_ROUTE)

    def test_an_unknown_method(self, tenant: Tenant) -> None:
        order = tenant.create()
        wire = self.change(order["id"])
        before = tenant.snapshot(order["id"])
        for method in ("FOO", "PURGE", "PUT"):
            answer = self.refused(tenant.send(Wire(method, wire.path, wire.body)), FaultCode.METHOD)
            assert wire.method in answer.headers["Allow"].split(", ")
        assert tenant.snapshot(order["id"]) == before

    # what is said

    @pytest.mark.parametrize("raw", BROKEN.values(), ids=BROKEN.keys())
    def test_no_json(self, tenant: Tenant, raw: bytes) -> None:
        self._unchanged(tenant, raw, FaultCode.MALFORMED)

    @pytest.mark.parametrize("raw", NOT_OBJECTS.values(), ids=NOT_OBJECTS.keys())
    def test_no_object(self, tenant: Tenant, raw: bytes) -> None:
        self._unchanged(tenant, raw, FaultCode.NOT_AN_OBJECT)

    @pytest.mark.parametrize("type_", ["text/plain", "application/x-www-form-urlencoded", "nonsense", "text/xml"])
    def test_another_content_type(self, tenant: Tenant, type_: str) -> None:
        order = tenant.create()
        before = tenant.snapshot(order["id"])
        wire = self.change(order["id"])
        sent = Wire(wire.method, wire.path, wire.body, headers={**wire.headers, "Content-Type": type_})
        self.refused(tenant.send(sent), FaultCode.MEDIA_TYPE)
        assert tenant.snapshot(order["id"]) == before

    def test_a_body_over_the_limit(self, tenant: Tenant) -> None:
        order = tenant.create()
        before = tenant.snapshot(order["id"])
        wire = self.change(order["id"])
        told = b"".join(chunks(2 * MEGABYTE))
        self.refused(tenant.send(Wire(wire.method, wire.path, raw=told, headers=wire.headers)), FaultCode.TOO_LARGE)
        untold = tenant.server.stream(wire, chunks(2 * MEGABYTE), tenant.key)
        self.refused(untold, FaultCode.TOO_LARGE)
        assert tenant.snapshot(order["id"]) == before

    @pytest.mark.parametrize("key", BAD_KEYS.values(), ids=BAD_KEYS.keys())
    def test_a_bad_idempotency_key(self, tenant: Tenant, key: bytes) -> None:
        order = tenant.create()
        before = tenant.snapshot(order["id"])
        self.refused(tenant.send(keyed(self.change(order["id"]), key)), FaultCode.INVALID)
        assert tenant.snapshot(order["id"]) == before

    def _unchanged(self, tenant: Tenant, raw: bytes, code: FaultCode) -> None:
        order = tenant.create()
        before = tenant.snapshot(order["id"])
        wire = self.change(order["id"])
        self.refused(tenant.send(Wire(wire.method, wire.path, raw=raw, headers=wire.headers)), code)
        assert tenant.snapshot(order["id"]) == before

    def test_request_id(self, tenant: Tenant) -> None:
        order = tenant.create()
        read = self.read(order["id"])
        named = Wire(read.method, read.path, read.body, headers={**read.headers, "X-Request-Id": "mine-1"})
        assert tenant.send(named).headers["X-Request-Id"] == "mine-1"
        assert tenant.send(named, key="bad").headers["X-Request-Id"] == "mine-1"
        first, second = (tenant.send(read).headers["X-Request-Id"] for _ in range(2))
        assert first != second

    # a key for a retry

    def test_a_retry_is_answered_as_before(self, tenant: Tenant) -> None:
        order = tenant.create()
        wire = keyed(self.change(order["id"]))
        first = tenant.send(wire)
        assert succeeded(first), first.text
        after = tenant.snapshot(order["id"])
        again = tenant.send(wire)
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["Idempotency-Replayed"] == "true"
        assert "Idempotency-Replayed" not in first.headers
        assert tenant.snapshot(order["id"]) == after

    def test_a_key_belongs_to_its_request(self, tenant: Tenant) -> None:
        order, other = tenant.create(), tenant.create()
        before = tenant.snapshot(other["id"])
        assert succeeded(tenant.send(keyed(self.change(order["id"]))))
        self.refused(tenant.send(keyed(self.change(other["id"]))), Code.KEY_REUSED)
        assert tenant.snapshot(other["id"]) == before
        assert succeeded(tenant.send(keyed(self.change(other["id"])), key=tenant.add_key()))

    def test_a_refusal_is_not_stored(self, tenant: Tenant) -> None:
        order, other = tenant.create(), tenant.create()
        assert succeeded(tenant.send(self.change(order["id"])))
        before = tenant.snapshot(order["id"])
        refused = tenant.send(keyed(self.change(order["id"])))
        self.check_again(refused)
        assert tenant.snapshot(order["id"]) == before
        answer = tenant.send(keyed(self.change(other["id"])))
        assert succeeded(answer), answer.text
        assert "Idempotency-Replayed" not in answer.headers

    def test_twenty_at_once_take_effect_once(self, tenant: Tenant) -> None:
        order = tenant.create()
        wire = keyed(self.change(order["id"]))
        with ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _: tenant.send(wire), range(20)))
        assert {(answer.status_code, answer.content) for answer in answers} == {
            (answers[0].status_code, answers[0].content)
        }
        assert succeeded(answers[0]), answers[0].text
        assert sum("Idempotency-Replayed" in answer.headers for answer in answers) == 19
        assert len(tenant.events(order["id"])) == 2

    def test_a_retry_after_a_restart(self, tenant: Tenant) -> None:
        order = tenant.create()
        wire = keyed(self.change(order["id"]))
        first = tenant.send(wire)
        after = tenant.snapshot(order["id"])
        with serve(tenant.server.database_url) as restarted:
            again = restarted.send(wire, tenant.key)
        assert (again.status_code, again.content) == (first.status_code, first.content)
        assert again.headers["Idempotency-Replayed"] == "true"
        assert tenant.snapshot(order["id"]) == after

    # totality

    def test_it_has_words_for_every_problem(self) -> None:
        assert self.statuses.keys() == {*Code, *FaultCode}
        for problem in all_problems():
            reply = self.render(problem)
            assert reply.status == self.statuses[problem.code], problem
            headers = {**reply.headers, "Content-Type": reply.media_type}
            self.check_error(httpx.Response(reply.status, headers=headers, content=reply.body))

    def test_a_problem_without_facts_has_words(self) -> None:
        for problem in all_problems():
            bare = type(problem)(problem.code)  # type: ignore[arg-type]
            assert self.render(bare).status == self.statuses[problem.code], problem

    def test_the_contract_is_served(self, server: Server) -> None:
        for path, text in self.dialect.contract().items():
            if path.endswith(".json"):
                for prefix in self.dialect.prefixes:
                    served = server.send(Wire("GET", f"{prefix}/openapi.json"))
                    assert served.text == text
                    assert served.headers["Content-Type"] == "application/json"
                assert json.loads(text)["openapi"].startswith("3.1")
