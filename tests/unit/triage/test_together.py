"""Split messages are read together, and nothing is heard twice."""

from __future__ import annotations

from bot.triage.assessment import Assessment
from bot.triage.taxonomy import Assessed, Tier
from bot.triage.together import assess_with_recent
from tests.unit.triage.listener import Listener


def test_what_only_several_messages_tell_is_heard_in_the_last() -> None:
    told = assess_with_recent(Listener(sextortion="if send it"), "hell send it", recent=["he said", "if i dont"], heard=())

    assert told.tier is Tier.HIGH
    assert told.cue_ids == ("sextortion",)


def test_a_disclosure_is_not_heard_again_in_the_thanks_after_it() -> None:
    told = assess_with_recent(Listener(self_harm="cut"), "ok thanks", recent=["i cut myself"], heard={"self_harm"})

    assert told == Assessment(Tier.NONE, Assessed.FULL)


def test_a_message_with_none_before_it_is_scored_alone() -> None:
    told = assess_with_recent(Listener(self_harm="cut"), "i cut myself", recent=[], heard=())

    assert told.cue_ids == ("self_harm",)
