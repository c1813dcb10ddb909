"""Published against simulated: the nearest interpretation of every figure, then all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.reporting import formats
from sim.reporting.compare import distance, impossible, is_inside
from sim.reporting.figures.intervals import panel
from sim.reporting.figures.published import published_keys, published_panels
from sim.reporting.fit import MUST, NOT_PUBLISHED, Fit
from sim.reporting.pages.shell import Block, Figure, Notes, Section
from sim.reporting.pages.table import Column, Table
from sim.reporting.pages.words import w
from sim.reporting.svg import fragment, swatch
from sim.reporting.tables import comparison_notes, verdict
from sim.reporting.text import headline, known, name_of

Row = dict[str, Any]


def fit_section(rows: Sequence[Row], shown: Fit, lang: str) -> list[Section]:
    """``rows``: every figure under every interpretation; ``shown``: under the interpretation by which they are compared. No
    section where nothing was published.
    """
    published = [row for row in rows if row["published"] is not None]
    if not published:
        return []
    ruled_out = impossible(rows, lang)
    blocks: list[Block] = [Notes(shown.notes(lang)), _headline(shown, lang)]
    if ruled_out:
        blocks.append(Notes(ruled_out, w("impossible.head", lang)))
    keys = [(swatch(key.colour, key.shape, key.faint), key.words) for key in published_keys(shown, lang)]
    for i, panels in enumerate(published_panels(shown, lang).values()):
        drawn = [(one.title, fragment(panel(one, lang))) for one in panels]
        blocks.append(Figure("", panels=drawn, keys=keys if i == 0 else []))
    blocks += [_all(rows, lang), Notes([line.strip() for line in comparison_notes(rows, lang)[1:]])]
    title = shown.count(lang)
    return [Section("fit", w("fit", lang), title, blocks, w("fit.lead", lang))]


def _headline(shown: Fit, lang: str) -> Table:
    """One line for each window and figure, as the terminal shows it."""
    return Table(
        "published-headline",
        w("fit.table", lang),
        [
            Column(w("window", lang), lambda r: str(r["window"])),
            Column(headline(w("figure", lang)), lambda r: headline(name_of(r["measure"], lang))),
            Column(headline(w("published", lang)), lambda r: _published(r, lang), True),
            Column(headline(w("simulated", lang)), lambda r: _simulated(r, lang), True),
            Column(headline(w("distance", lang)), lambda r: verdict(r, lang)),
        ],
        [row for row in shown.rows if row["role"] != NOT_PUBLISHED],
        ("window", "figure", "published", "measure", "basis", "mean", "low", "high", "role"),
        lambda r: "" if r["role"] != MUST else "good" if is_inside(r) else "bad",
    )


def _published(row: Mapping[str, Any], lang: str) -> str:
    return (
        formats.NOTHING
        if row["published"] is None
        else formats.value(row["figure"], row["published"], lang, 2)
    )


def _simulated(row: Mapping[str, Any], lang: str) -> str:
    return formats.interval(row["figure"], row["mean"], row["low"], row["high"], lang)


def _all(rows: Sequence[Row], lang: str) -> Table:
    return Table(
        "published-and-simulated",
        w("fit.all", lang),
        [
            Column(w("window", lang), lambda r: str(r["window"])),
            Column(headline(w("interpretation", lang)), lambda r: headline(name_of(r["measure"], lang))),
            Column(headline(w("basis", lang)), lambda r: known("basis." + r["basis"], lang, r["basis"])),
            Column(headline(w("published", lang)), lambda r: _published(r, lang), True),
            Column(headline(w("simulated", lang)), lambda r: _simulated(r, lang), True),
            Column(headline(w("distance", lang)), lambda r: "×" if r["impossible"] else distance(r, lang)),
        ],
        rows,
        ("window", "figure", "measure", "basis", "published", "mean", "low", "high"),
        lambda r: "good" if is_inside(r) and not r["impossible"] else "",
        folded=True,
    )
