"""What a client gives, beyond what the schema says of it: what is required when, lengths and bounds."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import AwareDatetime, ConfigDict, Field
from pydantic.alias_generators import to_camel

from app.web.decode import Body, Key, Text, Whole, validate

MOST_LINES = 2_000
_M = TypeVar("_M", bound=Body)
_Amount = Annotated[float, Field(ge=0, le=10**10)]
_Price = Annotated[float, Field(ge=0, le=10**8)]
_Quantity = Annotated[Whole, Field(ge=1, le=1_000_000)]
_Long = Annotated[str, Field(max_length=10_000)]
# A key of the core is the application's id, a colon and the reference.
_Reference = Annotated[Key, Field(max_length=200)]
_Priority = Literal["LOW", "NORMAL", "HIGH"]


class _Input(Body):
    model_config = ConfigDict(alias_generator=to_camel)


class Line(_Input):
    label: Text | None = None
    sku: Key
    quantity: _Quantity
    price: _Price = 0.0
    vat_rate: Annotated[float, Field(ge=0, lt=10)] = 0.0


class Delivery(_Input):
    type: Literal["PERSON", "RELAY_POINT"] | None = None
    fullname: Text | None = None
    email: Text | None = None
    address: Text | None = None
    address_complement: Text | None = None
    zipcode: Text | None = None
    city: Text | None = None
    country: Text | None = None
    phone: Text | None = None


class _Order(_Input):
    organization_id: Text | None = None
    external_reference: _Reference | None = None
    invoice_number: Text | None = None
    type: Literal["B2C", "B2B"] | None = None
    dispatching_type: Literal["AUTOMATIC", "MANUAL"] | None = None
    priority: _Priority | None = None
    inventory_policy: Literal["DENY", "ALLOW", "SKIP", "ADJUST"] | None = None
    total: _Amount | None = None
    total_tax_inclusive: _Amount | None = None
    total_shipping: _Amount | None = None
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")] | None = None
    issued_at: AwareDatetime | None = None
    delivery: Delivery | None = None
    comment: _Long | None = None


_Lines = Annotated[list[Line], Field(min_length=1, max_length=MOST_LINES)]


class NewOrder(_Order):
    organization_id: Text
    state: Literal["DRAFT", "OPENED"] = "DRAFT"
    lines: _Lines


class OrderUpdate(_Order):
    id: Text | None = None
    lines: _Lines | None = None


class Item(_Input):
    order_line_id: Text
    quantity: _Quantity


_Items = Annotated[list[Item], Field(min_length=1, max_length=MOST_LINES)]


class NewDeliveryOrder(_Input):
    order_id: Text
    location_id: Key
    lines: _Items
    priority: _Priority | None = None


class DeliveryOrderUpdate(_Input):
    id: Text
    location_id: Key | None = None
    lines: _Items | None = None
    priority: _Priority | None = None


class Lines(_Input):
    order_id: Text
    line_ids: Annotated[list[Text], Field(min_length=1, max_length=MOST_LINES)]


class Webhook(_Input):
    end_point: str
    type: str
    headers: dict[str, str] = {}


def read(value: Any, model: type[_M]) -> _M:
    """An explicit null says the same as nothing. Raises INVALID."""
    return validate(_given(value), model, "body")


def _given(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _given(held) for name, held in value.items() if held is not None}
    return [_given(held) for held in value] if isinstance(value, list) else value
