"""From files and ``--set`` options to one frozen ``Scenario``, or to every defect at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sim.locale.language import said
from sim.locale.words import Words
from sim.scenario.errors import Defect, ScenarioError, shortened, written
from sim.scenario.files import DRAWS, Layers, Tree, find, lay, leaves, read, stack
from sim.scenario.keys import FROM, Key, read_assignment, tree_of, write_key
from sim.scenario.parts import LONGEST_TEXT
from sim.scenario.periods import validate
from sim.scenario.schema import Scenario
from sim.scenario.text import TextError, parsed
from sim.scenario.values import read_value

SET = "--set"
UNSOURCED = "assumption: no source named"
POLICY = "policy"  # how the source of a whole file begins that calls itself a policy
NAMELESS = ("run", "title", "title_zh", "draws")  # set by hand, these make no other scenario
SHOWN_IN_TITLE = 3  # values set by hand
TITLES = {"title": "en", "title_zh": "zh"}
w: Final = Words("scenario")
NO_CLAIM = (
    "choice",
    "neutral",
    "vocabulary",
    "as the court reports",
)  # values that say nothing about reality


def is_policy(sources: Mapping[str, Any]) -> bool:
    """Whether a file with these [sources] calls itself a policy."""
    return str(sources.get("", "")).startswith(POLICY)


@dataclass(frozen=True, slots=True)
class Overlay:
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
    draws: Path | None = (
        None  # file of parameter draws, no part of the scenario: see ``sim.experiments.draws``
    )

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
    path: str | Path, overrides: Sequence[str] = (), overlays: Sequence[str | Path | Overlay] = ()
) -> Loaded:
    """Read, merge and validate a scenario.

    ``path``: a file, or a name in ``scenarios/``. ``overlays``: files whose own keys (without what they extend)
    are laid over it, as policies over a base; or overlays, for values that stand in no scenario file (a parameter
    draw). ``overrides``: texts ``path.to.key=value``, value as in TOML. Raises ``ScenarioError`` with every defect.
    """
    file = find(path)
    layers = stack(file)
    before = len(layers.files)
    for overlay in overlays:
        if isinstance(overlay, Overlay):
            layers.add(overlay.tree, overlay.name)
            continue
        over = find(overlay)
        tree = read(over)
        tree.pop("extends", None)
        lay(layers, over, tree)
    policies = {str(over) for over in layers.files[before:]}
    policies |= {one.name for one in overlays if isinstance(one, Overlay) and "title" in one.tree}
    laid = [key for text in overrides for key in _set(layers, text)]
    scenario, defects = validate(layers)
    if scenario is None or defects:
        raise ScenarioError(defects)
    titles = _titles(layers, laid, policies)
    scenario, tree = scenario.model_copy(update=titles), layers.tree | titles
    return Loaded(scenario, file, layers.files, tree, layers.origins, layers.sources, layers.draws)


def from_text(text: str, overrides: Sequence[str] = ()) -> Scenario:
    """A scenario as resolved, such as a manifest holds: it extends nothing. Raises ``ScenarioError``."""
    name = "scenario"
    try:
        tree = parsed(text)
    except TextError as error:
        raise ScenarioError([Defect(name, "", str(error), error.hint)]) from None
    layers = Layers()
    lay(layers, Path(name), tree)
    for override in overrides:
        _set(layers, override)
    scenario, defects = validate(layers)
    if scenario is None or defects:
        raise ScenarioError(defects)
    return scenario


def _set(layers: Layers, text: str) -> list[Key]:
    """Lay one ``path.to.key=value`` over the rest; the keys of what is set."""
    try:
        key, value = read_assignment(text)
    except ValueError as error:
        layers.defects.append(Defect(SET, text, said("key.set", why=error), said("key.example")))
        return []
    read_as = read_value(value, key)
    if key == DRAWS:
        layers.name_draws(read_as, SET, Path())
        return [key]
    layers.add(tree_of(key, read_as), SET)
    return leaves(read_as, key)


def _titles(layers: Layers, laid: Sequence[Key], policies: Collection[str]) -> dict[str, str]:
    """Titles that say what was set by hand, so that no table, picture or page passes for the scenario as its file has it.
    A policy's name distinguishes it from others, so that stays. What a title says already, as that of a run's own scenario.toml
    may, is said once, with the values of now.
    """
    laid = [key for key in dict.fromkeys(laid) if key[0] not in NAMELESS]
    made = {}
    for name, lang in TITLES.items() if laid else ():
        if layers.origins.get((name,)) in policies:
            continue
        title, before, further = _said_of(layers.tree[name], lang)
        every = list(dict.fromkeys([*before, *laid]))
        shown = [shortened(f"{write_key(key)}={_value(layers.tree, key)}") for key in every[:SHOWN_IN_TITLE]]
        more = len(every) - len(shown) + further
        key, what = "set.more" if more else "set.some", w("set.join", lang).join(shown)
        made[name] = w(key, lang, title=title, what=what, n=more)[:LONGEST_TEXT]
    return made


def _said_of(title: str, lang: str) -> tuple[str, list[Key], int]:
    """A title without what it says was set by hand; the keys that it names, and how many more it counts."""
    groups = {"title": "(?P<title>.+)", "what": "(?P<what>.+)", "n": "(?P<n>[0-9]+)"}
    for form in ("set.more", "set.some"):
        literal = re.escape(w(form, lang, **{name: f"@{name}@" for name in groups}))
        for name, group in groups.items():
            literal = literal.replace(f"@{name}@", group)
        if found := re.fullmatch(literal, title):
            items = found["what"].split(w("set.join", lang))
            with suppress(ValueError):
                keys = [read_assignment(item)[0] for item in items if "=" in item]
                if all(key[0] in (FROM, *Scenario.model_fields) for key in keys):  # else somebody's own
                    return found["title"], keys, int(found.groupdict().get("n") or 0)
    return title, [], 0


def _value(tree: Tree, key: Key) -> str:
    """A value as resolved: one text for all the ways to write it."""
    value: Any = tree
    for name in key:
        value = (
            value[name] if isinstance(value, dict) and name in value else False
        )  # a part that was taken out
    return written(value)
