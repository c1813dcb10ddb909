"""What a result depends on besides its scenario: the code that computes it, Python, and the packages under it.

The code is every module of ours that imports lead to from the one that computes, wherever in a file they stand: what
cannot be reached cannot decide a result, and what can be reached may. The same imports name the packages.
"""

from __future__ import annotations

import ast
import hashlib
import platform
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import sim
from sim.locale.language import said

HOME = Path(sim.__file__).resolve().parents[1]
OURS = ("sim", "calibration")
SWEEP = "sim.experiments.sweep.run_store"  # from here, what decides the runs of a sweep is reached
RUN = "sim.experiments.replications"  # and from here one replication of one scenario
# Packages that keep numbers and compute none: a double comes back bit for bit, or its file's checksum is wrong.
KEEPING = ("pyarrow", "tomli_w")


@dataclass(slots=True)
class Closure:
    """Where imports lead: modules of ours with their files, and packages of others by the names they are imported by."""

    files: dict[str, Path] = field(default_factory=dict)
    packages: set[str] = field(default_factory=set)

    def digest(self) -> str:
        """Of the text of all modules: a commit would not see what is not committed."""
        found = hashlib.sha256()
        for name, path in sorted(self.files.items()):
            found.update(f"{name}\0".encode())
            found.update(hashlib.sha256(path.read_bytes()).digest())
        return found.hexdigest()


def closure(root: str, home: Path = HOME) -> Closure:
    """Everything that a module leads to, itself included. ``home``: the folder that holds our packages."""
    found = Closure()
    todo = [root]
    while todo:
        name = todo.pop()
        top = name.partition(".")[0]
        if top not in OURS:
            if top not in sys.stdlib_module_names:
                found.packages.add(top)
            continue
        path = _file(name, home)
        if path is None:  # not a module but something in one
            continue
        if name not in found.files:
            found.files[name] = path
            todo += _imports(name, path)
            todo += [name.rpartition(".")[0]] if "." in name else []
    return found


def _file(name: str, home: Path) -> Path | None:
    path = home.joinpath(*name.split("."))
    return next((one for one in (path.with_suffix(".py"), path / "__init__.py") if one.is_file()), None)


@lru_cache(maxsize=1024)
def _imports(name: str, path: Path) -> tuple[str, ...]:
    """Modules that a file imports, and names that may be modules; not what only type checkers import."""
    return tuple(_imported(name, path))


def _imported(name: str, path: Path) -> Iterator[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    todo: list[ast.AST] = [ast.parse(path.read_bytes())]
    while todo:
        node = todo.pop()
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
                todo += node.orelse
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom():
                above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
                module = ".".join([*above, *([node.module] if node.module else [])])
                yield module
                yield from (f"{module}.{alias.name}" for alias in node.names)
            case _:
                todo += ast.iter_child_nodes(node)


@lru_cache(maxsize=8)
def provenance(root: str) -> dict[str, str]:
    """The code that a module leads to, Python, and its packages."""
    found = closure(root)
    packages = {name: _version(name) for name in sorted(found.packages) if name not in KEEPING}
    return {"code": found.digest()[:16], "python": platform.python_version(), **packages}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def changes(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What differs, a line each: ``numpy: 1.26.4 then, 2.0.1 now``."""
    return [
        said("then_now", name=name, then=then.get(name, said("none")), now=now.get(name, said("none")))
        for name in dict.fromkeys((*then, *now))
        if then.get(name) != now.get(name)
    ]
