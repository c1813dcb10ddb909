"""What a browser may take away of an answer, by its kind: two pages, tables, the picture, everything in one archive; in the language of the
page from which it is taken.
"""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Final

from sim.app import comparing
from sim.app.context import AppContext
from sim.app.jobs import Job
from sim.app.question import what_is_sound
from sim.experiments.storage.manifest import MANIFEST
from sim.locale.words import other
from sim.reporting.briefs.docx import as_docx
from sim.reporting.briefs.folder_brief import folder_brief
from sim.reporting.briefs.pdf import as_pdf
from sim.reporting.headed_copies import headed
from sim.reporting.pages.run_folder import read_manifest

TYPES: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "png": "image/png",
    "zip": "application/zip",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
BRIEFS: Final = {"docx": as_docx, "pdf": as_pdf}
FILES: Final = {
    "compare": {
        "xlsx": "{lang}/tables.xlsx",
        "csv": "differences.csv",
        "png": "{lang}/pictures/differences.png",
    },
    "inside": {"xlsx": "{lang}/tables.xlsx", "csv": "measures.csv"},
    "calibrate": {"xlsx": "{lang}/tables.xlsx"},
}  # {lang}: the language of the page from which they are taken
KEPT: Final = (".toml", ".csv", ".json", ".xlsx", ".html")  # endings of what stands in an archive


def content(context: AppContext, job: Job, folder: Path, kind: str, lang: str) -> bytes:
    """The bytes of a job's answer in ``folder`` as a file of this kind. Raises ``FileNotFoundError`` where it has none."""
    if kind == "zip":
        return packed(context, job, folder, lang)
    if kind in BRIEFS:
        return brief_file(context, job, folder, kind, lang)
    path = folder / FILES[job.kind][kind].format(lang=lang)
    return headed(path, lang) if kind == "csv" else path.read_bytes()


def brief_file(context: AppContext, job: Job, folder: Path, kind: str, lang: str) -> bytes:
    """The answer on two pages, for people who decide; whose law counts as today's is the question's, else today's."""
    day = what_is_sound(str(job.request["query"]), context.bases())[0].day if job.kind == "compare" else ""
    today = date.fromisoformat(day) if day else date.today()
    return BRIEFS[kind](folder_brief(folder, lang, today), today)


def packed(context: AppContext, job: Job, folder: Path, lang: str) -> bytes:
    """Everything that makes the answer again: scenario, policies, draws, the command; and its tables, in one language. Beside tables
    as programs read them stand copies whose heads are in words, as ``--heads`` leaves them.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        if (folder / MANIFEST).is_file():
            command = comparing.command_line_of(read_manifest(folder))
            _put(file, "command.txt", f"{command}\n".encode())
        own = context.jobs.folder(job.id)  # policies' files, or the targets of a calibration
        for path in sorted([*(own / comparing.POLICIES).glob("policy-*.toml"), *own.glob("*.toml")]):
            _put(file, path.name, path.read_bytes())
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            if path.is_file() and path.suffix in KEPT and not _foreign(name, lang):
                _put(file, f"answer/{name.as_posix().removeprefix(f'{lang}/')}", path.read_bytes())
                if path.suffix == ".csv":
                    _put(file, f"answer/{name.with_suffix('').as_posix()}.{lang}.csv", headed(path, lang))
    return out.getvalue()


def _foreign(name: Path, lang: str) -> bool:
    """Whether a file is that of the other language."""
    return name.parts[0] == other(lang) or name.name == f"page-{other(lang)}.html"


def _put(file: zipfile.ZipFile, name: str, content: bytes) -> None:
    """A file without a time, so that two are alike."""
    file.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
