"""A desk server of scripted state, for tests of the page alone: the API as the contract says it, with nothing behind.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import uvicorn
from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.desk.catalogue import catalogue
from bot.handoff.deadlines import limits
from bot.http.limits import SecurityHeaders

BOT = Path(__file__).resolve().parents[2] / "bot"
PASSWORD = "a long enough password"
ONE_TIME = "works-once"
CSRF = "stub-token"
CHANGES: dict[str, dict[str, Any]] = {
    "release": {"state": "waiting", "claimed_by": None},
    "return-to-bot": {"state": "closed"},
    "close": {"state": "closed"},
    "read-reason": {"reason_given": True},
}  # what an act does to a handoff, where that is all
Answer = Callable[[Request], Awaitable[Response]]
TIERS = ["immediate", "high", "elevated", "none"]
OPEN = ("waiting", "claimed", "live")
ROW = ("id", "conversation", "tier", "assessed", "state", "opened_at", "waiting_since", "away_since", "claimed_by", "locale")


class StubDesk:
    """The server and its state. Tests change the state from their thread and then call `hint`."""

    def __init__(self) -> None:
        self.staff = {"Mara": {"password": PASSWORD, "once": False}, "Noor": {"password": ONE_TIME, "once": True}}
        self.signed_in: str | None = None
        self.presence = "off"
        self.handoffs: dict[int, dict[str, Any]] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.down = False  # every call fails and streams end, as when the line is cut
        self.drop_answers = 0  # so many message posts are stored, and their answer is lost
        self.help_exists = False
        self.alarms: list[dict[str, Any]] = []
        self._streams: set[asyncio.Queue[str | None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        settings: dict[str, Any] = {"log_level": "warning", "ws": "none", "timeout_graceful_shutdown": 1}
        self._server = uvicorn.Server(uvicorn.Config(self._app(), host="127.0.0.1", port=self.port, **settings))
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def start(self) -> StubDesk:
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.01)
        return self

    def stop(self) -> None:
        self._server.should_exit = True
        self._send(None)
        self._thread.join(timeout=5)

    def add(self, made: dict[str, Any]) -> dict[str, Any]:
        self.handoffs[made["id"]] = made
        return made

    def hint(self, event: str = "queue", **data: Any) -> None:
        """Sends a server-sent event to every open stream."""
        self._send(f"event: {event}\ndata: {json.dumps(data or {'version': time.time()})}\n\n")

    def cut(self) -> None:
        self.down = True
        self._send(None)

    def mend(self) -> None:
        self.down = False

    def write_as_young_person(self, handoff_id: int, text: str) -> None:
        self._append(self.handoffs[handoff_id], "young_person", text)
        self.hint("message", handoff=handoff_id)

    def calls_to(self, ending: str) -> list[dict[str, Any]]:
        return [body for path, body in self.calls if path.endswith(ending)]

    def _send(self, chunk: str | None) -> None:
        if self._loop is not None and not self._loop.is_closed():
            for stream in list(self._streams):
                self._loop.call_soon_threadsafe(stream.put_nowait, chunk)

    @staticmethod
    def _append(made: dict[str, Any], sender: str, text: str, **more: Any) -> int:
        seq = len(made["messages"]) + 1
        line = {"seq": seq, "sender": sender, "text": text, "options": [], "resources": [], "at": time.time(), **more}
        made["messages"] = [*made["messages"], line]
        return seq

    # The server's side

    def _app(self) -> Any:
        pages = Environment(loader=FileSystemLoader(BOT / "desk" / "templates"), autoescape=True)

        async def page(_request: Request) -> Response:
            ready = self.signed_in is not None and not self.staff[self.signed_in]["once"]
            return HTMLResponse(pages.get_template("desk.html" if ready else "sign_in.html").render())

        def known(answer: Answer) -> Answer:
            """Who is refused gets no further."""

            async def refused_or_answered(request: Request) -> Response:
                refused = await self._refusal(request)
                return refused if refused is not None else await answer(request)

            return refused_or_answered

        app = Starlette(
            routes=[
                Route("/desk", page),
                Route("/api/desk/session", self._session, methods=["POST"]),
                Route("/api/desk/session", known(self._sign_out), methods=["DELETE"]),
                Route("/api/desk/password", known(self._password), methods=["POST"]),
                Route("/api/desk/me", known(self._me)),
                Route("/api/desk/setup", known(self._setup)),
                Route("/api/desk/queue", known(self._queue)),
                Route("/api/desk/events", known(self._events)),
                Route("/api/desk/presence", known(self._set_presence), methods=["POST"]),
                Route("/api/desk/looking", self._quiet, methods=["POST"]),
                Route("/api/desk/hearing", self._quiet, methods=["POST"]),
                Route("/api/desk/next", known(self._next), methods=["POST"]),
                Route("/api/desk/help", known(self._help), methods=["POST"]),
                Route("/api/desk/handoffs/{id:int}", known(self._detail)),
                Route("/api/desk/handoffs/{id:int}/{act}", known(self._act), methods=["POST"]),
                Mount("/static/desk", StaticFiles(directory=BOT / "desk" / "static")),
                Mount("/static/shared", StaticFiles(directory=BOT / "http" / "static")),
            ]
        )
        return SecurityHeaders(app, https=False)

    async def _refusal(self, request: Request) -> Response | None:
        """What is wrong before the call itself is looked at; also writes the call down."""
        if self.down:
            return JSONResponse({"error": "The database is away."}, status_code=503)
        if self.signed_in is None:
            return JSONResponse({"error": "You are not signed in."}, status_code=401)
        if request.method == "POST":
            self.calls.append((request.url.path, await request.json()))
            if request.headers.get("x-csrf-token") != CSRF:
                return JSONResponse({"error": "This page is too old. Load it again."}, status_code=403)
        if self.staff[self.signed_in]["once"] and not request.url.path.endswith("/password"):
            wanted = {"error": "Choose your own password first.", "change_password": True, "csrf": CSRF}
            return JSONResponse(wanted, status_code=403)
        return None

    async def _session(self, request: Request) -> Response:
        body = await request.json()
        known = self.staff.get(body.get("name", ""))
        if known is None or known["password"] != body.get("password"):
            return JSONResponse({"error": "Name or password is not right."}, status_code=401)
        self.signed_in = body["name"]
        return Response(status_code=204)

    async def _sign_out(self, _request: Request) -> Response:
        self.signed_in = None
        return Response(status_code=204)

    async def _password(self, request: Request) -> Response:
        assert self.signed_in is not None
        body = await request.json()
        account = self.staff[self.signed_in]
        if body["old"] != account["password"]:
            return JSONResponse({"error": "The old password is not right."}, status_code=422)
        account.update(password=body["new"], once=False)
        return Response(status_code=204)

    async def _me(self, _request: Request) -> Response:
        return JSONResponse({"name": self.signed_in, "roles": ["counsellor"], "csrf": CSRF, "presence": self.presence})

    async def _setup(self, _request: Request) -> Response:
        return JSONResponse({"limits": limits({}), **catalogue(BOT.parent / "data").as_json()})

    async def _queue(self, _request: Request) -> Response:
        shown = self._in_order(*OPEN)
        rows = [{name: made[name] for name in ROW} | {"reasons": [told["cue"] for told in made["reasons"]]} for made in shown]
        waiting = sum(made["state"] == "waiting" for made in shown)
        counts = {"waiting": waiting, "abandoned": 1}
        return JSONResponse({"version": len(self.calls), "counts": counts, "handoffs": rows, "alarms": self.alarms})

    def _in_order(self, *states: str) -> list[dict[str, Any]]:
        found = [made for made in self.handoffs.values() if made["state"] in states]
        return sorted(found, key=lambda made: (TIERS.index(made["tier"]), made["waiting_since"]))

    async def _events(self, _request: Request) -> Response:
        self._loop = asyncio.get_running_loop()
        stream: asyncio.Queue[str | None] = asyncio.Queue()

        async def chunks() -> AsyncIterator[str]:
            self._streams.add(stream)
            try:
                yield ": \n\n"
                while (chunk := await stream.get()) is not None:
                    yield chunk
            finally:
                self._streams.discard(stream)

        return StreamingResponse(chunks(), media_type="text/event-stream")

    async def _set_presence(self, request: Request) -> Response:
        self.presence = (await request.json())["state"]
        return Response(status_code=204)

    async def _quiet(self, _request: Request) -> Response:
        """What a desk tells of itself; no test of the page alone asks for it."""
        return Response(status_code=204)

    async def _next(self, _request: Request) -> Response:
        waiting = self._in_order("waiting")
        if not waiting:
            return Response(status_code=204)
        waiting[0].update(state="claimed", claimed_by=self.signed_in, claimed_at=time.time())
        return JSONResponse({"id": waiting[0]["id"]})

    async def _help(self, _request: Request) -> Response:
        if self.help_exists:
            called = {"id": 1, "kind": "help", "who": self.signed_in, "handoff": None, "at": time.time()}
            self.alarms = [{**called, "heard_by": None, "heard_at": None}]
        return Response(status_code=204 if self.help_exists else 404)

    async def _detail(self, request: Request) -> Response:
        made = self.handoffs.get(request.path_params["id"])
        if made is not None and made.get("broken"):
            return JSONResponse({"error": "This part broke. It is our fault, not yours."}, status_code=500)
        if made is None:
            return JSONResponse({"error": "There is nothing here."}, status_code=404)
        readable = made["claimed_by"] == self.signed_in or made.get("reason_given")
        brief = {name: made[name] for name in ("tier", "assessed", "reasons", "facts", "said", "summary")}
        rest = {name: value for name, value in made.items() if name not in (*brief, "messages")}
        return JSONResponse({**rest, "brief": brief, "messages": made["messages"] if readable else None})

    async def _act(self, request: Request) -> Response:
        body = await request.json()
        made = self.handoffs[request.path_params["id"]]
        acts = {"accept": self._accept, "messages": self._message, "tier": self._tier, "notes": self._note}
        if act := acts.get(request.path_params["act"]):
            return act(made, body)
        made.update(CHANGES.get(request.path_params["act"], {}))
        return Response(status_code=204)

    def _accept(self, made: dict[str, Any], _body: dict[str, Any]) -> Response:
        if made["claimed_by"] not in (None, self.signed_in):
            holder = made["claimed_by"]
            return JSONResponse({"error": f"{holder} took this chat.", "holder": holder}, status_code=409)
        made.update(state="claimed", claimed_by=self.signed_in, claimed_at=time.time())
        made["history"] = [*made["history"], {"kind": "accepted", "staff": self.signed_in, "at": time.time(), "detail": {}}]
        return JSONResponse({"state": "claimed"})

    def _message(self, made: dict[str, Any], body: dict[str, Any]) -> Response:
        if made["claimed_by"] != self.signed_in:
            return JSONResponse({"error": "This chat is not yours."}, status_code=409)
        before = [line for line in made["messages"] if line.get("client_id") == body["client_id"]]
        if before and before[0]["text"] != body["text"]:
            return JSONResponse({"error": "That id has other words."}, status_code=409)
        if made["state"] == "claimed":
            self._append(made, "system", f"{self.signed_in} is here. {self.signed_in} is a person. The bot has stopped.")
        if not before:
            self._append(made, "counsellor", body["text"], client_id=body["client_id"], staff=self.signed_in)
        made.update(state="live", unanswered_since=None)
        if self.drop_answers > 0:
            self.drop_answers -= 1
            return JSONResponse({"error": "This part broke. It is our fault, not yours."}, status_code=500)
        return JSONResponse({"seq": len(made["messages"])}, status_code=200 if before else 202)

    def _tier(self, made: dict[str, Any], body: dict[str, Any]) -> Response:
        if TIERS.index(body["tier"]) > TIERS.index(made["tier"]) and not body["reason"]:
            return JSONResponse({"error": "Lowering needs a reason."}, status_code=422)
        made["tier"] = body["tier"]
        return Response(status_code=204)

    def _note(self, made: dict[str, Any], body: dict[str, Any]) -> Response:
        made["notes"] = [*made["notes"], {"staff": self.signed_in, "text": body["text"], "at": time.time()}]
        return Response(status_code=201)
