"""The chat's HTTP API, as contract.md describes it."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import JSONResponse, Response

from bot.chat import afterwards, intake, leaving, replies, return_codes, turns
from bot.chat import conversations as lives
from bot.chat.service import ChatService
from bot.chat.taking import incoming, take
from bot.chat.views import message_view, status_view
from bot.errors import BadRequest, NotSignedIn, TooMany, Unavailable
from bot.http.bodies import json_object
from bot.http.events import HEARTBEAT, HEARTBEAT_EVERY, REREAD_EVERY, event, event_stream
from bot.store import transcript
from bot.store.database import DatabaseAway
from bot.triage.taxonomy import Tier

TYPING_FOR = 4.0  # seconds

router = APIRouter(prefix="/api/chat")


def _service(request: Request) -> ChatService:
    service: ChatService = request.app.state.chat
    return service


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _after(request: Request) -> int:
    last = request.headers.get("last-event-id") or request.query_params.get("after") or "0"
    if not re.fullmatch(r"\d{1,9}", last):
        raise BadRequest("`after` must be a sequence number.")
    return int(last)


@router.post("/conversations")
async def open_conversation(request: Request) -> Response:
    service = _service(request)
    body = await json_object(request)
    if service.closed_to_the_public:
        raise Unavailable("This is a demonstration. Nobody reads it.", **service.fixed_help())
    await service.slow_down(request.client.host if request.client else "")
    locale, country = body.get("locale"), body.get("country")

    def work(connection: Connection) -> dict[str, Any]:
        now = service.store.now(connection)
        opened = lives.create(
            connection,
            locale=locale if isinstance(locale, str) else "en",
            country=country.upper() if isinstance(country, str) else None,
            now=now,
            limits_version=service.content.policy.version,
        )
        replies.show(
            connection,
            opened.id,
            [replies.render(service.content, "utter_greeting", replies.scene(connection, opened.id, now))],
            now=now,
        )
        row = lives.by_token(connection, opened.token)
        return {
            "conversation": opened.id,
            "token": opened.token,
            "messages": [message_view(message) for message in transcript.messages_after(connection, opened.id)],
            "status": status_view(connection, service.content, row, now),
        }

    return JSONResponse(await service.store.write(work), status_code=201)


@router.post("/messages")
async def post_message(request: Request) -> Response:
    service = _service(request)
    body = await json_object(request)
    message = incoming(body)
    try:
        taken, assessment = await take(service, _token(request), message)
    except DatabaseAway as error:
        service.somebody_cannot_get_through()
        raise Unavailable("Your message was not sent. We try again by ourselves.", **service.fixed_help()) from error
    answer: dict[str, Any] = {"seq": taken.seq}
    if taken.message_tier >= Tier.HIGH:
        answer |= await service.help(_token(request), taken)
    return JSONResponse(answer, status_code=202 if taken.new else 200)


@router.get("/messages")
async def read_messages(request: Request) -> Response:
    service = _service(request)
    after, token = _after(request), _token(request)
    return JSONResponse(await service.store.read(partial(_since, service, token=token, after=after)))


def _since(service: ChatService, connection: Connection, *, token: str, after: int) -> dict[str, Any]:
    row = lives.by_token(connection, token)
    after = max(after, row.hidden_upto)  # what was said before a return by code is never shown again
    return {
        "messages": [message_view(message) for message in transcript.messages_after(connection, row.id, after)],
        "status": status_view(connection, service.content, row, service.store.now(connection)),
    }


@router.get("/events")
async def events(request: Request) -> Response:
    service = _service(request)
    after, token = _after(request), _token(request)
    conversation_id = await service.store.write(lambda connection: _back(connection, token))
    return event_stream(_stream(service, token, conversation_id, after))


def _back(connection: Connection, token: str) -> str:
    row = lives.by_token(connection, token)
    lives.came_back(connection, row)
    return str(row.id)


async def _stream(service: ChatService, token: str, conversation_id: str, after: int) -> AsyncIterator[str]:
    """Status first, then messages by cursor; every signal and every five seconds are a reason to read again."""
    shown: dict[str, Any] | None = None
    spoke_at = time.monotonic()
    async with service.store.signals.subscribe("conversation", conversation_id) as waiter:
        while not service.stopping:
            try:
                news = await service.store.read(partial(_since, service, token=token, after=after))
            except NotSignedIn:
                return
            except DatabaseAway:
                news = {"messages": [], "status": shown}
            if news["status"] != shown and news["status"] is not None:
                shown = news["status"]
                spoke_at = time.monotonic()
                yield event("status", shown)
            for message in news["messages"]:
                after = message["seq"]
                spoke_at = time.monotonic()
                yield event("message", message, event_id=after)
            if time.monotonic() - spoke_at >= HEARTBEAT_EVERY:
                spoke_at = time.monotonic()
                yield HEARTBEAT
            await waiter.wait(REREAD_EVERY)


@router.post("/typing")
async def typing(request: Request) -> Response:
    service, token = _service(request), _token(request)

    def work(connection: Connection) -> None:
        row = lives.by_token(connection, token)
        now = service.store.now(connection)
        turns.typing(connection, row.id, now, quiet=intake.FRAGMENT_QUIET, most=intake.FRAGMENT_MOST)
        lives.typing(connection, row.id, until=now + TYPING_FOR)

    await service.store.write(work)
    return Response(status_code=204)


@router.post("/leave")
async def leave(request: Request) -> Response:
    """Also from `sendBeacon`, which can set no header: then the token is in the body, with what was not sent yet.

    Who ends the chat is answered with two questions and where to turn later; the exit is answered with nothing.
    """
    service = _service(request)
    body = await json_object(request)
    how = body.get("how")
    if how not in {"exit", "end", "hidden"}:
        raise BadRequest("`how` is exit, end or hidden.")
    token = _token(request) or (body.get("token") if isinstance(body.get("token"), str) else "") or ""
    unsent = leaving.pressed(body.get("unsent"))
    if unsent and not token and how != "end":
        await service.slow_down(request.client.host if request.client else "")
        token, how = await leaving.open_late(service, body.get("locale")), "exit"  # no device holds this token
    await leaving.take_all(service, token, unsent)

    def work(connection: Connection) -> dict[str, Any]:
        row, now = lives.by_token(connection, token), service.store.now(connection)
        shown = afterwards.ended(connection, service.content, row, keys, now) if how == "end" else {}
        lives.leave(connection, row, how, now)
        return shown

    keys = request.app.state.settings.load_key()
    shown = await service.store.write(work)
    service.worker.wake()
    return JSONResponse(shown) if shown else Response(status_code=204)


@router.post("/return-code")
async def make_return_code(request: Request) -> Response:
    """Three words with which the young person can take the chat up again, once; a new code replaces the one before."""
    service, token = _service(request), _token(request)
    settings = request.app.state.settings
    row = await service.store.read(lambda connection: lives.by_token(connection, token))
    code = return_codes.make(return_codes.word_list(settings.data_dir))
    code_hash = (await asyncio.to_thread(return_codes.hashes, code, settings.load_key()))[0]
    await service.store.write(
        lambda connection: return_codes.keep(connection, row, code_hash, service.store.now(connection))
    )
    return JSONResponse({"code": code, "days": return_codes.DAYS}, status_code=201)


@router.post("/return")
async def come_back(request: Request) -> Response:
    """Place and context for three words, as a newly opened chat: what was said before is not in it."""
    service = _service(request)
    code = (await json_object(request)).get("code")
    if not isinstance(code, str) or len(code) > 200:
        raise BadRequest("Type the three words.")
    if service.closed_to_the_public:
        raise Unavailable("This is a demonstration. Nobody reads it.", **service.fixed_help())
    address = request.client.host if request.client else ""
    if return_codes.TRIES.exceeded(address) or return_codes.TRIES_OF_ALL.exceeded(""):
        raise TooMany("That was tried many times. Wait ten minutes, or start a new chat now.")
    code_hashes = await asyncio.to_thread(return_codes.hashes, code, request.app.state.settings.load_key())

    def work(connection: Connection) -> dict[str, Any]:
        now = service.store.now(connection)
        opened = return_codes.come_back(connection, code_hashes, now)
        return {
            "conversation": opened.id,
            "token": opened.token,
            **_since(service, connection, token=opened.token, after=0),
        }

    return JSONResponse(await service.store.write(work), status_code=201)


@router.post("/language")
async def change_language(request: Request) -> Response:
    service, token = _service(request), _token(request)
    locale = (await json_object(request)).get("locale")

    def work(connection: Connection) -> None:
        lives.set_locale(connection, lives.by_token(connection, token).id, locale if isinstance(locale, str) else "")

    await service.store.write(work)
    return Response(status_code=204)


@router.delete("/conversation")
async def erase(request: Request) -> Response:
    service, token = _service(request), _token(request)

    def work(connection: Connection) -> None:
        lives.erase(connection, lives.by_token(connection, token), service.store.now(connection))

    await service.store.write(work)
    return Response(status_code=204)

