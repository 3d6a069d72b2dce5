"""The queue as the page lists it: near-identical openings as one row, what is set aside at the end."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select

from bot.desk.views import row_view
from bot.handoff import journal, queue
from bot.handoff.folding import Opening, Signature, folded, signature_of
from bot.store.tables import handoffs, messages
from bot.triage.taxonomy import Tier

MOST_LOOKED_AT = 5000
MOST_KEPT = 20_000
AT_ONCE = 500  # openings that are read in one statement
MOST_MEMBERS = 50  # of a folded row that are sent along
KEPT_FOR = 1.0  # seconds; order and language may change by time and without a new version
MOST_PAGES = 64


class Pages:
    """Pages of the queue as JSON, made once for all desks: at each change, two hundred ask for the same one."""

    def __init__(self) -> None:
        self._signatures = Signatures()
        self._making = threading.Lock()
        self._made: dict[tuple[int, bool], tuple[int, float, str]] = {}

    def of(self, connection: Connection, now: float, *, offset: int, fold: bool) -> str:
        """The members `version`, `counts` and `handoffs` of the answer, without the braces around them."""
        version = journal.queue_version(connection)
        with self._making:
            known, at, page = self._made.get((offset, fold), (-1, 0.0, ""))
            if known >= version and 0 <= now - at < KEPT_FOR:
                return page
            found = listed(connection, now, offset, self._signatures) if fold else _plain(connection, now, offset)
            members = {"version": version, "counts": queue.counts(connection, now), "handoffs": found}
            page = json.dumps(members, ensure_ascii=False)[1:-1]
            if len(self._made) >= MOST_PAGES:
                self._made.clear()
            self._made[offset, fold] = version, now, page
            return page


def _plain(connection: Connection, now: float, offset: int) -> list[dict[str, Any]]:
    return [row_view(row) for row in queue.rows(connection, now, offset=offset)]


class Signatures:
    """Of openings, by conversation: an opening does not change, so each is read and worked out once."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Signature | None] = OrderedDict()

    def of(self, conversation_id: str) -> Signature | None:
        return self._known.get(conversation_id)

    def learn(self, connection: Connection, conversation_ids: Sequence[str]) -> None:
        """Reads the openings that are not known yet."""
        wanted = [conversation_id for conversation_id in conversation_ids if conversation_id not in self._known]
        for start in range(0, len(wanted), AT_ONCE):
            part = wanted[start : start + AT_ONCE]
            self._known.update(dict.fromkeys(part))
            self._known.update({conversation_id: signature_of(text) for conversation_id, text in _openings(connection, part)})
        while len(self._known) > MOST_KEPT:
            self._known.popitem(last=False)


def listed(connection: Connection, now: float, offset: int, signatures: Signatures) -> list[dict[str, Any]]:
    """50 rows from `offset` on. A folded row is its first chat with `fold`: the count, all ids, and the next members."""
    light = select(
        handoffs.c.id, handoffs.c.conversation_id, handoffs.c.tier, handoffs.c.state, handoffs.c.opened_at,
        handoffs.c.waiting_since, handoffs.c.set_aside_at,
    ).where(handoffs.c.state.in_(queue.OPEN))
    found: list[Row[Any]] = list(connection.execute(light.limit(MOST_LOOKED_AT)))
    in_order = sorted(found, key=lambda row: queue.place(Tier(row.tier), row.waiting_since, row.id, now))
    turn = [row for row in in_order if row.set_aside_at is None]
    signatures.learn(connection, [row.conversation_id for row in turn if row.state == "waiting"])
    groups = folded(
        [
            Opening(
                row.id, row.tier, row.opened_at, signatures.of(row.conversation_id) if row.state == "waiting" else None
            )
            for row in turn
        ]
    )
    groups += [[row.id] for row in in_order if row.set_aside_at is not None]
    page = groups[offset : offset + queue.PAGE]
    shown = [handoff_id for group in page for handoff_id in group[:MOST_MEMBERS]]
    views = {row.id: row_view(row) for row in queue.rows_of(connection, shown)}
    return [_as_row(group, views) for group in page if group[0] in views]


def _as_row(group: Sequence[int], views: dict[int, dict[str, Any]]) -> dict[str, Any]:
    head = views[group[0]]
    if len(group) == 1:
        return head
    members = [views[handoff_id] for handoff_id in group[1:MOST_MEMBERS] if handoff_id in views]
    return {**head, "fold": {"count": len(group), "ids": list(group), "members": members}}


def _openings(connection: Connection, conversation_ids: Sequence[str]) -> list[tuple[str, str]]:
    """The first words of these conversations, as (conversation, text); none for one without words."""
    first = (
        select(messages.c.conversation_id, func.min(messages.c.seq).label("seq"))
        .where(messages.c.conversation_id.in_(conversation_ids), messages.c.sender == "young_person")
        .group_by(messages.c.conversation_id)
        .subquery()
    )
    same = (messages.c.conversation_id == first.c.conversation_id) & (messages.c.seq == first.c.seq)
    query = select(messages.c.conversation_id, messages.c.text).join(first, same)
    return [(row.conversation_id, row.text) for row in connection.execute(query)]
