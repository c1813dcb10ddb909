"""What is done in a process of its own: a court's file read, a calibration. ``own_process.py`` starts it and follows what it writes."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from markupsafe import escape

from sim.app.own_process import MEMORY
from sim.app.question import QuestionError
from sim.app.words import w
from sim.locale.foreign import reason
from sim.locale.language import spoken
from sim.locale.words import LANGUAGES
from sim.scenario import ScenarioError

if TYPE_CHECKING:
    from calibration.lots.estimate_report import Estimated
    from calibration.lots.mapping import Columns
    from calibration.lots.reader.read import FilesRead

Given = Mapping[str, Any]
Unanswered = Mapping[str, str]  # why there is no estimate, by language
SUMMARY: Final = "summary.json"  # in an answer's folder: what is said of it, by language
LOTS_SHOWN: Final = (
    "answers",
    "lots",
    "rounds",
    "prices",
    "parameters",
    "files",
)  # sections of a file's page that are shown at once


def lots(given: Given) -> None:
    """Read a court's file; leave what is wrong with it, and what its rows say.

    ``file``, ``name`` (as its owner calls it), ``out`` (a folder that is not there), ``mapping`` (a text; empty: one that comes with
    the program).
    """
    from calibration.lots.reader.read import read_lots
    from calibration.lots.reader.tables import FileError
    from calibration.lots.summary.tables import summary, tables
    from sim.app import uploads
    from sim.experiments.storage.folders import new_folder
    from sim.experiments.storage.tables import write_csv

    file, name, out = Path(given["file"]), str(given["name"]), Path(given["out"])
    mapping = str(given["mapping"])
    tick(0, 0, "read")
    mappings = [_mapping(mapping)] if mapping else []
    try:
        read = read_lots([file], mappings, tick=lambda _, rows: tick(rows, 0, "read"))
    except FileError as error:
        _leave_columns(file, name, mapping, out)
        raise QuestionError(uploads.defects_of(error, file, name)) from None
    with new_folder(out, force=True) as folder:
        for table in tables(summary(read), spoken()):
            write_csv(
                folder / f"{table.name}.csv", {one: [row[one] for row in table.rows] for one in table.fields}
            )
        if (defects := read.defects.table())["row"]:
            write_csv(folder / "defects.csv", defects)
        if mapping:
            (folder / uploads.MAPPING).write_text(mapping, encoding="utf-8", newline="\n")
        _leave_pages(folder, read, given)


def estimate_lots(given: Given) -> None:
    """Add to what was read of a file (``lots``) what a cut would change. It takes minutes, and what was read is there meanwhile."""
    from calibration.lots.reader.read import read_lots

    out, mapping = Path(given["out"]), str(given["mapping"])
    tick(0, 0, "models")
    read = read_lots([Path(given["file"])], [_mapping(mapping)] if mapping else [])
    _leave_pages(out, read, given, _estimated(read, out))


def _leave_pages(
    folder: Path, read: FilesRead, given: Given, found: Estimated | Unanswered | None = None
) -> None:
    """The whole page, and what of it is shown at once: what the rows say; what was estimated, or why it was not, before it."""
    from calibration.lots.estimate_page import sections
    from calibration.lots.estimate_report import Estimated, headline
    from calibration.lots.summary.page import page
    from calibration.lots.summary.tables import summary
    from sim.app.views import sections_of
    from sim.experiments.storage.atomic import write_whole
    from sim.reporting.pages.shell import render

    file, name = Path(given["file"]).name, str(given["name"])
    of, said = summary(read), {}
    for lang in LANGUAGES:
        first = sections(found, lang) if isinstance(found, Estimated) else []
        answer = headline(found, lang) if isinstance(found, Estimated) else ""
        made = page(read, of, name, lang, first, answer)
        lines = [("lots.estimate", [found[lang]])] if isinstance(found, Mapping) else []
        shown = sections_of(made, LOTS_SHOWN, lang)
        said[lang] = {
            "headline": made.headline, "parts": lines, "warnings": list(made.warnings),
            "sections": shown.replace(file, str(escape(name))),
        }  # fmt: skip
        write_whole(folder / f"page-{lang}.html", render(made).replace(file, str(escape(name))).encode())
    write_whole(folder / SUMMARY, json.dumps(said, ensure_ascii=False).encode())


def _mapping(text: str) -> Columns:
    """The mapping of a text. Raises ``MappingError``, under the word that the page has for it."""
    from calibration.lots.mapping import MappingError, checked

    try:
        return checked(Path(w("files.mapping.here", spoken())), text)
    except MappingError as error:
        defects = [replace(one, file=w("files.mapping.name", spoken())) for one in error.defects]
        raise MappingError(defects) from None


def _leave_columns(file: Path, name: str, mapping: str, out: Path) -> None:
    """Where a file has a table that no mapping knows: leave its columns, and a mapping to complete; the one that was given stays so."""
    from calibration.lots.mapping import checked
    from calibration.lots.reader.files import UnrecognisedError, recognise
    from calibration.lots.template import template
    from calibration.lots.words import w as words
    from sim.app import uploads
    from sim.experiments.storage.folders import new_folder
    from sim.scenario.errors import shortened

    try:
        recognise(file, [checked(Path(uploads.MAPPING), mapping)] if mapping else [])
    except UnrecognisedError as error:
        header = error.header
    except ScenarioError:
        return
    else:
        return
    said: dict[str, dict[str, Any]] = {}
    for lang in LANGUAGES:
        text = mapping or template(header, name, lang)
        said[lang] = {
            "template": text,
            "columns": words("map.join", lang).join(map(shortened, header)),
            "given": bool(mapping),
        }
    with new_folder(out, force=True) as folder:
        (folder / uploads.MAPPING).write_text(said[spoken()]["template"], encoding="utf-8", newline="\n")
        (folder / SUMMARY).write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8", newline="\n")


def _estimated(read: FilesRead, folder: Path) -> Estimated | Unanswered:
    """What the rows say of a cut under each model, or why they say nothing; the tables go to the folder."""
    from calibration.lots.estimate import EXTRA, QUICK, estimate
    from calibration.lots.estimate_report import Estimated
    from calibration.lots.followed import followed
    from calibration.lots.likelihood import Assumed, Likelihood
    from calibration.lots.policy_answers import answers
    from sim.experiments.storage.tables import write_csv

    if read.histories is None:
        return {lang: w("lots.no_rounds", lang) for lang in LANGUAGES}
    rows = followed(read.histories, read.selection)
    sold, rounds = int(rows.sold.sum()), int(rows.rounds.sum())
    if not 0 < sold < rounds:
        return {lang: w("lots.one_outcome", lang, sold=sold, rounds=rounds) for lang in LANGUAGES}
    assumed = Assumed("english")
    likelihood, estimates, answered = Likelihood(rows, assumed), {}, {}
    for i, model in enumerate(EXTRA):
        tick(i, len(EXTRA), "models")
        estimates[model] = estimate(likelihood, model, QUICK)
        answered[model] = answers(estimates[model], rows, assumed)
    found = Estimated(rows, estimates, answered)
    for name, columns in found.columns().items():
        write_csv(folder / name, columns)
    return found


def calibrate(given: Given) -> None:
    """Calibrate to published figures. ``targets``: their file; ``out``: the folder; ``scenario``: where the calibrated one goes;
    ``effort``: quick or full; ``jobs``: processes; ``command``: that does the same.
    """
    from calibration import outputs, pipeline
    from calibration.report.first_page import lines
    from calibration.report.names import step_name
    from calibration.report.page import page
    from calibration.report.workbook import calibration_workbook
    from calibration.settings import BY_NAME
    from calibration.targets.reader.load import load_targets
    from sim.app.comparing import in_each_language
    from sim.app.figures import explained
    from sim.locale.words import other
    from sim.reporting.pages.run_folder import read_manifest
    from sim.reporting.pages.shell import render, write

    with explained(Path(given["targets"])):
        targets = load_targets(given["targets"])
    out, jobs = Path(given["out"]), int(given["jobs"])
    outputs.prepare(out, targets, True)
    cache = pipeline.cache_of(out, targets)

    def step(name: str, done: int, total: int) -> None:
        tick(done, total, f"={step_name(name, spoken())}")

    with explained(targets.path):
        result = pipeline.run(targets, BY_NAME[given["effort"]], jobs, cache, step, True)
    how = outputs.Asked(
        lang=spoken(), command=list(given["command"]), jobs=jobs, scenario=Path(given["scenario"])
    )
    outputs.write(out, result, how)
    content = read_manifest(out)
    for lang, own in in_each_language(out):
        calibration_workbook(own, result, how.command, lang)
        text = render(*(page(result, one, content) for one in (lang, other(lang))))
        write(out / f"page-{lang}.html", text)
    said = {}
    for lang in LANGUAGES:
        first, *rest = lines(result, lang)
        said[lang] = {"headline": first, "parts": [("calibrate.answer", rest)]}
    (out / SUMMARY).write_text(json.dumps(said, ensure_ascii=False), encoding="utf-8", newline="\n")


TASKS: Final[Mapping[str, Callable[[Given], None]]] = {
    "lots": lots,
    "estimate": estimate_lots,
    "calibrate": calibrate,
}


def tick(done: int, total: int, what: str) -> None:
    """Say how far it is."""
    _say({"tick": [done, total, what]})


def _say(message: Mapping[str, Any]) -> None:
    sys.stdout.write(f"{json.dumps(message)}\n")
    sys.stdout.flush()


def _end_with_parent() -> None:
    """When the program that follows has ended, nobody wants the answer."""
    sys.stdin.read()
    os._exit(1)


def limit_memory(most: int) -> None:
    """Let this process take no more memory, where the system can do that."""
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def main() -> None:
    """Do one task: its name is the argument, what it is given stands in the first line of standard input."""
    given = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if int(os.environ.get(MEMORY, "0")):
        limit_memory(int(os.environ[MEMORY]))
    try:
        TASKS[sys.argv[1]](given)
    except (ScenarioError, QuestionError) as error:
        _say({"wrong": str(error)})
    except OSError as error:
        _say({"disk": reason(error)})
    else:
        _say({"answer": None})


if __name__ == "__main__":
    main()
