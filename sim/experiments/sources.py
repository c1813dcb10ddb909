"""What the results of an extension depend on: its class, its parameters, its source, and the source of all that this uses.

Two extensions of which these are the same give the same results; so folders and caches distinguish them by it. What cannot be
written down is refused.
"""

from __future__ import annotations

import ast
import inspect
import json
import linecache
import sys
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from sim.scenario.extensions import ExtensionError

OURS = ("sim", "calibration")  # of which results depend anyway: see ``provenance``
_INSTALLED = tuple({sysconfig.get_paths()[name] for name in ("stdlib", "purelib", "platlib")})


def described(kind: str, one: Any) -> dict[str, Any]:
    """An extension as a manifest has it. Raises ``ExtensionError``."""
    of = type(one)
    name = f"{of.__module__}.{of.__qualname__}"
    plain = {key: _plain(value, f"{name}.{key}") for key, value in sorted(parameters(one).items())}
    return {"is": kind, "class": name, "parameters": plain, "source": sources(of)}


def written(about: list[dict[str, Any]]) -> str:
    """The same of all of a scenario's as one text."""
    return json.dumps(about, sort_keys=True, ensure_ascii=False) if about else ""


def parameters(one: Any) -> dict[str, Any]:
    """What an object holds, but for the behaviour on which a reaction will stand."""
    slots = (name for of in type(one).__mro__ for name in getattr(of, "__slots__", ()))
    found = {name: getattr(one, name) for name in slots if hasattr(one, name) and name != "__dict__"}
    found |= getattr(one, "__dict__", {})
    found.pop("otherwise", None)
    return found


def _plain(value: Any, where: str) -> Any:
    """A value as JSON has it. Raises ``ExtensionError`` for one that it has not."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic | np.ndarray):
        return _plain(value.tolist(), where)
    if isinstance(value, Mapping):
        return {str(key): _plain(inner, where) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, where) for inner in value]
    if isinstance(value, set | frozenset):
        return sorted((_plain(inner, where) for inner in value), key=repr)
    if isinstance(value, FunctionType | type):
        return sources(value)
    raise ExtensionError(
        f"{where} is a {type(value).__name__}: what results depend on must be numbers, texts, arrays, lists, or functions and "
        "classes whose source can be found"
    )


def sources(of: Any) -> dict[str, Any]:
    """Name -> source of a class or function and of everything of the user's that it uses; of a constant its value."""
    found: dict[str, Any] = {}
    todo = [of]
    while todo:
        one = todo.pop()
        name = f"{one.__module__}.{one.__qualname__}"
        if name in found or not _users(one):
            continue
        found[name] = text = source(one)
        found |= {f"{name}.{key}": more for key, more in _elsewhere(one, text)}
        for key, value in _used(one):
            if isinstance(value, FunctionType | type):
                todo.append(value)
            elif isinstance(value, ModuleType):
                if _users_module(value):
                    found[value.__name__] = Path(str(value.__file__)).read_text(encoding="utf-8")
            elif not callable(value):
                found[f"{name}: {key}"] = _plain(value, key)
    return found


def source(of: Any) -> str:
    """The text of a class or function. Raises ``ExtensionError`` where it cannot be found."""
    try:
        return inspect.getsource(of)
    except (OSError, TypeError):
        pass
    # A class in a notebook: Python knows the cell of its functions alone.
    for one in vars(of).values() if isinstance(of, type) else ():
        if isinstance(one, FunctionType):
            text = "".join(linecache.getlines(one.__code__.co_filename))
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.ClassDef) and node.name == of.__name__:
                    return ast.get_source_segment(text, node) or text
    raise ExtensionError(
        f"the source of {of.__qualname__} cannot be found, so its results could not be distinguished from those of another: define it in a "
        "file, or in a cell of a notebook"
    )


def _elsewhere(of: Any, text: str) -> Iterator[tuple[str, str]]:
    """Functions of a class that do not stand in its text: put there later, or by what has made the class."""
    for name, one in vars(of).items() if isinstance(of, type) else ():
        if isinstance(one, FunctionType) and not one.__code__.co_filename.startswith("<string>"):
            mine = source(one)
            if mine.strip() not in text:
                yield name, mine


def _used(of: Any) -> Iterator[tuple[str, Any]]:
    """What a class or function names: its bases, and what stands around it under the names in its code."""
    if not isinstance(of, type):
        yield from _named(of)
        return
    yield from ((base.__name__, base) for base in of.__bases__)
    for name, one in vars(of).items():
        inner = one.fget if isinstance(one, property) else getattr(one, "__func__", one)
        if isinstance(inner, FunctionType):
            yield from _named(inner)
        elif isinstance(inner, type):
            yield name, inner


def _named(function: FunctionType) -> Iterator[tuple[str, Any]]:
    around = dict(function.__globals__)
    free = function.__code__.co_freevars
    for name, cell in zip(free, function.__closure__ or (), strict=True):
        if name != "__class__":
            around[name] = cell.cell_contents
    for name in sorted(_names(function.__code__)):
        if name in around and not name.startswith("__"):
            yield name, around[name]


def _names(code: CodeType) -> set[str]:
    inner = (one for one in code.co_consts if isinstance(one, CodeType))
    return {*code.co_names, *code.co_freevars}.union(*map(_names, inner))


def _users(of: Any) -> bool:
    """Whether something is the user's own: not ours, not Python's, not an installed package's."""
    module = sys.modules.get(of.__module__)
    return of.__module__ == "__main__" or (module is not None and _users_module(module))


def _users_module(module: ModuleType) -> bool:
    file = getattr(module, "__file__", None)
    top = module.__name__.partition(".")[0]
    if file is None or top in OURS or top in sys.stdlib_module_names:
        return False
    return not str(Path(file).resolve()).startswith(_INSTALLED)
