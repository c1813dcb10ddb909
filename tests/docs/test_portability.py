"""What Windows has not, or does otherwise: the next use of it in the program is found here, on whatever system the tests run.

Names that only POSIX has are those of typeshed, which comes with mypy. ``tests/cli/test_without_posix.py`` runs commands where they are not there.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT

MODULES = ("fcntl", "grp", "os", "posix", "pty", "pwd", "resource", "select", "signal", "socket", "syslog", "termios", "time", "tty")  # fmt: skip
DANGEROUS = {"os.kill": "on Windows it ends a process whatever the signal"}
# Uses that are well, with the reason.
ALLOWED = {
    ("sim/app/running.py", "fcntl"): "_lock locks with msvcrt instead",
    ("sim/app/tasks.py", "resource"): "limit_memory: without it nothing is limited",
    ("sim/cli/shared/signals.py", "signal.pthread_kill"): "_raise_again has another way",
    ("sim/experiments/execution/memory.py", "resource"): "peak asks psutil instead",
    ("sim/experiments/execution/worker_pool.py", "resource"): "make_room: there is no such limit",
    ("sim/experiments/execution/worker_pool.py", "signal.SIGHUP"): "_without_signals looks whether there are masks",
    ("sim/experiments/execution/worker_pool.py", "signal.SIG_BLOCK"): "the same",
    ("sim/experiments/execution/worker_pool.py", "signal.pthread_sigmask"): "the same",
    ("sim/experiments/execution/worker_pool.py", "os.P_PID"): "_see_it_end: only for a server that forks",
    ("sim/experiments/execution/worker_pool.py", "os.WEXITED"): "the same",
    ("sim/experiments/execution/worker_pool.py", "os.WNOHANG"): "the same",
    ("sim/experiments/execution/worker_pool.py", "os.WNOWAIT"): "the same",
    ("sim/experiments/execution/worker_pool.py", "os.waitid"): "the same",
    ("sim/experiments/storage/leftovers.py", "os.kill"): "alive asks psutil instead",
}  # fmt: skip
TEXT = ("open", "read_text", "write_text")


def files() -> list[Path]:
    """What the wheel carries."""
    return sorted(path for package in ("sim", "calibration") for path in (ROOT / package).rglob("*.py"))


@cache
def posix_only(module: str) -> frozenset[str]:
    """Names of a module of the standard library that Windows has not; ``*``: it has not the module."""
    mypy = pytest.importorskip("mypy", reason="names that only POSIX has are read from mypy's typeshed")
    folder = Path(mypy.__file__).parent / "typeshed" / "stdlib"
    stub = (
        folder / f"{module}.pyi" if (folder / f"{module}.pyi").is_file() else folder / module / "__init__.pyi"
    )
    tree = ast.parse(stub.read_text(encoding="utf-8"))
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for posix, node in _statements(tree.body, False):
        match node:
            case (
                ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AnnAssign(target=ast.Name(id=name))
            ):
                found[posix].add(name)
            case ast.Assign(targets=[ast.Name(id=name)]):
                found[posix].add(name)
            case ast.ImportFrom(names=names) if posix:
                found[posix] |= {one.asname or one.name for one in names}
    own = {name for name in found[False] if not name.startswith("_")}
    return frozenset(found[True] - found[False]) | ({"*"} if not own and found[True] else set())  # fmt: skip


def _statements(body: list[ast.stmt], posix: bool) -> Iterator[tuple[bool, ast.stmt]]:
    for node in body:
        if isinstance(node, ast.If):
            test = ast.unparse(node.test)
            yield from _statements(node.body, posix or "sys.platform != 'win32'" in test)
            yield from _statements(node.orelse, posix or test == "sys.platform == 'win32'")
        else:
            yield posix, node


def uses(text: str) -> Iterator[tuple[int, str]]:
    """Line and name of what Windows has not, or does otherwise."""
    if not re.search(rf"^\s*(?:import|from) .*\b(?:{'|'.join(MODULES)})\b|preexec_fn", text, re.M):
        return
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names=names):
                yield from (
                    (node.lineno, one.name)
                    for one in names
                    if one.name in MODULES and "*" in posix_only(one.name)
                )
            case ast.ImportFrom(module=str() as module, names=names) if module in MODULES:
                known = posix_only(module)
                yield from (
                    (node.lineno, f"{module}.{one.name}")
                    for one in names
                    if one.name in known or "*" in known
                )
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in MODULES:
                if (
                    name in posix_only(module) and "*" not in posix_only(module)
                ) or f"{module}.{name}" in DANGEROUS:
                    yield node.lineno, f"{module}.{name}"
            case ast.keyword(arg="preexec_fn"):
                yield node.value.lineno, "preexec_fn"  # fmt: skip


def without_encoding(text: str) -> Iterator[tuple[int, str]]:
    """Line and name of calls that read or write text in whatever encoding, or with whatever line ends, the system has."""
    if not any(f"{name}(" in text for name in TEXT) and "text=True" not in text:
        return
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        given = {one.arg for one in node.keywords}
        piped = any(one.arg == "text" and ast.unparse(one.value) == "True" for one in node.keywords)
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        modes = [
            one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)
        ]
        binary = any(re.fullmatch(r"[rwax]\+?b\+?|b[rwax]", mode) for mode in modes)
        if name == "open" and (isinstance(node.func, ast.Name) or modes):
            if not binary and "encoding" not in given:
                yield node.lineno, "open without encoding"
        elif name in ("read_text", "write_text") and node.args + node.keywords and "encoding" not in given:
            yield node.lineno, f"{name} without encoding"
        elif name == "read_text" and not node.args + node.keywords:
            yield node.lineno, "read_text without encoding"
        elif name == "write_text" and "newline" not in given:
            yield node.lineno, "write_text without newline"
        if piped and "encoding" not in given:
            yield node.lineno, "a process's text without encoding"


def test_what_windows_has_not_is_used_only_where_there_is_another_way() -> None:
    found = {
        (path.relative_to(ROOT).as_posix(), name): line
        for path in files()
        for line, name in uses(path.read_text(encoding="utf-8"))
    }
    assert {
        f"{file}:{line}: {name}" for (file, name), line in found.items() if (file, name) not in ALLOWED
    } == set()
    assert set(ALLOWED) - set(found) == set(), "no longer used"  # fmt: skip


def test_text_is_read_and_written_in_one_encoding_with_one_line_end() -> None:
    found = {
        f"{path.relative_to(ROOT).as_posix()}:{line}: {what}"
        for path in files()
        for line, what in without_encoding(path.read_text(encoding="utf-8"))
    }
    assert found == set()


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("import os\nos.fork()", "os.fork"),
        ("import signal\nsignal.signal(signal.SIGKILL, f)", "signal.SIGKILL"),
        ("import resource", "resource"),
        ("from fcntl import flock", "fcntl.flock"),
        ("import os\nos.setsid()", "os.setsid"),
        ("import os\nos.kill(1, 0)", "os.kill"),
        ("import os, subprocess\nsubprocess.run([], preexec_fn=os.getpid)", "preexec_fn"),
    ],
)
def test_such_a_use_is_found(code: str, name: str) -> None:
    assert name in {found for _, found in uses(code)}


def test_what_windows_has_is_not_found() -> None:
    code = "import os, signal, time\nos.replace(a, b)\nos.getpid()\nsignal.SIGINT\nsignal.SIGTERM\ntime.sleep(1)\nos.O_RDONLY"
    assert list(uses(code)) == []


@pytest.mark.parametrize(
    "code",
    ["open(path)", 'path.open("w")', "path.read_text()", 'path.write_text("x", encoding="utf-8")', "run([], text=True)"],
)  # fmt: skip
def test_text_in_the_systems_encoding_is_found(code: str) -> None:
    assert len(list(without_encoding(code))) == 1
    assert list(without_encoding('path.open("rb"); open(path, "rb"); lot.open(); path.read_text(encoding="utf-8")')) == []  # fmt: skip
