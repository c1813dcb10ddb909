"""What a call is given, as the commands would be given it: values as TOML texts, defects collected, one language."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from numbers import Integral
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

import numpy as np

from sim.api.wording import reworded
from sim.experiments.preconditions import misemployed
from sim.experiments.run import AUTO
from sim.locale.language import said, usual
from sim.model.engine import ENGINES, Engine, NotCompiledError, make_ready, using
from sim.scenario import Defect, ScenarioError, SimError
from sim.scenario.errors import joined, near, shortened
from sim.scenario.keys import read_key, write_key
from sim.scenario.load import SET
from sim.scenario.schema import Scenario as Schema
from sim.scenario.schema import no_date

Count = int | Literal["auto"] | None
T = TypeVar("T")
MOST = 100_000  # replications
EXAMPLE = '{"start.ratio": 0.8}'


class ArgumentError(SimError, ValueError):
    """What a result's method was given and does not take; the message says what it takes."""


def language(lang: str | None) -> str:
    """``zh`` or ``en``: as given, else as the variable SIM_LANG or the locale says, as for the commands."""
    return one_of("lang", (os.environ.get("SIM_LANG") or usual()) if lang is None else lang, ("en", "zh"))


def one_of(what: str, value: object, known: Iterable[str]) -> str:
    """``value``, if it is known. Raises ``ArgumentError`` that says what is, and what was probably meant."""
    names = list(known)
    if isinstance(value, str) and value in names:
        return value
    hint = near(value, names) if isinstance(value, str) else ""
    raise ArgumentError(str(given(what, value, said("call.allowed", names=joined(names)), hint)))


def given(name: str, value: object, problem: str, hint: str = "") -> Defect:
    """What is wrong with an argument."""
    return Defect(f"{name}={shortened(repr(value))}", "", problem, hint)


class ArgumentChecks:
    """Checks of a call's arguments: all are made, and all defects raised at once.

    Each check gives what the call goes on with: the argument, or something in its stead where it is wrong.
    """

    def __init__(self) -> None:
        self.defects: list[Defect] = []
        self.table = ""  # the file that holds a table of draws for the time of the call
        self.mistyped: set[str] = set()

    def wrong(self, name: str, value: object, problem: str, hint: str = "") -> None:
        """An argument of a kind that is not taken: nothing else is said of it."""
        self.mistyped.add(name)
        self.defects.append(given(name, value, problem, hint))

    @contextmanager
    def check(self) -> Iterator[None]:
        """What is wrong in here is noted, and the next check made."""
        try:
            yield
        except ScenarioError as error:
            self.defects += [one for one in error.defects if one not in self.defects]

    def end(self) -> None:
        """Raises ``ScenarioError`` with everything that is wrong, in words of Python."""
        found = [reworded(self._of_table(defect)) for defect in self.defects]
        if found := [one for one in dict.fromkeys(found) if one.file not in self.mistyped]:
            raise ScenarioError(found)

    def _of_table(self, defect: Defect) -> Defect:
        """A defect of a table of draws by the table's row: nobody knows the file that holds it."""
        if not self.table:
            return defect
        file, line = defect.file, defect.file.removeprefix(self.table)
        if line != file:
            number = "".join(filter(str.isdigit, line))
            file = said("call.row", n=int(number) - 1) if number else "draws"
        problem, hint = (text.replace(self.table, "draws") for text in (defect.problem, defect.hint))
        return replace(defect, file=file, problem=problem, hint=hint)

    def whole(self, name: str, value: object, usual: T) -> int | T:
        """A whole number, or ``usual`` where none is given."""
        if value is None:
            return usual
        if isinstance(value, bool) or not isinstance(value, Integral):
            self.wrong(name, value, said("call.whole"))
            return usual
        return int(value)

    def count(self, replications: Count, usual: int) -> int:
        """Number of replications; 0 stands for auto."""
        if replications is None:
            return usual
        if isinstance(replications, str) and replications == "auto":
            return AUTO
        is_whole = isinstance(replications, Integral) and not isinstance(replications, bool)
        if not is_whole or not 1 <= int(replications) <= MOST:
            self.defects.append(given("replications", replications, said("option.count_given", most=MOST)))
            return usual
        return int(replications)

    def mapping(self, name: str, value: object) -> dict[str, Any]:
        """Keys of parameters and what is to become of them; without those that are no text."""
        if not isinstance(value, Mapping):
            self.wrong(name, value, said("call.mapping", example=EXAMPLE))
            return {}
        for key in value:
            if not isinstance(key, str):
                self.defects.append(Defect(f"{name}[{key!r}]", "", said("call.text"), said("call.key")))
        return {key: one for key, one in value.items() if isinstance(key, str)}

    def texts(self, name: str, value: object) -> list[str]:
        """One text, or several."""
        if isinstance(value, str):
            return [value]
        several = isinstance(value, Iterable) and not isinstance(value, bytes | Mapping)
        found: list[Any] = list(value) if several else [None]  # type: ignore[call-overload]
        if all(isinstance(one, str) for one in found):
            return found
        self.wrong(name, value, said("call.texts"))
        return []

    def text(self, name: str, value: object, usual: str) -> str:
        """A text."""
        if isinstance(value, str):
            return value
        self.wrong(name, value, said("call.string"))
        return usual

    def choice(self, name: str, value: object, known: Iterable[str]) -> str:
        """One of several names; the first of them stands in for what is none."""
        names = list(known)
        try:
            return one_of(name, value, names)
        except ArgumentError:
            hint = near(value, names) if isinstance(value, str) else ""
            self.wrong(name, value, said("call.allowed", names=joined(names)), hint)
            return names[0]

    def flag(self, name: str, value: object) -> bool:
        """True or false, and nothing that happens to count as one of them."""
        if isinstance(value, bool | np.bool_):
            return bool(value)
        self.wrong(name, value, said("call.allowed", names=joined((True, False))))
        return False

    def path(self, name: str, value: object, needed: bool = False) -> Path | None:
        """The path of a file or folder, or none where none is needed."""
        text = os.fspath(value) if isinstance(value, str | os.PathLike) else None
        if isinstance(text, str) and "\0" not in text:
            return Path(text)
        if value is None and not needed:
            return None
        self.wrong(name, value, said("call.path"))
        return None

    def jobs(self, jobs: int) -> int:
        """Number of processes; 0 stands for as many as there are processors."""
        jobs = int(jobs) if isinstance(jobs, Integral) and not isinstance(jobs, bool) else jobs
        wrong = misemployed(jobs)
        self.defects += [given("jobs", jobs, one.problem) for one in wrong]
        return 1 if wrong else jobs or os.cpu_count() or 1

    def engine(self, engine: str, scenarios: Sequence[Schema], runs: int) -> Engine:
        """The engine, ready for so many runs of scenarios; it holds where it is passed to ``using``."""
        chosen = cast(Engine, self.choice("engine", engine, ENGINES))
        with using(chosen):
            try:
                make_ready(scenarios, runs)
            except NotCompiledError as error:
                self.defects.append(given("engine", engine, str(error)))
        return chosen

    def day(self, name: str, value: object) -> date | None:
        """A day, given as such or as its text."""
        if value is None or (
            isinstance(value, date) and value == value
        ):  # pandas' NaT is none, and not itself
            return value.date() if isinstance(value, datetime) else value
        if not isinstance(value, str):
            self.wrong(name, value, said("call.day", example="2020-01-01"))
            return None
        if why := no_date(value):
            self.defects.append(given(name, value, why))
            return None
        return date.fromisoformat(value)


def as_texts(changes: object, name: str = SET) -> list[str]:
    """Changes as ``--set`` takes them, a text a value; tables within tables are taken apart. Raises ``ScenarioError``."""
    if not isinstance(changes, Mapping):
        raise ScenarioError([given(name, changes, said("call.mapping", example=EXAMPLE))])
    defects: list[Defect] = []
    found = list(_leaves(changes, "", defects))
    places: dict[str, str] = {}
    for key, text in found:
        spelt = f"{key} = {text}"
        if (at := _dotted(key)) in places:
            both = said("call.twice", one=places[at], other=spelt)
            defects.append(Defect(name, at, both))
        places[at] = spelt
    if defects:
        raise ScenarioError(defects)
    return [f"{key}={text}" for key, text in found]


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
