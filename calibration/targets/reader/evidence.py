"""Evidence files, read and checked on the scenario of the targets file that names them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from calibration.targets.evidence import ASSUMED, Fact, Range, askable
from calibration.targets.parameter_space import MARKET, at
from calibration.targets.published_numbers import PublishedNumber
from calibration.targets.reader.defects import Checks, Key, near
from calibration.targets.reader.well_typed import sound
from calibration.targets.reader.windows import exact, number, plain_numbers
from calibration.targets.schema import EvidenceFile, FactEntry, TargetsFile
from calibration.targets.targets import HOME as OWN
from sim.locale.language import said
from sim.scenario import Loaded, ScenarioError
from sim.scenario.errors import Defect, joined, quoted
from sim.scenario.files import as_tree, content
from sim.scenario.renamed import renaming
from sim.scenario.validate import field_of, limits, said_range

HOME: Final = OWN / "evidence"
RANGE: Final = "start.ratio"  # the condition that may be a range: sources rarely state their starts
MOST_FACTS: Final = 100
NOT_CARRIED: Final = "own rows"  # why there is no error of carrying a fact over
LARGE: Final = 1e300  # what a condition cannot be


def evidence_of(
    file: TargetsFile, path: Path, ground: Loaded | None, certain: bool, checks: Checks
) -> tuple[Fact, ...]:
    """The facts of all evidence that a targets file names, in its order; what is wrong is added to ``checks``."""
    if not checks.whole("evidence"):
        return ()
    names = [file.evidence] if isinstance(file.evidence, str) else file.evidence
    found: list[Fact] = []
    for i, name in enumerate(names):
        place = _place(name, path, checks)
        if name in names[:i]:
            checks.add(("evidence",), said("evidence.twice", value=quoted(name)))
        elif place is not None:
            facts, defects = read(place, ground if certain else None, found)
            checks.elsewhere += defects
            found += facts
    return tuple(found)


def _place(name: str, targets: Path, checks: Checks) -> Path | None:
    """The file meant: a path beside the targets file, or a name in ``calibration/evidence/``."""
    here = HOME / (name if name.endswith(".toml") else f"{name}.toml")
    for path in (targets.parent / name, here) if len(Path(name).parts) == 1 else (targets.parent / name,):
        try:
            if path.is_file():
                return path
        except (OSError, ValueError):  # too long for the name of a file, or with NUL in it
            continue
    known = sorted(p.stem for p in HOME.glob("*.toml"))
    hint = near(Path(name).stem, known) or said("evidence.here", names=joined(known))
    checks.add(("evidence",), said("place", where=quoted(name), said=said("evidence.no_file")), hint)
    return None


def read(path: Path, ground: Loaded | None, before: list[Fact]) -> tuple[list[Fact], list[Defect]]:
    """One file's facts and all that is wrong with it. ``ground``: the scenario they are computed in, None where it cannot be
    had; ``before``: facts of the files named before it.
    """
    try:
        tree = as_tree(path, content(path), exact)
    except ScenarioError as error:
        return [], error.defects
    checks = Checks(str(path), tree)
    file, checks.wrong, checks.holes = sound(EvidenceFile, plain_numbers(tree))
    if file is None:
        return [], checks.defects()
    if not file.facts and checks.whole("facts"):
        checks.add(("facts",), said("target.none"), said("evidence.write"))
    if len(file.facts) > MOST_FACTS:
        checks.add(("facts",), said("evidence.many", n=len(file.facts), most=MOST_FACTS))
    files = {fact.name: fact.file for fact in before}
    found = []
    for name, entry in file.facts.items():
        if name in files:
            checks.add(("facts", name), said("evidence.name", file=Path(files[name]).name))
        if (fact := _fact(name, entry, ground, checks)) is not None:
            found.append(fact)
    defects = checks.defects()
    return ([], defects) if defects else (found, [])


def _fact(name: str, entry: FactEntry, ground: Loaded | None, checks: Checks) -> Fact | None:
    """One fact; None where anything is wrong with it."""
    key: Key = ("facts", name)
    before = len(checks.wrong)
    kind = _measure(key, entry, ground, checks)
    value = _value(key, entry, kind, checks)
    if (
        entry.sd is None
        and entry.use != "condition"
        and checks.whole(*key, "sd")
        and checks.whole(*key, "use")
    ):
        checks.add(
            (*key, "sd"),
            said("missing"),
            said("evidence.sd"),
        )
    for kind_of_lot in entry.kinds:
        if ground is not None and kind_of_lot not in ground.scenario.kinds:
            checks.unknown((*key, "kinds"), kind_of_lot, ground.scenario.kinds, "kind")
    conditions = _conditions(key, entry.at, ground, checks)
    days = _days(key, entry, checks)
    if len(checks.wrong) > before or kind is None or value is None or not checks.whole(*key):
        return None
    return Fact(
        name=name, en=entry.en or name, zh=entry.zh or entry.en or name, measure=entry.measure, scale=kind.scale,
        value=value, sd=entry.sd or 0.0, sd_source=entry.sd_source,
        transport_sd=_transport(entry, kind),
        transport_source=NOT_CARRIED if days and entry.transport_sd is None else entry.transport_source, use=entry.use, kinds=tuple(entry.kinds), at=conditions,
        place=entry.place, place_zh=entry.place_zh or entry.place, years=entry.years, source=entry.source,
        file=checks.path, days=days,
    )  # fmt: skip


def _transport(entry: FactEntry, kind: Range) -> float:
    """The error of carrying a fact over; of the court's own rows there is none."""
    if entry.transport_sd is not None:
        return entry.transport_sd
    return 0.0 if entry.first is not None else ASSUMED[kind.scale]


def _days(key: Key, entry: FactEntry, checks: Checks) -> tuple[date, date] | None:
    """The days of the court's own rows; None where they are not named, both."""
    if not checks.whole(*key, "first") or not checks.whole(*key, "last"):
        return None
    for name, other in (("first", "last"), ("last", "first")):
        if getattr(entry, name) is None and getattr(entry, other) is not None:
            checks.add((*key, name), said("missing"), said("evidence.days"))
    if entry.first is None or entry.last is None:
        return None
    if entry.first > entry.last:
        checks.add((*key, "last"), said("target.order", low=entry.first, high=entry.last))
    return entry.first, entry.last


def _measure(key: Key, entry: FactEntry, ground: Loaded | None, checks: Checks) -> Range | None:
    """What values the measure can take; None where it is not known."""
    if not checks.whole(*key, "measure") or not checks.whole(*key, "use"):
        return None
    if entry.use == "condition":
        _parameter((*key, "measure"), entry.measure, ground, checks)
        return Range("log", -math.inf, math.inf)
    held = [name for name, one in ground.scenario.rounds.items() if one.held] if ground else []
    known = askable(held)
    found = known.get(entry.measure)
    if found is None and (ground is not None or not entry.measure.startswith(("sold_", "hazard_"))):
        checks.unknown((*key, "measure"), entry.measure, known, "fact")
    return found


def _value(key: Key, entry: FactEntry, kind: Range | None, checks: Checks) -> float | None:
    if not checks.whole(*key, "value"):
        return None
    reported = number((*key, "value"), entry.value, "exact", checks)
    if reported is None or kind is None:
        return None
    x = reported.value
    if not kind.low < x < kind.high:
        low, high = f"{kind.low:g}", f"{kind.high:g}"
        allowed = (
            said("evidence.between", low=low, high=high)
            if kind.high < math.inf
            else said("range.above", low=low)
        )
        checks.add(
            (*key, "value"),
            said("out_of_range", value=quoted(entry.value)) + said("allowed", range=allowed),
            _forgotten(reported, kind),
        )
    return x


def _forgotten(reported: PublishedNumber, kind: Range) -> str:
    forgotten = kind.scale == "logit" and reported.bare and 1.0 < reported.value < 100.0
    return said("meant.value", name=f'"{reported.text}%"') if forgotten else ""


def _conditions(
    key: Key, table: Mapping[str, Any], ground: Loaded | None, checks: Checks
) -> dict[str, tuple[float, float]]:
    """Conditions as (low, high) by path, those with which nothing is wrong."""
    found = {}
    for path, value in table.items():
        here: Key = (*key, "at", path)
        if not _parameter(here, path, ground, checks):
            continue
        range_here = path == RANGE and isinstance(value, list)
        ends = value if range_here else [value, value]
        if len(ends) != 2 or not all(_is_number(x) for x in ends):
            needed = said("evidence.range" if path == RANGE else "kind.number")
            checks.add(here, said("target.kinds", value=quoted(value), kinds=needed))
        elif ends[0] > ends[1] or (range_here and ends[0] == ends[1]):
            checks.add(here, said("target.order", low=f"{ends[0]:g}", high=f"{ends[1]:g}"))
        elif outside := [x for x in dict.fromkeys(ends) if not _allowed(path, x)]:
            info = field_of(tuple(path.split(".")))
            allowed = said("allowed", range=said_range(info))
            checks.add(here, said("out_of_range", value=f"{outside[0]:g}") + allowed)
        else:
            found[path] = (float(ends[0]), float(ends[1]))
    return found


def _parameter(key: Key, path: str, ground: Loaded | None, checks: Checks) -> bool:
    """Whether a path is a numeric parameter of the market that closed forms follow, and that the scenario has."""
    if now := renaming(tuple(path.split("."))):
        checks.add(key, now)
        return False
    if not MARKET.fullmatch(path):
        hint = near(path, _paths(ground), 0.7) or said("evidence.example")
        checks.add(key, said("evidence.condition", value=quoted(path)), hint)
        return False
    if ground is not None and not _is_number(at(ground.tree, path)):
        problem = said("place", where=quoted(path), said=said("target.no_parameter"))
        checks.add(key, problem, near(path, _paths(ground)))
        return False
    return True


def _paths(ground: Loaded | None) -> list[str]:
    every = sorted(".".join(k) for k in (ground.origins if ground else ()))
    return [path for path in every if MARKET.fullmatch(path)]


def _is_number(x: Any) -> bool:
    return isinstance(x, int | float) and not isinstance(x, bool) and abs(x) < LARGE


def _allowed(path: str, x: float) -> bool:
    allowed = limits(field_of(tuple(path.split("."))))
    return bool(
        allowed.get("ge", -math.inf) <= x <= allowed.get("le", math.inf)
        and allowed.get("gt", -math.inf) < x < allowed.get("lt", math.inf)
    )
