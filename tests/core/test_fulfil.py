"""Units are shipped and given to locations; what is cancelled, or may yet be, is neither."""

import pytest

from app.core import units as u
from app.core.messages import Allocate, Fulfil, FulfilItem, MoveAllocation, NewLine
from app.core.model import FulfillmentState, OrderState, Stage
from app.core.refusal import Code
from tests.core.building import (
    HAMBURG,
    L1,
    L2,
    L3,
    LYON,
    Story,
    case_of,
    counts,
    event_of,
    lines,
    placed,
    rest,
    take,
    unit,
    whole,
)


def ship(*items: FulfilItem) -> Fulfil:
    return Fulfil(items=items)


def by_sku(sku: str, quantity: int | None = None) -> FulfilItem:
    return FulfilItem(sku=sku, quantity=quantity, field="items.0")


def move(allocation_id: str, stage: Stage) -> MoveAllocation:
    return MoveAllocation(allocation_id=allocation_id, stage=stage)


def twins() -> Story:
    """Lines 1 and 3 are of sku A, line 2 is of sku B."""
    bought = tuple(NewLine(sku=sku, quantity=n, unit_price=1000) for sku, n in (("A", 2), ("B", 2), ("A", 3)))
    return Story(placed(lines=bought))


def shipped(story: Story) -> list[tuple[str, list[int]]]:
    return [(i.line_id, u.numbers(i.units)) for f in story.ledger.order.fulfillments for i in f.items]


def allocate(location: str, *targets: object, stage: Stage = Stage.PLANNED) -> Allocate:
    return Allocate(location_id=location, connector="http", targets=targets, stage=stage)  # type: ignore[arg-type]


def test_everything_that_is_open():
    story = Story(placed(2, 1))

    change = story.do(Fulfil(carrier="DHL", tracking_code="T1", tracking_urls=("https://t/1",)))

    assert shipped(story) == [(L1, [1, 2]), (L2, [1])]
    assert (story.ledger.order.state, story.ledger.shipped) == (OrderState.COMPLETED, True)
    assert event_of(change).type == "order.fulfilled"
    (parcel,) = story.ledger.order.fulfillments
    assert (parcel.carrier, parcel.tracking_code, parcel.tracking_urls) == ("DHL", "T1", ("https://t/1",))
    assert (parcel.state, parcel.version) == (FulfillmentState.SHIPPED, 2)


def test_the_lowest_numbers_first():
    story = Story(placed(4)).ship(L1, 1).ship(L1, 2)

    assert shipped(story) == [(L1, [1]), (L1, [2, 3])]
    assert (story.ledger.order.state, story.ledger.shipped) == (OrderState.OPEN, False)


def test_what_is_cancelled_is_stepped_over():
    story = Story(placed(4)).then(lines(unit(L1, 1), unit(L1, 3))).ship(L1, 1).ship(L1)

    assert shipped(story) == [(L1, [2]), (L1, [4])]
    assert counts(story.ledger) == (0, 0, 2, 2, 0)


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([by_sku("A", 1)], [(L1, [1])]),
        ([by_sku("A", 3)], [(L1, [1, 2]), (L3, [1])]),
        ([by_sku("A")], [(L1, [1, 2]), (L3, [1, 2, 3])]),
        ([by_sku("A", 1), by_sku("A", 2)], [(L1, [1, 2]), (L3, [1])]),
        ([FulfilItem(line=L3, quantity=2), by_sku("A", 3)], [(L3, [1, 2, 3]), (L1, [1, 2])]),
        ([by_sku("B"), by_sku("A", 1)], [(L2, [1, 2]), (L1, [1])]),
    ],
    ids=["1 of 5", "3 of 5", "all", "1 and 2", "a line, then its sku", "two skus"],
)
def test_by_sku_over_all_its_lines(items, expected):
    assert shipped(twins().then(ship(*items))) == expected


def test_a_sku_whose_first_line_is_cancelled_ships_from_the_next():
    assert shipped(twins().then(lines(take(L1))).then(ship(by_sku("A", 2)))) == [(L3, [1, 2])]


OUT = Code.QUANTITY_OUT_OF_RANGE


@pytest.mark.parametrize(
    ("items", "code", "facts"),
    [
        ([FulfilItem(line="nope", field="x")], Code.LINE_NOT_FOUND, {"field": "x"}),
        ([by_sku("Z")], Code.LINE_NOT_FOUND, {"field": "items.0"}),
        ([FulfilItem()], Code.LINE_NOT_FOUND, {"field": "lines"}),
        ([by_sku("A", 6)], OUT, {"field": "items.0", "minimum": 1, "maximum": 5}),
        ([by_sku("A", 0)], OUT, {"field": "items.0", "minimum": 1, "maximum": 5}),
        ([FulfilItem(line=L1, quantity=-1)], OUT, {"field": "lines", "minimum": 1, "maximum": 2}),
        ([by_sku("A", 4), by_sku("A", 2)], OUT, {"field": "items.0", "minimum": 1, "maximum": 1}),
        ([FulfilItem(line=L1), FulfilItem(line=L1)], OUT, {"field": "lines", "minimum": 1, "maximum": 0}),
        ([FulfilItem(line=L2), by_sku("Z")], Code.LINE_NOT_FOUND, {"field": "items.0"}),
    ],
    ids=["line", "sku", "neither", "too many", "zero", "negative", "together", "twice", "good before bad"],
)
def test_refused_shipments(items, code, facts):
    assert twins().refuses(ship(*items)) == (code, facts)


def test_a_draft_is_neither_shipped_nor_allocated():
    draft = Story(placed(1, draft=True))

    assert draft.refuses(Fulfil()) == (Code.NOT_OPEN, {})
    assert draft.refuses(allocate(HAMBURG)) == (Code.NOT_OPEN, {})


@pytest.mark.parametrize(
    "story",
    [
        lambda: Story(placed(2)).then(whole()),
        lambda: Story(placed(2)).ship(),
        lambda: Story(placed(2)).hold(HAMBURG).then(whole()),
        lambda: Story(placed(2)).then(lines(unit(L1, 1), unit(L1, 2), stepwise=True)),
        lambda: Story(placed()),
    ],
    ids=["cancelled", "shipped", "waits for a warehouse", "awaits approval", "no lines"],
)
def test_nothing_to_ship(story):
    assert story().refuses(Fulfil()) == (Code.NOTHING_TO_FULFIL, {})


def test_pending_units_are_stepped_over():
    story = Story(placed(4)).hold(HAMBURG, take(L1, 2)).then(lines(take(L1, units=((1, 1),))))

    assert story.refuses(ship(FulfilItem(line=L1, quantity=4))) == (OUT, {"field": "lines", "minimum": 1, "maximum": 3})
    assert shipped(story.ship(L1, 2)) == [(L1, [2, 3])]


def test_cancel_then_ship_and_ship_then_cancel_leave_each_unit_in_one_place():
    one = Story(placed(3)).then(lines(take(L1, 2))).ship()
    other = Story(placed(3)).ship(L1, 1).then(rest())

    assert counts(one.ledger) == counts(other.ledger) == (0, 0, 2, 1, 0)
    assert [s.refuses(whole()) for s in (one, other)] == [(Code.ALREADY_FULFILLED, {})] * 2
    assert [s.refuses(Fulfil()) for s in (one, other)] == [(Code.NOTHING_TO_FULFIL, {})] * 2


def test_an_allocation_takes_the_lowest_units_that_nobody_holds():
    story = Story(placed(4, 2)).then(allocate(HAMBURG, take(L1, 2))).then(allocate(LYON))

    assert [[(i.line_id, u.numbers(i.units)) for i in a.items] for a in story.ledger.order.allocations] == [
        [(L1, [1, 2])],
        [(L1, [3, 4]), (L2, [1, 2])],
    ]
    assert story.refuses(allocate(HAMBURG)) == (Code.NOTHING_TO_ALLOCATE, {})
    assert story.refuses(allocate(HAMBURG, take(L1, 1))) == (OUT, {"field": "lines", "minimum": 1, "maximum": 0})


def test_a_line_named_twice_is_allocated_once():
    story = Story(placed(4)).then(allocate(HAMBURG, take(L1, 1), take(L1, 2)))

    (allocation,) = story.ledger.order.allocations
    assert [(item.line_id, item.units) for item in allocation.items] == [(L1, ((1, 3),))]


@pytest.mark.parametrize(
    ("start", "to"),
    [
        (Stage.PLANNED, Stage.OPENED),
        (Stage.PLANNED, Stage.PICKING),
        (Stage.REQUESTED, Stage.ACCEPTED),
        (Stage.PICKING, Stage.CANCELLED),
    ],
)
def test_stages_go_forward(start, to):
    story = Story(placed(2)).then(allocate(HAMBURG, stage=start))

    change = story.do(move(story.ledger.order.allocations[0].id, to))

    assert event_of(change).type == "allocation.updated"
    assert story.ledger.order.allocations[0].stage is to


@pytest.mark.parametrize(
    ("start", "to"),
    [(Stage.REQUESTED, Stage.OPENED), (Stage.PICKING, Stage.ACCEPTED), (Stage.OPENED, Stage.PLANNED)],
)
def test_stages_do_not_go_back(start, to):
    story = Story(placed(2)).then(allocate(HAMBURG, stage=start))

    assert story.refuses(move(story.ledger.order.allocations[0].id, to)) == (
        Code.STAGE_NOT_ALLOWED,
        {"stage": to.value},
    )


def test_the_same_stage_again_changes_nothing():
    story = Story(placed(2)).then(allocate(HAMBURG))

    assert story.do(move(story.ledger.order.allocations[0].id, Stage.PLANNED)).event is None


def test_an_unknown_allocation_and_a_stage_to_start_with():
    story = Story(placed(2))

    assert story.refuses(move("nope", Stage.OPENED)) == (Code.ALLOCATION_NOT_FOUND, {})
    assert story.refuses(allocate(HAMBURG, stage=Stage.CANCELLED)) == (Code.STAGE_NOT_ALLOWED, {"stage": "cancelled"})


def test_a_cancelled_allocation_lets_its_units_go_and_stays_cancelled():
    story = Story(placed(2)).then(allocate(HAMBURG))
    first = story.ledger.order.allocations[0].id
    story.then(move(first, Stage.CANCELLED)).then(allocate(LYON))

    assert [a.stage for a in story.ledger.order.allocations] == [Stage.CANCELLED, Stage.PLANNED]
    assert [a.items[0].units for a in story.ledger.order.allocations] == [((1, 2),), ((1, 2),)]
    assert counts(story.ledger) == (2, 0, 0, 0, 0)
    assert story.refuses(move(first, Stage.OPENED)) == (Code.STAGE_NOT_ALLOWED, {"stage": "opened"})


def test_an_allocation_that_owes_an_answer_or_has_shipped_cannot_be_cancelled():
    story = Story(placed(2)).hold(HAMBURG)
    drop = move(story.ledger.order.allocations[0].id, Stage.CANCELLED)
    case = case_of(story.do(lines(take(L1, 1))))
    assert story.refuses(drop) == (Code.CANCELLATION_PENDING, {"case_id": case.id})

    story.answer(False)
    story.ship(L1, 1)

    assert story.refuses(drop) == (Code.STAGE_NOT_ALLOWED, {"stage": "cancelled"})
