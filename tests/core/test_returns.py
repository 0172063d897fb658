"""What was shipped comes back: announced, received or finished at once, with goods that were never sold here."""

from datetime import timedelta
from typing import Any

import pytest

from app.core import money
from app.core import units as u
from app.core.aftersales import AnnounceReturn, LooseReturn, MoveFulfillment
from app.core.messages import Fulfil, NewLine, Target
from app.core.model import CaseState, FulfillmentState, LineType, OrderState, Reason, Step
from app.core.policy import Policy
from app.core.refusal import Code, Refusal
from tests.core.building import L1, L2, NOW, SHOP, Story, case_of, context, counts, decide, event_of, placed, take, unit

FINISHED, RECEIVED = Step.FINISHED, Step.RECEIVED
LOOSE = LooseReturn(sku="Z", title="Other", quantity=2, unit_price=150, reason=Reason("STRAY"))


def back(*targets: Target, **fields: Any) -> AnnounceReturn:
    return AnnounceReturn(targets=targets, **fields)


@pytest.mark.parametrize(
    ("until", "policy", "steps", "state"),
    [
        (Step.ANNOUNCED, {}, ["announced"], CaseState.PENDING),
        (RECEIVED, {}, ["received", "awaiting_approval"], CaseState.PENDING),
        (RECEIVED, {"approve_returns": False}, ["received"], CaseState.PENDING),
        (FINISHED, {}, ["received", "finished"], CaseState.ACCEPTED),
    ],
    ids=["announced", "received", "nobody approves", "finished"],
)
def test_how_far_it_goes_at_once(until: Step, policy: dict[str, Any], steps: list[str], state: CaseState):
    story = Story(placed(3)).ship().under(**policy)

    change = story.do(back(take(L1, 2), until=until, reason=Reason("DAMAGED", "box open")))

    assert story.steps() == [steps]
    assert (case_of(change).state, case_of(change).reason) == (state, Reason("DAMAGED", "box open"))
    assert (event_of(change).type, change.movements) == (f"return.{until.value}", ())
    assert story.ledger.positions[L1].announced == (u.of([1, 2]) if until is Step.ANNOUNCED else u.NONE)
    assert (story.ledger.order.state, story.ledger.working) == (OrderState.COMPLETED, until is not FINISHED)


@pytest.mark.parametrize("tracked", [True, False])
def test_finished_at_once_and_put_on_a_shelf(tracked: bool):
    story = Story(placed(3, 1, track_inventory=tracked)).ship()

    change = story.do(back(take(L1, 2), take(L2), loose=(LOOSE,), until=FINISHED, restock_to=SHOP))

    moved = [(m.location_id, m.sku, m.delta) for m in change.movements]
    assert moved == ([(SHOP, "A", 2), (SHOP, "B", 1), (SHOP, "Z", 2)] if tracked else [])
    middle = ["restocked"] if tracked else []
    assert story.steps() == [["received", *middle, "finished"]] * 3
    assert money.order_due(story.ledger.order) == 1000 - 300


def test_goods_that_were_never_sold_here_walk_beside_the_others():
    story = Story(placed(2), dialect="afosto").ship(L1, 1)

    story.do(back(unit(L1, 1, "r1"), loose=(LOOSE,), reason=Reason("OF_ALL")))
    loose = story.ledger.order.adjustments[1]
    assert (loose.line_id, loose.sku, loose.title, loose.amount, loose.reason) == (
        None, "Z", "Other", 300, Reason("STRAY"),
    )  # fmt: skip
    story.walk(RECEIVED, f"{loose.id}.2", "r1")
    story.walk(Step.APPROVED, f"{loose.id}.2")
    moved = story.walk(Step.RESTOCKED, f"{loose.id}.2", location=SHOP).movements

    assert [(m.sku, m.delta) for m in moved] == [("Z", 1)]
    assert [(a.step.value, u.count(a.units)) for a in story.ledger.order.adjustments] == [
        ("awaiting_approval", 1), ("announced", 1), ("restocked", 1),
    ]  # fmt: skip
    assert counts(story.ledger) == (1, 0, 0, 1, 1)
    assert money.order_due(story.ledger.order) == 2000 - 150


def test_each_unit_may_have_its_reason_and_alike_ones_go_together():
    story = Story(placed(5), dialect="afosto").ship()
    reasons = [Reason("SIZE"), None, Reason("SIZE"), None, Reason(text="ugly")]
    targets = tuple(
        Target(ref=L1, units=u.of([n]), contra_ids={str(n): f"r{n}"}, reason=reason)
        for n, reason in enumerate(reasons, start=1)
    )

    story.do(back(*targets, reason=Reason("OTHER")))

    assert [(a.units, a.reason, a.amount) for a in story.ledger.order.adjustments] == [
        (u.of([1, 3]), Reason("SIZE"), 2000),
        (u.of([2, 4]), None, 2000),
        (u.of([5]), Reason(text="ugly"), 1000),
    ]
    assert story.ledger.order.adjustments[0].contra_ids == {"1": "r1", "3": "r3"}


def test_a_bundle_and_its_parts_come_back_each_by_itself():
    bought = (
        NewLine(ref="b", sku="SET", quantity=2, unit_price=5000, type=LineType.ASSEMBLE_BUNDLE),
        NewLine(sku="CUP", quantity=4, unit_price=0, type=LineType.PART, parent="b"),
        NewLine(sku="POT", quantity=2, unit_price=900, type=LineType.PRICED_PART, parent="b"),
    )
    story = Story(placed(lines=bought), dialect="afosto").ship()
    ids = [line.id for line in story.ledger.order.lines]

    story.do(back(unit(ids[0], 1, "set"), unit(ids[1], 1, "cup"), unit(ids[1], 2, "cup2"), unit(ids[2], 2, "pot")))
    story.walk(RECEIVED, "set", "cup", "pot")

    assert [(u.numbers(a.units), a.step.value, a.amount) for a in story.ledger.order.adjustments] == [
        ([1], "awaiting_approval", 5000),
        ([2], "announced", 0),
        ([1], "received", 0),  # nothing is due for a part without a price: nobody has to approve it
        ([2], "awaiting_approval", 900),
    ]
    story.walk(Step.FINISHED, "cup")
    assert [held.counts()["returned"] for held in story.ledger.positions.values()] == [1, 1, 1]


def at(story: Story, hours: float, hours_allowed: int, target: Target) -> Code | None:
    now = context(policy=Policy(return_window_hours=hours_allowed), minutes=round(hours * 60))
    try:
        decide(story.ledger, back(target), now)
    except Refusal as no:
        return no.code
    return None


def test_the_window_opens_with_the_parcel_or_once_it_is_known_with_its_arrival():
    story = Story(placed(2, 1)).ship(L1, 1).ship(L1, 1)
    first, second = story.ledger.order.fulfillments
    assert (first.created_at, second.created_at) == (NOW + timedelta(minutes=1), NOW + timedelta(minutes=2))
    closed = Code.RETURN_WINDOW_CLOSED

    def both(hours: float) -> list[Code | None]:
        return [at(story, hours, 24, unit(L1, n)) for n in (1, 2)]

    assert both(24) == [None, None]
    assert both(24 + 1.5 / 60) == [closed, None]
    assert both(25) == [closed, closed]
    assert at(story, 25, 24, take(L1)) is closed
    assert at(story, 25, 24, take(L2)) is Code.NOT_SHIPPED
    story.ledger = decide(
        story.ledger,
        MoveFulfillment(fulfillment_id=first.id, state=FulfillmentState.DELIVERED),
        context(minutes=60 * 10),
    ).ledger
    assert both(25) == [None, closed]
    assert both(35) == [closed, closed]


def test_a_parcel_that_never_left_closes_no_window():
    story = Story(placed(2)).ship(L1, 1)
    id_ = story.ledger.order.fulfillments[0].id
    story.do(MoveFulfillment(fulfillment_id=id_, state=FulfillmentState.VOID))
    story.ledger = decide(story.ledger, Fulfil(), context(minutes=60 * 48)).ledger

    assert at(story, 49, 24, unit(L1, 1)) is None


def test_a_return_opens_no_shipped_order_and_takes_nothing_twice():
    story = Story(placed(3)).ship().then(back(take(L1, 1), until=FINISHED)).then(back(take(L1, 1)))

    assert (story.ledger.order.state, story.ledger.shipped) == (OrderState.COMPLETED, True)
    for targets in ((unit(L1, 1),), (unit(L1, 2),), (take(L1, units=u.of([2, 3])),)):
        assert story.refuses(back(*targets)) == (Code.ALREADY_RETURNED, {"field": "lines"})
    assert story.refuses(back(take(L1, 2))) == (
        Code.QUANTITY_OUT_OF_RANGE,
        {"field": "lines", "minimum": 1, "maximum": 1},
    )
    assert Story(placed(3)).ship().refuses(back(take(L1), take(L1))) == (
        Code.INVALID,
        {"field": "lines", "problem": "was named before"},
    )
