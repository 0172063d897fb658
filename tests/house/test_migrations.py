"""The schema that the program needs is the newest that the migrations make."""

from alembic.config import Config
from alembic.script import ScriptDirectory

from app.store.opening import HEAD
from tests.house.sources import APP


def test_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(APP / "store" / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]
