"""The report says what was heard, for files of messages and of conversations, and for two models."""

from __future__ import annotations

import html.parser
import io
import json
from pathlib import Path
from typing import Any

import pytest

from bot.errors import ContentError
from bot.settings import ROOT
from bot.triage.evaluation import evaluate, progress, requirement_lines, write_report
from bot.triage.examples import read_examples
from tests.unit.triage.listener import Listener

MESSAGES: list[dict[str, Any]] = [
    {"text": "i will end my life tonight", "cues": ["suicide_intent"], "style": "direct", "voice": "ng-16"},
    {"text": "goodbye, by monday nobody needs me", "cues": ["suicide_intent"], "style": "indirect", "voice": "gb-15"},
    {"text": "pay or he sends my pics", "cues": ["sextortion"], "style": "direct", "voice": "ng-13"},
    {"text": "what is online grooming?", "cues": [], "style": "question", "voice": "gb-15"},
    {"text": "this game ends my life lol", "cues": [], "style": "near_miss", "voice": "us-14"},
]
CONVERSATION: dict[str, Any] = {
    "voice": "ng-16",
    "kind": "high",
    "messages": [
        {"text": "hello", "cues": [], "about": "unknown"},
        {"text": "pay or he sends my pics", "cues": ["sextortion"], "about": "self"},
    ],
}


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    messages, conversations = tmp_path / "messages.jsonl", tmp_path / "conversations.jsonl"
    messages.write_text("\n".join(json.dumps(line) for line in MESSAGES))
    conversations.write_text(json.dumps(CONVERSATION))
    return [messages, conversations]


def listener() -> Listener:
    return Listener(suicide_intent="end my life", sextortion="pay pics")


def test_a_report_counts_what_was_heard(files: list[Path]) -> None:
    report = evaluate(listener(), files)
    messages = report["messages"]

    assert messages["count"] == 5
    assert messages["tiers"]["high"]["recall"]["hits"] == 2
    assert messages["tiers"]["immediate"]["f1"]["value"] == 0.5  # one of two heard, and a game taken for one
    assert messages["cues"]["sextortion"]["precision"] == {
        "hits": 1,
        "of": 1,
        "value": 1.0,
        "interval": pytest.approx((0.2065, 1.0), abs=1e-4),
    }
    assert messages["confusion"]["immediate"] == {"immediate": 1, "high": 0, "elevated": 0, "none": 1}
    assert messages["false_alarms_per_1000"]["harmless"]["high"]["value"] == 500
    assert report["conversations"]["count"] == 1


def test_every_immediate_message_told_to_be_less_is_listed(files: list[Path]) -> None:
    missed = evaluate(listener(), files)["messages"]["missed_immediate"]

    assert [each["text"] for each in missed] == ["goodbye, by monday nobody needs me"]
    assert missed[0]["told"] == "none"


def test_slices_are_by_country_style_and_length(files: list[Path]) -> None:
    slices = evaluate(listener(), files)["messages"]["slices"]

    assert set(slices["country"]) == {"ng", "gb", "us"}
    assert slices["country"]["ng"]["heard"]["hits"] == 2
    assert slices["style"]["indirect"]["heard"]["hits"] == 0
    assert set(slices["length"]) == {"1–5 words", "6–15 words"}


def test_latency_has_a_median_and_a_95th_percentile(files: list[Path]) -> None:
    latency = evaluate(listener(), files)["messages"]["latency"]

    assert 0 <= latency["median"] <= latency["p95"]


def test_two_models_are_compared_message_by_message(files: list[Path]) -> None:
    report = evaluate(listener(), files, Listener(suicide_intent="nobody needs", sextortion="pay pics"))
    heard = report["differences"]["immediate or high, heard at high or above"]

    assert heard["only_this"] == ["i will end my life tonight"]
    assert heard["only_other"] == ["goodbye, by monday nobody needs me"]
    assert heard["chance"] == 1.0
    assert report["against"]["messages"]["count"] == 5


class Reader(html.parser.HTMLParser):
    """Notes which elements a page has, and that each is closed."""

    VOID = frozenset({"meta", "path", "circle"})

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


@pytest.mark.parametrize("compared", [False, True])
def test_the_page_needs_nothing_but_itself(files: list[Path], tmp_path: Path, compared: bool) -> None:
    data, page = write_report(evaluate(listener(), files, Listener() if compared else None), tmp_path / "out")
    written = page.read_text()
    reader = Reader()
    reader.feed(written)

    assert json.loads(data.read_text())["messages"]["count"] == 5
    assert not reader.open
    assert "svg" in reader.seen
    assert not reader.seen & {"script", "link", "img"}
    assert "prefers-color-scheme: dark" in written
    assert ("This model and the other" in written) is compared


def test_what_young_people_write_cannot_change_the_page(tmp_path: Path) -> None:
    file = tmp_path / "messages.jsonl"
    file.write_text(json.dumps({"text": "<script>x</script>", "cues": ["suicide_intent"], "voice": "<b>", "style": "<i>"}))

    _, page = write_report(evaluate(Listener(), [file]), tmp_path)

    assert "<script" not in page.read_text()
    assert "<b>," not in page.read_text()


def test_a_file_without_conversations_or_without_messages_is_enough(files: list[Path], tmp_path: Path) -> None:
    for part, other, file in (("messages", "conversations", files[0]), ("conversations", "messages", files[1])):
        report = evaluate(listener(), [file])

        assert report[part] is not None and report[other] is None
        write_report(report, tmp_path)


def test_a_line_that_is_no_conversation_is_named(tmp_path: Path) -> None:
    file = tmp_path / "conversations.jsonl"
    file.write_text(json.dumps(CONVERSATION) + '\n{"voice": "ng-16", "messages": [{"text": "hi", "cues": ["sadness"]}]}\n')

    with pytest.raises(ContentError) as raised:
        evaluate(Listener(), [file])

    assert raised.value.problems[0].startswith(f"{file}:2:")


def test_the_lines_of_the_command_say_which_bounds_are_kept(files: list[Path]) -> None:
    lines = list(requirement_lines(evaluate(listener(), files)))

    assert any(line.startswith("immediate or high, heard at high or above: 0.667") and "NOT MET" in line for line in lines)
    assert any(line.startswith("conversations that reach high") and line.endswith(": met") for line in lines)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_progress_is_drawn_on_a_terminal_only() -> None:
    terminal, file = Terminal(), io.StringIO()

    assert list(progress([1, 2], "work", terminal)) == [1, 2]
    assert list(progress([1, 2], "work", file)) == [1, 2]
    assert terminal.getvalue().endswith("2/2\n")
    assert file.getvalue() == ""


def test_no_evaluation_message_is_near_a_training_message() -> None:
    def pieces(text: str) -> frozenset[str]:
        plain = "".join(character for character in text.lower() if character.isalnum())
        return frozenset(plain[start : start + 4] for start in range(len(plain) - 3)) or frozenset({plain})

    trained: dict[str, list[frozenset[str]]] = {}
    for example in read_examples((ROOT / "data/triage/training").glob("*.jsonl")):
        for piece in (known := pieces(example.text)):
            trained.setdefault(piece, []).append(known)
    near = []
    for example in read_examples([ROOT / "data/triage/evaluation/messages.jsonl"]):
        mine = pieces(example.text)
        # A near one shares most pieces, so it shares one of those that fewest others have.
        rarest = sorted(mine, key=lambda piece: len(trained.get(piece, ())))[: len(mine) * 3 // 10 + 1]
        if any(len(mine & other) >= 0.7 * len(mine | other) for piece in rarest for other in trained.get(piece, ())):
            near.append(example.text)

    assert near == []
