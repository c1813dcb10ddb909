"""What a browser may take away of an answer, by its kind: two pages, tables, the picture, everything in one archive."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path
from typing import Final

from sim.app import comparing
from sim.app.context import AppContext
from sim.app.jobs import Job
from sim.app.question import read_question
from sim.experiments.storage.manifest import MANIFEST
from sim.reporting.briefs.docx import as_docx
from sim.reporting.briefs.folder_brief import folder_brief
from sim.reporting.briefs.pdf import as_pdf
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
    "compare": {"xlsx": "tables.xlsx", "csv": "differences.csv", "png": "pictures/differences.png"},
    "inside": {"xlsx": "tables.xlsx", "csv": "measures.csv"},
    "calibrate": {"xlsx": "tables.xlsx"},
}
MARK: Final = b"\xef\xbb\xbf"  # of UTF-8, by which Excel knows it


def content(context: AppContext, job: Job, folder: Path, kind: str, lang: str) -> bytes:
    """The bytes of a job's answer in ``folder`` as a file of this kind. Raises ``FileNotFoundError`` where it has none."""
    if kind == "zip":
        return packed(context, job, folder)
    if kind in BRIEFS:
        return brief_file(context, job, folder, kind, lang)
    found = (folder / FILES[job.kind][kind]).read_bytes()
    return MARK + found if kind == "csv" and not found.startswith(MARK) else found


def brief_file(context: AppContext, job: Job, folder: Path, kind: str, lang: str) -> bytes:
    """The answer on two pages, for people who decide; whose law counts as today's is the question's, else today's."""
    day = read_question(str(job.request["query"]), context.bases()).day if job.kind == "compare" else ""
    today = date.fromisoformat(day) if day else date.today()
    return BRIEFS[kind](folder_brief(folder, lang, today), today)


def packed(context: AppContext, job: Job, folder: Path) -> bytes:
    """Everything that makes the answer again: scenario, policies, draws, the command; and its tables."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        if (folder / MANIFEST).is_file():
            command = comparing.command_line_of(read_manifest(folder))
            _put(file, "command.txt", f"{command}\n".encode())
        own = context.jobs.folder(job.id)  # policies' files, or the targets of a calibration
        for path in sorted([*(own / comparing.POLICIES).glob("policy-*.toml"), *own.glob("*.toml")]):
            _put(file, path.name, path.read_bytes())
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix in (".toml", ".csv", ".json", ".xlsx", ".html"):
                _put(file, f"answer/{path.relative_to(folder).as_posix()}", path.read_bytes())
    return out.getvalue()


def _put(file: zipfile.ZipFile, name: str, content: bytes) -> None:
    """A file without a time, so that two are alike."""
    file.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
