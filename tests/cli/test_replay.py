"""`dragoman replay`: a webhook gets again what happened in a time range; `dragoman webhook list` shows them all."""

import json
import signal
from pathlib import Path

from tests.cli.program import refused, run, serving, succeed, until
from tests.cli.reading import new_key, new_tenant
from tests.dialects.receiver import receiving

_ALLOWED = {"webhook_allow_private": "true"}
_ORDER = {"currency": "EUR", "lines": [{"sku": "A", "quantity": 1, "unit_price": 100}]}


def test_what_was_sent_is_sent_again(database_url: str, tmp_path: Path) -> None:
    tenant = new_tenant(database_url)
    key = new_key(database_url, tenant)
    with receiving() as receiver, serving(tmp_path, database_url, **_ALLOWED) as server:
        until(lambda: server.get("/health/ready").status_code == 200, "the server's start")
        hook = server.send("POST", "/api/webhooks", key, {"url": receiver.url, "topics": ["order.created"]}).json()
        for _ in range(2):
            assert server.send("POST", "/api/orders", key, _ORDER).status_code == 201
        # One that is on its way is not sent again: both are to be known to have come.
        log = f"/api/webhooks/{hook['id']}/deliveries?state=delivered"
        until(lambda: len(server.get(log, key).json()["deliveries"]) == 2, "the messages")
        told = json.loads(
            succeed("replay", hook["id"], "--from", "1h", "--json", database_url=database_url, **_ALLOWED)
        )
        assert told.keys() == {"id", "from", "until"}
        until(lambda: len(receiver.messages) == 4, "the same again")
        ids = [headers["webhook-id"] for headers, _ in receiver.messages]
        assert sorted(ids[2:]) == sorted(ids[:2])
        assert succeed("replay", hook["id"], "--from", "2h", "--until", "1h", database_url=database_url).startswith(
            "replay "
        )
        server.send("PATCH", f"/api/webhooks/{hook['id']}", key, {"active": False})
        line = refused(run("replay", hook["id"], "--from", "1h", database_url=database_url))
        assert line == "active: must be true: nothing is sent to a disabled webhook"
        [row] = map(json.loads, succeed("webhook", "list", "--json", database_url=database_url).splitlines())
        assert (row["id"], row["url"], row["topics"], row["state"]) == (
            hook["id"],
            receiver.url,
            ["order.created"],
            "inactive",
        )
        assert server.stop(signal.SIGTERM) == 0
    assert len(receiver.messages) == 4


def test_what_cannot_be_sent_again(sqlite_url: str) -> None:
    new_tenant(sqlite_url)
    unknown = "01a1fd49-558e-7a6e-ac3b-c27f9a412345"
    for id_ in (unknown, "nonsense"):
        line = refused(run("replay", id_, "--from", "1h", database_url=sqlite_url))
        assert line == "there is no such webhook; `dragoman webhook list` shows all"
    line = refused(run("replay", unknown, "--from", "2026-01-31T12:00:00", database_url=sqlite_url))
    assert line.startswith("'2026-01-31T12:00:00' is no time: ")
    assert run("replay", unknown, database_url=sqlite_url).returncode == 2
