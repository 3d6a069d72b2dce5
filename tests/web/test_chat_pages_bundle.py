"""The modules of the page in one file."""

from __future__ import annotations

import pytest

from bot.chat.bundle import bundle


def test_modules_stand_once_and_before_those_that_import_them() -> None:
    script = bundle(
        {
            "a": 'import { b } from "./b.js";\nimport { c as d } from "./c.js";\nb(d);\n',
            "b": 'import { c } from "./c.js";\nexport function b(x) {\n  return x + c;\n}\n',
            "c": "export const c = 1;\n",
            "unused": "export const u = 1;\n",
        },
        "a",
    )
    assert script.count("module_c = ") == 1 and "unused" not in script
    assert script.index("module_c = ") < script.index("module_b = ") < script.index("module_a = ")
    assert "const { c: d } = module_c;" in script and "return { b };" in script


@pytest.mark.parametrize("line", ["export default 1;", 'import x from "./c.js";', 'import "./c.js";', "export let x = 1;"])
def test_a_form_that_is_not_known_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="a.js"):
        bundle({"a": f"{line}\n", "c": ""}, "a")


def test_a_circle_is_refused() -> None:
    with pytest.raises(ValueError, match="a imports b imports a"):
        bundle({"a": 'import { b } from "./b.js";\n', "b": 'import { a } from "./a.js";\n'}, "a")
