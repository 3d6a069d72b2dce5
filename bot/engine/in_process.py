"""Custom actions in the engine's own process, without HTTP."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import jsonschema
from rasa.core.actions.action import RemoteAction
from rasa.shared.exceptions import RasaException
from rasa.utils.endpoints import EndpointConfig
from rasa_sdk.executor import ActionExecutor

logger = logging.getLogger(__name__)

failed_actions: ContextVar[list[str]] = ContextVar("failed_actions")
"""Names of the actions that failed in the turn of this context."""


class InProcessActions(EndpointConfig):
    """Runs the actions of the package `actions` where Rasa would call an action server.

    An error inside an action carries the tracker, and so the words of a young person: only the action's name goes on.
    """

    def __init__(self, executor: ActionExecutor) -> None:
        super().__init__(url="http://in-process.invalid", enable_selective_domain=True)
        self._executor = executor

    async def request(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        call = kwargs["json"]
        name = call["next_action"]
        try:
            answer = await self._executor.run(call)
        except Exception as error:  # whatever an action does, the turn goes on and the caller is told
            failed_actions.get([]).append(name)
            logger.error("action %s failed: %s", name, type(error).__name__)
            raise RasaException(f"action {name} failed") from None
        return answer or {"events": [], "responses": []}


def load_actions(package: str = "actions") -> InProcessActions:
    """All actions of `package`. Raises `ImportError` when it cannot be imported."""
    __import__(package)  # the executor ends the process on an import error
    executor = ActionExecutor()
    executor.register_package(package)
    _validate_answers_once_compiled()
    return InProcessActions(executor)


def _validate_answers_once_compiled() -> None:
    """Rasa compiles the schema of an action's answer anew for every call, which takes 26 ms; compiled once it takes 0.04 ms."""

    def validate(self: RemoteAction, result: dict[str, Any]) -> bool:
        _validator().validate(result)
        return True

    RemoteAction._validate_action_result = validate


@lru_cache(maxsize=1)
def _validator() -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(RemoteAction.action_response_format_spec())
