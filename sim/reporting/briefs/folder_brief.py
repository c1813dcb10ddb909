"""Which brief a folder gets, by what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sim.locale.foreign import translated
from sim.locale.language import said
from sim.reporting.briefs.content import Brief, BriefError, w
from sim.reporting.pages.folder_page import kind_of
from sim.reporting.pages.run_folder import read_manifest
from sim.reporting.pages.shell import PageError


def folder_brief(path: Path, lang: str, day: date, policies: Sequence[str] = ()) -> Brief:
    """The brief of a comparison, a run or a calibration. ``day``: whose law counts as today's.

    Raises ``BriefError`` for any other folder, and ``PageError`` for one that cannot be read.
    """
    if (path / "search.json").is_file() and not (path / "manifest.json").exists():
        raise BriefError(w("no_brief", lang, path=path, kind="search"))
    kind = kind_of(read_manifest(path))
    if kind == "compare":
        from sim.reporting.briefs.compare_brief import compare_brief

        return compare_brief(path, lang, day, policies)
    if kind == "calibration":
        from sim.reporting.briefs.calibration_brief import calibration_brief

        if policies:
            raise BriefError(w("no_choice", lang))
        try:
            return calibration_brief(path, lang, day)
        except (LookupError, TypeError, ValueError) as error:  # tables of another version, or of nobody
            raise PageError(said("out.unreadable", name=path, why=translated(error))) from None
    if kind == "run":
        from sim.reporting.briefs.run_brief import run_brief

        if policies:
            raise BriefError(w("no_choice", lang))
        return run_brief(path, lang, day)
    raise BriefError(w("no_brief", lang, path=path, kind=kind))
