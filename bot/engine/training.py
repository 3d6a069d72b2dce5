"""Trains the dialogue model."""

from __future__ import annotations

import io
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

from bot.engine.models import model_file
from bot.errors import ModelError
from bot.settings import ROOT, Settings


def train_dialogue(settings: Settings, *, force: bool = False) -> Path:
    """Trains when the content has changed (about 30 s, half of it Rasa's imports), and removes older models.

    Returns:
        The model's file.

    Raises:
        ModelError: the content cannot be trained from.
    """
    target = model_file(settings)
    if target.is_file() and not force:
        return target
    import bot.engine.quiet  # noqa: F401  # late: importing Rasa takes seconds

    # isort: split
    from rasa.model_training import train

    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".training-") as folder:
        with redirect_stdout(said := io.StringIO()), redirect_stderr(said):  # Rasa draws a bar for every step
            result = train(
                domain=str(ROOT / "domain.yml"),
                config=str(ROOT / "config.yml"),
                training_files=[str(settings.data_dir)],
                output=folder,
                fixed_model_name=target.name.removesuffix(".tar.gz"),
                force_training=True,
                core_additional_arguments={"augmentation_factor": 0},  # the policies only remember: no mixed stories
            )
        if result.code != 0 or result.model is None:
            raise ModelError("The dialogue model could not be trained; `rasa data validate` says why.")
        Path(result.model).replace(target)  # in one step: an engine that starts now sees the old model or the new one
    for other in target.parent.glob("*.tar.gz"):
        if other != target:
            other.unlink()
    return target
