"""Which page a folder gets: by what is in it."""

from __future__ import annotations

from pathlib import Path

from sim.report.page.run_folder import read_manifest
from sim.report.page.shell import Page, PageError


def folder_page(path: Path, lang: str) -> Page:
    """The page of the folder of a run, a comparison or a sweep. Raises ``PageError`` for any other."""
    manifest = read_manifest(path)
    if "sweep" in manifest:
        from sim.report.page.sweep_folder import read_sweep
        from sim.report.page.sweep_page import sweep_page

        summary = path / "summary.csv"
        return sweep_page(
            read_sweep(path), manifest, lang, summary.read_bytes() if summary.is_file() else None
        )
    if (path / "differences.csv").is_file():
        from sim.report.page.compare_page import compare_page

        return compare_page(path, lang)
    if (path / "measures.csv").is_file():
        from sim.report.page.run_page import run_page

        return run_page(path, lang)
    raise PageError(f"{path} has a manifest but is not the folder of a run, a comparison or a sweep")
