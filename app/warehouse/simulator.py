"""The connector `simulator`: a warehouse that does what it is told, so that a partner can try what can happen.

What it does is set for the location, and for one order by `metadata.simulate`: a word, or an object with the same
keys as the location's settings.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from app.core.refusal import Code, Refusal
from app.service.connectors import CallBack, Heard, Question, Word
from app.service.work import Later
from app.warehouse import text

_NO = "Refused by the simulator"
_LONGEST = 86_400.0


class _Behaviour(msgspec.Struct):
    behaviour: str = "accept"
    delay: float = 0.0
    message: str | None = None


_Words = Callable[[str | None], list[Word]]
BEHAVIOURS: Mapping[str, _Words] = {
    "accept": lambda said: [Word(True, said)],
    "refuse": lambda said: [Word(False, said or _NO)],
    "silent": lambda said: [],
    "twice": lambda said: [Word(True, said), Word(True, said)],
    "contradict": lambda said: [Word(True, said), Word(False, said or _NO)],
}


class Simulator:
    async def ask(self, question: Question) -> Sequence[Word]:
        """Words that are not understood are refused with what is wrong, so that whoever wrote them gets to see it."""
        try:
            wanted = _wanted(question)
            words = BEHAVIOURS[wanted.behaviour]
        except (msgspec.ValidationError, KeyError) as error:
            return [Word(False, f"Simulator: {text.message(str(error))} is not one of {', '.join(BEHAVIOURS)}")]
        left = wanted.delay - (question.place.now - question.case.created_at).total_seconds()
        if left > 0:
            raise Later("the simulator takes its time", min(left, _LONGEST))
        return words(text.message(wanted.message))

    async def hear(self, call: CallBack) -> Heard:
        raise Refusal(Code.LOCATION_NOT_FOUND)


def _wanted(question: Question) -> _Behaviour:
    told: Any = question.ledger.order.metadata.get("simulate")
    for_order = _object({"behaviour": told} if isinstance(told, str) else told)
    # The location's words belong to what the location does.
    unsaid = {"message": None} if "behaviour" in for_order else {}
    return msgspec.convert({**question.place.settings, **unsaid, **for_order}, _Behaviour, strict=False)


def _object(told: Any) -> Mapping[str, Any]:
    if told is None:
        return {}
    if not isinstance(told, Mapping):
        raise msgspec.ValidationError("metadata.simulate")
    return told
