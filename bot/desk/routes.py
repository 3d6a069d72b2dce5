"""The desk's HTTP API, as contract.md describes it: put together here, every route with its rule."""

from __future__ import annotations

from fastapi import APIRouter

from bot.desk import (
    emergency_routes,
    example_routes,
    handoff_routes,
    queue_routes,
    records_routes,
    session,
    shift_routes,
    stream,
    supervision_routes,
)
from bot.http.roles import insist_on_rules

PARTS = (
    session.router,
    shift_routes.router,
    queue_routes.router,
    stream.router,
    handoff_routes.router,
    supervision_routes.router,
    emergency_routes.router,
    records_routes.router,
    example_routes.router,
)


def desk_router() -> APIRouter:
    """All routes below `/api/desk`. Raises `HandrailError` when one of them has no rule about who may use it."""
    router = APIRouter(prefix="/api/desk")
    for part in PARTS:
        insist_on_rules(part)
        router.include_router(part)
    return router
