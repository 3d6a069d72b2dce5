"""Who serves which language, and what that means for the next chat.

A chat waits for somebody who serves its language only while such a person is at the desk with a hand free, and no longer
than the limit of its tier. In every other case whoever presses Next gets it: a person who has to translate is better than
no person. So while anybody at the desk has a hand free, every chat in turn is given to one of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select, update

from bot.errors import BadRequest, NotFound
from bot.handoff import queue
from bot.handoff.deadlines import limits
from bot.handoff.staffing import at_the_desk
from bot.store.tables import conversations, handoffs, staff
from bot.triage.taxonomy import Tier

CODE = re.compile(r"[a-z]{2,3}")  # ISO 639
MOST = 20


def language_of(locale: str) -> str:
    """The language of a locale: "pt" of "pt-BR"."""
    return locale.split("-")[0].lower()


def served_by(connection: Connection, staff_ids: Iterable[int]) -> dict[int, frozenset[str]]:
    """The codes of the languages that these people serve."""
    query = select(staff.c.id, staff.c.languages).where(staff.c.id.in_(list(staff_ids)))
    return {staff_id: frozenset(codes.split()) for staff_id, codes in connection.execute(query)}


def set_languages(connection: Connection, name: str, codes: Sequence[str]) -> tuple[str, ...]:
    """Sets which languages somebody serves, and returns them, each once, in the order given.

    Raises:
        BadRequest: a code is none of ISO 639, there is none at all, or there are too many.
        NotFound: nobody has this name.
    """
    wanted = tuple(dict.fromkeys(code.strip().lower() for code in codes))
    for code in wanted:
        if not CODE.fullmatch(code):
            raise BadRequest(f"{code!r} is no code of a language. Use two or three letters, such as en or hu.")
    if not 1 <= len(wanted) <= MOST:
        raise BadRequest(f"Name 1 to {MOST} languages.")
    changed = update(staff).where(staff.c.name == name.strip()).values(languages=" ".join(wanted))
    if connection.execute(changed).rowcount == 0:
        raise NotFound(f"Nobody is called {name!r}.")
    return wanted


def kept_back(language: str, waited: float, limit: float, mine: frozenset[str], free: Iterable[frozenset[str]]) -> bool:
    """Whether a chat waits for somebody else than the person who presses Next.

    Args:
        waited: seconds since it joined the queue.
        limit: seconds until a chat of its tier must have been taken.
        mine: languages of whoever presses.
        free: languages of each other person at the desk with a hand free.
    """
    return language not in mine and waited <= limit and any(language in theirs for theirs in free)


def next_for(connection: Connection, staff_id: int, deadlines: Mapping[str, float], now: float) -> int | None:
    """The most urgent waiting chat that this person should take; None when there is none for them.

    Args:
        deadlines: seconds by name, as the policy has them.
    """
    free = [person.staff_id for person in at_the_desk(connection, now) if person.free and person.staff_id != staff_id]
    languages = served_by(connection, [staff_id, *free])
    mine = languages.get(staff_id, frozenset())
    elsewhere = sorted(frozenset[str]().union(*(languages[one] for one in free)) - mine)
    if not elsewhere:
        return queue.next_in_turn(connection, now)
    within = handoffs.c.waiting_since >= case(
        *((handoffs.c.tier == int(Tier.from_id(tier)), now - limit) for tier, limit in limits(deadlines)["claim"].items()),
        else_=now,
    )
    return queue.next_in_turn(connection, now, unless=and_(within, _in_one_of(elsewhere)))


def _in_one_of(codes: Sequence[str]) -> ColumnElement[bool]:
    """A condition on handoffs: the conversation is in one of these languages; the same as `language_of`, for the database."""
    locale = func.lower(conversations.c.locale)
    spoken = select(conversations.c.id).where(
        conversations.c.id == handoffs.c.conversation_id,
        or_(*(or_(locale == code, locale.like(f"{code}-%")) for code in codes)),
    )
    return spoken.exists()
