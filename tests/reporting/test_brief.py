"""The brief: two pages in both languages and formats, its numbers those of differences.csv, the same bytes for the same day."""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from docx.oxml.ns import qn
from page_folders import TINY, settings
from pypdf import PdfReader
from typer.testing import CliRunner

import sim
from sim.cli.main import app
from sim.law.verdict import limits
from sim.measures.definitions import DEFINITIONS
from sim.reporting.briefs import compare_brief as module
from sim.reporting.briefs.compare_brief import compare_brief
from sim.reporting.briefs.content import Brief, BriefError, Line, Section, clipped, w
from sim.reporting.briefs.docx import as_docx
from sim.reporting.briefs.files import WRITERS, write_brief
from sim.reporting.briefs.pdf import as_pdf
from sim.reporting.formats import NOTHING
from sim.reporting.pages.compare_folder import read_compare
from sim.reporting.style import columns
from sim.reporting.text import name_of
from sim.reporting.units import head_with_unit
from sim.scenario import load

pytestmark = pytest.mark.pages

DAY = date(2026, 11, 29)
POLICIES = ("start-70", "short-notice")
HAN = re.compile("[\u4e00-\u9fff]")
Row = dict[str, str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pairs of a tiny Shanxi under two policies, one of them a reform."""
    out = tmp_path_factory.mktemp("brief") / "compare"
    words = ["compare", "shanxi-prior", *POLICIES, "-n", "2", "-j", "1", "--no-pictures", *settings(TINY)]
    result = CliRunner().invoke(app, [*words, "--out", str(out)])
    assert result.exit_code == 0, result.output
    return out


@pytest.fixture(scope="module")
def briefs(folder: Path) -> dict[str, Brief]:
    return {lang: compare_brief(folder, lang, DAY) for lang in ("en", "zh")}


@pytest.fixture(scope="module")
def papers(briefs: dict[str, Brief]) -> dict[str, tuple[bytes, bytes]]:
    return {lang: (as_pdf(one, DAY), as_docx(one, DAY)) for lang, one in briefs.items()}


def rows_of(folder: Path) -> dict[tuple[str, str, str], Row]:
    """(policy, segment, measure) -> the row of the whole period, on the cohort basis or the event basis as the folder shows it."""
    with (folder / "differences.csv").open(encoding="utf-8-sig", newline="") as file:
        return {
            (row["policy_name"], row["segment"], row["measure"]): row
            for row in csv.DictReader(file)
            if row["window"] == "all" and row["basis"] == "event"
        }


def tables(paper: bytes) -> list[list[list[str]]]:
    return [[[cell.text for cell in row.cells] for row in one.rows] for one in Document(io.BytesIO(paper)).tables]  # fmt: skip


UNITS = {"bn": 1e9, "m": 1e6, "k": 1e3, "亿元": 1e8, "万元": 1e4}


def numbers(text: str, kind: str) -> Iterator[tuple[float, float]]:
    """Numbers of a cell in the unit of the file, each with half a step of its last digit: read without the program's own code."""
    unit = 0.01 if kind == "rate" else next((size for name, size in UNITS.items() if name in text), 1.0)
    for found in re.findall(r"[-+]?[¥]?[\d,]*\d(?:\.\d+)?", text.replace("−", "-")):
        plain = found.replace(",", "").replace("¥", "").replace("+", "")
        yield float(plain) * unit, 0.5 * 10.0 ** -len(plain.partition(".")[2]) * unit


def assert_same(text: str, row: Row, names: tuple[str, ...]) -> None:
    if text in ("the same", "相同"):
        assert [float(row[name]) for name in names] == pytest.approx([0.0] * len(names), abs=1e-9)
        return
    definition = DEFINITIONS.get(row["measure"])
    given = list(numbers(text, definition.kind if definition else "rate"))
    assert len(given) == len(names), text
    for (shown, half), name in zip(given, names, strict=True):
        assert abs(shown - float(row[name])) <= half * 1.0001, (text, name, row)


CHANGE = ("difference", "ci_low", "ci_high")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_number_of_the_document_is_that_of_the_csv(
    lang: str, folder: Path, papers: dict[str, tuple[bytes, bytes]]
) -> None:
    rows = rows_of(folder)
    gain, _, kinds = tables(papers[lang][1])
    by_name = {head_with_unit(one, lang, own=True).casefold(): name for name, one in DEFINITIONS.items()}
    checked = 0
    for name, base, *cells in gain[1:]:
        measure = by_name[name.rstrip(" *＊").casefold()]
        assert_same(base, rows["start-70", "all", measure], ("base",))
        for policy, cell in zip(POLICIES, cells, strict=True):
            row = rows[policy, "all", measure]
            assert_same(cell, row, CHANGE)
            checked += 1
    scenario = load(folder / "scenarios" / "shanxi-prior.toml").scenario
    kind_names = {one.name_zh if lang == "zh" else name: name for name, one in scenario.kinds.items()}
    for name, listed, *cells in kinds[1:]:
        kind = kind_names[name if lang == "zh" else name.casefold()]
        assert_same(listed, rows["start-70", kind, "lots_listed"], ("base",))
        for policy, cell in zip(POLICIES, cells, strict=True):
            assert_same(cell, rows[policy, kind, "lots_sold"], CHANGE)
            checked += 1
    assert checked >= 14 + 8


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_two_pages_of_a4_and_in_both_formats_the_same_is_said(
    lang: str, briefs: dict[str, Brief], papers: dict[str, tuple[bytes, bytes]]
) -> None:
    pdf, docx = papers[lang]
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert len(pages) == 2
    assert [round(float(x)) for x in pages[0].mediabox[2:]] == [595, 842]
    paper = Document(io.BytesIO(docx))
    breaks = [one.text for one in paper.paragraphs if one.paragraph_format.page_break_before]
    assert breaks == [briefs[lang].pages[1][0].title]
    assert len(paper.sections) == 1
    assert round(paper.sections[0].page_height.mm) == 297
    assert len(paper.inline_shapes) == 1
    sections = [one.title for page in briefs[lang].pages for one in page]
    assert [one.text for one in paper.paragraphs if one.style.name == "Heading 1"] == sections
    for page, half in zip(pages, briefs[lang].pages, strict=True):
        said = squeezed(page.extract_text())
        for section in half:
            for text in (section.title, *(one.text for one in section.blocks if isinstance(one, Line))):
                if lang == "en":  # pypdf takes some letters of a font with many for two
                    assert squeezed(text) in said
                assert any(one.text == text for one in paper.paragraphs), text


def squeezed(text: str) -> str:
    return re.sub(r"[\s\0]", "", text)  # pypdf reads letters of two bytes as two


def test_each_language_is_its_own(papers: dict[str, tuple[bytes, bytes]]) -> None:
    texts = {lang: Document(io.BytesIO(docx)) for lang, (_, docx) in papers.items()}
    assert not any(HAN.search(one.text) for one in texts["en"].paragraphs)
    assert all(HAN.search(one.text) for one in texts["zh"].paragraphs if one.text)


def test_the_same_day_gives_the_same_bytes_and_no_time_of_day(
    briefs: dict[str, Brief], papers: dict[str, tuple[bytes, bytes]]
) -> None:
    assert (as_pdf(briefs["en"], DAY), as_docx(briefs["en"], DAY)) == papers["en"]
    with zipfile.ZipFile(io.BytesIO(papers["en"][1])) as parts:
        assert {one.date_time for one in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2026-11-29T00:00:00Z" in parts.read("docProps/core.xml")


def test_the_reform_is_named_with_its_articles_and_the_lawful_policies_are_not(
    briefs: dict[str, Brief],
) -> None:
    law: Any = briefs["en"].pages[1][1].blocks[0]
    by_scheme = {row[0]: row[1:] for row in law.rows}
    assert by_scheme["Policy A"] == ["nothing further"] * 2
    assert all("2016 rules Art 12" in cell for cell in by_scheme["Policy B"])
    ask = [line.text for line in briefs["en"].pages[1][3].blocks if isinstance(line, Line)]
    assert sum("goes against" in text for text in ask) == 1


def test_limits_speak_of_what_is_changed_alone() -> None:
    scenario = load("base").scenario
    assert {rule.article for rule in limits(scenario, [("rounds", "second", "cut")], DAY)} == {
        "2016 rules Art 26"
    }
    assert limits(scenario, [("interest", "mean")], DAY) == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_measure_marked_as_not_significant_or_the_same_is_named_under_the_table(
    folder: Path, lang: str
) -> None:
    """A premium is neither good nor bad: it is marked as other rows are, so it is named as they are."""
    one = module._Compared(read_compare(folder), lang, DAY, ["start-70"])
    rows = {row["measure"]: dict(row) for row in one.rows("start-70")}
    assert len(rows) == 7
    unsure = ["premium_turnover", "turnover"]
    for name in unsure:
        rows[name] |= {"difference": 1.0, "ci_low": -1e6, "ci_high": 1e6}
    rows["days_to_sale_mean"] |= dict.fromkeys(CHANGE, math.nan)
    marks = {name: module._means(row, lang) for name, row in rows.items()}
    assert marks["days_to_sale_mean"] == NOTHING
    marked = [name for name in rows if marks[name] == w("not_significant", lang)]
    assert set(unsure) <= set(marked)
    names = one.joined([name_of(name, lang) for name in marked])
    ended = w("balance", lang, gains="@", costs="@", open=names).rpartition("@")[2]
    assert ended in module._balance(one, "start-70", rows).text
    rows["premium_turnover"] |= dict.fromkeys(CHANGE, 0.0)
    assert module._means(rows["premium_turnover"], lang) == w("same", lang)
    same = module._balance(one, "start-70", rows).text
    assert w("balance.same", lang, same=name_of("premium_turnover", lang)) in same


def test_an_answer_of_few_draws_says_that_it_is_a_first_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The application offers two pages while it computes: whoever takes them to a meeting is warned."""

    def said(draws: int) -> bool:
        monkeypatch.setattr(module._Compared, "draws", draws)
        return "初步结果：只用了8组参数抽样" in str(compare_brief(folder, "zh", DAY))

    assert [said(draws) for draws in (0, 8, 20)] == [False, True, False]


def test_what_is_assumed_is_written_as_people_write_it(briefs: dict[str, Brief]) -> None:
    assumed = [str(block) for section in briefs["zh"].pages[1] for block in section.blocks]
    assert any("（start.ratio）：由100%改为70%。" in one for one in assumed)
    assert any("（rounds.first.notice_days_immovable）：由30天改为15天。" in one for one in assumed)


def test_a_policy_alone_has_recovery_and_days_by_kind(folder: Path) -> None:
    one = compare_brief(folder, "en", DAY, ["start-70"])
    kinds: Any = one.pages[1][2].blocks[0]
    assert kinds.heads == [
        "Kind",
        "Listed (lots)",
        "Lots sold (lots)",
        "Recovery, of all lots",
        "Days to sale, mean",
    ]
    row = rows_of(folder)["start-70", "homes", "recovery_all"]
    assert_same(next(r for r in kinds.rows if r[0] == "Homes")[3], row, CHANGE)


@pytest.mark.parametrize(
    ("lang", "sold", "listed", "unit"),
    [("en", "Lots sold (lots)", "Listed (lots)", " lots ["), ("zh", "成交量（件）", "上拍（件）", "件 [")],
)
def test_every_number_has_its_unit(
    briefs: dict[str, Brief], lang: str, sold: str, listed: str, unit: str
) -> None:
    """Of what is counted in the head or behind the number; days, shares and money carry theirs."""
    (answer, cost), (_, _, by_kind, _) = briefs[lang].pages
    table: Any = cost.blocks[0]
    assert sold in [row[0] for row in table.rows]
    kinds: Any = by_kind.blocks
    assert kinds[0].heads[1] == listed
    assert {"en": "(lots)", "zh": "（件）"}[lang] in kinds[1].text
    assert unit in str(answer.blocks[0])


def test_unknown_policies_and_folders_of_another_kind_are_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(BriefError, match="cut-99: not in this comparison; there are: start-70, short-notice"):
        compare_brief(folder, "en", DAY, ["cut-99"])
    result = CliRunner().invoke(app, ["brief", str(tmp_path), "--lang", "en"])
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_what_was_edited_is_not_replaced(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(WRITERS, ".docx", lambda brief, day: f"{brief.title} {day}".encode())
    words = ["brief", str(folder), "--policy", "start-70", "--date", "2026-11-29", "--lang", "en"]
    target = tmp_path / "two pages.docx"
    assert CliRunner().invoke(app, [*words, "--out", str(target)]).exit_code == 0
    assert [one.name for one in tmp_path.iterdir()] == ["two pages.docx"]
    assert target.read_text(encoding="utf-8").endswith(str(DAY))
    target.write_bytes(b"edited")
    refused = CliRunner().invoke(app, [*words, "--out", str(target)])
    assert refused.exit_code == 2
    assert "--force" in refused.output
    assert target.read_bytes() == b"edited"
    wrong = CliRunner().invoke(app, [*words, "--out", str(tmp_path / "brief.doc")])
    assert wrong.exit_code == 2
    assert ".docx or .pdf" in wrong.output


def test_what_does_not_fit_is_refused_and_nothing_is_written(
    briefs: dict[str, Brief], tmp_path: Path
) -> None:
    long = Section("much", [Line("word " * 60, bullet=True)] * 40)
    with pytest.raises(BriefError, match="two pages"):
        write_brief(replace(briefs["en"], pages=([long], [long])), tmp_path / "brief", DAY)
    assert list(tmp_path.iterdir()) == []


def test_titles_are_cut_to_their_columns() -> None:
    assert clipped("一二三四五", 7) == "一二三…"
    assert columns(clipped("word, " * 40, 50)) <= 50
    assert clipped("（（（（", 3) == "…"


@pytest.mark.slow  # two documents more, for letters that hardly anybody writes
def test_strange_letters_are_question_marks(briefs: dict[str, Brief]) -> None:
    page = [Section("x", [Line("\U0001f600 " + "w" * 400)])]
    strange = replace(briefs["en"], title="\x00\U0001f600 title", pages=(page, page))
    assert len(PdfReader(io.BytesIO(as_pdf(strange, DAY))).pages) == 2
    assert "title" in Document(io.BytesIO(as_docx(strange, DAY))).paragraphs[1].text


@pytest.mark.slow  # one comparison more, by the function that the command calls too
def test_python_writes_the_brief_of_a_comparison_in_memory(tmp_path: Path) -> None:
    village = sim.load_scenario({"courts.number": 2, "arrivals.volume": 0.05})
    found = sim.compare(village, {"no cut": {"rounds.second.cut": 0.0}}, replications=2)
    written = found.brief(tmp_path / "village.docx", lang="en", date=DAY)
    assert written == [tmp_path / "village.docx"]
    shown = tables(written[0].read_bytes())[0]
    sold = found.headline.loc["no cut", "lots_sold"]
    assert_same(next(row for row in shown if row[0] == "Lots sold (lots)")[2], {"measure": "lots_sold", **{name: str(sold[name]) for name in CHANGE}}, CHANGE)  # fmt: skip


def test_the_picture_has_words_for_those_who_do_not_see_it(papers: dict[str, tuple[bytes, bytes]]) -> None:
    shape = Document(io.BytesIO(papers["en"][1])).inline_shapes[0]
    assert "Lots sold" in shape._inline.docPr.get("descr")
    assert shape._inline.find(qn("wp:extent")) is not None
