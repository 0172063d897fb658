"""Checks of what is around the program: settings, secret key, mail, port."""

import difflib
import errno
import re
import socket
import stat
from collections.abc import AsyncIterator, Iterator
from dataclasses import fields
from pathlib import Path

from app import serving
from app.doctor.checks import Finding, Patient, check, note, ok, problem
from app.posting import postman_of, told
from app.service.connectors import Unanswered
from app.service.vault import BadKey, Sealed, Vault, read_keys
from app.service.work import Failed
from app.settings import PREFIX, Settings
from app.store import is_embedded, sqlite_path
from app.warehouse.client import Client

_KUBERNETES = re.compile(r"_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP)(_\w+)?)$")
"""What it tells pods of a service of our name."""


@check("settings")
def settings(patient: Patient) -> Iterator[Finding]:
    known = [f"{PREFIX}{field.name.upper()}" for field in fields(Settings)]
    unknown = [
        name
        for name in sorted(patient.environment)
        if name.startswith(PREFIX) and name not in known and not _KUBERNETES.search(name)
    ]
    for name in unknown:
        near = difflib.get_close_matches(name, known, 1, 0.85)
        if near:
            yield problem(f"{name} is no setting", f"is {near[0]} meant? docs/settings.md lists all")
        else:
            yield note(f"{name} is no setting", "nothing reads it; docs/settings.md lists those there are")
    if not unknown:
        yield ok("every DRAGOMAN_ variable is a setting")


@check("secret key")
def secret_key(patient: Patient) -> Iterator[Finding]:
    path = _key_file(patient)
    if path is not None and path.exists():
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            yield problem(f"{path} may be read by others (mode {mode:o})", f"chmod 600 {path}")
    elif path is not None:
        yield note(f"{path} is not there yet", "the first start makes it; if there was one, bring it back")
        return
    elif not patient.settings.secret_key:
        yield problem(
            "DRAGOMAN_SECRET_KEY is not set, and PostgreSQL needs it",
            "set it to what `dragoman secret` prints, the same in all processes, and keep a copy",
        )
        return
    try:
        if not _keys(patient):
            raise BadKey("it is empty")
    except (OSError, BadKey) as error:
        yield problem(f"{path} cannot be used: {error}", "bring it back from the backup, for this user to read")
    else:
        yield ok("there is one")


def _key_file(patient: Patient) -> Path | None:
    """Where the key is, unless the settings say it."""
    url = patient.settings.database_url
    return None if patient.settings.secret_key or not is_embedded(url) else Path(f"{sqlite_path(url)}.key")


def _keys(patient: Patient) -> list[str]:
    """As the vault has them, but never made. Raises OSError, BadKey."""
    path = _key_file(patient)
    if path is None:
        return read_keys(patient.settings.secret_key)
    return read_keys(path.read_text()) if path.exists() else []


@check("stored secrets", stored=True)
async def stored_secrets(patient: Patient) -> AsyncIterator[Finding]:
    """Whether the key is the one that sealed what is stored: a secret that does not open tells."""
    try:
        vault = Vault(_keys(patient))
    except (OSError, BadKey):
        return  # said above
    for tenant in await patient.store.tenants():
        sealed = [x.text for each in await patient.store.subscriptions(tenant.id) for x in each.secrets]
        sealed += [each.sealed_secret for each in await patient.store.credentials(tenant.id) if each.sealed_secret]
        if not all(_opens(vault, text) for text in sealed):
            yield problem(
                f"the key does not open all secrets of {tenant.name}: some were sealed with another",
                "set the old key behind the new one, `new,old`; if it is lost, give webhooks and keys new secrets",
            )


def _opens(vault: Vault, sealed: str) -> bool:
    try:
        vault.open(sealed)
    except Sealed:
        return False
    return True


@check("mail")
async def mail(patient: Patient) -> AsyncIterator[Finding]:
    try:
        await postman_of(patient.settings).check()
    except (Failed, OSError) as failed:
        yield problem(str(failed), "correct DRAGOMAN_SMTP_URL, see docs/mail.md; mail waits and is tried again")
    else:
        yield ok(f"to customers {told(patient.settings)}")


@check("port")
async def port(patient: Patient) -> AsyncIterator[Finding]:
    host, number = patient.settings.host, patient.settings.port
    try:
        serving.listen(host, number, 1).close()
    except socket.gaierror:
        yield problem(f"the name {host} does not resolve", "correct DRAGOMAN_HOST; 0.0.0.0 is every address")
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            yield await _taken(host, number)
        elif error.errno == errno.EACCES:
            yield problem(f"this user may not listen on port {number}", "take one from 1024 on, and a proxy before it")
        else:
            yield problem(f"cannot listen on {host} port {number}: {error.strerror}", "correct DRAGOMAN_HOST")
    else:
        yield ok(f"{host} port {number} is free, which is DRAGOMAN_PORT; `dragoman serve --port` may name another")


async def _taken(host: str, number: int) -> Finding:
    """By ourselves, most of the time."""
    client = Client(allow_private=True)
    try:
        answer = await client.look("GET", f"{serving.url_of(host, number)}/health/ready", 5.0)
    except Unanswered:
        answer = None
    finally:
        await client.close()
    if answer is None or b'"status":' not in answer.body:
        return problem(
            f"{host} port {number} is taken by another program", "set another DRAGOMAN_PORT, or end that one"
        )
    if answer.status != 200:
        return problem(
            f"the server at port {number} is not ready: {answer.body.decode('utf-8', 'replace')}", "see its log"
        )
    return ok(f"a server is at port {number}, and ready")
