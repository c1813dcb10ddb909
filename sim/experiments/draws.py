"""Draws of the parameters: what is uncertain about reality, as a set of scenarios that it might be.

A CSV file has a column for each parameter (its path, e.g. ``interest.mean``) and a row for each draw; a TOML
file has a ``[[draws]]`` table for each. ``weight`` is the draw's weight; left out, all are equal. ``interpretation``: a label,
under which interpretation of the published figures the draw was found; it is read by people, and is no parameter.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from pathlib import Path
from typing import Any, Final

import numpy as np

from sim.experiments.assignments import Claim, why_not_varied
from sim.experiments.storage.checksum import DamagedError, digest
from sim.experiments.storage.manifest import check_listed
from sim.experiments.storage.spreadsheet import identified, in_words
from sim.locale.foreign import translated
from sim.locale.language import said
from sim.scenario import Defect, Loaded, ScenarioError, load
from sim.scenario.errors import quoted, shortened
from sim.scenario.files import DRAWS, Tree, as_tree, content, is_file, leaves
from sim.scenario.keys import Key, lay_in, overlap, read_key, tree_of, write_key
from sim.scenario.load import Overlay
from sim.scenario.renamed import old_name
from sim.scenario.values import read_as, type_of

WEIGHT: Final = "weight"
LABEL: Final = "interpretation"
MOST: Final = 100_000
LARGEST: Final = {
    ".csv": 100_000_000,
    ".toml": 20_000_000,
}  # bytes; MOST draws of twenty parameters have fewer
TABLE: Final = "[[draws]]"
BORDER: Final = 1e-9  # of the way from one place to the next


@dataclass(frozen=True, slots=True)
class Draws:
    """``overlays``: the values of each draw; ``weights``: how much each counts, adding up to 1; ``total``: draws in the file."""

    path: Path
    overlays: tuple[Overlay, ...]
    weights: tuple[float, ...]
    total: int
    sha256: str  # of the file

    @property
    def varied(self) -> list[Claim]:
        """The keys that they give."""
        return [Claim(key, str(self.path)) for key in _keys(self.overlays)]

    def by_value(self) -> Draws:
        """The same draws in an order that their values give, whatever that of the rows and columns."""
        pairs = sorted(
            zip(self.overlays, self.weights, strict=True), key=lambda pair: (_rank(pair[0]), pair[1])
        )
        return replace(self, overlays=tuple(s for s, _ in pairs), weights=tuple(w for _, w in pairs))

    def about(self) -> dict[str, Any]:
        """What a manifest says of the file they are from."""
        return {"file": str(self.path), "sha256": self.sha256, "total": self.total}

    def thinned(self, number: int) -> Draws:
        """At most ``number`` of them, in the order of their values; all that count, where they are no more."""
        if number >= sum(weight > 0.0 for weight in self.weights):
            return self.by_value()
        ordered, counts = self._spread(number)
        kept = [(s, n / number) for s, n in zip(ordered.overlays, counts, strict=True) if n]
        return replace(self, overlays=tuple(s for s, _ in kept), weights=tuple(w for _, w in kept))

    def dealt(self, number: int) -> list[Overlay]:
        """``number`` that count alike: one of great weight several times, others not at all where they are fewer."""
        ordered, counts = self._spread(number)
        return [s for s, n in zip(ordered.overlays, counts, strict=True) for _ in range(n)]

    def laid(self, number: int, scenario: str, overrides: Sequence[str]) -> list[str]:
        """``dealt`` as TOML, each with the values that the scenario takes from it. Raises ``ScenarioError``."""
        found: dict[int, str] = {}
        defects: list[Defect] = []
        dealt = self.dealt(number)
        for overlay in {id(overlay): overlay for overlay in dealt}.values():
            try:
                found[id(overlay)] = _as_taken(overlay, load(scenario, overrides, [overlay]).tree)
            except ScenarioError as error:
                defects += error.defects
        if defects:
            raise ScenarioError(list(dict.fromkeys(defects)))
        return [found[id(overlay)] for overlay in dealt]

    def _spread(self, number: int) -> tuple[Draws, list[int]]:
        """In the order of their values, how often each is taken: ``number`` places lie evenly along their weights.

        Systematic resampling (Kitagawa 1996, Journal of Computational and Graphical Statistics 5): no draw is taken more or
        less often than its weight times ``number``, but for one. Nothing in it is random; a place on the border of two draws
        is the first one's, whatever rounding says.
        """
        ordered = self.by_value()
        ends = np.cumsum(ordered.weights)
        places = (np.arange(number) + 0.5) / number * ends[-1]
        taken = np.searchsorted(ends, places - BORDER / number)
        return ordered, np.bincount(taken, minlength=len(ordered.overlays)).tolist()


def _as_taken(overlay: Overlay, tree: Tree) -> str:
    """What a draw gives, with numbers and units as they stand in the scenario; ``false`` for a part that is taken out."""
    import tomli_w

    out: Tree = {}
    for key in leaves(overlay.tree):
        value: Any = tree
        for name in key:
            value = value.get(name, False) if isinstance(value, dict) else False
        lay_in(out, tree_of(key, value))
    return tomli_w.dumps(out)


def draws_of(loaded: Loaded) -> Draws | None:
    """The draws that a scenario names. Raises ``ScenarioError`` with what is wrong and who names them."""
    if loaded.draws is None:
        return None
    by = loaded.origins[DRAWS]
    if not is_file(loaded.draws):
        problem = said("draws.not_there", file=loaded.draws)
        raise ScenarioError([Defect(by, "draws", problem, said("draws.name"))])
    return read_draws(loaded.draws)


def file_named(loaded: Loaded) -> dict[str, str | None] | None:
    """What a manifest says of the draws that a scenario names and that are not used: they may be unreadable."""
    if loaded.draws is None:
        return None
    try:
        return {"file": str(loaded.draws), "sha256": digest(loaded.draws)}
    except OSError:
        return {"file": str(loaded.draws), "sha256": None}


def read_draws(path: Path) -> Draws:
    """Read a file of draws. Raises ``ScenarioError`` with what is wrong and where."""
    if path.suffix not in LARGEST:
        raise ScenarioError([Defect(str(path), "", said("draws.kind"), said("draws.give"))])
    text = content(path, LARGEST[path.suffix], said("draws.file"))
    try:
        check_listed(path)
    except DamagedError as error:
        raise ScenarioError([Defect(str(path), "", str(error), said("draws.copy"))]) from None
    defects: list[Defect] = []
    rows = (_csv if path.suffix == ".csv" else _toml)(path, text, defects)
    weights = [_weight(overlay, defects) for overlay in rows]
    for overlay in rows:
        if isinstance(overlay.tree.get(LABEL), str):
            del overlay.tree[LABEL]
    if not rows and not defects:
        defects.append(Defect(str(path), "", said("draws.none")))
    defects += [Defect(str(path), "", why) for key in _keys(rows) if (why := why_not_varied(key))]
    if rows and not defects and not any(weights):
        defects.append(Defect(str(path), WEIGHT, said("draws.weights")))
    if defects:
        raise ScenarioError(defects)
    return Draws(path, tuple(rows), _adding_up_to_one(weights), len(rows), digest(path))


def _keys(overlays: Sequence[Overlay]) -> list[Key]:
    """The keys that any of the draws gives."""
    return list(dict.fromkeys(key for overlay in overlays for key in leaves(overlay.tree) if key))


def _rank(overlay: Overlay) -> list[tuple[Key, float, str]]:
    """Where a draw stands among others: key by key, numbers by size, anything else by how it is written."""
    found = []
    # By names as they were before some changed: the same draws stand first, so a few of them are the same few.
    for key in sorted((key for key in leaves(overlay.tree) if key), key=old_name):
        value = reduce(lambda table, name: table[name], key, overlay.tree)
        number = _as_float(value)
        found.append((key, math.inf if math.isnan(number) else number, repr(value)))
    return found


def _adding_up_to_one(weights: Sequence[float]) -> tuple[float, ...]:
    """Weights as shares of their sum, of which a power of two is taken out first: it might be beyond a float."""
    power = math.frexp(max(weights))[1]
    small = [math.ldexp(weight, -power) for weight in weights]
    total = math.fsum(small)
    return tuple(weight / total for weight in small)


def _too_many(path: Path) -> Defect:
    return Defect(str(path), "", said("draws.many", most=f"{MOST:,}"))


# CSV ------------------------------------------------------------------------------------------------------


def _csv(path: Path, text: str, defects: list[Defect]) -> list[Overlay]:
    """Each row as an overlay."""
    lines = _lines(path, text, defects)
    _, head = next(lines, (0, []))
    keys = _columns(path, head, defects)
    about = {(WEIGHT,): float, (LABEL,): str}  # what is no parameter
    columns = [(key, about[key] if key in about else type_of(key)) for key in keys]
    if all(key in about for key in keys):
        defects.append(Defect(str(path), "", said("draws.no_column")))
    if defects:
        return []
    overlays: list[Overlay] = []
    for number, row in lines:
        where = said("draws.at", path=path, n=number)
        if len(overlays) == MOST:
            defects.append(_too_many(path))
            return []
        if len(row) != len(head):
            defects.append(
                Defect(
                    where,
                    "",
                    said("draws.cells", n=len(row), columns=len(head)),
                )
            )
            continue
        overlays.append(Overlay(where, _tree(columns, row, where, defects)))
    return overlays


def _lines(path: Path, text: str, defects: list[Defect]) -> Iterator[tuple[int, list[str]]]:
    """Number of its last line and the cells of every row that holds anything."""
    rows = csv.reader(io.StringIO(text, newline=""))  # a cell may hold a line break
    try:
        for row in rows:
            if any(cell.strip() for cell in row):
                yield rows.line_num, row
    except csv.Error as error:  # a quotation mark that nothing closes, most often
        defects.append(
            Defect(
                said("draws.at", path=path, n=rows.line_num), "", said("draws.line", why=translated(error))
            )
        )


def _columns(path: Path, head: Sequence[str], defects: list[Defect]) -> list[Key]:
    """The key of each column, those that are wrong left out."""
    if in_words([name.strip() for name in head]):
        defects.append(Defect(str(path), "", said("own.heads", file=identified(path))))
        return []
    columns: list[Key] = []
    for name in map(str.strip, head):
        try:
            key = read_key(name)
        except ValueError as error:
            separated = next((c for c in (";", "\t") if c in name), "")
            hint = said("draws.commas", mark=quoted(separated)) if separated else ""
            defects.append(Defect(str(path), shortened(name), str(error), hint))
            continue
        for other in columns:
            if overlap(key, other):
                two = said("draws.overlap", name=write_key(other))
                problem = said("draws.two_columns") if key == other else two
                defects.append(Defect(str(path), write_key(key), problem))
        columns.append(key)
    return columns


def _tree(columns: Sequence[tuple[Key, Any]], row: Sequence[str], where: str, defects: list[Defect]) -> Tree:
    """The values of a row at their keys."""
    tree: Tree = {}
    for (key, kind), text in zip(columns, row, strict=True):
        if not text.strip():
            defects.append(Defect(where, write_key(key), said("draws.empty")))
        inner = tree
        for name in key[:-1]:
            inner = inner.setdefault(name, {})
        inner[key[-1]] = read_as(kind, text)
    return tree


# TOML -----------------------------------------------------------------------------------------------------


def _toml(path: Path, text: str, defects: list[Defect]) -> list[Overlay]:
    if text.count(TABLE) > MOST:  # before it is read, which takes a second a megabyte
        defects.append(_too_many(path))
        return []
    tree = as_tree(path, text)
    draws = tree.pop("draws", None)
    defects += [
        Defect(str(path), write_key((key,)), said("unknown_key"), said("draws.stand", table=TABLE))
        for key in tree
    ]
    if not isinstance(draws, list) or not all(isinstance(one, dict) for one in draws):
        defects.append(Defect(str(path), "draws", said("draws.tables", table=TABLE)))
        return []
    if len(draws) > MOST:
        defects.append(_too_many(path))
        return []
    return [Overlay(said("draws.nth", path=path, n=number), one) for number, one in enumerate(draws, start=1)]


def _weight(overlay: Overlay, defects: list[Defect]) -> float:
    value = overlay.tree.pop(WEIGHT, 1.0)
    number = _as_float(value)
    if not 0.0 <= number < math.inf:
        defects.append(Defect(overlay.name, WEIGHT, said("draws.weight", value=quoted(value))))
    return number


def _as_float(value: Any) -> float:
    """A number as one; nan for what is none, or too large."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf
