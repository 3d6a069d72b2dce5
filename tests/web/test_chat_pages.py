"""The pages beside the chat, as the server makes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.chat.languages import choose, keys, load_languages
from bot.content.readability import grade, sentences
from bot.errors import ContentError
from bot.settings import ROOT
from bot.store import tables
from tests.web.chat_fixtures import Web, web_process

PAGES = ("/", "/safe", "/kept", "/complaints", "/elsewhere")


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    with web_process(tmp_path_factory.mktemp("web")) as running:
        yield running


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_neutral_outside_and_strict_inside(web: Web, path: str) -> None:
    answer = web.http.get(path)
    assert answer.status_code == 200
    assert re.search(r"<title>Page</title>", answer.text)
    assert '<link rel="icon" href="data:,">' in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert "set-cookie" not in answer.headers
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", answer.text)
    assert re.search(r'class="exit"[^>]*href="/exit"', answer.text)
    assert "tel:112" in answer.text or path == "/kept"


def test_what_is_kept_is_said_in_the_days_of_the_policy(web: Web) -> None:
    text = web.http.get("/kept").text
    days = web.content.policy.retention_days
    assert f"After {days['conversations']} days your words are erased." in text
    assert f"a note of that stays for {days['handoffs']} days." in text
    assert web.content.policy.who_can_read.split(".")[0] in text


@pytest.mark.parametrize("path", PAGES)
def test_every_line_reads_easily(web: Web, path: str) -> None:
    page = re.sub(r"<svg.*?</svg>|<ul>.*?</ul>|<noscript>.*?</noscript>", " ", web.http.get(path).text, flags=re.S)
    found = re.findall(r"<(?:p|h1|h2|i)\b[^>]*>(.*?)</(?:p|h1|h2|i)>", page, flags=re.S)
    lines = [re.sub(r"<[^>]+>", " ", line) for line in found]
    text = " ".join(line if line.rstrip().endswith((".", "?")) else f"{line}." for line in lines)
    assert grade(text) <= 5
    assert max(len(sentence.split()) for sentence in sentences(text)) <= 20


def test_only_our_own_page_can_have_storage_cleared(web: Web) -> None:
    ours = {"sec-fetch-site": "same-origin", "sec-fetch-dest": "document"}
    assert web.http.get("/exit", headers=ours).headers["clear-site-data"] == '"storage", "cache"'
    for other in ({}, {**ours, "sec-fetch-site": "cross-site"}, {**ours, "sec-fetch-dest": "image"}):
        answer = web.http.get("/exit", headers=other)
        assert answer.status_code == 303 and "clear-site-data" not in answer.headers


def test_the_first_load_is_small_on_the_wire(web: Web) -> None:
    page = web.http.get("/")
    names = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)
    answers = [page, *(web.http.get(name) for name in dict.fromkeys(names))]
    assert all(answer.headers["content-encoding"] == "gzip" for answer in answers)
    sizes = {answer.url.path: int(answer.headers["content-length"]) for answer in answers}
    assert sum(sizes.values()) <= 100 * 1024
    assert sum(size for name, size in sizes.items() if name.endswith(".js")) <= 50 * 1024
    plain = web.http.get("/static/chat/chat.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers and plain.text == web.http.get("/static/chat/chat.js").text


def test_the_answer_page_with_its_token_is_not_compressed(web: Web) -> None:
    answer = web.http.post("/plain", data={"text": "hello there, how are you?", "token": ""})
    assert answer.status_code == 200 and "content-encoding" not in answer.headers


@pytest.mark.parametrize("name", ["nothing.js", "..%2fpages.py", "chat.html"])
def test_only_scripts_and_styles_are_served(web: Web, name: str) -> None:
    assert web.http.get(f"/static/chat/{name}").status_code == 404


# ---- Languages


def test_a_draft_is_complete_and_not_offered(web: Web) -> None:
    drafts = load_languages(ROOT / "data", drafts=True)
    assert keys() - set(drafts["ar"].texts) == set()
    assert list(load_languages(ROOT / "data")) == ["en"]
    assert 'lang="en" dir="ltr"' in web.http.get("/?lang=ar", headers={"Accept-Language": "ar"}).text


def test_an_approved_language_that_lacks_a_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "screens").mkdir()
    file = tmp_path / "screens" / "hu.yml"
    file.write_text("name: Magyar\napproved_by: A. Lead\ntexts: {start: Kezdés}\n", encoding="utf-8")
    with pytest.raises(ContentError, match="hu.yml:1: 'ask' is missing"):
        load_languages(tmp_path)
    file.write_text("name: Magyar\ntexts: {strat: Kezdés}\n", encoding="utf-8")
    with pytest.raises(ContentError, match="there is no text 'strat'"):
        load_languages(tmp_path)


@pytest.mark.parametrize(
    ("wanted", "accepted", "locale"),
    [(None, "ar-EG,en;q=0.5", "ar"), ("en", "ar", "en"), ("xx", "fr, ar;q=0.9", "ar"), (None, "", "en"), ("ar-SA", "", "ar")],
)
def test_the_language_asked_for_comes_before_the_browser_s(wanted: str | None, accepted: str, locale: str) -> None:
    assert choose(load_languages(ROOT / "data", drafts=True), wanted, accepted).locale == locale


def test_the_desk_learns_the_language_of_a_chat(web: Web) -> None:
    chat = web.chat(locale="en")
    assert web.http.post("/api/chat/language", json={"locale": "ar"}, headers=chat.auth).status_code == 204
    (row,) = web.rows(tables.conversations, tables.conversations.c.id == chat.id)
    assert row.locale == "ar"
    for wrong in ("", "no such language", 3, None):
        assert web.http.post("/api/chat/language", json={"locale": wrong}, headers=chat.auth).status_code == 422
