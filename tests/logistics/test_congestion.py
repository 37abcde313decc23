"""User equilibrium on congested links: by hand, Braess's paradox, and the published one of Sioux Falls."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.laws import law
from workbench.cli.main import main
from workbench.errors import DataError, UnreachableError
from workbench.logistics import equilibrium

SIOUX_FALLS = Path(__file__).parent / "data" / "sioux_falls"


def streets(*rows, **columns):
    names = ["from_id", "to_id", "free_hours", "capacity", "delay_b", "delay_power"]
    return pd.DataFrame(rows, columns=names).assign(one_way=True, **columns)


def trips(*rows):
    return pd.DataFrame(rows, columns=["origin", "destination", "flow"])


def test_two_parallel_roads_take_equally_long():
    # 1 + v1 = 2 + v2 with v1 + v2 = 5
    found = equilibrium(
        streets(("A", "B", 1, 1, 1, 1), ("A", "B", 2, 2, 1, 1)), trips(("A", "B", 5)), gap=1e-12
    )
    assert found.links["flow"].to_numpy() == pytest.approx([3, 2])
    assert found.links["hours"].to_numpy() == pytest.approx([4, 4])
    assert found.trips["hours"].to_numpy() == pytest.approx([4])


def test_a_new_road_may_slow_everybody_down():
    # Braess (1968), six travellers: 10 v and 50 + v; the new road 10 + v makes 83 into 92
    tiny = 1e-9
    old = [
        ("s", "a", tiny, tiny, 10, 1),
        ("b", "t", tiny, tiny, 10, 1),
        ("s", "b", 50, 50, 1, 1),
        ("a", "t", 50, 50, 1, 1),
    ]
    before = equilibrium(streets(*old), trips(("s", "t", 6)), gap=1e-9)
    after = equilibrium(streets(*old, ("a", "b", 10, 10, 1, 1)), trips(("s", "t", 6)), gap=1e-9)
    assert before.trips["hours"].iloc[0] == pytest.approx(83, rel=1e-6)
    assert after.trips["hours"].iloc[0] == pytest.approx(92, rel=1e-6)
    assert after.links["flow"].to_numpy() == pytest.approx([4, 4, 2, 2, 2], rel=1e-5)


def test_sioux_falls_is_the_published_equilibrium():
    known = pd.read_csv(SIOUX_FALLS / "best_known_flows.csv")["flow"].to_numpy()
    tables = (pd.read_csv(SIOUX_FALLS / f"{name}.csv") for name in ("streets", "trips"))
    found = equilibrium(*tables, gap=1e-8)
    assert found.objective / 1e5 == pytest.approx(42.31335287107440, rel=1e-9)
    assert found.links["flow"].to_numpy() == pytest.approx(known, abs=0.1)


STREET = st.tuples(
    st.integers(0, 4), st.integers(0, 4), st.floats(0.1, 5), st.floats(1, 20),
    st.sampled_from([0.0, 0.15, 2.0]),
    st.sampled_from([0.0, 1.0, 4.0]),
)  # fmt: skip


@law(300)
@given(rows=st.lists(STREET, max_size=12), flows=st.lists(st.floats(0.5, 30), min_size=3, max_size=3))
def test_no_traveller_gains_by_another_way(rows, flows):
    ring = [(k, (k + 1) % 5, 1.0, 10.0, 0.15, 4.0) for k in range(5)]
    found = equilibrium(
        streets(*ring, *rows), trips((0, 3, flows[0]), (1, 4, flows[1]), (3, 2, flows[2])), gap=1e-7
    )
    ends = found.links[["from_id", "to_id"]].astype(int).to_numpy()
    net = np.bincount(ends[:, 0], found.links["flow"], 5) - np.bincount(ends[:, 1], found.links["flow"], 5)
    assert net == pytest.approx([flows[0], flows[1], -flows[2], flows[2] - flows[0], -flows[1]], abs=1e-6)
    spent = (found.links["flow"] * found.links["hours"]).sum()
    assert spent == pytest.approx((found.trips["flow"] * found.trips["hours"]).sum(), rel=1e-6)


def test_faults_and_trips_without_a_way_are_told():
    with pytest.raises(DataError) as told:
        equilibrium(streets(("A", "B", -1, 0, 0.15, 4)), trips(("A", "C", "many")))
    assert {(fault.row, fault.field) for fault in told.value.faults} == {(2, "free_hours"), (2, "flow")}
    with pytest.raises(DataError, match="capacity"):
        equilibrium(streets(("A", "B", 1, 0, 0.15, 4)), trips(("A", "C", 1)))
    with pytest.raises(UnreachableError, match="from B to A"):
        equilibrium(streets(("A", "B", 1, 1, 0.15, 4)), trips(("B", "A", 1)))


def test_the_command_line_loads_a_folder(tmp_path, capsys):
    with pytest.raises(SystemExit) as told:
        main(
            ["freight", "congestion", str(SIOUX_FALLS), "--gap", "1e-3", "--out", str(tmp_path / "out.xlsx")]
        )
    assert told.value.code == 0
    assert "相对间隙" in capsys.readouterr().out
    assert len(pd.read_excel(tmp_path / "out.xlsx", engine="openpyxl", sheet_name="线路 Links")) == 76
