"""A comparison's folder read back: differences, titles, what each policy changes, where lots end."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from sim.experiments.storage.checksum import DamagedError
from sim.experiments.storage.manifest import checked
from sim.experiments.storage.spreadsheet import rows_of
from sim.law.verdict import Breach, breaches
from sim.locale.foreign import translated
from sim.locale.language import said
from sim.reporting.differences import on_basis
from sim.reporting.figures.outcomes import outcome_shares
from sim.reporting.pages.run_folder import law_of, read_manifest
from sim.reporting.pages.shell import PageError
from sim.scenario import Loaded, ScenarioError, load
from sim.scenario.departure import changes
from sim.scenario.schema import WHOLE

NAMES = ("policy_name", "window", "segment", "basis", "measure")
Row = dict[str, Any]


@dataclass(frozen=True)
class CompareFolder:
    """What ``sim compare`` left in ``path``. ``loaded``: the scenarios, base first."""

    path: Path
    manifest: dict[str, Any]
    rows: list[Row]  # of differences.csv: names as text, everything else as floats
    loaded: dict[str, Loaded]

    @cached_property
    def base(self) -> str:
        return next(iter(self.loaded))

    @cached_property
    def policies(self) -> list[str]:
        return list(self.loaded)[1:]

    @cached_property
    def by_key(self) -> dict[tuple[str, ...], Row]:
        return {tuple(row[name] for name in NAMES): row for row in self.rows}

    @property
    def basis(self) -> str:
        """On which basis differences are shown where one number stands: the base's."""
        return self.loaded[self.base].scenario.basis

    @cached_property
    def on_basis(self) -> list[Row]:
        """The differences of all lots together on that basis."""
        return [dict(row) for row in on_basis(self.rows, self.basis)]

    def row(self, policy: str, measure: str, window: str = WHOLE, basis: str = "") -> Row | None:
        """One difference of all lots together, on the base's basis if none is given; None where the two sides do not share the measure."""
        return self.by_key.get((policy, window, "all", basis or self.basis, measure))

    def breaches(self, name: str) -> list[Breach]:
        """What of a scenario the law does not allow: of the day that was chosen, or of those simulated."""
        return breaches(self.loaded[name].scenario, self.law_of)

    @cached_property
    def law_of(self) -> date | None:
        """The day by whose law scenarios are marked; None: by that of the days simulated."""
        return law_of(self.manifest)

    def titles(self, lang: str) -> dict[str, str]:
        """What people call the base and each policy; the file's name where it brings no title of its own."""
        titles = {
            n: one.scenario.title_zh if lang == "zh" else one.scenario.title for n, one in self.loaded.items()
        }
        base = titles[self.base]
        return {
            name: name if name != self.base and words == base else words for name, words in titles.items()
        }

    def changes(self) -> list[Row]:
        """Every value that a policy sets otherwise than the base."""
        base = self.loaded[self.base].tree
        return [
            {"policy": name, **asdict(one)}
            for name in self.policies
            for one in changes(base, self.loaded[name].tree)
        ]

    def outcomes(self) -> dict[str, list[tuple[str, float]]]:
        """Base and policies -> (end, share of the lots listed), lots sold by round first. Cohort basis, whole period."""
        found = {self.base: self._outcome_shares(self.policies[0], "base")}
        found |= {name: self._outcome_shares(name, "policy") for name in self.policies}
        return {name: parts for name, parts in found.items() if parts}

    def _outcome_shares(self, policy: str, side: str) -> list[tuple[str, float]]:
        def value(measure: str) -> float:
            row = self.row(policy, measure, basis="cohort")
            return float(row[side]) if row else float("nan")

        return outcome_shares(value, self.loaded[policy if side == "policy" else self.base].scenario.held)


def read_compare(path: Path) -> CompareFolder:
    """Read what ``sim compare`` wrote. Raises ``PageError`` with what is missing or damaged."""
    manifest = read_manifest(path)
    files = manifest["files"]
    file = path / "differences.csv"
    try:
        rows = [
            {k: v if k in NAMES else float(v) if v else float("nan") for k, v in row.items()}
            for row in rows_of(checked(path, file.name, files))
        ]
    except (DamagedError, OSError, ValueError, KeyError, TypeError) as error:
        raise PageError(said("out.unreadable", name=file, why=translated(error))) from None
    if not rows:
        raise PageError(said("page.no_rows", file=file))
    names = [manifest["base"], *manifest["policies"]]
    try:
        loaded = {name: load(checked(path, f"scenarios/{name}.toml", files)) for name in names}
    except (DamagedError, OSError) as error:
        raise PageError(said("page.scenarios_unread", folder=path / "scenarios", why=error)) from None
    except ScenarioError as error:
        raise PageError(said("page.scenarios", why=error)) from None
    return CompareFolder(path, manifest, rows, loaded)
