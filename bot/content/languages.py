"""Languages that young people write in and the assistant does not serve: `data/languages/<code>.yml`.

Each has a short fixed answer, the words by which its writing is told from English, and crisis phrases (which triage reads:
`bot.triage.phrases`). `en.yml` holds the words of what is served, mixtures with English among them, and what is said of a draft.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.content.problem import Problem, Severity
from bot.content.source import Block, Source, read
from bot.content.staffing import Staffing

FOLDER = "languages"
TEXTS = ("hello", "write", "asked", "busy", "wait", "nobody", "open", "danger", "again", "declined", "ask", "not_now")
SERVED_TEXTS = ("unchecked",)  # what a language that is served says about one that nobody has checked
PLACEHOLDERS: Mapping[str, frozenset[str]] = {
    "danger": frozenset({"emergency"}),
    "wait": frozenset({"low", "high"}),
    "unchecked": frozenset({"language", "emergency"}),
}
CRISIS_CUES = ("suicidal_ideation", "self_harm", "abuse_disclosure", "sextortion", "coercion")
FEWEST_PHRASES = 15
SHORTEST_PHRASE = 5  # characters
_KEYS = ("name", "english_name", "served", "direction", "reviewed_by", "texts", "words", "crisis")
_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Language:
    """One language.

    Attributes:
        code: ISO 639-1.
        name: in itself.
        english_name: as the desk says it.
        served: the assistant answers in it; such a language has no texts here.
        reviewed_by: the native speaker who checked texts and phrases; "" while nobody has.
        texts: by the names in `TEXTS`, or in `SERVED_TEXTS` where it is served; `PLACEHOLDERS` has what they hold.
        words: frequent ones, in lower case and without accents, for a language in Latin letters.
        crisis: phrases by cue.
    """

    code: str
    name: str
    english_name: str
    served: bool
    reviewed_by: str
    texts: Mapping[str, str]
    words: frozenset[str]
    crisis: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    line: int = 1

    @property
    def file(self) -> str:
        return f"{FOLDER}/{self.code}.yml"

    def greeting(self) -> str:
        return f"{self.texts['hello']} {self.texts['write']}"

    def person(self, staffing: Staffing, wait: tuple[int, int] | None) -> str:
        """That a person was asked, in the form for this staffing; `wait` in minutes, None when nobody can say."""
        if staffing is Staffing.NONE:
            return self.texts["nobody"]
        if staffing is Staffing.ON_DUTY:
            return self.texts["asked"]
        takes = self.texts["wait"].format(low=wait[0], high=wait[1]) if wait else ""
        return " ".join(part for part in (self.texts["asked"], self.texts["busy"], takes) if part)

    def unchecked(self, language: Language, numbers: Iterable[str]) -> str:
        """That nobody has checked the words in `language`, and whom to call; for a language that is served."""
        return self.texts["unchecked"].format(language=language.english_name, emergency=" / ".join(numbers))

    def danger(self, numbers: Iterable[str]) -> str:
        """Whom to call in danger: emergency numbers as they are dialled."""
        return self.texts["danger"].format(emergency=" / ".join(numbers))


def language_files(data_dir: Path) -> list[Path]:
    return sorted((data_dir / FOLDER).glob("*.yml"))


def read_languages(data_dir: Path) -> tuple[dict[str, Language], list[Problem]]:
    """All languages by code, and what is wrong with those that cannot be used."""
    languages: dict[str, Language] = {}
    problems: list[Problem] = []
    for path in language_files(data_dir):
        source = read(data_dir, path)
        language = _language(source, path.stem)
        problems += source.problems
        if not source.problems:
            languages[language.code] = language
    return languages, problems


def unreviewed(languages: Mapping[str, Language]) -> list[Problem]:
    """A warning for each language whose texts and phrases no native speaker has checked."""
    wrong = "no native speaker has checked these texts and phrases. Have them read, then write the name into `reviewed_by`."
    waiting = [language for language in languages.values() if not language.served and not language.reviewed_by]
    return [Problem(language.file, language.line, wrong, Severity.WARNING) for language in waiting]


def _language(source: Source, code: str) -> Language:
    root, what = source.root, f"language '{code}'"
    source.refuse_unknown_keys(root, _KEYS, what)
    if not re.fullmatch(r"[a-z]{2}", code):
        source.refuse(1, f"{what}: the file is named by the two letters of its language, such as es.yml.")
    served = root.get("served") is True
    texts = _texts(source, what, SERVED_TEXTS if served else TEXTS)
    crisis = {} if served else _crisis(source, what)
    return Language(
        code=code,
        name=source.text(root, "name", what),
        english_name=source.text(root, "english_name", what),
        served=served,
        reviewed_by=source.text(root, "reviewed_by", what, default=""),
        texts=texts,
        words=frozenset(source.texts(root, "words", what)),
        crisis=crisis,
        line=root.line_of("reviewed_by"),
    )


def _texts(source: Source, what: str, keys: tuple[str, ...]) -> dict[str, str]:
    block = source.root.get("texts")
    if not isinstance(block, Block):
        source.refuse(source.root.line_of("texts"), f"{what} needs `texts:`, each with its key.")
        return {}
    source.refuse_unknown_keys(block, keys, f"`texts:` of {what}")
    texts = {key: source.text(block, key, what) for key in keys}
    for key, text in texts.items():
        found, wanted = set(_BRACES.findall(text)), PLACEHOLDERS.get(key, frozenset())
        if found != wanted:
            names = " and ".join(f"{{{name}}}" for name in sorted(wanted)) or "nothing in braces"
            source.refuse(block.line_of(key), f"{what}: '{key}' must hold {names}.")
        if re.search(r"\d{2}", text):
            source.refuse(block.line_of(key), f"{what}: '{key}' holds a number. Numbers come from the directory.")
    return texts


def _crisis(source: Source, what: str) -> dict[str, tuple[str, ...]]:
    block = source.root.get("crisis")
    if not isinstance(block, Block):
        source.refuse(source.root.line_of("crisis"), f"{what} needs `crisis:`, a list of phrases for each cue.")
        return {}
    source.refuse_unknown_keys(block, CRISIS_CUES, f"`crisis:` of {what}")
    crisis = {cue: source.texts(block, cue, what) for cue in block}
    phrases = [phrase for said in crisis.values() for phrase in said]
    if len(phrases) < FEWEST_PHRASES:
        source.refuse(block.line, f"{what} has {len(phrases)} crisis phrases; it needs {FEWEST_PHRASES}.")
    for phrase in phrases:
        if len(phrase.strip()) < SHORTEST_PHRASE:
            source.refuse(block.line, f"{what}: the crisis phrase '{phrase}' is too short to be sure.")
    return crisis
