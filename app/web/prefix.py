"""Which dialect a request is for: the first segment of its path. Everything under it is the dialect's to answer."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send


class Prefixes:
    """`rest` is for everything else: the server's start and end, and the operators' routes."""

    rest: ASGIApp

    def __init__(self) -> None:
        self._faces: dict[str, ASGIApp] = {}

    def mount(self, prefixes: Iterable[str], face: ASGIApp) -> None:
        self._faces.update(dict.fromkeys(prefixes, face))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        face = None
        if scope["type"] != "lifespan":
            prefix = "/" + scope["path"].split("/", 2)[1] if scope["path"].startswith("/") else ""
            face = self._faces.get(prefix)
        if face is None:
            await self.rest(scope, receive, send)
        else:
            # As ASGI has it since 3.0: `path` stays whole, `root_path` says how much of it is the prefix.
            await face({**scope, "root_path": prefix}, receive, send)
