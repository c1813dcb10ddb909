"""Where lots end, a bar each: sold by round, taken, returned, withdrawn, still open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from sim.reporting import formats
from sim.reporting.pages.figures.svg import NARROW, WIDE, Drawing, cut
from sim.reporting.pages.words import w
from sim.reporting.text import headline, name_of, round_name

Parts = Sequence[tuple[str, float]]  # (end, share of all)
SALES = ("blue", "sky", "pale")
COLOURS = {"lots_in_kind": "green", "lots_returned": "red", "lots_withdrawn": "purple", "lots_open": "orange"}
LINE = 46.0


def fate_bars(bars: Mapping[str, Parts], lang: str) -> tuple[Markup, Markup]:
    """``bars``: title -> parts. Drawings for a desk and for a phone."""

    def draw(width: float) -> Markup:
        told = "; ".join(f"{title}: {formats.percent(_sold(parts))}" for title, parts in bars.items())
        drawing = Drawing(width, LINE * len(bars), f"{w('flow.sold', lang)}: {told}")
        for i, (title, parts) in enumerate(bars.items()):
            y = LINE * i
            drawing.text(0, y + 13, cut(title, width - 90))
            drawing.text(
                width,
                y + 13,
                f"{headline(w('flow.sold', lang))} {formats.percent(_sold(parts))}",
                "soft",
                "end",
            )
            x = 0.0
            for name, share in parts:
                long = share * width
                drawing.rect(
                    x,
                    y + 19,
                    long,
                    16,
                    f"f-{colour(name, parts)}",
                    f"{end_name(name, lang)} {formats.percent(share)}",
                )
                x += long
        return drawing.render()

    return draw(WIDE), draw(NARROW)


def fate_keys(parts: Parts, lang: str) -> list[tuple[str, str]]:
    """The colours in words."""
    return [(f"k-{colour(name, parts)}", end_name(name, lang)) for name, _ in parts]


def colour(name: str, parts: Parts) -> str:
    """The class of an end; sales by round in shades of blue."""
    sales = [one for one, _ in parts if one.startswith("sold")]
    return SALES[min(sales.index(name), len(SALES) - 1)] if name in sales else COLOURS[name]


def end_name(name: str, lang: str) -> str:
    """What people call an end."""
    if name.startswith("sold:"):
        return headline(w("sold", lang, round=round_name(name.removeprefix("sold:"), lang)))
    return headline(w("flow.sold", lang) if name == "sold" else name_of(name, lang))


def _sold(parts: Parts) -> float:
    return sum(share for name, share in parts if name.startswith("sold"))
