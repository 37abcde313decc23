"""Types of what `import workbench as wb` hands on; the names are those of `__init__.py`, held by a test."""

from pandas import DataFrame

from workbench import backtests as backtests
from workbench import errors as errors
from workbench import layers as layers
from workbench import logistics as logistics
from workbench import maps as maps
from workbench import policy as policy
from workbench import region as region
from workbench import relocation as relocation
from workbench import reports as reports
from workbench import robust as robust
from workbench import scenarios as scenarios
from workbench import siting as siting
from workbench import solver as solver
from workbench.backtests.run import backtest as backtest
from workbench.indicators.measures import Indicator
from workbench.layers.imports.merge import import_layer as import_layer
from workbench.layers.imports.user_files import check_file as check_file
from workbench.layers.imports.user_files import read_layer as read_layer
from workbench.layers.model import Assumptions as Assumptions
from workbench.layers.model import Layers as Layers
from workbench.layers.provenance import explain_data as explain_data
from workbench.layers.read import load as load
from workbench.logistics.freight.network import Network as Network
from workbench.logistics.paths.engine import PathEngine as PathEngine
from workbench.relocation.plan import Plan
from workbench.scenarios.scenario import Scenario as Scenario
from workbench.study import Study as Study
from workbench.study import export as export
from workbench.study import plan as plan
from workbench.study import surplus_band as surplus_band
from workbench.study import zone_surplus as zone_surplus

class _Indicators:
    # the room is callable: `wb.indicators(plan)` is the table, `wb.indicators.INDICATORS` the room
    INDICATORS: dict[str, Indicator]
    def __call__(self, plan: Plan, *, verdicts: bool = True) -> DataFrame: ...
    def table(self, plan: Plan, *, verdicts: bool = True) -> DataFrame: ...
    def exposure_table(self, plan: Plan) -> DataFrame: ...
    def exposure_span(self, plan: Plan) -> DataFrame: ...

indicators: _Indicators
__version__: str
__all__: list[str]
