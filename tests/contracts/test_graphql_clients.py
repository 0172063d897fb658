"""A typed client that ariadne-codegen generates from each schema is whole, and works against a real server."""

import compileall
import importlib
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from app import postman_graphql
from app.web.dialect import Dialect, discover
from tests.dialects.server import Server
from tests.dialects.tenants import Tenant

_GENERATOR = Path(sys.prefix) / "codegen"
_SETTINGS = """\
[tool.ariadne-codegen]
schema_path = "{name}.graphql"
queries_path = "{name}-operations.graphql"
target_package_name = "{name}_graphql"
async_client = false
include_comments = "none"
"""


def _schemas() -> Mapping[str, tuple[Dialect, str]]:
    found = {}
    for dialect in discover():
        for path, text in dialect.contract().items():
            if path.endswith(".graphql"):
                found[dialect.name] = dialect, text
    return found


_SCHEMAS = _schemas()


def _generate(name: str, folder: Path) -> None:
    """A method for each query and mutation, with all that it can be asked for down to a depth."""
    _, text = _SCHEMAS[name]
    documents = "\n\n".join(asked.document for asked in postman_graphql.operations(text))
    (folder / f"{name}.graphql").write_text(text)
    (folder / f"{name}-operations.graphql").write_text(documents)
    (folder / f"{name}.toml").write_text(_SETTINGS.format(name=name))
    command = [sys.executable, "-m", "ariadne_codegen", "--config", f"{name}.toml"]
    environment = {**os.environ, "PYTHONPATH": str(_GENERATOR)}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    assert _GENERATOR.is_dir(), "make install puts the generator there"
    folder = tmp_path_factory.mktemp("graphql_clients")
    for name in _SCHEMAS:
        _generate(name, folder)
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


def _client(name: str, tenant: Tenant) -> Any:
    dialect, _ = _SCHEMAS[name]
    url = f"{tenant.server.base}{dialect.prefixes[0]}/graphql"
    return importlib.import_module(f"{name}_graphql").Client(url=url, headers={"Authorization": f"Bearer {tenant.key}"})


@pytest.mark.parametrize("name", _SCHEMAS)
def test_it_is_whole(name: str, generated: Path) -> None:
    assert compileall.compile_dir(generated / f"{name}_graphql", quiet=1)
    client = importlib.import_module(f"{name}_graphql").Client
    methods = {method.replace("_", "") for method in vars(client)}
    wanted = {asked.name.lower() for asked in postman_graphql.operations(_SCHEMAS[name][1])}
    assert wanted <= methods


def test_happycolis(generated: Path, sqlite_server: Server) -> None:
    tenant = Tenant.add(sqlite_server)
    placed = tenant.create()
    with _client("happycolis", tenant) as client:
        asked = client.order_cancel(placed["id"]).order_cancel
        assert client.dispatchable_request(asked.id).dispatchable_request.state.value == "ACCEPTED"
        order = client.order(placed["id"]).order
        assert [line.status.value for line in order.lines] == ["CANCELED", "CANCELED"]
    assert tenant.api("GET", f"/orders/{placed['id']}")["cancelled"]


def test_afosto(generated: Path, sqlite_server: Server) -> None:
    tenant = Tenant.add(sqlite_server)
    placed = tenant.create()
    models = importlib.import_module("afosto_graphql")
    with _client("afosto", tenant) as client:
        item = client.order(placed["id"]).order.items[0].ids[0]
        given = models.CancelOrderItemsInput(order_id=placed["id"], items=[{"item_id": item, "reason": "OUT_OF_STOCK"}])
        begun = client.cancel_order_items(given).cancel_order_items.order
        [action] = begun.actions
        assert action.action.value == "HANDLE_APPROVAL"
        with pytest.raises(models.GraphQLClientGraphQLMultiError, match="cancelled already"):
            client.cancel_order_items(given)
