"""A REST dialect as its own sub-application: its routes, its error bodies for everything, its own contract document."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from starlette.types import ASGIApp

from app.web.answering import Words
from app.web.contract import Contract, complete
from app.web.dialect import Services
from app.web.middleware import RequestIdAs
from app.web.rest import Handler, Operation, RestApp


class Routes:
    """Collects operations; each decorator line is what the contract document says of the function under it."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []

    def get(self, path: str, **facts: Any) -> Callable[[Handler], Handler]:
        return self._add("GET", path, facts)

    def post(self, path: str, **facts: Any) -> Callable[[Handler], Handler]:
        return self._add("POST", path, facts)

    def put(self, path: str, **facts: Any) -> Callable[[Handler], Handler]:
        return self._add("PUT", path, facts)

    def patch(self, path: str, **facts: Any) -> Callable[[Handler], Handler]:
        return self._add("PATCH", path, facts)

    def delete(self, path: str, **facts: Any) -> Callable[[Handler], Handler]:
        return self._add("DELETE", path, facts)

    def _add(self, method: str, path: str, facts: Mapping[str, Any]) -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            self.operations.append(Operation(method=method, path=path, handler=handler, **facts))
            return handler

        return add


def build(operations: Sequence[Operation], words: Words, contract: Contract, services: Services) -> ASGIApp:
    """FastAPI writes the contract from the records that `RestApp` serves; it is not in the way of a request.

    Its per-request machinery costs several times what the operation itself does (docs/decisions/0006).
    """
    face = RestApp(operations, words, services, lambda: render(operations, contract))
    return face if contract.request_id_header is None else RequestIdAs(face, contract.request_id_header)


def render(operations: Sequence[Operation], contract: Contract) -> str:
    """The contract document as committed: sorted by path as declared, two spaces, a newline at the end."""
    # Not at the top: it brings FastAPI, a fifth of every start, for what hardly any process is ever asked.
    from app.web.describing import describe  # noqa: PLC0415

    document = complete(describe(operations, contract), operations, contract)
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"
