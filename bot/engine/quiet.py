"""Settings that must hold before Rasa is imported anywhere else: no telemetry, and no message in any log.

Importing this module makes them.
"""

from __future__ import annotations

import logging
import os

os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TQDM_DISABLE", "1")

import rasa.utils.log_utils  # noqa: E402

rasa.utils.log_utils.configure_structlog(logging.WARNING)  # at DEBUG Rasa prints every message
logging.getLogger("rasa.core.processor").setLevel(logging.CRITICAL)  # tracebacks; `in_process` names the action that failed
logging.getLogger("rasa_sdk").setLevel(logging.ERROR)
