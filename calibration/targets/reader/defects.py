"""What is wrong with a targets file, gathered as it is found and reported all at once, each defect once."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sim.locale.language import said
from sim.scenario import ScenarioError
from sim.scenario.errors import Defect, joined, quoted
from sim.scenario.keys import write_key


class TargetsError(ScenarioError):
    """A targets file that cannot be used; ``defects`` are all that is wrong with it, ``warnings`` what is doubtful."""

    def __init__(self, defects: Sequence[Defect], warnings: Sequence[Defect] = ()) -> None:
        self.warnings = list(warnings)
        super().__init__(list(defects))

    def __str__(self) -> str:
        return "\n".join([ScenarioError.__str__(self), *(said("warning", said=one) for one in self.warnings)])


@dataclass(slots=True)
class Checks:
    """What is wrong with one file, as it is found. ``holes``: where stand-ins are, which no check may use."""

    path: str
    tree: Mapping[str, Any]
    wrong: list[Wrong] = field(default_factory=list)
    holes: set[Key] = field(default_factory=set)
    elsewhere: list[Defect] = field(default_factory=list)  # in files that it names
    called: Sequence[str] = ()  # free parameters
    cells: Mapping[Key, str] = field(default_factory=dict)  # of a workbook: where it says what a key says

    def add(self, key: Key, problem: str, hint: str = "") -> None:
        self.wrong.append(Wrong(key, problem, hint))

    def unknown(self, key: Key, name: str, known: Collection[str], what: str) -> None:
        self.add(key, said("target.not", value=quoted(name), what=said(f"target.{what}")), meant(name, known))

    def whole(self, *key: str | int) -> bool:
        return whole(key, self.holes)

    def defects(self) -> list[Defect]:
        """All of them, in the order of the file, each once."""
        found = [
            Defect(self.path, self._said(one.key), one.problem, one.hint)
            for one in sorted(self.wrong, key=lambda one: place(self.tree, one.key))
        ]
        return list(dict.fromkeys([*found, *self.elsewhere]))

    def _said(self, key: Key) -> str:
        for length in range(len(key), 0, -1):
            if key[:length] in self.cells:
                return self.cells[key[:length]]
        if len(key) > 1 and key[0] == "free" and isinstance(key[1], int) and key[1] < len(self.called):
            key = ("free", self.called[key[1]], *key[2:])
        return write_key(tuple(str(part) for part in key))


def place(tree: Any, key: Key) -> tuple[int, ...]:
    """Where a key stands in a file, for sorting; one that is not there ends in -1, before the rest of its table."""
    found: list[int] = []
    for part in key:
        if isinstance(tree, Mapping) and part in tree:
            found.append(list(tree).index(part))
        elif isinstance(tree, list) and isinstance(part, int) and part < len(tree):
            found.append(part)
        else:
            return (*found, -1)
        tree = tree[part]
    return tuple(found)


Key = tuple[str | int, ...]  # where something stands: names of tables, places in lists


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing wrong in a targets file: where, what, and what was probably meant."""

    key: Key
    problem: str
    hint: str = ""


def whole(key: Key, holes: Collection[Key]) -> bool:
    """Whether what stands at ``key`` is as written: no hole is it, holds it, or lies in it."""
    return not any(hole[: len(key)] == key or key[: len(hole)] == hole for hole in holes)


def closest(name: str, known: Collection[str], likeness: float = 0.5) -> str:
    """The known name that is most like this one; empty if none is."""
    return next(iter(difflib.get_close_matches(name, list(known), 1, likeness)), "")


def near(name: str, known: Collection[str], likeness: float = 0.5) -> str:
    """What was probably meant, as a hint; empty if nothing known is like it."""
    found = closest(name, known, likeness)
    return said("meant", name=found) if found else ""


def meant(name: str, known: Collection[str]) -> str:
    """What was probably meant, or all that is known."""
    return near(name, known) or said("target.known", names=joined(known))
