"""What a manifest may say, by kind of folder, and how one is read: whole, unchanged, every value of its type.

Whatever a command takes from a manifest stands here, so that none meets a value that it does not expect. More may
stand in a manifest, for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from sim.experiments.storage.checksum import (
    DamagedError,
    UncheckedError,
    digest,
    json_with_checksum,
    json_without_checksum,
)
from sim.locale.foreign import reason, translated
from sim.locale.language import said
from sim.scenario.errors import SimError
from sim.scenario.schema import no_date

MANIFEST = "manifest.json"
PROGRAM = "judicial-auction-sim"  # in a manifest: the folder is ours to replace
MOST = 10**9  # of whatever is counted
MOST_CHUNKS = 10**8  # of a sweep


def _inside(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\0" in name:
        raise ValueError(said("own.inside"))
    return name


def _day(text: str) -> str:
    if why := no_date(text):
        raise ValueError(why)
    return text


Day = Annotated[str, AfterValidator(_day)]
Inside = Annotated[str, AfterValidator(_inside)]
Digest = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, le=MOST)]
Number = Annotated[int, Field(ge=1, le=MOST)]
Seed = Annotated[int, Field(ge=0)]
Seconds = Annotated[float, Field(ge=0)]


class Strict(BaseModel):
    """Types as they are: no "20" for 20, no 1 for true."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)


class Manifest(Strict):
    """What every manifest says. ``files``: file -> SHA-256."""

    program: Literal["judicial-auction-sim"]
    command: list[str]
    written: str
    version: str
    commit: str | None
    modified: bool | None
    python: str
    system: str
    processors: int | None
    packages: dict[str, str | None]
    scenario: str
    files: dict[Inside, Digest] = {}


class DrawsFile(Strict):
    """A file of parameter draws; no checksum where it could not be read, and was not used."""

    file: str
    sha256: Digest | None


class DrawsOf(DrawsFile):
    """A file of draws that was used, and how many it holds."""

    sha256: Digest
    total: Number


class RunManifest(Manifest):
    """Of ``sim run``. ``figures_of``: the scenario whose figures were published, where this one departs from it; ``draws_file``: named
    by the scenario, not used; ``law_of``: the day by whose law it is marked, where that is not the law of the days simulated.
    """

    kind: Literal["run"]
    files_of_scenario: list[str]
    figures_of: str | None = None
    extensions: list[dict[str, Any]] = []
    draws_file: DrawsFile | None = None
    law_of: Day | None = None
    seed: Seed
    replications: Annotated[int, Field(ge=1, le=100_000)]
    jobs: Number
    records: Literal["none", "lots", "all"]
    seconds: Seconds


class CompareManifest(Manifest):
    """Of ``sim compare``. ``draws``: how many of those in the file were used; ``law_of``: as of a run."""

    kind: Literal["compare"]
    base: Inside
    policies: list[Inside] = Field(min_length=1)
    seed: Seed
    replications: Number
    draws: Count
    draws_file: DrawsOf | None = None
    law_of: Day | None = None
    seconds: Seconds


class BatchOf(Strict):
    """Replications that were requested together, for every point; ``chunk`` runs go into one file."""

    model_config = ConfigDict(extra="forbid")
    first: Count
    count: Number
    chunk: Number


class Observed(Strict):
    """With which arguments the model is run at points of a scenario (see ``observation``)."""

    model_config = ConfigDict(extra="forbid")
    scenario: str
    keys: dict[str, list[str]]
    measures: list[str]
    draws: list[str]
    extensions: str = ""  # what they are (see ``sources``)


class WorkOf(Strict):
    """What is run (see ``works``)."""

    work: str
    arguments: dict[str, Any]

    @model_validator(mode="after")
    def _known(self) -> WorkOf:
        if self.work == "observation":
            Observed.model_validate(self.arguments)
        return self


class Sweep(Strict):
    """What is run at which points; ``digest`` is a checksum of ``work``, ``columns``, ``code`` and the design."""

    digest: Digest
    points: Number
    paths: list[str] = Field(min_length=1)
    batches: list[BatchOf] = Field(min_length=1)
    coded: list[str]
    code: dict[str, str]
    work: WorkOf
    columns: list[str | list[str]] = Field(min_length=1)
    overruled: list[dict[str, Any]] = []

    @model_validator(mode="after")
    def _fits(self) -> Sweep:
        for before, after in pairwise(self.batches):
            if after.first != before.first + before.count:
                raise ValueError(said("own.batches"))
        if len(set(self.paths)) < len(self.paths) or not set(self.coded) <= set(self.paths):
            raise ValueError(said("own.paths"))
        keys = self.work.arguments.get("keys", dict.fromkeys(self.paths))
        if set(keys) != set(self.paths):
            raise ValueError(said("own.keys"))
        if sum(self.points * batch.count // batch.chunk for batch in self.batches) > MOST_CHUNKS:
            raise ValueError(said("own.chunks", most=f"{MOST_CHUNKS:,}"))
        return self


class GivenScenario(Strict):
    """The scenario as the user named it."""

    scenario: str
    overrides: list[str]
    draws: DrawsOf | None = None


class Axis(Strict):
    """A varied parameter: its levels (if they are very many, how many, the first and the last), or from where to where."""

    path: str
    levels: list[bool | int | float | str] | Number | None = None
    first: bool | int | float | str | None = None
    last: bool | int | float | str | None = None
    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _one_of_three(self) -> Axis:
        listed, counted = isinstance(self.levels, list), isinstance(self.levels, int)
        ends = self.first is not None and self.last is not None
        stretch = self.low is not None and self.high is not None
        if not (listed or (counted and ends) or stretch):
            raise ValueError(said("own.levels"))
        return self


class DesignOf(Strict):
    """How the points were chosen."""

    method: str
    samples: Count = 0
    seed: Seed = 0
    purpose: str = ""


class SweepManifest(Manifest):
    """Of ``sim sweep`` and ``sim sensitivity``, and of the steps of ``sim optimise``."""

    kind: Literal["sweep"]
    given: GivenScenario
    files_of_scenario: list[str]
    seed: Seed
    design: DesignOf
    axes: list[Axis]
    sweep: Sweep

    @model_validator(mode="after")
    def _can_be_analysed(self) -> SweepManifest:
        if self.design.purpose == "sensitivity":
            paths = self.sweep.paths
            each = {"morris": len(paths) + 1, "sobol": len(paths) + 2}.get(self.design.method, 0)
            if self.sweep.points != each * self.design.samples:
                raise ValueError(said("own.design", points=self.sweep.points, method=self.design.method))
            if [axis.path for axis in self.axes] != paths:
                raise ValueError(said("own.axes"))
        return self


class CalibrationManifest(Manifest):
    """Of ``calibrate run``, also while it runs."""

    kind: Literal["calibration"]
    complete: bool
    targets: str


class OtherManifest(Manifest):
    """Of folders that no command reads."""

    kind: Literal["audit", "lots", "optimise", "verify"]


Kinds = Annotated[
    RunManifest | CompareManifest | SweepManifest | CalibrationManifest | OtherManifest, Field(discriminator="kind")
]  # fmt: skip
_KINDS: TypeAdapter[Kinds] = TypeAdapter(Kinds)


class ManifestError(SimError):
    """A manifest that is not there, damaged, or not of this version; the message says what is wrong."""


def check(content: Mapping[str, Any]) -> None:
    """Raises ``ValidationError`` for what is no manifest."""
    _KINDS.validate_python(dict(content))


def written(content: Mapping[str, Any]) -> bytes:
    """A manifest as it stands on disk; what could not be read again is not written."""
    data = json_with_checksum(content)
    check(json_without_checksum(data))
    return data


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a folder. Raises ``ManifestError``."""
    path = folder / MANIFEST
    try:
        content = json_without_checksum(path.read_bytes())
        check(content)
    except OSError as error:
        raise ManifestError(said("out.unreadable", name=path, why=reason(error))) from None
    except UncheckedError as error:
        raise ManifestError(said("place", where=path, said=error)) from None
    except DamagedError as error:
        raise ManifestError(said("manifest.damaged", path=path, why=error)) from None
    except ValidationError as error:
        raise ManifestError(said("manifest.version", path=path, lines=_defects(error))) from None
    return content


def _defects(error: ValidationError) -> str:
    lines = []
    for one in error.errors(include_url=False):
        at = ".".join(map(str, one["loc"])) or MANIFEST
        wrong = translated(one["msg"])
        if one["type"] != "missing":
            wrong = said("manifest.given", said=wrong, value=repr(one["input"])[:60])
        lines.append("\n  " + said("place", where=at, said=wrong))
    return "".join(lines)


def checked(folder: Path, name: str, files: Mapping[str, str]) -> Path:
    """A file of a folder, as its manifest has it. Raises ``DamagedError``, ``OSError``."""
    path = folder / name
    if name not in files:
        raise DamagedError(said("damaged.not_listed"))
    if digest(path) != files[name]:
        raise DamagedError(said("damaged.manifest"))
    return path


def check_listed(path: Path) -> None:
    """Raises ``DamagedError`` if a file lies in one of our folders and is not what was written there."""
    try:
        files = read_manifest(path.parent)["files"]
    except ManifestError:
        return  # it is not in one of our folders, or nobody can say
    if path.name in files:
        checked(path.parent, path.name, files)
