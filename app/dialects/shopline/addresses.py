"""Addresses and people, both ways (contract 1.5, 2.2, 2.3). What the core has no field for is kept as it was given,
and shown for as long as the core's address is still the one that came with it."""

from collections.abc import Mapping
from typing import Any

from app.core import model
from app.dialects.shopline import wire

Given = Mapping[str, Any]
"""An address as the partner sent it, without what it left out."""


def to_address(given: Given) -> model.Address:
    # 1.5: street and flat are `address` and `address1` going in, `address1` and `address2` coming out.
    street, flat = ("address", "address1") if "address" in given else ("address1", "address2")
    return model.Address(
        name=_full_name(given),
        company=given.get("company"),
        address1=given.get(street),
        address2=given.get(flat),
        city=given.get("city"),
        zip=given.get("zip"),
        province=given.get("province"),
        country_code=given.get("country_code"),
        phone=given.get("phone"),
        email=given.get("email"),
    )


def _full_name(given: Given) -> str | None:
    parts = [given[part] for part in ("first_name", "last_name") if given.get(part)]
    return " ".join(parts) or given.get("name")


def from_shipping(address: model.Address | None, given: Given | None) -> wire.ShippingAddress:
    kept = given if given is not None and to_address(given) == address else {}
    extra = kept.get("extra_info", {})
    return {
        **_address(address, kept),
        "phone_area_code": kept.get("phone_area_code", ""),
        "extra_info": {
            "cpf": extra.get("cpf", ""),
            "tax_text": extra.get("tax_text", ""),
            "id_number": extra.get("id_number", ""),
            "id_number_text": extra.get("id_number_text", ""),
            "addition": extra.get("addition", ""),
        },
    }


def from_billing(address: model.Address | None) -> wire.Address:
    return _address(address, {})


def _address(address: model.Address | None, kept: Given) -> wire.Address:
    known = address or model.Address()
    first_name, last_name = _names(known.name)
    return {
        "first_name": kept.get("first_name", first_name),
        "last_name": kept.get("last_name", last_name),
        "name": known.name or "",
        "address1": known.address1 or "",
        "address2": known.address2 or "",
        "city": known.city or "",
        "zip": known.zip or "",
        "area": kept.get("area", ""),
        "company": known.company or "",
        "province": known.province or "",
        "province_code": kept.get("province_code", ""),
        "country": kept.get("country", ""),
        "country_code": known.country_code or "",
        "latitude": kept.get("latitude", ""),
        "longitude": kept.get("longitude", ""),
        "email": known.email or "",
        "phone": known.phone or "",
    }


def _names(name: str | None) -> tuple[str, str]:
    """The core has one name; the last word of it is taken for the last name (inferred)."""
    first_name, _, last_name = (name or "").strip().rpartition(" ")
    return first_name, last_name


def from_customer(customer: model.Customer) -> wire.Customer:
    """Nobody counts orders by customer here."""
    first_name, last_name = _names(customer.name)
    return {
        "id": "",
        "email": customer.email or "",
        "first_name": first_name,
        "last_name": last_name,
        "phone": customer.phone or "",
        "created_at": "",
        "updated_at": "",
        "orders_count": 0,
        "total_spent": "0.00",
    }
