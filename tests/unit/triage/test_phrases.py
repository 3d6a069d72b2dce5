from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.settings import ROOT
from bot.triage.normalisation import normalise
from bot.triage.phrases import Phrases
from bot.triage.taxonomy import CUES, Tier
from bot.triage.words import WordDetector

FOLDER = ROOT / "data" / "languages"
SHIPPED = sorted(file.stem for file in FOLDER.glob("*.yml") if file.stem != "en")


@pytest.fixture(scope="module")
def phrases() -> Phrases:
    return Phrases.load(FOLDER)


def crisis(code: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = yaml.safe_load((FOLDER / f"{code}.yml").read_text(encoding="utf-8"))["crisis"]
    return found


@pytest.mark.parametrize("code", SHIPPED)
def test_every_phrase_is_heard_in_a_sentence_with_its_own_words_as_evidence(phrases: Phrases, code: str) -> None:
    for cue, said in crisis(code).items():
        for phrase in said:
            hits = phrases.find(f"... {phrase} ...")
            assert cue in {hit.cue for hit in hits}, phrase
            assert all(hit.evidence in phrase for hit in hits), phrase


@pytest.mark.parametrize("code", SHIPPED)
def test_every_phrase_opens_at_high(code: str) -> None:
    assert {CUES[cue].tier for cue in crisis(code)} == {Tier.HIGH}


@pytest.mark.parametrize(
    "typed",
    [
        "QUIERO MORIR",
        "me estan chantajeando",
        "quierooo   morir ya",
        "ölmek istiyorum",
        "olmek istiyorum",
        "chce umrzec",
        "اريد ان اموت",
        "j’ai envie de mourir",
        "хочу вмерти...",
        "вб’ю себе",
    ],
)
def test_a_phrase_is_heard_as_phones_spell_it(phrases: Phrases, typed: str) -> None:
    (hit,) = phrases.find(typed)

    assert hit.evidence in typed


@pytest.mark.parametrize("typed", ["", "i want to die my hair blue", "marnaful", "\ud800 \x00", "a" * 30_000])
def test_other_texts_hold_no_phrase(phrases: Phrases, typed: str) -> None:
    assert phrases.find(typed) == []


def test_the_word_detector_hears_phrases_whatever_else_is_in_the_message() -> None:
    heard = WordDetector.load(ROOT / "data" / "triage" / "words.yml").listen(normalise("this is a test lol pero quiero morir"))

    assert heard.phrases == {"suicidal_ideation"}
    assert heard.hits[0].evidence == "quiero morir"


def test_a_spoilt_language_file_does_not_cost_the_english_words(tmp_path: Path) -> None:
    (tmp_path / "triage").mkdir()
    (tmp_path / "languages").mkdir()
    (tmp_path / "languages" / "es.yml").write_text("crisis: [: {", encoding="utf-8")
    words = tmp_path / "triage" / "words.yml"
    words.write_text((ROOT / "data" / "triage" / "words.yml").read_text(encoding="utf-8"), encoding="utf-8")

    heard = WordDetector.load(words).listen(normalise("i want to die"))

    assert [hit.cue for hit in heard.hits] == ["suicidal_ideation"]
