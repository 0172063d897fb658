"""The table of statuses: whatever may be true of an order, it shows exactly one word, and lists take the same words."""

from collections.abc import Mapping
from itertools import product
from typing import Any, get_args

import pytest

from app.core.model import OrderState, PaymentStatus
from app.dialects.shopline import bodies, statuses
from app.dialects.shopline.statuses import Facts

# An order is cancelled only when nothing of it is left; a draft ships nothing; nothing left and nothing shipped is
# cancelled; a cancelled order of which something was shipped is shipped in part; only what is finished is archived.
_ON_ITS_WAY = ("partly_delivered", "returning", "partly_returned")
_ALL_SHIPPED = ("full", "delivered", "returned", *_ON_ITS_WAY)
_POSSIBLE = [
    {"states": state, "cancelled": cancelled, "archived": archived, "progress": progress, "payments": payment}
    for (state, cancelled, archived, progress), payment in product(
        [
            (OrderState.DRAFT, False, False, "none"),
            (OrderState.OPEN, False, False, "none"),
            *((OrderState.OPEN, False, False, word) for word in ("partial", *_ON_ITS_WAY)),
            *((OrderState.COMPLETED, False, archived, word) for archived in (False, True) for word in _ALL_SHIPPED),
            (OrderState.COMPLETED, True, False, "none"),
            *((OrderState.COMPLETED, True, False, word) for word in ("partial", *_ON_ITS_WAY)),
        ],
        PaymentStatus,
    )
]


@pytest.mark.parametrize("table", [statuses.STATUS, statuses.FINANCIAL, statuses.FULFILLMENT, statuses.RECOVERY])
def test_one_word_for_everything_that_can_be(table: Mapping[str, Facts]) -> None:
    for facts in _POSSIBLE:
        words = [w for w, wanted in table.items() if all(facts[name] in values for name, values in wanted.items())]
        assert words == [statuses.shown(table, facts)], facts


@pytest.mark.parametrize(
    ("field", "table"),
    [
        ("status", statuses.STATUS),
        ("financial_status", statuses.FINANCIAL),
        ("fulfillment_status", statuses.FULFILLMENT),
        ("recovery_status", statuses.RECOVERY),
    ],
)
def test_lists_take_the_words_of_the_table(field: str, table: Mapping[str, Facts]) -> None:
    annotation: Any = bodies.OrderQuery.model_fields[field].annotation
    assert {*get_args(get_args(annotation)[0])} == table.keys()


def test_contradictions_find_nothing() -> None:
    contradiction = statuses.narrowed(statuses.STATUS["finished"], statuses.STATUS["cancelled"])
    assert contradiction == {"states": []}
    assert statuses.narrowed(statuses.STATUS["placed"], statuses.FULFILLMENT["initialled"])["states"] == []
    assert statuses.narrowed(statuses.STATUS["finished"], statuses.STATUS["closed"]) == {"states": []}
    assert statuses.narrowed() == {"cancelled": None, "archived": None}
