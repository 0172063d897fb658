"""A REST dialect as its own sub-application: its routes, its error bodies for everything, its own contract document."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Annotated, Any

import msgspec
from fastapi import Body as BodyParameter
from fastapi import FastAPI, Path, Query
from fastapi.routing import APIRoute
from starlette.types import ASGIApp

from app.web.answering import Words
from app.web.contract import Contract, complete
from app.web.dialect import Services
from app.web.middleware import RequestIdAs
from app.web.rest import Handler, Nothing, Operation, RestApp


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
    face = RestApp(operations, words, services, cache(lambda: render(operations, contract)))
    return face if contract.request_id_header is None else RequestIdAs(face, contract.request_id_header)


def render(operations: Sequence[Operation], contract: Contract) -> str:
    """The contract document as committed: sorted by path as declared, two spaces, a newline at the end."""
    document = complete(_describe(operations, contract).openapi(), operations, contract)
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _describe(operations: Sequence[Operation], contract: Contract) -> FastAPI:
    face = FastAPI(
        title=contract.title,
        version=contract.version,
        description=contract.description,
        servers=[{"url": prefix} for prefix in contract.prefixes],
        openapi_url=None,
        redirect_slashes=False,
    )
    for operation in operations:
        summary, _, rest = inspect.cleandoc(operation.handler.__doc__ or "").partition("\n")
        route = APIRoute(
            operation.path,
            _signature(operation),
            methods=[operation.method],
            response_model=operation.answer,
            status_code=operation.status,
            summary=summary,
            description=rest.strip() or summary,
            operation_id=contract.operation_id(operation),
            name=operation.handler.__name__,
        )
        face.router.routes.append(route)
    return face


def _signature(operation: Operation) -> Callable[..., Any]:
    """A function that FastAPI can read the operation's parameters from; it is never called."""
    kinds = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter(name, kinds, annotation=Annotated[str, Path()]) for name in _path_names(operation.path)
    ]
    if operation.query is not Nothing:
        parameters.append(inspect.Parameter("query", kinds, annotation=Annotated[operation.query, Query()]))
    if operation.line is not None:
        parameters.append(inspect.Parameter("body", kinds, annotation=Annotated[operation.line, BodyParameter()]))
    elif operation.body is not Nothing:
        required = _required(operation)
        body: Any = operation.body if required else operation.body | None
        default = inspect.Parameter.empty if required else None
        annotation = Annotated[body, BodyParameter()]
        parameters.append(inspect.Parameter("body", kinds, annotation=annotation, default=default))

    def described() -> None: ...

    described.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return described


def _path_names(path: str) -> list[str]:
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def _required(operation: Operation) -> bool:
    return any(field.is_required() for field in operation.body.model_fields.values())
