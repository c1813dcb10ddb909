"""Words of pages: both languages, the same placeholders, no key that nobody uses."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from sim.reporting.pages.words import PAGE_WORDS, w
from sim.reporting.text import WORDS

HOME = Path(__file__).resolve().parents[3] / "sim" / "reporting" / "pages"
SOURCES = "\n".join(
    p.read_text(encoding="utf-8")
    for p in HOME.rglob("*")
    if p.suffix in {".py", ".j2", ".js"} and p.name != "words.py"
)
MADE = ("open.", "room.", "manifest.", "explore.")  # keys put together from parts


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", PAGE_WORDS)
def test_both_languages_say_the_same_with_the_same_placeholders(key: str) -> None:
    en, zh = PAGE_WORDS[key]
    assert en.strip()
    assert zh.strip()
    assert _fields(en) == _fields(zh)
    assert not re.search(r"[\u4e00-\u9fff]", en)


@pytest.mark.parametrize("key", PAGE_WORDS)
def test_every_word_is_used(key: str) -> None:
    whole = [key, key.split(".", 1)[1]] if key.startswith(MADE) else [key]
    assert any(f"{q}{words}{q}" in SOURCES for q in ('"', "'") for words in whole), f"{key} is used nowhere"


def test_own_words_come_first_then_those_of_terminal_and_pictures() -> None:
    assert w("window", "en") == PAGE_WORDS["window"][0]
    assert w("median", "zh") == WORDS["median"][1]
    with pytest.raises(KeyError):
        w("no such word", "en")
