"""The scenario on which a targets file stands: its own, or arrivals made of its windows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from calibration.targets.reader.defects import Checks, Key, place
from calibration.targets.reader.windows import Dated
from calibration.targets.schema import TargetsFile
from sim.locale.foreign import reason
from sim.locale.language import said, speaking
from sim.scenario import Loaded, ScenarioError, load
from sim.scenario.errors import Defect, brief, joined, quoted
from sim.scenario.keys import read_key
from sim.scenario.load import Overlay

MADE: Final = "windows of the targets file"  # the arrivals made of them, as a file


def stand_on(
    file: TargetsFile, path: Path, windows: Mapping[str, Dated], checks: Checks, model: bool = True
) -> tuple[Loaded | None, Loaded | None, bool]:
    """The scenario with the windows in it, None where it cannot be had; the one to check parameters by; and whether
    that one is the file's own as far as parameters go (else it is without what is wrong with it, or the base).

    Where no ``model`` will be run no arrivals are made of the windows, and nothing demanded that it needs.
    """
    laid = _tree(file.set, checks)
    overlays = [Overlay(f"{checks.path} [set]", laid)] if laid else []
    if file.scenario is None:
        made = _listing(file, windows, checks) if model else None
        loaded = _try("base", [made, *overlays], checks) if made else None
        if made is None and overlays:
            _try("base", overlays, checks)  # for what is wrong with them
        ground = loaded or _quietly("base", overlays)
        certain = model and ground is not None and checks.whole("scenario")
        return loaded, ground or _quietly("base"), certain
    own = path.parent / file.scenario
    try:
        name = own if own.is_file() else file.scenario
    except OSError:  # too long for the name of a file
        name = file.scenario
    loaded = _try(name, overlays, checks)
    ground = loaded or _quietly(name)
    if ground is None and overlays:
        checks.elsewhere += _anywhere(overlays[0])
    spans = {}
    if loaded or "time" not in laid:
        spans = _spans(file.scenario, ground, windows, checks)
    if loaded is None:
        return None, ground or _quietly("base"), False
    dates = {n: {"first": first, "last": last} for n, (first, last) in spans.items()}
    dated = Overlay(f"{checks.path} [windows]", {"time": {"windows": dates}})
    return _try(loaded.path, [*overlays, dated], checks), loaded, True


def _try(name: str | Path, overlays: Sequence[Overlay], checks: Checks) -> Loaded | None:
    """The scenario with overlays laid over it; None, and what is wrong with it, where it cannot be had."""
    dated = f"{checks.path} [windows]"
    try:
        return load(name, overlays=list(overlays))
    except OSError as error:
        checks.add(
            ("scenario",),
            said("apart", name=quoted(str(name)), why=said("file.unreadable", why=reason(error))),
        )
    except ScenarioError as error:
        for one in error.defects:
            if one.file in (MADE, dated):
                _of_windows(one, checks)
            elif isinstance(name, str) and one.file in (name, brief(name)) and not one.key:
                checks.add(("scenario",), said("place", where=quoted(name), said=one.problem), one.hint)
            else:
                checks.elsewhere.append(one)
    return None


def _of_windows(one: Defect, checks: Checks) -> None:
    """A defect of what was made of the windows, reported at the window or figure it was made of."""
    key: Key = read_key(one.key) if one.key else ()
    of_window = key[:2] == ("time", "windows") and len(key) > 2
    of_figure = key[:2] == ("arrivals", "periods") and key[3:] in (("cases",), ("lots",))
    if not of_window and not of_figure:
        checks.elsewhere.append(replace(one, file=f"{checks.path} [windows]"))
        return
    key = ("windows", *key[2:])
    if (
        place(checks.tree, key)[-1] >= 0
    ):  # else it is the lots again: a case each, where cases are not published
        checks.add(key, one.problem)


def _anywhere(overlay: Overlay) -> list[Defect]:
    """What is wrong with an overlay whatever scenario it is laid over: keys, types and ranges."""
    with speaking("en"):  # distinguished by their words
        problems = [one.problem for one in _defects(overlay)]
    mine = _defects(overlay) if problems else []
    kinds = r"unknown key|is now | is not | is out of range"
    return [one for one, english in zip(mine, problems, strict=True) if re.search(kinds, english)]


def _defects(overlay: Overlay) -> list[Defect]:
    """What is wrong with the scenario that an overlay makes of base, as far as the overlay set it."""
    try:
        load("base", overlays=[overlay])
    except ScenarioError as error:
        return [one for one in error.defects if one.file == overlay.name]
    return []


def _quietly(name: str | Path, overlays: Sequence[Overlay] = ()) -> Loaded | None:
    """A scenario whose defects, if it has any, are reported elsewhere."""
    try:
        return load(name, overlays=list(overlays))
    except (ScenarioError, OSError):
        return None


def _spans(
    scenario: str, ground: Loaded | None, windows: Mapping[str, Dated], checks: Checks
) -> dict[str, tuple[date, date]]:
    """First and last day of each window: the file's, else the scenario's own; defects where they do not fit."""
    found = {}
    time = ground.scenario.time if ground is not None else None
    for name, one in windows.items():
        known = time.windows.get(name) if time else None
        first, last = (
            one.first or (known.first if known else None),
            one.last or (known.last if known else None),
        )
        sane = {n: d for n, d in (("first", first), ("last", last)) if checks.whole("windows", name, n)}
        if ("windows", name) in checks.holes or time is None:
            continue
        if None in sane.values():
            there = said("stand.there", names=joined(time.windows))
            checks.add(("windows", name), said("stand.no_window", scenario=scenario), there)
            continue
        given = {n: d for n, d in sane.items() if d is not None}
        backward = first is not None and last is not None and len(given) == 2 and last < first
        if backward:
            problem = said("stand.backward", last=last, first=first)
            checks.add(("windows", name, "last" if one.last else "first"), problem)
        if any(d < time.start or d > time.end for d in given.values()):
            days = list(given.values())
            span = said("range.both", low=days[0], high=days[1]) if days[1:] else days[0]
            checks.add(("windows", name), said("stand.outside", span=span, start=time.start, end=time.end))
        elif first and last and len(given) == 2 and not backward:
            found[name] = (first, last)
    return found


def _tree(paths: Mapping[str, Any], checks: Checks) -> dict[str, Any]:
    """``{"time.start": x}`` as nested tables; tables given as such are kept."""
    tree: dict[str, Any] = {}
    for path, value in paths.items():
        try:
            *head, last = read_key(path)
        except ValueError as error:
            checks.add(("set", path), str(error), said("stand.example"))
            continue
        inner = tree
        for part in head:
            inner = inner.setdefault(part, {})
            if not isinstance(inner, dict):
                break
        if not isinstance(inner, dict) or isinstance(inner.get(last), dict):
            checks.add(("set", path), said("stand.twice"))
            continue
        inner[last] = value
    return tree


def _listing(file: TargetsFile, windows: Mapping[str, Dated], checks: Checks) -> Overlay | None:
    """Arrivals made of the windows themselves: the published lots are listed evenly over each of them. Windows with
    defects are left out, and reported.
    """
    time: dict[str, Any] = {"windows": {"2017": False}}
    periods: dict[str, Any] = {"year": False}
    spans = []
    for name, one in windows.items():
        if ("windows", name) in checks.holes or not checks.whole("scenario"):
            continue
        dates = [n for n in ("first", "last") if checks.whole("windows", name, n)]
        if any(getattr(one, n) is None for n in dates):
            checks.add(("windows", name), said("stand.dates"))
        if "lots" not in file.windows[name] and checks.whole("windows", name, "lots"):
            checks.add(
                ("windows", name),
                said("stand.lots"),
                said("stand.arrivals"),
            )
        if one.first is None or one.last is None or "lots" not in one.figures or len(dates) < 2:
            continue
        spans.append((one.first, one.last))
        lots = one.figures["lots"].value
        time["windows"][name] = {"first": one.first, "last": one.last}
        published = "cases" in one.figures and checks.whole("windows", name, "cases")
        periods[name] = {
            "first": one.first, "last": one.last, "cases": one.figures["cases"].value if published else lots, "lots": lots,
        }  # fmt: skip
    if not spans:
        return None
    time |= {"start": min(first for first, _ in spans), "end": max(last for _, last in spans)}
    arrivals = {"mode": "listing", "exact": True, "periods": periods}
    courts = {
        "adoption": {"2017-01-01": 1.0, time["start"].isoformat(): 1.0}
    }  # all courts online from the start
    return Overlay(MADE, {"time": time, "arrivals": arrivals, "courts": courts})
