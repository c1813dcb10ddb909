"""``sim show`` and ``sim check``: a scenario laid open for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.law.holidays import unannounced
from sim.law.provisions import Breach, breaches
from sim.scenario.describe import parameter
from sim.scenario.files import DRAWS
from sim.scenario.keys import FROM, read_key, write_key
from sim.scenario.load import Loaded
from sim.scenario.units import CHINESE

if TYPE_CHECKING:
    from sim.scenario.keys import Key
    from sim.scenario.schema import Scenario

_HEADS = {
    "zh": ("参数", "取值", "单位", "含义", "来源", "设定文件"),
    "en": ("parameter", "value", "unit", "meaning", "source", "set by"),
}
_WORDS = {
    "draws": ("file of parameter draws, which sim compare uses", "参数抽样文件，由 sim compare 使用"),
    "ok": ("{file}: valid; {n} values from {files}", "{file}：有效；{n} 个取值，来自 {files}"),
    "lawful": ("everything in it is allowed by today's law", "全部符合现行规定"),
    "unlawful": ("runs, marked as a reform; today's law does not allow:", "可以运行，但以下各项现行规定不允许，将标注为改革方案："),
    "holidays": (
        "no holiday announcement is on record for {years}: the Spring Festival break follows the lunar calendar",
        "未见{years}年放假安排：春节暂停按农历推算",
    ),
    "sources": ("{n} values rest on assumptions (no figure is printed anywhere known to us)", "{n} 个取值为假设(未见公开数据)"),
}  # fmt: skip


def rows(loaded: Loaded, lang: str) -> list[tuple[str, str, str, str, str, str]]:
    """Parameter, value, unit, meaning, source, file: one row for every value."""
    out = []
    for key, value in _leaves(loaded.tree):
        declared = parameter(key)
        if declared is None:
            continue
        meaning = declared.zh or declared.meaning if lang == "zh" else declared.meaning
        unit = CHINESE.get(declared.unit, declared.unit) if lang == "zh" else declared.unit
        source = loaded.source(key, declared.source)
        out.append((write_key(key), _plain(value), unit, meaning, source, loaded.origins.get(key, "")))
    return out


def show(loaded: Loaded, lang: str) -> str:
    """Every value with unit, meaning, source, and the file that set it, as aligned text, table by table."""
    lines: list[str] = []
    head = ""
    found = rows(loaded, lang)
    width = max(len(_named(path)[1]) for path, *_ in found)
    for path, value, unit, meaning, source, origin in found:
        table, name = _named(path)
        if table != head:
            head = table
            lines.append(f"\n[{table}]")
        lines.append(f"  {name or table:<{width}} = {value}{f' {unit}' if unit else ''}")
        said = f"{meaning} | {source}" if source else meaning
        lines.append(f"  {'':<{width}}   {said} | {origin}")
    if loaded.draws:
        said = _WORDS["draws"][1 if lang == "zh" else 0]
        lines += ["", f"draws = {loaded.draws}", f"  {said} | {loaded.origins[DRAWS]}"]
    titles = _HEADS[lang]
    return " | ".join((f"{titles[0]} = {titles[1]} {titles[2]}", *titles[3:])) + "\n" + "\n".join(lines)


def _named(path: str) -> tuple[str, str]:
    """The table under whose head a value is shown, and what it is called there; each date has a table of its own."""
    key = read_key(path)
    dated = key[: 2 if key[0] == FROM else 1]
    return write_key(dated), write_key(key[len(dated) :])


def check(loaded: Loaded, lang: str) -> tuple[str, list[Breach]]:
    """What ``sim check`` says of a valid scenario, and what of it the law does not allow."""
    language = 1 if lang == "zh" else 0
    found = rows(loaded, lang)
    files = " + ".join(str(file) for file in loaded.files)
    lines = [_WORDS["ok"][language].format(file=loaded.path, n=len(found), files=files)]
    assumed = sum(1 for row in found if row[4].startswith("assumption"))
    lines.append(_WORDS["sources"][language].format(n=assumed))
    years = _computed(loaded.scenario, lang)
    if years:
        lines.append(_WORDS["holidays"][language].format(years=("、" if lang == "zh" else ", ").join(years)))
    unlawful = breaches(loaded.scenario)
    lines.append(_WORDS["unlawful" if unlawful else "lawful"][language])
    lines += [f"  {breach.zh if lang == 'zh' else breach.en}" for breach in unlawful]
    return "\n".join(lines), unlawful


def _computed(scenario: Scenario, lang: str) -> list[str]:
    """Stretches of years in which the break of the Spring Festival is computed instead of announced."""
    if not scenario.auction.spring_festival_break:
        return []
    return [
        str(first) if first == last else f"{first}{'至' if lang == 'zh' else ' to '}{last}"
        for first, last in unannounced(scenario.time.start, scenario.time.end)
    ]


def _leaves(tree: Any, at: Key = ()) -> list[tuple[Key, Any]]:
    if isinstance(tree, dict):
        return [leaf for name, inner in tree.items() for leaf in _leaves(inner, (*at, name))]
    return [(at, tree)]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:,.12g}" if abs(value) >= 1e4 else f"{value:.12g}"
    return str(value)
