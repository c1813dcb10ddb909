"""A search's folder: what is searched, so that it can be continued, and what was found."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from sim.experiments.optimise.decision_variables import Lawful, policy_text
from sim.experiments.optimise.front_table import columns, name_of_point
from sim.experiments.optimise.search import Outcome, Search
from sim.experiments.over_draws import Over
from sim.experiments.storage.atomic import write_whole
from sim.experiments.storage.checksum import DamagedError, json_with_checksum, json_without_checksum
from sim.experiments.storage.folders import command_line, manifest
from sim.experiments.storage.manifest import MANIFEST, written
from sim.experiments.storage.tables import write_csv
from sim.experiments.sweep.run_store import RunStoreError
from sim.experiments.sweep.sweep import scenario_changes
from sim.locale.language import ENGLISH, said, speaking
from sim.scenario import Loaded

SEARCH = "search.json"


def remember(
    folder: Path,
    loaded: Loaded,
    search: Search,
    under: Over,
    window: str,
    unlawful: bool,
    force: bool,
    warn: Callable[[list[str]], None],
    *,
    law_of: date | None = None,
) -> None:
    """Note what is searched; a folder with another search is refused, ``force`` or not, one of a changed scenario unless
    ``force``, with which ``warn`` is called. Raises ``RunStoreError``, ``OSError``.
    """
    definition: dict[str, Any] = {
        "axes": [[a.path, [str(x) for x in a.levels], repr(a.low), repr(a.high)] for a in search.axes],
        "goals": [[g.measure, g.sign] for g in search.goals],
        "limits": [[limit.measure, repr(limit.low), repr(limit.high)] for limit in search.limits],
        "numbers": [search.points, search.replications, search.final, search.seed],
        "window": window,
        "unlawful": unlawful,
        "law_of": law_of and str(law_of),
        "draws": under.draws and under.draws.sha256,
    }
    file = folder / SEARCH
    if file.is_file():
        there = searched(file)
        if {key: there.get(key) for key in definition} != definition:
            raise RunStoreError(said("search.another", folder=folder))
        changed = scenario_changes(there, loaded)
        if changed and not force:
            lines = "".join(f"\n  {line}" for line in changed)
            raise RunStoreError(said("search.since", folder=folder, lines=lines))
        if changed:
            warn(changed)
            with speaking(ENGLISH):  # a record is the same whoever forced it
                there["overruled"] = [*there.get("overruled", []), scenario_changes(there, loaded)]
            write_whole(file, json_with_checksum(there))
        return
    if folder.is_dir() and any(folder.iterdir()):
        raise RunStoreError(said("search.none", folder=folder))
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(file, json_with_checksum({**definition, "scenario": loaded.toml()}))


def searched(file: Path) -> dict[str, Any]:
    """What a folder's search is. Raises ``RunStoreError`` for a damaged file."""
    try:
        found = json_without_checksum(file.read_bytes())
        tomllib.loads(found["scenario"])
    except (DamagedError, ValueError, KeyError, TypeError) as error:
        raise RunStoreError(said("search.damaged", file=file, why=error)) from None
    return found


def leave(
    folder: Path, loaded: Loaded, search: Search, outcome: Outcome, law: Lawful, also: Callable[[], object]
) -> None:
    """front.csv, a policy file for each point of the front, what ``also`` writes, the manifest. Raises ``OSError``."""
    write_csv(folder / "front.csv", columns(search, outcome, law))
    policies = folder / "policies"
    policies.mkdir(exist_ok=True)
    for i in (i for i in outcome.on_front if i):
        title = point_title(search, outcome, i)
        text = policy_text(loaded, search.axes, outcome.points[i], title, title)
        write_whole(policies / f"{name_of_point(i)}.toml", text.encode())
    also()
    content = manifest(
        command_line(), loaded.toml(), kind="optimise", seed=search.seed, runs=outcome.runs,
        points=len(outcome.tried), front=[name_of_point(i) for i in outcome.on_front],
    )  # fmt: skip
    write_whole(folder / MANIFEST, written(content))


def point_title(search: Search, outcome: Outcome, i: int) -> str:
    """The values of a point's decision variables, in words."""
    pairs = zip(search.axes, outcome.points[i], strict=True)
    return ", ".join(f"{axis.path} = {short(value)}" for axis, value in pairs)


def short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
