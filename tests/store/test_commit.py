"""A commit writes the order, its event, tasks, stored reply, keys and stock movements, all with the right contents."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.core import fulfil
from app.core.answer import decide_answer
from app.core.cancel import decide_cancel
from app.core.create import decide_open
from app.core.ledger import Ledger
from app.core.messages import Allocate, Answer, Cancel, Fulfil, FulfilItem, NewLine, OpenOrder, Target
from app.core.model import Order, Payment, PaymentStatus, Reason, Scope, Stage
from app.core.policy import Policy
from app.core.ports import Store
from app.store import codec
from tests.store.world import START, World, everything, new_order, table

DEADLINE = Policy(warehouse_deadline=3600)


async def test_a_new_order(world: World):
    command = new_order(2, number="N-1", keys={"shopline": "s-1"}, payment=Payment(status=PaymentStatus.PAID))
    commit = world.creation(command, key="k", fingerprint="f", reply="r")
    order = await world.write(commit)
    rows = await everything(world.store)
    assert rows["orders"] == [_order_row(order, state="open", progress="none", payment="paid")]
    assert rows["order_keys"] == [_key(order, "shopline", "order", "s-1")]
    assert rows["events"] == [
        {
            "tenant_id": "t1",
            "id": commit.event_id,
            "order_id": order.id,
            "version": 1,
            "type": "order.created",
            "at": order.created_at,
            "credential_id": "c1",
            "dialect": "native",
            "party": "seller",
            "case_id": None,
            "before": {},
            "after": {"state": "open", "cancelled": False, "lines": {order.lines[0].id: _counts(open=2)}},
            "format": None,
            "body": None,
        }
    ]
    assert rows["tasks"] == []
    assert rows["replays"] == [_replay(order, "k", "f", "r", None)]
    assert rows["stock_movements"] == []


async def test_what_somebody_is_to_hear_of_is_kept_with_its_event_and_published(world: World):
    await world.subscribe()
    created = world.creation(new_order(2), key="k", reply="r")
    cancelled = world.decision(decide_cancel, await world.write(created), Cancel(scope=Scope.ORDER))
    await world.write(cancelled)
    orders = [commit.change.ledger.order for commit in (created, cancelled)]
    events = await table(world.store, "events")
    assert [(event["format"], event["body"]) for event in events] == [
        (1, json.loads(codec.encode(order))) for order in orders
    ]
    assert await table(world.store, "tasks") == [
        _task(order, commit.event_id, "publish", {"event_id": commit.event_id}, order.updated_at, lane=order.id)
        for order, commit in zip(orders, (created, cancelled), strict=True)
    ]


async def test_the_keys_of_an_order_and_its_lines(world: World):
    lines = tuple(
        NewLine(sku=f"S{n}", quantity=1, unit_price=1, keys={"convictional": f"c{n}", "afosto": f"a{n}"})
        for n in range(2)
    )
    order = await world.create(new_order(lines=lines, keys={"shopline": "s", "convictional": "c0"}))
    wanted = [("convictional", "order", "c0"), ("shopline", "order", "s")]
    wanted += [(dialect, "line", f"{dialect[0]}{n}") for dialect in ("afosto", "convictional") for n in range(2)]
    assert await table(world.store, "order_keys") == [_key(order, *key) for key in sorted(wanted)]


async def test_a_new_version_replaces_the_order_and_appends_the_rest(world: World):
    order = await world.create(new_order(3, number="N-1"))
    before = await everything(world.store)
    commit = world.decision(decide_cancel, order, Cancel(scope=Scope.ORDER, reason=Reason("c", "t")))
    changed = await world.write(commit)
    after = await everything(world.store)
    assert after["orders"] == [_order_row(changed, state="completed", cancelled=True, progress="none")]
    assert await world.order(order.id) == changed
    assert after["events"][:1] == before["events"]
    event = after["events"][1]
    assert (event["version"], event["type"], event["case_id"]) == (2, "cancellation.accepted", changed.cases[0].id)
    line = order.lines[0].id
    assert event["before"] == {"state": "open", "cancelled": False, "lines": {line: _counts(open=3)}}
    assert event["after"] == {"state": "completed", "cancelled": True, "lines": {line: _counts(cancelled=3)}}
    for untouched in ("order_keys", "replays", "stock_movements", "tasks", "tenants"):
        assert after[untouched] == before[untouched]


async def test_only_that_order_of_that_tenant_changes(world: World):
    other = await World(world.store, tenant_id="t2").add_tenant()
    one, two = await world.create(new_order()), await world.create(new_order())
    commit = other.creation(new_order())
    twin = replace(commit.change.ledger.order, id=one.id)  # the same id under another tenant
    await other.write(replace(commit, change=replace(commit.change, ledger=Ledger(twin))))
    await world.write(world.decision(decide_cancel, one, Cancel(scope=Scope.ORDER)))
    assert (await world.order(two.id), await other.order(one.id)) == (two, twin)


async def _held_by_warehouses(world: World) -> Order:
    """Three units, two with warehouses that have to be asked, one with nobody."""
    await world.add_location("w1", "manual")
    await world.add_location("w2", "manual")
    order = await world.create(new_order(3))
    for location in ("w1", "w2"):
        targets = (Target(ref=order.lines[0].id, quantity=1),)
        command = Allocate(location_id=location, connector="manual", targets=targets, stage=Stage.REQUESTED)
        order = await world.write(world.decision(fulfil.decide_allocate, order, command))
    return order


async def test_a_pending_case_with_tasks_keys_and_reply(world: World):
    await world.subscribe()
    order = await _held_by_warehouses(world)
    before = await everything(world.store)
    target = Target(ref=order.lines[0].id, units=((1, 3),), contra_ids={"1": "x1", "2": "x2", "3": "x3"})
    ctx = world.context(policy=DEADLINE, dialect="afosto")
    commit = world.decision(
        decide_cancel, order, Cancel(scope=Scope.LINES, targets=(target,)), ctx=ctx, key="k", fingerprint="f", reply="r"
    )
    changed = await world.write(commit)
    after = await everything(world.store)
    case = changed.cases[0].id
    first = int(commit.event_id[-3:], 16)
    ids = [commit.event_id[:-3] + f"{first ^ n:03x}" for n in range(4)]
    now, warehouse = ctx.now, {"case_id": case}
    wanted = [
        _task(changed, ids[0], "publish", {"event_id": commit.event_id}, now, lane=order.id),
        _task(changed, ids[1], "warehouse", {**warehouse, "location_id": "w1"}, now, channel="w1"),
        _task(changed, ids[2], "warehouse", {**warehouse, "location_id": "w2"}, now, channel="w2"),
        _task(changed, ids[3], "deadline", warehouse, now + timedelta(hours=1)),
    ]
    assert [row for row in after["tasks"] if row not in before["tasks"]] == sorted(wanted, key=lambda row: row["id"])
    assert after["order_keys"] == [_key(changed, "afosto", "contra", f"x{n}") for n in (1, 2, 3)]
    assert after["replays"] == [_replay(changed, "k", "f", "r", case)]
    assert after["events"][-1]["dialect"] == "afosto"
    assert after["orders"] == [_order_row(changed, state="open", progress="none", undecided=True)]
    assert after["stock_movements"] == []


async def test_a_restock_is_a_movement_for_each_adjustment(world: World):
    order = await _held_by_warehouses(world)
    cancel = world.decision(decide_cancel, order, Cancel(scope=Scope.ORDER, restock_to="shelf"))
    order = await world.write(cancel)
    yes = world.decision(decide_answer, order, Answer(case_id=order.cases[0].id, accepted=True))
    order = await world.write(yes)
    assert len(order.adjustments) == 3
    assert await table(world.store, "stock_movements") == [
        {
            "tenant_id": "t1",
            "id": adjustment.id,
            "location_id": "shelf",
            "sku": "S0",
            "delta": 1,
            "adjustment_id": adjustment.id,
            "credential_id": None,
            "note": None,
            "at": order.updated_at,
        }
        for adjustment in order.adjustments
    ]


async def test_the_head_that_lists_filter_by_follows_the_ledger(world: World):
    order = await world.create(new_order(2, draft=True))
    seen = [await _head(world.store)]
    for decide, command in (
        (decide_open, OpenOrder()),
        (fulfil.decide_fulfil, Fulfil(items=(FulfilItem(line=order.lines[0].id, quantity=1),))),
        (decide_cancel, Cancel(scope=Scope.REST)),
    ):
        order = await world.write(world.decision(decide, order, command))
        seen.append(await _head(world.store))
    assert seen == [
        ("draft", False, False, "none", 1),
        ("open", False, False, "none", 2),
        ("open", False, False, "partial", 3),
        ("completed", False, True, "full", 4),
    ]


async def test_many_keys_and_movements_go_in_with_one_commit(world: World):
    """More values than one PostgreSQL statement takes parameters (32,767)."""
    lines = tuple(
        NewLine(sku=f"S{n}", quantity=1, unit_price=1, keys={"convictional": f"c{n}", "afosto": f"a{n}"})
        for n in range(6_000)
    )
    order = await world.create(new_order(lines=lines))
    changed = await world.write(world.decision(decide_cancel, order, Cancel(scope=Scope.ORDER, restock_to="shelf")))
    assert await world.order(order.id) == changed
    keys = await table(world.store, "order_keys")
    movements = await table(world.store, "stock_movements")
    assert len({(row["dialect"], row["key"]) for row in keys}) == 12_000
    assert {row["sku"] for row in movements} == {line.sku for line in lines}
    assert len(movements) == 6_000


async def _head(store: Store) -> tuple[Any, ...]:
    (row,) = await table(store, "orders")
    return row["state"], row["cancelled"], row["shipped"], row["progress"], row["version"]


def _counts(**given: int) -> dict[str, int]:
    return {"open": 0, "pending": 0, "cancelled": 0, "fulfilled": 0, "returned": 0, **given}


def _order_row(order: Order, **head: Any) -> dict[str, Any]:
    row = {
        "tenant_id": "t1",
        "id": order.id,
        "number": order.number,
        "version": order.version,
        "state": order.state.value,
        "cancelled": False,
        "shipped": False,
        "progress": "none",
        "payment": "waiting",
        "archived_at": None,
        "after_sales": None,
        "after_sales_at": None,
        "undecided": False,
        "email": None,
        "placed_at": order.placed_at,
        "created_at": order.created_at,
        "updated_at": order.updated_at,
        "format": 1,
        "body": json.loads(codec.encode(order)),
    }
    assert row["updated_at"] > START
    return row | head


def _key(order: Order, dialect: str, kind: str, key: str) -> dict[str, Any]:
    return {"tenant_id": "t1", "dialect": dialect, "kind": kind, "key": key, "order_id": order.id}


def _task(order: Order, id_: str, kind: str, payload: dict[str, Any], due_at: Any, **more: Any) -> dict[str, Any]:
    return {
        "tenant_id": "t1",
        "id": id_,
        "order_id": order.id,
        "kind": kind,
        "payload": payload,
        "due_at": due_at,
        "attempts": 0,
        "lease_until": None,
        "lane": None,
        "place": order.version,
        "channel": "",
        "failed_at": None,
        "error": None,
        **more,
    }


def _replay(order: Order, key: str, fingerprint: str, reply: str, case_id: str | None) -> dict[str, Any]:
    return {
        "tenant_id": "t1",
        "credential_id": "c1",
        "key": key,
        "fingerprint": fingerprint,
        "reply": reply,
        "order_id": order.id,
        "case_id": case_id,
        "created_at": order.updated_at,
    }
