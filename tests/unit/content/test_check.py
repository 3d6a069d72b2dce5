"""How the check tells of a problem, and each thing that it refuses in the tables beside the texts, one test each."""

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


def test_the_check_ends_with_status_one_and_names_file_and_line(data: DataFolder, capsys: pytest.CaptureFixture[str]) -> None:
    line = data.replace("guides.yml", "utter_guide_bullied_keep", "utter_gone")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HANDRAIL_DATA_DIR", str(data.path))
        assert main(["content", "check"]) == 1
    assert f"guides.yml:{line}:" in capsys.readouterr().out


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


def test_missing_files_are_named(data: DataFolder) -> None:
    (data.path / "policy.yml").unlink()
    assert any(problem.file == "policy.yml" and "cannot be read" in problem.message for problem in data.problems())


def test_a_key_that_stands_twice_is_refused(data: DataFolder) -> None:
    data.write("responses/extra.yml", "responses:\n  utter_a: [{text: Hello.}]\n  utter_a: [{text: Bye.}]\n")
    assert (data.only_problem().line, "twice" in data.only_problem().message) == (3, True)


def test_an_unknown_key_is_refused_and_the_known_ones_are_named(data: DataFolder) -> None:
    data.say("Hello.", more="      colour: red\n")
    problem = data.only_problem()
    assert problem.line == 5
    assert "'colour'" in problem.message and "buttons" in problem.message


def test_a_question_asked_by_an_unknown_text_is_refused(data: DataFolder) -> None:
    line = data.replace("questions.yml", r"asked_by: \[utter_cue_runaway\]", "asked_by: [utter_cue_runaway, utter_gone]")
    problem = data.only_problem()
    assert problem.line <= line
    assert "'utter_gone'" in problem.message


def test_a_text_that_asks_two_questions_is_refused(data: DataFolder) -> None:
    data.replace("questions.yml", r"asked_by: \[utter_cue_runaway\]", "asked_by: [utter_cue_runaway, utter_cue_neglect]")
    assert "a text asks one question" in data.told()


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


def test_a_question_that_is_no_block_of_keys_is_refused(data: DataFolder) -> None:
    data.replace("questions.yml", r"^questions:\n", "questions:\n  q_extra: yes\n")
    assert "'q_extra' needs its keys" in data.told(Severity.ERROR)


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
    assert says in data.refused("helplines.yml", old, new)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (r"^home_countries: \[GB\]", "home_countries: []", "at least one code"),
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
    assert says in data.refused("policy.yml", old, new)


def test_a_home_country_that_has_no_contact_is_refused(data: DataFolder) -> None:
    data.replace("policy.yml", r"^home_countries: \[GB\]", "home_countries: [JP]")
    assert "home country JP has no contact" in data.told(Severity.ERROR)


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
    assert says in data.refused("guides.yml", old, new)


def test_a_warning_sign_of_the_checker_without_its_text_is_refused(data: DataFolder) -> None:
    data.replace("offer_flags.yml", "text: utter_flag_fee", "text: utter_flag_gone")
    assert "utter_flag_gone" in data.told(Severity.ERROR)


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
    assert "`told:` must hold" in data.told(Severity.ERROR)
    data.write("policy.yml", (data.path / "policy.yml").read_text() + "told: {price: Free.}\n")
    assert "no key 'price'" in data.told(Severity.ERROR)
