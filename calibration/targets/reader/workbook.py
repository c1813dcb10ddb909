"""Published figures in an Excel workbook: a row a window, a column a figure; read as a targets file is, defects named by cell.

Heads are recognised in both languages and as keys; what stands in brackets behind one is the unit of its bare numbers. A
second table, of two columns, says what the file is about. Formulas are refused, for nothing here computes them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

from calibration.targets.interpretations import FIGURES, name_of_measure
from calibration.targets.reader.defects import Key, TargetsError
from sim.experiments.storage.workbook_file import BROKEN, Limits, WorkbookError, opened
from sim.locale.language import said, spoken
from sim.locale.words import LANGUAGES, Words
from sim.measures.definitions import INTERPRETATIONS
from sim.scenario.errors import Defect, meant, shortened
from sim.scenario.numerals import plainly
from sim.scenario.units import MONEY, SHARE

Cells = dict[Key, str]  # where in the workbook stands what a key of the targets file says

LIMITS: Final = Limits(largest=5_000_000, unpacked=50_000_000, shared=10_000_000)
MOST_ROWS, MOST_COLUMNS, MOST_SHEETS = 1_000, 100, 20
MOST_COURTS: Final = 5_000  # as a scenario may have
TOP: Final = 20  # rows in which a head is looked for
SUFFIXES: Final = (".xlsx", ".xlsm", ".xls", ".et")
WINDOW, FIRST, LAST, NOTE = "window", "first", "last", "note"
ABOUT: Final = ("title_zh", "title", "source", "scenario", "evidence", "courts")
NOTHING: Final = ("", "-", "--", "–", "—", "——", "/", "无", "未公布", "n/a")
t: Final = Words("sheet")
_report: Final = Words("report")
_HEAD: Final = re.compile(r"(.*?)\s*(?:\(([^()]*)\))?")
_BARE: Final = re.compile(r"[+-]?[\d,]*\.?\d+")
_DAY: Final = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")


@dataclass(slots=True)
class Read:
    """What a workbook says, as a targets file would, where each of it stands, and what is wrong with cells."""

    path: Path
    tree: dict[str, Any] = field(default_factory=lambda: {"windows": {}})
    cells: Cells = field(default_factory=dict)
    defects: list[Defect] = field(default_factory=list)
    holes: set[Key] = field(default_factory=set)  # what the cells that are wrong would have said

    def wrong(self, at: str, problem: str, hint: str = "", hole: Key = ()) -> None:
        self.defects.append(Defect(str(self.path), at, problem, hint))
        if hole:
            self.holes.add(hole)

    @property
    def text(self) -> str:
        """The same as a targets file."""
        import tomli_w

        return tomli_w.dumps(self.tree)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table of figures: what it holds, under which head, the unit of bare numbers, what the figure stands for."""

    what: str
    head: str
    unit: str = ""
    measure: str = ""


def is_workbook(path: Path) -> bool:
    """Whether a file is to be read as one, by its name."""
    return path.suffix.lower() in SUFFIXES


def read_workbook(path: Path) -> Read:
    """What stands in a workbook. Raises ``TargetsError`` where nothing can be read."""
    found = Read(path)
    tables = 0
    try:
        book = opened(path, LIMITS)
        for sheet in book.worksheets[:MOST_SHEETS]:
            rows = list(_rows(sheet, found))
            tables += _figures(sheet.title, rows, found)
            _about(sheet.title, rows, found)
        book.close()
    except WorkbookError as error:
        raise TargetsError([Defect(str(path), "", *_refusal(error))]) from None
    except BROKEN:
        raise TargetsError([Defect(str(path), "", said("sheet.broken"))]) from None
    if not tables:
        problem = said("sheet.no_table", window=t("window", "zh"), english=t("window", "en"))
        raise TargetsError([Defect(str(path), "", problem, said("sheet.template"))])
    if not found.tree["windows"]:
        nothing = Defect(str(path), found.cells[("windows",)], said("target.none"), said("sheet.fill"))
        raise TargetsError([*found.defects, nothing])
    title = found.tree.get("title_zh") or path.stem
    found.tree = {"title": title, **found.tree}
    return found


def _refusal(error: WorkbookError) -> tuple[str, str]:
    most = LIMITS.largest if error.reason == "large" else LIMITS.unpacked
    hint = said("sheet.save_as") if error.reason == "old" else said("sheet.template")
    return said(f"sheet.{error.reason}", most=f"{most / 1e6:.0f}"), hint


def _rows(sheet: Any, into: Read) -> Iterator[tuple[int, list[Any]]]:
    """Rows that hold something, with their numbers."""
    sheet.reset_dimensions()
    for number, row in enumerate(sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS), 1):
        cells = list(row)
        if number > MOST_ROWS:
            into.wrong(sheet.title, said("sheet.rows", most=MOST_ROWS))
            return
        if any(cell.value is not None for cell in cells):
            yield number, cells


def plain(value: Any) -> str:
    """A text of a cell with plain signs, on one line."""
    return " ".join(unicodedata.normalize("NFKC", value).split()) if isinstance(value, str) else ""


@cache
def known() -> Mapping[str, tuple[str, str]]:
    """Heads, in small letters -> what the column holds, and what its figure stands for where the head says it."""
    found: dict[str, tuple[str, str]] = {}
    for figure in FIGURES:
        for measure in INTERPRETATIONS.get(figure, ()):
            for lang in LANGUAGES:
                found[plain(name_of_measure(measure, lang)).lower()] = figure, measure
    for figure in FIGURES:
        names = [figure, *(figure_word(figure, lang) for lang in LANGUAGES)]
        found |= {plain(name).lower(): (figure, "") for name in names}
    for what in (WINDOW, FIRST, LAST, NOTE):
        found |= {plain(name).lower(): (what, "") for name in (what, *(t(what, lang) for lang in LANGUAGES))}
    return found


def figure_word(figure: str, lang: str) -> str:
    """What a figure is called at the head of its column."""
    key = f"figure.{figure}"
    return _report(key, lang) if key in _report else name_of_measure(figure, lang)


@cache
def abouts() -> Mapping[str, str]:
    """What the first column of the other table may say -> key."""
    return {
        plain(name).lower(): key
        for key in ABOUT
        for name in (key, *(t(f"about.{key}", lang) for lang in LANGUAGES))
    }


def column_of(head: str) -> Column | None:
    """What a head means; None for one that means nothing here."""
    text, names = plain(head), known()
    if text.lower() in names:
        what, measure = names[text.lower()]
        return Column(what, text, "", measure)
    match = _HEAD.fullmatch(text)
    if match and match[1].lower() in names and match[2]:
        what, measure = names[match[1].lower()]
        unit = match[2].split(",")[0].strip()
        if unit in MONEY or unit in SHARE:
            return Column(what, text, unit, measure)
        return Column(what, text, "", measure) if unit in COUNTED else None
    return None


COUNTED: Final = ("件", "宗", "案", "人次", "人", "次", "个", "number")


def _figures(name: str, rows: list[tuple[int, list[Any]]], into: Read) -> bool:
    """The table of figures of a sheet, if it has one."""
    heads: dict[int, Column] = {}
    windows: set[str] = set()
    for number, cells in rows:
        if not heads:
            if number > TOP:
                return False
            if any(
                (one := column_of(plain(cell.value))) is not None and one.what == WINDOW for cell in cells
            ):
                heads = _heads(name, cells, into)
                into.cells[("windows",)] = name
            continue
        _window(name, cells, heads, windows, into)
    return bool(heads)


def _heads(name: str, cells: list[Any], into: Read) -> dict[int, Column]:
    """Columns by their places; heads that mean nothing, or the same as another, are wrong."""
    found: dict[int, Column] = {}
    for i, cell in enumerate(cells):
        text = plain(cell.value) if isinstance(cell.value, str) else str(cell.value or "")
        if not text:
            continue
        one = column_of(text)
        if one is None:
            stem = text.partition("(")[0].strip()
            problem = said("sheet.head", value=shortened(text))
            into.wrong(_at(name, cell), problem, meant(stem.lower(), known()) or said("sheet.template"))
        elif one.what in (other.what for other in found.values()):
            into.wrong(_at(name, cell), said("sheet.head_twice", value=shortened(text)))
        else:
            found[i] = one
    return found


def _window(name: str, cells: list[Any], heads: Mapping[int, Column], seen: set[str], into: Read) -> None:
    """One row: a window with its figures."""
    held = [(heads[i], cell) for i, cell in enumerate(cells) if i in heads and _holds(cell)]
    if not held:
        return
    named = next((cell for column, cell in held if column.what == WINDOW), None)
    if named is None:
        into.wrong(_at(name, held[0][1]), said("sheet.unnamed", window=t("window", spoken())))
        return
    window = _name(named.value)
    if window in seen:
        into.wrong(_at(name, named), said("sheet.twice", value=shortened(window)))
        return
    seen.add(window)
    table: dict[str, Any] = {}
    into.tree["windows"][window] = table
    into.cells[("windows", window)] = said("sheet.at", cell=_at(name, named), what=shortened(window))
    if _refused_formula(name, named, into, ("windows", window)):
        return
    for column, cell in held:
        if column.what in (WINDOW, NOTE):
            continue
        key: Key = ("windows", window, column.what)
        what = said("sheet.of", figure=shortened(column.head), window=shortened(window))
        into.cells[key] = said("sheet.at", cell=_at(name, cell), what=what)
        if _refused_formula(name, cell, into, key):
            continue
        if column.what in (FIRST, LAST):
            _date(cell, key, table, into)
        else:
            number = _number(cell, column.unit)
            table[column.what] = (
                {"published": number, "measures": column.measure} if column.measure else number
            )


def _about(name: str, rows: list[tuple[int, list[Any]]], into: Read) -> None:
    """The table that says what the file is about: a word, and beside it a value."""
    for _, cells in rows:
        if (
            len(cells) < 2
            or not _holds(cells[1])
            or (key := abouts().get(plain(cells[0].value).lower())) is None
        ):
            continue
        cell, at = cells[1], _at(name, cells[1])
        place: Key = ("set", "courts.number") if key == "courts" else (key,)
        if place in into.cells:
            into.wrong(at, said("sheet.head_twice", value=shortened(plain(cells[0].value))))
            continue
        into.cells[place] = said("sheet.at", cell=at, what=shortened(plain(cells[0].value)))
        if _refused_formula(name, cell, into, place):
            continue
        if key == "courts":
            number = plainly(str(_number(cell, "")))
            if number.isdecimal() and 1 <= int(number) <= MOST_COURTS:
                into.tree["set"] = {"courts.number": int(number)}
            else:
                into.wrong(into.cells[place], said("new.courts", value=shortened(number), most=MOST_COURTS))
        else:
            into.tree[key] = cell.value.strip() if isinstance(cell.value, str) else _name(cell.value)


def _holds(cell: Any) -> bool:
    value = cell.value
    return value is not None and not (isinstance(value, str) and plain(value).lower() in NOTHING)


def _at(name: str, cell: Any) -> str:
    """A cell as Excel names it."""
    return f"{name}!{cell.coordinate}"


def _refused_formula(name: str, cell: Any, into: Read, hole: Key) -> bool:
    if cell.data_type != "f":
        return False
    into.wrong(_at(name, cell), said("sheet.formula"), said("sheet.as_value"), hole)
    return True


def _name(value: Any) -> str:
    """The name of a window: 2017 is a number to Excel, and a day a date."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return plain(value) if isinstance(value, str) else str(value)


def _date(cell: Any, key: Key, table: dict[str, Any], into: Read) -> None:
    """A day, as Excel has it or as people write it."""
    value, found = cell.value, None
    if isinstance(value, datetime):
        found = value.date()
    elif isinstance(value, date):
        found = value
    elif isinstance(value, str) and (match := _DAY.fullmatch(plain(value))):
        try:
            found = date(*map(int, match.groups()))
        except ValueError:
            found = None
    if found is None:
        into.wrong(into.cells[key], said("sheet.date", value=shortened(str(value))), "", key)
    else:
        table[str(key[-1])] = found


def _number(cell: Any, unit: str) -> Any:
    """A number with the digits that were published: a text as it stands; a number with those that it needs."""
    value = cell.value
    if isinstance(value, str):
        text = value.strip()
        return f"{text}{unit}" if unit and _BARE.fullmatch(plainly(text)) else text
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value if isinstance(value, bool) else str(value)
    if isinstance(value, float) and not abs(value) < 1e300:
        return str(value)
    if "%" in (cell.number_format or ""):
        return f"{_shortest(Decimal(f'{value:.15g}') * 100)}%"
    exact = value if isinstance(value, int) else Decimal(f"{value:.15g}")
    if isinstance(exact, Decimal) and exact == exact.to_integral_value() and abs(exact) < 10**18:
        exact = int(exact)
    return f"{exact:f}{unit}" if unit else exact


def _shortest(number: Decimal) -> str:
    """A number without idle zeros behind the point."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


__all__ = ["Cells", "Read", "figure_word", "is_workbook", "read_workbook"]
