"""A receiver of webhooks that does nothing else: `python -m bench.receiver PORT` answers every POST with 204.

`GET /received` tells how many came, when the first and the last did, and how long after its event each was received.
"""

import asyncio
import json
import sys
import time
from datetime import datetime
from typing import cast

import uvloop

_THANKS = b"HTTP/1.1 204 No Content\r\n\r\n"


class Receiver(asyncio.Protocol):
    moments: list[float] = []
    lags: list[float] = []

    def __init__(self) -> None:
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:end].lower()
            length = int(head.partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
            if len(self._received) < end + 4 + length:
                return
            body, self._received = self._received[end + 4 : end + 4 + length], self._received[end + 4 + length :]
            self._transport.write(_THANKS if head.startswith(b"post") else self._told())
            if head.startswith(b"post"):
                self.moments.append(time.time())
                at = body.find(b'"timestamp":"') + 13
                made = datetime.fromisoformat(body[at : body.find(b'"', at)].decode())
                self.lags.append(self.moments[-1] - made.timestamp())

    def _told(self) -> bytes:
        body = json.dumps(
            {"count": len(self.moments), "moments": [*self.moments[:1], *self.moments[-1:]], "lags": self.lags}
        ).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Receiver, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
