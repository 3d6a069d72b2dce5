"""Serves the engine on its loopback address."""

from __future__ import annotations

import os
import sys

import uvicorn

from bot.engine.app import create_app
from bot.settings import Settings


def serve(settings: Settings) -> None:
    """Serves until the process is told to stop, and ends the process then. No access log: `web` counts better."""
    config = uvicorn.Config(
        create_app(settings),
        host=settings.engine_host,
        port=settings.engine_port,
        log_level="warning",
        access_log=False,
        ws="none",  # the websockets that Rasa needs is too old for uvicorn
        timeout_graceful_shutdown=5,
    )
    uvicorn.Server(config).run()
    # Python would wait for the thread that is perhaps still importing Rasa. There is nothing here to be lost.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
