"""The contact on call, over a real HTTP server and a real SMTP server on this machine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import update

from bot.handoff import lifecycle, records
from bot.handoff.oncall import CANNOT_STORE, Mail, OnCall, due, look
from bot.store.tables import handoff_events, handoffs, presence
from tests.web.desk_fixtures import DeskApp, desk

__all__ = ["desk"]
QUICK = (0.01, 0.01)


@dataclass
class Hook:
    """Answers POSTs with the statuses that it is given, 200 afterwards, and keeps what was posted."""

    statuses: list[int] = field(default_factory=list)
    posted: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(int(line.split(":")[1]) for line in head.splitlines() if line.lower().startswith("content-length"))
        self.posted.append(json.loads(await reader.readexactly(length)))
        status = self.statuses.pop(0) if self.statuses else 200
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@dataclass
class Post:
    """A small SMTP server (RFC 5321): the first `refuses` letters are put off with 451, the others are kept."""

    refuses: int = 0
    letters: list[str] = field(default_factory=list)
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        while line := (await reader.readline()).decode().strip().upper():
            if line.startswith("DATA"):
                writer.write(b"354 go on\r\n")
                letter = (await reader.readuntil(b"\r\n.\r\n")).decode()
                self.refuses -= 1
                if self.refuses >= 0:
                    writer.write(b"451 later\r\n")
                    continue
                self.letters.append(letter)
                writer.write(b"250 kept\r\n")
            elif line.startswith("QUIT"):
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 yes\r\n")
        writer.close()


@asynccontextmanager
async def listening(serve: Callable[..., Coroutine[Any, Any, None]]) -> AsyncIterator[int]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield int(server.sockets[0].getsockname()[1])


def mail(port: int) -> Mail:
    return Mail("night@helpline.test", "desk@helpline.test", "127.0.0.1", port, security="none")


def kinds(desk: DeskApp) -> list[str]:
    return [row.kind for row in desk.rows(handoff_events) if row.kind.startswith("oncall")]


def looked(desk: DeskApp, oncall: OnCall) -> Any:
    return look(desk.store, desk.content, oncall)


def test_somebody_who_waits_with_nobody_at_the_desk_is_told_by_webhook_and_mail_once(desk: DeskApp) -> None:
    desk.waiting("suicide_intent", "i took all of them")
    hook, post = Hook(), Post()

    async def work() -> None:
        async with listening(hook.serve) as http, listening(post.serve) as smtp:
            oncall = OnCall(f"http://127.0.0.1:{http}/night", mail(smtp), QUICK)
            assert (await looked(desk, oncall)) is not None
            assert (await looked(desk, oncall)) is None

    asyncio.run(work())

    assert hook.posted == [
        {
            "event": "nobody_on_duty",
            "what": "1 young person waits and nobody is at the desk: 1 immediate. The longest wait is 0 min.",
            "waiting": {"immediate": 1},
            "longest_wait_minutes": 0,
        }
    ]
    (letter,) = post.letters
    assert "To: night@helpline.test" in letter and "1 young person waits" in letter
    conversation = desk.rows(handoffs)[0].conversation_id
    assert not any(word in letter + json.dumps(hook.posted) for word in ("took all", "suicide", conversation))
    assert kinds(desk) == ["oncall_told"]


def test_a_webhook_and_a_mail_server_that_fail_at_first_are_tried_again(desk: DeskApp) -> None:
    hook, post = Hook(statuses=[503, 500]), Post(refuses=2)

    async def work() -> tuple[bool, bool]:
        async with listening(hook.serve) as http, listening(post.serve) as smtp:
            by_hook = await OnCall(f"http://127.0.0.1:{http}/", None, QUICK).tell(CANNOT_STORE)
            by_mail = await OnCall("", mail(smtp), QUICK).tell(CANNOT_STORE)
            return by_hook, by_mail

    assert asyncio.run(work()) == (True, True)
    assert len(hook.posted) == 3 and len(post.letters) == 1


def test_a_call_that_reached_nobody_is_on_the_board_and_is_made_again_after_a_minute(desk: DeskApp) -> None:
    boss = desk.signed_in("Boss", "supervisor")
    waiting = desk.waiting("suicide_intent")
    hook = Hook(statuses=[500] * 3)

    async def work() -> None:
        async with listening(hook.serve) as http:
            oncall = OnCall(f"http://127.0.0.1:{http}/", None, QUICK)
            await looked(desk, oncall)
            assert await looked(desk, oncall) is None
            a_minute_ago = update(handoffs).values(oncall_tried_at=handoffs.c.oncall_tried_at - 61)
            desk.do(lambda connection: connection.execute(a_minute_ago))
            await looked(desk, oncall)

    asyncio.run(work())

    assert kinds(desk) == ["oncall_failed", "oncall_told"]
    told = [(event["handoff"], event["kind"]) for event in boss.get("/watch").json()["events"]]
    assert {(waiting, "oncall_failed"), (waiting, "oncall_told")} <= set(told)


def test_one_way_that_works_is_enough(desk: DeskApp) -> None:
    hook = Hook()

    async def work() -> bool:
        async with listening(hook.serve) as http:
            return await OnCall(f"http://127.0.0.1:{http}/", mail(1), QUICK).tell(CANNOT_STORE)

    assert asyncio.run(work()) is True


def at_once(desk: DeskApp, later: float = 0.0) -> Any:
    return desk.do(lambda connection: due(connection, desk.content, desk.now() + later))


@pytest.mark.parametrize("cue", ["sextortion", "suicide_intent"])
def test_with_nobody_there_high_and_immediate_are_told_at_once(desk: DeskApp, cue: str) -> None:
    waiting = desk.waiting(cue)
    assert at_once(desk).handoffs == (waiting,)


def test_with_nobody_there_elevated_is_told_after_its_deadline(desk: DeskApp) -> None:
    waiting = desk.waiting()
    desk.do(lambda connection: records.set_handoff(connection, waiting, tier=1))
    assert at_once(desk, 1700) is None
    assert at_once(desk, 1801).waiting == {"elevated": 1}


def test_with_people_there_only_immediate_that_waits_three_deadlines_is_told(desk: DeskApp) -> None:
    sam = desk.signed_in("Sam")
    sam.post("/presence", {"state": "on_shift"})
    desk.waiting("sextortion")
    urgent = desk.waiting("suicide_intent")

    def still_there(later: float) -> Any:
        desk.do(lambda connection: connection.execute(update(presence).values(stream_seen_at=desk.now() + later)))
        return at_once(desk, later)

    assert still_there(170) is None
    call = still_there(181)
    assert (call.event, call.handoffs) == ("not_answered", (urgent,))


def test_who_left_or_was_set_aside_rings_nobody_but_at_immediate_who_left_does(desk: DeskApp) -> None:
    boss = desk.signed_in("Boss", "supervisor")
    left, aside, urgent = desk.waiting("sextortion"), desk.waiting("sextortion"), desk.waiting("suicide_intent")
    for one in (left, urgent):
        desk.do(lambda c, one=one: lifecycle.note_away(c, records.get(c, one).conversation_id, "exit", desk.now()))  # type: ignore[misc]
    assert boss.post("/set-aside", {"handoffs": [aside], "reason": "A game"}).status_code == 200

    assert at_once(desk).handoffs == (urgent,)


def test_without_a_webhook_and_a_mail_address_it_is_off() -> None:
    assert not OnCall()
