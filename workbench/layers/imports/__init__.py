"""A planner's own files: read, held to the schema and the baseline, laid over it once confirmed."""

from workbench.layers.imports.alike import Offer
from workbench.layers.imports.answers import read_answers, write_offers
from workbench.layers.imports.door import ImportOptions
from workbench.layers.imports.merge import Proposal, import_layer, propose, save_layer
from workbench.layers.imports.overlay import with_folder
from workbench.layers.imports.report import FaultReport, Repair
from workbench.layers.imports.user_files import check_file, read_layer

__all__ = [
    "FaultReport",
    "ImportOptions",
    "Offer",
    "Proposal",
    "Repair",
    "check_file",
    "import_layer",
    "propose",
    "read_answers",
    "read_layer",
    "save_layer",
    "with_folder",
    "write_offers",
]
