"""``calibrate audit``: what published figures say about each other, before any model is run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from calibration.cli.targets import TargetsFile, command_line, reported
from calibration.words import w
from sim.cli.shared.ending import fail, refusing
from sim.cli.shared.listing import Json, show_json
from sim.cli.shared.options import Force, Heads, Lang, Out, Xlsx, command, declared
from sim.cli.shared.progress import tables
from sim.locale.language import said
from sim.locale.words import other

if TYPE_CHECKING:
    from collections.abc import Sequence

    from calibration.audit import Finding
    from calibration.targets.targets import Reported

WIDTH = 120  # columns where there is no terminal to ask


@declared
class Options:
    targets: TargetsFile
    out: Out = None
    xlsx: Xlsx = False
    heads: Heads = None
    force: Force = False
    json: Json = False
    lang: Lang


@command
def audit(options: Options) -> None:
    """Print the audit; with ``out``, leave it as CSV and as a page."""
    from calibration.audit import audit as findings_of
    from calibration.audit import report
    from sim.experiments.storage.folders import FolderError, check_target

    out, lang = options.out, options.lang
    if options.xlsx and out is None:
        fail(said("option.xlsx"))
    targets = reported(options.targets)
    with refusing(FolderError):
        if out is not None:
            check_target(out, options.force)
    findings = findings_of(targets)
    if options.json:
        show_json(report.rows(findings, lang))
    else:
        to = tables(WIDTH)
        to.print(report.terminal(targets, findings, lang))
        to.print(report.summary(findings, lang), markup=False)
    if out is None:
        return
    with refusing(FolderError):
        _leave(out, targets, findings, options)
    names = sorted(str(path) for path in out.rglob("*") if path.is_file())
    typer.echo(w("audit.written", lang, files=said("join").join(names)), err=options.json)


def _leave(out: Path, targets: Reported, findings: Sequence[Finding], options: Options) -> None:
    """The folder: the table, the page, the targets, the manifest."""
    from calibration.audit import report
    from calibration.report.workbook import audit_workbook
    from sim.experiments.storage.folders import manifest, new_folder, write_manifest
    from sim.experiments.storage.tables import write_csv
    from sim.reporting.headed_copies import leave_copies
    from sim.reporting.pages.shell import Page, render, write

    lang = options.lang
    pages = [
        Page(
            lang=lang, kind=w("audit", lang), name=targets.title_zh if lang == "zh" else targets.title,
            headline=report.summary(findings, lang), sections=[report.section(findings, lang)], lead=[w("audit.lead", lang)],
        )
        for lang in (options.lang, other(options.lang))
    ]  # fmt: skip
    with new_folder(out, options.force) as folder:
        write_csv(folder / "audit.csv", report.columns(findings, lang))
        write(folder / "audit.html", render(*pages))
        leave_copies(folder, options.heads)
        if options.xlsx:
            audit_workbook(folder, targets, findings, command_line(), lang)
        (folder / "targets.toml").write_text(targets.text, encoding="utf-8", newline="\n")
        write_manifest(folder, manifest(command_line(), targets.scenario, kind="audit", targets=targets.text))
