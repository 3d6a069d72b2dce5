"""One handoff at the desk: read, accept, write, note, raise and lower, give back, close."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, StringConstraints
from sqlalchemy import Connection, select
from starlette.responses import JSONResponse, Response

from bot.content import Content
from bot.desk.catalogue import catalogue
from bot.desk.views import detail_view
from bot.errors import BadRequest, Conflict
from bot.handoff import journal, languages, lifecycle, queue
from bot.handoff.staffing import has_room
from bot.http.roles import Person, allow
from bot.http.times import iso
from bot.store.database import Store
from bot.store.tables import staff
from bot.triage.taxonomy import Tier

router = APIRouter(prefix="/handoffs/{handoff_id}")
T = TypeVar("T")
TYPING_FOR = 5.0  # seconds
HELD_BACK = "This was not sent yet: it has a way to reach or meet somebody outside this chat."

Reader = allow("counsellor", "supervisor", "safeguarding")
Helper = allow("counsellor", "supervisor")
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]


class Message(BaseModel):
    client_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
    text: Words
    confirmed: bool = False  # sends what was held back


class NewTier(BaseModel):
    tier: Literal["immediate", "high", "elevated", "none"]
    reason: Annotated[str, StringConstraints(max_length=500)] = ""


class Note(BaseModel):
    text: Words


class Reason(BaseModel):
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class Receiver(BaseModel):
    """To whom by name; `warm` offers it, and the holder keeps it until the other one takes it."""

    to: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    warm: bool = False


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
    """The brief, and the transcript for who may read it; what is read is in the audit in the same transaction."""
    content, offered = _content(request), catalogue(request.app.state.settings.data_dir)

    def work(connection: Connection, now: float) -> dict[str, Any]:
        row = queue.row(connection, handoff_id)
        view = detail_view(connection, row, person, now, content, offered)
        action = "read_brief" if view["messages"] is None else "read_transcript"
        journal.record_audit(connection, person.id, action, f"handoff:{handoff_id}", now)
        return view

    return JSONResponse(await _write(request, work))


@router.post("/accept")
async def accept(request: Request, handoff_id: int, person: Person = Helper) -> Response:
    """Takes a chat that waits or was offered; beyond one's limit only somebody at `immediate`, who must not wait for a
    number."""
    content = _content(request)

    def work(connection: Connection, now: float) -> str:
        handoff = lifecycle.get(connection, handoff_id)
        urgent = handoff.tier >= Tier.IMMEDIATE
        mine = handoff.claimed_by == person.id and handoff.state != "waiting"
        if not urgent and not mine and not has_room(connection, person.id, now):
            raise Conflict("You have as many chats as you can hold. Close or release one first.")
        if not lifecycle.take_offered(connection, handoff_id, person.id, now=now, content=content):
            in_turn = languages.next_for(connection, person.id, content.policy.deadlines, now)
            lifecycle.accept(connection, handoff_id, person.id, now)
            if in_turn != handoff_id and not mine:
                journal.record_audit(connection, person.id, "picked_out_of_turn", f"handoff:{handoff_id}", now)
        return str(lifecycle.get(connection, handoff_id).state)

    try:
        state = await _write(request, work)
    except Conflict as taken:
        if isinstance(at := taken.extra.get("claimed_at"), float):
            taken.extra["claimed_at"] = iso(at)
        raise
    return JSONResponse({"id": handoff_id, "state": state})


@router.post("/messages")
async def send(request: Request, handoff_id: int, body: Message, person: Person = Helper) -> Response:
    content = _content(request)
    sent = await _write(
        request,
        lambda connection, now: lifecycle.send(
            connection,
            handoff_id,
            person.id,
            client_id=body.client_id,
            text=body.text,
            now=now,
            content=content,
            confirmed=body.confirmed,
        ),
    )
    if sent.held:  # an answer and no exception: that it was held is stored
        held = [{"kind": finding.kind.value, "text": finding.text} for finding in sent.held]
        return JSONResponse({"error": HELD_BACK, "held": held}, status_code=409)
    return JSONResponse({"seq": sent.seq}, status_code=202 if sent.new else 200)


@router.post("/first-word")
async def first_word(request: Request, handoff_id: int, person: Person = Helper) -> Response:
    """One reviewed safety line to a waiting `immediate`, from somebody in another chat, without claiming it."""
    content = _content(request)
    seq = await _write(
        request, lambda connection, now: lifecycle.first_word(connection, handoff_id, person.id, now=now, content=content)
    )
    return JSONResponse({"seq": seq}, status_code=202)


@router.post("/typing")
async def typing(request: Request, handoff_id: int, person: Person = Helper) -> Response:
    await _write(
        request,
        lambda connection, now: lifecycle.typing(connection, handoff_id, person.id, until=now + TYPING_FOR, now=now),
    )
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
    await _write(
        request, lambda connection, now: lifecycle.add_note(connection, handoff_id, person.id, body.text, now=now)
    )
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
    """Passes a chat on to somebody by name; a supervisor takes one over by passing it to themselves."""
    content = _content(request)

    def work(connection: Connection, now: float) -> None:
        if body.warm:
            lifecycle.offer(connection, handoff_id, person.id, body.to, now=now, supervisor=person.supervises)
            return
        to = connection.execute(select(staff.c.id).where(staff.c.name == body.to.strip())).scalar_one_or_none()
        if to is None:
            raise BadRequest("There is nobody of that name who can take it.")
        lifecycle.transfer(
            connection, handoff_id, person.id, to, now=now, content=content, supervisor=person.supervises
        )

    await _write(request, work)
    return Response(status_code=204)


@router.post("/withdraw")
async def withdraw(request: Request, handoff_id: int, person: Person = Helper) -> Response:
    """Takes an offer back; whoever it was made to refuses it the same way."""
    await _write(
        request,
        lambda connection, now: lifecycle.withdraw(connection, handoff_id, person.id, now=now, supervisor=person.supervises),
    )
    return Response(status_code=204)


@router.post("/close")
async def close(request: Request, handoff_id: int, body: Outcome, person: Person = Helper) -> Response:
    """The holder closes; a supervisor may close any open chat."""
    content = _content(request)
    await _write(
        request,
        lambda connection, now: lifecycle.close(
            connection,
            handoff_id,
            person.id,
            outcome=body.model_dump(),
            now=now,
            content=content,
            supervisor=person.supervises,
        ),
    )
    return Response(status_code=204)


@router.post("/return-to-bot")
async def return_to_bot(request: Request, handoff_id: int, person: Person = Helper) -> Response:
    content = _content(request)
    await _write(
        request,
        lambda connection, now: lifecycle.return_to_bot(
            connection, handoff_id, person.id, now=now, content=content, supervisor=person.supervises
        ),
    )
    return Response(status_code=204)
