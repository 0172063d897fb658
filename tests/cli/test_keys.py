"""`dragoman tenant add`, `key add`, `key revoke`, and what the keys are good for on a running server."""

import json
from pathlib import Path

from app.service.access import Keys
from app.service.clock import Clock
from tests.cli.program import add_key, refused, run, serving, succeed
from tests.cli.reading import new_key, new_tenant, with_store

_SCOPES = ["read_orders", "write_orders", "fulfil_orders", "manage_webhooks", "admin"]


def test_a_tenants_name_is_its_own(sqlite_url: str) -> None:
    tenant = succeed("tenant", "add", "Acme & Söhne", database_url=sqlite_url)
    assert tenant.isalnum()
    line = refused(run("tenant", "add", "Acme & Söhne", database_url=sqlite_url))
    assert line == "there is a tenant named 'Acme & Söhne' already"
    assert (
        refused(run("tenant", "add", tenant, database_url=sqlite_url)) == f"there is a tenant named {tenant!r} already"
    )
    assert refused(run("tenant", "add", " ", database_url=sqlite_url)).startswith("a tenant's name has 1 to 255")
    line = refused(run("key", "add", "--tenant", "O'Neill", database_url=sqlite_url))
    assert line == """there is no tenant "O'Neill"; make one with: dragoman tenant add 'O'"'"'Neill'"""


def test_keys_work_until_they_are_revoked(sqlite_url: str, tmp_path: Path) -> None:
    tenant = new_tenant(sqlite_url)
    words = ("--scope", "read_orders", "--scope", "admin", "--party", "warehouse", "--dialect", "native")
    some = add_key(sqlite_url, tenant, *words, "--dialect", "native", "--name", "till")
    every = add_key(sqlite_url, tenant)
    assert {name: some[name] for name in sorted(some)} == {
        "dialects": ["native"],
        "id": some["id"],
        "key": some["key"],
        "party": "warehouse",
        "scopes": ["read_orders", "admin"],
        "tenant_id": tenant,
    }
    assert every["scopes"] == _SCOPES
    assert every["dialects"] is None
    assert every["party"] == "seller"
    with serving(tmp_path, sqlite_url, auth_cache="0") as server:
        assert server.get("/api/tenant", some["key"]).json()["id"] == tenant
        listed = server.get("/api/credentials", some["key"]).json()["credentials"]
        assert [(each["id"], each["name"]) for each in listed] == [(some["id"], "till"), (every["id"], "")]
        assert some["key"].rsplit(".", 1)[1] not in str(listed)
        assert server.send("POST", "/api/orders", some["key"], {"currency": "EUR", "lines": []}).status_code == 403
        assert server.send("POST", "/api/orders", every["key"], {"currency": "EUR", "lines": []}).status_code == 201
        assert succeed("key", "revoke", some["id"], database_url=sqlite_url) == f"revoked {some['id']}"
        refusal = server.get("/api/tenant", some["key"])
        assert (refusal.status_code, refusal.json()["code"]) == (401, "unauthenticated")
        assert server.get("/api/tenant", every["key"]).status_code == 200
        assert some["key"] not in server.text


def test_what_keys_cannot_be(sqlite_url: str) -> None:
    tenant = new_tenant(sqlite_url)
    line = refused(run("key", "add", "--tenant", tenant, "--scope", "everything", database_url=sqlite_url))
    assert line == f"'everything' is no scope; there are: {', '.join(_SCOPES)}"
    line = refused(run("key", "add", "--tenant", tenant, "--dialect", "klingon", database_url=sqlite_url))
    assert line.startswith("'klingon' is no dialect; there are: ")
    assert "native" in line
    assert refused(run("key", "revoke", "nonsense", database_url=sqlite_url)) == "there is no key with id 'nonsense'"


def test_a_key_for_people(sqlite_url: str) -> None:
    tenant = new_tenant(sqlite_url)
    key, note = succeed("key", "add", "--tenant", tenant, database_url=sqlite_url).splitlines()
    assert key.startswith(f"drg_{tenant}.")
    assert note == f"(id {key.split('.')[1]}; not shown again)"


def test_lists(sqlite_url: str) -> None:
    """For people a table, for programs an object a line; no secret in either."""
    done = run("tenant", "list", database_url=sqlite_url)
    assert (done.stdout, done.returncode) == ("", 0)
    assert done.stderr == "there is no tenant yet; make one with: dragoman tenant add NAME\n"
    acme, other = new_tenant(sqlite_url), new_tenant(sqlite_url)
    listed = [json.loads(line) for line in succeed("tenant", "list", "--json", database_url=sqlite_url).splitlines()]
    assert [(each["id"], each["name"], each["active"]) for each in listed] == [
        (acme, f"Acme {acme}", True),
        (other, f"Acme {other}", True),
    ]
    kept = add_key(sqlite_url, acme, "--scope", "read_orders", "--dialect", "native", "--name", "till")
    _, gone, secret = new_key(sqlite_url, other).split(".")
    with_store(sqlite_url, lambda store: Keys(store, Clock()).revoke(other, gone))
    text = succeed("key", "list", "--json", database_url=sqlite_url)
    rows = {row["id"]: row for row in map(json.loads, text.splitlines())}
    assert (rows[kept["id"]]["scopes"], rows[kept["id"]]["dialects"]) == (["read_orders"], ["native"])
    assert (rows[kept["id"]]["state"], rows[gone]["state"]) == ("valid", "revoked")
    assert (rows[gone]["scopes"], rows[gone]["dialects"]) == (_SCOPES, None)
    head, row = succeed("key", "list", "--tenant", other, database_url=sqlite_url).splitlines()
    assert head.split() == ["id", "tenant", "name", "party", "scopes", "dialects", "state", "expires", "at"]
    assert row.split() == [gone, "Acme", other, "–", "seller", "every", "every", "revoked", "–"]
    assert not any(each in text + row for each in (kept["key"].rsplit(".", 1)[1], secret))
