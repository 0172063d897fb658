"""The connector `http`: our JSON to a URL, answered at once or later by a call back (docs/warehouse.md)."""

from collections.abc import Sequence

import msgspec

from app.core.refusal import Code, Refusal
from app.service.connectors import CallBack, Heard, Question, Unanswered, Word
from app.service.work import Later
from app.warehouse import signing, wire
from app.warehouse.client import Answer, Client
from app.warehouse.retry import check_busy, seconds
from app.warehouse.settings import CallbackUrl, read_settings


class Settings(msgspec.Struct):
    url: str
    secret: str
    timeout: float = 10.0


class HttpService:
    """`callback_url` says where a location calls back, if this server knows its own address."""

    def __init__(self, client: Client, callback_url: CallbackUrl) -> None:
        self._client = client
        self._callback_url = callback_url

    async def ask(self, question: Question) -> Sequence[Word]:
        place = question.place
        settings = read_settings(place.settings, Settings)
        body = wire.question(question.ledger, question.case, place.location_id, self._callback_url(place))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": question.key,
            **signing.standard_headers(settings.secret, question.key, place.now, body),
        }
        answer = await self._client.post(settings.url, body, headers, settings.timeout)
        return _words(answer, place.now.timestamp())

    async def hear(self, call: CallBack) -> Heard:
        settings = read_settings(call.place.settings, Settings)
        message_id = signing.check_standard(settings.secret, call.headers, call.place.now, call.body)
        try:
            case_id, word = wire.read_call_back(call.body)
        except Unanswered as error:
            raise Refusal(Code.INVALID, field="body", problem=str(error)) from error
        return Heard(id=message_id, case_id=case_id, word=word)


def _words(answer: Answer, now: float) -> list[Word]:
    check_busy(answer, now)
    if answer.status == 202:
        wait = seconds(answer.retry_after, now)
        if wait is not None:
            raise Later("the location will know later", wait)
        return []
    if answer.status != 200:
        raise Unanswered(f"status {answer.status}")
    return [wire.read_answer(answer.body)]
