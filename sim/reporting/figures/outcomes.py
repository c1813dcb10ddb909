"""What becomes of lots, a bar each scenario: sold by round, taken in kind, returned, withdrawn, still open."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from sim.reporting import formats
from sim.reporting.figures.flow import COLOURS, SALES
from sim.reporting.figures.intervals import Key
from sim.reporting.style import FILE, INK, Foot, Form, Picture, drawing, finish, fold, no_data, tip
from sim.reporting.text import headline, name_of, round_name, t

Parts = Sequence[tuple[str, float]]  # (outcome, share of all)
ENDS = {f"lots_{name}": colour for name, colour in COLOURS.items()}  # outcomes other than a sale
BAR, WORDS, GAP = 16.0, 17.0, 13.0  # pixels: a bar, a line of words, between two bars


def outcome_shares(value: Callable[[str], float], rounds: Sequence[str]) -> list[tuple[str, float]]:
    """What becomes of lots as shares of those listed, lots sold by round first. ``value``: of a measure of lots, counted for those
    listed. Where rounds do not add up to the lots sold, as not every draw holds them, sales are one part."""
    listed, sold = value("lots_listed"), value("lots_sold")
    parts = [(f"sold:{name}", sold * value(f"sold_{name}")) for name in rounds]
    if not math.isclose(sum(n for _, n in parts), sold, rel_tol=1e-6):
        parts = [("sold", sold)]
    parts += [(name, value(name)) for name in ENDS]
    return [(name, n / listed) for name, n in parts if n == n] if listed > 0 else []


def lot_outcomes(
    bars: Mapping[str, Parts], lang: str, foot: Foot | str | None = None, *, form: Form = FILE
) -> Picture:
    """``bars``: title -> parts."""
    with drawing(lang, form) as look:
        room = 36 if form.narrow else 84
        lines = {title: fold(look.safe(title), room) for title in bars}
        tall = sum(BAR + GAP + WORDS * (words.count("\n") + 1) for words in lines.values())
        fig = look.canvas(8.0, 0.75 + tall / 90.0 + (0.0 if form.page else 0.5))
        title = headline(look.t("flow.sold"))
        if not bars:
            no_data(fig, look)
            return finish(fig, look, title, foot)
        ax = fig.add_subplot()
        ax.set_axis_off()
        ax.set_xlim(0.0, 1.0)
        ax.set_ylim(tall, 0.0)
        y = 0.0
        for name, parts in bars.items():
            y += WORDS * (lines[name].count("\n") + 1)
            sold = formats.percent(_sold(parts))
            ax.text(0.0, y - 4.0, lines[name], va="bottom")
            ax.text(1.0, y - 4.0, f"{title} {sold}", ha="right", va="bottom", color=INK)
            x = 0.0
            for outcome, share in parts:
                (bar,) = ax.barh(y, share, BAR, x, align="edge", color=colour(outcome, parts))
                tip(bar, f"{outcome_name(outcome, look.lang)} {formats.percent(share)}")
                x += share
            y += BAR + GAP
        if not form.page:
            keys = outcome_keys(max(bars.values(), key=len), look.lang)
            handles = [ax.barh(0, 0, color=key.colour, label=key.words) for key in keys]
            ax.legend(handles=handles, loc="upper left", bbox_to_anchor=(0.0, 0.0), ncols=4)
        said = "; ".join(f"{name}: {formats.percent(_sold(parts))}" for name, parts in bars.items())
        return finish(fig, look, f"{title}: {said}" if form.page else title, foot)


def outcome_keys(parts: Parts, lang: str) -> list[Key]:
    """The colours in words."""
    return [Key("", colour(name, parts), outcome_name(name, lang)) for name, _ in parts]


def colour(name: str, parts: Parts) -> str:
    """The colour of an outcome; sales by round in shades of blue."""
    sales = [one for one, _ in parts if one.startswith("sold")]
    return SALES[min(sales.index(name), len(SALES) - 1)] if name in sales else ENDS[name]


def outcome_name(name: str, lang: str) -> str:
    """What people call an outcome."""
    if name.startswith("sold:"):
        return headline(t("sold", lang, round=round_name(name.removeprefix("sold:"), lang)))
    return headline(t("flow.sold", lang) if name == "sold" else name_of(name, lang))


def _sold(parts: Parts) -> float:
    return sum(share for name, share in parts if name.startswith("sold"))
