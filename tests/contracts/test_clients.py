"""A client that openapi-python-client generates from each document is whole, and works against a real server."""

import compileall
import importlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import openapi_python_client
import pytest
from openapi_python_client.config import Config, ConfigFile, MetaType

from tests.contracts import documents
from tests.dialects.server import Server, authorization
from tests.dialects.tenants import Tenant

# Lines of JSON, and events, are bytes to the generator, which has no word for them.
_BYTES = "application/octet-stream"
_SETTINGS = ConfigFile(
    post_hooks=[], content_type_overrides={"application/x-ndjson": _BYTES, "text/event-stream": _BYTES}
)


class Client:
    """Calls operations by id on a server, as the holder of a key."""

    def __init__(self, package: str, tenant: Tenant, prefix: str) -> None:
        self._package = package
        [(header, value)] = authorization(prefix, tenant.key).items()
        scheme = value.removesuffix(tenant.key).strip()
        self.client = self.module("client").AuthenticatedClient(
            base_url=f"{tenant.server.base}{prefix}", token=tenant.key, prefix=scheme, auth_header_name=header
        )

    def module(self, path: str) -> ModuleType:
        return importlib.import_module(f"{self._package}.{path}")

    def model(self, name: str, content: Any) -> Any:
        return getattr(self.module("models"), name).from_dict(content)

    def call(self, operation: str, *path: str, **more: Any) -> Any:
        """The parsed body of a good answer."""
        answer = self.module(f"api.default.{operation}").sync_detailed(*path, client=self.client, **more)
        assert answer.status_code in {200, 201}, answer.content
        assert answer.parsed is not None
        return answer.parsed


Make = Callable[[str], tuple[Client, Tenant]]


def _generate(name: str, folder: Path) -> list[str]:
    document = folder / f"{name}.json"
    document.write_text(json.dumps(documents.of(name).content))
    config = Config.from_sources(
        config_file=_SETTINGS,
        meta_type=MetaType.NONE,
        document_source=document,
        file_encoding="utf-8",
        overwrite=False,
        output_path=folder / f"{name}_client",
    )
    return [f"{error.header}: {error.detail}" for error in openapi_python_client.generate(config=config)]


@pytest.fixture(scope="session")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[str]]]:
    """Generates every client, once; what the generator had to say of each."""
    folder = tmp_path_factory.mktemp("clients")
    said = {name: _generate(name, folder) for name in documents.names()}
    assert compileall.compile_dir(folder, quiet=1)
    sys.path.insert(0, str(folder))
    yield said
    sys.path.remove(str(folder))


@pytest.fixture
def client(complaints: dict[str, list[str]], sqlite_server: Server) -> Iterator[Make]:
    with ExitStack() as opened:

        def make(name: str) -> tuple[Client, Tenant]:
            tenant = Tenant.add(sqlite_server)
            made = Client(f"{name}_client", tenant, documents.of(name).prefix)
            opened.enter_context(made.client)
            return made, tenant

        yield make


@pytest.mark.parametrize("name", documents.names())
def test_it_is_whole(name: str, complaints: dict[str, list[str]]) -> None:
    assert complaints[name] == []


@pytest.mark.parametrize("name", documents.names())
def test_every_operation_is_in_it(name: str, client: Make) -> None:
    made, _ = client(name)
    for _, _, operation in documents.of(name).operations():
        assert callable(made.module(f"api.default.{operation['operationId']}").sync)


@pytest.mark.parametrize("name", documents.names())
def test_schemas_have_names_that_a_class_can_have(name: str) -> None:
    """FastAPI writes `X-Input` and `X-Output` where what is read and what is answered are both called `X`."""
    schemas = documents.of(name).content["components"]["schemas"]
    assert [schema for schema in schemas if not re.fullmatch(r"[A-Z][A-Za-z]+", schema)] == []


def _example(name: str, operation_id: str) -> Any:
    for _, _, operation in documents.of(name).operations():
        if operation["operationId"] == operation_id:
            return operation["requestBody"]["content"]["application/json"]["example"]
    raise LookupError(operation_id)


def test_native(client: Make) -> None:
    api, _ = client("native")
    placed = api.call(
        "create_order", body=api.model("OrderIn", _example("native", "create_order")), idempotency_key="once"
    )
    again = api.call(
        "create_order", body=api.model("OrderIn", _example("native", "create_order")), idempotency_key="once"
    )
    assert again.id == placed.id
    assert api.call("get_order", "shopline:633130-00000004").id == placed.id
    part = {"lines": [{"line_id": placed.lines[0].id, "quantity": 2}], "reason": "too many"}
    tried = api.call("cancel_order", placed.id, body=api.model("CancellationIn", part), dry_run=True)
    assert tried.dry_run.amount == 2500
    done = api.call("cancel_order", placed.id, body=api.model("CancellationIn", part))
    assert [line.cancelled for line in done.order.lines] == [2, 0]
    done = api.call("cancel_order", placed.id)
    assert done.order.cancelled
    assert done.request.state.value == "ACCEPTED"
    found = api.call("list_orders", cancelled=True)
    assert [order.id for order in found.orders] == [placed.id]
    assert len(api.call("order_events", placed.id).events) == 3


def test_native_streams(client: Make) -> None:
    api, _ = client("native")
    files = api.module("types")
    order = json.dumps(_example("native", "create_order")).encode()
    done = api.call("import_orders", body=files.File(payload=BytesIO(order)))
    [result] = map(json.loads, done.splitlines())
    assert result["status"] == "created"
    line = json.dumps(result["id"]).encode()
    done = api.call("cancel_orders", body=files.File(payload=BytesIO(line)))
    [cancelled] = map(json.loads, done.splitlines())
    assert cancelled["status"] == "cancelled"


def test_native_errors(client: Make) -> None:
    api, _ = client("native")
    answer = api.module("api.default.get_order").sync_detailed("nothing", client=api.client)
    assert answer.status_code == 404
    assert answer.parsed.code == "order_not_found"


def test_convictional(client: Make) -> None:
    api, tenant = client("convictional")
    placed = tenant.create(keys={"convictional": "66aa00000000000000000001"})
    assert [order.field_id for order in api.call("list_orders")] == ["66aa00000000000000000001"]
    order = api.call("get_order", "66aa00000000000000000001")
    part = {"newQuantity": 2, "reason": "damaged"}
    item = api.call(
        "cancel_order_item",
        order.field_id,
        order.items[0].field_id,
        body=api.model("OrderItemCancellation", part),
    )
    assert (item.cancelled, item.cancelled_reason) == (True, "damaged")
    shipped = {"items": [{"sku": "TEA-GREEN"}], "carrier": "DHL"}
    assert api.call("create_fulfillment", order.field_id, body=api.model("FulfillmentIn", shipped)).id
    rest = api.model("OrderCancellation", {"unfulfilledOnly": True, "reason": "late"})
    assert api.call("cancel_order", order.field_id, body=rest).has_cancellations
    seen = tenant.api("GET", f"/orders/{placed['id']}")
    assert [(line["cancelled"], line["fulfilled"]) for line in seen["lines"]] == [(5, 0), (0, 2)]


def test_shopline(client: Make) -> None:
    api, tenant = client("shopline")
    placed = api.call("create_order", body=api.model("OrderIn", _example("shopline", "create_order"))).order
    assert api.call("count_orders").count == 1
    assert api.call("get_order", placed.id).order.number == placed.number
    reason = api.model("CancelIn", {"reason": "Customer changed their mind"})
    done = api.call("cancel_order", placed.id, body=reason).order
    assert (done.status, done.cancel_reason) == ("cancelled", "Customer changed their mind")
    assert api.call("get_order_short", placed.id).order.status == "cancelled"
    assert tenant.api("GET", f"/orders/{placed.id}")["cancelled"]
