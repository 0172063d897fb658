"""What buyers are answered (contract 1.5, 2.5 and 4.3), as typed dictionaries; names differ from those for sellers."""

from typing import Any

from typing_extensions import TypedDict

from app.dialects.convictional.wire import Address, RefundItem


class FulfilledItem(TypedDict):
    id: str
    orderItemId: str
    quantity: int


class BuyerFulfillment(TypedDict):
    """Contract 2.5. In a seller order `orderItemId` is the line's newest item, in the order its one item."""

    id: str
    posted: bool
    postedDate: str | None
    created: str
    updated: str
    carrier: str
    trackingCode: str
    trackingUrls: list[str]
    items: list[FulfilledItem]


class SellerOrderItem(TypedDict):
    """As the seller's items: a partly cancelled line is two of them."""

    id: str
    variantId: str
    buyerReference: str
    quantity: int
    basePrice: float
    retailPrice: float
    cancelled: bool
    cancelledReason: str
    cancelledBy: str
    cancelledDate: str | None


class SellerOrder(TypedDict):
    """Contract 2.5. Here an order has exactly one, and its id is the order's."""

    id: str
    buyerOrderId: str
    buyerReference: str
    sellerReference: str
    customerReference: str
    companyId: str
    address: Address | None
    baseCurrency: str
    packingSlipUrl: str
    invoiceId: str
    hasCancellations: bool
    posted: bool
    postedDate: str | None
    fulfilled: bool
    fulfilledDate: str | None
    invoiced: bool
    invoicedDate: str | None
    refunded: bool
    refundedDate: str | None
    flagged: bool
    flaggedDate: str | None
    flaggedMessage: str
    flaggedAt: str | None
    created: str
    updated: str
    attributes: list[dict[str, Any]]
    isTest: bool
    fulfillments: list[BuyerFulfillment]
    items: list[SellerOrderItem]


class BuyerItem(TypedDict):
    """A line as it was ordered: no cancellation changes it (contract 1.5)."""

    id: str
    productId: str
    variantId: str
    buyerVariantCode: str
    buyerReference: str
    sellerOrderId: str
    sellerOrderItemId: str
    quantity: int
    retailPrice: float


class BuyerOrder(TypedDict):
    id: str
    buyerReference: str
    customerReference: str
    customerEmail: str
    orderedDate: str
    created: str
    updated: str
    address: Address | None
    items: list[BuyerItem]
    itemsNotAccepted: list[Any]
    fulfillments: list[BuyerFulfillment]
    sellerOrders: list[SellerOrder]
    metafields: list[Any]
    attributes: list[dict[str, Any]]
    quoteId: str
    isTest: bool
    note: str


class BuyerOrderFound(TypedDict):
    data: BuyerOrder


class BuyerOrders(TypedDict):
    """Contract 4.3: absolute URLs; `""` for a page that there is not."""

    data: list[BuyerOrder]
    hasMore: bool
    next: str
    previous: str


class BuyerOrderCancelled(TypedDict):
    error: list[Any]


class BuyerRefund(TypedDict):
    """As the seller's refund."""

    id: str
    created: str
    refundedBy: str
    currency: str
    amount: float
    fees: float
    items: list[RefundItem]
