"""Every state that a text may be rendered in, so that the check reads what young people may read.

A state is: the country, known or not; how many people there are (the text's forms); what is known of the wait, the opening
hours and a person's name; and whether the helpline's policy has settled what is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product

from bot.content.library import Content
from bot.content.placeholders import PLACEHOLDER, PLACEHOLDERS, fill
from bot.content.texts import Form, Text

Values = Mapping[str, str | None]

WAITS: tuple[tuple[int, int] | None, ...] = (None, (5, 10), (45, 45))
OPENINGS: tuple[str | None, ...] = (None, "on Wednesday at 10:30 am (Central European time)")
PEOPLE: tuple[str | None, ...] = (None, "Anna Maria")
OF_COUNTRY = frozenset({"country_name", "emergency_number", "helpline_name"})
OF_WAIT = frozenset({"wait_low", "wait_high"})
TOLD = {name: known.told for name, known in PLACEHOLDERS.items() if known.told}


def in_every_state(text: Text, content: Content, now: float) -> Text:
    """The text with a form, filled, for every state in which it reads differently; line and staffing are those of its own form.

    Args:
        now: seconds since the epoch, for the helplines that are open.
    """
    return replace(text, forms=tuple(rendered for form in text.forms for rendered in _rendered(form, content, now)))


def _rendered(form: Form, content: Content, now: float) -> Iterator[Form]:
    used = {name for bubble in form.bubbles for name in PLACEHOLDER.findall(bubble)}
    if not used <= PLACEHOLDERS.keys():
        return  # refused as it was read
    seen: set[tuple[str, ...]] = set()
    for values in _states(used, content, now):
        bubbles = tuple(fill(bubble, values) for bubble in form.bubbles)
        if bubbles not in seen:
            seen.add(bubbles)
            yield replace(form, bubbles=bubbles)


def _states(used: set[str], content: Content, now: float) -> Iterator[Values]:
    countries = [None, *content.directory.countries] if used & OF_COUNTRY else [None]
    waits = WAITS if used & OF_WAIT else (None,)
    openings = OPENINGS if "next_open" in used else (None,)
    people = PEOPLE if "person" in used else (None,)
    settled = (True, False) if used & {"safe_word", *TOLD} else (True,)
    for country, wait, opening, person, told in product(countries, waits, openings, people, settled):
        values = content.values(country, now, wait, person)
        word = PLACEHOLDERS["safe_word"].example if told else None
        yield {**values, "next_open": opening, "safe_word": word, **({} if told else dict.fromkeys(TOLD))}
