"""One truth: what one dialect does is at once visible in every other, in that dialect's own terms."""

from collections.abc import Mapping
from itertools import permutations
from typing import Any

import pytest

from app.web.dialect import discover
from tests.dialects.intents import QUANTITIES, SKUS, SPEAKERS, Seen, Speaker, lines
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


def _cancel_part(tenant: Tenant, actor: Speaker, order: Mapping[str, Any]) -> Mapping[str, int]:
    """Two of the first line go, by whatever the dialect has for it; what is left of every line."""
    body = tenant.send(actor.read(order)).json()
    wire = actor.cancel_part(order, body, 0, 2, _REASON)
    if wire is not None:
        assert tenant.send(wire).status_code == 200
        return {**_ALL, SKUS[0]: 3}
    # It cancels what is left of an order: so all but two is shipped first.
    for line, units in ((0, 3), (1, 2), (2, 1)):
        assert tenant.send(actor.ship(order, line, units)).is_success
    assert tenant.send(actor.cancel_rest(order, _REASON)).status_code == 200
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
    nothing_open = actor.cancel_part(order, {"items": [_ITEM]}, 0, 1, "") is None
    answer = tenant.send(witness.cancel_rest(order, _REASON))
    assert answer.is_success != nothing_open
    for speaker in SPEAKERS.values():
        assert _see(tenant, speaker, order).alive == (left if nothing_open else dict.fromkeys(SKUS, 0))


@across
def test_the_rest_is_cancelled(actor: Speaker, witness: Speaker, tenant: Tenant) -> None:
    order = tenant.create(lines=lines())
    assert tenant.send(witness.ship(order, 0, 2)).is_success
    assert tenant.send(actor.cancel_rest(order, _REASON)).status_code == 200
    assert _see(tenant, witness, order).alive == {SKUS[0]: 2, SKUS[1]: 0, SKUS[2]: 0}
    [case] = tenant.api("GET", f"/orders/{order['id']}")["cases"]
    assert (case["dialect"], case["reason"]) == (actor.name, {"code": None, "text": _REASON})


@across
def test_the_whole_is_cancelled_once(actor: Speaker, witness: Speaker, tenant: Tenant) -> None:
    order = tenant.create(lines=lines())
    assert tenant.send(actor.cancel_rest(order, _REASON)).status_code == 200
    assert _see(tenant, witness, order) == Seen(dict.fromkeys(SKUS, 0), over=True)
    before = tenant.snapshot(order["id"])
    assert not tenant.send(witness.cancel_rest(order, _REASON)).is_success
    assert tenant.snapshot(order["id"]) == before


@across
@pytest.mark.parametrize("word", ["accept", "reject"])
def test_a_warehouse_has_to_agree_first(actor: Speaker, witness: Speaker, word: str, tenant: Tenant) -> None:
    """While it has not answered nothing is cancelled, for nobody; then all see what it said."""
    order = tenant.create(lines=lines())
    location = tenant.api("POST", "/locations", {"name": "R", "connector": {"kind": "manual"}})
    body = {"location_id": location["id"], "stage": "picking"}
    tenant.api("POST", f"/orders/{order['id']}/allocations", body)
    answer = tenant.send(actor.cancel_rest(order, _REASON))
    assert answer.status_code == 202
    assert _see(tenant, witness, order) == Seen(_ALL, over=False)
    assert not tenant.send(witness.cancel_rest(order, _REASON)).is_success
    tenant.api("POST", f"{answer.headers['Location'].removeprefix('/api')}/{word}", {})
    gone = word == "accept"
    assert _see(tenant, witness, order) == Seen(dict.fromkeys(SKUS, 0) if gone else _ALL, over=gone)


@across
def test_an_order_answers_to_each_dialects_own_id(actor: Speaker, witness: Speaker, tenant: Tenant) -> None:
    keys = {actor.name: "aa00000000000000000000aa", witness.name: "bb00000000000000000000bb"}
    order = tenant.create(lines=lines(), keys=keys)
    own = {name: {**order, "id": f"native:{key}" if name == "native" else key} for name, key in keys.items()}
    assert tenant.send(actor.cancel_rest(own[actor.name], _REASON)).status_code == 200
    assert _see(tenant, witness, own[witness.name]).over
    assert _see(tenant, witness, order).over
    stranger = {**order, "id": keys[actor.name]}
    assert tenant.send(witness.read(stranger)).status_code == 404
