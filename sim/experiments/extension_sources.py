"""What the results of an extension depend on: its class, its parameters, its source, and the source of all that this uses.

Two extensions of which these are the same give the same results; so folders and caches distinguish them by it. What cannot be
written down is refused.
"""

from __future__ import annotations

import copyreg
import dataclasses
import enum
import functools
import hashlib
import inspect
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from types import CodeType, FunctionType, GetSetDescriptorType, MemberDescriptorType, ModuleType
from typing import Any

import numpy as np

from sim.experiments.user_code import (
    imports,
    installed_name,
    named,
    source,
    users,
    users_module,
    users_module_file,
)
from sim.locale.language import said
from sim.scenario.extensions import ExtensionError

# Under these names things that are called, or put into a class, hold what they stand for.
_HELD = (
    "__wrapped__", "py_func", "pyfunc", "func", "args", "keywords", "fget", "fset", "fdel", "__func__", "__self__", "__name__",
    "dispatcher", "registry",
)  # fmt: skip


def described(kind: str, one: Any) -> dict[str, Any]:
    """An extension as a manifest has it. Raises ``ExtensionError``."""
    of, walk = type(one), _Walk()
    name = f"{of.__module__}.{of.__qualname__}"
    walk.value(of, name)
    plain = {key: walk.value(value, f"{name}.{key}") for key, value in sorted(parameters(one).items())}
    return {"is": kind, "class": name, "parameters": plain, "source": walk.finished()}


def written(about: list[dict[str, Any]]) -> str:
    """The same of all of a scenario's as one text."""
    return json.dumps(about, sort_keys=True, ensure_ascii=False) if about else ""


def parameters(one: Any) -> dict[str, Any]:
    """What an object holds, but for the behaviour on which a reaction will stand."""
    found = {}
    for of in type(one).__mro__:
        slots = vars(of).get("__slots__", ())
        for slot in (slots,) if isinstance(slots, str) else slots:
            private = slot.startswith("__") and not slot.endswith("__")
            name = f"_{of.__name__.lstrip('_')}{slot}" if private else slot
            if name not in ("__dict__", "__weakref__") and hasattr(one, name):
                found[name] = getattr(one, name)
    found |= getattr(one, "__dict__", {})
    found.pop("otherwise", None)
    return found


class _Walk:
    """From one thing to all that it uses: name -> source of classes, functions and modules of the user's, and values."""

    def __init__(self) -> None:
        self.found: dict[str, Any] = {}
        self.names: dict[int, str] = {}  # of classes and functions that were met
        self.todo: list[Any] = []
        self.kept: list[Any] = []  # an object that is gone would leave its id to another
        self.modules: set[str] = set()  # that were met
        self.inside: set[int] = set()  # objects that are being described

    def finished(self) -> dict[str, Any]:
        """All that was met is described, and what this uses, until nothing new is met."""
        while self.todo:
            one = self.todo.pop()
            name = self.names[id(one)]
            if isinstance(one, type):
                self.of_class(one, name)
            else:
                self.of_function(one, name, "")
        return self.found

    def put(self, name: str, what: Any) -> None:
        """Write something down; what another thing of that name has said already stays."""
        key, count = name, 1
        while key in self.found and self.found[key] != what:
            count += 1
            key = f"{name}#{count}"
        self.found[key] = what

    def value(self, one: Any, where: str) -> Any:
        """A value as JSON has it; of classes, functions and modules the name. Raises ``ExtensionError`` for what cannot be said."""
        if one is None or type(one) in (bool, int, float, str):
            return one
        if isinstance(one, ModuleType):
            if users_module(one):
                self.module(one.__name__, where)
            return {"module": one.__name__}
        if isinstance(one, FunctionType | type) and users(one):
            return {"code": self.named(one)}
        if isinstance(one, type):
            return {"name": f"{one.__module__}.{one.__qualname__}"}
        name = installed_name(one)
        if name is not None:
            return {"name": name}
        if id(one) in self.inside:
            return {"again": type(one).__qualname__}
        self.inside.add(id(one))
        self.kept.append(one)
        try:
            return self.object(one, where) if users(type(one)) else self.plain(one, where)
        finally:
            self.inside.remove(id(one))

    def named(self, one: Any) -> str:
        """The name of a class or function that is to be described; of two of one name the second has a number."""
        if id(one) not in self.names:
            name = first = f"{one.__module__}.{one.__qualname__}"
            taken = set(self.names.values())
            count = 1
            while name in taken:
                count += 1
                name = f"{first}#{count}"
            self.names[id(one)] = name
            self.kept.append(one)
            self.todo.append(one)
        return self.names[id(one)]

    def object(self, one: Any, where: str) -> dict[str, Any]:
        """An object of a class of the user's: its class, what it holds, and what it is besides (a list, a date)."""
        of = type(one)
        found = {"class": self.named(of)}
        if isinstance(one, enum.Enum):
            return found | {"member": one.name, "value": self.value(one.value, where)}
        attributes = parameters(one)
        found |= {key: self.value(attributes[key], f"{where}.{key}") for key in sorted(attributes)}
        bases = [base for base in of.__mro__ if not users(base) and base is not object]
        if any(
            issubclass(base, bool | int | float | str | list | tuple | set | frozenset | Mapping | np.ndarray)
            for base in bases
        ):
            found["content"] = self.plain(one, where)
        elif any(_pythons(base) for base in bases):
            found["content"] = self.reduced(one, where)
        return found

    def plain(self, one: Any, where: str) -> Any:
        """A value of a class that is not the user's."""
        if isinstance(one, bool | int | float | str):
            return json.loads(json.dumps(one))
        if isinstance(one, bytes):
            return {"bytes": one.hex()}
        if isinstance(one, np.generic | np.ndarray):
            return self.value(one.tolist(), where)
        if isinstance(one, defaultdict):
            return {
                "default": self.value(one.default_factory, where),
                "content": self.value(dict(one), where),
            }
        if isinstance(one, Mapping):
            return {self.key(key, where): self.value(inner, where) for key, inner in one.items()}
        if isinstance(one, list | tuple):
            return [self.value(inner, where) for inner in one]
        if isinstance(one, set | frozenset):
            return sorted((self.value(inner, where) for inner in one), key=repr)
        if isinstance(one, FunctionType) and not hasattr(one, "registry"):
            return {"name": f"{one.__module__}.{one.__qualname__}", "holds": self.around(one, where)}
        return self.held(one, where)

    def key(self, one: Any, where: str) -> str:
        return one if type(one) is str else json.dumps(self.value(one, where), sort_keys=True)

    def held(self, one: Any, where: str) -> Any:
        """What is called, or stands in a class, by what it holds; what is Python's also as it would be copied."""
        of = type(one)
        name, pythons = f"{of.__module__}.{of.__qualname__}", _pythons(of)
        if callable(one) or pythons:
            held = {key: getattr(one, key) for key in _HELD if hasattr(one, key)}
            if set(held) - {"__name__"}:
                return {"class": name} | {key: self.value(inner, where) for key, inner in held.items()}
        if pythons:
            return self.reduced(one, where)
        attributes = parameters(one) if callable(one) else {}
        if attributes:
            return {"class": name} | {key: self.value(attributes[key], where) for key in sorted(attributes)}
        raise self.refused(one, where)

    def reduced(self, one: Any, where: str) -> Any:
        try:
            copied = copyreg.dispatch_table.get(type(one))
            parts: Any = copied(one) if copied is not None else one.__reduce_ex__(4)
        except Exception:
            raise self.refused(one, where) from None
        if isinstance(parts, str):
            return {"class": f"{type(one).__module__}.{type(one).__qualname__}", "name": parts}
        return [self.value(list(part) if hasattr(part, "__next__") else part, where) for part in parts]

    def refused(self, one: Any, where: str) -> ExtensionError:
        return ExtensionError(said("source.refused", where=where, kind=type(one).__name__))

    def around(self, function: FunctionType, where: str) -> dict[str, Any]:
        """What a function holds: defaults, attributes, and, where it is not the user's, what encloses it."""
        given = inspect.signature(function, follow_wrapped=False).parameters.values()
        found = {
            f"{one.name}=": self.value(one.default, f"{where}({one.name})")
            for one in given
            if one.default is not one.empty
        }
        found |= {key: self.value(one, f"{where}.{key}") for key, one in sorted(vars(function).items())}
        if not users(function):
            for key, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
                found[key] = self.value(cell.cell_contents, f"{where}: {key}")
        return found

    def of_function(self, function: FunctionType, name: str, within: str) -> None:
        """A function of the user's: its text, unless that of its class has it, and what it names, imports and holds."""
        text = source(function)
        if text.strip() not in within:
            self.put(name, text)
        for key, one in self.around(function, name).items():
            self.put(f"{name}.{key}", one)
        for chain, one in named(function):
            self.chain(chain, one, name)
        self.imported(function.__code__, str(function.__globals__.get("__package__") or ""), name)

    def chain(self, chain: tuple[str, ...], one: Any, name: str) -> None:
        """What a function names: a module of the user's, or what is taken of it; anything else."""
        if not isinstance(one, ModuleType):
            plain = self.value(one, chain[0])
            if not isinstance(one, FunctionType | type) or one.__name__ != chain[0]:
                self.put(f"{name}: {chain[0]}", plain)
        elif users_module(one):
            self.module(one.__name__, name)
            if len(chain) > 1 and chain[1] in vars(one):
                self.chain(chain[1:], vars(one)[chain[1]], f"{name}: {chain[0]}")

    def of_class(self, of: type, name: str) -> None:
        """A class of the user's: its text, its bases, and all that stands in it."""
        text = f"namedtuple {_fields(of)}" if _namedtuple(of) else source(of)
        self.put(name, text)
        for base in (*of.__bases__, type(of)):
            self.value(base, name)
        for field in vars(of).get("__dataclass_fields__", {}).values():
            made = {key: getattr(field, key) for key in ("default", "default_factory")}
            for key, one in made.items():
                if one is not dataclasses.MISSING:
                    self.put(f"{name}.{field.name} ({key})", self.value(one, f"{name}.{field.name}"))
        if issubclass(of, enum.Enum):
            members = {key: self.value(one.value, name) for key, one in of.__members__.items()}
            self.put(f"{name}: members", members)
        for key, one in _attributes(of):
            functions = list(_functions(one))
            for function in functions:
                self.of_function(function, f"{name}.{key}", text)
            if not functions:
                self.put(f"{name}.{key}", self.value(one, f"{name}.{key}"))

    def module(self, name: str, where: str) -> None:
        """A module of the user's and the user's modules that it imports."""
        path = users_module_file(name)
        if path is None:
            if not getattr(sys.modules.get(name), "__path__", ()):
                raise ExtensionError(said("source.module", where=where, name=name))
            return  # a folder without a file of its own
        if name in self.modules:
            return
        self.modules.add(name)
        if path.suffix != ".py":
            self.put(name, {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()})
            return
        text = path.read_text(encoding="utf-8")
        self.put(name, text)
        package = name if path.stem == "__init__" else name.rpartition(".")[0]
        self.imported(compile(text, str(path), "exec"), package, name)

    def imported(self, code: CodeType, package: str, where: str) -> None:
        for name in imports(code, package):
            if users_module_file(name) is not None:
                self.module(name, where)


def _pythons(of: type) -> bool:
    """Whether a class is of Python's own library, and more than a way to write classes."""
    top = of.__module__.partition(".")[0]
    return of is not type and top in sys.stdlib_module_names and top not in ("abc", "typing", "enum")


def _attributes(of: type) -> Iterator[tuple[str, Any]]:
    """What stands in a class, but for what Python puts there."""
    for key, one in vars(of).items():
        special = key.startswith("__") and key.endswith("__")
        if isinstance(one, GetSetDescriptorType | MemberDescriptorType) or key == "_abc_impl":
            continue
        if special and (
            (not callable(one) and not isinstance(one, classmethod | staticmethod | property))
            or key == "__class__"
        ):
            continue
        if issubclass(of, enum.Enum) and not any(True for _ in _functions(one)):
            continue
        made = inspect.unwrap(getattr(one, "__func__", one)) if callable(one) else one
        by_python = isinstance(made, FunctionType) and made.__code__.co_filename.startswith("<string>")
        if by_python and ("__dataclass_fields__" in vars(of) or _fields(of)):
            continue
        if _fields(of) and key != "_field_defaults" and not any(True for _ in _functions(one)):
            continue
        yield key, one


def _fields(of: type) -> tuple[str, ...]:
    """Of a class that is a named tuple."""
    return tuple(vars(of).get("_fields", ())) if issubclass(of, tuple) else ()


def _namedtuple(of: type) -> bool:
    """Whether a class is what ``collections.namedtuple`` has made, which its fields and defaults say completely."""
    mine = (one for _, held in _attributes(of) for one in _functions(held))
    return (
        of.__bases__ == (tuple,) and bool(_fields(of)) and "__orig_bases__" not in vars(of) and not any(mine)
    )


def _functions(one: Any) -> Iterator[FunctionType]:
    """The user's functions of which an attribute of a class is made."""
    if isinstance(one, property):
        inner = [one.fget, one.fset, one.fdel]
    elif isinstance(one, classmethod | staticmethod):
        inner = [one.__func__]
    elif isinstance(one, functools.cached_property):
        inner = [one.func]
    else:
        inner = [one]
    yield from (each for each in inner if isinstance(each, FunctionType) and users(each))
