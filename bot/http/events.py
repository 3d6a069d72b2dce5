"""Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import StreamingResponse

HEARTBEAT = ": \n\n"
HEARTBEAT_EVERY = 15.0  # seconds
REREAD_EVERY = 5.0  # seconds; a lost signal costs no more than this


def event(name: str, data: Any, event_id: int | None = None) -> str:
    """One event as it goes over the wire; `data` becomes JSON on one line."""
    head = f"id: {event_id}\n" if event_id is not None else ""
    return f"{head}event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def event_stream(chunks: AsyncIterator[str]) -> StreamingResponse:
    """The answer that streams `chunks`, kept out of every cache and buffer on the way."""
    return StreamingResponse(
        chunks,
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
