"""Numbers in sentences: "1 run", "1,234 runs".

A text says it as ``{n:run is|runs are} kept``: the number, and the words for one of them and for any other number of
them. ``counted`` does the same for a sentence that is made where it is said.
"""

from __future__ import annotations

from string import Formatter
from typing import Any


class _Sentence(Formatter):
    def format_field(self, value: Any, format_spec: str) -> Any:
        one, bar, other = format_spec.partition("|")
        return _with(str(value), one, other) if bar else super().format_field(value, format_spec)


def filled(words: str, **values: object) -> str:
    """A text with its values."""
    return _Sentence().vformat(words, (), values)


def counted(number: int, one: str, other: str) -> str:
    """A number and what there are so many of."""
    return _with(f"{number:,}", one, other)


def _with(number: str, one: str, other: str) -> str:
    return f"{number} {one if number == '1' else other}"
