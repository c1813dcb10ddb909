"""Words of calibration: in Chinese sentences stand Chinese signs."""

from __future__ import annotations

import re

import pytest

from calibration.words import WORDS

# A fact in braces counts as Chinese where it stands beside a sign: what is filled in is a part of the sentence.
HALF_WIDTH = re.compile(r"(?:[\u4e00-\u9fff”）)}%]\s?[,;:!?])|(?:[,;:!?]\s?[\u4e00-\u9fff“（({])")


@pytest.mark.parametrize("key", WORDS)
def test_chinese_sentences_have_full_width_signs(key: str) -> None:
    filled = re.sub(r"\{[^{}]*\}", "{}", WORDS[key][1])
    assert not HALF_WIDTH.search(filled), filled
