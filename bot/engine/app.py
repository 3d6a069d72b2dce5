"""The engine's door: a loopback ASGI app around the dialogue."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.settings import Settings

if TYPE_CHECKING:
    from bot.engine.dialogue import Dialogue

logger = logging.getLogger(__name__)

RETRY_SECONDS = 3.0
_SCHEMA = json.loads((Path(__file__).resolve().parent.parent / "content" / "turn_schema.json").read_text())


class DeadlinePassed(Exception):
    """Nobody waits for this answer any more."""


@dataclass
class Engine:
    """The dialogue, once it is loaded, and the one thread that everything of Rasa's runs in.

    The thread is also the lock: one turn at a time, while /health is answered from the event loop.
    """

    settings: Settings
    dialogue: Dialogue | None = None
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="dialogue"))
    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)  # of that thread

    async def load(self) -> None:
        """Loads the newest model; tries again until there is one that can be used."""
        while self.dialogue is None:
            try:
                self.dialogue = await asyncio.get_running_loop().run_in_executor(self.thread, _load, self.settings)
            except Exception as error:  # `web` answers without us meanwhile, and the model may be on its way
                logger.error("no dialogue yet: %s", error)
                await asyncio.sleep(RETRY_SECONDS)

    async def answer(self, body: dict[str, Any], dialogue: Dialogue) -> dict[str, Any]:
        return await asyncio.get_running_loop().run_in_executor(self.thread, _answer, self.loop, dialogue, body)


def create_app(settings: Settings) -> Starlette:
    """GET /health and POST /turn as turn_schema.json has it. The dialogue is loaded beside, so /health answers at once.

    /turn answers 422 for what is not the schema, 503 until the dialogue is loaded, 408 after the deadline, and 500 when the
    dialogue fails. Whatever it answers, nothing has changed: all state is in the answer.
    """
    engine = Engine(settings)
    request_schema = jsonschema.Draft202012Validator({**_SCHEMA["$defs"]["request"], "$defs": _SCHEMA["$defs"]})

    async def health(request: Request) -> Response:
        if engine.dialogue is None:
            return JSONResponse({"status": "starting", "content_version": None})
        return JSONResponse({"status": "ok", "content_version": engine.dialogue.content_version})

    async def turn(request: Request) -> Response:
        try:
            body = json.loads(await request.body())
        except ValueError:
            return _error(422, "The body is not JSON.")
        problem = jsonschema.exceptions.best_match(request_schema.iter_errors(body))
        if problem is not None:
            return _error(422, f"Not a turn: {'/'.join(map(str, problem.absolute_path)) or 'body'} ({problem.validator}).")
        if body["option"] is None and not any(text.strip() for text in body["texts"]):
            return _error(422, "A turn needs a text or an option.")
        if engine.dialogue is None:
            return _error(503, "The dialogue is still loading.")
        if body["deadline"] < time.time():
            return _error(408, "The deadline has passed.")
        try:
            return JSONResponse(await engine.answer(body, engine.dialogue))
        except DeadlinePassed:
            return _error(408, "The deadline has passed.")
        except Exception as error:  # the caller has a safety net; the error's text may hold what somebody wrote
            logger.error("turn failed: %s", type(error).__name__)
            return _error(500, "The dialogue gave no answer.", cause=type(error).__name__)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        loading = asyncio.create_task(engine.load())
        yield
        loading.cancel()
        engine.thread.shutdown(wait=False, cancel_futures=True)

    app = Starlette(routes=[Route("/health", health), Route("/turn", turn, methods=["POST"])], lifespan=lifespan)
    app.state.engine = engine
    return app


def _load(settings: Settings) -> Dialogue:
    from bot.engine.dialogue import Dialogue  # late: importing Rasa takes seconds, and /health answers meanwhile
    from bot.engine.models import newest_model

    dialogue = Dialogue.load(newest_model(settings))
    # What is loaded now stays: the collector need not look through all of Rasa again in the middle of somebody's turn.
    gc.collect()
    gc.freeze()
    return dialogue


def _answer(loop: asyncio.AbstractEventLoop, dialogue: Dialogue, body: dict[str, Any]) -> dict[str, Any]:
    from bot.engine.dialogue import Turn

    if body["deadline"] < time.time():  # it has waited for its turn
        raise DeadlinePassed
    turn = Turn(
        conversation_key=body["conversation_key"],
        state=body["state"],
        texts=body["texts"],
        option=body["option"],
        assessment=body["assessment"],
        answered_cues=body["answered_cues"],
        staffing=body["staffing"],
        country=body["country"],
        missed=body["missed"],
        embedded=body.get("embedded"),
    )
    return loop.run_until_complete(dialogue.answer(turn))


def _error(status: int, message: str, **extra: Any) -> JSONResponse:
    return JSONResponse({"error": message, **extra}, status)
