"""The product, as `handrail run` starts it, on an empty SQLite database."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp

from bench.load import NoAnswer
from bench.running import Running, answers, free_port, running
from bot.settings import ROOT
from bot.store.crypto import Cipher

ANSWER_BY = 20.0  # seconds

TEXTS = (
    "how do i know if a modelling job is fake?",
    "are you a bot?",
    "what is grooming?",
    "will you tell my parents?",
    "how do i block someone and keep proof?",
    "should i send my passport for a job?",
    "thank you.",
    "what is sextortion?",
)


class Handrail:
    """The chat over HTTP: POST a message, see the bot's answer on the event stream."""

    texts = TEXTS
    burst = 18  # beyond 20 messages a minute the product answers several together, on purpose

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self._url = url
        self._http = http

    async def open(self) -> HandrailConversation:
        async with self._http.post(f"{self._url}/api/chat/conversations", json={}) as opened:
            token = (await opened.json())["token"]
        conversation = HandrailConversation(self._url, self._http, {"Authorization": f"Bearer {token}"})
        await conversation.listen()
        return conversation


class HandrailConversation:
    def __init__(self, url: str, http: aiohttp.ClientSession, auth: dict[str, str]) -> None:
        self._url = url
        self._http = http
        self._auth = auth
        self._answers: asyncio.Queue[tuple[int, float]] = asyncio.Queue()  # a bot message's number, and when it was here
        self._listening: asyncio.Task[None] | None = None

    async def listen(self) -> None:
        """Opens the event stream, and returns when its first event is here."""
        ready = asyncio.Event()
        self._listening = asyncio.create_task(self._read(ready))
        await asyncio.wait_for(ready.wait(), ANSWER_BY)

    async def _read(self, ready: asyncio.Event) -> None:
        timeout = aiohttp.ClientTimeout(total=None)
        async with self._http.get(f"{self._url}/api/chat/events", headers=self._auth, timeout=timeout) as stream:
            async for line in stream.content:
                ready.set()
                if line.startswith(b"data: ") and b'"sender": "bot"' in line:
                    self._answers.put_nowait((json.loads(line[6:])["seq"], time.perf_counter()))

    async def say(self, text: str) -> float:
        body = {"client_id": str(uuid.uuid4()), "text": text}
        began = time.perf_counter()
        async with self._http.post(f"{self._url}/api/chat/messages", json=body, headers=self._auth) as posted:
            posted.raise_for_status()
            mine = (await posted.json())["seq"]
        try:
            async with asyncio.timeout(ANSWER_BY):
                seq, at = await self._answers.get()
                while seq < mine:  # the rest of an earlier answer
                    seq, at = await self._answers.get()
        except TimeoutError as error:
            raise NoAnswer(text) from error
        return at - began

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)


@contextmanager
def product(work: Path, **more: str) -> Iterator[tuple[Running, str, float, float]]:
    """Starts it; yields it, its address, and the seconds until it helped at all and until all of it was up.

    Args:
        more: settings by their names in the environment.
    """
    port, database = free_port(), work / "handrail.db"
    for old in work.glob("handrail.db*"):
        old.unlink()
    environment = {
        "HANDRAIL_VAR_DIR": str(work),
        "HANDRAIL_DATABASE_URL": f"sqlite:///{database}",
        "HANDRAIL_KEY": Cipher.make_key(),
        "HANDRAIL_ENV_FILE": str(work / "none.env"),
        "HANDRAIL_ENGINE_PORT": str(free_port()),
        **more,
    }
    command = [sys.executable, "-m", "bot.cli", "run", "--port", str(port)]
    url = f"http://127.0.0.1:{port}"
    with running(command, environment, ROOT, work / "handrail.log") as started:
        helps = started.wait(lambda: answers(f"{url}/health", lambda answer: bool(answer.json()["web"] == "ok")))
        all_up = started.wait(
            lambda: answers(f"{url}/health", lambda answer: answer.json()["engine"] == answer.json()["triage"] == "ok")
        )
        yield started, url, helps, all_up


def answered_by_net(work: Path) -> int:
    """How many turns the fixed texts had to answer because the engine did not in time."""
    with sqlite3.connect(work / "handrail.db") as database:
        (count,) = database.execute("select count(*) from turns where answered_by = 'net'").fetchone()
    return int(count)
