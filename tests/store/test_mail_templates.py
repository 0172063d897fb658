"""A tenant's mail templates on both engines: as they were saved, nobody else's, once for each kind and language."""

from dataclasses import replace

import pytest

from app.core.mail_templates import MailTemplate
from app.core.model import CaseKind
from app.core.ports import Kept, Moved, ReplayKey, Store
from tests.store.world import START, table

OWN = MailTemplate(
    tenant_id="t1", kind=CaseKind.CANCEL, language="pt-BR", subject="Olá ☕ '{{ x }}'\n", html=None, updated_at=START
)


def kept(key: str) -> Kept:
    return Kept(key=ReplayKey("c1", key), fingerprint="f", reply="r", at=START)


async def test_saved_replaced_and_removed(store: Store) -> None:
    others = [replace(OWN, language="de"), replace(OWN, kind=CaseKind.RETURN), replace(OWN, tenant_id="t2")]
    for each in (OWN, *others):
        await store.save_mail_template(each)
    assert await store.mail_templates("t1") == [others[0], OWN, others[1]]
    new = replace(OWN, subject=None, text="t", updated_at=START.replace(year=2027))
    await store.save_mail_template(new)
    assert await store.mail_templates("t1") == [others[0], new, others[1]]
    await store.remove_mail_template("t1", CaseKind.CANCEL, "pt-BR")
    await store.remove_mail_template("t1", CaseKind.CANCEL, "pt-BR")
    assert await store.mail_templates("t1") == others[:2]
    assert await store.mail_templates("t2") == [others[2]]


async def test_with_the_reply_or_not_at_all(store: Store) -> None:
    await store.save_mail_template(OWN, kept("one"))
    with pytest.raises(Moved):
        await store.save_mail_template(replace(OWN, language="de"), kept("one"))
    with pytest.raises(Moved):
        await store.remove_mail_template("t1", CaseKind.CANCEL, "pt-BR", kept("one"))
    assert await store.mail_templates("t1") == [OWN]
    await store.remove_mail_template("t1", CaseKind.CANCEL, "pt-BR", kept("two"))
    assert await store.mail_templates("t1") == []
    assert [row["key"] for row in await table(store, "replays")] == ["one", "two"]
