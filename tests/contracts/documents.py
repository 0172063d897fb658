"""The contract documents of all REST dialects, read once; no test and no fixture is here."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from app import contracts
from app.web.dialect import Dialect, discover

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True)
class Document:
    dialect: Dialect
    path: str
    content: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.dialect.name

    @property
    def prefix(self) -> str:
        return self.dialect.prefixes[0]

    def operations(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """(method, path, operation object), as declared."""
        for path, item in self.content["paths"].items():
            for method in METHODS:
                if method in item:
                    yield method, path, item[method]

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a reference within the document points to; anything else is itself."""
        while "$ref" in node:
            found: Any = self.content
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node


@cache
def documents() -> tuple[Document, ...]:
    return tuple(
        Document(dialect, path, json.loads(text))
        for dialect in discover()
        for path, text in contracts.texts().items()
        if path == f"openapi/{dialect.name}.json"
    )


def names() -> list[str]:
    return [document.name for document in documents()]


def of(name: str) -> Document:
    return next(document for document in documents() if document.name == name)


def parse(text: str) -> Any:
    return json.loads(text)
