"""Documents made up from both GraphQL schemas, over real orders: never a fault of the server, always a well-formed
answer, and the books balance.

`DRAGOMAN_FUZZ_EXAMPLES` is how many documents of each kind; without it 20.
"""

import json
import os
import re
from typing import Any

import httpx
import pytest
from graphql import build_schema, get_introspection_query
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import mutations, nodes, queries

from tests.conftest import ENGINES
from tests.dialects.books import check
from tests.dialects.intents import lines
from tests.dialects.server import Server, Wire
from tests.dialects.tenants import Tenant
from tests.house.sources import ROOT

EXAMPLES = int(os.environ.get("DRAGOMAN_FUZZ_EXAMPLES", "20"))
SCHEMAS = {"afosto": "openapi/afosto.graphql", "happycolis": "schema.graphql"}
KINDS = {"queries": queries, "mutations": mutations}
_FAULT = {"INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE"}
_TEXT = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_ANY = st.one_of(st.text(max_size=20), st.integers(), st.floats(allow_nan=False), st.booleans())


def _scalars(sdl: str) -> dict[str, Any]:
    """Of those that are the schemas' own: any value that has a literal."""
    own = re.findall(r"^scalar (\w+)", sdl, re.MULTILINE)
    return {name: _ANY.map(_literal) for name in own}


def _literal(value: Any) -> Any:
    match value:
        case bool():
            return nodes.Boolean(value)
        case int():
            return nodes.Int(value)
        case float():
            return nodes.Float(value)
    return nodes.String(value)


def _known(tenant: Tenant) -> list[str]:
    """Ids of orders in several states, and of what is in them, as each dialect calls it."""
    known = []
    for n in range(3):
        order = tenant.create(lines=lines(), fees=[{"kind": "shipping", "title": "Parcel", "amount": 595}])
        line = order["lines"][0]["id"]
        if n:
            told = {"lines": [{"line_id": line, "quantity": 1}], "stepwise": n == 1}
            case = tenant.api("POST", f"/orders/{order['id']}/cancellations", told)["request"]
            known += [case["id"], *(each["id"] for each in case["adjustments"])]
        known += [order["id"], order["number"], line, f"{line}.1", f"{line}.2", order["fees"][0]["id"]]
    return known


def _check(answer: httpx.Response, document: str) -> None:
    assert answer.status_code < 500, f"{answer.status_code} for {document}\n{answer.text}"
    told = answer.json()
    assert isinstance(told, dict)
    assert told.keys() <= {"data", "errors", "extensions"}
    assert "data" in told or told["errors"]
    for error in told.get("errors", ()):
        assert isinstance(error["message"], str)
        assert error["message"]
        code = error.get("extensions", {}).get("code")
        assert code not in _FAULT, f"{code} for {document}\n{answer.text}"


@pytest.mark.parametrize("engine_name", ENGINES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dialect", SCHEMAS)
def test_documents_that_nobody_thought_of(
    dialect: str, kind: str, engine_name: str, request: pytest.FixtureRequest
) -> None:
    server: Server = request.getfixturevalue(f"{engine_name}_server")
    tenant = Tenant.add(server)
    known, sdl = _known(tenant), (ROOT / SCHEMAS[dialect]).read_text()

    @settings(
        max_examples=max(1, EXAMPLES // (1 if engine_name == "sqlite" else 3)),
        phases=[Phase.generate],
        suppress_health_check=[*HealthCheck],
        database=None,
    )
    @given(st.data())
    def send(data: st.DataObject) -> None:
        document = data.draw(KINDS[kind](sdl, custom_scalars=_scalars(sdl)))

        def better(found: re.Match[str]) -> str:
            return json.dumps(data.draw(st.sampled_from(known))) if data.draw(st.booleans()) else found[0]

        document = _TEXT.sub(better, document)
        _check(tenant.send(Wire("POST", f"/{dialect}/graphql", {"query": document})), document)

    send()
    for order in tenant.api("GET", "/orders?limit=50")["orders"]:
        if order["state"] != "draft":  # which some have made, and dialects know nothing of
            check(tenant, order["id"])


@pytest.mark.parametrize("dialect", SCHEMAS)
def test_the_schema_is_the_one_that_is_served(dialect: str, sqlite_server: Server) -> None:
    tenant = Tenant.add(sqlite_server)
    told = tenant.send(Wire("POST", f"/{dialect}/graphql", {"query": get_introspection_query()})).json()
    served = {each["name"] for each in told["data"]["__schema"]["types"]}
    assert set(build_schema((ROOT / SCHEMAS[dialect]).read_text()).type_map) <= served
