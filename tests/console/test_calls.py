"""What somebody means to do, in every dialect: each call does it, in each language."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from app.web import snippets
from tests.console.asking import Client, told
from tests.dialects.server import PATIENCE
from tests.dialects.tenants import Tenant

_LANGUAGES = {
    "curl": ["sh", "-c"],
    "python": [sys.executable, "-c"],
    **({"javascript": ["node", "--input-type=module", "-e"]} if shutil.which("node") else {}),
}
_SAID = {
    "read": {"afosto", "convictional", "happycolis", "native", "shopline"},
    "cancel": {"afosto", "convictional", "native"},
    "cancel all": {"afosto", "convictional", "happycolis", "native", "shopline"},
    "return": {"afosto", "native"},
    "fulfil": {"convictional", "native", "shopline"},
    "allocate": {"happycolis", "native"},
}
_KNOWN = _SAID["read"]
_Counts = dict[str, int]


@pytest.fixture
def order(tenant: Tenant, client: Client) -> Any:
    client.sign_in(tenant.key)
    return tenant.create()


def _ask(client: Client, order: Any, act: str, **more: Any) -> Mapping[str, Any]:
    """By dialect, what has words for it."""
    answer = client.own("POST", "/console/calls", {"order_id": order["id"], "act": act, **more})
    assert answer.status_code == 200, answer.text
    return {each["dialect"]: each["calls"] for each in answer.json()["dialects"] if each["calls"]}


def _mugs(tenant: Tenant, order: Any) -> _Counts:
    line: _Counts = tenant.api("GET", f"/orders/{order['id']}")["lines"][0]
    return line


def _one(order: Any) -> dict[str, Any]:
    return {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 1}]}


def _done(client: Client, call: Any) -> None:
    answer = client.own(call["method"], f"/console/as{call['path']}", call["body"])
    assert answer.is_success, answer.text
    assert "errors" not in answer.json(), answer.text


# How the mugs stand after each, of five: one that is begun step by step, or waits, is pending.
_AFTER: Mapping[str, Callable[[_Counts], bool]] = {
    "cancel": lambda mugs: mugs["cancelled"] + mugs["pending"] == 1,
    "cancel all": lambda mugs: mugs["open"] == 0,
    "fulfil": lambda mugs: mugs["fulfilled"] == 1,
}


@pytest.mark.parametrize(("act", "name"), [(act, name) for act in _AFTER for name in sorted(_SAID[act])])
def test_a_call_does_what_was_meant(act: str, name: str, client: Client, tenant: Tenant, order: Any):
    lines = {} if act == "cancel all" else _one(order)
    said = _ask(client, order, act.split(maxsplit=1)[0], reason='It\'s "over"', **lines)
    assert set(said) & _KNOWN == _SAID[act]
    for call in said[name]:
        _done(client, call)
    assert _AFTER[act](_mugs(tenant, order)), _mugs(tenant, order)


def test_after_a_first_cancellation_and_a_shipment(client: Client, tenant: Tenant, order: Any):
    """Convictional names what stays of an item, and the item that is left, which is another by now."""
    tenant.api("POST", f"/orders/{order['id']}/cancellations", _one(order))
    tenant.api("POST", f"/orders/{order['id']}/fulfillments", _one(order))
    _done(client, _ask(client, order, "cancel", **_one(order))["convictional"][0])
    assert (_mugs(tenant, order)["cancelled"], _mugs(tenant, order)["open"]) == (2, 2)
    for name in sorted(_SAID["fulfil"]):
        _done(client, _ask(client, order, "fulfil", **_one(order))[name][0]) if _mugs(tenant, order)["open"] else None
    assert _mugs(tenant, order)["fulfilled"] == 3


def test_returns_and_allocations(client: Client, tenant: Tenant, order: Any):
    tenant.api(
        "POST", f"/orders/{order['id']}/fulfillments", {"lines": [{"line_id": order["lines"][0]["id"], "quantity": 3}]}
    )
    for act, more in (("return", {}), ("allocate", {"location_id": _shelf(tenant)})):
        said = _ask(client, order, act, **_one(order), **more)
        assert set(said) & _KNOWN == _SAID[act]
        for calls in said.values():
            _done(client, calls[0])
    after = tenant.api("GET", f"/orders/{order['id']}")
    assert [each["type"] for each in after["cases"]] == ["RETURN", "RETURN"]
    assert sum(line["quantity"] for each in after["allocations"] for line in each["lines"]) == 2


def _shelf(tenant: Tenant) -> str:
    return str(tenant.api("POST", "/locations", {"name": "Shelf"})["id"])


@pytest.mark.parametrize("language", _LANGUAGES)
def test_what_is_copied_runs(language: str, client: Client, tenant: Tenant, order: Any):
    reason = "It's \"over\" `now` ${x} $HOME \\ \n with 'all' of it ü"
    said = _ask(client, order, "read")
    for name in ("afosto", "shopline"):
        assert order["id"] in _run(language, said[name][0][language], tenant.key), name
    [call] = _ask(client, order, "cancel", reason=reason, **_one(order))["native"]
    assert tenant.key not in json.dumps(call)
    first, again = (json.loads(_run(language, call[language], tenant.key)) for _ in range(2))
    assert first == again, "one key for what is copied once"
    assert first["request"]["reason"]["text"] == reason


def _run(language: str, text: str, key: str) -> str:
    command = [*_LANGUAGES[language], text.replace("YOUR_API_KEY", key)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_documents_stay_readable():
    body = {"query": 'query A {\n  b(c: "d")\n}', "short": [1, 2.5, None, True], "none": {}}
    written = snippets.python("POST", "http://h/x", {"A": "b"}, body)
    assert 'query A {\n  b(c: "d")\n}' in written
    assert snippets.javascript("POST", "http://h/x", {}, body).count("`") == 2
    compile(written, "copied", "exec")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"act": "read"}, (422, "invalid_request")),
        ({"order_id": "x", "act": "destroy"}, (422, "invalid_request")),
        ({"order_id": "x", "act": "cancel", "lines": [{"line_id": "y", "quantity": 0}]}, (422, "invalid_request")),
        ({"order_id": "x", "act": "cancel", "colour": "red"}, (422, "invalid_request")),
        ({"order_id": "x", "act": "read"}, (404, "order_not_found")),
        ({"order_id": "\0", "act": "read"}, (400, "malformed_body")),
    ],
)
def test_what_cannot_be_asked(client: Client, tenant: Tenant, body: dict[str, Any], code: tuple[int, str]):
    client.sign_in(tenant.key)
    assert told(client.own("POST", "/console/calls", body)) == code


def test_a_line_that_there_is_not_is_left_to_the_dialect(client: Client, order: Any):
    said = _ask(client, order, "cancel", lines=[{"line_id": "nowhere", "quantity": 1}])
    assert said["native"][0]["body"]["lines"] == [{"line_id": "nowhere", "quantity": 1}]
