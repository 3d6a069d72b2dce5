"""The project's exceptions.

    HandrailError
    ├── BadRequest          what a client sent cannot be used        (422)
    ├── NotAllowed          signed in, but not for this              (403)
    ├── NotSignedIn         no valid token or session                (401)
    ├── NotFound            no such thing, or not for this reader    (404)
    ├── Conflict            somebody else was first                  (409)
    ├── TooMany             slow down                                (429)
    ├── Unavailable         a part that is needed is away            (503)
    ├── ContentError        content in data/ that cannot be used
    └── ModelError          a model or encoder file that cannot be used

Raise where the cause is known; `bot.http.errors` turns them into words for people.
"""

from __future__ import annotations

from typing import Any


class HandrailError(Exception):
    """Base of all errors that this project raises on purpose.

    Args:
        message: what is wrong, in plain words that may be shown to the person who caused it.
        extra: further keys for the JSON body of the answer.
    """

    status = 500

    def __init__(self, message: str, **extra: Any) -> None:
        super().__init__(message)
        self.message = message
        self.extra = extra


class BadRequest(HandrailError):
    status = 422


class NotSignedIn(HandrailError):
    status = 401


class NotAllowed(HandrailError):
    status = 403


class NotFound(HandrailError):
    status = 404


class Conflict(HandrailError):
    status = 409


class TooMany(HandrailError):
    status = 429


class Unavailable(HandrailError):
    status = 503


class ContentError(HandrailError):
    """Content that cannot be used; `problems` lists `file:line: what is wrong and how to mend it`."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems

    def __reduce__(self) -> tuple[type[ContentError], tuple[list[str]]]:
        return type(self), (self.problems,)  # whole also when it comes from a process that trains


class ModelError(HandrailError):
    pass
