"""What those who carry on rely on: files named on the page are there, checks before a commit run what CI runs, the citation holds."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed: pip install .[test]")
ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    (ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("contributing.md", "contributing.zh.md")
]
ELSEWHERE = {
    ".github/ISSUE_TEMPLATE/",
    ".gitlab/issue_templates/",
    "out/release",
}  # the host's, and what a release makes


def paths(text: str) -> list[str]:
    """Files and folders that a page names; ``NAME`` in one is the reader's to choose."""
    said = (words.split()[-1] for words in re.findall(r"`([^`\n]+)`", text))
    named = {one for one in said if "/" in one and not one.startswith("http") and "NAME" not in one}
    named |= set(re.findall(r"(?:bash|python) (\S+/[\w./-]+)", text))
    return sorted(named - ELSEWHERE)


def test_pages_without_a_chinese_twin_are_named() -> None:
    docs = ROOT / "docs"
    alone = {
        path.relative_to(ROOT).as_posix()
        for path in docs.rglob("*.md")
        if not path.name.endswith(".zh.md") and not path.with_suffix(".zh.md").exists()
    }
    for text, first, last in zip(
        PAGES, ("Without a twin", "没有中文版的有"), ("Link to", "链接按"), strict=True
    ):
        said = text.partition(first)[2].partition(last)[0]
        assert set(re.findall(r"`(docs/[^`]+)`", said)) == alone


def test_files_named_are_there() -> None:
    for text in PAGES:
        assert len(paths(text)) > 30
        assert [one for one in paths(text) if not (ROOT / one).exists()] == []
    assert paths("`sim/x.py`, `bash .ci/run`, `scenarios/policies/NAME.toml`, `CITATION.cff`") == [
        ".ci/run",
        "sim/x.py",
    ]


def test_both_languages_name_the_same_files() -> None:
    english, chinese = (set(paths(text)) for text in PAGES)
    assert english == chinese
    heads = [re.findall(r"^## ", text, re.M) for text in PAGES]
    assert len(heads[0]) == len(heads[1])


def test_checks_before_a_commit_are_those_of_ci() -> None:
    config = yaml.safe_load((ROOT / ".ci" / "pre-commit-config.yaml").read_text(encoding="utf-8"))
    (repository,) = config["repos"]
    assert repository["repo"] == "local"
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for hook in repository["hooks"]:
        program = hook["entry"].replace(" --force-exclude", "")
        assert program.startswith(".venv/bin/")
        assert program in ci
        assert hook["language"] == "system"
    assert [hook["id"] for hook in repository["hooks"]] == ["ruff-check", "ruff-format", "mypy"]
    for text in PAGES:
        assert "pre-commit install -c .ci/pre-commit-config.yaml" in text


@pytest.mark.parametrize(
    "path", sorted((ROOT / ".ci" / "issue-templates").glob("*.md")), ids=lambda path: path.stem
)
def test_templates_begin_as_hosts_read_them(path: Path) -> None:
    _, head, body = path.read_text(encoding="utf-8").split("---\n", 2)
    assert set(yaml.safe_load(head)) == {"name", "about"}
    assert len(body.splitlines()) > 5


def test_the_citation_is_of_this_version() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert str(cited["version"]) == project["version"]
    assert cited["license"] == project["license"]["text"]
    assert cited["cff-version"] == "1.2.0"
    assert {"message", "title", "authors"} <= set(cited)
    assert project["name"] in cited["title"]
