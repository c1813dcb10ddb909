"""Scenario files on disk: finding them, reading them, following ``extends``, merging."""

from __future__ import annotations

import difflib
import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sim
from sim.scenario.errors import Defect, ScenarioError, quoted

LARGEST = 1_000_000  # bytes of one file; Shanxi has 5,000
DEEPEST = 10  # files that extend one another
HOME = Path(sim.__file__).resolve().parents[1] / "scenarios"
FOLDERS = ("", "policies")

Tree = dict[str, Any]
Key = tuple[str, ...]


@dataclass(slots=True)
class Layers:
    """Files merged from the first ancestor to the last file; who set what."""

    tree: Tree = field(default_factory=dict)
    origins: dict[Key, str] = field(default_factory=dict)  # leaf -> file (or option) that set it
    sources: dict[str, dict[str, str]] = field(default_factory=dict)  # file -> its [sources]
    files: list[Path] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)

    def add(self, new: Tree, origin: str) -> None:
        """Lay ``new`` over what is there: tables merge, everything else replaces."""
        self._merge(self.tree, new, origin, ())

    def _merge(self, under: Tree, over: Tree, origin: str, at: Key) -> None:
        for name, value in over.items():
            key = (*at, name)
            old = under.get(name)
            if isinstance(value, dict) and isinstance(old, dict):
                self._merge(old, value, origin, key)
                continue
            for known in [k for k in self.origins if k[: len(key)] == key]:
                del self.origins[known]
            if value is False and isinstance(old, dict):
                del under[name]  # `homes = false` under [kinds]: that kind is taken out
            else:
                under[name] = _copy(value)
                self.origins |= dict.fromkeys(leaves(value, key), origin)


def leaves(value: Any, at: Key = ()) -> list[Key]:
    """Keys of everything that is not a table, within ``value``."""
    if isinstance(value, dict) and value:
        return [key for name, inner in value.items() for key in leaves(inner, (*at, str(name)))]
    return [at]


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _copy(inner) for name, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value


def find(name: str | Path) -> Path:
    """The file meant by a path or by a name in ``scenarios/`` or ``scenarios/policies/``."""
    given = Path(name)
    if given.is_file():
        return given
    if given.exists():
        raise ScenarioError([Defect(str(name), "", "is not a file", "name a scenario file (.toml)")])
    homes = [Path("scenarios"), HOME]
    for home in homes:
        for folder in FOLDERS:
            path = home / folder / (str(name) if str(name).endswith(".toml") else f"{name}.toml")
            if path.is_file():
                return path
    known = sorted({p.stem for home in homes for folder in FOLDERS for p in (home / folder).glob("*.toml")})
    near = difflib.get_close_matches(given.stem, known, 1, 0.5)
    hint = f"did you mean {near[0]}?" if near else f"scenarios here: {', '.join(known) or 'none'}"
    raise ScenarioError([Defect(str(name), "", "there is no such scenario file", hint)])


def read(path: Path) -> Tree:
    """One file as a tree. Raises ``ScenarioError`` if it is too large, not text or not TOML."""
    try:
        if not path.is_file():
            raise ScenarioError([Defect(str(path), "", "there is no such file")])
        size = path.stat().st_size
        if size > LARGEST:
            problem = f"has {size:,} bytes; a scenario has at most {LARGEST:,}"
            raise ScenarioError([Defect(str(path), "", problem, "is this a scenario?")])
        return tomllib.loads(path.read_bytes().decode("utf-8"))
    except UnicodeDecodeError:
        raise ScenarioError([Defect(str(path), "", "is not text in UTF-8", "save it as UTF-8")]) from None
    except OSError as error:
        raise ScenarioError([Defect(str(path), "", f"cannot be read: {error.strerror}")]) from None
    except RecursionError:
        raise ScenarioError([Defect(str(path), "", "is nested too deeply")]) from None
    except ValueError as error:  # tomllib's own, or a date such as 2017-13-45
        raise ScenarioError([Defect(str(path), "", f"is not valid TOML: {error}")]) from None


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
            raise ScenarioError([Defect(str(path), "extends", f"{quoted(parent)} is not a file name")])
        path = Path(os.path.normpath(path.parent / parent))
        seen = [p.resolve() for p, _ in chain]
        if path.resolve() in seen:
            raise ScenarioError(
                [Defect(str(chain[-1][0]), "extends", f"{quoted(parent)} goes round in a circle")]
            )
        if len(chain) >= DEEPEST:
            raise ScenarioError(
                [Defect(str(path), "extends", f"more than {DEEPEST} files extend one another")]
            )
        if not path.is_file():
            near = difflib.get_close_matches(path.name, [p.name for p in path.parent.glob("*.toml")], 1)
            hint = f"did you mean {near[0]}?" if near else ""
            raise ScenarioError(
                [Defect(str(chain[-1][0]), "extends", f"there is no file {quoted(parent)}", hint)]
            )
    layers = Layers()
    for file, tree in reversed(chain):
        lay(layers, file, tree)
    return layers


def lay(layers: Layers, file: Path, tree: Tree) -> None:
    """Add one file's own keys to what is there, its [sources] apart."""
    sources = tree.pop("sources", {})
    if not isinstance(sources, dict) or not all(isinstance(v, str) for v in sources.values()):
        layers.defects.append(
            Defect(str(file), "sources", "must be a table of texts: key of a parameter = its source")
        )
        sources = {}
    layers.sources[str(file)] = sources
    layers.files.append(file)
    layers.add(tree, str(file))
