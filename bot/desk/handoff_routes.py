"""One handoff at the desk: read, accept, write, note, raise and lower, give back, close."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import Connection, select, update
from starlette.responses import JSONResponse, Response

from bot.content import Content
from bot.content.staffing import Staffing
from bot.desk.views import detail_view
from bot.errors import BadRequest, Conflict, NotAllowed
from bot.handoff import journal, lifecycle, queue
from bot.handoff.staffing import has_room
from bot.http.roles import Person, allow
from bot.store import transcript
from bot.store.database import Store, signal
from bot.store.tables import conversations, notes, staff
from bot.triage.taxonomy import Tier

router = APIRouter(prefix="/handoffs/{handoff_id}")
T = TypeVar("T")
TYPING_FOR = 5.0  # seconds
FIRST_WORD = "utter_first_word"

Reader = allow("counsellor", "supervisor", "safeguarding")
Helper = allow("counsellor", "supervisor")
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class Message(BaseModel):
    client_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
    text: Words


class NewTier(BaseModel):
    tier: Literal["immediate", "high", "elevated", "none"]
    reason: Annotated[str, StringConstraints(max_length=500)] = ""


class Note(BaseModel):
    text: Words


class Reason(BaseModel):
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class Receiver(BaseModel):
    to: Annotated[str, StringConstraints(min_length=1, max_length=80)]


class Outcome(BaseModel):
    """The wrap-up: at most five fields, only the outcome required."""

    model_config = ConfigDict(extra="forbid")
    outcome: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    category: Annotated[str, StringConstraints(max_length=80)] = ""
    triage: Literal["right", "missed", "false_alarm", ""] = ""
    follow_up: Annotated[str, StringConstraints(max_length=200)] = ""
    note: Annotated[str, StringConstraints(max_length=2000)] = ""


async def _write(request: Request, work: Callable[[Connection, float], T]) -> T:
    store: Store = request.app.state.store
    return await store.write(lambda connection: work(connection, store.now(connection)))


def _content(request: Request) -> Content:
    content: Content = request.app.state.content
    return content


@router.get("")
async def read(request: Request, handoff_id: int, person: Person = Reader) -> Response:
    def work(connection: Connection, now: float) -> dict[str, Any]:
        row = queue.row(connection, handoff_id)
        view = detail_view(connection, row, person, now)
        action = "read_brief" if view["messages"] is None else "read_transcript"
        journal.record_audit(connection, person.id, action, f"handoff:{handoff_id}", now)
        return view

    return JSONResponse(await _write(request, work))


@router.post("/accept")
async def accept(request: Request, handoff_id: int, person: Person = Helper) -> Response:
    def work(connection: Connection, now: float) -> None:
        held = lifecycle.get(connection, handoff_id)
        mine = held.claimed_by == person.id and held.state in {"claimed", "live"}
        if held.state == "waiting" and not mine and not has_room(connection, person.id, now):
            raise Conflict("You have as many chats as you can hold. Close or release one first.")
        lifecycle.accept(connection, handoff_id, person.id, now)

    await _write(request, work)
    return JSONResponse({"state": "claimed"})


@router.post("/messages")
async def send(request: Request, handoff_id: int, body: Message, person: Person = Helper) -> Response:
    content = _content(request)

    def work(connection: Connection, now: float) -> tuple[int, bool]:
        row = lifecycle.held_by(connection, handoff_id, person.id)
        before = transcript.message_with_client_id(connection, row.conversation_id, body.client_id)
        seq = lifecycle.send(
            connection, handoff_id, person.id, client_id=body.client_id, text=body.text, now=now, content=content
        )
        return seq, before is None

    seq, new = await _write(request, work)
    return JSONResponse({"seq": seq}, status_code=202 if new else 200)


@router.post("/first-word")
async def first_word(request: Request, handoff_id: int, person: Person = Helper) -> Response:
    """One reviewed safety line to a waiting `immediate`, from somebody in another chat, without claiming it."""
    content = _content(request)

    def work(connection: Connection, now: float) -> int:
        row = lifecycle.get(connection, handoff_id)
        if row.state != "waiting" or row.tier < Tier.IMMEDIATE:
            raise Conflict("A first word goes only to an immediate chat that waits.")
        rendered = content.render(FIRST_WORD, staffing=Staffing.BUSY, country=None, now=now, person=person.name)
        transcript.lock(connection, row.conversation_id)
        seq = transcript.append(
            connection,
            row.conversation_id,
            sender="counsellor",
            text="\n\n".join(rendered.bubbles),
            now=now,
            staff_id=person.id,
            text_id=FIRST_WORD,
        )
        journal.note(connection, handoff_id, "first_word", now, staff_id=person.id)
        journal.record_audit(connection, person.id, "first_word", f"handoff:{handoff_id}", now)
        return seq

    return JSONResponse({"seq": await _write(request, work)}, status_code=202)


@router.post("/typing")
async def typing(request: Request, handoff_id: int, person: Person = Helper) -> Response:
    def work(connection: Connection, now: float) -> None:
        row = lifecycle.held_by(connection, handoff_id, person.id)
        connection.execute(
            update(conversations).where(conversations.c.id == row.conversation_id).values(person_typing_until=now + TYPING_FOR)
        )
        lifecycle.seen(connection, person.id, now)
        signal(connection, "conversation", row.conversation_id)

    await _write(request, work)
    return Response(status_code=204)


@router.post("/tier")
async def change_tier(request: Request, handoff_id: int, body: NewTier, person: Person = Helper) -> Response:
    tier = Tier.from_id(body.tier)
    await _write(
        request, lambda connection, now: lifecycle.change_tier(connection, handoff_id, person.id, tier, body.reason, now=now)
    )
    return Response(status_code=204)


@router.post("/notes")
async def add_note(request: Request, handoff_id: int, body: Note, person: Person = Helper) -> Response:
    def work(connection: Connection, now: float) -> None:
        lifecycle.get(connection, handoff_id)
        connection.execute(notes.insert().values(handoff_id=handoff_id, staff_id=person.id, text=body.text, at=now))
        journal.record_audit(connection, person.id, "note", f"handoff:{handoff_id}", now)

    await _write(request, work)
    return Response(status_code=201)


@router.post("/read-reason")
async def give_reason(request: Request, handoff_id: int, body: Reason, person: Person = Reader) -> Response:
    """Opens the transcript to somebody who does not hold it; supervisors see the reason."""

    def work(connection: Connection, now: float) -> None:
        lifecycle.get(connection, handoff_id)
        journal.record_audit(connection, person.id, "read_reason", f"handoff:{handoff_id}", now, body.reason)
        journal.note(connection, handoff_id, "read_by_reason", now, staff_id=person.id, detail={"reason": body.reason})

    await _write(request, work)
    return Response(status_code=204)


@router.post("/release")
async def release(request: Request, handoff_id: int, person: Person = Helper) -> Response:
    content = _content(request)
    await _write(request, lambda connection, now: lifecycle.release(connection, handoff_id, person.id, now=now, content=content))
    return Response(status_code=204)


@router.post("/transfer")
async def transfer(request: Request, handoff_id: int, body: Receiver, person: Person = Helper) -> Response:
    content = _content(request)

    def work(connection: Connection, now: float) -> None:
        to = connection.execute(
            select(staff.c.id).where(staff.c.name == body.to, staff.c.role.in_(["counsellor", "supervisor"]))
        ).scalar_one_or_none()
        if to is None or to == person.id:
            raise BadRequest("There is nobody of that name who can take it.")
        lifecycle.transfer(connection, handoff_id, person.id, to, now=now, content=content)

    await _write(request, work)
    return Response(status_code=204)


@router.post("/close")
async def close(request: Request, handoff_id: int, body: Outcome, person: Person = Helper) -> Response:
    content = _content(request)

    def work(connection: Connection, now: float) -> None:
        _insist_on_holder(connection, handoff_id, person)
        lifecycle.close(connection, handoff_id, person.id, outcome=body.model_dump(), now=now, content=content)

    await _write(request, work)
    return Response(status_code=204)


@router.post("/return-to-bot")
async def return_to_bot(request: Request, handoff_id: int, person: Person = Helper) -> Response:
    content = _content(request)

    def work(connection: Connection, now: float) -> None:
        _insist_on_holder(connection, handoff_id, person)
        lifecycle.close(connection, handoff_id, person.id, outcome={"outcome": "returned_to_bot"}, now=now, content=content)

    await _write(request, work)
    return Response(status_code=204)


def _insist_on_holder(connection: Connection, handoff_id: int, person: Person) -> None:
    """The holder closes; a supervisor may close any chat. Raises `NotAllowed`."""
    row = lifecycle.get(connection, handoff_id)
    if row.claimed_by != person.id and not person.supervises:
        raise NotAllowed("You do not hold this chat. Accept it first.")
