"""Values that change at a date: tables ``[from."2018-09-01"]``, laid over the base one after the other.

Each gives one more whole scenario, which is validated as the base is. A defect stands under the key of its date, and
once: what is wrong already before a date is not that date's.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

from sim.locale.language import said
from sim.scenario.errors import Defect, meant, quoted
from sim.scenario.files import Layers, Tree, leaves
from sim.scenario.keys import FROM, Key, laid_over, overlap, write_key
from sim.scenario.schema import MOST_DATES, Scenario, misdated
from sim.scenario.validate import Found, defect, sound, unknown_sources, with_units


def validate(layers: Layers) -> tuple[Scenario | None, list[Defect]]:
    """The scenario (None where it cannot be had) and all defects."""
    tables = layers.tree.get(FROM, {})
    base = {name: value for name, value in layers.tree.items() if name != FROM}
    scenario, found = sound(layers, base)
    defects = [*found.values(), *_in_tables(layers, base, tables, found)]
    if scenario is not None and tables and not defects:
        scenario = scenario.model_copy(update={"from_": tables})
    return (None if defects else scenario), [*layers.defects, *defects, *unknown_sources(layers)]


def _in_tables(layers: Layers, base: Tree, tables: Any, found: Found) -> list[Defect]:
    """What is wrong with the tables of dates; texts with a unit in them become numbers."""
    if not isinstance(tables, dict):
        problem = said("date.tables", value=quoted(tables))
        return [defect(layers, (FROM,), problem, said("date.write"))]
    if len(tables) > MOST_DATES:
        return [defect(layers, (FROM,), said("date.many", n=len(tables), most=MOST_DATES))]
    unsound = {key[:1] for key, _ in found}
    known = {name: value for name, value in base.items() if (name,) not in unsound}
    wrong: dict[Key, Defect] = {}
    for key, problem, _ in misdated(known, tables):
        wrong.setdefault(key, defect(layers, key, problem, _hint(key, base)))
    for day, over in tables.items():
        for key, problem in with_units(over, Scenario, (FROM, day)) if isinstance(over, dict) else ():
            wrong.setdefault(
                key, defect(layers, key, said("place", where=quoted(_at(tables, key[1:])), said=problem))
            )
    return [*wrong.values(), *_in_periods(layers, base, _without(tables, wrong), found)]


def _in_periods(layers: Layers, base: Tree, tables: Mapping[str, Tree], found: Found) -> list[Defect]:
    """What is wrong with the scenarios of periods, and not with those before them."""
    tree, origins, before = base, dict(layers.origins), {key for key, _ in found}
    defects = []
    for day, over in sorted(tables.items()):
        own = leaves(over)
        tree = laid_over(tree, over)
        mine = {key: layers.origins.get((FROM, day, *key), "") for key in own}
        origins = {key: by for key, by in origins.items() if key not in mine} | mine  # the last one is named
        _, new = sound(replace(layers, origins=origins), deepcopy(tree), date.fromisoformat(day))
        for (key, _), found_here in new.items():
            if key not in before or any(overlap(key, one) for one in own):
                defects.append(replace(found_here, key=write_key((FROM, day, *key))))
        before |= {key for key, _ in new}
    return defects


def _hint(key: Key, base: Tree) -> str:
    """What was probably meant by a name that is not there before the date."""
    known = base.get(key[2]) if len(key) == 4 else None
    return meant(key[3], known) if isinstance(known, dict) and key[3] not in known else ""


def _without(tables: Mapping[str, Any], wrong: Mapping[Key, Defect]) -> dict[str, Tree]:
    """The tables of dates without what is wrong already, so that the rest can be looked at."""
    left = {
        day: deepcopy(over)
        for day, over in tables.items()
        if isinstance(over, dict) and (FROM, day) not in wrong
    }
    for _, day, *key in wrong:
        inner: Any = left.get(day)
        for name in key[:-1]:
            inner = inner.get(name) if isinstance(inner, dict) else None
        if isinstance(inner, dict) and key:
            inner.pop(key[-1], None)
    return {day: over for day, over in left.items() if over}


def _at(tree: Any, key: Key) -> Any:
    for name in key:
        tree = tree[name]
    return tree
