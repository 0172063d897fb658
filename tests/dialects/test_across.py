"""One truth: what one dialect does is at once visible in every other, in that dialect's own terms."""

from collections.abc import Mapping
from itertools import permutations
from typing import Any

import pytest

from app.web.dialect import discover
from tests.dialects.intents import QUANTITIES, SKUS, Outcome, Seen, Speaker, lines
from tests.dialects.server import Wire
from tests.dialects.speakers import SPEAKERS
from tests.dialects.tenants import Tenant

_ALL = dict(zip(SKUS, QUANTITIES, strict=True))
_PAIRS = [pytest.param(SPEAKERS[a], SPEAKERS[b], id=f"{a} to {b}") for a, b in permutations(sorted(SPEAKERS), 2)]
_ITEM = {"_id": "x", "sellerVariantCode": SKUS[0], "quantity": 5, "cancelled": False}
_REASON = "verloren – 紛失\nsorry"

across = pytest.mark.parametrize(("actor", "witness"), _PAIRS)


def test_every_dialect_speaks_here() -> None:
    assert sorted(SPEAKERS) == [dialect.name for dialect in discover()]


def _see(tenant: Tenant, speaker: Speaker, order: Mapping[str, Any]) -> Seen:
    answer = tenant.send(speaker.read(order))
    assert answer.status_code == 200
    return speaker.see(answer.json())


def _rest(tenant: Tenant, speaker: Speaker, order: Mapping[str, Any]) -> Wire:
    """Of what it sees of the order."""
    return speaker.cancel_rest(order, tenant.send(speaker.read(order)).json(), _REASON)


def _do(tenant: Tenant, speaker: Speaker, wire: Wire) -> Outcome:
    return speaker.outcome(tenant, tenant.send(wire))[0]


def _ship(tenant: Tenant, speaker: Speaker, order: Mapping[str, Any], line: int, units: int) -> None:
    """In the native dialect where the speaker has no words for it."""
    wire = speaker.ship(order, line, units) or SPEAKERS["native"].ship(order, line, units)
    assert wire is not None
    assert tenant.send(wire).is_success


def _cancel_part(tenant: Tenant, actor: Speaker, order: Mapping[str, Any]) -> Mapping[str, int]:
    """Two of the first line go, by whatever the dialect has for it; what is left of every line."""
    body = tenant.send(actor.read(order)).json()
    wire = actor.cancel_part(order, body, 0, 2, _REASON)
    if wire is None and not actor.rest:
        actor = SPEAKERS["native"]
        wire = actor.cancel_part(order, None, 0, 2, _REASON)
    if wire is not None:
        assert _do(tenant, actor, wire) is Outcome.DONE
        return {**_ALL, SKUS[0]: 3}
    # It cancels what is left of an order: so all but two is shipped first.
    for line, units in ((0, 3), (1, 2), (2, 1)):
        _ship(tenant, actor, order, line, units)
    assert _do(tenant, actor, _rest(tenant, actor, order)) is Outcome.DONE
    return {**_ALL, SKUS[0]: 3}


@across
def test_a_part_is_cancelled(actor: Speaker, witness: Speaker, tenant: Tenant) -> None:
    order = tenant.create(lines=lines())
    assert _see(tenant, witness, order).alive == _ALL
    left = _cancel_part(tenant, actor, order)
    assert _see(tenant, witness, order).alive == left
    assert _see(tenant, actor, order).alive == left


@across
def test_both_cancel_after_one_another(actor: Speaker, witness: Speaker, tenant: Tenant) -> None:
    """What the second one sees is what it acts on."""
    order = tenant.create(lines=lines())
    left = _cancel_part(tenant, actor, order)
    nothing_open = actor.rest and actor.cancel_part(order, {"items": [_ITEM]}, 0, 1, "") is None
    outcome = _do(tenant, witness, _rest(tenant, witness, order))
    assert outcome is (Outcome.REFUSED if nothing_open else Outcome.DONE)
    for speaker in SPEAKERS.values():
        assert _see(tenant, speaker, order).alive == (left if nothing_open else dict.fromkeys(SKUS, 0))


@across
def test_the_rest_is_cancelled(actor: Speaker, witness: Speaker, tenant: Tenant) -> None:
    order = tenant.create(lines=lines())
    _ship(tenant, witness, order, 0, 2)
    if not actor.rest:
        before = tenant.snapshot(order["id"])
        assert _do(tenant, actor, _rest(tenant, actor, order)) is Outcome.REFUSED
        assert tenant.snapshot(order["id"]) == before
        return
    assert _do(tenant, actor, _rest(tenant, actor, order)) is Outcome.DONE
    assert _see(tenant, witness, order).alive == {SKUS[0]: 2, SKUS[1]: 0, SKUS[2]: 0}
    [case] = tenant.api("GET", f"/orders/{order['id']}")["cases"]
    assert (case["dialect"], case["reason"]) == (
        actor.name,
        {"code": None, "text": _REASON if actor.says_why else None},
    )


@across
def test_the_whole_is_cancelled_once(actor: Speaker, witness: Speaker, tenant: Tenant) -> None:
    order = tenant.create(lines=lines())
    assert _do(tenant, actor, _rest(tenant, actor, order)) is Outcome.DONE
    assert _see(tenant, witness, order) == Seen(dict.fromkeys(SKUS, 0), over=True)
    before = tenant.snapshot(order["id"])
    assert _do(tenant, witness, _rest(tenant, witness, order)) is Outcome.REFUSED
    assert tenant.snapshot(order["id"]) == before


@across
@pytest.mark.parametrize("word", ["accept", "reject"])
def test_a_warehouse_has_to_agree_first(actor: Speaker, witness: Speaker, word: str, tenant: Tenant) -> None:
    """While it has not answered nothing is cancelled, for nobody; then all see what it said."""
    order = tenant.create(lines=lines())
    location = tenant.api("POST", "/locations", {"name": "R", "connector": {"kind": "manual"}})
    body = {"location_id": location["id"], "stage": "picking"}
    tenant.api("POST", f"/orders/{order['id']}/allocations", body)
    outcome, request = actor.outcome(tenant, tenant.send(_rest(tenant, actor, order)))
    assert outcome is Outcome.WAITS
    assert _see(tenant, witness, order) == Seen(_ALL, over=False)
    before = tenant.snapshot(order["id"])
    assert _do(tenant, witness, _rest(tenant, witness, order)) is not Outcome.DONE
    assert tenant.snapshot(order["id"]) == before
    tenant.api("POST", f"/requests/{request}/{word}", {})
    actor.go_on(tenant, order)
    gone = word == "accept"
    assert _see(tenant, witness, order) == Seen(dict.fromkeys(SKUS, 0) if gone else _ALL, over=gone)


@across
def test_an_order_answers_to_each_dialects_own_id(actor: Speaker, witness: Speaker, tenant: Tenant) -> None:
    keys = {actor.name: "aa00000000000000000000aa", witness.name: "bb00000000000000000000bb"}
    order = tenant.create(lines=lines(), keys=keys)
    own = {name: {**order, "id": f"native:{key}" if name == "native" else key} for name, key in keys.items()}
    assert _do(tenant, actor, _rest(tenant, actor, own[actor.name])) is Outcome.DONE
    assert _see(tenant, witness, own[witness.name]).over
    assert _see(tenant, witness, order).over
    stranger = {**order, "id": keys[actor.name]}
    assert _do(tenant, witness, witness.read(stranger)) is Outcome.REFUSED
