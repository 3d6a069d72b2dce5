"""The chat without JavaScript: what the form takes and what its page shows, press by press."""

from __future__ import annotations

import html
import re

from sqlalchemy import Connection, select

from bot.store import tables, transcript
from tests.web.chat_fixtures import Web

QUESTION = "how do i know if a modelling job is fake?"


def said(connection: Connection) -> list[tuple[str, str]]:
    """Sender and text of every message there is."""
    chats = connection.execute(select(tables.conversations.c.id)).scalars().all()
    return [(row.sender, row.text) for chat in chats for row in transcript.messages_after(connection, chat)]


class Plain:
    """Somebody at the form: sends what the page before gave them."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.page = web.http.get("/").text
        self.fields = {"token": ""}

    def send(self, text: str = "", press: str = "") -> str:
        answer = self.web.http.post("/plain", data={**self.fields, "text": text, "press": press})
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        self.page = answer.text
        self.fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', self.page))
        return html.unescape(self.page)

    @property
    def presses(self) -> list[str]:
        return re.findall(r'name="press" value="([^"]*)"', self.page)

    @property
    def speakers(self) -> list[str]:
        found = re.findall(r'<p class="speaker">(.*?)</p>', self.page)
        return [re.sub(r"<[^>]+>", "", one) for one in found]


def test_a_person_is_one_press_away_from_the_first_page_on(web: Web) -> None:
    plain = Plain(web)
    assert plain.presses == ["person:ask"]

    plain.send(press="person:ask")

    (handoff,) = web.rows(tables.handoffs)
    assert handoff.state == "waiting"
    (chat,) = web.rows(tables.conversations)
    assert chat.limits_version == web.content.policy.version  # the page with the form has shown who reads along
    assert "person:not_now" in plain.presses
    assert "person:ask" not in plain.presses

    plain.send(press="person:not_now")
    assert "person:ask" in plain.presses


def test_what_the_bot_offers_can_be_pressed(web: Web) -> None:
    plain = Plain(web)
    plain.send(QUESTION)
    assert "person:ask" in plain.presses and "look" in plain.presses

    page = plain.send(press="person:ask")

    assert [handoff.state for handoff in web.rows(tables.handoffs)] == ["waiting"]
    assert QUESTION not in page


def test_words_that_were_typed_go_with_a_press(web: Web) -> None:
    plain = Plain(web)
    plain.send(QUESTION, press="person:ask")

    rows = web.store.read_now(said)
    assert [text for sender, text in rows if sender == "young_person"][0] == QUESTION
    assert [handoff.state for handoff in web.rows(tables.handoffs)] == ["waiting"]


def test_a_person_s_words_bear_their_name_and_are_found_by_looking_again(web: Web) -> None:
    plain = Plain(web)
    plain.send(press="person:ask")
    sam, handoff = web.counsellor(), web.rows(tables.handoffs)[0].id
    web.accept(handoff, sam)
    web.write_as_person(handoff, sam, "Hi, I am Sam.")

    page = plain.send("half a word", press="look")

    assert "Hi, I am Sam." in page
    assert plain.speakers[-1] == "Sam · person"
    assert "half a word" in page  # stands in the field, and was not sent
    assert "No answer yet" in plain.send(press="look")
    assert [text for sender, text in web.store.read_now(said) if text == "half a word"] == []


def test_a_chat_that_is_not_open_any_more_costs_no_words(web: Web) -> None:
    plain = Plain(web)
    plain.fields = {"token": "gone", "after": "7"}

    page = plain.send(QUESTION)

    assert QUESTION in page and "Not sent" in page
    assert plain.fields == {"token": "", "after": "0"}
    assert "The answer" in plain.send(QUESTION)


def test_an_empty_form_and_a_press_that_was_not_offered_are_refused_in_plain_words(web: Web) -> None:
    plain = Plain(web)
    assert "Type something first." in plain.send()
    assert "Not sent" in plain.send(press="/never_offered")
    plain.fields["after"] = "1e99"
    assert "The answer" in plain.send(QUESTION)
