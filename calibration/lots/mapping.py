"""Which columns of a file mean what: a mapping, a TOML file of a few lines. Some stand in ``presets/``; keys are explained in
``docs/guides/lots.md``.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from calibration.lots.cells import SIZES
from calibration.lots.histories import Outcome, Stage
from sim.locale.language import said
from sim.scenario import ScenarioError
from sim.scenario.errors import Defect, joined, meant, quoted
from sim.scenario.files import as_tree, content

PRESETS: Final = Path(__file__).with_name("presets")
Rows = Literal["lots", "rounds", "events", "bids"]
Selection = Literal["sold only", "all listed", "ended in window"]
SELECTIONS: Final[tuple[Selection, ...]] = ("sold only", "all listed", "ended in window")
Meaning = Literal[
    "sold", "failed", "withdrawn", "suspended", "in kind", "postponed", "open", "defaulted", "ended", "none"
]
LONGEST: Final = 200  # characters of a column's name
Name = Annotated[str, Field(min_length=1, max_length=LONGEST)]


class MappingError(ScenarioError):
    """A mapping that cannot be used; ``defects`` are all that is wrong with it."""


class Part(BaseModel):
    """Base of every part: unknown keys refused, values frozen, types as TOML has them."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ColumnEntry(Part):
    """A column: its name, or several of which the first that a file has counts. ``behind``: a second column, whose text follows
    that of the first (a day and a time); ``unit``: of amounts without one.
    """

    column: Name | Annotated[list[Name], Field(min_length=1)]
    behind: Name | None = None
    unit: Literal["元", "千元", "万元", "百万元", "千万元", "亿元"] = "元"
    optional: bool = False

    @property
    def names(self) -> list[str]:
        return [self.column] if isinstance(self.column, str) else self.column

    @property
    def size(self) -> float:
        """What 1 is worth."""
        return SIZES[self.unit.removesuffix("元")]

    def found(self, header: Sequence[str]) -> str | None:
        """The name under which a file has the column; None if it has not, or not all of it."""
        if self.behind is not None and self.behind not in header:
            return None
        return next((name for name in self.names if name in header), None)


Given = Name | list[Name] | ColumnEntry


class RoundEntry(Part):
    """Columns of a round."""

    stage: Literal["auction", "sell-off"] | None = None
    notice: Given | None = None
    opened: Given | None = None
    ended: Given | None = None
    start: Given | None = None
    price: Given | None = None
    outcome: Given | None = None
    sold: Given | None = None
    defaulted: Given | None = None
    bidders: Given | None = None
    bids: Given | None = None


class MappingFile(RoundEntry):
    """A mapping as written."""

    title: Name
    title_zh: Name | None = None
    rows: Rows
    selection: Selection = "all listed"
    defaults: Literal["stated", "later rounds"] = "stated"
    closes: dt.date | None = None
    lot: Given | None = None
    listing: Given | None = None
    kind: Given | None = None
    reference: Given | None = None
    number: Given | None = None
    captured: Given | None = None
    rounds: list[RoundEntry] = []
    outcomes: dict[str, Meaning] = {}
    bidder: Given | None = None
    time: Given | None = None
    scheduled: dt.time | Given | None = None


ROUND: Final = tuple(name for name in RoundEntry.model_fields if name != "stage")
OF_LOT: Final = ("lot", "listing", "kind", "reference", "number", "captured")
OF_BID: Final = ("lot", "bidder", "price", "time", "scheduled")
WORDS: Final[Mapping[str, Meaning]] = {  # what platforms, courts and crawls call outcomes; a mapping may say otherwise
    **dict.fromkeys(("成交", "已成交", "拍卖成交", "变卖成交", "成交确认", "sold", "won", "done"), "sold"),
    **dict.fromkeys(("流拍", "已流拍", "未成交", "流标", "failed", "failure", "unsold"), "failed"),
    **dict.fromkeys(("撤回", "已撤回", "撤拍", "撤销", "withdrawn", "revocation", "revoked"), "withdrawn"),
    **dict.fromkeys(("中止", "已中止", "暂停", "suspended", "break"), "suspended"),
    **dict.fromkeys(("抵偿", "以物抵债", "抵债", "in kind"), "in kind"),
    **dict.fromkeys(("延期", "暂缓", "postponed"), "postponed"),
    **dict.fromkeys(
        ("即将开始", "预告", "未开始", "进行中", "正在进行", "竞价中", "报名中", "open", "doing", "todo"), "open"
    ),
    **dict.fromkeys(("悔拍", "未付款", "defaulted", "not paid"), "defaulted"),
    **dict.fromkeys(("已结束", "结束", "ended", "end", "finished"), "ended"),
}  # fmt: skip
OUTCOMES: Final[Mapping[Meaning, Outcome]] = {
    "sold": Outcome.SOLD, "failed": Outcome.FAILED, "withdrawn": Outcome.WITHDRAWN, "suspended": Outcome.SUSPENDED,
    "in kind": Outcome.IN_KIND, "postponed": Outcome.POSTPONED, "open": Outcome.OPEN, "defaulted": Outcome.SOLD,
}  # fmt: skip
STAGES: Final = {None: Stage.UNKNOWN, "auction": Stage.AUCTION, "sell-off": Stage.SELL_OFF}


class Columns:
    """A mapping, checked. ``path`` is the file that it stands in."""

    def __init__(self, path: Path, mapping: MappingFile) -> None:
        self.path, self.mapping = path, mapping
        self.name = path.stem
        self.rounds = mapping.rounds or [RoundEntry(**{name: getattr(mapping, name) for name in ROUND})]
        self.words = {word.lower(): meaning for word, meaning in {**WORDS, **mapping.outcomes}.items()}

    def title(self, lang: str) -> str:
        return (self.mapping.title_zh if lang == "zh" else None) or self.mapping.title

    def entries(self) -> Iterator[tuple[str, ColumnEntry]]:
        """Where in the mapping a column is named, and the column."""
        of_file = OF_BID if self.mapping.rows == "bids" else OF_LOT
        for name in of_file:
            if (entry := column_of(getattr(self.mapping, name))) is not None:
                yield name, entry
        for i, one in enumerate(self.rounds if self.mapping.rows != "bids" else ()):
            for name in ROUND:
                if (entry := column_of(getattr(one, name))) is not None:
                    yield (f"rounds.{i + 1}.{name}" if self.mapping.rounds else name), entry

    def missing(self, header: Sequence[str]) -> list[tuple[str, ColumnEntry]]:
        """Columns that the mapping needs and a file has not."""
        return [(key, one) for key, one in self.entries() if not one.optional and one.found(header) is None]

    def fits(self, header: Sequence[str]) -> bool:
        return not self.missing(header)

    def read_from(self, header: Sequence[str]) -> list[str]:
        """The columns of a file that are read; no others are."""
        found: dict[str, None] = {}
        for _, one in self.entries():
            if (name := one.found(header)) is not None:
                found[name] = None
                if one.behind is not None:
                    found[one.behind] = None
        return list(found)


def column_of(given: Any) -> ColumnEntry | None:
    """A column as an entry, however it was written."""
    if given is None or isinstance(given, ColumnEntry | dt.time):
        return given if isinstance(given, ColumnEntry) else None
    return ColumnEntry(column=given)


@cache
def presets() -> dict[str, Columns]:
    """The mappings that come with the program, by name."""
    return {path.stem: load(path) for path in sorted(PRESETS.glob("*.toml"))}


def find(name: str) -> Columns:
    """The mapping of a file, or a preset by its name. Raises ``MappingError``."""
    if Path(name).suffix == "" and not Path(name).exists():
        known = presets()
        if name in known:
            return known[name]
        hint = meant(name, known) or said("target.known", names=joined(known))
        raise MappingError([Defect(name, "", said("lots.no_mapping"), hint)])
    return load(Path(name))


def load(path: Path) -> Columns:
    """A mapping from its file. Raises ``MappingError`` with all that is wrong with it."""
    try:
        text = content(path)
    except ScenarioError as error:
        raise MappingError(error.defects) from None
    return checked(path, text)


def checked(path: Path, text: str) -> Columns:
    """A mapping from its text. ``path``: what it is called. Raises ``MappingError`` with all that is wrong with it."""
    try:
        tree = as_tree(path, text, float)
    except ScenarioError as error:
        raise MappingError(error.defects) from None
    try:
        mapping = MappingFile.model_validate(tree)
    except ValidationError as error:
        raise MappingError(_defects(path, error)) from None
    if problems := [Defect(str(path), key, problem) for key, problem in _inconsistent(mapping)]:
        raise MappingError(problems)
    return Columns(path, mapping)


def _defects(path: Path, error: ValidationError) -> list[Defect]:
    """What pydantic says, in our words, once a key."""
    found: dict[str, Defect] = {}
    for one in error.errors():
        parts = [str(p + 1) if isinstance(p, int) else str(p) for p in one["loc"]]
        union = {"ColumnEntry", "str", "list[constrained-str]", "constrained-str", "function-after"}
        key = ".".join(part for part in parts if part not in union and not part.startswith("list["))
        last = key.rpartition(".")[2]
        if one["type"] == "missing":
            problem, hint = said("missing"), ""
        elif one["type"] == "extra_forbidden":
            problem, hint = (
                said("unknown_key"),
                meant(last, {*MappingFile.model_fields, *ColumnEntry.model_fields}),
            )
        elif one["type"] == "literal_error":
            allowed = one["ctx"]["expected"].replace(" or ", ", ").replace("'", "").split(", ")
            problem = said("not_allowed", value=quoted(one["input"]), names=joined(allowed))
            hint = "".join(
                said("meant", name=name) for name in difflib.get_close_matches(str(one["input"]), allowed, 1)
            )
        else:
            problem, hint = said("lots.not_a_column", value=quoted(one["input"])), ""
        found.setdefault(key, Defect(str(path), key, problem, hint))
    return list(found.values())


def _inconsistent(mapping: MappingFile) -> Iterator[tuple[str, str]]:
    """Keys that do not go with what a row is."""
    if mapping.rows == "bids":
        for name in ("price", "time", "bidder"):
            if getattr(mapping, name) is None:
                yield name, said("missing")
        return
    if mapping.rounds and mapping.rows != "lots":
        yield "rounds", said("lots.rounds_of_lots")
    if mapping.rows in ("rounds", "events") and (mapping.lot is None) == (mapping.listing is None):
        yield "lot", said("lots.lot_or_listing")
    if mapping.rows == "events" and mapping.ended is None:
        yield "ended", said("missing")
    many = mapping.rounds or [mapping]
    for i, one in enumerate(many):
        if one.outcome is None and one.sold is None:
            yield (f"rounds.{i + 1}.outcome" if mapping.rounds else "outcome"), said("missing")


def recognised(header: Sequence[str], given: Sequence[Columns]) -> Columns | None:
    """The mapping that fits a header: the first of those given, else the preset that knows most of its columns."""
    if given:
        return next((one for one in given if one.fits(header)), None)
    fitting = [one for one in presets().values() if one.fits(header)]
    return max(fitting, key=lambda one: len(one.read_from(header)), default=None)


def nearest(header: Sequence[str], given: Sequence[Columns]) -> Columns:
    """Of mappings that do not fit, the one that misses the smallest share of what it needs."""
    return min(
        given or presets().values(),
        key=lambda one: len(one.missing(header)) / max(sum(not e.optional for _, e in one.entries()), 1),
    )
