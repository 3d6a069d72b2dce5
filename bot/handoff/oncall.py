"""The contact on call: told when somebody waits and nobody is at the desk, or when nobody can get through at all.

By webhook, by e-mail, or by both; off until one is set. What is sent are counts and times, never a word or an id of a chat: it
goes over networks and onto phones that are not ours. Each waiting chat is told of once; a call that fails is tried again.
"""

from __future__ import annotations

import asyncio
import logging
import smtplib
import ssl
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from sqlalchemy import Connection, and_, or_, select, update

from bot.content import Content
from bot.handoff import journal
from bot.handoff.deadlines import limits
from bot.handoff.opening import LEFT_FOR_GOOD
from bot.handoff.staffing import at_the_desk
from bot.store.database import DatabaseAway, Store
from bot.store.tables import conversations, handoffs
from bot.triage.taxonomy import Tier

log = logging.getLogger(__name__)

LOOK_EVERY = 5.0  # seconds
TIMEOUT = 10.0  # seconds of one try
PAUSES = (2.0, 10.0)  # seconds before the second and the third try
AGAIN = 60.0  # seconds after which all tries of a call that reached nobody begin anew
UNANSWERED = 3.0  # times the deadline that somebody at `immediate` waits although people are there


@dataclass(frozen=True, slots=True)
class Mail:
    """Where e-mail goes, and over which server.

    Attributes:
        security: none, starttls or tls.
        user: "" where the server asks for nobody.
    """

    to: str
    sender: str
    host: str
    port: int
    security: str = "starttls"
    user: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """What the contact is told; `handoffs` are ids for our own history and are not sent."""

    event: str  # nobody_on_duty | not_answered | cannot_store
    what: str
    waiting: Mapping[str, int]
    minutes: int = 0  # of the longest wait
    handoffs: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {"event": self.event, "what": self.what, "waiting": dict(self.waiting), "longest_wait_minutes": self.minutes}


CANNOT_STORE = Call("cannot_store", "Young people cannot get through: their messages cannot be stored.", {})


class OnCall:
    """Reaches the contact. `webhook` "" and `mail` None are off."""

    def __init__(self, webhook: str = "", mail: Mail | None = None, pauses: Sequence[float] = PAUSES) -> None:
        self._webhook = webhook
        self._mail = mail
        self._pauses = pauses

    def __bool__(self) -> bool:
        return bool(self._webhook or self._mail)

    async def tell(self, call: Call) -> bool:
        """Tries each way until one try succeeds, three times at most. Returns whether any way did."""
        ways = [way for way, is_set in ((self._post, self._webhook), (self._send, self._mail)) if is_set]
        return any(await asyncio.gather(*(self._try(way, call) for way in ways)))

    async def _try(self, way: Callable[[Call], Any], call: Call) -> bool:
        for pause in (0.0, *self._pauses):
            await asyncio.sleep(pause)
            try:
                await way(call)
                return True
            except Exception as error:  # whatever the other side does, the next try must come
                log.error("the contact on call was not reached: %s", type(error).__name__)
        return False

    async def _post(self, call: Call) -> None:
        import aiohttp

        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT)) as client,
            client.post(self._webhook, json=call.as_json(), allow_redirects=False) as answer,
        ):
            if answer.status >= 300:
                raise ConnectionError(answer.status)

    async def _send(self, call: Call) -> None:
        assert self._mail is not None
        await asyncio.to_thread(send_mail, self._mail, call)


def send_mail(mail: Mail, call: Call) -> None:
    """Sends one e-mail; takes up to some seconds. Raises `OSError` or `smtplib.SMTPException`."""
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = f"Helpline: {call.event.replace('_', ' ')}", mail.sender, mail.to
    message.set_content(f"{call.what}\n\nOpen the desk, or phone somebody who can.\n")
    trusted = ssl.create_default_context()
    if mail.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(mail.host, mail.port, timeout=TIMEOUT, context=trusted)
    else:
        server = smtplib.SMTP(mail.host, mail.port, timeout=TIMEOUT)
    with server:
        if mail.security == "starttls":
            server.starttls(context=trusted)
        if mail.user:
            server.login(mail.user, mail.password)
        server.send_message(message)


# Who waits


def due(connection: Connection, content: Content, now: float) -> Call | None:
    """Takes what the contact must be told now, so that no other process tells it too; None when there is nothing.

    With nobody at the desk: `high` and `immediate` at once, the rest after their deadline. With people there: `immediate`
    that waits three times its deadline.
    """
    deadline = limits(content.policy.deadlines)["claim"]
    alone = not at_the_desk(connection, now)
    waits = {
        tier: (0.0 if tier >= Tier.HIGH else deadline[tier.id]) if alone else UNANSWERED * deadline[tier.id]
        for tier in (Tier if alone else (Tier.IMMEDIATE,))
    }
    long_enough = or_(
        *(and_(handoffs.c.tier == int(tier), handoffs.c.waiting_since <= now - wait) for tier, wait in waits.items())
    )
    left = select(conversations.c.id).where(conversations.c.away_how.in_(LEFT_FOR_GOOD))
    take = (
        update(handoffs)
        .where(
            handoffs.c.state == "waiting",
            handoffs.c.set_aside_at.is_(None),
            handoffs.c.oncall_told_at.is_(None),
            or_(handoffs.c.oncall_tried_at.is_(None), handoffs.c.oncall_tried_at <= now - AGAIN),
            or_(handoffs.c.tier == int(Tier.IMMEDIATE), handoffs.c.conversation_id.not_in(left)),
            long_enough,
        )
        .values(oncall_tried_at=now)
        .returning(handoffs.c.id, handoffs.c.tier, handoffs.c.waiting_since)
    )
    found = connection.execute(take).all()
    if not found:
        return None
    counts = {tier.id: sum(row.tier == int(tier) for row in found) for tier in reversed(Tier)}
    waiting = {tier: count for tier, count in counts.items() if count}
    minutes = int((now - min(row.waiting_since for row in found)) // 60)
    people = "1 young person waits" if len(found) == 1 else f"{len(found)} young people wait"
    why = "nobody is at the desk" if alone else "nobody at the desk has answered"
    listed = ", ".join(f"{count} {tier}" for tier, count in waiting.items())
    what = f"{people} and {why}: {listed}. The longest wait is {minutes} min."
    event = "nobody_on_duty" if alone else "not_answered"
    return Call(event, what, waiting, minutes, tuple(sorted(row.id for row in found)))


def told(connection: Connection, handoff_ids: Iterable[int], reached: bool, now: float) -> None:
    """Keeps what became of a call in the history of each chat that it was about."""
    for handoff_id in handoff_ids:
        still = update(handoffs).where(handoffs.c.id == handoff_id).values(oncall_told_at=now if reached else None)
        if connection.execute(still).rowcount:  # it may have been erased since
            journal.note(connection, handoff_id, "oncall_told" if reached else "oncall_failed", now)


async def watch(store: Store, content: Content, oncall: OnCall) -> None:
    """Looks every five seconds, for ever; a database that is away is looked for again."""
    while oncall:
        try:
            await look(store, content, oncall)
        except DatabaseAway:
            log.error("the database is away; who waits is not known")
        await asyncio.sleep(LOOK_EVERY)


async def look(store: Store, content: Content, oncall: OnCall) -> Call | None:
    """One look, and the call that it leads to; returns what was told, or was tried to be."""
    call = await store.write(lambda connection: due(connection, content, store.now(connection)))
    if call is not None:
        reached = await oncall.tell(call)
        await store.write(lambda connection: told(connection, call.handoffs, reached, store.now(connection)))
    return call
