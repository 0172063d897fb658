"""What SHOPLINE's answers are wrapped in (contract 1.3; errors: 4.1)."""

# pydantic reads typed dictionaries of Python 3.11 only in this spelling.
from typing_extensions import TypedDict

from app.dialects.shopline_admin.wire import Order
from app.dialects.shopline_admin.wire_parts import Calculated, Fulfillment, NewRefund, Refund, Transaction


class OneOrder(TypedDict):
    order: Order


class OrderList(TypedDict):
    orders: list[Order]


class UserError(TypedDict):
    code: str
    message: str
    field: list[str]


class Marked(TypedDict):
    """What archiving answers; whatever is wrong is an error of its own, so there are no `user_errors`."""

    order: Order
    user_errors: list[UserError]


class Count(TypedDict):
    count: int


class OneFulfillment(TypedDict):
    fulfillment: Fulfillment


class FulfillmentList(TypedDict):
    fulfillments: list[Fulfillment]


class OneRefund(TypedDict):
    refund: Refund


class RefundList(TypedDict):
    refunds: list[Refund]


class Refunded(TypedDict):
    data: NewRefund


class Calculation(TypedDict):
    refund: Calculated


class TransactionList(TypedDict):
    transactions: list[Transaction]


class Webhook(TypedDict):
    """The id is a number (2.10)."""

    id: int
    topic: str
    address: str
    api_version: str
    created_at: str
    updated_at: str


class OneWebhook(TypedDict):
    webhook: Webhook


class WebhookList(TypedDict):
    webhooks: list[Webhook]


class Gone(TypedDict):
    """Nothing is left to show."""


class ErrorText(TypedDict):
    errors: str
