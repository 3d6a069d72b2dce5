"""Who is named to whom."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.content import Content
from bot.content.directory import TOPICS
from bot.content.policy import is_neutral_exit
from bot.triage.taxonomy import CUES
from tests.unit.content.conftest import DATA, NOON

LOADED = Content.load(DATA)
COUNTRIES = sorted(LOADED.directory.countries)


@given(
    country=st.one_of(st.none(), st.sampled_from(COUNTRIES), st.text(max_size=3)),
    topics=st.sets(st.one_of(st.sampled_from(TOPICS), st.text(max_size=5))),
    now=st.floats(0, 4e9),
)
def test_every_answer_starts_with_an_emergency_number_and_is_short(country: str | None, topics: set[str], now: float) -> None:
    services = LOADED.directory.services(country, topics, now)
    assert 2 <= len(services) <= 6
    assert "mergency" in services[0].name
    assert services[0].kind == "phone"
    assert len({(service.name, service.contact) for service in services}) == len(services)
    shown = {re.sub(r"\D", "", service.contact) for service in services if service.kind in ("phone", "sms")}
    assert shown <= LOADED.directory.numbers


def test_suicide_brings_a_suicide_line_and_a_child_helpline(content: Content) -> None:
    names = [service.name for service in content.directory.services("GB", {"suicide"}, NOON)]
    assert names[:2] == ["Emergency services", "Samaritans"]
    assert "Childline" in names


def test_a_picture_brings_take_it_down_in_every_country(content: Content) -> None:
    for country in ("GB", "US", "HU", "XX", "FR", "BR"):
        contacts = [service.contact for service in content.directory.services(country, {"image_removal"}, NOON)]
        assert "https://takeitdown.ncmec.org" in contacts, country


def test_who_may_not_speak_aloud_finds_a_way_to_write(content: Content) -> None:
    kinds = {service.kind for service in content.directory.services("GB", {"suicide"}, NOON)}
    assert kinds & {"sms", "chat"}


def test_for_an_unknown_country_the_home_countries_are_named_with_112_and_a_directory(content: Content) -> None:
    services = content.directory.services(None, {"child_helpline"}, NOON)
    assert services[0].name == "Emergency services (United Kingdom)"
    assert any(service.contact == "0800 1111" and "United Kingdom" in service.name for service in services)
    anywhere = next(service for service in services if service.contact == "112")
    assert anywhere.hours == "It may not work everywhere"
    assert services[-1].contact == "https://findahelpline.com"


def test_for_a_country_without_entries_there_is_112_and_a_directory_and_nothing_of_another_country(content: Content) -> None:
    services = content.directory.services("XX", {"suicide"}, NOON)
    assert [service.contact for service in services][:2] == ["112", "https://findahelpline.com"]
    assert {service.country for service in services} == {""}


def test_a_country_without_one_number_for_all_names_each(content: Content) -> None:
    contacts = [service.contact for service in content.directory.services("BR", set(), NOON)]
    assert contacts[:2] == ["190", "192"]
    assert content.directory.emergency_number("BR") == "190 (police) or 192 (ambulance)"
    assert content.directory.emergency_number("GB") == "999"
    assert content.directory.emergency_number("IE") == "112 or 999"


def test_lower_case_codes_are_the_same_countries(content: Content) -> None:
    assert content.directory.services("gb", {"suicide"}, NOON) == content.directory.services("GB", {"suicide"}, NOON)


def test_a_line_that_is_closed_says_so_and_stands_behind_one_that_is_open(content: Content) -> None:
    sunday, monday = NOON, NOON + 86_400 + 3 * 3600  # Nummer gegen Kummer: Monday to Saturday, 2 pm to 8 pm
    closed = next(one for one in content.directory.services("DE", {"child_helpline"}, sunday) if one.contact == "116 111")
    opened = next(one for one in content.directory.services("DE", {"child_helpline"}, monday) if one.contact == "116 111")
    assert (closed.open_now, opened.open_now) == (False, True)
    assert content.directory.services("DE", {"child_helpline"}, sunday)[1].open_now is not False


def test_what_waits_for_confirmation_is_never_shown(content: Content) -> None:
    waiting = [contact for contact in content.directory.contacts if contact.confidence == "C"]
    assert len(waiting) > 20
    assert not any(contact.shown for contact in waiting)
    for country in COUNTRIES:
        shown = {service.name for service in content.directory.services(country, set(TOPICS), NOON)}
        assert not shown & {contact.name for contact in waiting if contact.country == country} - {
            contact.name for contact in content.directory.contacts if contact.shown
        }


def test_numbers_are_exactly_the_digits_of_what_is_shown(content: Content) -> None:
    numbers = content.directory.numbers
    assert {"999", "08001111", "116123", "85258", "112", "18004224453"} <= numbers
    assert "1388" not in numbers  # waits
    assert all(number.isdigit() for number in numbers)


def test_every_contact_has_a_source_and_a_day_for_its_next_check(content: Content) -> None:
    for contact in content.directory.contacts:
        assert contact.source and contact.source_date and contact.check_by.year >= 2026, contact.id


def test_every_cue_of_the_taxonomy_has_its_services(content: Content) -> None:
    assert set(content.directory.topics_by_cue) == set(CUES)
    assert content.topics_for(["suicide_intent", "image_shared"]) >= {"suicide", "image_removal", "child_helpline"}
    assert content.topics_for(["no_such_cue"]) == set()


def test_overdue_contacts_can_be_asked_for_by_country(content: Content) -> None:
    later = NOON + 40 * 86_400
    assert content.directory.overdue(NOON) == []
    assert {contact.country for contact in content.directory.overdue(later, ["GB"])} == {"GB"}


@pytest.mark.parametrize(
    ("address", "neutral"),
    [
        ("https://www.bbc.co.uk/weather", True),
        ("https://www.metoffice.gov.uk", True),
        ("https://example.org/google", True),
        ("https://google.com", False),
        ("https://news.google.com", False),
        ("https://www.youtube.com/", False),
        ("http://www.bbc.co.uk/weather", False),
    ],
)
def test_an_exit_is_neutral_or_not(address: str, neutral: bool) -> None:
    assert is_neutral_exit(address) is neutral
