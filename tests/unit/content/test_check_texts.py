"""Each thing that the check refuses in what is said to young people, one test each."""

from __future__ import annotations

import pytest

from bot.content.problem import Severity, errors
from tests.unit.content.conftest import DataFolder


def test_a_text_that_stands_in_two_files_is_refused(data: DataFolder) -> None:
    data.say("Hello.", name="utter_default")
    assert "stands in" in data.only_problem().message


@pytest.mark.parametrize("name", ["utter_greeting", "utter_net_high", "utter_offer_person", "utter_after_end"])
def test_a_text_that_the_program_says_by_name_must_be_there(data: DataFolder, name: str) -> None:
    for file in (data.path / "responses").glob("*.yml"):
        file.write_text(file.read_text().replace(f"  {name}:", f"  {name}_before:"))
    assert f"'{name}' is missing" in data.told(Severity.ERROR)


@pytest.mark.parametrize(
    ("responses", "says"),
    [
        ("  greeting: [{text: Hello.}]\n", "is no name for a text"),
        ("  utter_extra: []\n", "needs at least one item"),
        ("  utter_extra: [Hello.]\n", "each item must have a `text:`"),
        ("  utter_extra: [{text: Hello.}, {text: Bye.}]\n", "give each a condition on staffing"),
        ("  utter_extra: [{text: Hello., buttons: yes}]\n", "`buttons:` must be a list"),
    ],
)
def test_a_text_of_another_shape_is_refused(data: DataFolder, responses: str, says: str) -> None:
    data.write("responses/extra.yml", f"responses:\n{responses}")
    assert says in data.told(Severity.ERROR)


def test_a_cue_without_its_text_is_refused(data: DataFolder) -> None:
    data.replace("responses/crisis.yml", "utter_cue_self_harm", "utter_old_self_harm")
    assert "cue 'self_harm' has no text" in data.told()


def test_a_text_for_a_cue_that_is_none_is_refused(data: DataFolder) -> None:
    data.replace("responses/crisis.yml", "utter_cue_self_harm", "utter_cue_selfharm")
    assert "belongs to no cue" in data.told()


def test_a_missing_staffing_form_is_refused(data: DataFolder) -> None:
    form = r"    - condition: \[\{type: slot, name: staffing, value: busy\}\]\n(?:      .*\n|\n)+?(?=    - )"
    data.replace("responses/person.yml", form, "")
    assert "lacks its form for staffing busy" in data.told()


def test_a_cue_text_without_staffing_forms_is_refused(data: DataFolder) -> None:
    data.replace("helplines.yml", r"^topics_by_cue:\n", "topics_by_cue:\n  extra: [child_helpline]\n")
    data.say("Hello.", name="utter_cue_extra")
    assert "needs a form for each staffing" in data.only_problem().message


def test_two_forms_for_one_staffing_are_refused(data: DataFolder) -> None:
    data.replace("responses/person.yml", "value: busy", "value: on_duty")
    assert "two forms for staffing on_duty" in data.told()


def test_another_condition_than_staffing_is_refused(data: DataFolder) -> None:
    data.replace("responses/person.yml", "name: staffing, value: busy", "name: mood, value: busy")
    assert "the only condition is" in data.told()


def test_words_about_staffing_without_the_three_forms_are_refused(data: DataFolder) -> None:
    data.say("I have asked a person to join.")
    assert "form for each staffing" in data.only_problem().message


@pytest.mark.parametrize("text", ["A person is coming.", "Help is on its way.", "The police are coming to you."])
def test_a_promise_that_somebody_comes_is_refused(data: DataFolder, text: str) -> None:
    data.say(text)
    assert "promises" in data.only_problem().message


@pytest.mark.parametrize("text", ["Hello {name}.", "Hello {.", "Hello }.", "Call {emergency_nummer}."])
def test_an_unknown_placeholder_is_refused(data: DataFolder, text: str) -> None:
    data.say(text)
    assert "brace" in data.only_problem().message or "placeholder" in data.only_problem().message


@pytest.mark.parametrize("text", ["Call 0800 123 4567.", "Call 01-2345.", "Text 55555.", "Call +44 20 7946 0000."])
def test_a_number_outside_the_directory_is_refused(data: DataFolder, text: str) -> None:
    data.say(text)
    assert "is not in the directory" in data.only_problem().message


def test_a_number_of_the_directory_is_fine(data: DataFolder) -> None:
    data.say("Call 0800 1111, or write SHOUT to 85258. Those are 2 of 10.")
    assert data.problems() == []


@pytest.mark.parametrize("text", ["Look at helpme.com now.", "Look at https://www.example.org/x now."])
def test_a_link_outside_the_directory_is_refused(data: DataFolder, text: str) -> None:
    data.say(text)
    assert "address" in data.only_problem().message


def test_a_link_of_the_directory_is_fine(data: DataFolder) -> None:
    data.say("Look at takeitdown.ncmec.org now.")
    assert data.problems() == []


def test_a_text_that_is_hard_to_read_is_refused(data: DataFolder) -> None:
    data.say("Confidentiality obligations necessitate organisational consultation with appropriate external authorities first.")
    assert "grade" in data.only_problem().message


def test_a_sentence_over_twenty_words_is_refused(data: DataFolder) -> None:
    data.say("I am " + "so " * 20 + "sad.")
    assert "a sentence has 23 words" in data.told()


def test_a_bubble_over_sixty_words_is_refused_and_a_blank_line_mends_it(data: DataFolder) -> None:
    half = "We do it. " * 11
    data.say(half + half)
    assert "a bubble has 66 words" in data.only_problem().message
    data.say(f"{half}\n\n{half}")
    assert data.problems() == []


def test_a_sentence_that_is_too_long_in_one_country_only_is_refused_once(data: DataFolder) -> None:
    data.say("If you can go out to a place with many more people, go, or call {emergency_number}.")
    assert sum("a sentence has" in problem.message for problem in data.problems()) == 1


def test_a_bubble_that_holds_nothing_where_the_policy_is_open_is_refused(data: DataFolder) -> None:
    data.say("Hello.\n\n{told_wait}.")
    assert "a bubble holds nothing" in data.only_problem().message


def test_two_questions_in_one_answer_are_refused(data: DataFolder) -> None:
    data.say("Are you safe? Are you well?")
    assert "asks 2 questions" in data.only_problem().message


def test_a_waiver_lets_one_rule_pass_for_one_text(data: DataFolder) -> None:
    data.say("Are you safe? Are you well?")
    with (data.path / "waivers.yml").open("a") as waivers:
        waivers.write("  - {text: utter_extra, rule: questions, why: A test.}\n")
    assert data.problems() == []


def test_a_waiver_that_nothing_needs_is_pointed_out(data: DataFolder) -> None:
    data.say("Hello.")
    with (data.path / "waivers.yml").open("a") as waivers:
        waivers.write("  - {text: utter_extra, rule: questions, why: A test.}\n")
    problem = data.only_problem()
    assert (problem.severity, problem.file) == (Severity.WARNING, "waivers.yml")


@pytest.mark.parametrize("waiver", ["{text: utter_gone, rule: grade, why: Old.}", "{text: utter_default, rule: taste, why: No.}"])
def test_a_waiver_for_nothing_is_refused(data: DataFolder, waiver: str) -> None:
    with (data.path / "waivers.yml").open("a") as waivers:
        waivers.write(f"  - {waiver}\n")
    assert errors(data.problems())


@pytest.mark.parametrize("payload", ["groom_signs", "/Groom", "person:maybe", "answer:q_safe_now:perhaps", "https://example.org"])
def test_a_payload_that_is_none_is_refused(data: DataFolder, payload: str) -> None:
    data.say("Hello.", more=f'      buttons: [{{title: Go, payload: "{payload}"}}]\n')
    assert "payload" in data.told()


def test_a_button_that_leads_to_no_intent_is_refused(data: DataFolder) -> None:
    data.say("Hello.", more="      buttons: [{title: Go, payload: /no_such_intent}]\n")
    assert "no file in nlu/ has such an intent" in data.only_problem().message


def test_a_button_without_a_title_is_refused(data: DataFolder) -> None:
    data.say("Hello.", more="      buttons: [{payload: /groom_signs}]\n")
    assert "needs a title and a payload" in data.only_problem().message


def test_a_button_whose_title_is_a_sentence_is_refused(data: DataFolder) -> None:
    data.say("Hello.", more=f'      buttons: [{{title: "{"very " * 15}long", payload: /groom_signs}}]\n')
    assert "longer than 60 letters" in data.only_problem().message


def test_more_buttons_than_fit_are_refused(data: DataFolder) -> None:
    buttons = ", ".join(f"{{title: B{number}, payload: /groom_signs}}" for number in range(5))
    data.say("Hello.", more=f"      buttons: [{buttons}]\n")
    assert "at most 4" in data.only_problem().message


def test_a_button_that_answers_an_unknown_question_is_refused(data: DataFolder) -> None:
    data.say("Hello.", more='      buttons: [{title: "Yes", payload: "answer:q_gone:yes"}]\n')
    assert "no such question" in data.only_problem().message


def test_a_button_that_answers_what_the_text_does_not_ask_is_refused(data: DataFolder) -> None:
    data.say("Hello.", more='      buttons: [{title: "Yes", payload: "answer:q_safe_now:yes"}]\n')
    assert "does not ask it" in data.only_problem().message
