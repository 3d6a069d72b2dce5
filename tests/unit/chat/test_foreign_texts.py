"""What somebody reads who writes in another language: every language, country and staffing."""

from __future__ import annotations

import pytest

from bot.chat.replies import Scene, in_their_language, services
from bot.content.staffing import Staffing
from tests.numbers import numbers_in
from tests.web.chat_fixtures import CONTENT, assert_leads_on

LANGUAGES = sorted(code for code, language in CONTENT.languages.items() if not language.served)
COUNTRIES = [None, *sorted(CONTENT.directory.countries), "ZZ"]


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_answer_leads_on_and_names_only_numbers_of_the_directory(code: str) -> None:
    for country in COUNTRIES:
        for staffing in Staffing:
            at = Scene(staffing, country, (5, 10), 0.0, code)
            contacts = services(CONTENT, {"emergency", "child_helpline"}, at)
            for waiting in (True, False):
                for again in (True, False):
                    said = in_their_language(CONTENT, at, waiting=waiting, again=again)
                    assert said is not None
                    options = [dict(option) for option in said.options]
                    shown = [{"text": bubble, "options": options, "resources": contacts} for bubble in said.bubbles]
                    assert_leads_on(shown, "bot")


@pytest.mark.parametrize("code", LANGUAGES)
def test_each_answer_names_an_emergency_number_of_the_country_that_is_known(code: str) -> None:
    for country in sorted(CONTENT.directory.countries):
        said = in_their_language(CONTENT, Scene(Staffing.NONE, country, None, 0.0, code), waiting=True)
        assert said is not None
        wanted = set(CONTENT.directory.emergency_digits(country))
        assert wanted and wanted <= {number for bubble in said.bubbles for number in numbers_in(bubble)}, country
