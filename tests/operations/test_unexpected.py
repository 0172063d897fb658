"""A fault in a mapping: the dialect's own 500, a traceback under the request's id, and nothing written."""

import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from app.dialects.native import mapping
from app.web.dialect import discover
from app.web.faults import FaultCode
from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant
from tests.operations.reading import Logged, Metrics, contract_of, request_line

_NAMES = [dialect.name for dialect in discover()]
_SAID = "Wilhelmina Vandersloot <wilhelmina@vandersloot.example>"


class _BrokenError(Exception):
    pass


@contextmanager
def _broken(name: str) -> Iterator[None]:
    def fail(*_: Any, **__: Any) -> None:
        try:
            raise KeyError(_SAID)
        except KeyError as error:
            raise _BrokenError(_SAID) from error

    with pytest.MonkeyPatch.context() as patched:
        for drawn in contract_of(name).drawn_by:
            module, function = drawn.split(".")
            patched.setattr(importlib.import_module(f"app.dialects.{name}.{module}"), function, fail)
        yield


@pytest.mark.parametrize("name", _NAMES)
def test_a_fault_after_the_decision_changes_nothing(name: str, tenant: Tenant, logged: Logged) -> None:
    order, contract = tenant.create(), contract_of(name)
    before = tenant.snapshot(order["id"])
    change = contract.change(order["id"])
    keyed = Wire(change.method, change.path, change.body, headers={"Idempotency-Key": "k", "X-Request-Id": "broken"})
    with _broken(name):
        answer = tenant.send(keyed)
    contract.refused(answer, FaultCode.INTERNAL)
    assert answer.headers["X-Request-Id"] == "broken"
    assert _SAID not in answer.text
    assert tenant.snapshot(order["id"]) == before
    # The key was not used up: the same request now does what it should.
    assert tenant.send(keyed).status_code == 200
    assert tenant.snapshot(order["id"]) != before


@pytest.mark.parametrize("name", _NAMES)
def test_it_is_logged_for_whoever_mends_it(name: str, tenant: Tenant, logged: Logged) -> None:
    order, contract = tenant.create(), contract_of(name)
    read = contract.read(order["id"])
    seen = Metrics(tenant.server)
    with _broken(name):
        answer = tenant.send(Wire(read.method, read.path, read.body, headers={"X-Request-Id": f"read-{name}"}))
    contract.refused(answer, FaultCode.INTERNAL)
    trouble, line = logged.of(f"read-{name}")
    assert (trouble["level"], trouble["logger"]) == ("error", "dragoman.web")
    for told in ("_BrokenError", "builtins.KeyError", "in fail", f"app/dialects/{name}/{contract.drawn_in}.py"):
        assert told in trouble["traceback"]
    assert line == request_line(logged, f"read-{name}")
    assert (line["outcome"], line["status"]) == ("internal_error", answer.status_code)
    labels = {"dialect": name, "operation": line["operation"], "outcome": "internal_error"}
    counted = Metrics(tenant.server).get("dragoman_requests_total", **labels)
    assert counted == seen.get("dragoman_requests_total", **labels) + 1


@pytest.mark.parametrize("name", _NAMES)
def test_what_the_exception_says_may_be_personal(name: str, tenant: Tenant, logged: Logged) -> None:
    order, contract = tenant.create(), contract_of(name)
    read = contract.read(order["id"])
    with _broken(name):
        tenant.send(Wire(read.method, read.path, read.body, headers={"X-Request-Id": "personal"}))
    assert logged.of("personal")
    assert "_BrokenError" in logged.text
    assert "Wilhelmina" not in logged.text


def test_creating_through_a_broken_mapping_creates_nothing(tenant: Tenant) -> None:
    body = {"number": "1", "currency": "EUR", "lines": [{"sku": "MUG", "quantity": 1, "unit_price": 1}]}
    with _broken("native"):
        assert tenant.send(Wire("POST", "/api/orders", body)).status_code == 500
    assert tenant.api("GET", "/orders")["orders"] == []
    assert tenant.api("GET", "/events")["events"] == []
    assert tenant.api("POST", "/orders", body)["number"] == "1"


def test_a_fault_midway_through_a_stream_cuts_it_off(
    tenant: Tenant, logged: Logged, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The status is out already: an end too early is all that can still tell the client."""

    def fail(*_: Any) -> None:
        raise _BrokenError(_SAID)

    monkeypatch.setattr(mapping, "to_create", fail)
    order = {"currency": "EUR", "lines": [{"sku": "MUG", "quantity": 1, "unit_price": 1}]}
    wire = Wire("POST", "/api/orders/import", raw=json.dumps(order).encode(), headers={"X-Request-Id": "stream"})
    with pytest.raises(httpx.RemoteProtocolError):
        tenant.send(wire)
    [trouble] = [line for line in logged.of("stream") if "traceback" in line]
    assert "_BrokenError" in trouble["traceback"]
    assert request_line(logged, "stream")["outcome"] == "internal_error"
    assert "Wilhelmina" not in logged.text
    assert tenant.api("GET", "/orders")["orders"] == []
