"""The desk's page; who is not signed in, or has a one-time password, gets the door instead."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.templating import Jinja2Templates

from bot.http import sign_in
from bot.http.roles import COOKIE
from bot.store.database import Store

router = APIRouter()
templates = Jinja2Templates(directory=Path(__file__).parent / "templates")


@router.get("/desk")
async def desk_page(request: Request) -> Response:
    store: Store = request.app.state.store
    token = request.cookies.get(COOKIE, "")
    row = await store.read(lambda connection: sign_in.session(connection, token, store.now(connection)))
    inside = row is not None and not row.must_change_password
    context = {"demonstration": request.app.state.demonstration}
    return templates.TemplateResponse(
        request, "desk.html" if inside else "sign_in.html", context, headers={"Cache-Control": "no-store"}
    )
