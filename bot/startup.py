"""What `handrail run` does beside keeping processes: prepares the database, makes the first sign-in, greets."""

from __future__ import annotations

import json
import os
import threading
import time
import urllib.request
from collections.abc import Callable

from sqlalchemy import Connection, func, select

from bot.settings import Settings
from bot.store.database import DatabaseAway, Store
from bot.store.migrate import migrate
from bot.store.tables import staff

FIRST_NAME, FIRST_ROLE = "supervisor", "supervisor"
RETRY = 2.0  # seconds between attempts at a database that is away


def prepare_database(settings: Settings, say: Callable[[str], None]) -> str | None:
    """Brings the schema up to date and makes a first sign-in where nobody has one.

    A database that is away does not stop the start: `web` gives young people numbers meanwhile, and this goes on trying.

    Returns:
        The one-time password of the first sign-in, when one was made now.
    """
    os.environ.setdefault("PGCONNECT_TIMEOUT", "5")
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    try:
        return _prepare(settings)
    except DatabaseAway:
        say("The database is away. Young people are given help numbers; trying again until it is there.")
        threading.Thread(target=_prepare_later, args=(settings, say), name="prepare-database", daemon=True).start()
        return None


def _prepare(settings: Settings) -> str | None:
    migrate(settings.database_url, settings.load_key())
    if not settings.bound_to_loopback:
        return None  # a password in the log of a server is nobody's secret; `handrail staff add` makes the first there
    store = Store(settings.database_url, settings.load_key())
    try:
        return store.write_now(lambda connection: _first_sign_in(connection, store.now(connection)))
    finally:
        store.engine.dispose()


def _prepare_later(settings: Settings, say: Callable[[str], None]) -> None:
    while True:
        time.sleep(RETRY)
        try:
            password = _prepare(settings)
        except DatabaseAway:
            continue
        say("The database is there.")
        if password is not None:
            say(first_sign_in_line(password))
        return


def _first_sign_in(connection: Connection, now: float) -> str | None:
    from bot.http.sign_in import add_staff

    if connection.execute(select(func.count()).select_from(staff)).scalar_one():
        return None
    return add_staff(connection, FIRST_NAME, FIRST_ROLE, None, now)


def first_sign_in_line(password: str) -> str:
    return f"first sign-in   name: {FIRST_NAME}   one-time password: {password}"


class Greeting:
    """Prints the addresses as soon as `web` answers.

    Args:
        password: of the first sign-in, when one was just made.
    """

    def __init__(self, settings: Settings, password: str | None, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._password = password
        self._say = say

    def tick(self) -> bool:
        """Returns whether to be called again."""
        if not self._web_answers():
            return True
        chat, desk = addresses(self._settings)
        self._say(f"chat  {chat}\ndesk  {desk}")
        if self._password is not None:
            self._say(first_sign_in_line(self._password))
        self._say("Ctrl-C ends it.")
        return False

    def _web_answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{_own_address(self._settings)}/health", timeout=0.5) as answer:
                return bool(json.load(answer)["web"] == "ok")
        except (OSError, ValueError, KeyError, TypeError):
            return False


def addresses(settings: Settings) -> tuple[str, str]:
    """Where a browser finds the chat and the desk."""
    own = _own_address(settings)
    return f"{settings.chat_origin or own}/", f"{settings.desk_origin or own}/desk"


def _own_address(settings: Settings) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(settings.host, settings.host)
    return f"http://{host}:{settings.port}"
