"""What `handrail content check` says: everything that keeps content from being published, file by file and line by line.

Loading (`bot.content.library`) refuses what cannot be shown at all. This looks further: at how texts read, what they promise,
which numbers they name, where their buttons lead, and which checks of the directory are overdue.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bot.content.directory import Directory
from bot.content.guides import wrong_guides
from bot.content.helplines import FILE as HELPLINES
from bot.content.languages import unreviewed
from bot.content.library import Content, read_content
from bot.content.offer_flags import wrong_flags
from bot.content.policy import FILE as POLICY
from bot.content.problem import Problem, Severity
from bot.content.readability import grade, sentences, words
from bot.content.source import Block, read
from bot.content.sources import wrong_sources
from bot.content.states import in_every_state
from bot.content.texts import Form, Text
from bot.content.titles import wrong_titles

WAIVERS = "waivers.yml"
HARDEST_GRADE = 5.0
FEWEST_WORDS_GRADED = 10  # the formula says nothing about fewer
LONGEST_SENTENCE = 20  # words
LONGEST_BUBBLE = 60  # words

_INTENT = re.compile(r"^ *- intent: *[\"']?([a-z][a-z0-9_]*)", re.MULTILINE)
_PAYLOAD = re.compile(
    r"/([a-z][a-z0-9_]*)|person:ask|person:not_now|answer:[a-z0-9_]+:(?:yes|no|skip)|exercise:(?:\d|stop)|after:[a-z]+:[a-z]+")
_NUMBER = re.compile(r"(?<![\w/.])[+*]?\d[\d -]*\d(?![\w/])")
_ENDINGS = "com|org|net|gov|edu|info|uk|ie|au|nz|ca|fr|de|nl|eu|io|sg|za"
_ADDRESS = re.compile(rf"(?:https?://)?(?:www\.)?((?:[a-z0-9-]+\.)+(?:{_ENDINGS}))\b", re.IGNORECASE)
_OF_STAFFING = re.compile(r"asked a person to join|told the team|helpers are busy|no helper is here", re.IGNORECASE)
_HELPER = "person|people|helpers?|counsellors?|police|ambulance|help|somebody|someone"
_PROMISE = re.compile(rf"\b(?:{_HELPER}) (?:is|are|will be) (?:coming|on (?:the|its|their) way)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Waiver:
    """One rule of style that one text need not keep, and why."""

    text: str
    rule: str
    why: str
    line: int


def check(data_dir: Path, now: float | None = None) -> list[Problem]:
    """Everything that is wrong in `data_dir`, ordered by file and line. Never raises for what is in the files.

    Args:
        now: seconds since the epoch, for overdue checks; the clock's when not given.
    """
    content, problems = read_content(data_dir)
    waivers, wrong_waivers = _waivers(data_dir, content)
    problems += wrong_waivers
    waived = {(waiver.text, waiver.rule) for waiver in waivers}
    intents = _intents(data_dir)
    moment = time.time() if now is None else now
    for text in content.texts.values():
        shown = in_every_state(text, content, moment)
        problems += _payloads(text, intents)
        problems += once_a_line(_left_empty(shown))
        problems += once_a_line(_numbers_and_links(shown, content.directory))
        problems += _words_about_people(text)
        for rule, finds in STYLE.items():
            if (text.id, rule) not in waived:
                problems += once_a_line(finds(shown))
    problems += _told(content)
    problems += [*wrong_flags(data_dir, content.texts), *wrong_guides(data_dir, content.texts)]
    problems += wrong_titles(data_dir, content.texts, intents)
    problems += wrong_sources(data_dir, content.texts, moment)
    problems += _asking(content)
    problems += unreviewed(content.languages)
    problems += _overdue(content.directory, moment)
    return sorted(problems, key=lambda problem: (problem.file, problem.line, problem.message))


# -- where buttons lead


def _intents(data_dir: Path) -> set[str]:
    files = (data_dir / "nlu").glob("**/*.yml")
    return {intent for file in files for intent in _INTENT.findall(file.read_text(encoding="utf-8", errors="replace"))}


def _payloads(text: Text, intents: Collection[str]) -> Iterator[Problem]:
    for form in text.forms:
        for option in form.options:
            match = _PAYLOAD.fullmatch(option.payload)
            if match is None:
                known = "/intent, person:ask, person:not_now or answer:QUESTION:yes"
                yield _at(text, option.line, f"button '{option.title}': '{option.payload}' is no payload. Write {known}.")
            elif match[1] and match[1] not in intents:
                wrong = f"button '{option.title}' leads to '{match[1]}', and no file in nlu/ has such an intent."
                yield _at(text, option.line, wrong)


# -- what a text may name and promise


def _numbers_and_links(text: Text, directory: Directory) -> Iterator[Problem]:
    for form in text.forms:
        said = " ".join([*form.bubbles, *(option.title for option in form.options)])
        for written in _NUMBER.findall(said):
            digits = re.sub(r"\D", "", written)
            if len(digits) >= 3 and digits not in directory.numbers:
                yield _at(text, form.line, _unreviewed(f"number {written.strip()}"))
        for host in _ADDRESS.findall(said):
            if host.lower() not in directory.links:
                yield _at(text, form.line, _unreviewed(f"address {host}"))


def _left_empty(text: Text) -> Iterator[Problem]:
    for form in text.forms:
        if not all(form.bubbles):
            yield _at(text, form.line, "a bubble holds nothing when what it names is not known. Put a sentence beside it.")


def _told(content: Content) -> Iterator[Problem]:
    """What the policy tells young people keeps the rules of every text, and is not left open."""
    policy = content.policy
    for key, said in policy.spoken.items():
        line = policy.lines[key]
        own = Text(key, (Form(None, (said,), (), line),), POLICY, line)
        yield from (problem for finds in STYLE.values() for problem in finds(own))
        yield from _numbers_and_links(own, content.directory)
        if re.search(r"[{}]", said):
            yield _at(own, line, "there is a brace in it. These words are shown as they stand.")
        if not said and key != "wait":
            yield _at(own, line, "it is empty: young people are told that the assistant does not know.", Severity.WARNING)
        if promise := _PROMISE.search(said):
            yield _at(own, line, f"\"{promise[0]}\" promises what nobody can know.")


def once_a_line(problems: Iterable[Problem]) -> list[Problem]:
    """The first of those that stand in one line: a text that is too long is so in every country."""
    return list({(problem.line, problem.severity): problem for problem in reversed(list(problems))}.values())


def _unreviewed(what: str) -> str:
    return f"the {what} is not in the directory. Add it to {HELPLINES} or take it out."


def _words_about_people(text: Text) -> Iterator[Problem]:
    for form in text.forms:
        said = " ".join(form.bubbles)
        if match := _PROMISE.search(said):
            yield _at(text, form.line, f"\"{match[0]}\" promises what nobody can know. A person \"was asked\".")
        if form.staffing is None and (match := _OF_STAFFING.search(said)):
            wrong = f"\"{match[0].lower()}\" is not always so: write a form for each staffing (on_duty, busy, none)."
            yield _at(text, form.line, wrong)


def _asking(content: Content) -> Iterator[Problem]:
    for text in content.texts.values():
        question = content.question_for(text.id)
        if question is None:
            continue
        for form in text.forms:
            given = {option.payload for option in form.options}
            missing = [word for word in ("yes", "no", "skip") if f"answer:{question}:{word}" not in given]
            if missing:
                wrong = f"it asks '{question}' and has no button for {', '.join(missing)}: what is typed may be misread."
                yield _at(text, form.line, wrong, Severity.WARNING)
        if content.questions[question].needs == "ask_about_suicide" and not content.policy.ask_about_suicide:
            wrong = "it asks about suicide directly, and policy.yml does not allow that yet (`ask_about_suicide`)."
            yield _at(text, text.line, wrong, Severity.WARNING)


def _overdue(directory: Directory, now: float) -> Iterator[Problem]:
    for contact in directory.overdue(now):
        wrong = f"contact '{contact.id}' was to be checked by {contact.check_by}. Phone or open it, then set the new day."
        yield Problem(HELPLINES, contact.line, wrong, Severity.WARNING)


# -- how a text reads


def _too_hard(text: Text) -> Iterator[Problem]:
    for form in text.forms:
        said = " ".join(bubble for bubble in form.bubbles)
        found = grade(said)
        if found > HARDEST_GRADE and words(said) >= FEWEST_WORDS_GRADED:
            wrong = f"it reads at grade {found:.2f}; at most {HARDEST_GRADE:.0f}. Use shorter words and sentences."
            yield _at(text, form.line, wrong)


def _long_sentences(text: Text) -> Iterator[Problem]:
    for form in text.forms:
        for bubble in form.bubbles:
            for sentence in sentences(bubble):
                if words(sentence) > LONGEST_SENTENCE:
                    start = " ".join(sentence.split()[:6])
                    wrong = f"a sentence has {words(sentence)} words; at most {LONGEST_SENTENCE}: \"{start} …\""
                    yield _at(text, form.line, wrong)


def _long_bubbles(text: Text) -> Iterator[Problem]:
    for form in text.forms:
        for bubble in form.bubbles:
            length = words(bubble)
            if length > LONGEST_BUBBLE:
                yield _at(text, form.line, f"a bubble has {length} words; at most {LONGEST_BUBBLE}. Part it by a blank line.")


def _many_questions(text: Text) -> Iterator[Problem]:
    for form in text.forms:
        count = " ".join(form.bubbles).count("?")
        if count > 1:
            yield _at(text, form.line, f"it asks {count} questions; ask one at a time.")


STYLE: dict[str, Callable[[Text], Iterator[Problem]]] = {
    "grade": _too_hard,
    "sentence": _long_sentences,
    "bubble": _long_bubbles,
    "questions": _many_questions,
}


def _at(text: Text, line: int, message: str, severity: Severity = Severity.ERROR) -> Problem:
    return Problem(text.file, line, f"'{text.id}': {message}", severity)


# -- waivers


def _waivers(data_dir: Path, content: Content) -> tuple[list[Waiver], list[Problem]]:
    if not (data_dir / WAIVERS).is_file():
        return [], []
    source = read(data_dir, data_dir / WAIVERS)
    rows = source.root.get("waivers") or []
    waivers = []
    for row in rows if isinstance(rows, list) else []:
        if not isinstance(row, Block):
            source.refuse(1, "each waiver needs `text:`, `rule:` and `why:`.")
            continue
        source.refuse_unknown_keys(row, ("text", "rule", "why"), "a waiver")
        waiver = Waiver(
            source.text(row, "text", "a waiver"), source.choice(row, "rule", "a waiver", tuple(STYLE)),
            source.text(row, "why", "a waiver"), row.line,
        )  # fmt: skip
        if waiver.text not in content.texts:
            source.refuse(row.line, f"'{waiver.text}' is no text. Take the waiver out.")
        elif not any(STYLE[waiver.rule](content.texts[waiver.text])):
            wrong = f"'{waiver.text}' keeps the rule '{waiver.rule}' by now. Take the waiver out."
            source.problems.append(Problem(WAIVERS, row.line, wrong, Severity.WARNING))
        waivers.append(waiver)
    return waivers, source.problems

