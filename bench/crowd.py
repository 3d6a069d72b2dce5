"""A desk full of people, written straight into a database: waiting young people, and counsellors who are signed in."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from bot.handoff import journal
from bot.http import sign_in
from bot.settings import ROOT
from bot.store.tables import conversations, handoffs, messages, presence, staff
from bot.triage.taxonomy import Tier

WORDS_EACH = 12
GAP = 1.5  # seconds between one young person and the next
# Cue and tier of every tenth young person, and so on round.
KINDS: Sequence[tuple[str, Tier]] = (
    ("suicide_intent", Tier.IMMEDIATE),
    *[("sextortion", Tier.HIGH)] * 3,
    *[("offer_red_flags", Tier.ELEVATED)] * 6,
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A counsellor's browser, as the server knows it."""

    name: str
    token: str
    csrf: str


def waiting(connection: Connection, count: int, now: float) -> None:
    """`count` young people who wait, each with words of their own, the last one since now."""
    words = (ROOT / "data" / "return_words.txt").read_text(encoding="utf-8").split()
    chance = random.Random(5)
    texts = [" ".join(chance.choices(words, k=WORDS_EACH)) for _ in range(count)]
    kinds = [KINDS[number % len(KINDS)] for number in range(count)]
    moments = [now - GAP * (count - number) for number in range(count)]
    ids = [f"crowd{number:035d}" for number in range(count)]
    connection.execute(
        insert(conversations),
        [
            {"id": one, "token_hash": one, "created_at": at, "active_at": at, "mode": "waiting", "seq": 1, "turn_upto_seq": 1}
            for one, at in zip(ids, moments, strict=True)
        ],
    )
    connection.execute(
        insert(messages),
        [
            {"conversation_id": one, "seq": 1, "sender": "young_person", "text": text, "at": at}
            for one, text, at in zip(ids, texts, moments, strict=True)
        ],
    )
    connection.execute(
        insert(handoffs),
        [
            {
                "conversation_id": one,
                "state": "waiting",
                "tier": int(tier),
                "assessed": "full",
                "cause": "cue",
                "opened_at": at,
                "waiting_since": at,
                "reasons": [{"cue": cue, "quote": text, "seqs": [1], "at": at, "score": 0.9, "about": "self"}],
                "facts": {},
            }
            for one, text, (cue, tier), at in zip(ids, texts, kinds, moments, strict=True)
        ],
    )
    if ids:
        journal.changed(connection, ids[-1])


def counsellors(connection: Connection, count: int, now: float) -> list[SignedIn]:
    """`count` counsellors on shift, each with a session; nobody can sign in as one of them by a password."""
    same = {"role": "counsellor", "password_hash": "!", "must_change_password": False, "created_at": now}
    connection.execute(insert(staff), [{"name": f"Counsellor {number}", **same} for number in range(count)])
    added = select(staff.c.id, staff.c.name).where(staff.c.name.like("Counsellor %")).order_by(staff.c.id)
    rows = connection.execute(added).all()
    made = []
    for row in rows:
        token = sign_in.open_session(connection, sign_in.Account(row.id, "!"), now)
        session = sign_in.session(connection, token, now)
        assert session is not None
        made.append(SignedIn(row.name, token, session.csrf))
    connection.execute(
        insert(presence), [{"staff_id": row.id, "state": "on_shift", "since": now, "stream_seen_at": now} for row in rows]
    )
    return made
