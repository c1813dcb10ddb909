"""What ``calibrate run`` leaves: report, pictures, tables, draws for ``sim compare --draws``, a scenario, a manifest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from calibration.audit import report as audit_report
from calibration.report import fit_tables, parameter_tables, policy_tables, tables
from calibration.report.mixture import mixture
from calibration.result import Result
from calibration.store import code
from calibration.targets import Targets
from calibration.world import as_date
from sim.experiments.folder import FolderError, manifest, ours, write_manifest
from sim.experiments.manifest import MANIFEST, ManifestError, read_manifest, written
from sim.experiments.tables import write_csv
from sim.experiments.whole import write_whole

Floats = npt.NDArray[np.float64]

DRAWS: Final = 200  # lines of the file of draws
STEPS: Final = "steps"  # folder of finished steps


class OutputError(Exception):
    """A folder that cannot be used; the message says why and what to do."""


def prepare(out: Path, targets: Targets, force: bool, full: bool) -> None:
    """Make the folder ours before anything is computed, or go on with one that an earlier run of the same has left."""
    if out.exists() and not out.is_dir():
        raise OutputError(f"{out} is a file, not a folder; give another --out")
    about = {"targets": targets.text, "scenario": targets.loaded.toml()}
    if out.is_dir() and any(out.iterdir()):
        if not ours(out):
            raise OutputError(f"{out} is not empty and no run of this program made it; give another --out")
        if not force:
            _check_same(out, about)
    new = not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    state = manifest(
        [], about["scenario"], kind="calibration", complete=False, full=full, targets=targets.text
    )
    try:
        write_whole(out / MANIFEST, written(state))
    except OSError:
        if new:
            out.rmdir()
        raise


def _check_same(out: Path, about: dict[str, str]) -> None:
    """Raises ``OutputError`` if the folder is not of this calibration, or nobody can say."""
    try:
        held = read_manifest(out)
    except ManifestError as error:
        raise OutputError(
            f"{error}\n--force writes it anew; finished steps are kept, each has a checksum of its own"
        ) from None
    if held["kind"] != "calibration" or any(held[key] != value for key, value in about.items()):
        raise OutputError(
            f"{out} holds something else; give another --out, or --force to use it all the same"
        )


def write(
    out: Path, result: Result, lang: str, command: Sequence[str], jobs: int, scenario: Path | None
) -> Path:
    """Everything, each file whole; returns the report's path."""
    from calibration.report.page import page
    from sim.report.page.shell import render
    from sim.report.page.shell import write as write_page

    for name, rows in _tables(result).items():
        if rows:
            write_csv(out / f"{name}.csv", {key: [row[key] for row in rows] for key in rows[0]})
    write_csv(out / "audit.csv", audit_report.columns(result.findings, lang))
    paths = draws(result)
    if paths is not None:
        write_csv(out / "draws.csv", paths)
    text = calibrated(result)
    write_whole(out / f"{result.targets.path.stem}-calibrated.toml", text.encode())
    if scenario is not None:
        scenario.parent.mkdir(parents=True, exist_ok=True)
        write_whole(scenario, extending(result, scenario).encode())
    write_whole(out / "targets.toml", result.targets.text.encode())
    content = manifest(
        list(command), result.targets.loaded.toml(), kind="calibration", complete=True, full=result.settings.full,
        targets=result.targets.text, seed=result.targets.seed, seconds=round(sum(result.seconds.values()), 1), jobs=jobs,
        code=code(), window=result.window,
    )  # fmt: skip
    path = out / "report.html"
    write_page(path, render(page(result, lang, content, out)))
    write_manifest(out, content, without=STEPS)  # what can be computed again has checksums of its own
    return path


def _tables(result: Result) -> dict[str, list[tables.Row]]:
    return {
        "fit": [row for case in result.cases for row in fit_tables.fit_rows(case)],
        "readings": fit_tables.reading_rows(result),
        "targets": fit_tables.target_rows(result),
        "parameters": parameter_tables.parameter_rows(result),
        "quantities": parameter_tables.quantity_rows(result),
        "verification": parameter_tables.verification_rows(result),
        "starts": parameter_tables.start_rows(result),
        "directions": parameter_tables.direction_rows(result),
        "adequacy": parameter_tables.adequacy_rows(result),
        "sensitivity": policy_tables.sensitivity_rows(result),
        "policy": policy_tables.policy_rows(result),
        "simulator": policy_tables.simulator_rows(result),
        "waiting": policy_tables.waiting_rows(result),
        "validation": fit_tables.validation_rows(result),
        "profiles": _profile_rows(result),
    }


def _profile_rows(result: Result) -> list[tables.Row]:
    lead = result.leading
    slots = result.world.space.slots
    return [
        {
            "parameter": slots[one.slot].name,
            "value": float(slots[one.slot].free.plain(x)),
            "distance": float(d),
        }
        for one in (lead.profiles if lead else [])
        for x, d in zip(one.at, one.distance, strict=True)
    ]


def draws(result: Result, number: int = DRAWS) -> dict[str, list[Any]] | None:
    """Columns for ``sim compare --draws``: a column a parameter of the scenario, and ``weight``. None without a set.

    Parameters that differ by window are those of the policy window.
    """
    theta, weights = mixture(result)
    if not len(theta):
        return None
    if len(theta) > number:
        rng = np.random.default_rng((result.targets.seed, 21))
        theta = theta[rng.choice(len(theta), number, p=weights / weights.sum())]
        weights = np.full(number, 1.0 / number)
    values = result.world.space.values(theta, result.window)
    dated = _dated(result)
    columns: dict[str, list[Any]] = {
        path: [as_date(v).isoformat() if path in dated else float(v) for v in column]
        for path, column in values.items()
    }
    return {**columns, "weight": weights.tolist()}


def _dated(result: Result) -> set[str]:
    return {
        path for slot in result.world.space.slots if slot.free.transform == "date" for path in slot.free.paths
    }


def _sheet(result: Result) -> Any:
    lead = result.leading or result.cases[0]
    return result.world.space.sheet(lead.estimate.theta, result.window, "calibrated")


def calibrated(result: Result) -> str:
    """The scenario at the estimate, whole, in one file that needs no other."""
    import tomli_w

    from calibration.steps import resolved
    from sim.scenario.load import Sheet

    _, tree = resolved(result.targets, [_sheet(result), Sheet("titles", _titles(result))])
    return _heading(result) + tomli_w.dumps(tree)


def extending(result: Result, path: Path) -> str:
    """The scenario at the estimate as a difference from the one it was calibrated on, where both lie in one folder."""
    import tomli_w

    from sim.scenario import load

    base = result.targets.loaded.path
    elsewhere = base.resolve().parent != path.resolve().parent
    if elsewhere or load(base).tree != result.targets.loaded.tree:  # the targets file itself has changed it
        return calibrated(result)
    tree: dict[str, Any] = {"extends": base.name, **_titles(result), **_sheet(result).tree}
    free = [
        (p, slot.free)
        for slot in result.world.space.slots
        for p in slot.free.paths
        if slot.window in (None, result.window)
    ]
    tree["sources"] = {
        p: f"calibrated to {result.targets.source} (calibrate run {result.targets.path.stem})"
        for p, _ in free
    }
    return _heading(result) + tomli_w.dumps(tree)


def _titles(result: Result) -> dict[str, str]:
    scenario = result.targets.loaded.scenario
    before = re.split("[:\uff1a]", scenario.title_zh)[0]
    return {
        "title": f"{scenario.title.split(':')[0]}: calibrated, at the estimate nearest to print",
        "title_zh": f"{before}：校准，最接近公布值的估计",
    }


def _heading(result: Result) -> str:
    lead = result.leading
    told = "ruled out under every reading" if lead is None else lead.reading.key
    lines = [
        f"# Written by: calibrate run {result.targets.path.stem}. One vector of a set: what is known is the set (draws.csv), not",
        f"# this point. Reading: {told}.",
    ]
    if result.world.per_window:
        lines.append(
            f"# Parameters that differ by window have the values of {result.window}; other windows are not meant to fit."
        )
    return "\n".join(lines) + "\n"


__all__ = ["FolderError", "OutputError", "calibrated", "draws", "extending", "prepare", "write"]
