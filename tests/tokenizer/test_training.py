"""How text is cut into pieces, and what training asks for."""

from __future__ import annotations

import pytest

from moss.errors import UserError
from moss.tokenizer import Tokenizer, train

SENTENCE = "Paris is 12.5 km (7.8 mi) from 巴黎市 = 巴黎市!\n    return total_cost"


def pieces(tokenizer: Tokenizer, text: str) -> list[str]:
    return [tokenizer.decode([token]) for token in tokenizer.encode(text)]


def trained(split_han: bool, split_spaces: bool) -> Tokenizer:
    """One that has merged everything that its cutting lets it merge."""
    return train([SENTENCE] * 50, 1000, ["<eoh>"], split_han=split_han, split_spaces=split_spaces)


def test_pieces_of_the_nano_tokenizer() -> None:
    assert "|".join(pieces(trained(True, True), SENTENCE)) == (
        "Paris| |is| |1|2|.|5| |km| |(|7|.|8| |mi|)| |from| |巴|黎|市| |=| |巴|黎|市|!|\n|    |return| |total|_|cost"
    )


def test_pieces_with_words_that_hold_their_space() -> None:
    assert "|".join(pieces(trained(True, False), SENTENCE)) == (
        "Paris| is| |1|2|.|5| km| |(|7|.|8| mi|)| from| |巴|黎|市| |=| |巴|黎|市|!|\n|   | return| total|_|cost"
    )


def test_pieces_with_runs_of_chinese() -> None:
    assert "|".join(pieces(trained(False, False), "巴黎市!")) == "巴黎市|!"


def test_a_name_has_the_same_tokens_wherever_it_stands() -> None:
    nano = trained(True, True)
    name = nano.encode("Paris")
    for text in ("in Paris", "(Paris)", "在Paris", "\nParis", '"Paris"'):
        ids = nano.encode(text)
        assert any(ids[start : start + len(name)] == name for start in range(len(ids)))


def test_special_tokens_get_the_last_ids_in_order() -> None:
    tokenizer = train(["the the the then"], 300, ["<eoh>", "<|MOSS|>:"])
    size = tokenizer.vocab_size
    assert tokenizer.special == {"<eoh>": size - 2, "<|MOSS|>:": size - 1}


def test_vocab_size_counts_everything() -> None:
    corpus = [" ".join(f"word{chr(97 + a)}{chr(97 + b)}" for a in range(26) for b in range(26))] * 2
    assert train(corpus, 320, ["<eoh>"]).vocab_size == 320


def test_a_poor_corpus_gives_a_smaller_vocabulary() -> None:
    assert train(["ab ab"], 1000, ["<eoh>"]).vocab_size < 300


def test_training_is_repeatable() -> None:
    assert trained(True, True).fingerprint() == trained(True, True).fingerprint()


@pytest.mark.parametrize("corpus", [[], [""], ["", ""]])
def test_an_empty_corpus_is_an_error(corpus: list[str]) -> None:
    with pytest.raises(UserError, match="no text"):
        train(corpus, 300, [])


def test_a_vocabulary_without_room_for_bytes_is_an_error() -> None:
    with pytest.raises(UserError, match="vocab_size 260 is too small"):
        train(["text"], 260, [f"<{number}>" for number in range(5)])


def test_a_corpus_with_a_lone_surrogate_is_an_error() -> None:
    with pytest.raises(UserError, match="surrogate"):
        train(["fine", "not \ud800 fine"], 300, [])
