"""Which code is the user's, neither ours nor Python's nor an installed package's; its text; what it names and imports."""

from __future__ import annotations

import ast
import dis
import importlib.util
import inspect
import linecache
import os
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from sim.locale.language import said
from sim.scenario.extensions import ExtensionError

_HOME = Path(__file__).resolve().parents[2]
_INSTALLED = {Path(sysconfig.get_paths()[name]).resolve() for name in ("stdlib", "purelib", "platlib")}
# Ours is what results depend on anyway: see ``provenance``.
_NOT_THE_USERS = tuple(f"{path}{os.sep}" for path in (_HOME / "sim", _HOME / "calibration", *_INSTALLED))
_PACKAGES = {"site-packages", "dist-packages"}


def users(of: Any) -> bool:
    """Whether a class or function is the user's; so is what belongs to no module that is there."""
    name = of.__globals__.get("__name__") if isinstance(of, FunctionType) else of.__module__
    module = sys.modules.get(str(name))
    if module is None or name == "__main__":
        return True
    if isinstance(of, FunctionType):
        return vars(module) is not of.__globals__ or users_module(module)
    if name == "builtins":  # of C, or made by ``exec``
        return any(isinstance(one, FunctionType) for one in vars(of).values())
    return users_module(module)


def users_module(module: ModuleType) -> bool:
    """Whether a module is the user's, by where its file lies, whatever it is called."""
    file = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", ())), None)
    if file is not None:
        return _users_file(file)
    top = sys.modules.get(module.__name__.partition(".")[0])
    if top is not None and top is not module:
        return users_module(top)
    return module.__name__ not in sys.stdlib_module_names


def _users_file(file: str) -> bool:
    path = Path(file).resolve()
    return not str(path).startswith(_NOT_THE_USERS) and _PACKAGES.isdisjoint(path.parts)


def installed_name(one: Any) -> str | None:
    """The name by which a module that is not the user's holds an object; none if no such module does."""
    name = getattr(one, "__qualname__", None) or getattr(one, "__name__", None)
    modules = ("numpy", "scipy.special") if isinstance(one, np.ufunc) else (getattr(one, "__module__", None),)
    for module in modules:
        found = sys.modules.get(module) if isinstance(module, str) else None
        if found is None or not isinstance(name, str) or module == "__main__" or users_module(found):
            continue
        holder: Any = found
        for part in name.split("."):
            holder = getattr(holder, part, None)
        if holder is one:
            return f"{module}.{name}"
    return None


def source(of: Any) -> str:
    """The text of a class or function. Raises ``ExtensionError`` where it cannot be found."""
    try:  # of the code, since what wraps a function may call itself by that function's name
        return inspect.getsource(of.__code__ if isinstance(of, FunctionType) else of)
    except (OSError, TypeError):
        pass
    # A class in a notebook: Python knows the cell of its functions alone.
    for one in vars(of).values() if isinstance(of, type) else ():
        if isinstance(one, FunctionType):
            text = "".join(linecache.getlines(one.__code__.co_filename))
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.ClassDef) and node.name == of.__name__:
                    return ast.get_source_segment(text, node) or text
    raise ExtensionError(said("source.unknown", name=of.__qualname__))


def named(function: FunctionType) -> Iterator[tuple[tuple[str, ...], Any]]:
    """What stands around a function under the names in its code, each with the attributes that are taken of it at once."""
    around = dict(function.__globals__)
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            around[name] = cell.cell_contents
        except ValueError:  # nothing is in it yet
            around.pop(name, None)
    for chain in sorted(_chains(function.__code__)):
        name = chain[0]
        if name in around and not (name.startswith("__") and name.endswith("__")):
            yield chain, around[name]


_GLOBAL = {"LOAD_GLOBAL", "LOAD_NAME", "LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_CLOSURE"}
_ATTRIBUTE = {"LOAD_ATTR", "LOAD_METHOD"}


def _chains(code: CodeType) -> set[tuple[str, ...]]:
    """Names that code takes from around it: ``("a", "b")`` for ``a.b``."""
    found: set[tuple[str, ...]] = set()
    chain: tuple[str, ...] = ()
    for step in dis.get_instructions(code):
        if step.opname in _ATTRIBUTE and chain:
            chain = (*chain, step.argval)
        else:
            chain = (step.argval,) if step.opname in _GLOBAL else ()
        if chain:
            found.add(chain)
    return found.union(*(_chains(one) for one in code.co_consts if isinstance(one, CodeType)))


def imports(code: CodeType, package: str) -> Iterator[str]:
    """Names of what code imports, wherever in it, that may be modules, each with the packages around it."""
    steps = list(dis.get_instructions(code))
    for n, step in enumerate(steps):
        if step.opname == "IMPORT_NAME":
            level, names = steps[n - 2].argval, steps[n - 1].argval
            try:
                base = importlib.util.resolve_name("." * level + str(step.argval), package)
            except ImportError:  # it would not run either
                continue
            for name in (base, *(f"{base}.{one}" for one in names or ())):
                parts = name.split(".")
                yield from (".".join(parts[:last]) for last in range(1, len(parts) + 1))
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield from imports(one, package)


def users_module_file(name: str) -> Path | None:
    """The file of a module of the user's, loaded or not; none if it has none or is somebody else's."""
    if name in sys.modules:
        module = sys.modules[name]
        file = getattr(module, "__file__", None)
        return Path(file) if file is not None and users_module(module) else None
    above = name.rpartition(".")[0]
    if above and users_module_file(above) is None:
        return None
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None
    file = spec.origin if spec is not None and spec.has_location else None
    return Path(file) if file is not None and _users_file(file) else None
