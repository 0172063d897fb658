"""Sealing what must be read back, and where its key comes from."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.service.vault import BadKey, Sealed, Vault, key_file, new_key, read_keys
from app.settings import SettingError, Settings, load
from app.vaults import vault_of, vault_or_none


def test_what_is_sealed_can_be_opened_and_not_read() -> None:
    vault = Vault([new_key()])
    sealed = vault.seal("a sécret")
    assert vault.open(sealed) == vault.open(sealed) == "a sécret"
    assert "cret" not in sealed
    assert vault.seal("a sécret") != sealed


def test_a_new_key_in_front_seals_and_the_old_one_still_opens() -> None:
    old, new = new_key(), new_key()
    before = Vault([old]).seal("secret")
    both = Vault(read_keys(f"{new}, {old}\n"))
    assert both.open(before) == "secret"
    assert Vault([new]).open(both.seal("secret")) == "secret"
    with pytest.raises(Sealed):
        Vault([new]).open(before)


# Named, since tests side by side must have the same names everywhere.
@pytest.mark.parametrize(
    "text",
    ["short", new_key()[:-2], "ö" * 44, f"{new_key()} x"],
    ids=["short", "cut", "not ASCII", "one that is and one that is not"],
)
def test_what_is_no_key_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(BadKey) as refused:
        read_keys(text)
    assert text not in str(refused.value)


def test_a_vault_needs_a_key() -> None:
    with pytest.raises(BadKey):
        Vault(read_keys(" , "))


def test_nothing_shows_the_key() -> None:
    key = new_key()
    settings = load({"DRAGOMAN_SECRET_KEY": key})
    assert settings.secret_key == key
    assert key not in repr(settings) + repr(vault_of(settings))


def test_the_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "dragoman.db.key"
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: key_file(path), range(16)))
    assert {tuple(keys) for keys in found} == {tuple(found[0])}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_without_a_key_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("\n")
    with pytest.raises(BadKey):
        key_file(path)
    assert path.read_text() == "\n"


def test_an_embedded_database_has_its_key_beside_it(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/my.db")
    sealed = vault_of(settings).seal("secret")
    assert (tmp_path / "my.db.key").exists()
    assert vault_of(settings).open(sealed) == "secret"
    (tmp_path / "my.db.key").write_text("broken")
    with pytest.raises(SettingError, match=r"my\.db\.key cannot be used"):
        vault_of(settings)


def test_a_given_key_goes_before_the_file(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/my.db", secret_key=new_key())
    vault_of(settings)
    assert list(tmp_path.iterdir()) == []


def test_another_database_needs_one_in_the_settings() -> None:
    settings = Settings(database_url="postgresql://localhost/x")
    assert vault_or_none(settings) is None
    with pytest.raises(SettingError, match="dragoman secret"):
        vault_of(settings)
