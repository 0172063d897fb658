"""An order as each dialect shows it, with every field that it has; no test and no fixture is here."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from graphql import GraphQLObjectType, build_schema, get_named_type, is_object_type, is_required_argument

from tests.dialects.server import Wire
from tests.dialects.tenants import Tenant
from tests.house.sources import ROOT

_SCHEMAS = {"afosto": "openapi/afosto.graphql", "happycolis": "schema.graphql"}


def selection(type_: GraphQLObjectType, above: tuple[str, ...] = ()) -> str:
    """All that can be asked of a type without an argument; a type within itself is left out."""
    fields = []
    for name, field in type_.fields.items():
        inner: Any = get_named_type(field.type)
        if any(is_required_argument(argument) for argument in field.args.values()):
            continue
        if not is_object_type(inner):
            fields.append(name)
        elif inner.name not in {*above, type_.name}:
            fields.append(f"{name} {selection(inner, (*above, type_.name))}")
    return "{ " + " ".join(fields) + " }"


@cache
def _document(dialect: str) -> str:
    schema = build_schema((ROOT / _SCHEMAS[dialect]).read_text())
    assert schema.query_type is not None
    field = schema.query_type.fields["order"]
    argument = field.args["id"].type
    return f"query ($id: {argument}) {{ order(id: $id) {selection(get_named_type(field.type))} }}"


def _graphql(dialect: str, order_id: str) -> Wire:
    return Wire("POST", f"/{dialect}/graphql", {"query": _document(dialect), "variables": {"id": order_id}})


READS: Mapping[str, Callable[[str], Wire]] = {
    "native": lambda order_id: Wire("GET", f"/api/orders/{order_id}"),
    "convictional": lambda order_id: Wire("GET", f"/convictional/orders/{order_id}"),
    "happycolis": lambda order_id: _graphql("happycolis", order_id),
    "shopline": lambda order_id: Wire("GET", f"/shopline/orders/{order_id}"),
    "afosto": lambda order_id: _graphql("afosto", order_id),
}
_INSIDE = {"happycolis": ("data", "order"), "afosto": ("data", "order"), "shopline": ("order",)}


def read(tenant: Tenant, dialect: str, order_id: str) -> Any:
    """The order alone, out of its envelope."""
    answer = tenant.send(READS[dialect](order_id))
    assert answer.status_code == 200, f"{dialect}: {answer.status_code} {answer.text}"
    told = answer.json()
    assert "errors" not in told, f"{dialect}: {told['errors']}"
    for name in _INSIDE.get(dialect, ()):
        told = told[name]
    return told


def read_all(tenant: Tenant, order_id: str) -> dict[str, Any]:
    return {dialect: read(tenant, dialect, order_id) for dialect in READS}
