"""The path engine on worlds small enough to check by hand, and the defects of its peers."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks.worlds import World, synthetic
from workbench.errors import WorkbenchError
from workbench.logistics.paths._compile import kernel
from workbench.logistics.paths._progress import FIRST_USE, to_log
from workbench.logistics.paths.engine import SMALL, PathEngine
from workbench.logistics.paths.ordering import KEPT, contraction_order, user_cache
from workbench.logistics.paths.warm import warm_up

METHODS = pytest.mark.parametrize("method", ["scipy", "cch"])
INF = np.inf


@pytest.fixture(scope="module")
def world() -> World:
    return synthetic(3_000, 8_900, seed=5)


@pytest.fixture(autouse=True)
def orders(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No test reads or leaves an order in the cache of whoever runs it."""
    folder = tmp_path_factory.mktemp("cache") / "orders"
    monkeypatch.setattr("workbench.logistics.paths.ordering.user_cache", lambda: folder)
    return folder


@METHODS
def test_rail_beside_road_are_two_links_where_scgraph_keeps_one(method: str) -> None:
    engine = PathEngine([0, 0, 1], [1, 1, 2], 3, method=method)
    assert engine.customise([5.0, 3.0, 1.0]).matrix([0], [2]).item() == 4.0
    assert engine.paths([0], [2])[0].tolist() == [1, 2]
    assert engine.customise([2.0, 3.0, 1.0]).paths([0], [2])[0].tolist() == [0, 2]


@METHODS
def test_parallel_arcs_are_never_added_up_and_free_arcs_never_dropped(method: str) -> None:
    engine = PathEngine([0, 0, 1, 0], [1, 1, 2, 2], 3, method=method).customise([0.0, 0.0, 0.0, 7.0])
    assert engine.matrix([0], [2]).item() == 0.0
    assert engine.paths([0], [2])[0].tolist() == [0, 2]


@METHODS
def test_one_way_streets_are_one_way(method: str) -> None:
    engine = PathEngine([0, 1], [1, 2], 3, method=method).customise([1.0, 1.0])
    assert engine.matrix([0, 2], [0, 2]).tolist() == [[0.0, 2.0], [INF, 0.0]]


@METHODS
def test_unreachable_is_inf_and_never_zero(method: str) -> None:
    engine = PathEngine([0, 2], [1, 3], 5, method=method).customise([1.0, 1.0])
    paths = engine.paths([0, 0, 4], [1, 3, 4])
    assert paths.cost.tolist() == [1.0, INF, 0.0]
    assert paths.sum([80.0, 80.0]).tolist() == [80.0, INF, 0.0]
    assert paths[1].tolist() == paths[2].tolist() == []


@METHODS
def test_blocking_every_way_gives_inf_where_searoute_says_zero(method: str) -> None:
    engine = PathEngine([0, 0], [1, 1], 2, method=method).customise([INF, INF])
    assert engine.matrix([0], [1]).item() == INF
    assert engine.paths([0], [1]).cost.item() == INF


@METHODS
@pytest.mark.parametrize("scale", [1e-9, 1e-4, 1.0, 1e6, 1e7, 1e12])
def test_the_scale_of_weights_changes_no_path_as_it_does_in_pandana(method: str, scale: float) -> None:
    tail, head = [0, 1, 2, 0, 3], [1, 2, 4, 3, 4]
    engine = PathEngine(tail, head, 6, method=method).customise(np.array([1.0, 1.0, 1.0, 1.0, 9.0]) * scale)
    assert engine.matrix([0], [4]).item() == pytest.approx(3.0 * scale, rel=1e-12)
    assert engine.matrix([4, 0], [0, 5]).tolist() == [[INF, INF], [0.0, INF]]  # never 4294967.295
    assert engine.paths([0], [4])[0].tolist() == [0, 1, 2]


@METHODS
def test_tiny_and_huge_weights_live_in_one_path(method: str) -> None:
    engine = PathEngine([0, 1, 2], [1, 2, 3], 4, method=method).customise([1e9, 1e-6, 1e-6])
    assert engine.matrix([0, 1], [3]).tolist() == [[1e9 + 2e-6], [2e-6]]


@METHODS
def test_path_sums_beyond_32_bits_do_not_overflow_as_integer_engines_do(method: str) -> None:
    engine = PathEngine(np.arange(9), np.arange(1, 10), 10, method=method).customise(np.full(9, 2.0**31))
    assert engine.matrix([0], [9]).item() == 9 * 2.0**31


@METHODS
@pytest.mark.parametrize("n", [0, 1, 3])
def test_networks_without_arcs_are_networks(method: str, n: int) -> None:
    engine = PathEngine([], [], n, method=method).customise([])
    expected = np.where(np.eye(n, dtype=bool), 0.0, INF)
    assert np.array_equal(engine.matrix(np.arange(n), np.arange(n)), expected)
    assert engine.matrix([], []).shape == (0, 0)
    assert len(engine.paths([], [])) == 0


def test_both_methods_agree_on_a_multimodal_network(world: World) -> None:
    rng = np.random.default_rng(1)
    origins, destinations = rng.integers(0, world.n, 50), rng.integers(0, world.n, 70)
    fast = PathEngine(world.tail, world.head, world.n, world.xy, method="cch")
    slow = PathEngine(world.tail, world.head, world.n, method="scipy")
    for mix in [(1, 0, 0), (0, 1, 0), (1, 20, 0.3)]:
        weights = mix[0] * world.money + mix[1] * world.hours + mix[2] * world.co2
        np.testing.assert_allclose(
            fast.customise(weights).matrix(origins, destinations),
            slow.customise(weights).matrix(origins, destinations),
            rtol=1e-9,
        )
    shut = np.where(world.xy[world.tail, 0] < 30, INF, weights)
    np.testing.assert_allclose(
        fast.customise(shut).matrix(destinations, origins),
        slow.customise(shut).matrix(destinations, origins),
        rtol=1e-9,
    )


def test_paths_carry_every_attribute_of_the_arcs(world: World) -> None:
    engine = PathEngine(world.tail, world.head, world.n, world.xy, method="cch")
    engine.customise(world.money + 2 * world.hours)
    paths = engine.paths([0, 10, 20], [2_900, 1_500, 700])
    np.testing.assert_allclose(paths.sum(world.money) + 2 * paths.sum(world.hours), paths.cost, rtol=1e-9)


def test_searches_a_few_at_a_time_fill_the_same_table(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = PathEngine(world.tail, world.head, world.n, method="scipy").customise(world.hours)
    ends = np.arange(0, 100, 7), np.array([5, 5, 2_999])
    whole = engine.matrix(*ends), engine.matrix(*ends[::-1])
    monkeypatch.setattr("workbench.logistics.paths.dijkstra.ROOM", 4 * world.n)
    assert np.array_equal(engine.matrix(*ends), whole[0])
    assert np.array_equal(engine.matrix(*ends[::-1]), whole[1])


def test_one_origin_to_all_equals_its_row_of_the_table(world: World) -> None:
    engine = PathEngine(world.tail, world.head, world.n, method="cch").customise(world.hours)
    everywhere = np.arange(world.n)
    assert np.array_equal(engine.matrix([7], everywhere)[0], engine.matrix([3, 7], everywhere)[1])
    assert np.array_equal(engine.matrix(everywhere, [7])[:, 0], engine.matrix(everywhere, [3, 7])[:, 1])


def test_small_networks_ask_scipy_and_load_no_compiler() -> None:
    warm_up()
    assert PathEngine([0], [1], SMALL - 1).method == "scipy"
    assert PathEngine([0], [1], SMALL).method == "cch"


def test_plain_searches_hold_only_some_distances_at_a_time(world: World, monkeypatch) -> None:
    engine = PathEngine(world.tail, world.head, world.n, method="scipy").customise(world.hours)
    origins, destinations = np.arange(30) % 11, np.arange(100, 130)
    whole = engine.paths(origins, destinations)
    monkeypatch.setattr("workbench.logistics.paths.dijkstra.ROOM", 3 * world.n)
    parts = engine.paths(origins, destinations)
    assert np.array_equal(parts.cost, whole.cost)
    assert all(np.array_equal(parts[k], whole[k]) for k in range(30))


def test_the_callers_weights_are_neither_changed_nor_followed() -> None:
    weights = np.array([1.0, 2.0])
    engine = PathEngine([0, 1], [1, 2], 3, method="cch").customise(weights)
    weights[:] = 100.0
    assert engine.matrix([0], [2]).item() == engine.paths([0], [2]).cost.item() == 3.0


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([1.0, -2.0], r"arc 1 \(1 -> 2\) weighs -2.0; expected a number >= 0, or inf"),
        ([np.nan, -np.inf], r"arc 0 \(0 -> 1\) weighs nan; arc 1 \(1 -> 2\) weighs -inf"),
        ([1.0], r"weights have shape \(1,\); expected one per arc, \(2,\)"),
        (["cheap", "dear"], "weights are no flat list of numbers .*'cheap'"),
    ],
)
def test_impossible_weights_are_refused_by_arc_and_leave_the_old_ones(weights: list, words: str) -> None:
    engine = PathEngine([0, 1], [1, 2], 3, method="cch").customise([1.0, 1.0])
    with pytest.raises(WorkbenchError, match=words):
        engine.customise(weights)
    assert engine.matrix([0], [2]).item() == 2.0


def test_arrays_that_are_no_network_are_refused() -> None:
    with pytest.raises(WorkbenchError, match=r"head names the nodes \[5\]; expected numbers from 0 to 1"):
        PathEngine([0], [5], 2)
    with pytest.raises(WorkbenchError, match="tail has 2 entries and head 1"):
        PathEngine([0, 1], [1], 2)
    with pytest.raises(WorkbenchError, match="flat array of node numbers"):
        PathEngine([0.5], [1], 2)
    with pytest.raises(WorkbenchError, match=rf"tail names the nodes \[{2**63}\]"):
        PathEngine(np.array([2**63], np.uint64), [1], 2)
    for n in (-1, 2.0, "2", 2**31):
        with pytest.raises(WorkbenchError, match=r"n=.*; expected the number of nodes"):
            PathEngine([0], [1], n)
    with pytest.raises(WorkbenchError, match="method='astar'; use 'auto', 'scipy' or 'cch'"):
        PathEngine([0], [1], 2, method="astar")
    with pytest.raises(WorkbenchError, match=r"expected \(2, 2\) finite coordinates"):
        PathEngine([0], [1], 2, [[0, 0], [np.nan, 1]])
    with pytest.raises(WorkbenchError, match="customise"):
        PathEngine([0], [1], 2).matrix([0], [1])
    with pytest.raises(WorkbenchError, match=r"origins names the nodes \[-1\]"):
        PathEngine([0], [1], 2).customise([1.0]).matrix([-1], [0])
    with pytest.raises(WorkbenchError, match=r"2 origins and 1 destinations; paths\(\) takes pairs"):
        PathEngine([0], [1], 2).customise([1.0]).paths([0, 1], [1])


def test_an_edit_weighs_anew_and_never_orders_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(4)
    origins, destinations = rng.integers(0, world.n, 20), rng.integers(0, world.n, 30)
    engine = PathEngine(world.tail, world.head, world.n, world.xy, method="cch", cache_dir=False)
    engine.customise(world.money)
    before = engine.matrix(origins, destinations)
    for step in ("ordering._take_out_few", "ordering._dissect", "_kernels.contract", "_kernels.triangles"):
        monkeypatch.setattr(f"workbench.logistics.paths.{step}", None)  # whoever calls it fails
    used = np.unique(engine.paths(origins, destinations[:20]).arcs)
    closed, dearer = world.money.copy(), world.money.copy()
    closed[used[::2]] = INF
    dearer[used] *= 3.0
    oracle = PathEngine(world.tail, world.head, world.n, method="scipy")
    for edited in (closed, dearer):
        found = engine.customise(edited).matrix(origins, destinations)
        assert (found > before).any()
        np.testing.assert_allclose(
            found, oracle.customise(edited).matrix(origins, destinations), rtol=1e-9, atol=0
        )
    assert np.array_equal(engine.customise(world.money).matrix(origins, destinations), before)


def test_an_order_is_kept_on_disk_and_mended_when_spoilt(tmp_path, world: World) -> None:
    told: list[str] = []

    def build() -> np.ndarray:
        told.clear()
        return contraction_order(
            world.tail,
            world.head,
            world.n,
            world.xy,
            cache_dir=tmp_path / "orders",
            progress=lambda stage, share: told.append(stage),
        )

    first = build()
    (kept,) = (tmp_path / "orders").iterdir()
    assert told
    assert np.array_equal(build(), first)
    assert told == []
    np.zeros(world.n, np.int32).tofile(kept)
    assert np.array_equal(build(), first)
    whole = kept.read_bytes()
    for spoilt in (b"", b"half a file", b"PK\x03\x04", whole[:-5], whole[:-4] + whole[:4]):
        kept.write_bytes(spoilt)
        assert np.array_equal(build(), first)
        assert kept.read_bytes() == whole
    assert [path.suffix for path in (tmp_path / "orders").iterdir()] == [".int32"]


def test_a_closed_direction_keeps_the_order_and_a_new_link_gets_its_own(tmp_path, world: World) -> None:
    def orders_after(tail: np.ndarray, head: np.ndarray) -> int:
        PathEngine(tail, head, world.n, world.xy, cache_dir=tmp_path)
        return len(list(tmp_path.iterdir()))

    assert orders_after(world.tail, world.head) == 1
    assert orders_after(world.tail[:-1], world.head[:-1]) == 1  # its opposite direction is still there
    assert orders_after(np.append(world.tail, 0), np.append(world.head, 2_999)) == 2


def test_a_cache_that_cannot_be_written_costs_time_and_nothing_else(
    tmp_path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    order = contraction_order(world.tail, world.head, world.n, cache_dir=tmp_path / "file")
    assert np.array_equal(np.sort(order), np.arange(world.n))

    def held_open(source: str, target: Path) -> None:
        raise PermissionError(13, "another process reads it, as Windows says")

    monkeypatch.setattr("os.replace", held_open)
    assert np.array_equal(contraction_order(world.tail, world.head, world.n, cache_dir=tmp_path), order)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_large_networks_keep_their_order_in_the_users_cache_unless_told_not_to(
    orders: Path, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.logistics.paths.engine.WORTH_KEEPING", world.n)
    PathEngine(world.tail, world.head, world.n, world.xy, cache_dir=False)
    PathEngine(world.tail[:9], world.head[:9], world.n, world.xy, method="scipy")
    PathEngine([0], [1], 2, method="cch")
    assert not orders.exists()
    PathEngine(world.tail, world.head, world.n, world.xy)
    assert len(list(orders.iterdir())) == 1
    assert user_cache().is_absolute()


def test_sessions_that_order_at_the_same_time_leave_one_whole_file(tmp_path, world: World) -> None:
    def order(_: int) -> np.ndarray:
        return contraction_order(world.tail, world.head, world.n, world.xy, cache_dir=tmp_path)

    with ThreadPoolExecutor(4) as pool:
        first, *others = pool.map(order, range(8))
    assert all(np.array_equal(first, other) for other in others)
    (kept,) = tmp_path.iterdir()
    assert np.array_equal(np.fromfile(kept, np.int32), first)


def test_the_oldest_orders_make_room(tmp_path) -> None:
    for n in range(2, KEPT + 7):
        contraction_order(np.zeros(1, int), np.ones(1, int), n, cache_dir=tmp_path)
        os.utime(max(tmp_path.iterdir(), key=lambda kept: kept.stat().st_mtime_ns), (n, n))
    sizes = sorted(len(np.fromfile(kept, np.int32)) for kept in tmp_path.iterdir())
    assert sizes == list(range(7, KEPT + 7))


def test_where_no_folder_may_be_written_kernels_are_compiled_for_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("numba.core.caching.CacheImpl._locator_classes", [])
    assert kernel(lambda tonnes: 2 * tonnes)(21) == 42


def test_the_first_compilation_is_announced_and_the_rest_is_for_those_who_listen(caplog) -> None:
    caplog.set_level("INFO", "workbench")
    to_log(FIRST_USE, 0.0)
    to_log(FIRST_USE, 0.5)
    to_log("ordering the network", 0.25)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", FIRST_USE),
        ("INFO", f"{FIRST_USE} 50%"),
        ("INFO", "ordering the network 25%"),
    ]


def test_a_long_road_without_junctions_makes_a_shallow_hierarchy() -> None:
    bends = np.arange(10_000)
    engine = PathEngine(bends[:-1], bends[1:], 10_000, method="cch", cache_dir=False)
    parent, depth = engine._graph.parent, np.zeros(10_000, int)
    for node in range(9_999, -1, -1):
        depth[node] = depth[parent[node]] + 1 if parent[node] >= 0 else 0
    assert depth.max() < 40
    assert engine.customise(np.ones(9_999)).matrix([0], [9_999]).item() == 9_999.0


def test_a_tangle_is_left_to_scipy_and_refused_when_the_hierarchy_is_insisted_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    n, rng = 1_500, np.random.default_rng(2)
    tail, head = rng.integers(0, n, (2, 6 * n))
    tangled = PathEngine(tail, head, n).customise(np.ones(6 * n))
    assert tangled.method == "scipy"
    insisted = PathEngine(tail, head, n, method="cch").customise(np.ones(6 * n))
    ends = np.arange(40)
    assert np.array_equal(insisted.matrix(ends, ends), tangled.matrix(ends, ends))
    monkeypatch.setattr("workbench.logistics.paths.cch.TRIANGLES", 10**6)
    with pytest.raises(WorkbenchError, match=r"no small separators; .* use method='scipy'"):
        PathEngine(tail, head, n, method="cch")


@pytest.mark.parametrize("with_xy", [True, False])
def test_dissection_keeps_the_hierarchy_sparse(world: World, with_xy: bool) -> None:
    engine = PathEngine(world.tail, world.head, world.n, world.xy if with_xy else None, method="cch")
    edges = len(np.unique(np.sort(np.stack([world.tail, world.head]), axis=0), axis=1).T)
    assert len(engine._graph.head) < 3 * edges


def test_the_same_network_gets_the_same_order(world: World) -> None:
    orders = [contraction_order(world.tail, world.head, world.n, world.xy) for _ in range(2)]
    assert np.array_equal(*orders)


@pytest.mark.parametrize("hub", [0, 2_500, 4_999])
def test_a_hub_with_thousands_of_spokes_does_not_fill_the_hierarchy(hub: int) -> None:
    spokes = np.delete(np.arange(5_000), hub)
    tail, head = np.concatenate([[np.full(4_999, hub), spokes], [spokes[:-1], spokes[1:]]], axis=1)
    engine = PathEngine(tail, head, 5_000, method="cch").customise(np.ones(len(tail)))
    assert len(engine._graph.head) < 5 * 5_000
    assert engine.matrix([hub], spokes[[0, -1]]).tolist() == [[1.0, 1.0]]


def test_preparing_tells_its_stages_in_order_and_how_far_each_is(world: World) -> None:
    told: list[tuple[str, float]] = []
    warm_up()
    PathEngine(
        world.tail, world.head, world.n, world.xy, progress=lambda stage, share: told.append((stage, share))
    )
    stages = list(dict.fromkeys(stage.split()[0] for stage, _ in told))
    assert stages == ["ordering", "contracting", "listing", "network"]
    assert all(0.0 <= share <= 1.0 for _, share in told)
    assert told[-1] == ("network ready", 1.0)
