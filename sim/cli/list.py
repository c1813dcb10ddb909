"""``sim list``: scenarios, policies and targets that other commands find by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from sim.cli.shared.listing import Json, Word, holding, show_json, show_lines
from sim.cli.shared.options import Lang, command, declared


@declared
class Options:
    word: Word = None
    json: Json = False
    lang: Lang


@command
def list_(options: Options) -> None:
    """Scenarios, policies and targets files that commands find by name, with their titles."""
    from sim.reporting.text import t
    from sim.scenario.files import HOMES, PACKAGE

    lang = options.lang
    targets = (
        PACKAGE.parent / "calibration" / "targets"
    )  # by where they stand: sim imports nothing of calibration
    parts = {
        "list.scenarios": _named(HOMES, lang),
        "list.policies": _named([home / "policies" for home in HOMES], lang),
        "list.targets": [
            (path.stem, _title(_targets(path), lang)) for path in sorted(targets.glob("*.toml"))
        ],
    }
    every = [(head, *row) for head, rows in parts.items() for row in rows]
    found = holding(every, options.word, lambda one: one[1:])
    shown = {head: [(name, title) for at, name, title in found if at == head] for head in parts}
    if options.json:
        entries = {
            head.partition(".")[2]: [{"name": name, "title": title} for name, title in rows]
            for head, rows in shown.items()
        }
        show_json(entries)
        return
    lines = []
    for head, rows in shown.items():
        lines += ["", t(head, lang), *_aligned(rows)] if rows else []
    show_lines(lines[1:])


def _named(folders: Sequence[Path], lang: str) -> list[tuple[str, str]]:
    """Names and titles; of two files with one name, the one that commands find."""
    from sim.scenario.files import scenario_files

    found = {path.stem: path for folder in reversed(folders) for path in scenario_files(folder)}
    return [(name, _title(_scenario(path), lang)) for name, path in sorted(found.items())]


def _scenario(path: Path) -> dict[str, object]:
    from sim.scenario import ScenarioError
    from sim.scenario.files import stack

    try:
        return stack(path).tree
    except ScenarioError as error:
        return {"title": f"({error.defects[0]})"}


def _targets(path: Path) -> dict[str, object]:
    import tomllib

    return tomllib.loads(path.read_text(encoding="utf-8-sig"))


def _title(tree: dict[str, object], lang: str) -> str:
    return str((tree.get("title_zh") if lang == "zh" else None) or tree.get("title", ""))


def _aligned(rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    width = max((len(name) for name, _ in rows), default=0)
    for name, title in rows:
        yield f"  {name:<{width}}  {title}"
