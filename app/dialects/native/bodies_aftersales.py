"""What the native API reads about returns, their steps, fees, refunds and mail."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from app.dialects.native.bodies import MOST_LINES, LineQuantity, Long, Price, Quantity
from app.web.decode import Key, StrictBody, Text, Whole

_MOST_STEPS = 10_000
_Amount = Annotated[Whole, Field(ge=1, le=10**18)]
Adjustments = Annotated[list[Key], Field(min_length=1, max_length=_MOST_STEPS)]
_LineQuantities = Annotated[list[LineQuantity], Field(min_length=1, max_length=MOST_LINES)]


class ReturnedLine(LineQuantity):
    """Without a quantity: all that was shipped and neither came back nor is on its way. A reason of its own."""

    reason_code: Key | None = None
    reason: Long | None = None


class LooseIn(StrictBody):
    """Goods that no line of the order is about; `unit_price` has the tax in it."""

    sku: Key
    title: Text | None = None
    quantity: Quantity
    unit_price: Price
    reason_code: Key | None = None
    reason: Long | None = None


class ReturnIn(StrictBody):
    """`received`: the goods are here already."""

    lines: Annotated[list[ReturnedLine], Field(max_length=MOST_LINES)] = []
    loose: Annotated[list[LooseIn], Field(max_length=MOST_LINES)] = []
    received: bool = False
    reason_code: Key | None = None
    reason: Long | None = None


class StepIn(StrictBody):
    """Adjustments, or one unit of one as `<origin>.<number>`; all of them, or none."""

    adjustments: Adjustments


class Placed(StrictBody):
    id: Key
    location_id: Key | None = None


def _placed(value: Any) -> Any:
    return {"id": value} if isinstance(value, str) else value


class RestockStepIn(StrictBody):
    """Each adjustment goes to its own location, else to the one that is named for all."""

    adjustments: Annotated[
        list[Annotated[Placed, BeforeValidator(_placed, json_schema_input_type=Key | Placed)]],
        Field(min_length=1, max_length=_MOST_STEPS),
    ]
    location_id: Key | None = None


class CreditIn(StrictBody):
    """Without an amount: what is left of the fee."""

    fee_id: Key
    amount: _Amount | None = None


class CreditFeesIn(StepIn):
    """Each fee is credited once, however many adjustments there are."""

    fees: Annotated[list[CreditIn], Field(min_length=1, max_length=100)]


class RefundIn(StrictBody):
    """Lines, or an amount, or with neither all that is left.

    `cancel`: what is not shipped of the lines is cancelled together with it; `receive`: what is shipped came back.
    """

    lines: _LineQuantities | None = None
    amount: _Amount | None = None
    cancel: bool = False
    receive: bool = False
    reason_code: Key | None = None
    reason: Long | None = None


class MailIn(StepIn):
    """About finished units of cancellations, or of returns."""

    kind: Literal["cancel", "return"]
