"""Warehouses are asked whether units may go, and heard when they answer; their silence has an end.

Which system a location has, and where it is, is read when it is asked: so a change holds for the next try.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.core import ids
from app.core import units as u
from app.core.ledger import Ledger
from app.core.messages import Answer, Forwarded, Silence
from app.core.model import Ask, Case, CaseState, Party
from app.core.outbox import Job
from app.core.ports import Location, Ref, Registry
from app.core.refusal import Code, Refusal
from app.core.waiting import location_key
from app.service import places
from app.service.access import Caller
from app.service.clock import Clock
from app.service.connectors import CallBack, Connectors, Heard, Place, Question, Word
from app.service.desk import Desk, Once
from app.service.metering import Meter
from app.service.vault import Vault
from app.service.work import GONE, Handler, Hopeless, Later, refused

DIALECT = "warehouse"
"""Through which an answer came that came through no face."""
_SILENCE = "No answer from the warehouse in time"


class Fulfilment:
    """The handlers of the tasks `warehouse` and `deadline`, and the ear for call backs."""

    def __init__(
        self,
        desk: Desk,
        registry: Registry,
        clock: Clock,
        *,
        vault: Vault,
        connectors: Connectors,
        meter: Meter,
    ) -> None:
        self._desk = desk
        self._registry = registry
        self._clock = clock
        self._vault = vault
        self._connectors = connectors
        self._meter = meter

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {"warehouse": self.ask, "deadline": self.overdue}

    async def ask(self, job: Job) -> None:
        """Ask one location about one case, unless somebody has answered by now."""
        case_id, location_id = _named(job, "case_id", "location_id")
        caller = _caller(job.tenant_id, location_key(location_id))
        try:
            ledger = await self._desk.read(caller, Ref.through(DIALECT, "case", case_id))
            location = await self._registry.location(job.tenant_id, location_id)
            case = ledger.cases.get(case_id)
            ask = _open_ask(case, location_id)
            if case is None or ask is None or location is None:
                return
            await self._ask(caller, location, ledger, case, ask)
        except Refusal as no:
            refused(no)

    async def _ask(self, caller: Caller, location: Location, ledger: Ledger, case: Case, ask: Ask) -> None:
        connector = self._connectors.get(location.connector or "")
        if connector is None:
            return  # somebody answers by hand, or the deadline does
        question = Question(
            place=self._place(location),
            ledger=ledger,
            case=case,
            ask=ask,
            key=f"{case.id}:{location.id}",
            notes=_Notes(self, caller, case.id, location),
        )
        kind = location.connector or ""
        try:
            words = await connector.ask(question)
        except Later:
            self._meter.answered(kind, "later")
            raise
        except Exception:
            self._meter.answered(kind, "failed")
            raise
        if not words:
            self._meter.answered(kind, "asked")
        for word in words:
            await self.tell(caller, _answer(case.id, location.id, word))

    async def overdue(self, job: Job) -> None:
        """The deadline of a case: by the policy as it is now. A second one of the same case changes nothing."""
        (case_id,) = _named(job, "case_id")
        once = Once(f"deadline {case_id}", case_id)  # a worker that died may have done it already
        try:
            await self.tell(_caller(job.tenant_id, "deadline"), Silence(case_id=case_id, message=_SILENCE), once)
        except Refusal as no:
            refused(no)

    async def hear(self, tenant_id: str, location_id: str, headers: Mapping[str, str], body: bytes) -> list[str]:
        """A location calls back; returns the cases that it spoke about.

        Raises LOCATION_NOT_FOUND, UNAUTHENTICATED, INVALID, CASE_NOT_FOUND.
        """
        location = await self._registry.location(tenant_id, location_id)
        connector = self._connectors.get(location.connector or "") if location is not None else None
        if location is None or connector is None:
            raise Refusal(Code.LOCATION_NOT_FOUND)
        heard = await connector.hear(CallBack(place=self._place(location), headers=headers, body=body))
        caller, word = _caller(tenant_id, location_key(location_id)), heard.word
        found = await self._cases(caller, heard, location_id)
        if word is None:
            return found
        copies: dict[str, bool] = {}
        for case_id in found:
            order_id = ids.order_of(case_id)
            if copies.get(order_id):
                continue  # a copy of a message must not answer a question that was asked after it
            once = None if order_id in copies else _once(heard.id, order_id)
            copies[order_id] = await self.tell(caller, _answer(case_id, location_id, word), once)
        return found

    async def _cases(self, caller: Caller, heard: Heard, location_id: str) -> list[str]:
        if heard.case_id is not None:
            return [heard.case_id]
        ledgers: dict[str, Ledger] = {}
        for ref in heard.orders:
            try:
                ledger = await self._desk.read(caller, ref)
            except Refusal as no:
                if no.code not in GONE:
                    raise
            else:
                ledgers[ledger.order.id] = ledger
        return [
            case.id
            for ledger in ledgers.values()
            for case in ledger.order.cases
            if _open_ask(case, location_id) is not None
            and heard.units in {None, _units(ledger, case, location_id)}
        ]  # fmt: skip

    async def tell(self, caller: Caller, command: Answer | Forwarded | Silence, once: Once | None = None) -> bool:
        """Whether it was told before. Raises the command's refusals."""
        ref = Ref.through(DIALECT, "case", command.case_id)
        try:
            reply = await self._desk.act(caller, DIALECT, ref, command, lambda done: "", once=once)
        except Refusal as no:
            if no.code is not Code.ORDER_NOT_FOUND:
                raise
            raise Refusal(Code.CASE_NOT_FOUND) from no
        return reply.replayed

    async def learn(self, asked: Location, facts: Mapping[str, Any]) -> None:
        """Unless somebody has changed the location meanwhile: then it has to be learned anew."""
        location = await self._registry.location(asked.tenant_id, asked.id)
        if location is not None and location.updated_at == asked.updated_at:
            await self._registry.save_location(replace(location, settings=places.learned(location, facts)))

    def _place(self, location: Location) -> Place:
        return Place(
            tenant_id=location.tenant_id,
            location_id=location.id,
            settings=places.opened(location, self._vault),
            now=self._clock.now(),
        )


@dataclass(frozen=True, slots=True)
class _Notes:
    fulfilment: Fulfilment
    caller: Caller
    case_id: str
    location: Location

    async def forwarded(self, *, order_key: str | None = None, reference: str | None = None) -> None:
        command = Forwarded(
            case_id=self.case_id, location_id=self.location.id, order_key=order_key, reference=reference
        )
        await self.fulfilment.tell(self.caller, command)

    async def learned(self, facts: Mapping[str, Any]) -> None:
        await self.fulfilment.learn(self.location, facts)


def _named(job: Job, *names: str) -> tuple[str, ...]:
    payload = json.loads(job.payload)
    try:
        return tuple(str(payload[name]) for name in names)
    except KeyError as missing:
        raise Hopeless(f"the task does not say its {missing}") from missing


def _caller(tenant_id: str, credential_id: str) -> Caller:
    """The system itself, in the name of a warehouse."""
    return Caller(tenant_id, credential_id, Party.WAREHOUSE, frozenset(), None, None)


def _open_ask(case: Case | None, location_id: str) -> Ask | None:
    """The question to that location, while it has no answer."""
    if case is None or case.state is not CaseState.PENDING:
        return None
    return next((a for a in case.asks if a.location_id == location_id and a.state is CaseState.PENDING), None)


def _units(ledger: Ledger, case: Case, location_id: str) -> int:
    return sum(
        u.count(a.units) for a in ledger.order.adjustments if a.case_id == case.id and a.asked == location_id
    )  # fmt: skip


def _answer(case_id: str, location_id: str, word: Word) -> Answer:
    return Answer(case_id=case_id, location_id=location_id, accepted=word.accepted, message=word.message)


def _once(message_id: str, order_id: str) -> Once:
    """Whatever a message's id looks like."""
    digest = hashlib.sha256(message_id.encode("utf-8", "surrogateescape")).hexdigest()
    return Once(f"{digest} {order_id}", digest)
