"""A brief's files, DOCX and PDF: each whole or not at all, and never over one that somebody may have edited."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

from sim.experiments.storage.atomic import write_whole
from sim.experiments.storage.folders import FolderError, check_writable
from sim.locale.language import said
from sim.reporting.briefs.content import Brief, BriefError, w
from sim.reporting.briefs.docx import as_docx
from sim.reporting.briefs.pdf import as_pdf

WRITERS: Final[dict[str, Callable[[Brief, date], bytes]]] = {".docx": as_docx, ".pdf": as_pdf}


def targets(out: Path, lang: str) -> list[Path]:
    """The files that ``out`` stands for: one with its ending, or both where it has none. Raises ``BriefError``."""
    if out.suffix.lower() in WRITERS:
        return [out]
    if out.is_dir():
        raise BriefError(said("page.folder", path=out))
    if out.suffix:
        raise BriefError(w("suffix", lang, file=out))
    return [out.with_suffix(ending) for ending in WRITERS]


def write_brief(brief: Brief, out: Path, day: date, *, force: bool = False) -> list[Path]:
    """Write the files and return their paths. A file that is there and differs is replaced only with ``force``.

    Raises ``BriefError``, before anything is written.
    """
    made = {path: WRITERS[path.suffix.lower()](brief, day) for path in targets(out, brief.lang)}
    kept = []
    for path, content in made.items():
        if path.is_dir():
            raise BriefError(said("page.folder", path=path))
        if path.exists() and path.read_bytes() == content:
            kept.append(path)
        elif path.exists() and not force:
            raise BriefError(w("exists", brief.lang, file=path))
        try:
            check_writable(path)
        except FolderError as error:
            raise BriefError(str(error)) from None
    for path, content in made.items():
        if path not in kept:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content)
    return list(made)
