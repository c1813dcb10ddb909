"""The design page is true: imports go down its floors, it names every module, and nothing that is not there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
# From the top; every module of sim/ stands on one of them, the model's rooms on the floor named "model".
FLOORS = (
    {"calibration"},
    {"cli", "cli_explore", "commands", "__main__"},
    {"report"},
    {"verify"},
    {"experiments"},
    {"life", "money"},
    {"measures"},
    {"model"},
    {"theory"},
    {"terms", "streams", "keyed", "calendar", "records", "alarm", "commission", "platforms", "rounding"},
    {"scenario", "law", "holidays"},
)
MODEL = FLOORS.index({"model"})


def floor(module: str) -> int:
    """Number of the floor that a module stands on, from the top."""
    package, _, rest = module.partition(".")
    name = package if package == "calibration" else rest.split(".")[0]
    return next((i for i, names in enumerate(FLOORS) if name in names), MODEL)


def modules() -> Iterator[tuple[str, Path]]:
    for package in ("sim", "calibration"):
        for path in sorted((ROOT / package).rglob("*.py")):
            yield ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"), path


def imported(path: Path) -> Iterator[str]:
    """Modules of ours that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (name for name in names if name.split(".")[0] in ("sim", "calibration"))


def upward(name: str, path: Path) -> list[str]:
    """Imports that go to a floor above; ``sim`` itself holds only the version."""
    return [
        f"{name} imports {other}"
        for other in imported(path)
        if other != "sim.__version__" and other != "sim" and floor(other) < floor(name)
    ]


def test_imports_go_down(tmp_path: Path) -> None:
    assert [wrong for name, path in modules() for wrong in upward(name, path)] == []
    (tmp_path / "bad.py").write_text("def f():\n    from sim.measures import compute\n", encoding="utf-8")
    assert upward("sim.model.auction", tmp_path / "bad.py") == [
        "sim.model.auction imports sim.measures.compute"
    ]


def test_the_floors_on_the_page_are_these() -> None:
    drawn = re.search(r"^ {4}calibration/.*?(?=\n\n)", PAGE, re.M | re.S)
    assert drawn
    lines = [line for line in drawn[0].splitlines() if line[4] != " "]
    assert len(lines) == len(FLOORS)
    for line, names in zip(lines, FLOORS, strict=True):
        assert any(re.search(rf"\b{name}\b", line) for name in names), line


def test_every_module_is_named_and_nothing_that_is_not_there() -> None:
    families = [
        r".*_figures?",
        r"(.*_)?(folder|data|page)",
    ]  # drawings, and what the page of a kind is made of
    named = set(re.findall(r"\b(\w+)\.py\b", PAGE)) | set(re.findall(r"`(\w+)`", PAGE))
    whole = {"theory", "verify", "report/page", "calibration/report"}  # rooms told as one
    missing = [
        name
        for name, path in modules()
        if path.stem not in named
        and path.stem not in ("__init__", "__main__")
        and not any(f"/{room}/" in f"/{path.relative_to(ROOT)}" for room in whole)
        and not any(re.fullmatch(family, path.stem) for family in families)
    ]
    assert missing == []
    stems = {path.stem for folder in ("sim", "calibration", "benchmarks", "tests", ".ci") for path in (ROOT / folder).rglob("*.py")}  # fmt: skip
    assert [name for name in re.findall(r"(?<![*\w])(\w+)\.py\b", PAGE) if name not in stems] == []
