"""Orders as earlier programs wrote them still read, say what they said, and go on: `bodies` has some of each time.

The files are called after the schema of their time. They are never made anew: a new time gets a file of its own.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest

from app.core import money
from app.core.aftersales import AnnounceReturn, CreditFees, GiveBack, NewCredit, StepTarget, TakeStep
from app.core.ledger import Ledger, imbalances
from app.core.messages import Fulfil, Target
from app.core.model import CaseState, Order, PaymentStatus, Step
from app.store import codec, statements
from app.store.registry import SqlRegistry
from app.store.rows import order_row
from tests.store.world import World

FILES = sorted((Path(__file__).parent / "bodies").glob("*.json"))
WALKED, CONTRA = "walked", "0f8f7c8e-5f0b-4a51-8f1e-3b1a8a6f0001"
every_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def stored(path: Path) -> dict[str, Any]:
    return cast(dict[str, Any], json.loads(path.read_text()))


def read(path: Path, name: str) -> Order:
    said = stored(path)
    return codec.decode_order(said["format"], json.dumps(said["orders"][name]))


def test_there_are_some():
    assert [path.stem for path in FILES] == ["0001", "0002"]


@every_file
def test_they_say_what_they_said(path: Path):
    said = stored(path)
    assert set(said["orders"]) == {WALKED, "cancelled", "draft"}
    for name, body in said["orders"].items():
        ledger = Ledger(read(path, name))
        assert {id_: held.counts() for id_, held in ledger.positions.items()} == said["counts"][name]
        assert list(imbalances(ledger)) == []
        _same(body, json.loads(codec.encode(ledger.order)))


def _same(old: Any, new: Any) -> None:
    """All that was written is there as it was; what has come since is empty."""
    if isinstance(old, dict):
        for name, value in old.items():
            _same(value, new[name])
        assert not any(new[name] for name in new.keys() - old.keys())
    elif isinstance(old, list):
        assert len(old) == len(new)
        for one, other in zip(old, new, strict=True):
            _same(one, other)
    else:
        assert old == new


@every_file
def test_what_has_come_since_is_as_if_nothing_had_happened(path: Path):
    order = read(path, WALKED)
    assert (order.refunds, order.fee_credits, order.language, order.archived_at) == ((), (), None, None)
    assert (order.payment.amount, order.fulfillments[0].delivered_at) == (None, None)
    assert [a.origin for a in order.adjustments] == [a.id for a in order.adjustments]
    # five at 3.33 and three at 12.50, 7 % and 20 % on top, and 4.90 for the post
    assert (money.order_total(order), money.paid(order)) == (1782 + 4500 + 490, 6772)
    assert money.order_due(order) == 6772 - 357 - 1500


@every_file
async def test_the_program_goes_on_from_there(world: World, path: Path):
    order = read(path, WALKED)
    order = replace(order, tenant_id=world.tenant_id)
    await _insert(world, order, json.dumps(stored(path)["orders"][WALKED] | {"tenant_id": world.tenant_id}))
    mug = order.lines[1].id
    on_its_way = order.adjustments[4].id

    for step in (Step.APPROVED, Step.FINISHED):
        await world.act(order.id, TakeStep(step=step, targets=(StepTarget(ref=CONTRA),)), dialect="afosto")
        if step is Step.APPROVED:
            credit = CreditFees(targets=(StepTarget(ref=CONTRA),), credits=(NewCredit(fee_id=order.fees[0].id),))
            await world.act(order.id, credit, dialect="afosto")
    await world.act(order.id, TakeStep(step=Step.RECEIVED, targets=(StepTarget(ref=f"{on_its_way}.1"),)))
    await world.act(order.id, Fulfil())
    await world.act(order.id, AnnounceReturn(targets=(Target(ref="li-1", quantity=2),)), dialect="shopline")
    await world.act(order.id, GiveBack(targets=(Target(ref=mug, quantity=1),)))

    after = await world.order(order.id)
    assert list(imbalances(Ledger(after))) == []
    assert [held.counts()["cancelled"] for held in Ledger(after).positions.values()] == [2, 1]
    assert [held.counts()["returned"] for held in Ledger(after).positions.values()] == [0, 2]
    assert after.cases[3].state is CaseState.ACCEPTED
    assert (money.order_due(after), money.refunded(after)) == (6772 - 357 - 1500 - 357 - 490, 1500)
    assert after.payment.status is PaymentStatus.PARTIALLY_REFUNDED


async def _insert(world: World, order: Order, body: str) -> None:
    """The row as it stood then, its body to the letter."""
    sql = cast(SqlRegistry, world.store)
    row = [body if value == codec.encode(order) else value for value in order_row(Ledger(order), sql.to_time)]
    assert body in row
    await sql.fetch(statements.insert("orders", 1), *row)
