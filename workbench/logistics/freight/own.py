"""A planner's own modes as rows of tables: vehicles with their rates, and what loading and changing cost."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from workbench.errors import DataError, Fault
from workbench.layers.faults import each_row
from workbench.layers.schema import NETWORK
from workbench.logistics.freight.tables import FIRST_ROW, read_table

HOUSE = ("rail", "road", "water", "sea")
_GASES = ("co2_g_tkm", "nox_g_tkm", "pm25_g_tkm", "so2_g_tkm")


@dataclass(frozen=True, eq=False)
class OwnTariff:
    """Prices of own modes. A row with a commodity wins over one without, a row with a node over one without.

    `vehicles`: vehicle, mode, commodity ("" = every good), cny_tkm, kmh, grams per tonne-km, min_charge_km,
    size_t. `charges`: from_vehicle ("" when loading), to_vehicle ("" when unloading), commodity, node,
    cost_cny_t, hours, co2_kg_t; vehicles, or modes of the house such as road for a truck. What no row
    allows cannot be done.
    """

    vehicles: pd.DataFrame
    charges: pd.DataFrame

    @cached_property
    def modes(self) -> dict[str, str]:
        """Mode of every vehicle."""
        return dict(zip(self.vehicles["vehicle"], self.vehicles["mode"], strict=True))

    def vehicle(self, vehicle: str, commodity: str) -> pd.Series | None:
        """Return the row of a vehicle for a good, or None when it does not carry it."""
        rows = self.vehicles[self.vehicles["vehicle"] == vehicle]
        rows = rows[rows["commodity"].isin([commodity, ""])]
        return None if rows.empty else rows.sort_values("commodity").iloc[-1]

    def min_charge_km(self, vehicle: str) -> float:
        """Return the km every ride of a vehicle pays at least; one for all goods."""
        return float(
            self.vehicles.loc[self.vehicles["vehicle"] == vehicle, "min_charge_km"].fillna(0.0).max()
        )

    def fits(self, links: pd.DataFrame, vehicle: str) -> np.ndarray:
        """Tell which links of its mode a vehicle may use: those whose largest vessel is not smaller."""
        size = self.vehicles.loc[self.vehicles["vehicle"] == vehicle, "size_t"].fillna(0.0).max()
        return ((links["mode"] == self.modes[vehicle]) & ~(links["max_vessel_t"] < size)).to_numpy()

    def haul(self, links: pd.DataFrame, vehicle: str, commodity: str) -> np.ndarray:
        """Return cost_cny_t, hours, kg CO2 and g NOx, PM2.5, SO2 of every link: (links, 6), inf where barred.

        A link's own `cost_cny_t` and `hours` replace those of its km.
        """
        row, km = self.vehicle(vehicle, commodity), links["distance_km"].to_numpy(float)
        if row is None:
            return np.full((len(links), 6), np.inf)
        speed = row["kmh"] if row["kmh"] > 0 else np.inf
        grams = row[list(_GASES)].fillna(0.0).to_numpy(float) * [1e-3, 1.0, 1.0, 1.0]
        out = np.column_stack([km * row["cny_tkm"], km / speed, km[:, None] * grams])
        for k, name in enumerate(("cost_cny_t", "hours")):
            own = links[name].to_numpy(float)
            out[:, k] = np.where(np.isnan(own), out[:, k], own)
        return out

    def lacking_cny_tkm(self, vehicle: str, commodity: str) -> float:
        """Return what a ride pays per km it lacks of its minimum."""
        row = self.vehicle(vehicle, commodity)
        return 0.0 if row is None else float(row["cny_tkm"])

    def handling(self, commodity: str, leaving: str, boarding: str, node: str) -> np.ndarray | None:
        """Return cost_cny_t, hours and kg CO2 of one handling at a node, or None where no row allows it."""
        rows = self.charges
        rows = rows[(rows["from_vehicle"] == leaving) & (rows["to_vehicle"] == boarding)]
        rows = rows[rows["commodity"].isin([commodity, ""]) & rows["node"].isin([node, ""])]
        if rows.empty:
            return None
        best = (
            rows.assign(at=rows["node"] != "", of=rows["commodity"] != "").sort_values(["at", "of"]).iloc[-1]
        )
        return best[["cost_cny_t", "hours", "co2_kg_t"]].fillna(0.0).to_numpy(float)


def own_tariff(vehicles: pd.DataFrame | None, charges: pd.DataFrame | None) -> OwnTariff | None:
    """Read the tables `vehicles` and `charges` (see `OwnTariff`); None without vehicles.

    Raises DataError with every fault of every row.
    """
    if vehicles is None:
        return None
    (vehicles, faults), (charges, more) = (
        read_table("vehicles", vehicles),
        read_table("charges", charges if charges is not None else pd.DataFrame({"cost_cny_t": []})),
    )
    faults += more
    if not faults:
        vehicles, charges = _filled("vehicles", vehicles), _filled("charges", charges)
        faults += _odd(vehicles, charges)
    if faults:
        raise DataError(faults, f"the own modes have {len(faults)} faults")
    return OwnTariff(vehicles, charges)


def _filled(kind: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the columns it lacks: numbers unknown, texts empty."""
    lacking = [field for field in NETWORK[kind] if field.name not in frame]
    return frame.assign(**{field.name: np.nan if field.dtype == "number" else "" for field in lacking})


def _odd(vehicles: pd.DataFrame, charges: pd.DataFrame) -> list[Fault]:
    known = {*vehicles["vehicle"], *HOUSE, ""}
    told: list[Fault] = []
    rows = np.arange(len(vehicles)) + FIRST_ROW
    for field, wrong, expected in (
        ("vehicle", vehicles["vehicle"].isin(HOUSE) | vehicles["vehicle"].str.isdigit(), "a name of its own"),
        ("vehicle", vehicles.duplicated(["vehicle", "commodity"]), "each vehicle and good once"),
        ("mode", vehicles["mode"].isin(["road", "transfer"]), "a mode that is no truck haul and no transfer"),
    ):
        mask = wrong.to_numpy()
        told += each_row(
            "vehicles", rows[mask].tolist(), vehicles[field][mask].tolist(), field=field, expected=expected,
            mend="Choose another name.",
        )  # fmt: skip
    rows = np.arange(len(charges)) + FIRST_ROW
    for field in ("from_vehicle", "to_vehicle"):
        mask = ~charges[field].isin(known).to_numpy()
        told += each_row(
            "charges", rows[mask].tolist(), charges[field][mask].tolist(), field=field,
            expected="a vehicle, or a mode of the house", mend="Add the vehicle, or mend its name.",
        )  # fmt: skip
    return told
