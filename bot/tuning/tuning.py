"""Tunes all of the encoder on our messages and questions at once, and writes the file that is shipped.

Both kinds share one encoder: what it learns about slang and misspelling from the one helps the other, and only one model is
in memory. Messages held back (`bot.triage.examples.held_back`) are never seen here: thresholds are set on them afterwards.
"""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf
from tokenizers import Tokenizer

from bot.triage.encoder import package_model_dir, package_weights, write_encoder
from bot.triage.model import HEADS
from bot.tuning.examples import Item, disturbed, messages, questions
from bot.tuning.network import Network

LENGTHS = (16, 32, 64, 112)  # tokens; batches are filled up to one of these, so that few shapes are compiled
LONGEST = LENGTHS[-1]


@dataclass(frozen=True, slots=True)
class Plan:
    """How the encoder is tuned; chosen on held-back messages, see docs/evaluation.md."""

    epochs: int = 3
    batch: int = 32
    rate: float = 1e-4
    reader_rate: float = 2e-3
    warm_up: float = 0.08  # share of all steps
    decay: float = 0.01  # of weights, at each step, times the rate (AdamW, Loshchilov & Hutter 2019)
    disturbed: float = 0.3  # share of texts with slips, and of messages with small talk around them
    positive: float = 2.0  # what a cue that is there weighs against one that is not: missing costs more
    intents: float = 0.5  # weight of the questions' loss
    smoothing: float = 0.1  # of the intents' labels
    seed: int = 7


def tune(data_dir: Path, target: Path, plan: Plan, say: Callable[[str], None]) -> dict[str, Any]:
    """Tunes from the package's weights and writes the ONNX file, 8-bit, to `target`, its tokenizer and record beside it.

    Returns:
        The record: plan, data, losses, seconds, checksum.
    """
    started = time.monotonic()
    tf.random.set_seed(plan.seed)
    chance = random.Random(plan.seed)
    told, calm = messages(data_dir)
    asked, names = questions(data_dir)
    tokenizer = Tokenizer.from_file(str(package_model_dir() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    network = Network(package_weights(), len(HEADS), len(names), plan.seed)
    items = [*told, *asked]
    step = _step(network, plan, plan.epochs * -(-len(items) // plan.batch))
    losses = []
    for epoch in range(plan.epochs):
        texts = [disturbed(item, calm, chance, plan.disturbed) for item in items]
        total, count = 0.0, 0
        for rows in _batches([len(text) for text in texts], plan.batch, chance):
            total += float(step(*_tensors([items[row] for row in rows], [texts[row] for row in rows], tokenizer)))
            count += 1
            if count % 50 == 0:
                done = min((epoch + count * plan.batch / len(items)) / plan.epochs, 1.0)
                say(f"{done:.0%}, epoch {epoch + 1}, loss {total / count:.3f}, {time.monotonic() - started:.0f} s")
        losses.append(round(total / count, 4))
    tuned = {name: variable.numpy() for name, variable in network.encoder.items()}
    write_encoder(tuned, target)
    record = {
        "plan": asdict(plan),
        "messages": len(told),
        "questions": len(asked),
        "intents": len(names),
        "losses": losses,
        "seconds": round(time.monotonic() - started),
        "sha256": hashlib.sha256(target.read_bytes()).hexdigest(),
    }
    target.with_suffix(".json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return record


def _step(network: Network, plan: Plan, steps: int) -> Callable[..., Any]:
    encoder, readers = list(network.encoder.values()), list(network.readers.values())
    slow = tf.keras.optimizers.AdamW(_Schedule(plan.rate, steps, plan.warm_up), weight_decay=plan.decay)
    fast = tf.keras.optimizers.AdamW(_Schedule(plan.reader_rate, steps, plan.warm_up), weight_decay=plan.decay)
    slow.build(encoder)
    fast.build(readers)

    @tf.function(autograph=False)  # type: ignore[untyped-decorator]
    def step(ids: Any, mask: Any, cues: Any, labelled: Any, intents: Any) -> Any:
        with tf.GradientTape() as tape:
            cue_scores, intent_scores = network.scores(ids, mask, training=True)
            each = tf.nn.weighted_cross_entropy_with_logits(cues, cue_scores, plan.positive)
            told = tf.reduce_sum(tf.reduce_sum(each, axis=1) * labelled) / 5.0
            wanted = tf.one_hot(intents, intent_scores.shape[1])
            wanted = wanted * (1 - plan.smoothing) + plan.smoothing / intent_scores.shape[1]
            asked = tf.reduce_sum(tf.nn.softmax_cross_entropy_with_logits(wanted, intent_scores) * (1 - labelled))
            loss = (told + plan.intents * asked) / tf.cast(tf.shape(ids)[0], tf.float32)
        gradients = tape.gradient(loss, [*encoder, *readers])
        gradients, _ = tf.clip_by_global_norm([tf.convert_to_tensor(gradient) for gradient in gradients], 1.0)
        slow.apply_gradients(zip(gradients[: len(encoder)], encoder, strict=True))
        fast.apply_gradients(zip(gradients[len(encoder) :], readers, strict=True))
        return loss

    return step  # type: ignore[no-any-return]


class _Schedule(tf.keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
    """Up in a straight line, then down to nothing."""

    def __init__(self, rate: float, steps: int, warm_up: float) -> None:
        self._rate, self._steps, self._warm_up = rate, float(steps), warm_up

    def __call__(self, step: Any) -> Any:
        done = tf.cast(step, tf.float32) / self._steps
        return self._rate * tf.minimum(done / self._warm_up, 1.0) * tf.maximum(1.0 - done, 0.0)


def _batches(lengths: Sequence[int], size: int, chance: random.Random) -> Iterator[list[int]]:
    """Rows in random order, but texts of like length together, so that little is filled up."""
    rows = list(range(len(lengths)))
    chance.shuffle(rows)
    groups = [sorted(rows[start : start + size * 20], key=lengths.__getitem__) for start in range(0, len(rows), size * 20)]
    batches = [group[start : start + size] for group in groups for start in range(0, len(group), size)]
    chance.shuffle(batches)
    yield from batches


def _tensors(items: Sequence[Item], texts: Sequence[str], tokenizer: Tokenizer) -> tuple[Any, ...]:
    token_ids = [_fitting(encoding.ids) for encoding in tokenizer.encode_batch(list(texts))]
    longest = max(map(len, token_ids))
    length = next(length for length in LENGTHS if length >= longest)
    ids: npt.NDArray[np.int32] = np.zeros((len(items), length), dtype=np.int32)
    mask: npt.NDArray[np.bool_] = np.zeros((len(items), length), dtype=bool)
    for row, tokens in enumerate(token_ids):
        ids[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = True
    nothing = np.zeros(len(HEADS), dtype=np.float32)
    cues = np.stack([nothing if item.cues is None else item.cues for item in items])
    labelled = np.array([item.cues is not None for item in items], dtype=np.float32)
    intents = np.array([item.intent for item in items], dtype=np.int32)
    return tuple(map(tf.constant, (ids, mask, cues, labelled, intents)))


def _fitting(ids: list[int]) -> list[int]:
    return ids if len(ids) <= LONGEST else [*ids[: LONGEST - 1], ids[-1]]
