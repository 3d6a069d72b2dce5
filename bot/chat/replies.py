"""What the assistant says: reviewed texts, rendered for staffing and country, as messages of the conversation."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from bot.chat.conversations import open_tier
from bot.chat.views import service_view
from bot.content import Content
from bot.content.staffing import Staffing
from bot.handoff import lifecycle, queue
from bot.handoff.staffing import at_the_desk, staffing_of
from bot.store import transcript
from bot.store.tables import conversations, messages
from bot.store.transcript import Draft
from bot.triage.assessment import Assessment
from bot.triage.taxonomy import Assessed, Tier

ASK_A_PERSON = {"title": "Talk to a person", "payload": "person:ask"}
NOTHING_TO_ASSESS = Assessment(Tier.NONE, Assessed.FULL)
FOREIGN = "foreign"  # text ids of the answers in `data/languages/`
FOREIGN_AGAIN = "foreign_again"
WAITING_LINE_EVERY = 120.0  # seconds
_WHERE = select(conversations.c.country, conversations.c.locale).where(conversations.c.id == bindparam("conversation"))


@dataclass(frozen=True, slots=True)
class Said:
    """One part of an answer, ready to be shown.

    Attributes:
        bubbles: one to four short texts.
        options: `{title, payload}`, shown below the last bubble.
        text_id: which reviewed text it is.
        asked: id of the safety question that it asks.
    """

    bubbles: tuple[str, ...]
    options: tuple[Mapping[str, str], ...] = ()
    text_id: str | None = None
    asked: str | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """What a rendering depends on, read in the transaction that shows it.

    Attributes:
        wait: minutes from and to, until a person writes; None when nobody can say.
        now: seconds since the epoch.
        locale: of the page, or the language that the young person was found to write in.
    """

    staffing: Staffing
    country: str | None
    wait: tuple[int, int] | None
    now: float
    locale: str = "en"


def scene(connection: Connection, conversation_id: str, now: float) -> Scene:
    where = connection.execute(_WHERE, {"conversation": conversation_id}).one_or_none()
    country, locale = (where.country, where.locale) if where is not None else (None, "en")
    people = at_the_desk(connection, now)
    return Scene(staffing_of(people), country, queue.wait_minutes(connection, conversation_id, now, people), now, locale)


def render(content: Content, text_id: str, at: Scene) -> Said:
    """A reviewed text for this staffing, country and wait. Raises `KeyError` for an unknown id."""
    rendered = content.render(text_id, staffing=at.staffing, country=at.country, now=at.now, wait=at.wait)
    options = tuple({"title": option.title, "payload": option.payload} for option in rendered.options)
    return Said(tuple(rendered.bubbles), options, text_id, rendered.asked)


def in_their_language(content: Content, at: Scene, *, waiting: bool, again: bool = False) -> Said | None:
    """The fixed answer in the language that somebody writes in; None for what is served in full, or not at all.

    While no native speaker has checked that language, the first answer says so, with whom to call, in English.

    Args:
        waiting: a person was asked.
        again: they were greeted in it before.
    """
    language = content.languages.get(at.locale)
    if language is None or language.served:
        return None
    if not waiting:
        person, option = language.texts["open"], {"title": language.texts["ask"], "payload": "person:ask"}
    else:
        news = language.texts["again"] if again else ""
        person = news if news and at.staffing is not Staffing.NONE else language.person(at.staffing, at.wait)
        option = {"title": language.texts["not_now"], "payload": "person:not_now"}
    numbers = content.directory.emergency_digits(at.country)
    danger = language.danger(numbers)
    if again:
        return Said((person, danger), (option,), FOREIGN_AGAIN)
    draft = () if language.reviewed_by else (content.languages["en"].unchecked(language, numbers),)
    return Said((language.greeting(), person, danger, *draft), (option,), FOREIGN)


def services(content: Content, topics: Collection[str], at: Scene) -> list[dict[str, Any]]:
    return [service_view(service) for service in content.directory.services(at.country, topics, at.now)]


def show(
    connection: Connection,
    conversation_id: str,
    said: Sequence[Said],
    *,
    now: float,
    resources: Sequence[Mapping[str, Any]] = (),
    turn_no: int | None = None,
    sender: str = "bot",
) -> int:
    """Adds the parts as messages, one a bubble, with all options and the services below the last one.

    A safety question among them is remembered as open. Returns the last sequence number.
    """
    options: list[Mapping[str, str]] = []
    for part in said:
        options += [option for option in part.options if option not in options]
    bubbles = [(part, bubble, index == len(part.bubbles) - 1) for part in said for index, bubble in enumerate(part.bubbles)]
    drafts = [
        Draft(sender, bubble, text_id=part.text_id, asked=part.asked if ends_part else None, turn_no=turn_no)
        for part, bubble, ends_part in bubbles
    ]
    if not drafts:
        return 0
    drafts[-1] = replace(drafts[-1], options=[dict(option) for option in options[:4]], resources=resources)
    seq = transcript.append_all(connection, conversation_id, drafts, now)
    for before_last, draft in enumerate(reversed(drafts)):
        if draft.asked:
            connection.execute(
                update(conversations)
                .where(conversations.c.id == conversation_id)
                .values(open_question=draft.asked, open_question_seq=seq - before_last, open_question_at=now)
            )
            break
    return seq


def with_next_step(said: Sequence[Said], *, waiting: bool, resources: Sequence[Mapping[str, Any]] = ()) -> list[Said]:
    """The same answer, with the way to a person added when it would otherwise lead nowhere."""
    parts = list(said)
    if parts and not waiting and not resources and not any(part.options or part.asked for part in parts):
        parts[-1] = replace(parts[-1], options=(ASK_A_PERSON,))
    return parts


def person_asked(connection: Connection, content: Content, conversation_id: str, *, now: float) -> None:
    """Answers a wish for a person, without the engine: who was asked, how long it may take, who is there meanwhile."""
    at = scene(connection, conversation_id, now)
    shown = services(content, {"child_helpline"}, at) if at.staffing is not Staffing.ON_DUTY else []
    said = in_their_language(content, at, waiting=True) or render(content, "utter_person_requested", at)
    show(connection, conversation_id, [said], now=now, resources=shown)
    lifecycle.note_wait_quoted(connection, conversation_id, at.wait)


def person_declined(connection: Connection, content: Content, conversation_id: str, granted: bool, *, now: float) -> None:
    """Answers a "not now": taken back; or heard while somebody still looks in, because of danger or because they read already."""
    at = scene(connection, conversation_id, now)
    danger = not granted and open_tier(connection, conversation_id) is Tier.IMMEDIATE
    text_id = "utter_declined" if granted else "utter_declined_immediate" if danger else "utter_declined_taken"
    shown = services(content, {"emergency", "child_helpline"}, at) if danger else []
    said = render(content, text_id, at)
    language = content.languages.get(at.locale)
    if granted and language is not None and not language.served:
        said = Said((language.texts["declined"],), ({"title": language.texts["ask"], "payload": "person:ask"},), text_id)
    show(connection, conversation_id, [said], now=now, resources=shown)


def waiting_line_due(connection: Connection, conversation_id: str, now: float) -> bool:
    """Whether the line about the wait was not shown lately."""
    query = select(messages.c.id).where(
        messages.c.conversation_id == conversation_id,
        messages.c.text_id.in_(["utter_waiting", "utter_person_requested"]),
        messages.c.at > now - WAITING_LINE_EVERY,
    )
    return connection.execute(query.limit(1)).scalar_one_or_none() is None
