"""The page of a run: published and simulated, the way of the lots, time, premium, backlog, histories of a few lots."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np

from sim.law.verdict import breaches
from sim.locale.signs import headed
from sim.measures.lot_history import history
from sim.measures.notable_lots import notable_lots, of_lot, why_notable
from sim.reporting import figures, formats
from sim.reporting.differences import basis_note
from sim.reporting.figures.intervals import panel
from sim.reporting.figures.outcomes import lot_outcomes, outcome_keys
from sim.reporting.figures.published import overview_keys, overview_panels
from sim.reporting.fit import MUST, Fit, changed
from sim.reporting.law import breach_sentence
from sim.reporting.pages.auction_room import room_block, room_data
from sim.reporting.pages.change_section import change_section
from sim.reporting.pages.fit_section import fit_section
from sim.reporting.pages.manifest import manifest_rows
from sim.reporting.pages.run_data import MONTH, RunData
from sim.reporting.pages.run_folder import RunFolder, law_of
from sim.reporting.pages.run_tables import (  # fmt: skip
    glance_table,
    kind_names,
    kind_table,
    measures_table,
    outcome_table,
    record_tables,
    window_name,
)
from sim.reporting.pages.shell import Block, Figure, History, Notes, Page, Section
from sim.reporting.pages.words import w
from sim.reporting.svg import both, fragment, swatch
from sim.reporting.text import headline, round_name, t
from sim.reporting.values import value
from sim.scenario.schema import WHOLE

TOP = 0.01  # the headline of the premium says what the top one per cent of sales supply
SHOWN = ("contested", "ordinary", "late", "unsold", "in_kind", "defaulted")  # why a lot's history is shown


def run_page(folder: RunFolder, data: RunData, lang: str) -> Page:
    """Lay out the page of a folder that has been read. Raises ``PageError``."""
    scenario, manifest = folder.scenario, folder.manifest
    shown = folder.fit
    sections = [
        Section("glance", w("glance", lang), w("glance.title", lang), [*_pictures(folder, shown, lang), glance_table(folder, lang)]),
        *fit_section(folder.compared, shown, lang),
        *change_section(data.months, scenario, lang),
        _flow(folder, data, lang),
        *_shapes(data, lang),
        _backlog(folder, data, lang),
        *_histories(folder, data, lang),
        *_records(folder, lang),
        Section("measures", w("measures", lang), w("measures.title", lang), [measures_table(folder, lang)], w("measures.elsewhere", lang)),
    ]  # fmt: skip
    return Page(
        lang=lang,
        kind=w("run.kind", lang),
        name=scenario.title_zh if lang == "zh" else scenario.title,
        headline=_headline(folder, shown, lang),
        lead=_lead(folder, lang),
        warnings=[breach_sentence(breach, lang) for breach in breaches(scenario, law_of(manifest))],
        sections=sections,
        manifest=manifest_rows(manifest, lang),
        appendix=[(w("scenario.text", lang), str(manifest.get("scenario", "")))],
        scripts=("room.js",),
        files={"measures.csv": (folder.path / "measures.csv").read_bytes()},
    )


def _pictures(folder: RunFolder, shown: Fit, lang: str) -> list[Block]:
    """What the page opens with: which published figures are met, and where the lots end."""
    blocks: list[Block] = []
    if panels := overview_panels(shown, lang):
        keys = [(swatch(key.colour, key.shape), key.words) for key in overview_keys(shown, lang)]
        drawn = [(one.title, fragment(panel(one, lang))) for one in panels]
        blocks.append(Figure(w("overview.caption", lang), panels=drawn, big=True, keys=keys))
    bars = {window_name(name, lang): parts for name in folder.windows if (parts := folder.outcomes(name))}
    if bars:
        keys = [(swatch(key.colour), key.words) for key in outcome_keys(max(bars.values(), key=len), lang)]
        caption = w("outcomes.picture", lang, n=folder.manifest.get("replications", "?"))
        blocks.append(Figure(caption, *both(partial(lot_outcomes, bars, lang)), keys=keys))
    return blocks


def _records(folder: RunFolder, lang: str) -> list[Section]:
    """What the columns of the folder's files of records mean, and what their codes stand for."""
    tables = record_tables(folder, lang)
    if not tables:
        return []
    return [Section("records", w("records", lang), w("records.title", lang), tables, w("records.lead", lang, day=folder.scenario.time.start))]  # fmt: skip


def _whole(folder: RunFolder, measure: str, kind: str, lang: str) -> str:
    """The mean over the whole period, in words; counts and days without decimals."""
    x = folder.row(measure, WHOLE)["mean"]
    return value(kind, float(round(x)) if kind == "count" and math.isfinite(x) else x, lang)


def _headline(folder: RunFolder, shown: Fit, lang: str) -> str:
    if shown.of(MUST):
        return shown.count(lang)
    plain = w(
        "run.headline.plain",
        lang,
        day=folder.scenario.time.end,
        listed=_whole(folder, "lots_listed", "count", lang),
        sold=_whole(folder, "lots_sold", "count", lang),
        median=_whole(folder, "days_to_sale_median", "count", lang),
    )
    return headed(headline(changed(shown.departure, lang)), plain, lang) if shown.departure else plain


def _lead(folder: RunFolder, lang: str) -> list[str]:
    sentence = w(
        "run.lead.outcomes",
        lang,
        listed=_whole(folder, "lots_listed", "count", lang),
        sold=_whole(folder, "lots_sold", "count", lang),
        days=_whole(folder, "days_to_sale_median", "count", lang),
        premium=_whole(folder, "premium_median", "rate", lang),
        recovery=_whole(folder, "recovery", "rate", lang),
    )
    counted = [basis_note(folder.basis, lang)] if folder.windows != [WHOLE] else []
    if shown := folder.fit.departure:
        counted.append(w("run.lead.departs", lang, title=shown.titled(lang)))
    return [sentence, *counted, w("run.lead.method", lang, n=folder.manifest.get("replications", "?"))]


def _flow(folder: RunFolder, data: RunData, lang: str) -> Section:
    title = headline(w("flow", lang))
    blocks: list[Block] = []
    if data.flow:
        drawn = both(partial(figures.lot_flow, data.flow, lang))
        n = folder.manifest.get("replications", "?")
        blocks.append(Figure(w("flow.caption", lang, n=n), *drawn))
        title = _flow_title(data, folder.rounds, lang)
    else:
        blocks.append(Notes([w("no.records", lang, kept=folder.manifest.get("records", "none"))]))
    return Section("flow", w("flow", lang), title, [*blocks, outcome_table(folder, lang)])


def _flow_title(data: RunData, rounds: Sequence[str], lang: str) -> str:
    flow = {(a, b): n for a, b, n in data.flow}
    return t(
        "flow.title",
        lang,
        round=round_name(rounds[0], lang),
        listed=formats.count(round(flow["listed", rounds[0]])),
        sold=formats.count(round(sum(n for (_, b), n in flow.items() if b.startswith("sold:")))),
        first=formats.count(round(flow.get((rounds[0], "sold:" + rounds[0]), 0.0))),
    )


def _shapes(data: RunData, lang: str) -> list[Section]:
    """Days to sale and premiums; nothing where nothing was sold or no records were kept."""
    if not len(data.days_to_sale):
        return []
    n = len(next(iter(data.curves.values())))
    median, p90 = np.quantile(data.days_to_sale, (0.5, 0.9))
    days = Figure(w("days.caption", lang, n=n), *both(partial(figures.days_to_sale, data.days_to_sale, lang)))
    drawn = both(partial(figures.premium_distribution, data.premiums, lang, starts=data.starts))
    title = t("days.title", lang, median=f"{median:.0f}", p90=f"{p90:.0f}")
    return [
        Section("days", w("days", lang), title, [days]),
        Section("premium", w("premium", lang), _premium_title(data, lang), [Figure(w("premium.caption", lang), *drawn)]),
    ]  # fmt: skip


def _premium_title(data: RunData, lang: str) -> str:
    total = float(data.premiums.sum())
    if total <= 0:
        return t("premium.none", lang)
    top = max(1, round(TOP * len(data.premiums)))
    part = formats.percent(float(np.sort(data.premiums)[-top:].sum()) / total, 0)
    return t("premium.title", lang, top=formats.percent(TOP, 0), part=part)


def _backlog(folder: RunFolder, data: RunData, lang: str) -> Section:
    time = folder.scenario.time
    blocks: list[Block] = []
    if data.curves:
        windows = {name: (one.first, one.last) for name, one in time.windows.items()}
        curves = partial(figures.open_lots, data.days, data.curves, lang, origin=time.start, windows=windows)
        drawn = both(curves)
        blocks.append(Figure(t("open.band", lang), *drawn))
    bars = [
        (words, folder.row("backlog_preparing", WHOLE, name)["mean"], folder.row("lots_open", WHOLE, name)["mean"])
        for name, words in kind_names(folder, lang).items()
    ]  # fmt: skip
    keys = [(swatch(key.colour), key.words) for key in figures.backlog_keys(lang)]
    drawn = both(partial(figures.backlog_by_kind, bars, lang))
    blocks += [Figure(w("backlog.kind", lang), *drawn, keys=keys), kind_table(folder, lang)]
    if data.backlog.size:
        drawn = both(partial(figures.backlog_by_court, data.backlog, time.start, MONTH, lang))
        shown = min(figures.COURTS, len(data.backlog))
        blocks.append(Figure(w("backlog.court.caption", lang, n=shown, all=len(data.backlog)), *drawn))
    title = w(
        "backlog.title",
        lang,
        day=time.end,
        open=_whole(folder, "lots_open", "count", lang),
        preparing=_whole(folder, "backlog_preparing", "count", lang),
    )
    return Section("backlog", w("backlog", lang), title, blocks)


def _histories(folder: RunFolder, data: RunData, lang: str) -> list[Section]:
    """A few lots of the first history, the most contested one replayed."""
    if data.first is None:
        return []
    found = {why: lot for why, lot in notable_lots(data.first, len(folder.rounds)).items() if why in SHOWN}
    blocks: list[Block] = []
    for why, lot in found.items():
        records = of_lot(data.first, lot)
        lines = [(line.when, line.what, line.article) for line in history(folder.scenario, records, lang)]
        title = w("histories.lot", lang, why=headline(why_notable(why, lang)), lot=lot)
        blocks.append(History(title, lines, open=why == "contested"))
        room = room_data(folder.scenario, records) if why == "contested" else None
        if room:
            blocks.append(room_block(room, lang))
    if not blocks:
        return []
    return [
        Section(
            "histories", w("histories", lang), w("histories.title", lang), blocks, w("histories.lead", lang)
        )
    ]
