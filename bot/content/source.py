"""YAML with line numbers, so that every complaint can say where.

PyYAML's C parser is fast enough to read all content in a fraction of a second, but its loader keeps no lines and lets the
last of two equal keys win. So files are composed to nodes and turned into `Block` and `Row` here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bot.content.problem import Problem

# Without libyaml it is slower, otherwise the same.
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Block(dict[str, Any]):
    """A mapping that knows its lines: `line` of itself, `lines` of its keys, both counted from 1."""

    line: int = 1
    lines: dict[str, int]

    def line_of(self, key: str) -> int:
        return self.lines.get(key, self.line)


class Rows(list[Any]):
    """A sequence that knows its lines: `line` of itself, `lines` of its items."""

    line: int = 1
    lines: list[int]

    def numbered(self) -> Iterator[tuple[Any, int]]:
        return zip(self, self.lines, strict=True)


@dataclass
class Source:
    """One file while it is read: its content, and the complaints about it.

    Attributes:
        name: path below the data folder, as complaints give it.
        root: the file's content; empty when it could not be read.
    """

    name: str
    root: Block
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, line: int, message: str) -> None:
        self.problems.append(Problem(self.name, line, message))

    def refuse_unknown_keys(self, block: Block, known: Collection[str], what: str) -> None:
        for key in block:
            if key not in known:
                self.refuse(block.line_of(key), f"{what} has no key '{key}'. Known keys: {', '.join(known)}.")

    def text(self, block: Block, key: str, what: str, *, default: str | None = None) -> str:
        """A text that must be there, unless there is a default."""
        value = block.get(key, default)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not (value.strip() or default is not None):
            self.refuse(block.line_of(key), f"{what} needs a text for '{key}'.")
            return default or ""
        return value.strip()

    def choice(self, block: Block, key: str, what: str, allowed: Collection[str]) -> str:
        """A text out of a closed list; the first of the list where it is none of them."""
        value = block.get(key)
        if isinstance(value, str) and value in allowed:
            return value
        self.refuse(block.line_of(key), f"{what}: '{key}' must be one of {', '.join(allowed)}; it is {value!r}.")
        return next(iter(allowed))

    def texts(self, block: Block, key: str, what: str, allowed: Collection[str] | None = None) -> tuple[str, ...]:
        """A list of texts, perhaps out of a closed list; empty when the key is missing."""
        value = block.get(key, [])
        if not isinstance(value, list) or any(not isinstance(item, str) for item in value):
            self.refuse(block.line_of(key), f"{what}: '{key}' must be a list of words.")
            return ()
        for item in value:
            if allowed is not None and item not in allowed:
                self.refuse(block.line_of(key), f"{what}: '{item}' is not known under '{key}'. Known: {', '.join(allowed)}.")
        return tuple(value)


def read(data_dir: Path, path: Path, *, only: str | None = None) -> Source:
    """Reads one YAML file whose top is a mapping. Never raises for what is in it: see `Source.problems`.

    Args:
        data_dir: the folder that complaints count from.
        only: read the value of this top key alone; the others are parsed and dropped.
    """
    source = Source(path.relative_to(data_dir).as_posix(), _block({}, 1))
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
    except OSError as error:
        source.refuse(1, f"The file cannot be read ({error.strerror or error}).")
        return source
    except UnicodeDecodeError:
        source.refuse(1, "The file is not UTF-8 text. Save it as UTF-8.")
        return source
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "it cannot be parsed"
        line = mark.line + 1 if mark is not None else 1
        source.refuse(line, f"This is not valid YAML: {reason}. Look at this line and the one above.")
        return source
    if node is None:
        return source
    if not isinstance(node, yaml.MappingNode):
        source.refuse(node.start_mark.line + 1, "The file must start with keys such as `version:`.")
        return source
    if only is not None:
        node.value = [(key, value) for key, value in node.value if key.value == only]
    source.root = _convert(node, source, yaml.constructor.SafeConstructor())
    return source


def _convert(node: yaml.Node, source: Source, scalars: yaml.constructor.SafeConstructor) -> Any:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        block = _block({}, line)
        for key, value in node.value:
            if key.value in block:
                source.refuse(key.start_mark.line + 1, f"'{key.value}' stands here twice. Keep one.")
            block[str(key.value)] = _convert(value, source, scalars)
            block.lines[str(key.value)] = key.start_mark.line + 1
        return block
    if isinstance(node, yaml.SequenceNode):
        rows = Rows(_convert(item, source, scalars) for item in node.value)
        rows.line, rows.lines = line, [item.start_mark.line + 1 for item in node.value]
        return rows
    try:
        return scalars.construct_object(node)
    except (yaml.YAMLError, ValueError) as error:
        source.refuse(line, f"This value cannot be read: {error}.")
        return None


def _block(values: dict[str, Any], line: int) -> Block:
    block = Block(values)
    block.line, block.lines = line, {}
    return block

