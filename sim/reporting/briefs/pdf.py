"""A brief as PDF: A4, two pages, the font's letters inside; the same brief gives the same bytes.

Sizes are in millimetres, letters in points. Each page's letters are as large as lets the page hold all that stands on it.
"""

from __future__ import annotations

import io
import logging
from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, Final

from sim.reporting.briefs.content import Block, Brief, BriefError, Line, Picture, Section, Table, w
from sim.reporting.fonts import font_file
from sim.reporting.style import pieces

WIDE, TALL = 210.0, 297.0  # A4
LEFT, TOP, BOTTOM = 18.0, 15.0, 16.0
TEXT: Final = WIDE - 2 * LEFT
SIZES: Final = tuple(size / 4 for size in range(42, 25, -1))  # points: 10.5 down to 6.5
LEADING: Final = 1.42  # from line to line, over the size of the letters
POINT: Final = 25.4 / 72
HEADING, TITLE = 1.18, 1.6  # sizes of letters over that of the text
SMALL: Final = 0.84
BLUE, GREY, INK, PALE = (0, 82, 130), (95, 95, 95), (20, 20, 20), (200, 205, 210)
FONT: Final = "brief"


def as_pdf(brief: Brief, day: date) -> bytes:
    """The file; ``day`` stands in it as the day on which it was made. Raises ``BriefError`` if a page cannot hold what is on it."""
    sheet = _Sheet(brief, day)
    for page, size in enumerate(sheet.sizes(1.0)):
        sheet.page(page, size)
    return sheet.bytes()


def sizes(brief: Brief, room: float) -> tuple[float, float]:
    """The size of letters of each page, in points, at which it fits into a share ``room`` of the paper's height."""
    return _Sheet(brief, date(2000, 1, 1)).sizes(room)


class _Sheet:
    """Pages under way. Without ``ink`` nothing is drawn, and only the place moves on."""

    def __init__(self, brief: Brief, day: date) -> None:
        import fpdf

        logging.getLogger("fpdf").setLevel(logging.ERROR)
        logging.getLogger("fontTools").setLevel(logging.ERROR)
        self.brief, self.y, self.ink = brief, TOP, False
        self.size = SIZES[0]
        self.widths: dict[str, float] = {}
        self.paper = fpdf.FPDF(format="A4")
        self.paper.set_auto_page_break(False)
        self.paper.set_creation_date(datetime(day.year, day.month, day.day, tzinfo=UTC))
        self.paper.set_title(brief.title)
        self.paper.set_creator("judicial-auction-sim")
        self.paper.set_lang({"zh": "zh-CN"}.get(brief.lang, brief.lang))
        self.paper.add_font(FONT, fname=str(font_file()))
        self.paper.set_font(FONT, size=self.size)

    @cached_property
    def known(self) -> Any:
        """The characters that the font has."""
        font: Any = self.paper.fonts[FONT]
        return font.cmap

    def bytes(self) -> bytes:
        buffer = io.BytesIO()
        self.paper.output(buffer)
        return buffer.getvalue()

    def sizes(self, room: float) -> tuple[float, float]:
        """The largest size of letters at which each page fits into a share of the paper's height. Raises ``BriefError``."""
        high = room * (TALL - TOP - BOTTOM)
        found = []
        for page in range(2):
            fitting = bisect_left(SIZES, True, key=lambda size: self.height(page, size) <= high)
            if fitting == len(SIZES):
                raise BriefError(w("too_long", self.brief.lang))
            found.append(SIZES[fitting])
        return found[0], found[1]

    def height(self, page: int, size: float) -> float:
        """What a page would take, in millimetres."""
        self.ink = False
        self._lay(page, size)
        return self.y - TOP

    def page(self, page: int, size: float) -> None:
        """Draw a page with letters of this size."""
        self.paper.add_page()
        self.ink = True
        self._lay(page, size)
        self.y = TALL - BOTTOM + 4.0
        foot = f"{self.brief.foot}    {page + 1}/2"
        self._text(foot, LEFT, TEXT, 7.0, colour=GREY)

    def _lay(self, page: int, size: float) -> None:
        self.y, self.size = TOP, size
        if page == 0:
            self._text(self.brief.kind, LEFT, TEXT, size, colour=GREY)
            self.y += 0.4
            self._text(self.brief.title, LEFT, TEXT, size * TITLE, colour=INK, strong=True)
            for line in self.brief.lead:
                self._text(line, LEFT, TEXT, size, colour=GREY)
        for section in self.brief.pages[page]:
            self._section(section)

    def _section(self, section: Section) -> None:
        self.y += 0.5 * self.size * POINT
        self._text(section.title, LEFT, TEXT, self.size * HEADING, colour=BLUE, strong=True)
        self._rule(self.y + 0.2, PALE)
        self.y += 0.25 * self.size * POINT
        for block in section.blocks:
            self._block(block)

    def _block(self, block: Block) -> None:
        if isinstance(block, Table):
            self._table(block)
        elif isinstance(block, Picture):
            self._picture(block)
        else:
            self._line(block)

    def _line(self, line: Line) -> None:
        indent = 4.0 if line.bullet else 0.0
        if line.bullet:
            self._put("•", LEFT + 1.0, self.y, self.size, INK)
        size = self.size * SMALL if line.small else self.size
        colour = GREY if line.small else INK
        self._text(line.text, LEFT + indent, TEXT - indent, size, colour=colour, strong=line.strong)
        self.y += 0.15 * self.size * POINT

    def _picture(self, picture: Picture) -> None:
        # No larger than its letters read beside the text, smaller on a page that is full.
        wide = TEXT * picture.width * min(1.0, self.size / 9.0)
        if self.ink:
            self.paper.image(
                io.BytesIO(picture.png), LEFT + (TEXT - wide) / 2, self.y, w=wide, alt_text=picture.label
            )
        self.y += wide * picture.ratio + 1.0

    def _table(self, table: Table) -> None:
        size, pad = self.size * 0.93, 1.2
        wide = [TEXT * share for share in table.shares()]
        first = len(wide) - table.numbers
        self.y += 0.6
        for number, row in enumerate([table.heads, *table.rows]):
            lines = [self._folded(text, width - 2 * pad, size) for text, width in zip(row, wide, strict=True)]
            step = size * POINT * LEADING
            left = LEFT
            for place, (cell, width) in enumerate(zip(lines, wide, strict=True)):
                for i, text in enumerate(cell):
                    at = left + pad if place < first else left + width - pad - self._width(text, size)
                    colour = GREY if number == 0 else INK
                    self._put(text, at, self.y + 0.5 + i * step, size, colour, strong=number == 0)
                left += width
            self.y += max(map(len, lines)) * step + 1.0
            self._rule(self.y, GREY if number == 0 else PALE)
        self.y += 0.3 * self.size * POINT

    def _text(
        self, text: str, left: float, width: float, size: float, *, colour: tuple[int, int, int], strong: bool = False
    ) -> None:  # fmt: skip
        for line in self._folded(text, width, size):
            self._put(line, left, self.y, size, colour, strong=strong)
            self.y += size * POINT * LEADING

    def _put(
        self, text: str, x: float, y: float, size: float, colour: tuple[int, int, int], *, strong: bool = False
    ) -> None:  # fmt: skip
        """One line, its top at ``y``. The font has no bold face: an outline makes letters stronger."""
        if not self.ink:
            return
        with self.paper.local_context(text_mode="FILL_STROKE" if strong else "FILL", line_width=size * 0.03):
            self.paper.set_font(FONT, size=size)
            self.paper.set_text_color(*colour)
            self.paper.set_draw_color(*colour)
            self.paper.text(x, y + size * POINT * 1.08, text)

    def _rule(self, y: float, colour: tuple[int, int, int]) -> None:
        if self.ink:
            with self.paper.local_context(line_width=0.15):
                self.paper.set_draw_color(*colour)
                self.paper.line(LEFT, y, LEFT + TEXT, y)

    def _width(self, text: str, size: float) -> float:
        return size * sum(map(self._letter, text))

    def _letter(self, letter: str) -> float:
        """The width of a letter of one point, in millimetres; looked up once."""
        if letter not in self.widths:
            self.paper.set_font(FONT, size=10.0)
            self.widths[letter] = float(self.paper.get_string_width(letter)) / 10.0
        return self.widths[letter]

    def _folded(self, text: str, width: float, size: float) -> Sequence[str]:
        """Lines of at most this width; a word that is longer is broken. What the font cannot draw is a question mark."""
        text = "".join(c if ord(c) in self.known or c == " " else "?" for c in " ".join(text.split()))
        lines, line = [], ""
        for piece in pieces(text):
            if self._width((line + piece).rstrip(), size) <= width:
                line += piece
                continue
            if line:
                lines.append(line.rstrip())
            while len(piece) > 1 and self._width(piece.rstrip(), size) > width:
                cut = next(n for n in range(len(piece) - 1, 0, -1) if n == 1 or self._width(piece[:n], size) <= width)  # fmt: skip
                lines.append(piece[:cut])
                piece = piece[cut:]
            line = piece
        return [*lines, line.rstrip()]
