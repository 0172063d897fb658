"""Operations as FastAPI describes them; the only user of FastAPI, which serves nothing here (docs/decisions/0006)."""

import inspect
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import Body as BodyParameter
from fastapi import FastAPI, Path, Query
from fastapi.routing import APIRoute

from app.web.contract import Contract
from app.web.rest import Nothing, Operation


def describe(operations: Sequence[Operation], contract: Contract) -> dict[str, Any]:
    """An OpenAPI document of the operations, as far as FastAPI knows them."""
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
    return face.openapi()


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
    return [part[1:].partition("}")[0] for part in path.split("/") if part.startswith("{")]


def _required(operation: Operation) -> bool:
    return any(field.is_required() for field in operation.body.model_fields.values())
