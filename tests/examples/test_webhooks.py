"""The programs that verify webhooks take what a server really sent, signed as each dialect signs, and nothing else."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.dialects.receiver import receiving, until
from tests.dialects.server import Server, serve
from tests.dialects.tenants import Tenant
from tests.examples.verifying import FOLDER, LANGUAGES, NODE, PAGE, SIGNED, in_javascript, in_python, page

Verify = Callable[[str, str, Mapping[str, str], bytes], str]
_LANGUAGES: Mapping[str, Verify] = {"python": in_python, **({"javascript": in_javascript} if NODE else {})}
_BY_KEY = frozenset({"happycolis", "shopline", "shopline_admin"})
"""Signed with the secret of the key that subscribes."""


@pytest.fixture(scope="module")
def sender(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("sender") / "dragoman.db")
    with serve(f"sqlite:///{path}", webhook_allow_private=True) as server:
        yield server


@pytest.mark.parametrize("name", SIGNED)
def test_they_take_what_was_sent_and_no_other(name: str, sender: Server) -> None:
    tenant = Tenant.add(sender)
    with receiving() as receiver:
        made = tenant.api("POST", "/webhooks", {"url": receiver.url, "dialect": name})
        order = tenant.create()
        tenant.api("POST", f"/orders/{order['id']}/cancellations", {})
        headers, body = until(lambda: receiver.messages)[0]
    secret = tenant.key.rpartition(".")[2] if name in _BY_KEY else made["secret"]
    for verify in _LANGUAGES.values():
        assert verify(name, secret, headers, body) == "ok"
        assert verify(name, secret, headers, body + b" ") == "signature does not match"
        assert verify(name, "whsec_bm90IHRoZSBzZWNyZXQ=", headers, body) == "signature does not match"


def test_there_is_one_in_every_language() -> None:
    assert {path.name for path in FOLDER.iterdir() if path.is_dir()} == set(SIGNED)
    for name in SIGNED:
        assert {path.name for path in (FOLDER / name).iterdir()} == {f"verify.{kind}" for kind in LANGUAGES}


def test_the_page_shows_them() -> None:
    assert PAGE.read_text() == page(), "write it anew: python -m tests.examples.verifying"
