"""What receivers are told to do, done: the programs of examples/webhooks take our messages, and no others."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
from tests.examples.verifying import FOLDER, NODE, in_javascript, in_python
from tests.house.sources import ROOT

Verify = Callable[[str, str, Mapping[str, str], bytes], str]
_WHSEC, _OLDER = (
    "whsec_c2VjcmV0cyBhcmUgYXMgbG9uZyBhcyB0aGlzIG9uZQ==",
    "whsec_YW4gb2xkZXIgc2VjcmV0IHRoYXQgc3RpbGwgaG9sZHM=",
)


@dataclass(frozen=True)
class _Page:
    dialect: str

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

    def message(self, *, age: timedelta = timedelta(0)) -> Message:
        """One that both secrets sign, where the dialect has it so, else the first."""
        mailbox = Mailbox(self.hooks, subscription(self.dialect), self.secrets, datetime.now(UTC) - age)
        return mailbox.messages(Story(placed(3)).do(whole()))[0]


_SPEAK = [dialect.name for dialect in discover() if dialect.hooks is not None]
_LANGUAGES: Mapping[str, Verify] = {"python": in_python, **({"javascript": in_javascript} if NODE else {})}
languages = pytest.mark.parametrize("verify", _LANGUAGES.values(), ids=_LANGUAGES)
# A dialect without programs of its own has one in Python on its page.
pages = pytest.mark.parametrize(
    ("page", "verify"),
    [
        pytest.param(_Page(name), verify, id=f"{name}-{language}")
        for name in _SPEAK
        for language, verify in _LANGUAGES.items()
        if language == "python" or (FOLDER / name).is_dir()
    ],
)


@pages
def test_they_take_our_messages_and_no_others(page: _Page, verify: Verify) -> None:
    message = page.message()
    assert verify(page.dialect, page.secrets[0], message.headers, message.body) == "ok"
    assert verify(page.dialect, page.secrets[0], message.headers, message.body + b" ") == "signature does not match"
    assert verify(page.dialect, _WHSEC[:-4] + "AAA=", message.headers, message.body) == "signature does not match"


@languages
def test_either_secret_will_do_during_a_rotation(verify: Verify) -> None:
    message = _Page("native").message()
    assert verify("native", _Page("native").secrets[1], message.headers, message.body) == "ok"


def test_with_somebody_elses_library() -> None:
    native = _Page("native")
    [snippet] = re.findall(r"```python\n(.*?)```", (ROOT / "docs/native.md").read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(snippet, names)  # noqa: S102 - it is our own page that is tried
    verify, message = names["verify"], native.message()
    for secret in native.secrets:
        verify(secret, message.headers, message.body)
    with pytest.raises(WebhookVerificationError):
        verify(_WHSEC, message.headers, message.body + b" ")


@pages
def test_they_refuse_what_is_old(page: _Page, verify: Verify) -> None:
    message = page.message(age=timedelta(minutes=6))
    told = verify(page.dialect, page.secrets[0], message.headers, message.body)
    assert told == ("too old" if page.dated else "ok")


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
