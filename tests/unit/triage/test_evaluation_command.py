"""`handrail evaluate` writes its report, and says by its exit status whether the safety set is heard."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot import cli
from tests.unit.triage.listener import Listener


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HANDRAIL_VAR_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("HANDRAIL_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "data" / "triage").mkdir(parents=True)
    (tmp_path / "data" / "triage" / "safety_set.yml").write_text('phrases: {self_harm: ["I cut myself again"]}')


def use(monkeypatch: pytest.MonkeyPatch, detector: Listener) -> None:
    monkeypatch.setattr(cli, "_detector", lambda *given: detector)


def test_a_phrase_that_is_not_heard_fails_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(monkeypatch, Listener())

    assert cli.main(["evaluate", "--safety-set"]) == 1
    assert "self_harm, plain: 'I cut myself again' is heard as nothing" in capsys.readouterr().out
    assert len(json.loads((tmp_path / "var" / "evaluation" / "safety_set.json").read_text())) == 9


def test_a_safety_set_that_is_heard_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Listener(self_harm=""))

    assert cli.main(["evaluate", "--safety-set"]) == 0


def test_a_named_file_is_measured_against_another_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Listener())
    file = tmp_path / "messages.jsonl"
    file.write_text(json.dumps({"text": "hi", "cues": []}))

    assert cli.main(["evaluate", str(file), "--against", str(tmp_path)]) == 0
    report = json.loads((tmp_path / "var" / "evaluation" / "report.json").read_text())
    assert report["against"]["messages"]["count"] == 1


@pytest.mark.parametrize(
    "arguments", [["--against-encoder", "x.onnx"], ["--safety-set", "messages.jsonl"], ["no-such-file.jsonl"], []]
)
def test_what_cannot_be_measured_is_refused(monkeypatch: pytest.MonkeyPatch, arguments: list[str]) -> None:
    use(monkeypatch, Listener())

    assert cli.main(["evaluate", *arguments]) == 1
