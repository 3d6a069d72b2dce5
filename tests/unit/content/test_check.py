"""Each thing that the check refuses, one test each."""

from __future__ import annotations

import re

import pytest

from bot.cli import main
from bot.content.check import check
from bot.content.problem import Severity, errors
from tests.unit.content.conftest import DATA, NOON, DataFolder

MONTH = 31 * 86_400.0


def test_the_content_of_the_repository_can_be_published() -> None:
    assert [str(problem) for problem in errors(check(DATA, NOON))] == []


def test_a_problem_reads_as_file_line_and_what_to_do(data: DataFolder) -> None:
    line = data.replace("policy.yml", r"^exit_url: .*$", "exit_url: https://www.google.com/")
    problem = data.only_problem()
    assert str(problem).startswith(f"policy.yml:{line}: `exit_url`")
    assert "take an https page" in problem.message


@pytest.mark.parametrize(
    "address",
    [
        "https://google.co.uk", "https://www.bing.com/news", "https://m.facebook.com", "https://x.com/home", "http://example.org",
        "nonsense",
    ],
)
def test_an_exit_that_is_no_neutral_page_is_refused(data: DataFolder, address: str) -> None:
    data.replace("policy.yml", r"^exit_url: .*$", f"exit_url: {address}")
    assert "exit_url" in data.only_problem().message


def test_broken_yaml_is_refused_with_its_line(data: DataFolder) -> None:
    data.write("responses/extra.yml", "responses:\n  utter_a:\n    - text: 'unfinished\n")
    problem = data.only_problem()
    assert problem.file == "responses/extra.yml"
    assert problem.line >= 3
    assert "not valid YAML" in problem.message


def test_text_that_is_not_utf8_is_refused(data: DataFolder) -> None:
    (data.path / "responses" / "extra.yml").write_bytes(b"responses: \xff\xfe")
    assert "UTF-8" in data.only_problem().message


def test_a_key_that_stands_twice_is_refused(data: DataFolder) -> None:
    data.write("responses/extra.yml", "responses:\n  utter_a: [{text: Hello.}]\n  utter_a: [{text: Bye.}]\n")
    assert (data.only_problem().line, "twice" in data.only_problem().message) == (3, True)


def test_an_unknown_key_is_refused_and_the_known_ones_are_named(data: DataFolder) -> None:
    data.say("Hello.", more="      colour: red\n")
    problem = data.only_problem()
    assert problem.line == 5
    assert "'colour'" in problem.message and "buttons" in problem.message


def test_a_text_that_stands_in_two_files_is_refused(data: DataFolder) -> None:
    data.say("Hello.", name="utter_default")
    assert "stands in" in data.only_problem().message


def test_a_cue_without_its_text_is_refused(data: DataFolder) -> None:
    data.replace("responses/crisis.yml", "utter_cue_self_harm", "utter_old_self_harm")
    assert any("cue 'self_harm' has no text" in problem.message for problem in data.problems())


def test_a_text_for_a_cue_that_is_none_is_refused(data: DataFolder) -> None:
    data.replace("responses/crisis.yml", "utter_cue_self_harm", "utter_cue_selfharm")
    assert any("belongs to no cue" in problem.message for problem in data.problems())


def test_a_missing_staffing_form_is_refused(data: DataFolder) -> None:
    form = r"    - condition: \[\{type: slot, name: staffing, value: busy\}\]\n(?:      .*\n|\n)+?(?=    - )"
    data.replace("responses/person.yml", form, "")
    assert "lacks its form for staffing busy" in "".join(problem.message for problem in data.problems())


def test_a_cue_text_without_staffing_forms_is_refused(data: DataFolder) -> None:
    data.replace("helplines.yml", r"^topics_by_cue:\n", "topics_by_cue:\n  extra: [child_helpline]\n")
    data.say("Hello.", name="utter_cue_extra")
    assert "needs a form for each staffing" in data.only_problem().message


def test_two_forms_for_one_staffing_are_refused(data: DataFolder) -> None:
    data.replace("responses/person.yml", "value: busy", "value: on_duty")
    assert "two forms for staffing on_duty" in "".join(problem.message for problem in data.problems())


def test_another_condition_than_staffing_is_refused(data: DataFolder) -> None:
    data.replace("responses/person.yml", "name: staffing, value: busy", "name: mood, value: busy")
    assert "the only condition is" in "".join(problem.message for problem in data.problems())


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
    assert "a sentence has 23 words" in " ".join(problem.message for problem in data.problems())


def test_a_bubble_over_sixty_words_is_refused_and_a_blank_line_mends_it(data: DataFolder) -> None:
    half = "We do it. " * 11
    data.say(half + half)
    assert "a bubble has 66 words" in data.only_problem().message
    data.say(f"{half}\n\n{half}")
    assert data.problems() == []


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
    assert any("payload" in problem.message for problem in data.problems())


def test_a_button_that_leads_to_no_intent_is_refused(data: DataFolder) -> None:
    data.say("Hello.", more="      buttons: [{title: Go, payload: /no_such_intent}]\n")
    assert "no file in nlu/ has such an intent" in data.only_problem().message


def test_a_button_without_a_title_is_refused(data: DataFolder) -> None:
    data.say("Hello.", more="      buttons: [{payload: /groom_signs}]\n")
    assert "needs a title and a payload" in data.only_problem().message


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


def test_a_question_asked_by_an_unknown_text_is_refused(data: DataFolder) -> None:
    line = data.replace("questions.yml", r"asked_by: \[utter_cue_runaway\]", "asked_by: [utter_cue_runaway, utter_gone]")
    problem = data.only_problem()
    assert problem.line <= line
    assert "'utter_gone'" in problem.message


def test_a_text_that_asks_two_questions_is_refused(data: DataFolder) -> None:
    data.replace("questions.yml", r"asked_by: \[utter_cue_runaway\]", "asked_by: [utter_cue_runaway, utter_cue_neglect]")
    assert any("a text asks one question" in problem.message for problem in data.problems())


@pytest.mark.parametrize("outcome", ["yes", "cue:sadness", "fact:age_under_13", "maybe", "true"])
def test_an_outcome_that_is_none_is_refused(data: DataFolder, outcome: str) -> None:
    data.replace("questions.yml", r"yes: cue:medical_emergency", f"yes: {outcome}")
    assert errors(data.problems())


def test_a_safety_question_without_its_buttons_is_pointed_out(data: DataFolder) -> None:
    data.say("Are you safe now?")
    data.replace("questions.yml", r"asked_by: \[utter_cue_runaway\]", "asked_by: [utter_cue_runaway, utter_extra]")
    problem = data.only_problem()
    assert problem.severity is Severity.WARNING
    assert "no button for yes, no, skip" in problem.message


def test_a_question_that_the_policy_does_not_allow_is_pointed_out(data: DataFolder) -> None:
    asked = "    asked_by: [utter_cue_runaway]"
    data.replace("questions.yml", re.escape(asked), f"{asked}\n    needs: ask_about_suicide")
    assert "policy.yml does not allow" in data.only_problem().message
    data.replace("policy.yml", r"^ask_about_suicide: false", "ask_about_suicide: true")
    assert data.problems() == []


def test_an_overdue_check_is_pointed_out_and_stops_nothing(data: DataFolder) -> None:
    overdue = data.problems(NOON + MONTH)
    assert len(overdue) > 50
    assert errors(overdue) == []
    assert "Phone or open it" in overdue[0].message


def test_a_contact_of_confidence_c_must_wait(data: DataFolder) -> None:
    data.replace("helplines.yml", r"  confidence: C\n  status: waiting", "  confidence: C")
    assert "confidence C" in data.only_problem().message


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (r"contact: \"0800 1111\"", 'contact: "call us"', "digits only"),
        (r"contact: \"https://takeitdown.ncmec.org\"", 'contact: "takeitdown.ncmec.org"', "starts with https://"),
        (r"kind: phone", "kind: pigeon", "must be one of phone, sms, chat, web"),
        (r"topics: \[emergency\]", "topics: [weather]", "'weather' is not known"),
        (r"^- id: gb_samaritans_phone", "- id: gb_childline_phone", "stands here twice"),
        (r"^  check_by: 2026-12-22", "  check_by: soon", "needs a day"),
        (r"country: GB", "country: XX", "not under `countries:`"),
        (r"  confidence: A", "  confidence: sure", "must be one of A, B, C"),
        (r"^  opening: \{timezone: Europe/Berlin", "  opening: {timezone: Europe/Nowhere", "no time zone"),
        (r"monday: \[\"14:00-20:00\"\]", 'monday: ["2pm-8pm"]', "hours are written"),
        (r"monday: \[\"14:00-20:00\"\]", 'someday: ["14:00-20:00"]', "no weekday"),
        (r"always_open: true", "allways_open: true", "no key 'allways_open'"),
    ],
)
def test_a_contact_that_cannot_be_used_is_refused(data: DataFolder, old: str, new: str, says: str) -> None:
    data.replace("helplines.yml", old, new)
    assert any(says in problem.message for problem in data.problems())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (r"^home_countries: \[GB\]", "home_countries: []", "at least one code"),
        (r"^home_countries: \[GB\]", "home_countries: [JP]", "home country JP has no contact"),
        (r"^timezone: Europe/London", "timezone: London", "no time zone"),
        (r"^signed: false", "signed: true", "signed_by"),
        (r"  claim_immediate: 60", "  claim_immediate: soon", "whole number"),
        (r"  claim_immediate: 60", "  claim_imediate: 60", "has no 'claim_imediate'"),
        (r"^safe_word:", "safeword:", "no key 'safeword'"),
        (r"^safe_word:", "safe_word: ok", "will not do"),
        (r"^safe_word:", 'safe_word: "{person}"', "will not do"),
        (r"^helpline_name: .*$", "helpline_name:", "needs a text for 'helpline_name'"),
        (r"^opening_hours:$", 'opening_hours: {monday: ["22:00-16:00"]}', "hours are written"),
    ],
)
def test_a_policy_that_cannot_be_used_is_refused(data: DataFolder, old: str, new: str, says: str) -> None:
    data.replace("policy.yml", old, new)
    assert any(says in problem.message for problem in data.problems())


def test_missing_files_are_named(data: DataFolder) -> None:
    (data.path / "policy.yml").unlink()
    assert any(problem.file == "policy.yml" and "cannot be read" in problem.message for problem in data.problems())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (r"other: utter_guide_tell_nobody\}", "other: utter_gone}", "there is no such text"),
        (r"    utter_cue_bullying: \{other: utter_guide_bullied_keep\}\n", "", "nothing leads to 'utter_guide_bullied_keep'"),
        (r"utter_cue_bullying: \{other:", "utter_cue_bullying: {yes:", "needs `other`"),
        (r"utter_cue_bullying: \{other:", "utter_cue_bullying: {perhaps: utter_default, other:", "no key 'perhaps'"),
        (r"utter_cue_bullying: .*", "utter_cue_bullying: utter_guide_bullied_keep", "needs what follows"),
        (r"  bullied:\n", "  bullied:\n    utter_sext_pay: {other: utter_default}\n", "is a step of 'blackmail' already"),
        (r"^guides:", "guide:", "must hold one key for each guide"),
    ],
)
def test_a_guide_that_loses_somebody_is_refused(data: DataFolder, old: str, new: str, says: str) -> None:
    data.replace("guides.yml", old, new)
    assert any(problem.file == "guides.yml" and says in problem.message for problem in errors(data.problems()))


def test_a_warning_sign_of_the_checker_without_its_text_is_refused(data: DataFolder) -> None:
    data.replace("offer_flags.yml", "text: utter_flag_fee", "text: utter_flag_gone")
    assert any("utter_flag_gone" in problem.message for problem in errors(data.problems()))


@pytest.mark.parametrize("name", ["utter_greeting", "utter_net_high", "utter_offer_person", "utter_after_end"])
def test_a_text_that_the_program_says_by_name_must_be_there(data: DataFolder, name: str) -> None:
    for file in (data.path / "responses").glob("*.yml"):
        file.write_text(file.read_text().replace(f"  {name}:", f"  {name}_before:"))
    assert any(f"'{name}' is missing" in problem.message for problem in errors(data.problems()))


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
    assert any(says in problem.message for problem in errors(data.problems()))


def test_a_button_whose_title_is_a_sentence_is_refused(data: DataFolder) -> None:
    data.say("Hello.", more=f'      buttons: [{{title: "{"very " * 15}long", payload: /groom_signs}}]\n')
    assert "longer than 60 letters" in data.only_problem().message


def test_a_question_that_is_no_block_of_keys_is_refused(data: DataFolder) -> None:
    data.replace("questions.yml", r"^questions:\n", "questions:\n  q_extra: yes\n")
    assert any("'q_extra' needs its keys" in problem.message for problem in errors(data.problems()))


def test_the_check_ends_with_status_one_and_names_file_and_line(data: DataFolder, capsys: pytest.CaptureFixture[str]) -> None:
    line = data.replace("guides.yml", "utter_guide_bullied_keep", "utter_gone")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANDRAIL_DATA_DIR", str(data.path))
        assert main(["content", "check"]) == 1
    assert f"guides.yml:{line}:" in capsys.readouterr().out


@pytest.mark.parametrize("key", ["cost", "family", "police", "name", "person"])
def test_what_the_policy_leaves_open_is_pointed_out_and_young_people_are_told_so(data: DataFolder, key: str) -> None:
    data.replace("policy.yml", rf"^  {key}: >-\n(?:    .*\n)+", f"  {key}:\n")
    problem = data.only_problem()
    assert (problem.file, problem.severity) == ("policy.yml", Severity.WARNING)
    assert "the assistant does not know" in problem.message


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("Chatting occasions negligible telecommunication expenditure for organisations and associated families.", "grade"),
        ("It is " + "so " * 20 + "cheap.", "a sentence has"),
        ("It is free. " * 21, "a bubble has"),
        ("Is it free? Is it not?", "asks 2 questions"),
        ("It is free. Or call 0800 123 4567.", "is not in the directory"),
        ("It is {free}.", "brace"),
        ("A helper is on the way to you.", "promises"),
    ],
)
def test_what_the_policy_tells_young_people_keeps_the_rules_of_every_text(data: DataFolder, words: str, says: str) -> None:
    line = data.replace("policy.yml", r"^  cost: >-\n(?:    .*\n)+", f'  cost: "{words}"\n')
    found = [problem for problem in errors(data.problems()) if problem.file == "policy.yml"]
    assert found and found[0].line == line
    assert any(says in problem.message for problem in found)


def test_a_policy_that_says_nothing_of_what_is_told_is_refused(data: DataFolder) -> None:
    data.replace("policy.yml", r"^told:\n(?:  .*\n)+", "")
    assert any("`told:` must hold" in problem.message for problem in errors(data.problems()))
    data.write("policy.yml", (data.path / "policy.yml").read_text() + "told: {price: Free.}\n")
    assert any("no key 'price'" in problem.message for problem in errors(data.problems()))


def test_a_sentence_that_is_too_long_in_one_country_only_is_refused_once(data: DataFolder) -> None:
    data.say("If you can go out to a place with many more people, go, or call {emergency_number}.")
    assert sum("a sentence has" in problem.message for problem in data.problems()) == 1


def test_a_bubble_that_holds_nothing_where_the_policy_is_open_is_refused(data: DataFolder) -> None:
    data.say("Hello.\n\n{told_wait}.")
    assert "a bubble holds nothing" in data.only_problem().message
