"""One mail to one mail server (RFC 5321), by STARTTLS or TLS and with a login; what goes wrong, in plain words."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from app.mail.server import SmtpServer
from app.service import tracing
from app.service.work import Failed, Hopeless

_PERMANENT = 500
_LOGIN = frozenset({530, 534, 535, 538})
"""The server wants a login, or another one (RFC 4954): that is for the operator to mend, not a fault of the mail."""
_MOST_SHOWN = 200


class Smtp:
    def __init__(self, server: SmtpServer, *, timeout: float) -> None:
        """`timeout` is for all of one mail, in seconds."""
        self._server = server
        self._timeout = timeout
        self._name = f"the mail server {server.host}:{server.port}"
        self._tls = ssl.create_default_context(cafile=server.ca)
        if not server.verify:
            self._tls.check_hostname = False
            self._tls.verify_mode = ssl.CERT_NONE

    async def check(self) -> None:
        """Connect, log in and leave. Raises Failed with what is wrong, for whoever looks after the server."""
        async with self._open():
            return

    async def deliver(self, content: bytes, sender: str, to: str, *, utf8: bool = False) -> None:
        """Raises Hopeless when the server refuses for good, Failed when it may yet be taken."""
        with tracing.span("send mail", tracing.Kind.CLIENT, server=self._server.host):
            async with self._open() as connection:
                try:
                    await connection.sendmail(sender, to, content, mail_options=["SMTPUTF8"] if utf8 else [])
                except SMTPRecipientsRefused as error:
                    raise self._refused(error.recipients[0]) from None
                except SMTPNotSupported:
                    raise Hopeless(f"{self._name} takes no addresses with such characters (SMTPUTF8)") from None
                except SMTPResponseException as error:
                    raise self._refused(error) from None
                except UnicodeError:
                    raise Hopeless("an address has characters that it cannot have") from None

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[SMTP]:
        """Connected, encrypted, logged in; closed afterwards, whatever happens."""
        connection = SMTP(
            hostname=self._server.host,
            port=self._server.port,
            use_tls=self._server.tls,
            start_tls=False,
            tls_context=self._tls,
            timeout=self._timeout,
        )
        try:
            async with asyncio.timeout(self._timeout):
                await self._connect(connection)
                yield connection
            with suppress(SMTPException, OSError):  # it has said yes already
                await connection.quit(timeout=1.0)
        except TimeoutError:
            raise Failed(f"{self._name} does not answer within {self._timeout:g} seconds") from None
        except (SMTPException, OSError) as error:
            raise Failed(f"{self._name}: {self._why(error)}") from None
        finally:
            connection.close()

    async def _connect(self, connection: SMTP) -> None:
        server = self._server
        await connection.connect()
        if not server.tls and server.starttls != "off":
            await connection.ehlo()
            offered = connection.supports_extension("starttls")
            if not offered and server.starttls == "required":
                raise Failed(f"{self._name} does not offer STARTTLS; `starttls=off` in DRAGOMAN_SMTP_URL does without")
            if offered:
                await connection.starttls()
        if server.user is not None:
            await self._log_in(connection, server.user)

    async def _log_in(self, connection: SMTP, user: str) -> None:
        try:
            await connection.login(user, self._server.password)
        except SMTPAuthenticationError as error:
            # Not the server's text: some repeat what they were given.
            raise Failed(f"{self._name} does not accept the login of DRAGOMAN_SMTP_URL ({error.code})") from None
        except SMTPException:
            raise Failed(f"{self._name} offers no way to log in; DRAGOMAN_SMTP_URL has a user") from None

    def _refused(self, error: SMTPResponseException) -> Exception:
        text = f"{self._name} refuses: {error.code} {self._shown(error.message)}".rstrip()
        return Hopeless(text) if error.code >= _PERMANENT and error.code not in _LOGIN else Failed(text)

    def _why(self, error: Exception) -> str:
        cause = error.__cause__ if isinstance(error, SMTPConnectError) else error
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate cannot be trusted ({cause.verify_message})"
        if isinstance(cause, ssl.SSLError):
            return "TLS fails; is it smtp:// where it should be smtps://, or the other way round?"
        if isinstance(error, SMTPResponseException):
            return f"{error.code} {self._shown(error.message)}".rstrip()
        if isinstance(cause, OSError) and cause.errno:
            return os.strerror(cause.errno) if cause.errno > 0 else cause.strerror or "its name cannot be resolved"
        return "the connection was lost" if isinstance(error, ConnectionError) else self._shown(str(error))

    def _shown(self, text: str) -> str:
        """The server's words, bounded and on one line, without the password should it be so foolish."""
        line = " ".join(text.split())[:_MOST_SHOWN]
        return line.replace(self._server.password, "…") if self._server.password else line
