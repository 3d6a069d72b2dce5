"""What a request brings with it."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request

from bot.errors import BadRequest


async def json_object(request: Request) -> dict[str, Any]:
    """The request's JSON object, whatever type it claims to be. Raises `BadRequest` for anything else."""
    raw = await request.body()
    try:
        body = json.loads(raw) if raw else {}
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not JSON.") from error
    if not isinstance(body, dict):
        raise BadRequest("The body is not a JSON object.")
    return body
