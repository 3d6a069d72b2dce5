"""A database with a desk and young people in it, moved by hand: each test says what time it is."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, Row, select

from bot.content import Content
from bot.handoff import journal, lifecycle, records
from bot.settings import ROOT
from bot.store import transcript
from bot.store.crypto import Cipher
from bot.store.database import Store
from bot.store.tables import assessments, audit, conversations, handoff_events, handoffs, messages, presence, staff
from bot.triage.risk import EventKind, RiskEvent
from bot.triage.taxonomy import CUES
from tests.database import fresh_database

T = TypeVar("T")
START = 1_800_000_000.0  # seconds since the epoch; any will do


@dataclass
class Desk:
    """The functions of `bot.handoff` over one database, at the time `now`."""

    store: Store
    content: Content
    now: float = START
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def do(self, work: Callable[[Connection], T]) -> T:
        return self.store.write_now(work)

    # Young people

    def conversation(self, **more: Any) -> str:
        number = next(self._numbers)
        made = {"id": f"c{number:035d}", "token_hash": f"t{number}", "created_at": self.now, "active_at": self.now, **more}
        self.do(lambda connection: connection.execute(conversations.insert().values(**made)))
        return str(made["id"])

    def hears(self, conversation_id: str, cue: str, quote: str = "their words", **more: Any) -> lifecycle.HandoffChange:
        """The young person writes something that has this cue."""

        def work(connection: Connection) -> lifecycle.HandoffChange:
            seq = self._wrote(connection, conversation_id, quote, int(CUES[cue].tier))
            event = RiskEvent(EventKind.CUE, seq, self.now, cue=cue, quote=quote, **more)
            journal.record_risk(connection, conversation_id, event)
            risk = records.conversation_risk(connection, conversation_id)
            change = lifecycle.apply_risk(connection, conversation_id, risk, self.now)
            lifecycle.note_message(connection, conversation_id, self.now)
            return change

        return self.do(work)

    def writes(self, conversation_id: str, text: str = "hello") -> int:
        def work(connection: Connection) -> int:
            seq = self._wrote(connection, conversation_id, text, 0)
            lifecycle.note_message(connection, conversation_id, self.now)
            return seq

        return self.do(work)

    def _wrote(self, connection: Connection, conversation_id: str, text: str, tier: int) -> int:
        seq = transcript.append(connection, conversation_id, sender="young_person", text=text, now=self.now)
        mine = (messages.c.conversation_id == conversation_id) & (messages.c.seq == seq)
        message_id = connection.execute(select(messages.c.id).where(mine)).scalar_one()
        values = {"seq": seq, "tier": tier, "assessed": "full", "model": "", "result": {}, "at": self.now}
        connection.execute(assessments.insert().values(message_id=message_id, conversation_id=conversation_id, **values))
        return seq

    def waiting(self, cue: str = "sextortion", **more: Any) -> int:
        """A conversation with a waiting handoff; returns its handoff's id."""
        change = self.hears(self.conversation(**more), cue)
        assert change.opened and change.handoff_id is not None
        return change.handoff_id

    def declines(self, conversation_id: str) -> bool:
        return self.do(lambda connection: lifecycle.decline(connection, conversation_id, self.now))

    def leaves(self, conversation_id: str, how: str) -> None:
        self.do(lambda connection: lifecycle.note_away(connection, conversation_id, how, self.now))

    # People at the desk

    def person(self, name: str = "", *, state: str = "on_shift", capacity: int = 1, role: str = "counsellor") -> int:
        def work(connection: Connection) -> int:
            values = {"name": name or f"Sam {next(self._numbers)}", "role": role, "created_at": self.now}
            made = staff.insert().values(password_hash="x", must_change_password=False, **values).returning(staff.c.id)
            staff_id = int(connection.execute(made).scalar_one())
            shift = {"state": state, "since": self.now, "stream_seen_at": self.now, "capacity": capacity}
            connection.execute(presence.insert().values(staff_id=staff_id, **shift))
            return staff_id

        return self.do(work)

    def seen(self, staff_id: int) -> None:
        self.do(lambda connection: lifecycle.seen(connection, staff_id, self.now))

    def accept(self, handoff_id: int, staff_id: int) -> None:
        self.do(lambda connection: lifecycle.accept(connection, handoff_id, staff_id, self.now))

    def send(self, handoff_id: int, staff_id: int, text: str = "Hi, I am here.", client_id: str = "") -> lifecycle.Sent:
        client_id = client_id or f"client-{next(self._numbers)}"
        return self.do(
            lambda connection: lifecycle.send(
                connection, handoff_id, staff_id, client_id=client_id, text=text, now=self.now, content=self.content
            )
        )

    def live(self, cue: str = "sextortion") -> tuple[int, int]:
        """A live handoff and who holds it."""
        handoff_id, staff_id = self.waiting(cue), self.person()
        self.accept(handoff_id, staff_id)
        self.send(handoff_id, staff_id)
        return handoff_id, staff_id

    def close(self, handoff_id: int, staff_id: int, **more: Any) -> None:
        outcome = {"outcome": "safe_for_now"}
        self.do(
            lambda connection: lifecycle.close(
                connection, handoff_id, staff_id, outcome=outcome, now=self.now, content=self.content, **more
            )
        )

    def sweep(self) -> list[int]:
        return self.do(lambda connection: lifecycle.sweep(connection, self.content, self.now))

    # Looking

    def handoff(self, handoff_id: int) -> Row[Any]:
        return self.store.read_now(lambda connection: records.get(connection, handoff_id))

    def states(self, conversation_id: str) -> list[str]:
        query = select(handoffs.c.state).where(handoffs.c.conversation_id == conversation_id).order_by(handoffs.c.id)
        return self.store.read_now(lambda connection: list(connection.execute(query).scalars()))

    def mode(self, handoff_id: int) -> str:
        return str(self.chat(handoff_id).mode)

    def chat(self, handoff_id: int) -> Row[Any]:
        query = select(conversations).join(handoffs).where(handoffs.c.id == handoff_id)
        return self.store.read_now(lambda connection: connection.execute(query).one())

    def said(self, handoff_id: int) -> list[tuple[str, str]]:
        """Sender and text id of each message but the young person's."""
        conversation_id = self.handoff(handoff_id).conversation_id
        rows = self.store.read_now(lambda connection: transcript.messages_after(connection, conversation_id))
        return [(row.sender, row.text_id or "") for row in rows if row.sender != "young_person"]

    def history(self, handoff_id: int) -> list[str]:
        query = select(handoff_events.c.kind).where(handoff_events.c.handoff_id == handoff_id).order_by(handoff_events.c.id)
        return self.store.read_now(lambda connection: list(connection.execute(query).scalars()))

    def audited(self) -> list[str]:
        query = select(audit.c.action).order_by(audit.c.id)
        return self.store.read_now(lambda connection: list(connection.execute(query).scalars()))

    def version(self) -> int:
        return self.store.read_now(journal.queue_version)


@pytest.fixture(scope="session")
def content() -> Content:
    return Content.load(ROOT / "data")


@pytest.fixture
def desk(tmp_path: Path, content: Content) -> Iterator[Desk]:
    with fresh_database(tmp_path) as url:
        store = Store(url, Cipher.make_key())
        yield Desk(store, content)
        store.engine.dispose()
