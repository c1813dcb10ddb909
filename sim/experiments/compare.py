"""``sim compare``: a base and its policies, replication by replication under common random numbers, left in a folder."""

from __future__ import annotations

import hashlib
import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from sim.experiments.checkpoint import Checkpoint, Kept, Observed
from sim.experiments.control_variates import controlled
from sim.experiments.controls import CONTROLS, FOLLOWED, replicate_with_controls
from sim.experiments.controls import followed as can_follow
from sim.experiments.draws import Draws
from sim.experiments.execution.executors import Submits, in_order
from sim.experiments.execution.memory import check_fits
from sim.experiments.paired import Floats, keys, paired, wide
from sim.experiments.policies import Family
from sim.experiments.provenance import RUN, provenance
from sim.experiments.replications import FEWEST, HEADLINES, MOST, replicate
from sim.experiments.run import AUTO
from sim.experiments.storage.folders import command_line, manifest, new_folder, write_manifest
from sim.experiments.storage.tables import write_csv
from sim.experiments.sweep.chunks import check
from sim.law.verdict import breaches
from sim.measures import Gathered, MeasureTable
from sim.measures.flows import Link
from sim.measures.summary import Axes, differing, places, shared
from sim.scenario import Loaded
from sim.scenario.schema import Scenario

Columns = dict[str, list[Any]]
PEAK = 1.5  # bytes in use at the end for each byte of measures that a replication leaves


@dataclass(slots=True)
class Comparison:
    """What a comparison leaves in memory."""

    names: list[str]  # of the base and the policies
    loaded: list[Loaded]  # the same, under no draw
    rows: Columns  # one row for each policy, window, segment, basis and measure: see ``paired.paired``
    flows: list[list[Link]]  # of the base and the policies: mean over replications, draws by their weights
    apart: dict[str, list[str]]  # policy -> measures and the like that it does not share with the base
    lacking: dict[str, list[str]]  # policy -> those that it or the base does not have under every draw
    draws: int
    replications: int  # of each draw
    precise: (
        bool  # false: ``auto`` stopped at its limit before the headline differences were known well enough
    )
    seconds: float = 0.0
    about: str = ""  # a checksum of what was compared, by which runs that were kept know that they are no longer needed
    controls: bool = False  # whether control variates were used

    @property
    def basis(self) -> str:
        """On which basis differences are shown window by window: the base's."""
        return self.loaded[0].scenario.basis


@dataclass(frozen=True, slots=True)
class Run:
    """One replication of one scenario to be run, unless its file is there."""

    scenario: Scenario
    replication: int
    kept: Kept | None  # where what is found is kept until the comparison is written
    code: Mapping[str, str]  # what results depend on, as the parent has it
    controls: bool = False  # whether control variates are wanted


def observe(run: Run) -> Observed:
    """One replication of one scenario, as far as a comparison needs it."""
    check(run.code, FOLLOWED if run.controls else RUN)
    found = run.kept.take() if run.kept else None
    if found is None:
        found = _run(run)
        if run.kept:
            run.kept.leave(found)
    return found


def _run(run: Run) -> Observed:
    if not run.controls:
        one = replicate(run.scenario, run.replication)
        return one.measures, one.flow, None
    one, controls = replicate_with_controls(run.scenario, run.replication)
    return one.measures, one.flow, controls


def _digest(scenario: Scenario) -> str:
    text = scenario.model_dump_json() + scenario.extensions.about
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(slots=True)
class _Pairs:
    """Tables as they come: scenario by scenario within a draw, draw by draw within a replication."""

    scenarios: list[list[Scenario]]  # [draw][base and policies]
    weights: Floats  # (draws,)
    kept: Checkpoint | None = None
    tables: list[Gathered] = field(default_factory=list)  # [scenario], draw by draw within a replication
    controls: bool = False
    followed: list[Gathered] = field(default_factory=list)  # [scenario] control variates, as tables
    lacking: list[set[str]] = field(default_factory=list)  # [scenario] names that not all draws have
    sums: list[dict[tuple[str, str], float]] = field(default_factory=list)  # [scenario] link -> weighted lots

    def tasks(self, first: int, count: int) -> Iterator[Run]:
        """Every draw has replications, and so random numbers, of its own; what is compared has the same."""
        draws, code = len(self.scenarios), provenance(FOLLOWED if self.controls else RUN)
        digests = [list(map(_digest, together)) for together in self.scenarios] if self.kept else []
        for replication in range(first, first + count):
            for draw, together in enumerate(self.scenarios):
                number = replication * draws + draw
                for i, scenario in enumerate(together):
                    kept = self.kept.run(number, i, digests[draw][i]) if self.kept else None
                    yield Run(scenario, number, kept, code, self.controls)

    def take(self, results: Iterator[Observed], count: int) -> Iterator[None]:
        """File ``count`` replications' results; one step after each pair is complete."""
        if not self.tables:
            self.sums = [{} for _ in self.scenarios[0]]
            self.tables = [Gathered() for _ in self.scenarios[0]]
            self.followed = [Gathered() for _ in self.scenarios[0]]
            self.lacking = [set() for _ in self.scenarios[0]]
        for _ in range(count):
            for weight in self.weights:
                for sums, tables, followed, lacking in zip(
                    self.sums, self.tables, self.followed, self.lacking, strict=True
                ):
                    table, links, controls = next(results)
                    lacking |= tables.add_shared(table)
                    if controls is not None:
                        followed.add_shared(controls)
                    for a, b, lots in links:
                        sums[a, b] = sums.get((a, b), 0.0) + float(weight) * lots
                yield

    @property
    def replications(self) -> int:
        """Of each draw."""
        return len(self.tables[0]) // len(self.weights) if self.tables else 0

    def first(self, scenario: int) -> MeasureTable:
        found = self.tables[scenario].first
        assert found is not None
        return found

    def apart(self, scenario: int) -> list[str]:
        """Names that only it has, or only the base, whatever the draw."""
        return sorted(
            differing(self.first(0), self.first(scenario)) - self.lacking[0] - self.lacking[scenario]
        )

    def values(self, scenario: int, axes: Axes) -> Floats:
        """(draws, replications, cells)."""
        found = _at(self.tables[scenario], axes)
        return found.reshape(self.replications, len(self.weights), -1).swapaxes(0, 1)

    def controls_of(self, policy: int, axes: Axes) -> Floats:
        """(draws, replications, cells, controls), policy less base."""
        along = *axes[:3], CONTROLS
        base, other = (_at(self.followed[i], along)[..., None, :] for i in (0, policy))
        found = np.repeat(other - base, len(axes[3]), axis=4)
        return found.reshape(self.replications, len(self.weights), -1, len(CONTROLS)).swapaxes(0, 1)

    def flows(self) -> list[list[Link]]:
        n = self.replications
        return [[(a, b, lots / n) for (a, b), lots in sums.items()] for sums in self.sums]


def _at(tables: Gathered, axes: Axes) -> Floats:
    """(replication, window, segment, basis, measure) of those named."""
    assert tables.first is not None
    return tables.values[np.ix_(range(len(tables)), *places(tables.first, axes))]


def compare(
    family: Family,
    draws: Draws | None,
    count: int,
    workers: Submits | None = None,
    ahead: int = 4,
    tick: Callable[[int], None] = lambda done: None,
    keep: Callable[[list[Loaded], list[list[Loaded]]], Checkpoint] | None = None,
    *,
    controls: bool = False,
) -> Comparison:
    """Run base and policies ``count`` times (``AUTO``: until the headline differences are known well enough).

    Under draws ``count`` is for each of them, at least 2. ``tick`` is called with how many pairs (of one base with all its
    policies) are done; ``keep``, given the scenarios under no draw and under each, says where runs are kept until the
    comparison is written. Raises ``ScenarioError``, and ``NothingSharedError`` if the scenarios have nothing in common.
    Draws are run in the order of their values: results do not depend on that of the file's rows. ``controls``: take off what
    is known of the noise (``sim.experiments.control_variates``), where all scenarios can be followed.
    """
    began = time.perf_counter()
    plain = family.under()
    draws = draws.by_value() if draws else None
    together = [family.under(overlay) for overlay in draws.overlays] if draws else [plain]
    weights = np.array(draws.weights if draws else [1.0])
    kept = keep(plain, together if draws else []) if keep else None
    scenarios = [[one.scenario for one in under] for under in together]
    controls = controls and all(can_follow(one) for one in scenarios[0])
    pairs = _Pairs(scenarios, weights, kept, controls=controls)
    batch = max(2, -(-FEWEST // len(weights))) if count == AUTO else count
    done = 0
    while True:
        results = in_order(workers, observe, pairs.tasks(pairs.replications, batch), ahead)
        for _ in pairs.take(results, batch):
            done += 1
            if done == 1:
                each = sum(pairs.first(i).values.nbytes for i in range(len(family.names)))
                check_fits(batch, PEAK * each * len(weights))
            tick(done)
        rows = differences(pairs, family.names, weights)
        precise = not wide(rows, HEADLINES, plain[0].scenario.basis)
        if count != AUTO or precise or pairs.replications * len(weights) >= MOST:
            break
    return Comparison(
        names=family.names,
        loaded=plain,
        rows=rows,
        flows=pairs.flows(),
        apart={name: pairs.apart(i) for i, name in enumerate(family.names[1:], start=1)},
        lacking={
            name: sorted(pairs.lacking[0] | pairs.lacking[i])
            for i, name in enumerate(family.names[1:], start=1)
        },
        draws=len(draws.overlays) if draws else 0,
        replications=pairs.replications,
        precise=precise or count != AUTO,
        seconds=time.perf_counter() - began,
        about=kept.about if kept else "",
        controls=controls,
    )


def differences(pairs: _Pairs, names: Sequence[str], weights: Floats) -> Columns:
    """The rows of all policies, one after another."""
    columns: Columns = {}
    for i, name in enumerate(names[1:], start=1):
        axes = shared([pairs.first(0), pairs.first(i)])
        for window, segment in itertools.product(
            *axes[:2]
        ):  # a few cells at a time: each is copied some ten times
            part = (window,), (segment,), *axes[2:]
            labels = keys(part)
            both = pairs.values(0, part), pairs.values(i, part)
            if pairs.controls:
                found = controlled(*both, pairs.controls_of(i, part), labels["measure"], weights)
            else:
                found = paired(*both, weights)
            block: Columns = {"policy_name": [name] * len(labels["window"]), **labels}
            block |= {column: values.tolist() for column, values in found.items()}
            for column, more in block.items():
                columns.setdefault(column, []).extend(more)
    return columns


def write_comparison(
    out: Path,
    comparison: Comparison,
    draws: Draws | None,
    force: bool,
    also: Callable[[Path, Comparison], None] = lambda folder, comparison: None,
    *,
    law_of: date | None = None,
) -> None:
    """Leave the folder: differences.csv, the scenarios as resolved, what ``also`` adds, manifest.json.

    ``law_of``: the day by whose law scenarios are marked; None: by that of the days simulated.
    """
    base = comparison.loaded[0]
    with new_folder(out, force) as folder:
        write_csv(folder / "differences.csv", comparison.rows)
        for name, one in zip(comparison.names, comparison.loaded, strict=True):
            path = folder / "scenarios" / f"{name}.toml"
            path.parent.mkdir(exist_ok=True)
            path.write_text(one.toml(), encoding="utf-8", newline="\n")
        if draws:
            path = folder / f"draws{draws.path.suffix}"
            path.write_bytes(draws.path.read_bytes())
        also(folder, comparison)
        write_manifest(
            folder,
            manifest(
                command_line(),
                base.toml(),
                kind="compare",
                base=comparison.names[0],
                policies=comparison.names[1:],
                seed=base.scenario.run.seed,
                replications=comparison.replications,
                draws=comparison.draws,
                draws_file=draws.about() if draws else None,
                precise=comparison.precise,
                seconds=round(comparison.seconds, 3),
                apart=comparison.apart,
                lacking=comparison.lacking,
                about=comparison.about,
                **({"controls": True} if comparison.controls else {}),
                **({"law_of": str(law_of)} if law_of else {}),
                extensions={
                    name: one.scenario.extensions.described
                    for name, one in zip(comparison.names, comparison.loaded, strict=True)
                },
                unlawful={
                    name: [breach.brief for breach in breaches(one.scenario, law_of)]
                    for name, one in zip(comparison.names, comparison.loaded, strict=True)
                },
            ),
        )
