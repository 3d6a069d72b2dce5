"""Numbers for whoever is not where this helpline is."""

from __future__ import annotations

import re

from tests.web.chat_fixtures import Web


def test_every_list_of_numbers_in_the_chat_page_has_a_way_to_other_countries(web: Web) -> None:
    page = web.http.get("/").text

    assert page.count('href="/elsewhere') == 3
    assert "In another country?" in page


def test_home_numbers_are_headed_by_the_country(web: Web) -> None:
    assert "(United Kingdom)" in web.http.get("/").text


def test_each_country_has_its_own_numbers_first_of_all_one_for_emergencies(web: Web) -> None:
    page = web.http.get("/elsewhere").text

    kenya = re.search(r'<details class="country numbers" id="KE">(.*?)</details>', page, flags=re.S)
    assert kenya is not None and "Kenya" in kenya[1] and 'href="tel:116"' in kenya[1]
    for section in re.findall(r'<details class="country numbers" id="\w\w">(.*?)</details>', page, flags=re.S):
        assert re.search(r'href="tel:\d', section)


def test_for_a_country_that_is_not_listed_it_says_that_112_may_not_work(web: Web) -> None:
    anywhere = web.http.get("/elsewhere").text.split('id="anywhere"')[1]

    assert "may not work everywhere" in anywhere
    assert "tel:112" in anywhere
    assert "findahelpline.com" in anywhere


def test_the_page_is_neutral_and_has_the_way_out(web: Web) -> None:
    answer = web.http.get("/elsewhere")

    assert re.search(r"<title>Page</title>", answer.text)
    assert re.search(r'class="exit"[^>]*href="/exit"', answer.text)
    assert answer.headers["cache-control"] == "no-store"
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", answer.text)


def test_no_number_of_the_page_is_outside_the_directory(web: Web) -> None:
    for digits in re.findall(r'href="(?:tel|sms):(\d+)"', web.http.get("/elsewhere").text):
        assert digits in web.content.directory.numbers


def test_contacts_in_the_chat_follow_what_is_spoken_about_and_the_country_that_was_named(web: Web) -> None:
    chat = web.chat()
    said = chat.post("i am in kenya. he says he will send my pics to everyone if i dont pay tonight").json()

    shown = said["help"]["resources"]

    assert {resource["country"] for resource in shown} <= {"KE", ""}
    assert any("takeitdown" in resource["contact"] for resource in shown)
    assert any(resource["contact"] == "116" for resource in shown)
