"""Reads what operators read: log lines and metrics. No test and no fixture is here."""

import importlib
import io
import json
import re
import time
from collections.abc import Mapping
from typing import Any

from graphql import build_schema
from prometheus_client.parser import text_string_to_metric_families

from app.web.dialect import discover
from tests.dialects.contract import DialectContract
from tests.dialects.server import PATIENCE, Server, Wire


class Logged:
    def __init__(self, written: io.StringIO) -> None:
        self._written = written

    @property
    def text(self) -> str:
        return self._written.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Every line is one JSON object, whatever was sent. (One that is being written has no end yet.)"""
        return [json.loads(line) for line in self.text.split("\n")[:-1]]

    def of(self, request_id: str) -> list[dict[str, Any]]:
        """All lines of a request. Its own may be written after the client has the answer: it is waited for."""
        deadline = time.monotonic() + PATIENCE
        while True:
            found = [line for line in self.lines if line.get("request_id") == request_id]
            if any(line["logger"] == "dragoman.request" for line in found):
                return found
            assert time.monotonic() < deadline, f"no line of request {request_id}"
            time.sleep(0.001)


class Metrics:
    """The counts at one moment; `since` tells what came on top."""

    def __init__(self, server: Server) -> None:
        answer = server.send(Wire("GET", "/metrics"))
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        self.values = {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
        }

    def get(self, name: str, **labels: str) -> float:
        return self.values.get((name, tuple(sorted(labels.items()))), 0.0)


def contract_of(dialect: str) -> DialectContract:
    """What a dialect's own wire tests know of it: how to read and change an order, and how its errors look."""
    tests = importlib.import_module(f"tests.dialects.{dialect}.test_contract")
    [found] = [
        held for name, held in vars(tests).items() if re.match("Test[A-Z]", name) and issubclass(held, DialectContract)
    ]
    made: DialectContract = found()
    return made


def operations_of(name: str) -> set[str]:
    """Names that log lines and metrics may show: operation ids, or the root fields of a schema."""
    [dialect] = [each for each in discover() if each.name == name]
    named: set[str] = set()
    for path, text in dialect.contract().items():
        if path.endswith(".json"):
            document = json.loads(text)
            named |= {operation["operationId"] for item in document["paths"].values() for operation in item.values()}
        else:
            schema = build_schema(text)
            named |= {field for root in (schema.query_type, schema.mutation_type) if root for field in root.fields}
    return named


def request_line(logged: Logged, request_id: str) -> Mapping[str, Any]:
    [line] = [line for line in logged.of(request_id) if line["logger"] == "dragoman.request"]
    return line
