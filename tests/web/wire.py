"""A client that speaks `graphql-transport-ws` message by message, so that it can also say what it must not."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec
from websockets.exceptions import ConnectionClosed
from websockets.frames import Close
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.web.server import PATIENCE, Toy

PROTOCOL = Subprotocol("graphql-transport-ws")


class Conversation:
    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def say(self, kind: str, id_: str | None = None, payload: Any = None) -> None:
        parts = {"type": kind, "id": id_, "payload": payload}
        message = {name: part for name, part in parts.items() if part is not None}
        self.say_raw(msgspec.json.encode(message).decode())

    def say_raw(self, message: str | bytes) -> None:
        self.connection.send(message)

    def hear(self) -> dict[str, Any]:
        heard: dict[str, Any] = msgspec.json.decode(self.connection.recv(timeout=PATIENCE))
        return heard

    def subscribe(self, id_: str, query: str, **more: Any) -> None:
        self.say("subscribe", id_, {"query": query} | more)

    def result(self, id_: str) -> Any:
        """Of an operation with one."""
        following, done = self.hear(), self.hear()
        assert (following["type"], following["id"]) == ("next", id_), following
        assert done == {"type": "complete", "id": id_}
        return following["payload"]

    def closed(self) -> tuple[int | None, str]:
        """The server's code and reason, once it has closed."""
        farewell = self.end()
        assert farewell is not None, "closed without a word"
        return farewell.code, farewell.reason

    def end(self) -> Close | None:
        """What the server said when it closed, None if it just went; whatever comes before is passed over."""
        while True:
            try:
                self.connection.recv(timeout=PATIENCE)
            except ConnectionClosed as end:
                return end.rcvd


@contextmanager
def conversation(
    server: Toy, path: str = "/toy/graphql", headers: Mapping[str, str] | None = None, protocol: str = PROTOCOL
) -> Iterator[Conversation]:
    url = server.base.replace("http://", "ws://") + path
    with connect(
        url, subprotocols=[Subprotocol(protocol)] if protocol else None, additional_headers=dict(headers or {})
    ) as connection:  # fmt: skip
        yield Conversation(connection)


@contextmanager
def greeted(server: Toy, key: str, path: str = "/toy/graphql") -> Iterator[Conversation]:
    with conversation(server, path) as talk:
        talk.say("connection_init", payload={"Authorization": f"Bearer {key}"})
        assert talk.hear() == {"type": "connection_ack"}
        yield talk
