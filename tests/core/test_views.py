"""Whole stories, each step of them drawn in four pictures at once; `Story` checks the balance after every step."""

from app.core.model import Reason, Step
from app.core.refusal import Code
from tests.core.building import HAMBURG, L1, L2, LYON, SHOP, Story, lines, placed, take, unit, whole
from tests.core.views import Item, chain, contra, dispatch, status


def adjustment(story: Story, index: int) -> str:
    return story.ledger.order.adjustments[index].id


def test_a_pending_cancel_is_overtaken_by_another_and_then_accepted():
    story = Story(placed(5, 1)).hold(HAMBURG, take(L1, 2))
    story.then(lines(take(L1, units=((1, 2),)), reason=Reason(text="slow")), "happycolis")
    slow = adjustment(story, 0)
    assert chain(story.ledger) == [Item(L1, 5), Item(L2, 1)]
    assert dispatch(story.ledger) == {
        "order": "OPENED",
        "requests": [("CANCEL", "PENDING", None)],
        "lines": [(5, "PENDING"), (1, "PENDING")],
    }
    assert status(story.ledger) == {"status": "placed", "lines": [(5, 0), (1, 0)]}
    assert contra(story.ledger) == {
        "items": [["CANCELLING", "CANCELLING", "SOLD", "SOLD", "SOLD"], ["SOLD"]],
        "contra": {f"{slow}.1": "requested", f"{slow}.2": "requested"},
        "actions": {},
        "closed": False,
    }

    story.then(lines(take(L1, keep=4, chained=True), reason=Reason(text="quick")), "convictional")
    quick = adjustment(story, 1)
    assert chain(story.ledger) == [Item(L1, 5, cancelled=True, reason="quick"), Item(L2, 1), Item(quick, 4)]
    assert dispatch(story.ledger)["requests"] == [("CANCEL", "PENDING", None), ("CANCEL", "ACCEPTED", None)]
    assert dispatch(story.ledger)["lines"] == [(4, "PENDING"), (1, "PENDING")]
    assert status(story.ledger) == {"status": "placed", "lines": [(5, 1), (1, 0)]}
    assert contra(story.ledger)["items"] == [["CANCELLING", "CANCELLING", "SOLD", "SOLD", "CANCELLED"], ["SOLD"]]
    assert contra(story.ledger)["contra"][f"{quick}.5"] == "finished"

    story.answer(True, case=0, message="fine")
    assert chain(story.ledger) == [
        Item(L1, 5, cancelled=True, reason="quick"),
        Item(L2, 1),
        Item(quick, 4, cancelled=True, reason="slow"),
        Item(slow, 2),
    ]
    assert dispatch(story.ledger)["requests"] == [("CANCEL", "ACCEPTED", "fine"), ("CANCEL", "ACCEPTED", None)]
    assert dispatch(story.ledger)["lines"] == [(2, "PENDING"), (1, "PENDING")]
    assert status(story.ledger) == {"status": "placed", "lines": [(5, 3), (1, 0)]}
    assert contra(story.ledger)["items"] == [["CANCELLED", "CANCELLED", "SOLD", "SOLD", "CANCELLED"], ["SOLD"]]


def test_what_an_overtaken_cancel_left_is_shipped():
    story = Story(placed(5)).hold(HAMBURG, take(L1, 2)).then(lines(take(L1, units=((1, 2),))))
    story.then(lines(take(L1, keep=4, chained=True)), "convictional")
    story.answer(True, case=0)

    story.ship()

    slow, quick = adjustment(story, 0), adjustment(story, 1)
    assert chain(story.ledger) == [
        Item(L1, 5, cancelled=True),
        Item(quick, 4, cancelled=True),
        Item(slow, 2, shipped=2),
    ]
    assert dispatch(story.ledger)["lines"] == [(2, "FULFILLED")]
    assert status(story.ledger) == {"status": "finished", "lines": [(5, 3)]}
    assert contra(story.ledger)["closed"] is True


def test_a_warehouse_refuses():
    story = Story(placed(2)).hold(HAMBURG).then(whole(reason=Reason("TYPO")), "shopline")
    held = adjustment(story, 0)
    assert chain(story.ledger) == [Item(L1, 2)]
    assert dispatch(story.ledger)["requests"] == [("CANCEL", "PENDING", None)]
    assert status(story.ledger) == {"status": "placed", "lines": [(2, 0)]}
    assert contra(story.ledger)["items"] == [["CANCELLING", "CANCELLING"]]

    story.answer(False, message="packed")
    assert chain(story.ledger) == [Item(L1, 2)]
    assert dispatch(story.ledger) == {
        "order": "OPENED",
        "requests": [("CANCEL", "REJECTED", "packed")],
        "lines": [(2, "PENDING")],
    }
    assert status(story.ledger) == {"status": "placed", "lines": [(2, 0)]}
    assert contra(story.ledger) == {
        "items": [["SOLD", "SOLD"]],
        "contra": {f"{held}.1": "rejected", f"{held}.2": "rejected"},
        "actions": {},
        "closed": False,
    }


def test_contra_ids_are_the_clients_for_each_unit_or_derived():
    story = Story(placed(3, 1), dialect="afosto")
    story.then(lines(unit(L1, 2, "c-2"), unit(L1, 3), unit(L2, 1, "d-1"), stepwise=True))
    derived = f"{adjustment(story, 0)}.3"
    assert chain(story.ledger) == [Item(L1, 3), Item(L2, 1)]
    assert dispatch(story.ledger)["requests"] == [("CANCEL", "PENDING", None)]
    assert status(story.ledger) == {"status": "placed", "lines": [(3, 0), (1, 0)]}
    assert contra(story.ledger) == {
        "items": [["SOLD", "CANCELLING", "CANCELLING"], ["CANCELLING"]],
        "contra": {"c-2": "awaiting_approval", derived: "awaiting_approval", "d-1": "awaiting_approval"},
        "actions": {"HANDLE_APPROVAL": ["c-2", derived, "d-1"]},
        "closed": False,
    }

    story.walk(Step.APPROVED, derived, "d-1")
    second = adjustment(story, 1)
    assert chain(story.ledger) == [Item(L1, 3, cancelled=True), Item(L2, 1, cancelled=True), Item(second, 2)]
    assert dispatch(story.ledger)["requests"] == [("CANCEL", "PENDING", None)]
    assert dispatch(story.ledger)["lines"] == [(2, "PENDING"), (1, "CANCELED")]
    assert status(story.ledger) == {"status": "placed", "lines": [(3, 1), (1, 1)]}
    assert contra(story.ledger)["actions"] == {"HANDLE_APPROVAL": ["c-2"], "HANDLE_RESTOCK": [derived, "d-1"]}

    story.walk(Step.APPROVED, "c-2")
    story.walk(Step.RESTOCKED, "d-1", location=SHOP)
    assert chain(story.ledger)[2:] == [Item(second, 2, cancelled=True), Item(adjustment(story, 0), 1)]
    assert dispatch(story.ledger)["requests"] == [("CANCEL", "ACCEPTED", None)]
    assert contra(story.ledger)["actions"] == {"HANDLE_RESTOCK": ["c-2", derived], "HANDLE_FINISH": ["d-1"]}

    story.step(Step.FINISHED)
    assert status(story.ledger) == {"status": "placed", "lines": [(3, 2), (1, 1)]}
    assert contra(story.ledger) == {
        "items": [["SOLD", "CANCELLED", "CANCELLED"], ["CANCELLED"]],
        "contra": {"c-2": "finished", derived: "finished", "d-1": "finished"},
        "actions": {},
        "closed": False,
    }


def test_warehouses_that_disagree():
    story = Story(placed(4)).hold(HAMBURG, take(L1, 2)).hold(LYON, take(L1, 1)).then(whole(), "happycolis")
    _, hamburg, lyon = (a.id for a in story.ledger.order.adjustments)
    assert chain(story.ledger) == [Item(L1, 4)]
    assert contra(story.ledger)["items"] == [["CANCELLING"] * 4]

    story.answer(True, HAMBURG, message="done")
    assert chain(story.ledger) == [Item(L1, 4, cancelled=True), Item(hamburg, 1)]
    assert dispatch(story.ledger)["requests"] == [("CANCEL", "PENDING", None)]
    assert dispatch(story.ledger)["lines"] == [(1, "PENDING")]
    assert status(story.ledger) == {"status": "placed", "lines": [(4, 3)]}
    assert contra(story.ledger)["items"] == [["CANCELLED", "CANCELLED", "CANCELLING", "CANCELLED"]]

    story.answer(False, LYON, message="on the truck")
    assert chain(story.ledger) == [Item(L1, 4, cancelled=True), Item(hamburg, 1)]
    assert dispatch(story.ledger) == {
        "order": "OPENED",
        "requests": [("CANCEL", "REJECTED", "on the truck")],
        "lines": [(1, "PENDING")],
    }
    assert status(story.ledger) == {"status": "placed", "lines": [(4, 3)]}
    assert contra(story.ledger)["items"] == [["CANCELLED", "CANCELLED", "SOLD", "CANCELLED"]]
    assert contra(story.ledger)["contra"][f"{lyon}.3"] == "rejected"

    story.ship()
    assert chain(story.ledger)[1] == Item(hamburg, 1, shipped=1)
    assert dispatch(story.ledger)["lines"] == [(1, "FULFILLED")]
    assert status(story.ledger) == {"status": "finished", "lines": [(4, 3)]}


def test_the_steps_of_a_return():
    story = Story(placed(3, 1), dialect="afosto").then(lines(take(L1, 1))).ship()
    tail = adjustment(story, 0)
    story.send_back(unit(L1, 1, "r-1"), unit(L2, 1, "r-2"))
    items = [Item(L1, 3, cancelled=True), Item(L2, 1, shipped=1), Item(tail, 2, shipped=2)]
    assert chain(story.ledger) == items
    assert dispatch(story.ledger)["requests"] == [("CANCEL", "ACCEPTED", None), ("RETURN", "PENDING", None)]
    assert status(story.ledger) == {"status": "finished", "lines": [(3, 1), (1, 0)]}
    assert contra(story.ledger) == {
        "items": [["RETURNING", "SHIPPED", "CANCELLED"], ["RETURNING"]],
        "contra": {f"{tail}.3": "finished", "r-1": "announced", "r-2": "announced"},
        "actions": {},
        "closed": False,
    }

    first, second = story.ledger.order.adjustments[1:]
    actions = []
    for step, moved in (
        (Step.RECEIVED, (first, second)),
        (Step.APPROVED, (first,)),
        (Step.APPROVED, (second,)),
        (Step.RESTOCKED, (first,)),
        (Step.FINISHED, (first, second)),
    ):
        story.step(step, *moved, location=SHOP)
        actions.append(contra(story.ledger)["actions"])
        assert chain(story.ledger) == items
        assert status(story.ledger) == {"status": "finished", "lines": [(3, 2), (1, 1)]}
        assert dispatch(story.ledger)["order"] == "COMPLETED"

    assert actions == [
        {"HANDLE_APPROVAL": ["r-1", "r-2"]},
        {"HANDLE_RESTOCK": ["r-1"], "HANDLE_APPROVAL": ["r-2"]},
        {"HANDLE_RESTOCK": ["r-1", "r-2"]},
        {"HANDLE_FINISH": ["r-1"], "HANDLE_RESTOCK": ["r-2"]},
        {},
    ]
    assert dispatch(story.ledger)["requests"][1] == ("RETURN", "ACCEPTED", None)
    assert contra(story.ledger)["items"] == [["RETURNED", "SHIPPED", "CANCELLED"], ["RETURNED"]]
    assert contra(story.ledger)["closed"] is True


def test_without_tracked_stock_nobody_is_sent_to_a_shelf():
    story = Story(placed(1, track_inventory=False)).then(lines(unit(L1, 1, "c"), stepwise=True))
    story.step(Step.APPROVED)

    assert contra(story.ledger)["actions"] == {"HANDLE_FINISH": ["c"]}
    assert contra(story.ledger)["closed"] is False
    story.step(Step.FINISHED)
    assert (contra(story.ledger)["closed"], status(story.ledger)["status"]) == (True, "cancelled")


def test_a_wholly_cancelled_line_leaves_no_tail_and_an_item_that_left_nothing_cannot_be_named():
    story = Story(placed(2)).then(lines(take(L1)))

    assert chain(story.ledger) == [Item(L1, 2, cancelled=True)]
    assert dispatch(story.ledger)["lines"] == [(2, "CANCELED")]
    assert story.refuses(lines(take(adjustment(story, 0), chained=True)))[0] is Code.LINE_NOT_FOUND
