"""The desk's pages; who is not signed in, or has a one-time password, gets the door instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Row
from starlette.responses import RedirectResponse, Response
from starlette.templating import Jinja2Templates

from bot.http import sign_in
from bot.http.roles import COOKIE
from bot.store.database import Store

NEVER_KEPT = {"Cache-Control": "no-store"}

router = APIRouter()
templates = Jinja2Templates(directory=Path(__file__).parent / "templates")


@router.get("/desk")
async def desk_page(request: Request) -> Response:
    """The desk; an administrator, who has no place at it, gets the records."""
    row = await _signed_in(request)
    if row is not None and row.role == "admin":
        return RedirectResponse("/desk/records", status_code=303, headers=NEVER_KEPT)
    return _page(request, "desk.html" if row is not None else "sign_in.html")


@router.get("/desk/records")
async def records_page(request: Request) -> Response:
    """The week's list of what triage missed, legal holds, and exports."""
    row = await _signed_in(request)
    if row is not None and row.role not in ("supervisor", "safeguarding", "admin"):
        return RedirectResponse("/desk", status_code=303, headers=NEVER_KEPT)
    return _page(request, "records.html" if row is not None else "sign_in.html")


async def _signed_in(request: Request) -> Row[Any] | None:
    """Who is signed in with a password of their own."""
    store: Store = request.app.state.store
    token = request.cookies.get(COOKIE, "")
    row = await store.read(lambda connection: sign_in.session(connection, token, store.now(connection)))
    return None if row is None or row.must_change_password else row


def _page(request: Request, template: str) -> Response:
    context = {"demonstration": request.app.state.demonstration}
    return templates.TemplateResponse(request, template, context, headers=NEVER_KEPT)
