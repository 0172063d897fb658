"""A request of the page as the dialect's own: without a wire in between, with the session's key where it wants one."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.web.reply import Stream

_OURS = {b"cookie", b"authorization", b"origin", b"referer", b"x-dragoman-console"}
_ADDED = [
    # Whatever a dialect shows is data here, never a page of this origin.
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; sandbox"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
]


@dataclass(frozen=True, slots=True)
class Face:
    """A dialect as it is mounted; `auth` has `{key}` where the key belongs."""

    app: ASGIApp
    auth: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Forwarded(Stream):
    """`above` is the part of the path before the prefix. Answers pass as they are made, streams too."""

    face: Face
    prefix: str
    above: str
    key: str
    scope: Scope
    receive: Receive

    async def send(self, send: Send, extra: Mapping[str, str]) -> None:
        auth = {name.lower().encode(): value.format(key=self.key).encode() for name, value in self.face.auth.items()}
        dropped = _OURS | auth.keys()
        headers = [(name, value) for name, value in self.scope["headers"] if name not in dropped]
        scope = {
            **self.scope,
            "path": self.scope["path"].removeprefix(self.above),
            "raw_path": self.scope["raw_path"].removeprefix(self.above.encode()),
            "root_path": self.prefix,
            "headers": [*headers, *auth.items()],
        }

        async def send_as_data(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name for name, _ in _ADDED}
                kept = [pair for pair in message.get("headers", ()) if pair[0] not in names]
                message = {**message, "headers": [*kept, *_ADDED]}
            await send(message)

        await self.face.app(scope, self.receive, send_as_data)
