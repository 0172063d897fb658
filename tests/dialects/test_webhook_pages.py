"""What receivers are told to do, done: the programs of examples/webhooks take our messages, and no others."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import pytest
from standardwebhooks import WebhookVerificationError

from app.service.hooks import Hooks
from app.web.dialect import discover
from tests.core.building import Story, placed, whole
from tests.dialects.occasions import Mailbox, Message, subscription
from tests.examples.verifying import NODE, in_javascript, in_python
from tests.house.sources import ROOT

Verify = Callable[[str, str, Mapping[str, str], bytes], str]
_WHSEC, _OLDER = (
    "whsec_c2VjcmV0cyBhcmUgYXMgbG9uZyBhcyB0aGlzIG9uZQ==",
    "whsec_YW4gb2xkZXIgc2VjcmV0IHRoYXQgc3RpbGwgaG9sZHM=",
)


@dataclass(frozen=True)
class _Page:
    dialect: str
    secrets: tuple[str, str]
    dated: bool

    def message(self, *, age: timedelta = timedelta(0)) -> Message:
        """One that both secrets sign, where the dialect has it so, else the first."""
        [hooks] = [each.hooks for each in discover() if each.name == self.dialect]
        assert hooks is not None
        mailbox = Mailbox(hooks, subscription(self.dialect), self.secrets, datetime.now(UTC) - age)
        return mailbox.messages(Story(placed(3)).do(whole()))[0]


_PAGES = [
    _Page("native", (_WHSEC, _OLDER), dated=True),
    _Page("convictional", ("long-and-random-1", "long-and-random-0"), dated=True),
    _Page("shopline", ("the-last-part-of-a-key", "the-last-part-of-another"), dated=False),
    _Page("afosto", ("long-and-random-1", "long-and-random-0"), dated=False),
    _Page("happycolis", ("the-last-part-of-a-key", "the-last-part-of-another"), dated=False),
]
pages = pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.dialect)


_LANGUAGES: Mapping[str, Verify] = {"python": in_python, **({"javascript": in_javascript} if NODE else {})}
languages = pytest.mark.parametrize("verify", _LANGUAGES.values(), ids=_LANGUAGES)


@pages
@languages
def test_they_take_our_messages_and_no_others(page: _Page, verify: Verify) -> None:
    message = page.message()
    assert verify(page.dialect, page.secrets[0], message.headers, message.body) == "ok"
    assert verify(page.dialect, page.secrets[0], message.headers, message.body + b" ") == "signature does not match"
    assert verify(page.dialect, _WHSEC[:-4] + "AAA=", message.headers, message.body) == "signature does not match"


@languages
def test_either_secret_will_do_during_a_rotation(verify: Verify) -> None:
    message = _PAGES[0].message()
    assert verify("native", _PAGES[0].secrets[1], message.headers, message.body) == "ok"


def test_with_somebody_elses_library() -> None:
    page = _Page("native", (_WHSEC, _OLDER), dated=True)
    [snippet] = re.findall(r"```python\n(.*?)```", (ROOT / "docs/native.md").read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(snippet, names)  # noqa: S102 - it is our own page that is tried
    verify, message = names["verify"], page.message()
    for secret in page.secrets:
        verify(secret, message.headers, message.body)
    with pytest.raises(WebhookVerificationError):
        verify(_WHSEC, message.headers, message.body + b" ")


@pages
@languages
def test_they_refuse_what_is_old(page: _Page, verify: Verify) -> None:
    message = page.message(age=timedelta(minutes=6))
    told = verify(page.dialect, page.secrets[0], message.headers, message.body)
    assert told == ("too old" if page.dated else "ok")


@pytest.mark.parametrize("name", ["native", "afosto", "convictional", "shopline", "happycolis"])
def test_every_topic_is_told(name: str) -> None:
    page = (ROOT / f"docs/{name}.md").read_text()
    [hooks] = [each.hooks for each in discover() if each.name == name]
    assert hooks is not None
    assert [topic for topic in hooks.topics if f"`{topic}`" not in page] == []


def test_every_event_is_in_the_table() -> None:
    page = (ROOT / "docs/webhooks.md").read_text()
    [native] = [each.hooks for each in discover() if each.name == "native"]
    assert native is not None
    table = page.partition("## Events\n")[2].partition("\n## ")[0]
    assert sorted(re.findall(r"^\| `([a-z._]+)` \| \S", table, re.MULTILINE)) == sorted(native.topics)


def test_every_dialects_schedule_is_told() -> None:
    page = (ROOT / "docs/webhooks.md").read_text()
    told = {each.name: _row(each.name, each.hooks) for each in discover() if each.hooks is not None}
    assert {name for name, row in told.items() if row not in page} == set(), "\n".join(told.values())


def _row(name: str, hooks: Hooks) -> str:
    runs = [(wait, len([*same])) for wait, same in groupby(hooks.schedule)]
    waits = ", ".join(_span(wait) + (f" × {count}" if count > 1 else "") for wait, count in runs)
    return f"| {name} | {waits} | {len(hooks.schedule) + 1} | {_span(hooks.disable_after)} |"


def _span(seconds: float) -> str:
    hours, rest = divmod(int(seconds), 3600)
    parts = (hours, "h"), (rest // 60, "min"), (rest % 60, "s")
    return " ".join(f"{count} {unit}" for count, unit in parts if count)
