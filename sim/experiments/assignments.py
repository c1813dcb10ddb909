"""Who gives a parameter its value: it is set or varied, never both, and only parameters of the model are varied.

If two gave the same value, one would be ignored in silence. So everything that gives values declares its keys, whatever their
spelling and table, and overlaps are refused before anything runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sim.locale.language import said
from sim.scenario import Defect, Loaded
from sim.scenario.errors import shortened
from sim.scenario.files import leaves
from sim.scenario.keys import Key, displaces, read_assignment, undated, write_key
from sim.scenario.load import SET, is_policy
from sim.scenario.renamed import renaming
from sim.scenario.values import read_value

# Keys that are no parameters of the model, and why nobody varies them.
_NAMES = "apart.name"
_APART = {
    "title": _NAMES,
    "title_zh": _NAMES,
    "published": "apart.published",
    "draws": "apart.draws",
    "interpretation": "apart.interpretation",
    "run": "apart.run",
}


@dataclass(frozen=True, slots=True)
class Claim:
    """One key, and the option or file that gives its value."""

    key: Key
    by: str


def set_by(overrides: Iterable[str]) -> list[Claim]:
    """What ``--set`` options give: of a table, the keys within it. One that cannot be read gives nothing."""
    return [Claim(key, f"{SET} {shortened(text)}") for text in overrides for key in keys_set(text)]


def keys_set(text: str) -> list[Key]:
    """The keys to which ``path.to.key=value`` gives values; none where it cannot be read."""
    try:
        key, value = read_assignment(text)
    except ValueError:
        return []
    return leaves(read_value(value, key), key)


def of_policy(loaded: Loaded) -> list[Claim]:
    """What those files of a scenario give that call themselves policies."""
    policies = {file for file, named in loaded.sources.items() if is_policy(named)}
    return [
        Claim(key, said("claim.policy", file=origin))
        for key, origin in loaded.origins.items()
        if origin in policies
    ]


def also_given(varied: Claim, given: Sequence[Claim]) -> Iterator[Defect]:
    """A defect for each that gives what is varied too."""
    for by in dict.fromkeys(claim.by for claim in given if _meet(claim.key, varied.key)):
        yield Defect(varied.by, "", said("claim.both", name=write_key(varied.key), by=by), said("claim.one"))


def set_twice(own: Claim, given: Sequence[Claim]) -> Iterator[Defect]:
    """A defect for each that gives what a policy sets itself."""
    for by in dict.fromkeys(claim.by for claim in given if _meet(claim.key, own.key)):
        policy = Path(own.by).stem
        problem = said("claim.twice", name=write_key(own.key), policy=policy, by=by)
        yield Defect(own.by, "", problem, said("claim.one"))


def _meet(one: Key, other: Key) -> bool:
    """Whether of two values one would be passed over: the same key, or one of them holds at all times, the other from a date."""
    return displaces(one, other) or displaces(other, one)


def why_not_varied(key: Key) -> str | None:
    """Why a key is no parameter that can be varied; None if it is one."""
    plain = undated(key) or key
    name = plain[0] in ("kinds", "platforms") and plain[2:] == ("name_zh",)
    apart = _NAMES if name else _APART.get(plain[0])
    why = renaming(key) or (said(apart) if apart else None)
    return said("apart", name=write_key(key), why=why) if why else None
