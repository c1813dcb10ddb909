"""Words of calibration: in Chinese sentences stand Chinese signs, and both languages are filled in alike."""

from __future__ import annotations

import re
import string

import pytest

from calibration.report.words import WORDS as REPORT
from calibration.words import WORDS

# A fact in braces counts as Chinese where it stands beside a sign: what is filled in is a part of the sentence.
HALF_WIDTH = re.compile(r"(?:[\u4e00-\u9fff”）)}%]\s?[,;:!?])|(?:[,;:!?]\s?[\u4e00-\u9fff“（({])")
EVERY = {**{f"report {key}": pair for key, pair in REPORT.items()}, **WORDS}


@pytest.mark.parametrize("key", EVERY)
def test_chinese_sentences_have_full_width_signs(key: str) -> None:
    filled = re.sub(r"\{[^{}]*\}", "{}", EVERY[key][1])
    assert not HALF_WIDTH.search(filled), filled


@pytest.mark.parametrize("key", EVERY)
def test_both_languages_are_filled_in_alike(key: str) -> None:
    en, zh = ({name for _, name, _, _ in string.Formatter().parse(text) if name} for text in EVERY[key])
    assert en == zh
