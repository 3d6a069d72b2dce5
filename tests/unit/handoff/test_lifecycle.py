"""The handoff's table in contract.md, row by row."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from bot.errors import BadRequest, Conflict, HandrailError, NotAllowed, NotFound
from bot.handoff import journal, lifecycle, records
from bot.store.tables import conversations, handoff_events, handoffs, risk_events
from bot.triage.risk import RiskEvent
from bot.triage.taxonomy import Tier
from tests.unit.handoff.conftest import Desk

# Opening


def test_a_due_handoff_opens_with_its_reason_and_the_chat_waits(desk: Desk) -> None:
    change = desk.hears(desk.conversation(), "sextortion", "he will send my pics")

    assert change.opened and change.handoff_id is not None
    handoff = desk.handoff(change.handoff_id)
    assert (handoff.state, handoff.tier, handoff.cause) == ("waiting", Tier.HIGH, "cue")
    assert [(reason["cue"], reason["quote"]) for reason in handoff.reasons] == [("sextortion", "he will send my pics")]
    assert desk.mode(change.handoff_id) == "waiting"


def test_distress_alone_opens_none(desk: Desk) -> None:
    change = desk.hears(desk.conversation(), "emotional_distress")

    assert change == lifecycle.HandoffChange(None)


def test_a_second_cue_raises_the_open_one_and_keeps_its_place(desk: Desk) -> None:
    conversation = desk.conversation()
    first = desk.hears(conversation, "sextortion")
    before = desk.handoff(first.handoff_id or 0)
    desk.now += 60

    second = desk.hears(conversation, "suicide_intent")

    assert second == lifecycle.HandoffChange(first.handoff_id, raised=True)
    after = desk.handoff(first.handoff_id or 0)
    assert (after.tier, after.waiting_since) == (Tier.IMMEDIATE, before.waiting_since)
    assert {reason["cue"] for reason in after.reasons} == {"sextortion", "suicide_intent"}


def test_somebody_else_opening_at_the_same_moment_makes_one_handoff(desk: Desk) -> None:
    conversation = desk.conversation()
    handoff_id = desk.hears(conversation, "sextortion").handoff_id
    row = desk.handoff(handoff_id or 0)._asdict()
    row.pop("id")

    assert desk.do(lambda connection: records.insert_handoff(connection, row)) is None
    assert desk.states(conversation) == ["waiting"]


def test_an_answer_that_came_too_late_opens_a_handoff_at_elevated(desk: Desk) -> None:
    conversation = desk.conversation()

    change = desk.do(lambda connection: lifecycle.open_now(connection, conversation, desk.now, cause="late"))

    handoff = desk.handoff(change.handoff_id or 0)
    assert (handoff.cause, handoff.tier, handoff.state) == ("late", Tier.ELEVATED, "waiting")


# Claiming


def test_accept_claims_and_makes_a_late_answer_void_while_the_bot_goes_on(desk: Desk) -> None:
    handoff_id, sam = desk.waiting(), desk.person("Sam")
    turn_no = desk.chat(handoff_id).turn_no

    desk.accept(handoff_id, sam)

    assert (desk.handoff(handoff_id).state, desk.handoff(handoff_id).claimed_by) == ("claimed", sam)
    assert (desk.mode(handoff_id), desk.chat(handoff_id).turn_no) == ("waiting", turn_no + 1)
    assert desk.said(handoff_id) == []  # the young person hears of it at the first word


def test_who_is_second_is_told_who_has_it(desk: Desk) -> None:
    handoff_id = desk.waiting()
    desk.accept(handoff_id, desk.person("Ana"))

    with pytest.raises(Conflict) as told:
        desk.accept(handoff_id, desk.person("Sam"))

    assert "Ana" in told.value.message
    assert (told.value.extra["holder"], told.value.extra["claimed_at"]) == ("Ana", desk.now)


def test_accepting_again_what_is_mine_changes_nothing(desk: Desk) -> None:
    handoff_id, sam = desk.live()

    desk.accept(handoff_id, sam)

    assert desk.handoff(handoff_id).state == "live"


def test_there_is_nothing_to_accept_where_there_is_no_handoff(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.accept(4711, desk.person())


def test_of_two_who_accept_at_the_same_moment_one_wins_fifty_times(desk: Desk) -> None:
    people = [desk.person("Ana"), desk.person("Ben")]
    rounds = [desk.waiting() for _ in range(50)]
    with ThreadPoolExecutor(2) as pool:
        for handoff_id in rounds:
            gate = threading.Barrier(2)

            def press(staff_id: int, handoff_id: int = handoff_id, gate: threading.Barrier = gate) -> str:
                gate.wait()
                try:
                    desk.accept(handoff_id, staff_id)
                except Conflict as lost:
                    return str(lost.extra["holder"])
                return "won"

            results = list(pool.map(press, people))

            assert sorted(results)[1] == "won" and sorted(results)[0] in {"Ana", "Ben"}
            assert desk.handoff(handoff_id).claimed_by == people[results.index("won")]


# Declining


def test_not_now_at_high_is_heard(desk: Desk) -> None:
    handoff_id = desk.waiting("sextortion")

    assert desk.declines(desk.handoff(handoff_id).conversation_id)

    assert (desk.handoff(handoff_id).state, desk.mode(handoff_id)) == ("declined", "bot")


def test_not_now_at_immediate_is_recorded_and_changes_nothing_else(desk: Desk) -> None:
    handoff_id = desk.waiting("suicide_intent")
    conversation = desk.handoff(handoff_id).conversation_id

    assert not desk.declines(conversation)

    assert (desk.handoff(handoff_id).state, desk.mode(handoff_id)) == ("waiting", "waiting")
    assert desk.history(handoff_id)[-1] == "asked_not_now"
    kinds = select(risk_events.c.kind).where(risk_events.c.conversation_id == conversation)
    assert "declined" in desk.store.read_now(lambda connection: list(connection.execute(kinds).scalars()))


def test_not_now_to_somebody_who_has_taken_the_chat_does_not_take_it_from_them(desk: Desk) -> None:
    handoff_id = desk.waiting()
    desk.accept(handoff_id, desk.person())

    assert not desk.declines(desk.handoff(handoff_id).conversation_id)
    assert desk.handoff(handoff_id).state == "claimed"


def test_after_a_not_now_only_something_new_or_immediate_opens_again(desk: Desk) -> None:
    conversation = desk.handoff(desk.waiting("sextortion")).conversation_id
    desk.declines(conversation)

    assert not desk.hears(conversation, "sextortion").opened
    assert desk.hears(conversation, "self_harm").opened
    assert desk.states(conversation) == ["declined", "waiting"]


# Live


def test_the_first_word_makes_the_chat_live_and_says_so_before_it(desk: Desk) -> None:
    handoff_id, sam = desk.waiting(), desk.person("Sam")
    desk.accept(handoff_id, sam)

    sent = desk.send(handoff_id, sam)

    assert (desk.handoff(handoff_id).state, desk.mode(handoff_id)) == ("live", "live")
    assert desk.said(handoff_id) == [("system", "utter_person_joined"), ("counsellor", "")]
    assert sent.new and desk.handoff(handoff_id).first_reply_at == desk.now


def test_a_message_sent_twice_is_stored_once_also_after_the_chat_was_lost(desk: Desk) -> None:
    handoff_id, sam = desk.live()
    first = desk.send(handoff_id, sam, "Are you there?", "one-and-the-same")
    desk.do(lambda connection: lifecycle.release(connection, handoff_id, sam, now=desk.now, content=desk.content))

    again = desk.send(handoff_id, sam, "Are you there?", "one-and-the-same")

    assert (again.seq, again.new) == (first.seq, False)
    with pytest.raises(Conflict):
        desk.send(handoff_id, sam, "Other words", "one-and-the-same")


def test_only_the_holder_writes(desk: Desk) -> None:
    handoff_id, _sam = desk.live()

    with pytest.raises(NotAllowed):
        desk.send(handoff_id, desk.person())


def test_nothing_is_sent_to_a_device_that_was_left(desk: Desk) -> None:
    handoff_id, sam = desk.live()
    desk.leaves(desk.handoff(handoff_id).conversation_id, "exit")

    with pytest.raises(Conflict, match="left"):
        desk.send(handoff_id, sam)


@pytest.mark.parametrize("text", ["", "  \n", "\x00", "a" * 2001])
def test_a_message_needs_words_and_not_too_many(desk: Desk, text: str) -> None:
    handoff_id, sam = desk.live()

    with pytest.raises(BadRequest):
        desk.send(handoff_id, sam, text)


# Putting back


def test_put_back_keeps_the_old_place_and_the_young_person_is_told(desk: Desk) -> None:
    handoff_id, sam = desk.live()
    before = desk.handoff(handoff_id)
    desk.now += 30

    desk.do(lambda connection: lifecycle.release(connection, handoff_id, sam, now=desk.now, content=desk.content))

    after = desk.handoff(handoff_id)
    assert (after.state, after.claimed_by, after.waiting_since) == ("waiting", None, before.waiting_since)
    assert desk.mode(handoff_id) == "waiting"
    assert desk.said(handoff_id)[-1] == ("system", "utter_left_by_staff")


def test_what_was_unanswered_when_the_person_went_is_the_bots_to_answer(desk: Desk) -> None:
    handoff_id, sam = desk.live()
    conversation = desk.handoff(handoff_id).conversation_id
    answered = desk.chat(handoff_id).seq
    desk.writes(conversation, "are you still there?")

    desk.do(lambda connection: lifecycle.release(connection, handoff_id, sam, now=desk.now, content=desk.content))

    assert (desk.chat(handoff_id).turn_upto_seq, desk.chat(handoff_id).turn_due_at) == (answered, desk.now)


def test_a_transfer_is_told_and_the_other_has_to_write_first(desk: Desk) -> None:
    handoff_id, sam = desk.live()
    ana = desk.person("Ana")

    desk.do(lambda connection: lifecycle.transfer(connection, handoff_id, sam, ana, now=desk.now, content=desk.content))

    assert (desk.handoff(handoff_id).state, desk.handoff(handoff_id).claimed_by) == ("claimed", ana)
    assert desk.mode(handoff_id) == "waiting"
    desk.send(handoff_id, ana)
    assert [text_id for sender, text_id in desk.said(handoff_id) if sender == "system"] == [
        "utter_person_joined",
        "utter_left_by_staff",
        "utter_person_joined",
    ]


def test_a_supervisor_takes_over_and_a_colleague_cannot(desk: Desk) -> None:
    handoff_id, _sam = desk.live()
    ana = desk.person("Ana")

    def take(supervisor: bool) -> None:
        desk.do(
            lambda connection: lifecycle.transfer(
                connection, handoff_id, ana, ana, now=desk.now, content=desk.content, supervisor=supervisor
            )
        )

    with pytest.raises(NotAllowed):
        take(supervisor=False)
    take(supervisor=True)
    assert desk.handoff(handoff_id).claimed_by == ana


# Ending


def test_close_gives_the_chat_to_the_bot_and_tells_the_young_person(desk: Desk) -> None:
    handoff_id, sam = desk.live()

    desk.close(handoff_id, sam)

    handoff = desk.handoff(handoff_id)
    assert (handoff.state, handoff.closed_by, handoff.outcome) == ("closed", sam, {"outcome": "safe_for_now"})
    assert desk.mode(handoff_id) == "bot"
    assert ("system", "utter_person_left") in desk.said(handoff_id)
    assert desk.said(handoff_id)[-1] == ("bot", "utter_after_heard")


def test_after_a_close_a_new_disclosure_opens_a_new_handoff_and_the_old_one_does_not(desk: Desk) -> None:
    handoff_id, sam = desk.live()
    conversation = desk.handoff(handoff_id).conversation_id
    desk.close(handoff_id, sam)

    assert not desk.hears(conversation, "emotional_distress").opened
    assert desk.hears(conversation, "sextortion").opened
    assert desk.states(conversation) == ["closed", "waiting"]


def test_the_mode_is_closed_only_when_the_young_person_ended_it(desk: Desk) -> None:
    handoff_id, sam = desk.live()
    conversation = desk.handoff(handoff_id).conversation_id
    ended = update(conversations).where(conversations.c.id == conversation).values(ended_at=desk.now, token_hash=None)
    desk.do(lambda connection: connection.execute(ended))
    lines = len(desk.said(handoff_id))

    desk.close(handoff_id, sam)

    assert desk.mode(handoff_id) == "closed"
    assert len(desk.said(handoff_id)) == lines


def test_handing_back_leaves_what_is_unanswered_to_the_bot(desk: Desk) -> None:
    handoff_id, sam = desk.live()
    desk.writes(desk.handoff(handoff_id).conversation_id)

    desk.do(lambda connection: lifecycle.return_to_bot(connection, handoff_id, sam, now=desk.now, content=desk.content))

    assert (desk.handoff(handoff_id).state, desk.mode(handoff_id)) == ("closed", "bot")
    assert desk.chat(handoff_id).turn_due_at == desk.now


def test_what_crosses_the_press_is_not_closed_over(desk: Desk) -> None:
    handoff_id, sam = desk.live()
    desk.hears(desk.handoff(handoff_id).conversation_id, "suicide_intent")

    with pytest.raises(Conflict, match="Read it first"):
        desk.close(handoff_id, sam)

    desk.now += 11
    desk.close(handoff_id, sam)
    assert desk.handoff(handoff_id).state == "closed"


def test_erase_marks_an_open_handoff_and_its_close_erases(desk: Desk) -> None:
    handoff_id, sam = desk.live()
    conversation = desk.handoff(handoff_id).conversation_id

    desk.do(lambda connection: lifecycle.ask_erase(connection, conversation, desk.now))
    assert (desk.handoff(handoff_id).state, desk.handoff(handoff_id).erase_asked_at) == ("live", desk.now)

    desk.close(handoff_id, sam)
    assert desk.states(conversation) == []
    assert desk.audited()[-1] == "erase"


def test_only_holder_or_supervisor_closes(desk: Desk) -> None:
    handoff_id = desk.waiting()
    ana = desk.person("Ana")

    with pytest.raises(HandrailError):
        desk.close(handoff_id, ana)
    desk.close(handoff_id, ana, supervisor=True)

    assert desk.said(handoff_id) == [("system", "utter_returned_to_bot")]


# Tier


def change_tier(desk: Desk, handoff_id: int, staff_id: int, tier: Tier, reason: str = "") -> None:
    desk.do(lambda connection: lifecycle.change_tier(connection, handoff_id, staff_id, tier, reason, now=desk.now))


def test_raising_needs_no_reason_and_stays_when_triage_says_less(desk: Desk) -> None:
    handoff_id, sam = desk.waiting("sextortion"), desk.person()

    change_tier(desk, handoff_id, sam, Tier.IMMEDIATE)
    desk.hears(desk.handoff(handoff_id).conversation_id, "bullying")

    assert desk.handoff(handoff_id).tier == Tier.IMMEDIATE
    assert desk.history(handoff_id)[-1] == "raised"


def test_lowering_needs_a_reason_and_what_was_heard_before_counts_no_more(desk: Desk) -> None:
    handoff_id, sam = desk.waiting("suicide_intent"), desk.person("Sam")
    conversation = desk.handoff(handoff_id).conversation_id
    with pytest.raises(BadRequest):
        change_tier(desk, handoff_id, sam, Tier.ELEVATED, "  ")

    change_tier(desk, handoff_id, sam, Tier.ELEVATED, "They talk about a film")

    risk = desk.store.read_now(lambda connection: records.conversation_risk(connection, conversation))
    assert (desk.handoff(handoff_id).tier, risk.tier, risk.due) == (Tier.ELEVATED, Tier.ELEVATED, False)
    desk.hears(conversation, "bullying")
    assert desk.handoff(handoff_id).tier == Tier.ELEVATED
    desk.hears(conversation, "suicide_intent")
    assert desk.handoff(handoff_id).tier == Tier.IMMEDIATE


# Away, and what is left behind


@pytest.mark.parametrize("how", ["exit", "end", "hidden"])
def test_leaving_is_a_flag_and_the_chat_stays_claimable(desk: Desk, how: str) -> None:
    handoff_id = desk.waiting("suicide_intent")

    desk.leaves(desk.handoff(handoff_id).conversation_id, how)

    assert (desk.handoff(handoff_id).state, desk.chat(handoff_id).away_how) == ("waiting", how)
    assert desk.chat(handoff_id).away_since == desk.now
    desk.accept(handoff_id, desk.person())
    assert desk.handoff(handoff_id).state == "claimed"


def test_who_left_for_good_is_not_merely_hidden_afterwards(desk: Desk) -> None:
    conversation = desk.handoff(desk.waiting()).conversation_id
    desk.leaves(conversation, "exit")
    desk.leaves(conversation, "hidden")

    query = select(conversations.c.away_how).where(conversations.c.id == conversation)
    assert desk.store.read_now(lambda connection: connection.execute(query).scalar_one()) == "exit"


def test_a_first_line_to_a_waiting_immediate_claims_nothing_and_announces_nobody(desk: Desk) -> None:
    handoff_id, sam = desk.waiting("suicide_intent"), desk.person("Sam")

    def first_word(which: int) -> int:
        return desk.do(
            lambda connection: lifecycle.first_word(connection, which, sam, now=desk.now, content=desk.content)
        )

    assert first_word(handoff_id)
    assert (desk.handoff(handoff_id).state, desk.mode(handoff_id)) == ("waiting", "waiting")
    assert {sender for sender, _text_id in desk.said(handoff_id)} == {"system"}
    with pytest.raises(Conflict):
        first_word(desk.waiting("sextortion"))


def test_each_change_of_the_queue_has_a_version_a_line_and_an_audit_entry(desk: Desk) -> None:
    versions = [desk.version()]

    handoff_id = desk.waiting()
    versions.append(desk.version())
    sam = desk.person()
    for step in (
        lambda: desk.accept(handoff_id, sam),
        lambda: desk.send(handoff_id, sam),
        lambda: change_tier(desk, handoff_id, sam, Tier.IMMEDIATE),
        lambda: desk.close(handoff_id, sam),
    ):
        step()
        versions.append(desk.version())

    assert versions == list(range(versions[0], versions[0] + 6))
    assert desk.history(handoff_id) == ["opened", "accepted", "live", "raised", "closed"]
    assert desk.audited() == ["accept", "message", "raised", "close"]


def test_one_transaction_counts_the_version_up_once(desk: Desk) -> None:
    desk.waiting()
    before = desk.version()
    conversation = desk.conversation()

    def work(connection: object) -> None:
        for _ in range(3):
            journal.changed(connection, conversation)  # type: ignore[arg-type]

    desk.do(work)

    assert desk.version() == before + 1


def test_a_failing_transaction_leaves_nothing_behind(desk: Desk) -> None:
    handoff_id = desk.waiting()
    before = desk.version()

    def work(connection: object) -> None:
        lifecycle.decline(connection, desk.handoff(handoff_id).conversation_id, desk.now)  # type: ignore[arg-type]
        raise RuntimeError

    with pytest.raises(RuntimeError):
        desk.do(work)

    assert desk.version() == before
    assert desk.handoff(handoff_id).state == "waiting"
    desk.waiting()
    assert desk.version() == before + 1


def test_a_declined_event_is_of_the_kind_that_triage_knows(desk: Desk) -> None:
    event = RiskEvent.declined(seq=1, at=desk.now)
    conversation = desk.handoff(desk.waiting()).conversation_id
    desk.declines(conversation)

    stored = select(risk_events.c.data).where(risk_events.c.kind == "declined")
    data = desk.store.read_now(lambda connection: connection.execute(stored).scalar_one())
    assert RiskEvent.from_dict(data).kind == event.kind
    lines = select(handoff_events.c.kind).join(handoffs).where(handoffs.c.conversation_id == conversation)
    assert "declined" in desk.store.read_now(lambda connection: list(connection.execute(lines).scalars()))
