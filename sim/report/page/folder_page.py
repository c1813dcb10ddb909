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
    raise PageError(
        f"{path} has a manifest but is not the folder of a run, a comparison or a sweep{instead(path)}"
    )


def instead(path: Path) -> str:
    """What may be shown of a folder that has no page of its own: the settled policies of ``sim optimise`` are a sweep."""
    return (
        f"; its policies, as they were settled, are a sweep: {path / 'final'}"
        if (path / "final").is_dir()
        else ""
    )
