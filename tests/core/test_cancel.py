"""What a cancel takes when it is granted: how much of which line, in every scope, and what it leaves."""

import pytest

from app.core import units as u
from app.core.messages import NewLine, OpenOrder
from app.core.model import (
    CaseKind,
    CaseState,
    LineType,
    OrderState,
    Payment,
    PaymentStatus,
    Reason,
    Scope,
    Step,
)
from app.core.refusal import Code
from tests.core.building import (
    L1,
    L2,
    L3,
    NOW,
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


def test_a_whole_order():
    story = Story(placed(3, 1))

    change = story.do(whole(reason=Reason("OUT_OF_STOCK", "sold twice")))

    assert [counts(story.ledger, line) for line in (L1, L2)] == [(0, 0, 3, 0, 0), (0, 0, 1, 0, 0)]
    assert (story.ledger.order.state, story.ledger.cancelled) == (OrderState.COMPLETED, True)
    assert [line.quantity for line in story.ledger.order.lines] == [3, 1]
    (case,) = story.ledger.order.cases
    assert change.case == case
    assert (case.kind, case.scope, case.state) == (CaseKind.CANCEL, Scope.ORDER, CaseState.ACCEPTED)
    assert (case.reason.code, case.reason.text, case.actor.dialect) == ("OUT_OF_STOCK", "sold twice", "native")
    assert case.created_at == case.decided_at == change.ledger.order.updated_at != NOW
    assert story.steps() == [["finished"], ["finished"]]
    assert (change.tasks, change.movements, change.keys) == ((), (), ())


def test_the_event_says_before_and_after_of_what_moved():
    event = event_of(Story(placed(3, 1)).do(lines(take(L1, 2))))

    before = {"open": 3, "pending": 0, "cancelled": 0, "fulfilled": 0, "returned": 0}
    assert (event.type, event.version, event.actor.dialect) == ("cancellation.accepted", 2, "native")
    assert event.before == {"state": "open", "cancelled": False, "lines": {L1: before}}
    assert event.after == {"state": "open", "cancelled": False, "lines": {L1: {**before, "open": 1, "cancelled": 2}}}


@pytest.mark.parametrize(
    ("shipped", "target", "expected"),
    [
        (0, take(L1), (0, 0, 5, 0, 0)),
        (2, take(L1), (0, 0, 3, 2, 0)),
        (0, take(L1, 1), (4, 0, 1, 0, 0)),
        (0, take(L1, 5), (0, 0, 5, 0, 0)),
        (2, take(L1, 3), (0, 0, 3, 2, 0)),
        (0, take(L1, keep=0), (0, 0, 5, 0, 0)),
        (0, take(L1, keep=2), (2, 0, 3, 0, 0)),
        (0, take(L1, keep=4), (4, 0, 1, 0, 0)),
        (2, take(L1, keep=2), (0, 0, 3, 2, 0)),
        (2, take(L1, keep=4), (2, 0, 1, 2, 0)),
        (0, unit(L1, 1), (4, 0, 1, 0, 0)),
    ],
    ids=[
        "all",
        "all open",
        "1 goes",
        "5 go",
        "3 go, all that is open",
        "0 stay",
        "2 stay",
        "4 stay",
        "only what is shipped stays",
        "one beside 2 shipped goes",
        "unit 1",
    ],
)
def test_one_line_in_part_or_whole(shipped, target, expected):
    story = Story(placed(5, 1))
    if shipped:
        story.ship(L1, shipped)

    story.do(lines(target))

    assert counts(story.ledger) == expected
    assert counts(story.ledger, L2) == (1, 0, 0, 0, 0)
    assert story.ledger.order.state is OrderState.OPEN
    assert not story.ledger.cancelled


def test_two_then_one_until_nothing_is_left():
    story = Story(placed(4))

    for command, left in ((lines(take(L1, 2)), 2), (lines(take(L1, 1)), 1), (lines(take(L1, 1)), 0)):
        story.do(command)
        assert counts(story.ledger) == (left, 0, 4 - left, 0, 0)
        assert story.ledger.cancelled == (left == 0)

    assert story.ledger.order.state is OrderState.COMPLETED
    assert story.refuses(lines(take(L1, 1))) == (Code.ALREADY_CANCELLED, {"field": "lines"})
    assert story.refuses(whole()) == (Code.ALREADY_CANCELLED, {})
    assert [a.amount for a in story.ledger.order.adjustments] == [2000, 1000, 1000]


def test_stay_two_then_one_until_nothing_stays():
    story = Story(placed(4))

    for keep in (2, 1, 0):
        story.do(lines(take(L1, keep=keep)))
        assert counts(story.ledger) == (keep, 0, 4 - keep, 0, 0)

    assert story.refuses(lines(take(L1, keep=0))) == (Code.ALREADY_CANCELLED, {"field": "lines"})


@pytest.mark.parametrize(
    ("command", "cancelled"),
    [(rest(), False), (whole(keep_shipped=True), True)],
    ids=["what is not fulfilled", "the order, shipped units kept"],
)
def test_shipped_units_stay(command, cancelled):
    story = Story(placed(3, 2, 1)).ship(L1, 2).ship(L2)

    story.do(command)

    assert [counts(story.ledger, line) for line in (L1, L2, L3)] == [
        (0, 0, 1, 2, 0),
        (0, 0, 0, 2, 0),
        (0, 0, 1, 0, 0),
    ]
    assert story.ledger.order.state is OrderState.COMPLETED
    assert (story.ledger.cancelled, story.ledger.shipped) == (cancelled, True)
    assert story.taken() == [(L1, ((3, 3),)), (L3, ((1, 1),))]


def test_the_rest_of_an_order_of_which_nothing_was_shipped_is_all_of_it():
    story = Story(placed(2)).then(rest())

    assert (story.ledger.cancelled, story.ledger.shipped, story.ledger.fulfilled_units) == (True, False, 0)


def test_the_whole_order_after_part_of_it_takes_what_is_left_and_leaves_the_earlier_case_alone():
    story = Story(placed(3, 1)).then(lines(take(L1, 1), reason=Reason(text="first")))
    first = story.ledger.order.cases[0]

    story.do(whole(reason=Reason(text="second")))

    assert story.ledger.order.cases[0] == first
    assert [case.reason.text for case in story.ledger.order.cases] == ["first", "second"]
    assert story.taken() == [(L1, ((3, 3),)), (L1, ((1, 2),)), (L2, ((1, 1),))]


def test_several_lines_in_one_command_are_one_case():
    story = Story(placed(3, 2, 1)).then(lines(take(L1, 1), take(L3)))

    assert len(story.ledger.order.cases) == 1
    assert [a.case_id for a in story.ledger.order.adjustments] == [story.ledger.order.cases[0].id] * 2
    assert story.taken() == [(L1, ((3, 3),)), (L3, ((1, 1),))]


def test_a_line_named_twice_gives_what_both_ask_for():
    story = Story(placed(4)).then(lines(take(L1, 1), take(L1, 2)))

    assert counts(story.ledger) == (1, 0, 3, 0, 0)
    assert story.taken() == [(L1, ((4, 4),)), (L1, ((2, 3),))]


def test_a_line_named_twice_by_what_stays_keeps_the_smaller_number():
    story = Story(placed(5)).then(lines(take(L1, keep=3), take(L1, keep=2)))

    assert counts(story.ledger) == (2, 0, 3, 0, 0)


def test_a_draft_is_cancelled_in_part_and_stays_a_draft():
    story = Story(placed(3, draft=True)).then(lines(take(L1, 1)))
    assert (story.ledger.order.state, counts(story.ledger)) == (OrderState.DRAFT, (2, 0, 1, 0, 0))

    story.then(OpenOrder()).ship()

    assert (story.ledger.order.state, counts(story.ledger)) == (OrderState.COMPLETED, (0, 0, 1, 2, 0))


def test_a_draft_is_cancelled_as_a_whole_and_cannot_be_opened():
    story = Story(placed(3, draft=True)).then(whole())

    assert (story.ledger.order.state, story.ledger.cancelled) == (OrderState.COMPLETED, True)
    assert story.refuses(OpenOrder()) == (Code.NOT_A_DRAFT, {})


@pytest.mark.parametrize("status", list(PaymentStatus))
def test_money_that_moved_is_no_obstacle(status):
    story = Story(placed(2, payment=Payment(status=status, method="card"))).then(whole())

    assert story.ledger.cancelled
    assert story.ledger.order.payment == Payment(status=status, method="card")


def test_the_worth_is_that_of_the_placed_units_whatever_went_before():
    story = Story(placed(3, price=333, tax_rate="0.07", prices_include_tax=False))

    for _ in range(3):
        story.do(lines(take(L1, 1)))

    assert [(a.units, a.amount) for a in story.ledger.order.adjustments] == [
        (((3, 3),), 356),
        (((2, 2),), 357),
        (((1, 1),), 356),
    ]


def test_a_part_goes_without_its_bundle_and_the_bundle_without_its_parts():
    bought = (
        NewLine(ref="kit", sku="KIT", quantity=1, unit_price=5000, type=LineType.ASSEMBLE_BUNDLE),
        NewLine(sku="BULB", quantity=2, unit_price=0, type=LineType.PART, parent="kit"),
    )
    story = Story(placed(lines=bought)).then(lines(take(L2, 1)))
    assert [counts(story.ledger, line)[2] for line in (L1, L2)] == [0, 1]

    story.then(lines(take(L1)))

    assert [counts(story.ledger, line)[2] for line in (L1, L2)] == [1, 1]
    assert [a.amount for a in story.ledger.order.adjustments] == [0, 5000]


def test_units_named_one_by_one_share_an_entry_with_their_contra_ids():
    story = Story(placed(3, 1), dialect="afosto")

    change = story.do(lines(unit(L1, 2, "contra-b"), unit(L1, 1, "contra-a"), unit(L2, 1), stepwise=True))

    assert [(a.units, dict(a.contra_ids)) for a in story.ledger.order.adjustments] == [
        (u.of([1, 2]), {"2": "contra-b", "1": "contra-a"}),
        (u.of([1]), {}),
    ]
    assert [(k.dialect, k.kind, k.key) for k in change.keys] == [
        ("afosto", "contra", "contra-b"),
        ("afosto", "contra", "contra-a"),
    ]


def test_a_line_answers_to_its_key_in_the_asking_dialect():
    bought = (NewLine(sku="A", quantity=2, unit_price=1000, keys={"convictional": "66aa01", "shopline": "li-1"}),)
    story = (
        Story(placed(lines=bought))
        .then(lines(take("66aa01", 1)), "convictional")
        .then(lines(take("li-1", 1)), "shopline")
    )

    assert counts(story.ledger) == (0, 0, 2, 0, 0)
    assert [case.actor.dialect for case in story.ledger.order.cases] == ["convictional", "shopline"]


def test_a_case_takes_the_first_step_of_a_walk_when_the_face_walks():
    story = Story(placed(2), dialect="afosto")

    change = story.do(lines(unit(L1, 2), stepwise=True))

    assert counts(story.ledger) == (1, 1, 0, 0, 0)
    assert story.steps() == [[Step.AWAITING_APPROVAL.value]]
    assert (case_of(change).state, case_of(change).decided_at) == (CaseState.PENDING, None)
    assert event_of(change).type == "cancellation.requested"
    assert change.tasks == ()
