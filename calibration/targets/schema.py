"""What targets and evidence files may hold: keys, types and ranges. Meaning: ``docs/guides/targets.md``, ``evidence.md``."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from calibration.targets.published_numbers import Rounding

Role = Literal["fit", "input", "held_out", "unused", "assumed"]
Standing = (
    Role | Literal["replaced"]
)  # of a figure in a calibration: rows of the same days may stand in its place
Use = Literal["fit", "held_out", "condition"]  # of a fact
Transform = Literal["identity", "log", "logit", "date"]
Raw = int | Decimal | str  # a published number, before its digits are read
Weights = dict[str, float] | list[str] | str
Text = Annotated[str, Field(min_length=1, max_length=1000)]


class Part(BaseModel):
    """Base of every part: unknown keys refused, values frozen, types as TOML has them ("3" and true are no numbers)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class FigureEntry(Part):
    """One published figure, when more is said about it than the number."""

    published: Any
    rounding: Rounding = "either"
    measures: Weights | None = None
    use: Role | None = None
    held_out: bool = False
    reason: str = ""
    reason_zh: str = ""
    source: str = ""


class Growth(Part):
    """A published growth rate of a figure from one window to another."""

    figure: Text
    since: Text
    window: Text
    published: Any
    rounding: Rounding = "either"


class Difference(Growth):
    """A published difference of a figure between two windows."""


class FreeEntry(Part):
    """One free parameter. ``path`` may hold ``*`` for every name in a table and may be a list."""

    name: Text | None = None
    zh: Text | None = None
    en: Text | None = None
    path: Text | list[Text]
    transform: Transform = "log"
    low: float | date
    high: float | date
    mean: float | date | None = None  # of a normal prior on the transformed scale, given in plain units
    sd: float | None = Field(None, gt=0)  # on the transformed scale
    scale: bool = False  # multiplies the scenario's values instead of replacing them
    by_period: bool = False
    explains: Literal["noise", "popularity"] | None = None  # of lots that nobody bids for
    source: str = "assumption"


class FactEntry(Part):
    """One fact of an evidence file. ``value`` is read as reported numbers are; ``at``: path -> number or [low, high]; ``first``,
    ``last``: of rows of the court's own lots, the days from which to which rounds ended.
    """

    measure: Text
    value: Any
    sd: float | None = Field(None, gt=0, le=10)  # on the scale of comparison; needed unless it is a condition
    sd_source: str = "not stated"
    transport_sd: float | None = Field(None, ge=0, le=10)
    transport_source: str = "assumption"
    use: Use = "fit"
    kinds: list[Text] = []
    at: dict[str, Any] = {}
    en: Text | None = None
    zh: Text | None = None
    place: str = ""
    place_zh: str = ""
    years: str = ""
    first: date | None = None
    last: date | None = None
    source: Text


class EvidenceFile(Part):
    """An evidence file as written."""

    title: Text | None = None
    title_zh: Text | None = None
    facts: dict[str, FactEntry]


class Policy(Part):
    """The policies that the calibrated model evaluates."""

    cuts: list[Annotated[float, Field(ge=0, lt=1)]] = [0.0, 0.1, 0.2]
    starts: list[Annotated[float, Field(gt=0, le=10)]] = [1.0, 0.8, 0.7]


class TargetsFile(Part):
    """A targets file as written. Figures of a window are checked one by one, for their keys are figures' names."""

    title: Text
    title_zh: Text | None = None
    source: Text = "no source named"
    scenario: Text | None = None
    evidence: list[Text] | Text = []
    set: dict[str, Any] = {}
    definitions: dict[str, Weights] = {}
    basis: Weights = ["event", "cohort"]
    windows: dict[str, dict[str, Any]]
    growth: list[Growth] = []
    differences: list[Difference] = []
    discrepancy: dict[str, Annotated[float, Field(ge=0, le=10)]] = {}
    discrepancy_source: str = "assumption"
    free: list[FreeEntry] | None = None
    policy: Policy = Policy()
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 20190416
