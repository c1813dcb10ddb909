"""What a brief says, apart from how a page is laid out: two pages of sections, each a heading and blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sim.locale.words import Words
from sim.reporting.style import columns
from sim.scenario.errors import SimError

w: Final = Words("brief", "report")
MOST_POLICIES: Final = 4  # that two pages hold
LETTERS: Final = "ABCD"
# Columns of characters: that a table's column counts for, what lies around them, and what words have more.
NARROWEST, BROADEST, EDGES, WORDS = 6, 44, 3, 3


class BriefError(SimError):
    """No brief can be made; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph. ``bullet``: an item of a list; ``strong``: what is to be read first; ``small``: a note."""

    text: str
    bullet: bool = False
    strong: bool = False
    small: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Texts in rows under heads; the first column stands left, ``numbers``: how many of the last stand right."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: int = 0

    def shares(self) -> list[float]:
        """Shares of the width that the columns take, by what stands in them; they sum to 1. A head may stand in two lines."""
        widest = [
            min(max(columns(head) // 2, *map(columns, cells), NARROWEST), BROADEST) + EDGES
            for head, *cells in zip(self.heads, *self.rows, strict=True)
        ]
        words = (
            len(self.heads) - self.numbers
        )  # a word that is broken reads worse than an interval in two lines
        widest = [one + WORDS * (place < words) for place, one in enumerate(widest)]
        return [one / sum(widest) for one in widest]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as PNG, ``width`` of the page's text, ``ratio``: height over width; ``label`` for those who do not see it."""

    png: bytes
    ratio: float
    label: str
    width: float = 1.0


Block = Line | Table | Picture


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands under it."""

    title: str
    blocks: Sequence[Block]


@dataclass(frozen=True, slots=True)
class Brief:
    """Two pages: ``kind`` stands over the title, ``lead`` under it, ``foot`` at the end of each page."""

    lang: str
    kind: str
    title: str
    lead: Sequence[str]
    pages: tuple[Sequence[Section], Sequence[Section]]
    foot: str


def clipped(text: str, most: int) -> str:
    """A text of at most ``most`` columns, a Chinese character being two; what is longer ends in an ellipsis."""
    if columns(text) <= most:
        return text
    while text and (columns(text) > most - 1 or not text[-1].isalnum()):
        text = text[:-1]
    return text + "…"
