"""Draws of the parameters: what is not known about the world, as so many scenarios that might be it.

A CSV file has a column for each parameter (its path, e.g. ``interest.mean``) and a row for each draw; a TOML
file has a ``[[draws]]`` table for each. ``weight`` is how much a draw counts; left out, all count alike.
"""

from __future__ import annotations

import csv
import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.experiments.claims import Claim
from sim.scenario import Defect, ScenarioError
from sim.scenario.files import Tree, leaves
from sim.scenario.load import Sheet

WEIGHT = "weight"
MOST = 100_000


@dataclass(frozen=True, slots=True)
class Draws:
    """``sheets``: the values of each draw; ``weights``: how much each counts, adding up to 1."""

    path: Path
    sheets: tuple[Sheet, ...]
    weights: tuple[float, ...]

    @property
    def varied(self) -> list[Claim]:
        """The keys that they give."""
        keys = dict.fromkeys(key for sheet in self.sheets for key in leaves(sheet.tree))
        return [Claim(key, str(self.path)) for key in keys]


def read_draws(path: Path) -> Draws:
    """Read a file of draws. Raises ``ScenarioError`` with what is wrong and where."""
    if path.suffix not in (".csv", ".toml"):
        raise ScenarioError([Defect(str(path), "", "is neither .csv nor .toml", "give a file of draws")])
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ScenarioError([Defect(str(path), "", "there is no such file")]) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ScenarioError([Defect(str(path), "", f"cannot be read: {error}")]) from None
    defects: list[Defect] = []
    rows = (_csv if path.suffix == ".csv" else _toml)(path, text, defects)
    weights = [_weight(sheet, defects) for sheet in rows]
    if not rows and not defects:
        defects.append(Defect(str(path), "", "holds no draws"))
    if len(rows) > MOST:
        defects.append(Defect(str(path), "", f"holds {len(rows):,} draws; at most {MOST:,} are taken"))
    if rows and not defects and sum(weights) <= 0.0:
        defects.append(Defect(str(path), WEIGHT, "all weights are zero"))
    if defects:
        raise ScenarioError(defects)
    total = math.fsum(weights)
    return Draws(path, tuple(rows), tuple(weight / total for weight in weights))


def _csv(path: Path, text: str, defects: list[Defect]) -> list[Sheet]:
    """Each row as a sheet; values as in TOML, else as text."""
    rows = list(csv.reader(text.splitlines()))
    head = [name.strip() for name in rows[0]] if rows else []
    if not [name for name in head if name != WEIGHT]:
        defects.append(Defect(str(path), "", "has no column of parameters in its first line"))
        return []
    twice = sorted({name for name in head if head.count(name) > 1})
    defects += [Defect(str(path), name, "heads two columns") for name in twice]
    sheets = []
    for number, row in enumerate(rows[1:], start=2):
        if not row:
            continue
        where = f"{path} line {number}"
        if len(row) != len(head):
            defects.append(Defect(where, "", f"has {len(row)} values for {len(head)} columns"))
            continue
        tree: Tree = {}
        for name, value in zip(head, row, strict=True):
            try:
                lay(tree, name, value)
            except ValueError as error:
                defects.append(Defect(where, name, str(error)))
        sheets.append(Sheet(where, tree))
    return sheets


def lay(tree: Tree, path: str, text: str) -> None:
    """Put the value that ``text`` stands for (TOML, else the text itself) at a path of keys joined by dots."""
    if "\n" in path or "=" in path or "#" in path:
        raise ValueError("is not a path of keys joined by dots")
    for value in (text, '"' + text.strip().replace("\\", "\\\\").replace('"', '\\"') + '"'):
        try:
            part: Any = tomllib.loads(f"{path}={value}")
        except ValueError:
            continue
        while True:  # down the one key that each table has, to where the trees part
            ((key, inner),) = part.items()
            if not isinstance(inner, dict) or not isinstance(tree.get(key), dict):
                tree[key] = inner
                return
            tree, part = tree[key], inner
    raise ValueError("is not a path of keys joined by dots")


def _toml(path: Path, text: str, defects: list[Defect]) -> list[Sheet]:
    try:
        content = tomllib.loads(text)
    except ValueError as error:
        defects.append(Defect(str(path), "", f"is not valid TOML: {error}"))
        return []
    draws = content.pop("draws", None)
    defects += [Defect(str(path), key, "unknown key", "draws stand in [[draws]]") for key in content]
    if not isinstance(draws, list) or not all(isinstance(one, dict) for one in draws):
        defects.append(Defect(str(path), "draws", "must be tables [[draws]]"))
        return []
    return [Sheet(f"{path} draw {number}", one) for number, one in enumerate(draws, start=1)]


def _weight(sheet: Sheet, defects: list[Defect]) -> float:
    value = sheet.tree.pop(WEIGHT, 1.0)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value < math.inf:
        defects.append(Defect(sheet.name, WEIGHT, f"{value} is not a number of at least 0"))
        return 0.0
    return float(value)
