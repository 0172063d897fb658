"""Customers and addresses as SHOPLINE shows them (contract 2.2 and 2.3)."""

from app.core import model
from app.dialects.shopline_admin import times, wire_parts


def from_customer(order: model.Order) -> wire_parts.Customer:
    first_name, last_name = _names(order.customer.name)
    return {
        "id": "",
        "email": order.customer.email or "",
        "phone": order.customer.phone or "",
        "area_code": "",
        "first_name": first_name,
        "last_name": last_name,
        "currency": order.currency,
        "created_at": times.text(order.created_at),
        "updated_at": times.text(order.created_at),
        "addresses": _plain(order.shipping_address),
    }


def from_billing(address: model.Address | None) -> wire_parts.Address:
    return {**_plain(address), "company": (address and address.company) or "", "standard_province_code": ""}


def from_shipping(address: model.Address | None) -> wire_parts.ShippingAddress:
    return {
        **from_billing(address),
        "latitude": "",
        "longitude": "",
        "district": "",
        "district_code": "",
        "delivery_store_code": "",
        "delivery_store_name": "",
    }


def _plain(address: model.Address | None) -> wire_parts.PlainAddress:
    known = address or model.Address()
    first_name, last_name = _names(known.name)
    return {
        "first_name": first_name,
        "last_name": last_name,
        "name": known.name or "",
        "phone": known.phone or "",
        "address1": known.address1 or "",
        "address2": known.address2 or "",
        "city": known.city or "",
        "province": known.province or "",
        "province_code": "",
        "country": "",
        "country_code": known.country_code or "",
        "zip": known.zip or "",
    }


def _names(name: str | None) -> tuple[str, str]:
    """The core has one name; the last word of it is taken for the last name (inferred)."""
    first_name, _, last_name = (name or "").strip().rpartition(" ")
    return first_name, last_name
