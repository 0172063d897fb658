"""Calls to somebody else's system: slow, silent, endless, broken, redirecting, private, or not what it says it is."""

import asyncio
import ssl
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from app.service import names, tracing
from app.service.connectors import Unanswered
from app.warehouse.client import MOST_READ, Answer, Client
from tests.warehouse.service import Service, answer, listening, running, yes

_PATIENCE = 5.0


async def post(service: Service | str, *, seconds: float = _PATIENCE, allow_private: bool = True) -> Answer:
    client = Client(allow_private=allow_private)
    try:
        url = service if isinstance(service, str) else service.url
        return await client.post(url, b"{}", {"Content-Type": "application/json"}, seconds)
    finally:
        await client.close()


async def fails(service: Service | str, **how: bool | float) -> str:
    started = time.monotonic()
    with pytest.raises(Unanswered) as failed:
        await post(service, **how)  # type: ignore[arg-type]
    assert time.monotonic() - started < _PATIENCE
    assert not failed.value.alive
    return str(failed.value)


async def test_status_body_and_retry_after_come_back():
    async with running(answer(503, b"busy", Retry_After="7")) as service:
        assert await post(service) == Answer(503, b"busy", "7")


async def test_what_is_sent():
    async with running(yes()) as service:
        with tracing.Carried("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"):
            await post(f"{service.url}/ask?x=1")

    (asked,) = service.asked
    assert (asked.path, asked.body) == ("/ask?x=1", b"{}")
    assert asked.headers["traceparent"] == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["accept-encoding"] == "identity"
    assert asked.headers["host"] == service.url.removeprefix("http://")


async def test_a_connection_serves_for_more_than_one_call():
    async with running(answer(200, b"x").replace(b"Connection: close\r\n", b"")) as service:
        client = Client(allow_private=True)
        for _ in range(2):
            assert (await client.post(service.url, b"", {}, _PATIENCE)).status == 200
        await client.close()


async def test_silence_ends_with_the_time_limit():
    async def never(asked: object) -> bytes:
        await asyncio.sleep(_PATIENCE)
        return b""

    async with running(never) as service:
        assert await fails(service, seconds=0.2) == "no answer within 0.2 seconds"


async def test_an_answer_in_drops_does_not_prolong_it():
    async with listening(_drip) as url:
        assert await fails(url, seconds=0.3) == "no answer within 0.3 seconds"


async def test_an_answer_without_end_is_not_read_to_the_end():
    async with running(answer(200, b"x" * (MOST_READ + 1))) as service:
        assert await fails(service) == f"the answer is longer than {MOST_READ} bytes"


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"SMTP ready\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 200_000 + b"\r\n\r\n",
    ],
    ids=["closed at once", "not HTTP", "closed early", "no length", "endless headers"],
)
async def test_what_is_no_answer(sent):
    async with running(sent) as service:
        assert (await fails(service)).startswith("no answer: ")


async def test_a_compressed_answer_is_none():
    """It could be a bomb, and nobody asked for it."""
    async with running(answer(200, b"\x1f\x8b", Content_Encoding="gzip")) as service:
        assert "compressed" in await fails(service)


async def test_redirects_are_not_followed():
    async with running(yes()) as other, running(answer(307, b"", Location=f"{other.url}/elsewhere")) as service:
        assert (await post(service)).status == 307
    assert other.asked == []


async def test_nobody_is_there():
    async with running() as service:
        url = service.url
    assert (await fails(url)).startswith("no answer: ")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "127.1"])
async def test_private_addresses_are_not_called(host):
    async with running(yes()) as service:
        url = service.url.replace("127.0.0.1", host)
        assert await fails(url, allow_private=False) == "no answer: the host has no address that may be called"
    assert service.connections == 0


async def test_a_name_is_looked_up_once_and_that_address_is_called(monkeypatch):
    looked_up = []

    async def resolve(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return ["127.0.0.1"]

    monkeypatch.setattr(names, "resolve", resolve)
    async with running(yes()) as service:
        url = service.url.replace("127.0.0.1", "warehouse.example")
        assert (await post(url)).status == 200

    assert looked_up == ["warehouse.example"]
    assert service.asked[0].headers["host"].startswith("warehouse.example:")


async def test_a_name_of_a_private_address_is_not_called(monkeypatch):
    async def resolve(host: str, port: int) -> list[str]:
        return ["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1"]

    monkeypatch.setattr(names, "resolve", resolve)
    async with running(yes()) as service:
        await fails(service.url.replace("127.0.0.1", "warehouse.example"), allow_private=False)
    assert service.connections == 0


async def test_the_next_address_is_tried_when_one_refuses(monkeypatch):
    async def resolve(host: str, port: int) -> list[str]:
        return ["::1", "127.0.0.1"]

    monkeypatch.setattr(names, "resolve", resolve)
    async with running(yes()) as service:
        assert (await post(service.url.replace("127.0.0.1", "warehouse.example"))).status == 200


async def test_a_name_that_does_not_resolve(monkeypatch):
    async def resolve(host: str, port: int) -> list[str]:
        return []

    monkeypatch.setattr(names, "resolve", resolve)
    await fails("http://nowhere.example")


async def test_names_are_really_looked_up():
    assert {"127.0.0.1", "::1"} & set(await names.resolve("localhost", 80))
    assert await names.resolve("no such name", 80) == []


async def test_a_certificate_that_nobody_vouches_for_ends_it_before_anything_is_sent(tmp_path):
    received: list[bytes] = []

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.read())

    async with listening(take, _self_signed(tmp_path)) as url:
        told = await fails(url)
    assert "CERTIFICATE_VERIFY_FAILED" in told
    assert received == []


def _self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = built.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    certificate = dated.sign(key, hashes.SHA256())
    pem = serialization.Encoding.PEM
    path = folder / "server.pem"
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(secret + certificate.public_bytes(pem))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    return context


async def _drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A byte every now and then, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    with suppress(ConnectionError):
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)
