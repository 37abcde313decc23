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
from dataclasses import replace
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
from workbench.layers.imports.text import tidy, unmarked
from workbench.layers.imports.user_files import check_file
from workbench.layers.schema import SCHEMAS, Field
from workbench.maps import describe_plan, layer_map, plan_map, print_map, quality_map
from workbench.maps.codes import REMARKS
from workbench.maps.codes import told as card
from workbench.maps.opening import Opening
from workbench.reports.faults import faults_html
from workbench.reports.where import write_where
from workbench.text import visible

pytestmark = pytest.mark.slow
DOCS = Path(__file__).parents[2] / "docs" / "hostile.md"
ASSUMPTION_TEXTS = ("id", "reason", "source")  # its units are read
SCENARIO_TEXTS = ("name", "description")  # its pins, closed links and assumptions name ids
FILE_TEXTS = ("heading", "cell")
MARK = re.compile(r"§([a-z_0-9]+\.[a-z_0-9]+)#(\d+)§(.*?)§", re.DOTALL)


def marked(field: str, number: int) -> str:
    return f"§{field}#{number}§{TEXTS[number % len(TEXTS)]}§"


def free(field: Field) -> bool:
    """Say whether a planner may write anything into a column: no choice of words, no day."""
    return field.dtype == "text" and not field.allowed and (not field.pattern or field.name == "id")


def columns(layers: wb.Layers) -> Iterator[tuple[str, Field]]:
    """Go through every free text of every layer and table that has rows."""
    for name, schema in SCHEMAS.items():
        if name in layers.frames and len(layers[name]):
            yield from ((name, f) for f in schema if free(f) and f.name in ("id", *layers[name].columns))


def renamed(layers: wb.Layers) -> dict[str, dict[str, str]]:
    """Give each id and name that other rows refer to a hostile one, by what they are referred to as."""
    used = {target for schema in SCHEMAS.values() for field in schema for target in field.refers}
    names: dict[str, dict[str, str]] = {}
    # ids are folded where they come in, and a cell of several parts them by semicolons
    whole = [at for at, text in enumerate(TEXTS) if tidy(text) == text and ";" not in text]
    for name, field in columns(layers):
        target = name if field.name == "id" else f"{name}.{field.name}"
        if field.name == "id" or (target in used and not field.refers):
            values = layers[name].index if field.name == "id" else layers[name][field.name]
            distinct = dict.fromkeys(value for value in values if value)
            numbers = (whole[n % len(whole)] + n // len(whole) * len(TEXTS) for n in range(len(distinct)))
            names[target] = {
                old: marked(f"{name}.{field.name}", n) for old, n in zip(distinct, numbers, strict=True)
            }
    return names


@pytest.fixture(scope="module")
def hostile() -> wb.Layers:
    """The baseline with every free text, its ids and what refers to them too, replaced by the hostile set."""
    layers = wb.load()
    names = renamed(layers)
    frames = {name: layers[name].copy() for name, _ in columns(layers)}
    for name, field in columns(layers):
        frame, target = frames[name], name if field.name == "id" else f"{name}.{field.name}"
        if field.name == "id":
            frame.index = pd.Index([names[name][old] for old in frame.index], name="id")
        elif field.refers:
            known = {old: new for aim in field.refers for old, new in names.get(aim, {}).items()}
            parts = [str(value).split(";") if field.many else [value] for value in frame[field.name]]
            frame[field.name] = [";".join(known.get(part, part) for part in cell) for cell in parts]
        elif target in names:
            frame[field.name] = [names[target].get(old, old) for old in frame[field.name]]
        else:
            known_piece = next(iter(REMARKS.get(field.name, {})), "")
            frame[field.name] = [
                marked(target, n) + (f" {known_piece}" if n % 2 and known_piece else "")
                for n in range(len(frame))
            ]
    return replace(layers.with_(**frames), assumptions=assumptions(layers.assumptions))


def assumptions(given: wb.Assumptions) -> wb.Assumptions:
    """The assumptions, each with a hostile reason, unit and source, and as many of a planner's own."""
    own = given.frame.head(len(TEXTS)).set_axis(
        [marked("assumptions.id", n) for n in range(len(TEXTS))], axis=0
    )
    frame = pd.concat([own, given.frame]).rename_axis("id")
    for column in ASSUMPTION_TEXTS[1:]:
        frame[column] = [marked(f"assumptions.{column}", n) for n in range(len(frame))]
    return wb.Assumptions(frame)


def read(text: str) -> set[str]:
    """Return the fields whose text arrived, having checked that each stands as written."""
    found = set()
    for field, number, told in MARK.findall(text):
        text = TEXTS[int(number) % len(TEXTS)]
        # the door of a network leaves out what no reader sees, as every door of a file does
        assert told in ({text, unmarked(text)} if field.startswith("freight_") else {text}), (
            f"{field} arrived as {told!r}"
        )
        found.add(field)
    return found


@pytest.fixture(scope="module")
def made(hostile: wb.Layers, tmp_path_factory) -> SimpleNamespace:
    """A plan by hand on the hostile baseline under a hostile scenario, exported to a hostile folder."""
    name = marked("scenario.name", 0)
    about = "\n".join(marked("scenario.description", number) for number in range(len(TEXTS)))
    cement = hostile.lines.index[hostile.lines["industry"].eq("cement")]
    site = hostile.sites.index[hostile.sites["industries"].str.contains("cement")][0]
    chosen = {
        "name": name,
        "description": about,
        "pins": {cement[0]: site, cement[1]: "keep"},
        "assumptions": {marked("assumptions.id", 3): float(hostile.assumptions.frame["value"].iloc[3])},
        "freight": {"closed_links": [hostile.freight_links.index[-1]]},
    }
    study = wb.Study.prepare(wb.Scenario.from_mapping(chosen), hostile)
    plan = study.assess({cement[0]: site})
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
            assert not root.xpath("//*[local-name()='fldSimple']"), "no field code"
            codes = {code.text for code in root.iter("{*}instrText")}
            assert codes <= {" PAGE "}, "no field code but the page's own number"
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
    return read("\n".join(texts(wb.scenarios.load(path).model_dump(mode="json"))))


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
        "widget": MapView(Opening.of(describe_plan(made.plan))).html,
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


@pytest.mark.parametrize("column", sorted(REMARKS))
def test_a_remark_is_told_on_cards_by_the_piece_it_holds_and_by_nothing_else(column: str) -> None:
    for text in TEXTS:
        assert card(column, text) == text
        for piece in REMARKS[column]:
            assert card(column, f"{text} {piece}") in REMARKS[column].values()


def test_the_table_in_docs_tells_which_field_arrives_where(
    outputs: dict[str, set[str]], hostile: wb.Layers
) -> None:
    fields = sorted(set().union(*outputs.values()))
    rows = [f"| {f} | {', '.join(name for name in outputs if f in outputs[name])} |" for f in fields]
    pairs = sum(map(len, outputs.values()))
    replaced = len(list(columns(hostile))) + len(ASSUMPTION_TEXTS) + len(SCENARIO_TEXTS) + len(FILE_TEXTS)
    told = (
        f"{len(TEXTS)} texts in {replaced} fields; {len(fields)} arrive in {len(outputs)} outputs: {pairs} "
    )
    told += "pairs."
    made = DOCS.read_text(encoding="utf-8")
    assert told in made, told
    assert made.split("|---|---|\n")[1].split() == "\n".join(rows).split(), "\n".join(rows)
