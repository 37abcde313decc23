"""The form of an official document after GB/T 9704-2012: page, fonts, numbering, signature, page numbers."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from workbench.text import cleaned

# GB/T 9704-2012, mm: A4, top margin 37, binding margin 28, text block 156 x 225
PAGE_MM, MARGINS_MM = (210, 297), {"top": 37, "bottom": 35, "left": 28, "right": 26}
TEXT_MM, LINES = (156, 225), 22
# 2号, 3号 and 4号 in points
TITLE_PT, BODY_PT, NUMBER_PT, TABLE_PT = 22, 16, 14, 10.5
FONTS = {"title": "方正小标宋简体", "body": "仿宋", 1: "黑体", 2: "楷体", "number": "宋体"}


@dataclass(frozen=True)
class Section:
    """One part of the document: a heading of a level, lines of text, and a table where there is one."""

    heading: str
    level: int
    lines: tuple[str, ...] = ()
    table: pd.DataFrame | None = None
    name: str = ""


@dataclass(frozen=True)
class AnnualPlan:
    """The document before it is written: title, day, status line and sections in order."""

    title: str
    day: date
    note: str
    sections: tuple[Section, ...]

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by sheet name, in the order of the document."""
        return {part.name: part.table for part in self.sections if part.table is not None}


def write_official(content: AnnualPlan, path: Path, *, issuer: str = "四川省人民政府") -> Path:
    """Write a document as .docx in the form of the standard; the same content gives the same bytes.

    A slot for the number (〔year〕　号), the title, levels 一、 and （一）, heads of tables on every
    page, the signature and the day, page numbers between dashes at the outer side. Returns the path.
    """
    from docx import Document
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
    from docx.shared import Mm, Pt

    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = (Mm(size) for size in PAGE_MM)
    for side, size in MARGINS_MM.items():
        setattr(page, f"{side}_margin", Mm(size))
    page.footer_distance = Mm(MARGINS_MM["bottom"] - 7 - 5)  # the number stands 7 mm below the text
    body = document.styles["Normal"]
    _font(body, FONTS["body"], Pt(BODY_PT))
    body.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    body.paragraph_format.line_spacing = Mm(TEXT_MM[1] / LINES)
    body.paragraph_format.space_after = Pt(0)
    _font(document.styles["Title"], FONTS["title"], Pt(TITLE_PT))
    for level in (1, 2):
        style = document.styles[f"Heading {level}"]
        _font(style, FONTS[level], Pt(BODY_PT))
        style.font.bold = False
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
    _line(document, f"〔{content.day.year}〕　　号", WD_ALIGN_PARAGRAPH.CENTER)
    document.add_heading(content.title, 0).alignment = WD_ALIGN_PARAGRAPH.CENTER
    _line(document, content.note, WD_ALIGN_PARAGRAPH.CENTER)
    for part in content.sections:
        heading = document.add_heading(part.heading, part.level)
        heading.paragraph_format.first_line_indent = Pt(2 * BODY_PT)
        heading.paragraph_format.keep_with_next = True
        for line in part.lines:
            _line(document, line, None)
        if part.table is not None:
            _table(document, part.table)
    day = f"{content.day.year}年{content.day.month}月{content.day.day}日"
    for text in ("", issuer, day):
        paragraph = _line(document, text, WD_ALIGN_PARAGRAPH.RIGHT)
        paragraph.paragraph_format.right_indent = Pt(4 * BODY_PT if text == day else 2 * BODY_PT)
    _page_numbers(document)
    document.core_properties.title = content.title
    document.core_properties.author = ""
    document.save(str(path))
    return _without_clock(path)


def _line(document: Any, text: str, place: Any) -> Any:
    from docx.shared import Pt

    paragraph = document.add_paragraph(cleaned(text))
    if place is None:
        paragraph.paragraph_format.first_line_indent = Pt(2 * BODY_PT)
    else:
        paragraph.alignment = place
    return paragraph


def _page_numbers(document: Any) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH

    document.settings.odd_and_even_pages_header_footer = True
    section = document.sections[0]
    sides = (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    )
    for footer, side in sides:
        paragraph = footer.paragraphs[0]
        paragraph.alignment = side
        for piece in ("— ", None, " —"):
            _piece(paragraph, piece)


def _piece(paragraph: Any, text: str | None) -> None:
    """Add text, or the number of the page where text is None."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    run = paragraph.add_run(text or "")
    run.font.size, run.font.name = Pt(NUMBER_PT), FONTS["number"]
    if text is None:
        for kind, code in (("begin", None), (None, " PAGE "), ("end", None)):
            name = "w:fldChar" if kind else "w:instrText"
            field = OxmlElement(name)
            if kind:
                field.set(qn("w:fldCharType"), kind)
            else:
                field.text = code
            run._r.append(field)


def _without_clock(path: Path) -> Path:
    """Take the time of writing out of a ZIP, so that the same content is the same file."""
    with zipfile.ZipFile(path) as made:
        members = [(name, made.read(name)) for name in made.namelist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as fixed:
        for name, content in members:
            fixed.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return path


def _font(style: Any, name: str, size: Any) -> None:
    from docx.oxml.ns import qn
    from docx.shared import RGBColor

    style.font.name, style.font.size = name, size
    style.font.color.rgb = RGBColor(0, 0, 0)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for kind in ("w:eastAsia", "w:ascii", "w:hAnsi"):
        fonts.set(qn(kind), name)
    for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme"):
        fonts.attrib.pop(qn(theme), None)


def _table(document: Any, frame: pd.DataFrame) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
    from docx.oxml import OxmlElement
    from docx.shared import Mm, Pt

    table = document.add_table(rows=1, cols=len(frame.columns), style="Table Grid")
    table.autofit = False
    widths = column_widths(frame)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    numeric = [pd.api.types.is_numeric_dtype(frame[column]) for column in frame.columns]

    def fill(cell: Any, width: float, text: str, right: bool, bold: bool = False) -> None:
        cell.width, paragraph = Mm(width), cell.paragraphs[0]
        paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
        run = paragraph.add_run(cleaned(text))
        run.font.size, run.bold = Pt(TABLE_PT), bold
        if right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT

    for cell, width, column in zip(table.rows[0].cells, widths, frame.columns, strict=True):
        fill(cell, width, str(column), right=False, bold=True)
    for row in frame.itertuples(index=False):
        added = table.add_row()
        added._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, width, value, right in zip(added.cells, widths, row, numeric, strict=True):
            fill(cell, width, shown(value), right)


def column_widths(frame: pd.DataFrame) -> list[float]:
    """Share the text block (mm) among columns by the length of what they hold, none starved by a long one."""
    longest = [
        max(_drawn(str(name)) * 0.6, 4.5, *(min(_drawn(shown(value)), 30.0) for value in frame[name]))
        for name in frame.columns
    ]
    # A short cell that breaks reads worse than a long one that breaks once more.
    longest = [length * (1.2 if length < 14 else 1.0) for length in longest]
    return [TEXT_MM[0] * length / sum(longest) for length in longest]


def _drawn(text: str) -> float:
    return sum(1.0 if ord(char) > 0x2E7F else 0.55 for char in text) + 2.0


def shown(value: object) -> str:
    """Return a cell as the document writes it: a dash for nothing, numbers grouped, yes and no in Chinese."""
    if value is None or (isinstance(value, float) and value != value):
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return f"{value:,.2f}".rstrip("0").rstrip(".")
    return str(value)
