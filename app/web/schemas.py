"""JSON Schema as clients expect it, from what pydantic and FastAPI generate; no operation is known here."""

from collections.abc import Mapping
from typing import Any

# What pydantic writes of a bound behind a validator of our own.
_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
_NOT_JSON_SCHEMA = ("max_digits", "decimal_places")


def without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """`anyOf` a schema and null is that schema: where a thing may be left out, but null cannot be said."""
    options = [option for option in schema.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) != 1 or len(options) == len(schema["anyOf"]):
        return dict(schema)
    rest = {name: value for name, value in schema.items() if name not in {"anyOf", "title"}}
    return {**options[0], **rest}


def describe(parameter: dict[str, Any], texts: Mapping[str, str]) -> None:
    """A path or query parameter cannot be null, and is described once."""
    parameter["schema"] = without_null(parameter["schema"])
    own = parameter["schema"].pop("description", None)
    about = own or texts.get(parameter["name"]) or parameter.get("description")
    if about:
        parameter["description"] = about


def tidy(node: Any) -> None:
    """Everywhere below: the keywords of JSON Schema, and defaults of the schema's own type."""
    if isinstance(node, list):
        for item in node:
            tidy(item)
    if not isinstance(node, dict):
        return
    if isinstance(node.get("type"), str):
        _tidy_schema(node)
    for name, value in node.items():
        if name not in {"example", "examples", "default"}:
            tidy(value)


def _tidy_schema(schema: dict[str, Any]) -> None:
    for ours, theirs in _BOUNDS.items():
        if isinstance(schema.get(ours), int | float):
            schema.setdefault(theirs, schema.pop(ours))
            schema.pop(ours, None)
    for name in _NOT_JSON_SCHEMA:
        schema.pop(name, None)
    if isinstance(schema.get("patternProperties"), dict) and len(schema["patternProperties"]) == 1:
        _bind_names(schema)
    if schema["type"] in {"number", "integer"} and isinstance(schema.get("default"), str):
        number = float(schema["default"])
        schema["default"] = int(number) if number.is_integer() else number


def _bind_names(schema: dict[str, Any]) -> None:
    """A map whose keys have a pattern: pydantic refuses other keys, `patternProperties` alone would not."""
    [(pattern, values)] = schema.pop("patternProperties").items()
    schema["propertyNames"] = {**schema.get("propertyNames", {}), "pattern": pattern}
    schema["additionalProperties"] = values
