"""A scenario as a value: loaded, looked at, changed into another one, never in place."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sim
from sim.api.arguments import Count, as_texts, given, language
from sim.api.display import card
from sim.api.extensions import as_python, extended
from sim.api.wording import in_python
from sim.experiments.assignments import keys_set
from sim.locale.language import said
from sim.locale.words import Words
from sim.scenario import Defect, Loaded, ScenarioError, SimError, load
from sim.scenario.errors import near
from sim.scenario.extensions import Extensions
from sim.scenario.files import leaves
from sim.scenario.keys import displaces, read_key, write_key
from sim.scenario.load import SET

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

    from sim.api.runs import RunResult
    from sim.measures.user_measures import Measure
    from sim.model.auction import BiddingStyle
    from sim.model.behaviour.baseline import Reaction
    from sim.model.pricing import PricingMethod
    from sim.scenario import schema

__all__ = ["Scenario", "ScenarioError", "SimError", "Source", "load_scenario"]


@dataclass(frozen=True, eq=False, repr=False)
class Scenario:
    """What is assumed of courts, lots, rules and bidders; made by ``load_scenario``.

    A scenario never changes: ``replace`` gives another one. Two are equal if all their values are.

    Attributes
    ----------
    name : str
        What it was loaded by: a name in ``scenarios/``, or a path.
    changes : tuple of str
        What ``replace`` has changed, as ``sim run --set`` takes it.
    """

    loaded: Loaded
    name: str
    changes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What people call it, in English."""
        return self.loaded.scenario.title

    @property
    def title_zh(self) -> str:
        """What people call it, in Chinese."""
        return self.loaded.scenario.title_zh

    def titled(self, lang: str) -> str:
        """The title in a language, ``en`` or ``zh``."""
        return self.title_zh if lang == "zh" else self.title

    @property
    def draws(self) -> Path | None:
        """The file of parameter draws that it names, over which ``sim.compare`` compares."""
        return self.loaded.draws

    @property
    def unlawful(self) -> list[str]:
        """What of it the law of the days simulated does not allow; it runs all the same."""
        return against_the_law(self.loaded.scenario)

    def __getitem__(self, key: str) -> Any:
        """The value of a parameter.

        Examples
        --------
        >>> import sim
        >>> sim.load_scenario("base")["rounds.second.cut"]
        0.2
        """
        try:
            parts = read_key(key)
        except (TypeError, ValueError):
            raise KeyError(key) from None
        inner: Any = self.loaded.tree
        for name in parts:
            if not isinstance(inner, Mapping) or name not in inner:
                raise KeyError(_unknown(key, name, inner))
            inner = inner[name]
        return inner

    def __contains__(self, key: object) -> bool:
        """Whether it has such a parameter, or a table of this name."""
        try:
            self[key]  # type: ignore[index]
        except KeyError:
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        """The keys of all its parameters.

        Examples
        --------
        >>> import sim
        >>> base = sim.load_scenario("base")
        >>> "start.ratio" in base, "start.rate" in base, "start.ratio" in list(base)
        (True, False, True)
        """
        return map(write_key, leaves(self.loaded.tree))

    @in_python
    def replace(self, changes: Mapping[str, Any]) -> Scenario:
        """Another scenario with some values changed.

        Parameters
        ----------
        changes : mapping
            Key of a parameter to its value: numbers, texts with a unit (``"2 h"``, ``"20%"``), dates, ``True`` and
            ``False``; ``False`` for a named part takes it out. Tables within tables are allowed.

        Returns
        -------
        Scenario

        Raises
        ------
        ScenarioError
            With everything that is wrong, as ``sim run --set`` says it; of a parameter that is given twice, both values.

        Examples
        --------
        >>> import sim
        >>> base = sim.load_scenario("base")
        >>> base.replace({"rounds.second.cut": 0.1, "auction": {"deposit": "20%"}})["auction.deposit"]
        0.2
        >>> base.replace({"rounds.second.cutt": 0.1})
        Traceback (most recent call last):
        ...
        sim.scenario.errors.ScenarioError: changes: rounds.second.cutt: unknown key; did you mean cut?
        """
        new = as_texts(changes)
        mine = [key for text in new for key in keys_set(text)]
        kept = [text for text in self.changes if not displaced(text, mine)]
        return _made(self.name, (*kept, *new), self.extensions)

    @property
    def extensions(self) -> Extensions:
        """The parts of the model that ``extend`` has given it."""
        return self.loaded.scenario.extensions

    def extend(self, *parts: PricingMethod | BiddingStyle | Reaction | Measure) -> Scenario:
        """Another scenario, with parts of the model given as objects.

        Parameters
        ----------
        *parts : PricingMethod, BiddingStyle, Reaction or Measure
            Of the first three one each; one that is there already gives way. What they are now counts: to change them
            later changes nothing.

        Returns
        -------
        Scenario

        Raises
        ------
        ExtensionError
            If an object is none of these, or its source or its parameters cannot be written down: results of two that differ
            would not be distinguished from each other.

        Examples
        --------
        >>> import sim
        >>> class Shaded(sim.BiddingStyle):
        ...     def limit(self, auction, who, value):
        ...         return 0.95 * value
        >>> sim.load_scenario("base").extend(Shaded()).title
        'Base: the rules of 2017-2019 and a neutral market + Shaded'
        """
        return _made(self.name, self.changes, extended(self.extensions, parts, self.loaded.scenario))

    def run(
        self,
        replications: Count = None,
        *,
        jobs: int = 1,
        engine: str = "auto",
        records: str = "all",
        date: date | str | None = None,
        out: str | Path | None = None,
        force: bool = False,
        progress: bool | None = None,
    ) -> RunResult:
        """Run it; see ``sim.run``, which takes the same."""
        return sim.run(
            self,
            replications,
            jobs=jobs,
            engine=engine,
            records=records,
            date=date,
            out=out,
            force=force,
            progress=progress,
        )

    def to_frame(self) -> pd.DataFrame:
        """Every value with its unit, meaning, source and what set it, a file or ``replace``, one row each.

        Examples
        --------
        >>> import sim
        >>> parameters = sim.load_scenario("base").to_frame()
        >>> parameters.loc["rounds.second.cut", ["value", "unit"]].tolist()
        [0.2, 'share of previous start']
        """
        import pandas as pd

        from sim.scenario.table import rows

        found = rows(self.loaded, language(None))
        heads = ("parameter", "value", "unit", "meaning", "source", "set_by")
        frame = pd.DataFrame(found, columns=list(heads)).set_index("parameter")
        frame["set_by"] = frame["set_by"].replace(SET, "replace")
        frame["value"] = pd.Series([self[key] for key in frame.index], index=frame.index, dtype=object)
        return frame

    def to_toml(self) -> str:
        """All of it in one scenario file that extends no other; what ``extend`` has given stands in no file."""
        return self.loaded.toml()

    def code(self) -> str:
        """The Python that makes it."""
        made = f"sim.load_scenario({self.name!r})"
        if self.changes:
            pairs = (text.partition("=") for text in self.changes)
            made += ".replace({" + ", ".join(f"{key!r}: {_python(value)}" for key, _, value in pairs) + "})"
        if self.extensions:
            made += f".extend({', '.join(map(as_python, self.extensions.every))})"
        return made

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Scenario)
            and self.loaded.tree == other.loaded.tree
            and self.extensions == other.extensions
        )

    def __hash__(self) -> int:
        return hash((self.to_toml(), self.extensions))

    def __repr__(self) -> str:
        return f"<Scenario {self.name}: {self.title}>"

    def _repr_html_(self) -> str:
        import pandas as pd

        from sim.reporting.text import round_name

        lang = language(None)
        of = self.loaded.scenario
        lots = sum(period.lots for period in of.arrivals.periods.values())
        facts = {
            "name": self.name,
            "dates": f"{of.time.start} – {of.time.end}",
            "courts": f"{of.courts.number:,}",
            "lots": f"{lots * of.arrivals.volume:,.0f}",
            "rounds": " → ".join(round_name(one, lang) for one in of.held),
            "draws": self.draws.name if self.draws else "–",
        }
        frame = pd.DataFrame(
            {"": [str(value) for value in facts.values()]},
            index=[Words("commands")(f"scenario.{k}", lang) for k in facts],
        )
        return card(self.titled(lang), self.unlawful, frame)


def _made(name: str, changes: tuple[str, ...], extensions: Extensions) -> Scenario:
    loaded = load(name, changes)
    if extensions:
        loaded = dataclasses.replace(loaded, scenario=loaded.scenario.extended(extensions))
    return Scenario(loaded, name, changes)


Source = str | Path | Mapping[str, Any] | Scenario


@in_python
def load_scenario(source: Source = "base") -> Scenario:
    """Load a scenario.

    Parameters
    ----------
    source : str, path, mapping or Scenario
        A name in ``scenarios/`` (``sim list`` names them), the path of a scenario file, or values laid over the base
        scenario, as ``Scenario.replace`` takes them.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        With everything that is wrong: file, key, value, what is allowed, what was probably meant.

    Examples
    --------
    >>> import sim
    >>> shanxi = sim.load_scenario("shanxi")
    >>> shanxi["rounds.second.cut"]
    0.2
    >>> village = sim.load_scenario({"courts.number": 1, "arrivals.volume": 0.05})
    >>> village["courts.number"]
    1
    """
    return taken("source", source)


def taken(argument: str, source: object) -> Scenario:
    """What an argument of this name stands for, as ``load_scenario`` takes it. Raises ``ScenarioError``."""
    if isinstance(source, Scenario):
        return source
    if isinstance(source, Mapping):
        return taken(argument, "base").replace(source)
    if not isinstance(source, str | os.PathLike):
        raise ScenarioError([given(argument, source, said("call.source"))])
    name = str(source)
    return Scenario(load(name), name)


def varied(scenario: Scenario, keys: Iterable[str]) -> Scenario:
    """The scenario without what ``replace`` has set and something else gives at every point."""
    mine = []
    for key in keys:
        with suppress(ValueError):  # which is said where it is read
            mine.append(read_key(key))
    kept = tuple(text for text in scenario.changes if not displaced(text, mine))
    return scenario if kept == scenario.changes else _made(scenario.name, kept, scenario.extensions)


def check_current(scenario: Scenario) -> None:
    """Raise ``ScenarioError`` if its files have changed since it was loaded: what is run would be another scenario."""
    if load(scenario.name, scenario.changes).tree != scenario.loaded.tree:
        raise ScenarioError([Defect(scenario.name, "", said("call.changed"), said("call.again"))])


def displaced(text: str, by: list[tuple[str, ...]]) -> bool:
    """Whether everything that an earlier change has set is set anew."""
    keys = keys_set(text)
    return bool(keys) and all(any(displaces(one, key) for one in by) for key in keys)


def _unknown(key: str, part: str, there: Any) -> str:
    """What is said of a key of which a part is not there."""
    hint = near(part, there) if isinstance(there, Mapping) else ""
    return str(Defect(key, "", said("call.no_key"), hint))


def _python(toml: str) -> str:
    """A TOML value as Python."""
    import tomllib

    return repr(tomllib.loads(f"x = {toml}")["x"])


def against_the_law(scenario: schema.Scenario, day: date | None = None) -> list[str]:
    """What of a scenario the law of a day, or of those simulated, does not allow, in the language of SIM_LANG."""
    from sim.law.verdict import breaches

    return [breach.zh if language(None) == "zh" else breach.en for breach in breaches(scenario, day)]
