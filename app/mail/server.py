"""Which mail server there is, read from one URL."""

import ssl
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

_STARTTLS = ("required", "optional", "off")


class BadUrl(ValueError):  # noqa: N818 - says what is wrong
    """The text says what is wrong, and nothing of what the URL holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    host: str
    port: int
    tls: bool = False
    starttls: str = "required"
    verify: bool = True
    ca: str | None = None
    user: str | None = None
    password: str = field(default="", repr=False)


def read_url(url: str) -> SmtpServer:
    """`smtp://user:password@host:587?starttls=required` or `smtps://…`. Raises BadUrl."""
    try:
        parts = urlsplit(url)
        host, port, options = parts.hostname, parts.port, parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError:
        raise BadUrl("cannot be read as a URL") from None
    if parts.scheme not in {"smtp", "smtps"} or not host or parts.path not in {"", "/"} or parts.fragment:
        raise BadUrl("is neither smtp://HOST:PORT nor smtps://HOST:PORT")
    if unknown := sorted(options.keys() - {"starttls", "verify", "ca"}):
        raise BadUrl(f"has an option {unknown[0]!r}; there are starttls, verify and ca")
    given = {name: values[-1] for name, values in options.items()}
    tls, starttls, verify = parts.scheme == "smtps", given.get("starttls", "required"), given.get("verify", "true")
    if starttls not in _STARTTLS or (tls and "starttls" in given):
        raise BadUrl(f"has a starttls that is none of {', '.join(_STARTTLS)}; smtps has none at all")
    if verify not in {"true", "false"}:
        raise BadUrl("has a verify that is neither true nor false")
    if "ca" in given:
        _check_ca(given["ca"])
    return SmtpServer(
        host=host,
        port=port or (465 if tls else 587),
        tls=tls,
        starttls=starttls,
        verify=verify == "true",
        ca=given.get("ca"),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password or ""),
    )


def _check_ca(path: str) -> None:
    try:
        ssl.create_default_context(cafile=path)
    except ssl.SSLError:
        raise BadUrl("names a ca file that holds no certificate") from None
    except OSError:
        raise BadUrl("names a ca file that is not there") from None
