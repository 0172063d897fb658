"""The Order object against contract 2.1 to 2.8, key by key: names, JSON types, and where null may stand."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant


class Nullable:
    def __init__(self, kind: type) -> None:
        self.kind = kind


class Many:
    """A list of things that look like this."""

    def __init__(self, shape: Any) -> None:
        self.shape = shape


S, B, N = str, bool, int
TEXT_OR_NULL = Nullable(str)
NUMBER_OR_NULL = Nullable(float)


def texts(names: str) -> dict[str, Any]:
    return dict.fromkeys(names.split(), S)


CUSTOMER = texts("id email first_name last_name phone created_at updated_at total_spent") | {"orders_count": N}
BILLING = texts(
    "first_name last_name name address1 address2 city zip area company province province_code country country_code "
    "latitude longitude email phone"
)
SHIPPING = BILLING | {
    "phone_area_code": S,
    "extra_info": texts("cpf tax_text id_number id_number_text addition"),
}
PAYMENT_LINE = texts("payment_channel payment_method transaction_no merchant_id merchant_email")
LINE_ITEM = texts(
    "id product_id variant_id product_title variant_title product_handle product_url sku vendor note image "
    "fulfillment_status price compare_at_price total weight weight_unit refund_total"
) | {
    "quantity": N,
    "refund_quantity": N,
    "properties": Many(texts("name value")),
    "custom_properties": dict,
}
SHIPPED_ITEM = LINE_ITEM | {"taxable": B, "requires_shipping": B, "shipping_quantity": N}
FULFILLMENT = texts(
    "id order_id status tracking_company tracking_number tracking_company_code created_at updated_at"
) | {"line_items": Many(SHIPPED_ITEM)}  # fmt: skip
SYMBOL = texts("code val left right")
CONFIG = {
    "page_type": S,
    "requires_shipping": B,
    "product_tax_included": B,
    "checkout_business_type": N,
    "checkout_template_type": N,
    "market_setting": texts(
        "primary_market_lang market_lang market_id market_base_id primary_market_id market_currency "
        "market_base_currency primary_market_currency market_country"
    )
    | dict.fromkeys(("market_currency_symbol", "market_base_currency_symbol", "primary_market_currency_symbol"), SYMBOL)
    | {
        "market_price_setting": {
            "local_currency_enabled": B,
            "custom_rate_enabled": B,
            "price_round_enabled": B,
            **dict.fromkeys(
                ("custom_rate", "rate", "back_rate", "actual_rate", "base_to_local", "local_to_base", "adjust"),
                NUMBER_OR_NULL,
            ),
        }
    },
}
ORDER = (
    texts(
        "id number status financial_status fulfillment_status email_status recovery_status payment_method "
        "discount_code discount_applications customer_note landing_site currency total_price sub_total "
        "total_discount total_tax total_shipping code_discount_total line_item_discount_total gift_card_total "
        "total_refund_price total_refund_discount total_refund_tax additional_total shipping_tax_total created_at "
        "updated_at total_tip_received tags browser_ip last_landing_url total_paid source logistics_code refer_info "
        "sales_platform checkout_url invoice_url refund_status"
    )
    | dict.fromkeys(
        ("note", "cancel_reason", "customer_deleted_at", "deleted_at", "canceled_at", "placed_at"), TEXT_OR_NULL
    )
    | {
        "buyer_accepts_marketing": B,
        "product_tax_included": B,
        "addtional_prices": Many(texts("name price")),
        "source_name": texts("data created_at"),
        "last_referrer_show": texts("data created_at"),
        "shipping_line": texts("name"),
        "customer": CUSTOMER,
        "shipping_address": SHIPPING,
        "billing_address": BILLING,
        "payment_line": PAYMENT_LINE,
        "line_items": Many(LINE_ITEM),
        "fulfillments": Many(FULFILLMENT),
        "config": CONFIG,
        "location_line": texts("id location_id location_name"),
    }
)


def wrong(shape: Any, value: Any, at: str = "order") -> Iterator[str]:
    """Every difference between a JSON value and the shape that it should have."""
    if isinstance(shape, Nullable):
        shape = type(None) if value is None else shape.kind
    if isinstance(shape, Many):
        assert isinstance(value, list), at
        for n, item in enumerate(value):
            yield from wrong(shape.shape, item, f"{at}.{n}")
    elif isinstance(shape, Mapping):
        assert isinstance(value, dict), at
        yield from (f"{at}: {name}" for name in value.keys() ^ shape.keys())
        for name in value.keys() & shape.keys():
            yield from wrong(shape[name], value[name], f"{at}.{name}")
    elif type(value) is not shape:
        yield f"{at}: {value!r} is no {shape.__name__}"


EVERYTHING: dict[str, Any] = {
    "currency": "USD",
    "keys": {"shopline": "633130-00000004"},
    "placed_at": "2026-01-31T12:00:00Z",
    "customer": {"name": "Ada Byron", "email": "ada@example.com", "phone": "1"},
    "shipping_address": {"name": "Ada Byron", "company": "x", "address1": "x", "address2": "x", "city": "x", "zip": "1"}
    | {"province": "KY", "country_code": "US", "phone": "1", "email": "ada@example.com"},
    "billing_address": {"name": "Ada Byron"},
    "lines": [
        {"sku": "a", "title": "A", "quantity": 3, "unit_price": 1250, "tax_rate": 0.2, "keys": {"shopline": "l-1"}},
        {"sku": "b", "quantity": 1, "unit_price": 0, "type": "part"},
    ],
    "fees": [{"kind": "shipping", "title": "UPS", "amount": 500}, {"kind": "other", "title": "wrap", "amount": 100}],
    "payment": {"status": "paid", "method": "credit_card"},
    "note": "x",
    "tags": ["a"],
}
NOTHING: dict[str, Any] = {"currency": "EUR", "state": "draft", "lines": []}


@pytest.mark.parametrize("body", [EVERYTHING, NOTHING], ids=["everything", "nothing"])
def test_every_answer_holds_every_key_in_its_type(tenant: Tenant, body: dict[str, Any]) -> None:
    order = tenant.api("POST", "/orders", body)
    path = f"/shopline/openapi/2022-01/orders/{order['id']}"
    if body["lines"]:
        tenant.api("POST", f"/orders/{order['id']}/fulfillments", {"lines": [{"line_id": order["lines"][0]["id"]}]})
    answers = [
        tenant.send(Wire("GET", path)).json()["order"],
        tenant.send(Wire("GET", f"/shopline/orders/number/{order['number']}")).json()["order"],
        tenant.send(Wire("GET", "/shopline/orders")).json()["orders"][0],
        tenant.send(Wire("PUT", path, {"note": "y"})).json()["order"],
    ]
    if body["lines"]:
        answers.append(tenant.send(Wire("POST", f"{path}/cancel", {"reason": "late"})).json()["order"])
    assert [list(wrong(ORDER, answer)) for answer in answers] == [[]] * len(answers)


def test_the_first_keys_are_in_the_partners_order(tenant: Tenant) -> None:
    order = tenant.send(Wire("GET", f"/shopline/orders/{tenant.create()['id']}")).json()["order"]
    assert list(order)[:6] == ["id", "note", "number", "financial_status", "status", "cancel_reason"]
