from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.triage.windows import MOST_TOKENS, PASSAGE_LEAST, PASSAGE_TOKENS, passages, sentences, windows


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


@given(st.text(alphabet="ab .!?\n", max_size=1500))
def test_every_word_is_in_one_passage_and_none_is_long(text: str) -> None:
    spans = passages(text, words)

    assert all(earlier[1] <= later[0] for earlier, later in zip(spans, spans[1:], strict=False))
    assert "".join("".join(text[start:end] for start, end in spans).split()) == "".join(text.split())
    assert all(words(text[start:end]) <= PASSAGE_TOKENS + PASSAGE_LEAST for start, end in spans)


def test_a_short_sentence_goes_with_the_next() -> None:
    text = "No. " + "word " * 10 + "end. " + "Other " * 12 + "end."

    assert [text[start:end].split()[0] for start, end in passages(text, words)] == ["No.", "Other"]
