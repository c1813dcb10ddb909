"""The brief of a comparison: what policies change, at what cost, under which assumptions and laws, and what to ask for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from sim.law.verdict import CONDITIONAL, beyond, breaches, judged, limits
from sim.locale.signs import bracketed
from sim.reporting.briefs.assumed import of_scenario
from sim.reporting.briefs.content import (  # fmt: skip
    LETTERS,
    MOST_POLICIES,
    Block,
    Brief,
    BriefError,
    Line,
    Picture,
    Section,
    Table,
    clipped,
    w,
)
from sim.reporting.briefs.law import articles, breach_lines, limit_words, verdict_words
from sim.reporting.differences import (  # fmt: skip
    basis_note,
    change,
    direction,
    headline_rows,
    level,
    plus_minus,
    same,
    sentence,
)
from sim.reporting.figures.forest import forest_keys, forest_panels
from sim.reporting.figures.intervals import sheet
from sim.reporting.formats import NOTHING, minus
from sim.reporting.law import condition_words
from sim.reporting.not_counted import few_draws
from sim.reporting.pages.compare_folder import CompareFolder, Row, read_compare
from sim.reporting.pages.windows_section import named_days, reform_days, window_named
from sim.reporting.pages.words import w as of_pages
from sim.reporting.style import drawn
from sim.reporting.text import headline, name_of
from sim.reporting.text_explore import of_base
from sim.reporting.units import head_with_unit, unit_of, with_unit
from sim.reporting.values import dated_name, parameter_value
from sim.scenario.keys import read_key, undated, write_key
from sim.scenario.schema import WHOLE, Kind

# Which way is better; a premium is neither.
BETTER: Final = {
    "lots_sold": 1, "sale_rate_final": 1, "recovery_all": 1, "days_to_sale_mean": -1, "recovery": 1, "turnover": 1,
}  # fmt: skip
SOLD_ONLY: Final = ("days_to_sale_mean", "recovery", "premium_turnover")  # measures of sold lots alone
PICTURED: Final = ("lots_sold", "recovery_all", "days_to_sale_mean", "recovery")
BY_KIND: Final = ("lots_sold", "recovery_all", "days_to_sale_mean")  # of one policy
BY_WINDOW: Final = ("lots_sold", "sale_rate_final", "recovery_all", "days_to_sale_mean")  # of one policy
MOST_KINDS, MOST_VALUES, MOST_WINDOWS = 12, 8, 4
LONGEST_TITLE, LONGEST_HEAD = 110, 26  # columns of characters


def compare_brief(path: Path, lang: str, day: date, policies: Sequence[str] = ()) -> Brief:
    """The brief of the folder that ``sim compare`` left in ``path``: of some policies, or of all.

    ``day``: whose law counts as today's. Raises ``BriefError`` and ``PageError``.
    """
    source = w("folder", lang, folder=clipped(path.resolve().name, 40), file="differences.csv")
    return brief_of(read_compare(path), lang, day, policies=policies, source=source)


def brief_of(
    folder: CompareFolder, lang: str, day: date, *, policies: Sequence[str] = (), source: str = ""
) -> Brief:
    """The brief of a comparison that has been read, or is in memory; ``source`` names it at the foot. Raises ``BriefError``."""
    one = _Compared(folder, lang, day, _chosen(folder, policies, lang))
    many, time = len(one.policies) > 1, folder.loaded[folder.base].scenario.time
    named = (
        [f"{one.called(name)}{w('colon', lang)}{one.title(name)}" for name in one.policies] if many else []
    )
    against = w("against", lang, base=one.base_title, start=time.start, end=time.end)
    return Brief(
        lang=lang,
        kind=w("kind", lang),
        title=w("question.many" if many else "question.one", lang, policy=one.title(one.policies[0]), n=len(one.policies)),
        lead=[*named, against],
        pages=(
            [Section(w("answer", lang), _answer(one)), Section(w("cost", lang), _cost(one)), *_windows(one)],
            [
                Section(w("assumed", lang), _assumed(one)),
                Section(w("law", lang), _law(one)),
                Section(w("kinds", lang), _kinds(one)),
                Section(w("ask", lang), _ask(one)),
            ],
        ),
        foot=w("foot", lang, source=source or w("memory", lang), seed=folder.manifest["seed"], day=day),
    )  # fmt: skip


def _chosen(folder: CompareFolder, policies: Sequence[str], lang: str) -> list[str]:
    unknown = [name for name in policies if name not in folder.policies]
    known = w("comma", lang).join(folder.policies)
    if unknown:
        raise BriefError(w("unknown", lang, names=w("comma", lang).join(unknown), known=known))
    chosen = list(dict.fromkeys(policies)) or folder.policies
    if len(chosen) > MOST_POLICIES:
        raise BriefError(w("too_many", lang, most=MOST_POLICIES, n=len(chosen), known=known))
    return chosen


@dataclass(frozen=True)
class _Compared:
    """A comparison's folder in a language, on a day."""

    folder: CompareFolder
    lang: str
    day: date
    policies: list[str]

    @cached_property
    def titles(self) -> dict[str, str]:
        return self.folder.titles(self.lang)

    @property
    def base_title(self) -> str:
        return clipped(of_base(self.titles[self.folder.base], self.lang), LONGEST_TITLE)

    def title(self, name: str) -> str:
        return clipped(self.titles[name], LONGEST_TITLE)

    def called(self, name: str) -> str:
        """What a policy is called beside others: A, B, C, D; nothing where there is one."""
        return w("policy", self.lang, letter=LETTERS[self.policies.index(name)])

    def before(self, name: str) -> str:
        """What stands before a sentence on a policy."""
        return f"{self.called(name)}{w('colon', self.lang)}" if len(self.policies) > 1 else ""

    def heads(self) -> list[str]:
        many = len(self.policies) > 1
        return [self.called(name) if many else w("change", self.lang) for name in self.policies]

    def rows(self, name: str) -> list[Any]:
        return headline_rows(row for row in self.folder.on_basis if row["policy_name"] == name)

    def row(self, name: str, measure: str, segment: str = "all") -> Row | None:
        return self.folder.by_key.get((name, WHOLE, segment, self.folder.basis, measure))

    def changed(self, row: Row | None) -> str:
        """A difference with its interval."""
        if row is None:
            return NOTHING
        if same(row):
            return w("same", self.lang)
        said = change(row["measure"], row["difference"], row["ci_low"], row["ci_high"], self.lang)
        return minus(" ".join(said).strip())

    def joined(self, words: Sequence[str]) -> str:
        return w("list", self.lang).join(words) or w("none", self.lang)

    @property
    def draws(self) -> int:
        return int(self.folder.manifest.get("draws") or 0)


def _answer(one: _Compared) -> list[Block]:
    lang = one.lang
    lines = [
        Line(minus(one.before(name) + sentence(one.rows(name), lang)), strong=True) for name in one.policies
    ]
    lines += [Line(said) for said in few_draws(one.draws, lang)]
    key = "interval.draws" if one.draws > 1 else "interval"
    return [*lines, Line(w(key, lang), small=True), _picture(one)]


def _picture(one: _Compared) -> Picture:
    """Differences from the base with their intervals, and a line at no difference."""
    lang = one.lang
    many = len(one.policies) > 1
    titles = {name: one.called(name) if many else "" for name in one.policies}
    rows = [row for row in one.folder.on_basis if row["measure"] in PICTURED]
    panels = forest_panels(rows, titles, lang)
    figure = sheet(panels, 2, w("picture", lang), lang, w("picture.foot", lang), forest_keys(lang))
    wide, tall = figure.get_size_inches()
    label = w("semicolon", lang).join(minus(panel.label) for panel in panels)
    return Picture(drawn(figure, "png"), float(tall / wide), label, 0.82)


def _cost(one: _Compared) -> list[Block]:
    """Every headline measure, the base's level beside the changes; then what gets better and what worse."""
    lang = one.lang
    found = {name: {row["measure"]: row for row in one.rows(name)} for name in one.policies}
    measures = list(dict.fromkeys(measure for rows in found.values() for measure in rows))
    base = {measure: rows[measure]["base"] for rows in found.values() for measure in rows}
    single = len(one.policies) == 1
    table = Table(
        [w("measure", lang), w("now", lang), *one.heads(), *([w("means", lang)] if single else [])],
        [
            [
                head_with_unit(measure, lang, own=True) + (w("sold_only.mark", lang) if measure in SOLD_ONLY else ""),
                minus(level(measure, base[measure], lang)),
                *(one.changed(found[name].get(measure)) for name in one.policies),
                *([_means(found[one.policies[0]][measure], lang)] if single else []),
            ]
            for measure in measures
        ],
        1 + len(one.policies) + single,
    )  # fmt: skip
    lines = [_balance(one, name, found[name]) for name in one.policies]
    return [table, *lines, Line(w("sold_only", lang), small=True)]


def _means(row: Row, lang: str) -> str:
    """Whether a change is for the better."""
    way = direction(row) * BETTER.get(row["measure"], 0)
    if not math.isfinite(row["difference"]):
        return NOTHING
    if same(row):
        return w("same", lang)
    if direction(row) == 0:
        return w("not_significant", lang)
    return w({1: "better", -1: "worse", 0: "neither"}[way], lang)


def _balance(one: _Compared, name: str, rows: dict[str, Any]) -> Line:
    """What a policy gains, what it costs, and every measure that does not differ significantly; the table marks rows alike."""
    ways: dict[int, list[str]] = {1: [], -1: [], 0: []}
    alike = [measure for measure, row in rows.items() if same(row)]
    for measure, row in rows.items():
        way = direction(row)
        if measure not in alike and math.isfinite(row["difference"]) and (way == 0 or measure in BETTER):
            ways[way * BETTER.get(measure, 0)].append(name_of(measure, one.lang))
    facts = {"gains": ways[1], "costs": ways[-1], "open": ways[0]}
    said = w("balance", one.lang, **{key: one.joined(names) for key, names in facts.items()})
    names = one.joined([name_of(measure, one.lang) for measure in alike])
    return Line(one.before(name) + said + (w("balance.same", one.lang, same=names) if alike else ""))


def _windows(one: _Compared) -> list[Section]:
    """Of policies that hold from a day on, the windows before it and after: of one policy the main measures, of several sales alone."""
    lang, folder, days = one.lang, one.folder, reform_days(one.folder)
    if not days:
        return []
    windows = list(folder.loaded[folder.base].scenario.time.windows)[-MOST_WINDOWS:]
    heads = [window_named(folder, window, days, lang) for window in windows]

    def cells(name: str, measure: str) -> list[str]:
        return [one.changed(folder.row(name, measure, window)) for window in windows]

    blocks: list[Block]
    if len(one.policies) == 1:
        name = one.policies[0]
        rows = [[head_with_unit(measure, lang, own=True), *cells(name, measure)] for measure in BY_WINDOW]
        blocks = [Table([w("measure", lang), *heads], rows, len(windows))]
    else:
        rows = [[one.called(name), *cells(name, BY_WINDOW[0])] for name in one.policies]
        lead = w("windows.lead", lang, name=headline(head_with_unit(BY_WINDOW[0], lang, own=True)))
        blocks = [Line(lead, small=True), Table([w("scheme", lang), *heads], rows, len(windows))]
    title = of_pages("windows.title", lang, day=named_days(days, lang))
    return [Section(title, [*blocks, Line(basis_note(folder.basis, lang), small=True)])]


def _assumed(one: _Compared) -> list[Block]:
    lang, folder = one.lang, one.folder
    scenario = folder.loaded[folder.base].scenario
    mine = [row for row in folder.changes() if row["policy"] in one.policies]
    lines: list[Block] = [
        Line(
            one.before(row["policy"])
            + w(
                "sets" if row["base"] is not None else "sets.new", lang, what=clipped(_named(str(row["key"]), scenario.kinds, lang), 90), base=_value(row, "base", lang),
                value=_value(row, "value", lang),
            ),
            bullet=True,
        )
        for row in mine[:MOST_VALUES]
    ]  # fmt: skip
    if len(mine) > MOST_VALUES:
        lines.append(Line(w("sets.more", lang, n=len(mine) - MOST_VALUES), bullet=True))
    pairs = int(max(row["pairs"] for row in folder.rows))
    if one.draws > 1:
        file = folder.manifest.get("draws_file") or {}
        said = w(
            "under_draws", lang, n=one.draws, total=f"{int(file.get('total', one.draws)):,}", pairs=pairs
        )
    else:
        said = w("at_values", lang, pairs=pairs)
    return [*lines, Line(said, bullet=True), *of_scenario(scenario, lang)]


def _named(key: str, kinds: Mapping[str, Kind], lang: str) -> str:
    """What people call a parameter, with its key."""
    return w(
        "parameter",
        lang,
        name=headline(dated_name(read_key(key), lang, kinds)),
        path=write_key(undated(read_key(key))),
    )


def _value(row: Row, column: str, lang: str) -> str:
    """What a change sets a parameter to, or from, as people write it: 20%, 30 days."""
    return clipped(parameter_value(read_key(str(row["key"])), row[column], lang), 40)


def _law(one: _Compared) -> list[Block]:
    """Verdicts on the scenario's days and today; what is not allowed, and which limits there are."""
    lang, folder = one.lang, one.folder
    time = folder.loaded[folder.base].scenario.time
    names = [folder.base, *one.policies]
    then = {name: breaches(folder.loaded[name].scenario) for name in names}
    today = {name: breaches(folder.loaded[name].scenario, one.day) for name in names}
    many = len(one.policies) > 1
    called = {name: one.called(name) if many else clipped(one.title(name), 60) for name in one.policies}
    called[folder.base] = w("base", lang)
    table = Table(
        [w("scheme", lang), w("law.then", lang, start=time.start, end=time.end), w("law.today", lang, day=one.day)],
        [
            [
                called[name],
                *(verdict_words(found[name], found[folder.base] if name != folder.base else None, lang) for found in (then, today)),
            ]
            for name in [*one.policies, folder.base]
        ],
    )  # fmt: skip
    lines = [_limits(one, name) for name in one.policies]
    labels = {name: one.before(name) for name in one.policies}
    labels[folder.base] = w("base", lang) + w("colon", lang)
    broken = [(labels[name], breach) for name in names for breach in (*then[name], *today[name])]
    return [table, *filter(None, lines), *breach_lines(broken, lang)]


def _limits(one: _Compared, name: str) -> Line | None:
    """The limits that today's law sets to what a policy changes."""
    lang, scenario = one.lang, one.folder.loaded[name].scenario
    keys = [read_key(str(row["key"])) for row in one.folder.changes() if row["policy"] == name]
    found = limits(scenario, [undated(key) or key for key in keys], one.day)
    words = limit_words(found, lang)
    return Line(one.before(name) + words, bullet=True) if words else None


def _kinds(one: _Compared) -> list[Block]:
    """What changes by kind of asset: of one policy sales, recovery and days; of several sales alone."""
    lang = one.lang
    kinds = one.folder.loaded[one.folder.base].scenario.kinds
    single = len(one.policies) == 1
    cells = [(one.policies[0], measure) for measure in BY_KIND] if single else [(name, "lots_sold") for name in one.policies]  # fmt: skip
    listed = {name: one.row(one.policies[0], "lots_listed", name) for name in kinds}
    known = {name: row["base"] for name, row in listed.items() if row is not None and row["base"] > 0}
    shown = sorted(known, key=lambda name: -known[name])[:MOST_KINDS]
    heads = [head_with_unit(measure, lang, own=True) for _, measure in cells] if single else one.heads()
    table = Table(
        [w("kind_of_lot", lang), bracketed(w("listed", lang), unit_of("lots_listed", lang), lang), *heads],
        [
            [
                clipped(kinds[name].name_zh if lang == "zh" else headline(name.replace("_", " ")), LONGEST_HEAD),
                level("lots_listed", known[name], lang),
                *(one.changed(one.row(policy, measure, name)) for policy, measure in cells),
            ]
            for name in shown
        ],
        1 + len(cells),
    )  # fmt: skip
    lead = w("kinds.one" if single else "kinds.many", lang)
    return [table, Line(lead + (w("kinds.more", lang, n=len(known) - len(shown)) if len(known) > len(shown) else ""), small=True)]  # fmt: skip


def _ask(one: _Compared) -> list[Block]:
    """What would make the answer surer, and what has to be settled before the policy is tried."""
    lang = one.lang
    lines = _of_law(one)
    rows = [row for name in one.policies if (row := one.row(name, "lots_sold")) is not None]
    open_ = [row for row in rows if direction(row) == 0 and not same(row)]
    widest = max(rows, key=lambda row: row["ci_high"] - row["ci_low"], default=None)
    if one.draws <= 1:
        lines.append(w("ask.draws", lang))
    elif widest is not None and math.isfinite(widest["half_parameters"]):
        parts = {
            name: with_unit(plus_minus("lots_sold", widest[name], lang), "lots_sold", lang)
            for name in ("half_parameters", "half")
        }
        more = widest["half"] > widest["half_parameters"]
        lines.append(w("ask.runs" if more else "ask.data", lang, **parts))
    if open_:
        lines.append(w("ask.open", lang))
    lines += [w("ask.lots", lang), w("ask.definition", lang), w("ask.trial", lang)]
    return [Line(text, bullet=True) for text in lines]


def _of_law(one: _Compared) -> list[str]:
    """Which policies need a change of the law, with the articles, and which need none."""
    lang, folder = one.lang, one.folder
    before = breaches(folder.loaded[folder.base].scenario, one.day)
    lines, lawful = [], []
    for name in one.policies:
        found = beyond(breaches(folder.loaded[name].scenario, one.day), before)
        if found:
            names = one.joined(articles(found, lang)[:4])
            key = "ask.condition" if judged(found) == CONDITIONAL else "ask.reform"
            where = one.joined(list(dict.fromkeys(condition_words(breach.rule, lang) for breach in found)))
            lines.append(one.before(name) + w(key, lang, day=one.day, articles=names, condition=where))
        else:
            lawful.append(name)
    if lawful:
        many = len(one.policies) > 1
        label = one.joined([one.called(name) for name in lawful]) + w("colon", lang) if many else ""
        lines.append(label + w("ask.lawful", lang, day=one.day))
    return lines
