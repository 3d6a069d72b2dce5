"""Puts the web process together: chat, desk, studio, and what they share."""

from __future__ import annotations

import asyncio
import fcntl
import logging
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI, Request
from sqlalchemy import text
from starlette.responses import JSONResponse
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Receive, Scope, Send

import bot.chat.afterwards
import bot.chat.pages
import bot.chat.plain
import bot.chat.routes
from bot.chat.engine_client import Carry, EngineClient
from bot.chat.service import ChatService
from bot.content import Content
from bot.desk.pages import router as desk_pages
from bot.desk.routes import desk_router
from bot.errors import HandrailError
from bot.handoff.oncall import Mail, OnCall, watch
from bot.handoff.staffing import staffing
from bot.http.errors import install_error_handlers
from bot.http.limits import BodyLimit, SecurityHeaders
from bot.readiness import problems
from bot.settings import Settings
from bot.store.database import Store

if TYPE_CHECKING:
    from bot.triage.detector import Detector

log = logging.getLogger(__name__)

ROOMS = Path(__file__).parent
READY_EVERY = 30.0  # seconds
DESK_PATHS = ("/desk", "/studio", "/api/desk", "/api/studio", "/static/desk", "/static/studio")
SHARED_PATHS = ("/health", "/static/shared")


class Origins:
    """Keeps chat and desk apart when each has an origin of its own: each then refuses the other's paths."""

    def __init__(self, app: ASGIApp, chat_origin: str, desk_origin: str) -> None:
        self.app = app
        self._chat = urlsplit(chat_origin).netloc
        self._desk = urlsplit(desk_origin).netloc

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._chat != self._desk and not scope["path"].startswith(SHARED_PATHS):
            host = dict(scope["headers"]).get(b"host", b"").decode("latin-1")
            wanted = self._desk if scope["path"].startswith(DESK_PATHS) else self._chat
            if wanted and host != wanted:
                await JSONResponse({"error": "There is nothing here."}, status_code=404)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def create_app(settings: Settings, engine: Carry | None = None) -> FastAPI:
    """The web application.

    Args:
        settings: where everything is.
        engine: for tests: carries the calls to the engine instead of the network.

    Raises:
        ContentError: the content in `data/` cannot be used.
        CipherError: there is no usable key.
    """
    store = Store(settings.database_url, settings.load_key())
    content = Content.load(settings.data_dir)
    bot.chat.pages.read_pages(settings.data_dir)
    oncall = _oncall(settings)
    chat = ChatService(
        store,
        content,
        EngineClient(settings.engine_url, engine),
        lambda: _load_detector(settings),
        oncall=oncall,
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await store.start()
        await chat.start()
        beside = [asyncio.create_task(_look_whether_ready(_app)), asyncio.create_task(watch(store, content, oncall))]
        try:
            yield
        finally:
            for task in beside:
                task.cancel()
            await chat.stop()
            await store.stop()

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.settings, app.state.store, app.state.content, app.state.chat = settings, store, content, chat
    _set_ready(app, _problems(settings, content, store))
    app.add_middleware(Origins, chat_origin=settings.chat_origin, desk_origin=settings.desk_origin)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders, https=settings.chat_origin.startswith("https://"))

    def help_on_failure(request: Request) -> Mapping[str, Any]:
        return chat.fixed_help() if request.url.path.startswith("/api/chat") else {}

    install_error_handlers(app, help_on_failure)
    app.include_router(bot.chat.routes.router)
    app.include_router(bot.chat.afterwards.router)
    app.include_router(bot.chat.pages.router)
    app.include_router(bot.chat.plain.router)
    app.include_router(desk_router())
    app.include_router(desk_pages)
    app.mount("/static/chat", StaticFiles(directory=ROOMS / "chat" / "static"))
    app.mount("/static/desk", StaticFiles(directory=ROOMS / "desk" / "static"))
    app.mount("/static/shared", StaticFiles(directory=ROOMS / "http" / "static"))

    @app.get("/health")
    async def health() -> dict[str, str]:
        try:
            people = (await asyncio.wait_for(store.read(lambda connection: staffing(connection, store.now(connection))), 2)).value
            database = "ok"
        except (HandrailError, TimeoutError):
            people, database = "none", "down"
        return {
            "web": "ok",
            "triage": chat.triage_status,
            "engine": chat.engine.state,
            "database": database,
            "staffing": people,
        }

    return app


async def _look_whether_ready(app: FastAPI) -> None:
    """A database that was away, a signature or a second person that was missing: none of it needs a new start."""
    while True:
        await asyncio.sleep(READY_EVERY)
        _set_ready(app, await asyncio.to_thread(_problems, app.state.settings, app.state.content, app.state.store))


def _set_ready(app: FastAPI, unready: list[str]) -> None:
    app.state.demonstration = bool(unready)
    app.state.chat.closed_to_the_public = bool(unready) and not app.state.settings.bound_to_loopback


def _load_detector(settings: Settings) -> Detector:
    from bot.triage.detector import Detector  # late: numpy and the tokenizer load while the page is served already

    words = settings.data_dir / "triage" / "words.yml"
    return Detector.load(settings.triage_model_dir, settings.encoder_file, words, settings.operating_point)


def _oncall(settings: Settings) -> OnCall:
    mail = None
    if settings.oncall_mail_to and settings.smtp_host:
        mail = Mail(
            settings.oncall_mail_to,
            settings.oncall_mail_from,
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_security,
            settings.smtp_user,
            settings.smtp_password,
        )
    return OnCall(settings.oncall_webhook, mail)


def _problems(settings: Settings, content: Content, store: Store) -> list[str]:
    try:
        store.read_now(lambda connection: connection.execute(text("select 1")))
        return problems(settings, content, store)
    except HandrailError as error:
        return [error.message]


@contextmanager
def alone_on_sqlite(settings: Settings) -> Iterator[None]:
    """SQLite has one writer thread in one process: a second `web` on the same file is refused.

    Raises:
        HandrailError: another `web` process holds the lock; it is freed when that process ends, however it ends.
    """
    if not settings.database_url.startswith("sqlite"):
        yield
        return
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    with (settings.var_dir / "web.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise HandrailError("Handrail already runs on this database. Stop it first, or use PostgreSQL.") from error
        yield


def serve(settings: Settings) -> None:
    """Runs the web process until it is told to stop. Raises what `create_app` and `alone_on_sqlite` raise."""
    with alone_on_sqlite(settings):
        _serve(settings)


def _serve(settings: Settings) -> None:
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_level=settings.log_level,
        access_log=False,  # addresses and paths of young people belong in no log
        timeout_graceful_shutdown=3,
        server_header=False,
        ws="none",
    )
