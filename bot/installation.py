"""The models that must be there before the processes are whole: the sentence encoder and what is trained on it.

Each is made only when it is missing or no longer fits what it was made from, so setting up again costs nothing.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from bot.errors import ModelError
from bot.settings import ROOT, Settings
from bot.triage.safety_set import FILE as SAFETY_SET
from bot.triage.safety_set import UNHEARD, read_phrases, unheard

if TYPE_CHECKING:
    from bot.triage.detector import Detector

log = logging.getLogger(__name__)

_FRESH = get_context("spawn")  # a forked process would share the threads of the libraries that compute
TRIAGE_CODE = ROOT / "bot" / "triage"
STAMP = "trained-from.sha256"
KEPT = "embeddings.npz"


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


def ensure_models(settings: Settings, *, force: bool = False, setting_up: bool = False) -> list[str]:
    """Trains the models whose sources changed, or all of them with `force`. Returns the names of those trained.

    A triage model that misses a phrase of the safety set never takes the place of one that can be used.

    Args:
        setting_up: such a model is said and no failure, because the chat must start. Where no triage model can be used, it
            is taken, for without any even more would be missed; `handrail ready` then refuses to open the chat.

    Raises:
        ModelError: a model cannot be trained, or does not hear what must be heard.
        ContentError: what it is trained from cannot be used.
    """
    # Late: importing the engine's training is for those who train.
    from bot.engine.models import model_file
    from bot.engine.training import train_dialogue

    trained = []
    dialogue = force or not model_file(settings).is_file()
    with ProcessPoolExecutor(1, _FRESH) as beside:  # neither needs the other
        training = beside.submit(train_dialogue, settings, force=force) if dialogue else None
        if _ensure_triage_model(settings, force=force, setting_up=setting_up):
            trained.append("triage")
        if training is not None:
            training.result()
            trained.append("dialogue")
    return trained


def _ensure_triage_model(settings: Settings, *, force: bool, setting_up: bool) -> bool:
    from bot.triage.training import train

    place = settings.triage_model_dir
    stamp = place / STAMP
    examples = _files(settings.data_dir / "triage" / "training")
    words, phrases = settings.data_dir / "triage" / "words.yml", settings.data_dir / SAFETY_SET
    sources = digest([*examples, words, phrases, *sorted(TRIAGE_CODE.glob("*.py")), settings.encoder_file])
    if not force and stamp.is_file() and stamp.read_text(encoding="utf-8") == sources:
        return False
    settings.model_dir.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=settings.model_dir, prefix=".training-") as folder:
        fresh = Path(folder)
        train(settings.data_dir, fresh, settings.encoder_file, settings.model_dir / KEPT)
        missed = _unheard(settings, fresh)
        for each in missed:
            log.error("not heard: %s", each)
        usable = missed and _usable(settings)
        if missed and (usable or not setting_up):
            error = ModelError(
                f"The triage model misses {len(missed)} forms of phrases that must be heard, and is not used; see above. "
                "Add examples to data/triage/training, or patterns to data/triage/words.yml; "
                "a high HANDRAIL_OPERATING_POINT leaves phrases unheard too."
            )
            if not setting_up:
                raise error
            log.error("%s The triage model of before stays in use.", error.message)
            return False
        (fresh / UNHEARD).write_text(json.dumps(missed, ensure_ascii=False, indent=1), encoding="utf-8")
        (fresh / STAMP).write_text(sources, encoding="utf-8")
        place.mkdir(parents=True, exist_ok=True)
        for file in (*(file for file in _files(fresh) if file.name != STAMP), fresh / STAMP):
            file.replace(place / file.name)
    return True


def _usable(settings: Settings) -> bool:
    """Whether the triage model in place can be loaded, and belongs to the encoder in place."""
    from bot.triage.encoder import Encoder
    from bot.triage.model import TriageModel

    try:
        TriageModel.load(settings.triage_model_dir, Encoder.load(settings.encoder_file).digest)
    except ModelError:
        return False
    return True


def _unheard(settings: Settings, model_dir: Path) -> list[str]:
    """The forms of the safety set's phrases that a model does not hear."""
    phrases = read_phrases(settings.data_dir / SAFETY_SET)
    with ProcessPoolExecutor(os.cpu_count(), _FRESH, _listen, (settings, model_dir)) as pool:
        return [str(each) for each in unheard(lambda texts: pool.map(_cues, texts, chunksize=16), phrases)]


_detector: Detector | None = None  # of a process that looks through the safety set


def _listen(settings: Settings, model_dir: Path) -> None:
    from bot.triage.detector import Detector
    from bot.triage.encoder import Encoder
    from bot.triage.model import TriageModel
    from bot.triage.words import WordDetector

    global _detector
    words = WordDetector.load(settings.data_dir / "triage" / "words.yml")
    encoder = Encoder.load(settings.encoder_file, remember=True)  # the harmless text around the phrases is always the same
    _detector = Detector(words, encoder, TriageModel.load(model_dir, encoder.digest), settings.operating_point)


def _cues(text: str) -> tuple[str, ...]:
    assert _detector is not None
    return _detector.cues(text)


def digest(files: Iterable[Path]) -> str:
    """SHA-256, in hexadecimal, of the names and contents of files."""
    total = hashlib.sha256()
    for file in files:
        total.update(file.name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())

