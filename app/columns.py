"""The columns of a CSV file of orders, from the body that POST /api/orders takes, and what their cells mean in it."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from app.core.model import FeeKind
from app.dialects.native.bodies import LineIn, OrderIn

LINE = "line."
FEE = "fee."
NEEDED = ("currency", "line.sku", "line.quantity", "line.unit_price")
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_TRUTHS = {"true": True, "false": False}


def _leaves(schema: Mapping[str, Any], definitions: Mapping[str, Any], before: str) -> Iterator[tuple[str, str]]:
    """Names with their JSON types; `object` for one whose parts everybody names as they like."""
    for name, given in schema["properties"].items():
        [found, *_] = [each for each in given.get("anyOf", [given]) if each.get("type") != "null"]
        inner = definitions.get(found.get("$ref", "").rpartition("/")[2], {})
        if "properties" in inner:
            yield from _leaves(inner, definitions, f"{before}{name}.")
        elif found.get("type") != "array" or "$ref" not in found["items"]:
            yield before + name, found.get("type", "string")


@cache
def kinds() -> Mapping[str, str]:
    """JSON types by column; an `object` stands for any column with its name and a dot in front."""
    order, line = OrderIn.model_json_schema(), LineIn.model_json_schema()
    found = dict(_leaves(order, order["$defs"], ""))
    found |= {f"{FEE}{kind.value}": "integer" for kind in FeeKind}
    return found | dict(_leaves(line, line["$defs"], LINE))


def kind_of(name: str) -> str | None:
    """The JSON type of a cell, None where there is no such column."""
    kind = kinds().get(name)
    if kind is not None and kind != "object":
        return kind
    return "string" if any(own == "object" and name.startswith(f"{of}.") for of, own in kinds().items()) else None


def put(into: dict[str, Any], name: str, text: str) -> None:
    """A cell into the order, or, of a `line.` column, into the line. Raises ValueError: what the cell must be."""
    value = _value(name, text)
    if name.startswith(FEE):
        kind = name.removeprefix(FEE)
        into.setdefault("fees", []).append({"kind": kind, "amount": value})
        return
    outer, dot, inner = name.removeprefix(LINE).partition(".")
    if dot:
        into.setdefault(outer, {})[inner] = value
    else:
        into[outer] = value


def _value(name: str, text: str) -> Any:
    kind = kind_of(name)
    if kind == "integer":
        if not _WHOLE.fullmatch(text):
            money = name.startswith(FEE) or name.endswith(("price", "amount"))
            raise ValueError(f"must be a whole number{' of minor units: 1250 for 12.50' if money else ''}")
        return int(text)
    if kind == "boolean":
        if text.lower() not in _TRUTHS:
            raise ValueError("must be true or false")
        return _TRUTHS[text.lower()]
    return [part.strip() for part in text.split(",")] if kind == "array" else text
