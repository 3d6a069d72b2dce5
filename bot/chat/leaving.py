"""What a young person pressed "send" on and the server did not have yet when they left: it is not lost."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from bot.chat import conversations as lives
from bot.chat.intake import Incoming
from bot.chat.service import ChatService
from bot.chat.taking import incoming, take
from bot.errors import BadRequest, HandrailError, NotSignedIn, Unavailable
from bot.store.database import DatabaseAway

MOST = 100  # messages of one farewell; more short ones than anybody types on a line that does not pass


def pressed(unsent: object) -> list[Incoming]:
    """The messages that a page could not send, oldest first; what cannot be read must not cost the others."""
    found = []
    for item in unsent if isinstance(unsent, list) else ():
        try:
            found.append(incoming(item if isinstance(item, dict) else {}))
        except BadRequest:
            continue
    return found[:MOST]


async def open_late(service: ChatService, locale: object) -> str:
    """The token of a new conversation, for words that were sent off before one had opened; no device ever has it.

    Raises:
        Unavailable: this is a demonstration, which nobody reads.
        DatabaseAway: the words cannot be kept; whoever is on call is told.
    """
    if service.closed_to_the_public:
        raise Unavailable("This is a demonstration. Nobody reads it.")

    def work(connection: Connection) -> lives.Opened:
        now, limits = service.store.now(connection), service.content.policy.version
        tag = locale if isinstance(locale, str) else "en"
        return lives.create(connection, locale=tag, country=None, now=now, limits_version=limits)

    try:
        return (await service.store.write(work)).token
    except DatabaseAway:
        service.somebody_cannot_get_through()
        raise


async def take_all(service: ChatService, token: str, unsent: Sequence[Incoming]) -> None:
    """Takes them in, in their order. Raises `NotSignedIn` when the token opens nothing."""
    for message in unsent:
        try:
            await take(service, token, message)
        except NotSignedIn:
            raise
        except DatabaseAway:
            service.somebody_cannot_get_through()
            return  # whoever left must not wait for a database: what is next is to take the token back
        except HandrailError:
            continue  # one message that cannot be used must not cost the others
