"""Conversations are played as the chat plays them, and judged by when a handoff opens."""

from __future__ import annotations

from bot.triage.evaluation.conversations import Conversation, Played, Said, labelled_course, play
from bot.triage.evaluation.handoffs import conversation_report, hours_a_day
from bot.triage.taxonomy import About, Tier
from tests.unit.triage.listener import Listener


def chat(*messages: tuple[str, str], kind: str = "") -> Conversation:
    """A conversation from pairs of a text and its cues, separated by spaces."""
    return Conversation("ng-16", kind, tuple(Said(text, tuple(cues.split()), About.SELF) for text, cues in messages))


def played(detector: Listener, *messages: tuple[str, str], kind: str = "") -> Played:
    return play(detector, chat(*messages, kind=kind))


def test_a_handoff_by_the_message_that_tells_is_in_time() -> None:
    course = played(Listener(self_harm="cut"), ("hi", ""), ("i cut myself", "self_harm"), ("ok", ""))

    assert (course.labelled.high_at, course.told.opened_at) == (1, 1)
    assert course.opened_in_time()


def test_a_handoff_after_the_message_that_tells_is_late() -> None:
    course = played(Listener(self_harm="blood"), ("i cut myself", "self_harm"), ("there is blood", "self_harm"))

    assert course.told.opened_at == 1
    assert not course.opened_in_time()


def test_split_messages_are_heard_together_within_four() -> None:
    near = played(Listener(sextortion="if send"), ("he said", ""), ("if i dont", ""), ("ok", ""), ("hell send it", "sextortion"))
    far = played(Listener(sextortion="if send"), ("if i dont", ""), *[("ok", "")] * 3, ("hell send it", "sextortion"))

    assert (near.told.opened_at, near.told.cause) == (3, "together")
    assert far.told.opened_at is None


def test_what_adds_up_opens_a_handoff() -> None:
    detector = Listener(bullying="tease", emotional_distress="sad", eating_disorder="starve")
    said = (("they tease me", "bullying"), ("i am sad", "emotional_distress"), ("i starve", "eating_disorder"))
    course = played(detector, *said, kind="elevated")

    assert (course.told.tier, course.told.cause) == (Tier.HIGH, "added up")
    assert course.serious and course.opened_in_time()
    assert len(conversation_report([course])["labels_to_check"]) == 1


def test_a_wish_for_a_person_is_no_false_alarm() -> None:
    asked = played(Listener(wants_human="human"), ("hi", ""), ("can i talk to a human", "wants_human"))
    unasked = played(Listener(wants_human="human"), ("what is human trafficking", ""))

    assert asked.told.opened_at == 1 and not asked.opened_unasked()
    assert unasked.opened_unasked()


def test_a_wish_after_a_false_alarm_does_not_excuse_it() -> None:
    course = played(Listener(self_harm="kill"), ("kill him in the game", ""), ("can i talk to somebody", "wants_human"))

    assert course.opened_unasked()


def test_labels_are_folded_by_the_same_rules() -> None:
    young = Said("i am 9", (), About.SELF, {"age_under_13": "yes"})
    hurt = Said("he hits me", ("abuse_disclosure",), About.SELF)

    assert labelled_course(Conversation("ng-9", "immediate", (hurt, young))).tier is Tier.IMMEDIATE


def test_the_report_says_what_conversations_cost() -> None:
    detector = Listener(self_harm="cut", suicide_intent="die")
    report = conversation_report(
        [
            played(detector, ("i cut myself", "self_harm"), kind="high"),
            played(detector, ("i could die of shame", ""), kind="near_miss"),
            played(detector, ("hello", ""), kind="smalltalk"),
            played(detector, ("bye", ""), kind="smalltalk"),
        ]
    )

    assert report["handoffs_per_100"] == 50
    assert report["hours_a_day"] == 250 * 20 / 60
    assert [each["text"] for each in report["opened_unasked"]] == ["i could die of shame"]
    assert report["operating_point"]["unasked"]["hits"] == 1
    assert report["kinds"]["near_miss"]["immediate"]["hits"] == 1
    assert report["causes"] == {"alone": {"opened": 2, "unasked": 1}}


def test_a_stricter_threshold_opens_fewer() -> None:
    report = conversation_report([played(Listener(self_harm="cut"), ("i cut myself", "self_harm"))])
    by_threshold = {point["threshold"]: point["recall"]["hits"] for point in report["curve"]}

    assert (by_threshold[0.5], by_threshold[0.9], by_threshold[0.95]) == (1, 1, 0)


def test_hours_follow_from_the_named_numbers() -> None:
    assert hours_a_day(30) == 50
    assert hours_a_day(None) is None
