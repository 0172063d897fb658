"""What the pages on webhooks tell receivers to do, done: their snippets take our messages, and no others."""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import pytest
from standardwebhooks import WebhookVerificationError

from app.service.hooks import WHSEC, Hooks
from app.web.dialect import discover
from tests.core.building import Story, placed, whole
from tests.dialects.folders import page
from tests.dialects.occasions import Mailbox, Message, subscription
from tests.house.sources import ROOT

Verify = Callable[[str, Mapping[str, str], bytes], None]
_WHSEC, _OLDER = (
    "whsec_c2VjcmV0cyBhcmUgYXMgbG9uZyBhcyB0aGlzIG9uZQ==",
    "whsec_YW4gb2xkZXIgc2VjcmV0IHRoYXQgc3RpbGwgaG9sZHM=",
)


@dataclass(frozen=True)
class _Page:
    dialect: str
    path: str

    @property
    def hooks(self) -> Hooks:
        [hooks] = [each.hooks for each in discover() if each.name == self.dialect]
        assert hooks is not None
        return hooks

    @property
    def secrets(self) -> tuple[str, str]:
        """Two of the form that the dialect can sign with."""
        return (_WHSEC, _OLDER) if self.hooks.secret_form == WHSEC else ("long-and-random-1", "long-and-random-0")

    @property
    def dated(self) -> bool:
        """Whether a message says, in what is signed, when it was sent."""
        message, later = self.message(), self.message(age=timedelta(hours=1))
        return message.body == later.body and message.headers != later.headers

    def snippet(self, language: str) -> str:
        [found] = re.findall(rf"```{language}\n(.*?)```", (ROOT / self.path).read_text(), re.DOTALL)
        return str(found)

    def message(self, *, age: timedelta = timedelta(0)) -> Message:
        """One that both secrets sign, where the dialect has it so, else the first."""
        mailbox = Mailbox(self.hooks, subscription(self.dialect), self.secrets, datetime.now(UTC) - age)
        return mailbox.messages(Story(placed(3)).do(whole()))[0]


_SPEAK = [dialect.name for dialect in discover() if dialect.hooks is not None]
_PAGES = [_Page(name, "docs/webhooks.md" if name == "native" else page(name)) for name in _SPEAK]
pages = pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.path)


def _python(page: _Page) -> Verify:
    names: dict[str, Any] = {}
    exec(page.snippet("python"), names)  # noqa: S102 - it is our own page that is tried
    verify: Verify = names["verify"]
    return verify


@pages
def test_python_takes_our_messages(page: _Page) -> None:
    message = page.message()
    _python(page)(page.secrets[0], message.headers, message.body)


@pages
def test_python_refuses_others(page: _Page) -> None:
    verify, message = _python(page), page.message()
    for secret, body in ((page.secrets[0], message.body + b" "), (_WHSEC[:-4] + "AAA=", message.body)):
        with pytest.raises(ValueError, match="signature"):
            verify(secret, message.headers, body)


def test_with_somebody_elses_library() -> None:
    page = _Page("native", "docs/native.md")
    verify, message = _python(page), page.message()
    for secret in page.secrets:
        verify(secret, message.headers, message.body)
    with pytest.raises(WebhookVerificationError):
        verify(_WHSEC, message.headers, message.body + b" ")


@pages
def test_python_refuses_what_is_old(page: _Page) -> None:
    message = page.message(age=timedelta(minutes=6))
    if page.dated:
        with pytest.raises(ValueError, match="old"):
            _python(page)(page.secrets[0], message.headers, message.body)
    else:
        _python(page)(page.secrets[0], message.headers, message.body)


@pytest.mark.parametrize("node", [found] if (found := shutil.which("node")) else [])
def test_javascript_does_the_same(node: str) -> None:
    page = _Page("native", "docs/webhooks.md")
    message, old = page.message(), page.message(age=timedelta(minutes=6))
    assert _node(node, page, page.secrets[0], message) == "ok"
    assert _node(node, page, page.secrets[1], message) == "ok"
    assert _node(node, page, page.secrets[0], replace(message, body=message.body + b" ")) == "signature does not match"
    assert _node(node, page, _WHSEC[:-4] + "AAA=", message) == "signature does not match"
    assert _node(node, page, page.secrets[0], old) == "too old"


def _node(node: str, page: _Page, secret: str, message: Message) -> str:
    """What the page's function says; Node gives headers in lower case, and the body as bytes."""
    headers = {name.lower(): value for name, value in message.headers.items()}
    given = json.dumps([secret, headers, message.body.decode()])
    program = (
        page.snippet("javascript")
        + "const [secret, headers, body] = JSON.parse(process.argv[1]);\n"
        + "try { verify(secret, headers, Buffer.from(body)); console.log('ok'); }\n"
        + "catch (error) { console.log(error.message); }\n"
    )
    done = subprocess.run([node, "-e", program, given], capture_output=True, text=True, timeout=30, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("name", _SPEAK)
def test_every_topic_is_told(name: str) -> None:
    told = (ROOT / page(name)).read_text()
    [hooks] = [each.hooks for each in discover() if each.name == name]
    assert hooks is not None
    assert [topic for topic in hooks.topics if f"`{topic}`" not in told] == []


def test_every_event_is_in_the_table() -> None:
    page = (ROOT / "docs/webhooks.md").read_text()
    [native] = [each.hooks for each in discover() if each.name == "native"]
    assert native is not None
    table = page.partition("## Events\n")[2].partition("\n## ")[0]
    assert sorted(re.findall(r"^\| `([a-z._]+)` \| \S", table, re.MULTILINE)) == sorted(native.topics)


def test_every_dialects_schedule_is_told() -> None:
    """In the table of all, or in one of its own."""
    table = (ROOT / "docs/webhooks.md").read_text()
    told = {each.name: _row(each.name, each.hooks) for each in discover() if each.hooks is not None}
    missing = [row for name, row in told.items() if row not in table + (ROOT / page(name)).read_text()]
    assert missing == [], "\n".join(missing)


def _row(name: str, hooks: Hooks) -> str:
    runs = [(wait, len([*same])) for wait, same in groupby(hooks.schedule)]
    waits = ", ".join(_span(wait) + (f" × {count}" if count > 1 else "") for wait, count in runs)
    return f"| {name} | {waits} | {len(hooks.schedule) + 1} | {_span(hooks.disable_after)} |"


def _span(seconds: float) -> str:
    hours, rest = divmod(int(seconds), 3600)
    parts = (hours, "h"), (rest // 60, "min"), (rest % 60, "s")
    return " ".join(f"{count} {unit}" for count, unit in parts if count)
