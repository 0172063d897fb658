"""What Shopline reads about refunds and after-sales (contract 1.3: rows 12 to 16). Unknown keys are ignored."""

from typing import Annotated, Any, Literal

from pydantic import Field

from app.dialects.shopline import times
from app.dialects.shopline.bodies import MOST_LINES, Amount, Page
from app.web.decode import Body, Key, QueryString, Whole

MOST_ORDERS = 10
MOST_RECORDS = 20
_PerPage = Annotated[int, Field(ge=1, le=100)]


class RefundIn(Body):
    """Without a body: all that is left. `refund_total` is a later version's, and only so much then.

    That version's other keys say where the money comes from, which nobody knows here: they are refused, rather than
    another amount given back than was meant.
    """

    refund_total: Amount | None = None
    refund_additional_total: Any = None
    refund_additional_prices: Any = None
    refund_payments: Any = None


class RefundLineIn(Body):
    id: Key
    quantity: Annotated[Whole, Field(ge=1, le=1_000_000)]


class PartialRefundIn(Body):
    """Either `price` or `line_items`. `is_return`: what was shipped of the items came back, too.

    A price names no items: with `is_return` everything that was shipped came back.
    """

    is_return: bool = False
    price: Amount | None = None
    line_items: Annotated[list[RefundLineIn], Field(min_length=1, max_length=MOST_LINES)] | None = None


class RecordQuery(QueryString):
    """Ids are comma separated, bounds inclusive. A record never changes, so both of its times are the same."""

    order_ids: Annotated[str, Field(max_length=256 * MOST_ORDERS)] | None = None
    refund_record_ids: Annotated[str, Field(max_length=64 * MOST_RECORDS)] | None = None
    refund_status: Literal["pending", "finished", "failed"] | None = None
    page: Page = 1
    per_page: _PerPage = 50
    sort_by: Literal["created_at", "updated_at"] = "created_at"
    sort_direction: Literal["asc", "desc"] = "desc"
    created_at_start: times.Bound | None = None
    created_at_end: times.Bound | None = None
    updated_at_start: times.Bound | None = None
    updated_at_end: times.Bound | None = None


class AfterSalesQuery(QueryString):
    """Bounds are inclusive."""

    status: Literal["pending", "processing", "finished"] | None = None
    page: Page = 1
    per_page: _PerPage = 50
    created_at_start: times.Bound | None = None
    created_at_end: times.Bound | None = None
