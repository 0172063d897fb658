"""What clients ask for under an idempotency key, and what they were told. No test and no fixture is here."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import httpx

from tests.dialects.intents import Speaker
from tests.dialects.server import Wire
from tests.dialects.speakers import SPEAKERS
from tests.torture import afosto
from tests.torture.processes import PATIENCE

_TIMEOUT = 20.0
_KEYS = {"convictional": ("Authorization", ""), "shopline": ("Access-Token", "")}
_PASSING = frozenset({"INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE"})


@dataclass
class Ask:
    """A request that changes something. `id` is its idempotency key and, if it `says_why`, its reason.

    `case_id` is the case that its client was told of. `units` is what it takes of each line, where the request alone
    says so. `cut` is how many tries reached a server that never answered. `status` 0: its client was told nothing.
    `again` is the same once more, when all was over.
    """

    id: str
    kind: str
    dialect: str
    wire: Wire
    order_id: str = ""
    units: Mapping[str, int] = field(default_factory=dict)
    gives_up: bool = False
    tries: int = 0
    cut: int = 0
    status: int = 0
    body: bytes = b""
    case_id: str = ""
    says_why: bool = True
    replayed: bool = False
    contras: Sequence[str] = ()
    """Ids of what takes single items back, where it was the client who gave them."""
    again: "Ask | None" = None

    @property
    def done(self) -> bool:
        """Whether its client was told that it is in, though perhaps not yet decided."""
        return 200 <= self.status < 300


class UnansweredError(AssertionError):
    """A client asked for a whole minute: something is stuck."""


class Client:
    """Asks any of the web processes until one answers, as clients do that want to be sure; some give up at once."""

    def __init__(self, bases: Sequence[str], key: str, rng: random.Random) -> None:
        self._bases = bases
        self._key = key
        self._rng = rng
        self._http = httpx.Client(timeout=_TIMEOUT)

    def close(self) -> None:
        self._http.close()

    def ask(self, ask: Ask) -> Ask:
        """Fills in what was told. What a server says of itself (5xx) is no answer: it is asked again."""
        deadline = time.monotonic() + PATIENCE
        while not ask.status:
            ask.tries += 1
            answer = self._try(replace(ask.wire, headers={**ask.wire.headers, "Idempotency-Key": ask.id}), ask)
            if answer is not None and _understood(ask, answer):
                break
            if ask.gives_up:
                break
            if time.monotonic() > deadline:
                raise UnansweredError(f"{ask.wire.method} {ask.wire.path} ({ask.id}): {ask.tries} tries")
            time.sleep(self._rng.uniform(0.01, 0.2))
        return ask

    def get(self, path: str) -> Any:
        """As `read`, without more ado."""
        return self.read(Wire("GET", path))

    def read(self, wire: Wire, status: int = 200) -> Any:
        """What the answer with that status says, however long it takes."""
        return self._answer(wire, status).json()

    def text(self, path: str) -> str:
        return self._answer(Wire("GET", path), 200).text

    def _answer(self, wire: Wire, status: int) -> httpx.Response:
        deadline = time.monotonic() + PATIENCE
        while (answer := self._try(wire)) is None or _speaks_of_itself(answer):
            if time.monotonic() > deadline:
                raise UnansweredError(f"{wire.method} {wire.path}")
            time.sleep(self._rng.uniform(0.01, 0.2))
        assert answer.status_code == status, f"{wire.path}: {answer.status_code} {answer.text}"
        return answer

    def repeat(self, ask: Ask) -> None:
        """As a client does that lost the answer: it must find its request, and change nothing."""
        ask.again = self.ask(replace(ask, tries=0, status=0, gives_up=False))

    def _try(self, wire: Wire, ask: Ask | None = None) -> httpx.Response | None:
        name, scheme = _KEYS.get(wire.path.split("/")[1], ("Authorization", "Bearer "))
        headers = {name: f"{scheme}{self._key}", **{str(k): str(v) for k, v in wire.headers.items()}}
        if wire.content is not None:
            headers["Content-Type"] = "application/json"
        try:
            return self._http.request(
                wire.method, self._rng.choice(self._bases) + wire.path, content=wire.content, headers=headers
            )
        except httpx.ConnectError:
            return None
        except httpx.TransportError:
            if ask is not None:
                ask.cut += 1
            return None


def _understood(ask: Ask, answer: httpx.Response) -> bool:
    status, case_id = answer.status_code, answer.headers.get("Location", "").rpartition("/")[2]
    if ask.kind == "cancel" and ask.dialect == "native" and answer.is_success:
        case_id = answer.json()["request"]["id"]
    if ask.dialect == "happycolis" and answer.is_success:
        status, case_id = _in_band(answer.json())
    if ask.dialect == "afosto" and answer.is_success:
        status = afosto.status(answer.json(), ask.kind)
    if status >= 500:
        return False
    ask.status, ask.case_id, ask.body = status, case_id, answer.content
    ask.replayed = answer.headers.get("Idempotency-Replayed") == "true"
    return True


def _speaks_of_itself(answer: httpx.Response) -> bool:
    if answer.status_code >= 500 or not answer.url.path.endswith("/graphql"):
        return answer.status_code >= 500
    return any(error["extensions"]["code"] in _PASSING for error in answer.json().get("errors", ()))


def _in_band(told: Any) -> tuple[int, str]:
    """HappyColis answers everything with 200; a request that it refuses at once has an id that leads nowhere."""
    if "errors" in told:
        code = told["errors"][0]["extensions"]["code"]
        return (500 if code in _PASSING else 422), ""
    request = told["data"]["orderCancel"]
    return (409, "") if request["state"] == "REJECTED" else ({"PENDING": 202}.get(request["state"], 200), request["id"])


Cancelling = Callable[[Client, random.Random, str, Mapping[str, Any]], Ask | None]
"""Who asks, a choice of what, the ask's id, and the order as it was created; None: nothing that could be asked."""


def _in_words_of(speaker: Speaker) -> Cancelling:
    def ask(client: Client, rng: random.Random, id_: str, order: Mapping[str, Any]) -> Ask | None:
        how = rng.choice(("part", "part", "part", "rest", "whole"))
        line = rng.randrange(len(order["lines"]))
        units = rng.randint(1, order["lines"][line]["quantity"])
        wire, taken = None, {}
        if how == "part":
            seen = client.read(speaker.read(order))
            wire = speaker.cancel_part(order, seen, line, units, id_)
            taken = {order["lines"][line]["id"]: units}
            if wire is not None and (wire.body or {}).get("newQuantity", 0) < 0:
                return None
        elif how == "whole":
            wire = speaker.cancel_whole(order, id_)
        if wire is None:
            wire, taken = speaker.cancel_rest(order, None, id_), {}
        return Ask(id_, "cancel", speaker.name, wire, order["id"], taken, says_why=speaker.says_why)

    return ask


def _in_steps(client: Client, rng: random.Random, id_: str, order: Mapping[str, Any]) -> Ask | None:
    """Only its first: the others are requests of their own."""
    left = afosto.left(client.read(afosto.read(order["id"])), order)
    if not left:
        return None
    line_id, items = rng.choice(left)
    items = rng.sample(items, rng.randint(1, len(items)))
    contras = [str(uuid5(NAMESPACE_OID, id_ + item)) for item in items]
    wire = afosto.cancel(order["id"], dict(zip(items, contras, strict=True)), id_)
    return Ask(id_, "cancel", "afosto", wire, order["id"], {line_id: len(items)}, contras=contras)


CANCELLING: Mapping[str, Cancelling] = {
    **{name: _in_words_of(speaker) for name, speaker in SPEAKERS.items()},
    "afosto": _in_steps,
}
