"""A mail server that somebody else wrote, on a free loopback port, which does as it is told. No test is here."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.outbox.world import until

USER, PASSWORD = "shop", "s3cret/pass word"
LOGIN = "shop:s3cret%2Fpass%20word"
OK = "250 taken"
HANG = "hang"


@dataclass
class Sink:
    """`answers` are for MAIL, RCPT and DATA, each for one try, the last for all that follow; `HANG` says nothing."""

    answers: dict[str, list[str]] = field(default_factory=dict)
    received: list[Envelope] = field(default_factory=list)
    tries: int = 0
    most_at_once: int = 0
    url: str = ""
    port: int = 0
    on_data: Any = None

    def parsed(self, n: int = -1) -> EmailMessage:
        content = self.received[n].original_content
        assert content is not None
        parsed = message_from_bytes(content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        assert parsed.defects == []
        return parsed

    async def got(self, count: int, seconds: float = 10.0) -> None:
        async def here() -> bool:
            return len(self.received) >= count

        await until(here, seconds)

    async def answer(self, verb: str) -> str | None:
        planned = self.answers.get(verb, [])
        answer = (planned.pop(0) if len(planned) > 1 else planned[0]) if planned else ""
        if answer == HANG:
            await asyncio.sleep(3600)
        return None if answer[:3] in {"", "250"} else answer

    # what aiosmtpd calls

    async def handle_MAIL(  # noqa: N802 - the library's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.tries += 1
        if answer := await self.answer("MAIL"):
            return answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return OK

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := await self.answer("RCPT"):
            return answer
        envelope.rcpt_tos.append(address)
        return OK

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if answer := await self.answer("DATA"):
            return answer
        self.received.append(envelope)
        if self.on_data is not None:
            await self.on_data()
        return OK


def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)


@asynccontextmanager
async def serving(
    sink: Sink, *, tls: ssl.SSLContext | None = None, starttls: ssl.SSLContext | None = None, login: bool = False
) -> AsyncIterator[Sink]:
    loop = asyncio.get_running_loop()

    def connected() -> SMTP:
        return SMTP(
            sink,
            hostname="sink.test",
            enable_SMTPUTF8=True,
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_required=login,
            auth_require_tls=False,
            authenticator=authenticate if login else None,
            loop=loop,
        )

    server = await loop.create_server(connected, "127.0.0.1", 0, ssl=tls)
    sink.port = server.sockets[0].getsockname()[1]
    options = "" if tls or starttls else "?starttls=off"
    sink.url = f"{'smtps' if tls else 'smtp'}://{LOGIN + '@' if login else ''}127.0.0.1:{sink.port}{options}"
    try:
        yield sink
    finally:
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            if "aiosmtpd" in repr(task.get_coro()) or "SMTP._handle_client" in repr(task.get_coro()):
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)


def certificate(folder: Path) -> tuple[ssl.SSLContext, str]:
    """A server's context, and the file that has to be trusted for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sink.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "sink.pem", folder / "sink.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, str(public)
