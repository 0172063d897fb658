"""What the native API reads about locations and from their systems. Times are in seconds."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from app.service.hooks import WHSEC
from app.web.decode import Body, Key, StrictBody, Text
from app.web.faults import Detail, Fault, FaultCode
from app.web.schemas import without_null

_Url = Annotated[str, Field(max_length=2_048)]
_Secret = Annotated[str, Field(min_length=1, max_length=2_000)]


_OF_KIND: Mapping[str, tuple[str, ...]] = {
    "manual": (),
    "simulator": ("behaviour", "delay", "message"),
    "http": ("url", "secret", "timeout"),
    "happycolis": (
        "url",
        "organization_id",
        "client_id",
        "client_secret",
        "integration_token",
        "token_url",
        "tp_app_id",
        "timeout",
        "register_webhooks",
    ),
}
_NEEDED: Mapping[str, tuple[str, ...]] = {"http": ("url",), "happycolis": ("url",)}


def _by_kind(schema: dict[str, Any]) -> None:
    """The contract says what belongs together; a body is checked by `connector`, which names the field at fault."""
    known, about = schema["properties"], schema["description"]
    schema.clear()
    schema["description"] = about
    schema["oneOf"] = [
        {
            "type": "object",
            "title": kind,
            "properties": {
                "kind": {"const": kind, "type": "string"},
                **{n: without_null(known[n]) if n in _NEEDED.get(kind, ()) else known[n] for n in names},
            },
            "required": ["kind", *_NEEDED.get(kind, ())],
            "additionalProperties": False,
        }
        for kind, names in _OF_KIND.items()
    ]


class ConnectorIn(StrictBody):
    """How a location's fulfilment service is asked; docs/warehouse.md says which settings belong to which kind.

    `secret`, `client_secret` and `integration_token` are never shown again; left out, they stay as they were.
    """

    model_config = ConfigDict(json_schema_extra=_by_kind)

    kind: Literal["manual", "simulator", "http", "happycolis"]
    behaviour: Literal["accept", "refuse", "silent", "twice", "contradict"] | None = None
    delay: Annotated[float, Field(ge=0, le=86_400)] | None = None
    message: Annotated[Text, Field(min_length=1)] | None = None
    url: _Url | None = None
    secret: Annotated[str, Field(pattern=f"^{WHSEC}$")] | None = None
    timeout: Annotated[float, Field(ge=0.1, le=20)] | None = None
    organization_id: Key | None = None
    client_id: Key | None = None
    client_secret: _Secret | None = None
    integration_token: _Secret | None = None
    token_url: _Url | None = None
    tp_app_id: Key | None = None
    register_webhooks: bool | None = None


class LocationIn(Body):
    """`connector` null: an internal location, which needs not be asked."""

    name: Annotated[Text, Field(min_length=1)]
    connector: ConnectorIn | None = None


class LocationPatch(Body):
    """A `connector` replaces the one before it with all its settings."""

    name: Annotated[Text, Field(min_length=1)] | None = None
    connector: ConnectorIn | None = None


class CallBackIn(Body):
    """Of a location with a connector `http`: which request, whether it is accepted, and why not.

    Of one with a connector `happycolis` it is that API's own envelope, `header` and `body`.
    """

    model_config = ConfigDict(extra="allow")

    request_id: Key | None = None
    accepted: bool | None = None
    message: str | None = None


def connector(body: LocationIn | LocationPatch) -> tuple[str | None, dict[str, Any]]:
    """The kind and its settings. Raises a Fault for those that do not belong to it, or are missing."""
    given = body.connector
    if given is None:
        return None, {}
    settings = given.model_dump(exclude={"kind"}, exclude_none=True)
    wrong = [Detail(f"connector.{n}", f"belongs to no {given.kind}") for n in settings if n not in _OF_KIND[given.kind]]
    missing = [Detail(f"connector.{n}", "is missing") for n in _NEEDED.get(given.kind, ()) if n not in settings]
    if "client_id" in settings and "organization_id" not in settings:
        missing.append(Detail("connector.organization_id", "is missing"))
    if wrong or missing:
        raise Fault(FaultCode.INVALID, *wrong, *missing)
    return given.kind, settings
