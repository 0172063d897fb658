"""Tokens by themselves: how long they are good, under which secret key, for which dialect, and what is none."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.core.refusal import Code, Refusal
from app.service.clock import Clock
from app.service.tokens import Tokens
from app.service.vault import Vault, new_key


class _Time:
    def __init__(self) -> None:
        self.at = datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


def _tokens(time: _Time, *keys: str, dialect: str = "happycolis") -> Tokens:
    return Tokens(Vault(keys), Clock(time), dialect, lifetime=60, refresh_lifetime=600)


def _cause(function: Any, token: str) -> Any:
    with pytest.raises(Refusal) as refused:
        function(token)
    assert refused.value.code is Code.UNAUTHENTICATED
    return refused.value.facts["cause"]


def test_tokens_expire() -> None:
    time, key = _Time(), new_key()
    tokens = _tokens(time, key)
    issued = tokens.issue("t", "c", ["view_orders"])
    assert tokens.read(issued.access_token).scopes == ("view_orders",)
    time.at += timedelta(seconds=60)
    assert _cause(tokens.read, issued.access_token) == "expired"
    assert _cause(_tokens(time, key).read, issued.access_token) == "expired"
    assert tokens.renew(issued.refresh_token).credential_id == "c"
    time.at += timedelta(seconds=540)
    assert _cause(tokens.renew, issued.refresh_token) == "expired"


def test_a_new_secret_key_leaves_tokens_good_until_the_old_one_goes() -> None:
    time, old, new = _Time(), new_key(), new_key()
    issued = _tokens(time, old).issue("t", "c", ["view_orders"])
    both = _tokens(time, new, old)
    assert both.read(issued.access_token).tenant_id == "t"
    assert both.renew(issued.refresh_token).tenant_id == "t"
    assert _tokens(time, new).read(both.issue("t", "c", []).access_token).scopes == ()
    assert _cause(_tokens(time, new).read, issued.access_token) == "unknown"
    assert _cause(_tokens(time, new).renew, issued.refresh_token) == "unknown"


def test_another_dialects_tokens_are_worth_nothing() -> None:
    time, key = _Time(), new_key()
    issued = _tokens(time, key, dialect="another").issue("t", "c", ["view_orders"])
    assert _cause(_tokens(time, key).read, issued.access_token) == "unknown"
    assert _cause(_tokens(time, key).renew, issued.refresh_token) == "unknown"


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "eyJ" * 5000, "é.ü.ß", "eyJhbGciOiJIUzI1NiJ9.e30.AAAA"])
def test_what_is_no_token(text: str) -> None:
    tokens = _tokens(_Time(), new_key())
    assert _cause(tokens.read, text) in {"malformed", "unknown"}
    assert _cause(tokens.renew, text) == "unknown"
