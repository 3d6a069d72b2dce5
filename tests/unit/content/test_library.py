"""Texts as they are sent."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content import Content, Staffing
from bot.content.placeholders import fill
from bot.content.questions import OUTCOME
from bot.errors import ContentError
from bot.triage.questions import Question
from bot.triage.taxonomy import CUES, Tier
from tests.unit.content.conftest import DATA, NOON, DataFolder

LOADED = Content.load(DATA)
IMMEDIATE = [f"utter_cue_{cue.id}" for cue in CUES.values() if cue.tier is Tier.IMMEDIATE]
HIGH = [f"utter_cue_{cue.id}" for cue in CUES.values() if cue.tier is Tier.HIGH]
ELEVATED = [f"utter_cue_{cue.id}" for cue in CUES.values() if cue.tier is Tier.ELEVATED]


def said(text_id: str, staffing: Staffing, wait: tuple[int, int] | None = None, country: str | None = None) -> str:
    return "\n".join(LOADED.render(text_id, staffing=staffing, country=country, now=NOON, wait=wait).bubbles)


@given(
    text_id=st.sampled_from(sorted(LOADED.texts)),
    staffing=st.sampled_from(Staffing),
    country=st.one_of(st.none(), st.sampled_from(sorted(LOADED.directory.countries)), st.text(max_size=3)),
    wait=st.one_of(st.none(), st.tuples(st.integers(0, 99), st.integers(0, 999))),
    person=st.one_of(st.none(), st.text(max_size=20)),
    now=st.floats(0, 4e9),
)
def test_nothing_that_is_sent_has_a_brace_a_none_or_an_unreviewed_number(
    text_id: str, staffing: Staffing, country: str | None, wait: tuple[int, int] | None, person: str | None, now: float
) -> None:
    rendered = LOADED.render(text_id, staffing=staffing, country=country, now=now, wait=wait, person=person)
    assert rendered.bubbles
    for bubble in rendered.bubbles:
        assert bubble.strip() == bubble != ""
        assert not re.search(r"[{}]|\bNone\b", bubble.replace(person or "\0", ""))
    if person is None:
        written = re.findall(r"\+?\d[\d\s().-]{1,}\d", "\n".join(rendered.bubbles))
        digits = [re.sub(r"\D", "", number) for number in written]
        assert all(number in LOADED.directory.numbers for number in digits if len(number) >= 3 and not wait)


@pytest.mark.parametrize("text_id", IMMEDIATE)
@pytest.mark.parametrize("staffing", Staffing)
def test_at_immediate_it_says_what_it_cannot_do_and_whom_to_call(text_id: str, staffing: Staffing) -> None:
    text = said(text_id, staffing, country="GB")
    assert "I cannot see where you are" in text
    assert "cannot send help by myself" in text
    assert "call 999" in text and "tell us where you are" in text


@pytest.mark.parametrize("text_id", [*IMMEDIATE, *HIGH, "utter_net_high", "utter_net_immediate"])
def test_what_is_said_about_people_follows_staffing(text_id: str) -> None:
    on_duty, busy, none = (said(text_id, staffing, wait=(5, 10)) for staffing in Staffing)
    assert "I have asked a person to join. Until they write, it is me, a bot." in on_duty
    assert "It may take 5 to 10 minutes." in busy and "All helpers are busy." in busy
    assert "No helper is here right now. I have told the team. Please use one of these now:" in none
    assert "asked a person to join" not in none


@pytest.mark.parametrize("text_id", [*IMMEDIATE, *HIGH])
@pytest.mark.parametrize("staffing", Staffing)
def test_a_handoff_that_opened_unasked_can_be_waved_off(text_id: str, staffing: Staffing) -> None:
    options = LOADED.render(text_id, staffing=staffing, country=None, now=NOON).options
    assert "person:not_now" in [option.payload for option in options]
    assert 2 <= len(options) <= 4


@pytest.mark.parametrize("text_id", ELEVATED)
@pytest.mark.parametrize("staffing", Staffing)
def test_at_elevated_a_person_is_offered_and_nobody_was_asked(text_id: str, staffing: Staffing) -> None:
    rendered = LOADED.render(text_id, staffing=staffing, country=None, now=NOON)
    assert "person:ask" in [option.payload for option in rendered.options]
    assert "I have asked" not in " ".join(rendered.bubbles)


@pytest.mark.parametrize("text_id", [f"utter_cue_{cue}" for cue in CUES])
@pytest.mark.parametrize("staffing", Staffing)
def test_a_first_step_asks_at_most_one_question_and_hears_its_answer(text_id: str, staffing: Staffing) -> None:
    rendered = LOADED.render(text_id, staffing=staffing, country=None, now=NOON)
    questions = " ".join(rendered.bubbles).count("?")
    answers = [option.payload for option in rendered.options if option.payload.startswith("answer:")]
    assert questions == (1 if rendered.asked else 0)
    assert answers == ([f"answer:{rendered.asked}:{word}" for word in ("yes", "no", "skip")] if rendered.asked else [])


@pytest.mark.parametrize("text_id", [f"utter_cue_{cue}" for cue in CUES])
@pytest.mark.parametrize("staffing", Staffing)
def test_a_first_step_tells_nobody_to_pay_meet_reply_or_delete(text_id: str, staffing: Staffing) -> None:
    text = said(text_id, staffing)
    for advice in ("pay", "meet", "delete", "reply", "answer them", "send more"):
        for sentence in re.split(r"(?<=[.?!])\s+", text):
            if re.search(rf"\b{advice}\b", sentence) and not sentence.endswith("?"):
                assert re.search(r"\bnot\b|\bstop\b|\btell\b|\bnobody\b", sentence, re.I), sentence
    assert not re.search(r"\bwhy\b|you should have|promise", text, re.I)


def test_an_unknown_wait_is_said_to_be_unknown() -> None:
    text = said("utter_person_requested", Staffing.BUSY)
    assert text == (
        "I have asked a person to join. All helpers are busy. I cannot say how long it takes. Until they write, it is me, a bot."
    )


def test_a_wait_of_one_length_is_no_range() -> None:
    assert "It may take about 5 minutes." in said("utter_person_requested", Staffing.BUSY, wait=(5, 5))


def test_without_opening_hours_nobody_says_when_people_are_back() -> None:
    assert "I cannot say when they are back." in said("utter_waiting", Staffing.NONE)


def test_with_opening_hours_it_says_when_people_are_back(data: DataFolder) -> None:
    data.replace("policy.yml", r"^opening_hours:$", 'opening_hours: {sunday: ["16:00-22:00"]}')
    content = Content.load(data.path)
    rendered = content.render("utter_waiting", staffing=Staffing.NONE, country=None, now=NOON)
    assert "They are back at 4 pm (UK time)." in " ".join(rendered.bubbles)


def test_in_an_unknown_country_the_home_number_has_its_country() -> None:
    assert "call 999 (in the UK) or 112 (elsewhere)" in said("utter_net_immediate", Staffing.ON_DUTY)
    assert "call 112 or your local emergency number" in said("utter_net_immediate", Staffing.ON_DUTY, country="XX")


def test_a_person_is_announced_by_name() -> None:
    rendered = LOADED.render("utter_person_joined", staffing=Staffing.ON_DUTY, country=None, now=NOON, person="Sam")
    assert rendered.bubbles == ("Sam is here. Sam is a person. The bot has stopped.",)
    nameless = LOADED.render("utter_person_joined", staffing=Staffing.ON_DUTY, country=None, now=NOON)
    assert nameless.bubbles == ("A helper is here. A helper is a person. The bot has stopped.",)


def test_an_unknown_name_never_leaves_a_brace() -> None:
    assert fill("Hello {nobody}. Bye.", {}) == "Bye."


def test_the_greeting_says_that_it_is_a_bot_and_offers_a_person() -> None:
    rendered = LOADED.render("utter_greeting", staffing=Staffing.NONE, country=None, now=NOON)
    assert "I am a bot, not a person." in rendered.bubbles[0]
    assert [option.payload for option in rendered.options] == ["/groom_signs", "/job_fake", "person:ask"]


def test_an_unknown_text_is_an_error() -> None:
    with pytest.raises(KeyError):
        LOADED.render("utter_nothing", staffing=Staffing.NONE, country=None, now=NOON)


def test_every_question_can_be_read_by_triage(content: Content) -> None:
    for spec in content.questions.values():
        Question.parse(spec.id, yes=spec.yes, no=spec.no, unclear=spec.unclear)
        assert OUTCOME.fullmatch(spec.skip)
        for text_id in spec.asked_by:
            assert content.question_for(text_id) == spec.id


def test_silence_after_a_safety_question_always_tells_something(content: Content) -> None:
    assert all(spec.unclear.startswith("cue:") for spec in content.questions.values())


def test_the_default_policy_is_a_demonstration(content: Content) -> None:
    assert content.policy.signed is False
    assert "default" in content.policy.helpline_name
    assert content.policy.ask_about_suicide is False
    assert content.policy.next_open(NOON) is None
    assert content.policy.deadlines == {
        "claim_immediate": 60, "claim_high": 300, "claim_elevated": 1800,
        "live_unanswered": 180, "live_unanswered_immediate": 60, "stream_gone": 45,
    }  # fmt: skip


def test_the_version_follows_the_content(data: DataFolder, content: Content) -> None:
    assert Content.load(data.path).version == content.version
    data.say("Hello.")
    assert Content.load(data.path).version != content.version


def test_content_that_cannot_be_used_names_every_problem(data: DataFolder) -> None:
    data.replace("policy.yml", r"^exit_url: .*$", "exit_url: https://bing.com")
    data.say("Hello {you}.")
    with pytest.raises(ContentError) as caught:
        Content.load(data.path)
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["responses/extra.yml", "policy.yml"]


def test_an_empty_folder_is_an_error_and_no_crash(tmp_path: Path) -> None:
    with pytest.raises(ContentError) as caught:
        Content.load(tmp_path)
    assert len(caught.value.problems) > 3


def test_content_loads_in_a_moment() -> None:
    best = min(_seconds_to_load() for _ in range(3))
    assert best < 0.3


def _seconds_to_load() -> float:
    started = time.perf_counter()
    Content.load(DATA)
    return time.perf_counter() - started
