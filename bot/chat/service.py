"""What the chat's routes share: store, content, triage, the worker, and help that needs none of them."""

from __future__ import annotations

import asyncio
import gc
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from bot.chat import conversations as lives
from bot.chat import intake, replies
from bot.chat.engine_client import EngineClient
from bot.chat.foreign import Recogniser
from bot.chat.intake import Context, Taken
from bot.chat.safety_net import NET_TEXTS
from bot.chat.worker import Worker
from bot.content import Content
from bot.content.staffing import Staffing
from bot.errors import HandrailError
from bot.handoff.oncall import CANNOT_STORE, OnCall
from bot.http.limits import Pace
from bot.store.database import Store
from bot.store.signals import Signal
from bot.triage.assessment import Assessment
from bot.triage.taxonomy import Tier

if TYPE_CHECKING:
    from bot.triage.detector import Detector  # with numpy and the tokenizer: loaded aside, after the page is served

log = logging.getLogger(__name__)

MESSAGES_A_MINUTE = 20
NEW_CHATS_A_MINUTE = 240  # from one address; a school is one address, so this only slows
DETECTOR_PATIENCE = 1.5  # seconds that a message waits for triage that is still loading


class ChatService:
    """The chat in this process.

    Args:
        load_detector: called once, in a thread, at the start; the page is served meanwhile.
        oncall: told when somebody cannot get through.
    """

    def __init__(
        self,
        store: Store,
        content: Content,
        engine: EngineClient,
        load_detector: Callable[[], Detector],
        *,
        oncall: OnCall | None = None,
    ) -> None:
        self.store = store
        self.content = content
        self.engine = engine
        self.recogniser = Recogniser(content.languages)
        self.worker = Worker(store, content, engine, self.recogniser)
        self.pace = Pace(MESSAGES_A_MINUTE, 60.0)
        self.closed_to_the_public = False  # bound to the network without `handrail ready` passing: no chat is opened
        self.stopping = False
        self._new_chats = Pace(NEW_CHATS_A_MINUTE, 60.0)
        self._load_detector = load_detector
        self._detector: Detector | None = None
        self._loaded = asyncio.Event()
        self._scorers = ThreadPoolExecutor(2, thread_name_prefix="triage")
        self._oncall = oncall or OnCall()
        self._calling: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._loading = asyncio.create_task(self._load())
        self.worker.start()

    async def stop(self) -> None:
        self.stopping = True
        self.store.signals.wake_all()
        await self.worker.stop()
        await self.engine.close()
        self._scorers.shutdown(wait=False)

    async def _load(self) -> None:
        try:
            self._detector = await asyncio.get_running_loop().run_in_executor(self._scorers, self._load_detector)
        except Exception as error:
            # Without triage every message counts as not assessed, and opens a handoff.
            log.error("triage could not be loaded: %s", type(error).__name__)
        try:
            await asyncio.get_running_loop().run_in_executor(self._scorers, self.recogniser.load)
        except Exception as error:
            # Then every message counts as English, as it does in the first second.
            log.error("languages cannot be told apart: %s", type(error).__name__)
        gc.collect()
        gc.freeze()  # what is loaded now stays; the collector need not go through it while somebody waits
        self._loaded.set()

    @property
    def triage_status(self) -> str:
        """`ok`, `words_only` or `down`."""
        return self._detector.status if self._detector is not None else "down"

    # -- triage

    async def assess(self, text: str, known: Context) -> Assessment:
        """Scores a message, in a thread; never raises: what cannot be scored counts as not assessed."""
        try:
            await asyncio.wait_for(self._loaded.wait(), DETECTOR_PATIENCE)
            detector = self._detector
            if detector is None:
                return Assessment.nothing_ran()
            return await asyncio.get_running_loop().run_in_executor(
                self._scorers, intake.assess, detector, self.content, text, known
            )
        except Exception as error:
            # A message that breaks triage must reach a person all the same.
            log.error("a message could not be assessed: %s", type(error).__name__)
            return Assessment.nothing_ran()

    async def assess_alone(self, text: str) -> Assessment:
        return await self.assess(text, Context((), None)) if text else replies.NOTHING_TO_ASSESS

    # -- help that is in the answer to the post

    async def help(self, token: str, taken: Taken) -> dict[str, Any]:
        """`{"help": {"text", "resources"}}` for a message that was stored."""

        def work(connection: Connection) -> dict[str, Any]:
            row = lives.by_token(connection, token)
            at = replies.scene(connection, row.id, self.store.now(connection))
            said = replies.render(self.content, _help_text(row.mode, taken.message_tier), at)
            if row.mode != "live":
                said = replies.in_their_language(self.content, at, waiting=row.mode == "waiting", again=True) or said
            topics = self.content.topics_for(taken.cues)
            return {"help": {"text": "\n\n".join(said.bubbles), "resources": replies.services(self.content, topics, at)}}

        try:
            return await self.store.read(work)
        except HandrailError:
            return self.fixed_help()

    def fixed_help(self) -> dict[str, Any]:
        """The same without the database: nobody can be asked to join, so it says that nobody is here."""
        at = replies.Scene(Staffing.NONE, None, None, time.time())
        said = replies.render(self.content, "utter_not_sent", at)
        resources = replies.services(self.content, {"emergency", "child_helpline", "suicide"}, at)
        return {"help": {"text": "\n\n".join(said.bubbles), "resources": resources}}

    # -- limits and alarms

    async def slow_down(self, address: str) -> None:
        """Slows a flood of new chats; never refuses one."""
        if self._new_chats.exceeded(address):
            await asyncio.sleep(1.0)

    def somebody_cannot_get_through(self) -> None:
        """Tells connected desks and the on-call contact that messages cannot be stored; no text, no name."""
        self.store.signals.dispatch(Signal("desk", "cannot_store"))
        if self._oncall and (self._calling is None or self._calling.done()):
            self._calling = asyncio.create_task(self._call())

    async def _call(self) -> None:
        await self._oncall.tell(CANNOT_STORE)
        await asyncio.sleep(60)  # one call a minute is enough


def _help_text(mode: str, tier: Tier) -> str:
    """The text beside the numbers; "I asked a person" is said only while somebody was asked and has not come."""
    if mode == "live":
        return "utter_live_unanswered"
    return NET_TEXTS[tier] if mode == "waiting" else NET_TEXTS[Tier.ELEVATED]
