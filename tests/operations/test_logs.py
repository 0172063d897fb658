"""Log lines: one JSON object for each request, with what an operator needs and nothing that is secret or personal."""

import json
import re
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest

from app.web.dialect import discover
from tests.dialects.server import Wire, authorization
from tests.dialects.tenants import Tenant
from tests.operations.reading import Logged, contract_of, operations_of, request_line

_NAMES = [dialect.name for dialect in discover()]
_ids = count(1)

_PERSON = {
    "name": "Wilhelmina Vandersloot",
    "company": "Vandersloot Tulpen BV",
    "address1": "Hortensiastraat 417",
    "address2": "tweede verdieping achter",
    "city": "Oude Pekela",
    "zip": "9665 ZQ",
    "province": "Groningen-Oost",
    "country_code": "NL",
    "phone": "+31698765432",
    "email": "wilhelmina@vandersloot.example",
}
_REASON = 'too late\n{"level": "error", "message": "forged"}\r\n\x1b[31m\x07\x9b\u2028forged again'
_NOTE = "call my sister Geertruida first"


def _personal() -> Iterator[str]:
    yield from (value for name, value in _PERSON.items() if name != "country_code")
    yield from ("forged", "Geertruida", "gold card 4242", "Voucher-Q7X")


def _order(**more: Any) -> dict[str, Any]:
    return {
        "customer": {name: _PERSON[name] for name in ("name", "email", "phone")},
        "shipping_address": _PERSON,
        "billing_address": _PERSON,
        "note": _NOTE,
        "payment": {"status": "paid", "method": "gold card 4242"},
        "metadata": {"voucher": "Voucher-Q7X"},
        **more,
    }


def _send(tenant: Tenant, wire: Wire, **more: Any) -> tuple[int, str]:
    """(status, request id)"""
    request_id = f"log-{next(_ids)}"
    named = Wire(wire.method, wire.path, wire.body, wire.raw, {**wire.headers, "X-Request-Id": request_id})
    answer = tenant.send(named, **more)
    assert answer.headers["X-Request-Id"] == request_id
    return answer.status_code, request_id


@pytest.mark.parametrize("name", _NAMES)
def test_a_line_says_who_did_what_and_what_came_of_it(name: str, tenant: Tenant, logged: Logged) -> None:
    order, contract = tenant.create(), contract_of(name)
    status, request_id = _send(tenant, contract.change(order["id"]))
    assert status == 200
    line = dict(request_line(logged, request_id))
    assert line.pop("ms") > 0
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line.pop("at"))
    credential = tenant.key.split(".")[1]
    operation = line.pop("operation")
    assert operation in operations_of(name)
    assert line == {
        "level": "info",
        "logger": "dragoman.request",
        "message": "request",
        "request_id": request_id,
        "tenant": tenant.id,
        "credential": credential,
        "dialect": name,
        "method": "POST",
        "status": 200,
        "outcome": "ok",
    }


@pytest.mark.parametrize("name", _NAMES)
def test_the_outcome_is_the_codes(name: str, tenant: Tenant, logged: Logged) -> None:
    order, contract = tenant.create(), contract_of(name)
    _send(tenant, contract.change(order["id"]))
    requests = {
        contract.again: _send(tenant, contract.change(order["id"])),
        "order_not_found": _send(tenant, contract.read("nothing")),
        "unauthenticated": _send(tenant, contract.read(order["id"]), key="drg_no.such.key"),
        "scope_missing": _send(tenant, contract.read(order["id"]), key=tenant.add_key(scopes=["fulfil_orders"])),
        "malformed_body": _send(tenant, Wire("POST", contract.change(order["id"]).path, raw=b"{")),
    }
    for outcome, (status, request_id) in requests.items():
        line = request_line(logged, request_id)
        assert (line["outcome"], line["status"], line["dialect"]) == (outcome, status, name)


def test_what_no_dialect_serves_is_logged_without_its_path(tenant: Tenant, logged: Logged) -> None:
    _, request_id = _send(tenant, Wire("GET", "/nowhere/wilhelmina@vandersloot.example"))
    line = request_line(logged, request_id)
    assert (line["dialect"], line["operation"], line["outcome"]) == ("none", "none", "404")
    assert "wilhelmina" not in logged.text


@pytest.mark.parametrize("name", _NAMES)
def test_nothing_secret_or_personal_is_logged(name: str, tenant: Tenant, logged: Logged) -> None:
    contract = contract_of(name)
    order = tenant.create(**_order())
    change = contract.change(order["id"])
    told = {**(change.body or {}), "reason": _REASON, "variables": {"reason": _REASON}}
    sent = [
        Wire("POST", change.path, told, headers={"Idempotency-Key": "Voucher-Q7X"}),
        Wire("POST", change.path, change.body, headers={"Idempotency-Key": "Voucher-Q7X"}),
        contract.read(order["id"]),
        contract.read("wilhelmina@vandersloot.example"),
        Wire("GET", f"{contract.read(order['id']).path}?email=wilhelmina@vandersloot.example"),
        Wire("POST", change.path, raw=json.dumps(_order()).encode()[:-1]),
        Wire("POST", change.path, {"reason": {"name": _PERSON["name"]}, "quantity": _NOTE}),
    ]
    requests = [_send(tenant, wire)[1] for wire in sent]
    stolen = f"{tenant.key[:-4]}xxxx"
    _send(tenant, contract.read(order["id"]), key=stolen)
    assert all(logged.of(request_id) for request_id in requests)
    _check_nothing_leaked(tenant, logged, stolen)


def test_streams_and_new_keys_leave_no_trace_either(tenant: Tenant, logged: Logged) -> None:
    order = {"currency": "EUR", "lines": [{"sku": "MUG", "quantity": 1, "unit_price": 1}], **_order()}
    lines = "\n".join([json.dumps(order), json.dumps({**order, "lines": [{"sku": _NOTE}]}), json.dumps(_PERSON)[:-1]])
    _send(tenant, Wire("POST", "/api/orders/import", raw=lines.encode()))
    made = tenant.api("POST", "/credentials", {"name": _PERSON["name"]})
    _send(tenant, Wire("DELETE", f"/api/credentials/{made['id']}"))
    _check_nothing_leaked(tenant, logged, made["key"])


def _check_nothing_leaked(tenant: Tenant, logged: Logged, *keys: str) -> None:
    _, last = _send(tenant, Wire("GET", "/api/tenant"))
    assert len(logged.of(last)) == 1  # lines go out in order: all before it are there
    for key in (tenant.key, *keys):
        assert key not in logged.text
        assert key.rpartition(".")[2] not in logged.text
    header = authorization("/api", tenant.key)["Authorization"]
    assert header not in logged.text
    leaked = [value for value in _personal() if value in logged.text or json.dumps(value)[1:-1] in logged.text]
    assert leaked == []
    # Nothing that was sent ends a line, or a terminal's patience.
    assert all(character.isprintable() for character in logged.text.replace("\n", ""))
