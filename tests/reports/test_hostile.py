"""Text that is code to somebody, in every free text of every layer and of the scenario, through every output.

Each text carries the name of its field, so that an independent reader of an output can tell which fields
arrived there, and that each stands as it was written. docs/hostile.md is the table of what arrives where.
"""

from __future__ import annotations

import html
import io
import json
import re
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pandas as pd
import pypdf
import pytest
from lxml import etree

import workbench as wb
from tests.hostile import TEXTS
from widgets.mapview import MapView
from workbench.cli import console
from workbench.cli import where as cli_where
from workbench.layers.imports.text import unmarked
from workbench.layers.imports.user_files import check_file
from workbench.layers.schema import SCHEMAS, Field
from workbench.maps import describe_plan, layer_map, plan_map, print_map, quality_map
from workbench.reports.faults import faults_html
from workbench.reports.where import write_where
from workbench.text import visible

pytestmark = pytest.mark.slow
DOCS = Path(__file__).parents[2] / "docs" / "hostile.md"
MARK = re.compile(r"§([a-z_0-9]+\.[a-z_0-9]+)#(\d+)§(.*?)§", re.DOTALL)
# What is shown and not computed with: names, owners, remarks, credits.
SHOWN = re.compile(
    r"(name_(zh|en)|owner|(\w*_)?note|title|publisher|licence|river|established|regulation|firm_zh|park_type"
    r"|source_ref|target_industries_zh|economic_zone\w*|eco_function_zone|name_today_zh|commissioned)$"
)
READ = {"freight_nodes.name_zh", "elimination_rows.firm_zh", "province.name_zh"}  # looked up by their text


def free(layer: str, field: Field) -> bool:
    """Say whether a column is text nobody computes with."""
    targets = {name for schema in SCHEMAS.values() for other in schema for name in other.refers}
    bound = field.allowed or field.pattern or field.refers or f"{layer}.{field.name}" in targets | READ
    return field.dtype == "text" and bool(SHOWN.match(field.name)) and not bound


def marked(field: str, number: int) -> str:
    return f"§{field}#{number}§{TEXTS[number % len(TEXTS)]}§"


@pytest.fixture(scope="module")
def hostile() -> wb.Layers:
    """The baseline with each free text of each layer replaced, row by row, by the hostile set."""
    layers, frames = wb.load(), {}
    for name, schema in SCHEMAS.items():
        if name not in layers.frames or not len(layers[name]):
            continue
        columns = [f.name for f in schema if f.name in layers[name] and free(name, f)]
        frames[name] = layers[name].assign(
            **{c: [marked(f"{name}.{c}", i) for i in range(len(layers[name]))] for c in columns}
        )
    return layers.with_(**frames)


def read(text: str) -> set[str]:
    """Return the fields whose text arrived, having checked that each stands as written."""
    found = set()
    for field, number, told in MARK.findall(text):
        assert told == TEXTS[int(number) % len(TEXTS)], f"{field} arrived as {told!r}"
        found.add(field)
    return found


@pytest.fixture(scope="module")
def made(hostile: wb.Layers, tmp_path_factory) -> SimpleNamespace:
    """A plan by hand on the hostile baseline under a hostile scenario, exported to a hostile folder."""
    name = marked("scenario.name", 0)
    about = "\n".join(marked("scenario.description", number) for number in range(len(TEXTS)))
    scenario = wb.Scenario.from_mapping({"name": name, "description": about})
    study = wb.Study.prepare(scenario, hostile)
    site = study.rank_sites("cement").index[0]
    line = next(i for i in study.problem.lines.index if hostile.lines.at[i, "prefecture_zh"] == "成都市")
    plan = study.assess({line: site})
    folder = tmp_path_factory.mktemp("out") / "{{7*7}} ${x} & 'é' {% raw %} $(id)"
    study.export(plan, folder)
    return SimpleNamespace(study=study, plan=plan, folder=folder, where=study.where("cement"))


def texts(value: object) -> Iterator[str]:
    """Return every text within nested lists and tables."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from texts([*value, *value.values()])
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts(part)


def page_text(page: str) -> Iterator[str]:
    """Read a page as a browser would: its title, the words of its body, and the data its script reads."""
    root = etree.HTML(page, etree.HTMLParser(huge_tree=True))
    for data in root.iterfind(".//script[@type='application/json']"):
        yield from texts(json.loads(data.text))
    yield root.findtext(".//title") or ""
    yield from (text for text in root.xpath("//body//text()[not(parent::script) and not(parent::style)]"))
    assert not root.xpath("//*[@onerror or @onclick or @onload] | //img[@src='x']"), "nothing became markup"


def html_file(path: Path) -> set[str]:
    return read("\n".join(page_text(path.read_text(encoding="utf-8"))))


def xlsx_file(path: Path) -> set[str]:
    found, book = set(), openpyxl.load_workbook(path)
    for cell in (cell for sheet in book for row in sheet.iter_rows() for cell in row):
        assert cell.data_type != "f", f"{cell.value!r} is a formula"
        assert cell.hyperlink is None, f"{cell.value!r} is a link"
        found |= read(cell.value) if isinstance(cell.value, str) else set()
    return found | read(book.properties.title or "")


def docx_file(path: Path) -> set[str]:
    found = set()
    with zipfile.ZipFile(path) as parts:
        for name in (name for name in parts.namelist() if name.endswith((".xml", ".rels"))):
            root = etree.fromstring(parts.read(name), etree.XMLParser(resolve_entities=False))
            assert not root.xpath("//*[local-name()='fldSimple' or local-name()='instrText']"), (
                "no field code"
            )
            for paragraph in root.iter("{*}p"):
                found |= read("".join(paragraph.itertext("{*}t", "{*}br")).replace("\n", ""))
    return found


def gpkg_file(path: Path) -> set[str]:
    found = set()
    with closing(sqlite3.connect(path)) as base:
        names = [name for (name,) in base.execute("SELECT table_name FROM gpkg_contents")]
        for name in names:
            for row in base.execute(f'SELECT * FROM "{name}"'):
                found |= set().union(*(read(cell) for cell in row if isinstance(cell, str)))
        for (qml,) in base.execute("SELECT styleQML FROM layer_styles"):
            etree.fromstring(qml.split("'SYSTEM'>")[1])
    return found


def pdf_file(path: Path) -> set[str]:
    pdf = pypdf.PdfReader(path)
    assert not re.search(rb"/(JavaScript|JS|URI|Launch|OpenAction|AA)\b", path.read_bytes())
    return read("".join(page.extract_text() for page in pdf.pages).replace("\n", ""))


def svg_file(path: Path) -> set[str]:
    root = etree.parse(path).getroot()
    assert not root.xpath("//*[local-name()='script' or local-name()='a' or @onload]")
    return read("\n".join(node.text or "" for node in root.iter()))


def toml_file(path: Path) -> set[str]:
    again = wb.scenarios.load(path)
    return read(again.name) | read(again.description)


def json_file(path: Path) -> set[str]:
    return read("\n".join(texts(json.loads(path.read_text(encoding="utf-8")))))


@pytest.fixture(scope="module")
def outputs(made: SimpleNamespace, hostile: wb.Layers) -> dict[str, set[str]]:
    """Which fields arrive in which output."""
    folder = made.folder
    write_where(made.where, folder)
    more = {
        "layer map": layer_map(hostile).to_html(),
        "quality map": quality_map(hostile, "cement").to_html(),
        "notebook": html.unescape(re.search('srcdoc="([^"]*)"', plan_map(made.plan)._repr_html_())[1]),
        "widget": MapView(hostile, describe_plan(made.plan)).html,
    }
    pages = {name: read("\n".join(page_text(page))) for name, page in more.items()}
    print_map(made.plan, folder / "map.svg")
    return pages | {
        "map.html": html_file(folder / "map.html"),
        "where.html": html_file(folder / "where.html"),
        "plan.xlsx": xlsx_file(folder / "plan.xlsx"),
        "where.xlsx": xlsx_file(folder / "where.xlsx"),
        "work_plan.docx": docx_file(folder / "work_plan.docx"),
        "plan.gpkg": gpkg_file(folder / "plan.gpkg"),
        "map.pdf": pdf_file(folder / "map.pdf"),
        "map.svg": svg_file(folder / "map.svg"),
        "scenario.toml": toml_file(folder / "scenario.toml"),
        "run.json": json_file(folder / "run.json"),
        "console": console_text(made),
        "fault report": fault_page(folder),
    }


def console_text(made: SimpleNamespace) -> set[str]:
    """Read what the commands print, on a terminal wide enough to break no text."""
    screen = console._Safe(file=io.StringIO(), force_terminal=True, color_system=None, markup=False)
    screen.width = 2000
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("workbench.cli.where.out", screen)
        cli_where._rank(made.where)
        for site in made.where.sites.index:
            cli_where._tell(made.where.site(site), made.study.layers.sites.at[site, "name_zh"], "cement")
    shown = screen.file.getvalue()
    assert not set(shown) & {"\x1b", "\u202e", "\u2066"}
    turned = {visible(text): text for text in TEXTS}
    return read(re.sub("|".join(map(re.escape, turned)), lambda found: turned[found[0]], shown))


def fault_page(folder: Path) -> set[str]:
    """Read the page on a file each of whose cells, headings and its name is hostile."""
    rows = [[marked("file.heading", 8)], *([marked("file.cell", number)] for number in range(len(TEXTS)))]
    path = folder / "{{7*7}} & 'x'.csv"
    pd.DataFrame(rows[1:], columns=["产能"]).assign(**{rows[0][0]: "1"}).to_csv(path, index=False)
    shown = "\n".join(page_text(faults_html(check_file(path, "plants"))))
    for text in TEXTS:  # what cannot be seen is left at the door, or shown as a dot, on purpose
        shown = shown.replace("".join(c if c.isprintable() else "·" for c in text), text)
        shown = shown.replace(f"§{unmarked(text)}§", f"§{text}§")
    return read(shown)


def test_every_field_that_arrives_stands_as_written(outputs: dict[str, set[str]]) -> None:
    for name, fields in outputs.items():
        assert fields, f"no hostile text arrived in {name}: it is not tried"


def test_the_table_in_docs_tells_which_field_arrives_where(outputs: dict[str, set[str]]) -> None:
    fields = sorted(set().union(*outputs.values()))
    rows = [f"| {f} | {', '.join(name for name in outputs if f in outputs[name])} |" for f in fields]
    pairs = sum(map(len, outputs.values()))
    told = f"{len(TEXTS)} texts, {len(fields)} fields, {len(outputs)} outputs: {pairs} pairs."
    made = DOCS.read_text(encoding="utf-8")
    assert told in made, told
    assert made.split("|---|---|\n")[1].split() == "\n".join(rows).split(), "\n".join(rows)
