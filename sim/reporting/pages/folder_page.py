"""Which page a folder gets, by what is in it; for one that has no page here, where its results are seen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

from sim.locale.language import spoken
from sim.reporting.pages.run_folder import read_manifest
from sim.reporting.pages.shell import Page, PageError
from sim.reporting.pages.words import w

# Folders whose results another command shows.
ELSEWHERE: Final = (
    "search",
    "calibration",
    "calibrating",
    "audit",
    "lots",
    "verify",
)


def kind_of(manifest: Mapping[str, Any]) -> str:
    """What an output folder holds: run, compare, sweep, sensitivity, optimise, or one of ``ELSEWHERE``."""
    kind = str(manifest["kind"])
    if kind == "sweep" and manifest["design"].get("purpose") == "sensitivity":
        return "sensitivity"
    return "calibrating" if kind == "calibration" and not manifest["complete"] else kind


def elsewhere(path: Path, kind: str) -> PageError:
    """Says where the results of a folder are seen that has no page of this sort."""
    return PageError(w(f"elsewhere.{kind}", spoken(), path=path))


def folder_page(path: Path, lang: str) -> Page:
    """The page of a folder of results. Raises ``PageError`` for one that has no page here."""
    return folder_pages(path, (lang,))[0]


def folder_pages(path: Path, languages: Sequence[str]) -> list[Page]:
    """The same in several languages; the folder is read once."""
    if (path / "search.json").is_file() and not (path / "manifest.json").exists():
        raise elsewhere(path, "search")
    manifest = read_manifest(path)
    kind = kind_of(manifest)
    if kind in ELSEWHERE:
        raise elsewhere(path, kind)
    laid_out = _reader(kind)(path, manifest)
    return [laid_out(lang) for lang in languages]


def _reader(kind: str) -> Callable[[Path, dict[str, Any]], Callable[[str], Page]]:
    """What reads a folder of this kind and gives what lays out its page in a language."""
    return {"run": _run, "compare": _compare, "sensitivity": _sensitivity, "optimise": _front}.get(
        kind, _sweep
    )


def _run(path: Path, manifest: Mapping[str, Any]) -> Callable[[str], Page]:
    from sim.reporting.pages.run_data import gather
    from sim.reporting.pages.run_folder import read_run
    from sim.reporting.pages.run_page import run_page

    folder = read_run(path)
    return partial(run_page, folder, gather(folder))


def _compare(path: Path, manifest: Mapping[str, Any]) -> Callable[[str], Page]:
    from sim.reporting.pages.compare_folder import read_compare
    from sim.reporting.pages.compare_page import compare_page

    return partial(compare_page, read_compare(path))


def _sensitivity(path: Path, manifest: Mapping[str, Any]) -> Callable[[str], Page]:
    from sim.reporting.pages.sensitivity_folder import read_sensitivity
    from sim.reporting.pages.sensitivity_page import sensitivity_page

    return partial(sensitivity_page, read_sensitivity(path, manifest))


def _front(path: Path, manifest: Mapping[str, Any]) -> Callable[[str], Page]:
    from sim.reporting.pages.pareto_folder import read_pareto
    from sim.reporting.pages.pareto_page import pareto_page

    return partial(pareto_page, read_pareto(path, manifest))


def _sweep(path: Path, manifest: Mapping[str, Any]) -> Callable[[str], Page]:
    from sim.reporting.pages.sweep_folder import read_sweep, summary
    from sim.reporting.pages.sweep_page import sweep_page

    data, table = read_sweep(path), summary(path)
    return lambda lang: sweep_page(data, manifest, lang, table)
