"""The operator's appearance: neutral unless settled, and refused where it would harm."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.chat.appearance import Appearance, contrast, load_appearance
from bot.errors import ContentError
from bot.http.limits import CONTENT_SECURITY_POLICY
from bot.settings import ROOT


def settled(tmp_path: Path, text: str) -> Appearance:
    (tmp_path / "appearance.yml").write_text(text, encoding="utf-8")
    return load_appearance(tmp_path)


def test_the_shipped_appearance_is_neutral_and_lets_nobody_frame_the_chat() -> None:
    shipped = load_appearance(ROOT / "data")
    assert shipped == Appearance()
    assert shipped.security_policy == CONTENT_SECURITY_POLICY


def test_only_named_sites_may_frame_the_chat(tmp_path: Path) -> None:
    look = settled(tmp_path, "sites: [https://www.example.org]")
    assert look.security_policy.endswith("frame-ancestors https://www.example.org")
    assert "unsafe" not in look.security_policy


@pytest.mark.parametrize(
    "site", ["*", "https://*.org", "http://example.org", "https://example.org/help", "https://a.org; script-src *", 3]
)
def test_a_site_that_is_no_origin_is_refused(tmp_path: Path, site: object) -> None:
    with pytest.raises(ContentError, match="must be an origin"):
        settled(tmp_path, f"sites: [{site!r}]")


@pytest.mark.parametrize(
    "colours",
    [
        '{light: {press: "#ffff00", on_press: "#ffffff"}}',
        '{dark: {press: "#0e504b", on_press: "#ffffff"}}',
        '{light: {press: "red", on_press: "#ffffff"}}',
        '{light: {press: "#0e504b; } body { display: none", on_press: "#ffffff"}}',
        '{light: {press: "#0e504b"}}',
        "{blue: {}}",
    ],
)
def test_colours_that_cannot_be_read_are_refused(tmp_path: Path, colours: str) -> None:
    with pytest.raises(ContentError):
        settled(tmp_path, f"colours: {colours}")


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_an_unknown_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="there is no 'tittle'"):
        settled(tmp_path, "tittle: Page")


def test_words_cannot_break_out_of_the_script() -> None:
    script = Appearance(title='"); alert(1); ("').embed_script({"leave": "Leave", "close": "Close"})
    assert '\\"); alert(1); (\\"' in script and "/* LOOK */" not in script
