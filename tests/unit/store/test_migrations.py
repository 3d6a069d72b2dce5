from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, make_url, text

from bot.store.crypto import Cipher
from bot.store.database import DatabaseAway, Store
from bot.store.migrate import migrate
from bot.store.tables import metadata
from tests import postgresql

KEY = Cipher.make_key()


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    with postgresql.cluster() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    base = make_url(request.getfixturevalue("cluster")).set(drivername="postgresql+psycopg")
    name = f"migrations_{uuid.uuid4().hex}"
    admin = create_engine(base, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"create database {name}"))
    yield base.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"drop database {name} with (force)"))
    admin.dispose()


def test_the_migrations_make_the_schema_that_the_code_uses(empty_database: str) -> None:
    migrate(empty_database, KEY)

    with Store(empty_database, KEY).engine.connect() as connection:
        # Alembic cannot tell an empty default from none on SQLite.
        defaults = connection.dialect.name == "postgresql"
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": defaults})
        assert compare_metadata(context, metadata) == []


def test_one_conversation_cannot_have_two_open_handoffs(empty_database: str) -> None:
    migrate(empty_database, KEY)

    with Store(empty_database, KEY).engine.connect() as connection:
        indexes = {index["name"]: index for index in inspect(connection).get_indexes("handoffs")}
    assert indexes["ux_handoffs_one_open"]["unique"]
    assert indexes["ux_handoffs_one_open"]["dialect_options"]


def test_migrating_again_changes_nothing(empty_database: str) -> None:
    migrate(empty_database, KEY)
    migrate(empty_database, KEY)


def test_a_database_that_is_away_is_said_to_be_away() -> None:
    with pytest.raises(DatabaseAway):
        migrate("postgresql://nobody@127.0.0.1:1/none", KEY)
