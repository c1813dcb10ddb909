"""Published figures beside what the model gives, under the interpretation by which they are compared."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sim.locale.signs import tick
from sim.measures.definitions import INTERPRETATIONS
from sim.reporting import formats
from sim.reporting.compare import is_inside
from sim.reporting.figures.intervals import BROAD, Axis, Key, Mark, Panel, axis_over, sheet
from sim.reporting.fit import DEPARTS, MUST, NOT_PUBLISHED, Fit
from sim.reporting.style import BLUE, GREEN, GREY, ORANGE, VERMILION, Foot, Picture, drawing
from sim.reporting.tables import short_name, verdict
from sim.reporting.text import headline, known, name_of, t

Row = Mapping[str, Any]
BASES = {"event": (BLUE, "dot"), "cohort": (ORANGE, "square")}
OTHER = (GREEN, "dot")
LEAST = 0.05  # of a published figure: what is less stands at the end of the axis
MULTIPLES = (0.0625, 0.125, 0.25, 0.5, 0.8, 1.0, 1.25, 2.0, 4.0, 8.0, 16.0)
PREMIUMS = (0.0, 1.0, 9.0, 99.0, 999.0, 9999.0)


def published_vs_simulated(fit: Fit, lang: str, foot: Foot | str | None = None) -> Picture:
    """A line of panels for each published figure, a panel for each window."""
    with drawing(lang) as look:
        windows = list(dict.fromkeys(str(row["window"]) for row in fit.rows))
        title = fit.count(look.lang) if fit.of(MUST) or fit.of(DEPARTS) else headline(look.t("compare.table"))
        panels = [one for row in published_panels(fit, look.lang, published=False).values() for one in row]
        return sheet(panels, max(len(windows), 1), title, look.lang, foot, published_keys(fit, look.lang))


def published_panels(fit: Fit, lang: str, published: bool = True) -> dict[str, list[Panel]]:
    """For each figure a panel for each window: the published value a line through it, the model a mark and a band, faint where
    it need not meet it. ``published``: leave out windows for which nothing was."""
    rows = [row for row in fit.rows if not published or row["role"] != NOT_PUBLISHED]
    found = {}
    for figure in dict.fromkeys(str(row["figure"]) for row in rows):
        mine = [row for row in rows if row["figure"] == figure]
        axis = _axis(figure, mine, lang)
        found[figure] = [_panel(figure, row, axis, lang) for row in mine]
    return found


def overview_panels(fit: Fit, lang: str) -> list[Panel]:
    """A panel for each window: every published figure under the interpretation, the model as a multiple of what was published."""
    rows = [
        row
        for row in fit.rows
        if row["role"] != NOT_PUBLISHED and row["published"] and row["mean"] == row["mean"]
    ]
    ends = [1.0, *(x for row in rows for x in _multiples(row) if x > LEAST)]
    axis = axis_over(
        ends, lambda x: f"{x:g}×", zero=False, bend=lambda x: math.log(max(x, LEAST)), at=MULTIPLES
    )
    found: dict[str, list[tuple[str, list[Mark]]]] = {}
    said: dict[str, list[str]] = {}
    for row in rows:
        figure = str(row["figure"])
        text = formats.interval(figure, row["mean"], row["low"], row["high"], lang)
        name, published = (
            headline(known(f"figure.{figure}", lang, figure)),
            formats.value(figure, float(row["published"]), lang, 2),
        )
        words = t("overview.row", lang, figure=name, published=published, simulated=text)
        window = str(row["window"])
        found.setdefault(window, []).append(
            (words, [Mark(*_multiples(row), _verdict_colour(row), tip=verdict(row, lang))])
        )
        said.setdefault(window, []).append(f"{words}, {verdict(row, lang)}")
    return [Panel(window, groups, axis, f"{window}: {'; '.join(said[window])}", 1.0, width=BROAD) for window, groups in found.items()]  # fmt: skip


def overview_keys(fit: Fit, lang: str) -> list[Key]:
    """What the colours of the overview mean, those that occur."""
    colours = {_verdict_colour(row) for row in fit.rows if row["role"] != NOT_PUBLISHED and row["published"]}
    words = {GREEN: "overview.met", VERMILION: "overview.unmet", GREY: "overview.free"}
    return [Key("round", colour, t(key, lang)) for colour, key in words.items() if colour in colours]


def _multiples(row: Row) -> tuple[float, float, float]:
    """Mean and interval as multiples of the published figure."""
    mean, low, high = (float(row[k]) / float(row["published"]) for k in ("mean", "low", "high"))
    return mean, low, high


def _verdict_colour(row: Row) -> str:
    return GREY if row["role"] != MUST else GREEN if is_inside(row) else VERMILION


def published_keys(fit: Fit, lang: str) -> list[Key]:
    """What lines and marks mean."""
    keys = [Key("bar", VERMILION, t("compare.published", lang))]
    for basis in dict.fromkeys(str(row["basis"]) for row in fit.rows):
        colour, shape = BASES.get(basis, OTHER)
        words = known(f"basis.{basis}.long", lang, basis)
        keys.append(Key(_key_shape(shape), colour, words))
    faint = next((row for row in fit.rows if _faint(row)), None)
    if faint is not None:
        colour, shape = BASES.get(str(faint["basis"]), OTHER)
        keys.append(Key(_key_shape(shape), colour, t("compare.faint", lang), faint=True))
    return keys


def _key_shape(shape: str) -> str:
    return "hollow" if shape == "square" else "round"


def _faint(row: Row) -> bool:
    """Whether the model need not meet what was published."""
    return row["role"] not in (MUST, NOT_PUBLISHED)


def _panel(figure: str, row: Row, axis: Axis, lang: str) -> Panel:
    name = headline(known(f"figure.{figure}", lang, figure))
    colour, shape = BASES.get(str(row["basis"]), OTHER)
    text = formats.interval(figure, row["mean"], row["low"], row["high"], lang)
    mean, low, high = (float(row[k]) for k in ("mean", "low", "high"))
    mark = Mark(mean, low, high, colour, shape, text, _faint(row))
    words = ""
    if len(INTERPRETATIONS.get(figure, ())) > 1:
        measure = str(row["measure"])
        words = short_name(measure, figure, lang) or headline(name_of(measure, lang))
    value = row["published"]
    published = "" if value is None else formats.value(figure, float(value), lang, 2)
    label = f"{name}, {row['window']}: {t('published', lang)} {published or formats.NOTHING}; {t('simulated', lang)} {text}"
    return Panel(f"{name} · {row['window']}", [(words, [mark])], axis, label, value, published)


def _axis(figure: str, rows: Sequence[Row], lang: str) -> Axis:
    values = [
        float(row[k]) for row in rows for k in ("mean", "low", "high", "published") if row[k] is not None
    ]
    if figure == "premium":  # from nothing to hundreds of times the start: a log axis of 1 + premium
        return axis_over(values, _tick_writer(figure, lang), bend=lambda x: math.log10(max(1.0 + x, 1e-3)), at=PREMIUMS)  # fmt: skip
    return axis_over(values, _tick_writer(figure, lang))


def _tick_writer(figure: str, lang: str) -> Callable[[float], str]:
    """Writes ticks."""

    def write(x: float) -> str:
        if x == 0:
            return "0"
        if figure in formats.MONEY:
            size, name = formats.unit(x, lang)
            return tick(f"{x / size:,.5g}", lang, name)
        return formats.percent(x, 0) if figure in formats.SHARES else f"{x:,.5g}"

    return write
