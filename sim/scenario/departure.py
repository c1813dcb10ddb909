"""How a scenario departs from the one whose figures a court published: what a policy changes of it, and how it was.

A court's figures belong to the last file among those that a scenario is made from that states them or how they are to be understood
(``[published]``, ``[interpretation]``). What is laid over that file departs from it: its figures need not be met.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from sim.scenario.errors import ScenarioError
from sim.scenario.files import Tree
from sim.scenario.keys import FROM, Key, read_key, undated, write_key
from sim.scenario.load import NAMELESS, SET, Loaded, from_text, load
from sim.scenario.schema import Kind
from sim.scenario.text import TextError, parsed

OF_FIGURES: Final = ("published", "interpretation")
MANIFEST, OWN = "manifest.json", "scenario.toml"  # of the folder of a run


@dataclass(frozen=True, slots=True)
class Change:
    """One value that is set otherwise. ``base``: how it was, of one that holds from a day on, on that day; None: nothing."""

    key: str
    base: Any
    value: Any


@dataclass(frozen=True, slots=True)
class Departure:
    """From which scenario, by its titles, and in what. ``parts``: parts of the model given as objects, by name; ``kinds``: of the one that departs."""

    title: str
    title_zh: str
    changes: tuple[Change, ...]
    parts: tuple[str, ...] = ()
    kinds: Mapping[str, Kind] = field(default_factory=dict)

    def titled(self, lang: str) -> str:
        """The title of the scenario whose figures they are, in a language, ``en`` or ``zh``."""
        return self.title_zh if lang == "zh" else self.title


def with_figures(loaded: Loaded) -> Loaded | None:
    """The scenario that a court's figures belong to, of those that ``loaded`` is made from; None where it is that one itself, or
    nothing was published."""
    if not loaded.scenario.published:
        return None
    files = [str(file) for file in loaded.files]
    stating = {origin for key, origin in loaded.origins.items() if key[0] in OF_FIGURES and len(key) > 1}
    places = [place for place, file in enumerate(files) if file in stating]
    if not places or SET in stating:
        return None
    stated = loaded.files[places[-1]]
    base = _of_folder(stated) or load(stated)
    return base if departure_from(base.tree, loaded.tree, loaded.scenario.extensions.described) else None


def _of_folder(file: Path) -> Loaded | None:
    """The scenario that the figures of a run's own ``scenario.toml`` belong to, as the manifest beside it names it; None where that
    is no such file, or it states other figures by now."""
    try:
        kept = json.loads(file.with_name(MANIFEST).read_text(encoding="utf-8"))
        text, mine = str(kept["figures_of"] or ""), parsed(file.read_text(encoding="utf-8"))
        tree = parsed(text)
        if file.name != OWN or any(tree.get(name) != mine.get(name) for name in OF_FIGURES):
            return None
        return Loaded(from_text(text), file, [file], tree, {}, {})
    except (OSError, ValueError, TypeError, KeyError, TextError, ScenarioError):
        return None


def departure(loaded: Loaded) -> Departure | None:
    """How a scenario departs from the one whose figures a court published; None where it does not, or nothing was published."""
    base = with_figures(loaded)
    if base is None:
        return None
    found = departure_from(base.tree, loaded.tree, loaded.scenario.extensions.described)
    return found and replace(found, kinds=loaded.scenario.kinds)


def departure_from(base: Tree, tree: Tree, extensions: Sequence[Mapping[str, Any]]) -> Departure | None:
    """The same of two scenarios as resolved; None where they are alike but for names, seeds and figures. ``extensions``: of the second,
    as manifests describe them; a measure of one's own changes nothing.
    """
    apart = (*NAMELESS, *OF_FIGURES)
    found = tuple(one for one in changes(base, tree) if read_key(one.key)[0] not in apart)
    parts = [str(one.get("class", "")).rpartition(".")[2] for one in extensions if one.get("is") != "measure"]
    if not found and not parts:
        return None
    return Departure(str(base["title"]), str(base["title_zh"]), found, tuple(parts))


def changes(base: Tree, tree: Tree) -> list[Change]:
    """Every value that ``tree`` sets otherwise than ``base``, titles apart."""
    old, new = values(base), values(tree)
    return [
        Change(key, before(key, old), new.get(key))
        for key in dict.fromkeys([*old, *new])
        if old.get(key) != new.get(key) and key not in ("title", "title_zh")
    ]


def values(tree: Tree, at: Key = ()) -> dict[str, Any]:
    """A tree of tables as ``path.to.key`` -> value."""
    out: dict[str, Any] = {}
    for name, value in tree.items():
        if isinstance(value, dict):
            out |= values(value, (*at, name))
        else:
            out[write_key((*at, name))] = value
    return out


def before(key: str, base: Mapping[str, Any]) -> Any:
    """What the base has in the place of a value: of one that holds from a day on, what holds on that day in the base."""
    path = read_key(key)
    if key in base or undated(path) == path:
        return base.get(key)
    until = [write_key((FROM, day, *undated(path))) for day in _days(base) if day <= path[1]]
    return next((base[one] for one in reversed(until) if one in base), base.get(write_key(undated(path))))


def _days(base: Mapping[str, Any]) -> list[str]:
    """The days from which values of the base hold, in order."""
    return sorted({path[1] for path in map(read_key, base) if path[:1] == (FROM,) and len(path) > 1})
