"""From published figures to parameters: the audit of the figures, and the calibration.

``calibration`` knows ``sim`` and not the other way round, so it is loaded where it is used.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sim.api.arguments import ArgumentChecks, language, one_of
from sim.api.display import card, categories, counted
from sim.api.progress import showing
from sim.api.scenarios import Scenario, load_scenario
from sim.api.wording import in_python
from sim.locale.language import said
from sim.scenario import SimError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from calibration.audit import Finding
    from calibration.result import Result
    from calibration.settings import Settings
    from calibration.targets.targets import Reported, Targets
    from calibration.workers import Tick


class RefusedError(SimError, RuntimeError):
    """A calibration that may not be used; the message says why."""


@dataclass(frozen=True, eq=False, repr=False)
class AuditResult:
    """What published figures say about each other, before any model; made by ``sim.audit``."""

    targets: Reported = field(repr=False)
    found: Sequence[Finding] = field(repr=False)

    @cached_property
    def findings(self) -> pd.DataFrame:
        """A row a finding: ``window`` (``all``: several), ``figure``, ``key`` of the finding, ``verdict`` (impossible, contradicts,
        unusual, excludes, possible, consistent, implied), measures that the figure cannot stand for; ``says`` and ``in_words``: what
        follows, and the verdict, in the language of SIM_LANG.
        """
        import pandas as pd

        from calibration.audit.words import sentence, verdict

        lang = language(None)
        frame = pd.DataFrame(
            {
                "window": [one.window or "all" for one in self.found],
                "figure": [one.figure for one in self.found],
                "key": [one.key for one in self.found],
                "verdict": [one.verdict for one in self.found],
                "rules_out": [" ".join(one.rules_out) for one in self.found],
                "says": [sentence(one, lang) for one in self.found],
                "in_words": [verdict(one, lang) for one in self.found],
            }
        )
        return categories(frame, ["window", "figure", "verdict"])

    @cached_property
    def ruled_out(self) -> dict[str, set[str]]:
        """Figure to the measures that it cannot stand for."""
        from calibration.audit import ruled_out

        return ruled_out(self.found)

    def summary(self, *, lang: str | None = None) -> str:
        """How many findings are of which kind, in a sentence."""
        from calibration.audit.report import summary

        return summary(self.found, language(lang))

    def to_frame(self) -> pd.DataFrame:
        """The same as ``findings``."""
        return self.findings

    def plot(self, kind: str = "findings", *, lang: str | None = None) -> Figure:
        """Figures by windows, each with what says most against it.

        Parameters
        ----------
        kind : str
            ``findings``, the only one.
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
        from calibration.report.pictures import audit_picture

        one_of("kind", kind, ("findings",))
        return audit_picture(self.targets, self.found, language(lang))

    def __repr__(self) -> str:
        return f"<AuditResult of {self.targets.path.stem}: {counted(len(self.found), 'finding')}>"

    def _repr_html_(self) -> str:
        import pandas as pd

        from calibration.audit.report import SHOWN, rows
        from calibration.words import w

        lang = language(None)
        frame = pd.DataFrame(rows(self.found, lang), columns=list(SHOWN))
        frame.columns = pd.Index([w(f"audit.{name}", lang) for name in SHOWN])
        title = self.targets.title_zh if lang == "zh" else self.targets.title
        return card(title, [self.summary()], frame, index=False)


@dataclass(frozen=True, eq=False, repr=False)
class CalibrationResult:
    """What a calibration has found; made by ``sim.calibrate``.

    Attributes
    ----------
    refused : str
        Why the answer must not be used: draws that fail their diagnostics, or no point of the posterior that meets the figures.
        Empty where nothing is wrong.
    seconds : float
    out : path or None
        The folder that was written.
    """

    refused: str
    seconds: float
    out: Path | None
    found: Result = field(repr=False)

    @cached_property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Every table of the report by its name: answers, figures, parameters, facts, interpretations, diagnostics, ..."""
        import pandas as pd

        from calibration.report.tables import every

        return {name: pd.DataFrame(list(rows)) for name, rows in every(self.found).items()}

    @property
    def answers(self) -> pd.DataFrame:
        """What each policy does to each outcome, given each body of evidence, with 95 % intervals; empty where refused."""
        return self.tables["answers"]

    @property
    def parameters(self) -> pd.DataFrame:
        """Prior and posterior of every parameter: median and 95 % interval."""
        return self.tables["parameters"]

    @property
    def figures(self) -> pd.DataFrame:
        """Published figures, and what the model predicts of each that it must produce."""
        return self.tables["figures"]

    @cached_property
    def draws(self) -> pd.DataFrame:
        """Draws of the posterior that count alike, a column a parameter, as ``sim.compare`` takes them."""
        import pandas as pd

        from calibration.outputs import posterior_draws

        return pd.DataFrame(posterior_draws(self.found))

    def save_scenario(self, path: str | Path) -> Scenario:
        """Write the calibrated scenario, and its draws beside it.

        Parameters
        ----------
        path : str or path
            The scenario file (.toml).

        Returns
        -------
        Scenario

        Raises
        ------
        RefusedError
            If the calibration is refused.
        ScenarioError
            If ``path`` is no path.
        """
        from calibration.outputs import exported, refused

        checks = ArgumentChecks()
        file = checks.path("path", path, needed=True)
        checks.end()
        assert file is not None
        if refused(self.found):
            raise RefusedError(said("call.refused", why=self.refused))
        exported(self.found, file)
        return load_scenario(file)

    def to_frame(self) -> pd.DataFrame:
        """The same as ``parameters``."""
        return self.parameters

    def plot(self, kind: str = "answer", *, lang: str | None = None) -> Figure:
        """A picture.

        Parameters
        ----------
        kind : str
            ``answer`` (what the main policy does), ``parameters`` (posterior within prior), or ``fit``
            (predicted beside published).
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
        from calibration.report import pictures

        drawn = {
            "answer": pictures.answer_picture,
            "parameters": pictures.parameter_picture,
            "fit": pictures.fit_picture,
        }
        return drawn[one_of("kind", kind, drawn)](self.found, language(lang))

    def __repr__(self) -> str:
        state = ", refused" if self.refused else ""
        return f"<CalibrationResult of {self.found.targets.path.stem}: {counted(len(self.parameters), 'parameter')}{state}, {self.seconds:.0f} s>"

    def _repr_html_(self) -> str:
        from calibration.report.first_page import lines

        title, *rest = lines(self.found, language(None))
        names = ["parameter", "prior_low", "prior_median", "prior_high", "low", "median", "high"]
        return card(title, rest, self.parameters[names], index=False)


@in_python
def audit(targets: str | Path) -> AuditResult:
    """What published figures say about each other, before any model is run.

    Parameters
    ----------
    targets : str or path
        A targets file, or its name in ``calibration/targets/``.

    Returns
    -------
    AuditResult

    Raises
    ------
    ScenarioError
        With everything that is wrong with the file.

    Examples
    --------
    >>> import sim
    >>> found = sim.audit("shanxi")
    >>> "excludes" in set(found.findings["verdict"])
    True
    """
    from calibration.audit import audit as audited
    from calibration.targets.reader.load import load_reported

    checks = ArgumentChecks()
    checks.path("targets", targets, needed=True)
    checks.end()
    reported = load_reported(str(targets))
    return AuditResult(reported, audited(reported))


@in_python
def calibrate(
    targets: str | Path,
    *,
    effort: str | Settings = "full",
    variants: bool = True,
    jobs: int = 1,
    out: str | Path | None = None,
    force: bool = False,
    progress: bool | None = None,
) -> CalibrationResult:
    """Estimate parameters from published figures and evidence, and answer the policy question over all that is left open.

    Parameters
    ----------
    targets : str or path
        A targets file, or its name in ``calibration/targets/``.
    effort : {"full", "quick", "small"}, or calibration.settings.Settings
        How much is done. ``quick``: fewer draws, for a first look, as ``calibrate run --quick``; ``small``: less of everything,
        enough for two or three free parameters. Diagnostics may refuse the draws of either.
    variants : bool
        Also the answers from the figures alone, with errors doubled, and under other priors.
    jobs : int, default 1
        Processes; 0 for as many as there are processors. Results do not depend on it.
    out : str or path, optional
        A folder to write, as ``calibrate run`` does; a stopped calibration goes on in it. Without one everything stays in
        memory.
    force : bool
        Use a folder that holds another run.
    progress : bool, optional
        Whether to show it; by default in notebooks only.

    Returns
    -------
    CalibrationResult

    Raises
    ------
    ScenarioError
        With everything that is wrong with the file, or with what was given.
    OutputError
        If ``out`` holds something else and ``force`` is not given.
    ExecutorError
        If worker processes cannot be started, or die again and again.

    Examples
    --------
    Minutes, even for a small place; see the tutorial.

    >>> import sim
    >>> sim.calibrate("shanxy")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    sim.scenario.errors.ScenarioError: shanxy: ... did you mean shanxi?
    """
    from calibration import outputs, pipeline
    from calibration.settings import BY_NAME, Settings
    from calibration.targets.reader.load import load_targets

    checks = ArgumentChecks()
    number = checks.jobs(jobs)
    how = effort if isinstance(effort, Settings) else BY_NAME[checks.choice("effort", effort, BY_NAME)]
    target, force = checks.path("out", out), checks.flag("force", force)
    variants = checks.flag("variants", variants)
    loaded: Targets | None = None
    if checks.path("targets", targets, needed=True):
        with checks.check():
            loaded = load_targets(str(targets))
    checks.end()
    assert loaded is not None
    with _place(loaded, target, force) as folder, _ticking(progress) as tick:
        cache = pipeline.cache_of(folder, loaded)
        found = pipeline.run(loaded, how, number, cache, tick, variants)
        if target is not None:
            code = f"sim.calibrate({str(targets)!r}, effort={effort!r}, variants={variants})"
            command = ["python", "-c", f"import sim; {code}"]
            outputs.write(folder, found, outputs.Asked(lang=language(None), command=command, jobs=number))
    why = _refused(found)
    return CalibrationResult(why, sum(found.seconds.values()), target, found)


def _refused(found: Result) -> str:
    """Why nothing may be used of it; empty where it may."""
    from calibration.report.first_page import fails, refusal

    lang = language(None)
    return refusal(found.main, lang) if found.main.refused else fails(found, lang)


@contextmanager
def _place(targets: Targets, out: Path | None, force: bool) -> Iterator[Path]:
    """Where steps are kept: in the folder given, made ready; else in a temporary one."""
    from calibration import outputs

    if out is not None:
        outputs.prepare(out, targets, force)
        yield out
        return
    with tempfile.TemporaryDirectory(prefix="sim-calibrate-") as folder:
        yield Path(folder)


@contextmanager
def _ticking(progress: bool | None) -> Iterator[Tick]:
    """Progress of the steps, one after another."""
    from calibration.report.names import step_name

    with showing("calibration.steps", progress) as shown:
        yield lambda step, done, every: shown(done, every, step_name(step, language(None)))
