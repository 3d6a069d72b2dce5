"""The card that a counsellor reads in ten seconds: built from stored facts, never generated."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, func, select

from bot.store.tables import conversations, messages, risk_events
from bot.triage.taxonomy import CUES, FACTS, FactValue, Tier

MOST_SUMMARY = 80  # words


def brief(connection: Connection, handoff: Row[Any]) -> dict[str, Any]:
    """The brief of a handoff, as contract.md names its parts; the order never changes.

    A fact nobody spoke of says `not_asked`, one that was skipped says `skipped`.
    """
    conversation = connection.execute(
        select(conversations).where(conversations.c.id == handoff.conversation_id)
    ).one()
    said = _said(connection, handoff, conversation)
    facts = {fact: {"value": FactValue.NOT_ASKED.value, "seq": None} for fact in FACTS} | dict(handoff.facts)
    if conversation.country and facts["country"]["value"] == FactValue.NOT_ASKED.value:
        facts["country"] = {"value": conversation.country, "seq": None}
    wrote, wrote_last = _wrote(connection, handoff.conversation_id)
    asked = _asked_for_person(connection, handoff.conversation_id)
    return {
        "tier": Tier(handoff.tier).id,
        "assessed": handoff.assessed,
        "cause": handoff.cause,
        "reasons": handoff.reasons,
        "facts": facts,
        "said": said,
        "locale": conversation.locale,
        "country": conversation.country,
        "wants_person": asked,
        "wrote": wrote,
        "wrote_last": wrote_last,
        "summary": summary(Tier(handoff.tier), handoff.reasons, facts, said, asked=asked, wrote=wrote),
    }


def summary(
    tier: Tier, reasons: list[dict[str, Any]], facts: dict[str, Any], said: dict[str, Any], *, asked: bool, wrote: int
) -> str:
    """The same parts in the same order, in at most 80 words: tier, why, wants, facts, told."""
    why = "; ".join(CUES[reason["cue"]].says for reason in reasons[:4]) or "Nothing was heard by triage"
    spoken = [fact for fact in FACTS if facts[fact]["value"] != FactValue.NOT_ASKED.value]
    known = [f"{fact.replace('_', ' ')}: {facts[fact]['value']}" for fact in spoken]
    told = [
        words
        for words, is_so in (("it is a bot", said["disclosed_bot"]), ("numbers", bool(said["numbers_given"])))
        if is_so
    ]
    parts = [
        f"{tier.id.capitalize()}. {why}.",
        "Asked for a person." if asked else "Did not ask for a person.",
        f"Wrote {wrote} {'time' if wrote == 1 else 'times'}.",
        f"Facts: {', '.join(known)}." if known else "Facts: not asked.",
        f"Told: {', '.join(told)}." if told else "Told: nothing yet.",
    ]
    return " ".join(" ".join(parts).split()[:MOST_SUMMARY])


def _said(connection: Connection, handoff: Row[Any], conversation: Row[Any]) -> dict[str, Any]:
    """What the assistant disclosed and gave, read from the messages that it sent."""
    rows = connection.execute(
        select(messages.c.at, messages.c.text_id, messages.c.resources)
        .where(messages.c.conversation_id == handoff.conversation_id, messages.c.sender.in_(["bot", "system"]))
        .order_by(messages.c.seq)
    ).all()
    version = conversation.limits_version
    greeted = next((row.at for row in rows if row.text_id == "utter_greeting"), None)
    numbers: dict[str, dict[str, Any]] = {}
    for row in rows:
        for resource in row.resources or ():
            given = {"name": resource["name"], "contact": resource["contact"], "at": row.at}
            numbers.setdefault(resource["contact"], given)
    return {
        "disclosed_bot": greeted,
        # On the start screen, before the first message can be sent.
        "confidentiality": {"at": conversation.created_at, "version": version} if version else None,
        "numbers_given": list(numbers.values()),
        "wait_quoted": handoff.wait_quoted,
    }


def _wrote(connection: Connection, conversation_id: str) -> tuple[int, float | None]:
    """How often they wrote, and when they did last."""
    mine = (messages.c.conversation_id == conversation_id) & (messages.c.sender == "young_person")
    count, last = connection.execute(select(func.count(), func.max(messages.c.at)).where(mine)).one()
    return int(count), last


def _asked_for_person(connection: Connection, conversation_id: str) -> bool:
    query = select(risk_events.c.id).where(
        risk_events.c.conversation_id == conversation_id, risk_events.c.kind == "asked_person"
    )
    return connection.execute(query.limit(1)).scalar_one_or_none() is not None
