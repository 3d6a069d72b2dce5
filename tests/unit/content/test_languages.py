"""Languages that are shipped and not served: their files, and what the content check refuses in them."""

from __future__ import annotations

import pytest

from bot.content import Content
from bot.content.readability import grade, sentences
from bot.content.staffing import Staffing
from tests.unit.content.conftest import DataFolder

SHIPPED = {"es", "fr", "pt", "ar", "hi", "tl", "sw", "uk", "ru", "de", "pl", "tr"}


def test_twelve_languages_are_shipped_and_english_is_served(content: Content) -> None:
    assert {code for code, language in content.languages.items() if not language.served} == SHIPPED
    assert content.languages["en"].served


@pytest.mark.parametrize("code", sorted(SHIPPED))
def test_every_form_of_the_answer_has_the_number_and_no_brace(content: Content, code: str) -> None:
    language = content.languages[code]

    for staffing in Staffing:
        for wait in (None, (5, 10)):
            said = " ".join([language.greeting(), language.person(staffing, wait), language.danger(["999"])])
            assert "999" in said
            assert "{" not in said


@pytest.mark.parametrize("code", sorted(SHIPPED))
def test_with_nobody_there_it_does_not_say_that_somebody_was_asked(content: Content, code: str) -> None:
    language = content.languages[code]

    assert language.texts["asked"] not in language.person(Staffing.NONE, None)
    assert "10" in language.person(Staffing.BUSY, (5, 10))


def test_that_nobody_checked_a_language_is_said_in_easy_english_with_the_number(content: Content) -> None:
    said = content.languages["en"].unchecked(content.languages["es"], ["999"])

    assert "Spanish" in said and "call 999" in said
    assert grade(said) <= 5
    assert max(len(sentence.split()) for sentence in sentences(said)) <= 20


def test_a_served_language_must_say_when_nobody_checked_another(data: DataFolder) -> None:
    data.replace("languages/en.yml", r"\{emergency\}", "somebody")

    assert "'unchecked' must hold" in data.told()


def test_an_unreviewed_language_is_warned_of(data: DataFolder) -> None:
    text = (data.path / "languages" / "es.yml").read_text(encoding="utf-8")
    data.write("languages/it.yml", text)

    assert "no native speaker" in data.only_problem().message


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (r"  danger: .*", '  danger: "Si estás en peligro, llama ahora."', "must hold {emergency}"),
        (r"  danger: .*", '  danger: "Llama al 999 o {emergency}."', "holds a number"),
        (r"  wait: .*", "  wait: Puede tardar.", "must hold {high} and {low}"),
        (r"  hello: .*", "  hello: Hola {name}.", "must hold nothing in braces"),
        (r"  again: .*\n", "", "needs a text for 'again'"),
        (r"  again:", "  agian:", "'agian'"),
        (r"^crisis:", "crises:", "needs `crisis:`"),
        (r"  self_harm:", "  selfharm:", "'selfharm'"),
        (r"\[quiero morir,", "[ay,", "too short"),
        (r"^words: \[", "words: [on, ", "must be a list of words"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(data: DataFolder, old: str, new: str, says: str) -> None:
    assert says in data.refused("languages/es.yml", old, new)


def test_few_crisis_phrases_are_refused(data: DataFolder) -> None:
    text = (data.path / "languages" / "es.yml").read_text(encoding="utf-8").split("crisis:")[0]
    data.write("languages/es.yml", text + "crisis:\n  suicidal_ideation: [quiero morir]\n")

    assert "it needs 15" in data.told()
