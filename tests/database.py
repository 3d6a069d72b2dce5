"""A fresh database for a test: SQLite, or PostgreSQL when `HANDRAIL_TEST_DATABASE_URL` names a cluster."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from bot.store.tables import metadata


@contextmanager
def fresh_database(tmp_path: Path) -> Iterator[str]:
    """The address of an empty database with all tables; dropped afterwards."""
    with empty_database(tmp_path) as url:
        engine = create_engine(url)
        metadata.create_all(engine)
        engine.dispose()
        yield url


@contextmanager
def empty_database(tmp_path: Path) -> Iterator[str]:
    """The address of a database without tables; dropped afterwards."""
    cluster = os.environ.get("HANDRAIL_TEST_DATABASE_URL")
    if not cluster:
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    base = make_url(cluster).set(drivername="postgresql+psycopg")
    name = f"test_{uuid.uuid4().hex}"
    admin = create_engine(base, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'create database "{name}"'))
    try:
        yield base.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f'drop database "{name}" with (force)'))
        admin.dispose()
