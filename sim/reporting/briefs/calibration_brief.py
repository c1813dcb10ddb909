"""The brief of a calibration: what a policy does given the published figures, how sure that is, and what to ask the court for.

Its numbers are those of the folder's tables; nothing is computed here.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from sim.experiments.storage.checksum import DamagedError
from sim.experiments.storage.manifest import checked
from sim.experiments.storage.spreadsheet import rows_of
from sim.law.verdict import breaches, limits
from sim.locale.foreign import translated
from sim.locale.language import said
from sim.locale.words import Words
from sim.reporting import formats
from sim.reporting.briefs.content import Block, Brief, BriefError, Line, Picture, Section, Table, clipped, w
from sim.reporting.briefs.law import breach_lines, limit_words, verdict_words
from sim.reporting.figures.intervals import Mark, Panel, axis_over, sheet
from sim.reporting.not_counted import model_error
from sim.reporting.pages.run_folder import read_manifest
from sim.reporting.pages.shell import PageError
from sim.reporting.style import BLUE, GREY, ORANGE, drawn
from sim.reporting.text import headline, known, quantity_name
from sim.scenario import ScenarioError, from_text
from sim.scenario.keys import read_key
from sim.scenario.schema import Scenario

r: Final = Words("calibration_report", "report")
Row = dict[str, str]
OUTCOMES: Final = {"sold_ever": 1, "recovery_all": 1, "days_to_sale": -1}  # which way is better
BODIES: Final = ("figures", "evidence", "doubled")  # of evidence, in the order in which they are shown
MAIN: Final = ("evidence", "figures")  # the first that is there is the answer
ASKED_FIRST: Final = "cut-20"
NAMED, TRIAL, MOST_FIGURES = 3, 20, 14  # quantities to ask for, courts of a trial, rows of figures


def calibration_brief(path: Path, lang: str, day: date) -> Brief:
    """The brief of the folder that ``calibrate run`` left in ``path``. ``day``: whose law counts as today's.

    Raises ``PageError`` for a damaged folder, ``BriefError`` where the calibration gives no answer.
    """
    one = _read(path, lang, day)
    time = one.scenario.time
    source = w("folder", lang, folder=clipped(path.resolve().name, 40), file="answers.csv")
    family, value = _policy(one.main)
    return Brief(
        lang=lang,
        kind=w("kind", lang),
        title=r(f"question.{family}", lang, share=f"{value:g}"),
        lead=[w("calibrated", lang, base=clipped(one.title, 110), start=time.start, end=time.end)],
        pages=(
            [Section(w("answer", lang), _answer(one)), Section(w("cost", lang), _policies(one))],
            [
                Section(w("assumed", lang), _assumed(one)),
                Section(w("law", lang), _law(one)),
                Section(w("fit", lang), _fit(one)),
                Section(w("ask", lang), _ask(one)),
            ],
        ),
        foot=w("foot", lang, source=source, seed=one.manifest["seed"], day=day),
    )


@dataclass(frozen=True)
class _Calibrated:
    """A calibration's folder in a language, on a day. ``tables``: the rows of its files, none of those that are not there."""

    manifest: dict[str, Any]
    tables: dict[str, list[Row]]
    scenario: Scenario
    lang: str
    day: date

    @property
    def title(self) -> str:
        """What the targets file is about."""
        about = tomllib.loads(str(self.manifest["targets"]))
        return str((about.get("title_zh") if self.lang == "zh" else "") or about["title"])

    @cached_property
    def answers(self) -> dict[tuple[str, str, str], Row]:
        """(evidence, policy, outcome) -> row."""
        return {(row["evidence"], row["policy"], row["outcome"]): row for row in self.tables["answers"]}

    @cached_property
    def body(self) -> str:
        """The evidence that the answer rests on."""
        there = {row["evidence"] for row in self.tables["answers"]}
        return next((name for name in MAIN if name in there), min(there))

    @cached_property
    def asked(self) -> list[str]:
        """The policies, without those that others are compared with."""
        return list(
            dict.fromkeys(row["policy"] for row in self.tables["answers"] if row["policy"] != row["against"])
        )

    @property
    def main(self) -> str:
        """The policy that the brief is about: a cut of 20 %, else the deepest cut, else the lowest start."""
        cuts = [name for name in self.asked if name.startswith("cut-")]
        return ASKED_FIRST if ASKED_FIRST in cuts else max(cuts) if cuts else min(self.asked)

    def row(self, policy: str, outcome: str, body: str = "") -> Row | None:
        return self.answers.get((body or self.body, policy, outcome))

    def joined(self, words: Sequence[str]) -> str:
        return w("list", self.lang).join(words) or w("none", self.lang)


def _read(path: Path, lang: str, day: date) -> _Calibrated:
    manifest = read_manifest(path)
    files, tables = manifest["files"], {}
    for name in ("answers", "figures", "parameters", "interpretations", "settle", "trial"):
        file = path / f"{name}.csv"
        try:
            tables[name] = list(rows_of(checked(path, file.name, files))) if file.name in files else []
        except (DamagedError, OSError, ValueError) as error:
            raise PageError(said("out.unreadable", name=file, why=translated(error))) from None
    if not any(row["policy"] != row["against"] for row in tables["answers"]):
        raise BriefError(w("no_answer", lang, path=path))
    try:
        scenario = from_text(str(manifest["scenario"]))
    except ScenarioError as error:
        raise PageError(said("page.scenarios", why=error)) from None
    return _Calibrated(manifest, tables, scenario, lang, day)


def _policy(name: str) -> tuple[str, float]:
    """``cut-20`` as its family and its per cent."""
    family, _, share = name.partition("-")
    return family, float(share)


def _called(name: str, lang: str) -> str:
    family, value = _policy(name)
    return r("policy.cut.none", lang) if (family, value) == ("cut", 0.0) else r(f"policy.{family}", lang, share=f"{value:g}")  # fmt: skip


def _changed(outcome: str, row: Row | None, lang: str) -> str:
    """A change with its interval, rounded as in the report: +4.6 points [+0.8, +11.9]."""
    if row is None or not row["median"]:
        return formats.NOTHING
    size, places = (1.0, 0) if outcome == "days_to_sale" else (100.0, 1)
    middle, low, high = (formats.minus(f"{size * float(row[name]):+z.{places}f}") for name in ("median", "low", "high"))  # fmt: skip
    zero = f"{0:.{places}f}"
    middle, low, high = (zero if text.lstrip("+−") == zero else text for text in (middle, low, high))
    return f"{r('unit.days' if outcome == 'days_to_sale' else 'unit.points', lang, x=middle)} [{low}, {high}]"


def _way(row: Row | None) -> int:
    """1 if it goes up, -1 if down, 0 where the interval, as it is shown, holds no change."""
    if row is None or not row["median"]:
        return 0
    least = 0.5 if row["outcome"] == "days_to_sale" else 0.0005  # what is shown as 0
    return 1 if float(row["low"]) > least else -1 if float(row["high"]) < -least else 0


def _answer(one: _Calibrated) -> list[Block]:
    lang = one.lang
    main = {outcome: one.row(one.main, outcome) for outcome in OUTCOMES}
    against = next(row["against"] for row in one.tables["answers"] if row["policy"] == one.main)
    changes = {outcome: _changed(outcome, row, lang) for outcome, row in main.items()}
    sentence = r("answer", lang, policy=_called(one.main, lang), reference=_called(against, lang), **changes)
    return [Line(sentence, strong=True), Line(w("interval.posterior", lang), small=True), _picture(one)]


def _picture(one: _Calibrated) -> Picture:
    """The change in each outcome, given each body of evidence."""
    lang, panels = one.lang, []
    for outcome in OUTCOMES:
        groups, ends = [], []
        for body in BODIES:
            row = one.row(one.main, outcome, body)
            if row is None or not row["median"]:
                continue
            size = 1.0 if outcome == "days_to_sale" else 100.0
            mean, low, high = (size * float(row[name]) for name in ("median", "low", "high"))
            colour = {1: BLUE, -1: ORANGE, 0: GREY}[_way(row)]
            groups.append((r(f"evidence.{body}", lang), [Mark(mean, low, high, colour)]))
            ends += [mean, low, high]
        words = r(f"outcome.{outcome}", lang)
        unit = w("unit.days" if outcome == "days_to_sale" else "unit.points", lang)
        title = w("panel", lang, name=headline(words), unit=unit)
        label = f"{words}: {_changed(outcome, one.row(one.main, outcome), lang)}"
        panels.append(Panel(title, groups, axis_over(ends, lambda x: f"{x:+g}" if x else "0"), label, 0.0))
    figure = sheet(panels, 2, w("picture.posterior", lang), lang, w("picture.foot.median", lang))
    wide, tall = figure.get_size_inches()
    return Picture(drawn(figure, "png"), float(tall / wide), w("semicolon", lang).join(one.label for one in panels), 0.82)  # fmt: skip


def _policies(one: _Calibrated) -> list[Block]:
    """Every policy that was asked about, against the first of its family; what the main one gains and costs."""
    lang = one.lang
    table = Table(
        [w("scheme", lang), *(headline(r(f"outcome.{outcome}", lang)) for outcome in OUTCOMES)],
        [
            [headline(_called(name, lang)), *(_changed(outcome, one.row(name, outcome), lang) for outcome in OUTCOMES)]
            for name in one.asked
        ],
        len(OUTCOMES),
    )  # fmt: skip
    ways: dict[int, list[str]] = {1: [], -1: [], 0: []}
    for outcome, better in OUTCOMES.items():
        ways[_way(one.row(one.main, outcome)) * better].append(r(f"outcome.{outcome}", lang))
    facts = {"gains": ways[1], "costs": ways[-1], "open": ways[0]}
    said = w("balance", lang, **{key: one.joined(names) for key, names in facts.items()})
    return [table, Line(f"{headline(_called(one.main, lang))}{w('colon', lang)}{said}"), Line(w("against_first", lang), small=True)]  # fmt: skip


def _assumed(one: _Calibrated) -> list[Block]:
    lang = one.lang
    lines = [w("evidence.with" if one.body == "evidence" else "evidence.alone", lang)]
    if parameters := one.tables["parameters"]:
        narrow = sum(float(row["sd_ratio"] or "nan") <= 0.5 for row in parameters)
        lines.append(w("narrowed", lang, n=narrow, all=len(parameters)))
    weights = [float(row[one.body]) for row in one.tables["interpretations"] if row.get(one.body)]
    if weights:
        lines.append(w("weights", lang, n=sum(x >= 0.05 for x in weights), most=f"{100 * max(weights):.0f}%"))
    waiting = not one.scenario.strategic_waiting.share
    lines += [w("nobody_waits", lang)] if waiting else []
    return [Line(text, bullet=True) for text in (*lines, model_error(lang))]


def _law(one: _Calibrated) -> list[Block]:
    """The policies asked about, tried on the calibration's scenario: on its days, and today."""
    lang, text = one.lang, str(one.manifest["scenario"])
    tried = {
        name: from_text(text, [f"{_key(one.scenario, name)}={_policy(name)[1] / 100}"]) for name in one.asked
    }
    then, today = breaches(one.scenario), breaches(one.scenario, one.day)
    time = one.scenario.time
    table = Table(
        [w("scheme", lang), w("law.then", lang, start=time.start, end=time.end), w("law.today", lang, day=one.day)],
        [
            [
                headline(_called(name, lang)),
                verdict_words(breaches(scenario), then, lang),
                verdict_words(breaches(scenario, one.day), today, lang),
            ]
            for name, scenario in tried.items()
        ],
    )  # fmt: skip
    keys = [read_key(_key(one.scenario, one.main))]
    words = limit_words(limits(tried[one.main], keys, one.day), lang)
    own = breach_lines([(w("base", lang) + w("colon", lang), breach) for breach in (*then, *today)], lang)
    return [table, *([Line(words, bullet=True)] if words else []), *own[:2]]


def _key(scenario: Scenario, policy: str) -> str:
    """The parameter that a policy sets: the second auction's cut, or the first start."""
    if not policy.startswith("cut-"):
        return "start.ratio"
    auctions = [name for name, stage in scenario.rounds.items() if stage.held and stage.format == "auction"]
    return f"rounds.{auctions[1]}.cut"


def _fit(one: _Calibrated) -> list[Block]:
    """The figures that the model must produce, beside what it predicts of them."""
    lang = one.lang
    rows = [row for row in one.tables["figures"] if row["role"] == "fit" and row["inside"]]
    counted = [row for row in rows if row["cannot_fail"] != "1"]
    met = sum(row["inside"] == "1" for row in counted)
    table = Table(
        [w("window", lang), w("figure", lang), w("published_value", lang), w("predicted", lang), w("met", lang)],
        [
            [
                row["window"], headline(known(f"figure.{row['figure']}", lang, row["figure"])),
                _value(row["figure"], row["published"], lang), _span(row, lang),
                w("cannot_fail" if row["cannot_fail"] == "1" else "yes" if row["inside"] == "1" else "no", lang),
            ]
            for row in rows[:MOST_FIGURES]
        ],
        3,
    )  # fmt: skip
    more = w("fit.more", lang, n=len(rows) - MOST_FIGURES) if len(rows) > MOST_FIGURES else ""
    wide = w("fit.wide", lang) if len(counted) < len(rows) else ""
    return [table, Line(w("fit.note", lang, met=met, all=len(counted)) + wide + more, small=True)]


def _value(figure: str, text: str, lang: str) -> str:
    return formats.value(figure, float(text) if text else math.nan, lang)


def _span(row: Row, lang: str) -> str:
    middle, low, high = (float(row[name] or "nan") for name in ("median", "low", "high"))
    return formats.interval(row["figure"], middle, low, high, lang)


def _ask(one: _Calibrated) -> list[Block]:
    """Quantities that would narrow the answer most, a trial, and what is always worth asking for."""
    lang = one.lang
    mine = [
        row
        for row in one.tables["settle"]
        if row.get("policy", one.main) == one.main and row["width_ratio_sold_ever"]
    ]
    mine.sort(key=lambda row: float(row["width_ratio_sold_ever"]))
    lines = [
        headline(r("asking.row", lang, name=quantity_name(row["quantity"], lang, r), left=f"{100 * float(row['width_ratio_sold_ever']):.0f}%"))
        for row in mine[:NAMED]
    ]  # fmt: skip
    small = [row for row in one.tables["trial"] if float(row["courts"]) <= TRIAL]
    if small:
        best = max(small, key=lambda row: (float(row["courts"]), float(row["months"])))
        width, today = (
            r("unit.points", lang, x=f"{100 * float(best[name]):.1f}") for name in ("width", "today")
        )
        lines.append(r("asking.trial", lang, courts=f"{float(best['courts']):g}", months=f"{float(best['months']):g}", width=width, today=today))  # fmt: skip
    lines += [w("ask.lots", lang), w("ask.definition", lang)]
    return [Line(text, bullet=True) for text in lines]
