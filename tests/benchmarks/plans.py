"""How long plans take to be proven: `python -m tests.benchmarks.plans CASE [SEED]`, one case a process.

Cases: cement, four (industries), cement-years, four-years (2014 to 2018). Prints case, seed, CPU seconds and
seconds of the optimiser, proven gap and saving in million CNY, peak memory in MB and how it ended.
"""

from __future__ import annotations

import resource
import sys
import time

import workbench as wb
from workbench.relocation import optimise

FOUR = ("cement", "steel", "flat_glass", "aluminium")


def main() -> None:
    case, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0
    years = [2014, 2015, 2016, 2017, 2018] if case.endswith("years") else []
    industries = FOUR if case.startswith("four") else ("cement",)
    scenario = wb.Scenario.baseline().with_(
        industries=industries, seed=seed, policy={"years": years}, solver={"time_limit_s": 3600.0}
    )
    problem = wb.Study.prepare(scenario).problem
    cpu, since = time.process_time(), time.monotonic()
    plan = optimise(problem)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    gap, saved = plan.objective_mcny - plan.bound_mcny, plan.reference_mcny - plan.objective_mcny
    print(f"| {case} | {seed} | {time.process_time() - cpu:.1f} | {time.monotonic() - since:.1f} |", end="")
    print(f" {gap:.2f} | {saved:,.1f} | {peak:.0f} | {plan.status}")


if __name__ == "__main__":
    main()
