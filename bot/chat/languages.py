"""The languages of the chat's pages: `data/screens/<locale>.yml`, English in the templates.

A language is offered once somebody has approved all of its texts (`approved_by`) and none is missing. Until then it is a
draft that only tests see: a page half in one language and half in another helps nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from bot.errors import ContentError

FOLDER = "screens"
TEMPLATES = Path(__file__).parent / "templates"
_ASKED = re.compile(r"""\b(?:say|t)\(["'](\w+)["']""")
_WORD_KEY = re.compile(r'"(\w+)": "')


@dataclass(frozen=True, slots=True)
class Language:
    """One language of the pages.

    Attributes:
        locale: a language tag.
        name: of the language, in itself.
        direction: ltr or rtl.
        texts: by key; a key that is missing stands in English in the templates.
        approved_by: who approved the texts; "" for a draft.
    """

    locale: str
    name: str
    direction: str = "ltr"
    texts: Mapping[str, str] = field(default_factory=dict)
    approved_by: str = ""


ENGLISH = Language("en", "English", approved_by="the templates")


def load_languages(data_dir: Path, *, drafts: bool = False) -> dict[str, Language]:
    """The languages on offer, English first; with `drafts`, those too that nobody approved.

    Raises:
        ContentError: a file cannot be used, or an approved language lacks texts.
    """
    found = [_read(file) for file in sorted((data_dir / FOLDER).glob("*.yml"))]
    return {language.locale: language for language in [ENGLISH, *found] if drafts or language.approved_by}


def choose(languages: Mapping[str, Language], wanted: str | None, accepted: str) -> Language:
    """The language that was asked for, else the first that the browser accepts, else English."""
    for locale in [wanted or "", *_accepted(accepted)]:
        for candidate in (locale, locale.split("-")[0]):
            if candidate in languages:
                return languages[candidate]
    return languages["en"]


def keys() -> set[str]:
    """Every key of a text that the templates show."""
    found: set[str] = set()
    for file in TEMPLATES.glob("*.html"):
        source = file.read_text(encoding="utf-8")
        found |= set(_ASKED.findall(source))
        for block in re.findall(r"for key, default in \{(.*?)\}\.items", source, flags=re.S):
            found |= set(_WORD_KEY.findall(block))
    return (found | {"close_frame"}) - {"who_can_read", "when_we_tell"}  # the operator's own words, in policy.yml


def _accepted(header: str) -> Iterable[str]:
    return [part.split(";")[0].strip().lower() for part in header.split(",")[:10]]


def _read(file: Path) -> Language:
    try:
        raw = yaml.safe_load(file.read_text(encoding="utf-8"))
        texts = {str(key): str(value) for key, value in raw["texts"].items()}
        language = Language(
            file.stem, str(raw["name"]), str(raw.get("direction", "ltr")), texts, str(raw.get("approved_by") or "")
        )
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise ContentError([f"{file.name}:1: needs `name:` and `texts:`, each text with its key."]) from error
    problems = [f"{file.name}:1: there is no text '{key}'; take it out." for key in sorted(set(texts) - keys())]
    if language.approved_by:
        missing = sorted(keys() - set(texts))
        problems += [f"{file.name}:1: '{key}' is missing; an approved language needs every text." for key in missing]
    if problems:
        raise ContentError(problems)
    return language
