"""A targets file, read and checked: what was printed, what it may mean, what is free, and on which scenario.

Everything that is wrong is reported at once, before any run (``TargetsError``); what is only doubtful (fewer figures
than free parameters) is kept in ``warnings``.
"""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

import calibration
from calibration.fates import supported
from calibration.parameters import Free, free_parameters
from calibration.printed import Printed, Rounding, as_printed
from calibration.readings import BASES, COUNTS, FIGURES, MEASURES, Reading, candidates, readings
from calibration.schema import Difference, FigureEntry, Growth, Policy, Role, TargetsFile, Weights
from sim.scenario import Loaded, ScenarioError, load
from sim.scenario.errors import Defect, quoted
from sim.scenario.files import read
from sim.scenario.load import Sheet

HOME: Final = Path(calibration.__file__).resolve().parent
STANDARD: Final = HOME / "standard.toml"
INPUTS: Final = ("cases", "lots")  # set by the docket, so nothing is learnt from meeting them
SHARES: Final = ("sale_rate", "sale_rate_final", "sale_rate_ended", "sale_rate_listed", "sale_rate_round")


class TargetsError(ScenarioError):
    """A targets file that cannot be used; ``defects`` are all that is wrong with it."""


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
    """Defects as they are found, all of one file."""

    path: str
    defects: list[Defect] = field(default_factory=list)

    def add(self, key: str, problem: str, hint: str = "") -> None:
        self.defects.append(Defect(self.path, key, problem, hint))

    def unknown(self, key: str, name: str, known: tuple[str, ...] | list[str], what: str) -> None:
        near = difflib.get_close_matches(name, known, 1, 0.5)
        self.add(
            key,
            f"{quoted(name)} is not a {what}",
            f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}",
        )


def find(name: str | Path) -> Path:
    """The file meant by a path or by a name in ``calibration/targets/``."""
    given = Path(name)
    if given.is_file():
        return given
    home = HOME / "targets"
    if (path := home / (given.name if given.suffix == ".toml" else f"{given.name}.toml")).is_file():
        return path
    known = sorted(p.stem for p in home.glob("*.toml"))
    near = difflib.get_close_matches(given.stem, known, 1, 0.5)
    hint = f"did you mean {near[0]}?" if near else f"targets here: {', '.join(known)}"
    raise TargetsError([Defect(str(name), "", "there is no such targets file", hint)])


def load_targets(name: str | Path) -> Targets:
    """Read and check a targets file. Raises ``TargetsError`` with every defect."""
    path = find(name)
    try:
        read(path)  # refuses what is too large, no text or no TOML, in the words of scenario files
    except ScenarioError as error:
        raise TargetsError(error.defects) from None
    text = path.read_text(encoding="utf-8")
    checks = _Checks(str(path))
    file = _shape(tomllib.loads(text, parse_float=Decimal), checks)
    if file is None:
        raise TargetsError(checks.defects)
    standard = TargetsFile.model_validate(
        {"title": "standard", "windows": {"none": {}}, **tomllib.loads(STANDARD.read_text(encoding="utf-8"))}
    )
    windows = {name: _figures(name, table, file, checks) for name, table in file.windows.items()}
    bases = _weights("basis", file.basis, BASES, checks, "basis")
    loaded = _scenario(file, path, windows, checks)
    changes = tuple(_changes(file, windows, checks))
    discrepancy = {**standard.discrepancy, **file.discrepancy}
    for figure in file.discrepancy:
        if figure != "other" and figure not in FIGURES:
            checks.unknown(f"discrepancy.{figure}", figure, [*FIGURES, "other"], "figure")
    entries = standard.free if file.free is None else file.free
    free, found = free_parameters(entries or [], loaded, str(path))
    checks.defects += found
    if loaded is not None:
        checks.defects += [Defect(str(loaded.path), "", problem) for problem in supported(loaded.scenario)]
    if checks.defects or loaded is None:
        raise TargetsError(checks.defects)
    spans = loaded.scenario.time.windows
    targets = Targets(
        path=path,
        title=file.title,
        title_zh=file.title_zh or file.title,
        source=file.source,
        loaded=loaded,
        windows={n: Window(n, spans[n].first, spans[n].last, figures) for n, (_, figures) in windows.items()},
        changes=changes,
        bases=bases,
        discrepancy=discrepancy,
        discrepancy_source=file.discrepancy_source,
        free=tuple(free),
        policy=file.policy,
        seed=file.seed,
        text=text,
    )
    return _doubts(targets)


def _shape(tree: dict[str, Any], checks: _Checks) -> TargetsFile | None:
    """The file's keys and types; None, with defects, where they are wrong."""
    try:
        return TargetsFile.model_validate(_without_decimals(tree))
    except ValidationError as error:
        for one in error.errors():
            key = ".".join(str(part) for part in one["loc"] if not _is_type(part))
            if one["type"] == "extra_forbidden":
                known = sorted(TargetsFile.model_fields)
                near = difflib.get_close_matches(str(one["loc"][-1]), known, 1, 0.5)
                checks.add(
                    key, "unknown key", f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
                )
            elif not any(d.key == key for d in checks.defects):
                problem = (
                    "is missing"
                    if one["type"] == "missing"
                    else f"{quoted(one['input'])}: {one['msg'].lower()}"
                )
                checks.add(key, problem)
    return None


def _is_type(part: Any) -> bool:
    """Whether a step of pydantic's path names a branch of a union, not a key."""
    return isinstance(part, str) and ("[" in part or part in ("float", "str", "date", "int"))


def _without_decimals(value: Any, printed: bool = False) -> Any:
    """Decimals stay decimals where a printed number stands (in windows and changes), else become floats."""
    if isinstance(value, dict):
        return {k: _without_decimals(v, printed or k in ("windows", "printed")) for k, v in value.items()}
    if isinstance(value, list):
        return [_without_decimals(v, printed) for v in value]
    return float(value) if isinstance(value, Decimal) and not printed else value


Dated = tuple[tuple[Any, Any], dict[str, Figure]]


def _figures(name: str, table: dict[str, Any], file: TargetsFile, checks: _Checks) -> Dated:
    """One window's dates (None where the scenario's hold) and figures."""
    dates = (table.get("first"), table.get("last"))
    found: dict[str, Figure] = {}
    for figure, entry in table.items():
        key = f"windows.{name}.{figure}"
        if figure in ("first", "last"):
            if type(entry) is not date:
                checks.add(key, f"{quoted(entry)} is not a date YYYY-MM-DD")
            continue
        if figure not in FIGURES:
            checks.unknown(key, figure, [*FIGURES, "first", "last"], "figure")
            continue
        one = _figure(name, figure, entry, key, file, checks)
        if one is not None:
            found[figure] = one
    _together(name, found, checks)
    return dates, found


def _figure(
    window: str, figure: str, entry: Any, key: str, file: TargetsFile, checks: _Checks
) -> Figure | None:
    """One figure, or None with its defects noted."""
    try:
        said = FigureEntry.model_validate(entry if isinstance(entry, dict) else {"printed": entry})
    except ValidationError as error:
        for one in error.errors():
            where = ".".join(str(part) for part in one["loc"] if not _is_type(part))
            checks.add(
                f"{key}.{where}", "unknown key" if one["type"] == "extra_forbidden" else one["msg"].lower()
            )
        return None
    printed = _number(key, said.printed, said.rounding, checks)
    if printed is None:
        return None
    problem = _impossible(figure, printed)
    if problem:
        checks.add(key, f"{quoted(printed.text)}: {problem}")
        return None
    weights = said.measures if said.measures is not None else file.definitions.get(figure)
    allowed = candidates(figure)
    measures = _weights(
        f"{key}.measures" if said.measures is not None else f"definitions.{figure}",
        weights if weights is not None else list(allowed[:1] if figure in INPUTS else allowed),
        MEASURES, checks, "measure", allowed,
    )  # fmt: skip
    role: Role = "held_out" if said.held_out else said.use or ("input" if figure in INPUTS else "fit")
    return Figure(
        window, figure, printed, measures, role, said.reason, said.source or file.source, said.reason_zh
    )


def _number(key: str, value: Any, rounding: Rounding, checks: _Checks) -> Printed | None:
    try:
        return as_printed(value, rounding)
    except ValueError as error:
        checks.add(key, f"{quoted(value)}: {error}")
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
            f"windows.{window}.cases",
            f"{value['cases']:,.0f} cases own {value['lots']:,.0f} lots: every case has one",
        )
    if value.get("sold", 1.0) == 0.0 and value.get("turnover", 0.0) > 0.0:
        checks.add(f"windows.{window}.turnover", "there is turnover, and nothing was sold")
    if value.get("turnover", 1.0) == 0.0 and value.get("sold", 0.0) > 0.0:
        checks.add(f"windows.{window}.turnover", f"is 0, and {value['sold']:,.0f} lots were sold")


def _weights(
    key: str, said: Weights, known: tuple[str, ...], checks: _Checks, what: str, allowed: tuple[str, ...] = ()
) -> dict[str, float]:
    """Names with weights that add up to 1."""
    table = (
        {said: 1.0} if isinstance(said, str) else dict.fromkeys(said, 1.0) if isinstance(said, list) else said
    )
    for name, weight in table.items():
        if name not in known:
            checks.unknown(key, name, list(allowed or known), what)
        elif allowed and name not in allowed:
            checks.add(
                key, f"{quoted(name)} is not what this figure can stand for", f"allowed: {', '.join(allowed)}"
            )
        if not weight > 0.0 or not math.isfinite(weight):
            checks.add(key, f"weight of {name} is {weight:g}; a weight is above 0")
    total = sum(table.values())
    if not table:
        checks.add(key, "names nothing")
    return {name: weight / total for name, weight in table.items()} if total > 0 else dict(table)


def _changes(file: TargetsFile, windows: Mapping[str, Dated], checks: _Checks) -> Iterator[Change]:
    """Printed growth rates and differences, with windows and figures that exist."""
    entries: list[tuple[str, int, Growth | Difference]] = [
        *(("growth", i, one) for i, one in enumerate(file.growth)),
        *(("differences", i, one) for i, one in enumerate(file.differences)),
    ]
    for table, i, one in entries:
        key = f"{table}.{i}"
        before = len(checks.defects)
        for name in (one.since, one.window):
            if name not in windows:
                checks.unknown(key, name, list(windows), "window")
            elif one.figure not in windows[name][1]:
                checks.add(key, f"{one.figure} was not printed for {name}")
        printed = _number(f"{key}.printed", one.printed, one.rounding, checks)
        if printed is not None and len(checks.defects) == before:
            yield Change(one.figure, one.since, one.window, printed, table == "growth")


def _scenario(file: TargetsFile, path: Path, windows: Mapping[str, Dated], checks: _Checks) -> Loaded | None:
    """The scenario with the windows in it; defects where they do not fit."""
    sheets = [Sheet(f"{path} [set]", _tree(file.set))] if file.set else []
    try:
        if file.scenario is None:
            made = _listing(windows, checks)
            return load("base", overlays=[made, *sheets]) if made else None
        near = path.parent / file.scenario
        loaded = load(near if near.is_file() else file.scenario, overlays=sheets)
        added: dict[str, Any] = {}
        time = loaded.scenario.time
        for name, ((first, last), _) in windows.items():
            own = time.windows.get(name)
            first, last = first or (own.first if own else None), last or (own.last if own else None)
            if first is None or last is None:
                hint = f"windows there: {', '.join(time.windows)}; or give first and last"
                checks.add(f"windows.{name}", f"{file.scenario} has no window of this name", hint)
            elif type(first) is date and type(last) is date:
                if last < first:
                    checks.add(f"windows.{name}.last", f"{last} is before first ({first})")
                elif first < time.start or last > time.end:
                    checks.add(
                        f"windows.{name}",
                        f"{first} to {last} lies outside the scenario ({time.start} to {time.end})",
                    )
                added[name] = {"first": first, "last": last}
        if checks.defects:
            return loaded
        return load(loaded.path, overlays=[*sheets, Sheet(f"{path} [windows]", {"time": {"windows": added}})])
    except ScenarioError as error:
        checks.defects += error.defects
        return None


def _tree(paths: Mapping[str, Any]) -> dict[str, Any]:
    """``{"time.start": x}`` as nested tables; tables given as such are kept."""
    tree: dict[str, Any] = {}
    for path, value in paths.items():
        *head, last = path.split(".")
        inner = tree
        for part in head:
            inner = inner.setdefault(part, {})
        inner[last] = value
    return tree


def _listing(windows: Mapping[str, Dated], checks: _Checks) -> Sheet | None:
    """A docket made of the windows themselves: the printed lots are listed evenly over each of them."""
    time: dict[str, Any] = {"windows": {"2017": False}}
    periods: dict[str, Any] = {"year": False}
    spans = []
    for name, ((first, last), figures) in windows.items():
        if type(first) is not date or type(last) is not date:
            checks.add(f"windows.{name}", "first and last are needed where no scenario is named")
            continue
        if last < first:
            checks.add(f"windows.{name}.last", f"{last} is before first ({first})")
            continue
        if "lots" not in figures:
            checks.add(
                f"windows.{name}",
                "lots are needed where no scenario is named",
                "how many lots were listed sets the docket",
            )
            continue
        spans.append((first, last))
        lots = figures["lots"].value
        time["windows"][name] = {"first": first, "last": last}
        cases = figures["cases"].value if "cases" in figures else lots
        periods[name] = {"first": first, "last": last, "cases": cases, "lots": lots}
    if len(spans) < len(windows):
        return None
    time |= {"start": min(first for first, _ in spans), "end": max(last for _, last in spans)}
    docket = {"mode": "listing", "exact": True, "periods": periods}
    courts = {
        "adoption": {"2017-01-01": 1.0, time["start"].isoformat(): 1.0}
    }  # all courts online from the start
    return Sheet("windows of the targets file", {"time": time, "docket": docket, "courts": courts})


def _doubts(targets: Targets) -> Targets:
    """What is no defect but should be known before a run."""
    figures = len(list(targets.figures("fit")))
    unknowns = sum(len(targets.windows) if one.per_window else 1 for one in targets.free)
    warnings = []
    where = str(targets.path)
    if figures < unknowns:
        told = driven(targets)
        hint = f"driven by their priors: {', '.join(told)}" if told else "some are driven by their priors"
        warnings.append(
            Defect(where, "free", f"{unknowns} free parameters, {figures} figures to fit them to", hint)
        )
    if not figures:
        raise TargetsError([Defect(where, "windows", "no figure is there to be fitted")])
    return replace(targets, warnings=tuple(warnings))


INFORMS: Final[
    dict[str, tuple[str, ...]]
] = {  # root of a parameter's path -> figures that say something about it
    "interest": ("sold", "sale_rate", "participants", "premium"),
    "pricing": ("sold", "sale_rate", "participants", "premium"),
    "start": ("premium", "sale_rate", "sold"),
    "kinds": ("turnover", "commission", "premium"),
    "disposal": ("sale_rate", "sold"),
    "rounds": ("sale_rate", "sold", "participants"),
}


def driven(targets: Targets) -> list[str]:
    """Free parameters about which none, or too few, of the fitted figures say anything."""
    fitted = [f.name for f in targets.figures("fit")]
    found: list[str] = []
    for root in dict.fromkeys(one.paths[0].split(".")[0] for one in targets.free):
        mine = [one.name for one in targets.free if one.paths[0].split(".")[0] == root]
        informing = sum(name in INFORMS.get(root, fitted) for name in fitted)
        found += mine[informing:]
    return found
