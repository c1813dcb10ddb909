"""Packages as declared, as explained, and as installed by .ci/setup: the same ones."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, metadata, requires

from conftest import ROOT
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CORE = {canonicalize_name(r.name): r for r in map(Requirement, PROJECT["dependencies"])}
EXTRAS = [Requirement(text) for extra in PROJECT["optional-dependencies"].values() for text in extra]


def pinned() -> dict[str, str]:
    """Name -> release, of the packages that this Python would be given."""
    found = {}
    for line in (ROOT / ".ci" / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            one = Requirement(line)
            if one.marker is None or one.marker.evaluate():
                (specifier,) = one.specifier
                assert specifier.operator == "=="
                found[canonicalize_name(one.name)] = specifier.version
    return found


def test_every_package_has_its_line_in_the_design_and_no_other() -> None:
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    table = text.partition("## What it stands on")[2].partition("\n## ")[0]
    named = re.findall(r"^\| ([\w-]+) \|", table, re.M)
    assert sorted(map(canonicalize_name, named[1:])) == sorted(CORE)


def test_the_design_names_the_releases_that_setup_installs() -> None:
    text = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    table = text.partition("## What it stands on")[2].partition("\n## ")[0]
    named = dict(re.findall(r"^\| ([\w-]+) \|.*\| (\d[\d.]*), [A-Z][a-z]+ 20\d\d \|$", table, re.M))
    assert len(named) == len(CORE)
    pins = pinned()
    assert {name: pins[canonicalize_name(name)] for name in named} == named


def test_what_setup_installs_is_what_is_allowed() -> None:
    pins = pinned()
    for one in [*CORE.values(), *EXTRAS]:
        assert one.specifier.contains(pins[canonicalize_name(one.name)]), (
            f"{one} and .ci/constraints.txt disagree"
        )


def test_pinned_releases_take_the_first_release_of_the_oldest_python() -> None:
    """Debian 12 has Python 3.11.2: a package that asks for 3.11.5 cannot be installed there."""
    refused = {}
    for name in pinned():
        try:
            needs = metadata(name).get("Requires-Python")
        except PackageNotFoundError:
            continue
        if needs and not SpecifierSet(needs).contains("3.11.0"):
            refused[name] = needs
    assert refused == {}


def test_nothing_that_is_installed_goes_unpinned() -> None:
    pins, seen = pinned(), set()
    todo = {canonicalize_name(one.name) for one in [*CORE.values(), *EXTRAS]}
    while todo:
        name = todo.pop()
        seen.add(name)
        try:
            lines = requires(name) or []
        except PackageNotFoundError:
            continue
        needed = (Requirement(line) for line in lines)
        wanted = {
            canonicalize_name(r.name) for r in needed if r.marker is None or r.marker.evaluate({"extra": ""})
        }
        todo |= wanted - seen
    assert seen - set(pins) == set()


def test_what_the_code_imports_is_declared() -> None:
    called = {
        "tomli_w": "tomli-w",
        "pylopdf_fonts_zh_cn": "pylopdf-fonts-zh-cn",
        "docx": "python-docx",
        "fpdf": "fpdf2",
    }
    optional = {"dask", "distributed", "starlette", "uvicorn"}  # of an extra
    imported: set[str] = set()
    for package in ("sim", "calibration"):
        for path in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    imported |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    imported.add(node.module.partition(".")[0])
    imported -= {*sys.stdlib_module_names, "sim", "calibration"}
    undeclared = {canonicalize_name(called.get(name, name)) for name in imported - optional} - set(CORE)
    assert undeclared == set()


def test_what_scripts_import_of_us_is_there() -> None:
    """Types are not checked outside ``sim`` and ``calibration``, and no quick test runs the site's or the benchmarks' code."""
    scripts = [
        *(ROOT / ".ci").glob("*.py"),
        *(ROOT / "docs").rglob("*.py"),
        *(ROOT / "benchmarks").rglob("*.py"),
    ]
    missing = []
    for path in scripts:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in (
                "sim",
                "calibration",
            ):
                module = importlib.import_module(str(node.module))
                missing += [
                    f"{path.name}: {node.module}.{one.name}" for one in node.names
                    if not hasattr(module, one.name) and not importlib.util.find_spec(f"{node.module}.{one.name}")
                ]  # fmt: skip
    assert len(scripts) > 10
    assert missing == []
