"""What a cancel is refused for: the code, the facts, and that nothing changed (which `Story.refuses` proves)."""

from dataclasses import dataclass
from typing import Any

import pytest

from app.core import ids
from app.core import units as u
from app.core.messages import Cancel, NewLine
from app.core.model import Reason, Step
from app.core.refusal import Code
from tests.core.building import HAMBURG, L1, L2, ORDER, Story, lines, placed, rest, take, unit, whole


def fresh() -> Story:
    return Story(placed(3, 2))


def shipped(quantity: int = 3) -> Story:
    return Story(placed(3)).ship(L1, quantity)


def gone(quantity: int = 3) -> Story:
    return Story(placed(3)).then(lines(take(L1, quantity)))


def waiting(quantity: int = 3) -> Story:
    """Hamburg holds all three and has yet to agree to letting some go."""
    return Story(placed(3)).hold(HAMBURG).then(lines(take(L1, quantity)))


def halves() -> Story:
    return gone(1).ship()


CASE = ids.child(ORDER, 3)  # of `waiting`: after the line and the allocation


@dataclass(frozen=True)
class Refused:
    id: str
    story: Any
    command: Cancel
    code: Code
    facts: dict[str, Any]


LINES = {"field": "lines"}
TWICE = {**LINES, "problem": "was named before"}


def out_of(low: int, high: int) -> dict[str, Any]:
    return {"field": "lines", "minimum": low, "maximum": high}


WHOLE = [
    Refused("no lines at all", lambda: Story(placed()), whole(), Code.NOTHING_TO_CANCEL, {}),
    Refused("no lines, the rest", lambda: Story(placed()), rest(), Code.NOTHING_TO_CANCEL, {}),
    Refused("partly shipped", lambda: shipped(1), whole(), Code.PARTLY_FULFILLED, {}),
    Refused("wholly shipped", shipped, whole(), Code.ALREADY_FULFILLED, {}),
    Refused("wholly shipped, kept", shipped, whole(keep_shipped=True), Code.ALREADY_FULFILLED, {}),
    Refused("wholly shipped, the rest", shipped, rest(), Code.ALREADY_FULFILLED, {}),
    Refused("each unit shipped or cancelled", halves, rest(), Code.ALREADY_FULFILLED, {}),
    Refused("cancelled", gone, whole(), Code.ALREADY_CANCELLED, {}),
    Refused("cancelled, the rest", gone, rest(), Code.ALREADY_CANCELLED, {}),
    Refused("waiting for a warehouse", waiting, whole(), Code.CANCELLATION_PENDING, {"case_id": CASE}),
    Refused("waiting, the rest", waiting, rest(), Code.CANCELLATION_PENDING, {"case_id": CASE}),
]

BY_QUANTITY = [
    Refused("no targets", fresh, lines(), Code.INVALID, {"field": "lines", "problem": "names no line"}),
    Refused("unknown line", fresh, lines(take("nope")), Code.LINE_NOT_FOUND, LINES),
    Refused("the order's own id", fresh, lines(take(ORDER)), Code.LINE_NOT_FOUND, LINES),
    Refused("zero", fresh, lines(take(L1, 0)), Code.QUANTITY_OUT_OF_RANGE, out_of(1, 3)),
    Refused("negative", fresh, lines(take(L1, -1)), Code.QUANTITY_OUT_OF_RANGE, out_of(1, 3)),
    Refused("too many", fresh, lines(take(L1, 4)), Code.QUANTITY_OUT_OF_RANGE, out_of(1, 3)),
    Refused("more than open", lambda: shipped(1), lines(take(L1, 3)), Code.QUANTITY_OUT_OF_RANGE, out_of(1, 2)),
    Refused("more than left", lambda: gone(2), lines(take(L1, 2)), Code.QUANTITY_OUT_OF_RANGE, out_of(1, 1)),
    Refused("shipped", shipped, lines(take(L1, 1)), Code.ALREADY_FULFILLED, LINES),
    Refused("shipped, all", shipped, lines(take(L1)), Code.ALREADY_FULFILLED, LINES),
    Refused("cancelled", gone, lines(take(L1)), Code.ALREADY_CANCELLED, LINES),
    Refused("shipped or cancelled", halves, lines(take(L1)), Code.ALREADY_FULFILLED, LINES),
    Refused("waiting", waiting, lines(take(L1)), Code.CANCELLATION_PENDING, {"case_id": CASE, **LINES}),
    Refused(
        "reaches into what waits",
        lambda: waiting(2),
        lines(take(L1, 2)),
        Code.CANCELLATION_PENDING,
        {"case_id": CASE, **LINES},
    ),
    Refused("the same line twice", fresh, lines(take(L1, 2), take(L1, 2)), Code.QUANTITY_OUT_OF_RANGE, out_of(1, 1)),
    Refused("all of it twice", fresh, lines(take(L1), take(L1)), Code.INVALID, TWICE),
    Refused(
        "all that is open twice beside shipped ones",
        lambda: shipped(1),
        lines(take(L1), take(L1)),
        Code.INVALID,
        TWICE,
    ),
    Refused("good before bad", fresh, lines(take(L2, 1), take(L1, 4)), Code.QUANTITY_OUT_OF_RANGE, out_of(1, 3)),
    Refused("bad before good", fresh, lines(take("nope"), take(L1, 1)), Code.LINE_NOT_FOUND, LINES),
]

BY_WHAT_STAYS = [
    Refused("all stay", fresh, lines(take(L1, keep=3)), Code.QUANTITY_OUT_OF_RANGE, out_of(0, 2)),
    Refused("more stay than there are", fresh, lines(take(L1, keep=4)), Code.QUANTITY_OUT_OF_RANGE, out_of(0, 2)),
    Refused("fewer than none", fresh, lines(take(L1, keep=-1)), Code.QUANTITY_OUT_OF_RANGE, out_of(0, 2)),
    Refused(
        "fewer than shipped", lambda: shipped(2), lines(take(L1, keep=1)), Code.QUANTITY_OUT_OF_RANGE, out_of(2, 2)
    ),
    Refused("what stands stays", lambda: gone(1), lines(take(L1, keep=2)), Code.QUANTITY_OUT_OF_RANGE, out_of(0, 1)),
    Refused("shipped", shipped, lines(take(L1, keep=0)), Code.ALREADY_FULFILLED, LINES),
    Refused("cancelled", gone, lines(take(L1, keep=0)), Code.ALREADY_CANCELLED, LINES),
    Refused(
        "reaches into what waits",
        lambda: waiting(2),
        lines(take(L1, keep=1)),
        Code.CANCELLATION_PENDING,
        {"case_id": CASE, **LINES},
    ),
    Refused(
        "the same line twice",
        fresh,
        lines(take(L1, keep=1), take(L1, keep=1)),
        Code.QUANTITY_OUT_OF_RANGE,
        out_of(0, 0),
    ),
]


def mixed() -> Story:
    """Of five units 1 is shipped, 5 cancelled, 3 and 4 wait, 2 is open."""
    story = Story(placed(5)).then(lines(unit(L1, 5))).ship(L1, 1)
    return story.then(lines(unit(L1, 3), stepwise=True)).then(lines(unit(L1, 4), stepwise=True))


BY_UNIT = [
    Refused("shipped", mixed, lines(unit(L1, 1)), Code.ALREADY_FULFILLED, LINES),
    Refused("cancelled", mixed, lines(unit(L1, 5)), Code.ALREADY_CANCELLED, LINES),
    Refused("never ordered", mixed, lines(unit(L1, 6)), Code.LINE_NOT_FOUND, LINES),
    Refused("number nought", mixed, lines(unit(L1, 0)), Code.LINE_NOT_FOUND, LINES),
    Refused("twice in one command", mixed, lines(unit(L1, 2), unit(L1, 2)), Code.INVALID, TWICE),
    Refused("open and shipped", mixed, lines(take(L1, units=u.of([1, 2]))), Code.ALREADY_FULFILLED, LINES),
]


@pytest.mark.parametrize(
    "refused",
    [
        pytest.param(case, id=f"{group}: {case.id}")
        for group, cases in {
            "whole": WHOLE,
            "quantity": BY_QUANTITY,
            "keep": BY_WHAT_STAYS,
            "unit": BY_UNIT,
        }.items()
        for case in cases
    ],
)
def test_refused(refused):
    assert refused.story().refuses(refused.command) == (refused.code, refused.facts)


def test_a_waiting_unit_names_the_case_it_waits_for():
    story = mixed()
    first, second, third = (case.id for case in story.ledger.order.cases)

    assert story.refuses(lines(unit(L1, 3))) == (Code.CANCELLATION_PENDING, {"case_id": second, **LINES})
    assert story.refuses(lines(unit(L1, 4))) == (Code.CANCELLATION_PENDING, {"case_id": third, **LINES})
    assert story.refuses(lines(unit(L1, 5))) == (Code.ALREADY_CANCELLED, LINES)
    assert first < second


def test_a_return_that_awaits_approval_is_not_what_a_cancel_waits_for():
    story = Story(placed(3)).ship(L1, 1).send_back(take(L1))
    story.step(Step.RECEIVED)
    story.then(lines(take(L1), stepwise=True))
    return_case, cancel_case = (case.id for case in story.ledger.order.cases)

    code, facts = story.refuses(lines(take(L1)))

    assert (code, facts) == (Code.CANCELLATION_PENDING, {"case_id": cancel_case, **LINES})
    assert return_case != cancel_case


def test_the_refusal_names_the_field_of_the_target_that_was_bad():
    command = lines(take(L2, 1, field="lines.0.quantity"), take(L1, 9, field="lines.1.quantity"))

    assert fresh().refuses(command) == (
        Code.QUANTITY_OUT_OF_RANGE,
        {"field": "lines.1.quantity", "minimum": 1, "maximum": 3},
    )


def test_a_key_of_another_dialect_is_no_id():
    bought = (NewLine(sku="A", quantity=2, unit_price=1000, keys={"convictional": "66aa01"}),)

    assert Story(placed(lines=bought)).refuses(lines(take("66aa01")), "shopline") == (Code.LINE_NOT_FOUND, LINES)


def test_only_the_tenants_reasons_where_it_lists_them():
    story = fresh().under(reasons=("STOCK", "FRAUD"))

    refused = story.refuses(whole(reason=Reason("OTHER", "whim")))
    story.do(whole(reason=Reason("FRAUD")))

    assert refused == (Code.INVALID, {"field": "reason_code", "problem": "is not one of: STOCK, FRAUD"})
    assert story.ledger.cancelled


def test_a_reason_in_words_alone_is_always_allowed():
    assert fresh().under(reasons=("STOCK",)).then(whole(reason=Reason(text="whim"))).ledger.cancelled


def test_contra_ids_of_two_dialects_have_nothing_to_do_with_each_other():
    story = fresh().then(lines(unit(L1, 1, "contra-a")), "afosto").then(lines(unit(L1, 2, "contra-a")), "native")

    assert u.count(story.ledger.positions[L1].cancelled) == 2


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (unit(L1, 1, "contra-a"), unit(L1, 2, "contra-a")),
        (unit(L1, 1, "contra-a"), unit(L2, 1, "contra-a")),
    ],
    ids=["one line", "two lines"],
)
def test_one_contra_id_cannot_stand_for_two_units(first, second):
    story = fresh()

    assert story.refuses(lines(first, second)) == (Code.DUPLICATE, LINES)
    assert story.then(lines(first)).refuses(lines(second)) == (Code.DUPLICATE, LINES)
