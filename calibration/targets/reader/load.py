"""A targets file, read and checked.

Everything that is wrong is reported at once, before any run (``TargetsError``), each defect once: no check waits for
another, and none uses what another has refused. What is only doubtful (fewer figures than free parameters) is kept
in ``warnings``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from calibration.targets.interpretations import BASES, FIGURES
from calibration.targets.parameter_space import Free
from calibration.targets.reader.base_scenario import stand_on
from calibration.targets.reader.defects import Checks, TargetsError, near, whole
from calibration.targets.reader.evidence import evidence_of
from calibration.targets.reader.free_parameters import free_parameters, labels
from calibration.targets.reader.prior_driven import doubts
from calibration.targets.reader.supported import reaching, supported
from calibration.targets.reader.well_typed import sound
from calibration.targets.reader.windows import (
    Dated,
    check_fitted,
    check_windows,
    definitions,
    exact,
    figures_of,
    number,
    plain_numbers,
    weights,
)
from calibration.targets.reader.workbook import is_workbook, read_workbook
from calibration.targets.schema import Difference, FreeEntry, Growth, TargetsFile
from calibration.targets.targets import HOME, Change, Reported, Targets, Window
from sim.locale.foreign import reason
from sim.locale.language import said
from sim.scenario import Loaded, ScenarioError
from sim.scenario.errors import Defect, joined, quoted
from sim.scenario.files import as_tree, content

STANDARD: Final = Path(__file__).with_name("standard.toml")


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
        raise TargetsError([Defect(str(name), "", said("file.unreadable", why=reason(error)))]) from None
    if there:
        raise TargetsError([Defect(str(given), "", said("file.not"), said("target.file"))])
    known = sorted(p.stem for p in home.glob("*.toml"))
    hint = near(given.stem, known) or said("target.here", names=joined(known))
    raise TargetsError([Defect(str(name), "", said("target.no_file"), hint)])


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    """A file's text and what stands in it, numbers with their digits."""
    try:
        text = content(path)
        return text, as_tree(path, text, exact)
    except ScenarioError as error:
        raise TargetsError(error.defects) from None


@dataclass(frozen=True, slots=True)
class _Given:
    """A file as written: its text, its keys, its windows and published changes, and what is wrong with them so far."""

    path: Path
    text: str
    file: TargetsFile
    checks: Checks
    windows: Mapping[str, Dated]
    changes: tuple[Change, ...]

    def reported(self, loaded: Loaded | None) -> dict[str, Any]:
        """What it reports, the windows dated by the scenario if there is one."""
        spans = loaded.scenario.time.windows if loaded else self.windows
        windows = {
            name: Window(name, spans[name].first, spans[name].last, one.figures)
            for name, one in self.windows.items()
        }
        file = self.file
        return {
            "path": self.path, "title": file.title, "title_zh": file.title_zh or file.title, "source": file.source,
            "windows": windows, "changes": self.changes, "text": self.text, "scenario": loaded.toml() if loaded else "",
        }  # fmt: skip


def load_reported(name: str | Path) -> Reported:
    """Read and check a targets file for the audit, which runs no model: no scenario is needed, and nothing to be fitted.
    Raises ``TargetsError`` with every defect.
    """
    given = _given(name)
    loaded, ground, certain = stand_on(given.file, given.path, given.windows, given.checks, model=False)
    _parameters(given, ground, certain)
    evidence_of(given.file, given.path, ground, certain, given.checks)  # for what is wrong with it
    if defects := given.checks.defects():
        raise TargetsError(defects)
    return Reported(**given.reported(loaded))


def load_targets(name: str | Path) -> Targets:
    """Read and check a targets file. Raises ``TargetsError`` with every defect."""
    given = _given(name)
    file, checks = given.file, given.checks
    check_fitted(given.windows, checks)
    loaded, ground, certain = stand_on(file, given.path, given.windows, checks)
    entries, free, bases = _parameters(given, ground, certain)
    evidence = evidence_of(file, given.path, ground, certain, checks)
    if ground is not None and certain:
        problems = dict.fromkeys([*supported(ground.scenario), *reaching(ground.scenario, free)])
        checks.elsewhere += [Defect(str(ground.path), "", problem) for problem in problems]
    defects = checks.defects()
    warnings = doubts(given.windows, entries, checks)
    if defects or loaded is None:
        raise TargetsError(defects, warnings)
    return Targets(
        **given.reported(loaded),
        loaded=loaded,
        bases=bases,
        discrepancy={**_standard().discrepancy, **file.discrepancy},
        discrepancy_source=file.discrepancy_source,
        free=tuple(free),
        policy=file.policy,
        seed=file.seed,
        evidence=evidence,
        warnings=tuple(warnings),
    )


def _read_any(path: Path) -> tuple[str, Checks]:
    """A file of either kind: what it says as a targets file, and what is wrong with it so far."""
    if is_workbook(path):
        sheet = read_workbook(path)
        return sheet.text, Checks(
            str(path), sheet.tree, holes=sheet.holes, elsewhere=sheet.defects, cells=sheet.cells
        )
    text, tree = _read(path)
    return text, Checks(str(path), tree)


def _given(name: str | Path) -> _Given:
    """The file, its windows and changes checked."""
    path = find(name)
    text, checks = _read_any(path)
    tree = checks.tree
    file, checks.wrong, holes = sound(TargetsFile, plain_numbers(tree))
    checks.holes |= holes
    if file is None:
        raise TargetsError(checks.defects())
    meanings = definitions(file, checks)
    windows = {name: figures_of(name, table, file, meanings, checks) for name, table in file.windows.items()}
    check_windows(windows, checks)
    return _Given(path, text, file, checks, windows, tuple(_changes(file, checks)))


def _parameters(
    given: _Given, ground: Loaded | None, certain: bool
) -> tuple[Sequence[FreeEntry], list[Free], dict[str, float]]:
    """Free parameters as written and as understood, and the weights of bases; all else that a fit needs is checked."""
    file, checks = given.file, given.checks
    bases = weights(("basis",), file.basis, BASES, checks, "basis")
    for figure in file.discrepancy:
        if figure != "other" and figure not in FIGURES:
            checks.unknown(("discrepancy", figure), figure, [*FIGURES, "other"], "figure")
    entries = (_standard().free if file.free is None else file.free) or []
    checks.called = labels(entries, checks.holes)
    free, wrong = free_parameters(entries, ground, certain, checks.holes)
    checks.wrong += wrong if ("free",) not in checks.holes else []
    return entries, free, bases


@cache
def _standard() -> TargetsFile:
    """What holds where a file says nothing."""
    own = tomllib.loads(STANDARD.read_text(encoding="utf-8"))
    file, _, _ = sound(TargetsFile, {"title": "standard", "windows": {}, **own})
    assert file is not None
    return file


def _changes(file: TargetsFile, checks: Checks) -> Iterator[Change]:
    """Published growth rates and differences, with windows and figures that exist."""
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
                checks.add(
                    key,
                    said(
                        "target.unpublished",
                        figure=one.figure,
                        windows=joined(bare)
                        if len(bare) < 2
                        else said("axis.pair", one=bare[0], other=bare[1]),
                    ),
                )
        if len(named) == 2 and named[0] == named[1]:
            checks.add(key, said("target.same", value=quoted(named[0])))
        if checks.whole(*key, "published"):
            published = number((*key, "published"), one.published, one.rounding, checks)
            if published is not None and len(checks.wrong) == before:
                yield Change(one.figure, one.since, one.window, published, table == "growth")
