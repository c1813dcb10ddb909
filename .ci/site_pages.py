"""What the site adds to docs/: pages and tables made from the code at build time, so that they cannot go stale.

Loaded by mkdocs as a hook. Pages: parameters, assumptions, measures, commands, and every page of benchmarks/. In any
page, ``<!-- table: NAME -->`` is replaced by a table (``law``, ``law_zh``). A page ``NAME.zh.md`` is marked as Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
TABLE = re.compile(r"<!-- table: (\w+) -->")
FENCE = re.compile(r"(^```.*?^```$)", re.M | re.S)
BREAK = re.compile(
    r"(?<=[\u2018-\u201d\u3000-\u9fff\uff00-\uffef])\n(?=[\u2018-\u201d\u3000-\u9fff\uff00-\uffef])"
)
Nav = list[dict[str, Any]]
BENCHMARKS = "benchmarks/"
STYLE = "style.css"
FONTS = """:root {
  --md-text-font: "Segoe UI", "Helvetica Neue", Arial, "PingFang SC", "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", "DejaVu Sans";
  --md-code-font: "SF Mono", Menlo, Consolas, "Noto Sans Mono CJK SC", "DejaVu Sans Mono", "Liberation Mono";
}
"""

# Sections of the site. What is not there (yet) is left out; what stands in docs/ and not here goes under "More".
SECTIONS: dict[str, list[tuple[str, str]]] = {
    "Start": [
        ("What this is", "index.md"),
        ("Getting started", "getting-started.md"),
        ("Reports and pages", "pages.md"),
        ("Read a report", "guides/reading-a-report.md"),
    ],
    "中文": [
        ("这是什么", "index.zh.md"),
        ("快速上手", "getting-started.zh.md"),
        ("报告与页面", "pages.zh.md"),
        ("读懂报告", "guides/reading-a-report.zh.md"),
        ("探索政策", "explore-policies.zh.md"),
        ("校准", "guides/calibration.zh.md"),
        ("编写情景", "guides/scenario.zh.md"),
        ("自某日起变动的设定", "guides/dates.zh.md"),
        ("编写政策", "guides/policy.zh.md"),
        ("从一则报道到一个答案", "guides/another-place.zh.md"),
        ("目标文件", "guides/targets.zh.md"),
        ("证据文件", "guides/evidence.zh.md"),
    ],
    "中文：概念与依据": [
        ("案件、标的物与法院", "concepts/lots.zh.md"),
        ("一件标的物的几个价格", "concepts/prices.zh.md"),
        ("一个拍次", "concepts/round.zh.md"),
        ("标的物的去向", "concepts/way.zh.md"),
        ("竞买人", "concepts/bidders.zh.md"),
        ("当人们作出反应", "behaviour.zh.md"),
        ("统计期、归期、口径", "concepts/windows.zh.md"),
        ("运气与区间", "concepts/luck.zh.md"),
        ("规则如何进入模型", "law.zh.md"),
        ("假设", "reference/assumptions.zh.md"),
        ("来源", "sources.zh.md"),
        ("校准的方法", "calibration.zh.md"),
    ],
    "Guides": [
        ("Explore policies", "explore-policies.md"),
        ("Calibrate", "guides/calibration.md"),
        ("Write a scenario", "guides/scenario.md"),
        ("Values that change at a date", "guides/dates.md"),
        ("Write a policy", "guides/policy.md"),
        ("From a press release to an answer", "guides/another-place.md"),
        ("Write a targets file", "guides/targets.md"),
        ("Write an evidence file", "guides/evidence.md"),
    ],
    "Concepts": [
        ("Case, lot and court", "concepts/lots.md"),
        ("Prices of a lot", "concepts/prices.md"),
        ("A round", "concepts/round.md"),
        ("A lot's way", "concepts/way.md"),
        ("Bidders", "concepts/bidders.md"),
        ("When people react", "behaviour.md"),
        ("Windows, bases, readings", "concepts/windows.md"),
        ("Luck and intervals", "concepts/luck.md"),
    ],
    "What it rests on": [
        ("The law as modelled", "law.md"),
        ("Assumptions", "reference/assumptions.md"),
        ("Sources", "sources.md"),
    ],
    "Reference": [
        ("Parameters", "reference/parameters.md"),
        ("Measures", "reference/measures.md"),
        ("Commands", "reference/commands.md"),
        ("Changes", "changelog.md"),
    ],
    "Why trust it": [
        ("Design", "design.md"),
        ("Verification", "verification.md"),
        ("Verification, in full", "verification-full.md"),
        ("Calibration: methods", "calibration.md"),
        ("STRESS-DES checklist", "stress-des.md"),
    ],
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages made from the code and the style, and lay out the navigation over what there is."""
    files.append(File.generated(config, STYLE, content=FONTS))
    for path, content in made().items():
        files.append(File.generated(config, path, content=content))
    there = {file.src_uri for file in files.documentation_pages()}
    named = {uri for pages in SECTIONS.values() for _, uri in pages}
    nav: Nav = []
    for section, pages in SECTIONS.items():
        entries = [{title: uri} for title, uri in pages if uri in there]
        if entries:
            nav.append({section: entries})
    measured = [uri for uri in there if uri.startswith(BENCHMARKS)]
    if measured:
        nav.append(
            {"Benchmarks": [{_heading(files, uri): uri} for uri in sorted(measured, key=_first_results)]}
        )
    more = [{_heading(files, uri): uri} for uri in sorted(there - named - set(measured))]
    if more:
        nav.append({"More": more})
    config.nav = nav
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Put tables made from the code where a page asks for them; join the lines of Chinese paragraphs."""
    made = TABLE.sub(lambda found: TABLES[found[1]](), markdown)
    return joined(made) if page.file.src_uri.endswith(".zh.md") else made


def joined(markdown: str) -> str:
    """Without the line ends between two Chinese characters, which a browser would show as blanks; code is left alone."""
    parts = FENCE.split(markdown)
    return "".join(part if i % 2 else BREAK.sub("", part) for i, part in enumerate(parts))


def on_post_page(output: str, page: Page, **_: Any) -> str:
    """Say to browsers and screen readers which pages are Chinese."""
    chinese = page.file.src_uri.endswith(".zh.md")
    return output.replace('<html lang="en"', '<html lang="zh-CN"', 1) if chinese else output


def _first_results(uri: str) -> tuple[bool, str]:
    return uri != BENCHMARKS + "results.md", uri


def _heading(files: Files, uri: str) -> str:
    file = files.get_file_from_path(uri)
    assert file is not None
    found = re.search(r"^# (.+)$", file.content_string, re.M)
    return found[1] if found else uri


def made() -> dict[str, str]:
    """Path -> Markdown of the pages made from the code."""
    pages = {
        "reference/parameters.md": "\n".join(parameters_page()),
        "reference/assumptions.md": "\n".join(assumptions_page("en")),
        "reference/assumptions.zh.md": "\n".join(assumptions_page("zh")),
        "reference/measures.md": "\n".join(measures_page()),
        "reference/commands.md": "\n".join(commands_page()),
    }
    for path in sorted((ROOT / "benchmarks").glob("*.md")):
        pages[BENCHMARKS + path.name] = path.read_text(encoding="utf-8")
    return pages


def row(*cells: str) -> str:
    """A line of a Markdown table; what would end a cell is escaped."""
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def head(*names: str) -> list[str]:
    return [row(*names), row(*("---" for _ in names))]


def parameters_page() -> Iterator[str]:
    """Every parameter as declared in the schema."""
    from sim.scenario.describe import parameters

    yield "# Parameters\n"
    yield "Made from `sim/scenario/schema.py`, where each parameter is declared once. `*` stands for a name that the scenario"
    yield "chooses (of a window, a kind, a round). *Source* is the source of the neutral value in `scenarios/base.toml`; a file"
    yield "that sets another value names its own, and `sim show` says which.\n"
    table = ""
    for one in parameters():
        top = one.path.split(".", 1)[0]
        if top != table:
            table = top
            yield f"\n## {top}\n"
            yield from head("key", "unit", "allowed", "meaning", "中文", "source")
        yield row(f"`{one.path}`", one.unit, one.allowed, one.meaning, one.zh, one.source)


ASSUMPTIONS = {
    "en": (
        "# Assumptions\n\n[中文](assumptions.zh.md)\n\n"
        "Of the {all} values of `scenarios/shanxi.toml` and the base it extends, {assumed} are assumptions: no figure that we know\n"
        "of is printed anywhere. They are listed first; the others follow with the source of each. A reader with a better figure\n"
        "sets it with `--set` or in a file of four lines ([Write a scenario](../guides/scenario.md)).\n",
        "Assumed",
        "With a source",
        ("key", "value", "unit", "meaning", "source"),
    ),
    "zh": (
        "# 假设\n\n[English](assumptions.md)\n\n"
        "`scenarios/shanxi.toml` 及其所依据的基准共有{all}个取值，其中{assumed}个是假设：就我们所知没有任何公布的数字。假设列在前，\n"
        "其余随后，各附来源。手头有更好数字的读者，可用 `--set` 或一个四行的文件替换（[编写情景](../guides/scenario.zh.md)）。\n",
        "假设的取值",
        "有来源的取值",
        ("参数", "取值", "单位", "含义", "来源"),
    ),
}


def assumptions_page(lang: str) -> Iterator[str]:
    """Values of Shanxi that no printed figure supports, and those that one does."""
    from sim.cli.show import rows
    from sim.scenario import load

    opening, guessed, sourced, names = ASSUMPTIONS[lang]
    found = rows(load(ROOT / "scenarios" / "shanxi.toml"), lang)
    assumed = [one for one in found if one[4].startswith("assumption")]
    yield opening.format(all=len(found), assumed=len(assumed))
    for title, part in ((guessed, assumed), (sourced, [one for one in found if one not in assumed])):
        yield f"\n## {title}\n"
        yield from head(*names)
        for key, value, unit, meaning, source, _ in part:
            yield row(f"`{key}`", value, unit, meaning, source)


def measures_page() -> Iterator[str]:
    """Every measure's meaning, and the readings of printed figures."""
    from sim.measures import READINGS, definitions

    yield "# Measures\n"
    yield "Made from `sim/measures/definitions.py`. Each is computed for every window and the whole period, for every kind of lot,"
    yield "on both [bases](../concepts/windows.md).\n"
    yield from head("measure", "中文", "unit", "formula")
    for one in definitions(["first", "second", "sell_off"]).values():
        yield row(f"`{one.name}`", one.zh, one.unit, one.formula)
    yield "\n## Readings of printed figures\n"
    yield "A court prints a figure without saying how it was counted; these are the measures it may stand for.\n"
    yield from head("printed figure", "may be")
    for figure, names in READINGS.items():
        yield row(figure, ", ".join(f"`{name}`" for name in names))


def commands_page() -> Iterator[str]:
    """The help of every command, as the program prints it."""
    import typer

    import calibration.cli.main
    import sim.cli.main

    yield "# Commands\n"
    yield "What `--help` says of each. The language of output is `--lang zh` or `--lang en`, or the variable `SIM_LANG`; Chinese by"
    yield "default.\n"
    for program, app in (("sim", sim.cli.main.app), ("calibrate", calibration.cli.main.app)):
        group: Any = typer.main.get_command(app)
        for name in sorted(group.commands):
            yield from _help(group.commands[name], f"{program} {name}")


def _help(command: Any, name: str) -> Iterator[str]:
    context = command.make_context(
        name, [], resilient_parsing=True, terminal_width=100, max_content_width=100
    )
    yield f"\n## {name}\n\n```text\n{command.get_help(context).strip()}\n```\n"
    for inner in sorted(getattr(command, "commands", {})):
        yield from _help(command.commands[inner], f"{name} {inner}")


LAW_HEADS = {
    "en": ("rule", "says", "in force from", "at least", "at most"),
    "zh": ("条文", "内容", "施行", "下限", "上限"),
}


def law_table(lang: str = "en") -> str:
    """The limits that ``sim check`` knows, from sim/law/provisions.py."""
    from sim.law import provisions as law

    lines = head(*LAW_HEADS[lang])
    for one in (value for value in vars(law).values() if isinstance(value, law.Rule)):
        article, says = (one.article_zh, one.says_zh) if lang == "zh" else (one.article, one.says)
        limits = ("" if limit is None else f"{limit:g}" for limit in (one.low, one.high))
        since = str(one.since) if one.since.year > 1900 else ""  # a rule without a first day
        lines.append(row(article, says, since, *limits))
    return "\n".join(lines)


def sbc_table() -> str:
    """How intervals of simulated provinces cover the truth: the table of its page in benchmarks/, once that has been written."""
    page = ROOT / "benchmarks" / "sbc-results.md"
    lines = page.read_text(encoding="utf-8").splitlines() if page.is_file() else []
    return "\n".join(line for line in lines if line.startswith("|"))


TABLES: dict[str, Callable[[], str]] = {
    "law": law_table, "law_zh": lambda: law_table("zh"), "sbc": sbc_table,
}  # fmt: skip
