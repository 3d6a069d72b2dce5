"""The models that must be there before the processes are whole: the sentence encoder and what is trained on it.

Each is made only when it is missing or no longer fits what it was made from, so setting up again costs nothing.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from bot.errors import ModelError
from bot.settings import ROOT, Settings

TRIAGE_CODE = ROOT / "bot" / "triage"


def ensure_encoder(settings: Settings) -> bool:
    """Puts the tuned encoder that is shipped in `data/encoder` in its place, unless it is there, whole. Returns whether it did.

    Raises:
        ModelError: the shipped file is missing, or is not the one that its record describes.
    """
    shipped = settings.data_dir / "encoder" / "encoder.onnx"
    try:
        wanted = json.loads(shipped.with_suffix(".json").read_text(encoding="utf-8"))["sha256"]
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"The record of the encoder, {shipped.with_suffix('.json')}, is missing or damaged.") from error
    target = settings.encoder_file
    if _sha256(target) == wanted and tokenizer_beside(target).is_file():
        return False
    if _sha256(shipped) != wanted:
        raise ModelError(f"{shipped} is missing, or is not the file that its record describes.")
    target.parent.mkdir(parents=True, exist_ok=True)
    for source, goal in ((tokenizer_beside(shipped), tokenizer_beside(target)), (shipped, target)):
        part = goal.with_suffix(".part")
        shutil.copyfile(source, part)
        part.replace(goal)
    return True


def tokenizer_beside(encoder_file: Path) -> Path:
    return encoder_file.with_name("tokenizer.json")


def _sha256(file: Path) -> str | None:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None


def ensure_models(settings: Settings, *, force: bool = False) -> list[str]:
    """Trains the models whose sources changed, or all of them with `force`. Returns the names of those trained.

    Raises:
        ModelError: a model cannot be trained.
        ContentError: what it is trained from cannot be used.
    """
    trained = []
    if _ensure_triage_model(settings, force=force):
        trained.append("triage")
    # Late: importing the engine's training is for those who train.
    from bot.engine.models import model_file
    from bot.engine.training import train_dialogue

    if force or not model_file(settings).is_file():
        train_dialogue(settings, force=force)
        trained.append("dialogue")
    return trained


def _ensure_triage_model(settings: Settings, *, force: bool) -> bool:
    from bot.triage.training import train

    stamp = settings.triage_model_dir / "trained-from.sha256"
    examples = _files(settings.data_dir / "triage" / "training")
    sources = digest([*examples, *sorted(TRIAGE_CODE.glob("*.py")), settings.encoder_file])
    if not force and stamp.is_file() and stamp.read_text(encoding="utf-8") == sources:
        return False
    settings.triage_model_dir.mkdir(parents=True, exist_ok=True)
    train(settings.data_dir, settings.triage_model_dir, settings.encoder_file)
    stamp.write_text(sources, encoding="utf-8")
    return True


def digest(files: Iterable[Path]) -> str:
    """SHA-256, in hexadecimal, of the names and contents of files."""
    total = hashlib.sha256()
    for file in files:
        total.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())

