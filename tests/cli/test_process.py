"""In a process of its own a command says and does what it does in this one, where most tests run it."""

import json
from pathlib import Path

import pytest

from tests.cli.program import run, start
from tests.cli.reading import demo_orders, new_key, new_tenant

_UNKNOWN = "01a1fd49-558e-7a6e-ac3b-c27f9a412345"


@pytest.mark.parametrize(
    "words",
    [
        ("migrate",),
        ("order", "ORDER"),
        ("order", "ORDER", "--json"),
        ("tenant", "list"),
        ("key", "list"),
        ("key", "revoke", "nonsense"),
        ("webhook", "list"),
        ("replay", _UNKNOWN, "--from", "1h"),
        ("tail", "--kind", "nonsense"),
        ("doctor",),
        ("nonsense",),
    ],
    ids=" ".join,
)
def test_it_is_the_same(words: tuple[str, ...], sqlite_url: str) -> None:
    ids = demo_orders(sqlite_url)
    new_key(sqlite_url, new_tenant(sqlite_url))
    words = tuple(ids["partly shipped"] if word == "ORDER" else word for word in words)
    here, there = (way(*words, database_url=sqlite_url, port="0") for way in (run, start))
    assert (there.returncode, there.stdout, there.stderr) == (here.returncode, here.stdout, here.stderr)
    assert here.stdout or here.returncode or here.stderr


def test_what_is_made_is_new(sqlite_url: str, tmp_path: Path) -> None:
    tenant = new_tenant(sqlite_url)
    file = tmp_path / "orders.ndjson"
    file.write_text(json.dumps({"number": "1", "currency": "EUR", "lines": []}) + "\n")
    for way, name in ((run, "Here"), (start, "There")):
        made = way("tenant", "add", name, database_url=sqlite_url)
        assert (made.returncode, made.stdout.strip().isalnum(), made.stderr) == (0, True, "")
        key = way("key", "add", "--tenant", name, "--json", database_url=sqlite_url)
        assert json.loads(key.stdout)["tenant_id"] == made.stdout.strip()
    told = [
        way("import", "-", "--tenant", tenant, database_url=sqlite_url, stdin=file.read_text()) for way in (start, run)
    ]
    assert [each.stdout for each in told] == [
        "1 created, 0 there already, 0 rejected\n",
        "0 created, 1 there already, 0 rejected\n",
    ]
