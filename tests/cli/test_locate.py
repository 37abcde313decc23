"""`workbench locate`: own tables answered with a bound, or told all at once where they are wrong."""

from __future__ import annotations

import openpyxl
import pytest

from workbench.cli import main

COSTS = "需求,北厂,中厂,南厂\n甲,0,4,9\n乙,4,0,5\n丙,9,5,0\n"
SITES = "site,opening_cost,capacity,role\n北厂,1,40,\n中厂,1,40,\n南厂,1,40,必选\n"


@pytest.fixture
def write(tmp_path):
    def file(name: str, text: str) -> str:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return str(tmp_path / name)

    return file


def call(*words: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(["locate", *words])
    return int(stop.value.code or 0)


def test_own_costs_are_answered_with_sites_bound_and_mean(write, tmp_path, capsys) -> None:
    book = tmp_path / "out.xlsx"
    assert call("--costs", write("c.csv", COSTS), "-p", "1", "--out", str(book)) == 0
    told = capsys.readouterr().out
    assert "中厂" in told
    assert "已证明的界 Proven bound: 9" in told
    assert "平均费用 Mean cost: 3" in told
    assert "0.0000%" in told
    sheet = openpyxl.load_workbook(book)["流向 Flows"]
    assert [cell.value for cell in sheet[2]][:2] == ["甲", "中厂"]


def test_capacities_roles_and_single_sources_come_from_the_table_of_sites(write, capsys) -> None:
    demand = write("d.csv", "需求,需求量\n甲,30\n乙,30\n丙,30\n")
    files = ["--costs", write("c.csv", COSTS), "--demand", demand, "--sites", write("s.csv", SITES)]
    assert call("--model", "facility_location", "--single-source", *files) == 0
    told = capsys.readouterr().out
    assert told.count("厂") == 3  # each holds one demand of thirty
    assert "目标值 Objective: 3" in told


def test_every_fault_of_every_table_is_told_at_once_with_its_row(write, capsys) -> None:
    costs = write("c.csv", "需求,北厂,中厂\n甲,0,远\n甲,4,\n丙,不通,5\n")
    demand = write("d.csv", "id,demand\n甲,-3\n丁,5\n")
    sites = write("s.csv", "site,capacity,role\n北厂,many,必选\n西厂,3,perhaps\n")
    assert call("--costs", costs, "--demand", demand, "--sites", sites, "-p", "1") == 2
    told = capsys.readouterr().err
    for fault in (
        "c.csv, row 2, 中厂: found 远", "c.csv, row 3, 中厂: found a blank",
        "c.csv, row 3, 需求: found 甲, as in row 2",
        "d.csv, row 2, demand: found -3", "d.csv, row 3, id: found 丁", "d.csv, id: found no row for 丙",
        "s.csv, row 2, capacity: found many", "s.csv, row 3, id: found 西厂",
        "s.csv, row 3, role: found perhaps",
    ):  # fmt: skip
        assert fault in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--model", "p_medain"), "model: found p_medain; expected one of p_median"),
        (("--model", "max_coverage"), "radius: found nothing"),
        (("--model", "p_dispersion", "-p", "2"), "expected distances between the sites"),
        (("--model", "facility_location"), "opening_cost: found nothing"),
        (("--model", "p_center", "-p", "9"), "p: found 9; expected a whole number, 1 to 3 sites"),
    ],
)
def test_a_question_that_lacks_something_is_refused(words, told, write, capsys) -> None:
    assert call(*words, "--costs", write("c.csv", COSTS)) == 2
    assert told in capsys.readouterr().err


def test_a_capacity_a_model_cannot_keep_is_refused(write, capsys) -> None:
    files = ("--costs", write("c.csv", COSTS), "--sites", write("s.csv", SITES))
    assert call("--model", "p_center", "-p", "1", *files) == 2
    assert "capacity: found given for p_center; expected a column role only" in capsys.readouterr().err
