"""What the native API reads: bodies and queries. Amounts are integer minor units, times RFC 3339 with an offset."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BeforeValidator, Field, PlainSerializer

from app.core.model import FeeKind, LineType, PaymentStatus, Stage
from app.core.policy import OnSilence
from app.dialects.native import times
from app.dialects.native.bodies_mail import Language, MailAddress, MailFrom
from app.web import tax_rates
from app.web.decode import Body, Key, QueryString, StrictBody, Text, Whole, empty

MOST_LINES = 2_000
_Amount = Annotated[Whole, Field(ge=-(10**12), le=10**12)]
Price = Annotated[Whole, Field(ge=0, le=10**12)]
Quantity = Annotated[Whole, Field(ge=1, le=1_000_000)]
Long = Annotated[str, Field(max_length=10_000)]
_Url = Annotated[str, Field(max_length=2_000)]
_Keys = Annotated[dict[Key, Key], Field(max_length=20)]


def _time(value: Any) -> Any:
    """JSON has no times: a text."""
    return times.read(value if isinstance(value, str) else "")


def _fraction(value: Any) -> Any:
    """`0.21` as a number or a text; exact in both."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("must be a fraction such as 0.21")
    try:
        return tax_rates.exact(value)
    except ArithmeticError as error:
        raise ValueError("must be a fraction such as 0.21") from error


# RFC 3339 knows the year 0000; a text of ours sorts as its time does, so it has four digits without a zero in front.
_TimeText = Annotated[str, Field(json_schema_extra={"format": "date-time", "pattern": "^[1-9]"})]
Time = Annotated[
    AwareDatetime,
    BeforeValidator(_time, json_schema_input_type=_TimeText),
]
_Rate = Annotated[
    Decimal,
    BeforeValidator(_fraction, json_schema_input_type=Annotated[float, Field(ge=0, lt=10)]),
    Field(ge=0, lt=10),
    PlainSerializer(float),
]


class AddressIn(Body):
    name: Text | None = None
    company: Text | None = None
    address1: Text | None = None
    address2: Text | None = None
    city: Text | None = None
    zip: Text | None = None
    province: Text | None = None
    country_code: Text | None = None
    phone: Text | None = None
    email: Text | None = None


class CustomerIn(Body):
    name: Text | None = None
    email: Text | None = None
    phone: Text | None = None


class LineIn(Body):
    """`id` is a handle for `parent_id` within this body, nothing more."""

    id: Key | None = None
    sku: Key
    title: Text | None = None
    quantity: Quantity
    unit_price: Price
    tax_rate: _Rate = Decimal(0)
    type: Annotated[LineType, Field(strict=False)] = LineType.OFFER
    parent_id: Key | None = None
    keys: _Keys = empty(dict)


class FeeIn(Body):
    id: Key | None = None
    kind: Annotated[FeeKind, Field(strict=False)]
    title: Text | None = None
    amount: _Amount


class PaymentIn(Body):
    """`amount` is what came in; without it all that the order comes to, once the status says that it was paid."""

    status: Annotated[PaymentStatus, Field(strict=False)] = PaymentStatus.WAITING
    method: Text | None = None
    amount: Price | None = None


class OrderIn(Body):
    """`language` is the customer's, as BCP 47 writes it: `nl`, `pt-BR`."""

    number: Key | None = None
    state: Literal["draft", "open"] = "open"
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    placed_at: Time | None = None
    customer: CustomerIn | None = None
    shipping_address: AddressIn | None = None
    billing_address: AddressIn | None = None
    lines: Annotated[list[LineIn], Field(max_length=MOST_LINES)]
    fees: Annotated[list[FeeIn], Field(max_length=100)] = empty(list)
    prices_include_tax: bool = True
    track_inventory: bool | None = None
    payment: PaymentIn | None = None
    keys: _Keys = empty(dict)
    language: Annotated[str, Field(max_length=35, pattern="^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")] | None = None
    note: Long | None = None
    tags: Annotated[list[Text], Field(max_length=100)] = empty(list)
    metadata: dict[str, Any] = empty(dict)


class LineQuantity(StrictBody):
    """Without a quantity: all that is open."""

    line_id: Key
    quantity: Quantity | None = None


_LineQuantities = Annotated[list[LineQuantity], Field(max_length=MOST_LINES)]


class AllocationIn(Body):
    """Without lines: all open units that no location holds."""

    location_id: Key
    lines: Annotated[_LineQuantities, Field(min_length=1)] | None = None
    stage: Annotated[Stage, Field(strict=False)] = Stage.PLANNED


class StageIn(Body):
    stage: Annotated[Stage, Field(strict=False)]


class FulfillmentIn(Body):
    """Without lines: all open units."""

    lines: Annotated[_LineQuantities, Field(min_length=1)] | None = None
    carrier: Text | None = None
    tracking_code: Text | None = None
    tracking_url: _Url | None = None


class FulfillmentPatch(StrictBody):
    """`void`: it never left; its units are open again. `delivered` starts the time in which they may come back."""

    state: Literal["delivered", "void"] | None = None
    carrier: Text | None = None
    tracking_code: Text | None = None
    tracking_url: _Url | None = None


class RestockIn(StrictBody):
    location_id: Key


class CancellationIn(StrictBody):
    """Without lines: the whole order, refused when part of it was shipped unless `unfulfilled_only`.

    `stepwise`: it waits for approval, and every step after that is taken by itself.
    """

    lines: Annotated[_LineQuantities, Field(min_length=1)] | None = None
    unfulfilled_only: bool = False
    stepwise: bool = False
    reason_code: Key | None = None
    reason: Long | None = None
    restock: RestockIn | None = None


class BulkTarget(StrictBody):
    """A line of a bulk cancellation: a whole order, by id or `dialect:key`."""

    id: Key
    unfulfilled_only: bool = False
    reason_code: Key | None = None
    reason: Long | None = None


BulkLine = Key | BulkTarget


class AnswerIn(Body):
    """Without a location: the word of every location that was asked."""

    location_id: Key | None = None
    message: Long | None = None


class PolicyPatch(StrictBody):
    """Times in seconds, the return window in hours; null: none. docs/mail.md says what is for mail to customers."""

    track_inventory: bool = True
    approve_returns: bool = True
    restock_on_cancel: bool = False
    warehouse_deadline: Annotated[Whole, Field(ge=1, le=31_536_000)] | None = None
    on_silence: Annotated[OnSilence, Field(strict=False)] = OnSilence.WAIT
    sync_wait: Annotated[float, Field(ge=0, le=60)] | None = None
    return_window_hours: Annotated[Whole, Field(ge=0, le=1_000_000)] | None = None
    reasons: Annotated[list[Key], Field(max_length=200)] = []
    dispatch_to: Key | None = None
    mail_from: MailFrom | None = None
    mail_reply_to: MailAddress | None = None
    language: Language | None = None


class TenantPatch(Body):
    name: Annotated[Text, Field(min_length=1)] | None = None
    policy: PolicyPatch | None = None


class CredentialIn(Body):
    """Without scopes: every scope; without dialects: every dialect."""

    name: Text = ""
    party: Literal["seller", "buyer", "warehouse", "admin"] = "seller"
    scopes: list[Literal["read_orders", "write_orders", "fulfil_orders", "manage_webhooks", "admin"]] | None = None
    dialects: list[Key] | None = None
    expires_at: Time | None = None


class OrderQuery(QueryString):
    """`q`: an id, a number, a customer or a sku; docs/native.md says how it is looked for."""

    q: Annotated[Key, Field(pattern=r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$")] | None = None
    pending: bool | None = None
    sort: Literal["created", "-created", "updated", "-updated"] | None = None
    state: Literal["draft", "open", "completed"] | None = None
    cancelled: bool | None = None
    updated_after: Time | None = None
    number: Key | None = None
    cursor: Annotated[str, Field(max_length=300)] | None = None
    limit: Annotated[int, Field(ge=1, le=250)] = 50


class DryRunQuery(QueryString):
    dry_run: bool = False


class EventQuery(QueryString):
    after: Annotated[str, Field(max_length=300)] | None = None
    limit: Annotated[int, Field(ge=1, le=250)] = 50
