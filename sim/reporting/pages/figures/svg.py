"""Small SVG drawings for pages: text stays text, colours come from the page's style sheet.

A drawing names classes (``f-blue``, ``s-red``, ``small``) instead of colours, so that one drawing serves light,
dark and paper. Coordinates are pixels at the drawing's natural width; numbers keep one decimal.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

EM = 13.0  # font size of labels, as in page.css
WIDE, NARROW = 820.0, 344.0  # natural widths of a drawing on a desk and on a phone
Point = tuple[float, float]


def number(x: float) -> str:
    """A coordinate, short."""
    told = f"{x:.1f}"
    return told.removesuffix(".0") if told != "-0.0" else "0"


def width_of(words: str, size: float = EM) -> float:
    """About how wide a line of text will be: a Chinese character is a square, others a little over half."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in words)
    return size * (wide + 0.56 * (len(words) - wide))


def cut(words: str, width: float, size: float = EM) -> str:
    """Words cut to their room, with an ellipsis."""
    if width_of(words, size) <= width:
        return words
    while words and width_of(words + "…", size) > width:
        words = words[:-1]
    return words.rstrip() + "…"


def folded(words: Sequence[str], width: float, size: float = EM, gap: float = 14.0) -> list[list[int]]:
    """Which words stand on which line when a line holds ``width``: positions, line by line."""
    lines: list[list[int]] = [[]]
    used = 0.0
    for i, text in enumerate(words):
        step = width_of(text, size) + gap
        if lines[-1] and used + step - gap > width:
            lines.append([])
            used = 0.0
        lines[-1].append(i)
        used += step
    return lines


class Drawing:
    """An SVG under construction. ``label`` is what a screen reader says in its place."""

    def __init__(self, width: float, height: float, label: str) -> None:
        self.width, self.height, self.label = width, height, label
        self.parts: list[str] = []

    def line(self, x1: float, y1: float, x2: float, y2: float, cls: str) -> None:
        self.parts.append(
            f'<line x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}" class="{cls}"/>'
        )

    def rect(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        cls: str,
        tip: str = "",
        opacity: float | None = None,
    ) -> None:
        """``tip`` is shown while the pointer rests on it."""
        faint = "" if opacity is None else f' fill-opacity="{opacity:.2f}"'
        head = f'<rect x="{number(x)}" y="{number(y)}" width="{number(max(width, 0))}" height="{number(max(height, 0))}" class="{cls}"{faint}'
        self.parts.append(f"{head}><title>{escape(tip)}</title></rect>" if tip else f"{head}/>")

    def dot(self, x: float, y: float, radius: float, cls: str, tip: str = "") -> None:
        head = f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" class="{cls}"'
        self.parts.append(f"{head}><title>{escape(tip)}</title></circle>" if tip else f"{head}/>")

    def diamond(self, x: float, y: float, radius: float, cls: str, tip: str = "") -> None:
        self.shape([(x - radius, y), (x, y - radius), (x + radius, y), (x, y + radius)], cls, tip)

    def path(self, points: Iterable[Point], cls: str) -> None:
        """An open line through points."""
        self.parts.append(f'<path d="M{_through(points)}" class="line {cls}"/>')

    def shape(self, points: Iterable[Point], cls: str, tip: str = "") -> None:
        """A closed, filled shape."""
        head = f'<path d="M{_through(points)}Z" class="{cls}"'
        self.parts.append(f"{head}><title>{escape(tip)}</title></path>" if tip else f"{head}/>")

    def text(self, x: float, y: float, words: str, cls: str = "", anchor: str = "start") -> None:
        where = "" if anchor == "start" else f' text-anchor="{anchor}"'
        styled = f' class="{cls}"' if cls else ""
        self.parts.append(
            f'<text x="{number(x)}" y="{number(y)}"{where}{styled}>{escape(words, quote=False)}</text>'
        )

    def render(self) -> Markup:
        label = escape(self.label)
        size = f'viewBox="0 0 {number(self.width)} {number(self.height)}" width="{number(self.width)}"'
        return Markup(f'<svg {size} role="img" aria-label="{label}">{"".join(self.parts)}</svg>')


def _through(points: Iterable[Point]) -> str:
    return "L".join(f"{number(x)} {number(y)}" for x, y in points)


@dataclass(frozen=True, slots=True)
class Scale:
    """From values in [low, high] to pixels in [left, right]; ``bend`` makes the axis other than linear."""

    low: float
    high: float
    left: float
    right: float
    bend: Callable[[float], float] = float

    def __call__(self, x: float) -> float:
        low, high = self.bend(self.low), self.bend(self.high)
        return self.left + (self.bend(x) - low) / ((high - low) or 1.0) * (self.right - self.left)

    def inside(self, x: float) -> float:
        """The nearest place on the axis."""
        return self(min(max(x, self.low), self.high))


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """At most ``most`` + 1 round numbers that lie in [low, high]."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return [low] if math.isfinite(low) else []
    rough = (high - low) / max(most, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1.0, 2.0, 2.5, 5.0, 10.0) if power * m >= rough * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [round(i * step, 12) for i in range(first, math.floor(high / step + 1e-9) + 1)]
