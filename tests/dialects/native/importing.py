"""NDJSON to and from the native API. No test and no fixture is here."""

import http.client
import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from tests.dialects.server import PATIENCE, Wire
from tests.dialects.tenants import Tenant

IMPORT = "/api/orders/import"
BULK = "/api/cancellations/bulk"


def order(**more: Any) -> dict[str, Any]:
    return {"currency": "EUR", "lines": [{"sku": "A", "quantity": 2, "unit_price": 100}], **more}


def ndjson(lines: Iterable[Any], *, end: str = "\n") -> bytes:
    return ("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + end).encode()


def results(tenant: Tenant, path: str, raw: bytes, **headers: str) -> list[dict[str, Any]]:
    """What became of each line."""
    answer = tenant.send(Wire("POST", path, raw=raw, headers={"Content-Type": "application/x-ndjson", **headers}))
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.content.splitlines()]


def numbers(tenant: Tenant) -> list[str]:
    return sorted(each["number"] for each in tenant.api("GET", "/orders?limit=250")["orders"])


def begun(tenant: Tenant, path: str) -> http.client.HTTPConnection:
    """A chunked request whose headers are sent, and nothing else yet."""
    address = urlsplit(tenant.server.base)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=PATIENCE)
    connection.putrequest("POST", path)
    connection.putheader("Authorization", f"Bearer {tenant.key}")
    connection.putheader("Content-Type", "application/x-ndjson")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    return connection


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def in_chunks(data: bytes, size: int) -> Iterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]
