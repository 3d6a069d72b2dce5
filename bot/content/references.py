"""Who names whom across the content files: what code and questions count on must be there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from bot.content.problem import Problem
from bot.content.questions import FILE as QUESTIONS
from bot.content.questions import QuestionSpec
from bot.content.texts import Text

RESPONSES = "responses"
# Texts that `web` and the engine say by name. Those of the first group speak of people and have three forms.
WITH_THREE_FORMS = (
    "utter_net_elevated", "utter_net_high", "utter_net_immediate", "utter_net_none", "utter_net_again", "utter_waiting",
    "utter_person_requested", "utter_unassessed", "utter_away_late", "utter_gentle_check", "utter_left_by_staff",
)  # fmt: skip
REQUIRED = (
    *WITH_THREE_FORMS, "utter_greeting", "utter_declined", "utter_declined_immediate", "utter_person_joined", "utter_person_left",
    "utter_returned_to_bot", "utter_closed", "utter_live_unanswered", "utter_not_sent", "utter_too_fast", "utter_default",
    "utter_offer_person", "utter_first_word", "utter_after_heard", "utter_after_next", "utter_after_later", "utter_after_end",
    "utter_after_thanks",
)  # fmt: skip


def dangling(texts: Mapping[str, Text], questions: Mapping[str, QuestionSpec], cues: Collection[str]) -> Iterator[Problem]:
    """What is named and missing, and what lacks its forms."""
    for cue in cues:
        if f"utter_cue_{cue}" not in texts:
            yield Problem(RESPONSES, 1, f"cue '{cue}' has no text. Write 'utter_cue_{cue}' with its three staffing forms.")
    for name in REQUIRED:
        if name not in texts:
            yield Problem(RESPONSES, 1, f"'{name}' is missing: the program says it by name.")
    for text in texts.values():
        speaks = text.id in WITH_THREE_FORMS or text.id.startswith("utter_cue_")
        if speaks and not text.speaks_of_people:
            missing = "on_duty, busy, none"
            yield Problem(text.file, text.line, f"'{text.id}' needs a form for each staffing: {missing}.")
        if text.id.startswith("utter_cue_") and text.id.removeprefix("utter_cue_") not in cues:
            wrong = f"'{text.id}' belongs to no cue. Cues stand under `topics_by_cue:` in helplines.yml."
            yield Problem(text.file, text.line, wrong)
    yield from _questions(texts, questions, cues)
    for text in texts.values():
        yield from _answers(text, questions)


def _questions(
    texts: Mapping[str, Text], questions: Mapping[str, QuestionSpec], cues: Collection[str]
) -> Iterator[Problem]:
    asked: dict[str, str] = {}
    for spec in questions.values():
        for outcome in (spec.yes, spec.no, spec.unclear, spec.skip):
            if outcome.startswith("cue:") and outcome.removeprefix("cue:") not in cues:
                yield Problem(QUESTIONS, spec.line, f"question '{spec.id}': '{outcome}' names no cue.")
        for text_id in spec.asked_by:
            if text_id not in texts:
                yield Problem(QUESTIONS, spec.line, f"question '{spec.id}' is asked by '{text_id}', and there is no such text.")
            if text_id in asked:
                yield Problem(QUESTIONS, spec.line, f"'{text_id}' asks '{asked[text_id]}' already; a text asks one question.")
            asked[text_id] = spec.id


def _answers(text: Text, questions: Mapping[str, QuestionSpec]) -> Iterator[Problem]:
    """Buttons that answer a safety question, below a text that does not ask it."""
    for form in text.forms:
        for option in form.options:
            if not option.payload.startswith("answer:"):
                continue
            name = option.payload.split(":")[1] if option.payload.count(":") == 2 else ""
            spec = questions.get(name)
            if spec is None:
                yield Problem(text.file, option.line, f"'{text.id}': button '{option.title}' answers '{name}': no such question.")
            elif text.id not in spec.asked_by:
                wrong = f"'{text.id}' answers '{name}' and does not ask it. Add it to `asked_by:` in questions.yml."
                yield Problem(text.file, option.line, wrong)
