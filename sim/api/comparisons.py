"""What policies change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.api.arguments import ArgumentChecks, Count, as_texts, given, language, one_of
from sim.api.display import card, categories, counted
from sim.api.frames import measures_frame
from sim.api.progress import showing
from sim.api.scenarios import Scenario, Source, against_the_law, check_current, taken
from sim.api.shared import draws_file
from sim.api.wording import in_python
from sim.experiments.assignments import keys_set
from sim.experiments.compare import Comparison, write_comparison
from sim.experiments.compare import compare as compared
from sim.experiments.draws import Draws
from sim.experiments.execution.worker_pool import pool
from sim.experiments.over_draws import EACH, USUAL, drawn, misdrawn
from sim.experiments.policies import Family, Policy, family
from sim.experiments.replications import FEWEST
from sim.experiments.run import AUTO
from sim.experiments.storage.folders import called, check_target
from sim.locale.language import said
from sim.model.engine import using
from sim.scenario import Defect, ScenarioError
from sim.scenario.keys import displaces, lay_in, read_assignment, tree_of
from sim.scenario.load import Overlay
from sim.scenario.values import read_value

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

Policies = Mapping[str, Source] | Sequence[str | Path | Scenario] | str | Path | Scenario
EXAMPLE = '{"name": {"rounds.second.cut": 0.0}}'


@dataclass(frozen=True, eq=False, repr=False)
class CompareResult:
    """What policies change against what they are compared with; made by ``sim.compare``.

    Attributes
    ----------
    base : str
        What the policies are compared with.
    policies : tuple of str
    draws : int
        Draws of the parameters; 0: at the base's own values.
    replications : int
        Pairs of runs, of each draw.
    precise : bool
        False where ``replications="auto"`` stopped at its limit.
    seconds : float
    out : path or None
        The folder that was written.
    law_of : datetime.date or None
        The day by whose law base and policies are marked; None: that of the days simulated.
    """

    base: str
    policies: tuple[str, ...]
    draws: int
    replications: int
    precise: bool
    seconds: float
    out: Path | None
    found: Comparison = field(repr=False)
    total: int = field(repr=False)  # draws in their file
    law_of: date | None = None

    @property
    def unlawful(self) -> dict[str, list[str]]:
        """What of the base and of each policy the law does not allow: that of ``law_of``, or of the days simulated; by name."""
        return {
            name: against_the_law(one.scenario, self.law_of)
            for name, one in zip(self.found.names, self.found.loaded, strict=True)
        }

    @cached_property
    def differences(self) -> pd.DataFrame:
        """The differences of every measure, for each policy, window, segment and basis: one row each.

        ``ci_low``, ``ci_high`` bound the mean effect: under draws they count parameters and Monte Carlo error together,
        at one point Monte Carlo error alone. Pairs share their random draws.
        """
        return measures_frame(self.found.rows, ["policy_name"])

    @cached_property
    def headline(self) -> pd.DataFrame:
        """The differences of the headline measures over the whole period: a row a policy and measure.

        ``verdict``: up, down, no_difference (not significant), same (in every pair), undefined; ``in_words``: the same in the
        language of SIM_LANG.
        """
        import pandas as pd

        from sim.reporting.differences import headline_rows, verdict, verdict_code

        rows = [row for name in self.policies for row in headline_rows(self._of(name))]
        names = ("base", "policy", "difference", "ci_low", "ci_high")
        keys = pd.MultiIndex.from_tuples(
            [(row["policy_name"], row["measure"]) for row in rows], names=["policy_name", "measure"]
        )
        frame = pd.DataFrame([[row[name] for name in names] for row in rows], index=keys, columns=list(names))
        frame["verdict"] = [verdict_code(row) for row in rows]
        frame["in_words"] = [verdict(row, language(None)) for row in rows]
        return categories(frame, ["verdict"])

    def sentence(self, policy: str, *, lang: str | None = None) -> str:
        """What a policy changes, in a sentence. Raises ``ArgumentError`` for a policy that is not here."""
        from sim.reporting.differences import headline_rows, sentence

        rows = headline_rows(self._of(one_of("policy", policy, self.policies)))
        return sentence(rows, language(lang))

    def _of(self, policy: str) -> list[Mapping[str, Any]]:
        """A policy's differences of all lots together, on the basis of what it is compared with."""
        from sim.reporting.differences import as_rows, on_basis

        rows = on_basis(as_rows(self.found.rows), self.found.basis)
        return [row for row in rows if row["policy_name"] == policy]

    def to_frame(self) -> pd.DataFrame:
        """The same as ``differences``."""
        return self.differences

    def plot(
        self, kind: str = "differences", *, policy: str | None = None, lang: str | None = None
    ) -> Figure:
        """A picture, the same as that of ``sim compare``.

        Parameters
        ----------
        kind : str
            ``differences``, ``tradeoff``, or ``flow``: where lots end, under ``policy``.
        policy : str, optional
            By default what the policies are compared with.
        lang : str, optional
            ``en`` or ``zh``; by default what the variable SIM_LANG says, else the locale.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ArgumentError
            If there is no such picture or policy; it says which there are.
        """
        from sim.reporting.pictures import comparison_pictures

        one_of("kind", kind, ("differences", "tradeoff", "flow"))
        name = self.base if policy is None else one_of("policy", policy, (self.base, *self.policies))
        pictures = comparison_pictures(self.found, language(lang))
        if kind != "flow":
            return pictures[kind]()
        return pictures[f"where_lots_end-{name}"]()

    @in_python
    def brief(
        self,
        out: str | Path,
        *,
        policies: str | Sequence[str] = (),
        lang: str | None = None,
        date: date | str | None = None,
        force: bool = False,
    ) -> list[Path]:
        """Write the brief: two pages A4 with answer, cost and gain, assumptions, law, effects by kind, what to ask for.

        Parameters
        ----------
        out : str or path
            A file that ends in ``.docx`` or ``.pdf``; without an ending both are written.
        policies : str or sequence of str, optional
            At most four; by default all.
        lang : str, optional
            ``en`` or ``zh``; by default what the variable SIM_LANG says, else the locale.
        date : datetime.date or str, optional
            The day whose law counts as today's; by default today.
        force : bool
            Replace files that differ.

        Returns
        -------
        list of path
            The files that were written.

        Raises
        ------
        ScenarioError
            An argument of a wrong kind.
        BriefError
            More than four policies, one that is not here, or a file that is not replaced.
        """
        from sim.reporting.briefs.compare_brief import brief_of
        from sim.reporting.briefs.files import write_brief
        from sim.reporting.differences import as_rows
        from sim.reporting.pages.compare_folder import CompareFolder

        checks = ArgumentChecks()
        file, chosen = checks.path("out", out, needed=True), checks.texts("policies", policies)
        found, day = self.found, checks.day("date", date) or datetime.now().date()
        force = checks.flag("force", force)
        checks.end()
        assert file is not None
        drawn_from = {"draws": self.draws, "draws_file": {"total": self.total}}
        manifest = {"seed": found.loaded[0].scenario.run.seed, **drawn_from}
        loaded = dict(zip(found.names, found.loaded, strict=True))
        folder = CompareFolder(self.out or Path(), manifest, as_rows(found.rows), loaded)
        pages = brief_of(folder, language(lang), day, policies=chosen)
        return write_brief(pages, file, day, force=force)

    def __repr__(self) -> str:
        under = f"{counted(self.draws, 'draw')} x " if self.draws else ""
        names = ", ".join(self.policies)
        return f"<CompareResult of {names} with {self.base}: {under}{counted(self.replications, 'pair')}, {self.seconds:.1f} s>"

    def _repr_html_(self) -> str:
        import pandas as pd

        from sim.reporting.differences import change, headline_rows, level, notes, verdict
        from sim.reporting.formats import minus
        from sim.reporting.pictures import policy_titles
        from sim.reporting.text import headline
        from sim.reporting.text_explore import e
        from sim.reporting.units import head_with_unit

        lang = language(None)
        titles = policy_titles(self.found, lang)
        rows = []
        for name in self.policies:
            for row in headline_rows(self._of(name)):
                measure = row["measure"]
                difference = change(measure, row["difference"], row["ci_low"], row["ci_high"], lang)
                rows.append((
                    titles[name], head_with_unit(measure, lang, own=True), minus(level(measure, row["base"], lang)),
                    minus(" ".join(difference).strip()), verdict(row, lang),
                ))  # fmt: skip
        heads = [headline(e(name, lang)) for name in ("measure", "base", "difference", "answer")]
        frame = pd.DataFrame(rows, columns=["", *heads])
        return card(
            titles[self.base], notes(self.replications, self.draws, self.total, lang)[:1], frame, index=False
        )


@in_python
def compare(
    base: Source,
    policies: Policies,
    *,
    draws: str | Path | pd.DataFrame | bool | None = None,
    max_draws: int | None = None,
    against: str | Path | None = None,
    replications: Count = None,
    controls: bool = False,
    date: date | str | None = None,
    jobs: int = 1,
    engine: str = "auto",
    out: str | Path | None = None,
    force: bool = False,
    progress: bool | None = None,
) -> CompareResult:
    """What policies change: differences under common random numbers, with intervals.

    Parameters
    ----------
    base : Scenario, or what ``load_scenario`` takes
    policies : mapping, sequence, or a single policy
        Name to what the policy changes: values as ``Scenario.replace`` takes them, the name or path of a policy file, or a
        scenario that ``replace`` has made from ``base``. Without names, one or several files or scenarios: a file is called
        by its own name, a scenario by what it changes (``rounds.second.cut=0.0``).
    draws : optional
        Draws of the parameters to compare over: a file (CSV or TOML), a table with a column a parameter, ``"scenario"``
        or ``True``: those that ``base`` names; ``False``: none. By default those that ``base`` names, if it names some.
    max_draws : int, optional
        Take so many, evenly spread over those in the file; by default 40.
    against : str or path, optional
        The name of a policy, or a policy file, that the others are compared with, instead of ``base`` as it is.
    replications : int or "auto", optional
        Pairs of runs, under draws of each of them (at least 2). By default 3 under draws, else until the headline
        differences are known well enough.
    controls : bool
        Take off the differences what is known of their noise in closed form: control variates. ``differences`` then has a
        column ``control_gain``: variance without / with them. Where an object of your own finds prices no closed form
        is known, nothing is taken off, and there is no such column.
    date : datetime.date or str, optional
        The day by whose law base and policies are marked, in ``unlawful`` and in the folder; by default those simulated.
    jobs : int, default 1
        Processes; 0 for as many as there are processors. Results do not depend on it.
    engine : {"auto", "simpy", "compiled"}
        How the model is run; results do not depend on it.
    out : str or path, optional
        A folder to write, as ``sim compare`` does. Without one everything stays in memory.
    force : bool
        Replace a folder that an earlier run left.
    progress : bool, optional
        Whether to show it; by default in notebooks only.

    Returns
    -------
    CompareResult

    Raises
    ------
    ScenarioError
        With everything that is wrong with what was given.
    FolderError
        If ``out`` cannot be written, or holds something and ``force`` is not given.
    ExecutorError
        If worker processes cannot be started, or die again and again.

    Examples
    --------
    >>> import sim
    >>> village = sim.load_scenario({"courts.number": 2, "arrivals.volume": 0.1})
    >>> found = sim.compare(village, {"no cut": {"rounds.second.cut": 0.0}}, replications=3)
    >>> found.policies, len(found.headline) > 4
    (('no cut',), True)
    """
    base = taken("base", base)
    checks = ArgumentChecks()
    number, folder, force = checks.jobs(jobs), checks.path("out", out), checks.flag("force", force)
    controls, law_of = checks.flag("controls", controls), checks.day("date", date)
    count = None if replications is None else checks.count(replications, 1)
    with ExitStack() as stack:
        wanted = draws if draws is not None else base.draws is not None
        file = draws_file(wanted, checks, stack)
        most = checks.whole("max_draws", max_draws, None)
        checks.defects += misdrawn(file, None if "draws" in checks.mistyped else most, count)
        under, tried = None, None
        with checks.check():
            if file is not None:
                under = drawn(base.loaded, file, base.changes).thinned(most or USUAL)
        with checks.check():
            tried = _family(base, policies, against, under)
        scenarios = []
        with checks.check():
            scenarios = [one.scenario for one in tried.under()] if tried else []
        by = checks.engine(engine, scenarios, len(scenarios) * (count or FEWEST))
        stack.enter_context(using(by))
        checks.end()
        assert tried is not None
        if folder is not None:
            check_target(folder, force)
        count = (EACH if under else AUTO) if count is None else count
        found = _compared(tried, under, count, number, progress, controls=controls)
        if folder is not None:
            code = _code(base, policies, draws, most, against, count, controls=controls, law_of=law_of)
            _write(folder, found, under, force, code, law_of=law_of)
    return CompareResult(
        found.names[0], tuple(found.names[1:]), found.draws, found.replications, found.precise, found.seconds, folder, found,
        under.total if under else 0, law_of,
    )  # fmt: skip


def _compared(
    tried: Family, under: Draws | None, count: int, jobs: int, progress: bool | None, *, controls: bool
) -> Comparison:
    total = count * (len(under.overlays) if under else 1) if count != AUTO else None
    with pool(jobs) as workers, showing("compare.pairs", progress) as shown:
        return compared(
            tried, under, count, workers, 2 * jobs, lambda done: shown(done, total), controls=controls
        )


def _family(base: Scenario, policies: Policies, against: str | Path | None, under: Draws | None) -> Family:
    """What is compared, every scenario of it tried. Raises ``ScenarioError``."""
    defects: list[Defect] = []
    named: list[str | Path | Policy] = []
    for name, what in _pairs(policies):
        try:
            named.append(_policy(base, name, what))
        except ScenarioError as error:
            defects += error.defects
    if not named and not defects:
        defects.append(Defect("policies", "", said("call.one")))
    if not (against is None or isinstance(against, str | Path)):
        defects.append(given("against", against, said("call.against")))
    if defects:
        raise ScenarioError(defects)
    there = {one.name: one for one in named if isinstance(one, Policy)}
    reference = against if against is None else there.get(str(against), against)
    check_current(base)
    tried = family(base.loaded.path, named, base.changes, reference, True, base.extensions)
    tried.under()
    for overlay in under.overlays if under else ():
        tried.under(overlay)
    return tried


def _pairs(policies: Any) -> Iterable[tuple[Any, Any]]:
    """Names and what they stand for; no name where none is given."""
    if isinstance(policies, Mapping):
        return policies.items()
    alone = isinstance(policies, str | Path | Scenario) or not isinstance(policies, Sequence)
    return ((None, one) for one in ([policies] if alone else policies))


def _policy(base: Scenario, name: Any, what: Any) -> str | Path | Policy:
    """A policy under its name; without one a file bears its own, a scenario that of its changes. Raises ``ScenarioError``."""
    if name is None and isinstance(what, str | Path):
        return what
    if name is None and isinstance(what, Scenario):
        name = ", ".join(_beyond(base, what.name, what)).replace('"', "") or what.title
    if name is None or not isinstance(what, str | Path | Scenario | Mapping):
        place = "policies" if name is None else f"policies {name!r}"
        raise ScenarioError([Defect(place, "", said("call.names", example=EXAMPLE))])
    if not isinstance(name, str) or not name or "/" in name or "\0" in name:
        raise ScenarioError([Defect(f"policies {name!r}", "", said("call.slash"))])
    if isinstance(what, Scenario):
        own = what.extensions != base.extensions
        return Policy(name, _overlay(name, _beyond(base, name, what), own), what.extensions)
    return Policy(name, _overlay(name, as_texts(what)) if isinstance(what, Mapping) else what)


def _beyond(base: Scenario, name: str, other: Scenario) -> list[str]:
    """What another scenario changes of the base. Raises ``ScenarioError`` if it is not made from it."""
    mine = [key for text in other.changes for key in keys_set(text)]
    lost = [
        text for text in base.changes
        if text not in other.changes
        and not all(any(displaces(one, key) for one in mine) for key in keys_set(text))
    ]  # fmt: skip
    if other.name == base.name and not lost:
        return [text for text in other.changes if text not in base.changes]
    problem = said("call.not_made", base=base.name)
    raise ScenarioError([Defect(f"policies {name}", "", problem, said("call.to_file"))])


def _overlay(name: str, texts: Sequence[str], changed: bool = False) -> Overlay:
    """Changes as an overlay for the base, under their own name. Raises ``ScenarioError``."""
    tree: dict[str, Any] = {"title": name, "title_zh": name}
    defects = []
    for text in texts:
        try:
            key, value = read_assignment(text)
        except ValueError as error:
            defects.append(Defect(name, text.partition("=")[0], str(error), said("call.key")))
            continue
        lay_in(tree, tree_of(key, read_value(value, key)))
    if not texts and not changed:
        defects.append(Defect(name, "", said("call.nothing")))
    if defects:
        raise ScenarioError(defects)
    return Overlay(name, tree)


def _write(
    out: Path, found: Comparison, under: Draws | None, force: bool, code: str, *, law_of: date | None
) -> None:
    from sim.reporting.pictures import comparison_pictures, draw

    def also(folder: Path, one: Comparison) -> None:
        draw(folder, comparison_pictures(one, language(None)))

    with called(["python", "-c", f"import sim; {code}"]):
        write_comparison(out, found, under, force, also, law_of=law_of)


def _code(
    base: Scenario,
    policies: Policies,
    draws: Any,
    most: int | None,
    against: str | Path | None,
    count: int,
    *,
    controls: bool,
    law_of: date | None,
) -> str:
    """The Python that makes it again; a table of draws stands in the folder as a file."""
    if isinstance(policies, Mapping):
        named_ones = ((n, p.code() if isinstance(p, Scenario) else repr(p)) for n, p in policies.items())
        tried = "{" + ", ".join(f"{n!r}: {what}" for n, what in named_ones) + "}"
    else:
        each = [one.code() if isinstance(one, Scenario) else repr(str(one)) for _, one in _pairs(policies)]
        tried = f"[{', '.join(each)}]"
    named: Any = "draws.csv"
    if draws is None or isinstance(draws, bool | str | Path):
        named = str(draws) if isinstance(draws, Path) else draws
    how = f"draws={named!r}, max_draws={most!r}, against={None if against is None else str(against)!r}"
    more = ", controls=True" if controls else ""
    more += "" if law_of is None else f", date={str(law_of)!r}"
    return f"sim.compare({base.code()}, {tried}, {how}, replications={count or 'auto'!r}{more})"
