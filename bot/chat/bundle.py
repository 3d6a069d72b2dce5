"""Puts the page's script modules into one file when the server starts: on a slow line twenty requests are two seconds.

Each module becomes a function that gives what it exports; they stand in the order of their imports. Only the plain forms that
the page uses are known: `import { a, b } from "./m.js"` and `export` before function, async function, class or const.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_IMPORT = re.compile(r'^import \{ ([^}]+) \} from "\./([\w-]+)\.js";\n', re.M)
_EXPORT = re.compile(r"^export ((?:async )?(?:function|class|const)\s+([\w$]+))", re.M)
_LEFT = re.compile(r"^(?:import|export)\b.*", re.M)


def bundle(sources: Mapping[str, str], entry: str) -> str:
    """One script for the module `entry` and all that it imports.

    Args:
        sources: the modules' text by name, without `.js`.

    Raises:
        ValueError: a module uses another form of import or export, or modules import each other in a circle.
    """
    parts: dict[str, str] = {}

    def add(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise ValueError(f"{' imports '.join((*above, name))}: a circle")
        if name in parts:
            return
        imports = _IMPORT.findall(sources[name])
        for _names, module in imports:
            add(module, (*above, name))
        parts[name] = _as_function(name, sources[name])

    add(entry, ())
    return "".join(parts.values())


def _as_function(name: str, source: str) -> str:
    body = _IMPORT.sub(lambda found: f"const {{ {found[1].replace(' as ', ': ')} }} = {_variable(found[2])};\n", source)
    exported = [found[1] for found in _EXPORT.findall(body)]
    body = _EXPORT.sub(r"\1", body)
    if left := _LEFT.search(body):
        raise ValueError(f"{name}.js: {left[0]!r} is a form that the bundle does not know")
    return f"const {_variable(name)} = (() => {{\n{body}return {{ {', '.join(exported)} }};\n}})();\n"


def _variable(name: str) -> str:
    return "module_" + name.replace("-", "_")
