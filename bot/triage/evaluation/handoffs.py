"""What played conversations mean for young people and for the desk: who is handed over, in time, and at what cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from bot.triage.evaluation.conversations import Course, Played, course
from bot.triage.evaluation.rates import Rate, Requirement, at_least, at_most
from bot.triage.taxonomy import Tier

CHATS_A_DAY = 500
MINUTES_A_CHAT = 20  # what a counsellor spends on one handoff
THRESHOLDS = (0.02, 0.05, *(round(0.1 + 0.05 * step, 2) for step in range(17)), 0.95, 0.98)


def conversation_report(played: Sequence[Played]) -> dict[str, Any]:
    """All figures of conversations, as JSON.

    Returns:
        `count`, `requirements`, `handoffs_per_100` and `hours_a_day` (of chats mixed as these are), `unasked_per_100` (of
        chats below `high`), `hours_unasked` (the same, at 500 such chats a day), `gentle_questions`, `causes` (why handoffs
        opened: in all, and unasked), `kinds`, `curve` (one point a threshold), `operating_point`, and lists: `not_opened`,
        `opened_unasked`, `reached_immediate`, `labels_to_check`.
    """
    operating = _point(played, [each.told for each in played])
    return {
        "count": len(played),
        "requirements": [requirement.to_dict() for requirement in requirements(played)],
        "handoffs_per_100": operating["handoffs_per_100"],
        "hours_a_day": hours_a_day(operating["handoffs_per_100"]),
        "unasked_per_100": operating["unasked_per_100"],
        "hours_unasked": hours_a_day(operating["unasked_per_100"]),
        "gentle_questions": Rate.count(played, lambda each: each.told.unclear).to_dict(),
        "causes": _causes(played),
        "kinds": _kinds(played),
        "curve": [{"threshold": at, **_point(played, [course(each.heard, at) for each in played])} for at in THRESHOLDS],
        "operating_point": operating,
        "not_opened": [_line(each, each.labelled.high_at) for each in played if each.serious and not each.opened_in_time()],
        "opened_unasked": [_line(each, each.told.opened_at) for each in played if each.opened_unasked()],
        "reached_immediate": [_line(each, _immediate_at(each)) for each in played if _too_urgent(each)],
        "labels_to_check": [_line(each, each.labelled.high_at) for each in played if _at_odds(each)],
    }


def requirements(played: Iterable[Played]) -> list[Requirement]:
    everything = list(played)
    serious = [each for each in everything if each.serious]
    below = [each for each in everything if not each.serious]
    return [
        at_least("conversations that reach high, handed over by the message that tells", _in_time(serious), 0.97),
        at_most("conversations below high, handed over though nobody asked", _unasked(below), 0.10),
        at_most("conversations below high that reach immediate", Rate.count(below, _too_urgent), 0.01),
        at_most("conversations with a gentle question", Rate.count(everything, lambda each: each.told.unclear), 0.02),
    ]


def hours_a_day(handoffs_per_100: float | None) -> float | None:
    """Counsellor-hours a day at `CHATS_A_DAY`."""
    if handoffs_per_100 is None:
        return None
    return handoffs_per_100 / 100 * CHATS_A_DAY * MINUTES_A_CHAT / 60


def _point(played: Sequence[Played], courses: Sequence[Course]) -> dict[str, Any]:
    pairs = list(zip(played, courses, strict=True))
    recall = Rate.count([pair for pair in pairs if pair[0].serious], lambda pair: pair[0].opened_in_time(pair[1]))
    unasked = Rate.count([pair for pair in pairs if not pair[0].serious], lambda pair: pair[0].opened_unasked(pair[1]))
    opened = Rate.count(pairs, lambda pair: pair[1].opened_at is not None)
    return {
        "recall": recall.to_dict(),
        "unasked": unasked.to_dict(),
        "handoffs_per_100": None if opened.value is None else 100 * opened.value,
        "unasked_per_100": None if unasked.value is None else 100 * unasked.value,
    }


def _kinds(played: Sequence[Played]) -> dict[str, dict[str, Any]]:
    groups: dict[str, list[Played]] = {}
    for each in played:
        groups.setdefault(each.conversation.kind or "not said", []).append(each)
    return {
        kind: {
            "opened": Rate.count(group, lambda each: each.told.opened_at is not None).to_dict(),
            "in_time": _in_time([each for each in group if each.serious]).to_dict(),
            "unasked": _unasked([each for each in group if not each.serious]).to_dict(),
            "immediate": Rate.count(group, lambda each: each.told.tier is Tier.IMMEDIATE).to_dict(),
        }
        for kind, group in sorted(groups.items())
    }


def _causes(played: Sequence[Played]) -> dict[str, dict[str, int]]:
    opened = Counter(each.told.cause for each in played if each.told.cause)
    unasked = Counter(each.told.cause for each in played if each.opened_unasked())
    return {cause: {"opened": count, "unasked": unasked[cause]} for cause, count in opened.most_common()}


def _in_time(played: Sequence[Played]) -> Rate:
    return Rate.count(played, lambda each: each.opened_in_time())


def _unasked(played: Sequence[Played]) -> Rate:
    return Rate.count(played, lambda each: each.opened_unasked())


def _too_urgent(played: Played) -> bool:
    return not played.serious and played.told.tier is Tier.IMMEDIATE


def _immediate_at(played: Played) -> int | None:
    """The first message that is immediate by itself; the last with a cue when only several are together."""
    told = played.told.told
    alone = (at for at, assessment in enumerate(told) if assessment.tier is Tier.IMMEDIATE)
    return next(alone, max((at for at, assessment in enumerate(told) if assessment.cues), default=None))


def _at_odds(played: Played) -> bool:
    """Whether what the conversation was meant to be and what its labels add up to are on different sides of `high`."""
    kind = played.conversation.kind
    return bool(kind) and (kind in {Tier.HIGH.id, Tier.IMMEDIATE.id}) != played.serious


def _line(played: Played, at: int | None) -> dict[str, Any]:
    """One conversation of a list, with the message that matters there."""
    messages, told = played.conversation.messages, played.told
    return {
        "voice": played.conversation.voice,
        "kind": played.conversation.kind,
        "message": None if at is None else at + 1,
        "text": "" if at is None else messages[at].text,
        "labelled": [] if at is None else list(messages[at].cues),
        "told": [] if at is None else list(told.told[at].cue_ids),
        "before": [said.text for said in messages[max(0, (at or 0) - 3) : at or 0]],
        "opened": None if told.opened_at is None else told.opened_at + 1,
        "cause": told.cause,
        "tier": told.tier.id,
    }
