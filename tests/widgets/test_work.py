"""Work that survives: what the browser keeps, what it hands back, and what is refused."""

from __future__ import annotations

import json

import pytest

from tests.maps.world import tiny_layers
from tests.widgets.fakes import read, tiny_workbench
from widgets.state import Choice
from widgets.work import dump, load
from workbench.errors import ScenarioError
from workbench.scenarios.scenario import Scenario

START = Scenario.baseline()
IDS = tiny_layers().lines.index, tiny_layers().sites.index


def kept(options=None, moves=None, version=1) -> str:
    return json.dumps({"version": version, "options": options or {}, "moves": moves or {}})


def hand_over(bench, work: str) -> None:
    """What the page does once it stands."""
    bench.lifeline._hear(None, {"kind": "kept", "work": work}, [])


def test_what_is_kept_comes_back_the_same() -> None:
    scenario = START.with_(demand={"scale": 0.8}, zone={"definition": "five"}, assumptions={"a.b": 2.0})
    choice = Choice(scenario, {"A-1": "S1", "B-1": "close"})
    text = dump(choice, START)
    assert load(text, START, *IDS) == choice
    assert len(text) < 1000


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[" * 100_000,
        "null",
        "[1]",
        kept(version=2),
        '{"version": 1}',
        kept(moves={"A-1": "nowhere"}),
        kept(moves={"Z-9": "close"}),
        kept(moves={"A-1": {}}),
        kept(options={"demand": {"scale": -1}}),
        kept(options={"demand": 3}),
        kept(options={"no such": 1}),
        kept(options={"demand": {"scale": 1e999}}),
        " " * 1_000_001,
    ],
    ids=lambda text: text[:40] or "empty",
)
def test_what_no_page_kept_is_refused_with_a_reason(text) -> None:
    with pytest.raises(ScenarioError, match="; expected "):
        load(text, START, *IDS)


def test_nothing_is_kept_before_the_page_has_handed_over_what_it_had() -> None:
    bench = tiny_workbench()
    bench.state.decide("B-1", "close")
    assert bench.lifeline.work == ""
    hand_over(bench, "")
    bench.state.decide("A-1", "S1")
    assert json.loads(bench.lifeline.work)["moves"] == {"A-1": "S1", "B-1": "close"}


def test_a_page_takes_up_what_the_one_before_kept_and_undo_does_not_lose_it() -> None:
    bench = tiny_workbench()
    hand_over(bench, kept({"objective": {"carbon_price_cny_t": 30}}, {"A-1": "S1"}))
    assert dict(bench.state.moves) == {"A-1": "S1"}
    assert bench.options.fields["carbon_price"].value == 30
    assert "+200<" in read(bench, "figures"), "in 万吨"
    assert "已恢复" in bench.message.value
    assert not bench.state.can_undo


def test_work_that_cannot_be_used_is_told_and_the_page_begins_anew() -> None:
    bench = tiny_workbench()
    hand_over(bench, kept(moves={"gone": "close"}))
    assert "gone" in bench.message.value
    assert dict(bench.state.moves) == {}
    bench = tiny_workbench()
    hand_over(bench, kept({"objective": {"carbon_price_cny_t": 13}}))  # the tiny study refuses it
    assert "未能完成" in bench.message.value
    assert bench.state.scenario == START


def test_the_scenario_file_of_a_page_opens_in_another_as_one_step() -> None:
    bench, sent = tiny_workbench(), []
    bench.state.set_options(objective={"carbon_price_cny_t": 30})
    bench.state.decide("A-1", "S1")
    bench.state.decide("B-1", "keep")
    bench.state.replace_moves({"A-1": "S1", "C-1": "close"})  # a proposal, no decision
    bench.scenario_file.save.send = lambda message, buffers: sent.append(buffers[0])
    bench.scenario_file.save._hear(None, {"want": "scenario.toml"}, [])
    other = tiny_workbench()
    other.scenario_file.load._handle_custom_msg({"kind": "file"}, [memoryview(sent[0])])
    assert other.state.choice.pins == {"A-1": "S1", "B-1": "keep"}
    assert dict(other.state.moves) == {"A-1": "S1"}
    assert other.state.scenario.objective.carbon_price_cny_t == 30
    assert "已打开" in other.message.value
    other.state.undo()
    assert (other.state.choice.pins, other.state.scenario) == ({}, START)


UNFIT = {
    "empty": b"",
    "no text": b"\xff",
    "no table": b"[",
    "unknown line": b'[pins]\n"Z-9" = "close"',
    "unknown option": b"no_option = 1",
    "too large": b"# \n" * 333_334,
}


@pytest.mark.parametrize("content", UNFIT.values(), ids=UNFIT)
def test_a_scenario_file_that_cannot_be_used_is_told_and_changes_nothing(content) -> None:
    bench = tiny_workbench()
    bench.scenario_file.load._handle_custom_msg({"kind": "file"}, [memoryview(content)])
    assert "不能使用这个情景文件" in bench.message.value
    assert bench.state.choice.scenario == START


def test_pages_that_open_with_other_scenarios_keep_their_work_apart() -> None:
    other = tiny_workbench(scenario=START.with_(demand={"scale": 0.9}))
    assert other.lifeline.name != tiny_workbench().lifeline.name


def test_the_kernel_answers_a_page_that_asks() -> None:
    bench, sent = tiny_workbench(), []
    bench.lifeline.send = sent.append
    for message in ({"kind": "ping"}, {"kind": 3}, "ping", None):
        bench.lifeline._hear(None, message, [])
    assert sent == [{"kind": "pong"}]
