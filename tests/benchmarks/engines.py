"""One adapter per engine: build it, weigh it anew, ask it; nothing is hidden outside the clock."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from tests.benchmarks.worlds import World
from workbench.logistics.paths.engine import Method, PathEngine


class Engine(Protocol):
    """What is measured: the constructor prepares the world, `weigh` takes new weights, `matrix` answers."""

    def __init__(self, world: World) -> None: ...

    def weigh(self, weights: np.ndarray) -> None: ...

    def matrix(self, origins: np.ndarray, destinations: np.ndarray) -> np.ndarray: ...


class Ours:
    """The workbench's engine as it comes (scipy inside on small networks), no order kept on disk."""

    method: Method = "auto"

    def __init__(self, world: World) -> None:
        self.engine = PathEngine(
            world.tail, world.head, world.n, world.xy, method=self.method, cache_dir=False
        )

    def weigh(self, weights: np.ndarray) -> None:
        self.engine.customise(weights)

    def matrix(self, origins: np.ndarray, destinations: np.ndarray) -> np.ndarray:
        return self.engine.matrix(origins, destinations)


class Scipy(Ours):
    """scipy.sparse.csgraph.dijkstra on the lightest of parallel arcs: the oracle and the measure."""

    method = "scipy"


class Networkx:
    """networkx.MultiDiGraph, one Dijkstra per origin."""

    def __init__(self, world: World) -> None:
        import networkx as nx

        self.nx, self.graph = nx, nx.MultiDiGraph()
        self.graph.add_nodes_from(range(world.n))
        arcs = zip(world.tail.tolist(), world.head.tolist(), range(len(world.tail)), strict=True)
        self.graph.add_edges_from(arcs)
        self.arcs = [(self.graph[a][b][i], i) for a, b, i in self.graph.edges(keys=True)]

    def weigh(self, weights: np.ndarray) -> None:
        values = weights.tolist()
        for data, i in self.arcs:
            data["weight"] = values[i]

    def matrix(self, origins: np.ndarray, destinations: np.ndarray) -> np.ndarray:
        out = np.full((len(origins), len(destinations)), np.inf)
        for row, origin in enumerate(origins.tolist()):
            far = self.nx.single_source_dijkstra_path_length(self.graph, origin)
            out[row] = [far.get(d, np.inf) for d in destinations.tolist()]
        return out


class Igraph:
    """igraph's Graph.distances."""

    def __init__(self, world: World) -> None:
        import igraph

        self.graph = igraph.Graph(world.n, np.stack([world.tail, world.head], axis=1), directed=True)

    def weigh(self, weights: np.ndarray) -> None:
        self.weights = weights.tolist()

    def matrix(self, origins: np.ndarray, destinations: np.ndarray) -> np.ndarray:
        ends, column = np.unique(destinations, return_inverse=True)
        rows = self.graph.distances(
            origins.tolist(), ends.tolist(), weights=self.weights, algorithm="dijkstra"
        )
        return np.array(rows)[:, column]


class Rustworkx:
    """rustworkx, one Dijkstra per origin."""

    def __init__(self, world: World) -> None:
        import rustworkx

        self.rx, self.world = rustworkx, world
        self.graph = rustworkx.PyDiGraph()
        self.graph.add_nodes_from(range(world.n))
        self.arcs = self.graph.add_edges_from(
            list(zip(world.tail.tolist(), world.head.tolist(), [0.0] * len(world.tail), strict=True))
        )

    def weigh(self, weights: np.ndarray) -> None:
        for arc, weight in zip(self.arcs, weights.tolist(), strict=True):
            self.graph.update_edge_by_index(arc, weight)

    def matrix(self, origins: np.ndarray, destinations: np.ndarray) -> np.ndarray:
        out = np.full((len(origins), len(destinations)), np.inf)
        for row, origin in enumerate(origins.tolist()):
            far = dict(self.rx.dijkstra_shortest_path_lengths(self.graph, origin, float))
            far[origin] = 0.0
            out[row] = [far.get(d, np.inf) for d in destinations.tolist()]
        return out


class Scgraph:
    """scgraph's C++ shortest path tree; it keeps one arc per pair of nodes, so it is handed the lightest."""

    def __init__(self, world: World) -> None:
        self.world = world

    def weigh(self, weights: np.ndarray) -> None:
        import scgraph

        arcs: list[dict[int, float]] = [{} for _ in range(self.world.n)]
        by_weight = np.argsort(-weights, kind="stable")  # the lightest is written last
        tail, head = self.world.tail[by_weight].tolist(), self.world.head[by_weight].tolist()
        for a, b, weight in zip(tail, head, weights[by_weight].tolist(), strict=True):
            arcs[a][b] = weight
        self.graph = scgraph.Graph(arcs)

    def matrix(self, origins: np.ndarray, destinations: np.ndarray) -> np.ndarray:
        trees = (self.graph.get_shortest_path_tree(origin) for origin in origins.tolist())
        return np.array([np.asarray(tree["distance_matrix"])[destinations] for tree in trees])


class Pyroutingkit:
    """pyroutingkit: RoutingKit's CCH in C++, weights uint32."""

    def __init__(self, world: World) -> None:
        import pyroutingkit as kit

        topology = kit.CCHTopology()
        ends = world.tail.astype(np.uint32), world.head.astype(np.uint32)
        places = world.xy[:, 1].astype(np.float32), world.xy[:, 0].astype(np.float32)
        topology.build(*ends, *places, world.n)
        self.metric, self.closed = kit.CCHMetric(topology), kit.INF_WEIGHT

    def weigh(self, weights: np.ndarray) -> None:
        self.metric.customize(weights.astype(np.uint32))

    def matrix(self, origins: np.ndarray, destinations: np.ndarray) -> np.ndarray:
        far = self.metric.distances_many_to_many(origins.astype(np.uint32), destinations.astype(np.uint32))
        return np.where(far >= self.closed, np.inf, far)


class RoutingkitCch:
    """routingkit-cch: the same C++ through Rust, weights uint32 in lists, one origin at a time."""

    def __init__(self, world: World) -> None:
        import routingkit_cch as kit

        self.kit = kit
        ends = world.tail.tolist(), world.head.tolist()
        places = world.xy[:, 1].tolist(), world.xy[:, 0].tolist()
        order = kit.compute_order_inertial(world.n, *ends, *places)
        self.cch = kit.CCH(order, *ends, False)
        self.metric = kit.CCHMetric(self.cch, [1] * len(world.tail))

    def weigh(self, weights: np.ndarray) -> None:
        self.metric.reset(weights.astype(int).tolist())

    def matrix(self, origins: np.ndarray, destinations: np.ndarray) -> np.ndarray:
        targets = self.kit.CCHOneToMany(self.metric, destinations.tolist())
        rows = [targets.distances_from(origin) for origin in origins.tolist()]
        return np.nan_to_num(np.array(rows, dtype=float), nan=np.inf)  # its unreachable is None


ENGINES: dict[str, type[Engine]] = {
    "scipy": Scipy,
    "networkx": Networkx,
    "igraph": Igraph,
    "rustworkx": Rustworkx,
    "scgraph": Scgraph,
    "routingkit-cch": RoutingkitCch,
    "pyroutingkit": Pyroutingkit,
    "workbench": Ours,
}

DIJKSTRAS = {"scipy", "networkx", "igraph", "rustworkx", "scgraph"}  # one search per origin
