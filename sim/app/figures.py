"""A court's published figures, typed into a form: as a targets file, audited while they are typed, and calibrated as a job."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

from sim.app.comparing import ANSWER
from sim.app.jobs import Handle
from sim.app.own_process import in_own_process
from sim.app.question import QuestionError
from sim.app.words import w
from sim.locale.language import spoken
from sim.scenario import ScenarioError
from sim.scenario.errors import Defect, joined, quoted
from sim.scenario.keys import read_key

if TYPE_CHECKING:
    from sim.reporting.pages.shell import Section

WINDOWS: Final = 4  # that there is room for
LONGEST: Final = 200  # characters of a field
MOST_COURTS: Final = 100_000
FILE: Final = "figures.toml"
MEMORY: Final = 8_000_000_000  # bytes that a calibration may take
SECONDS: Final = 24 * 3600.0
EFFORTS: Final = ("quick", "full")
_UNFIT: Final = re.compile(r"[^\w\u4e00-\u9fff-]+")

Fields = Mapping[str, str]


def figure_names() -> tuple[str, ...]:
    """The eight figures that courts publish, in the order of the form."""
    from calibration.targets.template import FIGURES

    return FIGURES


def figure_title(figure: str, lang: str) -> str:
    """What a figure is called."""
    from calibration.targets.reader.workbook import figure_word

    named = figure_word(figure, lang)
    return named[:1].upper() + named[1:]


def read_fields(body: str) -> dict[str, str]:
    """The fields of a form that are filled in; of others nothing is kept. Raises ``QuestionError``."""
    known = {"title", "source", "courts", "effort"}
    known |= {
        f"{name}-{i}" for i in range(1, WINDOWS + 1) for name in ("name", "first", "last", *figure_names())
    }
    given = parse_qs(body, max_num_fields=200)
    found = {name: values[-1].strip() for name, values in given.items() if name in known}
    long = [name for name, value in found.items() if len(value) > LONGEST]
    if long:
        raise QuestionError([w("wrong.field", spoken(), name=long[0], most=LONGEST)])
    return {name: value for name, value in found.items() if value}


def targets_text(fields: Fields) -> str:
    """The targets file that the fields make. Raises ``QuestionError`` with everything that is wrong."""
    text, wrong = _typed(fields)
    if wrong or not text:
        raise QuestionError(list(wrong.values()) or [w("wrong.no_window", spoken())])
    return text


def _typed(fields: Fields) -> tuple[str, dict[str, str]]:
    """The targets file that the fields make, without those that are wrong, empty where no period is left; and what is wrong, by field."""
    import tomli_w

    wrong: dict[str, str] = {}
    title = fields.get("title") or w("figures.untitled", spoken())
    tree: dict[str, Any] = {"title": title, "title_zh": title, "source": fields.get("source") or "typed"}
    courts = fields.get("courts", "")
    if courts and not (courts.isdecimal() and 1 <= int(courts) <= MOST_COURTS):
        wrong["courts"] = w("wrong.courts", spoken(), value=quoted(courts), most=f"{MOST_COURTS:,}")
    elif courts:
        tree["set"] = {"courts.number": int(courts)}
    windows: dict[str, Any] = {}
    for number in range(1, WINDOWS + 1):
        _window(fields, number, windows, wrong)
    return tomli_w.dumps({**tree, "windows": windows}) if windows else "", wrong


def _window(fields: Fields, number: int, windows: dict[str, Any], wrong: dict[str, str]) -> None:
    """Add what the fields of one window say, if they say anything."""
    from datetime import date

    lang = spoken()
    mine = {name.rpartition("-")[0]: text for name, text in fields.items() if name.endswith(f"-{number}")}
    if not mine:
        return
    name = mine.get("name", "")
    if not name or name in windows:
        key = "wrong.window" if not name else "wrong.window_twice"
        wrong[f"name-{number}"] = w(key, lang, n=number, name=quoted(name))
        return
    found: dict[str, Any] = {}
    for end in ("first", "last"):
        if end in mine:
            try:
                found[end] = date.fromisoformat(mine[end])
            except ValueError:
                what = w("figures.of", lang, window=name, what=label(end, lang))
                wrong[f"{end}-{number}"] = w("wrong.day", lang, what=what, value=quoted(mine[end]))
    for figure in figure_names():
        if figure in mine:
            try:
                found[figure] = _number(mine[figure])
            except ValueError as error:
                said = w("wrong.figure", lang, window=name, figure=figure_title(figure, lang), why=error)
                wrong[f"{figure}-{number}"] = said
    if "first" in found and "last" in found and found["last"] < found["first"]:
        last = found.pop("last")
        wrong[f"last-{number}"] = w("wrong.order", lang, window=name, first=found["first"], last=last)
    windows[name] = found


def _number(text: str) -> int | str:
    """A published number as a targets file has it: a count as one, everything else with its digits. Raises ``ValueError``."""
    from calibration.targets.published_numbers import as_published_number

    number = as_published_number(text)
    return int(number.exact) if not number.digit and number.exact.denominator == 1 else text


def audited(fields: Fields, folder: Path, lang: str) -> tuple[Section | None, dict[str, str]]:
    """What the figures say of each other, those that are wrong left out, as a part of a page; and what is wrong, in the form's labels, by
    field: empty what belongs to none. None: there is nothing to say.
    """
    from calibration.audit import audit
    from calibration.audit.report import section
    from calibration.targets.reader.load import load_reported

    left, wrong = dict(fields), dict[str, str]()
    while True:
        text, found = _typed(left)
        wrong = found | wrong
        if not text:
            return None, wrong
        with _written(text, folder) as path:
            try:
                return section(audit(load_reported(path)), lang), wrong
            except ScenarioError as error:
                lines = defects_of(error, path, lang)
                keys = [one.key for one in error.defects]
        more = dict[str, str]()
        for key, said in zip(keys, lines, strict=True):
            field = _field(key, left)
            more[field] = "\n".join(filter(None, (more.get(field), said)))
        wrong |= more
        if not [field for field in more if left.pop(field, None)]:
            return None, wrong


def _field(key: str, fields: Fields) -> str:
    """The field of the form that makes a key of the targets file; empty where none does."""
    match read_key(key) if key else ():
        case ("windows", name, *rest):
            number = next(
                (one[5:] for one, text in fields.items() if one[:5] == "name-" and text == name), ""
            )
            return f"{rest[0] if rest else 'name'}-{number}"
        case ("set", *_) | ("courts", *_):
            return "courts"
        case ("title" | "title_zh" | "source" as field, *_):
            return field.removesuffix("_zh")
    return ""


def check_calibration(fields: Fields, folder: Path, lang: str) -> None:
    """Raise ``QuestionError`` with everything that keeps the fields from being calibrated, in the form's labels."""
    from calibration.audit import audit
    from calibration.pipeline import followed
    from calibration.targets.reader.load import load_targets

    text, needed = targets_text(fields), _needed(fields, lang)
    if needed:
        raise QuestionError(needed)
    with _checked(text, folder) as path:
        targets = load_targets(path)
        followed(targets, audit(targets))


def _needed(fields: Fields, lang: str) -> list[str]:
    """What calibration needs and the audit does not: the days and the lots of every period, and a figure to meet."""
    from calibration.targets.reader.windows import INPUTS

    wrong, given = [], {name.rpartition("-")[0] for name in fields}
    for number in range(1, WINDOWS + 1):
        if f"name-{number}" not in fields:
            continue
        missing = [one for one in ("first", "last", "lots") if f"{one}-{number}" not in fields]
        if missing:
            names = joined(label(one, lang) for one in missing)
            wrong.append(w("wrong.needed", lang, window=fields[f"name-{number}"], names=names))
    fitted = [one for one in figure_names() if one not in INPUTS]
    if given.isdisjoint(fitted):
        wrong.append(w("wrong.unfitted", lang, names=joined(label(one, lang) for one in fitted)))
    return wrong


@contextmanager
def _checked(text: str, folder: Path) -> Iterator[Path]:
    """A targets file while it is read; its defects are raised as ``QuestionError``."""
    with _written(text, folder) as path, explained(path):
        yield path


@contextmanager
def _written(text: str, folder: Path) -> Iterator[Path]:
    """A targets file while it is read."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="typed-") as place:
        path = Path(place) / FILE
        path.write_text(text, encoding="utf-8", newline="\n")
        yield path


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Raise what is wrong with a targets file that nobody has seen as ``QuestionError``."""
    try:
        yield
    except ScenarioError as error:
        raise QuestionError(defects_of(error, path, spoken())) from None


def label(field: str, lang: str) -> str:
    """What the form calls a field."""
    return figure_title(field, lang) if field in figure_names() else w(f"figures.{field}", lang)


def defects_of(error: ScenarioError, path: Path, lang: str) -> list[str]:
    """What is wrong with a targets file that nobody has seen: places as the form calls them, no names of files."""
    from calibration.targets.reader.base_scenario import MADE

    found = []
    for one in error.defects:
        mine = one.file.startswith((str(path), MADE))
        place = _place(one.key, lang) if mine else one.key
        found.append(str(Defect(place or w("figures.form", lang), "", one.problem, one.hint)))
    return found


def _place(key: str, lang: str) -> str:
    """A key of the targets file as the form calls it; empty where it is of no field."""
    match read_key(key) if key else ():
        case ("windows", name):
            return name
        case ("windows", name, field, *_) if field in ("first", "last", *figure_names()):
            return w("figures.of", lang, window=name, what=label(field, lang))
        case ("definitions", field, *_) if field in figure_names():
            return label(field, lang)
        case ("set", *_) | ("courts", *_):
            return label("courts", lang)
        case ("title" | "title_zh" | "source" as field, *_):
            return label(field.removesuffix("_zh"), lang)
    return ""


def stem_of(fields: Fields) -> str:
    """The name of the calibrated scenario."""
    return _UNFIT.sub("-", fields.get("title", "")).strip("-")[:40] or "figures"


def work(number: int, scenarios: Path) -> Callable[[Handle], None]:
    """A calibration, by ``number`` processes; the calibrated scenario goes to ``scenarios``."""

    def done(handle: Handle) -> None:
        fields: Fields = handle.job.request["fields"]
        name = stem_of(fields)
        targets = handle.folder / f"{name}.toml"
        targets.write_text(targets_text(fields), encoding="utf-8", newline="\n")
        effort = fields.get("effort", EFFORTS[0])
        quick = ["--quick"] if effort == "quick" else []
        given = {
            "targets": str(targets), "out": str(handle.folder / ANSWER), "scenario": str(scenarios / f"{name}.toml"),
            "effort": effort, "jobs": number, "command": ["calibrate", "run", targets.name, *quick],
        }  # fmt: skip
        in_own_process(handle, "calibrate", given, memory=MEMORY, seconds=SECONDS)
        handle.answered(final=True)

    return done
