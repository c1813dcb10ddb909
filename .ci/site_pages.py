"""What the site adds to docs/: tables made from the code at build time, so that they cannot go stale, benchmarks/, and
notebooks as pages.

Loaded by mkdocs as a hook. A notebook ``NAME.ipynb`` is the page ``NAME.md``, with what its cells showed when it was run. In any page, ``<!-- table: NAME -->`` is replaced by a table (``TABLES``). A page ``NAME.zh.md``
is marked as Chinese. Links are written as the repository's own pages need them; one that leaves docs/ leads to the
site's page of that file, or, where the site has none, becomes plain text.
"""

from __future__ import annotations

import base64
import json
import logging
import posixpath
import re
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
TABLE = re.compile(r"<!-- table: (\w+) -->")
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")
FENCE = re.compile(r"(^```.*?^```$)", re.M | re.S)
BREAK = re.compile(
    r"(?<=[\u2018-\u201d\u3000-\u9fff\uff00-\uffef])\n(?=[\u2018-\u201d\u3000-\u9fff\uff00-\uffef])"
)
Nav = list[dict[str, Any]]
BENCHMARKS = "benchmarks/"
NOTEBOOK = ".ipynb"
STYLE = "style.css"
FONTS = """:root {
  --md-text-font: "Segoe UI", "Helvetica Neue", Arial, "PingFang SC", "Noto Sans SC", "Noto Sans CJK SC", "Microsoft YaHei", "DejaVu Sans";
  --md-code-font: "SF Mono", Menlo, Consolas, "Noto Sans Mono CJK SC", "DejaVu Sans Mono", "Liberation Mono";
}
table.dataframe th, table.dataframe td { padding: 0 0.5rem; }
"""

# Sections of the site, by language: a page shows those of its own. What is not there (yet) is left out; what stands in docs/ and
# not here goes under "More".
SECTIONS: dict[str, dict[str, list[tuple[str, str]]]] = {
    "en": {
        "Start": [
            ("What this is", "index.md"),
            ("Installing", "guides/installing.md"),
            ("Getting started", "getting-started.md"),
            ("Sample pages", "samples.md"),
            ("Reports and pages", "pages.md"),
            ("Read a report", "guides/reading-a-report.md"),
        ],
        "Tutorial": [
            ("Run", "tutorial/run.md"),
            ("Change a rule", "tutorial/change-a-rule.md"),
            ("Compare with draws", "tutorial/compare-with-draws.md"),
            ("Calibrate a court", "tutorial/calibrate.md"),
            ("In Python", "guides/python.md"),
            ("Parts of your own", "guides/extending.md"),
        ],
        "Guides": [
            ("The application", "guides/app.md"),
            ("Explore policies", "explore-policies.md"),
            ("Calibrate", "guides/calibration.md"),
            ("Write a scenario", "guides/scenario.md"),
            ("Values that change at a date", "guides/dates.md"),
            ("Write a policy", "guides/policy.md"),
            ("From a press release to an answer", "guides/another-place.md"),
            ("From your court's export to an answer", "guides/lots.md"),
            ("Write a targets file", "guides/targets.md"),
            ("Excel, both ways", "guides/excel.md"),
            ("The brief", "guides/brief.md"),
            ("Write an evidence file", "guides/evidence.md"),
            ("Engines", "guides/engines.md"),
        ],
        "Concepts": [
            ("Case, lot and court", "concepts/lots.md"),
            ("Prices of a lot", "concepts/prices.md"),
            ("A round", "concepts/round.md"),
            ("A lot's way", "concepts/way.md"),
            ("Bidders", "concepts/bidders.md"),
            ("When people react", "behaviour.md"),
            ("Windows, bases, interpretations", "concepts/windows.md"),
            ("Random draws and intervals", "concepts/random-draws.md"),
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
            ("Glossary", "glossary.md"),
            ("Changes", "changelog.md"),
            ("Contribute", "contributing.md"),
        ],
        "Why trust it": [
            ("Design", "design.md"),
            ("Verification", "verification.md"),
            ("Verification, in full", "verification-full.md"),
            ("Calibration: methods", "calibration.md"),
            ("A prediction tested on real auctions", "seoul.md"),
            ("STRESS-DES checklist", "stress-des.md"),
        ],
    },
    "zh": {
        "开始": [
            ("这是什么", "index.zh.md"),
            ("安装", "guides/installing.zh.md"),
            ("快速上手", "getting-started.zh.md"),
            ("样例页面", "samples.zh.md"),
            ("报告与页面", "pages.zh.md"),
            ("读懂报告", "guides/reading-a-report.zh.md"),
        ],
        "教程": [
            ("运行", "tutorial/run.zh.md"),
            ("改一条规则", "tutorial/change-a-rule.zh.md"),
            ("在参数抽样上比较", "tutorial/compare-with-draws.zh.md"),
            ("校准一家法院", "tutorial/calibrate.zh.md"),
            ("在 Python 中使用", "guides/python.zh.md"),
            ("自己的部件", "guides/extending.zh.md"),
        ],
        "指南": [
            ("本机应用", "guides/app.zh.md"),
            ("两页简报", "guides/brief.zh.md"),
            ("探索政策", "explore-policies.zh.md"),
            ("校准", "guides/calibration.zh.md"),
            ("编写情景", "guides/scenario.zh.md"),
            ("自某日起变动的设定", "guides/dates.zh.md"),
            ("编写政策", "guides/policy.zh.md"),
            ("从一则报道到一个答案", "guides/another-place.zh.md"),
            ("从法院导出的文件到一个答案", "guides/lots.zh.md"),
            ("目标文件", "guides/targets.zh.md"),
            ("Excel", "guides/excel.zh.md"),
            ("证据文件", "guides/evidence.zh.md"),
            ("计算引擎", "guides/engines.zh.md"),
        ],
        "概念": [
            ("案件、标的物与法院", "concepts/lots.zh.md"),
            ("一件标的物的几个价格", "concepts/prices.zh.md"),
            ("一个拍次", "concepts/round.zh.md"),
            ("标的物的去向", "concepts/way.zh.md"),
            ("竞买人", "concepts/bidders.zh.md"),
            ("当人们作出反应", "behaviour.zh.md"),
            ("统计期、归期、口径", "concepts/windows.zh.md"),
            ("随机数与区间", "concepts/random-draws.zh.md"),
        ],
        "依据与方法": [
            ("规则如何进入模型", "law.zh.md"),
            ("假设", "reference/assumptions.zh.md"),
            ("来源", "sources.zh.md"),
            ("校准的方法", "calibration.zh.md"),
            ("用真实拍卖检验预测", "seoul.zh.md"),
        ],
        "参考": [
            ("参数", "reference/parameters.zh.md"),
            ("指标", "reference/measures.zh.md"),
            ("命令", "reference/commands.zh.md"),
            ("术语表", "glossary.zh.md"),
            ("参与开发", "contributing.zh.md"),
        ],
    },
}
BY_LANGUAGE = {
    title: lang for lang, sections in SECTIONS.items() for title in sections
}  # all others are English
SITE = {
    "en": ("Online judicial auctions, simulated", "A simulation of online judicial auctions (网络司法拍卖), from case to hammer"),
    "zh": ("网络司法拍卖模拟", "网络司法拍卖的模拟：从立案到落槌"),
}  # fmt: skip
HOME = {"en": "index.md", "zh": "index.zh.md"}
LANGUAGES = {"en": "English", "zh": "中文"}
SCHEMES = {"en": ("dark", "light"), "zh": ("深色", "浅色")}  # what a press on the button of colours gives
SAMPLES = ROOT / "out" / "samples"  # made by .ci/samples
logging.getLogger("jieba").setLevel(logging.WARNING)  # it says how long it takes to load


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of benchmarks/ and the style, and lay out the navigation over what there is."""
    files.append(File.generated(config, STYLE, content=FONTS))
    for path, content in made().items():
        files.append(File.generated(config, path, content=content))
    for path, made_of in notebook_pages().items():
        files.append(File.generated(config, path, content=made_of))
    for sample in samples():
        files.append(File.generated(config, f"samples/{sample.name}", abs_src_path=str(sample)))
    there = {file.src_uri for file in files.documentation_pages()}
    every = {section: pages for sections in SECTIONS.values() for section, pages in sections.items()}
    named = {uri for pages in every.values() for _, uri in pages}
    nav: Nav = []
    for section, pages in every.items():
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
    """Links as the site has them; tables made from the code where a page asks for them; Chinese paragraphs joined."""
    uri = page.file.src_uri
    made = TABLE.sub(lambda found: TABLES[found[1]](), linked(markdown, uri))
    return joined(made) if uri.endswith(".zh.md") else made


def linked(markdown: str, uri: str) -> str:
    """The page with links that hold on the site; code is left alone."""
    here = uri if uri.startswith(BENCHMARKS) else f"docs/{uri}"

    def link(found: re.Match[str]) -> str:
        path, hash_, anchor = found[2].partition("#")
        target = posixpath.normpath(posixpath.join(posixpath.dirname(here), path))
        own = posixpath.basename(uri).replace(
            ".md", NOTEBOOK
        )  # the notebook of this page itself: to be downloaded
        if path.endswith(NOTEBOOK) and "://" not in path and path != own:
            return f"[{found[1]}]({path.removesuffix(NOTEBOOK)}.md)"
        if not path or "://" in path or (here.startswith("docs/") and target.startswith("docs/")):
            return found[0]
        if not target.startswith(("docs/", BENCHMARKS)) or not target.endswith(".md"):
            return found[1]
        there = posixpath.relpath(target.removeprefix("docs/"), posixpath.dirname(uri) or ".")
        return f"[{found[1]}]({there}{hash_}{anchor})"

    return "".join(part if i % 2 else LINK.sub(link, part) for i, part in enumerate(FENCE.split(markdown)))


def joined(markdown: str) -> str:
    """Without the line ends between two Chinese characters, which a browser would show as blanks; code is left alone."""
    parts = FENCE.split(markdown)
    return "".join(part if i % 2 else BREAK.sub("", part) for i, part in enumerate(parts))


def on_page_context(
    context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Navigation
) -> dict[str, Any]:
    """A page's frame in its own language: navigation, title, search, buttons; and where it stands in the other one."""
    uri = page.file.src_uri
    lang = "zh" if uri.endswith(".zh.md") else "en"
    config.theme["language"] = lang
    config.site_name, config.site_description = SITE[lang]
    for palette, name in zip(config.theme["palette"], SCHEMES[lang], strict=True):
        palette["toggle"]["name"] = name
    urls = {file.src_uri: file.url for file in context["pages"]}
    config.extra["homepage"] = urls[HOME[lang]]
    config.extra["alternate"] = [
        {"name": name, "lang": other, "link": urls[in_language(uri, other, urls)]} for other, name in LANGUAGES.items()
    ]  # fmt: skip
    own = [one for one in nav.items if BY_LANGUAGE.get(one.title or "", "en") == lang]
    context["nav"] = Navigation(own, nav.pages)
    return context


def in_language(uri: str, lang: str, pages: Collection[str]) -> str:
    """The page that says the same in a language; where there is none, that language's first page."""
    plain = uri.removesuffix(".zh.md") if uri.endswith(".zh.md") else uri.removesuffix(".md")
    twin = plain + (".zh.md" if lang == "zh" else ".md")
    return twin if twin in pages else HOME[lang]


def on_post_page(output: str, page: Page, **_: Any) -> str:
    """Say to browsers and screen readers that Chinese is that of the mainland."""
    return output.replace('<html lang="zh"', '<html lang="zh-CN"', 1)


def _first_results(uri: str) -> tuple[bool, str]:
    return uri != BENCHMARKS + "results.md", uri


def _heading(files: Files, uri: str) -> str:
    file = files.get_file_from_path(uri)
    assert file is not None
    found = re.search(r"^# (.+)$", file.content_string, re.M)
    return found[1] if found else uri


def made() -> dict[str, str]:
    """Path -> Markdown of the pages that stand outside docs/."""
    pages = sorted((ROOT / "benchmarks").glob("*.md"))
    return {BENCHMARKS + path.name: path.read_text(encoding="utf-8") for path in pages}


def notebook_pages() -> dict[str, str | bytes]:
    """Path -> content: each notebook as a Markdown page, and the pictures in it."""
    found: dict[str, str | bytes] = {}
    for path in sorted((ROOT / "docs").rglob(f"*{NOTEBOOK}")):
        uri = path.relative_to(ROOT / "docs").as_posix().removesuffix(NOTEBOOK)
        parts: list[str] = []
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            parts.append(source if cell["cell_type"] == "markdown" else f"```python\n{source}\n```")
            for number, output in enumerate(cell.get("outputs", ()), 1):
                content = shown(output)
                if isinstance(content, bytes):
                    picture = f"{uri}-{cell['id']}-{number}.png"
                    found[picture] = content
                    content = f"![]({posixpath.basename(picture)})"
                parts.append(content)
        words = "下载笔记本" if uri.endswith(".zh") else "Download the notebook"
        parts.insert(1, f"[{words}]({path.name})")
        found[f"{uri}.md"] = "\n\n".join(parts) + "\n"
    return found


def shown(output: dict[str, Any]) -> str | bytes:
    """What a cell shows: a picture as it is, the rest as Markdown."""
    data = output.get("data", {})
    if "image/png" in data:
        return base64.b64decode("".join(data["image/png"]))
    if "text/html" in data:
        html = re.sub(r"<style.*?</style>", "", "".join(data["text/html"]), flags=re.S)
        return re.sub(r"\n\s*", "\n", html)  # a line without anything would end what Markdown takes for HTML
    text = "".join(data.get("text/plain", output.get("text", [])))
    return f"```text\n{text.rstrip()}\n```"


def row(*cells: str) -> str:
    """A line of a Markdown table; what would end a cell is escaped."""
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def head(*names: str) -> list[str]:
    return [row(*names), row(*("---" for _ in names))]


PARAMETERS = {
    "en": ("key", "unit", "allowed", "meaning", "中文", "source"),
    "zh": ("参数", "含义", "单位", "允许的取值", "来源"),
}


def parameter_tables(lang: str) -> Iterator[str]:
    """Every parameter as declared in the schema, a table for each part of a scenario."""
    from sim.locale.sources import source_in
    from sim.scenario.describe import parameters
    from sim.scenario.units import CHINESE

    table = ""
    for one in parameters(lang):
        top = one.path.split(".", 1)[0]
        if top != table:
            table = top
            yield f"\n## {top}\n"
            yield from head(*PARAMETERS[lang])
        if lang == "zh":
            yield row(f"`{one.path}`", one.zh, CHINESE[one.unit], one.allowed, source_in(one.source, lang))
        else:
            yield row(f"`{one.path}`", one.unit, one.allowed, one.meaning, one.zh, one.source)


ASSUMPTIONS = {
    "en": (
        "{assumed} of the {all} values are assumptions: no figure that we know of is published anywhere.",
        "Assumed",
        "With a source",
        ("key", "value", "unit", "meaning", "source"),
    ),
    "zh": (
        "共{all}个取值，其中{assumed}个是假设：就我们所知没有任何公布的数字。",
        "假设的取值",
        "有来源的取值",
        ("参数", "取值", "单位", "含义", "来源"),
    ),
}


def assumption_tables(lang: str) -> Iterator[str]:
    """Values of Shanxi that no published figure supports, and those that one does."""
    from sim.scenario import load
    from sim.scenario.table import assumed as guesses
    from sim.scenario.table import rows

    opening, guessed, sourced, names = ASSUMPTIONS[lang]
    loaded = load(ROOT / "scenarios" / "shanxi.toml")
    found, keys = rows(loaded, lang), set(guesses(loaded))
    assumed = [one for one in found if one[0] in keys]
    yield opening.format(all=len(found), assumed=len(assumed))
    for title, part in ((guessed, assumed), (sourced, [one for one in found if one not in assumed])):
        yield f"\n## {title}\n"
        yield from head(*names)
        for key, value, unit, meaning, source, _ in part:
            yield row(f"`{key}`", value, unit, meaning, source)


def measures_table(lang: str) -> Iterator[str]:
    """Every measure's meaning."""
    from sim.measures import definitions
    from sim.measures.definitions import UNITS_ZH

    zh = lang == "zh"
    yield from head(
        *(("指标", "名称", "单位", "计算方法") if zh else ("measure", "中文", "unit", "formula", "计算方法"))
    )
    for one in definitions(["first", "second", "sell_off"]).values():
        if zh:
            yield row(f"`{one.name}`", one.zh, UNITS_ZH[one.unit], one.says("zh"))
        else:
            yield row(f"`{one.name}`", one.zh, one.unit, one.formula, one.says("zh"))


def interpretations_table(lang: str) -> Iterator[str]:
    """Which measures a published figure may stand for."""
    from sim.measures import INTERPRETATIONS
    from sim.reporting.text import known, name_of

    if lang == "zh":
        yield from head("公布值", "可能所指的指标")
        for figure, names in INTERPRETATIONS.items():
            yield row(
                known(f"figure.{figure}", lang, figure),
                "、".join(f"{name_of(name, lang)} `{name}`" for name in names),
            )
        return
    yield from head("published figure", "may be")
    for figure, names in INTERPRETATIONS.items():
        yield row(figure, ", ".join(f"`{name}`" for name in names))


def command_helps(lang: str) -> Iterator[str]:
    """The help of every command, as the program prints it in a language."""
    import typer

    import calibration.cli.main
    import sim.cli.main

    for program, app in (("sim", sim.cli.main.app), ("calibrate", calibration.cli.main.app)):
        group: Any = typer.main.get_command(app)
        for name in sorted(group.commands):
            yield from _help(group.commands[name], f"{program} {name}", lang)


def _help(command: Any, name: str, lang: str) -> Iterator[str]:
    context = command.make_context(
        name, [], resilient_parsing=True, terminal_width=100, max_content_width=100
    )
    context.meta["lang"] = lang
    yield f"\n## {name}\n\n```text\n{command.get_help(context).strip()}\n```\n"
    for inner in sorted(getattr(command, "commands", {})):
        yield from _help(command.commands[inner], f"{name} {inner}", lang)


def law_page(what: str, lang: str) -> str:
    """The limits of the law, or its articles, from the files of sim/law/texts."""
    from sim.reporting.law import page_of_articles, page_of_limits

    return page_of_limits(lang) if what == "limits" else page_of_articles(lang)


def samples() -> list[Path]:
    """Pages of results that ``.ci/samples`` has made, in the order in which they are shown."""
    order = ("run", "compare", "calibrate")
    found = [path for path in SAMPLES.glob("*.html") if path.name.split(".")[0] in order]
    return sorted(found, key=lambda path: (order.index(path.name.split(".")[0]), path.name))


SAMPLED = {
    "en": {
        "run": "A run: Shanxi, published figures beside simulated ones",
        "compare": "A comparison: cuts of 20 % and 10 % against none",
        "calibrate": "A calibration: the report on Shanxi",
        "": "The pages are not in this copy of the site; `bash .ci/samples` makes them.",
    },
    "zh": {
        "run": "一次运行：山西，公布值与模拟值并列",
        "compare": "一次比较：降价20%和10%，与不降价相比",
        "calibrate": "一次校准：关于山西的报告",
        "": "这一份网站中没有样例页面；`bash .ci/samples` 可以做出。",
    },
}


def sample_links(lang: str) -> str:
    """Links to sample pages in a language, or what makes them."""
    words = SAMPLED[lang]
    links = [
        f'- <a href="samples/{path.name}">{words[path.name.split(".")[0]]}</a>'
        for path in samples()
        if path.name.endswith(f".{lang}.html")
    ]
    return "\n".join(links) or words[""]


def sbc_table() -> str:
    """How intervals of simulated provinces cover the truth: the table of its page in benchmarks/, once that has been written."""
    page = ROOT / "benchmarks" / "sbc-results.md"
    lines = page.read_text(encoding="utf-8").splitlines() if page.is_file() else []
    return "\n".join(line for line in lines if line.startswith("|"))


TABLES: dict[str, Callable[[], str]] = {
    "law": lambda: law_page("limits", "en"),
    "law_zh": lambda: law_page("limits", "zh"),
    "law_articles": lambda: law_page("articles", "en"),
    "law_articles_zh": lambda: law_page("articles", "zh"),
    "sbc": sbc_table,
    "samples": lambda: sample_links("en"),
    "samples_zh": lambda: sample_links("zh"),
    "parameters": lambda: "\n".join(parameter_tables("en")),
    "parameters_zh": lambda: "\n".join(parameter_tables("zh")),
    "assumptions": lambda: "\n".join(assumption_tables("en")),
    "assumptions_zh": lambda: "\n".join(assumption_tables("zh")),
    "measures": lambda: "\n".join(measures_table("en")),
    "measures_zh": lambda: "\n".join(measures_table("zh")),
    "interpretations": lambda: "\n".join(interpretations_table("en")),
    "interpretations_zh": lambda: "\n".join(interpretations_table("zh")),
    "commands": lambda: "\n".join(command_helps("en")),
    "commands_zh": lambda: "\n".join(command_helps("zh")),
}
