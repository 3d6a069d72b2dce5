"""Next by language: a chat finds who serves its language, and never nobody."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import BadRequest, NotFound
from bot.handoff import languages, queue
from bot.handoff.deadlines import limits
from bot.store.tables import handoffs, presence
from bot.triage.taxonomy import Tier
from tests.unit.handoff.conftest import Desk

numbers = itertools.count(1000)
LOCALES = ["en", "hu", "pt-BR", "ar"]
spoken = st.frozensets(st.sampled_from(["en", "hu", "pt", "ar"]), min_size=1)
people = st.lists(st.tuples(spoken, st.integers(0, 2)), min_size=1, max_size=4)  # languages, chats they hold (of 1)
chats = st.lists(st.tuples(st.sampled_from(LOCALES), st.sampled_from(list(Tier)), st.integers(0, 4000)), min_size=1, max_size=6)


def serves(desk: Desk, name: str, *codes: str) -> int:
    person = desk.person(name)
    desk.do(lambda connection: languages.set_languages(connection, name, codes))
    return person


def given_to(desk: Desk, person: int) -> int | None:
    deadlines = desk.content.policy.deadlines
    return desk.store.read_now(lambda connection: languages.next_for(connection, person, deadlines, desk.now))


def test_next_goes_to_who_serves_the_language_and_others_take_the_one_after_it(desk: Desk) -> None:
    hungarian, english = desk.waiting("suicide_intent", locale="hu"), desk.waiting("sextortion")
    sam, eszter = serves(desk, "Sam", "en"), serves(desk, "Eszter", "en", "hu")

    assert given_to(desk, sam) == english
    assert given_to(desk, eszter) == hungarian


def test_a_language_that_nobody_at_the_desk_serves_is_for_everybody(desk: Desk) -> None:
    hungarian = desk.waiting("sextortion", locale="hu")
    sam = serves(desk, "Sam", "en")
    eszter = serves(desk, "Eszter", "hu")
    desk.do(lambda c: c.execute(presence.update().where(presence.c.staff_id == eszter).values(state="on_break")))

    assert given_to(desk, sam) == hungarian


def test_while_its_speaker_has_no_hand_free_a_chat_is_for_everybody(desk: Desk) -> None:
    sam, eszter = serves(desk, "Sam", "en"), serves(desk, "Eszter", "en", "hu")
    desk.accept(desk.waiting(), eszter)
    hungarian = desk.waiting("sextortion", locale="hu")

    assert given_to(desk, sam) == hungarian


def test_past_its_limit_a_chat_waits_for_no_speaker(desk: Desk) -> None:
    sam, eszter = serves(desk, "Sam", "en"), serves(desk, "Eszter", "en", "hu")
    hungarian = desk.waiting("suicide_intent", locale="hu")
    assert given_to(desk, sam) is None

    desk.now += 61
    desk.seen(sam)
    desk.seen(eszter)
    desk.do(lambda c: c.execute(presence.update().values(stream_seen_at=desk.now)))

    assert given_to(desk, sam) == hungarian


def test_everybody_serves_english_until_something_else_is_set(desk: Desk) -> None:
    desk.person("Sam")

    served = desk.store.read_now(lambda connection: languages.served_by(connection, [1]))
    assert list(served.values()) == [frozenset({"en"})]


def test_no_language_a_wrong_code_and_an_unknown_name_are_refused(desk: Desk) -> None:
    desk.person("Sam")
    for codes in ([], ["english"], ["e n"], [""]):
        with pytest.raises(BadRequest):
            desk.do(lambda connection, codes=codes: languages.set_languages(connection, "Sam", codes))  # type: ignore[misc]
    with pytest.raises(NotFound):
        desk.do(lambda connection: languages.set_languages(connection, "Nobody", ["en"]))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people, chats)
def test_nobody_is_left_while_anybody_has_a_hand_free(desk: Desk, staff: list[tuple[frozenset[str], int]], waiting: list) -> None:  # type: ignore[type-arg]
    """Each chat alone in the queue is given to one of those who have a hand free, and the database decides as the function."""
    desk.do(lambda c: c.execute(handoffs.update().values(state="closed")))
    desk.do(lambda c: c.execute(presence.update().values(state="off")))
    at_desk = []
    for codes, holds in staff:
        person = serves(desk, f"Sam {next(numbers)}", *codes)
        for _ in range(min(holds, 1)):
            desk.accept(desk.waiting(), person)
        at_desk.append((person, codes, holds == 0))
    free = [(person, codes) for person, codes, is_free in at_desk if is_free]
    claim = limits(desk.content.policy.deadlines)["claim"]
    made = []
    for locale, tier, waited in waiting:
        handoff_id = desk.waiting(locale=locale)
        values = {"tier": int(tier), "waiting_since": desk.now - waited}
        desk.do(lambda c, h=handoff_id, v=values: c.execute(handoffs.update().where(handoffs.c.id == h).values(**v)))  # type: ignore[misc]
        made.append((handoff_id, locale, tier, waited))

    in_order = sorted(made, key=lambda row: queue.place(row[2], desk.now - row[3], row[0], desk.now))
    for person, codes in free:
        others = [theirs for other, theirs in free if other != person]
        wanted = next(
            (
                handoff_id
                for handoff_id, locale, tier, waited in in_order
                if not languages.kept_back(languages.language_of(locale), waited, claim[tier.id], codes, others)
            ),
            None,
        )
        assert given_to(desk, person) == wanted
    while free and in_order:  # whoever has a hand free presses Next until nobody waits
        taken = [chosen for person, _codes in free if (chosen := given_to(desk, person)) is not None]
        assert taken
        desk.do(lambda c, one=taken[0]: c.execute(handoffs.update().where(handoffs.c.id == one).values(state="closed")))  # type: ignore[misc]
        in_order = [row for row in in_order if row[0] != taken[0]]
