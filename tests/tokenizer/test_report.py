from __future__ import annotations

import pytest

from moss.tokenizer import train
from moss.tokenizer.report import report


def test_report() -> None:
    tokenizer = train(["hello world hello world 你好世界你好世界"] * 5, 300, ["<eoh>"], split_spaces=True)
    found = report(tokenizer, [("en", "hello hello"), ("zh", "你好"), ("zh", ""), ("none", "")])
    assert found.vocab_size == tokenizer.vocab_size
    assert found.bytes_per_token == {"en": pytest.approx(11 / 3), "zh": pytest.approx(3.0)}
    assert "world" in found.unused
    assert "hello" not in found.unused
    assert "<eoh>" not in found.unused
    assert set(found.longest[:2]) == {"hello", "world"}
