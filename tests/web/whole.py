"""A web process with the real dialogue engine behind it, in one process: what a young person meets, from end to end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from starlette.testclient import TestClient

from bot.app import create_app
from tests.database import fresh_database
from tests.web.chat_fixtures import FakeEngine, Web, running, settings_for, wait_for_triage


@contextmanager
def whole_product(engine: TestClient, folder: Path) -> Iterator[Web]:
    """`engine` is a client of the loaded dialogue; the database and the web process are made for this test."""

    async def carry(path: str, body: bytes | None, timeout: float) -> tuple[int, bytes]:
        answer = await asyncio.to_thread(engine.request, "GET" if body is None else "POST", path, content=body)
        return answer.status_code, answer.content

    with fresh_database(folder) as database_url:
        settings = settings_for(folder, database_url)
        app = create_app(settings, carry)
        with running(app) as url, httpx.Client(base_url=url, timeout=15) as http:
            wait_for_triage(http)
            yield Web(url, app, FakeEngine(), settings, http)
