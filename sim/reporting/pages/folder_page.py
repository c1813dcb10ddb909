"""Which page a folder gets, by what is in it; for one that has no page here, where its results are seen."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from sim.locale.language import spoken
from sim.reporting.pages.run_folder import read_manifest
from sim.reporting.pages.shell import Page, PageError
from sim.reporting.pages.words import w

# Folders whose results another command shows.
ELSEWHERE: Final = (
    "sensitivity",
    "optimise",
    "search",
    "calibration",
    "calibrating",
    "audit",
    "lots",
    "verify",
)


def kind_of(manifest: Mapping[str, Any]) -> str:
    """What an output folder holds: sweep, compare, run, or one of ``ELSEWHERE``."""
    kind = str(manifest["kind"])
    if kind == "sweep" and manifest["design"].get("purpose") == "sensitivity":
        return "sensitivity"
    return "calibrating" if kind == "calibration" and not manifest["complete"] else kind


def elsewhere(path: Path, kind: str) -> PageError:
    """Says where the results of a folder are seen that has no page of this sort."""
    return PageError(w(f"elsewhere.{kind}", spoken(), path=path))


def folder_page(path: Path, lang: str) -> Page:
    """The page of the folder of a run, a comparison or a sweep. Raises ``PageError`` for any other."""
    if (path / "search.json").is_file() and not (path / "manifest.json").exists():
        raise elsewhere(path, "search")
    manifest = read_manifest(path)
    kind = kind_of(manifest)
    if kind in ELSEWHERE:
        raise elsewhere(path, kind)
    if kind == "compare":
        from sim.reporting.pages.compare_page import compare_page

        return compare_page(path, lang)
    if kind == "run":
        from sim.reporting.pages.run_page import run_page

        return run_page(path, lang)
    from sim.reporting.pages.sweep_folder import read_sweep, summary
    from sim.reporting.pages.sweep_page import sweep_page

    return sweep_page(read_sweep(path), manifest, lang, summary(path))
