"""Puts the console together: its files, its sessions, and the way from the page to the dialects."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.types import ASGIApp, Receive, Scope

from app.console import calling, errors, origin, preview, session, sheets
from app.console.figures import Figures
from app.console.files import Files
from app.console.forwarding import Face, Forwarded
from app.console.health import Health
from app.console.session import Sessions
from app.core.refusal import Code, Refusal
from app.service.access import Caller
from app.service.rates import Allowance
from app.web import decode
from app.web.answering import Answering
from app.web.dialect import Services, discover
from app.web.faults import Fault, FaultCode, Problem
from app.web.reply import Reply, Stream, json
from app.web.trace import Trace

PREFIX = "/console"
_AS = f"{PREFIX}/as"
_SPOKEN = "native"
"""The dialect that the page itself speaks: a key that may not use it cannot sign in."""
_LOCAL = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}

__all__ = ["PREFIX", "Face", "build"]


class _SignIn(decode.StrictBody):
    key: str


class _Words:
    dialect = "console"

    def key(self, headers: Mapping[bytes, bytes]) -> str | None:
        return None

    def error(self, problem: Problem) -> Reply:
        return errors.render(problem)

    def headers(self, request: Mapping[bytes, bytes]) -> Mapping[str, str]:
        return {}

    def allowance(self, allowance: Allowance) -> Mapping[str, str]:
        return {}


def build(
    services: Services, faces: Mapping[str, Face], figures: Figures, read: sheets.Read, *, shared_health: bool = False
) -> ASGIApp:
    """`faces` are those of the dialects, by prefix. `shared_health`: figures are shown beside other tenants, too."""
    return Console(services, faces, Health(services, figures, shared=shared_health), read)


class Console(Answering):
    """`acts` are the routes of its own, by path and method; all else is a file, the page, or a dialect's."""

    def __init__(self, services: Services, faces: Mapping[str, Face], health: Health, read: sheets.Read) -> None:
        super().__init__(_Words())
        self._services = services
        self._faces = faces
        self._sessions = Sessions(services.vault)
        self._files = Files()
        self._health = health
        self._read = read
        self.acts: Mapping[str, Mapping[str, Callable[..., Any]]] = {
            "session": {"GET": self._who, "POST": self._sign_in, "DELETE": self._sign_out},
            "key": {"POST": self._show_key},
            "figures": {"GET": self._figures},
            "mail": {"GET": self._mail},
            "sheet": {"POST": self._sheet},
            "calls": {"POST": self._calls},
        }

    async def answer(self, scope: Scope, receive: Receive, trace: Trace) -> Reply | Stream:
        headers = dict(scope["headers"])
        first, *rest = scope["path"].removeprefix(PREFIX).removeprefix("/").split("/")
        if first == "as" or first in self.acts:
            if not origin.is_own(scope, headers, self._services.public_url):
                return errors.foreign()
            if first == "as":
                trace.operation = "forward"
                return self._forward(scope, receive, headers)
            return await self._act(first, scope, receive, headers, trace)
        if scope["method"] not in {"GET", "HEAD"}:
            raise Fault(FaultCode.METHOD, allow="GET, HEAD")
        trace.operation = "page"
        if first == "assets":
            return (
                self._files.get(rest[0], "/".join(rest[1:]), headers) or errors.missing() if rest else errors.missing()
            )
        return self._files.page(headers)

    def _forward(self, scope: Scope, receive: Receive, headers: Mapping[bytes, bytes]) -> Stream:
        prefix = "/" + scope["path"].removeprefix(_AS).removeprefix("/").split("/")[0]
        face = self._faces.get(prefix)
        if face is None:
            raise Fault(FaultCode.NO_ROUTE)
        return Forwarded(face, prefix, _AS, self._key(headers), scope, receive)

    async def _act(
        self, name: str, scope: Scope, receive: Receive, headers: Mapping[bytes, bytes], trace: Trace
    ) -> Reply:
        methods = self.acts[name]
        if scope["path"] != f"{PREFIX}/{name}":
            raise Fault(FaultCode.NO_ROUTE)
        if scope["method"] not in methods:
            raise Fault(FaultCode.METHOD, allow=", ".join(methods))
        run = methods[scope["method"]]
        trace.operation = run.__name__.strip("_")
        raw = await decode.read_body(scope, receive, self._services.body_limit)
        reply: Reply = await run(scope, headers, raw, trace)
        return reply

    def _key(self, headers: Mapping[bytes, bytes]) -> str:
        key = self._sessions.key(headers)
        if key is None:
            raise Refusal(Code.UNAUTHENTICATED, cause="missing")
        return key

    async def _caller(self, key: str, trace: Trace) -> Caller:
        caller = await self._services.access.authenticate(key, _SPOKEN)
        trace.known(caller, self._services.rates)
        return caller

    async def _sign_in(self, scope: Scope, headers: Mapping[bytes, bytes], raw: bytes, trace: Trace) -> Reply:
        decode.check_media_type(headers.get(b"content-type"))
        key = decode.parse_body(raw, _SignIn).key.strip()
        caller = await self._caller(key, trace)
        secure = origin.is_secure(scope, headers, self._services.public_url)
        return json(await self._told(caller), 200, {**_LOCAL, "Set-Cookie": self._sessions.begin(key, secure=secure)})

    async def _who(self, _: Scope, headers: Mapping[bytes, bytes], __: bytes, trace: Trace) -> Reply:
        return json(await self._told(await self._caller(self._key(headers), trace)), 200, _LOCAL)

    async def _sign_out(self, scope: Scope, headers: Mapping[bytes, bytes], _: bytes, __: Trace) -> Reply:
        secure = origin.is_secure(scope, headers, self._services.public_url)
        return Reply(204, b"", {**_LOCAL, "Set-Cookie": session.end(secure=secure)})

    async def _show_key(self, _: Scope, headers: Mapping[bytes, bytes], __: bytes, trace: Trace) -> Reply:
        """For calls to copy; only on request, since what a page has seen its extensions have seen, too."""
        key = self._key(headers)
        await self._caller(key, trace)
        return json({"key": key}, 200, _LOCAL)

    async def _figures(self, _: Scope, headers: Mapping[bytes, bytes], __: bytes, trace: Trace) -> Reply:
        return await self._health.reply(await self._caller(self._key(headers), trace))

    async def _mail(self, scope: Scope, headers: Mapping[bytes, bytes], _: bytes, trace: Trace) -> Reply:
        return await preview.render(self._services, await self._caller(self._key(headers), trace), scope)

    async def _calls(self, scope: Scope, headers: Mapping[bytes, bytes], raw: bytes, trace: Trace) -> Reply:
        caller = await self._caller(self._key(headers), trace)
        asked = decode.parse_body(raw, calling.Asked)
        url = origin.base_url(scope, headers, self._services.public_url)
        told = await calling.calls(self._services, caller, asked, url)
        return json({"placeholder": calling.PLACEHOLDER, "dialects": told}, 200, _LOCAL)

    async def _sheet(self, _: Scope, headers: Mapping[bytes, bytes], raw: bytes, trace: Trace) -> Reply:
        caller = await self._caller(self._key(headers), trace)
        return json(await sheets.told(caller, raw, self._services.body_limit, self._read), 200, _LOCAL)

    async def _told(self, caller: Caller) -> Mapping[str, Any]:
        tenant = await self._services.office.tenant(caller.tenant_id)
        return {
            "tenant": {"id": tenant.id, "name": tenant.name},
            "credential_id": caller.credential_id,
            "party": caller.party.value,
            "scopes": sorted(caller.scopes),
            "dialects": None if caller.dialects is None else sorted(caller.dialects),
            "prefixes": sorted(self._faces),
            "served": sorted(dialect.name for dialect in discover()),
        }
