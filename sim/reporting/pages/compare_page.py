"""The page of a comparison: what each policy changes, the differences with intervals, the trade-off."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

from sim.law.verdict import CONDITIONAL, DISPUTED, FORBIDDEN, beyond
from sim.locale.signs import bracketed, clauses
from sim.measures.definitions import OF_SOLD
from sim.reporting.differences import (  # fmt: skip
    change,
    direction,
    headline_rows,
    level,
    notes,
    plus_minus,
    reduction,
    same,
    sentence,
    verdict,
    window_name,
)
from sim.reporting.figures.forest import forest_keys, forest_panels
from sim.reporting.figures.intervals import panel
from sim.reporting.figures.outcomes import lot_outcomes, outcome_keys, outcome_name
from sim.reporting.figures.tradeoff import PANELS, tradeoff_panel
from sim.reporting.law import breach_short
from sim.reporting.not_counted import few_draws, model_error, reactions_off
from sim.reporting.pages.compare_folder import CompareFolder, Row
from sim.reporting.pages.manifest import manifest_rows
from sim.reporting.pages.shell import LARGEST_FILE, Block, Figure, Notes, Page, Section, packed
from sim.reporting.pages.table import Column, Table
from sim.reporting.pages.windows_section import windows_section
from sim.reporting.pages.words import w
from sim.reporting.svg import both, fragment, swatch
from sim.reporting.text import headline, known, name_of
from sim.reporting.text_explore import e, of_base
from sim.reporting.units import head_with_unit, with_unit
from sim.reporting.values import dated_name, parameter_value
from sim.scenario.keys import read_key
from sim.scenario.schema import WHOLE

ENDS = ("difference", "ci_low", "ci_high")
FIELDS = (
    "policy_name", "window", "segment", "basis", "measure", "base", "policy", "difference", "ci_low", "ci_high",
    "low", "high", "variance_reduction", "half_parameters", "half", "pairs",
)  # fmt: skip


def compare_page(folder: CompareFolder, lang: str) -> Page:
    """Lay out the page of a folder that has been read. Raises ``PageError``."""
    titles = folder.titles(lang)
    file = (folder.path / "differences.csv").read_bytes()
    sections = [
        Section("answer", w("compare.answer", lang), w("compare.answer.title", lang, n=_pairs(folder)), _answer(folder, titles, lang)),
        *windows_section(folder, titles, lang),
        Section("differences", w("compare.forest", lang), e("forest.title", lang, base=of_base(titles[folder.base], lang)), _forest(folder, titles, lang)),
        Section("tradeoff", w("compare.tradeoff", lang), e("tradeoff.title", lang), _tradeoff(folder, titles, lang)),
        Section("flow", w("flow", lang), w("compare.outcomes.title", lang), _outcomes(folder, titles, lang)),
        Section("measures", w("measures", lang), w("compare.all.title", lang), [_all(folder, titles, lang), Notes(_notes(folder, lang)[1:-1])], w("compare.all.lead", lang)),
    ]  # fmt: skip
    return Page(
        lang=lang,
        kind=w("compare.kind", lang),
        name=titles[folder.base],
        headline=_headline(folder, titles, lang),
        lead=[w("compare.lead", lang, base=of_base(titles[folder.base], lang))],
        warnings=_unlawful(folder, titles, lang),
        sections=sections,
        manifest=manifest_rows(folder.manifest, lang),
        appendix=[(w("scenario.text", lang), str(folder.manifest.get("scenario", "")))],
        files={"differences.csv": file} if len(packed(file)) < LARGEST_FILE else {},
    )


def _pairs(folder: CompareFolder) -> int:
    return int(max(row["pairs"] for row in folder.rows))


def _headline(folder: CompareFolder, titles: dict[str, str], lang: str) -> str:
    """One policy: what it does to sales, and beside it what is recovered, of all lots and of the sold. Several: which sells most."""
    sold = {name: row for name in folder.policies if (row := folder.row(name, "lots_sold"))}
    rate = {name: row for name in folder.policies if (row := folder.row(name, "sale_rate_final"))}
    if not sold or not rate:
        return e("forest.title", lang, base=of_base(titles[folder.base], lang))
    name = max(sold, key=lambda one: sold[one]["difference"])
    if len(folder.policies) > 1 and direction(sold[name]) <= 0:
        return w("compare.headline.none", lang, n=len(folder.policies))
    key = "compare.headline.one" if len(folder.policies) == 1 else "compare.headline.many"
    gain = w(key, lang, policy=titles[name], sold=_moved(sold[name], lang), rate=_moved(rate[name], lang), n=len(folder.policies))  # fmt: skip
    every, own = (folder.row(name, measure) for measure in ("recovery_all", "recovery"))
    if every is None or own is None:
        return gain
    return clauses(
        [gain, w("compare.headline.cost", lang, all=_moved(every, lang), own=_moved(own, lang))], lang
    )


def _moved(row: Row, lang: str) -> str:
    """A change in its unit; said to be none, or not significant, where it is."""
    if same(row):
        return e("same", lang)
    text = with_unit(change(row["measure"], row["difference"], row["ci_low"], row["ci_high"], lang)[0], row["measure"], lang)  # fmt: skip
    return text if direction(row) else bracketed(text, e("no_difference", lang), lang)


def _unlawful(folder: CompareFolder, titles: dict[str, str], lang: str) -> list[str]:
    """What the law does not allow, of the policies only: what the base breaks just so is in all of them."""
    before = folder.breaches(folder.base)
    base = {(one.path, one.value) for one in before}
    warnings = []
    for name in folder.policies:
        more = beyond(folder.breaches(name), before, lambda one: (one.path, one.value) not in base)
        for said in (FORBIDDEN, DISPUTED, CONDITIONAL):
            such = [breach_short(one, lang) for one in more if one.verdict == said]
            if such:
                what = w("semicolon", lang).join(such)
                warnings.append(w(f"compare.{said}", lang, policy=titles[name], what=what))
    return warnings


def _answer(folder: CompareFolder, titles: dict[str, str], lang: str) -> list[Block]:
    """A sentence for each policy, the headline differences, what each policy sets."""
    lines = [
        f"{titles[name]}{w('colon', lang)}{sentence(_of(folder, name), lang)}" for name in folder.policies
    ]
    first, *_, last = _notes(folder, lang)
    base = folder.loaded[folder.base].scenario
    lines += few_draws(_draws(folder), lang)
    return [
        Notes(lines),
        Notes([*reactions_off(base, lang), model_error(lang)], kind="plain"),
        _headlines(folder, titles, lang),
        Notes([w("compare.sold_only", lang, measures=_of_sold(folder, lang)), first, last]),
        _changes(folder, titles, lang),
    ]


def _of_sold(folder: CompareFolder, lang: str) -> str:
    """The headline measures that hold only for sold lots."""
    measures = dict.fromkeys(row["measure"] for name in folder.policies for row in _of(folder, name))
    return clauses((name_of(one, lang) for one in measures if one in OF_SOLD), lang)


def _draws(folder: CompareFolder) -> int:
    return int(folder.manifest.get("draws") or 0)


def _notes(folder: CompareFolder, lang: str) -> list[str]:
    """What the columns of the tables mean; what only the table of all differences has stands in the middle."""
    draws, file = _draws(folder), folder.manifest.get("draws_file") or {}
    return notes(_pairs(folder) // max(draws, 1), draws, int(file.get("total", draws)), lang)


def _headlines(folder: CompareFolder, titles: dict[str, str], lang: str) -> Table:
    """A row a measure: the base's level, then each policy's difference."""
    by_measure: dict[str, Row] = {}
    for name in folder.policies:
        for row in _of(folder, name):
            mine = by_measure.setdefault(row["measure"], {"measure": row["measure"], "base": row["base"]})
            mine |= {f"{name} {k}": row[k] for k in ENDS}
    ends = [f"{name} {k}" for name in folder.policies for k in ENDS]
    rows = [dict.fromkeys(ends, math.nan) | row for row in by_measure.values()]

    def show(name: str) -> Callable[[Any], str]:
        return lambda r: _change({"measure": r["measure"]} | {k: r[f"{name} {k}"] for k in ENDS}, lang)

    columns = [
        Column(headline(e("measure", lang)), lambda r: head_with_unit(r["measure"], lang, own=True)),
        Column(headline(e("base", lang)), lambda r: level(r["measure"], r["base"], lang), True),
        *(Column(titles[name], show(name), True) for name in folder.policies),
    ]
    return Table(
        "differences-headline", w("compare.headlines", lang), columns, rows, ("measure", "base", *ends)
    )


def _of(folder: CompareFolder, name: str, window: str = WHOLE) -> list[Any]:
    return headline_rows((row for row in folder.on_basis if row["policy_name"] == name), window)


def _all(folder: CompareFolder, titles: dict[str, str], lang: str) -> Table:
    """Every measure of all lots together, window by window, on both bases."""
    columns = [
        Column(headline(e("policy", lang)), lambda r: titles[r["policy_name"]]),
        Column(headline(e("window", lang)), lambda r: window_name(r["window"], lang)),
        Column(headline(w("basis", lang)), lambda r: known("basis." + r["basis"], lang, r["basis"])),
        Column(headline(e("measure", lang)), lambda r: head_with_unit(r["measure"], lang, own=True)),
        Column(headline(e("base", lang)), lambda r: level(r["measure"], r["base"], lang), True),
        Column(headline(e("policy", lang)), lambda r: level(r["measure"], r["policy"], lang), True),
        Column(headline(e("difference", lang)), lambda r: _change(r, lang), True),
        *(_halves(lang) if _draws(folder) > 1 else [_reduction(lang)]),
        Column(headline(e("answer", lang)), lambda r: verdict(r, lang)),
    ]
    rows = [row for row in folder.rows if row["segment"] == "all"]
    return Table("differences-all", w("compare.all", lang), columns, rows, FIELDS, folded=True)


def _reduction(lang: str) -> Column:
    return Column(headline(e("reduction", lang)), lambda r: reduction(r["variance_reduction"], lang), True)


def _halves(lang: str) -> list[Column]:
    """The two parts of an interval under draws, each as a half-width."""

    def show(name: str) -> Callable[[Any], str]:
        return lambda r: plus_minus(r["measure"], r[name], lang)

    return [Column(headline(e(name, lang)), show(name), True) for name in ("half_parameters", "half")]


def _change(row: Any, lang: str) -> str:
    return " ".join(change(row["measure"], row["difference"], row["ci_low"], row["ci_high"], lang)).strip()


def _changes(folder: CompareFolder, titles: dict[str, str], lang: str) -> Table:
    kinds = folder.loaded[folder.base].scenario.kinds
    columns = [
        Column(headline(e("policy", lang)), lambda r: titles[r["policy"]]),
        Column(w("compare.key", lang), lambda r: headline(dated_name(read_key(str(r["key"])), lang, kinds))),
        Column(
            headline(e("base", lang)),
            lambda r: parameter_value(read_key(str(r["key"])), r["base"], lang),
            True,
        ),
        Column(
            headline(e("policy", lang)),
            lambda r: parameter_value(read_key(str(r["key"])), r["value"], lang),
            True,
        ),
    ]
    return Table(
        "changes", w("compare.changes", lang), columns, folder.changes(), ("policy", "key", "base", "value")
    )


def _forest(folder: CompareFolder, titles: dict[str, str], lang: str) -> list[Block]:
    """A panel for each headline measure, in it a line for each policy."""
    policies = {name: titles[name] for name in folder.policies}
    panels = [
        (one.title, fragment(panel(one, lang))) for one in forest_panels(folder.on_basis, policies, lang)
    ]
    keys = [(swatch(key.colour, key.shape), key.words) for key in forest_keys(lang)]
    return [Figure(w("compare.forest.caption", lang), panels=panels, keys=keys)]


def _tradeoff(folder: CompareFolder, titles: dict[str, str], lang: str) -> list[Block]:
    policies = {name: titles[name] for name in folder.policies}
    panels = []
    for pair in PANELS:
        if drawn := tradeoff_panel(pair, folder.on_basis, policies, lang):
            x, y = (headline(name_of(measure, lang)) for measure in pair)
            panels.append((f"{y} / {x}", fragment(drawn)))
    lines = [
        f"◆ {titles[folder.base]}",
        *(f"{i + 1}  {title}" for i, title in enumerate(policies.values())),
    ]
    return [Figure(w("compare.tradeoff.caption", lang), panels=panels, big=True), Notes(lines, kind="plain")]


def _outcomes(folder: CompareFolder, titles: dict[str, str], lang: str) -> list[Block]:
    outcomes = folder.outcomes()
    if not outcomes:
        return []
    bars = {titles[name]: parts for name, parts in outcomes.items()}
    keys = [(swatch(key.colour), key.words) for key in outcome_keys(max(bars.values(), key=len), lang)]
    rows = [
        {"scenario": name, "end": end, "share": share}
        for name, parts in outcomes.items()
        for end, share in parts
    ]
    columns = [
        Column(headline(e("policy", lang)), lambda r: titles[r["scenario"]]),
        Column(w("compare.end", lang), lambda r: outcome_name(r["end"], lang)),
        Column(w("compare.share", lang), lambda r: f"{100 * r['share']:.1f}%", True),
    ]  # fmt: skip
    table = Table(
        "outcomes", w("outcomes.caption", lang), columns, rows, ("scenario", "end", "share"), folded=True
    )
    return [Figure(w("outcomes.caption", lang), *both(partial(lot_outcomes, bars, lang)), keys=keys), table]
