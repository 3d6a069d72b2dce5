"""All content together: loaded once, checked as it is loaded, rendered on request."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from bot.content.directory import Directory
from bot.content.helplines import FILE as HELPLINES
from bot.content.helplines import read_directory
from bot.content.languages import Language, language_files, read_languages
from bot.content.placeholders import PLACEHOLDERS, fill
from bot.content.policy import FILE as POLICY
from bot.content.policy import Policy, read_policy
from bot.content.problem import Problem, errors
from bot.content.questions import FILE as QUESTIONS
from bot.content.questions import QuestionSpec, asked_in, read_questions
from bot.content.references import dangling
from bot.content.staffing import Staffing
from bot.content.texts import Option, Text, read_texts, response_files
from bot.errors import ContentError


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text as it is sent: placeholders filled, the form that goes with the staffing.

    Attributes:
        bubbles: at least one; no braces in them.
        options: shown below the last bubble.
        asked: id of the safety question that the text asks, or None.
    """

    text_id: str
    bubbles: tuple[str, ...]
    options: tuple[Option, ...]
    asked: str | None


class Content:
    """Texts, policy, directory and questions of one data folder. Immutable; safe to share between threads."""

    def __init__(
        self,
        texts: Mapping[str, Text],
        policy: Policy,
        directory: Directory,
        questions: Mapping[str, QuestionSpec],
        version: str,
        languages: Mapping[str, Language] | None = None,
    ) -> None:
        self.texts = dict(texts)
        self.policy = policy
        self.directory = directory
        self.questions = dict(questions)
        self.version = version
        self.languages = dict(languages or {})
        self._asked = asked_in(questions)

    @classmethod
    def load(cls, data_dir: Path) -> Content:
        """Reads `data_dir`.

        Raises:
            ContentError: with every problem as `file:line: what is wrong and how to mend it`.
        """
        content, problems = read_content(Path(data_dir))
        if wrong := errors(problems):
            raise ContentError([str(problem) for problem in wrong])
        return content

    def render(
        self,
        text_id: str,
        *,
        staffing: Staffing,
        country: str | None,
        now: float,
        wait: tuple[int, int] | None = None,
        person: str | None = None,
    ) -> Rendered:
        """A reviewed text as it is to be sent.

        Args:
            country: two letters; None when not known.
            now: seconds since the epoch.
            wait: minutes, low and high; None when nobody can say.
            person: name of the counsellor that the text speaks of.

        Raises:
            KeyError: no such text.
        """
        form = self.texts[text_id].form(staffing)
        values = self.values(country, now, wait, person)
        bubbles = tuple(said for bubble in form.bubbles if (said := fill(bubble, values)))
        return Rendered(text_id, bubbles, form.options, self.question_for(text_id))

    def question_for(self, text_id: str) -> str | None:
        """Id of the safety question that a text asks."""
        return self._asked.get(text_id)

    def topics_for(self, cue_ids: Iterable[str]) -> set[str]:
        """Topics of services that go with what was heard."""
        return self.directory.topics_for(cue_ids)

    def values(
        self, country: str | None, now: float, wait: tuple[int, int] | None, person: str | None
    ) -> dict[str, str | None]:
        """What stands in the place of each placeholder, None for what is not known; arguments as for `render`."""
        known = country.upper() if country and country.upper() in self.directory.countries else None
        return {
            "country_name": self.directory.spoken(known) if known else None,
            "emergency_number": self.directory.emergency_number(country or None),
            "helpline_name": self.directory.helpline_name(country or None, now),
            "wait_low": str(wait[0]) if wait else None,
            "wait_high": str(wait[1]) if wait else None,
            "next_open": self.policy.next_open_spoken(now),
            "person": _name(person),
            "safe_word": self.policy.safe_word,
            **{name: _told(self.policy, known.told) for name, known in PLACEHOLDERS.items() if known.told},
        }


def read_content(data_dir: Path) -> tuple[Content, list[Problem]]:
    """What can be read of `data_dir`, and everything that is wrong with it. Never raises for what is in the files."""
    texts, wrong_texts = read_texts(data_dir)
    policy, wrong_policy = read_policy(data_dir)
    directory, wrong_directory = read_directory(data_dir, policy.home_countries)
    questions, wrong_questions = read_questions(data_dir)
    languages, wrong_languages = read_languages(data_dir)
    content = Content(texts, policy, directory, questions, _version(data_dir), languages)
    missing = dangling(texts, questions, directory.topics_by_cue)
    return content, [*wrong_texts, *wrong_policy, *wrong_directory, *wrong_questions, *wrong_languages, *missing]


def _told(policy: Policy, key: str) -> str | None:
    """The helpline's own words without the full stop, which the text around them has."""
    return policy.spoken[key].strip().removesuffix(".") or None


def _name(person: str | None) -> str | None:
    """A counsellor's name as one word or two, without anything that could be read as a placeholder."""
    return " ".join((person or "").replace("{", "").replace("}", "").split()) or None


def _version(data_dir: Path) -> str:
    """Twelve hexadecimal digits that change with any file of the content."""
    digest = hashlib.sha256()
    single = [data_dir / name for name in (HELPLINES, POLICY, QUESTIONS)]
    for path in [*response_files(data_dir), *single, *language_files(data_dir)]:
        digest.update(path.relative_to(data_dir).as_posix().encode() + b"\0")
        digest.update(path.read_bytes() + b"\0" if path.is_file() else b"")
    return digest.hexdigest()[:12]
