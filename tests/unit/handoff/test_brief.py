"""The card that a counsellor reads in ten seconds."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.handoff import journal, lifecycle, queue, records
from bot.handoff.brief import MOST_SUMMARY, brief, summary
from bot.store import transcript
from bot.triage.risk import EventKind, RiskEvent
from bot.triage.taxonomy import CUES, FACTS, Tier
from tests.unit.handoff.conftest import Desk


def card(desk: Desk, handoff_id: int) -> dict[str, Any]:
    return desk.store.read_now(lambda connection: brief(connection, queue.row(connection, handoff_id)))


def test_a_reason_quotes_their_words_with_message_time_and_whom_it_is_about(desk: Desk) -> None:
    handoff_id = desk.hears(desk.conversation(), "sextortion", "he will send my pics", about="self", score=0.91).handoff_id

    assert card(desk, handoff_id or 0)["reasons"] == [
        {"cue": "sextortion", "quote": "he will send my pics", "seqs": [1], "at": desk.now, "score": 0.91, "about": "self"}
    ]


def test_what_nobody_asked_says_so_and_what_was_said_stands_with_its_message(desk: Desk) -> None:
    conversation = desk.conversation()
    handoff_id = desk.hears(conversation, "runaway").handoff_id or 0

    def says(connection: Any) -> None:
        journal.record_risk(connection, conversation, RiskEvent(EventKind.FACT, 1, desk.now, fact="age_under_13", value="no"))
        lifecycle.apply_risk(connection, conversation, records.conversation_risk(connection, conversation), desk.now)

    desk.do(says)

    facts = card(desk, handoff_id)["facts"]
    assert set(facts) == set(FACTS)
    assert facts["age_under_13"] == {"value": "no", "seq": 1}
    assert facts["no_safe_place_tonight"]["value"] == "not_asked"


def test_a_fresh_chat_was_told_nothing_yet(desk: Desk) -> None:
    said = card(desk, desk.waiting())["said"]

    assert said == {"disclosed_bot": None, "confidentiality": None, "numbers_given": [], "wait_quoted": None}


def test_which_words_about_who_reads_along_were_shown_stands_with_their_version(desk: Desk) -> None:
    change = desk.hears(desk.conversation(limits_version="3"), "sextortion")
    assert change.handoff_id is not None

    assert card(desk, change.handoff_id)["said"]["confidentiality"] == {"at": desk.now, "version": "3"}


def test_what_the_bot_said_and_promised_is_read_from_what_it_sent(desk: Desk) -> None:
    conversation = desk.conversation()
    handoff_id = desk.hears(conversation, "sextortion").handoff_id or 0
    line = {"name": "Example Line", "contact": "0800 000 000", "kind": "phone", "country": "XX", "hours": "", "open_now": None}

    def answers(connection: Any) -> None:
        transcript.append(connection, conversation, sender="bot", text="Hi", now=desk.now, text_id="utter_greeting")
        for _ in range(2):
            transcript.append(connection, conversation, sender="bot", text="Call", now=desk.now, resources=[line])
        lifecycle.note_wait_quoted(connection, conversation, (5, 10))

    desk.do(answers)

    said = card(desk, handoff_id)["said"]
    assert said["disclosed_bot"] == desk.now
    assert said["numbers_given"] == [{"name": "Example Line", "contact": "0800 000 000", "at": desk.now}]
    assert said["wait_quoted"] == [5, 10]


reasons = st.lists(st.sampled_from(sorted(CUES)), max_size=22, unique=True).map(lambda cues: [{"cue": cue} for cue in cues])
values = st.sampled_from(["yes", "no", "not_asked", "skipped", "unknown", "tonight at ten, he said, " * 20])

spoken = st.fixed_dictionaries({fact: values for fact in FACTS})


@given(st.sampled_from(list(Tier)), reasons, spoken, st.booleans(), st.integers(0, 999))
def test_the_summary_has_at_most_80_words_and_begins_with_the_tier(
    tier: Tier, reasons: list[dict[str, Any]], facts: dict[str, str], asked: bool, wrote: int
) -> None:
    said = {"disclosed_bot": 1.0, "numbers_given": ["112"]}

    text = summary(tier, reasons, {fact: {"value": value} for fact, value in facts.items()}, said, asked=asked, wrote=wrote)

    assert len(text.split()) <= MOST_SUMMARY
    assert text.lower().startswith(tier.id)
    if "Told:" in text:
        parts = ["for a person.", "Wrote", "Facts:", "Told:"]
        places = [text.index(part) for part in parts]
        assert places == sorted(places)
