"""What Convictional answers (contract section 2), as typed dictionaries. Prices are numbers in major units.

Texts that the core does not have are `""`, dates `null` (gap 9: inferred).
"""

from typing import Any, NotRequired

# pydantic reads typed dictionaries of Python 3.11 only in this spelling.
from typing_extensions import TypedDict


class Address(TypedDict):
    """Contract 2.3, public docs: all texts."""

    name: str
    company: str
    addressOne: str
    addressTwo: str
    city: str
    state: str
    zip: str
    country: str


class OrderItem(TypedDict):
    """Contract 2.2. A partly cancelled line is two items: the one cancelled, and one for what is left."""

    _id: str
    sellerItemCode: str
    sellerVariantCode: str
    buyerVariantCode: str
    quantity: int
    cancelled: bool
    cancelledReason: str
    cancelledBy: str
    cancelledDate: str | None
    extendedPrice: float
    extendedRetailPrice: float


class FulfillmentItem(TypedDict):
    """Contract 2.4, public docs (client). `orderItemId` is the line's newest item."""

    _id: str
    orderItemId: str
    quantity: int
    sku: str
    buyerItemCode: str
    sellerItemCode: str
    buyerVariantCode: str
    sellerVariantCode: str
    buyerProductCode: str
    sellerProductCode: str
    type: str
    title: str
    price: float
    retailPrice: float
    barcode: str
    barcodeType: str
    weight: float
    custom: list[Any]


class Fulfillment(TypedDict):
    """Contract 2.4, public docs (client)."""

    _id: str
    buyerFulfillmentCode: str
    sellerFulfillmentCode: str
    carrier: str
    trackingCode: str
    trackingUrls: list[str]
    items: list[FulfillmentItem]


class RefundItem(TypedDict):
    """The keys as the request has them (inferred). `amount` is what these units are worth, tax included."""

    ItemId: str
    Reason: str
    QuantityToRefund: int
    amount: float


class Refund(TypedDict):
    """Contract S7; what it holds is ours (gap 13). `amount` includes `fees`; one of an amount alone has no items."""

    _id: str
    created: str
    refundedBy: str
    currency: str
    amount: float
    fees: float
    items: list[RefundItem]


class Tax(TypedDict):
    amount: float
    type: str


class InvoiceItem(TypedDict):
    """What is owed for an item that was shipped, or of a fee. `reference` says which, `referenceId` is its id."""

    _id: str
    amountCents: int
    reference: str
    referenceId: str


class Invoice(TypedDict):
    """The keys of gap 13. Items and taxes are as of when it was made; what was paid and refunded is as of now.

    `amountPaid` is in cents, as `amountCents` is.
    """

    _id: str
    amountPaid: int
    applicationFee: int
    currency: str
    created: str
    updated: str
    notified: bool
    notifiedDate: str | None
    paid: bool
    paidDate: str | None
    refunded: bool
    refundedDate: str | None
    download: str
    hostedUrl: str
    dueDate: str | None
    buyerId: str
    sellerId: str
    buyerCompanyObjectId: str
    sellerCompanyObjectId: str
    custom: list[Any]
    EDISent: bool
    taxes: list[Tax]
    items: list[InvoiceItem]
    posted: bool
    buyerCode: str
    sellerCode: str
    source: str
    sourceId: str


class InvoiceMade(TypedDict):
    """Contract S6."""

    data: Invoice
    error: list[Any]


class Order(TypedDict):
    """Contract 2.1. The keys that may be missing are those that version 2022-03-03 removed."""

    _id: str
    buyerOrderCode: str
    sellerOrderCode: str
    buyerCompanyId: str
    sellerCompanyId: str
    buyerCompanyObjectId: str
    sellerCompanyObjectId: str
    buyerCreatedDate: str
    buyerEmail: str
    note: str
    currency: str
    hasCancellations: bool
    shippingAddress: Address | None
    billingAddress: Address | None
    fillTime: float | None
    shipTime: float
    packingSlip: str
    custom: list[Any]
    items: list[OrderItem]
    created: str
    updated: str
    posted: bool
    postedDate: str | None
    shipped: bool
    shippedDate: str | None
    billed: bool
    billedDate: str | None
    invoice: Invoice | None
    fulfillments: list[Fulfillment]
    refunds: list[Refund]
    attributes: list[dict[str, Any]]
    totalPrice: float
    totalRetailPrice: float
    invoiceId: NotRequired[str]
    code: NotRequired[str]
    parentCode: NotRequired[str]
    companyId: NotRequired[str]
    partner: NotRequired[str]
    date: NotRequired[str]
    email: NotRequired[str]
    tags: NotRequired[str]
    addresses: NotRequired[None]
    charge: NotRequired[None]


class FulfillmentCreated(TypedDict):
    id: str


class WebhookSecret(TypedDict):
    """A secret is never shown again, only how long it signs."""

    expiresDate: str | None


class Webhook(TypedDict):
    """Contract 4.5; which keys the answer has is inferred from the request's."""

    _id: str
    targetUrl: str
    topics: list[str]
    secrets: list[WebhookSecret]
    limiterRate: int | None
    limiterBurst: int | None
    enabled: bool
    created: str
    updated: str


class Errors(TypedDict):
    """Contract 4.1: texts by the parameter at fault, or under `general`."""

    errors: dict[str, list[str]]
