"""The operator's appearance: neutral unless settled, and refused where it would harm."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from bot.app import create_app
from bot.chat.appearance import Appearance, contrast, load_appearance
from bot.errors import ContentError
from bot.http.limits import CONTENT_SECURITY_POLICY
from bot.settings import ROOT
from tests.database import fresh_database
from tests.web.chat_fixtures import FakeEngine, running, settings_for

NOT_NEEDED = shutil.ignore_patterns("training", "evaluation", "encoder")  # of data/, and large


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


def test_an_icon_is_served_and_what_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mark.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    look = settled(tmp_path, "icon: mark.svg")
    assert (look.icon or b"").startswith(b"<svg") and look.icon_kind == "image/svg+xml"
    (tmp_path / "large.png").write_bytes(bytes(40_000))
    for wrong in ("large.png", "missing.svg", "../mark.svg", "appearance.yml", "3"):
        with pytest.raises(ContentError, match="icon"):
            settled(tmp_path, f"icon: {wrong}")


def test_texts_take_the_place_of_ours_and_hard_ones_are_refused(tmp_path: Path) -> None:
    assert settled(tmp_path, 'texts: {start_title: "You can talk to us."}').texts == {"start_title": "You can talk to us."}
    hard = "Confidentiality considerations occasionally necessitate institutional notification of local safeguarding teams."
    for wrong, message in (
        ('{start_titel: "You can talk."}', "no text 'start_titel'"),
        (f'{{start_lead: "{hard}"}}', "grade"),
        (f'{{start_lead: "{"we go on " * 7}so."}}', "22 words"),
        ("{start_lead: 3}", "in quotes"),
        ("[start_lead]", "in quotes"),
    ):
        with pytest.raises(ContentError, match=message):
            settled(tmp_path, f"texts: {wrong}")


def test_name_icon_colours_and_texts_stand_in_the_page(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(ROOT / "data", data, ignore=NOT_NEEDED)
    (data / "mark.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    colours = '{light: {press: "#0b3d91", on_press: "#ffffff"}}'
    text = f'title: Chat\nicon: mark.svg\nname: Example Line\ncolours: {colours}\ntexts: {{start_title: "You can talk to us."}}\n'
    (data / "appearance.yml").write_text(text, encoding="utf-8")
    with fresh_database(tmp_path) as url:
        app = create_app(replace(settings_for(tmp_path, url), data_dir=data), FakeEngine().carry)
        with running(app) as address, httpx.Client(base_url=address) as http:
            page, look, icon = (http.get(path) for path in ("/", "/look.css", "/icon"))

    assert "<title>Chat</title>" in page.text and 'rel="icon" href="/icon"' in page.text
    assert "Example Line" in page.text and "You can talk to us." in page.text and "You can talk here." not in page.text
    assert "#0b3d91" in look.text
    assert icon.headers["content-type"] == "image/svg+xml" and icon.text.startswith("<svg")


def test_a_mistake_in_it_stops_the_start(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(ROOT / "data", data, ignore=NOT_NEEDED)
    (data / "appearance.yml").write_text("tittle: Page\n", encoding="utf-8")
    with pytest.raises(ContentError, match="tittle"):
        create_app(replace(settings_for(tmp_path, f"sqlite:///{tmp_path}/none.db"), data_dir=data))


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_an_unknown_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="there is no 'tittle'"):
        settled(tmp_path, "tittle: Page")


def test_words_cannot_break_out_of_the_script() -> None:
    script = Appearance(title='"); alert(1); ("').embed_script({"leave": "Leave", "close": "Close"})
    assert '\\"); alert(1); (\\"' in script and "/* LOOK */" not in script
