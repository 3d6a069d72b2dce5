"""The young person's pages: the chat, the way out, and the chat without JavaScript."""

from __future__ import annotations

import gzip
import time
import uuid
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import RedirectResponse, Response
from starlette.templating import Jinja2Templates

from bot.chat import conversations as lives
from bot.chat import intake
from bot.chat.appearance import Appearance, load_appearance
from bot.chat.assets import KINDS, bundles, compressed, read_assets, send
from bot.chat.languages import Language, choose, load_languages
from bot.chat.routes import take
from bot.chat.service import ChatService
from bot.chat.views import service_view
from bot.content.directory import WORLDWIDE
from bot.content.staffing import Staffing
from bot.errors import BadRequest, HandrailError, NotFound
from bot.handoff.staffing import staffing
from bot.store import transcript

HERE = Path(__file__).parent
FOR_ALL = {"Cross-Origin-Resource-Policy": "cross-origin"}
LINK = {"phone": "tel:", "sms": "sms:"}

router = APIRouter()
templates = Jinja2Templates(directory=HERE / "templates")
assets = read_assets(HERE / "static") | bundles(HERE / "static", ("chat", "aside"))
shared_assets = read_assets(HERE.parent / "http" / "static")


def _service(request: Request) -> ChatService:
    service: ChatService = request.app.state.chat
    return service


def page_services(service: ChatService) -> list[dict[str, Any]]:
    """The contacts that stand in the page itself, readable with everything else down."""
    shown = service.content.directory.services(None, {"emergency", "child_helpline"}, time.time())
    return [{**service_view(entry), "href": href(entry.kind, entry.contact)} for entry in shown]


def _everywhere(service: ChatService) -> dict[str, Any]:
    """By country, in the order of their names, and for whoever finds none of them."""
    directory, now = service.content.directory, time.time()

    def places(code: str) -> list[dict[str, Any]]:
        chosen = directory.services(code, {"suicide", "child_helpline"}, now)
        return [{**service_view(entry), "href": href(entry.kind, entry.contact)} for entry in chosen]

    known = sorted({one.country for one in directory.contacts if one.shown} & set(directory.countries))
    countries = [(code, directory.countries[code].name, places(code)) for code in known]
    return {"countries": sorted(countries, key=lambda country: country[1]), "anywhere": places(WORLDWIDE)}


@cache
def _languages(data_dir: Path) -> dict[str, Language]:
    return load_languages(data_dir)


@cache
def _appearance(data_dir: Path) -> Appearance:
    return load_appearance(data_dir)


def _look(request: Request) -> Appearance:
    return _appearance(request.app.state.settings.data_dir)


def language_context(languages: Mapping[str, Language], request: Request) -> dict[str, Any]:
    """What a template needs to speak the reader's language."""
    language = choose(languages, request.query_params.get("lang"), request.headers.get("accept-language", ""))
    return {
        "screens": language.texts,
        "locale": language.locale,
        "dir": language.direction,
        "languages": list(languages.values()),
        "query": f"?lang={language.locale}" if len(languages) > 1 else "",
    }


def embed_words(texts: Mapping[str, str]) -> dict[str, str]:
    return {"leave": texts.get("leave", "Leave this page"), "close": texts.get("close_frame", "Close")}


def href(kind: str, contact: str) -> str:
    """What a tap on a contact opens."""
    if kind in LINK:
        return LINK[kind] + "".join(character for character in contact if character.isdigit() or character == "+")
    return contact if contact.startswith("https://") else f"https://{contact}"


@router.get("/")
async def chat_page(request: Request) -> Response:
    service = _service(request)
    try:
        people = await service.store.read(lambda connection: staffing(connection, service.store.now(connection)))
    except HandrailError:
        people = Staffing.NONE
    page = _page(request, "chat.html", staffing=people.value, plain=True)
    page.headers["Content-Security-Policy"] = _look(request).security_policy
    return page


@router.get("/embed.js")
async def embed_script(request: Request) -> Response:
    """For one `<script>` line on a helpline's own site."""
    texts = language_context(_languages(request.app.state.settings.data_dir), request)["screens"]
    return Response(_look(request).embed_script(embed_words(texts)), media_type=KINDS[".js"], headers=FOR_ALL)


@router.get("/look.css")
async def look_stylesheet(request: Request) -> Response:
    return Response(_look(request).stylesheet, media_type=KINDS[".css"])


@router.get("/static/chat/{name}")
async def chat_asset(request: Request, name: str) -> Response:
    if name not in assets:
        raise NotFound("There is nothing here.")
    return send(request, assets[name])


@router.get("/static/shared/tokens.css")
async def tokens(request: Request) -> Response:
    return send(request, shared_assets["tokens.css"])


@router.get("/safe")
async def stay_safe_page(request: Request) -> Response:
    return _page(request, "safe.html")


@router.get("/kept")
async def kept_page(request: Request) -> Response:
    return _page(request, "kept.html", policy=_service(request).content.policy)


@router.get("/elsewhere")
async def elsewhere_page(request: Request) -> Response:
    """Numbers of every country in the directory: the place is picked by the reader, never looked up."""
    return _page(request, "elsewhere.html", **_everywhere(_service(request)))


@router.get("/complaints")
async def complaints_page(request: Request) -> Response:
    return _page(request, "complaints.html", complaints_to=_look(request).complaints_to)


@router.get("/exit")
async def leave_page(request: Request) -> Response:
    """Away to the neutral page; wipes the origin's storage only for our own page, so no other site can do it to a reader."""
    headers = {"Cache-Control": "no-store"}
    same_origin = request.headers.get("sec-fetch-site") == "same-origin"
    if same_origin and request.headers.get("sec-fetch-dest") in {"document", "iframe"}:
        headers["Clear-Site-Data"] = '"storage", "cache"'
    return RedirectResponse(_service(request).content.policy.exit_url, status_code=303, headers=headers)


@router.post("/plain")
async def plain_message(request: Request) -> Response:
    """One message from a browser without JavaScript; the answer shows only what came back, never what was said before."""
    service = _service(request)
    form = {name: values[0] for name, values in parse_qs((await request.body()).decode("utf-8", "replace")).items()}
    token = form.get("token", "")
    try:
        text = intake.clean_text(form.get("text"))
    except BadRequest as error:
        return _plain(request, token, [], [], error.message, text=form.get("text", ""))
    if service.closed_to_the_public:
        return _plain(request, "", [], [], "This is a demonstration. Nobody reads it.", text=text)
    try:
        if not token:
            opened = await service.store.write(
                lambda connection: lives.create(connection, locale="en", country=None, now=service.store.now(connection))
            )
            token = opened.token
        taken, _assessment = await take(service, token, intake.Incoming(str(uuid.uuid4()), text))
    except HandrailError as error:
        help_now = service.fixed_help()["help"]
        return _plain(request, token, [help_now["text"]], help_now["resources"], error.message, text=text)
    service.worker.wake()
    bubbles, resources = await _wait_for_answer(service, token, taken.seq)
    return _plain(request, token, bubbles, resources, "")


async def _wait_for_answer(service: ChatService, token: str, seq: int) -> tuple[list[str], list[dict[str, Any]]]:
    """The replies to the message `seq`, waiting up to eight seconds: a fragment waits for quiet, a turn for the engine."""

    def read(connection: Connection) -> list[Any]:
        row = lives.by_token(connection, token)
        return [message for message in transcript.messages_after(connection, row.id, seq) if message.sender != "young_person"]

    deadline = time.monotonic() + 8
    row_id = await service.store.read(lambda connection: lives.by_token(connection, token).id)
    async with service.store.signals.subscribe("conversation", row_id) as waiter:
        while True:
            rows = await service.store.read(read)
            if rows or time.monotonic() > deadline:
                break
            await waiter.wait(1.0)
    bubbles = [row.text for row in rows]
    resources: list[dict[str, Any]] = next((row.resources for row in reversed(rows) if row.resources), [])
    return bubbles, resources


def _page(request: Request, name: str, **more: Any) -> Response:
    service = _service(request)
    context = {
        "look": _look(request),
        **language_context(_languages(request.app.state.settings.data_dir), request),
        "services": page_services(service),
        "exit_path": "/exit",
        "demonstration": request.app.state.demonstration,
        "helpline_name": service.content.policy.helpline_name,
        **more,
    }
    page = templates.TemplateResponse(request, name, context, headers={"Cache-Control": "no-store"})
    if name == "plain.html":
        return page  # holds a token beside words from outside: its compressed size could tell of the token
    whole = bytes(page.body)
    small = compressed(request, whole, gzip.compress(whole, 6, mtime=0), "text/html; charset=utf-8")
    small.headers["Cache-Control"] = "no-store"
    return small


def _plain(
    request: Request, token: str, bubbles: list[str], resources: list[dict[str, Any]], problem: str, text: str = ""
) -> Response:
    shown = [{**entry, "href": href(entry["kind"], entry["contact"])} for entry in resources]
    return _page(request, "plain.html", token=token, bubbles=bubbles, resources=shown, problem=problem, text=text)

