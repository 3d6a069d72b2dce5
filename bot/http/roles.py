"""Who may do what. Deny by default: a desk route without a rule is refused when the application starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.routing import APIRoute
from sqlalchemy import Connection, Row

from bot.errors import HandrailError, NotAllowed, NotSignedIn
from bot.http import sign_in
from bot.store.database import Store

ROLES = ("counsellor", "supervisor", "content", "safeguarding", "admin")
ANYBODY = frozenset({"*"})  # signed in or not: signing in itself
SAFE_METHODS = frozenset({"GET", "HEAD"})
COOKIE = "handrail_desk"


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in."""

    id: int
    name: str
    role: str
    csrf: str
    must_change_password: bool

    @property
    def supervises(self) -> bool:
        return self.role in {"supervisor", "safeguarding"}


class Rule:
    """A route's rule: which roles it is for, checked before anything of the request is used."""

    def __init__(self, roles: frozenset[str], one_time_password_too: bool) -> None:
        self.roles = roles
        self._one_time_password_too = one_time_password_too

    async def __call__(self, request: Request) -> Person:
        store: Store = request.app.state.store
        token = request.cookies.get(COOKIE, "")
        limits: sign_in.SessionLimits = getattr(request.app.state, "session_limits", sign_in.SessionLimits())

        def work(connection: Connection) -> tuple[Row[Any] | None, float]:
            now = store.now(connection)  # asked once: on PostgreSQL each asking goes there and back, at every call of every desk
            return sign_in.session(connection, token, now, limits), now

        row, now = await store.read(work)
        if row is None:
            raise NotSignedIn("You are not signed in.")
        if row.seen_at < now - sign_in.TOUCH_EVERY:
            await store.write(lambda connection: sign_in.touch(connection, token, now))
        person = Person(row.id, row.name, row.role, row.csrf, row.must_change_password)
        if person.must_change_password and not self._one_time_password_too:
            raise NotAllowed("Choose a password of your own first.", change_password=True, csrf=person.csrf)
        if person.role not in self.roles:
            raise NotAllowed("Your role may not do this.")
        # With a one-time password there is only changing it, and who does that shows the password itself.
        changes = request.method not in SAFE_METHODS and not person.must_change_password
        if changes and not sign_in.same(request.headers.get("x-csrf-token", ""), person.csrf):
            raise NotAllowed("This page is too old, or the request came from elsewhere. Load the page again.")
        return person


def allow(*roles: str, one_time_password_too: bool = False) -> Any:
    """The rule that lets these roles in; raises `ValueError` for an unknown one."""
    if not roles or set(roles) - set(ROLES):
        raise ValueError(f"unknown roles: {roles}")
    return Depends(Rule(frozenset(roles), one_time_password_too))


def open_to_anybody(endpoint: Callable[..., Any]) -> Callable[..., Any]:
    """Marks an endpoint that needs no sign-in."""
    endpoint.__handrail_open__ = True  # type: ignore[attr-defined]
    return endpoint


def rule_of(route: APIRoute) -> frozenset[str] | None:
    """The roles that a route lets in; `ANYBODY` for an open one, None for one without a rule."""
    if getattr(route.endpoint, "__handrail_open__", False):
        return ANYBODY
    for dependency in route.dependant.dependencies:
        if isinstance(dependency.call, Rule):
            return dependency.call.roles
    return None


def insist_on_rules(router: APIRouter) -> None:
    """Raises `HandrailError` when a route of `router` has no rule, or is of a kind that cannot have one.

    Give it each router before it is included in another: what is included is out of sight.
    """
    for route in router.routes:
        if not isinstance(route, APIRoute) or rule_of(route) is None:
            raise HandrailError(f"{getattr(route, 'path', route)} has no rule about who may use it")
