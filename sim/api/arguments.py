"""What a call is given, as the commands would be given it: values as TOML texts, defects collected, one language."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, Literal

from sim.experiments.preconditions import misemployed
from sim.experiments.run import AUTO
from sim.locale.language import said, usual
from sim.model.engine import ENGINES, Engine, NotCompiledError, make_ready, using
from sim.scenario import Defect, ScenarioError
from sim.scenario.keys import read_key, write_key
from sim.scenario.load import SET
from sim.scenario.schema import Scenario as Schema
from sim.scenario.schema import no_date

Count = int | Literal["auto"] | None
MOST = 100_000  # replications


def language(lang: str | None) -> str:
    """``zh`` or ``en``: as given, else as the variable SIM_LANG or the locale says, as for the commands."""
    found = lang or os.environ.get("SIM_LANG") or usual()
    if found not in ("zh", "en"):
        raise ValueError(said("call.lang", value=found))
    return found


class ArgumentChecks:
    """Checks of a call's arguments: all are made, and all defects raised at once."""

    def __init__(self) -> None:
        self.defects: list[Defect] = []

    @contextmanager
    def check(self) -> Iterator[None]:
        """What is wrong in here is noted, and the next check made."""
        try:
            yield
        except ScenarioError as error:
            self.defects += [one for one in error.defects if one not in self.defects]

    def end(self) -> None:
        """Raises ``ScenarioError`` with everything that is wrong."""
        if self.defects:
            raise ScenarioError(self.defects)

    def count(self, replications: Count, usual: int) -> int:
        """Number of replications; 0 stands for auto."""
        if replications is None:
            return usual
        if replications == "auto":
            return AUTO
        if (
            isinstance(replications, bool)
            or not isinstance(replications, int)
            or not 1 <= replications <= MOST
        ):
            problem = said("option.count_given", most=MOST)
            self.defects.append(Defect(f"--replications {replications}", "", problem))
            return usual
        return replications

    def jobs(self, jobs: int) -> int:
        """Number of processes; 0 stands for as many as there are processors."""
        wrong = misemployed(jobs)
        self.defects += wrong
        return 1 if wrong else jobs or os.cpu_count() or 1

    def engine(self, engine: str, scenarios: Sequence[Schema], runs: int) -> Engine:
        """The engine, ready for so many runs of scenarios; it holds where it is passed to ``using``."""
        if engine not in ENGINES:
            self.defects.append(Defect(f"--engine {engine}", "", said("option.engine", value=engine)))
            return "auto"
        with using(engine):
            try:
                make_ready(scenarios, runs)
            except NotCompiledError as error:
                self.defects.append(Defect(f"--engine {engine}", "", str(error)))
        return engine

    def day(self, name: str, value: date | str | None) -> date | None:
        """A day, given as such or as its text."""
        if not isinstance(value, str):
            return value
        if why := no_date(value):
            self.defects.append(Defect(f"{name}={value!r}", "", why))
            return None
        return date.fromisoformat(value)


def as_texts(changes: Mapping[str, Any]) -> list[str]:
    """Changes as ``--set`` takes them, a text a value; tables within tables are taken apart. Raises ``ScenarioError``."""
    defects: list[Defect] = []
    texts = [f"{key}={value}" for key, value in _leaves(changes, "", defects)]
    if defects:
        raise ScenarioError(defects)
    return texts


def _leaves(tree: Mapping[Any, Any], at: str, defects: list[Defect]) -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        if not isinstance(name, str):
            defects.append(Defect(SET, f"{at}{name}", said("call.text"), said("call.key")))
            continue
        key = f"{at}{write_key((name,))}" if at else name
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{_dotted(key)}.", defects)
            continue
        try:
            yield key, as_toml(value)
        except (TypeError, ValueError):
            problem = said("call.no_value", kind=type(value).__name__)
            defects.append(Defect(SET, key, problem, said("call.values")))


def _dotted(key: str) -> str:
    """A key as one text for all its spellings; as it stands where it is none, which is said when it is read."""
    try:
        return write_key(read_key(key))
    except ValueError:
        return key


def as_toml(value: Any) -> str:
    """A value as it would stand in a scenario file. Raises ``TypeError`` for what has none."""
    import tomli_w

    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:  # a number of NumPy's
        value = value.item()
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{write_key((str(k),))} = {as_toml(v)}" for k, v in value.items())
        return f"{{{inner}}}"
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return f"[{', '.join(map(as_toml, value))}]"
    return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip("\n")
