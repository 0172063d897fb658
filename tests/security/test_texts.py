"""What people type in reasons, names and ids: stored as it was written, and harmless wherever it is shown.

That logs, mail, and a coloured terminal are not fooled is in `operations/test_logs.py`, `mail/test_texts.py`,
`mail/test_sent.py` and `cli/test_orders.py`.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import run
from tests.dialects.server import SECRET_KEY, Wire, serve
from tests.dialects.tenants import Tenant

_TEXTS = {
    "bidi": "\u202egnp.exe\u2066x\u2069",
    "composed": "caf\u00e9",
    "decomposed": "cafe\u0301",
    "compatible": "\ufb01\u2460\uff21",
    "invisible": "a\u200b\u200d\ufeff\u00adb",
    "beyond 16 bits": "\U0001f9ff\U000e0041",
    "no character": "\ufffe\uffff\ufdd0",
    "combining": "Z" + "\u0315\u0301\u0346" * 50,
    "line breaks": "a\r\nX-Injected: 1\r\n\r\n<script>",
    "a terminal's": "\x1b]0;owned\x07\x1b[2J\x1b[31m\x9b31m\x08\x08\x7f",
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>&amp;{{ 7*7 }}{% raw %}",
    "SQL": "'; DROP TABLE orders; --",
    "a formula": "=cmd|' /C calc'!A0",
    "separators": "a\u2028b\u2029c\x85d\x1ee",
}


_ALL = "".join(_TEXTS.values())
_NUMBER = "n1"


def _order(text: str, **more: Any) -> dict[str, Any]:
    lines = [{"sku": "A", "title": text[:255], "quantity": 2, "unit_price": 100}]
    person = {"name": text[:255], "company": text[:255], "city": text[:255]}
    return {"currency": "EUR", "lines": lines, "customer": {"name": text[:255]}, "shipping_address": person, **more}


@pytest.mark.parametrize("what", _TEXTS)
def test_stored_as_it_was_written(what: str, tenant: Tenant) -> None:
    text = _TEXTS[what]
    made = tenant.api("POST", "/orders", _order(text, note=text, tags=[text], metadata={text: text}))
    path = f"/orders/{made['id']}"
    tenant.api("POST", f"{path}/cancellations", {"lines": [{"line_id": made["lines"][0]["id"]}], "reason": text})
    seen = tenant.api("GET", path)
    assert (seen["customer"]["name"], seen["lines"][0]["title"], seen["note"]) == (text, text, text)
    assert (seen["cases"][0]["reason"]["text"], seen["tags"], seen["metadata"]) == (text, [text], {text: text})
    # Every other face shows the same words, wherever it has a place for them.
    shopline = tenant.send(Wire("GET", f"/shopline/orders/{made['id']}")).json()
    assert json.dumps(text) in json.dumps(shopline)


def test_two_spellings_are_two_ids(tenant: Tenant) -> None:
    """No normalisation: an id is what its owner says it is, and finds nobody else's order."""
    spelt = {what: _TEXTS[what] for what in ("composed", "decomposed", "compatible", "invisible", "bidi")}
    made = {what: tenant.create(number=text, keys={"shopline": text})["id"] for what, text in spelt.items()}
    assert len(set(made.values())) == len(spelt)
    for what, text in spelt.items():
        found = tenant.send(Wire("GET", f"/api/orders/shopline%3A{_escaped(text)}"))
        assert found.json()["id"] == made[what]
        listed = tenant.send(Wire("GET", f"/api/orders?number={_escaped(text)}")).json()["orders"]
        assert [order["id"] for order in listed] == [made[what]]


def _escaped(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def test_an_id_is_one_line(tenant: Tenant) -> None:
    """Ids go into headers, logs and addresses: what would break those is refused where it comes in."""
    for text in (_TEXTS["line breaks"], _TEXTS["a terminal's"], "a\x00b", "a\tb", ""):
        answer = tenant.send(Wire("POST", "/api/orders", _order("x", keys={"shopline": text})))
        assert answer.status_code in {400, 422}, text
    for text in (_TEXTS["line breaks"], "\x7f"):
        url = {"url": "https://receiver.example/", "dialect": "happycolis", "headers": {"X-A": text}}
        assert tenant.send(Wire("POST", "/api/webhooks", url)).status_code in {400, 422}


def test_no_header_of_an_answer_says_what_was_sent(tenant: Tenant) -> None:
    """Request ids are the one thing that comes back in a header, and only if it is one line of ASCII."""
    for sent in (b"a\xe9", b"a\x85b", b"x" * 129, b""):
        answer = tenant.send(Wire("GET", "/api/tenant", headers={"X-Request-Id": sent}))
        assert len(answer.headers["X-Request-Id"]) == 32
    answer = tenant.send(Wire("GET", "/api/orders/a%0d%0aX-Injected:%201"))
    assert "X-Injected" not in answer.headers


@pytest.fixture(scope="module")
def strange(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with an order of all these texts, and one that a warehouse had such words for."""
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path_factory.mktemp('strange') / 'dragoman.db')}"
    with serve(url, no_worker=True) as server:
        tenant = Tenant.add(server)
        made = tenant.api("POST", "/orders", _order(_ALL, number=_NUMBER))
        tenant.api("POST", f"/orders/{made['id']}/cancellations", {"reason": _ALL, "reason_code": _ALL[:50]})
        _warehouse(tenant)
    return url


def _warehouse(tenant: Tenant) -> None:
    made = tenant.api("POST", "/orders", _order("x", number="waits"))
    dock = tenant.api("POST", "/locations", {"name": _TEXTS["a terminal's"], "connector": {"kind": "manual"}})
    tenant.api("POST", f"/orders/{made['id']}/allocations", {"location_id": dock["id"], "stage": "requested"})
    asked = tenant.api("POST", f"/orders/{made['id']}/cancellations", {})["request"]
    tenant.api("POST", f"/requests/{asked['id']}/reject", {"message": _TEXTS["a terminal's"] + _TEXTS["bidi"]})


def _shown(url: str, *words: str) -> str:
    done = run(*words, database_url=url, secret_key=SECRET_KEY)
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_a_terminal_is_not_talked_to(strange: str, tmp_path: Path) -> None:
    """Neither by an order, as a picture or as JSON, nor by what an import has to complain about."""
    bad = tmp_path / "bad.ndjson"
    rows = [{"currency": text, text: 1, "lines": [{"sku": text, "quantity": text}]} for text in _TEXTS.values()]
    bad.write_text("\n".join(json.dumps(row) for row in rows))
    shown = [_shown(strange, "order", "waits"), _shown(strange, "order", _NUMBER)]
    shown += [_shown(strange, "order", _NUMBER, "--json"), _shown(strange, "import", str(bad), "--tenant", "Test")]
    assert "owned" in shown[0]
    assert "DROP TABLE" in shown[1]
    assert json.loads(shown[2])["cases"][0]["reason"]["text"] == _ALL
    for text in shown:
        assert [char for char in text.replace("\n", "") if not char.isprintable()] == []
