"""How the chat looks from outside, and which sites may show it: `data/appearance.yml`."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from bot.chat.languages import keys
from bot.content.check import FEWEST_WORDS_GRADED, HARDEST_GRADE, LONGEST_SENTENCE
from bot.content.readability import grade, sentences, words
from bot.errors import ContentError
from bot.http.limits import CONTENT_SECURITY_POLICY

FILE = "appearance.yml"
EMBED = Path(__file__).parent / "embed.js"
CONTRAST = 4.5  # WCAG 2.2, 1.4.3
GROUNDS = {"light": "#fbfcf9", "dark": "#152225"}  # --surface of tokens.css
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
ICONS = {".svg": "image/svg+xml", ".png": "image/png"}
LARGEST_ICON = 32 * 1024  # bytes
_KEYS = {"title", "icon", "name", "button", "sites", "colours", "complaints_to", "texts"}


@dataclass(frozen=True, slots=True)
class Appearance:
    """What the operator settled.

    Attributes:
        icon: of the browser's tab, a file's bytes; None for an empty picture.
        icon_kind: its media type.
        texts: of the English pages, by their key, in place of those in the templates.
        sites: origins that may frame the chat.
        colours: by scheme ("light", "dark"): `press` and `on_press`, six hex digits each.
    """

    title: str = "Page"
    name: str = ""
    button: str = "Chat"
    sites: tuple[str, ...] = ()
    colours: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    complaints_to: str = ""
    icon: bytes | None = None
    icon_kind: str = ""
    texts: Mapping[str, str] = field(default_factory=dict)

    @property
    def security_policy(self) -> str:
        """The chat page's policy: as strict as everywhere, but that the named sites may frame it."""
        ancestors = " ".join(self.sites) or "'none'"
        return CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", f"frame-ancestors {ancestors}")

    @property
    def stylesheet(self) -> str:
        """The operator's colours as tokens; empty where there are none."""
        rules = []
        for scheme, colours in self.colours.items():
            tokens = f"--act: {colours['press']}; --act-strong: {colours['press']}; --on-act: {colours['on_press']}; "
            tokens += f"--link: {colours['press']};"
            rules.append(f"@media (prefers-color-scheme: {scheme}) and (forced-colors: none) {{ :root {{ {tokens} }} }}")
        return "\n".join(rules)

    def embed_script(self, words: Mapping[str, str]) -> str:
        """The script for other sites; `words` are "leave" and "close" in the reader's language."""
        light = self.colours.get("light", {})
        look = {"title": self.title, "button": self.button, "press": light.get("press"), "onPress": light.get("on_press")}
        return EMBED.read_text(encoding="utf-8").replace("/* LOOK */ {}", json.dumps({**look, **words}))


def load_appearance(data_dir: Path) -> Appearance:
    """The settled appearance; the neutral one where there is no file. Raises `ContentError`."""
    file = data_dir / FILE
    if not file.is_file():
        return Appearance()
    try:
        raw = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise ContentError([f"{FILE}:1: this is no YAML."]) from error
    if not isinstance(raw, dict):
        raise ContentError([f"{FILE}:1: must hold `title:`, `sites:` and so on."])
    problems = [f"{FILE}:1: there is no '{key}'. Known: {', '.join(sorted(_KEYS))}." for key in sorted(set(raw) - _KEYS)]
    problems += [problem for site in raw.get("sites") or [] for problem in _site_problems(site)]
    problems += [problem for scheme, pair in (raw.get("colours") or {}).items() for problem in _colour_problems(scheme, pair)]
    icon, wrong_icon = _icon(data_dir, raw.get("icon") or "")
    problems += [*wrong_icon, *_text_problems(raw.get("texts") or {})]
    if problems:
        raise ContentError(problems)
    return Appearance(
        title=str(raw.get("title") or "Page"),
        name=str(raw.get("name") or ""),
        button=str(raw.get("button") or "Chat"),
        sites=tuple(raw.get("sites") or ()),
        colours=raw.get("colours") or {},
        complaints_to=str(raw.get("complaints_to") or ""),
        icon=icon,
        icon_kind=ICONS.get(Path(str(raw.get("icon") or "")).suffix, ""),
        texts=raw.get("texts") or {},
    )


def _icon(data_dir: Path, name: Any) -> tuple[bytes | None, list[str]]:
    if not name:
        return None, []
    file = data_dir / str(name)
    if Path(str(name)).name != name or file.suffix not in ICONS or not file.is_file():
        return None, [f"{FILE}:1: `icon` must name an .svg or .png file beside this one; {name!r} is none."]
    content = file.read_bytes()
    if len(content) > LARGEST_ICON:
        return None, [f"{FILE}:1: `icon` has {len(content)} bytes; at most {LARGEST_ICON} are allowed on a slow line."]
    return content, []


def _text_problems(texts: Any) -> list[str]:
    if not isinstance(texts, dict) or not all(isinstance(text, str) and text.strip() for text in texts.values()):
        return [f"{FILE}:1: `texts` has a text for each key, in quotes."]
    problems = [f"{FILE}:1: texts: there is no text '{key}'." for key in sorted(set(map(str, texts)) - keys())]
    for key, text in texts.items():
        longest = max(map(words, sentences(text)), default=0)
        if longest > LONGEST_SENTENCE:
            problems.append(f"{FILE}:1: texts: '{key}' has a sentence of {longest} words; {LONGEST_SENTENCE} are the most.")
        if words(text) >= FEWEST_WORDS_GRADED and grade(text) > HARDEST_GRADE:
            problems.append(f"{FILE}:1: texts: '{key}' reads at grade {grade(text):.1f}; at most {HARDEST_GRADE:.0f}.")
    return problems


def _site_problems(site: Any) -> list[str]:
    parts = urlsplit(site) if isinstance(site, str) else urlsplit("")
    local = parts.hostname in {"localhost", "127.0.0.1"}
    if parts.scheme == "https" or (parts.scheme == "http" and local):
        if parts.netloc and site == f"{parts.scheme}://{parts.netloc}" and not set(site) & set("*;, '\""):
            return []
    return [f"{FILE}:1: site {site!r} must be an origin such as https://www.example.org, without a path."]


def _colour_problems(scheme: Any, pair: Any) -> list[str]:
    if scheme not in GROUNDS or not isinstance(pair, dict) or set(pair) != {"press", "on_press"}:
        return [f"{FILE}:1: `colours` has `light` and `dark`, each with `press` and `on_press`."]
    if not all(isinstance(colour, str) and _HEX.fullmatch(colour) for colour in pair.values()):
        return [f"{FILE}:1: {scheme}: a colour is six hex digits in quotes, such as \"#0e504b\"."]
    pairs = {"on_press on press": (pair["on_press"], pair["press"]), "press on the page": (pair["press"], GROUNDS[scheme])}
    return [
        f"{FILE}:1: {scheme}: the contrast of {what} is {contrast(*colours):.1f}; {CONTRAST} is needed. Take another."
        for what, colours in pairs.items()
        if contrast(*colours) < CONTRAST
    ]


def contrast(one: str, other: str) -> float:
    """WCAG 2.x contrast of two colours in six hex digits, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
