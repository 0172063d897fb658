"""Nobody gets us to call what is not on the public internet, by whatever name; and TLS is what it says."""

import datetime as dt
import ssl
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.outbox.sender import Resolve, Sender
from app.service import addresses
from tests.outbox.receiver import OK, Receiver, receiving, status

_REFUSED = "the host has no public address"


def _names(*answers: list[str]) -> Resolve:
    """A resolver that answers each time with the next."""
    left = list(answers)

    async def resolve(_: str, __: int) -> list[str]:
        return left.pop(0)

    return resolve


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "2130706433", "0x7f.1", "127.1"],
)
async def test_loopback_by_any_spelling(receiver: Receiver, host: str) -> None:
    sender = Sender(timeout=2.0)
    port = receiver.url.rpartition(":")[2]
    answer = await sender.post(f"http://{host}:{port}/hook", {}, b"{}")
    assert answer.error == _REFUSED
    assert receiver.connections == 0
    sender.close()


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.8", "169.254.169.254", "fe80::1", "::ffff:10.0.0.1"])
async def test_a_name_that_resolves_to_what_is_not_public(receiver: Receiver, address: str) -> None:
    sender = Sender(timeout=2.0, resolve=_names([address]))
    answer = await sender.post(receiver.url.replace("127.0.0.1", "hooks.example.com"), {}, b"{}")
    assert answer.error == _REFUSED
    assert receiver.connections == 0
    sender.close()


async def test_a_name_is_resolved_once_for_a_connection_and_anew_for_the_next(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First it names a good address (here one that is let through), then, for the retry, another: refused."""
    monkeypatch.setattr(addresses, "is_public", lambda text: text == "127.0.0.1")
    sender = Sender(timeout=2.0, resolve=_names(["127.0.0.1"], ["127.0.0.2"]))
    url = receiver.url.replace("127.0.0.1", "hooks.example.com")
    receiver.script = [status(500, Connection="close")]
    first, second = await sender.post(url, {}, b"{}"), await sender.post(url, {}, b"{}")
    assert (first.status, second.error) == (500, _REFUSED)
    assert receiver.requests[0].headers["host"].startswith("hooks.example.com:")
    assert receiver.connections == 1
    sender.close()


async def test_of_several_addresses_only_the_public_ones_are_called(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[str] = []
    sender = Sender(timeout=2.0, resolve=_names(["10.0.0.1", "8.8.8.8", "::1", "8.8.4.4"]))

    async def refuse(address: str, _: object) -> None:
        called.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(sender, "_open", refuse)
    answer = await sender.post("https://hooks.example.com/", {}, b"{}")
    assert called == ["8.8.8.8", "8.8.4.4"]
    assert answer.error == "cannot connect: Connection refused"
    sender.close()


async def test_a_redirect_to_a_private_address_goes_nowhere(receiver: Receiver) -> None:
    sender = Sender(timeout=2.0, allow_private=True)
    async with receiving() as inner:
        receiver.answer = status(307, Location=inner.url)
        answer = await sender.post(receiver.url, {}, b"{}")
        assert answer.status == 307
        assert inner.requests == []
    sender.close()


async def test_a_name_that_does_not_resolve(receiver: Receiver) -> None:
    sender = Sender(timeout=2.0, resolve=_names([]))
    answer = await sender.post("https://hooks.example.com/", {}, b"{}")
    assert answer.error == "the name of the host does not resolve"
    sender.close()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of `hooks.example.com` and 127.0.0.1, signed by itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example.com")])
    now = dt.datetime.now(dt.UTC)
    names = x509.SubjectAlternativeName(
        [x509.DNSName("hooks.example.com"), x509.IPAddress(ip_address("127.0.0.1"))]
    )  # fmt: skip
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(made.public_bytes(encoding) + key.private_bytes(encoding, form, serialization.NoEncryption()))
    return path


async def test_a_certificate_must_be_trusted_and_name_the_host(certificate: Path) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    trusting = ssl.create_default_context(cafile=str(certificate))
    async with receiving(server) as receiver:
        receiver.answer = OK
        named = receiver.url.replace("127.0.0.1", "hooks.example.com")
        other = receiver.url.replace("127.0.0.1", "other.example.com")
        for context, url, error in (
            (None, named, "TLS failed: self-signed certificate"),
            (trusting, other, "TLS failed: Hostname mismatch"),
            (trusting, named, None),
            (trusting, receiver.url, None),
        ):
            sender = Sender(
                timeout=2.0,
                allow_private=True,
                context=context,
                resolve=_names(["127.0.0.1"]),
            )
            answer = await sender.post(url, {}, b"{}")
            assert answer.ok == (error is None), answer
            assert (answer.error or "").startswith(error or "")
            sender.close()
        assert len(receiver.requests) == 2


async def test_plain_http_is_not_tls(receiver: Receiver) -> None:
    sender = Sender(timeout=2.0, allow_private=True)
    answer = await sender.post(receiver.url.replace("http:", "https:"), {}, b"{}")
    assert not answer.ok
    assert answer.error is not None
    sender.close()
