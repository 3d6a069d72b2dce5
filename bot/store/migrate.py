"""Brings a database to the newest schema."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from bot.store.database import Store

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 7_242_457_245  # any number, the same for all: PostgreSQL's advisory lock that lets one process migrate at a time


def migrate(store_url: str, key: str) -> None:
    """Runs every migration that the database has not seen, all in one transaction; does nothing on a current one.

    Args:
        store_url: as `bot.store.database.Store` takes it.
        key: the encryption keys; a migration may have to read what is encrypted.

    Raises:
        DatabaseAway: the database cannot be reached.
        CipherError: the key is no key.
    """
    store = Store(store_url, key)
    try:
        store.write_now(_upgrade)
    finally:
        store.engine.dispose()


def configuration(connection: Connection) -> Config:
    """Alembic's configuration for this connection, without an `alembic.ini`."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    command.upgrade(configuration(connection), "head")
