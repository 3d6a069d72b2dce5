"""The database: one way in for reads, one for writes, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from bot.errors import Unavailable
from bot.store.crypto import Cipher, use_cipher
from bot.store.signals import Signal, Signals

log = logging.getLogger(__name__)
T = TypeVar("T")

NOTIFY_CHANNEL = "handrail"


class DatabaseAway(Unavailable):
    """The database cannot be reached, is full, or is locked for too long."""


class Store:
    """Runs functions of a connection, each in one transaction, off the event loop.

    On SQLite every writing transaction is `BEGIN IMMEDIATE` on one writer thread, with WAL and `synchronous=FULL`, so
    what was acknowledged survives a killed process. On PostgreSQL a small pool of threads writes; rows are locked
    with `FOR UPDATE` where the order matters.

    Args:
        url: `sqlite:///path` or `postgresql://…`.
        key: the encryption key or keys, see `bot.store.crypto`.
    """

    def __init__(self, url: str, key: str) -> None:
        use_cipher(Cipher(key))
        self.signals = Signals()
        self._url = make_url(url)
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        if not self.is_sqlite:
            self._url = self._url.set(drivername="postgresql+psycopg")
        self.engine = (
            _sqlite_engine(self._url)
            if self.is_sqlite
            else create_engine(self._url, pool_size=12, pool_pre_ping=True, hide_parameters=True)
        )
        self._writers = ThreadPoolExecutor(1 if self.is_sqlite else 6, thread_name_prefix="store-write")
        self._readers = ThreadPoolExecutor(4, thread_name_prefix="store-read")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._listener: asyncio.Task[None] | None = None

    # -- for async callers

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Runs `work` in one writing transaction; its signals go out after the commit.

        Raises:
            DatabaseAway: when the database cannot do it; nothing was changed.
        """
        return await self._run(self._writers, lambda: self.write_now(work))

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Runs `work` in one reading transaction. Raises `DatabaseAway`."""
        return await self._run(self._readers, lambda: self.read_now(work))

    async def _run(self, pool: ThreadPoolExecutor, call: Callable[[], T]) -> T:
        self._loop = asyncio.get_running_loop()
        # Shielded: a caller that hangs up must not leave a transaction without anybody to see it through.
        return await asyncio.shield(self._loop.run_in_executor(pool, call))

    # -- for commands, tests and the threads above

    def write_now(self, work: Callable[[Connection], T]) -> T:
        try:
            with self.engine.begin() as connection:
                pending: list[Signal] = []
                connection.info["signals"] = pending
                result = work(connection)
                if not self.is_sqlite:
                    for signal in dict.fromkeys(pending):
                        connection.execute(
                            text("select pg_notify(:channel, :payload)"),
                            {"channel": NOTIFY_CHANNEL, "payload": f"{signal.channel} {signal.key}"},
                        )
        except (OperationalError, InterfaceError) as error:
            raise DatabaseAway("The database is away.") from error
        except DBAPIError as error:
            if error.connection_invalidated:
                raise DatabaseAway("The database is away.") from error
            raise
        if self.is_sqlite:
            self._dispatch(pending)
        return result

    def read_now(self, work: Callable[[Connection], T]) -> T:
        try:
            with self.engine.connect().execution_options(writes=False) as connection:
                return work(connection)
        except (OperationalError, InterfaceError) as error:
            raise DatabaseAway("The database is away.") from error

    def now(self, connection: Connection) -> float:
        """Seconds since the epoch by the database's clock; all processes on one database agree on it."""
        if self.is_sqlite:
            return time.time()
        return float(connection.execute(text("select extract(epoch from clock_timestamp())")).scalar_one())

    def _dispatch(self, signals: list[Signal]) -> None:
        if self._loop is None or self._loop.is_closed():
            return
        for signal in dict.fromkeys(signals):
            self._loop.call_soon_threadsafe(self.signals.dispatch, signal)

    # -- life

    async def start(self) -> None:
        """Starts listening to the other processes' signals; needs nothing of the database yet."""
        self._loop = asyncio.get_running_loop()
        if not self.is_sqlite:
            self._listener = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
        self._writers.shutdown(wait=True)
        self._readers.shutdown(wait=True)
        self.engine.dispose()

    async def _listen(self) -> None:
        import psycopg  # only here: on SQLite `web` need not wait for it to load

        url = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
                    await connection.execute(f"listen {NOTIFY_CHANNEL}")
                    self.signals.wake_all()
                    async for notice in connection.notifies():
                        channel, _, key = notice.payload.partition(" ")
                        self.signals.dispatch(Signal(channel, key))
            except (psycopg.Error, OSError):
                log.warning("lost the database's notifications; trying again")
            await asyncio.sleep(1)


def signal(connection: Connection, channel: str, key: str) -> None:
    """Announces a change when the transaction of `connection` commits."""
    connection.info.setdefault("signals", []).append(Signal(channel, key))


def _sqlite_engine(url: Any) -> Engine:
    engine = create_engine(url, connect_args={"timeout": 4, "check_same_thread": False}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _pragmas(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None  # we say BEGIN ourselves, see below
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            dbapi_connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes", True) else "BEGIN")

    return engine
