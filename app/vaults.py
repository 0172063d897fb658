"""The vault that the settings describe: keys of the environment, or those in a file beside an embedded database."""

from pathlib import Path

from app.service.vault import BadKey, Vault, key_file, read_keys
from app.settings import SettingError, Settings
from app.store import is_embedded, sqlite_path

_MISSING = (
    "DRAGOMAN_SECRET_KEY is not set: it seals the secrets that are stored, and with PostgreSQL every process needs the "
    "same one. `dragoman secret` prints a new one; keep it as you keep the database's backups"
)


def vault_of(settings: Settings) -> Vault:
    """Makes the file where it is not there yet. Raises SettingError, OSError."""
    vault = vault_or_none(settings)
    if vault is None:
        raise SettingError(_MISSING)
    return vault


def vault_or_none(settings: Settings) -> Vault | None:
    """None without a key and with a database of its own: then nothing can be sealed here."""
    if settings.secret_key:
        return Vault(read_keys(settings.secret_key))
    if not is_embedded(settings.database_url):
        return None
    path = Path(f"{sqlite_path(settings.database_url)}.key")
    try:
        return Vault(key_file(path))
    except BadKey as bad:
        raise SettingError(f"{path} cannot be used: {bad}") from None
