"""What an order of very many pieces shows: the amounts of all, the items of as many as an answer can hold."""

import time

from app.core import units as u
from app.core.aftersales import AnnounceReturn
from app.core.messages import Target
from app.core.model import Step
from app.dialects.afosto.inputs import MOST_ITEMS
from app.dialects.afosto.items import MOST_SHOWN
from app.dialects.afosto.picture import OrderPicture
from tests.core.building import L1, L2, Story, placed


def test_a_line_of_a_million() -> None:
    """Returned through another dialect, so that nobody had to name them one by one."""
    story = Story(placed(3, 1_000_000, price=7)).ship()
    targets = (Target(ref=L1), Target(ref=L2))
    story.do(AnnounceReturn(targets=targets, until=Step.RECEIVED))

    started = time.monotonic()
    shown = OrderPicture(story.ledger)
    rows = shown.items
    ids = [row.ids for row in rows]
    [action] = shown.actions
    assert time.monotonic() - started < 2

    assert [row.quantity for row in rows] == [3, 1_000_000, 3, 1_000_000]
    assert [row.total for row in rows] == [21, 7_000_000, -21, -7_000_000]
    assert [len(held) for held in ids] == [3, MOST_SHOWN - 3, 0, 0]
    assert ids[1][-1] == f"{L2}.{MOST_SHOWN - 3}"
    assert len(rows[1].details) == MOST_SHOWN - 3
    assert len(action["items"]) == MOST_ITEMS
    assert len({*action["items"]}) == MOST_ITEMS


def test_five_thousand_items_all_show() -> None:
    story = Story(placed(5_000), dialect="afosto")
    [row] = OrderPicture(story.ledger).items
    assert row.ids == [f"{L1}.{n}" for n in u.numbers(u.span(5_000))]
