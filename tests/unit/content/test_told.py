"""What young people are told about this helpline: from its policy, in every state of it."""

from __future__ import annotations

import re

import pytest

from bot.content import Content, Staffing
from bot.content.placeholders import PLACEHOLDERS
from bot.content.policy import TOLD
from tests.unit.content.conftest import DATA, NOON, DataFolder

LOADED = Content.load(DATA)
ASKED = {
    "utter_bot_confidential": ("family", "who_can_read", "when_we_tell"),
    "utter_bot_police": ("police", "when_we_tell"),
    "utter_bot_free": ("cost",),
    "utter_bot_name": ("name",),
    "utter_bot_human": ("person",),
}  # fmt: skip


def said(content: Content, text_id: str, staffing: Staffing = Staffing.ON_DUTY, wait: tuple[int, int] | None = None) -> str:
    return " ".join(content.render(text_id, staffing=staffing, country="GB", now=NOON, wait=wait).bubbles)


@pytest.mark.parametrize(("text_id", "keys"), ASKED.items())
@pytest.mark.parametrize("staffing", Staffing)
def test_the_words_are_the_policys(text_id: str, keys: tuple[str, ...], staffing: Staffing) -> None:
    for key in keys:
        assert LOADED.policy.spoken[key] in said(LOADED, text_id, staffing)


@pytest.mark.parametrize("text_id", ASKED)
def test_other_words_in_the_policy_are_other_words_in_the_answer(text_id: str, data: DataFolder) -> None:
    policy = (data.path / "policy.yml").read_text(encoding="utf-8")
    policy = re.sub(r"^told:\n(?:  .*\n)+", "", policy, flags=re.MULTILINE)
    told = "".join(f"  {key}: Our own words about {key}.\n" for key in TOLD)
    data.write("policy.yml", f"{policy}told:\n{told}")

    own = said(Content.load(data.path), text_id)

    assert all(f"Our own words about {key}." in own for key in ASKED[text_id] if key in TOLD)


@pytest.mark.parametrize("text_id", ASKED)
def test_what_the_policy_leaves_open_is_not_made_up(text_id: str, data: DataFolder) -> None:
    policy = (data.path / "policy.yml").read_text(encoding="utf-8")
    data.write("policy.yml", re.sub(r"^told:\n(?:  .*\n)+", "told: {cost: }\n", policy, flags=re.MULTILINE))

    open_ = said(Content.load(data.path), text_id)

    for key in ASKED[text_id]:
        if key in TOLD:
            placeholder = next(known for known in PLACEHOLDERS.values() if known.told == key)
            assert placeholder.sentence and placeholder.sentence in open_
            assert LOADED.policy.told[key].split(".")[0] not in open_


def test_how_long_the_wait_is_follows_staffing_and_the_policy(data: DataFolder) -> None:
    data.replace("policy.yml", r"^  wait:.*$", "  wait: Most people wait less than ten minutes.")
    content = Content.load(data.path)

    assert "It may take 5 to 10 minutes until a person writes. Most people wait less" in said(
        content, "utter_bot_human", Staffing.ON_DUTY, (5, 10)
    )
    assert "All helpers are busy now. I cannot say how long it takes." in said(LOADED, "utter_bot_human", Staffing.BUSY)
    assert "No helper is here right now. I cannot say when they are back." in said(LOADED, "utter_bot_human", Staffing.NONE)


def test_no_answer_promises_for_the_helpline_what_is_not_in_its_policy() -> None:
    """Sentences about cost, secrecy, parents, police or training of this helpline's people stand in policy.yml alone."""
    of_helpline = re.compile(
        r"this chat is free|never have to pay|\b(?:only|stays with) our\b|we (?:do not|don't|never) (?:tell|call|show|share)"
        r"|trained helper|we (?:tell|call) (?:your|the)|you can make up a name|less than \w+ minutes",
        re.IGNORECASE,
    )
    for text in LOADED.texts.values():
        for form in text.forms:
            assert not of_helpline.search(" ".join(form.bubbles)), text.id


def test_a_safe_word_is_named_to_whoever_asks_who_answers_once_the_policy_sets_one(data: DataFolder) -> None:
    data.replace("policy.yml", r"^safe_word:.*$", "safe_word: blue harbour")

    assert 'our safe word "blue harbour"' in said(Content.load(data.path), "utter_bot_who")
    assert "safe word" not in said(LOADED, "utter_bot_who")
