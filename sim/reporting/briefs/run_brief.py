"""The brief of a run: what a scenario gives, whether it meets what was published, under which assumptions and laws.

Its numbers are those of measures.csv.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

from sim.law.verdict import breaches
from sim.locale.signs import headed
from sim.measures.definitions import definitions
from sim.reporting.briefs.assumed import of_scenario
from sim.reporting.briefs.content import Block, Brief, Line, Picture, Section, Table, clipped, w
from sim.reporting.briefs.law import breach_lines, verdict_words
from sim.reporting.differences import HEADLINES
from sim.reporting.figures.change import changes, sentence
from sim.reporting.figures.published import published_vs_simulated
from sim.reporting.fit import MUST, changed
from sim.reporting.formats import minus
from sim.reporting.pages.run_data import gather
from sim.reporting.pages.run_folder import RunFolder, read_run
from sim.reporting.pages.run_tables import kind_names, named, window_name
from sim.reporting.pages.words import w as of_pages
from sim.reporting.style import drawn
from sim.reporting.units import head_with_unit, with_unit
from sim.reporting.values import with_range
from sim.scenario.schema import WHOLE

BY_KIND: Final = ("lots_listed", "lots_sold", "sale_rate_final", "recovery_all", "days_to_sale_mean")
IN_SHORT: Final = ("lots_listed", "lots_sold", "sale_rate_final", "recovery_all", "days_to_sale_mean")
MOST_KINDS, MOST_WINDOWS, MOST_TITLE, MOST_DATES = 12, 5, 110, 4


def run_brief(path: Path, lang: str, day: date) -> Brief:
    """The brief of the folder that ``sim run`` left in ``path``. ``day``: whose law counts as today's. Raises ``PageError``."""
    folder = read_run(path)
    scenario = folder.scenario
    title = clipped(scenario.title_zh if lang == "zh" else scenario.title, MOST_TITLE)
    source = w("folder", lang, folder=clipped(path.resolve().name, 40), file="measures.csv")
    start, end = scenario.time.start, scenario.time.end
    return Brief(
        lang=lang,
        kind=w("kind", lang),
        title=w("question.run", lang, title=title),
        lead=[w("simulated", lang, start=start, end=end, n=int(folder.manifest["replications"]))],
        pages=(
            [
                Section(w("answer", lang), _answer(folder, lang)),
                Section(w("results", lang), _results(folder, lang)),
                *_change(folder, lang),
            ],
            [
                Section(w("assumed", lang), of_scenario(scenario, lang, folder.departure is None)),
                Section(w("law", lang), _law(folder, lang, day)),
                Section(w("by_kind", lang), _kinds(folder, lang)),
                Section(w("ask", lang), _ask(lang)),
            ],
        ),
        foot=w("foot", lang, source=source, seed=folder.manifest["seed"], day=day),
    )  # fmt: skip


def _answer(folder: RunFolder, lang: str) -> list[Block]:
    """Sales, recovery and days over the whole period; published beside simulated, where something was published."""
    parts = [
        w("value", lang, name=named(definitions(folder.rounds)[name], lang), value=with_unit(_cell(folder, name, WHOLE, lang), definitions(folder.rounds)[name], lang))
        for name in IN_SHORT
    ]  # fmt: skip
    blocks: list[Block] = [Line(w("semicolon", lang).join(parts), strong=True), Line(w("interval.run", lang), small=True)]  # fmt: skip
    if departs := folder.fit.departure:
        said = w("departs", lang, changes=changed(departs, lang), title=departs.titled(lang))
        blocks.append(Line(said))
    if folder.fit.of(MUST):
        figure = published_vs_simulated(folder.fit, lang)
        wide, tall = figure.get_size_inches()
        blocks += [Line(folder.fit.count(lang)), Picture(drawn(figure, "png"), float(tall / wide), folder.fit.count(lang))]  # fmt: skip
    return blocks


def _change(folder: RunFolder, lang: str) -> list[Section]:
    """What changes at a date, and the months before it and after, where records were kept; nothing where nothing changes."""
    dates = changes(folder.scenario, lang)
    if not dates:
        return []
    months = gather(folder).months
    said = [Line(sentence(months, folder.scenario, lang))] if months else []
    lines = [
        Line(headed(str(day), what, lang), bullet=True) for day, what in list(dates.items())[:MOST_DATES]
    ]
    return [Section(of_pages("change", lang), [*said, *lines])]


def _cell(folder: RunFolder, measure: str, window: str, lang: str, segment: str = "all") -> str:
    """Mean and 95 % of the replications."""
    kind = definitions(folder.rounds)[measure].kind
    return minus(with_range(kind, folder.row(measure, window, segment), lang))


def _results(folder: RunFolder, lang: str) -> list[Block]:
    """Headline measures, window by window and over the whole period."""
    known = definitions(folder.rounds)
    windows = [*[one for one in folder.windows if one != WHOLE][-MOST_WINDOWS:], WHOLE]
    table = Table(
        [w("measure", lang), *(window_name(one, lang) for one in windows)],
        [
            [
                head_with_unit(known[measure], lang),
                *(_cell(folder, measure, window, lang) for window in windows),
            ]
            for measure in HEADLINES
        ],
        len(windows),
    )
    return [table]


def _law(folder: RunFolder, lang: str, day: date) -> list[Block]:
    scenario, time = folder.scenario, folder.scenario.time
    then, today = breaches(scenario), breaches(scenario, day)
    table = Table(
        [w("law.then", lang, start=time.start, end=time.end), w("law.today", lang, day=day)],
        [[verdict_words(then, None, lang), verdict_words(today, None, lang)]],
    )
    return [table, *breach_lines([("", one) for one in (*then, *today)], lang)]


def _kinds(folder: RunFolder, lang: str) -> list[Block]:
    """Sales, recovery and days of each kind of asset, those with most lots first."""
    known, names = definitions(folder.rounds), kind_names(folder, lang)
    listed = {name: folder.row("lots_listed", WHOLE, name)["mean"] for name in names}
    shown = sorted((name for name in names if listed[name] > 0), key=lambda name: -listed[name])
    table = Table(
        [w("kind_of_lot", lang), *(head_with_unit(known[measure], lang) for measure in BY_KIND)],
        [
            [clipped(names[name], 26), *(_cell(folder, measure, WHOLE, lang, name) for measure in BY_KIND)]
            for name in shown[:MOST_KINDS]
        ],
        len(BY_KIND),
    )
    more = len(shown) - MOST_KINDS
    return [table, *([Line(w("kinds.left", lang, n=more), small=True)] if more > 0 else [])]


def _ask(lang: str) -> Sequence[Block]:
    return [Line(w(f"ask.{name}", lang), bullet=True) for name in ("policy", "lots", "definition")]
