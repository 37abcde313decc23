"""The command line does the main job, and answers every mistake with one message and exit code 2."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

import workbench as wb
from workbench.cli import main
from workbench.cli.stop import STOPPED
from workbench.layers.imports.overlay import with_folder
from workbench.maps import describe
from workbench.reports.export import FILES
from workbench.reports.where import FILES as WHERE_FILES


def call(*words: object) -> int:
    with pytest.raises(SystemExit) as stop:
        main([str(word) for word in words])
    return int(stop.value.code or 0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path, calls, themes = tmp_path_factory.mktemp("run"), [], describe.theme_layers
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(describe, "theme_layers", lambda *a, **b: calls.append(a) or themes(*a, **b))
        assert call("run", "--out", path) == 0
    assert len(calls) == 1, "page and prints share one description of the map"
    return path


def test_a_run_writes_every_file_and_nothing_else(folder) -> None:
    assert {path.name for path in folder.iterdir()} == set(FILES)


def test_the_written_scenario_gives_the_same_plan_again(folder) -> None:
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    again = wb.plan(wb.scenarios.load(folder / "scenario.toml"))
    assert again.objective_mcny == pytest.approx(record["solver"]["objective_mcny"], rel=1e-6)


def test_the_record_names_versions_data_and_timings(folder) -> None:
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert record["workbench"] == wb.__version__
    assert record["data_sha256"] == dict(sorted(wb.load().hashes.items()))
    assert {"optimise", "read the baseline"} <= set(record["timings_s"])


def test_freight_in_the_workbook_is_the_sum_of_its_legs(folder) -> None:
    names = ["流向 Flows", "运输分段 Legs"]
    flows, legs = pd.read_excel(folder / "plan.xlsx", sheet_name=names, engine="openpyxl").values()
    kt, cost = "数量（千吨/年） Quantity (kt/yr)", "单位运费（元/吨） Freight (CNY/t)"
    assert (legs[kt] * legs[cost]).sum() == pytest.approx((flows[kt] * flows[cost]).sum(), rel=1e-9)


def test_the_workbook_shows_assumptions_with_their_reasons(folder) -> None:
    book = openpyxl.load_workbook(folder / "plan.xlsx", read_only=True)
    heads = [cell.value for cell in next(book["假设 Assumptions"].iter_rows(max_row=1))]
    assert {"理由 Reason", "来源 Source", "可信度 Confidence"} <= set(heads)


def test_the_geopackage_holds_styled_layers(folder) -> None:
    lines = gpd.read_file(folder / "plan.gpkg", layer="lines")
    assert set(lines["decision"]) <= {"keep", "close", "move"}
    with closing(sqlite3.connect(folder / "plan.gpkg")) as base:
        styled = {name for (name,) in base.execute("SELECT f_table_name FROM layer_styles")}
    assert styled == set(gpd.list_layers(folder / "plan.gpkg")["name"]) - {"layer_styles"}


def test_the_map_asks_nobody_for_anything(folder) -> None:
    page = (folder / "map.html").read_text(encoding="utf-8")
    assert "connect-src 'none'" in page
    assert not any(f'{attribute}="http' in page for attribute in ("src", "href"))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "--scenario", "none.toml"], "no such file"),
        (["run", "--industry", "paper"], "'steel', 'cement'"),
        (["run", "--data", "nowhere"], "data import"),
        (["data", "check", "none.csv"], "none.csv"),
        (["data", "check", "x.csv", "--kind", "castles"], "no layer 'castles'"),
        (["policy", "clause", "P99"], "P99"),
        (["nonsense"], "No such command"),
        (["where", "nan", "nan"], "a place on this globe"),
        (["where", "inf", "30"], "a place on this globe"),
        (["where", "104", "91"], "a place on this globe"),
        (["policy", "plan", "--out", "/no/such/folder/plan.docx"], "a usable path"),
        (["policy", "plan", "--out", "."], "docx or .xlsx"),
        (["policy", "plan", "--out", "x" * 300 + ".docx"], "at most 255"),
        (["where", "--site", "PK16", "--out", "a\0b"], "control character"),
        (["scenario", "check", "/"], "no such file"),
        (["run", "--out", __file__], "expected a folder"),
        (["where", "--out", __file__], "expected a folder"),
        (["data", "import", "none.csv", "--into", __file__], "expected a folder"),
        (["data", "quality", "--map", "/dev/full"], "/dev/full: found No space left"),
        (["data", "check", "none.csv", "--report", "/dev/full"], "/dev/full: found No space left"),
        (["policy", "clause", "P\x1b[2J"], r"\x1b[2J"),
    ],
)
def test_a_mistake_is_one_message_and_exit_code_two(words, said, capsys) -> None:
    assert call(*words) == 2
    shown = capsys.readouterr()
    assert said in shown.err + shown.out
    assert "Traceback" not in shown.err
    assert "--verbose shows where" not in shown.err, "an error nobody foresaw"
    assert "\x1b" not in shown.err


@pytest.mark.parametrize("text", ["\x1b[2J", "\x9b2J", "\x1b]0;t\x07", "a\u202eb"])
def test_no_argument_acts_on_the_terminal(text, capsys) -> None:
    for words in ([text], ["run", f"--{text}"], ["run", "--industry", text], ["where", text], ["data", text]):
        assert call(*words) == 2
        told = capsys.readouterr()
        assert not set("\x1b\x9b\x07\u202e") & set(told.out + told.err)
        assert "control character" in told.err


def test_ctrl_c_while_the_libraries_load_says_so_too() -> None:
    code = (
        "import builtins, sys; real = builtins.__import__\n"
        "def load(name, *rest, **more):\n"
        "    if name.startswith('workbench.cli.main'): raise KeyboardInterrupt\n"
        "    return real(name, *rest, **more)\n"
        "builtins.__import__ = load\n"
        "import workbench.cli"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert found.returncode == 130
    assert found.stderr.decode() == f"{STOPPED}\n"


def test_ctrl_c_while_planning_says_so_and_leaves_no_folder(tmp_path, monkeypatch, capsys) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(wb.Study, "plan", interrupted)
    assert call("run", "--out", tmp_path / "out") == 130
    assert "Ctrl-C" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        shapely.errors.GEOSException("std::bad_alloc"),
        RuntimeError("can't start new thread"),
        OSError(12, "Cannot allocate memory"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_too_little_memory_is_called_so_whoever_notices_it(error, monkeypatch, capsys) -> None:
    monkeypatch.setattr(wb.Study, "prepare", lambda *_: (_ for _ in ()).throw(error))
    assert call("run") == 2
    assert "not enough memory" in capsys.readouterr().err


def test_a_plan_is_not_begun_in_too_little_memory_to_end_it() -> None:
    """With 1.2 GB a thread of a library aborted the process after a minute; with 0.7 GB a traceback came."""
    code = "import resource; resource.setrlimit(resource.RLIMIT_AS, (900_000_000,) * 2)\n"
    code += "from workbench.cli import main; main(['where'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 2
    assert "900 MB" in done.stderr
    assert "ulimit -v" in done.stderr
    assert "Traceback" not in done.stderr


def test_verbose_shows_where_an_error_came_from(capsys) -> None:
    assert call("run", "--scenario", "none.toml", "--verbose") == 2
    assert "Traceback" in capsys.readouterr().err


def test_init_never_replaces_a_file_unasked(tmp_path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("name = 'mine'\n", encoding="utf-8")
    assert call("scenario", "init", path) == 2
    assert path.read_text(encoding="utf-8") == "name = 'mine'\n"
    assert call("scenario", "init", path, "--force") == 0
    assert wb.scenarios.load(path) == wb.Scenario.baseline()


def test_the_baseline_is_what_its_catalogue_says(capsys) -> None:
    assert call("data", "check") == 0


def test_an_imported_layer_is_laid_over_the_baseline(tmp_path) -> None:
    table = (
        "编号,名称,行业,产能（万吨）,经度,纬度\nCM03,四川亚东水泥有限公司,cement,650,103.908381,30.976399\n"
    )
    source, into = tmp_path / "ours.csv", tmp_path / "mine"
    source.write_text(table, encoding="gbk")
    words = ("--kind", "plants", "--crs", "WGS-84", "--into", into, "--yes")
    assert call("data", "import", source, *words) == 0
    assert with_folder(wb.load(), into).plants.at["CM03", "capacity_kt"] == 6500
    assert wb.load().plants.at["CM03", "capacity_kt"] != 6500
    assert source.read_text(encoding="gbk") == table


def test_where_ranks_what_may_and_names_what_bars_the_rest(tmp_path, capsys) -> None:
    assert call("where", "--industry", "aluminium", "--out", tmp_path) == 0
    text = capsys.readouterr().out
    for part in ("PK16", "P49", "aluminium.site_industries", "consistency ratio"):
        assert part in text, part
    assert {path.name for path in tmp_path.iterdir()} == set(WHERE_FILES)
    book = openpyxl.load_workbook(tmp_path / "where.xlsx", read_only=True)
    rows = list(book["承接地 Sites"].iter_rows(values_only=True))
    assert len(rows) == 1 + len(wb.load().sites)
    assert rows[1][0] == "PK16"
    assert book["两两比较 Comparisons"].max_row == 1 + 17
    book.close()


def test_where_tells_a_contradictory_comparison_with_its_ratio(tmp_path, capsys) -> None:
    wild = {
        "siting.ahp.goal.environment.resources_energy": 9.0,
        "siting.ahp.goal.resources_energy.market": 9.0,
    }
    wild |= {f"{name}.aluminium": value for name, value in wild.items()}
    known = {name: value for name, value in wild.items() if name in wb.load().assumptions}
    path = tmp_path / "wild.toml"
    wb.scenarios.save(wb.Scenario.baseline().with_(assumptions=known), path)
    assert call("where", "--industry", "aluminium", "--scenario", path, "--out", tmp_path / "out") == 0
    told = capsys.readouterr().err
    assert "the groups CR 0." in told
    book = openpyxl.load_workbook(tmp_path / "out" / "where.xlsx", read_only=True)
    assert any("各组 CR" in str(cell.value) for row in book["说明 Notes"].iter_rows() for cell in row)


def test_where_answers_one_place(capsys) -> None:
    assert call("where", "103.13", "31.05") == 0
    text = capsys.readouterr().out
    for part in ("禁止 Excluded", "P48", "卧龙", "Nearest that would do"):
        assert part in text, part
    assert call("where", "--site", "PK16", "--industry", "aluminium") == 0
    assert "允许 Allowed" in capsys.readouterr().out
    assert call("where", "103.13") == 2
    assert call("where", "--site", "nowhere") == 2
