"""What the core keeps little or nothing of: the market configuration (contract 2.7), the payment, and blanks."""

from app.core.model import Order
from app.dialects.shopline import wire

# The values that the seed's fields have where nothing is known: texts are empty, only what may be null is null.
NOT_KEPT: wire.NotKept = {
    "discount_code": "",
    "discount_applications": "[]",
    "customer_note": "",
    "landing_site": "",
    "customer_deleted_at": None,
    "deleted_at": None,
    "browser_ip": "",
    "last_landing_url": "",
    "source": "",
    "source_name": {"data": "", "created_at": ""},
    "last_referrer_show": {"data": "", "created_at": ""},
    "logistics_code": "",
    "refer_info": "",
    "sales_platform": "",
    "checkout_url": "",
    "location_line": {"id": "", "location_id": "", "location_name": ""},
    "invoice_url": "",
}

_PRICES: wire.MarketPriceSetting = {
    "local_currency_enabled": False,
    "custom_rate_enabled": False,
    "price_round_enabled": False,
    "custom_rate": None,
    "rate": None,
    "back_rate": None,
    "actual_rate": None,
    "base_to_local": None,
    "local_to_base": None,
    "adjust": None,
}


def payment_line(order: Order) -> wire.PaymentLine:
    return {
        "payment_channel": "",
        "payment_method": order.payment.method or "",
        "transaction_no": "",
        "merchant_id": "",
        "merchant_email": "",
    }


def config(order: Order) -> wire.OrderConfig:
    """One market, in the order's own currency."""
    currency = order.currency
    symbol: wire.CurrencySymbol = {"code": currency, "val": "", "left": "", "right": ""}
    country = order.shipping_address.country_code if order.shipping_address else None
    return {
        "page_type": "",
        "requires_shipping": True,
        "product_tax_included": order.prices_include_tax,
        "checkout_business_type": 0,
        "checkout_template_type": 0,
        "market_setting": {
            "primary_market_lang": "",
            "market_lang": "",
            "market_id": "",
            "market_base_id": "",
            "primary_market_id": "",
            "market_currency": currency,
            "market_base_currency": currency,
            "primary_market_currency": currency,
            "market_country": country or "",
            "market_currency_symbol": symbol,
            "market_base_currency_symbol": symbol,
            "primary_market_currency_symbol": symbol,
            "market_price_setting": _PRICES,
        },
    }
