"""A targets file, read and checked: what was printed, what it may mean, what is free, and on which scenario.

Everything that is wrong is reported at once, before any run (``TargetsError``), each defect once: no check waits for
another, and none asks of what another has refused. What is only doubtful (fewer figures than free parameters) is kept
in ``warnings``.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import calibration
from calibration.fates import supported
from calibration.parameters import Free, free_parameters, labels, space
from calibration.printed import Printed, Rounding, as_printed
from calibration.readings import BASES, COUNTS, FIGURES, MEASURES, Reading, candidates, readings
from calibration.schema import (
    Difference,
    FigureEntry,
    FreeEntry,
    Growth,
    Key,
    Policy,
    Role,
    TargetsFile,
    Weights,
    Wrong,
    closest,
    meant,
    near,
    sound,
    whole,
)
from sim.scenario import Loaded, ScenarioError, load
from sim.scenario.errors import Defect, quoted
from sim.scenario.files import read
from sim.scenario.load import Sheet

HOME: Final = Path(calibration.__file__).resolve().parent
STANDARD: Final = HOME / "standard.toml"
INPUTS: Final = ("cases", "lots")  # set by the docket, so nothing is learnt from meeting them
SHARES: Final = ("sale_rate", "sale_rate_final", "sale_rate_ended", "sale_rate_listed", "sale_rate_round")


MOST_WINDOWS: Final = 50
MADE: Final = "windows of the targets file"  # the docket made of them, as a file


class TargetsError(ScenarioError):
    """A targets file that cannot be used; ``defects`` are all that is wrong with it, ``warnings`` what is doubtful."""

    def __init__(self, defects: Sequence[Defect], warnings: Sequence[Defect] = ()) -> None:
        self.warnings = list(warnings)
        super().__init__(list(defects))

    def __str__(self) -> str:
        return "\n".join([ScenarioError.__str__(self), *(f"warning: {one}" for one in self.warnings)])


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed figure of one window. ``measures``: what it may mean, with prior weights that add up to 1."""

    window: str
    name: str
    printed: Printed
    measures: Mapping[str, float]
    role: Role
    reason: str
    source: str
    reason_zh: str = ""

    @property
    def value(self) -> float:
        return self.printed.value

    def why(self, lang: str) -> str:
        """The reason given, in this language where it is."""
        return (self.reason_zh if lang == "zh" else "") or self.reason


@dataclass(frozen=True, slots=True)
class Window:
    """A reporting window with the figures printed for it."""

    name: str
    first: date
    last: date
    figures: Mapping[str, Figure]

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def value(self, figure: str) -> float:
        """The printed value; nan where it was not printed (or only assumed)."""
        one = self.figures.get(figure)
        return math.nan if one is None or one.role == "assumed" else one.value


@dataclass(frozen=True, slots=True)
class Change:
    """A printed growth rate (``ratio``) or difference between two windows."""

    figure: str
    since: str
    window: str
    printed: Printed
    ratio: bool


@dataclass(frozen=True, slots=True)
class Targets:
    """A targets file as resolved."""

    path: Path
    title: str
    title_zh: str
    source: str
    loaded: Loaded
    windows: Mapping[str, Window]
    changes: tuple[Change, ...]
    bases: Mapping[str, float]
    discrepancy: Mapping[str, float]
    discrepancy_source: str
    free: tuple[Free, ...]
    policy: Policy
    seed: int
    text: str  # of the file, for the manifest
    warnings: tuple[Defect, ...] = ()

    def figures(self, *roles: Role) -> Iterator[Figure]:
        """Figures of these roles (all, if none is named), window by window."""
        for window in self.windows.values():
            yield from (f for f in window.figures.values() if not roles or f.role in roles)

    @property
    def choices(self) -> dict[str, dict[str, float]]:
        """Figures that are fitted and whose meaning is open: figure -> measure -> prior weight."""
        found: dict[str, dict[str, float]] = {}
        for figure in self.figures("fit"):
            if len(figure.measures) > 1:
                found[figure.name] = dict(figure.measures)
        return found

    def readings(self) -> list[Reading]:
        """Every way to understand the figures together, likelier ones first."""
        return sorted(readings(self.bases, self.choices), key=lambda r: -r.weight)


@dataclass(slots=True)
class _Checks:
    """What is wrong with one file, as it is found. ``holes``: where stand-ins are, of which nothing may be asked."""

    path: str
    tree: Mapping[str, Any]
    wrong: list[Wrong] = field(default_factory=list)
    holes: set[Key] = field(default_factory=set)
    elsewhere: list[Defect] = field(default_factory=list)  # in files that it names
    called: Sequence[str] = ()  # free parameters

    def add(self, key: Key, problem: str, hint: str = "") -> None:
        self.wrong.append(Wrong(key, problem, hint))

    def unknown(self, key: Key, name: str, known: Collection[str], what: str) -> None:
        self.add(key, f"{quoted(name)} is not a {what}", meant(name, known))

    def whole(self, *key: str | int) -> bool:
        return whole(key, self.holes)

    def defects(self) -> list[Defect]:
        """All of them, in the order of the file, each once."""
        found = [
            Defect(self.path, self._said(one.key), one.problem, one.hint)
            for one in sorted(self.wrong, key=lambda one: place(self.tree, one.key))
        ]
        return list(dict.fromkeys([*found, *self.elsewhere]))

    def _said(self, key: Key) -> str:
        if len(key) > 1 and key[0] == "free" and isinstance(key[1], int) and key[1] < len(self.called):
            key = ("free", self.called[key[1]], *key[2:])
        return ".".join(str(part) for part in key)


def place(tree: Any, key: Key) -> tuple[int, ...]:
    """Where a key stands in a file, for sorting; one that is not there ends in -1, before the rest of its table."""
    found: list[int] = []
    for part in key:
        if isinstance(tree, Mapping) and part in tree:
            found.append(list(tree).index(part))
        elif isinstance(tree, list) and isinstance(part, int) and part < len(tree):
            found.append(part)
        else:
            return (*found, -1)
        tree = tree[part]
    return tuple(found)


def find(name: str | Path) -> Path:
    """The file meant by a path or by a name in ``calibration/targets/``."""
    given = Path(name)
    home = HOME / "targets"
    try:
        if given.is_file():
            return given
        if len(given.parts) == 1:  # a name: what has folders in front means a file of one's own
            path = home / (given.name if given.suffix == ".toml" else f"{given.name}.toml")
            if path.is_file():
                return path
        there = given.exists()
    except OSError as error:
        raise TargetsError([Defect(str(name), "", f"cannot be read: {error.strerror}")]) from None
    if there:
        hint = "name a targets file (.toml), or one in calibration/targets/"
        raise TargetsError([Defect(str(given), "", "is not a file", hint)])
    known = sorted(p.stem for p in home.glob("*.toml"))
    hint = near(given.stem, known) or f"targets here: {', '.join(known)}"
    raise TargetsError([Defect(str(name), "", "there is no such targets file", hint)])


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    """A file's text and what stands in it, numbers with their digits. A byte order mark in front is passed over."""
    try:
        read(path)  # refuses what is too large, no text or no TOML, in the words of scenario files
    except ScenarioError as error:
        if not _marked(path):
            raise TargetsError(error.defects) from None
    try:
        text = path.read_text(encoding="utf-8-sig")
        return text, tomllib.loads(text, parse_float=_decimal)
    except UnicodeDecodeError:
        raise TargetsError([Defect(str(path), "", "is not text in UTF-8", "save it as UTF-8")]) from None
    except (OSError, ValueError, RecursionError) as error:
        raise TargetsError([Defect(str(path), "", f"is not valid TOML: {error}")]) from None


def _marked(path: Path) -> bool:
    """Whether a file begins with a byte order mark, as some editors put it."""
    try:
        with path.open("rb") as file:
            return file.read(3) == b"\xef\xbb\xbf"
    except OSError:
        return False


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except ArithmeticError:  # an exponent beyond all bounds
        return Decimal(float(text))


def load_targets(name: str | Path) -> Targets:
    """Read and check a targets file. Raises ``TargetsError`` with every defect."""
    path = find(name)
    text, tree = _read(path)
    checks = _Checks(str(path), tree)
    file, checks.wrong, checks.holes = sound(TargetsFile, _without_decimals(tree))
    if file is None:
        raise TargetsError(checks.defects())
    standard, _, _ = sound(
        TargetsFile,
        {"title": "standard", "windows": {}, **tomllib.loads(STANDARD.read_text(encoding="utf-8"))},
    )
    assert standard is not None
    definitions = _definitions(file, checks)
    windows = {name: _figures(name, table, file, definitions, checks) for name, table in file.windows.items()}
    _windows(windows, checks)
    bases = _weights(("basis",), file.basis, BASES, checks, "basis")
    loaded, ground, certain = _scenario(file, path, windows, checks)
    changes = tuple(_changes(file, checks))
    for figure in file.discrepancy:
        if figure != "other" and figure not in FIGURES:
            checks.unknown(("discrepancy", figure), figure, [*FIGURES, "other"], "figure")
    entries = (standard.free if file.free is None else file.free) or []
    checks.called = labels(entries, checks.holes)
    free, wrong = free_parameters(entries, ground, certain, checks.holes)
    checks.wrong += wrong if ("free",) not in checks.holes else []
    if ground is not None and certain:
        checks.elsewhere += [Defect(str(ground.path), "", problem) for problem in supported(ground.scenario)]
    defects = checks.defects()
    warnings = _doubts(windows, entries, checks)
    if defects or loaded is None:
        raise TargetsError(defects, warnings)
    spans = loaded.scenario.time.windows
    return Targets(
        path=path,
        title=file.title,
        title_zh=file.title_zh or file.title,
        source=file.source,
        loaded=loaded,
        windows={n: Window(n, spans[n].first, spans[n].last, one.figures) for n, one in windows.items()},
        changes=changes,
        bases=bases,
        discrepancy={**standard.discrepancy, **file.discrepancy},
        discrepancy_source=file.discrepancy_source,
        free=tuple(free),
        policy=file.policy,
        seed=file.seed,
        text=text,
        warnings=tuple(warnings),
    )


def _without_decimals(value: Any, printed: bool = False) -> Any:
    """Decimals stay decimals where a printed number stands (in windows and changes), else become floats."""
    if isinstance(value, dict):
        return {k: _without_decimals(v, printed or k in ("windows", "printed")) for k, v in value.items()}
    if isinstance(value, list):
        return [_without_decimals(v, printed) for v in value]
    return float(value) if isinstance(value, Decimal) and not printed else value


@dataclass(slots=True)
class _Dated:
    """A window as written. ``first``, ``last``: None where the scenario's hold; ``figures``: those that are sound;
    ``fitted``: all that there are to be fitted, sound or not, None for one whose name is not known.
    """

    first: date | None = None
    last: date | None = None
    figures: dict[str, Figure] = field(default_factory=dict)
    fitted: list[str | None] = field(default_factory=list)


def _definitions(file: TargetsFile, checks: _Checks) -> dict[str, dict[str, float]]:
    """What figures may mean in all windows: checked once, whether or not a window has the figure."""
    found = {}
    for figure, weights in file.definitions.items():
        key = ("definitions", figure)
        if figure not in FIGURES:
            checks.unknown(key, figure, FIGURES, "figure")
        else:
            found[figure] = _weights(key, weights, MEASURES, checks, "measure", candidates(figure))
    return found


def _figures(
    name: str,
    table: Mapping[str, Any],
    file: TargetsFile,
    definitions: Mapping[str, Mapping[str, float]],
    checks: _Checks,
) -> _Dated:
    """One window's dates and figures."""
    found = _Dated()
    for figure, entry in table.items():
        key = ("windows", name, figure)
        if figure in ("first", "last"):
            if type(entry) is date:
                setattr(found, figure, entry)
            else:
                hint = "write it without quotation marks" if isinstance(entry, str) else ""
                checks.add(key, f"{quoted(entry)} is not a date YYYY-MM-DD", hint)
                checks.holes.add(key)
        elif figure not in FIGURES:
            known = [*FIGURES, "first", "last"]
            checks.unknown(key, figure, known, "figure")
            probably = closest(figure, [n for n in known if n not in table])
            if probably:
                checks.holes.add(("windows", name, probably))  # so that it is not missed besides
            if probably not in ("first", "last", *INPUTS):
                found.fitted.append(probably or None)
        else:
            _figure(found, name, figure, entry, file, definitions, checks)
    _together(name, found.figures, checks)
    if found.first and found.last and found.last < found.first:
        checks.add(("windows", name, "last"), f"{found.last} is before first ({found.first})")
        checks.holes.add(("windows", name, "last"))
    return found


def _figure(
    into: _Dated,
    window: str,
    figure: str,
    entry: Any,
    file: TargetsFile,
    definitions: Mapping[str, Mapping[str, float]],
    checks: _Checks,
) -> None:
    """One figure, put into its window if nothing is wrong with it."""
    key, before = ("windows", window, figure), len(checks.wrong)
    table = entry if isinstance(entry, dict) else {"printed": entry}
    said, wrong, holes = sound(
        FigureEntry, {k: v if k == "printed" else _without_decimals(v) for k, v in table.items()}
    )
    checks.wrong += [Wrong((*key, *one.key), one.problem, one.hint) for one in wrong]
    checks.holes |= {(*key, *hole) for hole in holes}
    if said is None:
        return
    role: Role = "held_out" if said.held_out else said.use or ("input" if figure in INPUTS else "fit")
    if role == "fit" or not (checks.whole(*key, "use") and checks.whole(*key, "held_out")):
        into.fitted.append(figure)
    allowed = candidates(figure)
    measures = definitions.get(figure) or dict.fromkeys(
        allowed[:1] if figure in INPUTS else allowed, 1.0 / (1 if figure in INPUTS else len(allowed))
    )
    if said.measures is not None:
        measures = _weights((*key, "measures"), said.measures, MEASURES, checks, "measure", allowed)
    if not checks.whole(*key, "printed"):
        return
    printed = _number(key, said.printed, said.rounding, checks)
    problem = _impossible(figure, printed) if printed is not None else ""
    if printed is not None and problem:
        checks.add(key, f"{quoted(printed.text)}: {problem}")
    if printed is not None and len(checks.wrong) == before:
        source = said.source or file.source
        into.figures[figure] = Figure(
            window, figure, printed, measures, role, said.reason, source, said.reason_zh
        )


def _windows(windows: Mapping[str, _Dated], checks: _Checks) -> None:
    """That there are windows, not too many, and something in them to be fitted."""
    if ("windows",) in checks.holes:
        return
    if not windows:
        checks.add(("windows",), "there is none", 'write [windows."2018"] and the figures printed for it')
    elif len(windows) > MOST_WINDOWS:
        checks.add(("windows",), f"{len(windows)} windows; at most {MOST_WINDOWS}")
    elif not any(one.fitted or ("windows", name) in checks.holes for name, one in windows.items()):
        checks.add(("windows",), "no figure is there to be fitted")


def _number(key: Key, value: Any, rounding: Rounding, checks: _Checks) -> Printed | None:
    try:
        return as_printed(value, rounding)
    except ValueError as error:
        checks.add(key, f"{quoted(value)}: {error}")
    except ArithmeticError:  # a whole number or an exponent beyond all bounds
        checks.add(key, f"{quoted(value)}: is too large or too small for a number")
    return None


def _impossible(figure: str, printed: Printed) -> str:
    """Why a figure cannot be, by itself; empty if it can."""
    x = printed.value
    if not math.isfinite(x):
        return "is not finite"
    if figure in COUNTS and (x < 0 or x != round(x)):
        return "a count is a whole number of at least 0"
    if figure in SHARES and not 0.0 <= x <= 1.0:
        return "a rate is between 0 and 100 %"
    if figure == "premium" and x <= -1.0:
        return "a premium is above -100 %"
    return "is negative" if x < 0 and figure != "premium" else ""


def _together(window: str, figures: Mapping[str, Figure], checks: _Checks) -> None:
    """Figures of one window that exclude each other whatever they mean."""
    value = {name: f.value for name, f in figures.items()}
    if value.get("cases", 0.0) > value.get("lots", math.inf):
        checks.add(
            ("windows", window, "cases"),
            f"{value['cases']:,.0f} cases own {value['lots']:,.0f} lots: every case has one",
        )
        checks.holes.add(("windows", window, "cases"))
    if value.get("sold", 1.0) == 0.0 and value.get("turnover", 0.0) > 0.0:
        checks.add(("windows", window, "turnover"), "there is turnover, and nothing was sold")
    if value.get("turnover", 1.0) == 0.0 and value.get("sold", 0.0) > 0.0:
        checks.add(("windows", window, "turnover"), f"is 0, and {value['sold']:,.0f} lots were sold")


def _weights(
    key: Key, said: Weights, known: tuple[str, ...], checks: _Checks, what: str, allowed: tuple[str, ...] = ()
) -> dict[str, float]:
    """Names with weights that add up to 1."""
    table = (
        {said: 1.0} if isinstance(said, str) else dict.fromkeys(said, 1.0) if isinstance(said, list) else said
    )
    for name, weight in table.items():
        if name not in known:
            checks.unknown(key, name, allowed or known, what)
        elif allowed and name not in allowed:
            checks.add(
                key, f"{quoted(name)} is not what this figure can stand for", f"allowed: {', '.join(allowed)}"
            )
        if not weight > 0.0 or not math.isfinite(weight):
            checks.add(key, f"weight of {name} is {weight:g}; a weight is above 0")
    total = sum(table.values())
    if not table and checks.whole(*key):
        checks.add(key, "names nothing", f"known: {', '.join(allowed or known)}")
    return {name: weight / total for name, weight in table.items()} if total > 0 else dict(table)


def _changes(file: TargetsFile, checks: _Checks) -> Iterator[Change]:
    """Printed growth rates and differences, with windows and figures that exist."""
    entries: list[tuple[str, int, Growth | Difference]] = [
        *(("growth", i, one) for i, one in enumerate(file.growth)),
        *(("differences", i, one) for i, one in enumerate(file.differences)),
    ]
    for table, i, one in entries:
        key, before = (table, i), len(checks.wrong)
        named = [getattr(one, end) for end in ("since", "window") if checks.whole(*key, end)]
        for name in dict.fromkeys(named):
            if name not in file.windows and ("windows",) not in checks.holes:
                checks.unknown(key, name, file.windows, "window")
        if one.figure not in FIGURES:
            if checks.whole(*key, "figure"):
                checks.unknown((*key, "figure"), one.figure, FIGURES, "figure")
        else:
            bare = [n for n in dict.fromkeys(named) if one.figure not in file.windows.get(n, one.figure)]
            bare = [n for n in bare if whole(("windows", n, one.figure), checks.holes)]
            if bare:
                checks.add(key, f"{one.figure} was not printed for {' and '.join(bare)}")
        if len(named) == 2 and named[0] == named[1]:
            checks.add(key, f"since and window are the same, {quoted(named[0])}")
        if checks.whole(*key, "printed"):
            printed = _number((*key, "printed"), one.printed, one.rounding, checks)
            if printed is not None and len(checks.wrong) == before:
                yield Change(one.figure, one.since, one.window, printed, table == "growth")


def _scenario(
    file: TargetsFile, path: Path, windows: Mapping[str, _Dated], checks: _Checks
) -> tuple[Loaded | None, Loaded | None, bool]:
    """The scenario with the windows in it, None where it cannot be had; the one to check parameters by; and whether
    that one is the file's own as far as parameters go (else it is without what is wrong with it, or the base).
    """
    sheets = [Sheet(f"{checks.path} [set]", _tree(file.set, checks))] if file.set else []
    if file.scenario is None:
        made = _listing(file, windows, checks)
        loaded = _try("base", [made, *sheets], checks) if made else None
        if made is None and sheets:
            _try("base", sheets, checks)  # for what is wrong with them
        ground = loaded or _quietly("base", sheets)
        return loaded, ground or _quietly("base"), ground is not None and checks.whole("scenario")
    own = path.parent / file.scenario
    try:
        name = own if own.is_file() else file.scenario
    except OSError:  # too long for the name of a file
        name = file.scenario
    loaded = _try(name, sheets, checks)
    ground = loaded or _quietly(name)
    if ground is None and sheets:
        checks.elsewhere += _anywhere(sheets[0])
    spans = {}
    if loaded or not any(key.split(".")[0] == "time" for key in file.set):
        spans = _spans(file.scenario, ground, windows, checks)
    if loaded is None:
        return None, ground or _quietly("base"), False
    dates = {n: {"first": first, "last": last} for n, (first, last) in spans.items()}
    dated = Sheet(f"{checks.path} [windows]", {"time": {"windows": dates}})
    return _try(loaded.path, [*sheets, dated], checks), loaded, True


def _try(name: str | Path, sheets: Sequence[Sheet], checks: _Checks) -> Loaded | None:
    """The scenario with sheets laid over it; None, and what is wrong with it, where it cannot be had."""
    try:
        return load(name, overlays=list(sheets))
    except OSError as error:
        checks.add(("scenario",), f"{quoted(str(name))} cannot be read: {error.strerror}")
    except ScenarioError as error:
        for one in error.defects:
            if one.file == MADE:
                _of_windows(one, checks)
            elif one.file == str(name) and not one.key and not Path(name).is_file():
                checks.add(("scenario",), f"{quoted(str(name))}: {one.problem}", one.hint)
            else:
                checks.elsewhere.append(one)
    return None


def _of_windows(one: Defect, checks: _Checks) -> None:
    """A defect of the docket that was made of the windows, told of the figure it was made of."""
    at = re.fullmatch(r'docket\.periods\."?(.+?)"?\.(cases|lots)', one.key)
    if at is None:
        checks.elsewhere.append(replace(one, file=f"{checks.path} [windows]"))
        return
    key = ("windows", at[1], at[2])
    if place(checks.tree, key)[-1] >= 0:  # else it is the lots again: a case each, where cases are not told
        checks.add(key, one.problem)


def _anywhere(sheet: Sheet) -> list[Defect]:
    """What is wrong with a sheet whatever scenario it is laid over: keys, types and ranges."""
    try:
        load("base", overlays=[sheet])
    except ScenarioError as error:
        mine = [one for one in error.defects if one.file == sheet.name]
        return [one for one in mine if re.search(r"unknown key| is not | is out of range", one.problem)]
    return []


def _quietly(name: str | Path, sheets: Sequence[Sheet] = ()) -> Loaded | None:
    """A scenario whose defects, if it has any, are told elsewhere."""
    try:
        return load(name, overlays=list(sheets))
    except (ScenarioError, OSError):
        return None


def _spans(
    scenario: str, ground: Loaded | None, windows: Mapping[str, _Dated], checks: _Checks
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
            there = f"windows there: {', '.join(time.windows)}; or give first and last"
            checks.add(("windows", name), f"{scenario} has no window of this name", there)
            continue
        given = {n: d for n, d in sane.items() if d is not None}
        backward = first is not None and last is not None and len(given) == 2 and last < first
        if backward:
            checks.add(
                ("windows", name, "last" if one.last else "first"), f"last ({last}) is before first ({first})"
            )
        if any(d < time.start or d > time.end for d in given.values()):
            span = " to ".join(str(d) for d in given.values())
            inside = f"({time.start} to {time.end})"
            checks.add(("windows", name), f"{span} lies outside the scenario {inside}")
        elif first and last and len(given) == 2 and not backward:
            found[name] = (first, last)
    return found


def _tree(paths: Mapping[str, Any], checks: _Checks) -> dict[str, Any]:
    """``{"time.start": x}`` as nested tables; tables given as such are kept."""
    tree: dict[str, Any] = {}
    for path, value in paths.items():
        *head, last = path.split(".")
        inner = tree
        for part in head:
            inner = inner.setdefault(part, {})
            if not isinstance(inner, dict):
                break
        if not isinstance(inner, dict) or isinstance(inner.get(last), dict):
            checks.add(("set", path), "is set twice: once as a table, once as a value")
            continue
        inner[last] = value
    return tree


def _listing(file: TargetsFile, windows: Mapping[str, _Dated], checks: _Checks) -> Sheet | None:
    """A docket made of the windows themselves: the printed lots are listed evenly over each of them. Windows that will
    not do are left out, and told.
    """
    time: dict[str, Any] = {"windows": {"2017": False}}
    periods: dict[str, Any] = {"year": False}
    spans = []
    for name, one in windows.items():
        if ("windows", name) in checks.holes or not checks.whole("scenario"):
            continue
        dates = [n for n in ("first", "last") if checks.whole("windows", name, n)]
        if any(getattr(one, n) is None for n in dates):
            checks.add(("windows", name), "first and last are needed where no scenario is named")
        if "lots" not in file.windows[name] and checks.whole("windows", name, "lots"):
            checks.add(
                ("windows", name),
                "lots are needed where no scenario is named",
                "how many lots were listed sets the docket",
            )
        if one.first is None or one.last is None or "lots" not in one.figures or len(dates) < 2:
            continue
        spans.append((one.first, one.last))
        lots = one.figures["lots"].value
        time["windows"][name] = {"first": one.first, "last": one.last}
        told = "cases" in one.figures and checks.whole("windows", name, "cases")
        periods[name] = {
            "first": one.first, "last": one.last, "cases": one.figures["cases"].value if told else lots, "lots": lots,
        }  # fmt: skip
    if not spans:
        return None
    time |= {"start": min(first for first, _ in spans), "end": max(last for _, last in spans)}
    docket = {"mode": "listing", "exact": True, "periods": periods}
    courts = {
        "adoption": {"2017-01-01": 1.0, time["start"].isoformat(): 1.0}
    }  # all courts online from the start
    return Sheet(MADE, {"time": time, "docket": docket, "courts": courts})


def _doubts(windows: Mapping[str, _Dated], entries: Sequence[FreeEntry], checks: _Checks) -> list[Defect]:
    """What is no defect but should be known before a run. It is told beside defects too, of which it is sure: a figure
    or parameter that is not understood is taken for one of which, or by which, anything may be told.
    """
    if ("free",) in checks.holes or ("windows",) in checks.holes:
        return []
    slots: list[tuple[str, str | None, Sequence[str]]] = []
    for i, entry in enumerate(entries):
        paths = [entry.path] if isinstance(entry.path, str) else entry.path
        paths = paths if checks.whole("free", i, "path") else []
        name = entry.name or next(iter(paths), f"free.{i}")
        slots += [(f"{name}@{w}", w, paths) for w in windows] if entry.per_window else [(name, None, paths)]
    fitted = [
        (n, figure, one.figures.get(figure or "")) for n, one in windows.items() for figure in one.fitted
    ]
    telling = [(w, name) for w, name, one in fitted if not _repeats(one, windows[w].figures)]
    short = _shortage(slots, telling)
    if not short.number or not fitted:
        return []
    problem = f"{_number_of(slots, 'free parameter')}, {_number_of(fitted, 'figure')} to fit them to"
    if idle := len(fitted) - len(telling):
        problem += f", {idle} of which " + ("repeats another" if idle == 1 else "repeat others")
    elif len(slots) <= len(fitted):
        problem += ", not all of which tell of all"
    return [Defect(checks.path, "free", problem, f"driven by their priors: {', '.join(short.told())}")]


def _number_of(things: Collection[Any], word: str) -> str:
    return f"{len(things)} {word}" + ("s" if len(things) != 1 else "")


# Parameters of which only figures in yuan and premiums say anything: the others stay as they are, whatever these are.
# Of every other parameter every figure says something.
IN_YUAN: Final = re.compile(r"kinds\.[^.]+\.value_(median|log_sd)|start\.token_ratio")
YUAN: Final = ("turnover", "commission", "premium")


@dataclass(frozen=True, slots=True)
class _Shortage:
    """By how many parameters exceed the figures that tell of them. ``bare``: of these no figure tells anything;
    ``some``: the rest of the shortage is among these.
    """

    number: int
    bare: list[str]
    some: list[str]

    def told(self, lang: str = "en") -> list[str]:
        """The parameters that priors drive, as items of a list."""
        least = self.number - len(self.bare)
        if not least:
            return self.bare
        if lang == "zh":
            return [*self.bare, f"{'、'.join(self.some)}中至少{least}个"]
        return [*self.bare, f"at least {least} of: {', '.join(self.some)}"]


def driven(targets: Targets, lang: str = "en") -> list[str]:
    """Free parameters that are driven by their priors, as items of a list: those in excess of the figures.

    Each fitted figure can pin down one parameter, of those that it tells of: of its own window's or of all windows',
    and of market values only if it is in yuan. As many parameters as can be are given a figure of their own; those
    left over are in excess. Which ones these are a fit decides, not a count: a figure may pin down any of the
    parameters that compete for it. So parameters that no figure tells of are named, and of those that compete for
    too few figures it is said how many at least are driven: "at least 3 of: interest, noise, spread, location".
    "At least", for figures may also tell the same.
    """
    slots = [
        (one.name, one.window, one.free.paths) for one in space(targets.free, list(targets.windows)).slots
    ]
    fitted = [
        (f.window, f.name)
        for f in targets.figures("fit")
        if not _repeats(f, targets.windows[f.window].figures)
    ]
    return _shortage(slots, fitted).told(lang)


def _repeats(figure: Figure | None, window: Mapping[str, Figure]) -> bool:
    """Whether a figure says nothing that another of its window does not, whatever the reading."""
    if figure is None:
        return False
    if figure.name == "commission":
        return set(figure.measures) == {"commission_saved_flat"}  # 5 % of turnover
    rate = window.get("sale_rate")
    return (  # sold = rate x lots
        figure.name == "sold" and "lots" in window and window["lots"].role != "assumed"
        and rate is not None and rate.role == "fit" and set(rate.measures) == {"sale_rate_listed"}
    )  # fmt: skip


def _shortage(
    slots: Sequence[tuple[str, str | None, Sequence[str]]], figures: Sequence[tuple[str, str | None]]
) -> _Shortage:
    """Parameters (name, window, paths) against figures (window, name): a largest matching of the two, and from each
    parameter that it leaves over, all that could be left over in its stead (Dulmage and Mendelsohn 1958).
    """
    tell = [
        [
            f for f, (where, figure) in enumerate(figures)
            if window in (None, where) and (figure in (None, *YUAN) or not in_yuan)
        ]
        for _, window, paths in slots
        for in_yuan in [bool(paths) and all(IN_YUAN.fullmatch(path) for path in paths)]
    ]  # fmt: skip
    of: dict[int, int] = {}  # figure -> its parameter
    number, short = 0, set[int]()
    for slot in range(len(slots)):
        reached: dict[int, int] = {}  # figure -> the parameter it was reached from
        queue, seen, unused = deque([slot]), {slot}, None
        while queue and unused is None:
            one = queue.popleft()
            for f in tell[one]:
                if f in reached:
                    continue
                reached[f] = one
                if f not in of:
                    unused = f
                    break
                queue.append(of[f])
                seen.add(of[f])
        if unused is None:
            number += 1
            short |= seen
        while unused is not None:  # back to where we came from, each parameter taking the figure it reached
            one = reached[unused]
            before = next((f for f, owner in of.items() if owner == one), None)
            of[unused] = one
            unused = before
    names = [(slots[i][0], bool(tell[i])) for i in sorted(short)]
    return _Shortage(number, [n for n, told in names if not told], [n for n, told in names if told])
