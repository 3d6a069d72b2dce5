"""Answers turns as they fall due, and keeps the promises that time makes: the loops behind the chat."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from bot.chat import conversations as lives
from bot.chat import questions, replies, safety_net, sweep, turns
from bot.chat.engine_client import EngineClient, EngineFailed
from bot.chat.foreign import Recogniser
from bot.chat.foreign_messages import greeted
from bot.chat.replies import Said
from bot.chat.safety_net import Cause
from bot.chat.turns import Turn
from bot.content import Content
from bot.content.staffing import Staffing
from bot.errors import HandrailError
from bot.handoff import lifecycle
from bot.store.database import Store
from bot.triage.risk import EventKind, RiskEvent
from bot.triage.taxonomy import CUES, Assessed, Tier

log = logging.getLogger(__name__)

DEADLINE = 2.5  # seconds from the POST to the engine's answer
IDLE = 0.5  # seconds between looks for turns that other processes left; a signal cuts it short
SWEEP_EVERY = 1.0  # seconds
HEALTH_EVERY = 2.0  # seconds
MOST_AT_ONCE = 64  # turns in work
MOST_BUBBLES = 6
YES = "/affirm"  # the option of a question that is none about safety

NONSENSE = re.compile(r"[{}]|\bNone\b|\bnull\b|\bundefined\b")
LONG_NUMBER = re.compile(r"(?<![\w/.])\+?\d[\d\s().-]{1,}\d(?![\w/])")
TELLS_WAIT = ("utter_waiting", "utter_person_requested", replies.FOREIGN, replies.FOREIGN_AGAIN)  # may quote the wait


class Worker:
    """Takes due turns, asks the engine, commits its answer or the safety net's."""

    def __init__(self, store: Store, content: Content, engine: EngineClient, recogniser: Recogniser) -> None:
        self._store = store
        self._content = content
        self._engine = engine
        self._recogniser = recogniser
        self._woken = asyncio.Event()
        self._started_at = time.time()
        self._at_work: set[asyncio.Task[None]] = set()
        self._stopped = False
        self._loops: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self._loops = [
            asyncio.create_task(_for_ever("turns", self._take_turns)),
            asyncio.create_task(_for_ever("sweep", self._sweep)),
            asyncio.create_task(_for_ever("health", self._look_at_engine)),
        ]

    async def stop(self) -> None:
        self._stopped = True
        for task in (*self._loops, *self._at_work):
            task.cancel()
        await asyncio.gather(*self._loops, *self._at_work, return_exceptions=True)

    def wake(self) -> None:
        """Something may be due now, or soon."""
        self._woken.set()

    @property
    def has_room(self) -> bool:
        """Whether one more turn may be taken: what is taken here and not begun would wait for its lease to run out."""
        return not self._stopped and len(self._at_work) < MOST_AT_ONCE

    def begin(self, turn: Turn) -> None:
        """Answers a turn that was taken."""
        task = asyncio.create_task(self._answer(turn))
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)

    # -- loops

    async def _take_turns(self) -> None:
        due, now = await self._store.read(lambda connection: (turns.next_due(connection), self._store.now(connection)))
        if self.has_room and due is not None and due <= now:
            turn = await self._store.write(lambda connection: turns.take(connection, self._store.now(connection)))
            if turn is not None:
                self.begin(turn)
                return
        pause = IDLE if due is None else min(max(due - now, 0.02), IDLE)
        try:
            await asyncio.wait_for(self._woken.wait(), pause)
        except TimeoutError:
            pass
        self._woken.clear()

    async def _sweep(self) -> None:
        await self._store.write(lambda connection: sweep.sweep(connection, self._content, self._store.now(connection)))
        await asyncio.sleep(SWEEP_EVERY)

    async def _look_at_engine(self) -> None:
        await self._engine.look()
        await asyncio.sleep(HEALTH_EVERY)

    # -- one turn

    async def _answer(self, turn: Turn) -> None:
        started = time.monotonic()
        state: dict[str, Any] | None = None
        cause: Cause | None = None
        answer: dict[str, Any] = {}
        try:
            answer = await self._ask_engine(turn)
            state = answer["state"]
        except EngineFailed as failure:
            cause = failure.cause
        except Exception as error:
            # Whatever breaks on the way to the engine's answer must end with reviewed text, not with silence.
            log.error("asking the engine failed: %s", type(error).__name__)
            cause = Cause.REFUSED
        milliseconds = (time.monotonic() - started) * 1000
        try:
            await self._store.write(lambda connection: self._commit(connection, turn, answer, state, cause, milliseconds))
        except HandrailError as error:
            # The lease runs out and the sweep takes the turn up again.
            log.error("a turn could not be committed: %s", type(error).__name__)
        self.wake()

    async def _ask_engine(self, turn: Turn) -> dict[str, Any]:
        now = time.time()
        if turn.newest_at < now - turns.TOO_OLD:
            raise EngineFailed(Cause.TOO_OLD)
        if turn.texts and self._recogniser.goes_on(turn.texts[-1], turn.locale):
            raise EngineFailed(Cause.LANGUAGE)
        left_over = turn.retaken or turn.due_at < self._started_at
        return await self._engine.turn(
            {
                "conversation_key": turn.conversation_id,
                "state": turn.state,
                "texts": list(turn.texts),
                "option": turn.option,
                "assessment": turn.assessment.to_dict(),
                "embedded": turn.embedded.to_dict() if turn.embedded is not None else None,
                "answered_cues": sorted(turn.answered_cues),
                "staffing": turn.staffing.value,
                "waiting": turn.waiting,
                "locale": turn.locale,
                "country": turn.country,
                "missed": list(turn.missed),
                "deadline": (now if left_over else turn.due_at) + DEADLINE,
            },
            urgency=turn.assessment.tier,
        )

    def _commit(
        self,
        connection: Connection,
        turn: Turn,
        answer: dict[str, Any],
        state: dict[str, Any] | None,
        cause: Cause | None,
        milliseconds: float,
    ) -> None:
        now = self._store.now(connection)
        said: list[Said] = []
        at = replies.scene(connection, turn.conversation_id, now)
        if country := answer.get("facts", {}).get("country"):
            at = replace(at, country=country)
        if cause is None:
            said, cause = self._said_by_engine(answer, at)
        if cause is Cause.LANGUAGE:
            again = greeted(connection, turn.conversation_id, replies.FOREIGN)
            answer_there = replies.in_their_language(self._content, at, waiting=turn.waiting, again=again)
            said = [answer_there] if answer_there else []
        if cause is not None and not said:
            said = [replies.render(self._content, self._net_text(turn, cause), at)]
        told = cause is Cause.LANGUAGE or any(part.text_id == "utter_waiting" for part in said)
        if turn.waiting and not turn.new_cues and not told:
            if replies.waiting_line_due(connection, turn.conversation_id, now):
                said.append(replies.render(self._content, "utter_waiting", at))
        resources = self._resources(turn, answer, at, cause)
        said = replies.with_next_step(said, waiting=turn.waiting, resources=resources)
        done = turns.commit(
            connection, turn, said, now=now, milliseconds=milliseconds, resources=resources, state=state, cause=cause
        )
        if not done:
            return
        if turn.waiting and any(part.text_id in TELLS_WAIT for part in said):
            lifecycle.note_wait_quoted(connection, turn.conversation_id, at.wait)
        if not any(part.asked for part in said) and any(option["payload"] == YES for part in said for option in part.options):
            questions.overtaken(connection, self._content, turn.conversation_id, now)
        if cause is None:
            self._hear_engine(connection, turn, answer, now)
        if cause is Cause.TOO_OLD and turn.assessment.tier >= Tier.ELEVATED:
            lifecycle.open_now(connection, turn.conversation_id, now, cause="late")

    def _said_by_engine(self, answer: dict[str, Any], at: replies.Scene) -> tuple[list[Said], Cause | None]:
        """The engine's bubbles as they will be shown, or why they cannot be."""
        said = []
        for bubble in answer["bubbles"]:
            text_id = bubble.get("text_id")
            if text_id and text_id in self._content.texts:
                part = replies.render(self._content, text_id, at)
                if not part.options and bubble.get("options"):
                    part = Said(part.bubbles, tuple(bubble["options"]), text_id, part.asked)
            elif bubble.get("text"):
                blocks = tuple(block.strip() for block in bubble["text"].split("\n\n") if block.strip())
                part = Said(blocks, tuple(bubble.get("options") or ()), text_id, bubble.get("asked"))
            elif text_id:
                return [], Cause.UNKNOWN_TEXT
            else:
                return [], Cause.NO_TEXT
            said.append(part)
        bubbles = [bubble for part in said for bubble in part.bubbles]
        if not bubbles or len(bubbles) > MOST_BUBBLES:
            return [], Cause.NO_TEXT
        if any(NONSENSE.search(bubble) for bubble in bubbles):
            return [], Cause.PLACEHOLDER
        if any(not self._known_number(number) for bubble in bubbles for number in LONG_NUMBER.findall(bubble)):
            return [], Cause.FOREIGN_NUMBER
        return said, None

    def _known_number(self, written: str) -> bool:
        digits = re.sub(r"\D", "", written)
        return len(digits) < 3 or digits in self._content.directory.numbers

    def _net_text(self, turn: Turn, cause: Cause) -> str:
        if cause is Cause.TOO_OLD:
            return "utter_away_late"
        return safety_net.text_id(
            turn.assessment.tier,
            assessed=turn.assessment.assessed,
            waiting=turn.waiting,
            new_cue=bool(turn.new_cues),
            last=turn.last_net_text,
        )

    def _hear_engine(self, connection: Connection, turn: Turn, answer: dict[str, Any], now: float) -> None:
        """What the engine asks for beside its words: a person, no person, facts that it took, cues that a form's answers told."""
        country = answer["facts"].get("country")
        if country:
            lives.set_country(connection, turn.conversation_id, country)
        if heard := [hit for hit in answer.get("heard", ()) if hit["cue"] in CUES]:
            events = [
                RiskEvent(EventKind.CUE, turn.upto_seq, now, cue=hit["cue"], quote=hit["evidence"], tier=hit.get("tier", ""))
                for hit in heard
            ]
            risk = lifecycle.record_risk(connection, turn.conversation_id, *events)
            lifecycle.apply_risk(connection, turn.conversation_id, risk, now)
        if "person" in answer["requests"]:
            risk = lifecycle.record_risk(connection, turn.conversation_id, RiskEvent.asked_person(seq=turn.upto_seq, at=now))
            lifecycle.apply_risk(connection, turn.conversation_id, risk, now)
        elif "no_person" in answer["requests"]:
            lifecycle.decline(connection, turn.conversation_id, now)

    def _resources(
        self, turn: Turn, answer: dict[str, Any], at: replies.Scene, cause: Cause | None
    ) -> list[dict[str, Any]]:
        """Services go with every answer at `high` and above, and where no helper is there to be offered."""
        tier = turn.assessment.tier
        nobody = at.staffing is Staffing.NONE
        asked = "person" in answer.get("requests", ())
        topics = set(answer.get("topics", ())) | set(self._content.topics_for(turn.assessment.cue_ids))
        due = tier >= Tier.HIGH and (turn.new_cues or cause or turn.assessment.assessed is not Assessed.FULL)
        due = due or (nobody and (asked or tier >= Tier.ELEVATED)) or bool(answer.get("topics"))
        due = due or cause in (Cause.TOO_OLD, Cause.LANGUAGE)
        return replies.services(self._content, topics, at) if due else []


async def _for_ever(name: str, step: Callable[[], Awaitable[None]]) -> None:
    """Runs `step` again and again; a failing step is logged by type and tried again, because nobody may be dropped."""
    while True:
        try:
            await step()
        except HandrailError as error:
            log.error("%s: %s", name, error.message)
            await asyncio.sleep(1)
        except Exception as error:
            log.error("%s failed: %s", name, type(error).__name__)
            await asyncio.sleep(1)
