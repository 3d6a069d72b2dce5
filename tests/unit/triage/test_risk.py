"""The fold of triage.md, by example and by property."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.triage.assessment import Assessment, CueHit
from bot.triage.risk import EventKind, RiskEvent, events_of, fold
from bot.triage.taxonomy import CUES, FACTS, About, Assessed, Tier

IMMEDIATE = [cue for cue in CUES if CUES[cue].tier is Tier.IMMEDIATE]


def cue(name: str, seq: int = 1) -> RiskEvent:
    return RiskEvent(EventKind.CUE, seq, float(seq), cue=name, quote="words")


def fact(name: str, value: str = "yes", seq: int = 1) -> RiskEvent:
    return RiskEvent(EventKind.FACT, seq, float(seq), fact=name, value=value)


def declined(seq: int = 2) -> RiskEvent:
    return RiskEvent.declined(seq=seq, at=float(seq))


def closed(seq: int = 2) -> RiskEvent:
    return RiskEvent.closed(seq=seq, at=float(seq))


def lowered(seq: int = 2, tier: Tier = Tier.ELEVATED) -> RiskEvent:
    return RiskEvent.lowered(seq=seq, at=float(seq), tier=tier, by="1")


events = st.lists(
    st.one_of(
        st.builds(cue, st.sampled_from(sorted(CUES)), st.integers(1, 30)),
        st.builds(fact, st.sampled_from(FACTS), st.sampled_from(["yes", "no", "skipped"]), st.integers(1, 30)),
        st.builds(declined, st.integers(1, 30)),
        st.builds(closed, st.integers(1, 30)),
        st.builds(lowered, st.integers(1, 30), st.sampled_from(Tier)),
        st.builds(lambda seq: RiskEvent.asked_person(seq=seq, at=1.0), st.integers(1, 30)),
        st.builds(lambda seq: RiskEvent(EventKind.UNASSESSED, seq, 1.0, assessed="words_only"), st.integers(1, 30)),
        st.builds(lambda seq: RiskEvent(EventKind.UNCLEAR, seq, 1.0), st.integers(1, 30)),
    ),
    max_size=15,
)


@given(events, st.sampled_from(IMMEDIATE))
def test_after_any_history_a_new_immediate_cue_is_due(history: list[RiskEvent], name: str) -> None:
    risk = fold([*history, cue(name, seq=99)])

    assert risk.due
    assert risk.tier is Tier.IMMEDIATE


@given(events, events)
@example([RiskEvent(EventKind.UNCLEAR, 1, 1.0)], [declined(1)])
def test_the_tier_falls_only_by_lowered_or_closed(history: list[RiskEvent], more: list[RiskEvent]) -> None:
    more = [event for event in more if event.kind not in {EventKind.LOWERED, EventKind.CLOSED}]
    # A later "it was long ago" about the very same message may lower `immediate` to `high`, never further.
    before = min(fold(history).tier, Tier.HIGH)

    assert fold([*history, *more]).tier >= before


@given(events)
def test_a_fold_survives_being_stored(history: list[RiskEvent]) -> None:
    assert fold([RiskEvent.from_dict(event.to_dict()) for event in history]) == fold(history)


@given(st.permutations([cue("sextortion", 1), cue("self_harm", 2), fact("deadline", seq=3), cue("bullying", 4)]))
def test_no_order_of_cues_loses_a_combination(order: list[RiskEvent]) -> None:
    risk = fold(order)

    assert (risk.tier, risk.due) == (Tier.IMMEDIATE, True)
    assert {reason.cue for reason in risk.reasons} == {"sextortion", "self_harm", "bullying"}


@pytest.mark.parametrize(
    ("history", "tier"),
    [
        ([cue("image_shared"), cue("suicidal_ideation", 2)], Tier.IMMEDIATE),
        ([fact("papers_held"), fact("cannot_leave", seq=2)], Tier.IMMEDIATE),
        ([cue("abuse_disclosure"), fact("age_under_13", seq=2)], Tier.IMMEDIATE),
        ([cue("grooming_signs"), fact("age_under_13", seq=2)], Tier.ELEVATED),
        ([cue("runaway"), fact("no_safe_place_tonight", seq=2)], Tier.IMMEDIATE),
        ([cue("runaway"), fact("no_safe_place_tonight", "no", 2)], Tier.HIGH),
        ([cue("bullying"), cue("grooming_signs"), cue("emotional_distress", 2)], Tier.HIGH),
        ([cue("bullying"), cue("grooming_signs"), cue("emotional_distress")], Tier.ELEVATED),
        ([cue("bullying"), cue("grooming_signs"), cue("eating_disorder", 2)], Tier.ELEVATED),
        ([fact("past", seq=1), cue("violence_now", 1)], Tier.HIGH),
    ],
)
def test_cues_and_facts_add_up(history: list[RiskEvent], tier: Tier) -> None:
    assert fold(history).tier is tier


def test_after_a_refusal_only_another_high_cue_or_any_immediate_one_is_new() -> None:
    refused = [cue("self_harm"), declined()]

    assert not fold(refused).due
    assert fold(refused).tier is Tier.HIGH
    assert not fold([*refused, cue("self_harm", 3)]).due
    assert fold([*refused, cue("neglect", 3)]).due
    assert fold([*refused, cue("suicide_intent", 3)]).due


def test_a_refusal_at_immediate_changes_nothing() -> None:
    assert fold([cue("suicide_intent"), declined()]).due


def test_after_closing_the_same_high_cue_is_new() -> None:
    after = [cue("self_harm"), closed()]

    assert (fold(after).tier, fold(after).due) == (Tier.NONE, False)
    assert fold([*after, cue("self_harm", 3)]).due


def test_lowering_sets_the_tier_that_staff_chose() -> None:
    assert fold([cue("suicide_intent"), lowered(tier=Tier.ELEVATED)]).tier is Tier.ELEVATED


def test_old_facts_alone_open_nothing_after_a_closing() -> None:
    history = [fact("papers_held"), fact("cannot_leave"), closed(), fact("deadline", seq=3)]

    assert not fold(history).due


def test_an_elevated_cue_alone_is_not_due_and_a_wish_for_a_person_is() -> None:
    assert not fold([cue("bullying")]).due
    assert fold([RiskEvent.asked_person(seq=1, at=1.0)]).due_cause == "asked"
    assert fold([cue("wants_human")]).due_cause == "asked"


def test_not_assessed_is_not_harmless() -> None:
    nothing = events_of(Assessment.nothing_ran(), seq=1, at=1.0)
    words = events_of(Assessment(Tier.ELEVATED, Assessed.WORDS_ONLY), seq=1, at=1.0)

    assert (fold(nothing).tier, fold(nothing).due) == (Tier.HIGH, True)
    assert (fold(words).tier, fold(words).due) == (Tier.ELEVATED, False)
    assert fold([*words, *words]).due


def test_what_stays_unclear_after_one_question_reaches_a_person() -> None:
    unclear = events_of(Assessment(Tier.NONE, Assessed.FULL, unclear=True), seq=1, at=1.0)

    assert not fold(unclear).due
    assert fold([*unclear, *unclear]).due_cause == "unclear"


def test_harm_with_means_at_hand_counts_as_immediate() -> None:
    hit = CueHit("harm_to_others", 0.9, About.SELF, "with a knife tonight")
    risk = fold(events_of(Assessment(Tier.IMMEDIATE, Assessed.FULL, (hit,)), seq=1, at=1.0))

    assert (risk.tier, risk.due) == (Tier.IMMEDIATE, True)
