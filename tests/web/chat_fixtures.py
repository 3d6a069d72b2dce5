"""A real web process in a thread, on a fresh database, with a dialogue engine that does what a test tells it."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy import Connection, select

from bot.app import create_app
from bot.content import Content
from bot.handoff import lifecycle
from bot.settings import ROOT, Settings, load_settings
from bot.store import tables
from bot.store.crypto import Cipher
from bot.store.database import Store
from tests.database import fresh_database
from tests.numbers import numbers_in

CONTENT = Content.load(ROOT / "data")
PATIENCE = 8.0  # seconds that a test waits for something that should come


class FakeEngine:
    """Answers `/turn` as the test says: with reviewed text, late, with rubbish, or not at all."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.delay = 0.0
        self.status = 200
        self.down = False
        self.raw: bytes | None = None
        self.answer: Callable[[dict[str, Any]], dict[str, Any]] = lambda request: {
            "state": {"turns": (request["state"] or {"turns": 0})["turns"] + 1},
            "bubbles": [{"text_id": "utter_default"}],
            "requests": [],
            "facts": {},
            "content_version": "test",
        }

    async def carry(self, path: str, body: bytes | None, timeout: float) -> tuple[int, bytes]:
        if self.down:
            raise ConnectionError("refused")
        if body is None:
            return 200, b'{"status": "ok"}'
        request = json.loads(body)
        self.requests.append(request)
        if self.delay:
            await asyncio.sleep(min(self.delay, timeout))
            if self.delay > timeout:
                raise TimeoutError
        return self.status, self.raw if self.raw is not None else json.dumps(self.answer(request)).encode()


@dataclass
class Chat:
    """One young person's chat, as a browser would hold it."""

    http: httpx.Client
    token: str
    id: str
    seen: list[dict[str, Any]] = field(default_factory=list)

    def post(self, text: str | None = None, *, option: str | None = None, client_id: str | None = None) -> httpx.Response:
        body: dict[str, Any] = {"client_id": client_id or str(uuid.uuid4())}
        body |= {"text": text} if option is None else {"option": option}
        answer = self.http.post("/api/chat/messages", json=body, headers=self.auth)
        if answer.status_code < 300 and (help_now := answer.json().get("help")):
            assert_leads_on([{"options": [], **help_now}], "bot")
        return answer

    @property
    def auth(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def read(self, after: int = 0) -> dict[str, Any]:
        answer = self.http.get("/api/chat/messages", params={"after": after}, headers=self.auth)
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        assert_known_numbers([message for message in body["messages"] if message["sender"] in {"bot", "system"}])
        if last := latest_of_bot(body["messages"]):
            assert_leads_on(last, body["status"]["mode"])
        return body

    def wait(self, wanted: Callable[[dict[str, Any]], bool], what: str = "the wanted state") -> dict[str, Any]:
        """The first reading that is `wanted`."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            body = self.read()
            if wanted(body):
                return body
            time.sleep(0.05)
        raise AssertionError(f"{what} did not come; last status {body['status']}, {len(body['messages'])} messages")

    def answer_to(self, seq: int) -> list[dict[str, Any]]:
        """What the bot said after message `seq`."""
        body = self.wait(
            lambda body: any(message["seq"] > seq and message["sender"] == "bot" for message in body["messages"]),
            "an answer",
        )
        said = [message for message in body["messages"] if message["seq"] > seq and message["sender"] == "bot"]
        assert_leads_on(said, body["status"]["mode"])
        return said

    def say(self, text: str | None = None, *, option: str | None = None) -> list[dict[str, Any]]:
        """Posts, and waits for what the bot answers."""
        posted = self.post(text, option=option)
        assert posted.status_code == 202, posted.text
        return self.answer_to(posted.json()["seq"])


def assert_leads_on(said: list[dict[str, Any]], mode: str) -> None:
    """What holds for every answer: something to press or to call, or a person who was asked; only numbers of the directory."""
    pressable = any(message["options"] or message["resources"] for message in said)
    assert pressable or mode in {"waiting", "live"}, f"no next step: {said}"
    assert_known_numbers(said)


def assert_known_numbers(said: list[dict[str, Any]]) -> None:
    numbers = {number for message in said for number in numbers_in(message["text"])}
    assert numbers <= CONTENT.directory.numbers, f"not in the directory: {numbers - CONTENT.directory.numbers}"
    contacts = {one["contact"] for message in said for one in message["resources"]}
    unknown = {one for one in contacts if not any(known.contact in one for known in CONTENT.directory.contacts if known.shown)}
    assert not unknown, f"not in the directory: {unknown}"


def latest_of_bot(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The bot's messages at the end of the chat, of all turns since somebody else wrote."""
    others = [place for place, message in enumerate(messages) if message["sender"] != "bot"]
    return messages[others[-1] + 1 :] if others else list(messages)


@dataclass
class Web:
    """The running web process and what is behind it."""

    url: str
    app: FastAPI
    engine: FakeEngine
    settings: Settings
    http: httpx.Client

    @property
    def store(self) -> Store:
        store: Store = self.app.state.store
        return store

    @property
    def content(self) -> Content:
        content: Content = self.app.state.content
        return content

    def chat(self, **body: Any) -> Chat:
        answer = self.http.post("/api/chat/conversations", json=body)
        assert answer.status_code == 201, answer.text
        opened = answer.json()
        return Chat(self.http, opened["token"], opened["conversation"], opened["messages"])

    def rows(self, table: Any, *where: Any) -> list[Any]:
        return self.store.read_now(lambda connection: list(connection.execute(select(table).where(*where))))

    def handoffs(self, conversation_id: str) -> list[Any]:
        return self.rows(tables.handoffs, tables.handoffs.c.conversation_id == conversation_id)

    def do(self, work: Callable[[Connection], Any]) -> Any:
        """Runs `work` in a writing transaction, as the desk would."""
        return self.store.write_now(work)

    def now(self) -> float:
        return float(self.store.read_now(self.store.now))

    def counsellor(self, name: str = "Sam", state: str = "on_shift") -> int:
        """A counsellor with an open desk; returns the staff id."""

        def work(connection: Connection) -> int:
            now = self.store.now(connection)
            staff_id = connection.execute(
                tables.staff.insert()
                .values(name=name, role="counsellor", password_hash="x", must_change_password=False, created_at=now)
                .returning(tables.staff.c.id)
            ).scalar_one()
            connection.execute(
                tables.presence.insert().values(staff_id=staff_id, state=state, since=now, stream_seen_at=now, capacity=1)
            )
            return int(staff_id)

        return int(self.do(work))

    def accept(self, handoff_id: int, staff_id: int) -> None:
        self.do(lambda connection: lifecycle.accept(connection, handoff_id, staff_id, self.store.now(connection)))

    def write_as_person(self, handoff_id: int, staff_id: int, text: str) -> None:
        self.do(
            lambda connection: lifecycle.send(
                connection,
                handoff_id,
                staff_id,
                client_id=str(uuid.uuid4()),
                text=text,
                now=self.store.now(connection),
                content=self.content,
            )
        )


def settings_for(tmp_path: Path, database_url: str) -> Settings:
    return replace(
        load_settings(),
        database_url=database_url,
        key=Cipher.make_key(),
        key_file=None,
        data_dir=ROOT / "data",
        model_dir=ROOT / "models",
        var_dir=tmp_path,
        chat_origin="",
        desk_origin="",
        oncall_webhook="",
        oncall_mail_to="",
    )


@contextmanager
def running(app: FastAPI) -> Iterator[str]:
    """Serves `app` on a free port in a thread; gives its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none", access_log=False, timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the web process did not start"
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


@contextmanager
def web_process(tmp_path: Path) -> Iterator[Web]:
    with fresh_database(tmp_path) as database_url:
        settings = settings_for(tmp_path, database_url)
        engine = FakeEngine()
        app = create_app(settings, engine.carry)
        with running(app) as url, httpx.Client(base_url=url, timeout=15) as http:
            wait_for_triage(http)
            yield Web(url, app, engine, settings, http)


def wait_for_triage(http: httpx.Client) -> None:
    deadline = time.monotonic() + 20
    while http.get("/health").json()["triage"] != "ok":
        assert time.monotonic() < deadline, "triage did not load; `make setup` builds its model"
        time.sleep(0.05)
