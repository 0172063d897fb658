"""WebSockets of the real server: they are served, end with it, and leave nothing of what was said in its log."""

import signal
from pathlib import Path

import msgspec
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.cli.program import PATIENCE, Serving, serving, until
from tests.cli.reading import new_key, new_tenant


def _connect(server: Serving, query: str = "") -> ClientConnection:
    url = f"{server.url.replace('http://', 'ws://')}/happycolis/graphql{query}"
    return connect(url, subprotocols=[Subprotocol("graphql-transport-ws")], open_timeout=PATIENCE)


def _say(connection: ClientConnection, **message: object) -> object:
    connection.send(msgspec.json.encode(message).decode())
    heard: object = msgspec.json.decode(connection.recv(timeout=PATIENCE))
    return heard


def test_what_is_said_is_not_logged(sqlite_url: str, tmp_path: Path) -> None:
    """Not even for debugging: a key is among it."""
    key = new_key(sqlite_url, new_tenant(sqlite_url))
    with serving(tmp_path, sqlite_url, log_level="debug") as server:
        with _connect(server, "?token=in-the-query") as connection:
            payload = {"Authorization": f"Bearer {key}", "more": "in-the-payload"}
            assert _say(connection, type="connection_init", payload=payload) == {"type": "connection_ack"}
            asked = {"query": "{ __typename } # in-the-document"}
            answer = {"id": "1", "type": "next", "payload": {"data": {"__typename": "Query"}}}
            assert _say(connection, type="subscribe", id="1", payload=asked) == answer
        until(lambda: '"operation":"socket"' in server.text, "the line of the connection")
        assert server.stop(signal.SIGTERM) == 0
        for said in (key.rpartition(".")[2], "in-the-query", "in-the-payload", "in-the-document", "Traceback"):
            assert said not in server.text


def test_an_open_connection_does_not_keep_the_server(sqlite_url: str, tmp_path: Path) -> None:
    key = new_key(sqlite_url, new_tenant(sqlite_url))
    with serving(tmp_path, sqlite_url) as server, _connect(server) as connection:
        payload = {"Authorization": f"Bearer {key}"}
        assert _say(connection, type="connection_init", payload=payload) == {"type": "connection_ack"}
        assert server.stop(signal.SIGTERM) == 0
        assert "Traceback" not in server.text
