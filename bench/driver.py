"""The load: a process of its own that sends prepared requests over kept-alive connections and measures each.

`python -m bench.driver HOST PORT IN_FLIGHT` reads requests from standard input, each as a line of JSON
`{"method", "path", "headers", "body"}`, and writes one JSON object: seconds, statuses, latencies in milliseconds. An
answer that tells GraphQL errors counts as the status "errors"; the first is written to standard error.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator

import uvloop


class Connection(asyncio.Protocol):
    """One request at a time; answers are told apart by their content length alone."""

    def __init__(self, requests: Iterator[bytes], run: "Run") -> None:
        self._requests = requests
        self._run = run
        self._received = b""
        self._sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._send(time.perf_counter())

    def _send(self, at: float) -> None:
        request = next(self._requests, None)
        if request is None:
            self._transport.close()
            return
        self._sent_at = at
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self._received:
            data = self._received + data
        end = data.find(b"\r\n\r\n")
        if end < 0 or len(data) < end + 4 + _length(data, end):
            self._received = data
            return
        now, sent_at, self._received = time.perf_counter(), self._sent_at, b""
        self._send(now)  # first: whoever is measured is not to wait for our books
        self._run.answered(now - sent_at, data)

    def connection_lost(self, error: Exception | None) -> None:
        self._run.closed(error)


def _length(answer: bytes, end: int) -> int:
    """Of the body; `end` is the head's. Servers here write names of headers small."""
    at = answer.find(b"content-length:", 0, end)
    return int(answer[at + 15 : answer.find(b"\r", at)])


class Run:
    def __init__(self, connections: int) -> None:
        self.took: list[float] = []
        self.statuses: Counter[str] = Counter()
        self._open = connections
        self.done = asyncio.get_running_loop().create_future()

    def answered(self, seconds: float, answer: bytes) -> None:
        self.took.append(seconds)
        refused = b'"errors":' in answer
        self.statuses["errors" if refused else answer[9:12].decode()] += 1
        if refused and self.statuses["errors"] == 1:
            print(answer.decode(), file=sys.stderr)

    def closed(self, error: Exception | None) -> None:
        self._open -= 1
        if error is not None and not self.done.done():
            self.done.set_exception(error)
        elif not self._open and not self.done.done():
            self.done.set_result(None)


def prepared(line: str, host: str) -> bytes:
    request = json.loads(line)
    body = json.dumps(request["body"]).encode() if request.get("body") is not None else b""
    headers = {"Host": host, **request["headers"]}
    if body:
        headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{request['method']} {request['path']} HTTP/1.1\r\n{head}\r\n".encode() + body


async def drive(host: str, port: int, in_flight: int, requests: list[bytes]) -> dict[str, object]:
    loop = asyncio.get_running_loop()
    run = Run(in_flight)
    waiting = iter(requests)
    started = time.perf_counter()
    for _ in range(in_flight):
        await loop.create_connection(lambda: Connection(waiting, run), host, port)
    await run.done
    return {
        "seconds": time.perf_counter() - started,
        "statuses": dict(run.statuses),
        "ms": [round(seconds * 1000, 3) for seconds in run.took],
    }


def main() -> None:
    host, port, in_flight = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    requests = [prepared(line, host) for line in sys.stdin]
    json.dump(uvloop.run(drive(host, port, in_flight, requests)), sys.stdout)


if __name__ == "__main__":
    main()
