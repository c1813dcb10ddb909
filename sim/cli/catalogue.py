"""``sim list`` and ``sim measures``: what can be named in other commands."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer

from sim.cli.checks import load_or_fail
from sim.measures.definitions import UNITS_ZH, definitions
from sim.reporting.text import t
from sim.scenario import ScenarioError
from sim.scenario.files import HOMES, PACKAGE, scenario_files, stack

TARGETS = (
    PACKAGE.parent / "calibration" / "targets"
)  # known by where it stands: sim imports nothing of calibration


def list_command(lang: str) -> None:
    """Scenarios, policies and targets files that commands find by name, with their titles."""
    parts = {
        "list.scenarios": _named(HOMES, lang),
        "list.policies": _named([home / "policies" for home in HOMES], lang),
        "list.targets": [
            (path.stem, _title(_targets(path), lang)) for path in sorted(TARGETS.glob("*.toml"))
        ],
    }
    lines = []
    for head, rows in parts.items():
        lines += ["", t(head, lang), *_aligned(rows)]
    typer.echo("\n".join(lines[1:]))


def _named(folders: Sequence[Path], lang: str) -> list[tuple[str, str]]:
    """Names and titles; of two files with one name, the one that commands find."""
    found = {path.stem: path for folder in reversed(folders) for path in scenario_files(folder)}
    return [(name, _title(_scenario(path), lang)) for name, path in sorted(found.items())]


def _scenario(path: Path) -> dict[str, object]:
    try:
        return stack(path).tree
    except ScenarioError as error:
        return {"title": f"({error.defects[0]})"}


def _targets(path: Path) -> dict[str, object]:
    return tomllib.loads(path.read_text(encoding="utf-8-sig"))


def _title(tree: dict[str, object], lang: str) -> str:
    return str((tree.get("title_zh") if lang == "zh" else None) or tree.get("title", ""))


def _aligned(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    width = max((len(name) for name, _ in rows), default=0)
    for name, title in rows:
        yield f"  {name:<{width}}  {title}"


def measures_command(scenario: str, lang: str) -> None:
    """Every measure of a scenario: its name, what people call it, its unit, its formula."""
    known = definitions(list(load_or_fail(scenario, []).scenario.rounds))
    width = max(map(len, known))
    lines = [t("measures.lead", lang)]
    for one in known.values():
        called, unit = (one.zh, UNITS_ZH[one.unit]) if lang == "zh" else (f"{one.en} ({one.zh})", one.unit)
        lines += [f"{one.name:<{width}}  {called} [{unit}]", f"{'':<{width}}  {one.says(lang)}"]
    typer.echo("\n".join(lines))
