"""Links between documents hold where the repository is read; that they hold in the site is what building it checks."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^```.*?^```$", re.M | re.S)
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.M)


def pages() -> list[Path]:
    """Everything that is read as a page."""
    folders = (ROOT / "docs", ROOT / "benchmarks", ROOT / ".ci" / "issue-templates")
    found = [path for folder in folders for path in folder.rglob("*.md")]
    return [*ROOT.glob("*.md"), *found, *(ROOT / "docs").rglob("*.ipynb")]


def words(page: Path) -> str:
    """What is written on a page; of a notebook, without its code."""
    text = page.read_text(encoding="utf-8")
    if page.suffix != ".ipynb":
        return text
    cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown"]
    return "\n\n".join("".join(cell["source"]) for cell in cells)


def anchors(text: str) -> set[str]:
    """What the headings of a page are called in links, by the rule of the hosting page."""
    found: set[str] = set()
    for heading in HEADING.findall(FENCE.sub("", text)):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").strip().lower()
        name = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        number = 1
        while (again := name if number == 1 else f"{name}-{number - 1}") in found:
            number += 1
        found.add(again)
    return found


def broken(page: Path, text: str) -> Iterator[str]:
    """Links of a page to files or headings that are not there, or outside the repository."""
    for target in LINK.findall(re.sub(r"`[^`\n]*`", "", FENCE.sub("", text))):
        path, _, anchor = target.partition("#")
        if "://" in path or path.startswith("mailto:"):
            continue
        there = (page.parent / path).resolve() if path else page
        there_is = ROOT in there.parents and there.exists()
        if not there_is or (anchor and anchor not in anchors(there.read_text(encoding="utf-8"))):
            yield target


@pytest.mark.parametrize("page", pages(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_hold_where_the_repository_is_read(page: Path) -> None:
    assert list(broken(page, words(page))) == []


def test_what_is_broken_is_found() -> None:
    page = ROOT / "docs" / "law.md"
    text = "# A\n\n[a](law.zh.md) [b](nowhere.md) [c](#a) [d](#b) [e](design.md#layers-of-the-simulator) [f](design.md#no) `[g](no.md)`"
    page_text = page.read_text(encoding="utf-8")
    assert list(broken(page, text)) == ["nowhere.md", "#a", "#b", "design.md#no"]
    assert anchors("# One `two`, three!\n## 中文：一、二\n# One two three\n```\n# no\n```") == {
        "one-two-three", "中文一二", "one-two-three-1",
    }  # fmt: skip
    assert list(broken(page, page_text)) == []


def test_the_site_has_links_of_its_own() -> None:
    pytest.importorskip("mkdocs", reason="mkdocs is not installed: pip install .[docs]")
    sys.path.insert(0, str(ROOT / ".ci"))
    try:
        from site_pages import linked
    finally:
        sys.path.pop(0)
    text = "[a](../../sim/scenario/schema.py) [b](../../benchmarks/results.md#x) [c](../law.md) ![d](../pictures/e.png)\n```\n[f](../../g.py)\n```"
    assert linked(text, "guides/scenario.md") == (
        "a [b](../benchmarks/results.md#x) [c](../law.md) ![d](../pictures/e.png)\n```\n[f](../../g.py)\n```"
    )
    assert (
        linked("[a](README.md) [b](../docs/law.md)", "benchmarks/results.md")
        == "[a](README.md) [b](../law.md)"
    )
    own = linked("[a](b.ipynb) [c](a.zh.ipynb) [d](../law.md)", "tutorial/a.zh.md")
    assert own == "[a](b.md) [c](a.zh.ipynb) [d](../law.md)"
