"""The settings of a location's connector: secrets are kept sealed and never shown, what a connector learned stays.

Kept as one JSON object: what was given, `sealed` secrets by name, and what a connector `learned` by itself.
"""

import json
from collections.abc import Mapping
from typing import Any

from app.core.ports import Location
from app.core.refusal import Code, Refusal
from app.service import checks
from app.service.vault import Vault

_SEALED = "sealed"
_LEARNED = "learned"
_SECRETS: Mapping[str, tuple[str, ...]] = {"http": ("secret",), "happycolis": ("client_secret", "integration_token")}
"""By kind of connector; one of them is needed."""
_ADDRESSES = ("url", "token_url")
_IDENTITY = (*_ADDRESSES, "organization_id", "client_id", "tp_app_id")


def kept(
    kind: str | None, given: Mapping[str, Any], before: Location | None, vault: Vault, *, allow_private: bool
) -> str:
    """The settings as stored. A secret that is not given stays as it was, if the addresses it is sent to stay, too.

    Raises INVALID.
    """
    if kind is None:
        return "{}"
    secrets = _SECRETS.get(kind, ())
    facts = {name: value for name, value in given.items() if name not in secrets and value is not None}
    _check_addresses(facts, allow_private=allow_private)
    old = json.loads(before.settings) if before is not None and before.connector == kind else {}
    same = all(old.get(name) == facts.get(name) for name in _ADDRESSES)
    sealed = {name: text for name, text in old.get(_SEALED, {}).items() if same and name not in given}
    sealed |= {name: vault.seal(given[name]) for name in secrets if given.get(name) is not None}
    if secrets and not sealed:
        raise Refusal(Code.INVALID, field=f"connector.{secrets[0]}", problem="is missing")
    if _LEARNED in old and all(old.get(name) == facts.get(name) for name in _IDENTITY):
        facts[_LEARNED] = old[_LEARNED]
    return json.dumps(facts | ({_SEALED: sealed} if sealed else {}))


def shown(location: Location) -> dict[str, Any] | None:
    """The connector with its settings, without secrets and without what it learned."""
    if location.connector is None:
        return None
    facts = json.loads(location.settings)
    return {"kind": location.connector} | {n: value for n, value in facts.items() if n not in {_SEALED, _LEARNED}}


def opened(location: Location, vault: Vault) -> dict[str, Any]:
    """All settings, secrets and learned facts on one level. Raises Sealed."""
    facts = json.loads(location.settings)
    secrets = {name: vault.open(text) for name, text in facts.pop(_SEALED, {}).items()}
    return {**facts.pop(_LEARNED, {}), **facts, **secrets}


def learned(location: Location, facts: Mapping[str, Any]) -> str:
    """The settings with more that was learned."""
    settings = json.loads(location.settings)
    return json.dumps({**settings, _LEARNED: {**settings.get(_LEARNED, {}), **facts}})


def _check_addresses(facts: Mapping[str, Any], *, allow_private: bool) -> None:
    for name in _ADDRESSES:
        if name in facts:
            try:
                checks.check_url(facts[name], allow_private=allow_private)
            except Refusal as no:
                raise Refusal(Code.INVALID, **{**no.facts, "field": f"connector.{name}"}) from no
