"""The design page names every folder of the code, and nothing that is not there. Imports are checked by ``lint-imports``."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
PACKAGES = ("sim", "calibration")


def folders(package: str) -> set[str]:
    """Folders that hold modules or data, as the page writes them: ``experiments/sweep/``."""
    home = ROOT / package
    parts = {
        path.parent.relative_to(home).as_posix()
        for path in home.rglob("*")
        if path.suffix in (".py", ".toml")
    }
    return {f"{part}/" for part in parts} - {"./"}


def rows(package: str) -> list[str]:
    """First cells of the table of a package's folders."""
    table = PAGE.split(f"| folder of `{package}/` |")[1].split("\n\n")[0]
    return re.findall(r"^\| `([^`]+)` \|", table, re.M)


def test_every_folder_has_its_row_and_no_row_is_without_a_folder() -> None:
    for package in PACKAGES:
        assert sorted(rows(package)) == sorted(folders(package))


def test_no_file_is_named_that_is_not_there() -> None:
    names = {
        path.name for top in (*PACKAGES, "benchmarks", "tests", ".ci") for path in (ROOT / top).rglob("*.py")
    }
    assert [name for name in re.findall(r"(?<![*\w])\w+\.py\b", PAGE) if name not in names] == []


def test_layers_stand_on_the_page_as_in_the_contract() -> None:
    contract = (ROOT / "pyproject.toml").read_text(encoding="utf-8").split('name = "layers of sim"')[1]
    lines = re.findall(r'^  "([\w |]+)",$', contract.split("]\n")[1], re.M)
    layers = [name for line in lines for name in line.split(" | ")]
    assert [f"{name}/" for name in layers if name != "__main__"] == [
        name for name in rows("sim") if name.count("/") == 1
    ]
