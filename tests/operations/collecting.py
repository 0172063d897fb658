"""A server that takes what others send: a collector of traces, a receiver of webhooks, a warehouse. No test is here."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

TRACES = "/v1/traces"


@dataclass(frozen=True)
class Taken:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Span:
    """As it was exported: ids in hexadecimal, `kind` and `status` as the protocol numbers them."""

    name: str
    kind: int
    trace: str
    id: str
    parent: str
    status: int
    facts: dict[str, Any]
    service: str


class Collecting:
    def __init__(self, url: str) -> None:
        self.url = url
        self.taken: list[Taken] = []

    def at(self, path: str) -> list[Taken]:
        return [each for each in self.taken if each.path == path]

    def spans(self) -> list[Span]:
        found = []
        for taken in self.at(TRACES):
            assert taken.headers["content-type"] == "application/x-protobuf"
            for resource in ExportTraceServiceRequest.FromString(taken.body).resource_spans:
                service = _facts(resource.resource.attributes)["service.name"]
                found += [_span(span, service) for scope in resource.scope_spans for span in scope.spans]
        return found


def _span(span: Any, service: str) -> Span:
    trace, id_, parent = (each.hex() for each in (span.trace_id, span.span_id, span.parent_span_id))
    return Span(span.name, span.kind, trace, id_, parent, span.status.code, _facts(span.attributes), service)


def _facts(attributes: Any) -> dict[str, Any]:
    return {each.key: getattr(each.value, each.value.WhichOneof("value")) for each in attributes}


@contextmanager
def collecting(answer: Any = None, status: int = 200) -> Iterator[Collecting]:
    """On a free port; every POST is answered alike, with `answer` as JSON."""
    body = json.dumps(answer or {}).encode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            read = self.rfile.read(int(self.headers["Content-Length"]))
            collected.taken.append(Taken(self.path, {n.lower(): v for n, v in self.headers.items()}, read))
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collected = Collecting(f"http://127.0.0.1:{server.server_address[1]}")
        serving = threading.Thread(target=server.serve_forever, args=(0.05,))
        serving.start()
        try:
            yield collected
        finally:
            server.shutdown()
            serving.join()
