"""The criteria tree of clause P46 and the weights that pairwise comparisons give its branches and leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from workbench.layers.model import Assumptions
from workbench.siting.weights import CONSISTENT, Ahp, ahp
from workbench.words import pair, words

GOAL = "goal"
CRITERIA = words("siting.criteria")
# group -> criterion -> (direction, clause, zh, en). The groups are the five criteria of clause P46.
TREE: Mapping[str, Mapping[str, tuple[str, str, str, str]]] = {
    "environment": {
        "environment": ("max", "P48", *CRITERIA["environment"]),
        "ecology": ("max", "P48", *CRITERIA["ecology"]),
    },
    "resources_energy": {
        "resources": ("min", "P46", *CRITERIA["resources"]),
        "energy": ("max", "P49", *CRITERIA["energy"]),
        "power_price": ("min", "P49", *CRITERIA["power_price"]),
    },
    "industry": {
        "industry_base": ("max", "P46", *CRITERIA["industry_base"]),
        "labour": ("max", "P46", *CRITERIA["labour"]),
        "park_fit": ("max", "P46", *CRITERIA["park_fit"]),
    },
    "market": {"market": ("max", "P46", *CRITERIA["market"])},
    "freight": {"freight": ("min", "P46", *CRITERIA["freight"])},
}
GROUPS = words("siting.groups")
LEAVES: Mapping[str, tuple[str, str, str, str]] = {
    name: row for group in TREE.values() for name, row in group.items()
}


@dataclass(frozen=True)
class PolicyWeights:
    """Weights of the tree's leaves with the comparisons behind them.

    `comparisons`: node (``goal`` or a group) -> square frame, cell (a, b) above the diagonal how many times
    more a counts than b. `nodes`: node -> `Ahp`. `weights`: leaf -> group weight x weight within the
    group; sums to 1.
    """

    industry: str
    comparisons: Mapping[str, pd.DataFrame]
    nodes: Mapping[str, Ahp]
    weights: pd.Series

    @property
    def consistency(self) -> pd.Series:
        """Consistency ratio by node; above 0.10 its comparisons contradict each other."""
        return pd.Series({node: found.consistency_ratio for node, found in self.nodes.items()}, name="ratio")

    @property
    def consistent(self) -> bool:
        """Tell whether every node's ratio is at most 0.10."""
        return all(found.consistent for found in self.nodes.values())

    @property
    def contradictions(self) -> tuple[str, str]:
        """Tell in Chinese and English which comparisons contradict each other, with ratios; else blank."""
        worst = {node: found.consistency_ratio for node, found in self.nodes.items() if not found.consistent}
        names = {GOAL: words("siting.weighing")["goal"], **GROUPS}
        zh = "；".join(f"{names[node][0]} CR {ratio:.3f}" for node, ratio in worst.items())
        en = "; ".join(f"{names[node][1]} CR {ratio:.3f}" for node, ratio in worst.items())
        return (
            pair("siting.weighing", "contradiction", most=CONSISTENT, found=(zh, en)) if worst else ("", "")
        )


def policy_weights(assumptions: Assumptions, industry: str = "cement") -> PolicyWeights:
    """Weigh the criteria of P46 for an industry by AHP (Saaty 1980), first the groups, then their leaves.

    The comparison of a and b under a node is the assumption ``siting.ahp.<node>.<a>.<b>.<industry>``, or
    without the industry where it has no opinion of its own; a scenario may replace any. Raises LabelError
    for a comparison that does not exist, DataError for one that is not positive.
    """
    nodes = {GOAL: tuple(TREE), **{group: tuple(leaves) for group, leaves in TREE.items()}}
    comparisons = {node: _comparisons(assumptions, node, names, industry) for node, names in nodes.items()}
    solved = {node: ahp(frame) for node, frame in comparisons.items()}
    weights = pd.concat(
        [solved[group].weights * solved[GOAL].weights[group] for group in TREE], verify_integrity=True
    )
    return PolicyWeights(industry, comparisons, solved, weights)


def _comparisons(a: Assumptions, node: str, names: tuple[str, ...], industry: str) -> pd.DataFrame:
    values = np.full((len(names), len(names)), np.nan)
    for i, j in combinations(range(len(names)), 2):
        shared = f"siting.ahp.{node}.{names[i]}.{names[j]}"
        own = f"{shared}.{industry}"
        values[i, j] = a[own if own in a else shared]
    return pd.DataFrame(values, list(names), list(names))
