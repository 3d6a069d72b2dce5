"""Turns failures into answers: the right status and plain words, never a stack trace."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from bot.errors import HandrailError

log = logging.getLogger(__name__)

PLAIN = {
    400: "That request cannot be read.",
    401: "You are not signed in.",
    403: "You may not do this.",
    404: "There is nothing here.",
    405: "That cannot be done here.",
    413: "That is too large.",
    422: "Something in that request is missing or wrong.",
}


def install_error_handlers(app: FastAPI, more_on_failure: Callable[[Request], Mapping[str, Any]] = lambda _request: {}) -> None:
    """Makes every error of `app` a JSON body `{"error": …}`; what nobody foresaw is logged by type and place only.

    Args:
        more_on_failure: what else the body holds when the failure is ours (5xx): the help that a young person gets.
    """

    @app.exception_handler(HandrailError)
    async def _ours(request: Request, error: HandrailError) -> Response:
        more = more_on_failure(request) if error.status >= 500 else {}
        return JSONResponse({"error": error.message, **more, **error.extra}, status_code=error.status)

    @app.exception_handler(HTTPException)
    async def _http(_request: Request, error: HTTPException) -> Response:
        body = {"error": PLAIN.get(error.status_code, "That did not work.")}
        return JSONResponse(body, status_code=error.status_code, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    async def _validation(_request: Request, error: RequestValidationError) -> Response:
        places = sorted({".".join(str(part) for part in problem["loc"][1:]) or "the body" for problem in error.errors()})
        return JSONResponse({"error": f"Missing or wrong: {', '.join(places)}."}, status_code=422)

    @app.exception_handler(json.JSONDecodeError)
    async def _json(_request: Request, _error: json.JSONDecodeError) -> Response:
        return JSONResponse({"error": "The body is not JSON."}, status_code=422)

    @app.exception_handler(Exception)
    async def _unforeseen(request: Request, error: Exception) -> Response:
        log.error("unforeseen %s at %s", type(error).__name__, request.url.path)
        body = {"error": "This part broke. It is our fault, not yours.", **more_on_failure(request)}
        return JSONResponse(body, status_code=500)
