"""A draft is told anew as often as one likes; an order that is placed is not."""

from decimal import Decimal
from typing import Any

import pytest

from app.core.commands import ReviseDraft
from app.core.messages import NewFee, NewLine, OpenOrder
from app.core.model import Address, Customer, FeeKind, OrderState
from app.core.refusal import Code
from tests.core.building import L1, L2, NOW, Story, event_of, lines, placed, take, whole


def new(sku: str, quantity: int, price: int = 500, **fields: Any) -> NewLine:
    return NewLine(sku=sku, quantity=quantity, unit_price=price, **fields)


def draft(*quantities: int, **fields: Any) -> Story:
    return Story(placed(*quantities, draft=True, **fields))


def told(story: Story) -> list[tuple[str, str, int, int]]:
    return [(line.id, line.sku, line.quantity, line.unit_price) for line in story.ledger.order.lines]


def test_lines_are_known_again_by_their_sku():
    story = draft(2, 1)

    change = story.do(ReviseDraft(lines=(new("B", 4), new("D", 1), new("A", 3, 700))))

    fresh = story.ledger.order.lines[1].id
    assert told(story) == [(L2, "B", 4, 500), (fresh, "D", 1, 500), (L1, "A", 3, 700)]
    assert fresh not in {L1, L2}
    assert story.ledger.order.state is OrderState.DRAFT
    event = event_of(change)
    assert event.type == "order.updated"
    assert event.before["lines"].keys() == {L1, L2}
    assert event.after["lines"].keys() == {L1, L2, fresh}


def test_a_line_may_go():
    story = draft(2, 1)

    event = event_of(story.do(ReviseDraft(lines=(new("B", 1, 1000),))))

    assert [line.id for line in story.ledger.order.lines] == [L2]
    assert (event.before["lines"].keys(), event.after["lines"].keys()) == ({L1}, set())


def test_two_lines_of_one_sku_are_two():
    story = draft(lines=(new("A", 1), new("A", 2)))

    story.do(ReviseDraft(lines=(new("A", 5), new("A", 6), new("A", 7))))

    assert [(line.quantity, line.id in {L1, L2}) for line in story.ledger.order.lines] == [
        (5, True),
        (6, True),
        (7, False),
    ]


def test_a_line_keeps_its_keys_and_loses_a_parent_that_went():
    bundle = (new("A", 1, ref="a", keys={"shopline": "k1"}), new("B", 2, parent="a"))
    story = draft(lines=bundle)
    assert story.ledger.order.lines[1].parent_id == L1

    story.do(ReviseDraft(lines=(new("A", 2), new("B", 2))))
    first, second = story.ledger.order.lines
    assert (first.keys, second.parent_id) == ({"shopline": "k1"}, L1)

    story.do(ReviseDraft(lines=(new("B", 2),)))
    assert story.ledger.order.lines[0].parent_id is None


def test_each_part_is_told_alone():
    story = draft(2, note="old", extras={"happycolis": {"a": 1, "b": 1}, "native": {"c": 1}})
    story.dialect = "happycolis"
    address, customer = Address(city="Lyon"), Customer(name="Ada")

    story.do(ReviseDraft(shipping_address=address, customer=customer, note="new", placed_at=NOW, manual=True))
    story.do(ReviseDraft(extras={"b": 2}))

    order = story.ledger.order
    assert (order.shipping_address, order.customer, order.note, order.manual) == (address, customer, "new", True)
    assert order.extras == {"happycolis": {"a": 1, "b": 2}, "native": {"c": 1}}
    assert told(story) == [(L1, "A", 2, 1000)]
    assert order.version == 3


def test_nothing_new_is_no_change():
    story = draft(2, note="as it is")

    change = story.do(ReviseDraft(note="as it is", currency="EUR"))

    assert (change.event, story.ledger.order.version) == (None, 1)


def test_amounts_change_their_meaning_only_together():
    story = draft(2, fees=(NewFee(kind=FeeKind.SHIPPING, amount=300),), tax_rate="0.2")
    bought, fees = (new("A", 2, 80, tax_rate=Decimal("0.2")),), (NewFee(kind=FeeKind.SHIPPING, amount=5),)

    for alone in (
        ReviseDraft(currency="JPY"),
        ReviseDraft(currency="JPY", lines=bought),
        ReviseDraft(prices_include_tax=False, fees=fees),
    ):
        assert story.refuses(alone) == (
            Code.INVALID,
            {"field": "currency", "problem": "changes only together with all lines and fees"},
        )

    story.do(ReviseDraft(currency="JPY", prices_include_tax=False, lines=bought, fees=fees))
    order = story.ledger.order
    assert (order.currency, order.prices_include_tax, [fee.amount for fee in order.fees]) == ("JPY", False, [5])


def test_without_fees_the_lines_alone_carry_the_currency():
    story = draft(2).then(ReviseDraft(currency="JPY", lines=(new("A", 2, 80),)))

    assert story.ledger.order.currency == "JPY"


@pytest.mark.parametrize("story", [Story(placed(2)), draft(2).then(OpenOrder()), draft(2).then(whole())])
def test_only_a_draft(story: Story):
    assert story.refuses(ReviseDraft(note="late")) == (Code.NOT_A_DRAFT, {})


def test_a_draft_needs_a_line():
    assert draft(2).refuses(ReviseDraft(lines=())) == (Code.INVALID, {"field": "lines", "problem": "names no line"})


def test_what_was_cancelled_of_a_draft_stays_told():
    story = draft(2, 1).then(lines(take(L1, 1)))

    code, facts = story.refuses(ReviseDraft(lines=(new("A", 9),)))

    assert (code, facts["field"]) == (Code.INVALID, "lines")
    assert story.then(ReviseDraft(note="but this may change")).ledger.order.note == "but this may change"
