"""A base and the policies that are tried on it, as scenarios under common random numbers.

What of a file counts depends on what it says of itself:

- it calls itself a policy (``[sources]`` with ``"" = "policy: ..."``): its own keys, and those of the files it
  extends as long as these call themselves policies too, are laid over BASE; so one policy can be tried on any base;
- else, BASE is among the files it extends: it is a scenario made from BASE, and everything it adds counts;
- else, it extends nothing and is complete in itself: it is a scenario of its own;
- else: its own keys are laid over BASE.

Parameter draws are laid over BASE under the policy: a draw says what reality is like, a policy what is done. What
policies are compared with is BASE as it is, or another policy tried on it, the reference: "20 % less" against "no cut".
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sim.experiments.assignments import Claim, keys_set, set_by, set_twice, why_not_varied
from sim.locale.language import said
from sim.scenario import Defect, Loaded, ScenarioError, find, load
from sim.scenario.errors import brief
from sim.scenario.extensions import NONE, Extensions
from sim.scenario.files import leaves, own_keys, read, stack
from sim.scenario.keys import displaces
from sim.scenario.load import Overlay, is_policy

LONGEST_NAME = 150  # bytes of a file's own name: with what is put around it a system takes 255


@dataclass(frozen=True, slots=True)
class Policy:
    """What is to be tried, under a name of its own: a scenario file (or what one is called), or values laid over the base.
    ``extensions``: its own; None: those of the base. ``titled``: it is shown by its name, whatever the title in its file.
    """

    name: str
    of: str | Path | Overlay
    extensions: Extensions | None = None
    titled: bool = True


@dataclass(frozen=True, slots=True)
class Tried:
    """One policy: its name, its file, and what is laid over the base (none: a scenario of its own)."""

    name: str
    path: Path
    overlays: tuple[Path | Overlay, ...] | None
    written_for: Path | None = None  # a file it extends that BASE is not made from
    change: bool = False  # nothing but a change to BASE, not a scenario made from it
    extensions: Extensions | None = None  # its own; None: those of the base
    title: tuple[Overlay, ...] = ()  # instead of that in its file

    def load(self, base: Path, overrides: Sequence[str], draw: Overlay | None) -> Loaded:
        """The scenario under this policy; what is set by hand and changed by it too has its value from the policy."""
        under = () if draw is None else (draw,)
        if self.overlays is None:
            return load(self.path, overrides, (*under, *self.title))
        mine = [claim.key for claim in self.gives()]
        kept = [
            text
            for text in overrides
            if not any(displaces(*pair) for pair in itertools.product(mine, keys_set(text)))
        ]
        return replace(load(base, kept, (*under, *self.overlays, *self.title)), path=self.path)

    def gives(self) -> list[Claim]:
        """What it changes of BASE; nothing where it is a scenario by itself, over which anything may be set."""
        return [
            Claim(key, one.name if isinstance(one, Overlay) else str(one))
            for one in (self.overlays or ()) if self.change
            for key in (leaves(one.tree) if isinstance(one, Overlay) else own_keys(one))
            if not why_not_varied(key)
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Family:
    """A base and its policies, not yet under any draw of the parameters. ``reference``: compared with, instead of the base."""

    base: Path
    policies: tuple[Tried, ...]
    overrides: tuple[str, ...]
    reference: Tried | None = None
    extensions: Extensions = NONE  # of the base

    @property
    def tried(self) -> tuple[Tried, ...]:
        """The policies that are run, the reference first."""
        return (*filter(None, [self.reference]), *self.policies)

    @property
    def names(self) -> list[str]:
        """What is compared with, then what is compared."""
        return [*([] if self.reference else [self.base.stem]), *(policy.name for policy in self.tried)]

    def under(self, draw: Overlay | None = None) -> list[Loaded]:
        """The scenarios in the order of ``names``, all with the base's seed. Raises ``ScenarioError``."""
        base = load(self.base, self.overrides, () if draw is None else (draw,))
        shared = (*self.overrides, f"run.seed={base.scenario.run.seed}")
        loaded, defects = [] if self.reference else [_with(base, self.extensions)], []
        for policy in self.tried:
            try:
                own = self.extensions if policy.extensions is None else policy.extensions
                loaded.append(_with(policy.load(self.base, shared, draw), own))
            except ScenarioError as error:
                defects += error.defects
        if defects:
            raise ScenarioError(list(dict.fromkeys(defects)))
        return loaded


def _with(loaded: Loaded, extensions: Extensions) -> Loaded:
    return replace(loaded, scenario=loaded.scenario.extended(extensions)) if extensions else loaded


def family(
    base: str | Path,
    policies: Sequence[str | Path | Policy],
    overrides: Sequence[str] = (),
    against: str | Path | Policy | None = None,
    yielding: bool = False,
    extensions: Extensions = NONE,
) -> Family:
    """Find the files and decide what of each counts. Raises ``ScenarioError`` with all that is wrong.

    ``against``: a policy that the others are compared with, which may stand among them. ``yielding``: a policy may change
    what ``overrides`` set; otherwise what both give is a defect.
    """
    file = find(base)
    made_from = [path.resolve() for path in stack(file).files]
    defects: list[Defect] = []
    first = [one for one in _found([] if against is None else [against], defects) if one.of != file]
    wanted = [*first, *(one for one in _found(policies, defects) if one not in first)]
    tried: list[Tried] = []
    for policy in wanted:
        try:
            one = _tried(policy, file, made_from)
        except ScenarioError as error:
            defects += error.defects
            continue
        if one.name in [*([] if first else [file.stem]), *(other.name for other in tried)]:
            defects.append(Defect(_called(policy), "", said("policy.twice"), said("policy.name")))
        tried.append(one)
    if first and len(wanted) == len(first):
        defects.append(Defect(_as_text(against), "", said("policy.alone")))
    defects += [
        Defect(brief(what), "", said("policy.long", most=LONGEST_NAME))
        for what, name in ((file, file.stem), *((one.path, one.name) for one in tried))
        if len(os.fsencode(name)) > LONGEST_NAME
    ]
    fixed = [] if yielding else set_by(overrides)
    defects += [defect for one in tried for claim in one.gives() for defect in set_twice(claim, fixed)]
    if defects:
        raise ScenarioError(defects)
    reference = tried[0] if first else None
    return Family(file, tuple(tried[len(first) :]), tuple(overrides), reference, extensions)


def _found(names: Sequence[str | Path | Policy], defects: list[Defect]) -> list[Policy]:
    """The policies of these names, with their files; what is wrong with a name goes to ``defects``."""
    found = []
    for one in names:
        of = one.of if isinstance(one, Policy) else one
        try:
            of = of if isinstance(of, Overlay) else find(of)
        except ScenarioError as error:
            defects += error.defects
            continue
        found.append(
            replace(one, of=of) if isinstance(one, Policy) else Policy(Path(str(of)).stem, of, titled=False)
        )
    return found


def _as_text(against: str | Path | Policy | None) -> str:
    return against.name if isinstance(against, Policy) else str(against)


def _called(policy: Policy) -> str:
    return policy.name if isinstance(policy.of, Overlay) else brief(policy.of)


def _tried(policy: Policy, base: Path, made_from: Sequence[Path]) -> Tried:
    if isinstance(policy.of, Overlay):
        return Tried(policy.name, base, (policy.of,), change=True, extensions=policy.extensions)
    title = Overlay(policy.name, {"title": policy.name, "title_zh": policy.name})
    tried = _of_file(Path(policy.of), base, made_from)
    return replace(tried, name=policy.name, title=(title,) if policy.titled else ())


def _of_file(path: Path, base: Path, made_from: Sequence[Path]) -> Tried:
    chain = stack(path).files  # first ancestor first
    resolved = [file.resolve() for file in chain]
    policy = _calls_itself_policy(path)
    if not policy and base.resolve() in resolved[:-1]:
        return Tried(path.stem, path, tuple(chain[resolved.index(base.resolve()) + 1 :]))
    if not policy and len(chain) == 1 and _complete(path):
        return Tried(path.stem, path, None)
    own = [path]
    for file in reversed(chain[:-1]):
        if not (policy and _calls_itself_policy(file)):
            break
        own.insert(0, file)
    rest = chain[: -len(own)]
    stranger = rest[-1] if rest and rest[-1].resolve() not in made_from else None
    return Tried(path.stem, path, tuple(own), stranger, change=True)


def _complete(path: Path) -> bool:
    try:
        load(path)
    except ScenarioError:
        return False
    return True


def _calls_itself_policy(path: Path) -> bool:
    sources = read(path).get("sources")
    return isinstance(sources, dict) and is_policy(sources)
