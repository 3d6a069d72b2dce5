"""Who may do what at the desk: nothing without a rule."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.responses import Response

from bot.desk.routes import PARTS, desk_router
from bot.errors import HandrailError
from bot.http.roles import ANYBODY, ROLES, allow, insist_on_rules, rule_of
from tests.web.desk_fixtures import Browser, DeskApp, desk

__all__ = ["desk"]
SIGN_IN = ("POST", "/session")


def routes() -> Iterator[tuple[str, str, frozenset[str]]]:
    for part in PARTS:
        for route in part.routes:
            assert isinstance(route, APIRoute)
            rule = rule_of(route)
            assert rule is not None
            for method in sorted(route.methods or ()):
                yield method, route.path, rule


def call(browser: Browser, method: str, path: str) -> int:
    """The status of a call, with the browser's token and no body."""
    address = f"/api/desk{path.replace('{handoff_id}', '1').replace('{export_id}', '1').replace('{example_id}', '1')}"
    return int(browser.http.request(method, address, headers={"X-CSRF-Token": browser.csrf}).status_code)


def test_the_walk_sees_every_route_of_the_contract() -> None:
    seen = {(method, path) for method, path, _rule in routes()}
    acts = ("accept", "messages", "first-word", "typing", "tier", "notes", "release", "transfer", "close", "return-to-bot")
    wanted = {("POST", f"/handoffs/{{handoff_id}}/{act}") for act in (*acts, "read-reason")}
    wanted |= {("GET", path) for path in ("/me", "/queue", "/events", "/handoffs/{handoff_id}")}
    wanted |= {("POST", path) for path in ("/session", "/password", "/next", "/presence")}

    assert wanted <= seen


def test_only_signing_in_is_open_to_anybody() -> None:
    assert [(method, path) for method, path, rule in routes() if rule == ANYBODY] == [SIGN_IN]


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in routes() if (method, path) != SIGN_IN])
def test_without_a_sign_in_a_route_is_401(desk: DeskApp, method: str, path: str) -> None:
    assert call(desk.browser(), method, path) == 401


@pytest.mark.parametrize("role", ROLES)
def test_with_another_role_than_its_rule_names_a_route_is_403(desk: DeskApp, role: str) -> None:
    browser = desk.signed_in("Sam", role)

    for method, path, rule in routes():
        if role not in rule and rule != ANYBODY:
            assert call(browser, method, path) == 403, (role, method, path)


def test_content_leads_and_admins_see_no_young_person() -> None:
    decides = ("/records", "/exports/{export_id}/approve", "/exports/{export_id}/refuse")  # tests/web/test_desk_records.py
    for method, path, rule in routes():
        if path not in ("/session", "/password", "/me"):
            assert not rule & {"content"} and ("admin" not in rule or path in decides), (method, path)


def test_a_route_without_a_rule_is_refused_at_the_start() -> None:
    router = APIRouter()

    @router.get("/open-by-mistake")
    async def forgotten() -> Response:
        return Response()

    with pytest.raises(HandrailError, match="open-by-mistake"):
        insist_on_rules(router)


def test_a_router_hidden_in_another_is_refused_too() -> None:
    inner, outer = APIRouter(), APIRouter()

    @inner.get("/hidden")
    async def hidden() -> Response:
        return Response()

    outer.include_router(inner)

    with pytest.raises(HandrailError):
        insist_on_rules(outer)


def test_a_rule_for_a_role_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="boss"):
        allow("boss")
    with pytest.raises(ValueError):
        allow()


def test_the_desk_starts() -> None:
    assert desk_router().prefix == "/api/desk"
