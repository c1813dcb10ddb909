"""From files and ``--set`` options to one frozen ``Scenario``, or to every defect at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.scenario.errors import Defect, ScenarioError
from sim.scenario.files import Layers, Tree, find, lay, read, stack
from sim.scenario.keys import Key, read_assignment, tree_of, write_key
from sim.scenario.schema import Scenario
from sim.scenario.validate import validate
from sim.scenario.values import read_value

SET = "--set"
UNSOURCED = "assumption: no source named"
POLICY = "policy"  # how the source of a whole file begins that calls itself a policy
NO_CLAIM = (
    "choice",
    "neutral",
    "vocabulary",
    "as the court reports",
)  # values that say nothing about the world


def is_policy(sources: Mapping[str, Any]) -> bool:
    """Whether a file with these [sources] calls itself a policy."""
    return str(sources.get("", "")).startswith(POLICY)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Values to lay over a scenario, and where they come from."""

    name: str
    tree: Tree


@dataclass(frozen=True, slots=True)
class Loaded:
    """A scenario and where each of its values comes from."""

    scenario: Scenario
    path: Path
    files: list[Path]  # first ancestor first
    tree: Tree  # as resolved, plain TOML values
    origins: dict[Key, str]  # leaf -> file or option that set it
    sources: dict[str, dict[str, str]]  # file -> its [sources]

    def toml(self) -> str:
        """The scenario as resolved, in one file that needs no other."""
        import tomli_w

        return tomli_w.dumps(self.tree)

    def source(self, key: Key, neutral: str) -> str:
        """The source of a value: named by the file that set it, else the neutral value's own, else none.

        ``neutral`` is the source declared with the parameter; it holds only for a value set by a file that
        extends nothing (the base).
        """
        origin = self.origins.get(key, "")
        named = self.sources.get(origin, {})
        for length in range(len(key), -1, -1):
            text = named.get(write_key(key[:length]))
            if text:
                return text
        if origin == SET:
            return "set on the command line"
        if neutral in NO_CLAIM:
            return neutral
        return neutral if self.files and origin == str(self.files[0]) else UNSOURCED


def load(
    path: str | Path, overrides: Sequence[str] = (), overlays: Sequence[str | Path | Sheet] = ()
) -> Loaded:
    """Read, merge and validate a scenario.

    ``path``: a file, or a name in ``scenarios/``. ``overlays``: files whose own keys (without what they extend)
    are laid over it, as policies over a base; or sheets, for values that stand in no scenario file (a parameter
    draw). ``overrides``: texts ``path.to.key=value``, value as in TOML. Raises ``ScenarioError`` with every defect.
    """
    file = find(path)
    layers = stack(file)
    for overlay in overlays:
        if isinstance(overlay, Sheet):
            layers.add(overlay.tree, overlay.name)
            continue
        over = find(overlay)
        tree = read(over)
        tree.pop("extends", None)
        lay(layers, over, tree)
    for text in overrides:
        _set(layers, text)
    scenario, defects = validate(layers)
    if scenario is None or defects:
        raise ScenarioError(defects)
    return Loaded(scenario, file, layers.files, layers.tree, layers.origins, layers.sources)


def _set(layers: Layers, text: str) -> None:
    """Lay one ``path.to.key=value`` over the rest."""
    try:
        key, value = read_assignment(text)
    except ValueError as error:
        layers.defects.append(
            Defect(SET, text, f"must be path.to.key=value: {error}", "for instance rounds.second.cut=0.1")
        )
        return
    layers.add(tree_of(key, read_value(value, key)), SET)
