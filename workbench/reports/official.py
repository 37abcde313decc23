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
_WORDS = ("行业", "矛盾", "产能", "企业", "促进", "结构调整")  # a title may break after these
MARK_PT = 36  # the standard leaves it to the organ: below 22 mm high, plain to see
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
class OfficialPaper:
    """A document before it is written: title, day, sections in order, and who sends it to whom.

    `note`: a status line under the title; `organs`: who signs, the main organ first; `code`: the organ's mark
    before the number (川经信公告); `to`: 主送机关; `annexes`: each on a page of its own after the signature;
    `copies`: 抄送. With `mark` the organs' name stands in red above the number, over a red rule.
    """

    title: str
    day: date
    note: str
    sections: tuple[Section, ...]
    organs: tuple[str, ...] = ("四川省人民政府",)
    code: str = "川府发"
    to: str = ""
    annexes: tuple[Section, ...] = ()
    copies: str = ""
    mark: bool = False

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by sheet name, in the order of the document."""
        parts = (*self.sections, *self.annexes)
        return {part.name: part.table for part in parts if part.table is not None}


def chinese_day(day: date) -> str:
    """Return a day as a document writes it: Arabic digits, no leading zeros."""
    return f"{day.year}年{day.month}月{day.day}日"


def write_official(content: OfficialPaper, path: Path) -> Path:
    """Write a document as .docx in the form of the standard; the same content gives the same bytes.

    In order: the organs in red, a slot for the number (〔year〕　号), the red rule, the title, 主送机关,
    levels 一、 and （一）, heads of tables on every page, the list of annexes, the signature and the day, the
    annexes on pages of their own, 抄送 at the foot; page numbers between dashes at the outer side.
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
    _plain(document.styles["Title"])
    for level in (1, 2):
        style = document.styles[f"Heading {level}"]
        _font(style, FONTS[level], Pt(BODY_PT))
        style.font.bold = False
        _plain(style)
        style.paragraph_format.space_before = style.paragraph_format.space_after = Pt(0)
    if content.mark:
        _mark(document, content.organs)
    number = _line(document, f"{content.code}〔{content.day.year}〕　　号", WD_ALIGN_PARAGRAPH.CENTER)
    if content.mark:
        _rule(number, "bottom", "FF0000", 12)
        _line(document, "", None)
    title = document.add_heading("", 0)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for n, line in enumerate(balanced(content.title)):
        run = title.add_run(cleaned(line))
        if n == 0 and line != content.title:
            run.add_break()
    if content.note:
        _line(document, content.note, WD_ALIGN_PARAGRAPH.CENTER)
    if content.to:
        _line(document, f"{content.to}：", WD_ALIGN_PARAGRAPH.LEFT)
    for part in content.sections:
        _section(document, part)
    for n, annex in enumerate(content.annexes, start=1):
        many = f"{n}." if len(content.annexes) > 1 else ""
        lead = "附件：" if n == 1 else "　　　"
        _line(document, f"{lead}{many}{annex.heading}", None)
    day = chinese_day(content.day)
    for text in ("", *content.organs, day):
        paragraph = _line(document, text, WD_ALIGN_PARAGRAPH.RIGHT)
        paragraph.paragraph_format.right_indent = Pt(4 * BODY_PT if text == day else 2 * BODY_PT)
        paragraph.paragraph_format.keep_with_next = text != day
    for n, annex in enumerate(content.annexes, start=1):
        _annex(document, annex, n if len(content.annexes) > 1 else 0)
    if content.copies:
        foot = _line(document, f"抄送：{content.copies}。", WD_ALIGN_PARAGRAPH.LEFT)
        foot.paragraph_format.space_before = Pt(BODY_PT)
        for run in foot.runs:
            run.font.size = Pt(NUMBER_PT)
        for side in ("top", "bottom"):
            _rule(foot, side, "000000", 6)
    _page_numbers(document)
    document.core_properties.title = content.title
    document.core_properties.author = ""
    document.save(str(path))
    return _without_clock(path)


def balanced(title: str) -> tuple[str, ...]:
    """Return a title as one line, or as two of about one length that split no word."""
    if len(title) * TITLE_PT <= TEXT_MM[0] / 25.4 * 72:
        return (title,)
    ends = [title.find(word) + len(word) for word in _WORDS if word in title[:-1]] or [len(title) // 2]
    at = min(ends, key=lambda end: abs(end - len(title) / 2))
    return title[:at], title[at:]


def _plain(style: Any) -> None:
    """Take the rule under it and the linked style of characters off a style of the empty document."""
    from docx.oxml.ns import qn

    for place in (style.element, style.element.get_or_add_pPr()):
        for name in ("w:link", "w:pBdr"):
            for found in place.findall(qn(name)):
                place.remove(found)


def _section(document: Any, part: Section) -> None:
    from docx.shared import Pt

    if part.heading:
        heading = document.add_heading(part.heading, part.level)
        heading.paragraph_format.first_line_indent = Pt(2 * BODY_PT)
        heading.paragraph_format.keep_with_next = True
    for line in part.lines:
        _line(document, line, None)
    if part.table is not None:
        _table(document, part.table)


def _annex(document: Any, part: Section, number: int) -> None:
    """Begin a page with 附件 at its left edge, then the annex's title and table."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    head = _line(document, f"附件{number or ''}", WD_ALIGN_PARAGRAPH.LEFT)
    head.paragraph_format.page_break_before = True
    for run in head.runs:
        _font_of(run, FONTS[1])
    title = _line(document, part.heading, WD_ALIGN_PARAGRAPH.CENTER)
    for run in title.runs:
        _font_of(run, FONTS["title"])
        run.font.size = Pt(TITLE_PT)
    title.paragraph_format.line_spacing = 1.0  # larger than the exact height of a line of text
    title.paragraph_format.space_after = Pt(BODY_PT / 2)
    for line in part.lines:
        _line(document, line, None)
    if part.table is not None:
        _table(document, part.table)


def _mark(document: Any, organs: tuple[str, ...]) -> None:
    """Write the organs' names in red above the number, the main organ first."""
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt, RGBColor

    for organ in organs:
        paragraph = _line(document, organ, WD_ALIGN_PARAGRAPH.CENTER)
        paragraph.paragraph_format.line_spacing = 1.0
        for run in paragraph.runs:
            _font_of(run, FONTS["title"])
            run.font.size, run.font.color.rgb = Pt(MARK_PT), RGBColor(255, 0, 0)
    _line(document, "", None)


def _rule(paragraph: Any, side: str, colour: str, eighths: int) -> None:
    """Draw a rule over or under a paragraph; the width in eighths of a point."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = paragraph._p.get_or_add_pPr()
    borders = properties.find(qn("w:pBdr"))
    if borders is None:
        borders = OxmlElement("w:pBdr")
        properties.insert_element_before(
            borders, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:outlineLvl", "w:rPr"
        )
    line = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", "4"), ("color", colour)):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)


def _font_of(run: Any, name: str) -> None:
    from docx.oxml.ns import qn

    run.font.name = name
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)


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
