"""Differences of policies from their base: a panel for each measure, in it the intervals of each policy."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sim.reporting.differences import HEADLINES, basis_note, change, direction, kind_of, window_name
from sim.reporting.figures.intervals import Key, Mark, Panel, axis_over, sheet
from sim.reporting.style import BLACK, BLUE, GREY, ORANGE, PALETTE, Foot, Picture, drawing
from sim.reporting.text import headline, name_of
from sim.reporting.text_explore import e, of_base
from sim.reporting.units import unit_of
from sim.reporting.values import difference
from sim.scenario.schema import WHOLE

Row = Mapping[str, Any]
DIRECTIONS = {1: BLUE, -1: ORANGE, 0: GREY}
UNITS = {"rate": "points", "days": "days", "yuan": "money"}
ENDS = ("difference", "ci_low", "ci_high")
ACROSS = 4  # panels side by side in a file


def forest(
    rows: Sequence[Row],
    titles: Mapping[str, str],
    base_title: str,
    lang: str,
    foot: Foot | None = None,
    pairs: tuple[int, int] = (0, 0),
) -> Picture:
    """``rows`` are those of ``differences.on_basis``; ``titles``: policy name -> what people call it; ``pairs``: how many
    for each draw of the parameters, and how many draws."""
    with drawing(lang) as look:
        lang = look.lang
        words = foot.line(lang) if foot else ""
        text = e("forest.foot.draws" if pairs[1] > 1 else "forest.foot", lang, n=pairs[0], draws=pairs[1], foot=words)  # fmt: skip
        windows = _windows(rows)
        if len(windows) > 1:
            text = f"{text}\n{basis_note(str(rows[0]['basis']), lang)}"
        keys = [Key(_shape(w, windows), _colour(w, windows), window_name(w, lang)) for w in windows]
        panels = forest_panels(rows, titles, lang, windows)
        return sheet(
            panels, ACROSS, e("forest.title", lang, base=of_base(base_title, lang)), lang, text, keys
        )


def forest_panels(
    rows: Sequence[Row], titles: Mapping[str, str], lang: str, windows: Sequence[str] = (WHOLE,)
) -> list[Panel]:
    """The whole period, coloured by the direction of the change; or several windows, each in its colour."""
    found = {(r["measure"], r["policy_name"], str(r["window"])): r for r in rows}
    panels = []
    for measure in HEADLINES:
        mine = {p: [found[measure, p, w] for w in windows if (measure, p, w) in found] for p in titles}
        mine = {p: shown for p, shown in mine.items() if shown}
        if mine:
            panels.append(_panel(measure, mine, titles, lang, windows))
    return panels


def forest_keys(lang: str) -> list[Key]:
    """The colours of directions."""
    words = {1: "up", -1: "down", 0: "no_difference"}
    return [Key("round", colour, e(words[way], lang)) for way, colour in DIRECTIONS.items()]


def _panel(
    measure: str, rows: Mapping[str, Sequence[Row]], titles: Mapping[str, str], lang: str, windows: Sequence[str]
) -> Panel:  # fmt: skip
    kind, many = kind_of(measure), len(windows) > 1
    groups, ends = [], []
    for policy, mine in rows.items():
        marks = []
        for row in mine:
            mean, low, high = (row[k] * _scale(kind, row, many) for k in ENDS)
            window = str(row["window"])
            colour = _colour(window, windows) if many else DIRECTIONS[direction(row)]
            tip = f"{window_name(window, lang)}: {_text(row, lang)}" if many else _text(row, lang)
            marks.append(Mark(mean, low, high, colour, "square" if _shape(window, windows) == "hollow" else "dot", tip))  # fmt: skip
            ends += [mean, low, high]
        groups.append((titles[policy], marks))
    name = headline(name_of(measure, lang))
    label = f"{name}: " + "; ".join(f"{titles[p]} {_text(mine[-1], lang)}" for p, mine in rows.items())
    own = unit_of(measure, lang)
    unit = e(f"axis.{UNITS[kind]}", lang) if kind in UNITS and (many or kind != "yuan") else own
    return Panel(
        f"{name} · {unit}" if unit else name,
        groups,
        axis_over(ends, _tick_writer("plain" if many else kind, lang)),
        label,
        0.0,
    )


def _text(row: Row, lang: str) -> str:
    return " ".join(change(row["measure"], row["difference"], row["ci_low"], row["ci_high"], lang)).strip()


def _tick_writer(kind: str, lang: str) -> Callable[[float], str]:
    """Writes ticks with their sign, in points and not in shares."""
    if kind == "yuan":
        return lambda x: "0" if x == 0 else difference(kind, x, lang)
    return lambda x: "0" if x == 0 else f"{x:+,.6g}".replace("-", "−")


def _scale(kind: str, row: Row, many: bool) -> float:
    """Rates in points; where windows of any length stand side by side, money as a share of the base's."""
    if kind == "rate":
        return 100.0
    if kind == "yuan" and many:
        return 100.0 / row["base"] if row["base"] else math.nan
    return 1.0


def _windows(rows: Sequence[Row]) -> list[str]:
    return sorted({str(r["window"]) for r in rows}, key=lambda w: (w == WHOLE, w))


def _colour(window: str, windows: Sequence[str]) -> str:
    return BLACK if window == WHOLE else PALETTE[list(windows).index(window) % 6]


def _shape(window: str, windows: Sequence[str]) -> str:
    """Every second window has a hollow mark."""
    return "hollow" if window != WHOLE and list(windows).index(window) % 2 else "round"
