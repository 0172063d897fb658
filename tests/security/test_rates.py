"""Requests of one credential are limited, in each dialect's own words; those of any other are not."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random

import httpx
import pytest
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from app.core.refusal import Code
from app.service.clock import Clock
from app.service.rates import Rate, Rates, read_rate
from app.settings import SettingError, load
from app.web.dialect import discover
from tests.dialects.contract import DialectContract
from tests.dialects.server import Server, Wire, serve
from tests.dialects.tenants import Tenant
from tests.operations.reading import contract_of

_NAMES = [dialect.name for dialect in discover()]
_BURST = 3


@pytest.fixture(scope="module")
def limited(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Enough for a test's preparations only where each call has a key of its own."""
    path = shutil.copy(sqlite_template, tmp_path_factory.mktemp("limited") / "dragoman.db")
    with serve(f"sqlite:///{path}", rate_limit=f"1/min, burst {_BURST}", no_worker=True) as server:
        yield server


def _check_headers(contract: DialectContract, answer: httpx.Response) -> None:
    shown = {held: value for held, value in answer.headers.items() if "ratelimit" in held}
    assert shown.keys() == {held.lower() for held in contract.limits}
    for held, pattern in contract.limits.items():
        assert re.fullmatch(pattern, answer.headers[held])


@pytest.mark.parametrize("name", _NAMES)
def test_too_many_requests(name: str, limited: Server) -> None:
    tenant, contract = Tenant.add(limited), contract_of(name)
    order, key = tenant.create(), tenant.add_key()
    left = []
    for wire in [contract.read(order["id"])] * _BURST:
        answer = tenant.send(wire, key=key)
        assert answer.status_code == 200
        _check_headers(contract, answer)
        left += re.findall(r"r=(\d)", answer.headers.get("RateLimit", "")) or [
            answer.headers.get("X-RateLimit-Remaining")
        ]
    assert left == (["2", "1", "0"] if contract.limits else [None] * _BURST)
    refused = contract.refused(tenant.send(contract.change(order["id"]), key=key), Code.RATE_LIMITED)
    _check_headers(contract, refused)
    assert contract.limited in refused.text
    assert ("Retry-After" in refused.headers) == contract.retry_after
    assert 1 <= int(refused.headers.get("Retry-After", 1)) <= 60
    # A bad key is nobody's: it takes nothing away from anybody, and is refused as ever.
    contract.refused(tenant.send(contract.read(order["id"]), key=key[:-3] + "xxx"), Code.UNAUTHENTICATED)
    other = tenant.add_key()
    assert tenant.send(contract.change(order["id"]), key=other).status_code == 200


def test_a_token_counts_as_its_client_and_so_do_the_token_routes(limited: Server) -> None:
    tenant = Tenant.add(limited)
    organization, client, secret = tenant.key.removeprefix("drg_").split(".")
    asked = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
    wire = Wire("POST", "/happycolis/token", {**asked, "organization_id": organization})
    given = limited.send(wire)
    me = Wire("GET", "/happycolis/oauth2/me")
    assert limited.send(me, given.json()["access_token"]).headers["X-RateLimit-Remaining"] == "1"
    assert limited.send(wire).status_code == 200
    for refused in (limited.send(wire), limited.send(me, given.json()["access_token"]), limited.send(me, tenant.key)):
        assert refused.status_code == 429
        assert refused.json()["message"].startswith("Too many requests. Please retry after ")


def test_every_operation_of_a_websocket_counts(limited: Server) -> None:
    tenant = Tenant.add(limited)
    url = limited.base.replace("http://", "ws://") + "/afosto/graphql"
    with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as talk:
        talk.send(f'{{"type": "connection_init", "payload": {{"Authorization": "Bearer {tenant.key}"}}}}')
        assert "connection_ack" in talk.recv(timeout=20)
        heard = []
        for id_ in range(_BURST + 1):
            talk.send(f'{{"type": "subscribe", "id": "{id_}", "payload": {{"query": "{{ __typename }}"}}}}')
            heard.append(str(talk.recv(timeout=20)))
            if id_ < _BURST:
                assert "complete" in talk.recv(timeout=20)
    assert ["RATE_LIMITED" in text for text in heard] == [False] * _BURST + [True]


def test_no_window_has_more_than_the_burst_and_what_came_in_it() -> None:
    random, now, allowed = Random(7), 0.0, list[float]()
    rates = Rates(Rate(0.5, 4), Clock(), lambda: now)
    for _ in range(5_000):
        now += random.choice((0.0, 0.1, 0.3, 0.5, 2.0))
        before = rates.take("other") if random.random() < 0.1 else None
        assert before is None or before.rate.burst == 4
        taken = rates.take("one")
        assert taken is not None
        if taken.wait:
            assert (taken.remaining, allowed[-1] <= now) == (0, True)
        else:
            allowed.append(now)
    for i, begin in enumerate(allowed):
        for j in range(i, min(i + 60, len(allowed))):
            assert j - i + 1 <= 4 + (allowed[j] - begin) / 0.5 + 1e-6


def test_whoever_waits_as_told_is_let_in() -> None:
    now = 100.0
    rates = Rates(read_rate("600/min, burst 2"), Clock(), lambda: now)
    for _ in range(2_000):
        taken = rates.take("one")
        assert taken is not None
        if taken.wait:
            now += taken.wait
            again = rates.take("one")
            assert again is not None
            assert again.wait == 0
        now += 0.03


def test_it_costs_nothing_to_remember_those_who_stay_away() -> None:
    now = 0.0
    rates = Rates(Rate(1.0, 1), Clock(), lambda: now)
    for each in range(25_000):
        now += 0.001
        rates.take(str(each))
    assert len(rates._full) <= 10_001


def test_without_the_setting_there_is_no_limit(tenant: Tenant) -> None:
    answers = [tenant.send(Wire("GET", "/api/tenant")) for _ in range(50)]
    assert {answer.status_code for answer in answers} == {200}
    assert not any("ratelimit" in name for answer in answers for name in answer.headers)


@pytest.mark.parametrize("text", ["20", "0/s", "20/s burst 40", "20/s, burst 0", "20/day", "-1/s", "1e9/s"])
def test_what_is_no_rate_stops_the_start(text: str) -> None:
    with pytest.raises(SettingError, match=r"^DRAGOMAN_RATE_LIMIT='.*' is no rate such as `20/s`"):
        load({"DRAGOMAN_RATE_LIMIT": text})


@pytest.mark.parametrize(
    ("text", "rate"), [("20/s", Rate(0.05, 20)), ("6/min, burst 40", Rate(10.0, 40)), (" ", None)]
)  # fmt: skip
def test_what_is_a_rate(text: str, rate: Rate | None) -> None:
    assert read_rate(text) == rate
