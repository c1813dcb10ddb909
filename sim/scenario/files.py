"""Scenario files on disk: finding them, reading them, following ``extends``, merging."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sim
from sim.locale.foreign import reason
from sim.locale.language import said
from sim.scenario.errors import Defect, ScenarioError, brief, joined, near, quoted
from sim.scenario.keys import FROM, Key, displaces, read_key, write_key
from sim.scenario.renamed import new_name, renaming, with_new_names
from sim.scenario.text import TextError, decoded, parsed, shown

LARGEST = 1_000_000  # bytes of one file; Shanxi has 5,000
DEEPEST = 10  # files that extend one another
PACKAGE = Path(sim.__file__).resolve().parent
CARRIED = PACKAGE / "data" / "scenarios"  # in a wheel, which pyproject.toml puts together
HOME = CARRIED if CARRIED.is_dir() else PACKAGE.parent / "scenarios"
HOMES = (Path("scenarios"), HOME)  # where names are looked up
FOLDERS = ("", "policies")
NO_PARAMETERS = ("extends", "sources", "draws")  # keys of a file that say nothing of the scenario itself

Tree = dict[str, Any]
DRAWS: Key = ("draws",)


@dataclass(slots=True)
class Layers:
    """Files merged from the first ancestor to the last file; who set what."""

    tree: Tree = field(default_factory=dict)
    origins: dict[Key, str] = field(default_factory=dict)  # leaf -> file (or option) that set it
    sources: dict[str, dict[str, str]] = field(default_factory=dict)  # file -> its [sources]
    files: list[Path] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)
    draws: Path | None = None  # the file of parameter draws that the last file to speak of one names

    def name_draws(self, value: Any, origin: str, folder: Path) -> None:
        """Take the file of draws that ``origin`` names, relative to ``folder``; with ``false`` there is none."""
        self.origins.pop(DRAWS, None)
        if value is False:
            self.draws = None
        elif isinstance(value, str) and value.strip():
            self.draws = Path(os.path.normpath(folder / value))
            self.origins[DRAWS] = origin
        else:
            problem = said("file.not_name", value=quoted(value))
            self.defects.append(Defect(origin, "draws", problem, said("file.draws")))

    def add(self, new: Tree, origin: str) -> None:
        """Lay ``new`` over what is there: tables merge, everything else replaces.

        A value without a date holds at all times: it takes the place of earlier layers' values from a date on too.
        """
        old = [(key, why) for key in leaves(new) if (why := renaming(key))]
        if old:
            self.defects += [Defect(origin, write_key(key), why) for key, why in old]
            new = with_new_names(new)
        if self.tree.get(FROM):
            given = [key for key in leaves(new) if key]
            for key in [k for k, by in self.origins.items() if k[:1] == (FROM,) and by != origin]:
                if any(displaces(one, key) for one in given if one[0] != FROM):
                    del self.origins[key]
                    _take_out(self.tree, key)
        self._merge(self.tree, new, origin, ())

    def _merge(self, under: Tree, over: Tree, origin: str, at: Key) -> None:
        for name, value in over.items():
            key = (*at, name)
            old = under.get(name)
            if isinstance(value, dict) and isinstance(old, dict):
                self._merge(old, value, origin, key)
                continue
            # Below what is no table nothing has been set, so there is nothing to search for.
            below = [k for k in self.origins if k[: len(key)] == key] if isinstance(old, dict) else [key]
            for known in below:
                self.origins.pop(known, None)
            if value is False and isinstance(old, dict):
                del under[name]  # `homes = false` under [kinds]: that kind is taken out
            else:
                under[name] = shown(value)  # of a file it is already; options and designs come here first
                self.origins |= dict.fromkeys(leaves(value, key), origin)


def _take_out(tree: Tree, key: Key) -> None:
    """Delete a leaf, and the tables that are empty without it."""
    inner = tree[key[0]]
    if len(key) > 1 and isinstance(inner, dict):
        _take_out(inner, key[1:])
        if inner:
            return
    del tree[key[0]]


def leaves(value: Any, at: Key = ()) -> list[Key]:
    """Keys of everything that is not a table, within ``value``."""
    if isinstance(value, dict) and value:
        return [key for name, inner in value.items() for key in leaves(inner, (*at, str(name)))]
    return [at]


def own_keys(path: Path) -> list[Key]:
    """The parameters that a file itself sets."""
    own = {name: value for name, value in read(path).items() if name not in NO_PARAMETERS}
    return leaves(own) if own else []


def find(name: str | Path) -> Path:
    """The file meant by a path or by a name in ``scenarios/`` or ``scenarios/policies/``."""
    given = Path(name)
    if is_file(given):
        return given
    if os.path.lexists(given):
        raise ScenarioError([Defect(str(name), "", said("file.not"), said("file.scenario"))])
    known = _named(str(name))
    if known is not None:
        return known
    scenarios, policies = (
        sorted({path.stem for home in HOMES for path in scenario_files(home / folder)}) for folder in FOLDERS
    )
    hint = near(given.stem, [*scenarios, *policies], 0.5) or said(
        "file.here", names=joined(scenarios) or said("none"), policies=joined(policies) or said("none")
    )
    raise ScenarioError([Defect(str(name), "", said("file.no_scenario"), hint)])


def _named(name: str) -> Path | None:
    """The file of this name among the scenarios of the working directory, then among the program's own."""
    file = name if name.endswith(".toml") else f"{name}.toml"
    places = [home / folder / file for home in HOMES for folder in FOLDERS]
    if Path(file).parts[:1] == (HOME.name,):  # scenarios/NAME, wherever one stands
        places.append(HOME.parent / file)
    return next((path for path in places if is_file(path)), None)


def scenario_files(folder: Path) -> list[Path]:
    """Scenario files of a folder; none of one that cannot be read."""
    try:
        return list(folder.glob("*.toml"))
    except OSError:
        return []


def is_file(path: Path) -> bool:
    """Whether there is such a file. Raises ``ScenarioError`` where the system does not let one look."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, ValueError) as error:  # ValueError: a name with NUL, or not in the system's encoding
        why = reason(error) if isinstance(error, OSError) else said("file.no_name")
        raise ScenarioError([Defect(brief(path), "", said("file.unreadable", why=why))]) from None


def read(path: Path) -> Tree:
    """One file as a tree. Raises ``ScenarioError`` if it cannot be read, is too large, not text or not TOML."""
    return as_tree(path, content(path))


def content(path: Path, largest: int = LARGEST, what: str = "") -> str:
    """A file's text. Raises ``ScenarioError`` if it cannot be read, is too large or not text."""
    try:
        if not path.is_file():
            raise ScenarioError([Defect(str(path), "", said("file.none"))])
        size = path.stat().st_size
        if size > largest:
            what = what or said("file.a_scenario")
            problem = said("file.large", size=size, what=what, largest=largest)
            raise ScenarioError([Defect(str(path), "", problem, said("file.is_this", what=what))])
        return decoded(path.read_bytes())
    except TextError as error:
        raise ScenarioError([Defect(str(path), "", str(error), error.hint)]) from None
    except OSError as error:
        raise ScenarioError([Defect(str(path), "", said("file.unreadable", why=reason(error)))]) from None


def as_tree(path: Path, text: str, parse_float: Callable[[str], Any] = float) -> Tree:
    """What stands in a file's text. Raises ``ScenarioError`` if it is not TOML."""
    try:
        return parsed(text, parse_float)
    except TextError as error:
        raise ScenarioError([Defect(str(path), "", str(error), error.hint)]) from None


def stack(path: Path) -> Layers:
    """The file with all it extends, merged."""
    chain: list[tuple[Path, Tree]] = []
    while True:
        tree = read(path)
        parent = tree.pop("extends", None)
        chain.append((path, tree))
        if parent is None:
            break
        if not isinstance(parent, str):
            raise ScenarioError([Defect(str(path), "extends", said("file.not_name", value=quoted(parent)))])
        path = _parent(path, parent)
        if path.resolve() in [p.resolve() for p, _ in chain]:
            raise ScenarioError(
                [Defect(str(chain[-1][0]), "extends", said("file.circle", value=quoted(parent)))]
            )
        if len(chain) >= DEEPEST:
            raise ScenarioError([Defect(str(path), "extends", said("file.deep", n=DEEPEST))])
    layers = Layers()
    for file, tree in reversed(chain):
        lay(layers, file, tree)
    return layers


def _parent(file: Path, name: str) -> Path:
    """The file that ``file`` extends: one beside it, else a scenario of this name (``shanxi``, ``scenarios/shanxi.toml``)."""
    path = Path(os.path.normpath(file.parent / name))
    by_name = path.name == name or Path(name).parts[:1] == (HOME.name,)
    try:
        found = path if is_file(path) else _named(name) if by_name else None
    except ScenarioError as error:
        problem = f"{quoted(name)} {error.defects[0].problem}"
        raise ScenarioError([Defect(str(file), "extends", problem)]) from None
    if found is not None:
        return found
    there = [p.name for folder in (path.parent, HOME) for p in scenario_files(folder)]
    problem = said("file.no_parent", value=quoted(name))
    raise ScenarioError([Defect(str(file), "extends", problem, near(path.name, there))])


def lay(layers: Layers, file: Path, tree: Tree) -> None:
    """Add one file's own keys to what is there, its [sources] and its file of draws apart."""
    if "draws" in tree:
        layers.name_draws(tree.pop("draws"), str(file), file.parent)
    sources = tree.pop("sources", {})
    if not isinstance(sources, dict) or not all(isinstance(v, str) for v in sources.values()):
        layers.defects.append(Defect(str(file), "sources", said("file.sources")))
        sources = {}
    layers.sources[str(file)] = {}
    for key, source in sources.items():
        known, why = _one_spelling(key)
        if why:
            layers.defects.append(Defect(str(file), write_key(("sources", key)), why))
        layers.sources[str(file)][known] = source
    layers.files.append(file)
    layers.add(tree, str(file))


def _one_spelling(key: str) -> tuple[str, str | None]:
    """The key of a source as others are written, however it is quoted, and what is said of it if it was renamed; as it
    stands where it is no key.
    """
    try:
        known = read_key(key)
    except ValueError:
        return key, None
    return write_key(new_name(known) or known), renaming(known)
