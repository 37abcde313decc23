"""The house rules, read off the syntax tree: imports go downhill and each door has one keeper."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# a part of a room is named after it and may import the room, never the other way
ROOMS = (
    "later", "remember", "cut", "errors", "words", "text", "records", "files", "locks", "labels", "units",
    "amounts", "crs", "solver", "layers", "layers.imports", "policy", "region", "logistics", "siting",
    "scenarios", "relocation", "indicators", "maps", "reports", "store", "laid", "study", "robust",
    "backtests", "cli",
)  # fmt: skip
SOURCES = sorted([*(ROOT / "workbench").rglob("*.py"), *(ROOT / "widgets").rglob("*.py")])
MODULES = [path for path in SOURCES if path.relative_to(ROOT) != Path("workbench/__init__.py")]


def room_of(path: Path) -> str:
    return room_named(".".join(path.relative_to(ROOT).with_suffix("").parts))


def room_named(module: str) -> str:
    """Name the room, or the part of one, that a module of the workbench belongs to."""
    below = module.removeprefix("workbench.")
    return max((room for room in ROOMS if f"{below}.".startswith(f"{room}.")), key=len, default=below)


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(path: Path) -> set[str]:
    """Every module a file imports, lazy and type-only imports included."""
    found: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                package = path.relative_to(ROOT).with_suffix("").parts[: -node.level]
                module = ".".join([*package, *([module] if module else [])])
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


@cache
def calls(path: Path) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)}


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_downhill(path: Path) -> None:
    used = {room_named(name) for name in imports(path) if name.startswith("workbench.")}
    if path.is_relative_to(ROOT / "widgets"):
        assert used - {"cli"} == used, "the widgets call the study, never the command line"
        return
    assert not any(name.split(".")[0] == "widgets" for name in imports(path))
    above = set(ROOMS[: ROOMS.index(room_of(path)) + 1])
    assert used & set(ROOMS) <= above


def test_paths_answer_on_any_graph_and_know_no_freight() -> None:
    used = {name for path in (ROOT / "workbench/logistics/paths").glob("*.py") for name in imports(path)}
    of_house = {name for name in used if name.startswith("workbench.")}
    assert not {n for n in of_house if not n.startswith(("workbench.errors", "workbench.logistics.paths"))}


def test_there_is_no_circle_of_imports_between_files() -> None:
    names = {
        ".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p for p in MODULES
    }
    graph = {name: {i for i in imports(path) if i in names and i != name} for name, path in names.items()}
    # a package's __init__ only hands names on, so a file importing from it is no circle by itself
    graph = {n: {i for i in uses if not n.startswith(f"{i}.")} for n, uses in graph.items()}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join([*trail, name])
        if name not in done:
            for other in sorted(graph[name]):
                visit(other, (*trail, name))
            done.add(name)

    for name in sorted(graph):
        visit(name, ())


KEEPERS = {
    "highspy": ("workbench/solver/",),
    "networkx": ("workbench/logistics/",),
    "folium": ("workbench/maps/",),
    "branca": ("workbench/maps/assets.py",),
    "jinja2": ("workbench/maps/assets.py", "workbench/reports/faults.py"),
    "ipywidgets": ("widgets/",),
    "anywidget": ("widgets/",),
    "docx": ("workbench/reports/",),
    "xlsxwriter": ("workbench/reports/",),
    "pyproj": ("workbench/crs.py",),
    "requests": (),
    "urllib.request": (),
    "socket": (),
}


@pytest.mark.parametrize("library", sorted(KEEPERS))
def test_each_library_is_used_behind_its_own_door(library: str) -> None:
    users = {
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        if any(name == library or name.startswith(f"{library}.") for name in imports(path))
    }
    assert {user for user in users if not user.startswith(KEEPERS[library] or ("-",))} == set()


def past_the_page_door(tree: ast.Module) -> list[str]:
    """Return what would let text from data become part of a template, by line."""
    fixed_names = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    found = []
    for node in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = ast.unparse(node.func).split(".")[-1]
        given = [*node.args, *(k.value for k in node.keywords)]
        fixed = all(
            isinstance(g, ast.Constant) or (isinstance(g, ast.Name) and g.id in fixed_names) for g in given
        )
        if name in ("Element", "Html", "MacroElement") or (name in ("Template", "from_string") and not fixed):
            found.append(f"{node.lineno}: {ast.unparse(node)}")
        if name == "Environment" and not any(
            k.arg == "autoescape" and ast.unparse(k.value) == "True" for k in node.keywords
        ):
            found.append(f"{node.lineno}: {ast.unparse(node)}")
    bases = [ast.unparse(b) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for b in node.bases]
    return found + [base for base in bases if base.split(".")[-1] in ("MacroElement", "JSCSSMixin", "Layer")]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_text_from_data_reaches_a_page_by_its_one_door(path: Path) -> None:
    if path.relative_to(ROOT).as_posix() != "workbench/maps/assets.py":
        called = {call for call in calls(path) if call.startswith("folium.")}
        assert not called, "folium writes what it is given as code: hand a PagePart to the page"
    assert past_the_page_door(tree_of(path)) == []


@pytest.mark.parametrize(
    "source",
    ["Element(f'<b>{name}</b>')", "Template(text)", "env.from_string(text)", "Environment()",
     "class Mine(MacroElement): pass", "branca.element.Html(name)"],
)  # fmt: skip
def test_a_page_built_past_the_door_is_seen(source: str) -> None:
    assert past_the_page_door(ast.parse(source))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_record_from_outside_shares_one_strictness(path: Path) -> None:
    bases = {ast.unparse(b) for n in ast.walk(tree_of(path)) if isinstance(n, ast.ClassDef) for b in n.bases}
    assert path.name == "records.py" or "BaseModel" not in bases, "subclass workbench.records.Record"


def test_widget_state_knows_no_widgets() -> None:
    assert not any(
        name.split(".")[0] in {"ipywidgets", "anywidget"} for name in imports(ROOT / "widgets/state.py")
    )


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_reprojection_happens_in_crs_only(path: Path) -> None:
    if path.name == "crs.py":
        return
    assert not {call for call in calls(path) if call.endswith((".to_crs", ".set_crs"))}


FILE_ROOMS = ("layers", "maps", "reports", "store", "cli")
OPENERS = (
    "open",
    "read_text",
    "write_text",
    "read_bytes",
    "write_bytes",
    "read_file",
    "read_csv",
    "read_excel",
)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_are_opened_only_where_files_live(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    if name.startswith("widgets/") or room_of(path).split(".")[0] in FILE_ROOMS or name in FILE_MODULES:
        return
    assert not {call for call in calls(path) if call.split(".")[-1] in OPENERS}


FILE_MODULES = (
    "workbench/words/__init__.py",
    "workbench/scenarios/files.py",
    "workbench/policy/journal.py",
    "workbench/policy/documents.py",
    "workbench/logistics/freight/files.py",
)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_analysis_neither_prints_nor_looks_at_the_clock_or_the_environment(path: Path) -> None:
    if path.is_relative_to(ROOT / "widgets") or room_of(path) in ("cli", "study"):
        return
    forbidden = {"print", "input", "os.getenv", "os.environ.get", "datetime.now", "date.today", "time.time"}
    assert not calls(path) & forbidden
    assert "os.environ" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_file_says_in_one_sentence_what_it_is(path: Path) -> None:
    doc = ast.get_docstring(tree_of(path))
    assert doc
    assert doc.split("\n")[0].endswith((".", ":"))


PLAIN = {"str", "int", "float", "bool", "tuple[tuple[str, Stance], ...]"}  # hashed by what they say
# lists that are no memory of what was worked out
LISTS = {
    "workbench/indicators/measures.py": "the registry of indicators, filled while it is imported",
    "workbench/logistics/paths/_compile.py": "what the compiler has made and is making in this process",
    "workbench/solver/watch.py": "searches the end of the process must wait for",
    "workbench/remember.py": "the one memory",
}


def test_what_is_worked_out_is_remembered_in_one_place() -> None:
    """A hand-made memo forgets what its answer depends on; `remember.py` asks for it by name."""
    empty = set()
    for path in MODULES:
        for node in tree_of(path).body:
            value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
            if value is not None and ast.unparse(value) in ("[]", "{}", "set()", "dict()", "list()"):
                empty.add(path.relative_to(ROOT).as_posix())
    assert empty == set(LISTS)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_only_functions_of_plain_values_are_cached_beside_it(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef):
            names = {ast.unparse(d).split("(")[0].split(".")[-1] for d in node.decorator_list}
            if names & {"cache", "lru_cache"}:
                taken = {ast.unparse(a.annotation) if a.annotation else "" for a in node.args.args}
                assert taken <= PLAIN, f"{node.name}: a frame or a plan is remembered by remember.py"
