"""A small scripted server that keeps the chat's contract, to try the page without the product behind it.

`Stub` holds what tests look at and change; `serve(stub)` runs it on a free port in a thread. As a program
(`python -m tests.browser.stub_chat`) it serves until Ctrl-C.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import socket
import threading
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.templating import Jinja2Templates
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.chat.appearance import Appearance
from bot.chat.assets import bundles, compressed, read_assets, send
from bot.chat.languages import ENGLISH, Language
from bot.chat.pages import embed_words, language_context
from bot.http.events import event, event_stream
from bot.http.limits import SecurityHeaders

BOT = Path(__file__).resolve().parents[2] / "bot"
ASSETS = read_assets(BOT / "chat" / "static", BOT / "http" / "static") | bundles(BOT / "chat" / "static", ("chat", "aside"))
EMERGENCY = {"name": "Emergency", "contact": "112", "kind": "phone", "country": "", "hours": "Any time, free"}
HELPLINE = {"name": "Example Line", "contact": "0800 000 000", "kind": "phone", "country": "XX", "hours": "until 02:00"}
WEBSITE = {"name": "Example site", "contact": "https://example.org/talk", "kind": "web", "country": "XX", "hours": "Any time"}
SERVICES = [{**EMERGENCY, "href": "tel:112"}, {**HELPLINE, "href": "tel:0800000000"}, {**WEBSITE, "href": WEBSITE["contact"]}]
HELP: dict[str, Any] = {"text": "Please call 112 if you are in danger now.", "resources": [{**EMERGENCY, "open_now": True}]}
WHO = "Only our team can read this chat. We do not show it to your family or your school."
WHEN = "We tell someone outside our team if a life is in danger. We try to talk with you about it first."
POLICY = SimpleNamespace(
    retention_days={"conversations": 90, "handoffs": 365}, who_can_read=WHO, when_we_tell=WHEN
)
GREETING = ("Hi. I am a bot, not a person.", "What is on your mind? Type it, or pick one.")
CHOICES = [{"title": "Someone asks me for pics", "payload": "/asks_for_pics"}, {"title": "Just looking", "payload": "/looking"}]
# What the server answers to the end of a chat, and to what is pressed then.
HEARD = [{"title": title, "payload": f"after:heard:{title.lower()}"} for title in ("Yes", "Partly", "No", "Skip")]
NEXT = [
    {"title": title, "payload": f"after:next:{name}"}
    for name, title in (("person", "Talk to someone I trust"), ("line", "Call or text a helpline"), ("skip", "Skip"))
]
TWO = "Two short questions, only if you want. Nobody sees who pressed what, and you can skip them."
AFTER_HEARD = {"ticket": "t", "text": [TWO, "Did you feel heard today?"], "options": HEARD}
AFTER_NEXT = {"ticket": "t", "text": ["Thank you. What will you do next?"], "options": NEXT}
AFTER_THANKS = {"ticket": "t", "text": ["Thank you. That is all. Take care of yourself."], "options": []}
LATER = "You can write here again at any time. If you need somebody later, you can reach these places too."
AT_THE_END = {"later": {"text": LATER, "resources": [EMERGENCY, HELPLINE, WEBSITE]}, "after": AFTER_HEARD}


@dataclass
class Conversation:
    """One conversation in memory."""

    token: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    messages: list[dict[str, Any]] = field(default_factory=list)
    status: dict[str, Any] = field(default_factory=lambda: {"mode": "bot", "people": "on_duty", "person_typing": False})
    status_version: int = 0
    revoked: bool = False
    hidden_upto: int = 0

    def say(self, sender: str, text: str, **more: Any) -> int:
        """Adds a message; returns its sequence number."""
        seq = len(self.messages) + 1
        message = {"seq": seq, "sender": sender, "text": text, "options": [], "resources": [], "at": "2026-01-01T00:00:00Z"}
        self.messages.append({**message, **more})
        return seq

    def turn(self, **status: Any) -> None:
        """Changes the status and sends it."""
        self.status = {**self.status, **status}
        self.status_version += 1


@dataclass
class Stub:
    """What tests set, and what they read afterwards."""

    people: str = "on_duty"
    demonstration: bool = False
    answers: bool = True
    fail_with: tuple[int, dict[str, Any]] | None = None  # for POST messages and conversations
    lose_answers: int = 0  # so many stored messages are answered with 502, as if the answer were lost on the way
    late: float = 0.0  # seconds that the answer to a POST takes after its message is stored, and may be in the stream
    streams: str = "on"  # on | silent | refused
    no_store: bool = True  # False: as if something on the way took it off, so that a browser keeps the page for Back
    conversations: list[Conversation] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)  # every POST of a message, repeats too
    codes: dict[str, Conversation] = field(default_factory=dict)
    left: list[dict[str, Any]] = field(default_factory=list)
    languages: dict[str, Language] = field(default_factory=lambda: {"en": ENGLISH})
    look: Appearance = field(default_factory=Appearance)
    spoken: list[str] = field(default_factory=list)
    typed: int = 0
    streamed: int = 0
    asked: int = 0
    after: list[str] = field(default_factory=list)  # what was pressed after the end

    @property
    def last(self) -> Conversation:
        return self.conversations[-1]

    def texts(self) -> list[str]:
        """What the young person said, as it was stored."""
        return [message["text"] for message in self.last.messages if message["sender"] == "young_person"]

    def reply(self, conversation: Conversation, body: dict[str, Any]) -> dict[str, Any]:
        """The script: answers a stored message; returns what goes into the answer of the POST."""
        option, text = body.get("option"), body.get("text") or ""
        if option == "person:ask":
            conversation.turn(mode="waiting", position=2, wait_minutes=[5, 10])
            conversation.say("bot", "I have asked a person to join. Until they write, it is me, a bot.")
        elif option == "person:not_now":
            conversation.turn(mode="bot", position=None, wait_minutes=None)
            conversation.say("bot", "OK. I told them not now. You can ask again at any time.")
        elif "pay tonight" in text:
            conversation.say("bot", "This is not your fault. He is breaking the law.", resources=HELP["resources"])
            return {"help": HELP}
        elif self.answers and conversation.status["mode"] != "live":
            conversation.say("bot", "Thank you for telling me.")
            ask = [{"title": "Yes, ask a person", "payload": "person:ask"}, {"title": "Not now", "payload": "/not_now"}]
            conversation.say("bot", "This is not your fault.\n\nShall I ask a person to join?", options=ask)
        return {}


class Proxy:
    """What may stand between the product and a browser: without `stub.no_store` it takes that header off every answer."""

    def __init__(self, app: ASGIApp, stub: Stub) -> None:
        self.app = app
        self.stub = stub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def passed(message: Message) -> None:
            if message["type"] == "http.response.start" and not self.stub.no_store:
                del MutableHeaders(scope=message)["cache-control"]
            await send(message)

        await self.app(scope, receive, passed)


def create_app(stub: Stub) -> Starlette:
    templates = Jinja2Templates(directory=BOT / "chat" / "templates")

    def of(token: str) -> Conversation | None:
        return next((one for one in stub.conversations if one.token == token and not one.revoked), None)

    def bearer(request: Request) -> Conversation | None:
        return of(request.headers.get("authorization", "").removeprefix("Bearer "))

    def gone() -> Response:
        return JSONResponse({"error": "This chat is not open any more."}, status_code=401)

    async def page(request: Request) -> Response:
        context = {**language_context(stub.languages, request), "services": SERVICES, "exit_path": "/exit", "look": stub.look}
        shown = templates.TemplateResponse(
            request, "chat.html", {**context, "demonstration": stub.demonstration, "staffing": stub.people}
        )
        whole = bytes(shown.body)
        page = compressed(request, whole, gzip.compress(whole), "text/html; charset=utf-8")
        page.headers["Content-Security-Policy"] = stub.look.security_policy
        return page

    async def embed(request: Request) -> Response:
        return Response(stub.look.embed_script(embed_words({})), media_type="text/javascript")

    async def look(request: Request) -> Response:
        return Response(stub.look.stylesheet, media_type="text/css")

    async def outside(request: Request) -> Response:
        chat = request.query_params["chat"]
        policy = f"default-src 'none'; script-src {chat}; frame-src {chat}"
        text = "<p>An outside page about help.</p><a href='/' data-leave>Quick exit</a>"
        html = f"<!doctype html><title>Helpline</title>{text}<script src='{chat}/embed.js' defer></script>"
        return HTMLResponse(html, headers={"Content-Security-Policy": policy, "Cross-Origin-Opener-Policy": "unsafe-none"})

    async def asset(request: Request) -> Response:
        return send(request, ASSETS[request.path_params["name"]])

    async def aside(request: Request) -> Response:
        context = {**language_context(stub.languages, request), "services": SERVICES, "exit_path": "/exit", "policy": POLICY}
        return templates.TemplateResponse(request, f"{request.url.path[1:]}.html", context)

    async def create(request: Request) -> Response:
        if stub.fail_with:
            return JSONResponse(stub.fail_with[1], status_code=stub.fail_with[0])
        conversation = Conversation(token=uuid.uuid4().hex)
        conversation.status["people"] = stub.people
        if stub.people == "none":
            conversation.status["next_open"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 24 * 3600))
        conversation.say("bot", GREETING[0])
        conversation.say("bot", GREETING[1], options=CHOICES)
        stub.conversations.append(conversation)
        body = {"conversation": conversation.id, "token": conversation.token}
        return JSONResponse({**body, "messages": conversation.messages, "status": conversation.status}, status_code=201)

    async def post_message(request: Request) -> Response:
        body = await request.json()
        stub.posts.append(body)
        if stub.fail_with:
            return JSONResponse(stub.fail_with[1], status_code=stub.fail_with[0])
        if (conversation := bearer(request)) is None:
            return gone()
        before = next((one for one in conversation.messages if one.get("client_id") == body["client_id"]), None)
        if before is not None:
            return JSONResponse({"seq": before["seq"]})
        offered = {option["payload"]: option["title"] for message in conversation.messages for option in message["options"]}
        title = offered.get(body.get("option"))
        seq = conversation.say("young_person", body.get("text") or title or "Talk to a person", client_id=body["client_id"])
        more = stub.reply(conversation, body)
        await asyncio.sleep(stub.late)
        if stub.lose_answers:
            stub.lose_answers -= 1
            return JSONResponse({"error": "bad gateway"}, status_code=502)
        return JSONResponse({"seq": seq, **more}, status_code=202)

    async def get_messages(request: Request) -> Response:
        stub.asked += 1
        if (conversation := bearer(request)) is None:
            return gone()
        after = int(request.query_params.get("after", 0))
        shown = conversation.messages[max(after, conversation.hidden_upto) :]
        return JSONResponse({"messages": shown, "status": conversation.status})

    async def events(request: Request) -> Response:
        if stub.streams == "refused":
            return JSONResponse({"error": "no streams here"}, status_code=503)
        if (conversation := bearer(request)) is None:
            return gone()
        stub.streamed += 1
        after = request.headers.get("last-event-id") or request.query_params.get("after") or "0"
        return event_stream(stream(conversation, int(after)))

    async def stream(conversation: Conversation, cursor: int) -> AsyncIterator[str]:
        told = -1
        while not conversation.revoked and stub.streams != "refused":
            if stub.streams == "on":
                if told != conversation.status_version:
                    told = conversation.status_version
                    yield event("status", conversation.status)
                for message in conversation.messages[max(cursor, conversation.hidden_upto) :]:
                    cursor = message["seq"]
                    yield event("message", message, cursor)
            await asyncio.sleep(0.02)

    async def return_code(request: Request) -> Response:
        if (conversation := bearer(request)) is None:
            return gone()
        stub.codes = {"apple river moon": conversation}
        return JSONResponse({"code": "apple river moon", "days": 7}, status_code=201)

    async def come_back(request: Request) -> Response:
        conversation = stub.codes.pop((await request.json())["code"], None)
        if conversation is None:
            return JSONResponse({"error": "These three words open no chat."}, status_code=404)
        conversation.token, conversation.revoked = uuid.uuid4().hex, False
        conversation.hidden_upto = len(conversation.messages)
        conversation.say("system", "You have your place back. Old words are not shown.")
        shown = conversation.messages[conversation.hidden_upto :]
        body = {"conversation": conversation.id, "token": conversation.token}
        return JSONResponse({**body, "messages": shown, "status": conversation.status}, status_code=201)

    async def language(request: Request) -> Response:
        stub.spoken.append((await request.json())["locale"])
        return Response(status_code=204 if bearer(request) else 401)

    async def typing(request: Request) -> Response:
        stub.typed += 1
        return Response(status_code=204)

    async def leave(request: Request) -> Response:
        body = json.loads(await request.body())
        stub.left.append(body)
        conversation = bearer(request) or of(body.get("token", ""))
        if conversation and body["how"] in {"exit", "end"}:
            conversation.revoked = True
        return JSONResponse(AT_THE_END) if body["how"] == "end" else Response(status_code=204)

    async def after(request: Request) -> Response:
        stub.after.append((await request.json())["option"])
        return JSONResponse({"after": AFTER_NEXT if len(stub.after) == 1 else AFTER_THANKS})

    async def erase(request: Request) -> Response:
        if (conversation := bearer(request)) is None:
            return gone()
        conversation.revoked = True
        stub.conversations.remove(conversation)
        return Response(status_code=204)

    async def leave_page(request: Request) -> Response:
        return RedirectResponse("/neutral", status_code=303, headers={"Clear-Site-Data": '"storage", "cache"'})

    async def neutral(request: Request) -> Response:
        return HTMLResponse("<!doctype html><title>Weather</title><p id=neutral>Sunny.</p>")

    return Starlette(
        routes=[
            Route("/", page),
            *(Route(f"/{name}", aside) for name in ("safe", "kept", "complaints")),
            Route("/embed.js", embed),
            Route("/look.css", look),
            Route("/outside", outside),
            Route("/exit", leave_page),
            Route("/neutral", neutral),
            Route("/api/chat/conversations", create, methods=["POST"]),
            Route("/api/chat/messages", post_message, methods=["POST"]),
            Route("/api/chat/messages", get_messages),
            Route("/api/chat/events", events),
            Route("/api/chat/return-code", return_code, methods=["POST"]),
            Route("/api/chat/return", come_back, methods=["POST"]),
            Route("/api/chat/language", language, methods=["POST"]),
            Route("/api/chat/typing", typing, methods=["POST"]),
            Route("/api/chat/leave", leave, methods=["POST"]),
            Route("/api/chat/after", after, methods=["POST"]),
            Route("/api/chat/conversation", erase, methods=["DELETE"]),
            Route("/static/{folder}/{name}", asset),
        ],
        middleware=[Middleware(Proxy, stub), Middleware(SecurityHeaders, https=False)],
    )


@contextlib.contextmanager
def serve(stub: Stub, port: int = 0) -> Iterator[str]:
    """Serves `stub` on loopback in a thread; gives its address."""
    listener = socket.create_server(("127.0.0.1", port))
    config = uvicorn.Config(create_app(stub), log_level="critical", ws="none", lifespan="off", timeout_graceful_shutdown=0)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = server.force_exit = True
        thread.join(5)


if __name__ == "__main__":
    with serve(Stub()) as address:
        print(address)
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
