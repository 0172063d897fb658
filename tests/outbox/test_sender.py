"""One try against real receivers that answer well, badly, late, in parts, or not at all."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from app.outbox.sender import Answer, Sender
from tests.outbox.receiver import CLOSE, OK, Receiver, after, raw, status

_CUT = "the connection was closed before the whole answer came"
_STRANGE = "what came back is not HTTP"
_BODY = b'{"a": "\xc3\xa9"}'


@pytest.fixture
async def sender() -> AsyncIterator[Sender]:
    made = Sender(timeout=2.0, allow_private=True)
    yield made
    made.close()


async def _post(sender: Sender, receiver: Receiver, path: str = "/hook", **headers: str) -> Answer:
    return await sender.post(receiver.url + path, headers, _BODY)


async def test_what_is_sent_arrives_as_it_is(sender: Sender, receiver: Receiver) -> None:
    receiver.answer = status(201, b"thanks")
    answer = await sender.post(f"{receiver.url}/a%20b?c=d&e", {"X-Signature": "abc="}, _BODY)
    assert (answer.ok, answer.status, answer.text, answer.error) == (True, 201, "thanks", None)
    [request] = receiver.requests
    assert (request.path, request.body) == ("/a%20b?c=d&e", _BODY)
    assert request.headers == {
        "host": receiver.url.removeprefix("http://"),
        "content-length": str(len(_BODY)),
        "accept": "*/*",
        "user-agent": "Dragoman-Webhooks/1",
        "x-signature": "abc=",
    }


async def test_a_url_without_a_path(sender: Sender, receiver: Receiver) -> None:
    assert (await sender.post(receiver.url, {}, b"")).ok
    assert (receiver.requests[0].path, receiver.requests[0].body) == ("/", b"")


async def test_connections_are_used_again(sender: Sender, receiver: Receiver) -> None:
    for _ in range(3):
        assert (await _post(sender, receiver)).ok
    assert receiver.connections == 1
    await asyncio.gather(*(_post(sender, receiver) for _ in range(4)))
    await asyncio.gather(*(_post(sender, receiver) for _ in range(4)))
    assert receiver.connections <= 4


async def test_one_that_was_closed_meanwhile_is_not(sender: Sender, receiver: Receiver) -> None:
    receiver.script = [raw(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", close=True)]
    assert (await _post(sender, receiver)).ok
    await asyncio.sleep(0.05)
    assert (await _post(sender, receiver)).ok
    assert receiver.connections == 2


async def test_one_that_closes_when_it_is_used_again_is_tried_anew(sender: Sender, receiver: Receiver) -> None:
    """The receiver's time was up just as the message went out: nobody can tell before."""
    receiver.script = [OK, CLOSE]
    assert (await _post(sender, receiver)).ok
    assert (await _post(sender, receiver)).ok
    assert (len(receiver.requests), receiver.connections) == (3, 2)


@pytest.mark.parametrize("code", [300, 301, 302, 307, 400, 404, 410, 429, 500, 503, 599])
async def test_only_2xx_is_good_and_no_redirect_is_followed(sender: Sender, receiver: Receiver, code: int) -> None:
    receiver.answer = status(code, b"no", Location=f"{receiver.url}/elsewhere")
    answer = await _post(sender, receiver)
    assert (answer.ok, answer.status, answer.text) == (False, code, "no")
    assert [request.path for request in receiver.requests] == ["/hook"]


@pytest.mark.parametrize(
    ("data", "code", "text"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", 200, "abcde"),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", 200, "until the end"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, ""),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hm\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\nok", 200, "ok"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 500 Sorry\r\n\r\n", 200, "ok"),
        (b"HTTP/1.1 500\r\nContent-Length: 3\r\n\r\n\xff\x00z", 500, "\N{REPLACEMENT CHARACTER}" * 2 + "z"),
    ],
)
async def test_kinds_of_answers(sender: Sender, receiver: Receiver, data: bytes, code: int, text: str) -> None:
    receiver.answer = raw(data, close=True)
    answer = await _post(sender, receiver)
    assert (answer.status, answer.text) == (code, text)


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", _CUT),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
            _CUT,
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Le", _CUT),
        (b"SSH-2.0-OpenSSH_9.6\r\n", _STRANGE),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
            _STRANGE,
        ),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000, "the headers of the answer are too long"),
    ],
)
async def test_no_whole_answer_is_none(sender: Sender, receiver: Receiver, data: bytes, error: str) -> None:
    receiver.answer = raw(data, close=True)
    answer = await _post(sender, receiver)
    assert (answer.ok, answer.status, answer.error) == (False, None, error)


async def test_a_long_answer_is_read_up_to_a_bound(sender: Sender, receiver: Receiver) -> None:
    receiver.script = [raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n" + b"x" * 100_000)]
    answer = await _post(sender, receiver)
    assert (answer.status, answer.text) == (200, "x" * 1000)
    assert (await _post(sender, receiver)).ok
    assert receiver.connections == 2


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 2", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"])
async def test_one_that_does_not_end_is_given_up(receiver: Receiver, begun: bytes) -> None:
    receiver.answer = raw(begun)
    sender = Sender(timeout=0.2, allow_private=True)
    given_up = await _post(sender, receiver)
    assert given_up.error == "no answer within 0.2 seconds"
    assert 0.2 <= given_up.seconds < 1
    receiver.answer = OK
    assert (await _post(sender, receiver)).ok
    assert receiver.connections == 2
    sender.close()


async def test_one_that_drips_is_given_up_as_well(receiver: Receiver) -> None:
    async def drip(_: object, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        for _ in range(100):
            writer.write(b"x")
            await asyncio.sleep(0.02)

    receiver.answer = drip
    sender = Sender(timeout=0.3, allow_private=True)
    answer = await _post(sender, receiver)
    assert answer.error == "no answer within 0.3 seconds"
    assert answer.seconds < 1
    sender.close()


async def test_a_slow_one_in_time(sender: Sender, receiver: Receiver) -> None:
    receiver.answer = after(0.3, OK)
    answer = await _post(sender, receiver)
    assert answer.ok
    assert 0.3 <= answer.seconds < 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120.0), ("99999999", 86_400.0), (" 3 ", 3.0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0), ("soon", None)],
)
async def test_retry_after(sender: Sender, receiver: Receiver, header: str, seconds: float | None) -> None:
    receiver.answer = status(503, Retry_After=header)
    assert (await _post(sender, receiver)).retry_after == seconds


async def test_nobody_listens(sender: Sender, receiver: Receiver) -> None:
    answer = await sender.post("http://127.0.0.1:1/", {}, b"")
    assert answer.error == "cannot connect: Connection refused"


async def test_no_header_can_break_out(sender: Sender, receiver: Receiver) -> None:
    answer = await _post(sender, receiver, **{"X-A": "1\r\nX-B: 2"})
    assert answer.error == "a header or the URL holds a line break"
    assert receiver.requests == []
