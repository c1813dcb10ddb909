"""Every value of a scenario as a row for people: what it is, in which unit, from which source, and which file set it."""

from __future__ import annotations

from typing import Any, Final

from sim.locale.sources import source_in
from sim.scenario.describe import parameter
from sim.scenario.keys import Key, write_key
from sim.scenario.load import Loaded
from sim.scenario.units import CHINESE

ASSUMPTION: Final = "assumption"  # how the source of a value begins that has none


def rows(loaded: Loaded, lang: str) -> list[tuple[str, str, str, str, str, str]]:
    """Parameter, value, unit, meaning, source, file: one row for every value; of a text in both languages that of the reader."""
    out, leaves = [], dict(_leaves(loaded.tree))
    for key, value in leaves.items():
        declared = parameter(key)
        if declared is None or _other_language(key, lang) in leaves:
            continue
        meaning = declared.zh or declared.meaning if lang == "zh" else declared.meaning
        unit = CHINESE.get(declared.unit, declared.unit) if lang == "zh" else declared.unit
        source = source_in(loaded.source(key, declared.source), lang)
        out.append((write_key(key), _plain(value), unit, meaning, source, loaded.origins.get(key, "")))
    return out


def _other_language(key: Key, lang: str) -> Key | None:
    """What says the same to this reader; None where the text is theirs."""
    chinese = key[-1].endswith("_zh")
    if lang == "zh":
        return None if chinese else (*key[:-1], f"{key[-1]}_zh")
    return (*key[:-1], key[-1].removesuffix("_zh")) if chinese else None


def assumed(loaded: Loaded) -> list[str]:
    """The parameters whose values rest on assumptions."""
    return [row[0] for row in rows(loaded, "en") if row[4].startswith(ASSUMPTION)]


def _leaves(tree: Any, at: Key = ()) -> list[tuple[Key, Any]]:
    if isinstance(tree, dict):
        return [leaf for name, inner in tree.items() for leaf in _leaves(inner, (*at, name))]
    return [(at, tree)]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:,.12g}" if abs(value) >= 1e4 else f"{value:.12g}"
    return str(value)
