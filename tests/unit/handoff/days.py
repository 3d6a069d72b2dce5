"""A simulated day at the desk: real handoff functions, a real database, people who come, crash, fall silent and give up."""

from __future__ import annotations

import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection, select, update

from bot.errors import HandrailError
from bot.handoff import languages, lifecycle, queue, records, staffing
from bot.handoff.deadlines import limits
from bot.store.tables import conversations, handoff_events, handoffs, presence
from bot.triage.taxonomy import Tier
from tests.unit.handoff.conftest import Desk

CHAT_SECONDS = (300.0, 1500.0)  # uniform; 15 minutes in the mean
SWEEP_EVERY = 10.0
SHIFT, BETWEEN = 2 * 3600.0, 1200.0  # seconds of work, and until the next shift; they begin one after the other
LOOK_EVERY = 15.0  # seconds between two looks of a free counsellor
CUES = (("suicide_intent", 0.08), ("sextortion", 0.32), ("emotional_distress", 0.60))


@dataclass
class Day:
    """What happened.

    Attributes:
        waits: seconds until the first words of a person, by tier.
        gave_up: young people who left before that, by tier.
        shifts: how many began after the first ones.
        crashes, silences: how often a counsellor's desk went away, and how often one stopped writing in a live chat.
        broken_order: claims by `next` that passed over somebody more urgent.
        double: chats that two people held at once.
    """

    opened: int = 0
    closed: int = 0
    waits: dict[Tier, list[float]] = field(default_factory=dict)
    gave_up: Counter[Tier] = field(default_factory=Counter)
    crashes: int = 0
    silences: int = 0
    shifts: int = 0
    overloads: int = 0
    broken_order: list[str] = field(default_factory=list)
    double: list[int] = field(default_factory=list)


class Simulation:
    """Runs a day of `count` conversations with `staff` counsellors at `load` times what they can answer."""

    def __init__(self, desk: Desk, *, count: int, staff: int, load: float, seed: int, hungarian: float = 0.0) -> None:
        """`hungarian` is the share of conversations in a language that only every third counsellor serves."""
        self._hungarian = hungarian
        self.desk, self.count, self.random = desk, count, random.Random(seed)
        self.day = Day()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._staff = [desk.person(f"Sam {number}") for number in range(staff)]
        for number in range(0, staff if hungarian else 0, 3):
            desk.do(lambda c, name=f"Sam {number}": languages.set_languages(c, name, ["en", "hu"]))  # type: ignore[misc]
        self._off: set[int] = set()  # who has no shift now
        for number, person in enumerate(self._staff):
            self._at_shift_end(person, SHIFT * (1 + number) / staff)
        self._away: set[int] = set()  # desks that crashed
        self._silent: set[int] = set()  # chats whose holder stopped writing
        self._first: set[int] = set()
        rate = load * staff / (sum(CHAT_SECONDS) / 2)
        moment = desk.now
        for _ in range(count):
            moment += self.random.expovariate(rate)
            self._at(moment, self._arrive)
        self._until = moment
        for number, person in enumerate(self._staff):
            self._at(desk.now + number, lambda person=person: self._look(person))  # type: ignore[misc]
        self._at(desk.now + SWEEP_EVERY, self._sweep)

    def run(self) -> Day:
        """Until every chat is closed; the day is cut off if that does not come."""
        end = self._until + 200 * 3600.0
        while self._events and self.desk.now < end and not self._over():
            moment, _number, act = heapq.heappop(self._events)
            self.desk.now = max(self.desk.now, moment)
            act()
        return self.day

    def _over(self) -> bool:
        return self.day.opened == self.count and self.day.closed == self.count

    def _at(self, moment: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._events, (moment, next(self._order), act))

    # Young people

    def _arrive(self) -> None:
        cue = self.random.choices([cue for cue, _ in CUES], [share for _, share in CUES])[0]
        conversation = self.desk.conversation(locale="hu" if self._hungarian and self.random.random() < self._hungarian else "en")
        change = self.desk.hears(conversation, cue)
        if change.handoff_id is None:  # asked for a person
            change = self.desk.do(lambda c: lifecycle.open_now(c, conversation, self.desk.now, cause="asked"))
        assert change.handoff_id is not None
        handoff_id = change.handoff_id
        self.day.opened += 1
        self._at(self.desk.now + self.random.expovariate(1 / 2400.0), lambda: self._give_up(handoff_id))
        if self.random.random() < 0.05:
            self._at(self.desk.now + 120, lambda: self._rise(conversation, handoff_id))

    def _rise(self, conversation: str, handoff_id: int) -> None:
        if self.desk.handoff(handoff_id).state == "waiting":
            self.desk.hears(conversation, "suicide_intent")

    def _give_up(self, handoff_id: int) -> None:
        handoff = self.desk.handoff(handoff_id)
        if handoff.state == "waiting" and handoff.first_reply_at is None:
            self.day.gave_up[Tier(handoff.tier)] += 1
            self.desk.leaves(handoff.conversation_id, "exit")

    # Counsellors

    def _look(self, person: int) -> None:
        """A free counsellor takes the next chat, as the desk's route does."""
        self._at(self.desk.now + LOOK_EVERY, lambda: self._look(person))
        if person in self._away or person in self._off:
            return
        if self.desk.store.read_now(lambda connection: queue.next_in_turn(connection, self.desk.now)) is None:
            return
        self.desk.seen(person)
        taken = self.desk.do(lambda connection: self._next(connection, person))
        if taken is None:
            return
        if self.random.random() < 0.04:
            self.day.crashes += 1
            self._away.add(person)
            self._at(self.desk.now + 300, lambda: self._away.discard(person))
            return
        self._at(self.desk.now + self.random.uniform(5, 40), lambda: self._write_first(taken, person))

    def _at_shift_end(self, person: int, after: float) -> None:
        self._at(self.desk.now + after, lambda: self._turn(person))

    def _turn(self, person: int) -> None:
        """A shift ends or begins: nothing new is taken meanwhile, and what is in hand is brought to its end."""
        ends = person not in self._off
        (self._off.add if ends else self._off.discard)(person)
        state = {"state": "off" if ends else "on_shift", "since": self.desk.now}
        self.desk.do(lambda c: c.execute(update(presence).where(presence.c.staff_id == person).values(**state)))
        self.day.shifts += not ends
        self._at_shift_end(person, BETWEEN if ends else SHIFT)

    def _next(self, connection: Connection, person: int) -> int | None:
        if not staffing.has_room(connection, person, self.desk.now):
            return None
        chosen = languages.next_for(connection, person, self.desk.content.policy.deadlines, self.desk.now)
        if chosen is None:
            return None
        self._check_order(connection, chosen, person)
        lifecycle.accept(connection, chosen, person, self.desk.now)
        return chosen

    def _check_order(self, connection: Connection, chosen: int, person: int) -> None:
        """Against the order said in Python, apart from the database's."""
        limits_of = limits(self.desk.content.policy.deadlines)["claim"]
        here = [one.staff_id for one in staffing.at_the_desk(connection, self.desk.now) if one.free and one.staff_id != person]
        served = languages.served_by(connection, [person, *here])
        query = select(handoffs, conversations.c.locale).join(conversations).where(handoffs.c.state == "waiting")
        waiting = [
            row
            for row in connection.execute(query)
            if not languages.kept_back(
                row.locale,
                self.desk.now - row.waiting_since,
                limits_of[Tier(row.tier).id],
                served[person],
                [served[one] for one in here],
            )
        ]
        first = min(waiting, key=lambda row: queue.place(Tier(row.tier), row.waiting_since, row.id, self.desk.now))
        if first.id != chosen:
            self.day.broken_order.append(f"{chosen} before {first.id}")

    def _write_first(self, handoff_id: int, person: int) -> None:
        handoff = self.desk.handoff(handoff_id)
        if handoff.claimed_by != person or person in self._away:
            return
        left = self.desk.chat(handoff_id).away_how in ("exit", "end")
        if left:
            self._close(handoff_id, person)
            return
        self.desk.send(handoff_id, person)
        if handoff_id not in self._first:
            self._first.add(handoff_id)
            self.day.waits.setdefault(Tier(handoff.tier), []).append(self.desk.now - handoff.opened_at)
        if self.random.random() < 0.04:  # they write on, and nobody answers
            self.day.silences += 1
            self.desk.writes(handoff.conversation_id)
            return
        self._at(self.desk.now + self.random.uniform(*CHAT_SECONDS), lambda: self._close(handoff_id, person))

    def _close(self, handoff_id: int, person: int) -> None:
        if self.desk.handoff(handoff_id).claimed_by != person or person in self._away:
            return
        try:
            self.desk.close(handoff_id, person)
        except HandrailError:  # it went back in this very moment
            return
        self.day.closed += 1
        self.desk.do(lambda c: c.execute(update(presence).where(presence.c.staff_id == person).values(rest_until=None)))

    # The worker

    def _sweep(self) -> None:
        self._at(self.desk.now + SWEEP_EVERY, self._sweep)
        for person in self._staff:
            if person not in self._away:
                self.desk.seen(person)
        self.desk.sweep()
        self._check_holders()

    def _check_holders(self) -> None:
        """Nobody holds more than their limit: a chat taken twice would be in two hands."""

        def held(connection: Connection) -> list[int]:
            query = select(handoffs.c.claimed_by).where(handoffs.c.state.in_(records.HELD))
            return list(connection.execute(query).scalars())

        for person, chats in Counter(self.desk.store.read_now(held)).items():
            if chats > 1:
                self.day.double.append(person)


def claims(desk: Desk) -> list[tuple[int, str]]:
    """Every line of the history that gives a chat to somebody or takes it from them, in order."""
    query = (
        select(handoff_events.c.handoff_id, handoff_events.c.kind)
        .where(handoff_events.c.kind.in_(["accepted", "released", "claim_ran_out", "unanswered", "holder_gone", "closed"]))
        .order_by(handoff_events.c.id)
    )
    return desk.store.read_now(lambda connection: [(row.handoff_id, row.kind) for row in connection.execute(query)])
