"""HappyColis' own API as a client needs it (contract sections 2 to 4): documents, what their answers mean. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from app.core import units as u
from app.core.fulfil import ASKED
from app.core.ledger import Ledger
from app.core.model import Case
from app.service.connectors import Unanswered, Word
from app.warehouse import text

EVENTS = ("order/cancelled", "delivery_order/cancelled", "delivery_order/cancellation_rejected")
NOT_FOUND = "NOT_FOUND"
_ENDED = frozenset({"CANCELED", "FULFILLED", "DELIVERED"})
_NO_SUCH_FIELD = frozenset({"GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"})


class Line(msgspec.Struct):
    quantity: int | None = None
    status: str | None = None


class Order(msgspec.Struct):
    id: str
    state: str
    lines: list[Line] = []

    @property
    def cancelled(self) -> bool:
        """The terminal state says only that it is over (contract 3.4): what became of the lines says how."""
        statuses = {line.status for line in self.lines}
        return self.completed and "CANCELED" in statuses and statuses <= _ENDED

    @property
    def completed(self) -> bool:
        return self.state == "COMPLETED"


class Request(msgspec.Struct):
    id: str
    state: str
    message: str | None = None


class Made(msgspec.Struct):
    id: str


@dataclass(frozen=True, slots=True)
class Document:
    """One root field and the type of its value."""

    text: str
    field: str
    kind: type[Any]


_ORDER = "id state lines { quantity status }"
BY_ID = Document(f"query Order($id: String!) {{ order(id: $id) {{ {_ORDER} }} }}", "order", Order)
BY_REFERENCE = Document(
    "query Order($reference: OrderByExternalReferenceInput!) "
    f"{{ order(byExternalReference: $reference) {{ {_ORDER} }} }}",
    "order",
    Order,
)
CANCEL = Document(
    "mutation Cancel($id: String!) { orderCancel(id: $id) { id type state message } }", "orderCancel", Request
)
# Not the partner's own: with an upstream that has no such query only the order and its webhooks tell.
REQUEST = Document(
    "query Request($id: String!) { dispatchableRequest(id: $id) { id type state message } }",
    "dispatchableRequest",
    Request,
)
SUBSCRIBE = Document(
    "mutation Subscribe($input: IntegrationWebhookInput!) { integrationWebhookCreate(input: $input) { id } }",
    "integrationWebhookCreate",
    Made,
)


class _Extensions(msgspec.Struct):
    code: str = ""


class _Error(msgspec.Struct):
    message: str = ""
    extensions: _Extensions | None = None


class _Answer(msgspec.Struct):
    data: dict[str, Any] | None = None
    errors: list[_Error] | None = None


class Refused(Unanswered):
    """GraphQL errors, or a status that stands for them; `code` is that of the first."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}", alive=code == NOT_FOUND)
        self.code = code
        self.no_such_field = code in _NO_SUCH_FIELD or "Cannot query field" in message


def read(body: bytes, document: Document) -> Any:
    """The value of the root field, None if it is null. Raises Unanswered (Refused)."""
    try:
        answer = msgspec.json.decode(body, type=_Answer)
        if answer.errors:
            first = answer.errors[0]
            raise Refused(first.extensions.code if first.extensions else "", text.message(first.message) or "")
        value = (answer.data or {}).get(document.field)
        return None if value is None else msgspec.convert(value, document.kind)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Unanswered(f"the answer cannot be read: {error}") from error


def decided(order: Order, request: Request | None) -> Word | None:
    """What the order and the request to cancel it say together; None: nothing yet.

    ACCEPTED may only mean that the request was taken (contract 3.3): the order has to say it, too.
    """
    said = text.message(request.message) if request is not None else None
    if request is not None and request.state == "REJECTED":
        return Word(False, said)
    if order.cancelled or (order.completed and request is not None and request.state == "ACCEPTED"):
        return Word(True, said)
    if order.completed:
        return Word(False, "The order was completed at the warehouse")
    return None


def left_over(ledger: Ledger, case: Case, location_id: str) -> int:
    """Units that the location works on and that the case does not want: the partner cancels whole orders only."""
    wanted = sum(
        u.count(a.units) for a in ledger.order.adjustments if a.case_id == case.id and a.asked == location_id
    )  # fmt: skip
    return _held(ledger, location_id) - wanted


def _held(ledger: Ledger, location_id: str) -> int:
    held = 0
    for allocation in ledger.order.allocations:
        if allocation.location_id == location_id and allocation.connector and allocation.stage in ASKED:
            for item in allocation.items:
                position = ledger.positions[item.line_id]
                gone = u.union(position.cancelled, position.fulfilled)
                held += u.count(u.minus(item.units, gone))
    return held


class _Header(msgspec.Struct):
    messageId: str  # noqa: N815 - the partner's spelling
    type: str


class _Event(msgspec.Struct):
    message: str | None = None
    date: str | None = None


class _Snapshot(msgspec.Struct):
    id: str
    orderIds: list[str] | None = None  # noqa: N815 - the partner's spelling
    lines: list[Line] | None = None
    events: list[_Event] | None = None


class Message(msgspec.Struct):
    """A webhook: an order, or a delivery order that belongs to some."""

    header: _Header
    body: _Snapshot

    @property
    def orders(self) -> Sequence[str]:
        return [self.body.id] if self.header.type.startswith("order/") else self.body.orderIds or []

    @property
    def word(self) -> Word | None:
        """The hyphen is how the partner's own catalogue of events spells it (contract 7)."""
        kind = self.header.type.replace("delivery-order/", "delivery_order/")
        if kind in {"order/cancelled", "delivery_order/cancelled"}:
            return Word(True)
        if kind == "delivery_order/cancellation_rejected":
            return Word(False, self._newest_message())
        return None

    @property
    def units(self) -> int | None:
        """One delivery order of perhaps several speaks for the whole only if it holds all the units there are."""
        if self.word is None or not self.word.accepted or self.header.type == "order/cancelled":
            return None
        return sum(line.quantity or 0 for line in self.body.lines or () if line.status == "CANCELED")

    def _newest_message(self) -> str | None:
        told = [event for event in self.body.events or () if event.message]
        return text.message(max(told, key=lambda event: event.date or "").message) if told else None


def read_message(body: bytes) -> Message:
    """Raises Unanswered."""
    try:
        return msgspec.json.decode(body, type=Message)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise Unanswered(f"the message cannot be read: {error}") from error
