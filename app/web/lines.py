"""NDJSON request bodies, line by line: memory is bounded by one line, whatever the length of the stream."""

from collections.abc import AsyncIterator

from starlette.types import Receive

from app.web.faults import Detail, Fault, FaultCode


async def read_lines(receive: Receive, longest: int) -> AsyncIterator[tuple[int, bytes | Fault]]:
    """(number from 1, line) for every line that is not blank; a line that is too long is skipped and told as a fault.

    When the client goes away midway, an unfinished line is left out: half a line may read as a whole other one.
    """
    held, number, skipping = bytearray(), 0, False
    async for chunk in _chunks(receive):
        held += chunk
        if b"\n" not in chunk and len(held) <= longest:
            continue  # appended to, not looked through again: it may come byte by byte
        *whole, rest = bytes(held).split(b"\n")
        held = bytearray(rest)
        for line in whole:
            number += 1
            if skipping or len(line) > longest:
                skipping = False
                yield number, _too_long(longest)
            elif line.strip():
                yield number, line
        if len(held) > longest:
            held, skipping = bytearray(), True


async def _chunks(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        yield message.get("body", b"")
        if not message.get("more_body", False):
            yield b"\n"
            return


def _too_long(longest: int) -> Fault:
    return Fault(FaultCode.TOO_LARGE, Detail("line", f"is longer than {longest} bytes"))
