"""The desk's API alone, on a fresh database, with people who sign in, chats and streams of theirs, and young people who wait."""

from __future__ import annotations

import itertools
import json
import re
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Connection, select

from bot.content import Content
from bot.desk.routes import desk_router
from bot.handoff import journal, lifecycle, records
from bot.http.errors import install_error_handlers
from bot.http.sign_in import add_staff
from bot.settings import ROOT
from bot.store import transcript
from bot.store.crypto import Cipher
from bot.store.database import Store
from bot.store.tables import audit, conversations, handoffs
from bot.triage.risk import EventKind, RiskEvent
from tests.database import fresh_database
from tests.web.chat_fixtures import settings_for

T = TypeVar("T")
PASSWORD = "a long enough password"
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@dataclass
class Browser:
    """One browser at the desk: its cookie and the token that it sends with each change."""

    http: Any  # a test client or a real one
    csrf: str = ""

    def sign_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        answer: httpx.Response = self.http.post("/api/desk/session", json={"name": name, "password": password})
        if answer.status_code == 204:
            me = self.http.get("/api/desk/me").json()
            self.csrf = me["csrf"]
        return answer

    def get(self, path: str, **more: Any) -> httpx.Response:
        answer: httpx.Response = self.http.get(f"/api/desk{path}", **more)
        return answer

    def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        sent = {"X-CSRF-Token": self.csrf, **headers}
        given = {} if body is None else {"json": body}
        answer: httpx.Response = self.http.post(f"/api/desk{path}", headers=sent, **given)
        return answer

    def queue(self) -> list[dict[str, Any]]:
        handoffs: list[dict[str, Any]] = self.get("/queue").json()["handoffs"]
        return handoffs

    def detail(self, handoff_id: int) -> dict[str, Any]:
        answer = self.get(f"/handoffs/{handoff_id}")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body


@dataclass
class DeskApp:
    """The running API and what is behind it."""

    app: FastAPI
    store: Store
    content: Content
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def do(self, work: Callable[[Connection], T]) -> T:
        return self.store.write_now(work)

    def now(self) -> float:
        return self.store.read_now(self.store.now)

    def browser(self) -> Browser:
        """A browser that nobody has signed in with yet."""
        return Browser(TestClient(self.app, base_url="http://desk.test"))

    def add(self, name: str, role: str = "counsellor", password: str | None = PASSWORD) -> str | None:
        return self.do(lambda connection: add_staff(connection, name, role, password, self.store.now(connection)))

    def signed_in(self, name: str, role: str = "counsellor") -> Browser:
        self.add(name, role)
        browser = self.browser()
        assert browser.sign_in(name).status_code == 204
        return browser

    def waiting(self, cue: str = "sextortion", quote: str = "he will send my pics", **more: Any) -> int:
        """A young person who waits; returns the handoff's id."""
        number = next(self._numbers)

        def work(connection: Connection) -> int:
            now = self.store.now(connection)
            made = {"id": f"c{number:035d}", "token_hash": f"t{number}", "created_at": now, "active_at": now, **more}
            connection.execute(conversations.insert().values(**made))
            transcript.append(connection, made["id"], sender="young_person", text=quote, now=now)
            journal.record_risk(connection, made["id"], RiskEvent(EventKind.CUE, 1, now, cue=cue, quote=quote))
            risk = records.conversation_risk(connection, made["id"])
            change = lifecycle.apply_risk(connection, made["id"], risk, now)
            assert change.handoff_id is not None
            return change.handoff_id

        return self.do(work)

    def young_person_writes(self, handoff_id: int, text: str) -> None:
        def work(connection: Connection) -> None:
            conversation_id = records.get(connection, handoff_id).conversation_id
            now = self.store.now(connection)
            transcript.append(connection, conversation_id, sender="young_person", text=text, now=now)
            lifecycle.note_message(connection, conversation_id, now)

        self.do(work)

    def state(self, handoff_id: int) -> str:
        query = select(handoffs.c.state).where(handoffs.c.id == handoff_id)
        return str(self.store.read_now(lambda connection: connection.execute(query).scalar_one()))

    def audited(self) -> list[str]:
        query = select(audit.c.action).order_by(audit.c.id)
        return self.store.read_now(lambda connection: list(connection.execute(query).scalars()))

    def rows(self, table: Any) -> list[Any]:
        return self.store.read_now(lambda connection: list(connection.execute(select(table))))


@contextmanager
def desk_app(tmp_path: Path) -> Iterator[DeskApp]:
    with fresh_database(tmp_path) as url:
        settings = settings_for(tmp_path, url)
        store = Store(url, Cipher.make_key())

        @asynccontextmanager
        async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
            await store.start()
            yield
            await store.stop()

        app = FastAPI(lifespan=lifespan)
        install_error_handlers(app)
        app.include_router(desk_router())
        app.state.store, app.state.settings = store, settings
        app.state.content = Content.load(ROOT / "data")
        app.state.demonstration = False
        try:
            yield DeskApp(app, store, app.state.content)
        finally:
            store.engine.dispose()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DeskApp]:
    with desk_app(tmp_path) as running:
        yield running


# What people do at it


def on_shift(desk: DeskApp, name: str, role: str = "counsellor") -> Browser:
    browser = desk.signed_in(name, role)
    assert browser.post("/presence", {"state": "on_shift"}).status_code == 204
    return browser


def message(text: str = "Hi, I am Sam.") -> dict[str, str]:
    return {"client_id": str(uuid.uuid4()), "text": text}


def live(desk: DeskApp, browser: Browser, cue: str = "sextortion") -> int:
    """A chat that this browser's person has taken and written in; returns the handoff's id."""
    handoff_id = desk.waiting(cue)
    assert browser.post(f"/handoffs/{handoff_id}/accept").status_code == 200
    assert browser.post(f"/handoffs/{handoff_id}/messages", message()).status_code == 202
    return handoff_id


# The stream


class Listener:
    """Reads a desk's event stream in a thread."""

    def __init__(self, url: str, name: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=20)
        assert Browser(self.http).sign_in(name).status_code == 204
        self.text = ""
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        try:
            with self.http.stream("GET", "/api/desk/events") as stream:
                assert stream.headers["content-type"].startswith("text/event-stream")
                for chunk in stream.iter_text():
                    self.text += chunk
        except httpx.HTTPError:
            pass
        self.ended.set()

    def wait(self, name: str, count: int = 1, patience: float = 8.0) -> Any:
        """The data of the `count`th event of this name."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            found = [data for event, data in events_in(self.text) if event == name]
            if len(found) >= count:
                return found[count - 1]
            time.sleep(0.02)
        raise AssertionError(f"no {name} came: {self.text}")

    def count(self, name: str) -> int:
        return len([1 for event, _data in events_in(self.text) if event == name])


def events_in(text: str) -> list[tuple[str, Any]]:
    """Server-sent events as (name, data)."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if "event" in fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found
