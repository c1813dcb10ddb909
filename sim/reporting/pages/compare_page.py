"""The page of a comparison: what each policy changes, the differences with intervals, the trade-off."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sim.reporting.differences import (  # fmt: skip
    HEADLINES,
    change,
    direction,
    headline_rows,
    kind_of,
    level,
    notes,
    plus_minus,
    reduction,
    sentence,
    verdict,
    window_name,
)
from sim.reporting.pages.compare_folder import CompareFolder, Row, read_compare
from sim.reporting.pages.figures.fate import end_name, fate_bars, fate_keys
from sim.reporting.pages.figures.interval import Mark, axis_over, panel
from sim.reporting.pages.figures.tradeoff import Spot, tradeoff
from sim.reporting.pages.manifest import manifest_rows
from sim.reporting.pages.shell import LARGEST_FILE, Block, Figure, Notes, Page, Section, packed
from sim.reporting.pages.table import Column, Table
from sim.reporting.pages.told import difference, key_name, teller
from sim.reporting.pages.words import w
from sim.reporting.text import headline, known, name_of
from sim.reporting.text_explore import e
from sim.scenario.schema import WHOLE

PANELS = (("days_to_sale_mean", "lots_sold"), ("premium_turnover", "recovery"))
ENDS = ("difference", "ci_low", "ci_high")
FIELDS = (
    "policy_name", "window", "segment", "basis", "measure", "base", "policy", "difference", "ci_low", "ci_high",
    "low", "high", "variance_reduction", "half_parameters", "half", "pairs",
)  # fmt: skip


def compare_page(path: Path, lang: str) -> Page:
    """Read the folder and lay out its page. Raises ``PageError``."""
    folder = read_compare(path)
    titles = folder.titles(lang)
    file = (path / "differences.csv").read_bytes()
    sections = [
        Section("answer", w("compare.answer", lang), w("compare.answer.title", lang, n=_pairs(folder)), _answer(folder, titles, lang)),
        Section("differences", w("compare.forest", lang), e("forest.title", lang, base=titles[folder.base]), _forest(folder, titles, lang)),
        Section("tradeoff", w("compare.tradeoff", lang), e("tradeoff.title", lang), _tradeoff(folder, titles, lang)),
        Section("flow", w("flow", lang), w("compare.fate.title", lang), _fates(folder, titles, lang)),
        Section("measures", w("measures", lang), w("compare.all.title", lang), [_all(folder, titles, lang), Notes(_notes(folder, lang)[1:-1])], w("compare.all.lead", lang)),
    ]  # fmt: skip
    return Page(
        lang=lang,
        kind=w("compare.kind", lang),
        name=titles[folder.base],
        headline=_headline(folder, titles, lang),
        lead=[w("compare.lead", lang, base=titles[folder.base])],
        warnings=_unlawful(folder, titles, lang),
        sections=sections,
        manifest=manifest_rows(folder.manifest, lang),
        appendix=[(w("scenario.text", lang), str(folder.manifest.get("scenario", "")))],
        files={"differences.csv": file} if len(packed(file)) < LARGEST_FILE else {},
    )


def _pairs(folder: CompareFolder) -> int:
    return int(max(row["pairs"] for row in folder.rows))


def _headline(folder: CompareFolder, titles: dict[str, str], lang: str) -> str:
    """One policy: what it does to sales. Several: which sells most."""
    sold = {name: row for name in folder.policies if (row := folder.row(name, "lots_sold"))}
    rate = {name: row for name in folder.policies if (row := folder.row(name, "sale_rate_final"))}
    if not sold or not rate:
        return e("forest.title", lang, base=titles[folder.base])
    name = max(sold, key=lambda one: sold[one]["difference"])
    if len(folder.policies) > 1 and direction(sold[name]) <= 0:
        return w("compare.headline.none", lang, n=len(folder.policies))
    told = [
        change(one["measure"], one["difference"], one["ci_low"], one["ci_high"], lang)[0]
        for one in (sold[name], rate[name])
    ]
    key = "compare.headline.one" if len(folder.policies) == 1 else "compare.headline.many"
    return w(key, lang, policy=titles[name], sold=told[0], rate=told[1], n=len(folder.policies))


def _unlawful(folder: CompareFolder, titles: dict[str, str], lang: str) -> list[str]:
    """What today's law does not allow, of the policies only: what the base breaks is in all of them."""
    base = {(one.path, one.value) for one in folder.breaches(folder.base)}
    told = []
    for name in folder.policies:
        more = [one for one in folder.breaches(name) if (one.path, one.value) not in base]
        if more:
            what = w("semicolon", lang).join(
                f"{key_name(one.path, lang)} = {one.value:g} ({one.rule.article_zh if lang == 'zh' else one.rule.article})"
                for one in more
            )
            told.append(w("compare.unlawful", lang, policy=titles[name], what=what))
    return told


def _answer(folder: CompareFolder, titles: dict[str, str], lang: str) -> list[Block]:
    """A sentence for each policy, the headline differences, what each policy sets."""
    lines = [
        f"{titles[name]}{w('colon', lang)}{sentence(_of(folder, name), lang)}" for name in folder.policies
    ]
    first, *_, last = _notes(folder, lang)
    return [
        Notes(lines),
        _headlines(folder, titles, lang),
        Notes([first, last]),
        _changes(folder, titles, lang),
    ]


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
        Column(headline(e("measure", lang)), lambda r: headline(name_of(r["measure"], lang))),
        Column(headline(e("base", lang)), lambda r: level(r["measure"], r["base"], lang), True),
        *(Column(titles[name], show(name), True) for name in folder.policies),
    ]
    return Table("differences-headline", w("compare.table", lang), columns, rows, ("measure", "base", *ends))


def _of(folder: CompareFolder, name: str, window: str = WHOLE) -> list[Any]:
    return headline_rows((row for row in folder.rows if row["policy_name"] == name), window)


def _all(folder: CompareFolder, titles: dict[str, str], lang: str) -> Table:
    """Every measure of all lots together, window by window, on both bases."""
    columns = [
        Column(headline(e("policy", lang)), lambda r: titles[r["policy_name"]]),
        Column(headline(e("window", lang)), lambda r: window_name(r["window"], lang)),
        Column(headline(w("basis", lang)), lambda r: known("basis." + r["basis"], lang, r["basis"])),
        Column(headline(e("measure", lang)), lambda r: headline(name_of(r["measure"], lang))),
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
    columns = [
        Column(headline(e("policy", lang)), lambda r: titles[r["policy"]]),
        Column(w("compare.key", lang), lambda r: key_name(str(r["key"]), lang)),
        Column(headline(e("base", lang)), lambda r: _plain(r["base"]), True),
        Column(headline(e("policy", lang)), lambda r: _plain(r["value"]), True),
    ]
    return Table(
        "changes", w("compare.changes", lang), columns, folder.changes(), ("policy", "key", "base", "value")
    )


def _plain(x: Any) -> str:
    return "–" if x is None else f"{x:g}" if isinstance(x, float) else str(x)


def _forest(folder: CompareFolder, titles: dict[str, str], lang: str) -> list[Block]:
    """A panel for each headline measure, a line for each policy."""
    panels = []
    for measure in HEADLINES:
        rows = {name: row for name in folder.policies if (row := folder.row(name, measure))}
        if not rows:
            continue
        kind = kind_of(measure)
        axis = axis_over(
            [row[k] for row in rows.values() for k in ("difference", "ci_low", "ci_high")], _ticks(kind, lang)
        )
        groups = [
            (titles[name], [Mark(row["difference"], row["ci_low"], row["ci_high"], _colour(row), tip=_change(row, lang))])
            for name, row in rows.items()
        ]  # fmt: skip
        name = headline(name_of(measure, lang))
        label = f"{name}: " + "; ".join(f"{titles[p]} {_change(row, lang)}" for p, row in rows.items())
        panels.append((name, panel(groups, axis, label, 0.0)))
    keys = [
        ("round k-blue", e("up", lang)),
        ("round k-orange", e("down", lang)),
        ("round k-grey", e("no_difference", lang)),
    ]
    return [Figure(w("compare.forest.caption", lang), panels=panels, keys=keys)]


def _colour(row: Row) -> str:
    return {1: "blue", -1: "orange", 0: "grey"}[direction(row)]


def _ticks(kind: str, lang: str) -> Callable[[float], str]:
    return lambda x: "0" if x == 0 else difference(kind, x, lang).replace("个百分点", "").replace(" pts", "")


def _tradeoff(folder: CompareFolder, titles: dict[str, str], lang: str) -> list[Block]:
    panels = []
    for across, up in PANELS:
        spots, base = [], None
        for name in folder.policies:
            x, y = folder.row(name, across), folder.row(name, up)
            if x and y and math.isfinite(x["policy"]) and math.isfinite(y["policy"]):
                base = (x["base"], y["base"])
                spots.append(Spot(titles[name], x["policy"], y["policy"], _ends(x), _ends(y)))
        if base:
            names = (headline(name_of(across, lang)), headline(name_of(up, lang)))
            told = (teller(kind_of(across), lang), teller(kind_of(up), lang))
            panels.append((f"{names[1]} / {names[0]}", tradeoff(spots, base, names, told)))
    lines = [
        f"◆ {titles[folder.base]}",
        *(f"{i + 1}  {titles[name]}" for i, name in enumerate(folder.policies)),
    ]
    return [Figure(w("compare.tradeoff.caption", lang), panels=panels, big=True), Notes(lines, kind="plain")]


def _ends(row: Row) -> tuple[float, float]:
    """The interval of a policy's level: the base's mean and the interval of the difference."""
    low, high = row["base"] + row["ci_low"], row["base"] + row["ci_high"]
    return (low, high) if math.isfinite(low) and math.isfinite(high) else (row["policy"], row["policy"])


def _fates(folder: CompareFolder, titles: dict[str, str], lang: str) -> list[Block]:
    fates = folder.fates()
    if not fates:
        return []
    bars = {titles[name]: parts for name, parts in fates.items()}
    longest = max(bars.values(), key=len)
    rows = [
        {"scenario": name, "end": end, "share": share}
        for name, parts in fates.items()
        for end, share in parts
    ]
    columns = [
        Column(headline(e("policy", lang)), lambda r: titles[r["scenario"]]),
        Column(w("compare.end", lang), lambda r: end_name(r["end"], lang)),
        Column(w("compare.share", lang), lambda r: f"{100 * r['share']:.1f}%", True),
    ]  # fmt: skip
    table = Table("fates", w("fate.caption", lang), columns, rows, ("scenario", "end", "share"), folded=True)
    return [Figure(w("fate.caption", lang), *fate_bars(bars, lang), keys=fate_keys(longest, lang)), table]
