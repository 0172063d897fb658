"""The customer is told what became of units: once for each time somebody asks, and only of what is finished."""

import pytest

from app.core import units as u
from app.core.aftersales import AnnounceReturn, SendMail, StepTarget
from app.core.messages import TaskKind
from app.core.model import CaseKind, Customer, Step
from app.core.refusal import Code
from tests.core.building import L1, NOW, Story, case_of, event_of, lines, placed, unit

CANCEL, RETURN = CaseKind.CANCEL, CaseKind.RETURN
SOMEBODY = Customer(email="ann@example.com")


def finished(customer: Customer = SOMEBODY) -> Story:
    """c1 and c2 are cancelled for good, c3 is approved, r4 came back and r5 is on its way."""
    story = Story(placed(5, customer=customer), dialect="afosto")
    story.then(lines(*(unit(L1, n, f"c{n}") for n in (1, 2, 3)), stepwise=True)).ship(L1)
    story.then(AnnounceReturn(targets=(unit(L1, 4, "r4"), unit(L1, 5, "r5"))))
    for step, names in (
        (Step.APPROVED, ("c1", "c2", "c3")),
        (Step.FINISHED, ("c1",)),
        (Step.FINISHED, ("c2",)),
        (Step.RECEIVED, ("r4",)),
        (Step.APPROVED, ("r4",)),
        (Step.FINISHED, ("r4",)),
    ):
        story.walk(step, *names)
    return story


def tell(kind: CaseKind, *names: str) -> SendMail:
    return SendMail(
        kind=kind, targets=tuple(StepTarget(ref=name, field=f"item_ids.{n}") for n, name in enumerate(names))
    )


def test_one_task_says_what_the_mail_is_about_and_the_order_stays_as_it_is():
    story = finished()
    order = story.ledger.order

    change = story.do(tell(CANCEL, "c1", "c2"))

    (task,) = change.tasks
    origin = order.adjustments[0].origin
    assert (task.kind, task.channel, task.due_at > NOW) == (TaskKind.MAIL, "mail", True)
    assert task.payload == {"kind": "cancel", "items": [[origin, u.of([1])], [origin, u.of([2])]]}
    assert (event_of(change).type, case_of(change).kind) == ("mail.requested", CANCEL)
    assert story.ledger.order.adjustments == order.adjustments
    assert story.ledger.order.version == order.version + 1


def test_asked_again_another_one_goes():
    story = finished()

    assert [len(story.do(tell(RETURN, "r4")).tasks) for _ in range(2)] == [1, 1]


@pytest.mark.parametrize("customer", [Customer(), Customer(email=""), Customer(name="Ann", phone="1")], ids=str)
def test_without_an_address_nobody_is_told_and_nothing_changes(customer: Customer):
    story = finished(customer)

    change = story.do(tell(CANCEL, "c1"))

    assert (change.event, change.tasks, case_of(change).kind) == (None, (), CANCEL)
    assert story.refuses(tell(CANCEL, "c3"))[0] is Code.NOT_FINISHED


@pytest.mark.parametrize(
    ("kind", "names", "code", "facts"),
    [
        (CANCEL, ("c1", "c3"), Code.NOT_FINISHED, {"field": "item_ids.1"}),
        (RETURN, ("r5",), Code.NOT_FINISHED, {"field": "item_ids.0"}),
        (RETURN, ("r4", "c1"), Code.INVALID, {"field": "item_ids.1", "problem": "is not part of a return"}),
        (CANCEL, ("r4",), Code.INVALID, {"field": "item_ids.0", "problem": "is not part of a cancellation"}),
        (CANCEL, ("c1", "c1"), Code.INVALID, {"field": "item_ids.1", "problem": "was named before"}),
        (CANCEL, ("c1", L1), Code.ADJUSTMENT_NOT_FOUND, {"field": "item_ids.1"}),
        (CANCEL, (), Code.INVALID, {"field": "adjustment_ids", "problem": "names no adjustment"}),
    ],
)
def test_refused(kind: CaseKind, names: tuple[str, ...], code: Code, facts: dict[str, str]):
    assert finished().refuses(tell(kind, *names)) == (code, facts)
