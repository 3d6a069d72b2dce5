"""The young person's pages: the chat, those beside it, and the way out. `bot.chat.plain` has the chat without JavaScript."""

from __future__ import annotations

import gzip
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response
from starlette.templating import Jinja2Templates

from bot.chat.appearance import Appearance, load_appearance
from bot.chat.assets import KINDS, bundles, compressed, read_assets, send
from bot.chat.languages import Language, choose, load_languages
from bot.chat.service import ChatService
from bot.chat.views import service_view
from bot.content.directory import WORLDWIDE
from bot.content.staffing import Staffing
from bot.errors import HandrailError, NotFound
from bot.handoff.staffing import staffing

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


def read_pages(data_dir: Path) -> None:
    """Reads all that the pages take from `data_dir`. Raises `ContentError` for what cannot be used."""
    _languages(data_dir)
    _appearance(data_dir)


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


def _language(request: Request) -> dict[str, Any]:
    """The reader's language, in English with the operator's own words."""
    context = language_context(_languages(request.app.state.settings.data_dir), request)
    own = _look(request).texts if context["locale"] == "en" else {}
    return {**context, "screens": {**context["screens"], **own}}


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
    shown = page(request, "chat.html", staffing=people.value, plain=True)
    shown.headers["Content-Security-Policy"] = _look(request).security_policy
    return shown


@router.get("/embed.js")
async def embed_script(request: Request) -> Response:
    """For one `<script>` line on a helpline's own site."""
    script = _look(request).embed_script(embed_words(_language(request)["screens"]))
    return Response(script, media_type=KINDS[".js"], headers=FOR_ALL)


@router.get("/look.css")
async def look_stylesheet(request: Request) -> Response:
    return Response(_look(request).stylesheet, media_type=KINDS[".css"])


@router.get("/icon")
async def icon(request: Request) -> Response:
    look = _look(request)
    if look.icon is None:
        raise NotFound("There is nothing here.")
    return Response(look.icon, media_type=look.icon_kind)


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
    return page(request, "safe.html")


@router.get("/kept")
async def kept_page(request: Request) -> Response:
    return page(request, "kept.html", policy=_service(request).content.policy)


@router.get("/elsewhere")
async def elsewhere_page(request: Request) -> Response:
    """Numbers of every country in the directory: the place is picked by the reader, never looked up."""
    return page(request, "elsewhere.html", **_everywhere(_service(request)))


@router.get("/complaints")
async def complaints_page(request: Request) -> Response:
    return page(request, "complaints.html", complaints_to=_look(request).complaints_to)


@router.get("/exit")
async def leave_page(request: Request) -> Response:
    """Away to the neutral page; wipes the origin's storage only for our own page, so no other site can do it to a reader."""
    headers = {"Cache-Control": "no-store"}
    same_origin = request.headers.get("sec-fetch-site") == "same-origin"
    if same_origin and request.headers.get("sec-fetch-dest") in {"document", "iframe"}:
        headers["Clear-Site-Data"] = '"storage", "cache"'
    return RedirectResponse(_service(request).content.policy.exit_url, status_code=303, headers=headers)


def page(request: Request, name: str, **more: Any) -> Response:
    """One of the templates with what they all need: look, language, numbers, the way out. Never stored by a browser."""
    service = _service(request)
    context = {
        "look": _look(request),
        **_language(request),
        "services": page_services(service),
        "exit_path": "/exit",
        "demonstration": request.app.state.demonstration,
        "helpline_name": service.content.policy.helpline_name,
        **more,
    }
    made = templates.TemplateResponse(request, name, context, headers={"Cache-Control": "no-store"})
    if name == "plain.html":
        return made  # holds a token beside words from outside: its compressed size could tell of the token
    whole = bytes(made.body)
    small = compressed(request, whole, gzip.compress(whole, 6, mtime=0), "text/html; charset=utf-8")
    small.headers["Cache-Control"] = "no-store"
    return small
