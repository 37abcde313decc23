"""What every plan's tables are cut from: the columns of a problem that no decision changes, laid out once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.cut import Laid
from workbench.relocation.freight import HAUL

DECISION = ("plant_id", "name_zh", "industry", "process", "prefecture_zh", "in_zone", "capacity_kt")
FACILITY = (
    "kind", "industry", "process", "plant_id", "site_id", "name_zh", "prefecture_zh", "in_zone", "lon", "lat",
    "vintage", "capacity_kt", "production_kt", "inbound_cny_t", "production_cny_t", "power_cny_t",
    "power_kwh_t", "fixed_cny_t", "capex_cny_t", "co2_process_kg_t", "co2_power_kg_t", "inbound_co2_kg_t",
    "so2_kg_t", "nox_kg_t", "pm_kg_t", "jobs",
)  # fmt: skip
BUILD = ["site_id", "industry", "process", "prefecture_zh", "capacity_kt"]
FLOW = ["industry", "commodity", "origin", "destination", "kt", *HAUL]


@dataclass(frozen=True, eq=False)
class Layout:
    """Rows and numbers ready to be taken by position.

    `index` facilities, lines first; `facilities` and `builds` their columns of a plan, `numbers` all that are
    numbers, as arrays; `lines` positions of the lines, `decisions` their columns of a plan. `flows`: every
    possible flow, products first; `sender` of each product and `receiver` of each material by position, `t_t`
    tonnes of material per tonne made. `cell` number of each facility's power cell (industry and prefecture),
    `cells` them by season in order, with `share` of the year and `price_cny_kwh`.
    """

    index: pd.Index
    facilities: Laid
    builds: Laid
    numbers: Mapping[str, np.ndarray]
    lines: np.ndarray
    decisions: Laid
    flows: Laid
    sender: np.ndarray
    receiver: np.ndarray
    t_t: np.ndarray
    cell: np.ndarray
    cells: Laid
    share: np.ndarray
    price_cny_kwh: np.ndarray

    @cached_property
    def at(self) -> Mapping[str, int]:
        """Position of each facility."""
        return {name: number for number, name in enumerate(self.index)}

    @cached_property
    def line_ids(self) -> tuple[str, ...]:
        """The lines in order."""
        return tuple(self.index.take(self.lines))

    @cached_property
    def cell_at(self) -> Mapping[tuple[str, str, str], int]:
        """Position of each (industry, prefecture_zh, season) in `cells`."""
        keys = zip(*(self.cells[name] for name in self.cells.frame), strict=True)
        return {key: number for number, key in enumerate(keys)}

    @cached_property
    def seasons(self) -> int:
        """How many seasons each power cell has."""
        return len(self.share) // max(int(self.cell.max(initial=-1)) + 1, 1)

    def made(self, production_kt: pd.Series) -> np.ndarray:
        """Return production by facility as an array in order, 0 where a works does not stand."""
        return production_kt.reindex(self.index).fillna(0.0).to_numpy(float)


def lay_out(
    facilities: pd.DataFrame, deliveries: pd.DataFrame, inbound: pd.DataFrame, seasons: pd.DataFrame
) -> Layout:
    """Lay out the tables of a problem; see `problem.Problem`."""
    table = texts(facilities)
    lines = np.flatnonzero((table["kind"] == "line").to_numpy())
    numbers = {name: part.to_numpy(float) for name, part in table.select_dtypes("number").items()}
    keys = pd.MultiIndex.from_frame(table[["industry", "prefecture_zh"]])
    uses = (table["kind"] != "outside").to_numpy()
    cell = np.zeros(len(table), dtype=int)  # neighbours use no power of the province: nothing, in any cell
    cell[uses] = keys[uses].factorize(sort=True)[0]
    cells = _cells(table[uses], cell[uses], seasons)
    receiver = table.index.get_indexer(inbound["facility"])
    goods = deliveries.rename(columns={"facility": "origin", "market": "destination"})
    goods = goods.assign(commodity=goods["industry"], kt=0.0)
    feed = inbound.rename(columns={"facility": "destination"})
    feed = feed.assign(industry=table["industry"].to_numpy()[receiver], kt=0.0)
    standing = table.assign(production_kt=0.0, jobs=0.0)
    return Layout(
        index=table.index,
        facilities=Laid(standing[list(FACILITY)]),
        builds=Laid(standing[BUILD]),
        numbers=numbers,
        lines=lines,
        decisions=Laid(table.iloc[lines][list(DECISION)]),
        flows=Laid(texts(pd.concat([goods[FLOW], feed[FLOW]], ignore_index=True))),
        sender=table.index.get_indexer(deliveries["facility"]),
        receiver=receiver,
        t_t=inbound["t_t"].to_numpy(float),
        cell=cell,
        cells=Laid(cells[["industry", "prefecture_zh", "season"]]),
        share=cells["share"].to_numpy(float),
        price_cny_kwh=cells["price_cny_kwh"].to_numpy(float),
    )


def texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with its text as Python's own.

    Of tables this small, rows are taken and compared twice as fast as from pyarrow's.
    """
    kinds = {name: frame[name].dtype for name in frame.columns}
    own = {
        name: pd.StringDtype("python", na_value=kind.na_value)
        for name, kind in kinds.items()
        if isinstance(kind, pd.StringDtype)
    }
    return frame.astype(own)


def _cells(table: pd.DataFrame, cell: np.ndarray, seasons: pd.DataFrame) -> pd.DataFrame:
    first = table[~pd.Series(cell).duplicated().to_numpy()]
    first = first.assign(cell=cell[table.index.get_indexer(first.index)]).sort_values("cell")
    cells = first[["industry", "prefecture_zh", "grid_price_cny_kwh"]].merge(
        seasons.reset_index(), how="cross"
    )
    return texts(cells.assign(price_cny_kwh=cells["grid_price_cny_kwh"] * (1 + cells["float"])))
