"""The design page names every folder of the code, and nothing that is not there; functions are short and take few arguments.

Imports are checked by ``lint-imports``.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from conftest import ONE_WORKER

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


def test_the_page_names_all_that_reaches_calibration() -> None:
    """Those that the contract lets pass, and no other."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    (contract,) = [one for one in contracts if one.get("forbidden_modules") == ["calibration"]]
    passed = {one.split(" -> ")[0].replace(".", "/") + ".py" for one in contract["ignore_imports"]}
    (line,) = re.findall(
        r"^- ([^\n]*?) are the only files of `sim/` that reach `calibration/`", PAGE, re.M | re.S
    )
    assert set(re.findall(r"`([^`]+)`", line)) == passed


def test_files_whose_tests_go_to_one_worker_are_there() -> None:
    assert [name for name in ONE_WORKER if not (ROOT / name).is_file()] == []


def test_no_module_imports_its_own_package_where_that_imports_modules() -> None:
    """Its ``__init__`` would wait for the module, and the module for it: a circle that contracts between siblings do not see."""
    circles = []
    for home in PACKAGES:
        for init in (ROOT / home).rglob("__init__.py"):
            package = ".".join(init.parent.relative_to(ROOT).parts)
            reached, todo = {init}, [init]
            while todo:
                for node in _imports(todo.pop()):
                    path = init.parent / f"{(node.module or '').removeprefix(package + '.')}.py"
                    if path.is_file() and path not in reached:
                        reached.add(path)
                        todo.append(path)
            circles += [
                f"{path.name} imports {package}"
                for path in reached - {init}
                for node in _imports(path)
                if node.module == package
            ]
    assert circles == []


def _imports(path: Path) -> Iterator[ast.ImportFrom]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom):
            yield node


LINES, ARGUMENTS = 60, 6  # of a function: its docstring apart, and what can only be given by name

# Functions that take more, each for a reason.
MORE_ARGUMENTS = {
    "what a command was given, handed on": {
        "sim/api/optimisations.py": {"_searched"},
        "sim/api/sensitivities.py": {"_found"},
        "sim/api/sweeps.py": {"swept", "made"},
        "sim/experiments/compare.py": {"compare"},
        "sim/experiments/run.py": {"run"},
        "sim/experiments/optimise/search_folder.py": {"remember"},
        "sim/experiments/sweep/run_store.py": {"create"},
        "sim/experiments/sweep/sweep.py": {"new_sweep"},
    },
    "the numbers that a closed form's case is named by": {
        "sim/verification/listed_cases.py": {"appraisal_case", "rounds_case", "waiting_case"}
    },
    "a loop that is compiled, which takes arrays and no objects": {
        "calibration/forward_model/simulated_totals.py": {"_start", "_sums", "_value"}
    },
    "matplotlib's own method, which a writer of SVG overrides": {"sim/reporting/svg.py": {"draw_text"}},
}


@cache
def functions() -> list[tuple[str, str, int, int]]:
    """File, name, lines and arguments of every function."""
    return [
        (path.relative_to(ROOT).as_posix(), node.name, lines(node), arguments(node))
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    first = node.body[0]
    said = first.end_lineno - first.lineno + 1 if ast.get_docstring(node) is not None else 0  # type: ignore[operator]
    return node.end_lineno - node.lineno + 1 - said  # type: ignore[operator]


def arguments(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Arguments that may be given by place, ``self`` apart."""
    names = [one.arg for one in (*node.args.posonlyargs, *node.args.args)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def test_functions_are_short() -> None:
    long = {f"{path}: {name}": number for path, name, number, _ in functions() if number > LINES}
    assert long == {}


def test_functions_take_few_arguments_and_no_exception_is_left_over() -> None:
    allowed = {
        (path, name) for files in MORE_ARGUMENTS.values() for path, names in files.items() for name in names
    }
    many = {(path, name) for path, name, _, number in functions() if number > ARGUMENTS}
    assert many == allowed
