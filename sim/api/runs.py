"""Running a scenario, and its results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sim.api.arguments import ArgumentChecks, Count, language, one_of
from sim.api.codebooks import book_frame
from sim.api.display import card, categories
from sim.api.frames import measures_frame, records_frame
from sim.api.progress import showing
from sim.api.scenarios import Scenario, Source, against_the_law, taken
from sim.api.wording import in_python
from sim.experiments.replications import FEWEST, Keep
from sim.experiments.run import RECORD_NAMES, Result, gather
from sim.experiments.run import run as run_to_folder
from sim.experiments.storage.codebook import codebook
from sim.experiments.storage.folders import called
from sim.locale.language import said
from sim.model.engine import using
from sim.model.records import Table, of_replication
from sim.scenario import SimError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sim.reporting.fit import Fit

# What pictures are called here: those of the command by the names of their files.
PICTURES = {
    "fit": "published_and_simulated",
    "flow": "where_lots_end",
    "days": "days_to_sale",
    "premiums": "premiums",
    "open_lots": "open_lots",
    "change": "before_and_after",
}


class NotKeptError(SimError, LookupError):
    """Records that a run has not kept; the message says how it keeps them."""


@dataclass(frozen=True, eq=False, repr=False)
class RunResult:
    """What the replications of a scenario came to; made by ``sim.run``.

    Attributes
    ----------
    scenario : Scenario
    replications : int
    precise : bool
        False where ``replications="auto"`` stopped at its limit before the headline measures were known well enough.
    seconds : float
    out : path or None
        The folder that was written.
    law_of : datetime.date or None
        The day by whose law the scenario is marked; None: that of the days simulated.
    """

    scenario: Scenario
    replications: int
    precise: bool
    seconds: float
    out: Path | None
    found: Result = field(repr=False)
    tables: Callable[[str], Table] = field(repr=False)
    kept: tuple[str, ...] = ()
    law_of: date | None = None

    @property
    def unlawful(self) -> list[str]:
        """What of the scenario the law does not allow: that of ``law_of``, or of the days simulated; it was run all the same."""
        return against_the_law(self.scenario.loaded.scenario, self.law_of)

    @cached_property
    def measures(self) -> pd.DataFrame:
        """Every measure, for each window, segment and basis: one row each.

        ``mean``, ``sd`` are over replications, ``ci_low``, ``ci_high`` bound the mean, ``low``, ``high`` hold 95 % of the
        replications themselves: only these may be held against a published figure.
        """
        return measures_frame(self.found.summary)

    @cached_property
    def fit(self) -> pd.DataFrame:
        """Published beside simulated, under the interpretation by which results are compared: one row a window and figure.

        ``verdict``: inside, wide (in a band that could hardly be missed), above or below (the simulated mean), input, unmet (not
        meant to be met), undefined; ``in_words``: the same with its size, in the language of SIM_LANG.
        """
        import pandas as pd

        from sim.reporting.fit import NOT_PUBLISHED, verdict_code
        from sim.reporting.tables import verdict

        names = ("window", "figure", "measure", "basis", "published", "mean", "low", "high", "role")
        rows = [row for row in self._fit.rows if row["role"] != NOT_PUBLISHED]
        frame = pd.DataFrame([[row[name] for name in names] for row in rows], columns=list(names))
        frame["verdict"] = [verdict_code(row) for row in rows]
        frame["in_words"] = [verdict(row, language(None)) for row in rows]
        return categories(frame, ["verdict"])

    @cached_property
    def lots(self) -> pd.DataFrame:
        """The lots of all replications, a row each; ``codebook("lots")`` says what the columns mean.

        Raises ``NotKeptError`` where they were not kept.
        """
        return self._records("lots")

    @cached_property
    def rounds(self) -> pd.DataFrame:
        """The rounds of all replications, a row each. Raises ``NotKeptError`` where they were not kept."""
        return self._records("rounds")

    @cached_property
    def registrations(self) -> pd.DataFrame:
        """The registrations of all replications, a row each. Raises ``NotKeptError`` where they were not kept."""
        return self._records("registrations")

    @cached_property
    def bids(self) -> pd.DataFrame:
        """The bids of all replications, a row each. Raises ``NotKeptError`` where they were not kept."""
        return self._records("bids")

    def codebook(self, table: str) -> pd.DataFrame:
        """What the columns of ``lots``, ``rounds``, ``registrations`` or ``bids`` mean; see ``sim.codebook``."""
        books = codebook(self.scenario.loaded.scenario)
        return book_frame(books[one_of("table", table, books)])

    @in_python
    def against_law(self, date: date | str | None = None) -> pd.DataFrame:
        """What happened, event by event against the law, as ``sim check`` of a run's folder: a row for each limit that spoke of any.

        ``events``: of which it speaks; ``broken``: that did not keep it; ``lots``, ``kinds``: with such an event; ``worst_*``: the worst of
        them. ``disputed``: another interpretation of the article allows them; ``condition``: where they are allowed. Values are days, shares, minutes or numbers, as limits are.

        Parameters
        ----------
        date : datetime.date or str, optional
            The day whose law counts; by default each event is held against the law of its own day.

        Returns
        -------
        pandas.DataFrame

        Raises
        ------
        ScenarioError
            What is no day.
        NotKeptError
            Where lots, rounds or bids were not kept.
        """
        import pandas as pd

        from sim.measures.against_law import AgainstTheLaw
        from sim.reporting.against_law import record_rows

        checks = ArgumentChecks()
        day = checks.day("date", date)
        checks.end()
        held, lang = AgainstTheLaw(self.scenario.loaded.scenario, day), language(None)
        tables = {name: self._kept(name) for name in ("lots", "rounds", "bids")}
        for number in range(self.replications):
            held.add(number, of_replication(tables, number))
        rows = []
        for row in record_rows(held, lang):
            worst = row.pop("worst")[:1] or [dict.fromkeys(("replication", "lot", "day", "value"))]
            row["kinds"] = ", ".join(row["kinds"])
            rows.append(row | {f"worst_{name}": value for name, value in worst[0].items()})
        frame = pd.DataFrame(rows)
        return frame.astype(
            {
                "worst_replication": "Int64",
                "worst_lot": "Int64",
                "worst_day": "datetime64[s]",
                "worst_value": float,
            }
        )

    def to_frame(self) -> pd.DataFrame:
        """The same as ``measures``."""
        return self.measures

    def plot(self, kind: str = "fit", *, lang: str | None = None) -> Figure:
        """A picture, the same as that of ``sim run``.

        Parameters
        ----------
        kind : str
            ``fit`` (published and simulated), ``flow`` (where lots end), ``days`` (to a sale), ``premiums``, ``open_lots``
            (over time), or ``change`` (before and after, where something changes at a date).
        lang : str, optional
            ``en`` or ``zh``; by default what the variable SIM_LANG says, else the locale.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ArgumentError
            If there is no such picture; it says which there are.
        """
        from sim.reporting.pictures import run_pictures
        from sim.scenario.departure import departure

        of = self.scenario.loaded
        pictures = run_pictures(of.scenario, self.found, language(lang), departure(of))
        there = {short: pictures[name] for short, name in PICTURES.items() if name in pictures}
        return there[one_of("kind", kind, there)]()

    @cached_property
    def _fit(self) -> Fit:
        from sim.reporting.fit import fit_of

        return fit_of(self.scenario.loaded, self.found.summary)

    def _records(self, name: str) -> pd.DataFrame:
        return records_frame(self._kept(name), codebook(self.scenario.loaded.scenario)[name])

    def _kept(self, name: str) -> Table:
        if name not in self.kept:
            raise NotKeptError(said("call.not_kept", name=name))
        return self.tables(name)

    def __repr__(self) -> str:
        runs = "1 replication" if self.replications == 1 else f"{self.replications:,} replications"
        return f"<RunResult of {self.scenario.name}: {runs}, {self.seconds:.1f} s>"

    def _repr_html_(self) -> str:
        import pandas as pd

        from sim.reporting import formats
        from sim.reporting.fit import DEPARTS, MUST, NOT_PUBLISHED
        from sim.reporting.tables import verdict
        from sim.reporting.text import headline, name_of, t

        lang = language(None)

        def simulated(row: Mapping[str, Any]) -> str:
            text = formats.interval(row["figure"], row["mean"], row["low"], row["high"], lang)
            return text if row["low"] < row["high"] else text.partition(" [")[0]

        published = [row for row in self._fit.rows if row["role"] != NOT_PUBLISHED]
        cells = [
            (
                row["window"], headline(name_of(row["measure"], lang)),
                simulated(row),
                formats.value(row["figure"], row["published"], lang, digits=2) if published else "", verdict(row, lang),
            )
            for row in published or self._fit.rows
        ]  # fmt: skip
        heads = [headline(t(name, lang)) for name in ("figure", "simulated", "published", "distance")]
        frame = pd.DataFrame(cells, columns=["", *heads])
        shown = frame.iloc[:, [0, 1, 3, 2, 4] if published else [0, 1, 2]]
        lines = [t("compare.headline", lang, n=self.replications), *self.unlawful]
        if self._fit.of(MUST) or self._fit.of(DEPARTS):
            lines.append(self._fit.count(lang))
        return card(self.scenario.titled(lang), lines, shown, index=False)


@in_python
def run(
    scenario: Source,
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
    """Run replications of a scenario.

    Parameters
    ----------
    scenario : Scenario, or what ``load_scenario`` takes
    replications : int or "auto", optional
        How often; ``"auto"``: until the headline measures are known well enough; by default as the scenario says.
    jobs : int, default 1
        Processes; 0 for as many as there are processors. Results do not depend on it.
    engine : {"auto", "simpy", "compiled"}
        How the model is run; results do not depend on it.
    records : {"all", "lots", "none"}
        Which records to keep.
    date : datetime.date or str, optional
        The day by whose law the scenario is marked, in ``unlawful`` and in the folder; by default those simulated.
    out : str or path, optional
        A folder to write, as ``sim run`` does. Without one everything stays in memory.
    force : bool
        Replace a folder that an earlier run left.
    progress : bool, optional
        Whether to show it; by default in notebooks only.

    Returns
    -------
    RunResult

    Raises
    ------
    ScenarioError
        With everything that is wrong with what was given.
    TooLargeError
        If so many replications do not fit into memory; said after the first.
    FolderError
        If ``out`` cannot be written, or holds something and ``force`` is not given.
    ExecutorError
        If worker processes cannot be started, or die again and again.

    Examples
    --------
    >>> import sim
    >>> village = sim.load_scenario({"courts.number": 1, "arrivals.volume": 0.05})
    >>> result = sim.run(village, replications=2)
    >>> result.lots["outcome"].dtype.name, result.lots["listed"].dtype.kind
    ('category', 'M')
    >>> int((result.lots["outcome"] == "sold").sum()) == len(result.lots.query("outcome == 'sold'"))
    True
    >>> result.plot("flow").savefig  # doctest: +ELLIPSIS
    <bound method Figure.savefig of ...>
    """
    scenario = taken("scenario", scenario)
    checks = ArgumentChecks()
    of = scenario.loaded.scenario
    count, number = checks.count(replications, of.run.replications), checks.jobs(jobs)
    keep = cast(Keep, checks.choice("records", records, ("all", "lots", "none")))
    folder, force = checks.path("out", out), checks.flag("force", force)
    law_of = checks.day("date", date)
    by = checks.engine(engine, [of], count or FEWEST)
    checks.end()
    with using(by), showing("replications", progress) as shown:

        def tick(done: int) -> None:
            shown(done, count or None)

        if folder is None:
            found, held = gather(of, count, number, keep, tick)
            tables: Callable[[str], Table] = held.table
        else:
            times = None if replications is None else count or "auto"
            on = "" if law_of is None else f", date={str(law_of)!r}"
            call = f"sim.run({scenario.code()}, {times!r}, records={records!r}{on}, out={str(out)!r})"
            with called(["python", "-c", f"import sim; {call}"]):
                found = run_to_folder(
                    scenario.loaded, folder, count, number, keep, force, _leave(scenario), tick, law_of=law_of
                )
            tables = _read(folder)
    return RunResult(
        scenario,
        found.replications,
        found.precise,
        found.seconds,
        folder,
        found,
        tables,
        RECORD_NAMES[keep],
        law_of,
    )


def _leave(scenario: Scenario) -> Callable[[Path, Result], None]:
    """What people look at, as ``sim run`` leaves it in the folder."""
    from sim.reporting.pictures import leave_run

    return lambda folder, result: leave_run(folder, scenario.loaded, result, language(None))


def _read(folder: Path) -> Callable[[str], Table]:
    """The tables of a run's folder, read when they are asked for."""

    def read(name: str) -> Table:
        import pyarrow.parquet as pq

        table = pq.read_table(folder / f"{name}.parquet")
        return {column: table[column].to_numpy() for column in table.column_names}

    return read
