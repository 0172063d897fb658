"""What Shopline's answers are wrapped in (contract 1.3; errors: 4.1)."""

# pydantic reads typed dictionaries of Python 3.11 only in this spelling.
from typing_extensions import TypedDict

from app.dialects.shopline.wire import Fulfillment, Order, Webhook


class OneOrder(TypedDict):
    order: Order


class OrderList(TypedDict):
    orders: list[Order]


class Count(TypedDict):
    count: int


class OneFulfillment(TypedDict):
    fulfillment: Fulfillment


class FulfillmentList(TypedDict):
    fulfillments: list[Fulfillment]


class OneWebhook(TypedDict):
    webhook: Webhook


class WebhookList(TypedDict):
    webhooks: list[Webhook]


class Gone(TypedDict):
    """Nothing is left to show."""


class ErrorList(TypedDict):
    errors: list[str]


class ErrorText(TypedDict):
    """Only where the caller or the store is not accepted at all."""

    error: str


class ErrorFields(TypedDict):
    """Only on webhooks: texts by field."""

    errors: dict[str, list[str]]
