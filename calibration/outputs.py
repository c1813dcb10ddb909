"""What ``calibrate run`` leaves: report, tables, draws, a scenario, a manifest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np

from calibration.audit import report as audit_report
from calibration.cache import code
from calibration.representative import export
from calibration.result import Result
from calibration.targets.targets import Targets
from sim.experiments.storage.atomic import write_whole
from sim.experiments.storage.checksum import digest
from sim.experiments.storage.folders import FolderError, manifest, ours, write_manifest
from sim.experiments.storage.manifest import MANIFEST, ManifestError, read_manifest, written
from sim.experiments.storage.tables import write_csv
from sim.locale.language import said
from sim.reporting.workbooks.sheets import FILE as WORKBOOK
from sim.scenario.errors import SimError

STEPS: Final = "steps"  # folder of finished steps


class OutputError(SimError):
    """A folder that cannot be used; the message says why and what to do."""


def prepare(out: Path, targets: Targets, force: bool) -> None:
    """Make the folder ours before anything is computed, or go on with one that an earlier run of the same has left."""
    if out.exists() and not out.is_dir():
        raise OutputError(said("folder.file", path=out))
    about = {"targets": targets.text, "scenario": targets.loaded.toml()}
    if out.is_dir() and any(out.iterdir()):
        if not ours(out):
            raise OutputError(said("folder.others", path=out))
        if not force:
            _check_same(out, about)
    new = not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    state = manifest([], about["scenario"], kind="calibration", complete=False, targets=targets.text)
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
        raise OutputError(str(error) + "\n" + said("folder.anew")) from None
    if held["kind"] != "calibration" or any(held[key] != value for key, value in about.items()):
        raise OutputError(said("folder.other_run", path=out))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a calibration was asked for. ``scenario``: where the calibrated scenario goes, its draws and the answers beside it;
    nothing goes there where the draws or the representative are refused. ``xlsx``: whether a workbook is wanted; ``heads``: in which language copies of the tables are to have their heads.
    """

    lang: str
    command: Sequence[str]
    jobs: int
    scenario: Path | None = None
    xlsx: bool = False
    heads: str | None = None


def write(out: Path, result: Result, asked: Asked) -> Path:
    """Everything, each file whole; returns the report's path."""
    from calibration.report.page import page
    from calibration.report.tables import every
    from calibration.report.workbook import calibration_workbook
    from sim.locale.words import other
    from sim.reporting.headed_copies import leave_copies
    from sim.reporting.pages.shell import render
    from sim.reporting.pages.shell import write as write_page

    tables, scenario, lang = every(result), asked.scenario, asked.lang
    for name, rows in tables.items():
        table = out / f"{name}.csv"
        if rows:
            write_csv(table, _columns(rows))
        else:
            table.unlink(missing_ok=True)  # of an earlier run: what is refused now was not then
    write_csv(out / "audit.csv", audit_report.columns(result.findings, lang))
    own = out / f"{result.targets.path.stem}.toml"
    for path in (own, scenario):
        if path is not None and not refused(result):
            exported(result, path)
    if scenario is not None and not refused(result) and tables["answers"]:
        write_csv(beside(scenario, "answers"), _columns(tables["answers"]))
    if refused(result):  # what an earlier run left is not what this one found
        own.unlink(missing_ok=True)
        beside(own).unlink(missing_ok=True)
    write_whole(out / "targets.toml", result.targets.text.encode())
    content = manifest(
        list(asked.command), result.targets.loaded.toml(), kind="calibration", complete=True, effort=result.settings.name,
        targets=result.targets.text, seed=result.targets.seed, seconds=round(sum(result.seconds.values()), 1), jobs=asked.jobs,
        code=code(), evidence=evidence(result.targets), refused=[str(why) for why in result.main.refused],
    )  # fmt: skip
    if asked.xlsx:
        calibration_workbook(out, result, asked.command, lang)
    else:
        (out / WORKBOOK).unlink(missing_ok=True)
    leave_copies(out, asked.heads)
    path = out / "report.html"
    write_page(path, render(*(page(result, one, content) for one in (lang, other(lang)))))
    write_manifest(out, content, without=STEPS)  # what can be computed again has checksums of its own
    return path


def refused(result: Result) -> bool:
    """Whether the draws fail their diagnostics, or no representative of them was found."""
    return bool(result.main.refused) or result.point is None or bool(result.point.refused)


def exported(result: Result, path: Path) -> None:
    """The calibrated scenario and, beside it, draws of the posterior."""
    assert result.point is not None
    path.parent.mkdir(parents=True, exist_ok=True)
    draws = beside(path)
    write_csv(draws, posterior_draws(result))
    from calibration.report.answer import weights

    text = export.scenario_text(
        result.model, result.point, path, draws.name, weights(result.main), date.today()
    )
    write_whole(path, text.encode())


def posterior_draws(result: Result) -> dict[str, list[Any]]:
    """Draws of the posterior that count alike, as columns."""
    theta = result.main.mixture.theta
    number = min(result.settings.exported, len(theta))
    places = np.linspace(0, len(theta) - 1, number).round().astype(int)  # each interpretation by its weight
    keys = [result.main.posteriors[i].one.interpretation.key for i in result.main.mixture.which[places]]
    return export.draws_columns(result.model, theta[places], keys)


def beside(path: Path, what: str = "draws") -> Path:
    """Where the draws of a scenario stand, or the answers over them."""
    return path.with_name(f"{path.stem}-{what}.csv")


def _columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    return {key: [row[key] for row in rows] for key in rows[0]}


def evidence(targets: Targets) -> dict[str, str]:
    """The evidence files that were used, each with its SHA-256."""
    return {
        Path(name).name: digest(Path(name)) for name in dict.fromkeys(one.file for one in targets.evidence)
    }


__all__ = ["Asked", "FolderError", "OutputError", "prepare", "refused", "write"]
