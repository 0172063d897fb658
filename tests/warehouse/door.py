"""An address that is known before the server behind it is: what comes there is passed on, and remembered."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

from tests.dialects.server import PATIENCE


class Door(ThreadingHTTPServer):
    """`target` is the URL of the server behind it; `closed` it passes nothing on, and answers 503."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = ""
        self.closed = False
        self.passed: list[tuple[str, int]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Door

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.closed:
            self._answer(503, b"")
            return
        connection = http.client.HTTPConnection(urlsplit(self.server.target).netloc, timeout=PATIENCE)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        connection.request("POST", self.path, body, headers)
        answer = connection.getresponse()
        self.server.passed.append((self.path, answer.status))
        self._answer(answer.status, answer.read())
        connection.close()

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


@contextmanager
def door() -> Iterator[Door]:
    opened = Door()
    thread = Thread(target=opened.serve_forever, daemon=True)
    thread.start()
    try:
        yield opened
    finally:
        opened.shutdown()
        opened.server_close()
        thread.join(PATIENCE)
