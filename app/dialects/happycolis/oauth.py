"""HappyColis' token routes (contract 1.2), after OAuth 2.0 (RFC 6749) with the partner's own names.

A credential is a private application: its id is the `client_id`, the last part of its key the `client_secret`, its
tenant the `organization_id`. Error bodies are RFC 6749's (inferred).
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from app.core.refusal import Code, Refusal
from app.dialects.happycolis.picture import NAME
from app.dialects.happycolis.scopes import ALL, Callers, words
from app.service.access import KEY_PREFIX, Caller
from app.service.tokens import Bearer, Tokens
from app.web import decode
from app.web.faults import Detail, Fault, FaultCode
from app.web.graphql import Plain, Route
from app.web.headers import bearer, plain
from app.web.reply import Reply, json

_FORM = b"application/x-www-form-urlencoded"
_MOST_PARAMETERS = 50
# RFC 6749 5.1: nobody in between keeps a token.
_UNKEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}
_CLIENT = {Code.UNAUTHENTICATED, Code.DIALECT_NOT_ALLOWED, Code.TENANT_INACTIVE}

_UNREADABLE = {
    FaultCode.MEDIA_TYPE: "the Content-Type must be application/x-www-form-urlencoded or application/json",
    FaultCode.NOT_AN_OBJECT: "the body must be a JSON object",
}


class _Denied(Exception):  # noqa: N818 - an answer
    """An answer of RFC 6749 5.2."""

    def __init__(self, error: str, about: str, status: int = 400) -> None:
        super().__init__(error)
        self.error, self.about, self.status = error, about, status


class OAuth:
    def __init__(self, tokens: Tokens, callers: Callers) -> None:
        self._tokens = tokens
        self._callers = callers

    def routes(self) -> list[Route]:
        paths = ("/token", "/oauth2/token")
        issuing = [Route(method=m, path=path, handler=self.token) for path in paths for m in ("GET", "POST")]
        return [*issuing, Route(method="GET", path="/oauth2/me", handler=self.me)]

    async def token(self, request: Plain) -> Reply:
        try:
            return json(await self._granted(request), headers=_UNKEPT)
        except _Denied as denied:
            headers = {**_UNKEPT, **({"WWW-Authenticate": "Basic"} if denied.status == 401 else {})}
            return json({"error": denied.error, "error_description": denied.about}, denied.status, headers)

    async def me(self, request: Plain) -> Reply:
        """Whom a token stands for; the keys are ours, after RFC 7662 (inferred)."""
        caller = await self._callers.authenticate(bearer(request.headers))
        request.trace.known(caller, request.services.rates)
        told: dict[str, Any] = {
            "active": True,
            "client_id": caller.credential_id,
            "organization_id": caller.tenant_id,
            "token_type": "bearer",
            "scope": _scope(tuple(word for word in ALL if word in caller.scopes)),
        }
        if caller.expires_at is not None:
            told["exp"] = int(caller.expires_at.timestamp())
        return json(told, headers=_UNKEPT)

    async def _granted(self, request: Plain) -> Mapping[str, Any]:
        try:
            given = _parameters(request)
        except Fault as fault:
            about = _UNREADABLE.get(fault.code, "the parameters cannot be read")
            status = 415 if fault.code is FaultCode.MEDIA_TYPE else 400
            raise _Denied("invalid_request", about, status) from fault
        held, grant = await self._client(request, given), given.get("grant_type")
        request.trace.known(held, request.services.rates)
        allowed = words(held.scopes)
        if grant == "refresh_token":
            allowed = self._refreshed(held, given.get("refresh_token"), allowed)
        elif grant != "client_credentials":
            about = "grant_type is missing" if grant is None else "grant_type is client_credentials or refresh_token"
            raise _Denied("invalid_request" if grant is None else "unsupported_grant_type", about)
        scopes = _asked(given.get("scopes") or given.get("scope"), allowed)
        issued = self._tokens.issue(held.tenant_id, held.credential_id, scopes)
        return {
            "access_token": issued.access_token,
            "token_type": "bearer",
            "refresh_token": issued.refresh_token,
            "expires_in": issued.lifetime,
            "scope": _scope(scopes),
        }

    async def _client(self, request: Plain, given: Mapping[str, str]) -> Caller:
        """The client proves itself by what its key is made of, in the request or as Basic (RFC 6749 2.3.1)."""
        id_, secret = _basic(request.headers) or (given.get("client_id"), given.get("client_secret"))
        organization = given.get("organization_id") or self._organization(given)
        if not (id_ and secret and organization):
            raise _Denied("invalid_request", "client_id, client_secret and organization_id are required")
        try:
            return await request.services.access.authenticate(f"{KEY_PREFIX}{organization}.{id_}.{secret}", NAME)
        except Refusal as refusal:
            if refusal.code not in _CLIENT:
                raise
            raise _Denied("invalid_client", "no such client, or not with this secret", 401) from refusal

    def _organization(self, given: Mapping[str, str]) -> str | None:
        """A refresh has only what RFC 6749 6 gives it (inferred): the token tells whose it is."""
        token = given.get("refresh_token") if given.get("grant_type") == "refresh_token" else None
        return None if token is None else self._held(token).tenant_id

    def _refreshed(self, client: Caller, token: str | None, allowed: tuple[str, ...]) -> tuple[str, ...]:
        """What the token was for, as far as its client may still have it."""
        if token is None:
            raise _Denied("invalid_request", "refresh_token is required")
        held = self._held(token)
        if (held.tenant_id, held.credential_id) != (client.tenant_id, client.credential_id):
            raise _Denied("invalid_grant", "the refresh token is another client's")
        return tuple(word for word in allowed if word in held.scopes)

    def _held(self, token: str) -> Bearer:
        try:
            return self._tokens.renew(token)
        except Refusal as refusal:
            raise _Denied("invalid_grant", "the refresh token is not valid any more") from refusal


def _scope(scopes: tuple[str, ...]) -> str:
    """1.2: asked for with spaces, answered with commas."""
    return ",".join(scopes)


def _asked(given: str | None, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """RFC 6749 3.3: what the client may not have is left out, and the answer says what it got."""
    asked = (given or "").replace(",", " ").split()
    scopes = tuple(word for word in allowed if word in asked) if asked else allowed
    if asked and not scopes:
        raise _Denied("invalid_scope", "the client has none of these scopes")
    return scopes


def _parameters(request: Plain) -> Mapping[str, str]:
    """Of the query, then of the body, a form or JSON."""
    given = _pairs(request.query)
    kind = (plain(request.headers, b"content-type") or _FORM.decode()).partition(";")[0].strip().lower()
    if request.method == "GET" or not request.body.strip():
        return given
    if kind == _FORM.decode():
        return given | _pairs(request.body)
    decode.check_media_type(kind.encode())
    told = decode.parse_json(request.body)
    if not isinstance(told, dict):
        raise Fault(FaultCode.NOT_AN_OBJECT)
    return given | {name: value for name, value in told.items() if isinstance(value, str)}


def _pairs(raw: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(raw.decode(), max_num_fields=_MOST_PARAMETERS, errors="strict"))
    except ValueError as error:
        raise Fault(FaultCode.MALFORMED, Detail("", "the parameters cannot be read")) from error


def _basic(headers: Mapping[bytes, bytes]) -> tuple[str, str] | None:
    scheme, _, given = (plain(headers, b"authorization") or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        id_, colon, secret = base64.b64decode(given.strip(), validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return None
    return (unquote_plus(id_), unquote_plus(secret)) if colon else None
