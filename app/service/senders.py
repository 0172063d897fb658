"""Who a mail is from and to: addresses as they may stand in a header. Nothing here looks anything up."""

import re
from dataclasses import dataclass

_LONGEST = 254
_LONGEST_NAME = 120
_LOCAL = re.compile(r"[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,64}")
_LABEL = re.compile(r"\w([\w-]{0,61}\w)?")
_SENDER = re.compile(r"(?:(?P<name>[^<>]*)<(?P<address>[^<>]*)>|(?P<alone>[^<>]*))")
_PLAIN = re.compile(r'[^()<>\[\]:;@\\,."]*')
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")


class BadSender(ValueError):  # noqa: N818 - says what is wrong
    """The text says what is wrong, not what was given."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """`address` has its domain in ASCII."""

    name: str
    address: str

    def __str__(self) -> str:
        if not self.name:
            return self.address
        quoted = re.sub(r'(["\\])', r"\\\1", self.name)
        return f"{self.name} <{self.address}>" if _PLAIN.fullmatch(self.name) else f'"{quoted}" <{self.address}>'


def address(text: str) -> str:
    """With the domain as DNS knows it. Raises BadSender."""
    local, _, domain = text.rpartition("@")
    try:
        # A zone's own rules are stricter (IDNA 2008); whether a domain is there is found out when it is sent.
        ascii_ = domain.encode("idna").decode()
    except UnicodeError:
        ascii_ = ""
    dots = local.startswith(".") or local.endswith(".") or ".." in local
    if not _LOCAL.fullmatch(local) or dots or _UNPRINTABLE.search(local):
        raise BadSender("is no mail address")
    if not all(_LABEL.fullmatch(label) for label in ascii_.split(".")) or len(local) + len(ascii_) >= _LONGEST:
        raise BadSender("is no mail address")
    return f"{local}@{ascii_}"


def name(text: str) -> str:
    """As it may be shown beside an address. Raises BadSender."""
    if _UNPRINTABLE.search(text):
        raise BadSender("holds a line break or a control character")
    if len(text) > _LONGEST_NAME:
        raise BadSender(f"is longer than {_LONGEST_NAME} characters")
    return text.strip()


def plain(text: str) -> str:
    """A name that was given for something else, made fit to be shown beside an address."""
    return " ".join(_UNPRINTABLE.sub(" ", text).split())[:_LONGEST_NAME]


def sender(text: str) -> Mailbox:
    """`Name <address>`, with the name in quotes or without, or an address alone. Raises BadSender."""
    match = _SENDER.fullmatch(text.strip())
    if match is None:
        raise BadSender("is neither `Name <address>` nor an address")
    shown = (match["name"] or "").strip()
    if len(shown) > 1 and shown[0] == shown[-1] == '"':
        shown = re.sub(r"\\(.)", r"\1", shown[1:-1])
    return Mailbox(name(shown), address(match["address"] if match["alone"] is None else match["alone"]))
