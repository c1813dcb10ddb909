"""The documents build as a site without a warning, hold what the code declares, and fetch nothing."""

from __future__ import annotations

import html
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.docs

pytest.importorskip("material", reason="mkdocs-material is not installed: pip install .[docs]")
ROOT = Path(__file__).resolve().parents[2]


def commands() -> list[str]:
    """Every command of both programs, as it is called."""
    import calibration.cli.main
    import sim.cli.main

    return [
        f"{program} {one.name or one.callback.__name__}"
        for program, app in (("sim", sim.cli.main.app), ("calibrate", calibration.cli.main.app))
        for one in app.registered_commands
        if one.callback
    ] + [f"sim {one.name}" for one in sim.cli.main.app.registered_groups]


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_readme_lists_every_command(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert len(commands()) >= 14
    assert [one for one in commands() if f"| `{one}" not in text] == []


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_what_the_readme_points_at_is_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    targets = [one for one in re.findall(r"\]\(([^)#]+)", text) if "://" not in one]
    assert len(targets) > 8
    assert [one for one in targets if not (ROOT / one).exists()] == []


def test_pages_in_two_languages_are_linked_both_ways() -> None:
    pairs = [(path.with_name(path.name.replace(".zh.md", ".md")), path) for path in (ROOT / "docs").rglob("*.zh.md")]  # fmt: skip
    assert len(pairs) >= 17
    for english, chinese in pairs:
        assert f"[中文]({chinese.name})" in english.read_text(encoding="utf-8"), english
        assert f"[English]({english.name})" in chinese.read_text(encoding="utf-8"), chinese


def test_chinese_pages_lead_to_chinese_pages() -> None:
    """But for what they call English: what has no Chinese page, or says more in English."""
    pages = [ROOT / "README.zh.md", *(ROOT / "docs").rglob("*.zh.md")]
    links = [
        (page, words, page.parent / target)
        for page in pages
        for words, target in re.findall(r"\[([^\]]*)\]\(([^)#]+\.md)\)", page.read_text(encoding="utf-8"))
        if not target.endswith(".zh.md") and words not in ("English", "英文页")
    ]
    assert [str(page) for page, _, to in links if to.with_suffix(".zh.md").exists()] == []


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "mkdocs",
        "build",
        "--strict",
        "-f",
        str(ROOT / ".ci" / "mkdocs.yml"),
        "-d",
        str(out),
    ]
    env = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    return out


def test_pages_made_from_the_code_hold_all_of_it(site: Path) -> None:
    from sim.measures import DEFINITIONS
    from sim.scenario.describe import parameters

    page = (site / "reference" / "parameters.html").read_text(encoding="utf-8")
    assert [one.path for one in parameters() if f"<code>{one.path}</code>" not in page] == []
    page = (site / "reference" / "measures.html").read_text(encoding="utf-8")
    assert [name for name in DEFINITIONS if f"<code>{name}</code>" not in page] == []
    plain = re.sub(r"[\s\u200b]", "", html.unescape(page))
    said = {one.name: re.sub(r"\s", "", one.says("zh")) for one in DEFINITIONS.values()}
    assert [name for name, formula in said.items() if formula not in plain] == []
    page = (site / "reference" / "commands.html").read_text(encoding="utf-8")
    assert [name for name in commands() if f">{name}<" not in page] == []
    assert "Art 26" in (site / "law.html").read_text(encoding="utf-8")
    assert "第26条" in (site / "law.zh.html").read_text(encoding="utf-8")
    for name in ("assumptions.html", "assumptions.zh.html"):
        assert "<code>interest.mean</code>" in (site / "reference" / name).read_text(encoding="utf-8")
    for path in (ROOT / "benchmarks").glob("*.md"):
        name = "index" if path.name == "README.md" else path.stem
        assert (site / "benchmarks" / f"{name}.html").is_file()


def test_the_reference_in_chinese_holds_all_of_it_and_no_english_sentence(site: Path) -> None:
    from sim.measures import DEFINITIONS
    from sim.scenario.describe import parameters

    def page(name: str) -> str:
        return (site / "reference" / f"{name}.zh.html").read_text(encoding="utf-8")

    found = page("parameters")
    assert [one.path for one in parameters() if f"<code>{one.path}</code>" not in found] == []
    assert [one.path for one in parameters() if f"<td>{html.escape(one.zh)}</td>" not in found] == []
    assert "<td>不小于0且小于1</td>" in found
    found = page("measures")
    assert [name for name in DEFINITIONS if f"<code>{name}</code>" not in found] == []
    assert [one.name for one in DEFINITIONS.values() if f"<td>{one.zh}</td>" not in found] == []
    found = page("commands")
    assert [name for name in commands() if f">{name}<" not in found] == []
    assert "输出JSON，供程序读取" in found
    english = re.compile(
        r"\b(?:the|of|and|with|from|is|are|that|which|not|at|least|above|below|folder|file|print)\b"
    )
    for name in ("parameters", "measures", "commands"):
        content = page(name).split('<article class="md-content__inner')[1].split("</article>")[0]
        words = html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<code>[^<]*</code>", " ", content)))
        assert [line.strip() for line in words.splitlines() if english.search(line)] == [], name


def test_notebooks_are_pages_with_what_their_cells_showed(site: Path) -> None:
    found = sorted((ROOT / "docs" / "tutorial").glob("*.ipynb"))
    assert len(found) >= 8
    for path in found:
        page = (site / "tutorial" / f"{path.stem}.html").read_text(encoding="utf-8")
        pictures = re.findall(r'<img alt="" src="([^"]+\.png)"', page)
        assert pictures
        assert [name for name in pictures if not (site / "tutorial" / name).is_file()] == []
        assert 'class="dataframe"' in page
        assert f'href="{path.name}"' in page


def test_every_page_of_docs_is_in_the_navigation_of_its_language_and_in_no_other(site: Path) -> None:
    pages = [
        path.relative_to(ROOT / "docs").with_suffix(".html").as_posix()
        for path in (ROOT / "docs").rglob("*.md")
    ]
    for name, chinese in (("index.html", False), ("index.zh.html", True)):
        text = (site / name).read_text(encoding="utf-8")
        navigation = re.search(r'<nav class="md-nav md-nav--primary.*?</nav>\s*</div>', text, re.S)
        assert navigation
        named = {page for page in pages if f'href="{page}"' in navigation[0]}
        named |= {name}  # a page is no link to itself
        assert named == {page for page in pages if page.endswith(".zh.html") == chinese}


def test_a_page_leads_to_the_same_page_in_the_other_language(site: Path) -> None:
    """By its frame, which is in its own language; where there is none, to that language's first page."""
    for name, other, words in (
        ("guides/app.html", "app.zh.html", "Search"),
        ("guides/app.zh.html", "app.html", "搜索"),
        ("design.html", "index.zh.html", "Search"),
        ("tutorial/run.zh.html", "run.html", "搜索"),
    ):
        text = (site / name).read_text(encoding="utf-8")
        links = re.findall(r'<a href="([^"]+)" hreflang="(\w+)" class="md-select__link"', text)
        assert (other, "en" if ".zh." in name else "zh") in links, (name, links)
        assert f'placeholder="{words}"' in text


def test_chinese_is_found_by_words(site: Path) -> None:
    """The index of the search has Chinese cut into words, by an invisible blank."""
    pytest.importorskip("jieba", reason="jieba is not installed: pip install .[docs]")
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    (page,) = [one for one in index["docs"] if one["location"] == "guides/brief.zh.html"]
    assert "\u200b" in page["text"]
    words = re.split(index["config"]["separator"], " ".join(one["text"] for one in index["docs"]))
    assert {"保证金", "流拍", "竞买人"} <= set(words)


def test_browsers_learn_which_pages_are_chinese(site: Path) -> None:
    for name, tag in (("index.html", "en"), ("index.zh.html", "zh-CN"), ("law.zh.html", "zh-CN")):
        assert f'<html lang="{tag}"' in (site / name).read_text(encoding="utf-8")


def test_lines_of_chinese_text_are_joined_and_code_is_left_alone(site: Path) -> None:
    assert "取决于法院或立法者可以改动的规则：从哪里起拍" in (site / "index.zh.html").read_text(
        encoding="utf-8"
    )
    page = (site / "getting-started.zh.html").read_text(encoding="utf-8")
    assert re.search(r"一拍流拍：无人出价.*\n.*二拍公告", page)


def test_the_site_asks_no_other_machine_for_anything(site: Path) -> None:
    for path in site.rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert re.findall(r'<(?:script|img|iframe)[^>]+src="https?://[^"]+"', text) == []
        assert re.findall(r'<link[^>]+rel="(?:stylesheet|preconnect)"[^>]+href="https?://[^"]+"', text) == []
