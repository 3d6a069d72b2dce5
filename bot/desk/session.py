"""Signing in and out of the desk, and who is signed in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Request
from pydantic import BaseModel, StringConstraints
from sqlalchemy import Connection, select
from starlette.responses import JSONResponse, Response

from bot.errors import BadRequest, NotSignedIn, TooMany
from bot.handoff import viewers
from bot.http import sign_in
from bot.http.limits import Pace
from bot.http.roles import COOKIE, ROLES, Person, allow, open_to_anybody
from bot.store.tables import presence, staff

router = APIRouter()
T = TypeVar("T")
Short = Annotated[str, StringConstraints(min_length=1, max_length=200)]
# Each check takes 64 MiB and tens of milliseconds: a flood of them must cost neither the loop nor the memory.
_checkers = ThreadPoolExecutor(2, thread_name_prefix="password")


class SignIn(BaseModel):
    name: Short
    password: Short


class NewPassword(BaseModel):
    old: Short
    new: Annotated[str, StringConstraints(min_length=sign_in.SHORTEST_PASSWORD, max_length=sign_in.LONGEST_PASSWORD)]


async def _in_thread(work: Callable[..., T], *given: Any) -> T:
    return await asyncio.get_running_loop().run_in_executor(_checkers, work, *given)


def _pace(request: Request) -> Pace:
    """Tries of one address, thirty a minute; the lock of a name comes on top."""
    state = request.app.state
    if not hasattr(state, "sign_in_pace"):
        state.sign_in_pace = Pace(30, 60.0)
    pace: Pace = state.sign_in_pace
    return pace


@router.post("/session")
@open_to_anybody
async def open_session(request: Request, body: SignIn) -> Response:
    store = request.app.state.store
    if _pace(request).exceeded(request.client.host if request.client else ""):
        raise TooMany("Too many tries. Wait a minute.")
    known = await store.write(lambda connection: sign_in.account(connection, body.name, store.now(connection)))
    right = await _in_thread(sign_in.check, known, body.password)
    if not right or known is None:
        await store.write(lambda connection: sign_in.failed(connection, known, body.name, store.now(connection)))
        raise NotSignedIn("Name or password is not right.")
    token = await store.write(lambda connection: sign_in.open_session(connection, known, store.now(connection)))
    limits = getattr(request.app.state, "session_limits", sign_in.SessionLimits())
    answer = Response(status_code=204)
    secure = request.app.state.settings.desk_origin.startswith("https://") or request.url.scheme == "https"
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure, path="/", max_age=int(limits.most))
    return answer


@router.delete("/session")
async def close_session(request: Request, person: Person = allow(*ROLES, one_time_password_too=True)) -> Response:
    store = request.app.state.store
    token = request.cookies.get(COOKIE, "")

    def work(connection: Connection) -> None:
        sign_in.close_session(connection, token)
        viewers.look_at(connection, person.id, None)

    await store.write(work)
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE, path="/")
    return answer


@router.post("/password")
async def change_password(
    request: Request, body: NewPassword, person: Person = allow(*ROLES, one_time_password_too=True)
) -> Response:
    store = request.app.state.store
    known = await store.read(lambda connection: sign_in.account_of(connection, person.id))
    if not await _in_thread(sign_in.check, known, body.old):
        raise BadRequest("The old password is not right.")
    if body.old == body.new:
        raise BadRequest("The new password is the old one. Choose another.")
    hashed = await _in_thread(sign_in.hash_password, body.new)
    token = request.cookies.get(COOKIE, "")
    await store.write(lambda connection: sign_in.change_password(connection, person.id, hashed, token))
    return Response(status_code=204)


@router.get("/me")
async def me(request: Request, person: Person = allow(*ROLES)) -> Response:
    def work(connection: Connection) -> Any:
        query = select(presence.c.state, staff.c.languages).join_from(staff, presence, isouter=True)
        return connection.execute(query.where(staff.c.id == person.id)).one()

    row = await request.app.state.store.read(work)
    known = {"name": person.name, "roles": [person.role], "csrf": person.csrf}
    return JSONResponse({**known, "presence": row.state or "off", "languages": row.languages.split()})
