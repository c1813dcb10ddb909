"""The summary as one page: what was read, what became of lots, rounds, prices, bidding, and what would be published."""

from __future__ import annotations

from collections.abc import Sequence

from calibration.lots import report
from calibration.lots.reader.read import FilesRead
from calibration.lots.summary import pictures, tables
from calibration.lots.summary.tables import Summary
from calibration.lots.words import w
from sim.reporting import formats
from sim.reporting.pages.shell import Block, Notes, Page, Section
from sim.reporting.pages.table import Table


def page(
    read: FilesRead, of: Summary, name: str, lang: str, first: Sequence[Section] = (), answer: str = ""
) -> Page:
    """Lay out what there is. ``first``: sections before the others, ``answer``: the headline, where something was estimated."""
    made = {table.name: table for table in tables.tables(of, lang)}
    sections = [
        _section("lots", _lots(of, made, lang), lang, notes=_course_notes(of, read, lang)),
        _section("rounds", _rounds(of, made, lang), lang),
        _section("prices", _chosen(made, "lots-prices", "lots-bidders"), lang),
        _section("bidding", _chosen(made, "lots-bidding", "lots-tempo"), lang),
        _section("totals", _chosen(made, "lots-totals"), lang),
    ]
    aside = report.set_aside(read, lang)
    files = Section(
        "files", w("kicker.files", lang), w("title.files", lang), [Notes([*report.lines(read, lang), *aside])]
    )
    return Page(
        lang=lang, kind=w("kind", lang), name=name, headline=answer or headline(read, of, lang), lead=[w("lead", lang)],
        warnings=[] if read.selection == "all listed" else [w(f"selection.{read.selection}", lang)],
        sections=[*first, *(one for one in sections if one.blocks), files],
    )  # fmt: skip


def headline(read: FilesRead, of: Summary, lang: str) -> str:
    """One sentence: how many lots, and how many of them were sold, where the files can say."""
    if not of.ends:
        return w("headline.bids", lang, n=of.bidding[0]["n"])
    if read.selection == "sold only":
        return w("headline.sold", lang, lots=sum(row["n"] for row in of.ends))
    sold = next((row for row in of.ends if row["end"] == "sold"), None)
    lots = sum(row["n"] for row in of.ends)
    return w("headline", lang, lots=lots, share=formats.percent(sold["share"] if sold else 0.0))


def _section(name: str, blocks: Sequence[Block], lang: str, notes: Sequence[str] = ()) -> Section:
    body = [*blocks, Notes(notes)] if blocks and notes else blocks
    return Section(name, w(f"kicker.{name}", lang), w(f"title.{name}", lang), body, w(f"lead.{name}", lang))


def _chosen(made: dict[str, Table], *names: str) -> list[Block]:
    return [made[name] for name in names if name in made]


def _lots(of: Summary, made: dict[str, Table], lang: str) -> list[Block]:
    blocks: list[Block] = [pictures.course_figure(of.course, lang)] if of.course else []
    return [*blocks, *_chosen(made, "lots-ends", "lots-course", "lots-rounds-held")]


def _rounds(of: Summary, made: dict[str, Table], lang: str) -> list[Block]:
    panels = [
        pictures.hazard_panel(of.rounds, lang),
        pictures.start_panel(of.starts, lang),
        pictures.price_panel(of.rounds, lang),
    ]
    shown = [one for one in panels if one.groups]
    blocks: list[Block] = [pictures.panels_figure(shown, w("figure.rounds", lang), lang)] if shown else []
    return [*blocks, *_chosen(made, "lots-rounds", "lots-starts", "lots-after-default")]


def _course_notes(of: Summary, read: FilesRead, lang: str) -> list[str]:
    """Who counts in the course, or why there is none."""
    if of.course is None:
        return [w("course.none", lang)] if read.histories is not None else []
    found = [w("course.counted", lang, lots=of.course.lots, open=of.course.open)]
    return [*found, w("course.late", lang, n=of.course.late)] if of.course.late else found
