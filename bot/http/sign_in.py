"""Signing in at the desk: argon2 passwords, one-time passwords, sessions whose tokens only the browser knows."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Row, Select, bindparam, delete, select, update
from sqlalchemy.exc import IntegrityError

from bot.errors import BadRequest, NotSignedIn, TooMany
from bot.store.tables import staff, staff_sessions

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
TRIES = 5  # wrong passwords until a name is locked
LOCKED = 300.0  # seconds
TOUCH_EVERY = 60.0  # seconds between two notes that a session is in use
NAME_MOST = 80
ROLES = ("counsellor", "supervisor", "content", "safeguarding", "admin")

_hasher = PasswordHasher()  # argon2id with the library's parameters, RFC 9106's second recommended option
# Built once: it runs for every call of every desk, and building it costs more than running it.
_SESSION: Select[Any] = (
    select(
        staff.c.id,
        staff.c.name,
        staff.c.role,
        staff.c.must_change_password,
        staff_sessions.c.csrf,
        staff_sessions.c.seen_at,
    )
    .join_from(staff_sessions, staff, staff_sessions.c.staff_id == staff.c.id)
    .where(
        staff_sessions.c.token_hash == bindparam("token"),
        staff_sessions.c.seen_at > bindparam("idle_since"),
        staff_sessions.c.created_at > bindparam("opened_since"),
        staff.c.disabled_at.is_(None),
    )
)
_NOBODY = _hasher.hash(secrets.token_urlsafe(16))  # an unknown name costs as much time as a known one


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """When a sign-in ends, in seconds. `app.state.session_limits` may hold others.

    Attributes:
        idle: without any call; an open desk calls every few seconds.
        most: in any case: a long shift.
    """

    idle: float = 60 * 60.0
    most: float = 12 * 3600.0


@dataclass(frozen=True, slots=True)
class Account:
    """What checking a password needs; read in one transaction, checked outside of it."""

    id: int
    password_hash: str


def add_staff(connection: Connection, name: str, role: str, password: str | None, now: float) -> str | None:
    """Adds somebody, and returns their one-time password unless a lasting one was given.

    Raises:
        BadRequest: the name is taken or unusable, the role unknown, or the password too short.
    """
    name = name.strip()
    if not 1 <= len(name) <= NAME_MOST:
        raise BadRequest(f"A name has 1 to {NAME_MOST} signs.")
    if role not in ROLES:
        raise BadRequest(f"There is no role {role!r}; there are {', '.join(ROLES)}.")
    one_time = None if password is not None else secrets.token_urlsafe(12)
    hashed = hash_password(password if password is not None else one_time or "")
    try:
        with connection.begin_nested():
            connection.execute(
                staff.insert().values(
                    name=name, role=role, password_hash=hashed, must_change_password=one_time is not None, created_at=now
                )
            )
    except IntegrityError as error:
        raise BadRequest(f"Somebody is called {name!r} already.") from error
    return one_time


def hash_password(password: str) -> str:
    """The argon2id hash. Takes tens of milliseconds: not for the event loop. Raises `BadRequest` for a bad length."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadRequest(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} signs.")
    return _hasher.hash(password)


def account(connection: Connection, name: str, now: float) -> Account | None:
    """The account of a name, None for an unknown or disabled one. Raises `TooMany` while it is locked."""
    row = connection.execute(select(staff).where(staff.c.name == name.strip())).one_or_none()
    known = Account(row.id, row.password_hash) if row is not None and row.disabled_at is None else None
    locked_until = row.locked_until if row is not None and known is not None else _strangers.locked_until(name)
    if locked_until is not None and locked_until > now:
        raise TooMany("Too many wrong passwords. Wait five minutes, or ask your supervisor.")
    return known


def check(known: Account | None, password: str) -> bool:
    """Whether the password is right. Takes tens of milliseconds whatever the answer: not for the event loop."""
    try:
        right = _hasher.verify(known.password_hash if known else _NOBODY, password[: LONGEST_PASSWORD + 1])
    except (VerificationError, InvalidHashError):
        return False
    return right and known is not None


def failed(connection: Connection, known: Account | None, name: str, now: float) -> None:
    """Counts a wrong password; the fifth locks the name for five minutes, whether anybody has that name or not."""
    if known is None:
        _strangers.count(name, now)
        return
    counted = update(staff).where(staff.c.id == known.id).values(failed_sign_ins=staff.c.failed_sign_ins + 1)
    tries = connection.execute(counted.returning(staff.c.failed_sign_ins)).scalar_one()
    if tries >= TRIES:
        connection.execute(update(staff).where(staff.c.id == known.id).values(failed_sign_ins=0, locked_until=now + LOCKED))


def open_session(connection: Connection, known: Account, now: float) -> str:
    """A new session's token; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    connection.execute(update(staff).where(staff.c.id == known.id).values(failed_sign_ins=0, locked_until=None))
    connection.execute(
        staff_sessions.insert().values(
            token_hash=_hash(token), staff_id=known.id, csrf=secrets.token_urlsafe(24), created_at=now, seen_at=now
        )
    )
    return token


def session(
    connection: Connection, token: str, now: float, limits: SessionLimits = SessionLimits()
) -> Row[Any] | None:
    """Who a session's token stands for (`id`, `name`, `role`, `csrf`, `must_change_password`), None when it is over."""
    if not token:
        return None
    asked = {"token": _hash(token), "idle_since": now - limits.idle, "opened_since": now - limits.most}
    return connection.execute(_SESSION, asked).one_or_none()


def touch(connection: Connection, token: str, now: float) -> None:
    """Keeps a session alive that is in use."""
    connection.execute(update(staff_sessions).where(staff_sessions.c.token_hash == _hash(token)).values(seen_at=now))


def close_session(connection: Connection, token: str) -> None:
    connection.execute(delete(staff_sessions).where(staff_sessions.c.token_hash == _hash(token)))


def change_password(connection: Connection, staff_id: int, password_hash: str, keep_token: str) -> None:
    """Sets a new password and ends every other session of this person."""
    connection.execute(
        update(staff).where(staff.c.id == staff_id).values(password_hash=password_hash, must_change_password=False)
    )
    others = (staff_sessions.c.staff_id == staff_id) & (staff_sessions.c.token_hash != _hash(keep_token))
    connection.execute(delete(staff_sessions).where(others))


def account_of(connection: Connection, staff_id: int) -> Account:
    """Raises `NotSignedIn` when there is nobody with this id."""
    row = connection.execute(select(staff).where(staff.c.id == staff_id)).one_or_none()
    if row is None:
        raise NotSignedIn("You are not signed in.")
    return Account(row.id, row.password_hash)


class _Strangers:
    """Wrong sign-ins under names that nobody has: they lock as others do, so that a lock does not tell who works here."""

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._seen: OrderedDict[str, tuple[int, float | None]] = OrderedDict()

    def locked_until(self, name: str) -> float | None:
        return self._seen.get(name.strip(), (0, None))[1]

    def count(self, name: str, now: float) -> None:
        tries = self._seen.pop(name.strip(), (0, None))[0] + 1
        self._seen[name.strip()] = (0, now + LOCKED) if tries >= TRIES else (tries, None)
        if len(self._seen) > self._most:
            self._seen.popitem(last=False)


_strangers = _Strangers()


def same(given: str, wanted: str) -> bool:
    """Compares in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
