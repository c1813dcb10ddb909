"""A brief as DOCX: A4, headings that are headings, tables that are tables; the same brief gives the same bytes.

Lines have a fixed height, whatever font the reader's machine draws them with, and each page's letters are chosen with room to
spare, so that two pages stay two pages.
"""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any, Final

from sim.experiments.storage.workbook import timeless
from sim.reporting.briefs.content import Block, Brief, Line, Picture, Section, Table
from sim.reporting.briefs.pdf import BOTTOM, HEADING, LEADING, LEFT, SMALL, TEXT, TITLE, TOP, sizes

ROOM: Final = 0.9  # of a page's height: letters of other fonts are wider
LATIN, CHINESE = "Arial", "Microsoft YaHei"
BLUE, GREY, PALE = "005282", "5F5F5F", "C8CDD2"


def as_docx(brief: Brief, day: date) -> bytes:
    """The file; ``day`` stands in it as the day on which it was made. Raises ``BriefError`` as ``as_pdf`` does."""
    from docx import Document

    paper = Document()
    _paper(paper, brief, day)
    for page, size in enumerate(sizes(brief, ROOM)):
        pen = _Pen(paper, size)
        if page == 0:
            pen.text(brief.kind, 1.0, colour=GREY)
            pen.text(brief.title, TITLE, style="Title", strong=True)
            for line in brief.lead:
                pen.text(line, 1.0, colour=GREY)
        for place, section in enumerate(brief.pages[page]):
            pen.section(section, new_page=page == 1 and place == 0)
    buffer = io.BytesIO()
    paper.save(buffer)
    return timeless(buffer)


def _paper(paper: Any, brief: Brief, day: date) -> None:
    """Size, margins, foot, language, and what the file says of itself."""
    from docx.enum.text import WD_LINE_SPACING
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    part = paper.sections[0]
    part.page_width, part.page_height = Mm(210), Mm(297)
    part.left_margin = part.right_margin = Mm(LEFT)
    part.top_margin, part.bottom_margin, part.footer_distance = Mm(TOP), Mm(BOTTOM), Mm(7)
    for name in ("Normal", "Title", "Heading 1", "List Bullet"):
        style = paper.styles[name]
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in [key for key in fonts.attrib if key.endswith("Theme")]:
            del fonts.attrib[theme]
        for script, font in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", CHINESE)):
            fonts.set(qn(f"w:{script}"), font)
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
        style.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    for border in paper.styles["Title"].element.findall(".//" + qn("w:pBdr")):
        border.getparent().remove(border)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-GB")
    language.set(qn("w:eastAsia"), "zh-CN")
    paper.styles["Normal"].element.get_or_add_rPr().append(language)
    foot = part.footer.paragraphs[0]
    _run(foot, brief.foot, 7.0, GREY)
    said = paper.core_properties
    said.title, said.author, said.comments, said.last_modified_by = (
        _visible(brief.title)[:255],
        "judicial-auction-sim",
        "",
        "",
    )
    said.language = "zh-CN" if brief.lang == "zh" else "en"
    said.created = said.modified = datetime(day.year, day.month, day.day)


def _run(paragraph: Any, text: str, size: float, colour: str = "", *, strong: bool = False) -> None:
    from docx.shared import Pt, RGBColor

    run = paragraph.add_run(_visible(text))
    run.font.size, run.font.bold = Pt(_half(size)), strong
    run.font.color.rgb = RGBColor.from_string(colour or "141414")


def _half(size: float) -> float:
    """Word knows half points."""
    return max(1, int(2 * size)) / 2


def _visible(text: str) -> str:
    """Without what XML cannot hold."""
    kept = "".join(c if c >= " " and not 0xD800 <= ord(c) <= 0xDFFF and c not in "\ufffe\uffff" else " " for c in text)  # fmt: skip
    return " ".join(kept.split(" "))


class _Pen:
    """Writes with letters of one size."""

    def __init__(self, paper: Any, size: float) -> None:
        self.paper, self.size = paper, size

    def text(
        self, text: str, scale: float, *, style: str = "Normal", colour: str = "", strong: bool = False, after: float = 0.0
    ) -> Any:  # fmt: skip
        from docx.shared import Pt

        paragraph = self.paper.add_paragraph(style=style)
        size = self.size * scale
        paragraph.paragraph_format.line_spacing = Pt(_half(size * LEADING))
        paragraph.paragraph_format.space_after = Pt(after)
        _run(paragraph, text, size, colour, strong=strong)
        return paragraph

    def section(self, section: Section, *, new_page: bool) -> None:
        from docx.shared import Pt

        head = self.text(section.title, HEADING, style="Heading 1", colour=BLUE, strong=True, after=0.3 * self.size)  # fmt: skip
        head.paragraph_format.space_before = Pt(0 if new_page else 0.5 * self.size)
        head.paragraph_format.page_break_before = new_page
        _underlined(head)
        for block in section.blocks:
            self.block(block)

    def block(self, block: Block) -> None:
        if isinstance(block, Table):
            self.table(block)
        elif isinstance(block, Picture):
            self.picture(block)
        else:
            self.line(block)

    def line(self, line: Line) -> None:
        from docx.shared import Mm

        one = self.text(
            line.text, SMALL if line.small else 1.0, style="List Bullet" if line.bullet else "Normal",
            colour=GREY if line.small else "", strong=line.strong, after=0.15 * self.size,
        )  # fmt: skip
        if line.bullet:
            one.paragraph_format.left_indent, one.paragraph_format.first_line_indent = Mm(4), Mm(-4)

    def picture(self, picture: Picture) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
        from docx.shared import Mm

        paragraph = self.paper.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        wide = TEXT * picture.width * min(1.0, self.size / 9.0)
        shown = paragraph.add_run().add_picture(io.BytesIO(picture.png), width=Mm(wide))
        shown._inline.docPr.set("descr", _visible(picture.label))

    def table(self, table: Table) -> None:
        from docx.enum.text import WD_ALIGN_PARAGRAPH
        from docx.oxml import OxmlElement
        from docx.shared import Mm, Pt

        size = self.size * 0.93
        shown = self.paper.add_table(rows=1 + len(table.rows), cols=len(table.heads))
        shown.autofit = False
        _ruled(shown)
        first = len(table.heads) - table.numbers
        wide = [Mm(TEXT * share) for share in table.shares()]
        for column, width in zip(shown.columns, wide, strict=True):
            column.width = width
        for number, (row, texts) in enumerate(zip(shown.rows, [table.heads, *table.rows], strict=True)):
            for place, (cell, text) in enumerate(zip(row.cells, texts, strict=True)):
                cell.width = wide[place]
                paragraph = cell.paragraphs[0]
                paragraph.paragraph_format.line_spacing = Pt(_half(size * LEADING))
                if place >= first:
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
                _run(paragraph, text, size, GREY if number == 0 else "", strong=number == 0)
        shown.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
        self.text("", 0.3)


def _underlined(paragraph: Any) -> None:
    from docx.oxml import OxmlElement

    frame = OxmlElement("w:pBdr")
    frame.append(_border("w:bottom"))
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(frame, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr")


def _border(side: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    line = OxmlElement(side)
    for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", PALE)):
        line.set(qn(f"w:{name}"), value)
    return line


def _ruled(table: Any) -> None:
    """Lines between rows, narrow cells."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders = OxmlElement("w:tblBorders")
    borders.extend([_border("w:bottom"), _border("w:insideH")])
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "68")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    properties = table._tbl.tblPr
    look = properties.find(qn("w:tblLook"))
    at = list(properties).index(look) if look is not None else len(properties)
    layout = properties.find(qn("w:tblLayout"))
    place = list(properties).index(layout) if layout is not None else at
    properties.insert(place, borders)
    layout_at = list(properties).index(layout) + 1 if layout is not None else place + 1
    properties.insert(layout_at, margins)
