"""Lists by the customer's e-mail, by several numbers, and by what is still to be done."""

from dataclasses import replace

import pytest

from app.core import units as u
from app.core.aftersales import AnnounceReturn, StepTarget, TakeStep
from app.core.decide import decide
from app.core.messages import Cancel, Fulfil, Target
from app.core.model import Customer, Order, Scope, Step
from app.core.ports import Query
from tests.store.world import World, new_order

_EMAILS = {"A": "Ann@Example.com", "B": "ann@example.com", "C": None, "D": "bob@example.com"}


async def _made(world: World) -> dict[str, Order]:
    """A is a draft, B is open, C was shipped, D was shipped and comes back."""
    made = {}
    for name, email in _EMAILS.items():
        command = new_order(2, number=f"N-{name}", draft=name == "A")
        made[name] = await world.create(replace(command, customer=Customer(email=email)))
    for name in "CD":
        made[name] = await _do(world, made[name], Fulfil())
    back = Target(ref=made["D"].lines[0].id, units=u.of([1]))
    made["D"] = await _do(world, made["D"], AnnounceReturn(targets=(back,)))
    return made


async def _do(world: World, order: Order, command: object) -> Order:
    return await world.write(world.decision(decide, order, command))  # type: ignore[arg-type]


async def _found(world: World, query: Query) -> str:
    orders = await world.store.find("t1", query)
    assert await world.store.count("t1", query) == len(orders)
    return "".join(order.number[-1] for order in orders)


CASES = [
    (Query(email="ANN@example.COM"), "AB"),
    (Query(email="bob@example.com"), "D"),
    (Query(email="%"), ""),
    (Query(email=""), ""),
    (Query(numbers=["N-C", "N-A", "N-X"]), "AC"),
    (Query(numbers=[]), ""),
    (Query(standing=["draft"]), "A"),
    (Query(standing=["open"]), "BD"),
    (Query(standing=["closed"]), "C"),
    (Query(standing=["closed", "draft"]), "AC"),
    (Query(standing=["open"], email="ann@example.com"), "B"),
    (Query(standing=[]), ""),
]


@pytest.mark.parametrize(("query", "names"), CASES)
async def test_filters(world: World, query: Query, names: str):
    await _made(world)
    assert await _found(world, query) == names


async def test_it_stands_open_until_the_last_step(world: World):
    made = await _made(world)
    order, closed = made["D"], Query(standing=["closed"])
    for step in (Step.RECEIVED, Step.APPROVED, Step.FINISHED):
        assert await _found(world, closed) == "C"
        targets = (StepTarget(ref=f"{order.adjustments[0].id}.1"),)
        order = await _do(world, order, TakeStep(step=step, targets=targets))
    assert await _found(world, closed) == "CD"
    gone = Cancel(scope=Scope.ORDER)
    await _do(world, made["B"], gone)
    assert await _found(world, closed) == "BCD"
