"""A flood of the same words is one row, and nobody else is hidden in it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.handoff.folding import FROM, WITHIN, Opening, folded, signature_of

FLOOD = "my teacher is a robot and he will explode the school at noon"


def openings(*texts: str, tier: int = 2, apart: float = 5.0) -> list[Opening]:
    return [Opening(number, tier, number * apart, signature_of(text)) for number, text in enumerate(texts, start=1)]


def test_the_same_words_with_other_case_signs_numbers_and_repeats_are_one_row() -> None:
    said = [FLOOD, FLOOD.upper() + "!!!", "my teacher is a rooobot and he will explode the school at noon 123"]

    assert folded(openings(*said)) == [[1, 2, 3]]


def test_words_that_differ_a_little_are_alike_and_other_words_are_not() -> None:
    said = [FLOOD, "he will send my pics to everyone tonight", f"{FLOOD} ok", f"{FLOOD} lol", "i cannot sleep and i cry a lot"]

    assert folded(openings(*said)) == [[1, 3, 4], [2], [5]]


def test_two_alike_stand_apart_each_at_their_own_place() -> None:
    assert folded(openings(FLOOD, "i need help with my brother", FLOOD)) == [[1], [2], [3]]


def test_a_chat_of_another_tier_stands_alone() -> None:
    flood = openings(FLOOD, FLOOD, FLOOD, FLOOD)
    risen = Opening(4, 3, flood[3].opened_at, flood[3].signature)

    assert folded([risen, *flood[:3]]) == [[4], [1, 2, 3]]


def test_what_comes_long_after_is_another_matter() -> None:
    assert folded(openings(FLOOD, FLOOD, FLOOD, apart=WITHIN + 1)) == [[1], [2], [3]]


def test_chats_without_words_are_never_folded() -> None:
    assert folded([Opening(number, 1, 0.0, signature_of("123 !!!")) for number in range(5)]) == [[0], [1], [2], [3], [4]]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([FLOOD, "he has my pics", "hi"]), st.integers(0, 3), st.floats(0, 5000))))
def test_every_chat_is_in_exactly_one_row_and_rows_stand_in_order(made: list[tuple[str, int, float]]) -> None:
    given_order = [Opening(number, tier, at, signature_of(text)) for number, (text, tier, at) in enumerate(made)]

    rows = folded(given_order)

    assert sorted(handoff_id for row in rows for handoff_id in row) == list(range(len(made)))
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert all(len(row) == 1 or len(row) >= FROM for row in rows)
