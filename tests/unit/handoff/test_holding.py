"""What holds a counsellor's message, and what does not."""

from __future__ import annotations

import pytest

from bot.content import Content
from bot.handoff.holding import Kind, held_for


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Call me on 07700 900123", Kind.PHONE),
        ("My number is +44 (0)7700-900-123.", Kind.PHONE),
        ("07700.900.123", Kind.PHONE),
        ("it is oh seven seven double oh nine one two three", Kind.PHONE),
        ("you can ring 0 7 7 0 0 9 0 0 1 2 3", Kind.PHONE),
        ("Write to sam.helper@example.com", Kind.HANDLE),
        ("sam.helper (at) example.com", Kind.HANDLE),
        ("I am @sam_helps", Kind.HANDLE),
        ("sam#1234", Kind.HANDLE),
        ("add me on snapchat, it is easier", Kind.HANDLE),
        ("my insta is samhelps", Kind.HANDLE),
        ("snap: samhelps", Kind.HANDLE),
        ("Look at https://example.com/help", Kind.LINK),
        ("www.example.net has more", Kind.LINK),
        ("go to bit.ly/abc", Kind.LINK),
        ("https://www.childline.org.uk@example.com/x", Kind.LINK),
        ("childline.org.uk.example.com", Kind.LINK),
        ("We could meet at the station", Kind.MEETING),
        ("let's meet up tomorrow", Kind.MEETING),
        ("Meet me outside the library", Kind.MEETING),
        ("see you at the park at five", Kind.MEETING),
        ("you can come to my flat", Kind.MEETING),
        ("I can pick you up", Kind.MEETING),
        ("I will come to you", Kind.MEETING),
        ("I am at 12 Mill Lane", Kind.MEETING),
    ],
)
def test_a_way_out_of_the_chat_holds_a_message(content: Content, text: str, kind: Kind) -> None:
    assert kind in {finding.kind for finding in held_for(text, content.directory)}


@pytest.mark.parametrize(
    "text",
    [
        "Please call 112 or 999 now.",
        "Childline is 0800 1111. It is free.",
        "You can call 116 111 or 0800 1111, day and night.",
        "Their page is https://www.childline.org.uk/get-support/ and it is good.",
        "childline.org.uk has more.",
        "Please do not meet him at the station.",
        "Where were you going to meet him?",
        "Did he say where to meet?",
        "You are 14, and it was at 10:30 on 12.03.2026.",
        "He asked for 500 pounds, then 1500.",
        "I am here.Are you safe?",
        "He asked you to add him on snapchat. That is a sign to be careful.",
        "Are you at home right now?",
        "I cannot meet your mum, but I can listen.",
    ],
)
def test_what_a_counsellor_says_all_day_holds_nothing(content: Content, text: str) -> None:
    assert held_for(text, content.directory) == ()


def test_every_number_and_site_of_the_directory_may_be_given(content: Content) -> None:
    for contact in content.directory.contacts:
        if contact.shown:
            kinds = {finding.kind for finding in held_for(f"Please try {contact.contact} now.", content.directory)}
            assert not kinds & {Kind.PHONE, Kind.LINK}, contact.contact
