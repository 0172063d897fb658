"""One mail to one server: how it gets there, and what is said when it does not."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from app.mail.post import Postman
from app.mail.server import BadUrl, read_url
from app.mail.smtp import Smtp
from app.service.mail import Mail, Stamp, Texts
from app.service.senders import Mailbox
from app.service.work import Failed, Hopeless
from tests.mail.sink import HANG, LOGIN, PASSWORD, USER, Sink, certificate, serving

# aiosmtpd warns of what it does itself.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Session.login_data:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning"),
]
STAMP = Stamp("task.tenant@mail.dragoman", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
TO = Mailbox("Ada Byron", "ada@example.com")


def mail(**more: Any) -> Mail:
    facts: dict[str, Any] = {
        "texts": Texts("Subject", "<p>Hello</p>\n.\n<p>dot</p>", "Hello\n.\ndot"),
        "language": "en",
        "sender": Mailbox("Mugs & Co", "orders@example.com"),
        "reply_to": None,
        "to": TO,
    }
    return Mail(**facts | more)


async def send(url: str, *, timeout: float = 5.0, to: Mailbox = TO, **more: Any) -> None:
    await Postman(Smtp(read_url(url), timeout=timeout)).send(mail(**more), to, STAMP)


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    return certificate(tmp_path_factory.mktemp("tls"))


@asynccontextmanager
async def secure(trusted: tuple[ssl.SSLContext, str], way: str) -> AsyncIterator[tuple[Sink, str]]:
    async with serving(Sink(), **{way: trusted[0]}, login=True) as made:
        yield made, f"{made.url}?ca={trusted[1]}"


@pytest.mark.parametrize("way", ["starttls", "tls"])
async def test_encrypted_and_logged_in(trusted: tuple[ssl.SSLContext, str], way: str) -> None:
    async with secure(trusted, way) as (sink, url):
        await Smtp(read_url(url), timeout=5.0).check()
        assert sink.tries == 0
        await send(url)
        await send(f"{sink.url}?verify=false")
    [first, _] = sink.received
    assert (first.mail_from, first.rcpt_tos) == ("orders@example.com", ["ada@example.com"])
    assert sink.parsed()["To"] == "Ada Byron <ada@example.com>"
    text = sink.parsed().get_body(("plain",))
    assert text is not None
    assert text.get_content().splitlines() == ["Hello", ".", "dot"]


@pytest.mark.parametrize(
    ("way", "change", "said"),
    [
        ("starttls", ("?", "?verify=true&"), None),
        ("tls", ("s3cret", "wrong"), "does not accept the login of DRAGOMAN_SMTP_URL (535)"),
        ("starttls", ("smtp:", "smtps:"), "TLS fails"),
        ("starttls", (LOGIN + "@", ""), "refuses: 530"),
        ("starttls", ("?ca=", "?x="), BadUrl),
        ("tls", ("127.0.0.1", "localhost"), "certificate cannot be trusted (Hostname mismatch"),
        ("starttls", ("127.0.0.1", "localhost"), "certificate cannot be trusted (Hostname mismatch"),
    ],
)
async def test_who_may_not_is_told_why(
    trusted: tuple[ssl.SSLContext, str], way: str, change: tuple[str, str], said: Any
) -> None:
    """All of it is for the operator to mend, so the mail waits."""
    async with secure(trusted, way) as (sink, url):
        if said is None:
            return await send(url.replace(*change))
        with pytest.raises(said if isinstance(said, type) else Failed) as refused:
            await send(url.replace(*change))
        assert sink.received == []
    assert isinstance(said, type) or said in str(refused.value)
    for secret in (PASSWORD, "wrong", "s3cret", USER + ":"):
        assert secret not in str(refused.value)
        assert secret not in repr(read_url(url))
    return None


async def test_a_certificate_of_nobody_is_not_trusted(trusted: tuple[ssl.SSLContext, str]) -> None:
    async with secure(trusted, "tls") as (sink, _):
        with pytest.raises(Failed, match=r"certificate cannot be trusted \(self"):
            await send(sink.url)
    async with secure(trusted, "starttls") as (sink, _):
        with pytest.raises(Failed, match=r"certificate cannot be trusted \(self"):
            await send(sink.url)


async def test_no_starttls_no_mail_unless_somebody_said_so(sink: Sink) -> None:
    plain = f"smtp://127.0.0.1:{sink.port}"
    with pytest.raises(Failed, match="does not offer STARTTLS"):
        await send(plain)
    await send(f"{plain}?starttls=optional")
    assert len(sink.received) == 1
    with pytest.raises(Failed, match="does not accept the login"):
        await send(f"smtp://a:b@127.0.0.1:{sink.port}?starttls=off")


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [("451 busy, later", Failed), ("550 5.1.1 nobody here", Hopeless), ("530 who are you", Failed)],
)
async def test_refusals(sink: Sink, verb: str, answer: str, outcome: type[Exception]) -> None:
    sink.answers[verb] = [answer]
    with pytest.raises(outcome, match=f"refuses: {answer}"):
        await send(sink.url)
    assert sink.received == []


async def test_what_a_server_says_is_bounded_and_holds_no_password(sink: Sink) -> None:
    sink.answers["MAIL"] = [f"550 bad password b-b {'x' * 400}"]
    with pytest.raises(Hopeless) as refused:
        await send(f"smtp://127.0.0.1:{sink.port}?starttls=off")
    assert len(str(refused.value)) < 300
    server = Smtp(read_url(f"smtp://a:b-b@127.0.0.1:{sink.port}?starttls=off"), timeout=1.0)
    assert server._shown("you sent\r\nb-b") == "you sent …"


@pytest.mark.parametrize("verb", ["MAIL", "DATA"])
async def test_a_server_that_hangs_is_left(sink: Sink, verb: str) -> None:
    sink.answers[verb] = [HANG]
    started = asyncio.get_running_loop().time()
    with pytest.raises(Failed, match=r"does not answer within 0\.3 seconds"):
        await send(sink.url, timeout=0.3)
    assert asyncio.get_running_loop().time() - started < 3


@pytest.mark.parametrize(("greeting", "said"), [(b"554 go away\r\n", "554 go away"), (b"", "connection was lost")])
async def test_servers_that_are_none(greeting: bytes, said: str) -> None:
    async def odd(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        writer.close()

    server = await asyncio.start_server(odd, "127.0.0.1", 0)
    url = f"smtp://127.0.0.1:{server.sockets[0].getsockname()[1]}?starttls=off"
    with pytest.raises(Failed, match=said):
        await send(url)
    server.close()
    await server.wait_closed()
    with pytest.raises(Failed, match="Connection refused"):
        await send(url)


async def test_addresses_beyond_ascii(sink: Sink) -> None:
    await send(sink.url, to=Mailbox("Ærø", "ærø@xn--mnchen-3ya.example"))
    assert sink.received[0].rcpt_tos == ["ærø@xn--mnchen-3ya.example"]
    assert sink.parsed()["To"] == "Ærø <ærø@xn--mnchen-3ya.example>"


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        ("http://a", "is neither"),
        ("smtp://", "is neither"),
        ("smtp://a/b", "is neither"),
        ("smtp://a:x", "cannot be read"),
        ("smtp://a?tls=1", "has an option 'tls'"),
        ("smtp://a?starttls=yes", "has a starttls"),
        ("smtps://a?starttls=off", "has a starttls"),
        ("smtp://a?verify=no", "has a verify"),
        (f"smtp://a?ca={Path(__file__).parent}/none.pem", "names a ca file that is not there"),
        (f"smtp://a?ca={__file__}", "names a ca file that holds no certificate"),
    ],
)
def test_urls_that_say_nothing(url: str, wrong: str) -> None:
    with pytest.raises(BadUrl, match=wrong):
        read_url(url)


def test_what_a_url_says() -> None:
    plain, tls = read_url("smtp://u%40x:p%2F%3A@mail.example"), read_url("smtps://mail.example")
    assert (plain.user, plain.password, plain.port, plain.starttls) == ("u@x", "p/:", 587, "required")
    assert (tls.tls, tls.port, tls.user, tls.verify) == (True, 465, None, True)
