"""The way of the lots, round by round, from the top down: what sold, what left, what went on."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from sim.measures.flows import ENDS, LISTED, SOLD, Link
from sim.reporting import formats
from sim.reporting.pages.figures.svg import NARROW, WIDE, Drawing, folded, width_of
from sim.reporting.pages.words import w
from sim.reporting.text import headline, round_name

BAR, FALL, LINE = 26.0, 30.0, 19.0  # pixels: a bar, the fall to the next one, a line of words
SALE = "f-blue"
COLOURS = {"in_kind": "f-green", "returned": "f-red", "withdrawn": "f-purple", "open": "f-orange"}


def funnel(links: Sequence[Link], lang: str) -> tuple[Markup, Markup]:
    """Drawings for a desk and for a phone. ``links`` as ``sim.measures.flows.flow_links`` gives them."""
    return _draw(links, lang, WIDE), _draw(links, lang, NARROW)


def rounds_of(links: Sequence[Link]) -> list[str]:
    """The rounds in order: what follows the listing that is not an end."""
    chain, here, ends = [], LISTED, set(ENDS.values())
    while ahead := [b for a, b, _ in links if a == here and b not in ends and not b.startswith(SOLD)]:
        here = ahead[0]
        chain.append(here)
    return chain


def _draw(links: Sequence[Link], lang: str, width: float) -> Markup:
    flow = {(a, b): n for a, b, n in links}
    rounds = rounds_of(links)
    listed = flow[LISTED, rounds[0]]
    scale = (width - 2) / listed
    drawing = Drawing(width, 0.0, _told(flow, rounds, listed, lang))
    x, y = 1.0, 0.0
    for i, name in enumerate(rounds):
        reached = sum(n for (_, b), n in flow.items() if b == name)
        onward = rounds[i + 1] if i + 1 < len(rounds) else None
        parts = [(SALE, w("flow.sold", lang), flow.get((name, SOLD + name), 0.0))]
        if onward:
            parts.append(("f-pale", w("flow.onward", lang), flow.get((name, onward), 0.0)))
        parts += [
            (COLOURS[end], w("fate.failed" if end == "returned" else end, lang), flow.get((name, end), 0.0))
            for end in ENDS.values()
        ]
        parts = [part for part in parts if part[2] > 0]
        title = headline(round_name(name, lang))
        drawing.text(1, y + 15, title, "bold")
        drawing.text(9 + width_of(title), y + 15, w("lots.n", lang, n=formats.count(reached)), "soft")
        y += 23
        ahead = _bar(drawing, parts, x, y, scale, reached)
        y += BAR
        y = _words(drawing, parts, reached, y, width)
        if onward and ahead:
            left, right = ahead
            # The next round hangs under what went on to it, but keeps its words in sight.
            drawing.line(left, y - 2, left, y + FALL, "s-pale dots")
            drawing.line(right, y - 2, right, y + FALL, "s-pale dots")
            x = left
            y += 14
    drawing.height = y + 4
    return drawing.render()


def _bar(
    drawing: Drawing,
    parts: Sequence[tuple[str, str, float]],
    x: float,
    y: float,
    scale: float,
    reached: float,
) -> tuple[float, float] | None:
    """One bar; returns where the part that goes on lies."""
    ahead = None
    for colour, words, n in parts:
        long = n * scale
        drawing.rect(x, y, long, BAR, colour, f"{words}: {formats.count(n)} ({formats.percent(n / reached)})")
        if colour == "f-pale":
            ahead = (x, x + long)
        x += long
    return ahead


def _words(
    drawing: Drawing, parts: Sequence[tuple[str, str, float]], reached: float, y: float, width: float
) -> float:
    """The parts in words under the bar, folded to the width; returns where they end."""
    told = [f"{words} {formats.count(n)} ({formats.percent(n / reached)})" for _, words, n in parts]
    for line in folded(told, width - 18, gap=34.0):
        x = 1.0
        for i in line:
            drawing.rect(x, y + 9, 10, 10, parts[i][0])
            drawing.text(x + 15, y + 18, told[i])
            x += width_of(told[i]) + 34
        y += LINE
    return y + 10


def _told(flow: dict[tuple[str, str], float], rounds: list[str], listed: float, lang: str) -> str:
    """The picture in one sentence, for those who do not see it."""
    sales = [
        f"{round_name(name, lang)} {formats.count(flow.get((name, SOLD + name), 0.0))}" for name in rounds
    ]
    return f"{w('flow', lang)}: {w('listed', lang)} {formats.count(listed)}; {w('flow.sold', lang)}: {', '.join(sales)}"
