"""Where to build: criteria, weights, rankings and location models on labelled tables."""

from workbench.siting.answers import Where, where
from workbench.siting.candidates import candidates
from workbench.siting.coverage import backup_coverage, max_coverage, p_dispersion
from workbench.siting.criteria import Criterion
from workbench.siting.haulage import haulage, pricer
from workbench.siting.hierarchy import PolicyWeights, policy_weights
from workbench.siting.locate import facility_location, p_center, p_median, set_cover
from workbench.siting.location import Location
from workbench.siting.methods import Ranking, rank
from workbench.siting.sensitivity import rank_reversal, rank_uncertainty, weight_switch_points
from workbench.siting.suitability import Suitability, criteria_table, policy_criteria, suitability
from workbench.siting.weights import Ahp, ahp, critic_weights, entropy_weights

__all__ = [
    "Ahp",
    "Criterion",
    "Location",
    "PolicyWeights",
    "Ranking",
    "Suitability",
    "Where",
    "ahp",
    "backup_coverage",
    "candidates",
    "criteria_table",
    "critic_weights",
    "entropy_weights",
    "facility_location",
    "haulage",
    "max_coverage",
    "p_center",
    "p_dispersion",
    "p_median",
    "policy_criteria",
    "policy_weights",
    "pricer",
    "rank",
    "rank_reversal",
    "rank_uncertainty",
    "set_cover",
    "suitability",
    "weight_switch_points",
    "where",
]
