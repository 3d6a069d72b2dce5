"""Serves the engine on its loopback address."""

from __future__ import annotations

import logging

import uvicorn

from bot.engine.app import create_app
from bot.settings import Settings


def serve(settings: Settings) -> None:
    """Serves until the process is told to stop. No access log: it says nothing that `web` does not count better."""
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    config = uvicorn.Config(
        create_app(settings),
        host=settings.engine_host,
        port=settings.engine_port,
        log_level=settings.log_level,
        access_log=False,
        timeout_graceful_shutdown=5,
    )
    uvicorn.Server(config).run()
