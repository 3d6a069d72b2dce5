from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.triage.windows import MOST_TOKENS, sentences, windows


def words(text: str) -> int:
    return len(text.split())


@given(st.text(alphabet="ab .!?\n", max_size=1500))
def test_every_word_is_in_a_window_and_no_window_is_too_long(text: str) -> None:
    spans = windows(text, words)

    covered = {place for start, end in spans for place in range(start, end)}
    assert all(place in covered for place, character in enumerate(text) if not character.isspace())
    assert all(words(text[start:end]) <= MOST_TOKENS for start, end in spans)


def test_windows_overlap_by_one_sentence() -> None:
    text = " ".join(f"{'word ' * 30}end{number}." for number in range(6))
    spans = windows(text, words)

    assert len(spans) > 2
    assert all(later[0] < earlier[1] for earlier, later in zip(spans, spans[1:], strict=False))


def test_a_text_without_any_border_is_cut_where_it_must_be() -> None:
    spans = windows("a" * 2000, len)

    assert spans[0][0] == 0 and spans[-1][1] == 2000
    assert all(end - start <= MOST_TOKENS for start, end in spans)


def test_sentences_of_nothing_are_none() -> None:
    assert sentences("  \n ") == []
