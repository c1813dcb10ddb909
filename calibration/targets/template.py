"""A workbook for published figures, to be filled in: what ``reader/workbook.py`` reads."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from calibration.targets.interpretations import COUNTS
from calibration.targets.reader.workbook import ABOUT, FIRST, LAST, NOTE, WINDOW, figure_word, t
from sim.experiments.storage.workbook import AS_TEXT, Cell, Sheet, write_workbook

FIGURES: Final = ("cases", "lots", "sold", "participants", "sale_rate", "turnover", "premium", "commission")
ROWS: Final = 8  # windows that there is room for
LINES: Final = ("row", "digits", "dates", "needed", "formulas", "commands", "more")


def template_sheets(lang: str, file: str) -> list[Sheet]:
    """The table of figures, what the file is about, and how to fill it in. Cells hold texts, so that digits stay as they are typed."""
    heads = [t(one, lang) for one in (WINDOW, FIRST, LAST)]
    heads += [_head(figure, lang) for figure in FIGURES]
    heads.append(t(NOTE, lang))
    blank = [[Cell(None, AS_TEXT) for _ in heads] for _ in range(ROWS)]
    wide = [
        14,
        14,
        14,
        *(max(12, 2 * len(head)) if lang == "zh" else max(12, len(head) + 2) for head in heads[3:]),
    ]
    about = [[Cell(t(f"about.{key}", lang), strong=True), Cell(None, AS_TEXT)] for key in ABOUT]
    lines = [[Cell(t(f"read.{key}", lang, file=file))] for key in LINES]
    return [
        Sheet(t("figures", lang), heads, blank, wide),
        Sheet(t("about", lang), [t("what", lang), t("value", lang)], about, (20, 60)),
        Sheet(t("read", lang), [t("read", lang)], lines, (110,)),
    ]


def _head(figure: str, lang: str) -> str:
    """A figure's name, capitalised, with what its numbers count."""
    name = figure_word(figure, lang)
    unit = t(f"unit.{figure}", lang) if figure in COUNTS else ""
    name = name[:1].upper() + name[1:]
    return t("head", lang, name=name, unit=unit) if unit else name


def write_template(path: Path, lang: str) -> None:
    """Write it, whole or not at all. Raises ``OSError``."""
    write_workbook(path, template_sheets(lang, path.name), t("figures", lang))
