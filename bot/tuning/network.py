"""all-MiniLM-L6-v2 in TensorFlow, so that all of it can be trained. `bot.triage.encoder` writes what comes out as ONNX.

The layers are those of BERT (Devlin et al. 2019); the embedding is the mean over the tokens, of length 1. Products are
computed in bfloat16, sums and norms in float32; the weights themselves are float32.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from bot.triage.encoder import DIMENSIONS, HEAD_SIZE, HEADS, LAYERS

Floats = npt.NDArray[np.float32]

DROPOUT = 0.1
SHARPNESS = 16.0  # an embedding has length 1: scores are this many times its products
PRODUCTS = tf.bfloat16


class Network:
    """The encoder with two linear readers on top: cues (each by itself) and intents (one of many).

    Args:
        weights: the encoder's, by their names in the package's file.
        cues, intents: how many of each.
    """

    def __init__(self, weights: Mapping[str, Floats], cues: int, intents: int, seed: int) -> None:
        kept = {name: value for name, value in weights.items() if not name.startswith("pooler")}
        self.encoder = {name: tf.Variable(value, name=name, dtype=tf.float32) for name, value in kept.items()}
        start = tf.random_normal_initializer(stddev=0.02, seed=seed)
        self.readers = {
            "cues": tf.Variable(start((DIMENSIONS, cues))),
            "cues_bias": tf.Variable(tf.fill((cues,), -2.0)),
            "intents": tf.Variable(start((DIMENSIONS, intents))),
            "intents_bias": tf.Variable(tf.zeros((intents,))),
        }

    def embed(self, ids: Any, mask: Any, *, training: bool = False) -> Any:
        """Embeddings (batch, 384) of token ids (batch, length); `mask` is True where there is a token."""
        w = self.encoder
        length = tf.shape(ids)[1]
        hidden = tf.gather(w["embeddings.word_embeddings.weight"], ids)
        hidden += w["embeddings.position_embeddings.weight"][:length] + w["embeddings.token_type_embeddings.weight"][0]
        hidden = _drop(self._norm(hidden, "embeddings.LayerNorm"), training)
        unseen = tf.where(mask[:, None, None, :], 0.0, -1e9)
        for layer in range(LAYERS):
            hidden = self._layer(hidden, unseen, f"encoder.layer.{layer}.", training)
        seen = tf.cast(mask, tf.float32)[..., None]
        mean = tf.reduce_sum(hidden * seen, axis=1) / tf.reduce_sum(seen, axis=1)
        return tf.math.l2_normalize(mean, axis=-1)

    def scores(self, ids: Any, mask: Any, *, training: bool = False) -> tuple[Any, Any]:
        """Scores before any squashing: (batch, cues) and (batch, intents)."""
        embedding = _drop(self.embed(ids, mask, training=training), training) * SHARPNESS
        r = self.readers
        return embedding @ r["cues"] + r["cues_bias"], embedding @ r["intents"] + r["intents_bias"]

    def _layer(self, hidden: Any, unseen: Any, name: str, training: bool) -> Any:
        shape = tf.shape(hidden)
        parts = []
        for part in ("query", "key", "value"):
            split = tf.reshape(self._dense(hidden, f"{name}attention.self.{part}"), (shape[0], shape[1], HEADS, HEAD_SIZE))
            parts.append(tf.transpose(split, (0, 2, 1, 3)))
        query, key, value = (tf.cast(part, PRODUCTS) for part in parts)
        likeness = tf.cast(tf.matmul(query, key, transpose_b=True), tf.float32) / math.sqrt(HEAD_SIZE)
        mixed = tf.matmul(tf.cast(tf.nn.softmax(likeness + unseen), PRODUCTS), value)
        joined = tf.cast(tf.reshape(tf.transpose(mixed, (0, 2, 1, 3)), shape), tf.float32)
        attended = _drop(self._dense(joined, f"{name}attention.output.dense"), training)
        hidden = self._norm(hidden + attended, f"{name}attention.output.LayerNorm")
        wide = tf.nn.gelu(self._dense(hidden, f"{name}intermediate.dense"))
        narrow = _drop(self._dense(wide, f"{name}output.dense"), training)
        return self._norm(hidden + narrow, f"{name}output.LayerNorm")

    def _dense(self, inputs: Any, name: str) -> Any:
        """`inputs @ weight.T + bias`, with the weight as torch stores it."""
        weight = self.encoder[f"{name}.weight"]
        shape = tf.shape(inputs)
        flat = tf.cast(tf.reshape(inputs, (-1, weight.shape[1])), PRODUCTS)
        product = tf.cast(tf.matmul(flat, tf.cast(weight, PRODUCTS), transpose_b=True), tf.float32)
        return tf.reshape(product + self.encoder[f"{name}.bias"], (shape[0], shape[1], weight.shape[0]))

    def _norm(self, inputs: Any, name: str) -> Any:
        mean, variance = tf.nn.moments(inputs, axes=-1, keepdims=True)
        normed = (inputs - mean) * tf.math.rsqrt(variance + 1e-12)
        return normed * self.encoder[f"{name}.weight"] + self.encoder[f"{name}.bias"]


def _drop(inputs: Any, training: bool) -> Any:
    return tf.nn.dropout(inputs, DROPOUT) if training else inputs
